"""What SFM answers to `$getMedication` about a patient of the demo: Parameters with a document of the registry's word.

Shapes as fhir.md 1.2 and 1.3 tell them: temporary ids, the structured dose in `sfm-reseptamendment`, the roll (M25.3)
as a Basic, the look-ups' own times and error codes beside the bundle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from formats.drug import Drug
from medrec.clock import OSLO
from medrec.demo.doses import SLOTS, Dose
from medrec.demo.people import PHARMACY_HER, Doctor
from medrec.demo.said import ListedDrug, Prescription, Sources

SFM = "http://ehelse.no/fhir/StructureDefinition/sfm-"
CODES = "http://ehelse.no/fhir/CodeSystem/sfm-"
FEST = "http://ehelse.no/fhir/CodeSystem/FEST"
ATC = "http://www.whocc.no/atc"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
HER = "urn:oid:2.16.578.1.12.4.1.2"
_BOOK = "urn:oid:2.16.578.1.12.4.1.1."
_USE = {"fixed": ("1", "Fast"), "course": ("2", "Kur"), "prn": ("3", "Ved behov")}
_STATUS = {
    "E": "Ekspederbar", "U": "Under ekspedering", "R": "Resept avsluttet", "T": "Tilbakekalt", "F": "Foreldet",
}  # fmt: skip
_RECALL = {"1": "Fornying", "2": "Seponering", "3": "Fornying med endring", "4": "Annen"}
_PART_OF_DAY = {"morgen": ("1", "Morgen"), "middag": ("3", "Midt på dagen"), "kveld": ("5", "Kveld")}
_SECTIONS = ("sectionMedication", "sectionPLLinfo", "sectionAllergies", "sectionDispense", "sectionOtherPrescriptions")
Json = dict[str, Any]


@dataclass(slots=True)
class _Document:
    """The resources of one answer under their temporary ids, and which section names which."""

    subject: str = ""
    entries: list[Json] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    known: dict[object, str] = field(default_factory=dict)

    def add(self, resource: Json, *, section: str = "") -> str:
        """Put it in; returns its address."""
        address = f"urn:uuid:{uuid4()}"
        self.entries.append({"fullUrl": address, "resource": resource})
        if section:
            self.sections.setdefault(section, []).append(address)
        return address


def answer(said: Sources, at: datetime) -> Json:
    """The whole answer, as looked up at that moment (aware)."""
    document = _Document()
    document.subject = document.add(_patient(said))
    for prescription in said.prescriptions:
        document.known[prescription.id] = _line(document, prescription)
    _chain(document, said)
    if said.roll and said.packed and said.next_roll:
        _roll(document, said)
    bundle = {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{SFM}MedicationBundle"]},
        "type": "document",
        "timestamp": at.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{uuid4()}", "resource": _composition(document, at)}, *document.entries],
    }
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "medication", "resource": bundle}, *_look_ups(said, at)],
    }


def _look_ups(said: Sources, at: datetime) -> Iterator[Json]:
    yield {"name": "KJHentetTidspunkt", "valueDateTime": at.isoformat()}
    if not said.registry_silent:
        yield {"name": "RFHentetTidspunkt", "valueDateTime": at.isoformat()}
    for name in ("KJFeilkode", "RFM96Feilkode", "RFM912Feilkode"):
        yield {"name": name, "valueCodeableConcept": _concept(f"{CODES}kj-rf-error-code", "0", "OK")}
    for name, value in (("KJHarLegemidler", False), ("KJHarLaste", False), ("RFHarLaste", said.locked)):
        yield {"name": name, "valueBoolean": value}


def _composition(document: _Document, at: datetime) -> Json:
    sections = []
    for name in _SECTIONS:
        section: Json = {"title": name, "code": _concept(f"{CODES}section-types", name, name)}
        found = document.sections.get(name)
        if found:
            section["entry"] = [{"reference": address} for address in found]
        else:
            reason = "unavailable" if name == "sectionAllergies" else "nilknown"
            section["emptyReason"] = _concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", reason, reason)
        sections.append(section)
    return {
        "resourceType": "Composition",
        "identifier": {"use": "official", "value": str(uuid4())},
        "status": "final",
        "type": _concept("http://loinc.org", "11503-0", "Medical records"),
        "subject": {"reference": document.subject},
        "date": at.date().isoformat(),
        "title": "Medication summary",
        "section": sections,
    }


def _patient(said: Sources) -> Json:
    patient = said.patient
    return {
        "resourceType": "Patient",
        "identifier": [{"use": "official", "system": FNR, "value": patient.identifier}],
        "name": [{"family": patient.family, "given": [patient.given]}],
        "gender": "male" if patient.sex == "1" else "female",
        "birthDate": patient.birth_date.isoformat(),
    }


def _line(document: _Document, said: Prescription) -> str:
    """A loose prescription: no PLL id, for the GP's list travels by itself."""
    doctor = _doctor(document, said.prescriber)
    extensions = [
        _nested(f"{SFM}reseptamendment", *_amendment(said)),
        _nested(
            f"{SFM}regInfo",
            _value("status", "CodeableConcept", _concept(f"{CODES}medicationstatement-registration-status", "3")),
            _value("type", "CodeableConcept", _concept(f"{CODES}performer-roles", "1", "Forskrevet av")),
            _value("provider", "Reference", {"reference": doctor}),
            _value("timestamp", "DateTime", _noon(said.written)),
        ),
        _nested(f"{SFM}generic-substitution", _value("genericSubstitutionAccepted", "Boolean", value=True)),
    ]
    if said.handed_over:
        extensions.append(
            _nested(
                f"{SFM}deliverysummary",
                _value("varenummer", "String", str(said.drug.varenr)),
                _value("varenavn", "String", said.drug.name),
                _value("antallpkntotalt", "Decimal", 1),
                _value("sistutlevert", "DateTime", _noon(said.handed_over)),
            )
        )
    stopped = said.recall is not None and said.recall[1] == "2"
    superseded = said.replaced_by is not None
    line: Json = {
        "resourceType": "MedicationStatement",
        "extension": extensions,
        "identifier": [{"use": "usual", "type": {"text": "ReseptId"}, "value": said.id}],
        "status": "completed" if superseded else "stopped" if stopped else "active",
        "medicationReference": {"reference": _medication(document, said.drug), "display": said.drug.name},
        "subject": {"reference": document.subject},
        "dosage": [_dosage(said)],
    }
    return document.add(line, section="sectionMedication")


