"""From a text to its reading: how far it was understood, the dosage, the flags and the total."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from formats.dosage import items as it
from formats.dosage import steps
from formats.dosage.draft import Draft
from formats.dosage.grammar import read_items
from formats.dosage.items import Item
from formats.dosage.text import total_text
from formats.dosage.tokens import lexemes
from formats.dosing import (
    Cycle,
    Dosage,
    DoseReading,
    Every,
    FixedPlusNeeded,
    PerDay,
    PeriodUnit,
    ReadStatus,
    Schedule,
    Steps,
    Weekdays,
    amount_text,
    ceiling_in_unit,
    total,
)

_CACHED = 200_000
# No dosing text is as long; the time a text takes grows with the square of its words.
_LONGEST = 400
# What was left over is told by these; "residual" beside them would say the same twice.
_EXPLAINED = frozenset({"inr", "external_scheme", "as_agreed", "prn_repeat", "change_note", "patch_off", "hold"})
_SAID_TWICE = _EXPLAINED | {"two_strengths"}
# Items that tell nothing of a dose by themselves.
_SILENT = (it.Mark, it.Reason, it.LooseUnit, it.Both, it.Side)
# Why nothing may be taken from a text, the first that holds.
_FATAL = ("hold", "unsafe_number", "inr", "external_scheme", "as_agreed", "ambiguous_slots")
_DAY_HOURS, _WEEK_DAYS = 24, 7


@lru_cache(maxsize=_CACHED)
def read_dose(text: str) -> DoseReading:
    """The reading of a Norwegian dosing text, any case and spacing.

    `ok` only if every number, negation and word is understood and there is one reading; otherwise what is certain
    (`partial`) or nothing (`unparseable`), with the reason flags of CONVENTIONS.md section 6. Never raises.
    """
    stream = lexemes(text)
    if len(stream) > _LONGEST:
        return DoseReading(text, ReadStatus.UNPARSEABLE, None, ("residual",))
    items, unsafe = read_items(stream)
    if not any(lexeme.text[:1].isalnum() for lexeme in stream):
        return DoseReading(text, ReadStatus.UNPARSEABLE, None, ("empty",))
    reasons = {item.flag for item in items if isinstance(item, it.Reason)}
    if unsafe:
        reasons.add("unsafe_number")
    if ("hold" in reasons and it.LATER not in items) or unsafe:
        return _nothing(text, reasons)
    draft = steps.read(items)
    if "spacing" in reasons:
        reasons = (reasons - {"spacing"}) | {"prn_repeat" if draft.prn else "residual"}
    return _judged(text, draft, reasons, items)


def _nothing(text: str, reasons: set[str]) -> DoseReading:
    first = next((flag for flag in _FATAL if flag in reasons), None)
    flags = {first} if first else reasons
    if first == "inr":
        flags.add("external_scheme")
    return DoseReading(text, ReadStatus.UNPARSEABLE, None, tuple(sorted(flags)) or ("residual",))


def _judged(text: str, draft: Draft, reasons: set[str], items: Sequence[Item]) -> DoseReading:
    if "max_unclear" in draft.notes and "prn_repeat" not in reasons:
        draft.problems.add("residual")
        draft.unclear_total = True
    whole = not draft.problems
    dosed = draft.dose is not None or (draft.schedule is not None and "dose_missing" not in draft.problems)
    measured = it.MEASURED in items or "inr" in reasons or draft.dose is None
    decided_elsewhere = (
        reasons & {"inr", "external_scheme"} and measured and not (whole or "ambiguous_days" in draft.problems)
    )
    if draft.fatal or decided_elsewhere or ("as_agreed" in reasons and not dosed):
        return _nothing(text, reasons | draft.problems if draft.fatal else reasons)
    _check_ceiling(draft)
    draft.problems |= reasons
    if draft.problems & _SAID_TWICE:
        draft.problems.discard("residual")
    return _reading(text, draft, items)


def _check_ceiling(draft: Draft) -> None:
    """A ceiling below what is always given contradicts it; one in another unit can't be held against it."""
    if draft.ceiling is None or draft.dose is None:
        if draft.ceiling and draft.schedule is not None and "max_only" not in draft.problems:
            _check_slots(draft)
        return
    bare = Dosage(
        dose=draft.dose, unit=draft.unit, schedule=draft.schedule, ceiling=draft.ceiling, per_side=draft.per_side
    )
    top = ceiling_in_unit(bare)
    if top is None:
        draft.problems.add("residual")
        draft.unclear_total = True
        return
    span = total(replace(bare, ceiling=None, prn=draft.prn))
    if draft.dose.high > top or (span is not None and span[0] > top) or (span is not None and span[2] != 1):
        draft.problems.add("conflict")
        draft.unclear_total = True


def _check_slots(draft: Draft) -> None:
    bare = Dosage(unit=draft.unit, schedule=draft.schedule, ceiling=draft.ceiling, prn=draft.prn)
    top = ceiling_in_unit(bare)
    span = total(replace(bare, ceiling=None))
    if top is None or span is None or span[0] > top or span[2] != 1:
        draft.problems.add("residual" if top is None else "conflict")
        draft.unclear_total = True


