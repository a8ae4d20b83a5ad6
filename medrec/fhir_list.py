"""The medication list in FHIR: from a Reconciliation and its statements to the values that `formats.fhir` writes.

What is said here is what our pages say, no more: a disputed line is never "active", a dose in conflict has words and
no structure, and an empty source says why it is empty (../domain/fhir.md, section 4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from importlib.metadata import version as installed

from formats.dosing import Dosage, ReadStatus
from formats.drug import Catalogue
from formats.fhir.document import (
    Confirmation,
    Issue,
    ListDocument,
    ListLine,
    Mitigation,
    Product,
    SourceList,
    medication_list_document,
)
from formats.statement import Actor, GapCode, Kind, Person, SaidStatus, Source, Statement
from medrec import wording
from medrec.difference import Change, differences
from medrec.present import Flags, Statements, dose_text
from medrec.worklist import ActionNote
from rules.conclusion import Discrepancy, DoseState, Line, LineStatus, Reconciliation, Severity
from rules.contradiction import says_two_doses

BASE = "https://medrec.example.org/fhir"
"""What our own code systems stand under where no address of this installation is given."""

ACT_CODES: Mapping[str, str] = {
    "B04": "ENDLATE",
    "C02": "DUPTHPY",
    "C03": "DUPTHPGEN",
    "C04": "DUPTHPCLS",
    "C14": "NOTEQUIV",
    "D01": "DOSE",
    "D02": "DOSEIVL",
    "D10": "DOSEH",
    "D13": "DOSEIVL",
    "F01": "ALGY",
    "F02": "ALGY",
    "F03": "DRG",
    "F05": "DUPTHPCLS",
}
"""v3-ActCode where one means the same; every issue carries our own code beside it."""

_STATUS: Mapping[LineStatus, str] = {
    LineStatus.ACTIVE: "active",
    LineStatus.PLANNED: "intended",
    LineStatus.PAUSED: "on-hold",
    LineStatus.DISPUTED: "unknown",
    LineStatus.UNCONFIRMED: "unknown",
    LineStatus.ENDED: "stopped",
}
_SEVERITY: Mapping[Severity, str] = {
    Severity.CRITICAL: "high",
    Severity.HIGH: "high",
    Severity.MODERATE: "moderate",
    Severity.LOW: "low",
    Severity.INFO: "low",
}
_FLAGS: Mapping[Change, str] = {Change.LINE_CAME: "04", Change.DOSE: "02", Change.PACKED: "02", Change.STATUS: "02"}
_EMPTY: Mapping[GapCode, str] = {
    GapCode.FAILED: "unavailable",
    GapCode.NOT_READ: "notasked",
    GapCode.LOCKED: "withheld",
    GapCode.RESERVED: "withheld",
    GapCode.QUARANTINED: "unavailable",
    GapCode.PARTIAL: "unavailable",
    GapCode.STALE: "unavailable",
}
"""Why a source's list has nothing, by what is known to be missing; without such a gap it has nothing."""
_CONFIRMS = frozenset({"gp", "pharmacist"})
"""Roles whose confirmation makes the document final; a nurse is an attester."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known besides the conclusion, where the list is a stored one.

    `previous`: the version before, to tell what changed; `acts`: what people did, newest first; `read_at`: when each
    source was read; `catalogue`: tells the FEST level of an id. Offline all of it is absent.
    """

    base: str = BASE
    person_id: str = "offline"
    person: Person = field(default_factory=Person)
    version: str = "1"
    at: datetime | None = None
    flags: Flags = field(default_factory=dict)
    acts: Sequence[ActionNote] = ()
    read_at: Mapping[Source, datetime] = field(default_factory=dict)
    previous: Reconciliation | None = None
    catalogue: Catalogue | None = None
    language: str = "nb"


OFFLINE = Setting()


def document(
    told: Reconciliation, statements: Statements, *, as_of: date, setting: Setting = OFFLINE
) -> dict[str, object]:
    """The document Bundle of a list as on the day `as_of`; the same values give the same bytes."""
    return medication_list_document(list_document(told, statements, as_of=as_of, setting=setting))


