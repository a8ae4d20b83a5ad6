"""The fence: a schedule with its due moment is taken once, by one process, however many tick and however late."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, persons
from medrec.records import fence, list_head, person
from medrec.store import put_again, put_first

_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
NIGHT = time(0, 5)
"""Dates alone change conclusions: everybody is judged again after midnight, Europe/Oslo."""


def take(session: Session, schedule: str, due: datetime) -> bool:
    """True for the one process that may do what is due; the row stands with what the work itself writes."""
    return put_first(session, fence, {"schedule": schedule, "due": due, "taken_at": clock.now()})


def turn(session: Session, name: str, every: timedelta) -> bool:
    """True for one process in each `every`, whoever comes first: a batch that any machine may do, again and again.

    One row for each name. It says only that somebody began: whoever dies or freezes within a turn holds up nobody,
    for the next turn is anybody's. A turn taken in the future was taken by a clock that was wrong, and counts for
    nothing.
    """
    now, own = clock.now(), fence.c.taken_at
    row = {"schedule": name, "due": _NO_MOMENT, "taken_at": now}
    return put_again(session, fence, row, renew=("taken_at",), where=or_(own <= now - every, own > now + every))


def night_of(moment: datetime) -> datetime:
    """The newest night moment (00:05 in Europe/Oslo) that is not after `moment`."""
    day = moment.astimezone(clock.OSLO).date()
    due = datetime.combine(day, NIGHT, clock.OSLO)
    return due if due <= moment else datetime.combine(day - timedelta(days=1), NIGHT, clock.OSLO)


def mark_unjudged(session: Session, today: date) -> int:
    """Mark all persons whose list was last judged on another day than `today`, or never; not an id that is nobody's.

    A day that is yet to come was a wrong clock's: what it concluded from dates does not hold.
    """
    judged = select(list_head.c.person_id).where(list_head.c.judged_on == today)
    waiting = or_(person.c.dirty_since.is_(None), person.c.dirty_after.is_not(None))
    marked = session.execute(
        update(person)
        .where(person.c.id.not_in(judged), person.c.id.not_in(persons.gone()), waiting)
        .values(dirty_since=clock.now(), dirty_after=None, dirty_tries=0)
        .returning(person.c.id)
    )
    return len(marked.all())
