"""A case from messages alone, without a database: what `medrec reconcile` judges.

A source that no message speaks for is *not read*, a limiting gap, unless the caller says that it answered and had
nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from formats.statement import Gap, GapCode, Person, Reach, Reading, Source, Statement
from rules.conclusion import Case, Heard, Outcome


@dataclass(frozen=True, slots=True)
class TwoPersonsError(ValueError):
    """The messages speak of more than one person; `first` and `other` are the indexes of two that differ."""

    first: int
    other: int


def flattened(readings: Iterable[Reading]) -> list[Reading]:
    """Each reading and those that came along in the same bytes, one source each."""
    return [one for reading in readings for one in (reading, *flattened(reading.also))]


def case_of(readings: Sequence[Reading], *, answered: frozenset[Source] = frozenset()) -> Case:
    """One case from any mix of messages about one person. Raises TwoPersonsError where national ids differ."""
    _one_person(readings)
    every = flattened(readings)
    heard = {source: _heard(source, every, answered) for source in Source}
    person = next((r.person for r in every if r.person and r.person.birth_date), None)
    allergies = {a.id or f"{a.source}{a.text}": a for r in every for a in r.allergies}
    return Case(
        statements=tuple(_statements(every)),
        heard=heard,
        allergies=tuple(allergies.values()),
        birth_date=person.birth_date if person else None,
        multidose_doctors=tuple(sorted({a.hpr for r in every for a in r.roles if a.role == "M" and a.hpr})),
    )


def all_statements(readings: Iterable[Reading]) -> Mapping[str, Statement]:
    """Every statement by id."""
    return {s.id: s for s in _statements(flattened(readings))}


def _one_person(readings: Sequence[Reading]) -> None:
    named = [(i, ids) for i, r in enumerate(readings) if (ids := _national(r.person))]
    for i, ids in named[1:]:
        if not ids & named[0][1]:
            raise TwoPersonsError(named[0][0], i)


def _national(person: Person | None) -> frozenset[str]:
    return frozenset(i.value for i in person.identifiers if i.type != "local") if person else frozenset()


def _heard(source: Source, readings: Iterable[Reading], answered: frozenset[Source]) -> Heard:
    mine = [r for r in readings if r.source is source]
    gaps = tuple(g for r in readings for g in r.gaps if g.source is source)
    failed = any(g.code in {GapCode.FAILED, GapCode.NOT_READ} for g in gaps)
    spoken = [r for r in mine if r.statements or r.allergies or r.reach is Reach.WHOLE]
    if not spoken and source not in answered:
        told = gaps if failed else (*gaps, Gap(source, GapCode.NOT_READ))
        return Heard(
            outcome=Outcome.FAILED if any(g.code is GapCode.FAILED for g in gaps) else Outcome.NOT_READ, gaps=told
        )
    return Heard(
        outcome=Outcome.FAILED if failed and not any(r.statements for r in mine) else Outcome.READ,
        as_of=max((r.as_of for r in mine if r.as_of), default=None),
        gaps=gaps,
        fresh_hours_low=None,
        fresh_hours_high=None,
        allergies_answered=any(r.allergies_answered for r in mine),
    )


def _statements(readings: Sequence[Reading]) -> Iterable[Statement]:
    """Each statement once; what a newer whole list no longer carries keeps the day it was last said."""
    newest = sorted(readings, key=lambda r: (r.as_of is not None, r.as_of), reverse=True)
    merged: dict[str, Statement] = {}
    for reading in newest:
        gone = _superseded(reading, newest)
        for statement in reading.statements:
            if statement.id not in merged:
                last_said = reading.as_of.date() if reading.as_of else None
                merged[statement.id] = replace(statement, said_until=last_said) if gone else statement
    return merged.values()


def _superseded(reading: Reading, newest_first: Sequence[Reading]) -> bool:
    """True where a newer whole reading speaks for the same kinds of the same source."""
    kinds = set(reading.kinds)
    if reading.reach is not Reach.WHOLE or not kinds or reading.as_of is None:
        return False
    return any(
        r is not reading and r.source is reading.source and r.reach is Reach.WHOLE and kinds <= set(r.kinds)
        and r.source_system == reading.source_system and r.as_of is not None and r.as_of > reading.as_of
        for r in newest_first
    )  # fmt: skip
