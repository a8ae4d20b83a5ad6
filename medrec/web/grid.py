"""The grid a nurse works from: amounts by part of the day, and words where a number would look daily."""

from collections.abc import Mapping
from dataclasses import dataclass

from formats.dosing import Clock, Dosage, ReadStatus, Slots, Weekday, Weekdays
from formats.statement import Statement
from medrec.wording import Words
from rules.conclusion import DoseState, Line, LineStatus

PARTS = ("morgen", "formiddag", "middag", "ettermiddag", "kveld", "natt", "sengetid")
_FROM_HOUR = ((5, "morgen"), (11, "middag"), (15, "ettermiddag"), (17, "kveld"), (23, "natt"))
_DAYS: Mapping[Weekday, Words] = {
    Weekday.MONDAY: {"nb": "mandager", "nn": "måndagar", "en": "Mondays"},
    Weekday.TUESDAY: {"nb": "tirsdager", "nn": "tysdagar", "en": "Tuesdays"},
    Weekday.WEDNESDAY: {"nb": "onsdager", "nn": "onsdagar", "en": "Wednesdays"},
    Weekday.THURSDAY: {"nb": "torsdager", "nn": "torsdagar", "en": "Thursdays"},
    Weekday.FRIDAY: {"nb": "fredager", "nn": "fredagar", "en": "Fridays"},
    Weekday.SATURDAY: {"nb": "lørdager", "nn": "laurdagar", "en": "Saturdays"},
    Weekday.SUNDAY: {"nb": "søndager", "nn": "søndagar", "en": "Sundays"},
}
_ONLY: Words = {"nb": "bare", "nn": "berre", "en": "only on"}
_AND: Words = {"nb": "og", "nn": "og", "en": "and"}
_RARE: Mapping[str, Words] = {
    "2-4 days": {"nb": "ikke hver dag", "nn": "ikkje kvar dag", "en": "not every day"},
    "week": {"nb": "bare én gang i uken", "nn": "berre éin gong i veka", "en": "only once a week"},
    "2 weeks": {
        "nb": "bare hver 14. dag",
        "nn": "berre kvar 14. dag",
        "en": "only every 14 days",
    },
    "month": {"nb": "bare én gang i måneden", "nn": "berre éin gong i månaden", "en": "only once a month"},
    "2-4 months": {
        "nb": "bare hver 2.–4. måned",
        "nn": "berre kvar 2.–4. månad",
        "en": "only every 2–4 months",
    },
    "5-8 months": {
        "nb": "bare hvert halvår",
        "nn": "berre kvart halvår",
        "en": "only every six months",
    },
    "longer": {"nb": "sjelden, se dosen", "nn": "sjeldan, sjå dosen", "en": "rarely, see the dose"},
}
_UNITS: Mapping[str, Words] = {
    "tablett": {"nb": "tablett", "nn": "tablett", "en": "tablet"},
    "kapsel": {"nb": "kapsel", "nn": "kapsel", "en": "capsule"},
    "dråpe": {"nb": "dråpe", "nn": "drope", "en": "drop"},
    "plaster": {"nb": "plaster", "nn": "plaster", "en": "patch"},
    "dose": {"nb": "dose", "nn": "dose", "en": "dose"},
    "stk": {"nb": "antall", "nn": "tal", "en": "number"},
    "enheter": {"nb": "enheter", "nn": "einingar", "en": "units"},
}


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


def grid(line: Line, chosen: Statement | None, language: str) -> Grid:
    """The row of a line; nothing where the dose is disputed, or where nothing is to be given by it now."""
    if line.dose.state is DoseState.CONFLICT or line.status in {LineStatus.ENDED, LineStatus.PAUSED}:
        return EMPTY
    if line.dose.interval not in {None, "day"}:
        return Grid({}, words=_seldom(line, chosen, language))
    cells: dict[str, list[Cell]] = {}
    unit = ""
    for moment, told in line.dose.moments:
        number, _, unit = told.partition(" ")
        part, clock = (moment, "") if moment in PARTS else (part_of(moment), moment)
        cells.setdefault(part, []).append(Cell(number if language != "en" else number.replace(",", "."), clock))
    return Grid({part: tuple(found) for part, found in cells.items()}, unit=unit_word(unit, language))


def unit_word(unit: str, language: str) -> str:
    """A dosing unit as the row's heading."""
    return _UNITS[unit][language] if unit in _UNITS else unit


def dosage_of(statement: Statement | None) -> Dosage | None:
    """The dosage where it is certain: read whole from the words, else as the source gave it in structure."""
    if statement is None:
        return None
    reading = statement.read_dose
    if reading is not None and reading.status is ReadStatus.OK:
        return reading.dosage
    return statement.dosage if not statement.dose_text else None


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
        days = [_DAYS[day][language] for day, _ in dosage.schedule.amounts]
        head, last = ", ".join(days[:-1]), days[-1]
        return f"{_ONLY[language]} " + (f"{head} {_AND[language]} {last}" if head else last)
    return _RARE.get(line.dose.interval or "", _RARE["longer"])[language]
