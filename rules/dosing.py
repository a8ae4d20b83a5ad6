"""Dose arithmetic: one stated dose as parts in milligrams, its interval class, and when two doses are equal.

Nothing here is a dose to give. A daily average of a dose that is not daily is only ever compared, never shown
(rules.md S2, clarifications 35-39). Amounts are exact; ranges keep both ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from formats.dosing import Amount, PartOfDay, Weekday
from rules.tables.intervals import Interval

Moment = PartOfDay | time


_UPPER = (
    (Decimal("1.5"), Interval.DAY),
    (Decimal(5), Interval.DAYS_2_4),
    (Decimal(11), Interval.WEEK),
    (Decimal(21), Interval.WEEKS_2),
    (Decimal(46), Interval.MONTH),
    (Decimal(137), Interval.MONTHS_2_4),
    (Decimal(258), Interval.MONTHS_5_8),
)


def interval_of(days: Decimal) -> Interval:
    """The class of a period of `days` days."""
    return next((interval for limit, interval in _UPPER if days < limit), Interval.LONGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The fixed part of a dose, or the as-needed part.

    `pieces` is the amount per time as counted (tablets, ml ...), `per_time` the same in `Dose.units`, one amount for
    each substance; both `None` where the amount differs from time to time or is not said. `per_day` is the average per
    24 hours in `Dose.units`, for comparison only where `interval` is not `DAY`; an as-needed part stands at its ceiling
    (low end 0). `times`: (low, high) per `period` days. `weekdays`: on which it is given, where not on all.
    """

    pieces: Amount | None
    per_time: tuple[Amount, ...] | None
    times: tuple[Decimal, Decimal] | None
    period: Decimal
    interval: Interval | None
    per_day: tuple[Amount, ...] | None
    pieces_per_day: Amount | None
    moments: tuple[tuple[Moment, Amount | None], ...] = ()
    weekdays: tuple[Weekday, ...] = ()


EACH = "i hvert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One stated dose today. `units` per substance: "mg", "E", "mmol", "ml"; the counted unit without a strength.

    `plan`: it is a step of a plan, in force since `since`. `by_mass`: `units` are masses or units of effect.
    `ceiling`: the most a day that is said beside all of it, in `units`.
    `piece`: the counted unit as said ("tablett", "" where the drug's own applies). `basis`: the salts (or the parent
    substances) that the strength is told of, and what else they may be compared with; empty where it is not known.
    `where`: "i hvert øye" where the amount is for each of two eyes, ears or nostrils, and a day counts both; "i høyre
    øye" where it is for one that is named.
    """

    fixed: Part | None
    prn: Part | None
    units: tuple[str, ...]
    by_mass: bool
    piece: str = ""
    plan: bool = False
    since: date | None = None
    unlimited: bool = False
    ceiling: tuple[Decimal, ...] | None = None
    basis: tuple[str, ...] = ()
    where: str = ""

    @property
    def each_side(self) -> bool:
        """For each of two eyes, ears or nostrils."""
        return self.where.startswith(EACH)

    @property
    def one_side(self) -> bool:
        """For one eye, ear or nostril that is named."""
        return bool(self.where) and not self.each_side

    @property
    def interval(self) -> Interval | None:
        """The fixed part's interval class; `None` for as needed alone."""
        return self.fixed.interval if self.fixed else None

    @property
    def daily_high(self) -> tuple[Decimal, ...] | None:
        """Most per day in `units`: upper end of ranges, as needed at its ceiling, both parts; `None` unknown."""
        parts = [p.per_day for p in (self.fixed, self.prn) if p]
        if not parts or any(p is None for p in parts):
            return None
        return self.most_of(parts)

    def most_of(self, days: Iterable[tuple[Amount, ...] | None]) -> tuple[Decimal, ...]:
        """What parts come to a day at most, and no less or more than a ceiling that is said above the fixed part.

        "1 x 2, maks 3 daglig" may be three. A ceiling at or below the fixed part can only be meant of what is needed.
        """
        told = [day for day in days if day]
        whole = tuple(sum((a.high for a in column), Decimal(0)) for column in zip(*told, strict=True))
        fixed = self.fixed.per_day if self.fixed else None
        if self.ceiling is None or fixed is None or self.interval is not Interval.DAY:
            return whole
        ends = zip(whole, self.ceiling, fixed, strict=True)
        return tuple(most if most > regular.high else sum_ for sum_, most, regular in ends)


