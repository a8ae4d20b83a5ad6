"""The journal's answer as the demo writes it: R4 searchsets of requests and allergies, as a stock Epic answers."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from formats.drug import Drug
from medrec.demo.doses import SLOTS
from medrec.demo.people import Patient
from medrec.demo.said import JournalOrder, SaidAllergy, Sources

BASE_URL = "https://journal.demo.invalid/FHIR/R4"
ORDER_SYSTEM = "urn:oid:1.2.840.114350.1.13.9999.1.7.2.798268"
FEST_PACKAGE = "http://dmp.no/fhir/NamingSystem/fest-varenummer"
ATC = "http://www.whocc.no/atc"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
_CAVEAT = (
    "This response includes information available to the authorized user at the time of the request. "
    "It may not contain the entire record available in the system."
)
_WHEN = {"morgen": "08:00:00", "middag": "13:00:00", "kveld": "20:00:00"}
Json = dict[str, Any]


def searchset(said: Sources, at: datetime) -> bytes:
    """One bundle: the patient, every request with its medication, the allergies, and the vendor's standing caveat."""
    patient = said.patient
    entries = [_entry(patient_resource(patient), "include")]
    entries += [_entry(r, mode) for r, mode in requests(said)]
    entries += [_entry(r, "match") for r in allergies(said)]
    entries.append({"resource": _caveat(), "search": {"mode": "outcome"}})
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": at.isoformat(timespec="seconds"),
        "total": sum(1 for e in entries if e["search"]["mode"] == "match"),
        "link": [{"relation": "self", "url": f"{BASE_URL}/MedicationRequest?patient={patient.journal_id}&_count=100"}],
        "entry": entries,
    }
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def requests(said: Sources) -> Iterable[tuple[Json, str]]:
    """Every request ("match"), each with the medicine it names ("include")."""
    return (told for order in said.journal for told in _request(order, said.patient))


def allergies(said: Sources) -> list[Json]:
    """The allergies, or that nobody has asked."""
    found = [_allergy(a, said.patient) for a in said.journal_allergies]
    return found or [_allergies_not_asked(said.patient)]


def _entry(resource: Json, mode: str) -> Json:
    return {
        "fullUrl": f"{BASE_URL}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }


def patient_resource(patient: Patient) -> Json:
    """The journal's own patient."""
    return {
        "resourceType": "Patient",
        "id": patient.journal_id,
        "identifier": [{"use": "official", "system": FNR, "value": patient.identifier}],
        "name": [{"family": patient.family, "given": [patient.given]}],
        "gender": "male" if patient.sex == "1" else "female",
        "birthDate": patient.birth_date.isoformat(),
    }


def _request(order: JournalOrder, patient: Patient) -> Iterable[tuple[Json, str]]:
    request: Json = {
        "resourceType": "MedicationRequest",
        "id": f"r{order.id}",
        "identifier": [{"use": "usual", "system": ORDER_SYSTEM, "value": order.id}],
        "status": order.status,
        "intent": "plan" if order.listed else "order",
        "category": [_category(order.category)],
        "subject": {"reference": f"Patient/{patient.journal_id}", "display": patient.name},
        "authoredOn": order.authored.isoformat(),
        "dosageInstruction": [_dosage(order)],
    }
    if order.listed:
        request["reportedBoolean"] = True
    if order.by:
        request["requester"] = {"type": "Practitioner", "display": order.by}
    if order.indication:
        request["reasonCode"] = [{"text": order.indication}]
    course = "acute" if order.use == "course" else "continuous"
    request["courseOfTherapyType"] = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "code": course}
        ]
    }
    if order.drug is None:
        request["medicationCodeableConcept"] = {"text": order.name}
        yield request, "match"
        return
    request["medicationReference"] = {"reference": f"Medication/m{order.id}", "display": order.name}
    yield request, "match"
    yield _medication(f"m{order.id}", order.drug, order.name), "include"


def _category(code: str) -> Json:
    return {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "code": code}],
        "text": code.capitalize(),
    }


def _medication(id_: str, drug: Drug, name: str) -> Json:
    codings = [{"system": FEST_PACKAGE, "code": str(drug.varenr)}] if drug.varenr else []
    if drug.atc:
        codings.append({"system": ATC, "code": drug.atc, "display": drug.atc_name})
    return {
        "resourceType": "Medication",
        "id": id_,
        "code": {"coding": codings, "text": name},
        "form": {
            "coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.7448", "code": drug.form_code}],
            "text": drug.form_text,
        },
    }


def _dosage(order: JournalOrder) -> Json:
    """The whole sig in `text` (with dates and print mode, as the vendor does) and the clean sentence beside it."""
    dose = order.dose
    dosage: Json = {
        "text": f"{order.text}, Starting {order.authored:%d.%m.%Y}, Normal",
        "patientInstruction": order.text,
        "asNeededBoolean": dose.prn,
    }
    amount = next((a for a in dose.slots if a), dose.amount)
    same = len({a for a in dose.slots if a}) == 1
    if dose.slots and same and not dose.slots[3]:
        times = [_WHEN[s] for s, a in zip(SLOTS, dose.slots, strict=True) if a]
        dosage["timing"] = {"repeat": {"frequency": len(times), "period": 1, "periodUnit": "d", "timeOfDay": times}}
        dosage["doseAndRate"] = [_rate(kind, float(amount), dose.unit) for kind in ("admin-amount", "ordered")]
    if order.end:
        period = {"start": order.authored.isoformat(), "end": order.end.isoformat()}
        dosage.setdefault("timing", {}).setdefault("repeat", {})["boundsPeriod"] = period
    return dosage


def _rate(kind: str, value: float, unit: str) -> Json:
    return {
        "type": {"coding": [{"system": "http://epic.com/CodeSystem/dose-rate-type", "code": kind}], "text": kind},
        "doseQuantity": {"value": int(value) if value.is_integer() else value, "unit": unit},
    }


def _allergy(said: SaidAllergy, patient: Patient) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"a{said.atc}{patient.number}",
        "clinicalStatus": _coding("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
        "verificationStatus": _coding(
            "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"
        ),
        "code": {"coding": [{"system": ATC, "code": said.atc, "display": said.substance}], "text": said.text},
        "patient": {"reference": f"Patient/{patient.journal_id}"},
        "recordedDate": said.on.isoformat(),
    }


def _allergies_not_asked(patient: Patient) -> Json:
    """What a journal says when nobody has asked: absence of knowledge, not "no allergies"."""
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"a0{patient.number}",
        "verificationStatus": _coding(
            "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "unconfirmed"
        ),
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "1631000175102", "display": "Patient not asked"}],
            "text": "Not on File",
        },
        "patient": {"reference": f"Patient/{patient.journal_id}"},
    }


def _coding(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _caveat() -> Json:
    coding = {"system": "urn:oid:1.2.840.114350.1.13.9999.1.7.2.657369", "code": "4119", "display": _CAVEAT}
    issue = {"severity": "warning", "code": "processing", "details": {"coding": [coding], "text": _CAVEAT}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
