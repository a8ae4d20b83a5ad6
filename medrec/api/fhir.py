"""The FHIR R4 face under `/fhir`: the list as a document, its resources one by one, and its confirmation."""

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotAcceptable

from formats.identifiers import is_valid, person_identifier
from formats.statement import Source
from medrec import actions, clock, listing
from medrec.access import relation
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.actions import ActionKind
from medrec.api import entry
from medrec.api.capability import SEARCHES, TYPES, statement
from medrec.api.fhir_rest import Document, Json, read, resources
from medrec.api.problems import PROBLEMS, ProblemError, problem_of

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")
MEDIA_TYPE = "application/fhir+json; fhirVersion=4.0"
_JSON = ("application/fhir+json", "application/json", "application/json+fhir")
_BODY = 64 * 1024
_ROLES = ("nurse", "gp", "pharmacist")
_PAGE = 50


def outcome(error: Exception) -> Response:
    """The OperationOutcome of an error."""
    wrong = problem_of(error)
    kind = PROBLEMS[wrong.code]
    issue: Json = {"severity": "error", "code": kind.issue, "details": {"text": kind.title}}
    if wrong.detail:
        issue["diagnostics"] = wrong.detail
    if wrong.errors:
        issue["expression"] = [field for field, _ in wrong.errors]
    told = _told({"resourceType": "OperationOutcome", "issue": [issue]}, kind.status)
    told.headers.extend(wrong.headers)
    return told


def _told(resource: Json, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    return Response(raw, status=status, content_type=MEDIA_TYPE, headers=named)


@fhir.before_request
def _json_only() -> None:
    wanted = request.accept_mimetypes
    if wanted and not any(wanted[kind] for kind in _JSON):
        raise NotAcceptable


@fhir.get("/metadata")
@needs(Need.OPEN)
def metadata() -> Response:
    """What is there."""
    return _told(statement(request.host_url.rstrip("/") + "/fhir"))


@fhir.post("/Patient/$medication-list")
@needs(Need.SEE_LIST)
def list_by_number() -> Response:
    """The document of the person in the body's Patient; the number stands in no address."""
    told = _parameters({"patient", "asOf"})
    patient = told.get("patient", {}).get("resource")
    identifiers = patient.get("identifier") if isinstance(patient, dict) else None
    values = [i.get("value") for i in identifiers if isinstance(i, dict)] if isinstance(identifiers, list) else []
    numbers = [v for v in values if isinstance(v, str) and is_valid(person_identifier("", v)) and v.isdigit()]
    if not numbers:
        raise ProblemError(code="invalid", errors=[("Parameters.parameter.patient", "no national identity number")])
    at = told.get("asOf", {})
    return _document(entry.found(numbers[0]), at.get("valueDateTime") or at.get("valueInstant"))


@fhir.get("/Patient/<opaque:person>/$medication-list")
@needs(Need.SEE_LIST)
def list_of(person: str) -> Response:
    """The document of a person's list, now or `asOf`; 304 while the tag held is the newest."""
    asked = _query({"asOf"})
    if "asOf" not in asked and request.if_none_match:
        with database().reading() as session:
            seen = relation.sees(session, user(), person, clock.today())
            head = listing.head_of(session, person) if seen else None
        if head and head.judged_on == clock.today() and request.if_none_match.contains_weak(head.etag):
            return Response(status=304, headers={"ETag": f'W/"{head.etag}"'})
    return _document(person, asked.get("asOf"))


def _document(person: str, as_of: object) -> Response:
    told = read(person, "read-list", as_of=_moment(as_of) if as_of is not None else None)
    gaps = told.stored.reconciliation.gaps
    sources = []
    for source in Source:
        mine = [g for g in gaps if g.source is source]
        parts = [
            {"name": "name", "valueCode": source.value},
            {"name": "outcome", "valueCode": mine[0].code.value if mine else "read"},
        ]
        sources.append({"name": "source", "part": parts})
    parameters = [{"name": "list", "resource": told.bundle}, *sources]
    answer = _told({"resourceType": "Parameters", "parameter": parameters}, Last_Modified=_http(told))
    if told.newest and told.stored.judged_on == clock.today():
        answer.headers["ETag"] = f'W/"{told.stored.etag}"'
    return answer


def _http(told: Document) -> str:
    return told.stored.created_at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ProblemError(code="invalid", errors=[("asOf", "a time with offset")])
    return moment


@fhir.get("/<any(List, MedicationStatement, DetectedIssue, Provenance):kind>")
@needs(Need.SEE_LIST)
def search(kind: str) -> Response:
    """The resources of one kind of one person."""
    asked = _query(SEARCHES[kind] | {"_include", "_format"})
    person = (asked.get("patient") or asked.get("subject") or "").removeprefix("Patient/")
    if not person:
        raise ProblemError(code="bad-request", detail="patient must be named")
    told = resources(read(person[:32], f"search-{kind.lower()}"))
    hits = {a: r for a, r in told.items() if r["resourceType"] == kind and _fits(r, asked)}
    along: dict[str, Json] = {}
    if asked.get("_include") == "List:item":
        items = {item["item"]["reference"] for r in hits.values() for item in r.get("entry", ())}
        along = {a: told[a] for a in sorted(items) if a in told}
    return _told(_searchset(hits, along))


def _fits(resource: Json, asked: dict[str, str]) -> bool:
    for name in ("status", "code", "_id"):
        if name not in asked:
            continue
        wanted = asked[name].split("|")[-1].split(",")
        codes = [c.get("code") for c in resource.get("code", {}).get("coding", ())] if name == "code" else []
        has = codes or [resource.get("id" if name == "_id" else name)]
        if not set(wanted) & set(has):
            return False
    return True


def _searchset(hits: dict[str, Json], along: dict[str, Json]) -> Json:
    base = request.host_url.rstrip("/") + "/fhir/"
    entries = [{"fullUrl": base + a, "resource": r, "search": {"mode": "match"}} for a, r in hits.items()]
    entries += [{"fullUrl": base + a, "resource": r, "search": {"mode": "include"}} for a, r in along.items()]
    told: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(hits)}
    told["link"] = [{"relation": "self", "url": request.url}]
    return told | ({"entry": entries} if entries else {})


