"""Dose arithmetic: one stated dose as parts in milligrams, its interval class, and when two doses are equal.

Nothing here is a dose to give. A daily average of a dose that is not daily is only ever compared, never shown
(rules.md S2, clarifications 35-39). Amounts are exact; ranges keep both ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache

from formats.dosing import (
    Amount,
    AsNeeded,
    Clock,
    Cycle,
    Dosage,
    Duration,
    Every,
    FixedPlusNeeded,
    Once,
    PartOfDay,
    PerDay,
    PeriodUnit,
    Schedule,
    Slots,
    StepKind,
    Steps,
    Weekdays,
)
from formats.drug import Quantity
from rules.tables.intervals import Interval

MONTH_DAYS = Decimal("30.4375")
"""Days in a month, as the dosing conventions count (section 32)."""

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
    each substance; both `None` where the amount differs from time to time or is not said. `per_day` is the average
    per 24 hours in `Dose.units`, for comparison only where `interval` is not `DAY`; an as-needed part stands at its
    ceiling (low end 0). `times`: (low, high) per `period` days.
    """

    pieces: Amount | None
    per_time: tuple[Amount, ...] | None
    times: tuple[Decimal, Decimal] | None
    period: Decimal
    interval: Interval | None
    per_day: tuple[Amount, ...] | None
    pieces_per_day: Amount | None
    moments: tuple[tuple[Moment, Amount | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One stated dose today. `units` per substance: "mg", "E", "mmol", "ml"; the counted unit without a strength.

    `plan`: it is a step of a plan, in force since `since`. `by_mass`: `units` are masses or units of effect.
    `piece`: the counted unit as said ("tablett", "" where the drug's own applies).
    """

    fixed: Part | None
    prn: Part | None
    units: tuple[str, ...]
    by_mass: bool
    piece: str = ""
    plan: bool = False
    since: date | None = None
    unlimited: bool = False

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
        return tuple(sum((a.high for a in column), Decimal(0)) for column in zip(*(p for p in parts if p), strict=True))
