"""The resources of a person's document, each under its own address: `List/<person>`, `DetectedIssue/<person>.<...>`.

An id holds the person's opaque id, so that whose a resource is can be told, and access checked, before it is read.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app, request
from sqlalchemy.orm import Session

from formats.statement import Gap, GapCode, Person, Source
from medrec import catalogue, clock, hearing, listing, persons, wording, worklist
from medrec.access.gate import database
from medrec.api import entry
from medrec.api.problems import ProblemError
from medrec.fhir_list import Setting, document
from medrec.listing import StoredList
from medrec.rendered import Rendered
from rules.conclusion import Reconciliation

Json = dict[str, Any]


class Document(NamedTuple):
    """A document Bundle with the stored list it tells."""

    stored: StoredList
    bundle: Json
    newest: bool


def read(person_id: str, what: str, *, version: int | None = None, as_of: datetime | None = None) -> Document:
    """The document of a person's list: the newest, one version, or as it stood. Logged; raises 404."""
    language = wording.language_of(request.headers.get("Accept-Language"))
    with database().writing() as session:
        entry.see(session, person_id, what)
        newest = listing.current_list(session, person_id)
        stored = _chosen(session, newest, version, as_of)
        if newest is None or stored is None:
            raise ProblemError(code="not-found")
        late = stored.version == newest.version and stored.judged_on < clock.today()
        held: Rendered = current_app.extensions["medrec-rendered"]
        key = ("fhir", person_id, stored.etag, newest.etag, language, late, request.host_url)
        raw = held.of(key, lambda: _rendered(session, stored, language, late=late))
    return Document(stored, json.loads(raw), stored.version == newest.version)


def _chosen(
    session: Session, newest: StoredList | None, version: int | None, as_of: datetime | None
) -> StoredList | None:
    if newest is None or (version is None and as_of is None):
        return newest
    if as_of is not None:
        return listing.list_as_of(session, newest.person_id, as_of)
    return listing.list_version(session, newest.person_id, version) if version and version <= newest.version else None


def _rendered(session: Session, stored: StoredList, language: str, *, late: bool) -> bytes:
    card = persons.who(session, stored.person_id)
    before = listing.list_version(session, stored.person_id, stored.version - 1) if stored.version > 1 else None
    setting = Setting(
        base=request.host_url.rstrip("/") + "/fhir",
        person_id=stored.person_id,
        person=Person(
            identifiers=card.identifiers, name=card.name, birth_date=card.birth_date, sex=card.sex
        ) if card else Person(),
        version=str(stored.version),
        at=stored.created_at,
        flags=stored.flags,
        acts=_acts(session, stored),
        read_at=_read_at(session, stored.person_id),
        previous=before.reconciliation if before else None,
        catalogue=catalogue.current(session),
        language=language,
    )  # fmt: skip
    told = _late(stored.reconciliation) if late else stored.reconciliation
    bundle = document(told, stored.statements, as_of=stored.judged_on, setting=setting)
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def _acts(session: Session, stored: StoredList) -> tuple[worklist.ActionNote, ...]:
    """What had been done by the end of this version."""
    after = listing.list_version(session, stored.person_id, stored.version + 1)
    done = worklist.history(session, stored.person_id)
    return done if after is None else tuple(act for act in done if act.at < after.created_at)


def _late(told: Reconciliation) -> Reconciliation:
    return replace(told, complete=False, gaps=(*told.gaps, Gap(Source.HP, GapCode.STALE_JUDGEMENT)))


def _read_at(session: Session, person_id: str) -> dict[Source, datetime]:
    words = hearing.sources(session, person_id, clock.today(), statements=False)
    return {word.source: word.heard.as_of for word in words if word.heard.as_of}


def resources(told: Document) -> dict[str, Json]:
    """Every resource of the document by `Type/id`, references between them the same."""
    person_id = told.stored.person_id
    entries = [(e["fullUrl"], e["resource"]) for e in told.bundle["entry"]]
    places = {address: f"{r['resourceType']}/{_id(address, r, person_id)}" for address, r in entries}
    found = {}
    for address, resource in entries:
        moved = _moved(resource, places)
        meta = moved.pop("meta", {}) | {
            "versionId": str(told.stored.version),
            "lastUpdated": told.stored.created_at.isoformat(),
        }
        kind, own = places[address].split("/")
        rest = {k: v for k, v in moved.items() if k != "resourceType"}
        found[places[address]] = {"resourceType": kind, "id": own, "meta": meta, **rest}
    return found


def _id(address: str, resource: Mapping[str, Any], person_id: str) -> str:
    if resource["resourceType"] == "Patient":
        return person_id
    if resource["resourceType"] == "List":
        own = resource["identifier"][0]
        return f"{person_id}.{own['value'].lower()}" if own["system"].endswith("/source-list") else person_id
    return f"{person_id}.{address.removeprefix('urn:uuid:').replace('-', '')}"


def _moved(value: Any, places: Mapping[str, str]) -> Any:  # noqa: ANN401 - walks any JSON
    if isinstance(value, list):
        return [_moved(v, places) for v in value]
    if isinstance(value, dict):
        return {k: places.get(v, v) if k == "reference" else _moved(v, places) for k, v in value.items()}
    return value
