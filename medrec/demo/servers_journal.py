"""A journal on loopback, answering FHIR R4 as a stock Epic was recorded: pages, medicines apart, its odd refusals.

403 with an empty body for what is not granted, 404 as HTML for what it does not know, 200 in spite of a parameter it
ignores, which it tells in an outcome at the end. `_lastUpdated` works only where its CapabilityStatement lists it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from medrec.demo.servers import Reply, Request
from medrec.demo.servers_sfm import outcome
from medrec.demo.servers_tokens import TokenService

PATH, TOKEN_PATH = "/api/FHIR/R4", "/oauth2/token"
SCOPE = "system/Patient.read system/MedicationRequest.read system/Medication.read system/AllergyIntolerance.read"
_NOT_FOUND = b"<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head></html>"
_SEARCHED = ("MedicationRequest", "AllergyIntolerance")
_PARAMETERS = frozenset({"patient", "_count", "_page"})
_CAVEAT_SYSTEM = "urn:oid:1.2.840.114350.1.13.9999.1.7.2.657369"
Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Chart:
    """What the journal holds about one patient. `changed`: when each resource (by type and id) last was."""

    patient: Json
    requests: Sequence[Json]
    medications: Mapping[str, Json]
    allergies: Sequence[Json]
    changed: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, kind: str) -> Sequence[Json]:
        """The resources of a searched type."""
        return self.requests if kind == "MedicationRequest" else self.allergies


class JournalService:
    """The journal. `granted`: types whose scope was given.

    `lists_last_updated`, `lists_include`: what it says it can do, and does.
    """

    def __init__(
        self,
        tokens: TokenService,
        charts: Mapping[str, Chart],
        *,
        lists_last_updated: bool = False,
        lists_include: bool = False,
        page: int = 8,
    ) -> None:
        self._tokens = tokens
        self._charts = charts
        self._by_id = {str(chart.patient["id"]): chart for chart in charts.values()}
        self._medications = {key: told for chart in charts.values() for key, told in chart.medications.items()}
        self._page = page
        self.lists_last_updated = lists_last_updated
        self.lists_include = lists_include
        self.ignores: set[str] = set()
        self.granted = {"Patient", "Medication", *_SEARCHED}
        self.version = "2026.1"

    def __call__(self, request: Request) -> Reply:
        """One request."""
        if (request.method, request.path) == ("POST", TOKEN_PATH):
            return self._tokens.token(request)
        kind, _, rest = request.path.removeprefix(f"{PATH}/").partition("/")
        if not request.path.startswith(PATH) or kind not in {"metadata", "Patient", "Medication", *_SEARCHED}:
            return Reply(404, _NOT_FOUND, {"Content-Type": "text/html"})
        if kind == "metadata":
            return Reply.of(self._capability())
        return self._tokens.refused(request) or self._told(kind, rest, request)

    def _told(self, kind: str, rest: str, request: Request) -> Reply:
        if kind not in self.granted:
            return Reply(403)
        if kind == "Patient":
            return self._found(request)
        return self._medication(rest) if kind == "Medication" else self._search(kind, request)

    def _found(self, request: Request) -> Reply:
        number = request.form.get("identifier", "").rpartition("|")[2]
        chart = self._charts.get(number)
        found = [_entry(chart.patient, "match", request)] if chart else []
        return Reply.of(_bundle(found, len(found), []))

    def _medication(self, own: str) -> Reply:
        told = self._medications.get(own)
        if told is None:
            return Reply.of(outcome("fatal", "not-found", "The resource was not found."), 404)
        return Reply.of(told, 200, "application/json+fhir; charset=utf-8")

    def _search(self, kind: str, request: Request) -> Reply:
        asked = dict(request.query)
        heeded = _PARAMETERS | ({"_lastUpdated", "_summary"} if self.lists_last_updated else set())
        heeded |= {"_include"} if self.lists_include else set()
        ignored = [name for name in asked if name not in heeded or name in self.ignores]
        if "patient" not in asked:
            return Reply.of(outcome("fatal", "required", "Must have patient."), 400)
        found = self._selected(kind, asked, ignored)
        count = min(int(asked.get("_count", self._page)), self._page)
        at = int(asked.get("_page", 0))
        page = found[at * count : (at + 1) * count]
        links = [{"relation": "self", "url": _url(request, {k: v for k, v in asked.items() if k not in ignored})}]
        if len(found) > (at + 1) * count and asked.get("_summary") != "count":
            links.append({"relation": "next", "url": _url(request, {**asked, "_page": str(at + 1)})})
        entries = [] if asked.get("_summary") == "count" else [_entry(r, "match", request) for r in page]
        if "_include" in asked and self.lists_include:
            entries += self._beside(page, request)
        entries.append({"resource": _remarks(ignored), "search": {"mode": "outcome"}})
        return Reply.of(_bundle(entries, len(found), links), 200, "application/json+fhir; charset=utf-8")

    def _beside(self, page: Iterable[Json], request: Request) -> list[Json]:
        """The medicines that a page's requests name."""
        named = (str(r.get("medicationReference", {}).get("reference", "")).rpartition("/")[2] for r in page)
        found = (self._medications.get(own) for own in dict.fromkeys(named))
        return [_entry(told, "include", request) for told in found if told]

    def _selected(self, kind: str, asked: Mapping[str, str], ignored: Iterable[str]) -> list[Json]:
        wanted = set(asked) - set(ignored)
        charts = [self._by_id[asked["patient"]]] if asked["patient"] in self._by_id else []
        if "patient" not in wanted:
            charts = list(self._by_id.values())
        found = [(chart, resource) for chart in charts for resource in chart.of(kind)]
        if "_lastUpdated" in wanted:
            since = datetime.fromisoformat(asked["_lastUpdated"].removeprefix("ge"))
            found = [(c, r) for c, r in found if c.changed.get(f"{kind}/{r['id']}", since) >= since]
        return [resource for _chart, resource in found]

    def _capability(self) -> Json:
        names = ["patient", *(["_lastUpdated"] if self.lists_last_updated else [])]
        told: list[Json] = [
            {"type": kind, "searchParam": [{"name": n, "type": "reference"} for n in names]} for kind in _SEARCHED
        ]
        if self.lists_include:
            told[0]["searchInclude"] = ["MedicationRequest:medication"]
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "software": {"name": "Demo journal", "version": self.version},
            "rest": [{"mode": "server", "resource": told}],
        }


def _bundle(entries: list[Json], total: int, links: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries}


def _base(request: Request) -> str:
    return request.url.partition(PATH)[0] + PATH


def _url(request: Request, query: Mapping[str, str]) -> str:
    return f"{request.url}?{urlencode(query)}"


def _entry(resource: Json, mode: str, request: Request) -> Json:
    address = f"{_base(request)}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": address, "resource": resource, "search": {"mode": mode}}


def _remarks(ignored: Iterable[str]) -> Json:
    words = "This response includes what the client may see. It may not contain the entire record."
    coding = {"system": _CAVEAT_SYSTEM, "code": "4119", "display": words}
    issues: list[Json] = [{"severity": "warning", "code": "processing", "details": {"coding": [coding], "text": words}}]
    issues += [
        {
            "severity": "information",
            "code": "invalid",
            "details": {"coding": [{"system": _CAVEAT_SYSTEM, "code": "59100"}]},
            "diagnostics": f"Unknown parameter: {name.upper()}. Parameter has been ignored.",
        }
        for name in ignored
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}
