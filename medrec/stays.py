"""Is the person in hospital: what care messages and letters say of an admission that lasts (P10)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from formats.statement import Kind
from medrec import clock
from medrec.casefile import Said, Word

ADMISSION, DISCHARGE = "INNLEGGELSESRAPPORT", "UTSKRIVNINGSRAPPORT"
LONGEST_STAY = timedelta(days=90)
"""An admission nobody has reported the end of is taken as over after this time (proposal)."""


def admitted(held: Word, on: date) -> date | None:
    """Since when the person is in hospital: home care has reported it, and no discharge of that day or later is known.

    `None`: at home, as far as is known. A discharge written earlier on the day of the admission ended the stay before
    it. What only calls another message off is neither.
    """
    saying = {reading_id for at in held.sayings.values() for reading_id, *_ in at}
    calling_off = {r.id for r in held.readings.values() if r.cancels and r.id not in saying}
    standing = [r for r in held.readings.values() if r.id not in held.gone and r.id not in calling_off]
    reports = {_moment(r) for r in standing if r.message_type.startswith(ADMISSION) and _day(r) <= on}
    ends = [_moment(r) for r in standing if r.message_type.startswith(DISCHARGE)]
    letters = list(_letters(held))
    lasting = {
        since
        for since in reports
        if not any(end >= since for end in ends) and not any(_after(since, day, told) for day, told in letters)
    }
    if not lasting or on - clock.day_of(max(lasting)) > LONGEST_STAY:
        return None
    return clock.day_of(min(lasting))


def _letters(held: Word) -> Iterator[tuple[date, datetime]]:
    """Day and moment of every discharge list that stands."""
    for name, at in held.sayings.items():
        letter = held.contents[name]
        day = letter.decided or letter.recorded
        if letter.kind is Kind.DISCHARGE and day:
            yield from ((day, _moment(held.readings[i])) for i, *_ in at if i not in held.gone)


def _after(since: datetime, day: date, told: datetime) -> bool:
    """A letter of the admission's own day counts by its hour, where it was sent that day."""
    begun = clock.day_of(since)
    return day > begun or (day == begun and not (clock.day_of(told) == day and told < since))


def _moment(said: Said) -> datetime:
    return said.as_of or said.received_at


def _day(said: Said) -> date:
    return clock.day_of(_moment(said))
