"""What two neighbours say together: a part of the day with its clock time, and two amounts on alternate days."""

from collections.abc import Sequence
from datetime import time

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.facts import gather
from formats.dosage.items import Item
from formats.dosing import Every, PartOfDay, PeriodUnit

_NIGHT_ENDS = 6
_HOURS = {
    PartOfDay.MORNING: range(5, 12),
    PartOfDay.FORENOON: range(8, 13),
    PartOfDay.NOON: range(11, 15),
    PartOfDay.AFTERNOON: range(13, 19),
    PartOfDay.EVENING: range(17, 24),
    PartOfDay.BEDTIME: range(19, 24),
}
_DINNER = range(11, 20)


def merged(items: Sequence[Item]) -> list[Item]:
    """The items with neighbours that name one moment made one: "kveld kl 21" is 21:00, "morgen, før frokost" morgen."""
    kept: list[Item] = []
    for here, item in enumerate(items):
        place = len(kept) - 1
        while place >= 0 and kept[place] in {it.COMMA, it.COLON}:
            place -= 1
        last = kept[place] if place >= 0 else None
        one = _one_moment(last, item) if isinstance(item, it.At) and isinstance(last, it.At) else None
        if one is item and isinstance(last, it.At) and not _rest_fits(last, items[here + 1 :]):
            one = None
        if one is None:
            kept.append(item)
        else:
            kept[place:] = [one]
    return kept


def _rest_fits(part: it.At, behind: Sequence[Item]) -> bool:
    """Whether the clock times listed behind the first lie in the part as well: not so in "morgen kl 8 og 20"."""
    for item in behind:
        if not isinstance(item, it.At) or not isinstance(item.moment, time):
            return True
        if not _fits(item, part):
            return False
    return True


def _one_moment(first: it.At, second: it.At) -> it.At | None:
    if isinstance(first.moment, time) is not isinstance(second.moment, time):
        clock, part = (first, second) if isinstance(first.moment, time) else (second, first)
        return clock if _fits(clock, part) else None
    same = first.moment == second.moment and not first.source.startswith("dinner")
    return first if same and {first.source, second.source} in ({"part", "meal"}, {"each", "meal"}) else None


def _fits(clock: it.At, part: it.At) -> bool:
    if not isinstance(clock.moment, time) or isinstance(part.moment, time):
        return False
    hour = clock.moment.hour
    if part.source.startswith("dinner"):
        return hour in _DINNER
    if part.moment is PartOfDay.NIGHT:
        return hour >= _HOURS[PartOfDay.BEDTIME].stop - 2 or hour <= _NIGHT_ENDS
    return hour in _HOURS[part.moment]


def alternating(draft: Draft, items: Sequence[Item]) -> bool:
    """Whether two amounts take turns, "1 og 2 tabletter annenhver dag"; fills in the draft if so.

    One "annenhver dag" must stand in front of both or behind both, joined by "og"; or each has its own.
    """
    places = [place for place, item in enumerate(items) if isinstance(item, it.Qty)]
    rates = [place for place, item in enumerate(items) if isinstance(item, it.Rate)]
    if len(places) != len("ab") or not rates or any(items[place] != _TWO_DAYS for place in rates):
        return False
    first, second = (items[place] for place in places)
    assert isinstance(first, it.Qty)  # noqa: S101 - chosen by kind
    assert isinstance(second, it.Qty)  # noqa: S101 - chosen by kind
    said = gather(items)
    if not said.only_rates or first.unit not in {second.unit, None} or (first.unit is None and first.sort):
        return False
    between = items[places[0] + 1 : places[1]]
    joined = len(rates) == 1 and list(between) == [it.AND]
    own = len(rates) == len("ab") and (rates[0] < places[0] < rates[1] < places[1] or _behind_each(places, rates))
    if not joined and not (own and first.unit == second.unit):
        return False
    draft.unit = second.unit
    draft.schedule = Every(2, 2, PeriodUnit.DAY, turns=(first.amount, second.amount))
    return True


_TWO_DAYS = it.Rate(2, 2, PeriodUnit.DAY)


def _behind_each(places: list[int], rates: list[int]) -> bool:
    return places[0] < rates[0] < places[1] < rates[1]
