"""FHIR messages of ours with every element filled in, in the shapes seen at several vendors (fhir.md 2 and 3)."""

ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
COURSE = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy"


def concept(system, code, text="", **more):
    return {"coding": [{"system": system, "code": code, "display": f"{code} i ord"}], "text": text or code} | more


def quantity(value, unit="tablett"):
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": f"{{{unit}}}"}


SUBJECT = {"reference": "Patient/p1", "display": "Prøve Person"}
SIG = {
    "sequence": 1,
    "text": "1 tablett morgen, Starting Tue, Normal",
    "patientInstruction": "Ta 1 tablett om morgenen",
    "additionalInstruction": [concept("http://snomed.info/sct", "311504000", "Med mat")],
    "timing": {
        "repeat": {"boundsPeriod": {"start": "2026-01-05", "end": "2026-04-05"}, "timeOfDay": ["08:00:00"]},
        "code": {"text": "0800"},
    },
    "asNeededCodeableConcept": concept("http://snomed.info/sct", "25064002", "ved hodepine"),
    "site": concept("http://snomed.info/sct", "181220002", "munn"),
    "route": concept("http://snomed.info/sct", "26643006", "Oral"),
    "method": concept("http://snomed.info/sct", "421521009", "Svelges"),
    "doseAndRate": [
        {
            "type": concept("http://epic.com/CodeSystem/dose-rate-type", "calculated"),
            "doseQuantity": quantity(325, "mg"),
        },
        {"type": concept("http://epic.com/CodeSystem/dose-rate-type", "admin-amount"), "doseQuantity": quantity(1)},
        {"type": concept("http://epic.com/CodeSystem/dose-rate-type", "ordered"), "doseQuantity": quantity(325, "mg")},
    ],
    "maxDosePerPeriod": {"numerator": quantity(4), "denominator": {"value": 1, "unit": "d", "code": "d"}},
    "maxDosePerAdministration": quantity(2),
    "maxDosePerLifetime": quantity(900),
}
RATE = {
    "text": "infusjon",
    "timing": {
        "event": ["2026-02-03T08:00:00Z"],
        "repeat": {
            "boundsRange": {"low": quantity(5, "d"), "high": quantity(7, "d")},
            "count": 3, "countMax": 4, "duration": 2, "durationUnit": "h", "frequency": 1, "period": 8,
            "periodMax": 12, "periodUnit": "h", "dayOfWeek": ["mon"], "when": ["ACM"], "offset": 30,
        },
    },
    "doseAndRate": [
        {
            "doseRange": {"low": quantity(1), "high": quantity(2)},
            "rateRatio": {"numerator": quantity(30, "ml"), "denominator": quantity(1, "h")},
        }
    ],
}  # fmt: skip
EPIC = {
    "resourceType": "MedicationRequest",
    "id": "r1",
    "identifier": [
        {"use": "usual", "system": "urn:oid:1.2.840.114350.1.13.9.1.7.2.798268", "value": "900001"},
        {"type": {"text": "Eksternt"}, "system": "https://annet.invalid", "value": "X-7"},
    ],
    "status": "active",
    "statusReason": concept("urn:x", "altchoice", "Annet valg"),
    "intent": "order",
    "category": [concept(CATEGORY, "community", "Hjemme")],
    "priority": "routine",
    "medicationReference": {"reference": "Medication/m1", "display": "metoprolol 50 mg tablett"},
    "subject": SUBJECT,
    "encounter": {
        "reference": "Encounter/e1",
        "identifier": {"system": "urn:oid:1.2.3", "value": "700"},
        "display": "Kontor",
    },
    "authoredOn": "2026-01-20",
    "requester": {"reference": "Practitioner/d1", "type": "Practitioner", "display": "Berg, Anne"},
    "recorder": {"reference": "Practitioner/d2", "display": "Ås, Kari"},
    "reasonCode": [concept("http://hl7.org/fhir/sid/icd-10", "I10", "Høyt blodtrykk")],
    "reasonReference": [{"reference": "Condition/c1", "display": "Hypertensjon"}],
    "basedOn": [{"reference": "CarePlan/cp1", "display": "Plan"}],
    "groupIdentifier": {"system": "urn:g", "value": "G-1"},
    "courseOfTherapyType": concept(COURSE, "continuous", "Fast"),
    "note": [{"text": "Se journal", "authorString": "AB", "time": "2026-01-21"}],
    "dosageInstruction": [SIG],
    "dispenseRequest": {
        "initialFill": {"quantity": quantity(30), "duration": quantity(30, "d")},
        "dispenseInterval": quantity(90, "d"),
        "validityPeriod": {"start": "2026-01-20", "end": "2027-01-20"},
        "numberOfRepeatsAllowed": 3,
        "quantity": quantity(98),
        "expectedSupplyDuration": quantity(90, "d"),
        "performer": {"display": "Apoteket"},
    },
    "substitution": {"allowedBoolean": False, "reason": concept("urn:s", "RR", "Legen har reservert")},
    "priorPrescription": {"identifier": {"system": "urn:o", "value": "899999"}, "display": "forrige"},
    "detectedIssue": [{"display": "interaksjon"}],
    "eventHistory": [{"reference": "Provenance/h1"}],
    "extension": [{"url": "https://vendor.invalid/ext/kilde", "valueString": "innlagt"}],
}
MEDICATION = {
    "resourceType": "Medication",
    "id": "m1",
    "identifier": [{"system": "urn:m", "value": "M-1"}],
    "code": {
        "coding": [
            {"system": ATC, "code": "C07AB02", "display": "metoprolol"},
            {"system": RXNORM, "code": "866427"},
        ],
        "text": "metoprolol 50 mg depottablett",
    },
    "status": "active",
    "manufacturer": {"display": "Fabrikk"},
    "form": concept("urn:oid:2.16.578.1.12.4.1.1.7448", "53", "Tablett"),
    "amount": {"numerator": quantity(98), "denominator": {"value": 1}},
    "ingredient": [
        {
            "itemCodeableConcept": concept(ATC, "C07AB02", "Metoprolol som suksinat"),
            "isActive": True,
            "strength": {"numerator": quantity(50, "mg"), "denominator": {"value": 1, "unit": "tablett"}},
        },
        {"itemReference": {"display": "laktose"}},
    ],
    "batch": {"lotNumber": "L77", "expirationDate": "2028-01-01"},
}


