"""Self-authorisation (selvautorisering): access outside one's relations, for a reason in words, short, and reviewed.

One patient, one user, fifteen minutes. What was written as reason is sealed, for people write names in it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access import log, relation
from medrec.access.people import Need, User
from medrec.access.relation import EMERGENCY
from medrec.db import vault_of
from medrec.records import self_authorisation
from medrec.vault import Sealed

LASTS = timedelta(minutes=15)
SHORTEST_WORDS = 10
REASONS = (EMERGENCY, "cover", "intake", "enquiry")
VERDICTS = ("in-order", "not-in-order")


class Incomplete(ValueError):  # noqa: N818 - an answer: what is missing
    """A self-authorisation without a reason of the list, or without words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfAuthorisation:
    """One self-authorisation as a leader reads it."""

    id: str
    actor: str
    actor_name: str
    role: str
    person_id: str
    reason: str
    words: str
    starts_at: datetime
    verdict: str
    reviewed_by: str
    reviewed_at: datetime | None


def check(user: User, reason: str, words: str) -> None:
    """Raises `Incomplete` for a reason that is not of the list, too few words, or a user who may not."""
    if reason not in REASONS or len(words.strip()) < SHORTEST_WORDS or not user.may(Need.SELF_AUTHORISE):
        raise Incomplete


def grant(session: Session, user: User, person_id: str, reason: str, words: str) -> None:
    """Let `user` at one person for `LASTS`; logged in the same transaction. Raises `Incomplete`."""
    check(user, reason, words)
    id_, now = secrets.token_hex(12), clock.now()
    sealed = vault_of(session).seal(words.strip().encode(), f"self-authorisation|{id_}")
    session.execute(
        insert(self_authorisation).values(
            id=id_,
            actor=user.id,
            actor_name=user.name,
            role=user.role.value,
            person_id=person_id,
            reason=reason,
            words_sealed=sealed.data,
            key_id=sealed.key_id,
            starts_at=now,
            ends_at=now + LASTS,
        )
    )
    why = relation.Basis.EMERGENCY if reason == EMERGENCY else relation.Basis.BREAK_GLASS
    standing = {"blocked": "yes"} if relation.blocked(session, [person_id]) else {}
    detail = {"reason": reason, "id": id_, **standing}
    log.record(session, user, "self-authorise", person_id=person_id, why=why.value, detail=detail)


def waiting(session: Session) -> tuple[SelfAuthorisation, ...]:
    """Those nobody has reviewed, the oldest first."""
    query = select(self_authorisation).where(self_authorisation.c.reviewed_at.is_(None))
    rows = session.execute(query.order_by(self_authorisation.c.starts_at, self_authorisation.c.id))
    return tuple(_read(session, row) for row in rows)


def review(session: Session, leader: User, id_: str, verdict: str) -> bool:
    """A leader's word on one; False for an unknown or reviewed one, one's own, or a verdict not of the list."""
    if verdict not in VERDICTS or not leader.may(Need.REVIEW):
        return False
    theirs = self_authorisation.c
    mine = (theirs.id == id_) & theirs.reviewed_at.is_(None) & (theirs.actor != leader.id)
    told = {"reviewed_by": leader.id, "reviewed_at": clock.now(), "verdict": verdict}
    done = session.execute(update(self_authorisation).where(mine).values(told).returning(theirs.person_id)).first()
    if done is None:
        return False
    log.record(session, leader, "review", person_id=done.person_id, detail={"id": id_, "verdict": verdict})
    return True


def _read(session: Session, row: Row[Any]) -> SelfAuthorisation:
    words = vault_of(session).open(Sealed(row.key_id, row.words_sealed), f"self-authorisation|{row.id}").decode()
    return SelfAuthorisation(
        id=row.id,
        actor=row.actor,
        actor_name=row.actor_name,
        role=row.role,
        person_id=row.person_id,
        reason=row.reason,
        words=words,
        starts_at=row.starts_at,
        verdict=row.verdict or "",
        reviewed_by=row.reviewed_by or "",
        reviewed_at=row.reviewed_at,
    )
