"""Plus lists: `1+0+1` by position (convention 20), and what is left certain where the positions are not settled."""

from decimal import Decimal

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.facts import Facts
from formats.dosage.single import single_moment
from formats.dosing import Amount, PartOfDay, PerDay, Slots, Weekday, Weekdays

_THREE = (PartOfDay.MORNING, PartOfDay.NOON, PartOfDay.EVENING)
_FOUR, _WEEK = 4, tuple(Weekday)
_ZERO = Decimal(0)


def from_terms(draft: Draft, terms: it.Terms, facts: Facts) -> None:
    """Fill in what the positions say."""
    amounts = terms.amounts
    given = [amount for amount in amounts if amount.high > 0]
    draft.unit = terms.unit
    if len(amounts) == len(_WEEK):
        _week(draft, terms, facts)
        return
    if len(amounts) > _FOUR:
        draft.problems.add("ambiguous_slots")
        draft.fatal = True
        return
    if not given:
        draft.problems.add("hold")
        draft.fatal = True
        return
    if _other_timing(facts):
        draft.problems.add("conflict" if len(amounts) == len(_THREE) else "ambiguous_slots")
        draft.unclear_total = True
        return
    if len(amounts) == len(_THREE) and not terms.dashed:
        draft.schedule = Slots(tuple((p, a) for p, a in zip(_THREE, amounts, strict=True) if a.high > 0))
    elif len(amounts) == _FOUR and not terms.dashed and given == [amounts[0]]:
        draft.schedule = Slots(((PartOfDay.MORNING, amounts[0]),))
    else:
        _unsettled(draft, given, as_needed=facts.prn)


def _other_timing(facts: Facts) -> bool:
    return bool(
        facts.times or facts.rates or facts.moments or facts.days or facts.excepted or facts.days_of_week or facts.once
        or facts.rest or facts.other_days or facts.window or facts.vague_days or facts.relative_day or facts.gaps
        or facts.extra
    )  # fmt: skip


def _unsettled(draft: Draft, given: list[Amount], *, as_needed: bool) -> None:
    draft.problems.add("ambiguous_slots")
    if as_needed:
        return  # the last term alone may be the one taken as needed
    draft.day_total = Amount(sum((a.low for a in given), _ZERO), sum((a.high for a in given), _ZERO))
    if len(set(given)) == 1:
        draft.dose, draft.schedule = given[0], PerDay(len(given), len(given))


def _week(draft: Draft, terms: it.Terms, facts: Facts) -> None:
    """Seven positions are the week's days only where the days are named."""
    if len(facts.days) != len(_WEEK) or terms.dashed:
        draft.problems.add("ambiguous_slots")
        draft.fatal = True
        return
    fine, at = single_moment(facts)
    if not fine or facts.times or facts.rates or facts.excepted or facts.rest or facts.extra or facts.window:
        draft.problems.add("residual")
        draft.unclear_total = True
        return
    draft.schedule = Weekdays(tuple((d, a) for d, a in zip(_WEEK, terms.amounts, strict=True) if a.high > 0), at)
