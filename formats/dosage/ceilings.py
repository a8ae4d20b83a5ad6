"""Ceilings: at most so much in 24 hours, or so many times (conventions 26 and 31)."""

from dataclasses import replace

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosing import Amount, AsNeeded, Ceiling, Dosage, Every, FixedPlusNeeded, PerDay, PeriodUnit, total


def apply(draft: Draft, said: list[it.Max]) -> None:
    """Put the ceilings into the draft: how much in 24 hours, or how often."""
    for ceiling in said:
        if ceiling.times:
            _max_times(draft, ceiling)
        else:
            _max_amount(draft, ceiling)


def _max_times(draft: Draft, ceiling: it.Max) -> None:
    """`maks 4 ganger daglig` is how often, not how much (convention 26)."""
    draft.problems.discard("frequency_missing")
    most = int(ceiling.amount.high)
    if _caps_needed(draft, ceiling):
        return
    free = draft.schedule is None or (draft.prn and isinstance(draft.schedule, AsNeeded))
    if ceiling.amount.low != most or not free or draft.unclear_total:
        draft.problems.add("residual")
        draft.unclear_total = True
        return
    match ceiling.per:
        case it.Daily():
            draft.schedule = PerDay(0, most)
        case it.Rate(low, high, unit, True) if low == high and unit is not PeriodUnit.HOUR:
            draft.schedule = Every(low, high, unit, times=(0, most))
        case _:
            draft.problems.add("frequency_missing")
            draft.unclear_total = True


def _caps_needed(draft: Draft, ceiling: it.Max) -> bool:
    """`1 fast x 2, og 1 v/b maks 2 ganger daglig`: how often the as-needed part is taken."""
    schedule, most = draft.schedule, int(ceiling.amount.high)
    if not isinstance(schedule, FixedPlusNeeded) or draft.unclear_total or ceiling.amount.low != most:
        return False
    if not isinstance(schedule.needed, AsNeeded) or not isinstance(ceiling.per, it.Daily):
        return False
    draft.schedule = replace(schedule, needed=PerDay(0, most))
    return True


def _no_count(draft: Draft, most: Amount) -> bool:
    """Whether a bare number must be of pieces: a dose of so many pieces has a number of times below it."""
    if draft.dose is None or draft.per_side or draft.unit in _MEASURED:
        return False
    bare = Dosage(dose=Amount.of(1), schedule=draft.schedule)
    times = total(bare) if isinstance(draft.schedule, (PerDay, Every)) else None
    return times is not None and times[1] is not None and times[2] == 1 and times[1] < most.high


_MEASURED = frozenset({"mg", "g", "mikrog", "E", "ml"})


def _max_amount(draft: Draft, ceiling: it.Max) -> None:
    """A ceiling for 24 hours; a bare number beside a dose other than one, or on both sides, may count doses.

    Not where more often has been ruled out: "1-2 x 3, maks 4 daglig" can't be four times.
    """
    noun = ceiling.sort != ""
    amount = ceiling.amount
    dosed = draft.dose is not None or (draft.schedule is not None and "dose_missing" not in draft.problems)
    timed = draft.schedule is not None and not isinstance(draft.schedule, AsNeeded)
    if not dosed and not noun and timed:
        draft.problems.add("residual")  # "hver 3. time, maks 6": six times, or six pieces?
        return
    one = draft.dose is None or (draft.dose.low == draft.dose.high == 1 and not draft.per_side)
    fits = isinstance(ceiling.per, it.Daily) and amount.low == amount.high and draft.ceiling is None
    if not fits or (dosed and not noun and not (one and draft.dose) and not _no_count(draft, amount)):
        draft.notes.add("max_unclear")
        draft.schedule = draft.schedule if draft.dose or dosed else None
        return
    unit = None if ceiling.unit == draft.unit else ceiling.unit
    draft.ceiling = Ceiling(amount.low, unit)
    if not dosed:
        draft.problems.discard("dose_missing")
        draft.problems.discard("frequency_missing")
        draft.problems.add("max_only")