def list_document(told: Reconciliation, statements: Statements, *, as_of: date, setting: Setting) -> ListDocument:
    """All that the document says, as values."""
    at = setting.at or datetime.combine(as_of, time(0), UTC)
    language = setting.language
    confirmed = _confirmation(told, setting)
    return ListDocument(
        base=setting.base,
        list_id=setting.person_id,
        version=setting.version,
        at=at,
        subject=setting.person,
        subject_id=setting.person_id,
        software=f"{installed('medrec')}; {told.rule_set}; {told.catalogue}",
        lines=tuple(_lines(told, statements, at, setting)),
        issues=tuple(_issue(flag, setting, at) for flag in told.discrepancies),
        sources=tuple(_source(source, told, statements, setting) for source in Source),
        allergies=told.allergies,
        lines_empty="nilknown" if told.complete else "unavailable",
        allergies_empty="unavailable",
        confirmation=confirmed,
        amended=sum(a.kind == "confirm" and a.undone_at is None and a.by_role in _CONFIRMS for a in setting.acts) > 1,
        gaps=tuple(wording.gap(gap, language) for gap in told.gaps),
    )


def _lines(told: Reconciliation, statements: Statements, at: datetime, setting: Setting) -> Iterable[ListLine]:
    changed = _changes(told, setting.previous)
    for line in told.lines:
        flag = changed.get(line.key) or _standing_flag(line)
        yield _line(line, statements, setting, flag, at.date() if line.key in changed else None)


def _changes(told: Reconciliation, previous: Reconciliation | None) -> dict[str, str]:
    """Line key -> flag of what changed since the version before."""
    if previous is None:
        return {}
    now = {line.key: line for line in told.lines}
    moved = [d for d in differences(previous, told) if d.change in _FLAGS and d.about in now]
    return {d.about: (_ended_flag(now[d.about]) or _FLAGS[d.change]) for d in reversed(moved)}


def _ended_flag(line: Line) -> str:
    return {LineStatus.ENDED: "05", LineStatus.PAUSED: "06"}.get(line.status, "")


def _standing_flag(line: Line) -> str:
    return _ended_flag(line) or "01"


def _line(line: Line, statements: Statements, setting: Setting, flag: str, changed: date | None) -> ListLine:
    behind = [statements[i] for i in line.statements if i in statements]
    dosage = _dosage(line, statements)
    return ListLine(
        id=line.key,
        status=_status(line, behind),
        product=_product(line, behind, setting.catalogue),
        state=_state(line),
        text=dose_text(line, statements, setting.language),
        dosage=dosage,
        needed=line.use == "prn",
        start=line.since,
        end=_end(line, behind),
        asserted=max((d for s in behind if (d := s.decided or s.recorded)), default=None),
        indication=line.indication or "",
        responsible=_responsible(line, statements, behind),
        status_reason="" if line.status is LineStatus.ACTIVE else wording.STATUS[line.status][setting.language],
        prescription_ids=_each(s.prescription_id for s in behind),
        treatment_ids=_each(s.treatment_id for s in behind),
        derived_from=line.statements,
        flag=flag,
        changed=changed,
    )


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


def _status(line: Line, behind: Iterable[Statement]) -> str:
    """Ended by itself (a course that ran out) is completed; ended by somebody is stopped."""
    if line.status is not LineStatus.ENDED:
        return "unknown" if line.failed else _STATUS[line.status]
    said = {s.status for s in behind}
    stopped = {SaidStatus.STOPPED, SaidStatus.REVOKED} & said
    return "completed" if SaidStatus.FINISHED in said and not stopped else "stopped"


def _state(line: Line) -> str:
    """The code of our extension `reconciliation-state`."""
    if line.failed:
        return "unreadable"
    if line.status is LineStatus.DISPUTED or line.dose.state is DoseState.CONFLICT:
        return "conflict"
    if line.status is LineStatus.UNCONFIRMED:
        return "unconfirmed"
    return "unreadable" if line.dose.state is DoseState.UNKNOWN else "agreed"


