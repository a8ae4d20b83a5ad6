"""Every form of date and time that the Norwegian messages use, read into a calendar day or an instant with a zone.

The forms (seen in real messages, all valid XML Schema): a day with or without a zone, an instant with any number of
fraction digits, with or without a zone, and a day that pretends to be an instant at midnight. An instant without a
zone is Europe/Oslo. A day is the calendar day in Europe/Oslo.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

_SHAPE = re.compile(
    r"""
    (?P<day> \d{4}-\d{2}-\d{2} )
    (?: T (?P<clock> \d{2}:\d{2}:\d{2} ) (?: \. (?P<fraction> \d+ ) )? )?
    (?P<zone> Z | [+-]\d{2}:\d{2} )?
    """,
    re.VERBOSE | re.ASCII,
)
_LAST_HOUR = 14  # XML Schema: offsets go from -14:00 to +14:00
_LAST_MINUTE = 59


@lru_cache(maxsize=4096)  # the days of one list come again in the next
def read_moment(text: str) -> datetime | None:
    """The instant in `text`, always with a zone (a day alone is its first moment in Oslo), or `None` if it is none.

    Fractions beyond microseconds are cut off. `24:00:00` is the first moment of the next day, as in XML Schema.
    """
    hit = _SHAPE.fullmatch(text.strip())
    if not hit:
        return None
    try:
        said = _zone(hit["zone"])
        zone = said if hit["clock"] else None
        day = date.fromisoformat(hit["day"])
        if hit["clock"] == "24:00:00":
            return datetime.combine(day + timedelta(days=1), time(), zone or OSLO)
        micro = int((hit["fraction"] or "")[:6].ljust(6, "0"))
        clock = time.fromisoformat(hit["clock"] or "00:00:00").replace(microsecond=micro)
        return datetime.combine(day, clock, zone or OSLO)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """The calendar day in Europe/Oslo that `text` names, or `None` if it names none.

    A day with a zone is that day; an instant is moved to Oslo first (`22:00Z` in July is the next day).
    """
    moment = read_moment(text)
    return None if moment is None else day_of(moment)


def day_of(moment: datetime) -> date:
    """The calendar day in Oslo of an instant with a zone; the ends of the calendar are kept as they are."""
    return _in_oslo(moment).date()


def last_day_before(moment: datetime) -> date:
    """The last day something happened that is not to happen from `moment` on: the day before where it is midnight."""
    there = _in_oslo(moment)
    return day_before(there.date()) if there.time() == time() else there.date()


def day_before(day: date) -> date:
    """The day before; the first day of the calendar has none and is kept."""
    return day - timedelta(days=1) if day > date.min else day


def day_after(day: date) -> date | None:
    """The day after, `None` where the calendar has none: systems write 31.12.9999 where there is no last day."""
    return day + timedelta(days=1) if day < date.max else None


def _in_oslo(moment: datetime) -> datetime:
    try:
        return moment.astimezone(OSLO)
    except OverflowError:
        return moment


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
        raise ValueError
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text[0] == "-" else span)
