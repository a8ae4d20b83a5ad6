"""Structured dosing (`Dosering` of Forskrivning) -> `Dosage`, by the same conventions as dosing text is read.

What the structure says beyond what a `Dosage` can hold is not forced into it: the caller keeps the element as unread,
and the source's own words stand beside it either way. Weeks do not occur; intervals come in the units of list 9088.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from formats.dates import day_of, last_day_before, read_day, read_moment
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
    PartOfDay,
    PerDay,
    PeriodUnit,
    Simple,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekday,
    Weekdays,
)
from formats.eresept.dose_parts import (
    DAILY,
    WEEKLY,
    NotUnderstoodError,
    apart,
    days_on_and_off,
    interval,
    quantity,
    rhythm,
)
from formats.node import Node
from formats.remembered import by_content

_DAY = list(PartOfDay)
_PARTS = dict(zip("123456", PartOfDay, strict=False))  # code list 8325 in its own order
_DAYS = dict(zip("1234567", Weekday, strict=True))  # code list 9082, Monday first
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d+)?)(?:\+0[12]:00)?", re.ASCII)
"""A clock time as it is here, summer or winter; one at another offset is not the same all the year."""
_HOURS = {
    "1": range(4, 12), "2": range(6, 14), "3": range(10, 16), "4": range(11, 20), "5": (*range(16, 24), 0),
    "6": (*range(20, 24), *range(8)),
}  # fmt: skip
"""The hours that can be in a part of the day of list 8325: a clock time outside it contradicts it."""
_Moment = TypeVar("_Moment", PartOfDay, time)


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """One DoseFastTidspunkt or DoseEtterBehov, read. The same content gives the same object: see `by_content`."""

    amount: Amount
    unit: str | None
    every: tuple[int, PeriodUnit] | None
    at: PartOfDay | time | None
    days: tuple[Weekday, ...] = ()
    cycle: tuple[int, int] | None = None
    ceiling: Decimal | None = None
    exact: bool = False


def read_dosering(nodes: list[Node]) -> tuple[Dosage | None, bool]:
    """What all `Dosering` elements of one prescription say together, or `None` where they say nothing.

    Beside it, whether one of the doses is to be given at its very moment (`GisEksakt`).

    Raises:
        NotUnderstoodError: they say something that has no exact place in a `Dosage`.
        FormatError: an element is there twice that may be there once.
    """
    both = [_dosering(n) for n in nodes]
    return _together([dosage for dosage, _ in both]), any(exact for _, exact in both)


def _together(read: list[Dosage]) -> Dosage | None:
    if len(read) <= 1:
        return read[0] if read else None
    fixed, needed = [d for d in read if not d.prn], [d for d in read if d.prn]
    if len(fixed) == len(needed) == 1 and _same_time(fixed[0], needed[0]):
        return _fixed_plus_needed(fixed[0], needed[0])
    return _steps(read)


def _same_time(a: Dosage, b: Dosage) -> bool:
    return (a.starts, a.ends) == (b.starts, b.ends)


def _fixed_plus_needed(fixed: Dosage, needed: Dosage) -> Dosage:
    schedule, extra = fixed.schedule, needed.schedule
    if isinstance(schedule, Steps | FixedPlusNeeded | None) or not isinstance(extra, PerDay | Every | AsNeeded):
        raise NotUnderstoodError
    if needed.unit not in {None, fixed.unit}:
        raise NotUnderstoodError
    return replace(fixed, schedule=FixedPlusNeeded(schedule, extra, needed.dose), ceiling=needed.ceiling)


def _steps(read: list[Dosage]) -> Dosage:
    """Successive periods, in the order of their starts. Periods that overlap have no one reading."""
    if any(d.starts is None for d in read) or len({(d.unit, d.prn, d.ceiling) for d in read}) > 1:
        raise NotUnderstoodError
    ordered = sorted(read, key=lambda d: d.starts or date.min)
    for earlier, later in pairwise(ordered):
        if earlier.ends is None or later.starts is None or earlier.ends >= later.starts:
            raise NotUnderstoodError
    steps = []
    for one in ordered:
        if isinstance(one.schedule, Steps | FixedPlusNeeded):
            raise NotUnderstoodError
        length = Duration(days, days) if (days := _length(one)) else None
        steps.append(Step(StepKind.GIVE, one.schedule, one.dose, None, length, one.starts, one.ends))
    first, last = ordered[0], ordered[-1]
    return replace(first, dose=None, schedule=Steps(tuple(steps)), starts=first.starts, ends=last.ends)


def _length(one: Dosage) -> int | None:
    return (one.ends - one.starts).days + 1 if one.starts and one.ends else None


def _dosering(node: Node) -> tuple[Dosage, bool]:
    if node.one("Doseringsregel") is not None:
        raise NotUnderstoodError
    starts = _first_day(node)
    ends = _last_day(node, starts)
    fixed = tuple(_given(n) for n in node.all("DoseFastTidspunkt"))
    needed = tuple(_given(n) for n in node.all("DoseEtterBehov"))
    if bool(fixed) == bool(needed):
        raise NotUnderstoodError
    plan, exact = _plan(fixed, needed), any(g.exact for g in fixed)
    if not starts and not ends:
        return plan, exact
    dated = Dosage(  # `replace` takes four times as long, for every medicine
        dose=plan.dose, unit=plan.unit, schedule=plan.schedule, prn=plan.prn, ceiling=plan.ceiling,
        starts=starts, ends=ends,
    )  # fmt: skip
    return dated, exact


@lru_cache(maxsize=4096)
def _plan(fixed: tuple[_Given, ...], needed: tuple[_Given, ...]) -> Dosage:
    """What doses of one kind say together, apart from their first and last day. A few hundred are in all lists.

    It says dose, unit, schedule, whether as needed, and the ceiling; no more.
    """
    given = fixed or needed
    units = {g.unit for g in given}
    if len(units) > 1:
        raise NotUnderstoodError
    dose, schedule = _fixed(fixed) if fixed else _needed(needed)
    ceilings = {g.ceiling for g in given}
    if len(ceilings) > 1:
        raise NotUnderstoodError
    most = ceilings.pop()
    return Dosage(
        dose=dose,
        unit=units.pop(),
        schedule=schedule,
        prn=bool(needed),
        ceiling=Ceiling(most) if most else None,
    )


def _first_day(node: Node) -> date | None:
    """The day of `Starttidspunkt`; kith TS allows years and months too, which are no day."""
    said = node.v("Starttidspunkt")
    day = read_day(said) if said else None
    if said and day is None:
        raise NotUnderstoodError
    return day


def _last_day(node: Node, first: date | None) -> date | None:
    """The last day before `Sluttidspunkt`, which is no day of the dosing any more where it is a day alone.

    In the official samples "i 6 dager" is 17.07 to 23.07, "i 33 dager" 17.07 to 19.08, "i 15 døgn" 03.05 to 18.05, and
    the discontinuation on the second's last line is from 19.08 on; SFM gives the same figures, the end exclusive. One
    that ends on the day it begins is that day's.
    """
    said = node.v("Sluttidspunkt")
    if not said:
        return None
    over = read_moment(said)
    if over is None:
        raise NotUnderstoodError
    last = last_day_before(over)
    return first if first and last < first <= day_of(over) else last


@by_content
def _given(node: Node) -> _Given:
    if node.one("Infusjonshastighet") is not None:
        raise NotUnderstoodError
    amount, unit = quantity(node.one("Mengde"))
    every = node.one("Intervall")
    fast = node.one("FastDose")
    most = node.one("DoseDognMaks")
    ceiling, ceiling_unit = quantity(most) if most else (None, unit)
    if ceiling_unit not in {None, unit}:
        raise NotUnderstoodError
    return _Given(
        Amount.of(amount),
        unit,
        rhythm(apart(node, amount, unit), interval(every) if every else None),
        _moment_of_day(node),
        tuple(_weekday(n) for n in fast.all("FasteUkedager")) if fast else (),
        days_on_and_off(fast) if fast else None,
        ceiling or None,
        node.flag("GisEksakt") is True,
    )


def _moment_of_day(node: Node) -> PartOfDay | time | None:
    clock, part = node.text("Klokkeslett"), node.v("Tidsomrade")
    if part and part not in _PARTS:
        raise NotUnderstoodError
    if not clock:
        return _PARTS[part] if part else None
    said = _CLOCK.fullmatch(clock)
    moment = read_moment(f"2000-01-01T{said[1]}") if said else None
    if moment is None or (part and moment.hour not in _HOURS[part]):
        raise NotUnderstoodError
    return moment.time()


def _weekday(node: Node) -> Weekday:
    if node.attr("V") not in _DAYS:
        raise NotUnderstoodError
    return _DAYS[node.attr("V")]


def _needed(given: tuple[_Given, ...]) -> tuple[Amount | None, Simple]:
    if len(given) != 1 or given[0].at or given[0].days or given[0].cycle:
        raise NotUnderstoodError
    one = given[0]
    return one.amount, _every(one) if one.every and one.every != (1, PeriodUnit.DAY) else AsNeeded()


def _fixed(given: tuple[_Given, ...]) -> tuple[Amount | None, Simple]:
    if any(g.days for g in given):
        return None, _weekdays(given)
    if any(g.cycle for g in given):
        return _cycle(given)
    if not all(g.every in DAILY for g in given):
        if len(given) > 1:
            raise NotUnderstoodError
        return given[0].amount, _every(given[0])
    return _daily(given)


def _daily(given: tuple[_Given, ...]) -> tuple[Amount | None, Simple]:
    at = [g.at for g in given]
    if all(isinstance(a, PartOfDay) for a in at):
        return None, Slots(_in_order(given, _DAY))
    if all(isinstance(a, time) for a in at):
        return None, Clock(_in_order(given, sorted({a for a in at if isinstance(a, time)})))
    amounts = {g.amount for g in given}
    if any(at) or len(amounts) > 1:
        raise NotUnderstoodError
    return amounts.pop(), PerDay(len(given), len(given))


def _in_order(given: tuple[_Given, ...], order: list[_Moment]) -> tuple[tuple[_Moment, Amount | None], ...]:
    found = {g.at: g.amount for g in given if g.amount.high}
    if len({g.at for g in given}) < len(given) or not found:
        raise NotUnderstoodError
    return tuple((moment, found[moment]) for moment in order if moment in found)


def _weekdays(given: tuple[_Given, ...]) -> Weekdays:
    if not all(g.days and g.cycle is None and g.every in WEEKLY for g in given) or len({g.at for g in given}) > 1:
        raise NotUnderstoodError
    pairs = [(day, g.amount) for g in given for day in g.days]
    if len({day for day, _ in pairs}) < len(pairs):
        raise NotUnderstoodError
    amounts = dict(pairs)
    return Weekdays(tuple((day, amounts[day]) for day in Weekday if day in amounts), given[0].at)


def _cycle(given: tuple[_Given, ...]) -> tuple[Amount | None, Simple]:
    amounts, cycles = {g.amount for g in given}, {g.cycle for g in given}
    cycle = cycles.pop()
    if cycles or cycle is None or len(amounts) > 1 or not all(g.at is None and g.every in DAILY for g in given):
        raise NotUnderstoodError
    return amounts.pop(), Cycle(cycle[0], cycle[1], PerDay(len(given), len(given)))


def _every(one: _Given) -> Every:
    count, unit = one.every or (1, PeriodUnit.DAY)
    return Every(count, count, unit, at=one.at)
