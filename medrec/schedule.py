"""When things happen. APScheduler ticks; a tick decides nothing by itself: what is due is written in a fence row.

A schedule with its due moment, `(schedule, due)`, is taken by one process only, however many tick, and however late: a
machine that slept through midnight does the night's work when it wakes. Ticks may come twice or not at all.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, intake
from medrec.db import Database
from medrec.election import Election
from medrec.records import fence, list_head, person
from medrec.sources import folder
from medrec.sources.endpoints import FHIR, SFM
from medrec.store import put_first

log = structlog.get_logger(__name__)

NIGHT = time(0, 5)
"""Dates alone change conclusions: everybody is judged again after midnight, Europe/Oslo."""

_TICK = timedelta(seconds=20)


def take(session: Session, schedule: str, due: datetime) -> bool:
    """True for the one process that may do what is due; the row stands with what the work itself writes."""
    return put_first(session, fence, {"schedule": schedule, "due": due, "taken_at": clock.now()})


def night_of(moment: datetime) -> datetime:
    """The newest night moment (00:05 in Europe/Oslo) that is not after `moment`."""
    day = moment.astimezone(clock.OSLO).date()
    due = datetime.combine(day, NIGHT, clock.OSLO)
    return due if due <= moment else datetime.combine(day - timedelta(days=1), NIGHT, clock.OSLO)


def night_refresh(session: Session) -> int:
    """Mark everybody who has not been judged today; once a night, by whoever comes first. Returns how many."""
    if not take(session, "night-refresh", night_of(clock.now())):
        return 0
    return mark_unjudged(session, clock.today())


def mark_unjudged(session: Session, today: date) -> int:
    """Mark all persons whose list was last judged before `today`, or never."""
    judged = select(list_head.c.person_id).where(list_head.c.judged_on >= today)
    waiting = or_(person.c.dirty_since.is_(None), person.c.dirty_after.is_not(None))
    marked = session.execute(
        update(person)
        .where(person.c.id.not_in(judged), waiting)
        .values(dirty_since=clock.now(), dirty_after=None, dirty_tries=0)
        .returning(person.c.id)
    )
    return len(marked.all())


Tick = Callable[[Database], object]

TICKS: list[tuple[str, float, Tick]] = []
"""Ticks of other rooms (notices, anchoring): name, seconds between, what to do. Each must be idempotent."""

_EVERYWHERE = frozenset({"inbox"})
"""What every machine does: its own folder. All else is the leader's."""


class Schedule:
    """The scheduler of one process. `wake` is called when a tick may have left somebody waiting."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database = database
        self._wake = wake
        self._election = Election(database)
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> "Schedule":
        """Begin: the inbox folder, the night refresh, and whatever other rooms registered."""
        settings = self._database.settings
        own: list[tuple[str, float, Tick]] = [
            ("inbox", settings.inbox_seconds, lambda db: folder.sweep(db, settings.inbox)),
            ("night-refresh", _TICK.total_seconds(), lambda db: db.once(night_refresh)),
        ]
        for name, seconds, tick in own + self._fetching() + TICKS:
            self._scheduler.add_job(
                self._fire, "interval", (name, tick), seconds=seconds, id=name, max_instances=1, coalesce=True
            )
        self._election.start()
        self._scheduler.start()
        return self

    def _fetching(self) -> list[tuple[str, float, Tick]]:
        """A round for each source that has an address; the lines are opened only where there is one."""
        wanted = [channel for channel in (SFM, FHIR) if self._database.settings.values[f"{channel}_url"]]
        if not wanted:
            return []
        from medrec.sources.rounds import Rounds  # noqa: PLC0415 - brings the HTTP client

        return [(f"fetch-{channel}", _TICK.total_seconds(), Rounds(channel).tick) for channel in wanted]

    def stop(self) -> None:
        """End after the ticks at hand."""
        self._scheduler.shutdown(wait=True)
        self._election.stop()

    def _fire(self, name: str, tick: Tick) -> None:
        if name not in _EVERYWHERE and not self._election.leads:
            return
        try:
            if tick(self._database):
                self._wake()
        except Exception as fault:  # noqa: BLE001 - a tick that fails is told; the next one tries again
            log.error("tick.failed", tick=name, fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no patient data
