"""What SFM answers about the patient of `papers`: each line, dispensing and roll told in a few words."""

import json
import uuid

from papers import NUMBER, key

from formats.drug import folded
from medrec.demo.catalogue import demo_catalogue

STRUCTURE = "http://ehelse.no/fhir/StructureDefinition/"
VOLVEN = "urn:oid:2.16.578.1.12.4.1.1."
ERRORS = ("KJFeilkode", "RFM96Feilkode", "RFM912Feilkode")
USES = {"fixed": "1", "course": "2", "prn": "3"}


def urn(name):
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def concept(system, code, text=""):
    return {"coding": [{"system": system, "code": code} | ({"display": text} if text else {})]}


def book(url, number, code, text=""):
    return {"url": url, "valueCodeableConcept": concept(f"{VOLVEN}{number}", code, text)}


def said(url, kind, value):
    return {"url": url, f"value{kind}": value}


def inside(url, *parts):
    return {"url": url, "extension": list(parts)}


def medication(name, atc="", varenr="", form="53"):
    """`varenr`: else the package of this name in the demo's catalogue, as SFM tells one; "-" for a local drug."""
    found = [d.varenr for d in demo_catalogue().by_name.get(folded(name), ()) if d.varenr]
    varenr = varenr.strip("-") if varenr else next((str(v) for v in found), "")
    codes = [{"system": "http://ehelse.no/fhir/CodeSystem/FEST", "code": varenr, "display": name}] if varenr else []
    codes += [{"system": "http://www.whocc.no/atc", "code": atc}] if atc else []
    told = {"resourceType": "Medication", "form": concept(f"{VOLVEN}7448", form)}
    return told | ({"code": {"coding": codes}} if codes else {})


def registered(role, on, approved="3", who="doctor"):
    return inside(
        f"{STRUCTURE}sfm-regInfo",
        said("status", "CodeableConcept", concept("urn:registration", approved)),
        said("type", "CodeableConcept", concept("urn:roles", role)),
        said("provider", "Reference", {"reference": urn(who)}),
        said("timestamp", "DateTime", f"{on}T09:00:00+01:00"),
    )


def period(start, end, *parts, every=1):
    """`ereseptdosing`: parts are (amount, unit, part of day by 8325)."""
    doses = [
        inside(
            "repeatingdosage",
            said("amount", "Quantity", {"value": amount, "unit": of}),
            said("interval", "Quantity", {"value": every, "unit": "Døgn"}),
            said("accurate", "Boolean", value=False),
            book("timerange", "8325", at),
        )
        for amount, of, at in parts
    ]
    ends = [said("endtime", "Date", end)] if end else []
    return inside("ereseptdosing", said("starttime", "Date", start), *ends, *doses)


def line(  # noqa: PLR0913 - one for each thing that varies
    name, text, atc="", *, pll=0, rx=0, status="active", rf="E", written="2025-11-10", to="2026-11-10",
    changed="", stop="", recall="", use="fixed", kind="E", roll=None, periods=(), given=None, approved="3", more=(),
    **medicine,
):  # fmt: skip
    """sfm-MedicationStatement. `pll`, `rx`: serials of its ids; `rf`: 7408, "" where the registry has it no more."""
    amendment = [said("dssn", "String", text), book("typeresept", "7491", kind), *periods]
    if rx:
        amendment += [
            said("reseptdate", "Date", written),
            said("expirationdate", "Date", to),
            said("reit", "String", "3"),
        ]
        amendment += [inside("rfstatus", book("status", "7408", rf))] if rf else []
    if recall:
        amendment.append(inside("recallinfo", book("recallcode", "7500", recall)))
    amendment.append(said("lastchanged", "DateTime", f"{changed or written}T10:00:00+01:00"))
    told = [inside(f"{STRUCTURE}sfm-reseptamendment", *amendment), registered("1", changed or written, approved), *more]
    if stop:
        told.append(registered("3", stop))
        told.append(inside(f"{STRUCTURE}sfm-discontinuation", said("timedate", "DateTime", f"{stop}T08:00:00+01:00")))
    if roll is not None:
        told.append(inside(f"{STRUCTURE}sfm-administration", said("mddispensed", "Boolean", roll)))
    if given:
        varenr, called, on = given
        told.append(
            inside(
                f"{STRUCTURE}sfm-deliverysummary",
                said("varenummer", "String", varenr),
                said("varenavn", "String", called),
                said("antallpkntotalt", "Decimal", 1),
                said("sistutlevert", "DateTime", f"{on}T00:00:00+01:00"),
            )
        )
    ids = [("PLL", key(5000 + pll))] if pll else []
    ids += [("ReseptId", key(rx))] if rx else []
    return {
        "resourceType": "MedicationStatement",
        "extension": told,
        "identifier": [{"use": "usual", "type": {"text": k}, "value": v} for k, v in ids],
        "status": status,
        "contained": [medication(name, atc, **medicine) | {"id": "m"}],
        "medicationReference": {"reference": "#m", "display": name},
        "dosage": [{"extension": [book(f"{STRUCTURE}sfm-use", "9101", USES[use])], "sequence": 1, "text": text}],
    }