def upper_bound(part: Part) -> bool:
    """Words such as "inntil 3 ganger daglig": from none to a number of times, which is a ceiling and no fixed dose."""
    return part.times is not None and part.times[0] == 0


# --- two doses --------------------------------------------------------------------------------------------------


class Relation(StrEnum):
    """How two stated doses relate. `interval` before all (D02), then `prn` (D04), `apart` (D05), `differs` (D01)."""

    EQUAL = "equal"
    DIFFERS = "differs"
    INTERVAL = "interval"
    PRN = "prn-vs-fixed"
    APART = "cannot-be-compared"


def compare(a: Dose, b: Dose) -> Relation:
    """How two doses relate, part by part; a part that only one of them has is no difference.

    In mass where both have a strength. Counted units are compared where neither has one, and where only one has, or
    only one names its unit, equal counts are equal and other counts can't be compared (a strength is never guessed).
    "1 dråpe" and "1 dråpe i hvert øye" are equal: the amount is told per side, and a side not named fits any.
    """
    if a is b and (a.fixed or a.prn):
        return Relation.EQUAL  # said alike: half of all questions
    if other_side(a, b):
        return Relation.DIFFERS
    if a.fixed and b.fixed:
        if a.fixed.interval is not b.fixed.interval:
            return Relation.INTERVAL
    elif not (a.prn and b.prn):
        return Relation.PRN
    verdicts = {
        _compare_part(a, b, first, second) for first, second in ((a.fixed, b.fixed), (a.prn, b.prn)) if first and second
    }
    if _ceilings(a, b):
        verdicts.add(Relation.DIFFERS)
    return next((v for v in (Relation.APART, Relation.DIFFERS) if v in verdicts), Relation.EQUAL)


def other_side(a: Dose, b: Dose) -> bool:
    """One is for the right eye and the other for the left."""
    return a.one_side and b.one_side and a.where != b.where


def _ceilings(a: Dose, b: Dose) -> tuple[tuple[Decimal, Decimal], ...]:
    """The most a day beside two fixed doses, where both say it in the same units and not the same (smaller first)."""
    if not (a.ceiling and b.ceiling and a.fixed and b.fixed) or a.units != b.units:
        return ()
    return tuple((min(x, y), max(x, y)) for x, y in zip(a.ceiling, b.ceiling, strict=True) if x != y)


def relation(a: Dose | None, b: Dose | None) -> Relation:
    """As `compare`; a dose that is not told can't be compared."""
    return compare(a, b) if a and b else Relation.APART


def _compare_part(a: Dose, b: Dose, first: Part, second: Part) -> Relation:
    if a.units == b.units:
        if a.basis and b.basis and not set(a.basis) & set(b.basis):
            return Relation.APART  # milligrams of two salts (clarification 35)
        if _side_not_named(a, b, first, second):
            return _per_side(first, second)
        return Relation.EQUAL if _same(first, second) else Relation.DIFFERS
    counted = a.by_mass != b.by_mass and _counted_alike(a.piece, b.piece)
    if counted and first.pieces_per_day and first.pieces_per_day == second.pieces_per_day:
        return Relation.EQUAL
    if not (a.by_mass or b.by_mass) and _may_be_one_unit(a.piece, b.piece) and _said_amounts(first, second):
        sides = _side_not_named(a, b, first, second)
        equal = _per_side(first, second) is Relation.EQUAL if sides else _same(first, second)
        return Relation.EQUAL if equal else Relation.APART
    return Relation.APART


def _counted_alike(a: str, b: str) -> bool:
    """Equal numbers of the two may be equal doses: five tablets are five of what is counted, never five milligrams."""
    counted = [unit for unit in (a, b) if unit not in _MEASURES]
    measured = [unit for unit in (a, b) if unit in _MEASURES]
    return a == b or not measured or (bool(counted) and counted[0] in _MEASURES[measured[0]])


_ONE_INJECTION = frozenset({"injeksjon", "ampulle", "sprøyte"})
_MEASURES = dict.fromkeys(("mg", "g", "mikrog", "mmol"), frozenset[str]()) | {"E": {""}, "ml": _ONE_INJECTION | {""}}
"""What is measured, and the counted words that can stand for as many of it."""
_ONE_PUFF = frozenset({"inhalasjon", "dose", "spray"})


def _may_be_one_unit(a: str, b: str) -> bool:
    """One of them names none, so the drug's own applies, or they are two words for what is given at a time."""
    return not (a and b) or {a, b} <= _ONE_INJECTION or {a, b} <= _ONE_PUFF


