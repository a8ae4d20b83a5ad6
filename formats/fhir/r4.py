"""R4 journals (Epic, Oracle Health and the like) -> Reading: searchsets, transactions, collections, bare resources.

Every entry ends as a statement, an allergy, a gap, context (who, where) or an unread item. What the message speaks
for: a searchset that is whole (no `next`, no filter that narrows it) is *whole* for its kinds; all else is an event.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from formats.fhir import beside
from formats.fhir.bundle import Entry, base_url, entries, link
from formats.fhir.codes import DEFAULT, CodeSystems
from formats.fhir.element import Element
from formats.fhir.lines import TYPES, statement_in
from formats.fhir.medicine import medication_of
from formats.fhir.person import one_person, person_of, subject_person
from formats.fhir.rest import rest_of
from formats.statement import Allergy, Gap, GapCode, Kind, Person, Reach, Reading, SaidStatus, Source, Statement

_CONTEXT = frozenset(
    {
        *(
            "Patient",
            "Practitioner",
            "PractitionerRole",
            "Organization",
            "Location",
            "Encounter",
            "Device",
            "Provenance",
        ),
        *("Composition", "RelatedPerson", "CapabilityStatement", "EpisodeOfCare", "CareTeam", "Coverage", "Person"),
    }
)
_KINDS = {
    "MedicationRequest": (Kind.ORDER, Kind.DISCHARGE, Kind.HOME_LIST),
    "MedicationStatement": (Kind.HOME_LIST,),
    "MedicationDispense": (Kind.DISPENSING,),
    "MedicationAdministration": (),
    "AllergyIntolerance": (),
}
_WHOLE_WITH = frozenset(
    {"patient", "subject", "patient.identifier", "_count", "_format", "_include", "intent", "_sort"}
)
_SPEAKING = TYPES | {"AllergyIntolerance"}
_ABOUT_SOMEBODY = _SPEAKING | {"List", "Patient"}
_REFUSED_FROM = 400
_MISSED = frozenset({"medication-not-in-message", "modifier-extension"})
"""Reasons for which a medicine that was sent is not among the statements: the list is then known not to be whole."""


def read_r4(top: Element, systems: CodeSystems = DEFAULT) -> Reading:
    """The reading of an R4 message. Raises `FormatError`: two-persons, too-deep."""
    listed = entries(top)
    searched = _searched(top)
    base = _base(top, searched)
    statements: list[Statement] = []
    allergies: list[Allergy] = []
    gaps = [*_missing_pages(top, listed), *_extracts(listed)]
    ended = _taken_off(listed)
    for entry in _newest(top, listed):
        if entry.resource is None:
            gaps += _empty_entry(entry, top)
        elif entry.method == "DELETE":
            _note_whole(entry.resource, "deleted")
        else:
            _take(entry.resource, systems, base, (statements, allergies, gaps), ended)
    _note_unused(listed)
    unread = tuple(top.doc.unread)
    reach, kinds = _reach(top, listed, searched)
    answered = bool(allergies) or any(u.reason == "no-known-allergy" for u in unread) or _none_found(searched, listed)
    if not (statements or allergies or gaps) and not _speaks_of_medicines(searched, listed):
        gaps.append(Gap(Source.HP, GapCode.NOT_MEDICATION, "", top.place))
    return Reading(
        message=_name(top),
        source=Source.HP,
        person=one_person(_persons(listed, base, systems)),
        statements=tuple(statements),
        allergies=tuple(allergies),
        allergies_answered=answered,
        gaps=tuple(gaps),
        unread=unread,
        reach=reach,
        kinds=kinds,
        as_of=top.moment("timestamp") if top.value.get("timestamp") else _last_updated(top),
        message_id=_message_id(top),
        source_system=base,
    )


def _name(top: Element) -> str:
    return f"FHIR/{top.text('type') or 'Bundle'}" if top.type == "Bundle" else f"FHIR/{top.type}"


def _message_id(top: Element) -> str:
    identifier = top.one("identifier") if top.type == "Bundle" else None
    return (identifier.text("value") if identifier else None) or ""


def _last_updated(top: Element) -> datetime | None:
    meta = top.one("meta")
    return meta.moment("lastUpdated") if meta else None


_Off: TypeAlias = tuple[SaidStatus, date | None]


def _take(
    resource: Element,
    systems: CodeSystems,
    base: str,
    found: tuple[list[Statement], list[Allergy], list[Gap]],
    ended: Mapping[int, _Off],
) -> None:
    statements, allergies, gaps = found
    if resource.type in TYPES:
        statement = statement_in(resource, systems, base)
        if statement:
            off = ended.get(id(resource.value))
            statements.append(_ended(statement, off) if off else statement)
        elif resource.doc.unread[-1].reason in _MISSED:
            words = resource.doc.unread[-1].reason.replace("-", " ")
            gaps.append(Gap(Source.HP, GapCode.PARTIAL, words, resource.place))
    elif resource.type == "AllergyIntolerance":
        allergy = beside.allergy_of(resource, systems)
        allergies += [allergy] if allergy else []
    elif resource.type == "OperationOutcome":
        gaps += beside.gaps_of(resource, Source.HP, systems)
    elif resource.type == "List":
        listed, allergic, empty = beside.list_items(resource, base)
        statements += listed
        allergies += allergic
        gaps += empty
    elif resource.type not in _CONTEXT and resource.type != "Medication":
        resource.doc.note(resource.path, "not-read-here", resource.type)
    if "contained" in resource.value:
        _note_contained(resource)


def _note_contained(resource: Element) -> None:
    """A medicine or an allergy inside another resource is no statement of its own."""
    for inside in resource.all("contained"):
        if inside.type in _SPEAKING:
            _note_whole(inside, "contained")


def _empty_entry(entry: Entry, top: Element) -> list[Gap]:
    """An entry without a resource: a refused answer is a gap, a request to read is nothing said, a deletion is."""
    status = entry.answer[:3]
    place = Element({}, entry.path, top.doc).place
    if status.isdigit() and int(status) >= _REFUSED_FROM:
        return [Gap(Source.HP, GapCode.FAILED, entry.answer, place)]
    reason = {"GET": "request-only", "DELETE": "deleted"}.get(entry.method, "entry-without-resource")
    top.doc.note(entry.path, reason, f"{entry.method} {entry.address}".strip())
    return []


def _note_whole(resource: Element, reason: str) -> None:
    resource.doc.note(resource.path, reason, "; ".join(rest_of(resource.value)))


def _newest(top: Element, listed: list[Entry]) -> list[Entry]:
    """Of a history only the newest version of each resource speaks; the earlier ones are kept as unread."""
    if top.type != "Bundle" or top.value.get("type") != "history":
        return listed
    seen: set[str] = set()
    newest = []
    for entry in listed:  # the newest version stands first (FHIR R4, http.html#history)
        name = f"{entry.resource.type}/{entry.resource.text('id')}" if entry.resource else entry.address
        if name not in seen:
            newest.append(entry)
        elif entry.resource is not None:
            _note_whole(entry.resource, "earlier-version")
        seen.add(name)
    return newest


def _missing_pages(top: Element, listed: list[Entry]) -> list[Gap]:
    if top.type == "Bundle" and link(top, "next"):
        return [Gap(Source.HP, GapCode.PARTIAL, "next page not read", top.place)]
    if top.type == "Bundle" and top.text("type") == "searchset" and not _later_page(top):
        # Matches alone should be counted; whoever counts what came along too is not to seem cut short.
        total, found = top.number("total") or 0, sum(e.resource is not None for e in listed)
        if total > found:
            return [Gap(Source.HP, GapCode.PARTIAL, f"{found} of {total} are in the message", top.place)]
    return []


def _later_page(top: Element) -> bool:
    return bool(link(top, "previous") or link(top, "prev"))


def _extracts(listed: Iterable[Entry]) -> list[Gap]:
    """A resource marked SUBSETTED lacks what was not asked for: its silence about a dose or a status is no word."""
    for entry in listed:
        resource = entry.resource
        told = resource.value.get("meta") if resource and resource.type in _SPEAKING else None
        meta = resource.one("meta") if resource and isinstance(told, dict) and "tag" in told else None
        if resource and meta and any(c.text("code") == "SUBSETTED" for c in meta.all("tag")):
            return [Gap(Source.HP, GapCode.PARTIAL, "resources are extracts (SUBSETTED)", resource.place)]
    return []


def _taken_off(listed: Iterable[Entry]) -> dict[int, _Off]:
    """The medicines that a List in the message says are taken off it or ended, by the identity of their JSON."""
    lists = (e.resource for e in listed if e.resource and e.resource.type == "List")
    return {id(t.value): (status, day) for one in lists for t, status, day in beside.taken_off(one)}


def _ended(statement: Statement, off: _Off) -> Statement:
    """The list's word on its own entry: the resource it points to may go on saying active."""
    status, day = off
    if statement.status not in {None, SaidStatus.ACTIVE, SaidStatus.UNKNOWN}:
        return statement
    return replace(statement, status=status, decided=None, recorded=day or statement.decided or statement.recorded)


