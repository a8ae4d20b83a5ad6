"""The operations of the FHIR face: the list as a document, and its confirmation with decisions on its lines."""

import uuid
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request
from sqlalchemy.orm import Session

from formats.fhir.document import operation_outcome
from formats.identifiers import is_valid, person_identifier
from formats.statement import Gap, GapCode, Source
from medrec import actions, clock, hearing, listing, wording, worklist
from medrec.access import gate
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.actions import ActionKind, By
from medrec.api import entry
from medrec.api.fhir import answered, fhir, modified, query, single
from medrec.api.fhir_rest import Document, Json, read, resources
from medrec.api.problems import ProblemError
from medrec.api.schemas import PLAIN, Person
from medrec.listing import StoredList

__all__ = ["fhir"]

Parameters = Mapping[str, list[Json]]
_BODY = 64 * 1024
_ROLES = ("nurse", "gp", "pharmacist")
_INCLUDES = frozenset({"sources", "history"})
_DECISIONS = {"acknowledge": (ActionKind.ACKNOWLEDGE, "note"), "ask-gp": (ActionKind.ASK_GP, "text")}
"""What can be decided on a line, and the name under which the act keeps the reason."""
_PARTS = frozenset({"line", "action", "reason"})
_MANY = frozenset({"include", "decision"})
"""Parameters that may stand more than once."""
_NATIONAL = frozenset({"", *(f"2.16.578.1.12.4.1.4.{n}" for n in (1, 2, 3))})
_NUMBERS = 4
"""As many numbers as one person may be named by: fødselsnummer, D-number, FH-number, and one before."""
_REASON = 1000


@fhir.post("/Patient/$medication-list")
@needs(Need.SEE_LIST)
def list_by_number() -> Response:
    """The document of the person in the body's Patient; the number stands in no address."""
    query({"_format"})
    told = _parameters({"patient", "asOf", "include"})
    numbers = _numbers(next((p.get("resource") for p in told.get("patient", ())), None))
    if not 0 < len(numbers) <= _NUMBERS:
        reason = "no national identity number" if not numbers else f"more than {_NUMBERS} identity numbers"
        raise ProblemError(code="invalid", errors=[("Parameters.parameter.patient", reason)])
    includes = _includes(_value(p) for p in told.get("include", ()))
    as_of = _moment(_text(told, "asOf")) if "asOf" in told else None
    return _document(entry.found_by(numbers), as_of, includes)


def _numbers(patient: object) -> list[str]:
    """The national identity numbers of a Patient. A number under another system is none, whatever its digits."""
    listed = patient.get("identifier") if isinstance(patient, dict) else None
    told = [i for i in listed if isinstance(i, dict)] if isinstance(listed, list) else []
    values = [i.get("value") for i in told if str(i.get("system") or "").removeprefix("urn:oid:") in _NATIONAL]
    valid = (v for v in values if isinstance(v, str) and v.isdigit() and is_valid(person_identifier("", v)))
    return list(dict.fromkeys(valid))


@fhir.get("/Patient/<opaque:person>/$medication-list")
@needs(Need.SEE_LIST)
def list_of(person: str) -> Response:
    """The document of a person's list, now or `asOf`; 304 while the tag held is the newest."""
    asked = query({"asOf", "include", "_format"})
    if "asOf" not in asked and request.if_none_match:
        head = gate.newest(person)
        if head and head.judged_on == clock.today() and request.if_none_match.contains_weak(head.etag):
            return Response(status=304, headers={"ETag": f'W/"{head.etag}"'})
    includes = _includes(asked["include"].split(",") if "include" in asked else ())
    return _document(person, _moment(asked["asOf"]) if "asOf" in asked else None, includes)


def _includes(asked: Iterable[str]) -> frozenset[str]:
    told = frozenset(asked)
    if told - _INCLUDES:
        raise ProblemError(code="invalid", errors=[("include", f"one of {', '.join(sorted(_INCLUDES))}")])
    return told


def _document(person: str, as_of: datetime | None, includes: frozenset[str]) -> Response:
    told = read(person, "read-list", as_of=as_of)
    with database().reading() as session:
        parameters = [{"name": "list", "resource": told.bundle}, *_sources(session, told.stored)]
        parameters += _history(session, person) if "history" in includes else []
        parameters += _warnings(told)
    answer = answered({"resourceType": "Parameters", "parameter": parameters}, Last_Modified=modified(told))
    if told.newest and told.stored.judged_on == clock.today():
        answer.headers["ETag"] = f'W/"{told.stored.etag}"'
    return answer


