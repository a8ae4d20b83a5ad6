"""The access log: append-only, each row chained to the one before it by its digest.

A row is written in the transaction of what it tells about, so that nothing is read without its row. No identity
number, name of a patient or medicine stands in it; the person is the opaque id.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import structlog
from sqlalchemy import BigInteger, String, func, insert, literal, select
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import User
from medrec.db import is_postgres
from medrec.glance import Asked
from medrec.records import audit

FIRST = "0" * 64
_OURS = re.compile(r"[0-9a-f]{24}")
_LOCK = 0x6D65647265634C  # names the chain among PostgreSQL's advisory locks
_TURN = Asked(select(func.pg_advisory_xact_lock(literal(_LOCK, BigInteger), type_=String).label("turn")))
_LAST = Asked(select(audit.c.position, audit.c.digest).order_by(audit.c.position.desc()).limit(1))
_ROW = Asked(insert(audit))
_TOLD = ("position", "at", "actor", "actor_name", "role", "organisation", "hpr", "person_id", "what", "why", "detail")


def record(
    session: Session,
    user: User,
    what: str,
    *,
    person_id: str | None = None,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
    whom: Iterable[str] = (),
) -> int:
    """Append one row; returns its position. `what` is a verb of ours ("read-list"), `why` a purpose code.

    `whom`: persons of whom a list of many told something; they find the row in their own part of the log.
    A `person_id` that is not of our making is not written down: it may be an identity number somebody tried.
    """
    if is_postgres(session):
        _TURN.first(session, {})
    last, digest = anchor(session)
    position = last + 1
    row = {
        "position": position,
        "at": clock.now().astimezone(UTC),
        "actor": user.id,
        "actor_name": user.name,
        "role": user.role.value,
        "organisation": user.organisation,
        "hpr": user.hpr,
        "person_id": person_id if person_id and _OURS.fullmatch(person_id) else None,
        "what": what,
        "why": why,
        "detail": json.dumps({**(detail or {}), **_many(whom), **_event()}, ensure_ascii=False, sort_keys=True),
        "previous": digest,
    }
    _ROW.first(session, {**row, "digest": _digest(row)})
    return position


def _many(whom: Iterable[str]) -> dict[str, list[str]]:
    ours = sorted({person_id for person_id in whom if _OURS.fullmatch(person_id)})
    return {"persons": ours} if ours else {}


def _event() -> dict[str, str]:
    """The correlation id of the request, where there is one."""
    told = structlog.contextvars.get_contextvars().get("event_id")
    return {"event": told} if isinstance(told, str) else {}


def anchor(session: Session) -> tuple[int, str]:
    """Position and digest of the newest row, to be noted outside this database; (0, zeros) of an empty log."""
    last = _LAST.first(session, {})
    return (last["position"], last["digest"]) if last else (0, FIRST)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the position and what is wrong with it (changed, missing, re-ordered)."""

    position: int
    wrong: str


def verify(session: Session, *, against: tuple[int, str] | None = None) -> Iterator[Break]:
    """Every place where the chain does not hold; nothing where it is whole.

    `against`: position and digest noted outside earlier; a log that no longer holds them has lost its end.
    """
    expected, previous = 1, FIRST
    seen: dict[int, str] = {}
    for row in session.execute(select(audit).order_by(audit.c.position)).yield_per(1000):
        if row.position != expected:
            yield Break(expected, "missing")
        told = {name: getattr(row, name) for name in (*_TOLD, "previous")}
        if row.previous != previous:
            yield Break(row.position, "does not follow the row before it")
        elif _digest(told) != row.digest:
            yield Break(row.position, "changed")
        expected, previous = row.position + 1, row.digest
        if against and row.position == against[0]:
            seen[row.position] = row.digest
    if against and against[0] and seen.get(against[0]) != against[1]:
        yield Break(against[0], "differs from its anchor")


def _digest(row: Mapping[str, Any]) -> str:
    told = {name: row[name] for name in (*_TOLD, "previous")}
    told["at"] = told["at"].isoformat()
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