def _dosage(line: Line, statements: Statements) -> Dosage | None:
    """The chosen dose in structure where it is certain; never one of several that disagree, nor one that was ended."""
    if any(said.status for said in line.dose.as_said if said.statement == line.dose.chosen):
        return None
    chosen = statements.get(line.dose.chosen or "")
    if chosen is None or line.failed or line.dose.state in {DoseState.CONFLICT, DoseState.UNKNOWN}:
        return None
    if says_two_doses(chosen):
        return None
    if chosen.read_dose and chosen.read_dose.status is ReadStatus.OK:
        return chosen.read_dose.dosage
    return chosen.dosage if not chosen.dose_text else None


def _product(line: Line, behind: Sequence[Statement], catalogue: Catalogue | None) -> Product:
    """The line's name with the codes of the statement that named it, else of the first that has any."""
    named = line.facts.get("name")
    first = set(named.evidence) if named else set()
    ordered = sorted(behind, key=lambda s: s.id not in first)
    coded = next((s for s in ordered if s.fest_id or s.varenr or s.atc), None)
    if coded is None:
        return Product(name=line.name, form=line.form)
    drug = catalogue.by_id.get(coded.fest_id) if catalogue and coded.fest_id else None
    return Product(
        name=line.name,
        atc=coded.atc or next((s.atc for s in ordered if s.atc), None),
        varenr=coded.varenr,
        fest_id=coded.fest_id,
        fest_level=drug.level.value.capitalize() if drug else "",
        form=coded.form or line.form,
        form_code=coded.form_code,
    )


def _end(line: Line, behind: Iterable[Statement]) -> date | None:
    """The last day, only where the line has ended or is a course: an older prescription's end is not its own."""
    if line.status is not LineStatus.ENDED and line.use != "course":
        return None
    last = max((s.end for s in behind if s.end), default=None)
    return last if last and (line.since is None or last >= line.since) else None


def _responsible(line: Line, statements: Statements, behind: Iterable[Statement]) -> Actor | None:
    """Who decided the dose that stands; else the newest author behind the line."""
    chosen = statements.get(line.dose.chosen or "")
    if chosen and chosen.author:
        return chosen.author
    authored = [s for s in behind if s.author and s.kind is not Kind.DISPENSING]
    newest = max(authored, key=lambda s: (s.decided or s.recorded or date.min, s.id), default=None)
    return newest.author if newest else None


def _issue(flag: Discrepancy, setting: Setting, at: datetime) -> Issue:
    standing = setting.flags.get((flag.code, flag.about))
    own = standing.id if standing else f"{flag.code}:{flag.about}"
    acts = [a for a in setting.acts if a.discrepancy_id == own and a.undone_at is None]
    return Issue(
        id=own,
        code=flag.code,
        severity=_SEVERITY[flag.severity],
        text=f"{wording.sentence(flag, setting.language)} {wording.action(flag, setting.language)}".strip(),
        identified=standing.first_seen if standing else at,
        act_code=ACT_CODES.get(flag.code, ""),
        lines=flag.lines,
        statements=flag.evidence,
        mitigations=tuple(
            Mitigation(code=a.kind, text=a.kind, at=a.at, by=Actor(name=a.by_name)) for a in reversed(acts)
        ),
    )


def _source(source: Source, told: Reconciliation, statements: Statements, setting: Setting) -> SourceList:
    mine = tuple(s for s in sorted(statements.values(), key=lambda s: s.id) if s.source is source)
    gaps = [g for g in told.gaps if g.source is source]
    return SourceList(
        key=source.value,
        title=wording.SOURCE[source][setting.language],
        read_at=setting.read_at.get(source),
        note=" ".join(wording.gap(g, setting.language) for g in gaps),
        statements=mine,
        empty_reason=next((reason for code, reason in _EMPTY.items() if any(g.code is code for g in gaps)), "nilknown"),
    )


def _confirmation(told: Reconciliation, setting: Setting) -> Confirmation | None:
    """The newest confirmation, unless something changed since (G06)."""
    newest = next((a for a in setting.acts if a.kind == "confirm" and a.undone_at is None), None)
    if newest is None or any(flag.code == "G06" for flag in (*told.discrepancies, *told.suppressed)):
        return None
    who = Actor(name=newest.by_name)
    return Confirmation(by=who, at=newest.at, final=newest.by_role in _CONFIRMS)