def _sources(session: Session, stored: StoredList) -> list[Json]:
    """How each source was heard: when it was read, and why it is not whole."""
    language = wording.language_of(request.headers.get("Accept-Language"))
    words = hearing.sources(session, stored.person_id, clock.today(), statements=False)
    told = []
    for source in Source:
        mine = [g for g in stored.reconciliation.gaps if g.source is source]
        read_at = max((w.heard.as_of for w in words if w.source is source and w.heard.as_of), default=None)
        parts: list[Json] = [{"name": "name", "valueCode": source.value}]
        parts += [{"name": "fetchedAt", "valueDateTime": read_at.isoformat()}] if read_at else []
        parts.append({"name": "outcome", "valueCode": mine[0].code.value if mine else "read"})
        text = " ".join(wording.gap(g, language) for g in mine)
        parts += [{"name": "text", "valueString": text}] if text else []
        told.append({"name": "source", "part": parts})
    return told


def _warnings(told: Document) -> list[Json]:
    """What limits the list, as an OperationOutcome beside it; nothing where the list is complete."""
    gaps = [g for g in told.stored.reconciliation.gaps if g.limits]
    if told.newest and told.stored.judged_on < clock.today():
        gaps.append(Gap(Source.HP, GapCode.STALE_JUDGEMENT))
    language = wording.language_of(request.headers.get("Accept-Language"))
    issues = [("warning", "incomplete", wording.gap(gap, language)) for gap in gaps]
    return [{"name": "outcome", "resource": operation_outcome(issues)}] if issues else []


def _history(session: Session, person: str) -> list[Json]:
    """The versions of the list, newest first, without their content."""
    return [
        {
            "name": "history",
            "part": [
                {"name": "version", "valueString": str(note.version)},
                {"name": "date", "valueInstant": note.created_at.isoformat()},
                {"name": "complete", "valueBoolean": note.complete},
            ],
        }
        for note in listing.versions(session, person)
    ]


def _moment(text: str) -> datetime:
    moment = entry.moment(text)
    if moment is None:
        raise ProblemError(code="invalid", errors=[("asOf", "a time with offset")])
    return moment


@dataclass(frozen=True, slots=True)
class _Decision:
    """What somebody decided on one line: our id of it, which act, and why."""

    line: str
    action: str
    reason: str


@fhir.post("/List/<opaque:person>/$confirm")
@needs(Need.ACT)
def confirm(person: str) -> Response:
    """Somebody has gone through the list that `lastKnown` (or If-Match) names; 412 where there is a newer one.

    A decision is an act on each open discrepancy that stands on its line; all of them are kept, or nothing.
    """
    query({"_format"})
    told = _parameters({"lastKnown", "confirmedByName", "confirmedByHpr", "confirmedByRole", "decision"})
    match = entry.tag_of(_text(told, "lastKnown") or request.headers.get("If-Match", ""))
    decisions = [_decision(p) for p in told.get("decision", ())]
    by = _confirming(told)
    before = read(person, "read-list") if decisions else None
    with database().writing() as session:
        actions.hold(session, person)
        entry.see(session, person, "confirm")
        kind = ActionKind.CONFIRM
        actions.record_action(session, person_id=person, kind=kind, by=by, today=clock.today(), if_match=match)
        for decision in decisions if before else ():
            _decide(session, person, decision, _line_key(before, decision.line), by)
    return single(read(person, "read-list"), "List", person)


def _confirming(told: Parameters) -> By:
    name, role = _text(told, "confirmedByName"), _text(told, "confirmedByRole")
    if (role and role not in _ROLES) or bool(role) is not bool(name):
        raise ProblemError(code="invalid", errors=[("confirmedByRole", f"with a name; one of {', '.join(_ROLES)}")])
    hpr = _text(told, "confirmedByHpr")
    named = {"name": name, "role": role} | ({"hpr": hpr} if hpr else {})
    if name and (wrong := Person().validate(named)):
        raise ProblemError(code="invalid", errors=[(f"confirmedBy{next(iter(wrong)).title()}", "not as it must be")])
    return entry.acting(named if name else None)


