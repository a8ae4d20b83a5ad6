"""The value of a dosage: what is given, how much, when. No parsing and no arithmetic in mg.

The shape follows the schedule language of the dosing conventions (README, "Dosing text"): a dosage is an
amount, a unit and a `Schedule`; amounts that belong to a time of day or weekday stand inside the schedule.
All amounts are exact decimals in the dosage's own unit. `None` always means *not said*.
"""

from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


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
    """`low` to `high` times each day (inclusive). `None` for both: each day, times not said (`d:?`).

    `split_unsaid`: the amount is the day's, and how it is divided was not said ("2 tabletter daglig"). It takes no
    part in equality: the day's amount is the same.
    """

    low: int | None
    high: int | None
    split_unsaid: bool = field(default=False, compare=False)


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
    the drug's own unit applies. `per_side`: the amount is given on both sides of `site` (øye, øre, nesebor).
    `side`: venstre or høyre where only that one gets it; `site` `None` beside a side: another place on the body.
    `starts`/`ends` are inclusive calendar dates of the whole dosage where said.
    """

    dose: Amount | None = None
    unit: str | None = None
    schedule: Schedule | None = None
    prn: bool = False
    ceiling: Ceiling | None = None
    duration: Duration | None = None
    per_side: bool = False
    side: str | None = None
    site: str | None = None
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


_HOURS_A_DAY = 24
_MONTH_DAYS = Decimal("30.4375")
_IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mikrog": Decimal("0.001")}

Span = tuple[Decimal, Decimal | None, Decimal]


def number_text(value: Decimal) -> str:
    """The number with a point as decimal mark and without trailing zeros: `0.5`, `10`."""
    return f"{value.normalize():f}"


def amount_text(amount: Amount | None) -> str:
    """`1`, `0.5-1`, or `?` for an amount that is not said."""
    if amount is None:
        return "?"
    low = number_text(amount.low)
    return low if amount.low == amount.high else f"{low}-{number_text(amount.high)}"


def moments(dosage: Dosage) -> tuple[tuple[str, str], ...]:
    """The day as a grid: (part of day or HH:MM, amount text), in the day's order; empty when it is not described."""
    match dosage.schedule:
        case Slots(amounts):
            return tuple((part.value, amount_text(amount)) for part, amount in amounts)
        case Clock(times):
            return tuple((f"{at:%H:%M}", amount_text(amount)) for at, amount in times)
        case _:
            return ()


def total(dosage: Dosage) -> Span | None:
    """(low, high, days): the amount in the dosage's unit within `days` days, both ends inclusive.

    `high` is `None` where no upper limit was said. `None` when it can't be computed: an amount or time not said,
    steps, a single dose, or a ceiling in a unit that can't be compared. Conventions 31 to 33.
    """
    if isinstance(dosage.schedule, FixedPlusNeeded):
        span = _beside(dosage.schedule, dosage.dose)
    else:
        span = _span(dosage.dose, dosage.schedule)
    if span is None:
        return None
    low, high, days = span
    sides = 2 if dosage.per_side else 1
    low, high = (Decimal(0) if dosage.prn else low * sides), (None if high is None else high * sides)
    if dosage.ceiling is None or days != 1:
        return (low, high, days)
    top = ceiling_in_unit(dosage)
    return None if top is None else (min(low, top), top if high is None else min(high, top), days)


def ceiling_in_unit(dosage: Dosage) -> Decimal | None:
    """The ceiling in the dosage's own unit, or `None` if there is none or it is said in a unit of another kind."""
    ceiling = dosage.ceiling
    if ceiling is None:
        return None
    if ceiling.unit is None or ceiling.unit == dosage.unit:
        return ceiling.amount
    if ceiling.unit in _IN_MG and dosage.unit in _IN_MG:
        return ceiling.amount * _IN_MG[ceiling.unit] / _IN_MG[dosage.unit]
    return None


