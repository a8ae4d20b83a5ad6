"""FHIR R4 Dosage -> our `Dosage`, only where all of it is understood; else `None`, and the words alone speak.

A wrong structure is worse than none: anything that limits or moves a dose and is not understood here (offsets, rates,
events, a maximum per lifetime, meal times, counts without a frequency) makes the whole dosage words only.
Source: FHIR R4 datatypes Dosage and Timing; fhir.md 2 (one dose told three ways) and 3 (sequence).
"""

from datetime import date, time
from decimal import Decimal

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Dosage,
    Duration,
    Every,
    Once,
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
from formats.drug import Quantity
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element

_MASSES = frozenset({"mg", "g", "mikrog", "E"})
_PREFERRED = ("admin-amount", "ordered", "calculated")
_KNOWN = frozenset(
    {
        *("sequence", "text", "patientInstruction", "additionalInstruction", "timing", "asNeededBoolean", "route"),
        *("asNeededCodeableConcept", "method", "doseAndRate", "maxDosePerPeriod", "id", "extension"),
    }
)
_KNOWN_REPEAT = frozenset(
    {
        *("frequency", "frequencyMax", "period", "periodMax", "periodUnit", "timeOfDay", "when", "dayOfWeek", "count"),
        *("boundsPeriod", "boundsDuration", "boundsRange"),
    }
)
_WHEN = {
    "MORN": PartOfDay.MORNING,
    "MORN.early": PartOfDay.MORNING,
    "MORN.late": PartOfDay.FORENOON,
    "NOON": PartOfDay.NOON,
    "AFT": PartOfDay.AFTERNOON,
    "EVE": PartOfDay.EVENING,
    "NIGHT": PartOfDay.NIGHT,
    "HS": PartOfDay.BEDTIME,
}
_DAYS = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), Weekday, strict=True))
_UNITS = {"h": (1, PeriodUnit.HOUR), "d": (1, PeriodUnit.DAY), "wk": (7, PeriodUnit.DAY), "mo": (1, PeriodUnit.MONTH)}
_CODES: dict[str, Simple] = {
    "QD": PerDay(1, 1),
    "BID": PerDay(2, 2),
    "TID": PerDay(3, 3),
    "QID": PerDay(4, 4),
    "QOD": Every(2, 2, PeriodUnit.DAY),
    "Q1H": Every(1, 1, PeriodUnit.HOUR),
    "Q2H": Every(2, 2, PeriodUnit.HOUR),
    "Q3H": Every(3, 3, PeriodUnit.HOUR),
    "Q4H": Every(4, 4, PeriodUnit.HOUR),
    "Q6H": Every(6, 6, PeriodUnit.HOUR),
    "Q8H": Every(8, 8, PeriodUnit.HOUR),
    "WK": Every(7, 7, PeriodUnit.DAY),
    "MO": Every(1, 1, PeriodUnit.MONTH),
}
_MOST = 1000


class Unclear(Exception):  # noqa: N818 - not an error of the message: a dosage that only its words tell
    """Something in the dosage is not understood."""


def dosage_of(dosages: list[Element], systems: CodeSystems) -> Dosage | None:
    """One dosage for all the Dosage elements of a resource, `None` unless every part is certain."""
    if not dosages:
        return None
    try:
        parts = [(d.number("sequence"), _one(d, systems)) for d in dosages]
        if len(parts) == 1:
            return parts[0][1]
        numbers = [n for n, _ in parts]
        if None not in numbers and len(set(numbers)) == len(numbers):
            return _in_sequence([d for _, d in sorted(parts, key=lambda p: p[0] or Decimal(0))])
        return _side_by_side([d for _, d in parts])
    except Unclear:
        return None


