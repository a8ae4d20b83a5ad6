"""The operations of the FHIR face: the list as a document, and its confirmation with decisions on its lines."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, request
from sqlalchemy.orm import Session

from formats.identifiers import is_valid, person_identifier
from formats.statement import Source
from medrec import actions, clock, hearing, listing, wording, worklist
from medrec.access import gate
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.actions import ActionKind, By
from medrec.api import entry
from medrec.api.fhir import answered, fhir, modified, query, single
from medrec.api.fhir_rest import Document, Json, read, resources
from medrec.api.problems import ProblemError
from medrec.listing import StoredList

__all__ = ["fhir"]

Parameters = Mapping[str, list[Json]]
_BODY = 64 * 1024
_ROLES = ("nurse", "gp", "pharmacist")
_INCLUDES = frozenset({"sources", "history"})
_DECISIONS = {"acknowledge": (ActionKind.ACKNOWLEDGE, "note"), "ask-gp": (ActionKind.ASK_GP, "text")}
"""What can be decided on a line, and the name under which the act keeps the reason."""
_PARTS = frozenset({"line", "action", "reason"})


@fhir.post("/Patient/$medication-list")
@needs(Need.SEE_LIST)
def list_by_number() -> Response:
    """The document of the person in the body's Patient; the number stands in no address."""
    query({"_format"})
    told = _parameters({"patient", "asOf", "include"})
    patient = next((p.get("resource") for p in told.get("patient", ())), None)
    identifiers = patient.get("identifier") if isinstance(patient, dict) else None
    values = [i.get("value") for i in identifiers if isinstance(i, dict)] if isinstance(identifiers, list) else []
    numbers = [v for v in values if isinstance(v, str) and v.isdigit() and is_valid(person_identifier("", v))]
    if not numbers:
        raise ProblemError(code="invalid", errors=[("Parameters.parameter.patient", "no national identity number")])
    includes = _includes(_value(p) for p in told.get("include", ()))
    as_of = _moment(_text(told, "asOf")) if "asOf" in told else None
    return _document(entry.found(numbers[0]), as_of, includes)


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
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
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
    return entry.acting({"name": name, "role": role, "hpr": _text(told, "confirmedByHpr")[:9]} if name else None)


def _decision(told: Json) -> _Decision:
    listed = told.get("part", [])
    parts = {str(p.get("name")): _value(p) for p in listed if isinstance(p, dict)} if isinstance(listed, list) else {}
    if strange := [name for name in parts if name not in _PARTS]:
        raise ProblemError(code="unknown-parameter", errors=[(f"decision.{name}", "not known") for name in strange])
    if parts.get("action") not in _DECISIONS:
        raise ProblemError(code="invalid", errors=[("decision.action", f"one of {', '.join(_DECISIONS)}")])
    if not parts.get("line"):
        raise ProblemError(code="invalid", errors=[("decision.line", "MedicationStatement/<id>")])
    line = parts["line"].removeprefix("MedicationStatement/")
    return _Decision(line=line, action=parts["action"], reason=parts.get("reason", "")[:1000])


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
    """The value of a parameter where it is plain text (a reference's is its address); else ""."""
    found = next((v for k, v in parameter.items() if k.startswith("value")), "")
    told = found.get("reference", "") if isinstance(found, dict) else found
    return told if isinstance(told, str) and told.isprintable() else ""


def _text(told: Parameters, name: str) -> str:
    return next((_value(p) for p in told.get(name, ())), "")


def _parameters(known: set[str]) -> Parameters:
    """The Parameters of the body by name; a name that is not known is refused."""
    body = entry.json_body(_BODY)
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise ProblemError(code="invalid", errors=[("resourceType", "Parameters")])
    listed = body.get("parameter", [])
    items = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    if strange := [str(p.get("name")) for p in items if p.get("name") not in known]:
        raise ProblemError(code="unknown-parameter", errors=[(name, "not known") for name in strange])
    return {name: [p for p in items if p.get("name") == name] for name in sorted({str(p["name"]) for p in items})}
