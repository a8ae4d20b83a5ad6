"""What the house does for itself by the clock: lists nobody judged, the access log's anchor, the radar's look.

Each is idempotent, and due by a row in the fence: it is done once by whoever comes first, and made up for after a
sleep.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from medrec import clock, radar
from medrec.access import log as access_log
from medrec.db import Database, settings_in
from medrec.fences import mark_unjudged, night_of, take
from medrec.records import fence

log = structlog.get_logger(__name__)

_OFTEN = ("staleness", "radar", "fest")
_FENCES_KEPT = timedelta(days=7)
"""What is due often leaves many rows, and only the newest moment of a schedule is ever due again."""


def hour_of(moment: datetime) -> datetime:
    """The full hour that is not after `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


def staleness(session: Session) -> int:
    """Once an hour: mark whoever was still not judged today (a night that was missed, a store put back).

    A list that is not judged today says so wherever it is served; this makes that pass. Returns how many.
    """
    if not take(session, "staleness", hour_of(clock.now())):
        return 0
    old = fence.c.taken_at < clock.now() - _FENCES_KEPT
    session.execute(delete(fence).where(fence.c.schedule.in_(_OFTEN), old))
    late = mark_unjudged(session, clock.today())
    if late:
        log.warning("lists.not-judged-today", persons=late)
    return late


def anchor(session: Session) -> bool:
    """Once a night: note position and digest of the access log's newest row where this database can't reach.

    In the log that leaves the machine, and in the file of the setting `audit_anchors`, a line a night. A night whose
    commit fails is noted twice, which is no harm; `medrec audit verify --anchor` takes either.
    """
    now = clock.now()
    if not take(session, "audit-anchor", night_of(now)):
        return False
    position, digest = access_log.anchor(session)
    log.info("audit.anchor", position=position, digest=digest)
    if file := settings_in(session).values["audit_anchors"]:
        _add_line(Path(file), json.dumps({"at": now.isoformat(), "anchor": f"{position}:{digest}"}))
    return True


def _add_line(file: Path, line: str) -> None:
    """Add a line and have it on the disk."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def radar_look(database: Database) -> int:
    """Every ten minutes: what has shifted in what the sources say. Wakes nobody."""
    now = clock.now()
    due = hour_of(now) + timedelta(minutes=now.minute // 10 * 10)
    if database.once(lambda session: take(session, "radar", due)):
        radar.tick(database)
    return 0