def _one(dosage: Element, systems: CodeSystems) -> Dosage:
    if set(dosage.value) - _KNOWN or dosage.value.get("extension") or _limited(dosage):
        raise Unclear
    amount, unit = _amount(dosage, systems)
    timing = dosage.one("timing")
    prn = dosage.flag("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage.value
    schedule = _schedule(timing, amount) if timing else None
    starts, ends, duration = _bounds(timing)
    if schedule is None and prn:
        schedule = AsNeeded()
    if schedule is None or (amount is None and not prn):
        raise Unclear
    inside = isinstance(schedule, Slots | Clock | Weekdays)
    return Dosage(
        dose=None if inside else amount,
        unit=unit,
        schedule=schedule,
        prn=prn,
        ceiling=_ceiling(dosage, unit, systems),
        duration=duration,
        starts=starts,
        ends=ends,
    )


def _limited(dosage: Element) -> bool:
    """An additional instruction with a number in it may limit the dose ("at most 15 sprays", "for three days: 3")."""
    words = [c.text for c in dosage.codings("additionalInstruction")]
    words += [i.text("text") or "" for i in dosage.all("additionalInstruction")]
    return any(ch.isdigit() for w in words for ch in w)


def _amount(dosage: Element, systems: CodeSystems) -> tuple[Amount | None, str | None]:
    """The dose told once: of several the one for administering, else the ordered; untyped ones must agree."""
    told = dosage.all("doseAndRate")
    if any(k.startswith("rate") for t in told for k in t.value):
        raise Unclear
    typed = {(t.code("type") or ""): t for t in told}
    chosen = next((typed[t] for t in _PREFERRED if t in typed), None)
    if chosen is None and len({_quantity(t, systems) for t in told}) > 1:
        raise Unclear
    chosen = chosen or next(iter(told), None)
    return (None, None) if chosen is None else _quantity(chosen, systems)


def strength_ordered(dosages: list[Element], systems: CodeSystems) -> tuple[Quantity, ...]:
    """Strength of one unit, where a dose is told both as ordered (mass) and as given (pieces or ml); else none.

    Epic tells "80 mg" and "1 tablet" beside each other (fhir.md 2): a tablet of that order is 80 mg, whatever it is
    called.
    """
    found = {_share(dosage, systems) for dosage in dosages}
    one = found.pop() if len(found) == 1 else None
    return (one,) if one else ()


def _share(dosage: Element, systems: CodeSystems) -> Quantity | None:
    typed = {(t.code("type") or ""): t for t in dosage.all("doseAndRate")}
    ordered, given = typed.get("ordered") or typed.get("calculated"), typed.get("admin-amount")
    if ordered is None or given is None:
        return None
    try:
        (mass, unit), (count, piece) = _quantity(ordered, systems), _quantity(given, systems)
    except Unclear:
        return None
    if mass is None or count is None or unit not in _MASSES or piece is None or piece in _MASSES:
        return None
    each = mass.low / count.low
    if mass.low != mass.high or count.low != count.high or each * count.low != mass.low:
        return None
    return Quantity(each, f"{unit}/ml" if piece == "ml" else unit)


def _quantity(told: Element, systems: CodeSystems) -> tuple[Amount | None, str | None]:
    span = told.one("doseRange")
    low, high = (span.one("low"), span.one("high")) if span else (told.one("doseQuantity"),) * 2
    if low is None or high is None or "comparator" in low.value:
        raise Unclear
    values = low.number("value"), high.number("value")
    units = {systems.unit_of(q.text("unit"), q.text("code")) for q in (low, high)}
    if values[0] is None or values[1] is None or len(units) != 1 or None in units:
        raise Unclear
    if not 0 < values[0] <= values[1]:
        raise Unclear
    return Amount(values[0], values[1]), units.pop()


def _ceiling(dosage: Element, unit: str | None, systems: CodeSystems) -> Ceiling | None:
    said = dosage.one("maxDosePerPeriod")
    if said is None:
        return None
    top, bottom = said.one("numerator"), said.one("denominator")
    value, span = (top.number("value") if top else None), (bottom.number("value") if bottom else None)
    per = (bottom.text("code") or bottom.text("unit")) if bottom else None
    whole_day = (span, per) in {(Decimal(24), "h"), (Decimal(1), "d")}
    if top is None or value is None or value <= 0 or not whole_day:
        raise Unclear
    own = systems.unit_of(top.text("unit"), top.text("code"))
    if own is None:
        raise Unclear
    return Ceiling(value, None if own == unit else own)


def _schedule(timing: Element, amount: Amount | None) -> Simple | None:
    if timing.value.get("event"):
        raise Unclear
    code = _CODES.get(timing.code("code") or "")
    repeat = timing.one("repeat")
    if repeat is None or not set(repeat.value) - {"boundsPeriod", "boundsDuration", "boundsRange"}:
        return code
    if set(repeat.value) - _KNOWN_REPEAT:
        raise Unclear
    found = _repeated(repeat, amount)
    if code is not None and code != found and isinstance(found, PerDay | Every):
        raise Unclear
    return found


def _repeated(repeat: Element, amount: Amount | None) -> Simple:
    if repeat.value.get("count") == 1 and not {"frequency", "period", "when", "timeOfDay"} & set(repeat.value):
        return Once()
    if "count" in repeat.value and "boundsPeriod" not in repeat.value:
        raise Unclear
    low, high = _whole(repeat, "frequency", 1), _whole(repeat, "frequencyMax", 0)
    high = high or low
    span, longest = _period(repeat)
    clock, when, days = (repeat.strings(n) for n in ("timeOfDay", "when", "dayOfWeek"))
    if days:
        return _on_days(days, when, clock, (low, high, span), amount)
    if clock or when:
        per_day = "frequency" not in repeat.value or low == high == len(clock or when)
        if span not in {None, (1, PeriodUnit.DAY)} or not per_day or (clock and when):
            raise Unclear
        return Clock(tuple((t, amount) for t in sorted(map(_clock, clock)))) if clock else _slots(when, amount)
    if span is None or not ({"frequency", "frequencyMax"} & set(repeat.value)):
        raise Unclear
    return _frequency((low, high), span, longest, _whole(repeat, "frequency", 0) == 0)


def _frequency(
    times: tuple[int, int],
    span: tuple[int, PeriodUnit],
    longest: int,
    at_most: bool,  # noqa: FBT001 - private
) -> Simple:
    low, high = (0 if at_most else times[0]), times[1]
    length, unit = span
    if (length, unit, longest) == (1, PeriodUnit.DAY, 1):
        return PerDay(low, high)
    if (low, high) == (1, 1):
        return Every(length, longest, unit)
    if longest != length:
        raise Unclear
    if (length, unit) == (24, PeriodUnit.HOUR):
        return PerDay(low, high)
    return Every(length, length, unit, times=(low, high))


def _on_days(
    days: list[str],
    when: list[str],
    clock: list[str],
    rate: tuple[int, int, tuple[int, PeriodUnit] | None],
    amount: Amount | None,
) -> Weekdays:
    low, high, span = rate
    if not set(days) <= set(_DAYS) or len(when) + len(clock) > 1 or (low, high) not in {(1, 1), (len(days),) * 2}:
        raise Unclear
    # One a week on several days is one in all, not one on each: only a daily rate, or a count that is right, is clear.
    if span == (7, PeriodUnit.DAY) and (low, high) != (len(days),) * 2:
        raise Unclear
    if span not in {None, (1, PeriodUnit.DAY), (7, PeriodUnit.DAY)}:
        raise Unclear
    named = [d for w, d in _DAYS.items() if w in days]
    at = _clock(clock[0]) if clock else _part(when[0]) if when else None
    return Weekdays(tuple((d, amount) for d in named), at)


def _slots(when: list[str], amount: Amount | None) -> Slots:
    parts = {_part(w) for w in when}
    if len(parts) != len(when):
        raise Unclear
    return Slots(tuple((p, amount) for p in PartOfDay if p in parts))


def _part(when: str) -> PartOfDay:
    if when not in _WHEN:
        raise Unclear
    return _WHEN[when]


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Unclear from None


def _period(repeat: Element) -> tuple[tuple[int, PeriodUnit] | None, int]:
    if "period" not in repeat.value and "periodUnit" not in repeat.value:
        return None, 0
    unit = _UNITS.get(repeat.text("periodUnit") or "")
    if unit is None:
        raise Unclear
    factor, kind = unit
    low, high = _whole(repeat, "period", 0), _whole(repeat, "periodMax", 0)
    if low == 0:
        raise Unclear
    return (low * factor, kind), (high or low) * factor


def _whole(repeat: Element, name: str, default: int) -> int:
    number = repeat.number(name)
    if number is None:
        return default
    if number != number.to_integral_value() or not 0 < number < _MOST:
        raise Unclear
    return int(number)


def _bounds(timing: Element | None) -> tuple[date | None, date | None, Duration | None]:
    repeat = timing.one("repeat") if timing else None
    if repeat is None:
        return None, None, None
    period, length, span = (repeat.one(n) for n in ("boundsPeriod", "boundsDuration", "boundsRange"))
    if period:
        return period.day("start"), period.day("end"), None
    if length:
        return None, None, _duration(length, length)
    if span:
        low, high = span.one("low"), span.one("high")
        return None, None, _duration(low, high) if low and high else None
    return None, None, None


def _duration(low: Element, high: Element) -> Duration:
    units = {_UNITS.get(q.text("code") or q.text("unit") or "") for q in (low, high)}
    unit = units.pop() if len(units) == 1 else None
    if unit is None or unit[1] is PeriodUnit.HOUR:
        raise Unclear
    return Duration(_whole(low, "value", 0) * unit[0], _whole(high, "value", 0) * unit[0], unit[1])


def _in_sequence(parts: list[Dosage]) -> Dosage:
    """Different sequence numbers: one after the other."""
    units = {p.unit for p in parts}
    whole = [p for p in parts if isinstance(p.schedule, PerDay | Slots | Clock | Weekdays | Every | Once)]
    if len(units) != 1 or len(whole) != len(parts) or any(p.prn or p.ceiling for p in parts):
        raise Unclear
    steps = tuple(
        Step(StepKind.GIVE, p.schedule, p.dose, length=p.duration, starts=p.starts, ends=p.ends)  # type: ignore[arg-type]  # checked to be simple
        for p in parts
    )
    return Dosage(unit=units.pop(), schedule=Steps(steps), starts=parts[0].starts, ends=parts[-1].ends)


def _side_by_side(parts: list[Dosage]) -> Dosage:
    """The same sequence number: at the same time. Clear only where each names its own parts of the day."""
    first = parts[0]
    named = [a for p in parts if isinstance(p.schedule, Slots) for a in p.schedule.amounts]
    alike = all(
        isinstance(p.schedule, Slots)
        and (p.unit, p.starts, p.ends, p.duration, p.prn, p.ceiling)
        == (first.unit, first.starts, first.ends, first.duration, False, None)
        for p in parts
    )
    if not alike or len({part for part, _ in named}) != len(named):
        raise Unclear
    order = list(PartOfDay)
    slots = Slots(tuple(sorted(named, key=lambda a: order.index(a[0]))))
    return Dosage(unit=first.unit, schedule=slots, starts=first.starts, ends=first.ends, duration=first.duration)
