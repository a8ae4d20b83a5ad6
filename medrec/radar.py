"""The silent-fault radar: has a source system begun to say something else than it used to, of many people at once?

What nobody sees in one patient (a weekly dose that became daily, a dose ten times as large) shows in how often each
interval and each dose is said, per source system, software version and week. In June 2024 doses rarer than daily became
daily on their way out of the registry; every list that was read looked possible.

Counted is each statement when it is said for the first time, in the transaction in which its message is said: a source
that repeats itself every night counts once. Nothing of any person stands in the counts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from math import log10

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from formats.dosing import (
    Clock,
    Cycle,
    Dosage,
    Every,
    FixedPlusNeeded,
    PerDay,
    PeriodUnit,
    Schedule,
    Slots,
    Weekdays,
)
from formats.drug import Quantity
from formats.statement import Kind, Reading, SaidStatus, Statement
from medrec import clock
from medrec.db import Database, is_postgres
from medrec.glance import Asked
from medrec.radar_shifts import DOSE, INTERVAL, WEEKS, Counted, Shift, shifts
from medrec.records import radar_count, source_note
from medrec.store import put
from rules.dosing import interval_of
from rules.tables.intervals import Interval, expected_interval

log = structlog.get_logger(__name__)

NOT_DAILY = "*"
"""Stands for all substances that are never dosed daily: each is rare, the fault hits them all."""
EVERY = ""
"""Stands for all substances."""
NOTE = "radar"
_SHOWN_WEEKS = 4
"""A shift is shown in the week it is found and the three after it."""
_COUNTED = frozenset(
    {Kind.PRESCRIPTION, Kind.PLL, Kind.GP_LIST, Kind.HOME_LIST, Kind.ORDER, Kind.DISCHARGE, Kind.MULTIDOSE}
)
_IN_USE = frozenset({None, SaidStatus.ACTIVE, SaidStatus.PAUSED})
_SOFTWARE = Asked(select(source_note.c.value).where(source_note.c.name == bindparam("name")))
_MONTH = Decimal("30.4375")
_IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mikrog": Decimal("0.001")}


def count(session: Session, fresh: Iterable[tuple[Reading, Statement]], channel: str) -> None:
    """Count what was said for the first time of medicines in use.

    As the last thing a transaction does: its rows are shared with all other messages of the system.
    """
    week, found = monday(clock.today()), dict[tuple[str, str, str, str, int], int]()
    software: str | None = None
    for part, said in ((p, s) for p, s in fresh if s.kind in _COUNTED and s.status in _IN_USE):
        if software is None:
            found_software = _SOFTWARE.first(session, {"name": f"{channel}.software"})
            software = found_software["value"] if found_software else ""
        system = f"{said.source.value} {part.source_system}".strip()[:200]
        version = f"{part.message} {software}".strip()[:64]
        for substance, measure, bucket in measured(said):
            key = (system, version, substance, measure, bucket)
            found[key] = found.get(key, 0) + 1
    names = ("system", "version", "substance", "measure", "bucket")
    rows = [dict(zip(names, key, strict=True)) | {"week": week, "count": n} for key, n in sorted(found.items())]
    _more(postgres=is_postgres(session)).each(session, rows)


@cache
def _more(*, postgres: bool) -> Asked:
    """A count that begins, or is added to."""
    fresh_row = (postgresql if postgres else sqlite).insert(radar_count)
    more = {"count": radar_count.c.count + fresh_row.excluded.count}
    keys = [c.name for c in radar_count.primary_key]
    return Asked(fresh_row.on_conflict_do_update(index_elements=keys, set_=more))


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def measured(said: Statement) -> Iterable[tuple[str, str, int]]:
    """(substance, measure, bucket) of one statement: its interval's class, and its dose in quarters of a decade."""
    dosage = said.any_dosage
    if dosage is None:
        return
    substance = str(said.atc) if said.atc and said.atc.is_substance else EVERY
    days = _days_between(dosage.schedule)
    if days is not None:
        bucket = interval_of(days).rank
        yield EVERY, INTERVAL, bucket
        if substance:
            yield substance, INTERVAL, bucket
            expected = expected_interval(substance, route=said.route or "?", strengths=said.unit_strengths)
            if expected is not None and expected.shortest is not Interval.DAY:
                yield NOT_DAILY, INTERVAL, bucket
    dose = _largest(dosage)
    if substance and dose:
        amount, unit = _in_mg(dose, dosage.unit, said.unit_strengths)
        yield f"{substance} {unit}".strip(), DOSE, round(4 * log10(amount))


