"""The fence: a schedule with its due moment is taken once, by one process, however many tick and however late."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, persons
from medrec.records import fence, list_head, person
from medrec.store import put_first

NIGHT = time(0, 5)
"""Dates alone change conclusions: everybody is judged again after midnight, Europe/Oslo."""


def take(session: Session, schedule: str, due: datetime) -> bool:
    """True for the one process that may do what is due; the row stands with what the work itself writes."""
    return put_first(session, fence, {"schedule": schedule, "due": due, "taken_at": clock.now()})


def night_of(moment: datetime) -> datetime:
    """The newest night moment (00:05 in Europe/Oslo) that is not after `moment`."""
    day = moment.astimezone(clock.OSLO).date()
    due = datetime.combine(day, NIGHT, clock.OSLO)
    return due if due <= moment else datetime.combine(day - timedelta(days=1), NIGHT, clock.OSLO)


def mark_unjudged(session: Session, today: date) -> int:
    """Mark all persons whose list was last judged before `today`, or never; not an id that is nobody's."""
    judged = select(list_head.c.person_id).where(list_head.c.judged_on >= today)
    waiting = or_(person.c.dirty_since.is_(None), person.c.dirty_after.is_not(None))
    marked = session.execute(
        update(person)
        .where(person.c.id.not_in(judged), person.c.id.not_in(persons.gone()), waiting)
        .values(dirty_since=clock.now(), dirty_after=None, dirty_tries=0)
        .returning(person.c.id)
    )
    return len(marked.all())
