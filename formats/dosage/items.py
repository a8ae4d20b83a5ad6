"""What one piece of a dosing text says, before the pieces are put together."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from formats.dosing import Amount, Duration, PartOfDay, PeriodUnit, Weekday

Moment = PartOfDay | time


@dataclass(frozen=True, slots=True)
class Qty:
    """An amount, with its unit and the unit's sort where said (`sort` "" for a bare number).

    `gram`: written with the letter g, which may be gang beside "daglig".
    """

    amount: Amount
    unit: str | None
    sort: str
    gram: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """`1+0+1` or `1-0-1` (`dashed`), with the unit where said."""

    amounts: tuple[Amount, ...]
    unit: str | None
    dashed: bool


@dataclass(frozen=True, slots=True)
class Times:
    """`low` to `high` times; `per` "" where no period stands with it (`written` "x" or "ganger")."""

    low: int
    high: int
    per: "Rate | Daily | None"
    written: str


@dataclass(frozen=True, slots=True)
class Daily:
    """Each day."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Each `low` to `high` hours, days or months; `period`: said as one ("i uken"), so a count may stand with it."""

    low: int
    high: int
    unit: PeriodUnit
    period: bool = False
    sum_of: bool = False  # "per uke", "i uken": an amount beside it may be the sum of several doses


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """On `low` to `high` unnamed days of each week, perhaps at a part of the day ("3 kvelder i uken")."""

    low: int
    high: int
    at: PartOfDay | None = None


@dataclass(frozen=True, slots=True)
class At:
    """A moment of the day. `source`: part, meal, clock, dinner-bare or dinner-bound."""

    moment: Moment
    source: str = "part"


@dataclass(frozen=True, slots=True)
class Days:
    """Named weekdays."""

    days: tuple[Weekday, ...]


@dataclass(frozen=True, slots=True)
class Except:
    """Not on these weekdays; none: a day that is not a weekday's name."""

    days: tuple[Weekday, ...]


@dataclass(frozen=True, slots=True)
class VagueDays:
    """Working days (`certain` Monday to Friday) or a word that doesn't say which days."""

    certain: bool


@dataclass(frozen=True, slots=True)
class Max:
    """A ceiling: an amount (`sort` "" for a bare number) or, `times`, a count of occasions."""

    amount: Amount
    unit: str | None
    sort: str
    times: bool
    per: "Rate | Daily | None"


@dataclass(frozen=True, slots=True)
class For:
    """For so long; `first`: "første uken"."""

    length: Duration
    first: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """`uke 1-2`, `dag 3`: which days or weeks of a plan; `unit_days` 1 or 7, both ends inclusive; `high` 0: and on."""

    low: int
    high: int
    unit_days: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause, with its length where said."""

    length: Duration | None


@dataclass(frozen=True, slots=True)
class Change:
    """Up or down by so much each so long."""

    change: Decimal
    unit: str | None
    length: Duration


@dataclass(frozen=True, slots=True)
class Gap:
    """So many hours between doses."""

    hours: int


@dataclass(frozen=True, slots=True)
class Divided:
    """The day's amount is given in `low` to `high` parts."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Both:
    """On both sides."""

    site: str


@dataclass(frozen=True, slots=True)
class Side:
    """On one side; `site` `None` for a place that is neither eye, ear nor nostril."""

    side: str
    site: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that keeps the reading from being whole; `flag` as the conventions name it.

    `bears`: it may bear on when the dose is given, so no time beside it is certain.
    `more`: it names another amount that may be given, so what is beside it is no total.
    `sparse`: it says that the dose is not for every day, so a time of every day beside it is not certain.
    """

    flag: str
    bears: bool = False
    more: bool = False
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class LooseUnit:
    """A unit's name without a number."""

    unit: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that says one thing. The `name` is one of the constants below."""

    name: str


PRN = Mark("prn")
MEASURED = Reason("external_scheme", bears=True)
ONCE = Mark("once")
EXTRA = Mark("extra")
FIXED = Mark("fixed")
THEN = Mark("then")
STOP = Mark("stop")
REPEAT = Mark("repeat")
REST = Mark("rest")
OTHER_DAYS = Mark("other-days")
WINDOW = Mark("window")
EITHER = Mark("either")
INSTEAD = Mark("instead")
BUT = Mark("but")
LATER = Mark("later")
FREE = Mark("free")
UP_TO = Mark("up-to")
EITHER_DOSE = Mark("either-dose")
TAPER = Mark("taper")
STRENGTH = Mark("strength")
SITES = Mark("sites")
MEAL = Mark("meal")
COMMA = Mark(",")
COLON = Mark(":")
STOPPER = Mark(".")
AND = Mark("and")
NOT = Mark("not")
UNKNOWN = Mark("unknown")
REVERSED = Mark("reversed")

SEPARATORS = frozenset({COMMA, COLON, STOPPER, AND})

Item = (
    Qty
    | Terms
    | Times
    | Daily
    | Rate
    | DaysOfWeek
    | At
    | Days
    | Except
    | VagueDays
    | Max
    | For
    | Label
    | Hold
    | Change
    | Gap
    | Divided
    | Both
    | Side
    | Reason
    | LooseUnit
    | Mark
)
