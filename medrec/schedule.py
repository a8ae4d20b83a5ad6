"""When things happen. APScheduler ticks; a tick decides nothing by itself: what is due is written in a fence row.

A schedule with its due moment, `(schedule, due)`, is taken by one process only, however many tick, and however late: a
machine that slept through midnight does the night's work when it wakes. Ticks may come twice or not at all.

What is much work is shared: fetching and the round of notices are cut into batches, and every process that schedules or
judges claims batches of its own. What is claimed stands in the store, so one that dies or sleeps holds up its batch
only, and that for a while.
"""

from collections.abc import Callable
from datetime import UTC, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from medrec import clock, intake, upkeep
from medrec.db import Database
from medrec.election import Election
from medrec.fences import mark_unjudged, night_of, take
from medrec.sources import folder, pushed
from medrec.sources.endpoints import FHIR, SFM

log = structlog.get_logger(__name__)

_TICK = timedelta(seconds=20)
_MINUTE = timedelta(minutes=1)


def night_refresh(session: Session) -> int:
    """Mark everybody who has not been judged today; once a night, by whoever comes first. Returns how many."""
    if not take(session, "night-refresh", night_of(clock.now())):
        return 0
    return mark_unjudged(session, clock.today())


Tick = Callable[[Database], object]

TICKS: list[tuple[str, float, Tick]] = []
"""Ticks of other rooms (notices, anchoring): name, seconds between, what to do. Each must be idempotent."""

_SHARED = frozenset({"fetch-sfm", "fetch-fhir", "notices"})
"""What is done in batches by whoever claims them, on any machine."""
_EVERYWHERE = _SHARED | {"inbox"}
"""Beside that every machine looks into its own folder. All else is the leader's."""


class Schedule:
    """The scheduler of one process. `wake` is called when a tick may have left somebody waiting.

    `helping`: a worker's own, which never leads and takes part in what is shared only.
    """

    def __init__(self, database: Database, wake: Callable[[], None], *, helping: bool = False) -> None:
        self._database = database
        self._wake = wake
        self._helping = helping
        self._election = Election(database)
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> "Schedule":
        """Begin: the inbox, the night refresh, upkeep, fetching, and whatever other rooms registered."""
        settings = self._database.settings
        own: list[tuple[str, float, Tick]] = [
            ("inbox", settings.inbox_seconds, lambda db: folder.sweep(db, settings.inbox)),
            ("night-refresh", _TICK.total_seconds(), lambda db: db.once(night_refresh)),
            ("staleness", _MINUTE.total_seconds(), lambda db: db.once(upkeep.staleness)),
            ("audit-anchor", _MINUTE.total_seconds(), lambda db: db.once(upkeep.anchor)),
            ("radar", _MINUTE.total_seconds(), upkeep.radar_look),
            ("pushed", _MINUTE.total_seconds(), lambda db: db.once(pushed.tick)),
        ]
        every = own + self._fetching() + TICKS
        for name, seconds, tick in (t for t in every if t[0] in _SHARED or not self._helping):
            self._scheduler.add_job(
                self._fire, "interval", (name, tick), seconds=seconds, id=name, max_instances=1, coalesce=True
            )
        if not self._helping:
            self._election.start()
        self._scheduler.start()
        return self

    def _fetching(self) -> list[tuple[str, float, Tick]]:
        """A round for each source that has an address; the lines are opened only where there is one."""
        told = self._database.settings.values
        wanted = [channel for channel in (SFM, FHIR) if told[f"{channel}_url"]]
        found: list[tuple[str, float, Tick]] = []
        if wanted:
            from medrec.sources.rounds import Rounds  # noqa: PLC0415 - brings the HTTP client

            found += [(f"fetch-{channel}", _TICK.total_seconds(), Rounds(channel).tick) for channel in wanted]
        if told["fest_url"]:
            from medrec.sources import fest  # noqa: PLC0415 - likewise

            found.append(("fest", _MINUTE.total_seconds(), fest.tick))
        return found

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