def _dosage(said: Prescription) -> Json:
    extensions = [_value(f"{SFM}use", "CodeableConcept", _book("9101", *_USE[said.use]))]
    if said.indication:
        extensions.append(_nested(f"{SFM}application-area", _value("text", "String", said.indication.upper())))
    return {"extension": extensions, "sequence": 1, "text": said.text}


def _amendment(said: Prescription) -> Iterator[Json]:
    yield _value("reseptdate", "Date", said.written.isoformat())
    yield _value("expirationdate", "Date", said.expires.isoformat())
    yield _value("numberofpackages", "Decimal", 1)
    yield _value("reit", "String", "3")
    yield _value("itemgroup", "CodeableConcept", _book("7402", "L", "Legemiddel"))
    dosing = _structured(said.dose, said.written)
    if dosing:
        yield dosing
    status = _book("7408", said.status, _STATUS[said.status])
    yield _nested("rfstatus", _value("status", "CodeableConcept", status))
    if said.recall:
        reason = said.recall[1]
        yield _nested("recallinfo", _value("recallcode", "CodeableConcept", _book("7500", reason, _RECALL[reason])))
    yield _value("typeresept", "CodeableConcept", _book("7491", "E", "Eresept"))


def _structured(dose: Dose, start: date) -> Json | None:
    """`ereseptdosing` for plain daily doses; other doses travel as text alone, as they mostly do."""
    if not dose.slots or dose.slots[3] or dose.daily_by_mistake:
        return None
    parts = [
        _nested(
            "repeatingdosage",
            _value("amount", "Quantity", {"value": float(amount), "unit": dose.unit}),
            _value("interval", "Quantity", {"value": 1.0, "unit": "Døgn"}),
            _value("accurate", "Boolean", value=False),
            _value("timerange", "CodeableConcept", _book("8325", *_PART_OF_DAY[slot])),
        )
        for slot, amount in zip(SLOTS, dose.slots, strict=True)
        if amount
    ]
    return _nested("ereseptdosing", _value("starttime", "Date", start.isoformat()), *parts)


def _chain(document: _Document, said: Sources) -> None:
    """A superseded prescription names the one that took its place."""
    held = {entry["fullUrl"]: entry["resource"] for entry in document.entries}
    for prescription in said.prescriptions:
        head = document.known.get(prescription.replaced_by)
        if head:
            held[document.known[prescription.id]]["partOf"] = [{"reference": head}]


