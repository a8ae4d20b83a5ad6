"""A `Dosage` as JSON and back, without loss: the `dosage` field of the neutral form.

Amounts are texts, "1" or "1-2" (both ends inclusive), never JSON numbers: a dose must not pass through a float.
A schedule is an object whose `kind` names its class ("per_day", "slots", ...). Dates and times are ISO 8601.
"""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

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
    PartOfDay,
    PerDay,
    PeriodUnit,
    Schedule,
    Simple,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekday,
    Weekdays,
)
from formats.errors import ErrorCode, FormatError
from formats.jsondoc import JsonObject, as_count, as_list, as_object, as_text, as_word, maybe

Json = dict[str, object]

_NUMBER = r"\d{1,12}(?:\.\d{1,12})?"
_AMOUNT = re.compile(rf"({_NUMBER})(?:-({_NUMBER}))?")


def dosage_json(dosage: Dosage) -> Json:
    """All that the dosage says; what it does not say is left out."""
    told: Json = {
        "dose": _amount(dosage.dose),
        "unit": dosage.unit,
        "schedule": schedule_json(dosage.schedule) if dosage.schedule else None,
        "prn": dosage.prn,
        "ceiling": {"amount": _plain(dosage.ceiling.amount), "unit": dosage.ceiling.unit} if dosage.ceiling else None,
        "duration": _duration_json(dosage.duration),
        "per_side": dosage.per_side or None,
        "side": dosage.side,
        "site": dosage.site,
        "starts": dosage.starts.isoformat() if dosage.starts else None,
        "ends": dosage.ends.isoformat() if dosage.ends else None,
    }
    return _said(told)


def schedule_json(schedule: Schedule) -> Json:
    """The schedule as a tagged object."""
    match schedule:
        case Steps(steps):
            return {"kind": "steps", "steps": [_step_json(s) for s in steps]}
        case FixedPlusNeeded(fixed, needed, needed_dose):
            return _said(
                {
                    "kind": "fixed_plus_needed",
                    "fixed": schedule_json(fixed),
                    "needed": schedule_json(needed),
                    "needed_dose": _amount(needed_dose),
                }
            )
        case _:
            return _said(_simple_json(schedule))


def _simple_json(schedule: Simple) -> Json:  # noqa: PLR0911 - one for each kind of schedule
    match schedule:
        case PerDay(low, high, split_unsaid):
            return {"kind": "per_day", "low": low, "high": high, "split_unsaid": split_unsaid or None}
        case Slots(amounts):
            return {"kind": "slots", "amounts": [[p.value, _amount(a)] for p, a in amounts]}
        case Clock(clock):
            return {"kind": "clock", "amounts": [[t.isoformat("minutes"), _amount(a)] for t, a in clock]}
        case Weekdays(days, at):
            return {"kind": "weekdays", "amounts": [[d.value, _amount(a)] for d, a in days], "at": _at(at)}
        case Every():
            return {
                "kind": "every",
                "low": schedule.low,
                "high": schedule.high,
                "unit": schedule.unit.value,
                "times": list(schedule.times) if schedule.times else None,
                "turns": [_amount(a) for a in schedule.turns] or None,
                "at": _at(schedule.at),
            }
        case Cycle(on, off, inner):
            return {"kind": "cycle", "on": on, "off": off, "inner": schedule_json(inner)}
        case Once():
            return {"kind": "once"}
        case AsNeeded():
            return {"kind": "as_needed"}


def _step_json(step: Step) -> Json:
    return _said(
        {
            "kind": step.kind.value,
            "schedule": schedule_json(step.schedule) if step.schedule else None,
            "dose": _amount(step.dose),
            "change": None if step.change is None else _plain(step.change),
            "length": _duration_json(step.length),
            "starts": step.starts.isoformat() if step.starts else None,
            "ends": step.ends.isoformat() if step.ends else None,
        }
    )


def _said(told: Json) -> Json:
    return {k: v for k, v in told.items() if v is not None}


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _amount(amount: Amount | None) -> str | None:
    if amount is None:
        return None
    low, high = _plain(amount.low), _plain(amount.high)
    return low if low == high else f"{low}-{high}"


def _at(at: PartOfDay | time | None) -> str | None:
    return at.isoformat("minutes") if isinstance(at, time) else at and at.value


def _duration_json(duration: Duration | None) -> Json | None:
    return {"low": duration.low, "high": duration.high, "unit": duration.unit.value} if duration else None


def dosage_from_json(value: object, place: str) -> Dosage:
    """The dosage in `value`. Raises `FormatError` (missing, bad-number, bad-date) at `place`."""
    told = as_object(value, place)
    ceiling = told.get("ceiling")
    return Dosage(
        dose=_read_amount(told.get("dose"), f"{place}.dose"),
        unit=as_text(told.get("unit"), f"{place}.unit"),
        schedule=maybe(schedule_from_json, told.get("schedule"), f"{place}.schedule"),
        prn=told.get("prn") is True,
        ceiling=None if ceiling is None else _ceiling(ceiling, f"{place}.ceiling"),
        duration=maybe(_duration, told.get("duration"), f"{place}.duration"),
        per_side=told.get("per_side") is True,
        side=as_text(told.get("side"), f"{place}.side"),
        site=as_text(told.get("site"), f"{place}.site"),
        starts=maybe(_date, told.get("starts"), f"{place}.starts"),
        ends=maybe(_date, told.get("ends"), f"{place}.ends"),
    )


