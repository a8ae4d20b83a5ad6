"""The parts of a dose in structured dosing: amounts with their unit, intervals, days on and off, how far apart.

Intervals come in the units of list 9088; weeks do not occur there, and are read all the same. What is there and has no
exact reading is refused (`NotUnderstoodError`), never passed over: half a dosing is another dosing.
"""

from decimal import Decimal
from functools import lru_cache

from formats.dosing import PeriodUnit
from formats.node import Node, read_number

Interval = tuple[int, PeriodUnit]

_UNITS = {
    "depottablett": "tablett",
    "enterotablett": "tablett",
    "brusetablett": "tablett",
    "tyggetablett": "tablett",
    "sugetablett": "tablett",
    "bukkaltablett": "tablett",
    "tyggekapsel": "kapsel",
    "ie": "E",
    "iu": "E",
    "e": "E",
    "enhet": "E",
    "stk": None,
    "(ingen)": None,
    "(ikke angitt)": None,
    "": None,
}
_PERIODS = {
    "døgn": (PeriodUnit.DAY, 1),
    "dag": (PeriodUnit.DAY, 1),
    "uke": (PeriodUnit.DAY, 7),
    "time": (PeriodUnit.HOUR, 1),
    "måned": (PeriodUnit.MONTH, 1),
    "år": (PeriodUnit.MONTH, 12),
}
HOURS_A_DAY = 24
_ONE_DAY = ((1, PeriodUnit.DAY), (HOURS_A_DAY, PeriodUnit.HOUR))
DAILY = frozenset({None, *_ONE_DAY})
WEEKLY = frozenset({*DAILY, (7, PeriodUnit.DAY)})
"""Intervals beside named weekdays that say nothing else than each of them, each week."""


class NotUnderstoodError(Exception):
    """The structure says something a `Dosage` has no place for."""


@lru_cache(maxsize=1024)
def dosing_unit(text: str) -> str | None:
    """A dosing unit as messages write it (list 7480) in the one canonical form; `None` where none is said."""
    word = " ".join(text.casefold().split())
    return _UNITS.get(word, word) if word != "e" else "E"


def quantity(node: Node | None) -> tuple[Decimal, str | None]:
    """An amount from 0 up, and its unit as `dosing_unit` has it."""
    amount = read_number(node.attr("V")) if node else None
    if node is None or amount is None or amount < 0:
        raise NotUnderstoodError
    return amount.normalize() + 0, dosing_unit(node.attr("U"))


def interval(node: Node) -> Interval | None:
    """A length of time, `None` where it is nothing ("0 Time")."""
    said, unit = node.attr("V"), node.attr("U").casefold()
    if not said and not unit:
        return None
    count = read_number(said)
    if count == 0:
        return None
    if count is None or unit not in _PERIODS or count != count.to_integral_value() or count < 0:
        raise NotUnderstoodError
    period, factor = _PERIODS[unit]
    return int(count) * factor, period


def days_on_and_off(fast: Node) -> tuple[int, int] | None:
    """`DagerPa` and `DagerAv`; none where no day is off. Days on without a word of the days off are no rhythm."""
    on, off = _days(fast, "DagerPa"), _days(fast, "DagerAv")
    if not off and (not on or off == 0):
        return None
    if not on or not off:
        raise NotUnderstoodError
    return on, off


def _days(fast: Node, name: str) -> int | None:
    said = fast.text(name)
    if said is None:
        return None
    days = read_number(said)
    if days is None or days < 0 or days != days.to_integral_value():
        raise NotUnderstoodError
    return int(days)


def apart(node: Node, amount: Decimal, unit: str | None) -> Interval | None:
    """How far apart as-needed doses must be: said outright, or as one dose being the most in a length of time.

    Both may be said where they say the same, or where the most in a length of time is the most in a day once more.
    """
    least, span = _length_of_time(node, "DoseIntervallMin"), _length_of_time(node, "Tidsrom")
    most = node.one("DoseTidsromMaks")
    limit, limit_unit = quantity(most) if most is not None and most.attr("V") else (Decimal(0), None)
    if not limit:
        return least
    if limit_unit in {None, unit}:
        if limit == amount and least in {None, span or least}:
            return span or least
        if span in {None, *_ONE_DAY} and limit == read_number(node.v("DoseDognMaks")):
            return least
    raise NotUnderstoodError


def _length_of_time(node: Node, name: str) -> Interval | None:
    """A length of time among the children; `None` where it is absent or nothing."""
    said = node.one(name)
    return interval(said) if said is not None and said.attr("V") else None


def rhythm(least: Interval | None, every: Interval | None) -> Interval | None:
    """How often: `Intervall`, or how far apart as-needed doses must be, where it says no more than "each day"."""
    if least is None or every in {None, least, *_ONE_DAY}:
        return least or every
    raise NotUnderstoodError
