"""The value of a dosage: what is given, how much, when. No parsing and no arithmetic in mg.

The shape follows the schedule language of the dosing conventions (README, "Dosing text"): a dosage is an
amount, a unit and a `Schedule`; amounts that belong to a time of day or weekday stand inside the schedule.
All amounts are exact decimals in the dosage's own unit. `None` always means *not said*.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Amount:
    """From `low` to `high`, both inclusive; equal ends for a plain number. Unit: the dosage's own."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not Decimal(0) <= self.low <= self.high:
            msg = f"amount out of order: {self.low}..{self.high}"
            raise ValueError(msg)

    @classmethod
    def of(cls, low: Decimal | str | int, high: Decimal | str | int | None = None) -> "Amount":
        """`Amount.of("0.5")`, `Amount.of(1, 2)`."""
        first = Decimal(low)
        return cls(first, first if high is None else Decimal(high))


class PartOfDay(StrEnum):
    """Times of day without a clock time. The first six are code list 8325 in its order."""

    MORNING = "morgen"
    FORENOON = "formiddag"
    NOON = "middag"
    AFTERNOON = "ettermiddag"
    EVENING = "kveld"
    NIGHT = "natt"
    BEDTIME = "sengetid"


class Weekday(StrEnum):
    """Monday first, as in code list 9082."""

    MONDAY = "ma"
    TUESDAY = "ti"
    WEDNESDAY = "on"
    THURSDAY = "to"
    FRIDAY = "fr"
    SATURDAY = "lø"
    SUNDAY = "sø"


class PeriodUnit(StrEnum):
    """Units of an interval. Weeks are written as days."""

    HOUR = "h"
    DAY = "d"
    MONTH = "mo"


@dataclass(frozen=True, slots=True)
class PerDay:
    """`low` to `high` times each day (inclusive). `None` for both: each day, times not said (`d:?`)."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Slots:
    """Amounts at parts of the day, in the order of `PartOfDay`; amount `None`: how much is not said."""

    amounts: tuple[tuple[PartOfDay, Amount | None], ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """Amounts at clock times, ascending."""

    amounts: tuple[tuple[time, Amount | None], ...]


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Amounts on named weekdays, Monday first; days without a dose are left out."""

    amounts: tuple[tuple[Weekday, Amount | None], ...]
    at: PartOfDay | time | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """Each `low` to `high` hours, days or months.

    `times` (low, high): that many times within the period, moments not named (`every{7d: 2x}`).
    `turns`: amounts on successive occasions (`every{2d: 1|1.5}`: one day 1, the next 1.5).
    """

    low: int
    high: int
    unit: PeriodUnit
    times: tuple[int, int] | None = None
    turns: tuple[Amount, ...] = ()
    at: PartOfDay | time | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """`on` days with `inner` each day, then `off` days without, repeated."""

    on: int
    off: int
    inner: PerDay


@dataclass(frozen=True, slots=True)
class Once:
    """One single dose."""


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """As needed, and nothing else said of how often."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: `low` to `high` days or months (inclusive); low 0: at most `high`."""

    low: int
    high: int
    unit: PeriodUnit = PeriodUnit.DAY


class StepKind(StrEnum):
    """What one step of a plan does."""

    GIVE = "give"
    HOLD = "hold"
    CHANGE = "change"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    `change` is the signed difference of a `CHANGE` step, made each `length`. `starts` and `ends` are calendar
    dates, both inclusive, where the source gives them (structured dosing does, text mostly does not).
    """

    kind: StepKind
    schedule: "Simple | None" = None
    dose: Amount | None = None
    change: Decimal | None = None
    length: Duration | None = None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps in order."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class FixedPlusNeeded:
    """A fixed part, and an as-needed part beside it with its own amount."""

    fixed: "Simple"
    needed: "PerDay | Every | AsNeeded"
    needed_dose: Amount | None


Simple = PerDay | Slots | Clock | Weekdays | Every | Cycle | Once | AsNeeded
Schedule = Simple | Steps | FixedPlusNeeded


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most `amount` in 24 hours; `unit` `None`: the dosage's own unit, or times where that is not said either."""

    amount: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dosage:
    """A dosage in structure.

    `unit` is one of the canonical dosing units (tablett, kapsel, ml, mg, g, mikrog, E, dråpe, ...) or `None` where
    the drug's own unit applies. `per_side`: the amount is given on both sides (each eye). `starts`/`ends` are
    inclusive calendar dates of the whole dosage where said.
    """

    dose: Amount | None = None
    unit: str | None = None
    schedule: Schedule | None = None
    prn: bool = False
    ceiling: Ceiling | None = None
    duration: Duration | None = None
    per_side: bool = False
    starts: date | None = None
    ends: date | None = None


class ReadStatus(StrEnum):
    """How far a dosing text was understood. Only `ok` may be compared, summed or rendered as whole."""

    OK = "ok"
    PARTIAL = "partial"
    UNPARSEABLE = "unparseable"


@dataclass(frozen=True, slots=True)
class DoseReading:
    """What was read from a dosing text. The words as said always travel with it.

    `dosage` is `None` when unparseable; on `partial` each field that is filled is certain. `flags` come from the
    closed list of the dosing conventions. `total` is `(amount or None, period in days as Decimal)` texts as the
    conventions write it ("2/1d"), "" when not computed.
    """

    text: str
    status: ReadStatus
    dosage: Dosage | None
    flags: tuple[str, ...] = ()
    total: str = ""
