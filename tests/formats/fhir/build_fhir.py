"""FHIR messages of our own making, in the shape that SFM and R4 journals send. Every person is synthetic."""

import json
import uuid

FNR = "14834135052"
EHELSE = "http://ehelse.no/fhir/StructureDefinition/"
VOLVEN = "urn:oid:2.16.578.1.12.4.1.1."
METOPROLOL = "ID_11111111-1111-4111-8111-111111111111"
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"


def raw(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


def urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def concept(system: str, code: str, display: str = "") -> dict:
    return {"coding": [{"system": system, "code": code} | ({"display": display} if display else {})]}


def coded(url: str, list_number: str, code: str, display: str = "") -> dict:
    return {"url": url, "valueCodeableConcept": concept(f"{VOLVEN}{list_number}", code, display)}


# -- SFM ---------------------------------------------------------------------------------------------------------


def patient(**more) -> dict:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": FNR}],
        "name": [{"family": "Testesen", "given": ["Tora"]}],
        "gender": "female",
        "birthDate": "1941-03-14",
    } | more


def doctor() -> dict:
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9999901"}],
        "name": [{"family": "LEGESEN", "given": ["LINE"]}],
    }


def medication(name: str, fest: str = "", atc: str = "") -> dict:
    codes = [{"system": "http://ehelse.no/fhir/CodeSystem/FEST", "code": fest, "display": name}] if fest else []
    codes += [{"system": "http://www.whocc.no/atc", "code": atc, "display": "fra ATC"}] if atc else []
    told = {"resourceType": "Medication", "form": concept(f"{VOLVEN}7448", "53", "Tablett")}
    return told | ({"code": {"coding": codes}} if codes else {})


def slot(amount: float, unit: str, timerange: str) -> dict:
    return {
        "url": "repeatingdosage",
        "extension": [
            {"url": "amount", "valueQuantity": {"value": amount, "unit": unit}},
            {"url": "interval", "valueQuantity": {"value": 1.0, "unit": "Døgn"}},
            {"url": "accurate", "valueBoolean": False},
            coded("timerange", "8325", timerange),
        ],
    }


def period(start: str, end: str | None, *slots: dict) -> dict:
    ends = [{"url": "endtime", "valueDate": end}] if end else []
    return {"url": "ereseptdosing", "extension": [{"url": "starttime", "valueDate": start}, *ends, *slots]}


def registered(role: str, stamp: str) -> dict:
    return {
        "url": f"{EHELSE}sfm-regInfo",
        "extension": [
            {
                "url": "type",
                "valueCodeableConcept": concept("http://ehelse.no/fhir/CodeSystem/sfm-performer-roles", role),
            },
            {"url": "provider", "valueReference": {"reference": urn("doctor")}},
            {"url": "timestamp", "valueDateTime": stamp},
        ],
    }


def line(  # noqa: PLR0913 - one for each thing that varies
    name: str,
    *,
    pll: str = "",
    resept: str = "",
    status: str = "active",
    rf: str = "",
    text: str = "1 tablett morgen",
    use: str = "1",
    periods: tuple = (),
    stopped: str = "",
    recall: str = "",
    extensions: tuple = (),
    **more,
) -> dict:
    """One sfm-MedicationStatement."""
    identifiers = [
        {"use": "usual", "type": {"text": k}, "value": v} for k, v in (("PLL", pll), ("ReseptId", resept)) if v
    ]
    amendment = [
        {"url": "reseptdate", "valueDate": "2026-01-10"},
        {"url": "expirationdate", "valueDate": "2027-01-09"},
        {"url": "lastchanged", "valueDateTime": "2026-01-12T10:00:00.1234567+01:00"},
        {"url": "dssn", "valueString": text},
        {"url": "reit", "valueString": "3"},
        *periods,
    ]
    if rf:
        amendment.append({"url": "rfstatus", "extension": [coded("status", "7408", rf)]})
    if recall:
        amendment.append({"url": "recallinfo", "extension": [coded("recallcode", "7500", recall, "Seponering")]})
    told = [
        {"url": f"{EHELSE}SFM-ReseptAmendment", "extension": amendment},
        {"url": "effectiveDateTime", "valueDate": "2026-01-11"},
        registered("1", "2026-01-10T09:00:00+01:00"),
        *extensions,
    ]
    if stopped:
        told.append(registered("3", stopped))
        told.append(
            {"url": f"{EHELSE}sfm-discontinuation", "extension": [{"url": "timedate", "valueDateTime": stopped}]}
        )
    return {
        "resourceType": "MedicationStatement",
        "extension": told,
        "identifier": identifiers,
        "status": status,
        "medicationReference": {"reference": urn(name), "display": name},
        "subject": {"reference": urn("patient")},
        "dosage": [{"extension": [coded(f"{EHELSE}sfm-use", "9101", use)], "sequence": 1, "text": text}],
    } | more


