"""The only place that reads a clock. A day is a calendar day in Europe/Oslo; moments are kept in UTC."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")

_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """This day in Europe/Oslo."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day in Europe/Oslo on which `moment` falls; a moment without a zone is Oslo time already."""
    return moment.date() if moment.tzinfo is None else moment.astimezone(OSLO).date()


def in_every_zone(moment: datetime) -> bool:
    """True for an aware moment that can be told in any zone: at either end of the calendar it has no day in another."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (aware) within this context; the demo and the tests use it."""
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)
