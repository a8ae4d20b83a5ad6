"""Judge who waits. What must happen is the dirty mark's business; being woken, twice or never, changes nothing.

Each person is claimed, judged and cleared in one transaction of their own (`FOR UPDATE SKIP LOCKED` on PostgreSQL: the
claim dies with the connection). A person whose judgement fails by a fault of ours waits longer each time, visibly, and
holds up nobody else.
"""

import threading
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
    .limit(1)
    .with_for_update(skip_locked=True)
)
"""Who has waited longest and is claimed by nobody. Put off to beyond the farthest: by a clock that was wrong."""
_LONGEST_WAIT = timedelta(hours=1)
_FARTHEST = 2 * _LONGEST_WAIT


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did: persons judged, lists that changed, judgements that failed."""

    judged: int = 0
    changed: int = 0
    failed: int = 0


def drain(database: Database, limit: int = 100, today: date | None = None) -> Drained:
    """Take up kept messages, then judge at most `limit` dirty persons, then number the changes."""
    intake.resume(database, limit)
    judged = changed = failed = 0
    on = today or clock.today()
    while judged + failed < limit:
        claim = _Claim(on)
        try:
            done = database.once(claim.judge)
        except Exception as fault:
            if claim.person_id is None:
                raise
            failed += 1
            _put_off(database, claim.person_id, fault)
            continue
        if done is None:
            return Drained(judged, changed, failed)
        judged, changed = judged + 1, changed + done.changed
    database.once(feed.number)
    return Drained(judged, changed, failed)


class _Claim:
    """One turn: claims the person who has waited longest, and remembers whom if the judgement fails."""

    def __init__(self, today: date) -> None:
        self.person_id: str | None = None
        self._today = today

    def judge(self, session: Session) -> Refreshed | None:
        """Judge in this transaction. `None` when nobody waits: then the changes were numbered in it."""
        now = clock.now()
        self.person_id = session.scalars(_NEXT, {"now": now, "farthest": now + _FARTHEST}).first()
        if self.person_id is None:
            feed.number(session)
            return None
        return listing.refresh(session, self.person_id, self._today, claimed=True)


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
            told = Drained(told.judged + done.judged, told.changed + done.changed, told.failed + done.failed)
    except Exception as fault:  # noqa: BLE001 - the worker outlives a database that is away for a while
        log.error("drain.failed", fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no text of it
    return told


def oldest_waiting(session: Session) -> timedelta | None:
    """How long the longest waiting person has waited; `None` when nobody waits."""
    since = session.scalars(
        select(person.c.dirty_since).where(person.c.dirty_since.is_not(None)).order_by(person.c.dirty_since).limit(1)
    ).first()
    return None if since is None else clock.now() - since