def handed(serial, name, atc, on, *, rx=0, dose="", cancelled=False, intervention="", **medicine):
    """sfm-MedicationDispense."""
    told = [inside(f"{STRUCTURE}sfm-dispenseinfo", said("cancellation", "Boolean", cancelled),
                   *([said("prescriptionid", "String", key(rx))] if rx else []))]  # fmt: skip
    if intervention:
        told.append(inside(f"{STRUCTURE}sfm-Intervention", book("code", "7412", intervention, "Utsolgt"),
                           book("changeType", "7413", "V", "Valgt annen vare")))  # fmt: skip
    return {
        "resourceType": "MedicationDispense",
        "extension": told,
        "identifier": [{"type": {"text": "M10id"}, "value": key(serial)}],
        "status": "completed",
        "contained": [medication(name, atc, **medicine) | {"id": "m"}],
        "medicationReference": {"reference": "#m", "display": name},
        "quantity": {"value": 1.0},
        "whenHandedOver": on,
        "dosageInstruction": [{"text": dose}] if dose else [],
    }


def info(kind, on, *deliveries, parties=()):
    """sfm-PLL-info. A delivery: line and dispensing by place in their sections (or None), first and last dose, M10."""
    told = [said("PLLdate", "DateTime", f"{on}T12:00:00+01:00")]
    told += [said("relatedparties", "Reference", {"reference": urn(p)}) for p in parties]
    for of, dispensing, first, last, *m10 in deliveries:
        parts = [said("datefirstdose", "DateTime", f"{first}T00:00:00+00:00"),
                 said("datelastdose", "DateTime", f"{last}T00:00:00+00:00")]  # fmt: skip
        parts += [said("prescriptionId", "Reference", {"reference": urn(f"line {of}")})] if of is not None else []
        if dispensing is not None:
            parts.append(said("deliverydoc", "Reference", {"reference": urn(f"dispensing {dispensing}")}))
        parts += [said("refM10", "String", key(n)) for n in m10]
        told.append(inside("deliveryinformation", *parts))
    return {
        "resourceType": "Basic",
        "extension": [inside(f"{STRUCTURE}sfm-pllInformation", *told)],
        "code": concept("http://ehelse.no/fhir/CodeSystem/sfm-message-type", kind),
        "author": {"reference": urn("role")},
    }


def cave(text, atc="", verification="confirmed", on="2024-01-05"):
    """AllergyIntolerance."""
    codes = [{"system": "http://www.whocc.no/atc", "code": atc, "display": text}] if atc else []
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
    return {
        "resourceType": "AllergyIntolerance",
        "verificationStatus": concept(system, verification),
        "code": {"coding": codes, "text": text},
        "recordedDate": on,
    }


PEOPLE = {
    "patient": {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": NUMBER}],
        "name": [{"family": "Øvre-Ås", "given": ["Ragnhild"]}],
    },
    "doctor": {
        "resourceType": "Practitioner",
        "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9100011"}],
        "name": [{"family": "VIK", "given": ["ASTRID"]}],
    },
    "role": {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": urn("doctor")},
        "code": [concept(f"{VOLVEN}7490", "M", "Multidoseansvarlig lege")],
    },
}


def sfm(
    *lines, dispensings=(), infos=(), caves=None, hidden=(), at="2026-03-02T08:00:00+01:00", failed=(), locked=(),
    silent=False, dangling=0,
):  # fmt: skip
    """`$getMedication`'s answer. `hidden`: resources no section names; `failed`: error codes; `locked`: KJ, RF."""
    groups = {
        "sectionMedication": [(f"line {i}", r) for i, r in enumerate(lines)],
        "sectionDispense": [(f"dispensing {i}", r) for i, r in enumerate(dispensings)],
        "sectionPLLinfo": [(f"info {i}", r) for i, r in enumerate(infos)],
        "sectionAllergies": [(f"cave {i}", r) for i, r in enumerate(caves or ())],
        "sectionOtherPrescriptions": [],
    }
    sections = []
    for name, members in groups.items():
        section = {"code": concept("http://ehelse.no/fhir/CodeSystem/sfm-section-types", name)}
        reason = "unavailable" if name == "sectionAllergies" and caves is None else "nilknown"
        entry = [{"reference": urn(n)} for n, _ in members]
        entry += [{"reference": urn(f"gone {i}")} for i in range(dangling)] if name == "sectionMedication" else []
        sections.append(section | ({"entry": entry} if entry else {"emptyReason": concept("urn:empty", reason)}))
    composition = {"resourceType": "Composition", "identifier": {"value": f"lookup {at}"}, "section": sections}
    every = {"composition": composition, **PEOPLE, **dict(m for g in groups.values() for m in g), **dict(hidden)}
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "timestamp": at,
        "entry": [{"fullUrl": urn(n), "resource": r} for n, r in every.items()],
    }
    failures = dict(failed)
    parameters = [said("KJHentetTidspunkt", "DateTime", at)]
    parameters += [] if silent else [said("RFHentetTidspunkt", "DateTime", at)]
    parameters += [said(n, "CodeableConcept", concept("urn:errors", failures.get(n, "0"))) for n in ERRORS]
    parameters += [said(f"{n}HarLaste", "Boolean", n in locked) for n in ("KJ", "RF")]
    renamed = [{"name": p.pop("url"), **p} for p in parameters]
    told = {"resourceType": "Parameters", "parameter": [{"name": "medication", "resource": bundle}, *renamed]}
    return json.dumps(told, ensure_ascii=False).encode()
