"""When: intervals, clock times, weekdays, lengths of time. Each function reads one construct or nothing at all."""

from dataclasses import replace
from datetime import time

from formats.dosage.cursor import Cursor
from formats.dosage.items import BUT, UNKNOWN, WINDOW, At, Daily, Days, DaysOfWeek, Except, For, Gap, Hold, Item, Rate
from formats.dosage.lexicon import K
from formats.dosage.tokens import Lexeme
from formats.dosing import Duration, PartOfDay, PeriodUnit, Weekday

_DAYS = {"d": (PeriodUnit.DAY, 1), "w": (PeriodUnit.DAY, 7), "mo": (PeriodUnit.MONTH, 1)}
_UNITS = {**_DAYS, "h": (PeriodUnit.HOUR, 1), "y": (PeriodUnit.MONTH, 12)}
_SEPARATORS = frozenset({K.COMMA, K.AND, K.DASH, K.SLASH, K.PLUS})
_LAST_HOUR, _LAST_MINUTE = 23, 59
_WEEK = tuple(Weekday)


def rate(low: int, high: int, span: str, *, period: bool = False) -> Rate | None:
    """An interval of `low` to `high` of a unit of time; `None` for minutes."""
    if span not in _UNITS:
        return None
    unit, factor = _UNITS[span]
    return Rate(low * factor, high * factor, unit, period)


def length(low: int, high: int, span: str) -> Duration | None:
    """A length of time in days or months; `None` for hours, minutes and years."""
    if span not in _DAYS:
        return None
    unit, factor = _DAYS[span]
    return Duration(low * factor, high * factor, unit)


def period_rate(lexeme: Lexeme) -> Rate:
    """The interval behind "ukentlig", "i måneden"."""
    digits = lexeme.value.rstrip("wmo")
    found = rate(int(digits), int(digits), lexeme.value[len(digits) :], period=True)
    assert found is not None  # noqa: S101 - the lexicon's own values
    return replace(found, sum_of=lexeme.text.split()[0] in {"i", "per", "pr", "/"})


def period(c: Cursor) -> Rate | Daily | None:
    """The period that stands behind a count ("ganger daglig", "ganger i uken", "ganger per 14 dager")."""
    kind = c.kind()
    if kind is K.DAILY:
        c.take()
        return Daily()
    if kind is K.PERIOD:
        return period_rate(c.take())
    if kind is K.SPAN and c.here().value == "d" and not c.at_number(1):
        c.take()
        return Daily()
    if kind is K.NOISE and c.here().text in {"per", "pr"} and c.kind(1) is K.NUM:
        start = c.i
        c.take()
        ends = c.whole()
        if ends and c.kind() is K.SPAN:
            found = rate(*ends, c.take().value, period=True)
            if found:
                return found
        c.i = start
    return None


def every(c: Cursor) -> list[Item]:
    """`hver 8. time`, `hver tredje dag`, `hver 2. kveld`, `hver mandag`."""
    word = c.take()
    if c.kind() is K.WEEKDAY:
        return [weekdays(c)]
    ordinal = c.kind() is K.ORDINAL
    if ordinal:
        step = int(c.take().value)
        ends: tuple[int, int] | None = (step, step)
    else:
        ends = c.whole()
    if ends is None and c.kind() is K.SPAN and c.here().text in {"time", "månad"}:
        ends = (1, 1)
    return _interval(c, ends) if ends and word.text else [UNKNOWN]


def alternate(c: Cursor) -> list[Item]:
    """`annenhver dag`, `annenhver kveld`, `annenhver uke`."""
    c.take()
    return _interval(c, (2, 2))


def _interval(c: Cursor, ends: tuple[int, int]) -> list[Item]:
    if c.kind() is K.PART:
        part = PartOfDay(c.take().value)
        return [Rate(ends[0], ends[1], PeriodUnit.DAY), At(part)]
    if c.kind() is K.SPAN:
        found = rate(*ends, c.take().value)
        return [found] if found else [UNKNOWN]
    return [UNKNOWN]


def change_interval(c: Cursor) -> Duration | None:
    """How often a dose is changed: `hver uke`, `daglig`; `None` where that is not said in days or months."""
    said: list[Item] = []
    if c.kind() is K.EVERY:
        said = every(c)
    elif c.kind() in {K.PERIOD, K.DAILY}:
        said = [period(c) or UNKNOWN]
    match said:
        case [Rate(low, high, unit)] if unit != "h":
            return Duration(low, high, unit)
        case [Daily()]:
            return Duration(1, 1)
        case _:
            return None


