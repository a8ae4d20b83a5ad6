"""Small pictures as inline SVG, made of numbers alone: dose over time per source, bars. Attributes, no style."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from formats.statement import Source, Statement

WIDTH, HEIGHT, LEFT, TOP = 320, 92, 8, 10
_ROOM = WIDTH - 2 * LEFT
_DEEP = HEIGHT - 34
DASHES = {Source.RF: "", Source.GP: "7 3", Source.HP: "2 3"}
_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Point:
    """From this day the source said this much a day (in its own unit)."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Track:
    """One source's steps: the SVG path, its dashes, its name's place and the last amount."""

    source: Source
    path: str
    dash: str
    label_y: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class DosePicture:
    """Dose over time: tracks, and the first and last day of the axis."""

    tracks: tuple[Track, ...]
    first: date
    last: date


def dose_picture(statements: Iterable[Statement], today: date) -> DosePicture | None:
    """The picture of one line; `None` where nothing changes or differs, so that there is nothing to see."""
    said: dict[Source, list[Point]] = {}
    for s in statements:
        day, amount = s.decided or s.start or s.recorded, _per_day(s)
        if day is not None and amount is not None and day <= today:
            said.setdefault(s.source, []).append(Point(day, amount))
    points = {source: tuple(sorted(found, key=lambda p: p.on)) for source, found in said.items()}
    every = [p for found in points.values() for p in found]
    if len({p.amount for p in every}) < _AT_LEAST:
        return None
    first, top = min(p.on for p in every), max(p.amount for p in every)
    tracks = [
        _track(source, points[source], first, today, top, n)
        for n, source in enumerate(s for s in Source if s in points)
    ]
    return DosePicture(tuple(tracks), first, today)


def _track(source: Source, points: Sequence[Point], first: date, last: date, top: Decimal, nth: int) -> Track:
    steps = []
    for i, point in enumerate(points):
        x, y = _x(point.on, first, last), _y(point.amount, top) + 2 * nth
        steps.append(f"M{x} {y}" if i == 0 else f"H{x}V{y}")
    return Track(source, "".join(steps) + f"H{WIDTH - LEFT}", DASHES[source], 0, tuple(points))


def _x(on: date, first: date, last: date) -> int:
    days = max((last - first).days, 1)
    return LEFT + round(_ROOM * (on - first).days / days)


def _y(amount: Decimal, top: Decimal) -> int:
    return TOP + round(_DEEP * (1 - float(amount / top))) if top else TOP + _DEEP


def _per_day(statement: Statement) -> Decimal | None:
    """The day's amount from the reading's total ("2/1d"), the upper end; a week's dose is never told as a day's."""
    reading = statement.read_dose
    amount, _, period = (reading.total if reading else "").partition("/")
    try:
        return Decimal(amount.rpartition("-")[2]) if Decimal(period.rstrip("d") or 1) == 1 else None
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its number, and how long it is drawn (0-100)."""

    label: str
    value: int
    length: int


def bars(told: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    """Bars with a common scale, in the given order."""
    rows = list(told)
    most = max((n for _, n in rows), default=0) or 1
    return tuple(Bar(label, n, round(100 * n / most)) for label, n in rows)


def curve(values: Sequence[int]) -> str:
    """An SVG polyline's points over a 320 x 92 picture, oldest first."""
    most = max(values, default=0) or 1
    step = _ROOM / max(len(values) - 1, 1)
    return " ".join(f"{LEFT + round(i * step)},{TOP + round(_DEEP * (1 - v / most))}" for i, v in enumerate(values))
