"""What two neighbours say together: a part of the day with its clock time, and two amounts on alternate days."""

from collections.abc import Sequence
from datetime import time

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.facts import gather
from formats.dosage.items import Item
from formats.dosage.measures import MASS, PIECE
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
        near = place == len(kept) - 1 or (isinstance(item, it.At) and item.source == "lead")
        if place >= 0 and near and _to_bed(kept[: place + 1], item):
            kept[place:] = [item]
            continue
        if one is item and isinstance(last, it.At) and not _rest_fits(last, items[here + 1 :]):
            one = None
        if one is None:
            kept.append(item)
        else:
            kept[place:] = [one]
    return kept


def _to_bed(before: Sequence[Item], item: Item) -> bool:
    """`kvelden før legging`, nothing between: one moment (convention 21). In a bare list of times it is its own.

    With a lead time ("kvelden, 1 time før leggetid") a comma between says no other.
    """
    evening = isinstance(item, it.At) and item.moment is PartOfDay.BEDTIME and before[-1]
    listed = len(before) > 1 and isinstance(before[-2], it.At)
    return isinstance(evening, it.At) and evening.moment is PartOfDay.EVENING and not listed


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


def bed_or_both(items: Sequence[Item]) -> bool:
    """`kveld, ved legging`, and no list of times goes on so: one moment said twice, or two?"""
    at = [place for place, item in enumerate(items) if isinstance(item, it.At)]
    moments = [item.moment for item in items if isinstance(item, it.At)]
    if moments[-2:] != [PartOfDay.EVENING, PartOfDay.BEDTIME] or items[at[-2] + 1 : at[-1]] != [it.COMMA]:
        return False
    return len(at) == len("ab") or items[at[-2] - 1] is it.AND


def in_pieces(items: list[Item], draft: Draft) -> list[Item]:
    """`15 mg ukentlig (6 tbl à 2,5 mg)`: behind the times, in brackets, how many pieces the mass is."""
    amounts = [place for place, item in enumerate(items) if isinstance(item, (it.Qty, it.Terms))]
    if len(amounts) != len("ab") or amounts[1] - amounts[0] < len("abc"):
        return items
    mass, pieces, between = items[amounts[0]], items[amounts[1]], items[amounts[0] + 1 : amounts[1] - 1]
    closed = [item for item in items[amounts[1] + 1 :] if item is not it.STRENGTH] == [it.COMMA]
    whole = (
        isinstance(mass, it.Qty)
        and mass.sort == MASS
        and mass.unit != "E"
        and isinstance(pieces, it.Qty)
        and pieces.sort == PIECE
    )
    timed = all(isinstance(item, (it.Rate, it.Times, it.Daily, it.At)) for item in between)
    if not (whole and timed and closed and items[amounts[1] - 1] is it.COMMA):
        return items
    draft.problems.add("residual")
    draft.unclear_total = True
    return [*items[: amounts[0] + 1], it.COMMA, *items[amounts[1] :], *between]


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
