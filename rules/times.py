"""When a dose is taken: whether two lists put the same total at other times of the day, or on other weekdays."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from formats.dosing import PartOfDay
from rules.dosing import Moment, Part, moments_meet
from rules.tables.intervals import Interval
from rules.view import Said


def other_times(a: Said, b: Said) -> bool:
    """True where both say when, or how often a day, and it can't be the same (clarification 37)."""
    if not (a.dose and b.dose and a.dose.fixed and b.dose.fixed):
        return False
    first, second = a.dose.fixed, b.dose.fixed
    if first.interval is not Interval.DAY:
        return bool(first.weekdays and second.weekdays) and first.weekdays != second.weekdays
    if first.moments and second.moments:
        return not any(_same_split(x, y) for x in _readings(first, a) for y in _readings(second, b))
    counted = not (a.others or b.others) and first.times and second.times
    return bool(counted) and first.times != second.times


def _readings(part: Part, said: Said) -> tuple[Part, ...]:
    """Beside other meals "middag" is dinner, and in "1+1+1" it is noon: where the word is the same, the meal may be."""
    words = (said.statement.dose_text or "").casefold()
    if "middag" not in words or "ettermiddag" in words:
        return (part,)
    noon = tuple((PartOfDay.NOON if m is PartOfDay.AFTERNOON else m, amount) for m, amount in part.moments)
    return (part, replace(part, moments=noon))


def _same_split(a: Part, b: Part) -> bool:
    """Each intake of the one has its own in the other: at a time that can be the same, with the same share."""
    if a.moments == b.moments and a.pieces_per_day == b.pieces_per_day:
        return True  # each moment meets itself
    left = list(_shares(b))
    for moment, share in _shares(a):
        match = next((o for o in left if moments_meet(moment, o[0]) and _may_equal(share, o[1])), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _shares(part: Part) -> Iterable[tuple[Moment, Decimal | None]]:
    """What is taken at each moment as a share of them all, so that drops in one eye and in two can be compared."""
    whole = sum((amount.high for _, amount in part.moments if amount), Decimal(0))
    known = bool(whole) and all(amount for _, amount in part.moments)
    for moment, amount in part.moments:
        yield moment, amount.high / whole if known and amount else None


def _may_equal(a: Decimal | None, b: Decimal | None) -> bool:
    return a is None or b is None or a == b