def _said_amounts(first: Part, second: Part) -> bool:
    return bool((first.per_time and second.per_time) or (first.per_day and second.per_day))


def _side_not_named(a: Dose, b: Dose, first: Part, second: Part) -> bool:
    """One is told for each side, and the other tells an amount and names no side."""
    return (
        a.each_side is not b.each_side and not (a.one_side or b.one_side) and bool(first.per_time and second.per_time)
    )


def _per_side(first: Part, second: Part) -> Relation:
    """What is written at a time is compared; "2 dråper" and "1 dråpe i hvert øye" may be the same day, or twice it."""
    if _alike(first.per_time, second.per_time) and first.times == second.times and first.period == second.period:
        return Relation.EQUAL
    return Relation.APART if _same(first, second) else Relation.DIFFERS


def _same(first: Part, second: Part) -> bool:
    if first.interval is None:  # as needed, or a single dose: the amount per time, and the ceiling where both have one
        ceilings = first.per_day and second.per_day
        return (_alike(first.per_time, second.per_time) or not (first.per_time and second.per_time)) and (
            not ceilings or _alike(first.per_day, second.per_day)
        )
    if first.per_day and second.per_day:
        return _alike(first.per_day, second.per_day)
    return _alike(first.per_time, second.per_time) and first.times == second.times


def _alike(a: tuple[Amount, ...] | None, b: tuple[Amount, ...] | None) -> bool:
    """One amount for each substance: of a combination one source may name them in another order than the other."""
    if a is None or b is None or a == b or len(a) == 1:
        return a == b
    return sorted(a, key=lambda x: (x.low, x.high)) == sorted(b, key=lambda x: (x.low, x.high))


def ratio(a: Dose, b: Dose) -> Decimal | None:
    """Larger by smaller of the two daily doses in the same units (clarification 35); `None` where it can't be told."""
    if a.units != b.units or other_side(a, b):
        return None
    ratios = [large / small if small else Decimal("Infinity") for small, large in _ceilings(a, b)]
    for first, second in ((a.fixed, b.fixed), (a.prn, b.prn)):
        if first and second:
            days = first.per_day and second.per_day  # what is taken at a time says nothing against another's day
            x, y = (first.per_day, second.per_day) if days else (first.per_time, second.per_time)
            for one, other in zip(x or (), y or (), strict=False):
                small, large = sorted((one.high, other.high))
                ratios.append(large / small if small else Decimal("Infinity") if large else Decimal(1))
    return max(ratios, default=None)


def hardly_apart(a: Dose, b: Dose, least: Decimal) -> bool:
    """No amount of the one is `least` times that of the other: of a day, of a time as needed, at either end of a range.

    "1-2 tabletter" beside "2 tabletter" is half of it on some days, whatever is the most.
    """
    ends = [*_ceilings(a, b)]
    for first, second in ((a.fixed, b.fixed), (a.prn, b.prn)):
        if first and second:
            told = [(first.per_day, second.per_day)]
            told += [(first.per_time, second.per_time)] if first.interval is None or None in told[0] else []
            for x, y in (pair for of_both in told for pair in zip(*(t or () for t in of_both), strict=False)):
                ends += [(min(x.low, y.low), max(x.low, y.low)), (min(x.high, y.high), max(x.high, y.high))]
    return bool(ends) and all(large < small * least or large == small for small, large in ends)


def combined(doses: Iterable[Dose]) -> Dose | None:
    """The entries of one list as one dose: parts of the same kind are added where units and interval agree (D12)."""
    whole: Dose | None = None
    for dose in doses:
        whole = dose if whole is None else _joined(whole, dose)
        if whole is None:
            return None
    return whole


def _joined(a: Dose, b: Dose) -> Dose | None:
    if a.units != b.units:
        return None
    if other_side(a, b) and (a.fixed, a.prn) == (b.fixed, b.prn):
        both = f"{EACH} {a.where.rsplit(' ', 1)[-1]}"
        return replace(a, fixed=_on_both_sides(a.fixed), prn=_on_both_sides(a.prn), where=both)
    fixed, needed = _added(a.fixed, b.fixed), _added(a.prn, b.prn)
    if (a.fixed and b.fixed and fixed is None) or (a.prn and b.prn and needed is None):
        return None
    where = a.where if a.where == b.where else ""
    return replace(a, fixed=fixed, prn=needed, unlimited=a.unlimited or b.unlimited, where=where)


