"""SFM's answer to `$getMedication` -> Reading: what the registry knows (PLL, prescriptions, dispensings) as FHIR.

Sources: fhir.md 1.2-1.4 and formats.md section 11. The Composition is walked, not the entry array: a dispensed
Medication is no list line. Ids are new at every lookup: only the business identifiers (PLL, ReseptId, M10id) count.
A lookup that failed or was refused, and locked prescriptions, become gaps: HTTP 200 says nothing of them.
"""

from dataclasses import replace
from datetime import datetime

from formats.fhir import beside
from formats.fhir.bundle import Entry, entries
from formats.fhir.codes import DEFAULT, CodeSystems
from formats.fhir.element import Element
from formats.fhir.person import actor_of, one_person, person_of
from formats.fhir.sfm_given import dispensings
from formats.fhir.sfm_lines import line_statements
from formats.fhir.sfm_rolls import rolls, supply
from formats.fhir.sfm_told import typed_id
from formats.statement import Actor, Allergy, AsideReason, Gap, GapCode, Kind, Person, Reach, Reading, Source, Statement

_PARAMETERS = frozenset({"medication", "rfhentettidspunkt", "rfm96feilkode", "rfm912feilkode", "kjfeilkode"})
_PRESCRIBED, _CORE_RECORD = (Kind.PRESCRIPTION, Kind.DISPENSING), (Kind.DISPENSING,)
_ERRORS = {
    "kjfeilkode": ("KJ", _CORE_RECORD),
    "rfm96feilkode": ("M9.6", _PRESCRIBED),
    "rfm912feilkode": ("M9.12", (Kind.PLL, Kind.MULTIDOSE)),
}
"""The look-ups, and what each would have told. The core record keeps what was handed over, and no list of the registry:
where it is refused (always, for some), what the registry no longer lists is gone all the same."""
_KNOWN = _PARAMETERS | {"kjhentettidspunkt", "kjharlegemidler", "kjharlaste", "rfharlaste"}
_LOCKED = {"rfharlaste": _PRESCRIBED, "kjharlaste": _CORE_RECORD}
_SUPPORT = frozenset(
    {
        *("Composition", "Patient", "Practitioner", "PractitionerRole", "Organization", "Medication", "Location"),
        *("Provenance", "Device"),
    }
)
_LISTS = {"sectionmedication", "sectiondispense", "sectionallergies", "sectionotherprescriptions", "sectionpllinfo"}


def is_sfm(top: Element) -> bool:
    """True for `$getMedication`'s Parameters, and for its document bundle standing alone."""
    if top.type == "Parameters":
        return bool(_PARAMETERS & {(p.text("name") or "").lower() for p in top.all("parameter")})
    first = next(top.each("entry"), None) if top.type == "Bundle" else None
    composition = first.one("resource") if first else None
    return bool(composition and composition.type == "Composition" and _section_names(composition) & _LISTS)


def _section_names(composition: Element) -> set[str]:
    return {(s.code("code") or "").lower() for s in composition.all("section")}


def read_sfm(top: Element, systems: CodeSystems = DEFAULT) -> Reading:
    """The reading of an SFM answer. Raises `FormatError`: two-persons, too-deep."""
    listed = entries(top)
    parameters = {(p.text("name") or "").lower(): p for p in top.all("parameter")} if top.type == "Parameters" else {}
    as_of = _time(parameters, top)
    gaps = _gaps(parameters, top)
    resources = [e.resource for e in listed if e.resource]
    composition = next((r for r in resources if r.type == "Composition"), None)
    if composition is None or "sectionmedication" not in _section_names(composition):
        gaps.append(Gap(Source.RF, GapCode.NOT_READ, "sectionMedication", top.place))
    sections = _sections(composition, gaps)
    statements, allergies, answered = _content(sections, resources, systems, as_of)
    _note_rest(listed, sections)
    return Reading(
        message="SFM/getMedication",
        source=Source.RF,
        person=one_person(_persons(resources, systems)),
        statements=tuple(statements),
        allergies=tuple(allergies),
        allergies_answered=answered,
        gaps=tuple(gaps),
        unread=tuple(top.doc.unread),
        reach=Reach.WHOLE,
        kinds=_kinds(gaps),
        as_of=as_of,
        message_id=_lookup(composition),
        roles=_roles(sections.get("sectionpllinfo", [])),
    )


def _time(parameters: dict[str, Element], top: Element) -> datetime | None:
    asked = parameters.get("rfhentettidspunkt")
    if asked:
        return asked.moment("valueDateTime")
    return top.moment("timestamp") if top.type == "Bundle" else None


def _gaps(parameters: dict[str, Element], top: Element) -> list[Gap]:
    gaps = []
    if top.type == "Bundle":
        gaps.append(Gap(Source.RF, GapCode.PARTIAL, "RFHentetTidspunkt", top.place))
    elif "rfhentettidspunkt" not in parameters:
        gaps.append(Gap(Source.RF, GapCode.NOT_READ, "RFHentetTidspunkt", top.place))
    for name, (lookup, kinds) in _ERRORS.items():
        parameter = parameters.get(name)
        code = parameter.code("valueCodeableConcept") if parameter else None
        if parameter and code != "0":
            words = next((c.text for c in parameter.codings("valueCodeableConcept") if c.text), code or "")
            gaps.append(Gap(Source.RF, GapCode.FAILED, f"{lookup}: {words}", parameter.place, kinds))
    for name, kinds in _LOCKED.items():
        parameter = parameters.get(name)
        if parameter and parameter.flag("valueBoolean") is not False:
            gaps.append(Gap(Source.RF, GapCode.LOCKED, parameter.text("name") or name, parameter.place, kinds))
    for name, parameter in parameters.items():
        if name not in _KNOWN:
            parameter.doc.note(parameter.path, "parameter", parameter.text("name") or "")
    if parameters and "kjhentettidspunkt" not in parameters and "kjfeilkode" not in parameters:
        gaps.append(Gap(Source.RF, GapCode.STANDING_CAVEAT, "KJHentetTidspunkt", top.place))
    return gaps