def schedule_from_json(value: object, place: str) -> Schedule:
    """The schedule in the tagged object `value`; `FormatError` where it is none."""
    told = as_object(value, place)
    if told.get("kind") == "steps":
        return Steps(tuple(_step(s, f"{place}.steps[{i}]") for i, s in enumerate(as_list(told.get("steps"), place))))
    if told.get("kind") == "fixed_plus_needed":
        needed = _simple(told.get("needed"), f"{place}.needed")
        if not isinstance(needed, PerDay | Every | AsNeeded):
            raise FormatError(ErrorCode.WRONG_SCHEMA, f"{place}.needed", "not a schedule for as needed")
        fixed = _simple(told.get("fixed"), f"{place}.fixed")
        return FixedPlusNeeded(fixed, needed, _read_amount(told.get("needed_dose"), f"{place}.needed_dose"))
    return _simple(told, place)


def _simple(value: object, place: str) -> Simple:
    told = as_object(value, place)
    reader = _KINDS.get(str(told.get("kind")))
    if reader is None:
        raise FormatError(ErrorCode.WRONG_SCHEMA, f"{place}.kind", "unknown kind of schedule")
    return reader(told, place)


def _per_day(told: JsonObject, place: str) -> PerDay:
    return PerDay(
        maybe(as_count, told.get("low"), f"{place}.low"),
        maybe(as_count, told.get("high"), f"{place}.high"),
        split_unsaid=told.get("split_unsaid") is True,
    )


def _slots(told: JsonObject, place: str) -> Slots:
    return Slots(tuple((as_word(PartOfDay, k, place), a) for k, a in _pairs(told, place)))


def _clock(told: JsonObject, place: str) -> Clock:
    return Clock(tuple((_time(k, place), a) for k, a in _pairs(told, place)))


def _weekdays(told: JsonObject, place: str) -> Weekdays:
    days = tuple((as_word(Weekday, k, place), a) for k, a in _pairs(told, place))
    return Weekdays(days, _read_at(told.get("at"), place))


def _every(told: JsonObject, place: str) -> Every:
    times = told.get("times")
    turns = [_read_amount(a, place) for a in as_list(told.get("turns") or [], place)]
    return Every(
        as_count(told.get("low"), place),
        as_count(told.get("high"), place),
        as_word(PeriodUnit, told.get("unit"), place),
        None if times is None else _two(times, place),
        tuple(a for a in turns if a is not None),
        _read_at(told.get("at"), place),
    )


def _cycle(told: JsonObject, place: str) -> Cycle:
    inner = _per_day(as_object(told.get("inner"), place), f"{place}.inner")
    return Cycle(as_count(told.get("on"), place), as_count(told.get("off"), place), inner)


_KINDS: dict[str, Callable[[JsonObject, str], Simple]] = {
    "per_day": _per_day,
    "slots": _slots,
    "clock": _clock,
    "weekdays": _weekdays,
    "every": _every,
    "cycle": _cycle,
    "once": lambda _told, _place: Once(),
    "as_needed": lambda _told, _place: AsNeeded(),
}


def _step(value: object, place: str) -> Step:
    told = as_object(value, place)
    return Step(
        kind=as_word(StepKind, told.get("kind"), place),
        schedule=maybe(_simple, told.get("schedule"), f"{place}.schedule"),
        dose=_read_amount(told.get("dose"), f"{place}.dose"),
        change=maybe(_signed, told.get("change"), f"{place}.change"),
        length=maybe(_duration, told.get("length"), f"{place}.length"),
        starts=maybe(_date, told.get("starts"), f"{place}.starts"),
        ends=maybe(_date, told.get("ends"), f"{place}.ends"),
    )


def _two(value: object, place: str) -> tuple[int, int]:
    match as_list(value, place):
        case [low, high]:
            return as_count(low, place), as_count(high, place)
    raise FormatError(ErrorCode.WRONG_SCHEMA, place, "not two counts")


def _read_amount(value: object, place: str) -> Amount | None:
    if value is None:
        return None
    hit = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if hit is None:
        raise FormatError(ErrorCode.BAD_NUMBER, place, 'amounts are texts: "1", "0.5", "1-2"')
    low, high = Decimal(hit[1]), Decimal(hit[2] or hit[1])
    if low > high:
        raise FormatError(ErrorCode.BAD_NUMBER, place, "amount out of order")
    return Amount(low, high)


def _signed(value: object, place: str) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(rf"-?{_NUMBER}", value):
        raise FormatError(ErrorCode.BAD_NUMBER, place)
    return Decimal(value)


def _ceiling(value: object, place: str) -> Ceiling:
    told = as_object(value, place)
    amount = _read_amount(told.get("amount"), place)
    if amount is None:
        raise FormatError(ErrorCode.MISSING, f"{place}.amount")
    return Ceiling(amount.high, as_text(told.get("unit"), place))


def _duration(value: object, place: str) -> Duration:
    told = as_object(value, place)
    unit = as_word(PeriodUnit, told.get("unit", "d"), place)
    return Duration(as_count(told.get("low"), place), as_count(told.get("high"), place), unit)


def _pairs(told: JsonObject, place: str) -> list[tuple[object, Amount | None]]:
    pairs = []
    for i, pair in enumerate(as_list(told.get("amounts"), f"{place}.amounts")):
        match pair:
            case [key, amount]:
                pairs.append((key, _read_amount(amount, f"{place}.amounts[{i}]")))
            case _:
                raise FormatError(ErrorCode.WRONG_SCHEMA, f"{place}.amounts[{i}]", "not a pair")
    return pairs


def _date(value: object, place: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise FormatError(ErrorCode.BAD_DATE, place) from None


def _time(value: object, place: str) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise FormatError(ErrorCode.BAD_DATE, place) from None


def _read_at(value: object, place: str) -> PartOfDay | time | None:
    if value is None:
        return None
    return PartOfDay(str(value)) if value in set(PartOfDay) else _time(value, place)
