"""May this user see this person: an active care relation in the user's district, or a self-authorisation in force.

Everything else is refused and logged. A GP sees the persons whose GP of record they are. A block (sperring) shuts
everybody out, whatever the relation, but for a self-authorisation for emergency care.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.orm import Session

from medrec import clock, persons, roster
from medrec.access import sessions
from medrec.access.people import Need, Role, User
from medrec.access.terms import terms
from medrec.db import Database, settings_in
from medrec.glance import Asked, Place, Row
from medrec.listing import Head
from medrec.records import api_token, block, life_event, list_head, person, self_authorisation

EMERGENCY = "emergency"
"""The one reason that opens a blocked person."""


_PERSON: BindParameter[str] = bindparam("person")
_GONE = exists(persons.gone().where(life_event.c.person_id == _PERSON)).label("gone")
_BLOCKED = exists().where(block.c.person_id == _PERSON, block.c.ends_at.is_(None)).label("blocked")
_STANDS = (_GONE, _BLOCKED, *(list_head.c[name] for name in ("version", "revision", "judged_on", "judged_at")))
_HEAD = Asked(
    select(*_STANDS)
    .select_from(person.outerjoin(list_head, list_head.c.person_id == person.c.id))
    .where(person.c.id == _PERSON)
)
"""Of a person who is there: whether the id stands for nobody any more, whether a block stands, and which list is the
newest; one moment, one round trip."""
_TOKEN_AND_HEAD = Asked(
    select(*_STANDS, api_token)
    .select_from(api_token.outerjoin(list_head, list_head.c.person_id == _PERSON))
    .where(api_token.c.digest == bindparam("digest"))
)
"""The same with whose token it is: all that a system which holds the newest list has to be asked for."""


class Basis(StrEnum):
    """On what ground somebody sees a person, as HL7 PurposeOfUse (OID 2.16.840.1.113883.1.11.20448) names it."""

    CARE = "COC"
    BREAK_GLASS = "BTG"
    EMERGENCY = "ETREAT"


def basis(session: Session, user: User, person_id: str, on: date) -> Basis | None:
    """The ground on which `user` may see the person's list on that day; `None` where there is none."""
    return basis_and_head(session, user, person_id, on)[0]


def basis_and_head(session: Session, user: User, person_id: str, on: date) -> tuple[Basis | None, Head | None]:
    """As `basis`, and which list was the newest in that moment; `None` where there is none."""
    if not user.may(Need.SEE_LIST):
        return None, None
    found = _HEAD.first(session, {"person": person_id})
    if found is None or found["gone"]:
        return None, None
    return _basis(session, user, person_id, on, blocked=found["blocked"]), _newest(found)


def _basis(session: Session, user: User, person_id: str, on: date, *, blocked: bool) -> Basis | None:
    if blocked:
        return Basis.EMERGENCY if EMERGENCY in _self_authorised(session, user, person_id) else None
    if _cared_for(session, user, person_id, on):
        return Basis.CARE
    reasons = _self_authorised(session, user, person_id)
    return Basis.EMERGENCY if EMERGENCY in reasons else Basis.BREAK_GLASS if reasons else None


def sees(session: Session, user: User, person_id: str, on: date) -> bool:
    """True where `user` may see the person's list on that day."""
    return basis(session, user, person_id, on) is not None


def head_for(database: Database, system: User, person_id: str) -> Head | None:
    """The newest list's version and judgement, for a system that may see the person; nothing of the list is read.

    `None` also where a block stands, which only `basis` can weigh, and where there is no list.
    """
    found = _HEAD.first(database, {"person": person_id})
    return None if found is None else _head_in(found, database, system)


def system_and_head(database: Database, token: str, person_id: str) -> tuple[User | None, Head | None]:
    """The system of a bearer token, as `sessions.system_of`, and what `head_for` says to it: one moment."""
    found = _TOKEN_AND_HEAD.first(database, {"person": person_id, "digest": sessions.digest_of(token)})
    system = sessions.system_in(found)
    return system, _head_in(found, database, system) if found and system else None


def _head_in(found: Row, database: Database, system: User) -> Head | None:
    if not system.may(Need.SEE_LIST) or not _let_in(database, system):
        return None
    return None if found["gone"] or found["blocked"] else _newest(found)


def _newest(found: Row) -> Head | None:
    if found["version"] is None:
        return None
    return Head(
        version=found["version"],
        revision=found["revision"],
        judged_on=found["judged_on"],
        judged_at=found["judged_at"],
    )


def blocked(session: Session, person_ids: Iterable[str] | None = None) -> frozenset[str]:
    """Those of the persons (or, with `None`, of all) on whom a block stands now."""
    standing = select(block.c.person_id).where(block.c.ends_at.is_(None))
    if person_ids is not None:
        standing = standing.where(block.c.person_id.in_(list(person_ids)))
    return frozenset(session.scalars(standing))


def _self_authorised(session: Session, user: User, person_id: str) -> frozenset[str]:
    """The reasons of the self-authorisations in force."""
    now, mine = clock.now(), self_authorisation.c
    in_force = (mine.actor == user.id) & (mine.person_id == person_id) & (mine.starts_at <= now) & (mine.ends_at > now)
    return frozenset(session.scalars(select(mine.reason).where(in_force)))


def _cared_for(session: Session, user: User, person_id: str, on: date) -> bool:
    if user.role is Role.SYSTEM:
        return _let_in(session, user)
    care = roster.care_of(session, person_id, on)
    return care is not None and _related(user, care)


def _let_in(place: Place, user: User) -> bool:
    """A system of an organisation that may see everybody; people have a relation to each."""
    allowed = terms(settings_in(place)).organisations
    return user.role is Role.SYSTEM and (not allowed or user.organisation in allowed)


def _related(user: User, care: roster.Care) -> bool:
    if user.role is Role.GP:
        return bool(user.hpr) and care.gp is not None and care.gp.hpr == user.hpr
    return not user.district or care.district == user.district
