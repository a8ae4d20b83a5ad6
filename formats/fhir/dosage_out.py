"""Our `Dosage` -> FHIR R4 Dosage elements. The text is always there; the timing only where FHIR can say the same.

What FHIR can't say without saying something else (at most N a day, cycles, amounts in turn) stays text. Parts of the
day are `when` codes for code list 8325; ends are inclusive, as in ours.
"""

from datetime import date, time
from decimal import Decimal
from typing import TypeVar

from formats.dosing import (
    Amount,
    AsNeeded,
    Clock,
    Dosage,
    Duration,
    Every,
    FixedPlusNeeded,
    Once,
    PartOfDay,
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

Json = dict[str, object]
K = TypeVar("K")

WHEN = {
    PartOfDay.MORNING: "MORN",
    PartOfDay.FORENOON: "MORN.late",
    PartOfDay.NOON: "NOON",
    PartOfDay.AFTERNOON: "AFT",
    PartOfDay.EVENING: "EVE",
    PartOfDay.NIGHT: "NIGHT",
    PartOfDay.BEDTIME: "HS",
}
_DAYS = dict(zip(Weekday, ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), strict=True))
_UCUM = {"ml": "mL", "mg": "mg", "g": "g", "mikrog": "ug"}
_UCUM_SYSTEM = "http://unitsofmeasure.org"


def dosage_elements(text: str, dosage: Dosage | None, *, needed: bool = False) -> list[Json]:
    """The Dosage elements of one line: one for each step, several with one sequence number where they go together.

    `needed`: the line is as needed, whatever the structure says. An empty text and no structure gives an empty list.
    """
    if dosage is None:
        told: Json = {"sequence": 1, "text": text} | ({"asNeededBoolean": True} if needed else {})
        return [told] if text else []
    if isinstance(dosage.schedule, Steps):
        return [e for n, s in enumerate(dosage.schedule.steps, 1) for e in _step(n, s, text, dosage)]
    return _elements(1, text, dosage, needed=needed)


def _step(number: int, step: Step, text: str, dosage: Dosage) -> list[Json]:
    if step.kind is not StepKind.GIVE or step.schedule is None:
        return [{"sequence": number, "text": text}]
    alone = Dosage(
        dose=step.dose,
        unit=dosage.unit,
        schedule=step.schedule,
        duration=step.length,
        starts=step.starts,
        ends=step.ends,
    )
    return _elements(number, text, alone, needed=False)


def _elements(number: int, text: str, dosage: Dosage, *, needed: bool) -> list[Json]:
    parts = _parts(dosage.schedule, dosage.dose)
    bounds = _bounds(dosage)
    found = []
    for amount, repeat, prn in parts:
        told: Json = {"sequence": number, "text": text or "-"}
        if repeat or bounds:
            told["timing"] = {"repeat": bounds | repeat}
        if prn or needed or dosage.prn:
            told["asNeededBoolean"] = True
        if amount:
            told["doseAndRate"] = [_dose(amount, dosage.unit)]
        if dosage.ceiling:
            told["maxDosePerPeriod"] = {
                "numerator": quantity(dosage.ceiling.amount, dosage.ceiling.unit or dosage.unit),
                "denominator": {"value": 24, "unit": "h", "system": _UCUM_SYSTEM, "code": "h"},
            }
        found.append(told)
    return found


def _parts(  # noqa: PLR0911 - one for each kind of schedule
    schedule: Schedule | None, dose: Amount | None
) -> list[tuple[Amount | None, Json, bool]]:
    """(amount, timing.repeat, as needed) of everything that goes on at the same time."""
    match schedule:
        case Slots(amounts):
            return [(a, _daily("when", [WHEN[p] for p in at]), False) for a, at in _grouped(amounts)]
        case Clock(clock):
            return [(a, _daily("timeOfDay", [t.isoformat() for t in at]), False) for a, at in _grouped(clock)]
        case Weekdays(days, at):
            return [(a, _weekly([_DAYS[d] for d in on]) | _at(at), False) for a, on in _grouped(days)]
        case FixedPlusNeeded(fixed, needed, needed_dose):
            return [*_parts(fixed, dose), *((a, r, True) for a, r, _ in _parts(needed, needed_dose))]
        case AsNeeded():
            return [(dose, {}, True)]
        case PerDay() | Every() | Once():
            return [(dose, _repeat(schedule), False)]
        case _:
            return [(dose, {}, False)]


def _grouped(amounts: tuple[tuple[K, Amount | None], ...]) -> list[tuple[Amount | None, list[K]]]:
    grouped: dict[Amount | None, list[K]] = {}
    for key, amount in amounts:
        grouped.setdefault(amount, []).append(key)
    return list(grouped.items())


def _daily(name: str, moments: list[str]) -> Json:
    return {"frequency": len(moments), "period": 1, "periodUnit": "d", name: moments}


def _weekly(days: list[str]) -> Json:
    return {"frequency": len(days), "period": 1, "periodUnit": "wk", "dayOfWeek": days}


def _at(at: PartOfDay | time | None) -> Json:
    if at is None:
        return {}
    return {"timeOfDay": [at.isoformat()]} if isinstance(at, time) else {"when": [WHEN[at]]}


def _repeat(schedule: PerDay | Every | Once) -> Json:
    match schedule:
        case Once():
            return {"count": 1}
        case PerDay(low, high):
            return _times(low, high) | {"period": 1, "periodUnit": "d"} if low and high else {}
        case Every(low, high, unit, times, turns, at):
            if turns or (times and not times[0]):
                return {}
            rate = _times(*times) if times else {"frequency": 1}
            longest = {"periodMax": high} if high > low else {}
            return rate | {"period": low, "periodUnit": unit.value} | longest | _at(at)


def _times(low: int, high: int) -> Json:
    told: Json = {"frequency": low}
    return told | ({"frequencyMax": high} if high > low else {})


def _bounds(dosage: Dosage) -> Json:
    if dosage.starts or dosage.ends:
        return {"boundsPeriod": period(dosage.starts, dosage.ends)}
    return _length(dosage.duration) if dosage.duration else {}


def _length(length: Duration) -> Json:
    unit = {"unit": length.unit.value, "system": _UCUM_SYSTEM, "code": "mo" if length.unit is PeriodUnit.MONTH else "d"}
    if length.low == length.high:
        return {"boundsDuration": {"value": length.high} | unit}
    return {"boundsRange": {"low": {"value": length.low} | unit, "high": {"value": length.high} | unit}}


def period(start: date | None, end: date | None) -> Json:
    """A Period; both ends inclusive. An end before its start is left out: FHIR forbids it, and it says nothing."""
    told: Json = {"start": start.isoformat()} if start else {}
    if end and not (start and end < start):
        told["end"] = end.isoformat()
    return told


def _dose(amount: Amount, unit: str | None) -> Json:
    if amount.low == amount.high:
        return {"doseQuantity": quantity(amount.low, unit)}
    return {"doseRange": {"low": quantity(amount.low, unit), "high": quantity(amount.high, unit)}}


def quantity(value: Decimal, unit: str | None) -> Json:
    """A Quantity: the number, our unit word, and its UCUM code where there is one."""
    told: Json = {"value": int(value) if value == value.to_integral_value() else float(value)}
    if unit:
        told["unit"] = unit
    if unit in _UCUM:
        told |= {"system": _UCUM_SYSTEM, "code": _UCUM[unit]}
    return told
