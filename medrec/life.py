"""What happens to a person as a person: a death, and events of which other modules keep the rest. Kept, and undone.

Nothing is deleted by an event here: what was said stays, relations end, and what undoes it is written beside it.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, persons
from medrec.db import vault_of
from medrec.records import life_event, outbox, roster

SHORTEST_REASON = 10
_WAITING: Mapping[str, str] = {"outbox": "queued", "failed": "failed"}
"""States of letters that would leave by themselves, by the name under which an event keeps which they were."""
_HELD = "held"


class LifeKind(StrEnum):
    """What can happen."""

    DIED = "died"
    JOINED = "joined"
    PARTED = "parted"
    DELETED = "deleted"
    EXPORTED = "exported"


class NotSo(ValueError):  # noqa: N818 - an answer: why it can't be
    """An event that can't be, or can't be undone."""


def note(
    session: Session,
    kind: LifeKind,
    person_id: str,
    *,
    by: str,
    reason: str,
    other_id: str | None = None,
    day: date | None = None,
    moved: Mapping[str, Any] | None = None,
) -> str:
    """Write an event down; returns its id. Raises `NotSo` for a reason of too few words."""
    enough(reason)
    id_ = secrets.token_hex(12)
    sealed = vault_of(session).seal(reason.strip().encode(), f"life|{id_}")
    row: dict[str, Any] = {"id": id_, "person_id": person_id, "other_id": other_id, "kind": kind.value, "day": day}
    row |= {"moved": dict(moved or {}), "reason_sealed": sealed.data, "key_id": sealed.key_id}
    session.execute(insert(life_event).values(**row, by_id=by, at=clock.now()))
    return id_


def enough(reason: str) -> None:
    """Raises `NotSo` for a reason of too few words."""
    if len(reason.strip()) < SHORTEST_REASON:
        msg = f"a reason of at least {SHORTEST_REASON} characters must be given"
        raise NotSo(msg)


def standing(session: Session, event_id: str, kind: LifeKind) -> Row[Any]:
    """An event that is not undone. Raises `NotSo`."""
    mine = (life_event.c.id == event_id) & (life_event.c.kind == kind.value) & life_event.c.undone_at.is_(None)
    row = session.execute(select(life_event).where(mine)).first()
    if row is None:
        msg = "there is no such event that stands"
        raise NotSo(msg)
    return row


def stands(session: Session, event_id: str) -> bool:
    """True for an event that nobody has taken back."""
    mine = (life_event.c.id == event_id) & life_event.c.undone_at.is_(None)
    return session.execute(select(life_event.c.id).where(mine)).first() is not None


def undone(session: Session, event_id: str, by: str) -> None:
    """Write down that an event was taken back."""
    told = {"undone_at": clock.now(), "undone_by": by}
    session.execute(update(life_event).where(life_event.c.id == event_id).values(**told))


def event_of(session: Session, event_id: str) -> LifeKind:
    """What kind of event it is. Raises `NotSo`."""
    kind = session.scalar(select(life_event.c.kind).where(life_event.c.id == event_id))
    if kind is None:
        msg = "there is no such event"
        raise NotSo(msg)
    return LifeKind(kind)


def died(session: Session, person_id: str, day: date, *, by: str, reason: str) -> str:
    """A death: relations end that day; letters that wait to be sent (again) and calls to make are held.

    No list or log is touched. Returns the event's id. Raises `NotSo` for a day to come, a second death, or an id that
    stands for nobody.
    """
    if persons.is_gone(session, person_id):
        msg = "the id stands for nobody any more"
        raise NotSo(msg)
    if day > clock.today() or death_of(session, person_id) is not None:
        msg = "the day is yet to come" if day > clock.today() else "the death is known already"
        raise NotSo(msg)
    later = or_(roster.c.ends.is_(None), roster.c.ends > day)
    mine = (roster.c.person_id == person_id) & roster.c.replaced_at.is_(None) & later
    rows = session.execute(select(roster.c.id, roster.c.ends).where(mine)).all()
    session.execute(update(roster).where(mine).values(ends=day))
    held = {name: _hold(session, person_id, state) for name, state in _WAITING.items()}
    moved = {"roster": [[row.id, row.ends.isoformat() if row.ends else None] for row in rows]} | held
    _hold(session, person_id, "open")
    return note(session, LifeKind.DIED, person_id, by=by, reason=reason, day=day, moved=moved)


def _hold(session: Session, person_id: str, state: str) -> list[str]:
    """Hold what is in this state; returns the rows' ids."""
    waits = (outbox.c.person_id == person_id) & (outbox.c.state == state)
    return list(session.scalars(update(outbox).where(waits).values(state=_HELD).returning(outbox.c.id)))


def not_dead(session: Session, event_id: str, *, by: str) -> str:
    """Take back a death that was told wrongly: relations, letters and calls to make are as before.

    A call that came up meanwhile (a letter that was rejected, say) is to be made now. Returns the person's id.
    """
    row = standing(session, event_id, LifeKind.DIED)
    for roster_id, ends in row.moved["roster"]:
        told = date.fromisoformat(ends) if ends else None
        session.execute(update(roster).where(roster.c.id == roster_id).values(ends=told))
    for name, state in _WAITING.items():
        letters = outbox.c.id.in_(row.moved.get(name, [])) & (outbox.c.state == _HELD)
        session.execute(update(outbox).where(letters).values(state=state))
    tasks = (outbox.c.person_id == row.person_id) & (outbox.c.kind == "task") & (outbox.c.state == _HELD)
    session.execute(update(outbox).where(tasks).values(state="open"))
    undone(session, event_id, by)
    return str(row.person_id)


def deaths(session: Session) -> dict[str, date]:
    """Everybody whose death is known, and the day."""
    mine = (life_event.c.kind == LifeKind.DIED.value) & life_event.c.undone_at.is_(None)
    return {
        row.person_id: row.day for row in session.execute(select(life_event.c.person_id, life_event.c.day).where(mine))
    }


def death_of(session: Session, person_id: str) -> date | None:
    """The day a person died, `None` where no death is known."""
    mine = (life_event.c.kind == LifeKind.DIED.value) & life_event.c.undone_at.is_(None)
    return session.scalar(select(life_event.c.day).where(mine, life_event.c.person_id == person_id))


def known_as(session: Session, person_id: str) -> tuple[str, ...]:
    """A person's id and every id that was joined into it: whose rows of the log are theirs."""
    found, new = {person_id}, {person_id}
    while new:
        into = life_event.c.other_id.in_(new) & (life_event.c.kind == LifeKind.JOINED.value)
        rows = session.scalars(select(life_event.c.person_id).where(into, life_event.c.undone_at.is_(None)))
        new = set(rows) - found
        found |= new
    return (person_id, *sorted(found - {person_id}))