def clocks(c: Cursor) -> list[Item]:
    """`kl 8 og 20`, `kl. 08.00`, `kl 8 - 12 - 16`; two with a dash are a window."""
    if c.kind() is K.CLOCK:
        c.take()
        c.skip(K.DOT)
    first = _clock(c)
    if first is None:
        return [UNKNOWN]
    found, dashes = [first], 0
    while c.kind() in _SEPARATORS or c.kind() is K.CLOCK:
        start = c.i
        joint = c.kind()
        c.skip(*_SEPARATORS)
        named = c.skip(K.CLOCK)
        c.skip(K.DOT)
        at = _clock(c) if named or _is_listed(c, joint, found[-1]) else None
        if at is None:
            c.i = start
            break
        found.append(at)
        dashes += joint is K.DASH
    if dashes and len(found) == dashes + 1 == len("-") + 1:
        return [WINDOW]
    if dashes not in {0, len(found) - 1}:  # "kl 8-10 og kl 20"
        return [WINDOW, *(At(at, "clock") for at in found)]
    return [At(at, "clock") for at in found]


# What may follow a bare number for it to be one more clock time, not the next amount ("kl 8, 2 tabletter kl 20").
_AFTER_LISTED = frozenset({K.COMMA, K.AND, K.DOT, K.END, K.PLUS})
_AFTER_LAST = frozenset({K.DAILY, K.PRN, K.NOISE, K.MEAL, K.BOTH, K.SIDE, K.SITE, K.IN, K.AGAINST})
_MOMENTS = frozenset({K.CLOCK, K.PART, K.MEAL_PART, K.DINNER, K.EVERY, K.REST})


def _is_listed(c: Cursor, joint: K, before: time) -> bool:
    """Whether a number without "kl" goes on with the list: it rises, and nothing makes it an amount."""
    at = clock_time(c.here()) if c.kind() is K.NUM else None
    if at is None:
        return False
    if c.here().extra in {"time", "padded", "point"}:
        return True
    following = c.kind(1)
    if at <= before:
        return False
    if following is K.DASH:
        return joint is K.DASH
    if following in _AFTER_LAST:
        return joint is not K.COMMA and not any(lexeme.kind in _MOMENTS for lexeme in c.s[c.i :])
    return following in _AFTER_LISTED


def _clock(c: Cursor) -> time | None:
    lexeme = c.here()
    if lexeme.kind is not K.NUM or c.kind(1) is K.UNIT:
        return None
    at = clock_time(lexeme)
    if at is not None:
        c.take()
    return at


def clock_time(lexeme: Lexeme) -> time | None:
    """The clock time a number can be: `8`, `08`, `0800`, `08.00`, `08:00`; else `None`."""
    hour, mark, minute = lexeme.text.replace(":", ".").partition(".")
    if not (hour.isdigit() and (minute.isdigit() if mark else True)):
        return None
    if not mark and len(hour) == len("0800"):
        hour, minute = hour[:2], hour[2:]
    elif mark and len(minute) != len("00"):
        return None
    if len(hour) > len("08") or int(hour) > _LAST_HOUR or int(minute or "0") > _LAST_MINUTE:
        return None
    return time(int(hour), int(minute or "0"))


def is_padded_clock(lexeme: Lexeme) -> bool:
    """`08.00`: no amount is written so."""
    return lexeme.extra == "padded" and len(lexeme.text) == len("08.00") and clock_time(lexeme) is not None


def weekdays(c: Cursor) -> Item:
    """A list of weekdays: `man, ons og fre`, `mandag til fredag`, `man-søn`."""
    found: list[Weekday] = []
    short = c.here().extra == "short" or c.kind() is K.NUMBER
    listed = _is_dash_list(c)
    while (day := _weekday(c, after=bool(found))) is not None:
        found.append(day)
        if listed and c.kind() is K.DASH:
            c.take()
            continue
        if (c.kind() in {K.DASH, K.TO} or c.here().text in _UP_TO_DAY) and (last := _peek_day(c, 1)) is not None:
            c.i += 2
            found += _WEEK[_WEEK.index(day) + 1 : _WEEK.index(last) + 1]
            if _WEEK.index(last) <= _WEEK.index(day):
                return UNKNOWN
        if (c.kind() is K.DOT and c.here().glued and _peek_day(c, 1) is not None) or (
            c.kind() in {K.COMMA, K.AND, K.SLASH, K.PLUS} and _peek_day(c, 1) is not None
        ):
            c.i += 1
        elif c.kind() is K.COMMA and c.kind(1) is K.AND and _peek_day(c, 2) is not None:
            c.i += 2
    if short and c.kind() is K.NUMBER and c.here().text in _DAY_WORDS:
        return UNKNOWN  # "ma ti on to tbl fr": Thursday, or two?
    return Days(tuple(sorted(set(found), key=_WEEK.index))) if len(set(found)) == len(found) else UNKNOWN


_UP_TO_DAY = frozenset({"t o m", "tom", "til og med"})


def _is_dash_list(c: Cursor) -> bool:
    """`ma-on-fr`: three days or more with dashes are a list, two a range."""
    ahead = 0
    while _peek_day(c, ahead) is not None and c.kind(ahead + 1) is K.DASH:
        ahead += 2
    return ahead > len("ab") and _peek_day(c, ahead) is not None


