"""When each source that sends by itself was last heard: nobody asks it, so nobody notices when it stops.

A look each minute goes through the readings that came since the last look, and writes the newest moment of each channel
and source down. So taking in writes no row that all messages share, and the metric reads a handful of rows however many
messages there are.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from medrec import clock
from medrec.db import settings_in
from medrec.records import message, reading, source_note
from medrec.store import put

_LOOKED = "pushed.looked"
_HEARD = "heard."
_MOST = 20_000
"""Readings gone through in one look; what is more waits for the next minute. The first look goes back so far."""


def tick(session: Session) -> int:
    """Write down who was heard since the last look. Returns 0: nobody waits for judgement by it. Idempotent."""
    told = session.scalar(select(source_note.c.value).where(source_note.c.name == _LOOKED))
    since = int(told) if told else (session.scalar(select(func.max(reading.c.id))) or 0) - _MOST
    coming = select(reading.c.id).where(reading.c.id > since).order_by(reading.c.id).limit(_MOST).subquery()
    until = session.scalar(select(func.max(coming.c.id)))
    if until is None:
        return 0
    fetched = settings_in(session).fetched_channels
    newest = session.execute(
        select(message.c.channel, reading.c.source, func.max(message.c.received_at))
        .join(message, message.c.id == reading.c.message_id)
        .where(reading.c.id > since, reading.c.id <= until, reading.c.source.is_not(None))
        .group_by(message.c.channel, reading.c.source)
    )
    known = dict(_heard(session))
    rows = [
        {"name": f"{_HEARD}{channel}.{source}", "value": "", "at": max(at, known.get((channel, source), at))}
        for channel, source, at in newest
        if channel not in fetched
    ]
    put(session, source_note, rows, renew=("at",))
    put(session, source_note, [{"name": _LOOKED, "value": str(until), "at": clock.now()}], renew=("value", "at"))
    return 0


def heard(session: Session) -> tuple[tuple[str, str, datetime], ...]:
    """Channel, source and when it was last heard there, of sources that are not fetched."""
    return tuple((channel, source, at) for (channel, source), at in sorted(_heard(session)))


def _heard(session: Session) -> list[tuple[tuple[str, str], datetime]]:
    rows = session.execute(
        select(source_note.c.name, source_note.c.at).where(source_note.c.name.startswith(_HEARD, autoescape=True))
    )
    found = []
    for name, at in rows:
        channel, _, source = name.removeprefix(_HEARD).rpartition(".")
        found.append(((channel, source), at))
    return found