def sfm(
    lines: dict[str, dict],
    medications: dict[str, dict],
    *,
    dispensings: tuple = (),
    infos: tuple = (),
    others: tuple = (),
    extra: tuple = (),
    parameters: tuple | None = None,
) -> dict:
    """A `$getMedication` answer: `lines` and `medications` by name."""
    named = {f"line-{k}": v for k, v in lines.items()}
    groups = {
        "sectionMedication": list(named),
        "sectionDispense": [f"dispensing-{i}" for i in range(len(dispensings))],
        "sectionPLLinfo": [f"info-{i}" for i in range(len(infos))],
        "sectionAllergies": [],
        "sectionOtherPrescriptions": [f"other-{i}" for i in range(len(others))],
    }
    system = "http://ehelse.no/fhir/CodeSystem/sfm-section-types"
    empty = concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", "unavailable")
    sections = [
        {"code": concept(system, name)}
        | ({"entry": [{"reference": urn(m)} for m in members]} if members else {"emptyReason": empty})
        for name, members in groups.items()
    ]
    composition = {
        "resourceType": "Composition",
        "identifier": {"value": "lookup-1"},
        "subject": {"reference": urn("patient")},
        "section": sections,
    }
    every = {"composition": composition, "patient": patient(), "doctor": doctor(), **medications, **named}
    every |= {f"dispensing-{i}": d for i, d in enumerate(dispensings)}
    every |= {f"info-{i}": d for i, d in enumerate(infos)} | {f"other-{i}": d for i, d in enumerate(others)}
    entries = [{"fullUrl": urn(k), "resource": v} for k, v in every.items()]
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "timestamp": "2026-02-02T08:00:00+01:00",
        "total": len(entries),
        "entry": [*entries, *extra],
    }
    if parameters is None:
        parameters = (
            {"name": "KJHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00+01:00"},
            {"name": "RFHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00.123456+01:00"},
            error("KJFeilkode", "0"),
            error("RFM96Feilkode", "0"),
            error("RFM912Feilkode", "0"),
            {"name": "KJHarLaste", "valueBoolean": False},
            {"name": "RFHarLaste", "valueBoolean": False},
        )
    return {"resourceType": "Parameters", "parameter": [{"name": "medication", "resource": bundle}, *parameters]}


def error(name: str, code: str, display: str = "") -> dict:
    system = "http://ehelse.no/fhir/CodeSystem/sfm-kj-rf-error-code"
    return {"name": name, "valueCodeableConcept": concept(system, code, display or code)}


def one_line(name: str = "Metoprolol depottab 50 mg", **told) -> dict:
    """An answer with one line of one medicine."""
    return sfm({"a": line(name, **told)}, {name: medication(name, METOPROLOL, "C07AB02")})


# -- R4 journals -------------------------------------------------------------------------------------------------

SERVER = "https://journal.example.no/api/FHIR/R4"


def request(name: str = "Furosemid tab 40 mg", **told) -> dict:
    """One MedicationRequest: a community order."""
    return {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "identifier": [{"system": "urn:oid:1.2.840.114350.1.13.999.1.7.2.798268", "value": "ORD-1"}],
        "status": "active",
        "intent": "order",
        "category": [concept(CATEGORY, "community")],
        "medicationCodeableConcept": {
            "text": name,
            "coding": [{"system": "http://www.whocc.no/atc", "code": "C03CA01"}],
        },
        "subject": {"reference": "Patient/p1", "display": "Testesen, Tora"},
        "authoredOn": "2026-01-20",
        "dosageInstruction": [{"text": "1 tablett morgen"}],
    } | told


def dosage(**told) -> dict:
    return {
        "text": "1 tablett 2 ganger daglig",
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablett"}}],
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    } | told


def searchset(*resources: dict, kind: str = "MedicationRequest", links: tuple = (), extra: tuple = ()) -> dict:
    entries = [
        {
            "fullUrl": f"{SERVER}/{r['resourceType']}/{r.get('id', i)}",
            "resource": r,
            "search": {"mode": "match"},
        }
        for i, r in enumerate(resources)
    ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "timestamp": "2026-02-02T08:00:00Z",
        "link": [{"relation": "self", "url": f"{SERVER}/{kind}?patient=p1&_count=50"}, *links],
        "entry": [*entries, *extra],
    }


def outcome(severity: str, code: str, *details: tuple[str, str]) -> dict:
    codes = [{"system": s, "code": c, "display": "words"} for s, c in details]
    issue = {"severity": severity, "code": code, "details": {"coding": codes, "text": "words of the server"}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def allergy(code: str = "", text: str = "Penicillin", verification: str = "confirmed", **told) -> dict:
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
    return {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "clinicalStatus": concept(f"{system}clinical", "active"),
        "verificationStatus": concept(f"{system}verification", verification),
        "code": {"text": text} | (concept("http://snomed.info/sct", code) if code else {}),
        "patient": {"reference": "Patient/p1"},
    } | told