@fhir.get(f"/<any({', '.join(TYPES)}):kind>/<resource:own>")
@needs(Need.SEE_LIST)
def one(kind: str, own: str) -> Response:
    """One resource of the newest version."""
    _query({"_format"})
    return _one(read(own.partition(".")[0], f"read-{kind.lower()}"[:40]), kind, own)


def _one(told: Document, kind: str, own: str) -> Response:
    found = resources(told).get(f"{kind}/{own}")
    if found is None:
        raise ProblemError(code="not-found")
    return _told(found, ETag=f'W/"{told.stored.version}"', Last_Modified=_http(told))


@fhir.get("/List/<resource:own>/_history/<int(max=999999999):version>")
@needs(Need.SEE_LIST)
def one_version(own: str, version: int) -> Response:
    """One list as it was in a version."""
    _query({"_format"})
    return _one(read(own.partition(".")[0], "read-version", version=version), "List", own)


@fhir.get("/List/<resource:own>/_history")
@needs(Need.SEE_LIST)
def history(own: str) -> Response:
    """The newest fifty snapshots of a list, newest first; `total` says how many there are."""
    asked = _query({"_count", "_format"})
    count = asked.get("_count", str(_PAGE))
    if not count.isdigit() or len(count) > len(str(_PAGE)):
        raise ProblemError(code="invalid", errors=[("_count", f"1 to {_PAGE}")])
    person = own.partition(".")[0]
    newest = read(person, "read-versions")
    numbers = range(newest.stored.version, max(0, newest.stored.version - min(int(count), _PAGE)), -1)
    entries = [
        _snapshot(newest if n == newest.stored.version else read(person, "read-version", version=n), own)
        for n in numbers
    ]
    told: Json = {"resourceType": "Bundle", "type": "history", "total": newest.stored.version}
    return _told(told | ({"entry": entries} if entries else {}))


def _snapshot(told: Document, own: str) -> Json:
    found = resources(told).get(f"List/{own}")
    if found is None:
        raise ProblemError(code="not-found")
    at, number = told.stored.created_at.isoformat(), told.stored.version
    return {
        "fullUrl": request.host_url.rstrip("/") + f"/fhir/List/{own}",
        "resource": found,
        "request": {"method": "POST" if number == 1 else "PUT", "url": f"List/{own}"},
        "response": {"status": "201" if number == 1 else "200", "etag": f'W/"{number}"', "lastModified": at},
    }


@fhir.post("/List/<opaque:person>/$confirm")
@needs(Need.ACT)
def confirm(person: str) -> Response:
    """Somebody has gone through the list that `lastKnown` (or If-Match) names; 412 where there is a newer one."""
    told = _parameters({"lastKnown", "confirmedByName", "confirmedByHpr", "confirmedByRole"})
    match = entry.tag_of(_text(told, "lastKnown") or request.headers.get("If-Match", ""))
    name, role = _text(told, "confirmedByName"), _text(told, "confirmedByRole")
    if (role and role not in _ROLES) or bool(role) is not bool(name):
        raise ProblemError(code="invalid", errors=[("confirmedByRole", f"with a name; one of {', '.join(_ROLES)}")])
    by = entry.acting({"name": name, "role": role, "hpr": _text(told, "confirmedByHpr")[:9]} if name else None)
    with database().writing() as session:
        entry.see(session, person, "confirm")
        kind = ActionKind.CONFIRM
        actions.record_action(session, person_id=person, kind=kind, by=by, today=clock.today(), if_match=match)
    return _one(read(person, "read-list"), "List", person)


def _text(told: dict[str, Json], name: str) -> str:
    values = [v for k, v in told.get(name, {}).items() if k.startswith("value")]
    return values[0] if values and isinstance(values[0], str) and values[0].isprintable() else ""


def _parameters(known: set[str]) -> dict[str, Json]:
    """The Parameters of the body by name; a name that is not known is refused."""
    body = entry.json_body(_BODY)
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise ProblemError(code="invalid", errors=[("resourceType", "Parameters")])
    listed = body.get("parameter", [])
    items = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    strange = [str(p.get("name")) for p in items if p.get("name") not in known]
    if strange:
        raise ProblemError(code="unknown-parameter", errors=[(name, "not known") for name in strange])
    return {str(p["name"]): p for p in items}


def _query(known: set[str] | frozenset[str]) -> dict[str, str]:
    """The query by name; an unknown one is 400 unless the client prefers leniency."""
    strange = [name for name in request.args if name.split(":")[0] not in known]
    lenient = "handling=lenient" in request.headers.get("Prefer", "").replace(" ", "")
    if strange and not lenient:
        raise ProblemError(code="unknown-parameter", errors=[(name, "not known") for name in strange])
    told: dict[str, Any] = {name: value for name, value in request.args.items() if name not in strange}
    return told
