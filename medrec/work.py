"""Judge who waits. What must happen is the dirty mark's business; being woken, twice or never, changes nothing.

Some persons together are claimed, judged and cleared in one transaction (`FOR UPDATE SKIP LOCKED` on PostgreSQL: the
claim dies with the connection). Where one of them fails, each is judged in a transaction of their own; a person whose
judgement fails by a fault of ours waits longer each time, visibly, and holds up nobody else.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, feed, intake, listing
from medrec.db import Database
from medrec.listing import Refreshed
from medrec.records import person
from medrec.waking import Listener

log = structlog.get_logger(__name__)

_NEXT = (
    select(person.c.id)
    .where(
        person.c.dirty_since.is_not(None),
        or_(
            person.c.dirty_after.is_(None),
            person.c.dirty_after <= bindparam("now"),
            person.c.dirty_after > bindparam("farthest"),
        ),
    )
    .order_by(person.c.dirty_since, person.c.id)
    .limit(bindparam("many"))
    .with_for_update(skip_locked=True)
)
"""Who has waited longest and is claimed by nobody. Put off to beyond the farthest: by a clock that was wrong."""
_THIS_ONE = (
    select(person.c.id)
    .where(person.c.id == bindparam("person"), person.c.dirty_since.is_not(None))
    .with_for_update(skip_locked=True)
)
_TOGETHER = 20
"""Persons judged in one transaction, at most: what is asked of the store is asked once for all of them, and a message
about one of them waits a fifth of a second at the longest."""
_LONGEST_WAIT = timedelta(hours=1)
_FARTHEST = 2 * _LONGEST_WAIT


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did: persons judged, lists that changed, judgements that failed."""

    judged: int = 0
    changed: int = 0
    failed: int = 0

    def plus(self, more: "Drained") -> "Drained":
        """Both together."""
        return Drained(self.judged + more.judged, self.changed + more.changed, self.failed + more.failed)


def drain(database: Database, limit: int = 100, today: date | None = None) -> Drained:
    """Take up kept messages, then judge at most `limit` dirty persons; the changes are numbered with them."""
    intake.resume(database, limit)
    told = Drained()
    on = today or clock.today()
    while (left := limit - told.judged - told.failed) > 0:
        wanted = min(left, _TOGETHER)
        claimed, done = _some(database, on, wanted)
        told = told.plus(done)
        if claimed < wanted:
            break
    return told


def _some(database: Database, today: date, many: int) -> tuple[int, Drained]:
    """Judge those who have waited longest, `many` at most; how many were claimed, and what came of it."""
    claim = _Claim(today, many)
    try:
        done = database.once(claim.judge)
    except Exception as fault:
        if not claim.persons:
            raise
        if len(claim.persons) > 1:
            log.warning("judging.apart", persons=len(claim.persons), fault=type(fault).__name__, at=intake.where(fault))
        return len(claim.persons), _apart(database, today, claim.persons)
    return len(done), Drained(len(done), sum(one.changed for one in done))


def _apart(database: Database, today: date, person_ids: Sequence[str]) -> Drained:
    """Judge each in a transaction of their own; who fails waits."""
    told = Drained()
    for person_id in person_ids:
        claim = _Claim(today, 1, person_id)
        try:
            done = database.once(claim.judge)
        except Exception as fault:  # noqa: BLE001 - whatever it is: noted with the person, who waits
            _put_off(database, person_id, fault)
            told = told.plus(Drained(failed=1))
            continue
        told = told.plus(Drained(len(done), sum(one.changed for one in done)))
    return told


class _Claim:
    """One turn: claims those who have waited longest, or one person, and remembers whom if the judgement fails."""

    def __init__(self, today: date, many: int, person_id: str | None = None) -> None:
        self.persons: Sequence[str] = ()
        self._today = today
        self._many = many
        self._only = person_id

    def judge(self, session: Session) -> list[Refreshed]:
        """Judge in this transaction, and number the changes in it. Nobody where nobody waits."""
        self.persons = self._claimed(session)
        done = listing.refresh_all(session, self.persons, self._today) if self.persons else []
        feed.number(session)
        return done

    def _claimed(self, session: Session) -> Sequence[str]:
        if self._only is not None:
            return session.scalars(_THIS_ONE, {"person": self._only}).all()
        now = clock.now()
        return session.scalars(_NEXT, {"now": now, "farthest": now + _FARTHEST, "many": self._many}).all()


def _put_off(database: Database, person_id: str, fault: Exception) -> None:
    """Longer after each failure: 2, 4, 8 ... seconds, at most an hour. The mark stays."""

    def wait(session: Session) -> int:
        tries = session.execute(select(person.c.dirty_tries).where(person.c.id == person_id)).scalar_one() + 1
        after = clock.now() + min(timedelta(seconds=2 ** min(tries, 12)), _LONGEST_WAIT)
        told = {"dirty_tries": tries, "dirty_after": after}
        session.execute(update(person).where(person.c.id == person_id).values(**told))
        return int(tries)

    tries = database.once(wait)
    log.error("judgement.failed", person=person_id, fault=type(fault).__name__, at=intake.where(fault), tries=tries)


class Worker:
    """A thread that drains at least every `seconds`, and at once when woken: by this process, on PostgreSQL by any."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="medrec-worker", daemon=True)
        self._listener = Listener(database, self.wake)

    def start(self) -> "Worker":
        """Begin."""
        self._thread.start()
        self._listener.start()
        log.info("worker.started", seconds=self._seconds)
        return self

    def wake(self) -> None:
        """There may be something to do."""
        self._awake.set()

    def stop(self, seconds: float = 10.0) -> None:
        """Finish the person at hand and end."""
        self._stopping.set()
        self._awake.set()
        self._thread.join(seconds)
        self._listener.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            run_once(self._database)
            self._awake.wait(self._seconds)
            self._awake.clear()


def run_once(database: Database, limit: int = 100) -> Drained:
    """Drain until nobody waits; a fault of the database is told and left to the next round."""
    told = Drained()
    try:
        while (done := drain(database, limit)).judged:
            told = told.plus(done)
    except Exception as fault:  # noqa: BLE001 - the worker outlives a database that is away for a while
        log.error("drain.failed", fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no text of it
    return told


def oldest_waiting(session: Session) -> timedelta | None:
    """How long the longest waiting person has waited; `None` when nobody waits."""
    since = session.scalars(
        select(person.c.dirty_since).where(person.c.dirty_since.is_not(None)).order_by(person.c.dirty_since).limit(1)
    ).first()
    return None if since is None else clock.now() - since
