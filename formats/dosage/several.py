"""Several amounts in one text: parts of a day, days of a week, alternate days, or a fixed and an as-needed part."""

from formats.dosage import items as it
from formats.dosage import single
from formats.dosage.draft import Draft
from formats.dosage.facts import Facts, resolved
from formats.dosing import Amount, AsNeeded, Clock, Every, FixedPlusNeeded, PerDay, PeriodUnit, Slots, Weekday, Weekdays

Said = tuple[it.Qty, Facts]
_WEEK = tuple(Weekday)
_DAY_HOURS = 24


def schedule(draft: Draft, said: list[Said]) -> None:
    """Fill in the schedule of amounts in one unit, each with its own timing."""
    needed = [facts.prn or facts.extra for _, facts in said]
    if any(needed):
        _beside_needed(draft, said, needed)
    elif all(facts.only_moments for _, facts in said):
        _day(draft, said)
    elif any(facts.other_days for _, facts in said):
        _alternate(draft, said)
    elif said[-1][1].instead:
        _instead(draft, said)
    elif any(facts.vague_days for _, facts in said) or _usual_and_some_days(said):
        _unclear(draft, "ambiguous_days")
    elif any(facts.days for _, facts in said):
        _week(draft, said)
    else:
        told = not draft.problems and not any(facts.silent or facts.rest for _, facts in said)
        _unclear(draft, "conflict" if told else "residual")


def _unclear(draft: Draft, flag: str = "residual") -> None:
    draft.problems.add(flag)
    draft.unclear_total = True


def _day(draft: Draft, said: list[Said]) -> None:
    moments = resolved([at for _, facts in said for at in facts.moments])
    if moments is None:
        _unclear(draft, "ambiguous_slots")
        return
    amounts: list[Amount | None] = [qty.amount for qty, facts in said for _ in facts.moments]
    placed = single.day_of(list(zip(moments, amounts, strict=True)))
    if placed is None:
        _unclear(draft, "conflict")
    else:
        draft.schedule = placed


def _alternate(draft: Draft, said: list[Said]) -> None:
    """`1 annenhver dag, 1,5 de andre dagene`."""
    match said:
        case [(first, every), (second, others)] if others.other_days and not (
            others.moments or others.times or others.days or others.rates or others.daily or others.excepted
        ):
            day_two = it.Rate(2, 2, PeriodUnit.DAY)
            if every.rates == [day_two] and not (every.times or every.moments or every.days or every.daily):
                draft.schedule = Every(2, 2, PeriodUnit.DAY, turns=(first.amount, second.amount))
                return
    _unclear(draft)


def _once_a_day(facts: Facts) -> bool:
    times = facts.times[0] if facts.times else None
    if times and (len(facts.times) > 1 or (times.low, times.high) != (1, 1) or isinstance(times.per, it.Rate)):
        return False
    return facts.daily or (times is not None and times.written == "x")


def _usual_and_some_days(said: list[Said]) -> bool:
    """`75 daglig, 100 to dager i uken`: on which days, and instead of or on top of?"""
    return any(facts.days_of_week for _, facts in said) and any(_once_a_day(facts) for _, facts in said)


def _instead(draft: Draft, said: list[Said]) -> None:
    """`5 daglig unntatt onsdag, da 7,5`: the excepted days have the other amount."""
    match said:
        case [(usual, all_days), (other, on_those)] if (
            all_days.daily
            and all_days.excepted
            and on_those.only_instead
            and not (all_days.times or all_days.rates or all_days.moments or all_days.days)
        ):
            draft.schedule = Weekdays(
                tuple((day, other.amount if day in all_days.excepted else usual.amount) for day in _WEEK)
            )
        case _:
            _unclear(draft, "ambiguous_days")


