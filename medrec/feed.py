"""What changed, in one order for all who follow: at least once, without holes.

A change is written by the transaction that makes it, without a position. Positions are given in one place at a time,
and only to changes that are committed or are so in the same moment: a follower who has seen position 7 can never be
shown a 6 later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock
from medrec.glance import Asked
from medrec.records import change, feed

_BATCH = 5000
_NOTE = Asked(insert(change))
_LAST = Asked(select(feed.c.position).where(feed.c.name == "changes").with_for_update())
_UNNUMBERED = Asked(select(change.c.id).where(change.c.position.is_(None)).order_by(change.c.id).limit(_BATCH))
_NUMBER = Asked(update(change).where(change.c.id == bindparam("row")).values(position=bindparam("given")))
_GIVEN = Asked(update(feed).where(feed.c.name == "changes").values(position=bindparam("last")))


@dataclass(frozen=True, slots=True)
class Change:
    """One change: a new list version ("list") or something people or notices did to it ("revision")."""

    position: int
    person_id: str
    kind: str
    version: int
    revision: int
    at: datetime


def note(session: Session, person_id: str, kind: str, version: int, revision: int) -> None:
    """Write down a change, in the transaction that makes it."""
    note_all(session, [(person_id, kind, version, revision)])


def note_all(session: Session, changed: Iterable[tuple[str, str, int, int]]) -> None:
    """Write down changes (person, kind, version, revision), in the transaction that makes them."""
    now = clock.now()
    rows = [{"person_id": p, "kind": k, "version": v, "revision": r, "at": now} for p, k, v, r in changed]
    _NOTE.each(session, rows)


def number(session: Session) -> int:
    """Give positions to the changes that were committed without one. Returns how many there were.

    Holds the feed's row to the end of its transaction, so that only one does this at a time; call it last. Changes of
    its own transaction are committed with their positions, or not at all.
    """
    last = _LAST.all(session, {})[0].position
    waiting = [row.id for row in _UNNUMBERED.all(session, {})]
    if not waiting:
        return 0
    rows = [{"row": row, "given": last + n} for n, row in enumerate(waiting, start=1)]
    _NUMBER.each(session, rows)
    _GIVEN.each(session, [{"last": last + len(waiting)}])
    return len(waiting)


def changes(session: Session, since: int = 0, limit: int = 100) -> tuple[Change, ...]:
    """Changes after position `since` (exclusive), in order."""
    rows = session.execute(select(change).where(change.c.position > since).order_by(change.c.position).limit(limit))
    return tuple(Change(r.position, r.person_id, r.kind, r.version, r.revision, r.at) for r in rows)


def last_position(session: Session) -> int:
    """The newest position given; 0 before the first."""
    return int(session.execute(select(feed.c.position).where(feed.c.name == "changes")).scalar_one())
