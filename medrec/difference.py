"""What differs between two versions of a list: lines that came or went, doses and statuses that changed, flags.

Only conclusions count, as for versions: a new place, word or day is no difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rules.conclusion import Discrepancy, Line, LineStatus, Reconciliation


class Change(StrEnum):
    """What happened."""

    LINE_CAME = "line-came"
    LINE_WENT = "line-went"
    STATUS = "status"
    DOSE = "dose"
    PACKED = "packed"
    FLAG_OPENED = "flag-opened"
    FLAG_CLOSED = "flag-closed"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change. `about` is a line's key or a flag's subject; `name` what readers call it; `code` a flag's code."""

    change: Change
    about: str
    name: str
    before: str = ""
    after: str = ""
    code: str = ""


def differences(old: Reconciliation, new: Reconciliation) -> tuple[Difference, ...]:
    """From `old` to `new`, lines first, in the order of the newer list."""
    return (*_lines(old, new), *_flags(old, new), *_whole(old, new))


def _lines(old: Reconciliation, new: Reconciliation) -> Iterator[Difference]:
    before = {line.key: line for line in old.lines}
    after = {line.key: line for line in new.lines}
    for key, line in after.items():
        if key not in before:
            yield Difference(change=Change.LINE_CAME, about=key, name=line.name, after=line.status.value)
        else:
            yield from _line(before[key], line)
    for key, line in before.items():
        if key not in after:
            yield Difference(change=Change.LINE_WENT, about=key, name=line.name, before=line.status.value)


def _line(old: Line, new: Line) -> Iterator[Difference]:
    if old.status is not new.status:
        yield Difference(
            change=Change.STATUS, about=new.key, name=new.name, before=old.status.value, after=new.status.value
        )
    before, after = dose_of(old), dose_of(new)
    if before != after and new.status is not LineStatus.ENDED:
        yield Difference(change=Change.DOSE, about=new.key, name=new.name, before=before, after=after)
    if old.multidose is not new.multidose:
        yield Difference(change=Change.PACKED, about=new.key, name=new.name, after="multidose" if new.multidose else "")


def dose_of(line: Line) -> str:
    """The dose as the sources that hold say it, in their own words, each once."""
    current = [said for said in line.dose.as_said if not (said.outdated or said.status)]
    chosen = [said.text for said in current if said.statement == line.dose.chosen]
    return " / ".join(chosen or dict.fromkeys(said.text for said in current))


def _flags(old: Reconciliation, new: Reconciliation) -> Iterator[Difference]:
    before, after = _by_subject(old), _by_subject(new)
    for subject, flag in after.items():
        if subject not in before:
            yield Difference(change=Change.FLAG_OPENED, about=flag.about, name=flag.about, code=flag.code)
    for subject, flag in before.items():
        if subject not in after:
            yield Difference(change=Change.FLAG_CLOSED, about=flag.about, name=flag.about, code=flag.code)


def _by_subject(told: Reconciliation) -> dict[tuple[str, str], Discrepancy]:
    return {(d.code, d.about): d for d in told.discrepancies}


def _whole(old: Reconciliation, new: Reconciliation) -> Iterator[Difference]:
    if old.complete is not new.complete:
        yield Difference(
            change=Change.COMPLETE,
            about="list",
            name="",
            before="complete" if old.complete else "incomplete",
            after="complete" if new.complete else "incomplete",
        )