def _note_unused(listed: Iterable[Entry]) -> None:
    """A Medication that nothing refers to speaks of no one, but it was sent."""
    resources = [e.resource for e in listed if e.resource]
    medications = [r for r in resources if r.type == "Medication"]
    if not medications:
        return
    used = {id(t.value) for r in resources if r.type in TYPES and (t := medication_of(r))}
    for medication in medications:
        if id(medication.value) not in used:
            _note_whole(medication, "medication-nobody-refers-to")


def _speaks_of_medicines(searched: str, listed: list[Entry]) -> bool:
    """An empty searchset of a medication resource is an answer, not a message about something else."""
    own = {e.resource.type for e in listed if e.resource}
    return bool(own & (_SPEAKING | {"List"})) or searched in _KINDS


def _searched(top: Element) -> str:
    """The resource type that was searched for, as the address of a searchset tells."""
    if top.type != "Bundle" or top.text("type") != "searchset":
        return ""
    return urlsplit(link(top, "self")).path.rsplit("/", maxsplit=1)[-1]


def _none_found(searched: str, listed: list[Entry]) -> bool:
    return searched == "AllergyIntolerance" and not any(
        e.resource and e.resource.type in {"AllergyIntolerance", "OperationOutcome"} for e in listed
    )


def _reach(top: Element, listed: list[Entry], searched: str) -> tuple[Reach, tuple[Kind, ...]]:
    if not searched and top.type == "Bundle" and top.text("type") == "searchset":
        types = {e.resource.type for e in listed if e.resource and e.mode in {"match", ""}} & set(_KINDS)
        searched = types.pop() if len(types) == 1 else ""
    asked = {k for k, _ in parse_qsl(urlsplit(link(top, "self")).query)} if searched else set()
    paged = searched and (link(top, "next") or _later_page(top))
    if searched not in _KINDS or paged or asked - _WHOLE_WITH:
        return Reach.EVENT, ()
    return Reach.WHOLE, _KINDS[searched]


