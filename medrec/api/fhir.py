"""The FHIR R4 face under `/fhir`: searches, resources one by one, and history; operations are beside it."""

import json
from datetime import UTC
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_options_header

from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.api import entry
from medrec.api.capability import SEARCHES, STATUSES, TYPES, statement
from medrec.api.fhir_rest import Document, Json, read, resources
from medrec.api.problems import PROBLEMS, ProblemError, problem_of

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")
_VERSION = "4.0"
MEDIA_TYPE = f"application/fhir+json; fhirVersion={_VERSION}"
_TAKEN = frozenset({"application/fhir+json", "application/json", "application/json+fhir", "application/*", "*/*"})
_ITEMS = "List:item"
_RESULT = frozenset({"_format", "_count", "_offset"})
_PAGE = 50
_LAST = 999_999_999


def outcome(error: Exception) -> Response:
    """The OperationOutcome of an error."""
    wrong = problem_of(error)
    kind = PROBLEMS[wrong.code]
    issue: Json = {"severity": "error", "code": kind.issue, "details": {"text": kind.title}}
    if wrong.detail:
        issue["diagnostics"] = wrong.detail
    if wrong.errors:
        issue["expression"] = [field for field, _ in wrong.errors]
    told = answered({"resourceType": "OperationOutcome", "issue": [issue]}, kind.status)
    told.headers.extend(wrong.headers)
    return told