def _kinds(gaps: list[Gap]) -> tuple[Kind, ...]:
    """What the answer is whole for: not for a lookup that failed or was not made."""
    if any(g.code is GapCode.NOT_READ for g in gaps):
        return ()
    failed = {g.text.split(":")[0] for g in gaps if g.code is GapCode.FAILED}
    prescriptions = () if "M9.6" in failed else (Kind.PRESCRIPTION,)
    return prescriptions + (() if "M9.12" in failed else (Kind.PLL, Kind.MULTIDOSE))


def _sections(composition: Element | None, gaps: list[Gap]) -> dict[str, list[Element]]:
    """The resources of each section, in its order. A reference that leads nowhere is a gap and an unread item."""
    found: dict[str, list[Element]] = {}
    for section in composition.all("section") if composition else []:
        name = (section.code("code") or "").lower()
        here = found.setdefault(name, [])
        for entry in section.all("entry"):
            target = entry.resolved()
            if target is not None:
                here.append(target)
                continue
            entry.doc.note(entry.path, "reference-not-in-message", entry.text("display") or "")
            gaps.append(Gap(Source.RF, GapCode.PARTIAL, "reference not in message", entry.place))
        reason = section.code("emptyReason")
        if name == "sectionmedication" and not here and reason not in {None, "nilknown"}:
            gaps.append(Gap(Source.RF, GapCode.NOT_READ, section.concept_text("emptyReason") or "", section.place))
        if reason == "nilknown":
            found[f"{name}:nilknown"] = []
    return found


def _content(
    sections: dict[str, list[Element]], resources: list[Element], systems: CodeSystems, as_of: datetime | None
) -> tuple[list[Statement], list[Allergy], bool]:
    statements: list[Statement] = []
    lines = sections.get("sectionmedication", [])
    listed = {id(r.value) for r in lines}
    superseded = [
        r for r in resources if r.type == "MedicationStatement" and id(r.value) not in listed and r.value.get("partOf")
    ]
    for line in [*(r for r in lines if r.type == "MedicationStatement"), *superseded]:
        statements += line_statements(line, systems, as_of)
    statements = _chained(statements, resources)
    handed = sections.get("sectiondispense", [])
    told = dispensings(handed, systems)
    statements += told
    reports = {number: r for r in handed if (number := typed_id(r, "m10id"))}
    annulled = frozenset(s.order_id for s in told if s.aside and s.order_id)
    for resource in sections.get("sectionpllinfo", []):
        packed = rolls(resource, systems, reports)
        statements += [replace(r, aside=AsideReason.CANCELLED) if r.order_id in annulled else r for r in packed]
    for resource in sections.get("sectionotherprescriptions", []):
        statements.append(supply(resource))
    found = [beside.allergy_of(r, systems, Source.RF) for r in sections.get("sectionallergies", [])]
    allergies = [a for a in found if a]
    return statements, allergies, bool(found) or "sectionallergies:nilknown" in sections


def _chained(statements: list[Statement], resources: list[Element]) -> list[Statement]:
    """A superseded prescription points to the head of its chain (`partOf`): the head replaces it."""
    older: dict[str, list[str]] = {}
    for resource in resources:
        head = resource.target("partOf") if resource.type == "MedicationStatement" else None
        own = typed_id(resource, "reseptid")
        newer = typed_id(head, "reseptid") if head else None
        if own and newer:
            older.setdefault(newer, []).append(own)
    return [
        replace(s, replaces=tuple(older[s.prescription_id])) if s.prescription_id in older else s for s in statements
    ]


def _note_rest(listed: list[Entry], sections: dict[str, list[Element]]) -> None:
    """What no section names and nothing explains is kept as unread."""
    named = {id(r.value) for found in sections.values() for r in found}
    for entry in listed:
        resource = entry.resource
        if resource is None or id(resource.value) in named or resource.type in _SUPPORT:
            continue
        if resource.type == "MedicationStatement" and resource.value.get("partOf"):
            continue
        resource.doc.note(resource.path, "not-in-a-section", resource.type)
    for name, found in sections.items():
        for resource in found:
            if _expected(name) not in {"", resource.type}:
                resource.doc.note(resource.path, "unexpected-in-section", resource.type)


def _expected(section: str) -> str:
    wanted = {
        "sectionmedication": "MedicationStatement",
        "sectiondispense": "MedicationDispense",
        "sectionallergies": "AllergyIntolerance",
    }
    return wanted.get(section, "")


def _persons(resources: list[Element], systems: CodeSystems) -> list[tuple[str, Person]]:
    return [(r.path, person_of(r, "", systems)) for r in resources if r.type == "Patient"]


def _lookup(composition: Element | None) -> str:
    identifier = composition.one("identifier") if composition else None
    return (identifier.text("value") if identifier else None) or ""


def _roles(infos: list[Element]) -> tuple[Actor, ...]:
    """Who answers for the PLL: its author (code list 7490: L) and the related parties with their own codes."""
    found: list[Actor | None] = []
    for info in infos:
        if info.code("code") == "M25.1":
            found.append(actor_of(info.one("author"), role="L"))
        for told in info.extensions("sfm-pllinformation"):
            found += [actor_of(p.one("valueReference")) for p in told.extensions("relatedparties")]
    return tuple(dict.fromkeys(a for a in found if a))