def _base(top: Element, searched: str) -> str:
    """The server the message comes from: of the search address, else of the first full URL that is an address."""
    if top.type != "Bundle":
        return ""
    own = link(top, "self")
    found = base_url(own, searched) if searched else ""
    for item in top.each("entry"):
        if found:
            break
        resource = item.one("resource")
        found = base_url(item.text("fullUrl") or "", resource.type) if resource else ""
    return found


def _persons(listed: Iterable[Entry], base: str, systems: CodeSystems) -> Iterable[tuple[str, Person]]:
    seen: set[str] = set()
    for entry in listed:
        resource = entry.resource
        if resource is None or resource.type not in _ABOUT_SOMEBODY:
            continue
        if resource.type == "Patient":
            yield resource.path, person_of(resource, base, systems)
            continue
        said = resource.value.get("patient") or resource.value.get("subject")
        told = said.get("reference") if isinstance(said, dict) else None
        if isinstance(told, str) and told in seen:
            continue
        reference = resource.one("patient") or resource.one("subject")
        address = (reference.text("reference") if reference else None) or ""
        if reference is None or (address and address in seen):
            continue
        seen.add(address)
        target = reference.resolved()
        person = (
            person_of(target, base, systems)
            if target and target.type == "Patient"
            else subject_person(reference, base, systems)
        )
        if person:
            yield reference.path, person
