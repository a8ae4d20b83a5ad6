"""The single FHIR R4 resources of the document we write: each takes our values and gives one resource.

Both FEST codings are written (SFM's one system, LMDI's per level) beside ATC; source resources keep their business
identifiers as SFM types them ("PLL", "ReseptId") and name the message they came from in `meta.source`.
"""

import html
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from formats.drug import AtcCode, FestId, Varenr
from formats.fhir.codes import VOLVEN
from formats.fhir.dosage_out import Json, dosage_elements, period
from formats.statement import Actor, Allergy, Kind, Person, SaidStatus, Statement, Use

_SPACE = uuid.UUID("6f0d3c7e-5f0b-5c1e-9a53-3d5a5d2f8a11")
_LMDI = "http://dmp.no/fhir/NamingSystem/"
_SEX = {"1": "male", "2": "female"}
_NATIONAL = {"FNR": "4.1", "DNR": "4.2", "FHN": "4.3"}
_OID = "urn:oid:2.16.578.1.12.4.1."
_REQUEST_STATUS = {
    SaidStatus.ACTIVE: "active",
    SaidStatus.PAUSED: "on-hold",
    SaidStatus.STOPPED: "stopped",
    SaidStatus.REVOKED: "cancelled",
    SaidStatus.EXPIRED: "completed",
    SaidStatus.FINISHED: "completed",
    SaidStatus.REPLACED: "completed",
    SaidStatus.UNKNOWN: "unknown",
}
_STATEMENT_STATUS = _REQUEST_STATUS | {SaidStatus.REVOKED: "stopped"}
_REQUESTS = frozenset({Kind.PRESCRIPTION, Kind.REVOCATION, Kind.ORDER, Kind.DISCHARGE})
_VERIFIED = frozenset({"unconfirmed", "confirmed"})


def urn(*parts: str) -> str:
    """A `urn:uuid:` that is the same for the same parts."""
    return f"urn:uuid:{uuid.uuid5(_SPACE, '|'.join(parts))}"


def ref(address: str) -> Json:
    """A Reference."""
    return {"reference": address}


