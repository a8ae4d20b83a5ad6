"""The grid a nurse works from: amounts by part of the day, and words where a number would look daily."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from formats.dosing import Amount, Clock, Dosage, PartOfDay, ReadStatus, Slots, Weekday, Weekdays
from formats.statement import Statement
from medrec import wording
from rules.conclusion import DoseState, Line, LineStatus
from rules.contradiction import says_two_doses

PARTS = tuple(part.value for part in PartOfDay)
_FROM_HOUR = ((5, "morgen"), (11, "middag"), (15, "ettermiddag"), (17, "kveld"), (23, "natt"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the grid: the amount, and the clock time where a source names one."""

    amount: str
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One line's row. Either `cells` by part of the day with `unit` said once, or `words` across the whole row."""

    cells: Mapping[str, tuple[Cell, ...]]
    unit: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.cells or self.words)


EMPTY = Grid({})
UNNAMED_UNIT = "stk"


def grid(line: Line, chosen: Statement | None, language: str) -> Grid:
    """The row of a line; nothing where the dose is disputed, or where nothing is to be given by it now.

    Nor where the source says one dose in words and another in structure.
    """
    if chosen is not None and says_two_doses(chosen):
        return EMPTY
    if line.dose.state is DoseState.CONFLICT or line.status in {LineStatus.ENDED, LineStatus.PAUSED}:
        return EMPTY
    if line.dose.interval not in {None, "day"}:
        return Grid({}, words=_seldom(line, chosen, language))
    cells: dict[str, list[Cell]] = {}
    unit = ""
    for moment, told in _counted(line, chosen):
        number, _, unit = told.partition(" ")
        part, clock = (moment, "") if moment in PARTS else (part_of(moment), moment)
        cells.setdefault(part, []).append(Cell(number if language != "en" else number.replace(",", "."), clock))
    return Grid({part: tuple(found) for part, found in cells.items()}, unit=wording.unit(unit, language))


def _counted(line: Line, chosen: Statement | None) -> tuple[tuple[str, str], ...]:
    """The moments of a line. Of a product of two substances no amount is concluded: the source's own count stands."""
    moments, dosage = line.dose.moments, dosage_of(chosen)
    if dosage is None or any(told for _, told in moments) or not isinstance(dosage.schedule, Slots | Clock):
        return moments
    said = {
        f"{at:%H:%M}" if isinstance(at, time) else at.value: amount
        for at, amount in dosage.schedule.amounts
        if amount is not None
    }
    if set(said) != {moment for moment, _ in moments}:
        return moments
    unit = dosage.unit or UNNAMED_UNIT
    return tuple((moment, f"{_span(said[moment])} {unit}") for moment, _ in moments)


def _span(amount: Amount) -> str:
    low, high = wording.number(amount.low), wording.number(amount.high)
    return low if low == high else f"{low}–{high}"


def dosage_of(statement: Statement | None) -> Dosage | None:
    """The dosage where it is certain: read whole from the words, else as the source gave it in structure."""
    if statement is None or says_two_doses(statement):
        return None
    reading = statement.read_dose
    if reading is not None and reading.status is ReadStatus.OK:
        return reading.dosage
    return statement.dosage if not statement.dose_text else None


def weekdays_of(statement: Statement | None) -> frozenset[Weekday]:
    """The weekdays a certain dose names; none where it names none, or where it is given daily."""
    dosage = dosage_of(statement)
    if dosage is None or not isinstance(dosage.schedule, Weekdays) or len(dosage.schedule.amounts) == len(Weekday):
        return frozenset()
    return frozenset(day for day, _ in dosage.schedule.amounts)


def part_of(clock: str) -> str:
    """The part of day a clock time (HH:MM) lies in."""
    hour = int(clock[:2])
    part = "natt"
    for start, name in _FROM_HOUR:
        if hour >= start:
            part = name
    return part


def is_daily_grid(dosage: Dosage | None) -> bool:
    """True where the dosage itself names times of the day."""
    return dosage is not None and isinstance(dosage.schedule, Slots | Clock)


def _seldom(line: Line, chosen: Statement | None, language: str) -> str:
    """Weekdays by name where they are said, else how seldom; never a number."""
    dosage = dosage_of(chosen)
    if dosage is not None and isinstance(dosage.schedule, Weekdays):
        return wording.only_on([day for day, _ in dosage.schedule.amounts], language)
    return wording.SELDOM.get(line.dose.interval or "", wording.SELDOM["longer"])[language]