def _on_both_sides(part: Part | None) -> Part | None:
    """The same at a time, and a day of two sides."""
    if part is None:
        return None
    pieces = _sum((part.pieces_per_day,), (part.pieces_per_day,)) if part.pieces_per_day else None
    return replace(part, per_day=_sum(part.per_day, part.per_day), pieces_per_day=pieces[0] if pieces else None)


def _added(a: Part | None, b: Part | None) -> Part | None:
    if a is None or b is None:
        return a or b
    if a.interval is not b.interval or not (a.per_day and b.per_day):
        return None
    same_times = a.times == b.times
    return replace(
        a,
        pieces=None,
        per_time=_sum(a.per_time, b.per_time) if same_times else None,
        times=a.times if same_times else None,
        per_day=_sum(a.per_day, b.per_day),
        pieces_per_day=None,
        moments=_both_moments(a, b),
        weekdays=tuple(d for d in Weekday if d in a.weekdays + b.weekdays) if a.weekdays and b.weekdays else (),
    )


def _both_moments(a: Part, b: Part) -> tuple[tuple[Moment, Amount | None], ...]:
    """The moments of both, those that can be the same once ("morgen" and 08:00)."""
    fresh = [m for m, _ in b.moments if not any(moments_meet(m, other) for other, _ in a.moments)]
    return tuple(dict.fromkeys((m, None) for m in (*(m for m, _ in a.moments), *fresh)))


def _sum(a: tuple[Amount, ...] | None, b: tuple[Amount, ...] | None) -> tuple[Amount, ...] | None:
    if not a or not b:
        return None
    return tuple(Amount(x.low + y.low, x.high + y.high) for x, y in zip(a, b, strict=True))


# --- moments ----------------------------------------------------------------------------------------------------

_HOURS_OF = {
    PartOfDay.MORNING: (5, 11),
    PartOfDay.FORENOON: (9, 12),
    PartOfDay.NOON: (11, 15),
    PartOfDay.AFTERNOON: (14, 18),
    PartOfDay.EVENING: (17, 24),
    PartOfDay.NIGHT: (21, 29),
    PartOfDay.BEDTIME: (17, 29),
}
"""Hours of the parts of the day (clarification 37), past midnight counted on; first inclusive, last inclusive."""


def moments_meet(a: Moment, b: Moment) -> bool:
    """Two moments can be the same: equal, a clock time inside a part of day, evening and bedtime (clarification 37)."""
    if a == b:
        return True
    if isinstance(a, PartOfDay) and isinstance(b, PartOfDay):
        return {a, b} <= {PartOfDay.EVENING, PartOfDay.BEDTIME, PartOfDay.NIGHT} and PartOfDay.BEDTIME in {a, b}
    if isinstance(a, PartOfDay):
        a, b = b, a
    if isinstance(a, time) and isinstance(b, PartOfDay):
        low, high = _HOURS_OF[b]
        hour = a.hour + a.minute / 60
        return low <= hour <= high or low <= hour + 24 <= high
    return False


def same_moments(a: Part, b: Part) -> bool:
    """The times of day agree, or one of the two names none (clarification 37)."""
    if not a.moments or not b.moments:
        return True
    if len(a.moments) != len(b.moments):
        return False
    left = [m for m, _ in b.moments]
    for moment, _ in a.moments:
        match = next((m for m in left if moments_meet(moment, m)), None)
        if match is None:
            return False
        left.remove(match)
    return True


_TENFOLD = frozenset({Decimal(10), Decimal(100), Decimal(1000)})
_MEASURED = frozenset({"mg", "E", "mmol", "ml"})


def unit_factor(a: Dose, b: Dose) -> Decimal | None:
    """10, 100 or 1000 where that is what stands between two doses; 0 where equal numbers stand in two unit families.

    Both are the marks of a unit gone wrong (D11); `None` where neither fits.
    """
    if a.units == b.units:
        times = ratio(a, b) if a.interval is b.interval else None
        return times if times in _TENFOLD else None
    measured = len(a.units) == len(b.units) == 1 and {a.units[0], b.units[0]} <= _MEASURED
    first, second = a.fixed or a.prn, b.fixed or b.prn
    same_number = bool(first and second and first.pieces and first.pieces == second.pieces)
    same_words = a.piece != "" and a.piece == b.piece  # "1 ml" in both, and one tells no strength
    return Decimal(0) if measured and same_number and not same_words else None