def coded(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept with one coding."""
    return {"coding": [coding(system, code, display)]}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding; an empty display is left out."""
    told: Json = {"system": system, "code": code}
    return told | ({"display": display} if display else {})


def narrative(body: str) -> Json:
    """A generated Narrative around `body`, which must be escaped already."""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


def escaped(text: str) -> str:
    """`text` as XHTML character data; characters that XML forbids become U+FFFD."""
    legal = "".join(c if c in "\t\n\r" or " " <= c not in {"\ufffe", "\uffff"} else "\ufffd" for c in text)
    return html.escape(legal, quote=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Which medicine: the codes and words that a Medication carries.

    `fest_level` ("Virkestoff", "Merkevare", "Pakning") tells LMDI's system; "" where it is not known: then that coding
    is left out, since a wrong level is a wrong code.
    """

    name: str
    atc: AtcCode | None = None
    varenr: Varenr | None = None
    fest_id: FestId | None = None
    fest_level: str = ""
    form: str | None = None
    form_code: str | None = None

    @classmethod
    def said(cls, statement: Statement) -> "Product":
        """The medicine of a statement, as said."""
        return cls(
            name=statement.name,
            atc=statement.atc,
            varenr=statement.varenr,
            fest_id=statement.fest_id,
            form=statement.form,
            form_code=statement.form_code,
        )

    @property
    def address(self) -> str:
        """The same for the same product."""
        return urn("medication", self.name, *(str(p or "") for p in (self.atc, self.varenr, self.fest_id, self.form)))


def medication(product: Product) -> Json:
    """A Medication: FEST in both codings, package number, ATC and the name as text."""
    codes: list[Json] = []
    if product.fest_id:
        if product.fest_level:
            codes.append(coding(f"{_LMDI}festLegemiddel{product.fest_level}", product.fest_id, product.name))
        codes.append(coding("http://ehelse.no/fhir/CodeSystem/FEST", product.fest_id, product.name))
    if product.varenr:
        codes.append(coding(f"{_LMDI}fest-varenummer", product.varenr))
        if not product.fest_id:
            codes.append(coding("http://ehelse.no/fhir/CodeSystem/FEST", product.varenr, product.name))
    if product.atc:
        codes.append(coding("http://www.whocc.no/atc", product.atc))
    told: Json = {
        "resourceType": "Medication",
        "code": ({"coding": codes} if codes else {}) | {"text": product.name or "-"},
    }
    if product.form_code:
        told["form"] = coded(f"{VOLVEN}7448", product.form_code, product.form or "")
    elif product.form:
        told["form"] = {"text": product.form}
    return told


def patient(person: Person) -> Json:
    """The Patient; national identifiers under their OID."""
    identifiers = [
        {"system": f"{_OID}{_NATIONAL[i.type]}" if i.type in _NATIONAL else i.system or "urn:local", "value": i.value}
        for i in person.identifiers
    ]
    told: Json = {"resourceType": "Patient"}
    if identifiers:
        told["identifier"] = identifiers
    if person.name:
        told["name"] = [{"text": person.name}]
    if person.birth_date:
        told["birthDate"] = person.birth_date.isoformat()
    if person.sex in _SEX:
        told["gender"] = _SEX[person.sex]
    return told


def practitioner(actor: Actor) -> Json:
    """A Practitioner by HPR number and name; a unit alone is an Organization."""
    if not (actor.name or actor.hpr):
        unit: Json = {"resourceType": "Organization", "name": actor.organisation or actor.her_id or "-"}
        return unit | ({"identifier": [{"system": f"{_OID}2", "value": actor.her_id}]} if actor.her_id else {})
    told: Json = {"resourceType": "Practitioner"}
    if actor.hpr:
        told["identifier"] = [{"system": f"{_OID}4.4", "value": actor.hpr}]
    if actor.name:
        told["name"] = [{"text": actor.name}]
    return told


def actor_address(actor: Actor) -> str:
    """The same for the same worker."""
    return urn("actor", actor.hpr or f"{actor.name}|{actor.organisation}|{actor.her_id}")


def source_resource(statement: Statement, subject: str) -> Json:
    """What one source said, as the resource of its kind."""
    told: Json = {"medicationReference": ref(Product.said(statement).address), "subject": ref(subject)}
    named = (("PLL", statement.treatment_id), ("ReseptId", statement.prescription_id), ("OrderId", statement.order_id))
    identifiers = identifiers_of((kind, value) for kind, value in named if value)
    if identifiers:
        told["identifier"] = identifiers
    if statement.place:
        told["meta"] = {"source": f"urn:sha256:{statement.place.message}#{_fragment(statement.place.path)}"}
    doses = dosage_elements(
        statement.dose_text or "", statement.dosage, needed=statement.use is Use.PRN and statement.dosage is None
    )
    if statement.note:
        told["note"] = [{"text": statement.note}]
    if statement.kind in _REQUESTS:
        return told | _request(statement, doses)
    if statement.kind is Kind.DISPENSING:
        return told | _dispense(statement, doses)
    return told | _statement(statement, doses)


def _fragment(path: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "/.-_~") else "_" for c in path)


def identifiers_of(named: Iterable[tuple[str, str]]) -> list[Json]:
    """Business identifiers of (type, value), typed and spelled as SFM does; what two spellings name stands once.

    A line and the source resources behind it are told by the same, so that they match by system and value.
    """
    told: list[Json] = []
    for kind, value in named:
        identifier = {"use": "usual", "type": {"text": kind}} | _value(value)
        if identifier not in told:
            told.append(identifier)
    return told


def _value(value: str) -> Json:
    """A UUID under the system for URIs, as SFM writes its ids; any other value as it is."""
    try:
        return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.UUID(value)}"}
    except ValueError:
        return {"value": value}


def _author(statement: Statement) -> str | None:
    return actor_address(statement.author) if statement.author else None


def _request(statement: Statement, doses: list[Json]) -> Json:
    said = statement.status
    told: Json = {
        "resourceType": "MedicationRequest",
        "status": _REQUEST_STATUS.get(said, "unknown") if said else "unknown",
        "intent": "order",
        "category": [
            coded(
                "http://terminology.hl7.org/CodeSystem/medicationrequest-category",
                "discharge" if statement.kind is Kind.DISCHARGE else "community",
            )
        ],
    }
    day = statement.decided or statement.recorded
    if day:
        told["authoredOn"] = day.isoformat()
    author = _author(statement)
    if author:
        told["requester"] = ref(author)
    if doses:
        told["dosageInstruction"] = doses
    supply: Json = {}
    if statement.valid_to:
        supply["validityPeriod"] = period(statement.decided, statement.valid_to)
    if statement.refills_left is not None:
        supply["numberOfRepeatsAllowed"] = statement.refills_left
    return told | ({"dispenseRequest": supply} if supply else {})


def _dispense(statement: Statement, doses: list[Json]) -> Json:
    told: Json = {"resourceType": "MedicationDispense", "status": "completed" if not statement.aside else "cancelled"}
    if statement.last_dispensed:
        told["whenHandedOver"] = statement.last_dispensed.isoformat()
    return told | ({"dosageInstruction": doses} if doses else {})


def _statement(statement: Statement, doses: list[Json]) -> Json:
    said = statement.status
    told: Json = {
        "resourceType": "MedicationStatement",
        "status": _STATEMENT_STATUS.get(said, "unknown") if said else "unknown",
        "effectivePeriod": period(statement.start, statement.end) or unknown(),
    }
    day = statement.decided or statement.recorded
    if day:
        told["dateAsserted"] = day.isoformat()
    author = _author(statement)
    if author:
        told["informationSource"] = ref(author)
    return told | ({"dosage": doses} if doses else {})


def unknown() -> Json:
    """An element that says that its value is not known."""
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    return {"extension": [{"url": url, "valueCode": "unknown"}]}


def allergy(said: Allergy, subject: str) -> Json:
    """An AllergyIntolerance; a withdrawn one is refuted and inactive."""
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
    words = (said.certainty or "").split()
    verified = "refuted" if said.refuted else next((w for w in words if w in _VERIFIED), "unconfirmed")
    gone = "resolved" if "resolved" in words else "inactive" if said.refuted or "inactive" in words else "active"
    told: Json = {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": coded(f"{system}clinical", gone),
        "verificationStatus": coded(f"{system}verification", verified),
        "code": {"text": said.text} | ({"coding": [coding("http://www.whocc.no/atc", said.atc)]} if said.atc else {}),
        "patient": ref(subject),
    }
    if said.recorded:
        told["recordedDate"] = said.recorded.isoformat()
    if said.reaction:
        told["reaction"] = [{"manifestation": [{"text": said.reaction}]}]
    return told
