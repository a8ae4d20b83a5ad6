"""A journal by FHIR R4: the person, the requests page by page, their medicines, the allergies; one bundle.

Nothing is understood here but how to go on: the next page, a medicine that lies apart, whether anything has changed.
The person's number travels in a form (`POST Patient/_search`), the journal's own opaque id in addresses.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode, urlsplit

from formats.errors import FormatError
from formats.fhir.bundle import joined, next_page
from formats.identifiers import NATIONAL
from formats.statement import Source
from medrec import clock
from medrec.persons import PersonCard
from medrec.sources.asking import Asking, Fetched
from medrec.sources.http_client import GARBAGE, SourceFault

SOURCE = Source.HP
_NATIONAL_ID = "urn:oid:2.16.578.1.12.4.1.4.1"
_PER_PAGE = 100
_MOST_MEDICINES = 200
_INCLUDE = "MedicationRequest:medication"
"""Asked for only where the journal lists it; what does not come along is fetched apart all the same."""
_SEARCHED = ("MedicationRequest", "AllergyIntolerance")
_WHOLE_AGAIN = timedelta(hours=24)
"""What was deleted, and a medicine that was renamed, leave no mark in a search for changes: once a day all is read."""
_CLOCKS_DIFFER = timedelta(minutes=6)
Json = dict[str, Any]


def fetch(asking: Asking, card: PersonCard, whole_at: datetime | None = None) -> Fetched:
    """What the journal has of this person, as one searchset. Raises `SourceFault`.

    `whole_at`: when it was last read whole. A journal that can be searched by `_lastUpdated`, and says so, is first
    asked whether anything has changed since.
    """
    patient = _patient(asking, card)
    own = quote(str(patient["id"]), safe="")
    if _lately(whole_at) and all(_same(asking, k, own, whole_at) for k in _SEARCHED):
        return Fetched(None)
    with_medicines = f"&_include={_INCLUDE}" if _INCLUDE in asking.capability().includes else ""
    bundle, kept_back = _searched(asking, f"MedicationRequest?patient={own}&_count={_PER_PAGE}{with_medicines}")
    entries = [
        {"resource": patient, "search": {"mode": "include"}, "fullUrl": f"{_base(bundle, asking)}/Patient/{own}"}
    ]
    entries += bundle["entry"]
    entries += _medicines(asking, bundle, kept_back)
    try:
        allergies, more = _searched(asking, f"AllergyIntolerance?patient={own}&_count={_PER_PAGE}")
    except SourceFault as fault:
        if not fault.refused and fault.code != "status-404":
            raise
        kept_back.append(f"allergies-{fault.code}")
    else:
        entries += [e for e in allergies["entry"] if _mode(e) != "outcome"]
        kept_back += more
    whole = bundle | {"entry": entries, "timestamp": clock.now().isoformat(timespec="seconds")}
    return Fetched(json.dumps(whole, ensure_ascii=False).encode(), tuple(kept_back), digest(entries))


def _lately(whole_at: datetime | None) -> TypeGuard[datetime]:
    """A moment that is yet to come was written by a clock that was wrong: nothing is concluded from it."""
    return whole_at is not None and timedelta(0) <= clock.now() - whole_at < _WHOLE_AGAIN


def _same(asking: Asking, kind: str, own: str, since: datetime) -> bool:
    """True where the journal heeds `_lastUpdated` and has nothing of this type since then.

    Saying so in the CapabilityStatement is not enough: the answer's own address must repeat the parameter, for a
    journal may ignore it and answer 200.
    """
    if not asking.capability().can(kind, "_lastUpdated"):
        return False
    moment = (since - _CLOCKS_DIFFER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = asking.send("GET", f"{asking.endpoint.url}/{kind}?patient={own}&_lastUpdated=ge{moment}&_count=1")
    bundle = _json(answer.whole())
    links = bundle.get("link")
    own_address = [str(link.get("url", "")) for link in links if isinstance(link, dict)] if links else []
    heeded = any("_lastUpdated" in address for address in own_address)
    return heeded and not any(_type(entry) == kind for entry in _entries(bundle))


def digest(entries: Iterable[Json]) -> str:
    """SHA-256 of the resources, whatever their order and the moment they were asked for."""
    told = sorted(json.dumps(e.get("resource"), sort_keys=True, ensure_ascii=False) for e in entries)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _patient(asking: Asking, card: PersonCard) -> Json:
    number = next((i.value for i in card.identifiers if i.type in NATIONAL), None)
    if number is None:
        code = "no-national-id"
        raise SourceFault(code)
    answer = asking.send(
        "POST",
        f"{asking.endpoint.url}/Patient/_search",
        body=urlencode({"identifier": f"{_NATIONAL_ID}|{number}"}).encode(),
        head={"Content-Type": "application/x-www-form-urlencoded"},
    )
    found = [e["resource"] for e in _entries(_json(answer.whole())) if _type(e) == "Patient"]
    if len(found) != 1 or not found[0].get("id"):
        code = "patient-ambiguous" if found else "patient-not-found"
        raise SourceFault(code)
    patient: Json = found[0]
    return patient


def _searched(asking: Asking, search: str) -> tuple[Json, list[str]]:
    """All pages of a search as one bundle; where not all were read it still names the next one."""
    first = f"{asking.endpoint.url}/{search}"
    pages, address, left = [asking.send("GET", first).whole()], "", ""
    kept_back: list[str] = []
    try:
        while (address := next_page(pages[-1])) and not left:
            left = _unreadable(asking, address, len(pages))
            if not left:
                pages.append(asking.send("GET", address).whole())
        bundle = _json(joined(pages))
    except FormatError as fault:
        raise SourceFault(GARBAGE) from fault
    links = bundle.get("link") or [{"relation": "self", "url": first}]
    if left:
        kept_back.append(left)
        links = [*links, {"relation": "next", "url": address}]
    return bundle | {"link": links}, kept_back


def _unreadable(asking: Asking, address: str, read: int) -> str:
    """Why the next page is not read: it lies on another host, or there are too many; "" where it is."""
    ours, theirs = urlsplit(asking.endpoint.url), urlsplit(address)
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        return "next-on-another-host"
    return "too-many-pages" if read >= asking.endpoint.pages else ""


def _medicines(asking: Asking, bundle: Json, kept_back: list[str]) -> list[Json]:
    """Medicines that lie apart, each once; one that can't be had is told, and its line says it has no medicine."""
    here = {f"Medication/{e['resource'].get('id')}" for e in bundle["entry"] if _type(e) == "Medication"}
    wanted = [r for r in dict.fromkeys(_references(bundle)) if r not in here]
    if len(wanted) > _MOST_MEDICINES:
        kept_back.append("too-many-medicines")
    found = []
    for reference in wanted[:_MOST_MEDICINES]:
        answer = asking.send("GET", f"{asking.endpoint.url}/{reference}")
        try:
            resource = _json(answer.whole())
        except SourceFault as fault:
            kept_back.append(f"medication-{fault.code}")
            continue
        address = f"{_base(bundle, asking)}/{reference}"
        found.append({"fullUrl": address, "resource": resource, "search": {"mode": "include"}})
    return found