def bundle(*resources, **more):
    entries = [{"fullUrl": f"https://j.invalid/{r['resourceType']}/{r.get('id', i)}", "resource": r} for i, r in
               enumerate(resources)]  # fmt: skip
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries} | more


def without(resource, *names, **more):
    return {k: v for k, v in resource.items() if k not in names} | more


CERNER = without(
    EPIC,
    "medicationReference",
    contained=[without(MEDICATION, id="med001"), {"resourceType": "Condition", "id": "c9", "code": {"text": "Angst"}}],
    medicationReference={"reference": "#med001", "display": "metoprolol"},
    reasonReference=[{"reference": "#c9"}],
    intent="plan",
    reportedReference={"display": "Datter"},
    dosageInstruction=[RATE],
)
ATHENA = without(
    EPIC,
    "medicationReference",
    "courseOfTherapyType",
    medicationCodeableConcept={"text": "Bare ord 5 mg"},
    dosageInstruction=[{"text": "1 daglig"}],
    reportedBoolean=True,
    status="unknown",
)
NOT_ASKED = concept("http://snomed.info/sct", "1631000175102", "Not on File")
BY_IDENTIFIER = without(
    EPIC,
    medicationReference={"identifier": {"system": "urn:lokal", "value": "L-1", "assigner": {"display": "Apotek"}}},
)
BOTH = without(EPIC, medicationCodeableConcept=concept(ATC, "B01AA03", "Warfarin 2,5 mg"))
STRUCTURE_ONLY = without(EPIC, dosageInstruction=[without(RATE, "text")])
SEVERAL = without(
    EPIC, dosageInstruction=[without(SIG, sequence=2), {"sequence": 1, "text": "2 tabletter", "timing": RATE["timing"]}]
)
STATEMENT = {
    "resourceType": "MedicationStatement",
    "id": "s1",
    "identifier": [{"value": "S-1"}],
    "basedOn": [{"reference": "MedicationRequest/r1"}],
    "partOf": [{"display": "del av"}],
    "status": "on-hold",
    "statusReason": [concept("urn:x", "pause", "Pause før operasjon"), {"text": "også annet"}],
    "category": concept("urn:c", "patientspecified", "Pasient"),
    "medicationReference": {"reference": "Medication/m1"},
    "subject": SUBJECT,
    "context": {"reference": "Encounter/e1"},
    "effectivePeriod": {"start": "2025-11-01", "end": "2026-11-01"},
    "dateAsserted": "2026-01-02",
    "informationSource": {"reference": "RelatedPerson/x", "display": "Sønn"},
    "derivedFrom": [{"reference": "MedicationRequest/r7", "display": "ordre"}],
    "reasonCode": [concept("urn:i", "K25", "Magesår")],
    "note": [{"text": "usikker"}],
    "dosage": [SIG, RATE],
}
DISPENSE = {
    "resourceType": "MedicationDispense",
    "id": "d1",
    "identifier": [{"system": "urn:d", "value": "D-1"}],
    "status": "completed",
    "category": concept("urn:c", "community", "Hjem"),
    "medicationReference": {"reference": "Medication/m1"},
    "subject": SUBJECT,
    "supportingInformation": [{"display": "måling"}],
    "performer": [{"function": concept("urn:f", "finalchecker"), "actor": {"display": "Farmasøyt"}}],
    "location": {"display": "Utsalg 3"},
    "authorizingPrescription": [{"identifier": {"system": "urn:o", "value": "900001"}, "display": "resepten"}],
    "type": concept("urn:t", "FF", "Første"),
    "quantity": quantity(98),
    "daysSupply": quantity(90, "d"),
    "whenPrepared": "2026-02-01",
    "whenHandedOver": "2026-02-02",
    "destination": {"display": "hjem"},
    "receiver": [{"display": "Datter"}],
    "note": [{"text": "hentet"}],
    "dosageInstruction": [SIG],
    "substitution": {
        "wasSubstituted": True,
        "type": concept("urn:s", "G", "Generisk"),
        "reason": [concept("urn:r", "FP")],
        "responsibleParty": [{"display": "Farmasøyt 2"}],
    },
    "detectedIssue": [{"display": "sak"}],
}
ADMINISTRATION = {
    "resourceType": "MedicationAdministration",
    "id": "a1",
    "identifier": [{"value": "A-1"}],
    "instantiates": ["https://protokoll.invalid"],
    "status": "not-done",
    "statusReason": [concept("urn:x", "b", "Sov")],
    "category": concept("urn:c", "inpatient", "Sengepost"),
    "medicationReference": {"reference": "Medication/m1"},
    "subject": SUBJECT,
    "effectiveDateTime": "2026-01-03",
    "performer": [{"function": {"text": "gir"}, "actor": {"display": "Sykepleier"}}],
    "request": {"reference": "MedicationRequest/r1", "display": "ordren"},
    "device": [{"display": "pumpe"}],
    "note": [{"text": "merk"}],
    "dosage": {
        "text": "10 ml", "site": concept("urn:s", "arm"), "route": concept("urn:r", "iv"), "method": {"text": "sakte"},
        "dose": quantity(10, "ml"), "rateQuantity": quantity(5, "ml/h"),
    },
}  # fmt: skip
ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "id": "al1",
    "identifier": [{"system": "urn:a", "value": "AL-1"}],
    "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Aktiv"),
    "verificationStatus": concept("urn:v", "confirmed", "Bekreftet"),
    "type": "allergy",
    "category": ["medication"],
    "criticality": "high",
    "code": concept(ATC, "J01CE02", "Penicillin"),
    "patient": SUBJECT,
    "encounter": {"reference": "Encounter/e2", "display": "kontakt"},
    "onsetDateTime": "2019-05-06",
    "recordedDate": "2026-01-04",
    "recorder": {"display": "Lege A"},
    "asserter": {"display": "Pasienten"},
    "lastOccurrence": "2020-07-08",
    "note": [{"text": "fikk utslett"}],
    "reaction": [
        {
            "substance": concept("urn:s", "pen", "fenoksymetylpenicillin"),
            "manifestation": [concept("urn:m", "rash", "Utslett"), concept("urn:m", "ana", "Anafylaksi")],
            "description": "etter to dager",
            "onset": "2019-05-07",
            "severity": "severe",
            "exposureRoute": concept("urn:r", "po", "gjennom munnen"),
            "note": [{"text": "lagt inn"}],
        }
    ],
}
LIST = {
    "resourceType": "List",
    "id": "l1",
    "identifier": [{"value": "L-9"}],
    "status": "current",
    "mode": "snapshot",
    "title": "Hjemmeliste",
    "code": concept("http://loinc.org", "10160-0", "Legemidler"),
    "subject": SUBJECT,
    "encounter": {"display": "opphold"},
    "date": "2026-01-05",
    "source": {"display": "Dr. Liste"},
    "orderedBy": {"text": "prioritet"},
    "note": [{"text": "gjennomgått"}],
    "entry": [
        {"item": {"reference": "MedicationRequest/r1"}, "flag": concept("urn:f", "02", "Endret"), "date": "2026-01-06"},
        {"item": {"display": "Paracetamol 1 g"}, "flag": concept("urn:f", "04", "Ny"), "date": "2026-01-07"},
        {"item": {"reference": "MedicationRequest/mangler", "display": "Ukjent"}, "deleted": True},
        {"item": {"reference": "Condition/c1", "display": "noe annet"}, "flag": {"text": "flagg"}},
    ],
}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "warning",
            "code": "processing",
            "details": concept("urn:oid:1.2.840.114350.1.13.9.1.7.2.657369", "4101", "Fant ikke alt"),
            "diagnostics": "side 3 mangler",
            "location": ["/f:MedicationRequest"],
            "expression": ["MedicationRequest.code"],
        }
    ],
}
MESSAGES = {
    "Epic": bundle(EPIC, MEDICATION),
    "Oracle Health, contained": bundle(CERNER),
    "athena, words only": bundle(ATHENA),
    "by identifier": bundle(BY_IDENTIFIER),
    "display only": bundle(without(EPIC, medicationReference={"display": "Metoprolol 50"})),
    "reference and concept": bundle(BOTH, MEDICATION),
    "structure only": bundle(STRUCTURE_ONLY, MEDICATION),
    "several dosages": bundle(SEVERAL, MEDICATION),
    "eClinicalWorks, unresolved": bundle(without(EPIC, medicationReference={"reference": "Medication/borte"})),
    "no status": bundle(without(EPIC, "status", "intent"), MEDICATION),
    "instruction to the patient alone": bundle(
        without(EPIC, dosageInstruction=[{"patientInstruction": "Ta 1 tablett om morgenen"}]), MEDICATION
    ),
    "absolute reference": bundle(
        without(EPIC, medicationReference={"reference": "https://j.invalid/Medication/m1/_history/2"}), MEDICATION
    ),
    "extensions alone": bundle(
        without(
            EPIC,
            "dosageInstruction",
            medicationReference={"extension": [{"url": "https://v.invalid/ext/drugname", "valueString": "Bare her"}]},
            extension=[{"url": "https://v.invalid/ext/sig", "extension": [{"url": "text", "valueString": "1 daglig"}]}],
        )
    ),
    "draft": bundle(without(EPIC, status="draft"), MEDICATION),
    "not to be given": bundle(without(EPIC, doNotPerform=True), MEDICATION),
    "entered in error": bundle(without(EPIC, status="entered-in-error"), MEDICATION),
    "modified": bundle(without(EPIC, modifierExtension=[{"url": "urn:x", "valueString": "motsatt"}]), MEDICATION),
    "dosage modified": bundle(without(EPIC, dosageInstruction=[SIG | {"modifierExtension": [{"url": "u/neg",
                              "valueBoolean": True}]}]), MEDICATION),
    "inpatient": bundle(without(EPIC, category=[concept(CATEGORY, "inpatient", "Innlagt")]), MEDICATION),
    "statement": bundle(STATEMENT, MEDICATION),
    "dispense": bundle(DISPENSE, MEDICATION),
    "dispense stopped": bundle(without(DISPENSE, status="in-progress"), MEDICATION),
    "administration": bundle(ADMINISTRATION, MEDICATION),
    "medication nobody refers to": bundle(MEDICATION),
    "allergy": bundle(ALLERGY),
    "allergy without code": bundle(without(ALLERGY, "code")),
    "allergy refuted": bundle(without(ALLERGY, verificationStatus=concept("urn:v", "refuted", "Avkreftet"))),
    "allergy not asked": bundle(without(ALLERGY, code=NOT_ASKED)),
    "list": bundle(EPIC, MEDICATION, LIST),
    "outcome": bundle(OUTCOME),
    "transaction": {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": EPIC, "request": {"method": "PUT", "url": "MedicationRequest/r1"}},
        {"fullUrl": "urn:uuid:2", "resource": MEDICATION, "request": {"method": "PUT", "url": "Medication/m1"}},
        {"request": {"method": "DELETE", "url": "MedicationRequest/borte"}},
        {"resource": STATEMENT, "request": {"method": "DELETE", "url": "MedicationStatement/s1"}}]},
    "history": {"resourceType": "Bundle", "type": "history", "entry": [
        {"resource": EPIC}, {"resource": without(EPIC, status="stopped")}, {"resource": MEDICATION}]},
}  # fmt: skip