def _decision(told: Json) -> _Decision:
    listed = told.get("part", [])
    by_name = _by_name(listed, _PARTS, frozenset(), "decision")
    parts = {name: _value(found[0]) for name, found in by_name.items()}
    if parts.get("action") not in _DECISIONS:
        raise ProblemError(code="invalid", errors=[("decision.action", f"one of {', '.join(_DECISIONS)}")])
    if not parts.get("line"):
        raise ProblemError(code="invalid", errors=[("decision.line", "MedicationStatement/<id>")])
    line = parts["line"].removeprefix("MedicationStatement/")
    reason = parts.get("reason", "")
    if len(reason) > _REASON:
        raise ProblemError(code="invalid", errors=[("decision.reason", f"at most {_REASON} characters")])
    return _Decision(line=line, action=parts["action"], reason=reason)


def _line_key(told: Document | None, named: str) -> str:
    """The key of a line of the list named by its resource's id, its address in the document or its key; 422."""
    found = resources(told).values() if told else ()
    for line in (r for r in found if r["resourceType"] == "MedicationStatement"):
        key = next((i["value"] for i in line.get("identifier", ()) if i.get("system", "").endswith("/line")), "")
        if key and named in {key, line["id"], _urn(line["id"])}:
            return str(key)
    raise ProblemError(code="invalid", errors=[("decision.line", "no line of this list")])


def _urn(own: str) -> str:
    """The address in the document of a resource with this id."""
    told = own.partition(".")[2]
    return f"urn:uuid:{uuid.UUID(told)}" if len(told) == 32 else ""  # noqa: PLR2004 - a UUID in hex


def _decide(session: Session, person: str, decision: _Decision, key: str, by: By) -> None:
    kind, said_as = _DECISIONS[decision.action]
    rows = worklist.open_discrepancies(session, person_id=person, limit=200).rows
    on_line = [row.id for row in rows if key in row.flag.lines or row.about == key]
    if not on_line:
        raise ProblemError(code="invalid", errors=[("decision.line", "no open discrepancy stands on it")])
    said = {said_as: decision.reason} if decision.reason else {}
    for discrepancy in on_line:
        actions.record_action(
            session, person_id=person, kind=kind, by=by, today=clock.today(), discrepancy=discrepancy, **said
        )


def _value(parameter: Json) -> str:
    """The text of a parameter (a reference's is its address), "" where it has none. Raises 422 for no plain text."""
    found = next((v for k, v in parameter.items() if k.startswith("value")), "")
    told = found.get("reference", "") if isinstance(found, dict) else found
    if not isinstance(told, str) or not PLAIN.fullmatch(told):
        raise ProblemError(code="invalid", errors=[(str(parameter.get("name")), "no plain text")])
    return told


def _text(told: Parameters, name: str) -> str:
    return next((_value(p) for p in told.get(name, ())), "")


def _parameters(known: set[str]) -> Parameters:
    """The Parameters of the body by name; a name that is not known is refused."""
    body = entry.json_body(_BODY)
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise ProblemError(code="invalid", errors=[("resourceType", "Parameters")])
    return _by_name(body.get("parameter", []), known, _MANY, "")


def _by_name(listed: object, known: Container[str], many: Container[str], within: str) -> Parameters:
    """Parameters, or the parts of one, by name. What is no parameter, not known, or said twice is refused."""
    items = (
        [p for p in listed if isinstance(p, dict) and isinstance(p.get("name"), str)]
        if isinstance(listed, list)
        else []
    )
    if not isinstance(listed, list) or len(items) < len(listed):
        raise ProblemError(code="invalid", errors=[(within or "Parameters.parameter", "a list of named parameters")])
    lead = f"{within}." if within else ""
    names = [str(p["name"]) for p in items]
    if strange := [name for name in names if name not in known]:
        raise ProblemError(code="unknown-parameter", errors=[(lead + name, "not known") for name in strange])
    if twice := [name for name in names if name not in many and names.count(name) > 1]:
        raise ProblemError(code="invalid", errors=[(lead + twice[0], "given more than once")])
    return {name: [p for p in items if p["name"] == name] for name in sorted(set(names))}
