"""One amount with all its timing: the schedule, or what keeps it from being certain."""

from dataclasses import replace
from datetime import time

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.facts import Facts, resolved
from formats.dosing import (
    Amount,
    AsNeeded,
    Clock,
    Every,
    Once,
    PartOfDay,
    PerDay,
    PeriodUnit,
    Slots,
    Weekday,
    Weekdays,
)

_WEEK = tuple(Weekday)
_PARTS = tuple(PartOfDay)
_DAY_HOURS = 24
_WEEK_DAYS = 7
_OFTEN = 4
_MEALS = 3


def schedule(draft: Draft, facts: Facts, sort: str) -> None:  # noqa: C901, PLR0912 - one line a kind
    """Fill in the draft's schedule; its `dose` moves into the schedule where the amounts belong there.

    `sort`: the sort of the unit of the draft's dose ("piece" or "" for counted ones), for `split_unsaid`.
    """
    draft.prn = facts.prn
    if facts.prn and facts.fixed:
        _conflict(draft)  # "ved behov fast"
    elif facts.counted_apart or _counted_twice(facts):
        _conflict(draft)
    elif facts.divided and (facts.moments or facts.days or facts.excepted or facts.days_of_week or facts.once):
        _conflict(draft, "residual")  # "1 tablett morgen, delt i 2"
        draft.dose = None
    elif facts.window or facts.either:
        _one_a_day(draft, facts)
    elif facts.vague_days or facts.relative_day:
        _vague_days(draft, facts)
    elif facts.rest or facts.other_days:
        _conflict(draft, "residual")
    elif facts.once:
        _once(draft, facts)
    elif facts.days_of_week and facts.days:
        _named(draft, facts)
    elif facts.days or facts.excepted:
        _weekdays(draft, facts)
    elif facts.days_of_week:
        _days_of_week(draft, facts)
    elif facts.rates:
        _rate(draft, facts, sort)
    elif facts.moments:
        _moments(draft, facts)
    else:
        _per_day(draft, facts, sort)
    spaced = any(r.unit is not PeriodUnit.HOUR for r in facts.rates)
    if draft.schedule is None and (spaced or facts.days or facts.days_of_week or facts.free):
        draft.notes.add("non_daily")


def _counted_twice(facts: Facts) -> bool:
    """Two counts that differ, or of which one may be the fixed part and one what is taken as needed."""
    return len(facts.times) > 1 and (facts.prn or len({_how_often(times) for times in facts.times}) > 1)


def _how_often(times: it.Times) -> it.Times:
    """The count without how it was written: "x 1 ukl" and "1 gang per uke" are one."""
    per = replace(times.per, sum_of=False) if isinstance(times.per, it.Rate) else times.per
    return replace(times, per=per, written="" if per is not None else times.written)


def _conflict(draft: Draft, flag: str = "conflict") -> None:
    draft.problems.add(flag)
    draft.unclear_total = True


def _one_a_day(draft: Draft, facts: Facts) -> None:
    """A window of clock times: once within it, but when is not said (convention 25)."""
    draft.problems.add("ambiguous_slots")
    moments_said = len(facts.moments) > len("ab") if facts.either else bool(facts.moments)
    if not (facts.times or facts.rates or facts.days or moments_said or facts.excepted or facts.days_of_week):
        draft.schedule = PerDay(1, 1)
    else:
        draft.unclear_total = True


def _vague_days(draft: Draft, facts: Facts) -> None:
    draft.problems.add("ambiguous_days")
    once = not facts.times or [(times.low, times.high) for times in facts.times] == [(1, 1)]
    plain = not (facts.rates or facts.days or facts.excepted or facts.days_of_week or facts.relative_day)
    if facts.vague_days == "work" and plain and once and not facts.moments:
        workdays: list[tuple[Weekday, Amount | None]] = [(day, draft.dose) for day in _WEEK[:5]]
        draft.schedule = Weekdays((*workdays, (Weekday.SATURDAY, None)))
        draft.dose = None
    elif facts.days or (facts.vague_days == "work" and facts.moments):
        draft.dose = None  # it would stand inside the days


def _once(draft: Draft, facts: Facts) -> None:
    if facts.times or facts.rates or facts.days or facts.moments or facts.daily or facts.days_of_week or facts.excepted:
        _conflict(draft)
    else:
        draft.schedule = Once()


def single_moment(facts: Facts) -> tuple[bool, PartOfDay | time | None]:
    """Whether there is at most one certain moment, and the moment."""
    moments = resolved(facts.moments)
    if moments is None or len(moments) > 1 or facts.gaps:
        return (False, None)
    return (True, moments[0] if moments else None)


