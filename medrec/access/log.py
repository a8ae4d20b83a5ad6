"""The access log: append-only, each row chained to the one before it by its digest.

A row is written in the transaction of what it tells about, so that nothing is read without its row. No identity
number, name of a patient or medicine stands in it; the person is the opaque id.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import User
from medrec.db import is_postgres
from medrec.records import audit

FIRST = "0" * 64
_LOCK = 0x6D65647265634C  # names the chain among PostgreSQL's advisory locks
_TOLD = ("position", "at", "actor", "actor_name", "role", "organisation", "hpr", "person_id", "what", "why", "detail")


def record(
    session: Session,
    user: User,
    what: str,
    *,
    person_id: str | None = None,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Append one row; returns its position. `what` is a verb of ours ("read-list"), `why` a purpose code."""
    if is_postgres(session):
        session.execute(text("select pg_advisory_xact_lock(:name)"), {"name": _LOCK})
    last = session.execute(select(audit.c.position, audit.c.digest).order_by(audit.c.position.desc()).limit(1)).first()
    position: int = (last.position if last else 0) + 1
    row = {
        "position": position,
        "at": clock.now(),
        "actor": user.id,
        "actor_name": user.name,
        "role": user.role.value,
        "organisation": user.organisation,
        "hpr": user.hpr,
        "person_id": person_id,
        "what": what,
        "why": why,
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True),
        "previous": last.digest if last else FIRST,
    }
    session.execute(insert(audit).values(**row, digest=_digest(row)))
    return position


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: the position and what is wrong with it (changed, missing, re-ordered)."""

    position: int
    wrong: str


def verify(session: Session, *, anchor: tuple[int, str] | None = None) -> Iterator[Break]:
    """Every place where the chain does not hold; nothing where it is whole.

    `anchor`: position and digest noted outside earlier; a log that no longer holds them has lost its end.
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
        if anchor and row.position == anchor[0]:
            seen[row.position] = row.digest
    if anchor and seen.get(anchor[0]) != anchor[1]:
        yield Break(anchor[0], "differs from its anchor")


def _digest(row: Mapping[str, Any]) -> str:
    told = {name: row[name] for name in (*_TOLD, "previous")}
    told["at"] = told["at"].isoformat()
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