def _days_between(schedule: Schedule | None) -> Decimal | None:
    """Days from one dose to the next, 1 for daily and more often; `None` for as needed, plans and single doses."""
    match schedule:
        case PerDay() | Slots() | Clock() | Cycle():
            return Decimal(1)
        case Weekdays(amounts):
            return Decimal(7) / max(len(amounts), 1)
        case Every():
            unit = {PeriodUnit.HOUR: Decimal(1) / 24, PeriodUnit.DAY: Decimal(1), PeriodUnit.MONTH: _MONTH}
            times = schedule.times[0] if schedule.times else 1
            return max(schedule.low * unit[schedule.unit] / max(times, 1), Decimal(1))
        case FixedPlusNeeded():
            return _days_between(schedule.fixed)
        case _:
            return None


def _largest(dosage: Dosage) -> Decimal | None:
    """The largest amount given at one time."""
    inner = dosage.schedule.fixed if isinstance(dosage.schedule, FixedPlusNeeded) else dosage.schedule
    amounts = [dosage.dose] if dosage.dose else []
    if isinstance(inner, Slots | Clock | Weekdays):
        amounts += [amount for _, amount in inner.amounts if amount]
    return max((a.high for a in amounts), default=None)


def _in_mg(dose: Decimal, unit: str | None, strengths: Sequence[Quantity]) -> tuple[Decimal, str]:
    """The dose in mg where the source says what one piece holds, else in the unit it counts by."""
    if unit in _IN_MG:
        return dose * _IN_MG[unit], "mg"
    if len(strengths) == 1 and strengths[0].unit in _IN_MG:
        return dose * strengths[0].value * _IN_MG[strengths[0].unit], "mg"
    return dose, unit or ""


# --- what is shown ------------------------------------------------------------------------------------------------


def look(session: Session, today: date) -> tuple[Shift, ...]:
    """The shifts of this week and the three before it, newest first; reads the counts of some months."""
    this = monday(today)
    rows = session.execute(
        select(radar_count).where(radar_count.c.week >= this - timedelta(weeks=WEEKS + _SHOWN_WEEKS))
    )
    counted = [Counted(**row._mapping) for row in rows]  # noqa: SLF001 - the row's public face has that name
    weeks = [this - timedelta(weeks=n) for n in range(_SHOWN_WEEKS)]
    return tuple(shift for week in weeks for shift in shifts(counted, week))


def tick(database: Database) -> int:
    """Look, and write down what was found for the page and the metrics. Returns how many shifts are new."""
    with database.reading() as session:
        before, now = shown(session), look(session, clock.today())
    fresh = [shift for shift in now if shift.key not in {old.key for old in before}]
    for shift in fresh:
        log.warning(
            "radar.shift", **{k: v for k, v in _plain(shift).items() if k != "week"}, week=shift.week.isoformat()
        )
    if now != before:
        row = {"name": NOTE, "value": json.dumps([_plain(s) for s in now]), "at": clock.now()}
        database.once(lambda session: put(session, source_note, [row], renew=("value", "at")))
    return len(fresh)


def shown(session: Session) -> tuple[Shift, ...]:
    """What the last look found: one row, cheap enough for a page."""
    told = session.scalar(select(source_note.c.value).where(source_note.c.name == NOTE))
    return tuple(Shift(**one | {"week": date.fromisoformat(one["week"])}) for one in json.loads(told or "[]"))


def _plain(shift: Shift) -> dict[str, str | int | float]:
    return asdict(shift) | {"week": shift.week.isoformat()}