def _reading(text: str, draft: Draft, items: Sequence[Item]) -> DoseReading:
    dosage = _dosage(draft)
    total_said = "" if draft.unclear_total else total_text(dosage)
    if draft.day_total is not None and not draft.unclear_total:
        total_said = f"{amount_text(draft.day_total)}/1d"
    if not draft.problems and not _summed(dosage, total_said):
        draft.problems.add("residual")
    flags = sorted(draft.problems) + sorted(_shown(dosage, draft, total_said))
    if not draft.problems:
        return DoseReading(text, ReadStatus.OK, dosage, tuple(flags), total_said)
    certain = _certain(dosage, draft, items)
    if any(isinstance(item, it.Reason) and item.sparse for item in items) and not _non_daily(certain.schedule):
        certain = Dosage(unit=certain.unit, prn=certain.prn)
    if certain != dosage or any(isinstance(item, it.Reason) and item.more for item in items):
        total_said = ""
    if certain.schedule is None:
        flags = [flag for flag in flags if flag != "split_unsaid"]
    told = any(not isinstance(item, _SILENT) or item in {it.PRN, it.EITHER_DOSE, it.ONCE} for item in items)
    if certain == Dosage() and not told:
        left_over = {"residual"} if "residual" in draft.problems else draft.problems
        return DoseReading(text, ReadStatus.UNPARSEABLE, None, tuple(sorted(left_over)))
    return DoseReading(text, ReadStatus.PARTIAL, certain, tuple(flags), total_said)


def _dosage(draft: Draft) -> Dosage:
    return Dosage(
        dose=draft.dose,
        unit=draft.unit,
        schedule=draft.schedule,
        prn=draft.prn,
        ceiling=draft.ceiling,
        duration=draft.duration,
        per_side=draft.per_side,
        side=draft.side,
        site=draft.site,
    )


def _summed(dosage: Dosage, total_said: str) -> bool:
    """Whether the whole reading has a total, as every one but a plan must."""
    return isinstance(dosage.schedule, Steps) or total_said != ""


def _certain(dosage: Dosage, draft: Draft, items: Sequence[Item]) -> Dosage:
    """What is still certain beside words that were not understood: never the times, and no amount they may bear on."""
    if it.REVERSED in items:
        units = {item.unit for item in items if isinstance(item, it.LooseUnit)}
        return Dosage(unit=units.pop() if len(units) == 1 else None, prn=dosage.prn)
    unclear = [place for place, item in enumerate(items) if item in {it.NOT, it.UNKNOWN}]
    if not unclear or (it.NOT not in items and draft.problems & _EXPLAINED):
        return _beside_bearing(dosage, items)
    behind = not any(isinstance(item, (it.Qty, it.Terms)) for item in items[unclear[0] :])
    return Dosage(dose=dosage.dose if behind else None, unit=dosage.unit if behind else None, prn=dosage.prn)


def _beside_bearing(dosage: Dosage, items: Sequence[Item]) -> Dosage:
    """Words like "minst" void the times, and in front of an amount ("halvparten av 1 tablett") the amount too."""
    places = [place for place, item in enumerate(items) if isinstance(item, it.Reason) and item.bears]
    if not places:
        return dosage
    if isinstance(dosage.schedule, Steps) or any(
        isinstance(item, it.For) for place in places for item in items[place + 1 : place + 2]
    ):
        dosage = replace(dosage, duration=None)  # "i minst 6 måneder"
    before = any(isinstance(item, (it.Qty, it.Terms)) for item in items[places[0] :])
    return Dosage(unit=dosage.unit, prn=dosage.prn) if before else replace(dosage, schedule=None)


def _shown(dosage: Dosage, draft: Draft, total_said: str) -> set[str]:
    """The flags that people and checks must see beside any reading."""
    schedule = dosage.schedule
    shown = draft.notes & {"embedded_strength", "non_daily", "laterality"}
    told = {
        "non_daily": _non_daily(schedule),
        "steps": isinstance(schedule, Steps),
        "fixed_plus_prn": isinstance(schedule, FixedPlusNeeded),
        "no_max": "?/" in total_said,
        "inntil": not dosage.prn and _up_to(schedule),
        "split_unsaid": _split_unsaid(schedule),
        "bilateral": dosage.per_side,
        "laterality": dosage.side is not None,
    }
    return shown | {flag for flag, true in told.items() if true}


def _non_daily(schedule: Schedule | None) -> bool:
    match schedule:
        case Every(unit=PeriodUnit.HOUR, low=hours):
            return hours > _DAY_HOURS
        case Every(turns=turns):
            return not turns
        case Weekdays(amounts):
            return len(amounts) < _WEEK_DAYS
        case Cycle():
            return True
        case Steps(parts):
            return any(_non_daily(step.schedule) for step in parts)
        case _:
            return False


def _up_to(schedule: Schedule | None) -> bool:
    match schedule:
        case PerDay(low=0) | Every(times=(0, _)):
            return True
        case Cycle(inner=inner):
            return inner.low == 0
        case Steps(parts):
            return any(_up_to(step.schedule) for step in parts)
        case FixedPlusNeeded(fixed=fixed):
            return _up_to(fixed)
        case _:
            return False


def _split_unsaid(schedule: Schedule | None) -> bool:
    match schedule:
        case PerDay():
            return schedule.split_unsaid
        case Steps(parts):
            return any(_split_unsaid(step.schedule) for step in parts)
        case FixedPlusNeeded(fixed=inner) | Cycle(inner=inner):
            return _split_unsaid(inner)
        case _:
            return False