# "ti" and "to" are also numbers: in a list they are days only where nothing countable follows.
_DAY_WORDS = {"ti": Weekday.TUESDAY, "to": Weekday.THURSDAY}
_AFTER_DAY = frozenset({K.COMMA, K.AND, K.DOT, K.END, K.DASH, K.PART})


def _weekday(c: Cursor, *, after: bool) -> Weekday | None:
    day = _peek_day(c, 0) if after or c.kind() is K.WEEKDAY or opens_with_day(c) else None
    if day is None and not after and opens_with_day(c):
        day = _DAY_WORDS[c.here().text]
    if day is not None:
        c.take()
    return day


def _peek_day(c: Cursor, ahead: int) -> Weekday | None:
    if c.kind(ahead) is K.WEEKDAY:
        return Weekday(c.s[c.i + ahead].value)
    short_follows = c.kind(ahead + 1) is K.WEEKDAY and c.s[c.i + ahead + 1].extra == "short"
    if c.kind(ahead) is K.NUMBER and (c.kind(ahead + 1) in _AFTER_DAY or short_follows):  # "mandag, to tirsdag": two
        return _DAY_WORDS.get(c.s[c.i + ahead].text)
    return None


def opens_with_day(c: Cursor) -> bool:
    """Whether "ti" or "to" here opens a list of weekdays: a real weekday must be the next word."""
    if c.kind() is not K.NUMBER or c.here().text not in _DAY_WORDS:
        return False
    if c.kind(1) in {K.NUM, K.FRACTION} and any(lexeme.extra == "short" for lexeme in c.s[: c.i]):
        return True  # "ma 1, ti 2, on 1, to 2"
    ahead, joined = 0, True
    while c.kind(ahead) is K.NUMBER and c.s[c.i + ahead].text in _DAY_WORDS:
        joint = c.kind(ahead + 1) in _DAY_JOINTS
        joined &= joint
        ahead += 1 + joint
    return ahead > 0 and c.kind(ahead) is K.WEEKDAY and (joined or c.s[c.i + ahead].extra == "short")


_DAY_JOINTS = frozenset({K.COMMA, K.AND, K.DASH})


def exceptions(c: Cursor) -> Item:
    """`unntatt lørdag og søndag`; a day that is no weekday's name gives an empty `Except`."""
    word = c.take()
    if word.kind is K.EXCEPT and c.kind() is K.NOT:
        return UNKNOWN
    if word.kind is K.EXCEPT and c.at_number() and not opens_with_day(c):
        return BUT  # "2 daglig unntatt 1 søndag"
    while c.kind() in {K.NOISE, K.EVERY, K.IN} and c.kind(1) is K.WEEKDAY:
        c.take()
    if c.kind() is K.WEEKDAY:
        return named_exceptions(c)
    if c.kind() is K.WORD:
        c.take()
    return Except(())


def named_exceptions(c: Cursor) -> Item:
    """The weekdays that begin here, as days without the dose."""
    days = weekdays(c)
    return Except(days.days) if isinstance(days, Days) else UNKNOWN


def span_led(c: Cursor, low: int, high: int) -> list[Item]:  # noqa: PLR0911 - one line a kind
    """What a number and a unit of time say: a length, a lead time before food, a pause, days of the week, a gap."""
    span = c.take()
    following = c.here()
    if c.kind() is K.PAUSE:
        c.take()
        return [Hold(length(low, high, span.value))]
    if span.value == "d" and following.kind is K.PERIOD and following.value == "1w":
        c.take()
        return [DaysOfWeek(low, high)]
    if span.value in {"h", "min"}:
        return _hours(c, low, high, span)
    found = length(low, high, span.value)
    if c.here().text == "av" and span.value in _DAYS:
        c.take()
        return [Hold(found)]
    if c.here().text == "på" and c.kind(1) in {K.COMMA, K.AND, K.DOT, K.END, K.SLASH} and found is not None:
        c.take()
        c.skip(K.SLASH)
        return [For(found)]
    # "i 7 dager per måned": so many days of each, not how often
    if found is None or following.kind in {K.LEAD, K.FROM, K.BETWEEN, K.PERIOD, K.EVERY, K.ALTERNATE}:
        return [UNKNOWN]
    return [For(found)]


def _hours(c: Cursor, low: int, high: int, span: Lexeme) -> list[Item]:
    following = c.here()
    if following.kind is K.BETWEEN:
        c.take()
        return [Gap(low)] if low == high and span.value == "h" else [UNKNOWN]
    if following.kind in {K.PART, K.MEAL_PART, K.DINNER, K.MEAL} and following.text.split()[0] in {"før", "etter"}:
        return [At(PartOfDay(c.take().value), "lead")] if following.kind is K.PART else []
    return [UNKNOWN]