def _weekdays(draft: Draft, facts: Facts) -> None:
    """Named weekdays, or all but the named ones."""
    fine, at = single_moment(facts)
    weekly = all((r.low, r.high, r.unit) == (_WEEK_DAYS, _WEEK_DAYS, PeriodUnit.DAY) for r in facts.rates)
    if facts.excepted:
        counted = not facts.times or (facts.times[0].low, facts.times[0].high) == (1, 1)
        if facts.days or facts.rates or not counted or not (facts.daily or at or facts.times):
            _conflict(draft, "ambiguous_days")
            return
        days = [day for day in _WEEK if day not in facts.excepted]
    else:
        days = sorted(facts.days, key=_WEEK.index)
        all_week = _by_the_working_week(draft, facts)
        if (facts.daily and not all_week) or (facts.times and not _agrees(facts.times[0], len(days))):
            _conflict(draft, "ambiguous_days" if facts.daily else "conflict")
            return
    if len(facts.moments) > 1 and fine is False and weekly:
        _conflict(draft, "residual")  # two moments on some days: no schedule holds that
        draft.dose = None
        return
    if not fine or not weekly or facts.repeated_day or facts.days_of_week or not days:
        _conflict(draft)
        return
    draft.schedule = Weekdays(tuple((day, draft.dose) for day in days), at)
    draft.dose = None


_WORKING_DAYS = 5


def _by_the_working_week(draft: Draft, facts: Facts) -> bool:
    """`1 tablett daglig mandag til fredag`: once on each of those days, as "daglig 5 dager i uken"."""
    once = draft.dose is not None and draft.dose.high <= 1
    return once and len(facts.days) >= _WORKING_DAYS and not facts.times


def _named(draft: Draft, facts: Facts) -> None:
    """`2 dager i uken, mandag og torsdag`: the count and the names must agree."""
    said = facts.days_of_week
    if len(said) > 1 or (said[0].low, said[0].high) != (len(facts.days),) * 2 or said[0].at or facts.excepted:
        _conflict(draft)
        return
    facts.days_of_week = []
    _weekdays(draft, facts)


def _agrees(times: it.Times, count: int) -> bool:
    """Whether a count of occasions is `count`, or one for each of them."""
    bare_x = times.per is None and times.written == "x"  # per day, convention 18
    return (times.low, times.high) == ((1, 1) if bare_x else (count, count))


def _days_of_week(draft: Draft, facts: Facts) -> None:
    said = facts.days_of_week[0]
    fine, at = single_moment(facts)
    counted = not facts.times or (facts.times[0].low, facts.times[0].high) == (1, 1)
    if facts.times and isinstance(facts.times[0].per, it.Daily):
        _conflict(draft, "residual")  # so many times on some days of the week: no schedule holds that
        return
    if len(facts.days_of_week) > 1 or not fine or not counted or facts.rates or (at and said.at):
        _conflict(draft)
        return
    draft.schedule = Every(_WEEK_DAYS, _WEEK_DAYS, PeriodUnit.DAY, times=_times(said.low, said.high), at=said.at or at)


def _times(low: int, high: int) -> tuple[int, int] | None:
    return None if (low, high) == (1, 1) else (low, high)


def _rate(draft: Draft, facts: Facts, sort: str) -> None:
    """An interval, with a count or a moment where these agree with it."""
    ends = {(r.low, r.high, r.unit) for r in facts.rates}
    if len(ends) > 1 or facts.daily or facts.gaps:
        _conflict(draft)
        draft.dose = None if facts.divided else draft.dose
        return
    if facts.divided:
        _divided_period(draft, facts)
        return
    rate = next((r for r in facts.rates if r.period), facts.rates[0])
    fine, at = single_moment(facts)
    if not fine or (rate.low != rate.high and rate.unit is not PeriodUnit.HOUR) or _each_of_those_days(facts, rate):
        _conflict(draft, "residual")
    elif rate.unit is PeriodUnit.HOUR:
        _hourly(draft, facts, rate)
    elif not facts.times:
        if rate.sum_of and _split_unsaid(draft.dose, sort):
            draft.problems.add("frequency_missing")  # "3 tabletter i uken": all at once, or one at a time?
            return
        draft.schedule = Every(rate.low, rate.high, rate.unit, at=at)
    else:
        times = facts.times[0]
        once = (times.low, times.high) == (1, 1)
        behind = times.written == "x" and times.per is None  # "ukentlig x 4": four a week, or four weeks?
        if not once and (behind or not rate.period):
            _conflict(draft, "residual" if behind else "conflict")
            return
        draft.schedule = Every(rate.low, rate.high, rate.unit, times=_times(times.low, times.high), at=at)


_FORTNIGHT = 14