def _references(bundle: Json) -> Iterator[str]:
    for entry in bundle["entry"]:
        told = entry.get("resource", {}).get("medicationReference")
        reference = told.get("reference") if isinstance(told, dict) else None
        parts = str(reference or "").split("/")
        if len(parts) >= 2 and parts[-2] == "Medication":  # noqa: PLR2004 - type and id
            yield f"Medication/{quote(parts[-1], safe='')}"


def _base(bundle: Json, asking: Asking) -> str:
    """The server's own name for its base, as its entries say it; ours where they don't."""
    for entry in bundle["entry"]:
        address, mark = str(entry.get("fullUrl", "")), f"/{_type(entry)}/"
        if address.startswith("http") and mark in address:
            return address.rsplit(mark, 1)[0]
    return asking.endpoint.url


def _entries(bundle: Json) -> list[Json]:
    told = bundle.get("entry") or []
    return [e for e in told if isinstance(e, dict)] if isinstance(told, list) else []


def _type(entry: Json) -> str:
    resource = entry.get("resource")
    return str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""


def _mode(entry: Json) -> str:
    search = entry.get("search")
    return str(search.get("mode", "")) if isinstance(search, dict) else ""


def _json(raw: bytes) -> Json:
    try:
        told = json.loads(raw)
    except ValueError as fault:
        raise SourceFault(GARBAGE) from fault
    if not isinstance(told, dict) or "resourceType" not in told:
        raise SourceFault(GARBAGE)
    return told