def _week(draft: Draft, said: list[Said]) -> None:
    """Amounts on named days, the rest filled by "øvrige dager", "ellers"."""
    days: dict[Weekday, Amount | None] = {}
    moments: set[object] = set()
    rest: list[Amount] = []
    for qty, facts in said:
        fine, at = single.single_moment(facts)
        moments.add(at)
        if facts.rest and not (facts.days or facts.excepted or facts.times or facts.rates or facts.gaps):
            rest.append(qty.amount)
        elif _once_a_day(facts) and not facts.days and len(said) == len("ab"):
            _daily_and_days(draft, said)
            return
        elif not facts.days or facts.rest or facts.daily or facts.times or facts.rates or set(facts.days) & set(days):
            fine = False
        days.update(dict.fromkeys(facts.days, qty.amount))
        if not fine or facts.repeated_day or facts.excepted:
            _unclear(draft)
            return
    if len(moments) > 1 or len(rest) > 1:
        _unclear(draft)
        return
    if rest:
        days = {day: days.get(day, rest[0]) for day in _WEEK}
    draft.schedule = Weekdays(
        tuple((day, days[day]) for day in _WEEK if day in days), single.single_moment(said[0][1])[1]
    )


def _daily_and_days(draft: Draft, said: list[Said]) -> None:
    """`50 daglig, 75 søndager`: instead of, or on top of? That day is unknown (convention 27)."""
    _unclear(draft, "ambiguous_days")
    daily = next(qty for qty, facts in said if _once_a_day(facts))
    other = next((facts for _, facts in said if facts.days), None)
    if other is None or any(facts.moments or facts.rates or facts.rest for _, facts in said):
        return
    if other.times:
        return
    draft.schedule = Weekdays(tuple((day, None if day in other.days else daily.amount) for day in _WEEK))


def _beside_needed(draft: Draft, said: list[Said], needed: list[bool]) -> None:
    """A fixed part and an as-needed one beside it, where it is plain which is which (conventions 4, 26 and 33)."""
    place = needed.index(True)
    part, facts = said[place]
    others = [pair for i, pair in enumerate(said) if i != place]
    marked = facts.extra or any(other.fixed for _, other in others)
    # without a word for it, a larger amount may be meant instead of the fixed one, the same or less only beside it
    told_apart = marked or all(part.amount.high <= qty.amount.low for qty, _ in others)
    if (
        sum(needed) > 1
        or not told_apart
        or facts.moments
        or facts.days
        or facts.fixed
        or place not in {0, len(said) - 1}
    ):
        _unclear(draft)
        draft.prn = all(needed) and all(facts.prn for _, facts in said)
        return
    if not facts.prn:
        _unclear(draft)
        return
    fixed = Draft(dose=others[0][0].amount, unit=draft.unit)
    if len(others) > 1:
        fixed.dose = None
        schedule(fixed, others)
    else:
        single.schedule(fixed, others[0][1], others[0][0].sort)
    extra = _needed(draft, facts)
    draft.problems |= fixed.problems
    if isinstance(fixed.schedule, (PerDay, Slots, Clock)):
        draft.dose = fixed.dose
        draft.schedule = FixedPlusNeeded(fixed.schedule, extra, part.amount)
    else:
        _unclear(draft)


def _needed_each(draft: Draft, facts: Facts) -> "Every | AsNeeded":
    """`i tillegg 5 mg hver 4. time ved behov`: an interval of hours, and nothing else of how often."""
    rate = facts.rates[0]
    if len(facts.rates) > 1 or rate.unit is not PeriodUnit.HOUR or rate.high > _DAY_HOURS or facts.times or facts.daily:
        _unclear(draft)
        return AsNeeded()
    return Every(rate.low, rate.high, rate.unit)


def _needed(draft: Draft, facts: Facts) -> "PerDay | Every | AsNeeded":
    if facts.days_of_week or facts.gaps or facts.once or len(facts.times) > 1:
        _unclear(draft)
        return AsNeeded()
    if facts.rates:
        return _needed_each(draft, facts)
    if not facts.times:
        return PerDay(1, 1) if facts.daily else AsNeeded()
    times = facts.times[0]
    if times.written == "ganger" and times.per is None:
        draft.problems.add("frequency_missing")
        return AsNeeded()
    return PerDay(times.low, times.high)