def _span(dose: Amount | None, schedule: Schedule | None) -> Span | None:  # noqa: PLR0911 - one line a kind
    match schedule:
        case Slots(amounts=parts) | Clock(amounts=parts) | Weekdays(amounts=parts):
            given = [amount for _, amount in parts]
            return _sum(given, Decimal(7 if isinstance(schedule, Weekdays) else 1))
        case Every(turns=turns, low=days) if turns:
            return _sum(list(turns), Decimal(days))
    if dose is None:
        return None
    match schedule:
        case PerDay(low=int(low), high=int(high)):
            return (dose.low * low, dose.high * high, Decimal(1))
        case Every():
            return _every(dose, schedule)
        case Cycle(on, off, PerDay(low=int(low), high=int(high))):
            return (dose.low * low * on, dose.high * high * on, Decimal(on + off))
        case AsNeeded():
            return (Decimal(0), None, Decimal(1))
        case _:
            return None


def _sum(amounts: "list[Amount | None]", days: Decimal) -> Span | None:
    said = [amount for amount in amounts if amount is not None]
    if len(said) < len(amounts):
        return None
    return (sum((a.low for a in said), Decimal(0)), sum((a.high for a in said), Decimal(0)), days)


def _every(dose: Amount, every: Every) -> Span | None:
    fewest, most = every.times or (1, 1)
    if every.unit is PeriodUnit.HOUR and every.high <= _HOURS_A_DAY and every.times is None:
        ends = (_exact(dose.low, every.high), _exact(dose.high, every.low))
        return None if ends[0] is None or ends[1] is None else (ends[0], ends[1], Decimal(1))
    if every.low != every.high:
        return None
    length = {
        PeriodUnit.HOUR: Decimal(every.low) / _HOURS_A_DAY,
        PeriodUnit.DAY: Decimal(every.low),
        PeriodUnit.MONTH: every.low * _MONTH_DAYS,
    }[every.unit]
    return (dose.low * fewest, dose.high * most, length)


def _exact(amount: Decimal, hours: int) -> Decimal | None:
    share = Fraction(amount) * _HOURS_A_DAY / hours
    value = Decimal(share.numerator) / Decimal(share.denominator)
    return value if Fraction(value) == share else None


def _beside(schedule: FixedPlusNeeded, dose: Amount | None) -> Span | None:
    fixed, needed = _span(dose, schedule.fixed), _span(schedule.needed_dose, schedule.needed)
    if fixed is None or fixed[1] is None or needed is None or fixed[2] != needed[2]:
        return None
    return (fixed[0], None if needed[1] is None else fixed[1] + needed[1], fixed[2])


def step_on(dosage: Dosage, start: date, on: date) -> Dosage | None:
    """What applies on the day `on` of a dosage that began on `start` (both calendar dates, `start` the first day).

    A dosage without steps is itself. `None` when the day can't be told or nothing is given then: before the start,
    after the last step, a hold or stop, or behind a step of unknown, varying or monthly length or an open change.
    """
    if on < start:
        return None
    if not isinstance(dosage.schedule, Steps):
        return dosage
    begins = start
    for step in dosage.schedule.steps:
        if step.kind is StepKind.STOP or step.kind is StepKind.CHANGE:
            return None
        ends = _last_day(step, begins)
        if ends is None or on <= ends:
            return _step_dosage(dosage, step, known=ends is not None or step is dosage.schedule.steps[-1])
        begins = ends + timedelta(days=1)
    return None


def _last_day(step: Step, begins: date) -> date | None:
    length = step.length
    if step.ends is not None:
        return step.ends
    if length is None or length.low != length.high or length.unit is not PeriodUnit.DAY:
        return None
    return begins + timedelta(days=length.low - 1)


def _step_dosage(dosage: Dosage, step: Step, *, known: bool) -> Dosage | None:
    if step.kind is not StepKind.GIVE or not known:
        return None
    return replace(dosage, dose=step.dose, schedule=step.schedule, duration=step.length)
