"""From a dosage as said to the dose of a day: in milligrams where the strength is known, in parts, by interval class.

A strength or a unit is never guessed, and a step of a plan is found by its dates only.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from functools import lru_cache

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Cycle,
    Dosage,
    Duration,
    Every,
    FixedPlusNeeded,
    Once,
    PerDay,
    PeriodUnit,
    Schedule,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekday,
    Weekdays,
)
from formats.drug import Quantity
from rules.dosing import EACH, Dose, Moment, Part, interval_of
from rules.tables.intervals import Interval

MONTH_DAYS = Decimal("30.4375")
"""Days in a month, as the dosing conventions count (section 32)."""

_MASS = {"mg": Decimal(1), "g": Decimal(1000), "mikrog": Decimal("0.001")}
_OWN = frozenset({"E", "mmol", "mill E"})
_NOT_PIECES = frozenset({"ml", "dråpe", "teskje", "barneskje", "spiseskje"})
_DAY = Decimal(1)
_WEEK = Decimal(7)
_HOURS = Decimal(24)


@dataclass(frozen=True, slots=True)
class Measure:
    """What one counted unit is in mass or effect: a factor and a unit for each substance."""

    units: tuple[str, ...]
    factors: tuple[Decimal, ...]
    by_mass: bool


@lru_cache(maxsize=4096)
def measure(unit: str | None, strengths: tuple[Quantity, ...]) -> Measure:
    """How to compare amounts in `unit` of a product with these strengths; never by guessing a strength or a unit."""
    if unit in _MASS:
        return Measure(("mg",), (_MASS[unit],), by_mass=True)
    if unit in _OWN:
        return Measure((unit,), (_DAY,), by_mass=True)
    told = [_per_unit(strength, unit) for strength in strengths]
    if told and all(told):
        return Measure(tuple(t[0] for t in told if t), tuple(t[1] for t in told if t), by_mass=True)
    return Measure((unit or "",), (_DAY,), by_mass=False)


def _per_unit(strength: Quantity, unit: str | None) -> tuple[str, Decimal] | None:
    base, _, per = strength.unit.partition("/")
    fits = (
        (per == "" and unit not in _NOT_PIECES)
        or (per == "ml" and unit == "ml")
        or (per == "dose" and unit in {None, "dose", "inhalasjon", "spray"})
    )
    if (per == "time" or per.endswith(" timer")) and unit in {None, "plaster"}:
        return f"{base}/{per}", strength.value
    if not fits:
        return None
    if base in _MASS:
        return "mg", strength.value * _MASS[base]
    return (base, strength.value) if base in _OWN else None


def _scaled(amount: Amount, factors: tuple[Decimal, ...]) -> tuple[Amount, ...]:
    return tuple(Amount(amount.low * f, amount.high * f) for f in factors)


def simple_dose(dosage: Dosage, strengths: tuple[Quantity, ...]) -> Dose | None:
    """The dose in a dosage without steps, in mass where the strength is known; `None` where no part can be told.

    Dates, length and which side take no part: one object for all that say the same schedule and amounts.
    """
    d = dosage
    told = _by_parts(d.schedule, d.dose, d.unit, d.ceiling, strengths, prn=d.prn, per_side=d.per_side)
    where = (
        f"{EACH} {d.site or 'sted'}" if d.per_side else f"i {d.side} {d.site}" if d.side and d.site else d.side or ""
    )
    return _there(told, where) if told and where else told


@lru_cache(maxsize=1024)
def _there(dose: Dose, where: str) -> Dose:
    return replace(dose, where=where)


@lru_cache(maxsize=8192)
def _by_parts(
    schedule: Schedule | None,
    dose: Amount | None,
    unit: str | None,
    ceiling: Ceiling | None,
    strengths: tuple[Quantity, ...],
    *,
    prn: bool,
    per_side: bool,
) -> Dose | None:
    dosage = Dosage(dose=dose, unit=unit, schedule=schedule, prn=prn, ceiling=ceiling, per_side=per_side)
    known = measure(dosage.unit, strengths)
    sides = Decimal(2) if dosage.per_side else _DAY
    if isinstance(schedule, FixedPlusNeeded):
        fixed = _part(schedule.fixed, dosage.dose, known, sides, None)
        needed = _part(schedule.needed, schedule.needed_dose, known, sides, _ceiling(dosage, known))
        return _dose(dosage, known, fixed, _as_needed(needed))
    if schedule is None or isinstance(schedule, Steps):
        return None
    part = _part(schedule, dosage.dose, known, sides, _ceiling(dosage, known))
    if dosage.prn or isinstance(schedule, AsNeeded):
        return _dose(dosage, known, None, _as_needed(part))
    return _dose(dosage, known, part, None)


def _dose(dosage: Dosage, known: Measure, fixed: Part | None, needed: Part | None) -> Dose:
    most = _ceiling(dosage, known)
    return Dose(
        fixed=fixed,
        prn=needed,
        units=known.units,
        by_mass=known.by_mass,
        piece=dosage.unit or "",
        unlimited=needed is not None and needed.per_day is None,
        ceiling=None if most is None else tuple(most * factor for factor in known.factors),
    )


def _as_needed(part: Part) -> Part:
    """As needed can be none at all: the low end of a day is 0, and there is no interval class."""
    zero = Decimal(0)
    return replace(
        part,
        interval=None,
        per_day=tuple(Amount(zero, a.high) for a in part.per_day) if part.per_day else None,
        pieces_per_day=Amount(zero, part.pieces_per_day.high) if part.pieces_per_day else None,
    )


def _ceiling(dosage: Dosage, known: Measure) -> Decimal | None:
    """The ceiling in counted units; `None` where it is not said or in a unit that can't be turned into them."""
    ceiling = dosage.ceiling
    if ceiling is None:
        return None
    if ceiling.unit is None or ceiling.unit == dosage.unit:
        return ceiling.amount
    if ceiling.unit in _MASS and known.units == ("mg",) and known.factors[0]:
        return ceiling.amount * _MASS[ceiling.unit] / known.factors[0]
    return ceiling.amount if dosage.unit is None and not known.by_mass else None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A schedule as arithmetic: how many times per period, its class, the sum of a period where amounts differ."""

    times: tuple[Decimal, Decimal] | None
    period: Decimal
    interval: Interval | None
    moments: tuple[tuple[Moment, Amount | None], ...] = ()
    total: Amount | None = None
    dose: Amount | None = None
    weekdays: tuple[Weekday, ...] = ()


def _part(schedule: Schedule, dose: Amount | None, known: Measure, sides: Decimal, ceiling: Decimal | None) -> Part:
    plan = _plan_of(schedule)
    total = plan.total
    own_amounts = total is not None or any(amount for _, amount in plan.moments)
    pieces = plan.dose if own_amounts else dose
    if not own_amounts and pieces and plan.times:
        total = Amount(pieces.low * plan.times[0], pieces.high * plan.times[1])
    day = Amount(total.low * sides / plan.period, total.high * sides / plan.period) if total and plan.period else None
    per_day = None
    if ceiling is not None and (day is None or day.high > ceiling):
        day = Amount(min(day.low, ceiling) if day else Decimal(0), ceiling)
        per_day = _scaled(day, known.factors)
    elif total and plan.period:  # divided last: a seventh of a syringe in milligrams is a seventh of its milligrams
        whole = _scaled(Amount(total.low * sides, total.high * sides), known.factors)
        per_day = tuple(Amount(a.low / plan.period, a.high / plan.period) for a in whole)
    return Part(
        pieces=pieces,
        per_time=_scaled(pieces, known.factors) if pieces else None,
        times=plan.times,
        period=plan.period,
        interval=plan.interval,
        per_day=per_day,
        pieces_per_day=day,
        moments=plan.moments,
        weekdays=plan.weekdays,
    )


def _plan_of(schedule: Schedule) -> _Plan:
    match schedule:
        case PerDay(low=low, high=high):
            times = None if low is None or high is None else (Decimal(low), Decimal(high))
            return _Plan(times, _DAY, Interval.DAY)
        case Slots(amounts=amounts) | Clock(amounts=amounts):
            return _listed(amounts, _DAY, Interval.DAY, amounts)
        case Weekdays(amounts=amounts, at=at):
            daily = len(amounts) == len(Weekday)
            moments = ((at, None),) if at else ()
            told = _listed(amounts, _WEEK, Interval.DAY if daily else Interval.WEEK, moments)
            return told if daily else replace(told, weekdays=tuple(day for day, _ in amounts))
        case Every():
            return _every(schedule)
        case Cycle(on=on, off=off, inner=inner):
            days = Decimal(on)
            times = None if inner.low is None or inner.high is None else (inner.low * days, inner.high * days)
            return _Plan(times, days + off, interval_of(days + off) if off else Interval.DAY)
        case _:
            return _Plan((_DAY, _DAY) if isinstance(schedule, Once) else None, Decimal(0), None)


def _listed(
    amounts: tuple[tuple[object, Amount | None], ...],
    period: Decimal,
    interval: Interval,
    moments: tuple[tuple[Moment, Amount | None], ...],
) -> _Plan:
    said = [amount for _, amount in amounts]
    known = [a for a in said if a]
    whole = len(known) == len(said)
    same = known[0] if known and whole and len(set(known)) == 1 else None
    total = Amount(sum((a.low for a in known), Decimal(0)), sum((a.high for a in known), Decimal(0))) if whole else None
    count = Decimal(len(said))
    return _Plan((count, count), period, interval, moments, total if known else None, same)


def _every(schedule: Every) -> _Plan:
    unit = {PeriodUnit.HOUR: _DAY / _HOURS, PeriodUnit.DAY: _DAY, PeriodUnit.MONTH: MONTH_DAYS}[schedule.unit]
    if schedule.unit is PeriodUnit.HOUR and schedule.high <= _HOURS:
        return _Plan((_HOURS / schedule.high, _HOURS / schedule.low), _DAY, Interval.DAY, _at(schedule))
    period = schedule.low * unit
    if schedule.turns:
        total = Amount(
            sum((a.low for a in schedule.turns), Decimal(0)), sum((a.high for a in schedule.turns), Decimal(0))
        )
        each_day = len(schedule.turns) >= period and all(a.low > 0 for a in schedule.turns)
        count = Decimal(len(schedule.turns))
        interval = Interval.DAY if each_day else interval_of(period)
        return _Plan((count, count), period, interval, _at(schedule), total)
    low, high = schedule.times or (1, 1)
    between = period if period <= _WEEK else period / low  # twice a year is every half year; twice a week is of a week
    interval = Interval.DAY if low >= period else interval_of(between)
    widest = Decimal(schedule.low) / Decimal(schedule.high)
    return _Plan((low * widest, Decimal(high)), period, interval, _at(schedule))


def _at(schedule: Every) -> tuple[tuple[Moment, Amount | None], ...]:
    return ((schedule.at, None),) if schedule.at else ()


# --- plans ------------------------------------------------------------------------------------------------------


def days_of(length: Duration | None, start: date) -> int | None:
    """Days of a length that begins on `start`; a month ends on the same day of the month, at most its last.

    `None` where it is not one length, or reaches past the last year there is.
    """
    if length is None or length.low != length.high:
        return None
    if length.unit is not PeriodUnit.MONTH:
        return length.low
    years, month = divmod(start.month - 1 + length.low, 12)
    if start.year + years > MAXYEAR:
        return None
    last = monthrange(start.year + years, month + 1)[1]
    return (date(start.year + years, month + 1, min(start.day, last)) - start).days


def dose_today(dosage: Dosage, strengths: tuple[Quantity, ...], *, today: date, plan_start: date | None) -> Dose | None:
    """The dose of `today`: the dosage itself, or the step of its plan that today falls in.

    `plan_start` is the first day of the first step where the steps carry no dates. In a step that is held, and on a day
    between two dated steps, it is none at all. `None` where today's dose can't be told: before the plan, after its last
    dated step, in a step that is stopped or only a change.
    """
    if not isinstance(dosage.schedule, Steps):
        return simple_dose(dosage, strengths)
    start = dosage.starts or plan_start
    over: date | None = None
    for step in dosage.schedule.steps:
        first = step.starts or start
        if first is None:
            return None
        if today < first:
            return _none_given(dosage, strengths, since=over) if over and over <= today else None
        days = days_of(step.length, first)
        last = step.ends or (first + timedelta(days=days - 1) if days is not None else None)
        if last is None or today <= last:
            return _of_step(step, dosage, strengths, first)
        start = over = last + timedelta(days=1)
    return None


def _of_step(step: Step, dosage: Dosage, strengths: tuple[Quantity, ...], first: date) -> Dose | None:
    if step.kind is StepKind.HOLD:
        return _none_given(dosage, strengths, since=first)
    if step.kind is not StepKind.GIVE or step.schedule is None:
        return None
    whole = replace(dosage, schedule=step.schedule, dose=step.dose or dosage.dose)
    dose = simple_dose(whole, strengths)
    return replace(dose, plan=True, since=first) if dose else None


def _none_given(dosage: Dosage, strengths: tuple[Quantity, ...], since: date) -> Dose:
    """A day of a plan on which nothing is given: zero a day, which another source's dose can be held against."""
    known = measure(dosage.unit, strengths)
    zero = Amount(Decimal(0), Decimal(0))
    day = _scaled(zero, known.factors)
    part = Part(
        pieces=None,
        per_time=None,
        times=None,
        period=_DAY,
        interval=Interval.DAY,
        per_day=day,
        pieces_per_day=zero,
    )
    return replace(_dose(dosage, known, part, None), plan=True, since=since, ceiling=None)