def answered(resource: Json, status: int = 200, **headers: str) -> Response:
    """A resource as it is sent; `Last_Modified` and the like are headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    return Response(raw, status=status, content_type=MEDIA_TYPE, headers=named)


@fhir.before_request
def _json_only() -> None:
    wanted = request.accept_mimetypes
    if wanted and not any(quality and _is_ours(kind) for kind, quality in wanted):
        raise NotAcceptable


def _is_ours(kind: str) -> bool:
    """Whether a media type, with its parameters, takes in what is written here; `+` may have come as a space."""
    named, options = parse_options_header(kind)
    version = options.get("fhirversion", options.get("fhirVersion", _VERSION))
    return named.replace(" ", "+").lower() in _TAKEN and version == _VERSION


@fhir.get("/metadata")
@needs(Need.OPEN)
def metadata() -> Response:
    """What is there."""
    query({"_format", "mode"})
    return answered(statement(request.host_url.rstrip("/") + "/fhir"))


def modified(told: Document) -> str:
    """When the version was made, as the header Last-Modified says it."""
    return told.stored.created_at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


@fhir.get("/<any(List, MedicationStatement, DetectedIssue, Provenance):kind>")
@needs(Need.SEE_LIST)
def search(kind: str) -> Response:
    """The resources of one kind of one person."""
    asked = query(SEARCHES[kind] | _RESULT | ({"_include"} if kind == "List" else set()))
    if asked.get("_include", _ITEMS) != _ITEMS:
        raise ProblemError(code="unknown-parameter", errors=[("_include", f"only {_ITEMS}")])
    person = (asked.get("patient") or asked.get("subject") or "").removeprefix("Patient/")
    if not person:
        raise ProblemError(code="bad-request", detail="patient must be named")
    _real(kind, asked.get("status"))
    told = resources(read(person[:32], f"search-{kind.lower()}"))
    hits = {a: r for a, r in told.items() if r["resourceType"] == kind and _fits(r, asked)}
    start, count = _number(asked, "_offset", 0, least=0), _number(asked, "_count", _LAST, least=0)
    page = dict(list(hits.items())[start : start + count])
    along: dict[str, Json] = {}
    if "_include" in asked:
        items = {item["item"]["reference"] for r in page.values() for item in r.get("entry", ())}
        along = {a: told[a] for a in sorted(items) if a in told}
    bundle = _searchset(page, along) | {"total": len(hits)}
    if page and start + count < len(hits):
        rest = {**asked, "_count": count, "_offset": start + count}
        bundle["link"].append({"relation": "next", "url": f"{request.base_url}?{urlencode(rest)}"})
    return answered(bundle)


def _real(kind: str, status: str | None) -> None:
    """Raises 422 for a status that FHIR does not know: a misspelt one would be answered that there is nothing."""
    wanted = {token.rpartition("|")[2] for token in status.split(",")} if status is not None else set()
    if wanted - STATUSES.get(kind, frozenset()):
        raise ProblemError(code="invalid", errors=[("status", f"of {', '.join(sorted(STATUSES[kind]))}")])


def _fits(resource: Json, asked: dict[str, str]) -> bool:
    said = {name: [("", resource.get(of))] for name, of in (("status", "status"), ("_id", "id"))}
    said["code"] = [(c.get("system"), c.get("code")) for c in resource.get("code", {}).get("coding", ())]
    return all(_token_in(asked[name], has) for name, has in said.items() if name in asked)


def _token_in(wanted: str, has: list[tuple[str, object]]) -> bool:
    """Whether one of the tokens `system|code` or `code`, by commas, is among (system, code)."""
    tokens = [t.rpartition("|") for t in wanted.split(",")]
    return any(code == own and (not bar or system == of) for system, bar, code in tokens for of, own in has)


def _searchset(hits: dict[str, Json], along: dict[str, Json]) -> Json:
    base = request.host_url.rstrip("/") + "/fhir/"
    entries = [{"fullUrl": base + a, "resource": r, "search": {"mode": "match"}} for a, r in hits.items()]
    entries += [{"fullUrl": base + a, "resource": r, "search": {"mode": "include"}} for a, r in along.items()]
    told: Json = {"resourceType": "Bundle", "type": "searchset"}
    told["link"] = [{"relation": "self", "url": request.url}]
    return told | ({"entry": entries} if entries else {})


@fhir.get(f"/<any({', '.join(TYPES)}):kind>/<resource:own>")
@needs(Need.SEE_LIST)
def one(kind: str, own: str) -> Response:
    """One resource of the newest version."""
    query({"_format"})
    return single(read(own.partition(".")[0], f"read-{kind.lower()}"[:40]), kind, own)


def single(told: Document, kind: str, own: str) -> Response:
    """One resource of a version. Raises 404 where it has none of that id."""
    found = resources(told).get(f"{kind}/{own}")
    if found is None:
        raise ProblemError(code="not-found")
    return answered(found, ETag=f'W/"{told.stored.version}"', Last_Modified=modified(told))


@fhir.get("/List/<resource:own>/_history/<int(max=999999999):version>")
@needs(Need.SEE_LIST)
def one_version(own: str, version: int) -> Response:
    """One list as it was in a version."""
    query({"_format"})
    return single(read(own.partition(".")[0], "read-version", version=version), "List", own)


@fhir.get("/List/<resource:own>/_history")
@needs(Need.SEE_LIST)
def history(own: str) -> Response:
    """Snapshots of a list, newest first, by page: `total` says how many there are, the link `next` where it goes on."""
    asked = query({"_count", "_format", "before"})
    count = _number(asked, "_count", _PAGE)
    person = own.partition(".")[0]
    newest = read(person, "read-versions")
    last = min(newest.stored.version, _number(asked, "before", _LAST) - 1)
    numbers = range(last, max(0, last - min(count, _PAGE)), -1)
    entries = [
        _snapshot(newest if n == newest.stored.version else read(person, "read-version", version=n), own)
        for n in numbers
    ]
    link = [{"relation": "self", "url": request.url}]
    if numbers and numbers[-1] > 1:
        link.append({"relation": "next", "url": f"{request.base_url}?_count={count}&before={numbers[-1]}"})
    bundle: Json = {"resourceType": "Bundle", "type": "history", "total": newest.stored.version, "link": link}
    return answered(bundle | ({"entry": entries} if entries else {}))


def _number(asked: dict[str, str], name: str, otherwise: int, *, least: int = 1) -> int:
    text = asked.get(name, str(otherwise))
    if not text.isascii() or not text.isdigit() or not least <= int(text[:10]) <= _LAST:
        raise ProblemError(code="invalid", errors=[(name, f"{least} to {_LAST}")])
    return int(text)


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


def query(known: set[str] | frozenset[str]) -> dict[str, str]:
    """The query by name; an unknown one, and a modifier, is 400 unless the client prefers leniency."""
    strange = [name for name in request.args if name not in known]
    if strange and "handling=lenient" not in request.headers.get("Prefer", "").replace(" ", ""):
        raise ProblemError(code="unknown-parameter", errors=[(name, "not known") for name in strange])
    told = {name: value for name, value in request.args.items() if name not in strange}
    for name in told:
        entry.once(name)
    if (form := told.get("_format", "json")) != "json" and ("*" in form or not _is_ours(form)):
        raise NotAcceptable
    return told