def _each_of_those_days(facts: Facts, rate: it.Rate) -> bool:
    """`morgen annenhver uke`, `hver kveld annenhver uke`: once, or daily in that week?"""
    if rate.unit is PeriodUnit.HOUR:
        return False
    long = rate.unit is PeriodUnit.MONTH or rate.low >= _FORTNIGHT
    return (long and facts.moment_first) or any(at.source == "each" for at in facts.moments)


def _hourly(draft: Draft, facts: Facts, rate: it.Rate) -> None:
    times = facts.times[0] if facts.times else None
    agrees = times is None or (rate.low == rate.high and times.low == times.high and times.low * rate.low == _DAY_HOURS)
    if facts.moments or not agrees:
        _conflict(draft)
        return
    draft.schedule = Every(rate.low, rate.high, rate.unit)


def _moments(draft: Draft, facts: Facts) -> None:
    """Parts of the day or clock times; a count must agree with them (convention 23)."""
    moments = resolved(facts.moments)
    if moments is None:
        draft.problems.add("ambiguous_slots")
        if len(facts.moments) == 1 and not facts.times and not facts.gaps:
            draft.schedule = PerDay(1, 1)
        return
    count = len(moments)
    divided_day = facts.daily_first and count > 1 and not facts.times
    if divided_day:
        _conflict(draft)
        draft.dose = None  # the day's, or each time's
        return
    if facts.meal and moments == [PartOfDay.BEDTIME] and [(t.low, t.high) for t in facts.times] == [(_MEALS + 1,) * 2]:
        draft.schedule = PerDay(_MEALS + 1, _MEALS + 1)  # "4 ganger daglig, etter måltidene og ved sengetid"
        return
    if facts.meals_too:
        draft.problems.add("conflict" if facts.times else "frequency_missing")
        draft.unclear_total = True
        return
    if facts.gaps or any((t.low, t.high) != (count, count) for t in facts.times):
        _conflict(draft)
        return
    placed = day_of([(moment, draft.dose) for moment in moments])
    if placed is None:
        _conflict(draft)
        return
    draft.schedule, draft.dose = placed, None


def day_of(given: "list[tuple[it.Moment, Amount | None]]") -> Slots | Clock | None:
    """Amounts at moments in the day's order; `None` for a moment twice, or parts of the day beside clock times."""
    if len({moment for moment, _ in given}) < len(given):
        return None
    parts = [(moment, amount) for moment, amount in given if isinstance(moment, PartOfDay)]
    clocks = [(moment, amount) for moment, amount in given if isinstance(moment, time)]
    if parts and clocks:
        return None
    if parts:
        return Slots(tuple(sorted(parts, key=lambda pair: _PARTS.index(pair[0]))))
    return Clock(tuple(sorted(clocks, key=lambda pair: pair[0])))


def _per_day(draft: Draft, facts: Facts, sort: str) -> None:
    if facts.divided:
        _divided(draft, facts)
    elif facts.gaps:
        _gap(draft, facts)
    elif facts.times:
        times = facts.times[0]
        if times.written == "ganger" and times.per is None and not facts.daily:
            draft.problems.add("frequency_missing")
        elif facts.daily and times.per is None and times.high > _OFTEN:
            _conflict(draft)  # "1 daglig x 30": times a day, or days?
        else:
            draft.schedule = PerDay(times.low, times.high)
    elif facts.daily:
        draft.schedule = PerDay(1, 1, split_unsaid=_split_unsaid(draft.dose, sort))
    elif facts.prn:
        draft.schedule = AsNeeded()
    else:
        draft.problems.add("frequency_missing")


def _split_unsaid(dose: Amount | None, sort: str) -> bool:
    return dose is not None and (dose.high > 1 or sort in {"mass", "volume"})


def _gap(draft: Draft, facts: Facts) -> None:
    hours = facts.gaps[0]
    times = facts.times[0] if facts.times else None
    if times and times.low == times.high and times.low * hours == _DAY_HOURS:
        draft.schedule = Every(hours, hours, PeriodUnit.HOUR)
    else:
        _conflict(draft, "residual")


def _divided_period(draft: Draft, facts: Facts) -> None:
    """`15 mg i uken fordelt på 3 doser`: the period's amount is no dose either."""
    rate = facts.rates[0]
    draft.dose = None
    draft.problems.add("dose_missing")
    if rate.unit is not PeriodUnit.HOUR and facts.divided and not (facts.times or facts.moments):
        draft.schedule = Every(rate.low, rate.high, rate.unit, times=_times(*facts.divided))


def _divided(draft: Draft, facts: Facts) -> None:
    """The day's amount in so many parts: the part is not computed (convention 10)."""
    if facts.divided is None or not facts.daily or facts.times or facts.gaps:
        _conflict(draft, "residual")
        draft.dose = None
        return
    draft.schedule = PerDay(*facts.divided)
    draft.day_total, draft.dose = draft.dose, None
    draft.problems.add("dose_missing")
