"""How often a medicine is expected at most, for those dosed less often than daily: by substance, route and strength.

The table never says that a dose is right; it says that a shorter interval than the expected is a reason to stop.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from formats.drug import Quantity
from rules.tables.origin import PROPOSAL, Origin

WARNING_2024 = Origin(
    "Helsedirektoratet og NHN, advarsel 13. juni 2024 om doser sjeldnere enn daglig; klassen er vårt forslag"
)


class Interval(StrEnum):
    """Interval classes by length of period (rules.md clarification 36), shortest first."""

    DAY = "day"
    DAYS_2_4 = "2-4 days"
    WEEK = "week"
    WEEKS_2 = "2 weeks"
    MONTH = "month"
    MONTHS_2_4 = "2-4 months"
    MONTHS_5_8 = "5-8 months"
    LONGER = "longer"

    @property
    def rank(self) -> int:
        """0 for daily, rising with the length of the period."""
        return list(Interval).index(self)


DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The interval classes that are usual, and the same in words. `a_week`: most times a week, where that is told."""

    classes: tuple[Interval, ...]
    nb: str
    nn: str
    en: str
    a_week: int | None = None

    @property
    def shortest(self) -> Interval:
        """The shortest usual interval; anything shorter is too often."""
        return min(self.classes, key=lambda c: c.rank)

    def too_often(self, interval: Interval, times: Decimal | None, days: Decimal) -> bool:
        """A shorter class than is usual; or in that of a week, more of `times` in `days` days than are usual a week."""
        if interval is not Interval.WEEK or self.a_week is None or times is None:
            return interval.rank < self.shortest.rank
        return times * DAYS_A_WEEK > self.a_week * days


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One row. The first row that fits decides.

    `routes`, `releases`: empty for any; an unknown one (`?`) fits only an empty set. `least`/`most` bound the strength
    of one unit in `unit` (inclusive, `None` for open); a row with a bound needs a known strength.
    `more_often_with_end`: a shorter interval is usual in a course or start phase that has an end.
    """

    prefixes: tuple[str, ...]
    pace: Pace
    routes: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    unit: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    more_often_with_end: bool = False
    origin: Origin = PROPOSAL

    @property
    def shortest(self) -> Interval:
        """The shortest usual interval; anything shorter is too often."""
        return self.pace.shortest

    def fits(self, *, atc: str, route: str, release: str, strengths: Iterable[Quantity]) -> bool:
        """True where the medicine is one this row speaks of."""
        return (
            atc.startswith(self.prefixes)
            and (not self.routes or route in self.routes)
            and (not self.releases or release in self.releases)
            and (not self.unit or any(self._within(strength) for strength in strengths))
        )

    def _within(self, strength: Quantity) -> bool:
        value = in_unit(strength, self.unit)
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


WEEKLY = Pace(classes=(Interval.WEEK,), nb="én gang i uken", nn="éin gong i veka", en="once a week", a_week=1)
ONCE_OR_TWICE_A_WEEK = Pace(
    classes=(Interval.WEEK,),
    nb="én til to ganger i uken",
    nn="éin til to gonger i veka",
    en="once or twice a week",
    a_week=2,
)
THRICE_A_WEEK = Pace(
    classes=(Interval.WEEK,), nb="tre ganger i uken", nn="tre gonger i veka", en="three times a week", a_week=3
)
EVERY_2_WEEKS = Pace(classes=(Interval.WEEKS_2,), nb="hver annen uke", nn="annakvar veke", en="every two weeks")
MONTHLY = Pace(classes=(Interval.MONTH,), nb="én gang i måneden", nn="éin gong i månaden", en="once a month")
WEEKLY_TO_MONTHLY = Pace(
    classes=(Interval.WEEK, Interval.WEEKS_2, Interval.MONTH),
    nb="hver uke til hver måned",
    nn="kvar veke til kvar månad",
    en="weekly to monthly",
    a_week=1,
)
EVERY_1_TO_3_MONTHS = Pace(
    classes=(Interval.MONTH, Interval.MONTHS_2_4),
    nb="hver til hver tredje måned",
    nn="kvar til kvar tredje månad",
    en="every one to three months",
)
EVERY_2_TO_12_WEEKS = Pace(
    classes=(Interval.WEEKS_2, Interval.MONTH, Interval.MONTHS_2_4),
    nb="hver 2. til hver 12. uke",
    nn="kvar 2. til kvar 12. veke",
    en="every 2 to 12 weeks",
)
EVERY_6_MONTHS = Pace(
    classes=(Interval.MONTHS_5_8,), nb="hver sjette måned", nn="kvar sjette månad", en="every six months"
)
EVERY_72_HOURS = Pace(classes=(Interval.DAYS_2_4,), nb="hver 72. time", nn="kvar 72. time", en="every 72 hours")
EVERY_3_TO_4_DAYS = Pace(
    classes=(Interval.DAYS_2_4, Interval.WEEK),
    nb="hver 3. dag til hver uke, etter preparat",
    nn="kvar 3. dag til kvar veke, etter preparat",
    en="every third day to every week, by product",
)

EXPECTED: tuple[Expected, ...] = (
    Expected(prefixes=("M05BA04", "M05BB03"), pace=WEEKLY, unit="mg", least=Decimal(35), origin=WARNING_2024),
    Expected(prefixes=("L04AX03", "L01BA01"), pace=WEEKLY, origin=WARNING_2024),
    Expected(prefixes=("L04AB01",), pace=ONCE_OR_TWICE_A_WEEK, origin=WARNING_2024),
    Expected(prefixes=("A10BJ06",), pace=WEEKLY, routes=("injection",), origin=WARNING_2024),
    Expected(prefixes=("A10BJ05",), pace=WEEKLY, origin=WARNING_2024),
    Expected(prefixes=("M05BA07",), pace=WEEKLY, unit="mg", least=Decimal(35)),
    Expected(prefixes=("M05BA06",), pace=MONTHLY, unit="mg", least=Decimal(150)),
    Expected(prefixes=("M05BX04",), pace=EVERY_6_MONTHS, unit="mg", most=Decimal(60)),
    Expected(prefixes=("M05BX04",), pace=MONTHLY),
    Expected(prefixes=("L04AB04",), pace=EVERY_2_WEEKS),
    Expected(prefixes=("A10BJ01",), pace=WEEKLY, releases=("prolonged", "depot-injection")),
    Expected(prefixes=("A10BJ01",), pace=WEEKLY, unit="mg", least=Decimal(2)),
    Expected(prefixes=("A10BX16",), pace=WEEKLY),
    Expected(
        prefixes=("B03BA01", "B03BA02", "B03BA03"),
        pace=EVERY_1_TO_3_MONTHS,
        routes=("injection",),
        more_often_with_end=True,
    ),
    Expected(prefixes=("B03XA02",), pace=WEEKLY_TO_MONTHLY),
    Expected(prefixes=("N02AB03",), pace=EVERY_72_HOURS, routes=("transdermal",)),
    Expected(prefixes=("N02AE01",), pace=WEEKLY, routes=("transdermal",), unit="mikrog/t", most=Decimal(30)),
    Expected(prefixes=("N02AE01",), pace=EVERY_3_TO_4_DAYS, routes=("transdermal",)),
    Expected(
        prefixes=("G03CA03", "G03CA04"),
        pace=ONCE_OR_TWICE_A_WEEK,
        routes=("vaginal",),
        more_often_with_end=True,
    ),
    Expected(prefixes=("A11CC05",), pace=WEEKLY_TO_MONTHLY, unit="E", least=Decimal(10_000)),
    Expected(prefixes=("A11CC05",), pace=WEEKLY_TO_MONTHLY, unit="mikrog", least=Decimal(250)),
    Expected(prefixes=("N05A",), pace=EVERY_2_TO_12_WEEKS, releases=("depot-injection",)),
    Expected(prefixes=("J01FA10",), pace=THRICE_A_WEEK, more_often_with_end=True),
)

BOTH_DAILY_AND_WEEKLY: tuple[str, ...] = ("B03BB01",)
"""Folic acid: daily or weekly beside methotrexate. A different interval is information where methotrexate is absent."""


def expected_interval(
    atc: str | None, *, route: str = "?", release: str = "?", strengths: Iterable[Quantity] = ()
) -> Expected | None:
    """The row for today's ATC code, or `None` where nothing is expected or the strength that decides is not known.

    `strengths` are those of one dosing unit, as the source or the catalogue gives them.
    """
    told = tuple(strengths)
    if not atc:
        return None
    return next((e for e in _rows_of(atc) if e.fits(atc=atc, route=route, release=release, strengths=told)), None)


@lru_cache(maxsize=8192)
def _rows_of(atc: str) -> tuple[Expected, ...]:
    return tuple(e for e in EXPECTED if atc.startswith(e.prefixes))


_MIKROG = {"g": Decimal(1_000_000), "mg": Decimal(1000), "mikrog": Decimal(1)}
_PER = {"time": "t", "1 t": "t"}


def in_unit(strength: Quantity, unit: str) -> Decimal | None:
    """The strength in `unit` where both are masses or the same unit, else `None`. "/time" and "/t" are one."""
    said, _, per = strength.unit.partition("/")
    wanted, _, wanted_per = unit.partition("/")
    if _PER.get(per, per) != _PER.get(wanted_per, wanted_per):
        return None
    if said == wanted:
        return strength.value
    if said in _MIKROG and wanted in _MIKROG:
        return strength.value * _MIKROG[said] / _MIKROG[wanted]
    return None
