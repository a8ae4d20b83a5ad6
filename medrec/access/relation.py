"""May this user see this person: an active care relation in the user's district, or a self-authorisation in force.

Everything else is refused and logged. A GP sees the persons whose GP of record they are.
"""

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from medrec import clock, roster
from medrec.access.people import Need, Role, User
from medrec.records import self_authorisation


def sees(session: Session, user: User, person_id: str, on: date) -> bool:
    """True where `user` may see the person's list on that day."""
    if not user.may(Need.SEE_LIST):
        return False
    if user.role is Role.SYSTEM:
        return True
    care = roster.care_of(session, person_id, on)
    if care is not None and _related(user, care):
        return True
    return self_authorised(session, user, person_id)


def self_authorised(session: Session, user: User, person_id: str) -> bool:
    """A self-authorisation of this user for this person is in force now."""
    now, mine = clock.now(), self_authorisation.c
    in_force = (mine.actor == user.id) & (mine.person_id == person_id) & (mine.starts_at <= now) & (mine.ends_at > now)
    return bool(session.scalar(select(exists().where(in_force))))


def _related(user: User, care: roster.Care) -> bool:
    if user.role is Role.GP:
        return bool(user.hpr) and care.gp is not None and care.gp.hpr == user.hpr
    return not user.district or care.district == user.district