def _roll(document: _Document, said: Sources) -> None:
    """The pharmacy's M25.3: what lies in the bags, from the first day to the last."""
    doctor = _role(document, said.patient.gp, "M", "Multidoseansvarlig lege")
    deliveries = [_delivery(document, line, said) for line in said.roll]
    basic = {
        "resourceType": "Basic",
        "extension": [
            _nested(
                f"{SFM}pllInformation",
                _value("PLLdate", "DateTime", _noon(said.packed or date.min)),
                _value("relatedparties", "Reference", {"reference": doctor}),
                *deliveries,
            )
        ],
        "code": _concept(f"{CODES}message-type", "M25.3", "PLL utlevering"),
        "subject": {"reference": document.subject},
        "author": {"reference": _pharmacy(document)},
    }
    document.add(basic, section="sectionPLLinfo")


def _delivery(document: _Document, line: ListedDrug, said: Sources) -> Json:
    packed, following = said.packed or date.min, said.next_roll or date.max
    m10 = str(uuid5(NAMESPACE_OID, f"m10/{line.id}/{packed}"))
    handed = {
        "resourceType": "MedicationDispense",
        "identifier": [{"type": {"text": "M10id"}, "value": m10}],
        "status": "completed",
        "medicationReference": {"reference": _medication(document, line.drug), "display": line.drug.name},
        "subject": {"reference": document.subject},
        "whenHandedOver": packed.isoformat(),
        "dosageInstruction": [{"text": line.text}],
    }
    parts = [
        _value("datefirstdose", "Date", packed.isoformat()),
        _value("datelastdose", "Date", date.fromordinal(following.toordinal() - 1).isoformat()),
        _value("deliverydoc", "Reference", {"reference": document.add(handed, section="sectionDispense")}),
        _value("refM10", "String", m10),
    ]
    prescription = document.known.get(line.prescription.id) if line.prescription else None
    if prescription:
        parts.append(_value("prescriptionId", "Reference", {"reference": prescription}))
    return _nested("deliveryinformation", *parts)


def _medication(document: _Document, drug: Drug) -> str:
    codings = [{"system": FEST, "code": str(drug.varenr), "display": drug.name}]
    if drug.atc:
        codings.append({"system": ATC, "code": str(drug.atc), "display": drug.atc_name or str(drug.atc)})
    return document.add(
        {
            "resourceType": "Medication",
            "extension": [
                _nested(
                    f"{SFM}medicationdetails",
                    _value(
                        "registreringstype",
                        "CodeableConcept",
                        _concept(f"{CODES}festregistrationtype", "3", "Legemiddelpakning"),
                    ),
                )
            ],
            "code": {"coding": codings},
            "status": "active",
            "form": _book("7448", drug.form_code, drug.form_text),
        }
    )


def _doctor(document: _Document, doctor: Doctor) -> str:
    if doctor not in document.known:
        told = {
            "resourceType": "Practitioner",
            "identifier": [{"system": HPR, "value": doctor.hpr}],
            "name": [{"family": doctor.family, "given": [doctor.given]}],
        }
        document.known[doctor] = document.add(told)
    return document.known[doctor]


def _role(document: _Document, doctor: Doctor, code: str, text: str) -> str:
    office = {
        "resourceType": "Organization",
        "identifier": [{"system": HER, "value": doctor.her_id}],
        "name": doctor.office,
    }
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": _doctor(document, doctor)},
        "organization": {"reference": document.add(office)},
        "code": [_book("7490", code, text)],
    }
    return document.add(role)


def _pharmacy(document: _Document) -> str:
    return document.add(
        {
            "resourceType": "Organization",
            "identifier": [{"system": HER, "value": PHARMACY_HER}],
            "name": "Demo apotek multidose",
        }
    )


def _nested(url: str, *inner: Json) -> Json:
    return {"extension": list(inner), "url": url}


def _value(url: str, kind: str, value: object) -> Json:
    return {"url": url, f"value{kind}": value}


def _concept(system: str, code: str, text: str = "") -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [coding | {"display": text} if text else coding]}


def _book(number: str, code: str, text: str) -> Json:
    return _concept(f"{_BOOK}{number}", code, text)


def _noon(day: date) -> str:
    return datetime.combine(day, time(12), OSLO).isoformat()
