"""Blocks (sperring): a patient's wish that nobody reads their list. Set and lifted by command, kept as history."""

import secrets

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from medrec import clock, feed, listing
from medrec.access import log, relation
from medrec.access.people import User
from medrec.records import block


def put(session: Session, person_id: str, by: User) -> bool:
    """Block a person from now on; False where they are blocked already."""
    if relation.blocked(session, [person_id]):
        return False
    row = {"id": secrets.token_hex(12), "person_id": person_id, "starts_at": clock.now(), "set_by": by.id}
    session.execute(insert(block).values(row))
    log.record(session, by, "block", person_id=person_id)
    return True


def standing(session: Session, person_id: str) -> bool:
    """True where a block stands on the person now."""
    return bool(relation.blocked(session, [person_id]))


def lift(session: Session, person_id: str, by: User) -> bool:
    """Lift the block that stands; False where there is none."""
    standing = (block.c.person_id == person_id) & block.c.ends_at.is_(None)
    lifted = update(block).where(standing).values(ends_at=clock.now(), lifted_by=by.id).returning(block.c.id)
    if session.execute(lifted).first() is None:
        return False
    log.record(session, by, "lift-block", person_id=person_id)
    _tell(session, person_id)
    return True


def _tell(session: Session, person_id: str) -> None:
    """Those who follow changes saw none while the block stood: now there is one."""
    if (head := listing.head_of(session, person_id)) is not None:
        feed.note(session, person_id, "revision", head.version, head.revision)
