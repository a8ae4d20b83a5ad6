"""What could not be read, or could not be laid at anybody's door: shown, tried again, or let go by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from medrec import clock, intake, keeping, persons
from medrec.db import Database
from medrec.records import message, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """One message that waits. `asked_for`: person id for whom it was fetched, where it was."""

    id: str
    channel: str
    received_at: datetime
    type: str
    code: str
    place: str
    text: str
    asked_for: str | None
    asked_source: str | None


@dataclass(frozen=True, slots=True)
class Retried:
    """What reading again did: how many now read, still wait, and how many readable ones had unread items resolved."""

    tried: int
    accepted: tuple[str, ...]
    waiting: tuple[str, ...]
    fewer_unread: tuple[str, ...]


class NotWaiting(LookupError):  # noqa: N818 - an answer
    """There is no such message in quarantine."""


def waiting(session: Session) -> tuple[QuarantineRow, ...]:
    """All that waits, the oldest first."""
    rows = session.execute(
        select(message).where(message.c.outcome == keeping.QUARANTINED).order_by(message.c.received_at, message.c.id)
    )
    return tuple(map(_row, rows))


def show(session: Session, message_id: str) -> QuarantineRow:
    """One message that waits; raises `NotWaiting`."""
    row = session.execute(
        select(message).where(message.c.id == message_id, message.c.outcome == keeping.QUARANTINED)
    ).first()
    if row is None:
        raise NotWaiting
    return _row(row)


def _row(row: Row[Any]) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        channel=row.channel,
        received_at=row.received_at,
        type=row.type,
        code=row.problem_code,
        place=row.problem_place or "",
        text=row.problem_text or "",
        asked_for=row.asked_for,
        asked_source=row.asked_source,
    )


def retry(database: Database, ids: Iterable[str] | None = None) -> Retried:
    """Read again what waits (these, or everything), and everything with items that were not understood."""
    with database.reading() as session:
        chosen = [row.id for row in waiting(session)] if ids is None else [show(session, i).id for i in ids]
        partly = _with_unread(session) if ids is None else {}
    receipts = [intake.read_again(database, message_id) for message_id in chosen]
    for message_id in partly:
        intake.read_again(database, message_id)
    with database.reading() as session:
        after = _with_unread(session)
    return Retried(
        tried=len(chosen) + len(partly),
        accepted=tuple(r.message_id for r in receipts if r.status != "quarantined"),
        waiting=tuple(r.message_id for r in receipts if r.status == "quarantined"),
        fewer_unread=tuple(m for m, many in partly.items() if after.get(m, 0) < many),
    )


def _with_unread(session: Session) -> dict[str, int]:
    """Accepted messages with items that were not understood -> how many."""
    rows = session.execute(
        select(reading.c.message_id, reading.c.unread)
        .join(message, message.c.id == reading.c.message_id)
        .where(message.c.outcome == keeping.ACCEPTED)
    )
    found: dict[str, int] = {}
    for row in rows:
        if row.unread:
            found[row.message_id] = found.get(row.message_id, 0) + len(row.unread)
    return found


def release(session: Session, message_id: str, *, by: str, reason: str) -> None:
    """Let a message go unread, by name and with a reason; its bytes stay. Raises `NotWaiting`."""
    held = show(session, message_id)
    if not by or not reason:
        msg = "who releases a message, and why, must be said"
        raise ValueError(msg)
    told = {"outcome": keeping.RELEASED, "released_by": by, "released_why": reason, "handled_at": clock.now()}
    session.execute(update(message).where(message.c.id == message_id).values(**told))
    if held.asked_for is not None:
        persons.mark_dirty(session, [held.asked_for])


def counts(session: Session) -> dict[str, int]:
    """How many messages stand in each outcome."""
    rows = session.execute(select(message.c.outcome, func.count().label("many")).group_by(message.c.outcome))
    return {row.outcome: row.many for row in rows}
