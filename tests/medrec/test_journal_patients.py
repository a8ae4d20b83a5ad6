"""Whole patients whose journal speaks FHIR R4, in the manners of the systems that do: from message to list.

What each has to give was written from the rule catalogue before the engine was asked. As in the other whole patients,
the flags of severity high and critical are told, all of them.
"""

import json

import pytest
from papers import ATC, CATEGORY, PATIENT, doctors_list, drug, entry, journal, on_list, order, registry, rx, summary
from test_whole_patients import Told, is_as_expected, judged, lines_of, serious

from formats.fhir.bundle import joined

FEST = "http://ehelse.no/fhir/CodeSystem/FEST"
UCUM = "http://unitsofmeasure.org"
SERVER = "https://r4.example.no"
USE_CODES = "http://terminology.hl7.org/CodeSystem/list-example-use-codes"
EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
FLAGS = "urn:oid:1.2.36.1.2001.1001.101.104.16592"

TWICE = "1 tablett morgen og kveld"
ELIQUIS = ("Eliquis Tab 5 mg", TWICE, "B01AF02")
FURIX = ("Furix Tab 40 mg", "1 tablett morgen", "C03CA01")
NORVASC = ("Norvasc Tab 5 mg", "1 tablett daglig", "C08CA01")
LIPITOR = ("Lipitor Tab 40 mg", "1 tablett kveld", "C10AA05")
METHOTREXATE = ("Methotrexate Orion Tab 2,5 mg", "6 tabletter hver torsdag", "L04AX03")
PACKAGES = {"B01AF02": "990046", "C03CA01": "990082", "C08CA01": "990172", "C10AA05": "990221", "L04AX03": "990658"}
AGREED = {"furosemid|oral|plain": "ACTIVE AGREED"}
APIXABAN, FUROSEMIDE = "apiksaban|oral|plain", "furosemid|oral|plain"


def known(*medicines, **dated):
    """The registry and the GP, who both have these medicines."""
    return (
        registry(*(rx(n, drug(*m)) for n, m in enumerate(medicines, 1))),
        doctors_list(*(entry(n, on_list(*m), prescription=n, **dated) for n, m in enumerate(medicines, 1))),
    )


def coded(medicine):
    """The medicine as a journal with FEST codes it."""
    name, _, atc = medicine
    codes = [{"system": FEST, "code": PACKAGES[atc], "display": name}] if atc in PACKAGES else []
    return {"medicationCodeableConcept": {"text": name, "coding": [*codes, {"system": ATC, "code": atc}]}}


def request(serial, medicine, *, text=None, dosage=None, **more):
    """A MedicationRequest; its dose as text, or as `dosage`."""
    told = order(serial, medicine[0], medicine[1] if text is None else text, **more)
    return told | coded(medicine) | ({} if dosage is None else {"dosageInstruction": dosage})


def at_home(serial, medicine, **more):
    """A documented home medicine: intent `plan`, as Oracle Health writes it."""
    return request(serial, medicine, intent="plan", on="2026-01-05") | more


def uncoded(serial, name, medicine):
    """A documented home medicine of which the journal codes no more than ATC; all else stands in its name."""
    coding = [{"system": ATC, "code": medicine[2]}]
    return at_home(serial, medicine[:3], medicationCodeableConcept={"text": name, "coding": coding})


def stated(serial, medicine, status="active", asserted="2026-02-20", **more):
    return {
        "resourceType": "MedicationStatement",
        "id": f"ms{serial}",
        "status": status,
        "subject": {"reference": "Patient/px"},
        "dateAsserted": asserted,
        "dosage": [{"text": medicine[1]}],
        **coded(medicine),
        **more,
    }


def handed(serial, medicine, status, **when):
    told = {"resourceType": "MedicationDispense", "id": f"md{serial}", "status": status, **coded(medicine), **when}
    return told | {"subject": {"reference": "Patient/px"}}


def listed(*entries, mode="working", status="current", **more):
    return {
        "resourceType": "List",
        "id": "l1",
        "status": status,
        "mode": mode,
        "code": {"coding": [{"system": USE_CODES, "code": "medications"}]},
        "subject": {"reference": "Patient/px"},
        "date": "2026-02-28",
        **({"entry": list(entries)} if entries else {}),
        **more,
    }


def item(resource, **more):
    return {"item": {"reference": f"{resource['resourceType']}/{resource['id']}"}, **more}


