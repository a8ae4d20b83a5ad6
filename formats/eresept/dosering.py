"""Structured dosing (`Dosering` of Forskrivning) -> `Dosage`, by the same conventions as dosing text is read.

What the structure says beyond what a `Dosage` can hold is not forced into it: the caller keeps the element as unread,
and the source's own words stand beside it either way. Weeks do not occur; intervals come in the units of list 9088.
"""

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from formats.dates import read_day, read_moment
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
from formats.node import Node, read_number
from formats.remembered import by_content

_DAY = list(PartOfDay)
_PARTS = dict(zip("123456", PartOfDay, strict=False))  # code list 8325 in its own order
_DAYS = dict(zip("1234567", Weekday, strict=True))  # code list 9082, Monday first
_UNITS = {
    "depottablett": "tablett",
    "enterotablett": "tablett",
    "brusetablett": "tablett",
    "tyggetablett": "tablett",
    "sugetablett": "tablett",
    "bukkaltablett": "tablett",
    "tyggekapsel": "kapsel",
    "ie": "E",
    "iu": "E",
    "e": "E",
    "enhet": "E",
    "stk": None,
    "(ingen)": None,
    "(ikke angitt)": None,
    "": None,
}
_PERIODS = {
    "døgn": (PeriodUnit.DAY, 1),
    "dag": (PeriodUnit.DAY, 1),
    "uke": (PeriodUnit.DAY, 7),
    "time": (PeriodUnit.HOUR, 1),
    "måned": (PeriodUnit.MONTH, 1),
    "år": (PeriodUnit.MONTH, 12),
}
_HOURS_A_DAY = 24
_Moment = TypeVar("_Moment", PartOfDay, time)


class NotUnderstoodError(Exception):
    """The structure says something a `Dosage` has no place for."""


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


@lru_cache(maxsize=1024)
def dosing_unit(text: str) -> str | None:
    """A dosing unit as messages write it (list 7480) in the one canonical form; `None` where none is said."""
    word = " ".join(text.casefold().split())
    return _UNITS.get(word, word) if word != "e" else "E"


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
    starts, ends = _boundary(node, "Starttidspunkt"), _boundary(node, "Sluttidspunkt")
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


def _boundary(node: Node, name: str) -> date | None:
    """First or last day; kith TS allows years and months too, which are no day."""
    said = node.v(name)
    day = read_day(said) if said else None
    if said and day is None:
        raise NotUnderstoodError
    return day


@by_content
def _given(node: Node) -> _Given:
    if node.one("Infusjonshastighet") is not None:
        raise NotUnderstoodError
    amount, unit = _quantity(node.one("Mengde"))
    every = node.one("Intervall")
    fast = node.one("FastDose")
    on, off = (fast.number("DagerPa"), fast.number("DagerAv")) if fast else (None, None)
    most = node.one("DoseDognMaks")
    ceiling, ceiling_unit = _quantity(most) if most else (None, unit)
    if ceiling_unit not in {None, unit}:
        raise NotUnderstoodError
    return _Given(
        Amount.of(amount),
        unit,
        _apart(node, amount) or (_interval(every) if every else None),
        _moment_of_day(node),
        tuple(_weekday(n) for n in fast.all("FasteUkedager")) if fast else (),
        (int(on), int(off)) if on and off else None,
        ceiling or None,
        node.flag("GisEksakt") is True,
    )


def _apart(node: Node, amount: Decimal) -> tuple[int, PeriodUnit] | None:
    """How far apart as-needed doses must be: said outright, or as one dose being the most in a length of time."""
    least, most, span = node.one("DoseIntervallMin"), node.one("DoseTidsromMaks"), node.one("Tidsrom")
    if least is not None and least.attr("U").casefold() in _PERIODS and read_number(least.attr("V")):
        return _interval(least)
    limit = read_number(most.attr("V")) if most else None
    if not limit or span is None:
        return None
    if limit != amount:
        raise NotUnderstoodError
    return _interval(span)


def _quantity(node: Node | None) -> tuple[Decimal, str | None]:
    amount = read_number(node.attr("V")) if node else None
    if node is None or amount is None or amount < 0:
        raise NotUnderstoodError
    return amount.normalize() + 0, dosing_unit(node.attr("U"))


def _interval(node: Node) -> tuple[int, PeriodUnit] | None:
    count, unit = read_number(node.attr("V")), node.attr("U").casefold()
    if not count:
        return None
    if unit not in _PERIODS or count != count.to_integral_value() or count < 0:
        raise NotUnderstoodError
    period, factor = _PERIODS[unit]
    return int(count) * factor, period


def _moment_of_day(node: Node) -> PartOfDay | time | None:
    clock, part = node.text("Klokkeslett"), node.v("Tidsomrade")
    if clock:
        moment = read_moment(f"2000-01-01T{clock}")
        if moment is None:
            raise NotUnderstoodError
        return moment.time()
    if part and part not in _PARTS:
        raise NotUnderstoodError
    return _PARTS[part] if part else None


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
    daily = all(g.every in {None, (1, PeriodUnit.DAY), (_HOURS_A_DAY, PeriodUnit.HOUR)} for g in given)
    if not daily:
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
    if not all(g.days and g.cycle is None for g in given) or len({g.at for g in given}) > 1:
        raise NotUnderstoodError
    pairs = [(day, g.amount) for g in given for day in g.days]
    if len({day for day, _ in pairs}) < len(pairs):
        raise NotUnderstoodError
    amounts = dict(pairs)
    return Weekdays(tuple((day, amounts[day]) for day in Weekday if day in amounts), given[0].at)


def _cycle(given: tuple[_Given, ...]) -> tuple[Amount | None, Simple]:
    amounts, cycles = {g.amount for g in given}, {g.cycle for g in given}
    cycle = cycles.pop()
    if cycles or cycle is None or len(amounts) > 1 or not all(g.at is None for g in given):
        raise NotUnderstoodError
    return amounts.pop(), Cycle(cycle[0], cycle[1], PerDay(len(given), len(given)))


def _every(one: _Given) -> Every:
    count, unit = one.every or (1, PeriodUnit.DAY)
    return Every(count, count, unit, at=one.at)
