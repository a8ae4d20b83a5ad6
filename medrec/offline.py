"""A case from messages alone, without a database: what `medrec reconcile` judges.

The same word on what is newest, gone or last said as in the store (`medrec.casefile`). A source that no message speaks
for is *not read*, a limiting gap, unless the caller says that it answered and had nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from formats.statement import GapCode, Person, Reading, Source
from medrec import casefile, clock
from medrec.casefile import FAR_PAST, Order, Said, Sayings, Word
from medrec.hearing import heard_as, list_doctors, multidose_doctors
from rules.conclusion import Case, Heard, Outcome


class TwoPersonsError(ValueError):
    """The messages speak of more than one person; `first` and `other` are the indexes of two that differ."""

    def __init__(self, first: int, other: int) -> None:
        super().__init__(first, other)
        self.first = first
        self.other = other


def case_of(readings: Sequence[Reading], *, answered: frozenset[Source] = frozenset()) -> Case:
    """One case from any mix of messages about one person. Raises TwoPersonsError where national ids differ."""
    _one_person(readings)
    every = flattened(readings)
    held = word_of(every)
    born = next((r.person.birth_date for r in every if r.person and r.person.birth_date), None)
    return Case(
        statements=casefile.statements(held),
        heard={source: _heard(source, held, every, answered) for source in Source},
        allergies=casefile.allergies(held),
        birth_date=born,
        list_doctors=list_doctors(held),
        last_told=casefile.last_told(held),
        multidose_doctors=multidose_doctors(held),
    )


def flattened(readings: Iterable[Reading]) -> list[Reading]:
    """Each reading and those that came along in the same bytes, one source each."""
    return [one for reading in readings for one in (reading, *flattened(reading.also))]


def word_of(readings: Sequence[Reading]) -> Word:
    """What the readings say together."""
    sayings: dict[str, Sayings] = {}
    for number, reading in enumerate(readings):
        for statement in reading.statements:
            aside = statement.aside.value if statement.aside else None
            signed = statement.signed.value if statement.signed else None
            path = statement.place.path if statement.place else ""
            sayings[statement.id] = (*sayings.get(statement.id, ()), (number, path, aside, signed))
    contents = {s.id: replace(s, said_until=None) for r in readings for s in r.statements}
    return casefile.assembled({n: _said(n, r) for n, r in enumerate(readings)}, sayings, contents)


def _said(number: int, reading: Reading) -> Said:
    places = [s.place for s in reading.statements if s.place]
    order = Order(reading.as_of or FAR_PAST, places[0].message if places else "", number)
    return Said(
        id=number,
        message_id=reading.message_id or str(number),
        business_id=reading.message_id,
        order=order,
        received_at=reading.as_of or clock.now(),
        channel="file",
        message_type=reading.message,
        source=reading.source,
        source_system=reading.source_system,
        sender_her_id=reading.sender.her_id if reading.sender else "",
        reach=reading.reach,
        kinds=reading.kinds,
        as_of=reading.as_of,
        cancels=reading.cancels,
        gaps=reading.gaps,
        unread=len(reading.unread),
        roles=reading.roles,
        allergies=reading.allergies,
        allergies_answered=reading.allergies_answered,
    )


def _heard(source: Source, held: Word, readings: Sequence[Reading], answered: frozenset[Source]) -> Heard:
    """As in the store; but a source whose gaps came in another's answer (SFM) is heard by those."""
    told = heard_as(source, held)
    elsewhere = tuple(g for r in readings if r.source is not source for g in r.gaps if g.source is source)
    if told.outcome is Outcome.NOT_READ and source in answered:
        return Heard(outcome=Outcome.READ, gaps=elsewhere, fresh_hours_low=None, fresh_hours_high=None)
    if told.outcome is Outcome.NOT_READ and any(g.code is GapCode.FAILED for g in elsewhere):
        return replace(told, outcome=Outcome.FAILED, gaps=elsewhere)
    return replace(told, gaps=tuple(dict.fromkeys((*told.gaps, *elsewhere))))


def _one_person(readings: Sequence[Reading]) -> None:
    named = [(i, ids) for i, r in enumerate(readings) if (ids := _national(r.person))]
    for i, ids in named[1:]:
        if not ids & named[0][1]:
            raise TwoPersonsError(named[0][0], i)


def _national(person: Person | None) -> frozenset[str]:
    return frozenset(i.value for i in person.identifiers if i.type != "local") if person else frozenset()