def flagged(name, code, word):
    return {"item": {"display": name}, "flag": {"coding": [{"system": FLAGS, "code": code, "display": word}]}}


def bundle(*resources, searched="", total=None, links=()):
    """A searchset of what was `searched`, else a collection."""
    told = {"resourceType": "Bundle", "type": "searchset" if searched else "collection"}
    if searched:
        told["link"] = [{"relation": "self", "url": f"{SERVER}/{searched}?patient=px"}, *links]
    if total is not None:
        told["total"] = total
    every = [*resources, PATIENT]
    told["entry"] = [{"fullUrl": f"{SERVER}/{r['resourceType']}/{r['id']}", "resource": r} for r in every]
    return json.dumps(told, ensure_ascii=False).encode()


def repeated(text, value, unit="tablett", code="{tbl}", **repeat):
    amount = {"doseQuantity": {"value": value, "unit": unit, "system": UCUM, "code": code}}
    return {"text": text, "timing": {"repeat": repeat}, "doseAndRate": [amount]}


def ecw(serial, status, on):
    """The same sentence in every entry, an instruction that is none, and a status that may be `unknown`."""
    sentence = "Lipitor 40 MG Tablet 1 tablet Orally Once a day"
    dose = {"text": sentence, "additionalInstruction": [{"text": "1 tablet"}], "route": {"text": "Orally"}}
    return request(serial, LIPITOR, status=status, on=on, reportedBoolean=True, dosage=[dose])


def categories(*codes):
    return {"category": [{"coding": [{"system": CATEGORY, "code": c}]} for c in codes]}


CLINIC = {
    "category": [{"coding": [{"system": "urn:oid:1.2.840.114350.1.13.777.4.5", "code": "4"}], "text": "Outpatient"}]
}
CONTAINED = {
    "resourceType": "Medication",
    "id": "med001",
    "code": {"text": "Paracet Tab 500 mg", "coding": [{"system": ATC, "code": "N02BE01"}]},
    "form": {"text": "tablett"},
}
PARACET = ("Paracet Tab 500 mg", "2 tabletter inntil 4 ganger daglig ved behov", "N02BE01")
MAREVAN = ("Marevan Tab 2,5 mg", "1 tablett daglig", "B01AA03")
LANTUS = ("Lantus Inj, oppl 100 E/ml", "20 E til natten", "A10AE04", "inj")
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}
WEEKLY = {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["thu"]}


def typed(kind, value, unit, code):
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": code}
    kinds = "http://epic.com/CodeSystem/dose-rate-type"
    return {"type": {"coding": [{"system": kinds, "code": kind}]}, "doseQuantity": quantity}


TYPED = [
    typed("calculated", 80, "mg", "mg"),
    typed("admin-amount", 1, "tablet", "{tbl}"),
    typed("ordered", 80, "mg", "mg"),
]


def contained():
    told = request(5, PARACET, reportedBoolean=True, dosage=[{"asNeededBoolean": True, "text": PARACET[1]}])
    del told["medicationCodeableConcept"]
    return told | {"contained": [CONTAINED], "medicationReference": {"reference": "#med001"}}


