"""Who has which role here: the municipality's own table of its people, by HPR number or identity number.

HelseID tells who somebody is, never what they may do. A row gives one role in one district; a row that vanishes from
the file ends the account, and the sessions begun with it end at once.
"""

import csv
import io
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from medrec import clock
from medrec.access import sessions
from medrec.access.people import Role
from medrec.db import vault_of
from medrec.persons import NATION
from medrec.records import account

COLUMNS = ("number", "role", "organisation", "district")
GIVEN = frozenset(Role) - {Role.SYSTEM, Role.NOBODY}
"""Roles that people have."""
_HPR = "hpr"
_HPR_NUMBER = re.compile(r"\d{7,9}")
_ORGANISATION = re.compile(r"\d{9}")
_DISTRICT = 100


class AccountError(ValueError):
    """A file of accounts that is refused whole: line (1 is the heading) and reason. Never carries the number."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One line: HPR number or identity number, role, organisation number, district ("": all districts)."""

    number: str
    role: Role
    organisation: str
    district: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One role somebody has here."""

    id: str
    role: Role
    organisation: str
    district: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did: accounts that stand, that began, that ended, and sessions that ended with them."""

    standing: int
    started: int
    ended: int
    sessions: int


def read_csv(raw: bytes) -> tuple[AccountRow, ...]:
    """The rows of a file: UTF-8, `;`, a heading naming `COLUMNS`. Raises `AccountError` for the first bad line."""
    try:
        lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
        heading = [name.strip().lower() for name in next(lines, [])]
        if sorted(heading) != sorted(COLUMNS):
            raise AccountError(1, f"the columns are {';'.join(COLUMNS)}")
        return tuple(_row(lines.line_num, heading, cells) for cells in lines if any(c.strip() for c in cells))
    except UnicodeDecodeError as wrong:
        raise AccountError(1, "the file is not UTF-8") from wrong
    except csv.Error as wrong:
        raise AccountError(lines.line_num, "not a line of a CSV file") from wrong


def _row(line: int, heading: list[str], cells: list[str]) -> AccountRow:
    if len(cells) != len(heading):
        raise AccountError(line, f"{len(cells)} cells under {len(heading)} headings")
    told = dict(zip(heading, (c.strip() for c in cells), strict=True))
    if _system(told["number"]) is None:
        raise AccountError(line, "number is neither an HPR number nor a valid identity number")
    if told["role"] not in {role.value for role in GIVEN}:
        raise AccountError(line, f"role is one of {', '.join(sorted(GIVEN))}")
    if not _ORGANISATION.fullmatch(told["organisation"]):
        raise AccountError(line, "organisation is a number of nine digits")
    if len(told["district"]) > _DISTRICT:
        raise AccountError(line, f"district has at most {_DISTRICT} characters")
    return AccountRow(
        number=told["number"], role=Role(told["role"]), organisation=told["organisation"], district=told["district"]
    )


def _system(number: str) -> str | None:
    if _HPR_NUMBER.fullmatch(number):
        return _HPR
    identifier = person_identifier("", number)
    return NATION if identifier.type in NATIONAL and is_valid(identifier) else None


def load(session: Session, rows: Iterable[AccountRow]) -> Loaded:
    """Make the accounts be these rows. Others end now, with their sessions; nothing is deleted."""
    vault, now = vault_of(session), clock.now()
    wanted = {(vault.index(_system(r.number) or "", r.number), r.organisation, r.role.value, r.district) for r in rows}
    held = {
        (row.blind, row.organisation, row.role, row.district): row.id
        for row in session.execute(select(account).where(account.c.ended_at.is_(None)))
    }
    fresh = sorted(wanted - held.keys())
    for blind, organisation, role, district in fresh:
        told = {"blind": blind, "organisation": organisation, "role": role, "district": district}
        session.execute(insert(account).values(id=secrets.token_hex(12), loaded_at=now, **told))
    gone = [held[key] for key in held.keys() - wanted]
    session.execute(update(account).where(account.c.id.in_(gone)).values(ended_at=now))
    return Loaded(len(wanted), len(fresh), len(gone), sessions.end_of_accounts(session, frozenset(gone)))


def of(session: Session, *, hpr: str, identity: str) -> tuple[Account, ...]:
    """The roles of whoever has this HPR number or identity number, in a fixed order."""
    vault = vault_of(session)
    blinds = [vault.index(system, number) for system, number in ((_HPR, hpr), (NATION, identity)) if number]
    rows = session.execute(
        select(account)
        .where(account.c.blind.in_(blinds), account.c.ended_at.is_(None))
        .order_by(account.c.role, account.c.district, account.c.id)
    )
    return tuple(
        Account(id=row.id, role=Role(row.role), organisation=row.organisation, district=row.district) for row in rows
    )
