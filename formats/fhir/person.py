"""Who a FHIR message is about, and the health workers it names."""

from collections.abc import Iterable

from formats.errors import ErrorCode, FormatError
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.identifiers import birth_date_of, person_identifier
from formats.statement import Actor, Identifier, Person

_HPR = "2.16.578.1.12.4.1.4.4"
_HER = "2.16.578.1.12.4.1.2"
_SEX = {"male": "1", "female": "2"}


def person_of(patient: Element, base: str, systems: CodeSystems) -> Person:
    """The person in a Patient resource: national identifiers first, then the server's own id under its base address."""
    found: list[Identifier] = []
    local: list[Identifier] = []
    for identifier in patient.all("identifier"):
        value, system = identifier.text("value"), identifier.text("system") or ""
        kind = systems.national_type(system) or _typed(identifier)
        if value and kind:
            found.append(person_identifier(kind, value))
        elif value:
            local.append(Identifier("local", value, system))
    own = patient.text("id")
    # A document's own ids are good for that document only (fhir.md 1.3); a server's are its names for people.
    if own and base:
        local.insert(0, Identifier("local", own, base))
    identifiers = tuple(found + local)
    born = patient.day("birthDate") or next((d for d in map(birth_date_of, found) if d), None)
    return Person(
        identifiers=identifiers, name=name_of(patient), birth_date=born, sex=_SEX.get(patient.text("gender") or "", "")
    )


def _typed(identifier: Element) -> str:
    """The type by its coding: system `http://hl7.no/fhir/NamingSystem/FNR`, or code `FNR`."""
    for coding in identifier.codings("type"):
        for word in (coding.system.rsplit("/", maxsplit=1)[-1].upper(), coding.value.upper()):
            if word in {"FNR", "DNR", "FHN"}:
                return word
    return ""


def subject_person(reference: Element, base: str, systems: CodeSystems) -> Person | None:
    """The person a subject reference names without a Patient resource in the message."""
    name = reference.text("display") or ""
    identifier = reference.one("identifier")
    value = identifier.text("value") if identifier else None
    if identifier and value:
        system = identifier.text("system") or ""
        kind = systems.national_type(system) or _typed(identifier)
        found = person_identifier(kind, value) if kind else Identifier("local", value, system)
        return Person(identifiers=(found,), name=name)
    address = reference.text("reference") or ""
    kind, _, own = address.split("/_history/")[0].rpartition("/")
    if own and (kind == "Patient" or kind.endswith("/Patient")):
        server = kind.removesuffix("/Patient") if kind != "Patient" else base
        return Person(identifiers=(Identifier("local", own, server),), name=name)
    return Person(name=name) if name else None


def one_person(persons: Iterable[tuple[str, Person]]) -> Person | None:
    """The one person all of `persons` (place, person) are; `FormatError` two-persons where they differ.

    Two are one when they share an identifier; a person without identifiers differs from nobody.
    """
    known: Person | None = None
    for place, person in persons:
        if known is None or not known.identifiers:
            known = person if person.identifiers or known is None else known
        elif person.identifiers and not _shared(known, person):
            raise FormatError(ErrorCode.TWO_PERSONS, place)
    return known


def _shared(a: Person, b: Person) -> bool:
    return bool(set(a.identifiers) & set(b.identifiers))


def name_of(resource: Element) -> str:
    """A HumanName as text: as said, else given, middle and family names."""
    for name in resource.all("name"):
        middle = name.extension("no-basis-middlename")
        parts = [*name.strings("given"), (middle.text("valueString") if middle else None), name.text("family")]
        said = name.text("text") or " ".join(p for p in parts if p)
        if said:
            return said
    return ""


def actor_of(reference: Element | None, role: str = "", *, inside_role: bool = False) -> Actor | None:
    """The health worker or unit a reference names: Practitioner, PractitionerRole, Organization, or words alone.

    `inside_role`: a role inside a role is not followed, it could be its own.
    """
    if reference is None:
        return None
    target = reference.resolved()
    words = reference.text("display") or ""
    if target is None or (target.type == "PractitionerRole" and inside_role):
        return Actor(name=words, role=role, hpr=_number(reference, _HPR)) if words or role else None
    if target.type == "PractitionerRole":
        return _in_role(target, role, words)
    if target.type == "Organization":
        return Actor(organisation=target.text("name") or words, her_id=_her(target), role=role, phone=_phone(target))
    return Actor(name=name_of(target) or words, hpr=_number(target, _HPR), role=role, phone=_phone(target))


def _in_role(role_resource: Element, role: str, words: str) -> Actor:
    worker, unit = role_resource.one("practitioner"), role_resource.one("organization")
    who, where = actor_of(worker, inside_role=True), actor_of(unit, inside_role=True)
    return Actor(
        name=(who.name if who else "") or ("" if unit else words),
        hpr=(who.hpr if who else "") or (_number(worker, _HPR) if worker else ""),
        role=role or role_resource.code("code") or "",
        organisation=(where.organisation or where.name if where else "")
        or ((unit.text("display") or "") if unit else ""),
        her_id=(where.her_id if where else "") or (_number(unit, _HER) if unit else ""),
        phone=_phone(role_resource) or (where.phone if where else ""),
    )


def _number(resource: Element, oid: str) -> str:
    for identifier in resource.all("identifier"):
        if (identifier.text("system") or "").removeprefix("urn:oid:") == oid:
            return identifier.text("value") or ""
    return ""


def _her(organisation: Element) -> str:
    return _number(organisation, _HER)


def _phone(resource: Element) -> str:
    phones = (t.text("value") for t in resource.all("telecom") if t.text("system") in {"phone", "sms", None})
    return next((p for p in phones if p), "")
