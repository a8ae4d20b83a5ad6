"""A dose as short Bokmål words with units, "40 mg x 2 (morgen, middag)": only what is certain."""

from decimal import Decimal
from functools import lru_cache

from formats.dosing import Amount, PartOfDay, Weekday
from rules.dosing import Dose, Moment, Part
from rules.tables.intervals import Interval

WEEK, MONTH = Decimal(7), Decimal("30.4375")
_PERIODS = {WEEK: "uken", Decimal(14): "14 dager", MONTH: "måneden"}
_WEEKDAYS = dict(zip(Weekday, ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"), strict=True))
THOUSAND = Decimal(1000)
THOUSANDTH = Decimal("0.001")


def number(value: Decimal) -> str:
    """Norwegian decimals: comma, leading zero kept, no trailing zeros (S16)."""
    rounded = value if value == value.quantize(THOUSANDTH) else value.quantize(THOUSANDTH)
    return format(rounded.normalize(), "f").replace(".", ",")


@lru_cache(maxsize=8192)
def amount(told: Amount, unit: str) -> str:
    """An amount with its unit: "40 mg", "75 mikrogram", "1 g", "1–2 tablett"; micrograms written out (S16)."""
    low, high = told.low, told.high
    mass, slash, per = unit.partition("/")
    if mass == "mikrog":
        unit = f"mikrogram{slash}{per}"
    elif mass == "mg" and 0 < high < 1:
        low, high, unit = low * THOUSAND, high * THOUSAND, f"mikrogram{slash}{per}"
    elif unit == "mg" and low >= THOUSAND:
        low, high, unit = low / THOUSAND, high / THOUSAND, "g"
    words = number(low) if low == high else f"{number(low)}–{number(high)}"
    return f"{words} {unit.replace('E', 'enheter') if unit == 'E' else unit}".strip()


@lru_cache(maxsize=8192)
def amounts(told: tuple[Amount, ...] | None, units: tuple[str, ...]) -> str:
    """Several substances beside each other: "160 mg/4,5 mikrogram"."""
    return "/".join(amount(a, u) for a, u in zip(told or (), units, strict=False))


def moment_word(moment: Moment) -> str:
    """A moment of the day: "morgen" or "08:00"."""
    return moment.value if isinstance(moment, PartOfDay) else f"{moment:%H:%M}"


def dose_words(dose: Dose | None) -> str:
    """The dose of a day in words, "" where it can't be told whole."""
    if dose is None:
        return ""
    told = [_fixed(dose, dose.fixed) if dose.fixed else None, _needed(dose, dose.prn) if dose.prn else None]
    if any(t == "" for t in told):
        return ""
    return " + ".join(t for t in told if t) + (_up_to(dose, dose.ceiling) if dose.ceiling else "")


def _up_to(dose: Dose, most: tuple[Decimal, ...]) -> str:
    return f", inntil {amounts(tuple(Amount(high, high) for high in most), dose.units)} daglig"


def _fixed(dose: Dose, part: Part) -> str:
    if not part.per_time:
        return _by_moment(dose, part)
    each = amounts(part.per_time, dose.units)
    if part.times is None:
        return each if part.interval is None else ""
    often = _often(part)
    when = ", ".join(moment_word(m) for m, _ in part.moments)
    return f"{each} {often}" + (f" ({when})" if when else "") if often else ""


def _often(part: Part) -> str:
    low, high = part.times or (Decimal(0), Decimal(0))
    times = number(low) if low == high else f"{number(low)}–{number(high)}"
    if part.interval is Interval.DAY and part.period == 1:
        return f"x {times}"
    if part.interval is None:
        return "én gang"
    if times == "1":
        return f"1 gang i {_PERIODS[part.period]}" if part.period in _PERIODS else _every(part.period)
    return f"{times} ganger i {_PERIODS[part.period]}" if part.period in _PERIODS else ""


def _every(days: Decimal) -> str:
    """Words such as "hver 3. måned" and "hver 10. dag"; "" for no whole number of days or months."""
    for length, name in ((MONTH, "måned"), (WEEK, "uke"), (Decimal(1), "dag")):
        if days % length == 0 and days > length:
            return f"hver {number(days / length)}. {name}"
    return ""


def _by_moment(dose: Dose, part: Part) -> str:
    day, pieces = part.per_day, part.pieces_per_day
    each = part.moments and all(a is not None for _, a in part.moments) and len(dose.units) == 1
    if not (each and day and pieces and pieces.high):
        return amounts(day, dose.units) + " daglig" if day and same_every_day(part) else ""
    factor = day[0].high / pieces.high
    return ", ".join(
        f"{amount(Amount(a.low * factor, a.high * factor), dose.units[0])} {moment_word(m)}"
        for m, a in part.moments
        if a is not None
    )


def same_every_day(part: Part) -> bool:
    """The day's sum is what is given each day: an average over days is never told (S2, S4)."""
    return part.interval is Interval.DAY and part.period == 1


def _needed(dose: Dose, part: Part) -> str:
    if not part.per_time:
        own = part.per_day if not dose.ceiling else None
        return "ved behov" + (_up_to(dose, tuple(a.high for a in own)) if own else "")
    each = amounts(part.per_time, dose.units)
    if part.times and part.period == 1 and part.times[1] > 0:
        return f"{each} inntil x {number(part.times[1])} ved behov"
    return f"{each} ved behov"


def times_words(part: Part) -> str:
    """The weekdays or moments of a part, or how many times: "torsdag", "08:00, 20:00", "x 2"."""
    if part.weekdays:
        return ", ".join(_WEEKDAYS[day] for day in part.weekdays)
    if part.moments:
        return ", ".join(moment_word(m) for m, _ in part.moments)
    return _often(part)
