"""How long a treatment lasts by its own words ("i 5 dager"): told to people (B04), and never the end of anything.

A length in words is no end date of the source (P9 and clarification 17 speak of dates): the line stays as it is.
"""

from datetime import date, timedelta

from formats.dosing import AsNeeded, Dosage, Duration, PeriodUnit, ReadStatus
from formats.statement import Kind, Statement
from rules.daily import days_of
from rules.view import LineView, Said

_LONGEST_MONTH = 31


def told_length(statement: Statement) -> Duration | None:
    """The length of the whole treatment in its text, where all of it was read, or in its structure.

    As needed has none: nobody knows when such a course begins.
    """
    reading = statement.read_dose
    read = reading.dosage if reading and reading.status is ReadStatus.OK else None
    told = next((d for d in (read, statement.dosage) if d and d.duration), None)
    return told.duration if told and not _as_needed(told) else None


def _as_needed(dosage: Dosage) -> bool:
    return dosage.prn or isinstance(dosage.schedule, AsNeeded)


def most_days(statement: Statement) -> int | None:
    """The most days its words let it last; `None` where they tell no length."""
    length = told_length(statement)
    if length is None:
        return None
    return length.high * _LONGEST_MONTH if length.unit is PeriodUnit.MONTH else length.high


def last_day(said: Said, line: LineView) -> date | None:
    """Its last day by its own words, at the latest it can be; `None` where that can't be told.

    It begins on the first day its source gives, else on the day it was decided or, where a box was handed over after
    that, on the day of the last box.
    """
    length = told_length(said.statement)
    first = said.statement.start or max((d for d in (said.day, _last_handed(line)) if d), default=None)
    if length is None or first is None or (said.day is None and said.statement.start is None):
        return None
    days = days_of(Duration(length.high, length.high, length.unit), first)
    return first + timedelta(days=days - 1) if days else None


def _last_handed(line: LineView) -> date | None:
    handed = (s.statement.last_dispensed or (s.own_day if s.kind is Kind.DISPENSING else None) for s in line.said)
    return max((day for day in handed if day), default=None)
