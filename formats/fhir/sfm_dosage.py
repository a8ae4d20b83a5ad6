"""The structured dose of SFM (`sfm-reseptamendment/ereseptdosing`) -> our `Dosage`, where all of it is understood.

`endtime` is exclusive ("i 3 dager" is 28.09 to 01.10, fhir.md 1.3): the last day is the day before. A dose-free day is
the gap between two periods. The times of day are code list 8325, the units free text.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from formats.dates import day_before
from formats.dosing import Amount, Dosage, Every, PartOfDay, PerDay, PeriodUnit, Simple, Slots, Step, StepKind, Steps
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element

_PARTS = {str(i): part for i, part in enumerate(list(PartOfDay)[:6], 1)}
_PART_WORDS = {
    "1": "morgen", "2": "formiddag", "3": "midt på dagen", "4": "ettermiddag", "5": "kveld", "6": "natt",
}  # fmt: skip
_INTERVALS = {"døgn": PeriodUnit.DAY, "time": PeriodUnit.HOUR, "måned": PeriodUnit.MONTH}
_PERIOD_FIELDS = frozenset({"starttime", "endtime", "repeatingdosage"})
_DOSE_FIELDS = frozenset({"amount", "interval", "accurate", "timerange"})
_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Part:
    amount: Amount
    unit: str | None
    every: int
    of: PeriodUnit
    at: PartOfDay | None


@dataclass(frozen=True, slots=True)
class Period:
    """One `ereseptdosing`: first and last day (both inclusive, `None` not said), and its schedule where certain."""

    starts: date | None
    ends: date | None
    dose: Amount | None
    unit: str | None
    schedule: Simple | None


def periods_of(amendment: Element | None, systems: CodeSystems) -> list[Period]:
    """The dosing periods in their own order."""
    return [_period(p, systems) for p in amendment.extensions("ereseptdosing")] if amendment else []


def is_exact(amendment: Element | None) -> bool:
    """Whether one of the doses is to be given at its very moment (`accurate`, in M1 `GisEksakt`)."""
    doses = (
        [d for p in amendment.extensions("ereseptdosing") for d in p.extensions("repeatingdosage")] if amendment else []
    )
    return any(told.flag("valueBoolean") for dose in doses if (told := dose.extension("accurate")))


def dosage_of(periods: list[Period]) -> Dosage | None:
    """One dosage for all periods; `None` unless each is certain and they follow one another without overlap."""
    if not periods or any(p.schedule is None for p in periods):
        return None
    if len(periods) == 1:
        only = periods[0]
        return Dosage(dose=only.dose, unit=only.unit, schedule=only.schedule, starts=only.starts, ends=only.ends)
    if len({p.unit for p in periods}) != 1 or not _in_order(periods):
        return None
    steps = tuple(Step(StepKind.GIVE, p.schedule, p.dose, starts=p.starts, ends=p.ends) for p in periods)
    return Dosage(unit=periods[0].unit, schedule=Steps(steps), starts=periods[0].starts, ends=periods[-1].ends)


def last_day(periods: list[Period]) -> date | None:
    """The last day of the treatment; `None` where any period is open."""
    ends = [p.ends for p in periods]
    return max((e for e in ends if e), default=None) if all(ends) else None


def _in_order(periods: list[Period]) -> bool:
    return all(a.ends and b.starts and a.ends < b.starts for a, b in pairwise(periods))


def _period(told: Element, systems: CodeSystems) -> Period:
    start, end = told.extension("starttime"), told.extension("endtime")
    until = _day(end)
    parts = [_part(r, systems) for r in told.extensions("repeatingdosage")]
    known = told.extension_names() <= _PERIOD_FIELDS
    dose, unit, schedule = _schedule(parts) if known else (None, None, None)
    return Period(_day(start), day_before(until) if until else None, dose, unit, schedule)


def _day(extension: Element | None) -> date | None:
    return (extension.day("valueDate") or extension.day("valueDateTime")) if extension else None


def _part(told: Element, systems: CodeSystems) -> _Part | None:
    if not told.extension_names() <= _DOSE_FIELDS or _contradicted(told.extension("timerange")):
        return None
    amount, interval, timerange = (told.extension(n) for n in ("amount", "interval", "timerange"))
    dose, rate = (e.one("valueQuantity") if e else None for e in (amount, interval))
    value, every = (q.number("value") if q else None for q in (dose, rate))
    unit = systems.unit_of(dose.text("unit")) if dose else None
    of = _INTERVALS.get((rate.text("unit") or "").lower()) if rate else None
    at = _PARTS.get(timerange.code("valueCodeableConcept") or "") if timerange else None
    if value is None or value <= 0 or every is None or of is None or unit is None or (timerange and at is None):
        return None
    if every != every.to_integral_value() or not 0 < every < _MOST:
        return None
    return _Part(Amount(value, value), unit, int(every), of, at)


def _contradicted(timerange: Element | None) -> bool:
    """Whether a part of the day is named by the code of one and the word of another."""
    named = [(c.value, c.text.lower()) for c in timerange.codings("valueCodeableConcept")] if timerange else []
    return any(word in _PART_WORDS.values() and word != _PART_WORDS.get(code) for code, word in named)


_Scheduled = tuple[Amount | None, str | None, Simple | None]


def _schedule(told: list[_Part | None]) -> _Scheduled:
    parts = [p for p in told if p]
    nothing = (None, None, None)
    if not parts or len(parts) != len(told) or len({p.unit for p in parts}) != 1:
        return nothing
    if all((p.every, p.of) == (1, PeriodUnit.DAY) and p.at for p in parts):
        return _in_slots(parts)
    return _alone(parts[0]) if len(parts) == 1 else nothing


def _in_slots(parts: list[_Part]) -> _Scheduled:
    amounts = {p.at: p.amount for p in parts}
    if len(amounts) != len(parts):
        return None, None, None
    return None, parts[0].unit, Slots(tuple((at, amounts[at]) for at in PartOfDay if at in amounts))


def _alone(part: _Part) -> _Scheduled:
    if part.at and part.of is PeriodUnit.HOUR:
        return None, None, None
    if (part.every, part.of) == (1, PeriodUnit.DAY):
        return part.amount, part.unit, PerDay(1, 1)
    return part.amount, part.unit, Every(part.every, part.every, part.of, at=part.at)