STORIES = {
    "eClinicalWorks: one entry in use and one of unknown status": (
        (*known(LIPITOR), journal(ecw(1, "active", "2025-12-08"), ecw(2, "unknown", "2026-02-15"))),
        Told({"atorvastatin|oral|plain": "ACTIVE AGREED"}),
    ),
    "the home list has ended two and does not know the third": (
        (
            *known(ELIQUIS, FURIX, LIPITOR),
            bundle(
                stated(1, ELIQUIS, "cancelled"),
                stated(2, FURIX, "completed"),
                stated(3, LIPITOR, "unknown"),
                searched="MedicationStatement",
            ),
        ),
        Told(
            AGREED | {APIXABAN: "ACTIVE AGREED", "atorvastatin|oral|plain": "ACTIVE AGREED"},
            frozenset({f"A02 {APIXABAN} critical"}),
        ),
    ),
    "Epic: a dose in the clinic, told by a number of the site's own": (
        (
            *known(FURIX),
            journal(
                at_home(1, FURIX),
                request(2, ELIQUIS, text="10 mg ONCE", status="completed") | CLINIC,
                request(3, METHOTREXATE, text="6 tabletter daglig") | categories("inpatient"),
            ),
        ),
        Told(AGREED),
    ),
    "Epic: discharged with one new, one changed and one stopped": (
        (
            *known(FURIX, NORVASC),
            journal(
                at_home(1, FURIX),
                request(2, FURIX, text=TWICE, category="discharge"),
                request(3, ELIQUIS, category="discharge"),
                request(4, NORVASC, category="discharge", status="stopped", statusReason={"text": "Ødemer"}),
            ),
        ),
        Told(
            {
                FUROSEMIDE: "ACTIVE LATEST",
                APIXABAN: "ACTIVE SINGLE",
                "amlodipin|oral|plain": "DISPUTED SINGLE",
            },
            frozenset(
                {
                    f"B07 {FUROSEMIDE} high",
                    f"D01 {FUROSEMIDE} critical",
                    f"B07 {APIXABAN} critical",
                    f"A02 {APIXABAN} critical",
                    f"A03 {APIXABAN} high",
                    # a discharge order stopped later: on which day nobody says, so no change of the discharge's own
                    "B02 amlodipin|oral|plain high",
                }
            ),
        ),
    ),
    "Oracle Health: a proposal nobody has ordered is not on the home list": (
        (*known(FURIX, ELIQUIS), journal(at_home(1, FURIX), request(2, ELIQUIS, intent="proposal"))),
        Told(AGREED | {APIXABAN: "ACTIVE AGREED"}, frozenset({f"A02 {APIXABAN} critical"})),
    ),
    "Oracle Health: an order of unknown status is no ordination": (
        (registry(), doctors_list(), journal(request(1, MAREVAN, status="unknown", on="2025-05-15"))),
        Told({"warfarin|oral|plain": "UNCONFIRMED SINGLE"}),
    ),
    "a contained medicine, as needed": (
        (*known(PARACET), journal(contained())),
        Told({"paracetamol|oral|plain": "ACTIVE AGREED"}),
    ),
    "a List of changes takes the old anticoagulant off, the doctor has it still": (
        (
            registry(rx(1, drug(*MAREVAN))),
            doctors_list(entry(1, on_list(*MAREVAN), prescription=1)),
            summary(("Eliquis tab 5 mg", "B01AF02", TWICE, "1")),
            bundle(
                listed(
                    item(stated(1, ELIQUIS), flag={"text": "Prescribed"}),
                    item(stated(2, MAREVAN), deleted=True),
                    mode="changes",
                ),
                stated(1, ELIQUIS, asserted="2026-02-26"),
                stated(2, MAREVAN),
            ),
        ),
        Told(
            {APIXABAN: "ACTIVE AGREED", "warfarin|oral|plain": "DISPUTED SINGLE"},
            frozenset(
                {
                    "F05 apiksaban+warfarin critical",
                    f"B07 {APIXABAN} critical",
                    f"A03 {APIXABAN} high",
                    "G02 HP high",
                }
            ),
            complete=False,
        ),
    ),
    "a List of words with the flags ceased and suspended": (
        (
            *known(FURIX, NORVASC, LIPITOR),
            bundle(
                listed(
                    flagged("Furix Tab 40 mg", "05", "Ceased"),
                    flagged("Norvasc Tab 5 mg", "06", "Suspended"),
                    flagged("Lipitor Tab 40 mg", "01", "Unchanged"),
                )
            ),
        ),
        Told(
            {
                FUROSEMIDE: "DISPUTED SINGLE",
                "amlodipin|oral|plain": "PAUSED SINGLE",
                "atorvastatin|oral|plain": "ACTIVE AGREED",
            },
            frozenset({f"B02 {FUROSEMIDE} high", "G02 HP high"}),
            complete=False,
        ),
    ),
    "a List that is retired says nothing of today": (
        (
            *known(ELIQUIS),
            bundle(at_home(1, FURIX), searched="MedicationRequest"),
            bundle(listed({"item": {"display": "Eliquis Tab 5 mg"}}, status="retired")),
        ),
        Told({APIXABAN: "ACTIVE AGREED", FUROSEMIDE: "UNCONFIRMED SINGLE"}, frozenset({f"A02 {APIXABAN} critical"})),
    ),
    "a home list that is withheld is not empty": (
        (
            *known(ELIQUIS),
            bundle(searched="MedicationStatement"),
            bundle(listed(emptyReason={"coding": [{"system": EMPTY, "code": "withheld"}]})),
        ),
        Told({APIXABAN: "ACTIVE AGREED"}, complete=False),
    ),
    "a summary of the home list: marked SUBSETTED, without doses": (
        (
            *known(FURIX, ELIQUIS),
            journal(at_home(1, FURIX, dosageInstruction=[], meta={"tag": [{"code": "SUBSETTED"}]})),
        ),
        Told(AGREED | {APIXABAN: "ACTIVE AGREED"}, frozenset({"G02 HP high"}), complete=False),
    ),
    "fewer entries than the total, and no next page": (
        (*known(FURIX, ELIQUIS), bundle(at_home(1, FURIX), searched="MedicationRequest", total=7)),
        Told(AGREED | {APIXABAN: "ACTIVE AGREED"}, frozenset({"G02 HP high"}), complete=False),
    ),
    "two pages made one": (
        (
            *known(FURIX, ELIQUIS),
            joined(
                [
                    bundle(
                        at_home(1, FURIX),
                        searched="MedicationRequest",
                        total=2,
                        links=[{"relation": "next", "url": f"{SERVER}/p2"}],
                    ),
                    bundle(
                        at_home(2, ELIQUIS),
                        searched="MedicationRequest",
                        total=2,
                        links=[{"relation": "previous", "url": f"{SERVER}/p1"}],
                    ),
                ]
            ),
        ),
        Told(AGREED | {APIXABAN: "ACTIVE AGREED"}),
    ),
    "two doses a day in two Dosages, and an insulin at bedtime": (
        (
            registry(
                rx(1, drug("Furix Tab 40 mg", "2 tabletter morgen og 1 tablett kveld", "C03CA01")), rx(2, drug(*LANTUS))
            ),
            doctors_list(
                entry(1, on_list("Furix Tab 40 mg", "2 tabletter morgen og 1 tablett kveld", "C03CA01")),
                entry(2, on_list(*LANTUS)),
            ),
            journal(
                at_home(
                    1,
                    FURIX,
                    dosageInstruction=[
                        repeated("2 tabletter morgen", 2, when=["MORN"], **DAILY) | {"sequence": 1},
                        repeated("1 tablett kveld", 1, when=["EVE"], **DAILY) | {"sequence": 1},
                    ],
                ),
                at_home(
                    2,
                    LANTUS[:3],
                    dosageInstruction=[repeated("20 units at bedtime", 20, "units", "[iU]", when=["HS"], **DAILY)],
                ),
            ),
        ),
        Told({FUROSEMIDE: "ACTIVE AGREED", "insulin glargin|injection|A10AE/100": "ACTIVE AGREED"}),
    ),
    "half the dose: the strength stands only in the journal's words": (
        (*known(FURIX), journal(uncoded(1, "furosemide (furosemide 20 mg oral tablet)", FURIX))),
        Told({FUROSEMIDE: "ACTIVE CONFLICT"}, frozenset({f"D01 {FUROSEMIDE} critical"})),
    ),
    "the same dose in tablets of another strength, told in words": (
        (
            *known(("Furix Tab 20 mg", "2 tabletter morgen", "C03CA01")),
            journal(uncoded(1, "Furosemid 40 mg tabl.", FURIX)),
        ),
        Told(AGREED),
    ),
    "an insulin by its brand alone": (
        (*known(LANTUS), journal(uncoded(1, "Lantus SoloStar", LANTUS))),
        Told({"insulin glargin|injection|A10AE/100": "ACTIVE AGREED"}),
    ),
    "an insulin three times as strong, by its brand alone": (
        (*known(LANTUS), journal(uncoded(1, "Toujeo SoloStar", LANTUS))),
        Told(
            {
                "insulin glargin|injection|A10AE/100": "ACTIVE AGREED",
                "insulin glargin|injection|A10AE/300": "UNCONFIRMED SINGLE",
            },
            frozenset({"C02 insulin glargin critical"}),
        ),
    ),
    "Epic: 80 mg ordered, one tablet to give, of a medicine named without strength": (
        (
            *known(FURIX),
            journal(
                uncoded(1, "Furosemid tablett", FURIX)
                | {
                    "dosageInstruction": [
                        {"text": "1 tablett daglig", "timing": {"repeat": DAILY}, "doseAndRate": TYPED}
                    ]
                }
            ),
        ),
        Told({FUROSEMIDE: "ACTIVE CONFLICT"}, frozenset({f"D01 {FUROSEMIDE} critical"})),
    ),
    "a depot at the doctor's, the quick one in the journal's words": (
        (
            *known(("OxyContin Depottab 10 mg", TWICE, "N02AA05", "depottab")),
            journal(uncoded(1, "OxyNorm 10 mg kapsel", ("", "1 kapsel morgen og kveld", "N02AA05"))),
        ),
        Told(
            {"oksykodon|oral|prolonged": "ACTIVE AGREED", "oksykodon|oral|plain": "UNCONFIRMED SINGLE"},
            frozenset({"C06 oksykodon critical", "C10 oksykodon high"}),
        ),
    ),
    "no code at all, but a name of the register in another order of words": (
        (*known(ELIQUIS), journal(at_home(1, ELIQUIS, medicationCodeableConcept={"text": "Eliquis 5 mg tablett"}))),
        Told({APIXABAN: "ACTIVE AGREED"}),
    ),
    "no code at all, and a strength that the name does not come in": (
        (*known(ELIQUIS), journal(at_home(1, ELIQUIS, medicationCodeableConcept={"text": "Eliquis 50 mg tablett"}))),
        Told(
            {APIXABAN: "ACTIVE AGREED", "text:Eliquis 50 mg tablett": "UNCONFIRMED SINGLE"},
            frozenset({"C09 text:Eliquis 50 mg tablett high"}),
        ),
    ),
    "a depot tablet written down in haste as a tablet": (
        (
            *known(("Selo-Zok Depottab 50 mg", "1 tablett morgen", "C07AB02", "depottab")),
            journal(uncoded(1, "Selo-Zok 50 mg tablett", ("", "1 tablett morgen", "C07AB02"))),
        ),
        Told({"metoprolol|oral|prolonged": "ACTIVE AGREED"}),
    ),
    "a combination at the doctor's, its ingredient in the journal's words": (
        (
            *known(("Cozaar Comp Tab 50 mg/12,5 mg", "1 tablett morgen", "C09DA01")),
            journal(uncoded(1, "Cozaar 50 mg tablett", ("", "1 tablett morgen", "C09CA01"))),
        ),
        Told(
            {"hydroklortiazid+losartan|oral|plain": "ACTIVE AGREED", "losartan|oral|plain": "UNCONFIRMED SINGLE"},
            frozenset({"C03 losartan high"}),
        ),
    ),
    "weekly at the doctor's, daily in the journal's structure": (
        (
            *known(METHOTREXATE),
            journal(at_home(1, METHOTREXATE, dosageInstruction=[repeated("6 tab, Oral, Daily", 6, **DAILY)])),
        ),
        Told({"metotreksat|oral|plain": "DISPUTED CONFLICT"}, frozenset({"D02 metotreksat|oral|plain critical"})),
    ),
    "the daily order was entered in error, the weekly one stands": (
        (
            *known(METHOTREXATE),
            journal(
                request(
                    1, METHOTREXATE, dosage=[repeated("6 tab, Oral, Daily", 6, **DAILY)], status="entered-in-error"
                ),
                request(2, METHOTREXATE, dosage=[repeated("6 tab, Oral, Thursday", 6, **WEEKLY)], on="2025-11-10"),
            ),
        ),
        Told({"metotreksat|oral|plain": "ACTIVE AGREED"}),
    ),
    "the hospital says: not this one": (
        (
            *known(ELIQUIS),
            journal(at_home(1, ELIQUIS), request(2, ELIQUIS, text="", doNotPerform=True, on="2026-02-24")),
        ),
        Told({APIXABAN: "DISPUTED SINGLE"}, frozenset({f"B02 {APIXABAN} critical"})),
    ),
    "a status that is no word of FHIR": (
        (*known(ELIQUIS), journal(at_home(1, ELIQUIS, status="discontinued"))),
        Told({APIXABAN: "ACTIVE AGREED"}, frozenset({f"A02 {APIXABAN} critical"})),
    ),
    "she does not take it, the orders go on": (
        (
            *known(ELIQUIS),
            bundle(
                request(1, ELIQUIS, on="2025-11-10"),
                stated(1, ELIQUIS, "not-taken", statusReason=[{"text": "Blør"}]),
            ),
        ),
        Told({APIXABAN: "DISPUTED SINGLE"}, frozenset({f"B02 {APIXABAN} critical", "G02 HP high"}), complete=False),
    ),
    "the home list still has the pause that the doctor ended": (
        (
            *known(ELIQUIS, changed="2026-02-25"),
            bundle(stated(1, ELIQUIS, "on-hold"), searched="MedicationStatement"),
        ),
        Told({APIXABAN: "ACTIVE AGREED"}, frozenset({f"A02 {APIXABAN} critical"})),
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_whole_patient_of_a_journal(name):
    papers, expected = STORIES[name]
    is_as_expected(judged(*papers), expected)


@pytest.mark.parametrize("why", ["Reorder", "Dose adjustment", "Duplicate order", "Endret dose"])
def test_an_order_that_another_took_the_place_of_stops_nothing(why):
    over = repeated(TWICE, 1, when=["MORN", "EVE"], boundsPeriod={"start": "2025-01-02", "end": "2026-01-10"}, **DAILY)
    told = judged(
        *known(FURIX, changed="2026-01-10"),
        journal(
            request(1, FURIX, dosage=[over], status="stopped", on="2025-01-02", statusReason={"text": why}),
            request(2, FURIX, on="2026-01-10"),
        ),
    )
    assert (lines_of(told), serious(told)) == (AGREED, set())


@pytest.mark.parametrize(
    ("status", "when", "after_the_stop"),
    [
        ("in-progress", {"whenPrepared": "2026-02-27"}, False),
        ("preparation", {"whenPrepared": "2026-02-27"}, False),
        ("completed", {"whenPrepared": "2026-02-26", "whenHandedOver": "2026-02-27"}, True),
        ("cancelled", {"whenHandedOver": "2026-02-27"}, False),
    ],
)
def test_what_lies_ready_on_a_shelf_is_not_handed_over(status, when, after_the_stop):
    """B01 is high where it was dispensed after the stop."""
    told = judged(
        registry(rx(1, drug(*NORVASC))),
        doctors_list(entry(1, on_list(*NORVASC), changed="2026-02-20", prescription=1, stop="2026-02-20")),
        bundle(handed(1, NORVASC, status, **when), searched="MedicationDispense"),
    )
    assert lines_of(told) == {"amlodipin|oral|plain": "ENDED SINGLE"}
    assert serious(told) == ({"B01 amlodipin|oral|plain high"} if after_the_stop else set())


@pytest.mark.parametrize(
    ("words", "clinical", "meets"),
    [
        ("Penicillins", "active", True),
        ("Allergy to penicillin (finding)", "active", True),
        ("Penicillin", "inactive", True),
        ("Penicillin", "resolved", False),
        ("No penicillin allergy", "active", False),
        ("Cephalosporins", "active", False),
    ],
)
def test_an_allergy_in_a_journals_words_meets_the_medicine(words, clinical, meets):
    apocillin = ("Apocillin Tab 660 mg", "1 tablett 4 ganger daglig", "J01CE02")
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "clinicalStatus": {"coding": [{"code": clinical}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"text": words},
        "patient": {"reference": "Patient/px"},
    }
    told = judged(*known(apocillin), journal(at_home(1, apocillin)), bundle(allergy, searched="AllergyIntolerance"))
    assert (serious(told) == {"F01 fenoksymetylpenicillin|oral|plain critical"}) is meets
    assert lines_of(told)["fenoksymetylpenicillin|oral|plain"] == ("DISPUTED AGREED" if meets else "ACTIVE AGREED")


LATER = "2026-02-25T10:00:00Z"


@pytest.mark.parametrize(
    ("later", "line", "flags"),
    [
        ({"status": "stopped"}, "ENDED SINGLE", set()),
        ({"status": "entered-in-error"}, "ENDED SINGLE", set()),
        ({"dosageInstruction": [{"text": "1 tablett morgen"}]}, "DISPUTED SINGLE", {f"B02 {APIXABAN} critical"}),
    ],
)
def test_one_order_told_alone_is_the_newest_word_on_that_order(later, line, flags):
    """The doctor has stopped it. The journal's order was active in February's answer; later the order comes alone."""
    whole = json.loads(journal(request(1, ELIQUIS, on="2025-11-10")))
    alone = json.loads(bundle(request(1, ELIQUIS, on="2025-11-10") | later))
    told = judged(
        registry(),
        doctors_list(entry(1, on_list(*ELIQUIS), changed="2026-02-20", stop="2026-02-20")),
        json.dumps(whole | {"meta": {"lastUpdated": "2026-02-01T10:00:00Z"}}).encode(),
        json.dumps(alone | {"timestamp": LATER}).encode(),
    )
    assert (lines_of(told), serious(told)) == ({APIXABAN: line}, flags)
