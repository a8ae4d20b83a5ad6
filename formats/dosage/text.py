"""The canonical strings of a dosage: the columns of the dosing corpus (CONVENTIONS.md sections 1, 3 and 4)."""

from datetime import time
from decimal import Decimal

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Cycle,
    Dosage,
    DoseReading,
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
    Weekdays,
    amount_text,
    number_text,
    total,
)


def schedule_text(schedule: Schedule | None) -> str:
    """The schedule in the conventions' language (`d:2`, `slots{morgen=1}` ...); "" for none."""
    match schedule:
        case None:
            return ""
        case Steps(steps):
            return " > ".join(_step_text(step) for step in steps)
        case FixedPlusNeeded(fixed, needed, dose):
            amount = f" dose={amount_text(dose)}" if dose else ""
            return f"{_simple_text(fixed)} + {_needed_text(needed)}{amount}"
        case _:
            return _simple_text(schedule)


def _needed_text(needed: PerDay | Every | AsNeeded) -> str:
    return "prn" if isinstance(needed, AsNeeded) else f"prn {_simple_text(needed)}"


def _simple_text(schedule: Simple) -> str:  # noqa: PLR0911 - one line a kind
    match schedule:
        case PerDay():
            return _per_day_text(schedule)
        case Slots(amounts):
            return "slots{" + ",".join(f"{part}={amount_text(amount)}" for part, amount in amounts) + "}"
        case Clock(times):
            return "clock{" + ",".join(f"{clock:%H:%M}={amount_text(amount)}" for clock, amount in times) + "}"
        case Weekdays(days, moment):
            return "w{" + ",".join(f"{day}={amount_text(amount)}" for day, amount in days) + "}" + _at_text(moment)
        case Every():
            return _every_text(schedule)
        case Cycle(on, off, inner):
            inside = "" if inner == PerDay(1, 1) else f": {_per_day_text(inner)}"
            return f"cycle{{{on}on,{off}off{inside}}}"
        case Once():
            return "once"
        case AsNeeded():
            return "prn"


def _per_day_text(schedule: PerDay) -> str:
    if schedule.low is None or schedule.high is None:
        return "d:?"
    return f"d:{_ends(schedule.low, schedule.high)}"


def _every_text(every: Every) -> str:
    inner = ""
    if every.turns:
        inner = ": " + "|".join(amount_text(amount) for amount in every.turns)
    elif every.times:
        inner = f": {_ends(*every.times)}x"
    return f"every{{{_ends(every.low, every.high)}{every.unit}{inner}}}{_at_text(every.at)}"


def _at_text(at: PartOfDay | time | None) -> str:
    if at is None:
        return ""
    return f" @{at:%H:%M}" if isinstance(at, time) else f" @{at.value}"


def _step_text(step: Step) -> str:
    length = duration_text(step.length)
    match step.kind:
        case StepKind.STOP:
            return "stop"
        case StepKind.HOLD:
            words = ["hold", length]
        case StepKind.CHANGE:
            words = [number_text(step.change or Decimal(0)), f"each {length}" if length else ""]
        case StepKind.GIVE:
            dose = f"dose={amount_text(step.dose)}" if step.dose else ""
            words = [schedule_text(step.schedule), dose, length]
    return "step[" + " ".join(word for word in words if word) + "]"


def _ends(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def duration_text(duration: Duration | None) -> str:
    """`P7D`, `P21D-P28D`, `P0D-P10D`, `P3M`; "" for none."""
    if duration is None:
        return ""
    letter = "M" if duration.unit is PeriodUnit.MONTH else "D"
    low = f"P{duration.low}{letter}"
    return low if duration.low == duration.high else f"{low}-P{duration.high}{letter}"


def ceiling_text(ceiling: Ceiling | None, unit: str | None) -> str:
    """`8 tablett`, or the bare number where neither the ceiling nor the dosage names a unit."""
    if ceiling is None:
        return ""
    return f"{number_text(ceiling.amount)} {ceiling.unit or unit or ''}".rstrip()


def total_text(dosage: Dosage) -> str:
    """`2/1d`, `0-8/1d`, `0-?/1d`, `4/once`; "" where it can't be computed."""
    if isinstance(dosage.schedule, Once) and dosage.dose:
        sides = 2 if dosage.per_side else 1
        low = Decimal(0) if dosage.prn else dosage.dose.low * sides
        return f"{amount_text(Amount(low, dosage.dose.high * sides))}/once"
    span = total(dosage)
    if span is None:
        return ""
    low, high, days = span
    amount = f"{number_text(low)}-?" if high is None else amount_text(Amount(low, high))
    return f"{amount}/{number_text(days)}d"


def columns(reading: DoseReading) -> dict[str, str]:
    """The reading as the corpus writes it: every column a string, `flags` a comma list."""
    dosage = reading.dosage or Dosage()
    return {
        "text": reading.text,
        "status": reading.status.value,
        "dose": amount_text(dosage.dose) if dosage.dose else "",
        "unit": dosage.unit or "",
        "schedule": schedule_text(dosage.schedule),
        "prn": "1" if dosage.prn else "0",
        "max_24h": ceiling_text(dosage.ceiling, dosage.unit),
        "duration": duration_text(dosage.duration),
        "total_per_period": reading.total,
        "flags": ",".join(reading.flags),
    }
