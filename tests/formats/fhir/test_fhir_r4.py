"""R4 journals, as small messages: kinds, statuses, gaps, persons, and one dose told three ways."""

from datetime import date

import pytest
from build_fhir import (
    CATEGORY,
    FNR,
    METOPROLOL,
    SERVER,
    allergy,
    concept,
    dosage,
    outcome,
    patient,
    raw,
    request,
    searchset,
)
from hypothesis import given
from hypothesis import strategies as st

from formats.dosage import schedule_text
from formats.errors import ErrorCode, FormatError
from formats.fhir import CodeSystems, read_json
from formats.fhir.bundle import joined, next_page
from formats.jsondoc import open_json
from formats.statement import AsideReason, GapCode, Kind, Reach, SaidStatus, StatementType, Use


def heard(message: dict, **systems):
    return read_json(open_json(raw(message)), CodeSystems(**systems))


def only(message: dict):
    (statement,) = heard(message).statements
    return statement


@pytest.mark.parametrize(
    ("told", "kind", "type_", "aside"),
    [
        ({}, Kind.ORDER, None, None),
        ({"category": []}, Kind.ORDER, None, None),
        ({"category": [concept(CATEGORY, "discharge")]}, Kind.DISCHARGE, None, None),
        ({"category": [concept(CATEGORY, "community"), concept(CATEGORY, "discharge")]}, Kind.DISCHARGE, None, None),
        ({"category": [concept(CATEGORY, "inpatient")]}, Kind.ORDER, None, AsideReason.NOT_HOME),
        ({"category": [concept(CATEGORY, "outpatient")]}, Kind.ORDER, None, AsideReason.NOT_HOME),
        ({"category": [{"text": "Inpatient"}]}, Kind.ORDER, None, AsideReason.NOT_HOME),
        ({"intent": "plan"}, Kind.HOME_LIST, StatementType.COPY, None),
        ({"reportedBoolean": True}, Kind.HOME_LIST, StatementType.COPY, None),
        ({"status": "entered-in-error"}, Kind.ORDER, None, AsideReason.CANCELLED),
    ],
)
def test_the_kind_of_a_request(told, kind, type_, aside):
    statement = only(request(**told))
    assert (statement.kind, statement.type, statement.aside) == (kind, type_, aside)


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("active", SaidStatus.ACTIVE),
        ("on-hold", SaidStatus.PAUSED),
        ("cancelled", SaidStatus.REVOKED),
        ("completed", SaidStatus.FINISHED),
        ("stopped", SaidStatus.STOPPED),
        ("unknown", SaidStatus.UNKNOWN),
        ("aktiv", SaidStatus.UNKNOWN),
        ("", None),
    ],
)
def test_the_status_of_a_request(status, ours):
    assert only(request(status=status)).status is ours


def test_dates_of_an_order_and_of_a_stop():
    assert only(request()).decided == date(2026, 1, 20)
    weak = only(request(status="stopped"))
    assert (weak.decided, weak.recorded) == (None, date(2026, 1, 20))
    bounds = {"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-20", "end": "2026-01-25"}}}}
    dated = only(request(status="stopped", dosageInstruction=[bounds]))
    assert (dated.decided, dated.start, dated.end) == (date(2026, 1, 25), date(2026, 1, 20), date(2026, 1, 25))


def test_a_prohibition_is_a_stop_of_its_day():
    """R4: doNotPerform asks the patient to stop taking it, or not to start."""
    said = only(request(doNotPerform=True))
    assert (said.status, said.decided, said.kind) == (SaidStatus.STOPPED, date(2026, 1, 20), Kind.ORDER)


def test_a_draft_and_a_prohibition_that_is_over_are_kept_and_are_no_medicine():
    over = {"doNotPerform": True, "status": "completed"}
    for told, reason in (({"status": "draft"}, "draft"), (over, "do-not-perform")):
        reading = heard(request(**told))
        assert (reading.statements, [u.reason for u in reading.unread]) == ((), [reason])


@pytest.mark.parametrize("kind", ["MedicationStatement", "MedicationDispense", "MedicationAdministration"])
def test_the_other_medication_resources(kind):
    resource = {
        "resourceType": kind,
        "status": "completed",
        "medicationCodeableConcept": {"text": "Furosemid"},
        "effectiveDateTime": "2026-01-05",
        "whenHandedOver": "2026-01-05T10:00:00Z",
        "dosage": [{"text": "1 tablett"}],
    }
    statement = only(resource)
    expected = {
        "MedicationStatement": (Kind.HOME_LIST, StatementType.COPY, None),
        "MedicationDispense": (Kind.DISPENSING, StatementType.COPY, None),
        "MedicationAdministration": (Kind.ORDER, None, AsideReason.NOT_HOME),
    }[kind]
    assert (statement.kind, statement.type, statement.aside) == expected
    assert (statement.recorded, statement.dose_text) == (date(2026, 1, 5), "1 tablett")


def test_the_patients_sentence_is_the_dose_and_the_rest_stands_beside_it():
    told = {"text": "1 tablett, Starting Tue, No Print", "patientInstruction": "1 tablett om morgenen"}
    statement = only(request(dosageInstruction=[told]))
    assert statement.dose_text == "1 tablett om morgenen"
    assert statement.note == "1 tablett, Starting Tue, No Print"


def rate(kind: str, value: float, unit: str) -> dict:
    return {
        "type": concept("http://epic.com/CodeSystem/dose-rate-type", kind),
        "doseQuantity": {"value": value, "unit": unit},
    }


def test_one_dose_told_three_ways_is_read_once():
    told = dosage(
        doseAndRate=[rate("calculated", 325, "mg"), rate("admin-amount", 1, "tablet"), rate("ordered", 325, "mg")]
    )
    read = only(request(dosageInstruction=[told])).dosage
    assert (read.dose.low, read.dose.high, read.unit) == (1, 1, "tablett")
    assert schedule_text(read.schedule) == "d:2"


@pytest.mark.parametrize(
    ("repeat", "schedule"),
    [
        ({"frequency": 3, "period": 1, "periodUnit": "d"}, "d:3"),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, "d:1-2"),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "every{8h}"),
        ({"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}, "every{4-6h}"),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, "every{7d}"),
        ({"frequency": 2, "period": 1, "periodUnit": "wk"}, "every{7d: 2x}"),
        ({"frequency": 1, "period": 3, "periodUnit": "mo"}, "every{3mo}"),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["MORN"]}, "slots{morgen=1}"),
        ({"when": ["HS", "MORN"]}, "slots{morgen=1,sengetid=1}"),
        ({"timeOfDay": ["20:00:00", "08:00:00"]}, "clock{08:00=1,20:00=1}"),
        ({"dayOfWeek": ["mon"]}, "w{ma=1}"),
        ({"frequency": 2, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "thu"]}, "w{ma=1,to=1}"),
        ({"count": 1}, "once"),
    ],
)
def test_a_timing_that_is_certain(repeat, schedule):
    read = only(request(dosageInstruction=[dosage(timing={"repeat": repeat})])).dosage
    assert schedule_text(read.schedule) == schedule


@pytest.mark.parametrize(
    "told",
    [
        {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "when": ["CM"]}}},
        {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "offset": 30, "when": ["AC"]}}},
        {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "thu"]}}},
        {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["MORN"]}}},
        {"timing": {"repeat": {"count": 365}}},
        {"timing": {"repeat": {"frequency": 1.5, "period": 1, "periodUnit": "d"}}},
        {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "duration": 2, "durationUnit": "h"}}},
        {"timing": {"event": ["2026-01-01"]}},
        {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}, "code": concept("x", "TID")}},
        {"doseAndRate": [{"doseQuantity": {"value": 1}}]},
        {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "scoop"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablett", "comparator": "<"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": -1, "unit": "tablett"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": "1", "unit": "tablett"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablett", "code": "mg"}}]},
        {"doseAndRate": [{"rateQuantity": {"value": 1, "unit": "ml/h"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": v, "unit": "mg"}} for v in (1, 2)]},
        {"maxDosePerLifetime": {"value": 4, "unit": "mg"}},
        {"maxDosePerPeriod": {"numerator": {"value": 4, "unit": "mg"}, "denominator": {"value": 7, "code": "d"}}},
        {"additionalInstruction": [{"text": "høyst 3 ganger i uken"}]},
        {"site": {"text": "begge øyne"}},
    ],
)
def test_what_is_not_wholly_understood_stays_words(told):
    statement = only(request(dosageInstruction=[dosage(**told)]))
    assert statement.dosage is None
    assert statement.dose_text == "1 tablett 2 ganger daglig"


def test_as_needed_with_a_ceiling():
    ceiling = {"numerator": {"value": 4, "unit": "tablett"}, "denominator": {"value": 24, "code": "h"}}
    statement = only(request(dosageInstruction=[dosage(asNeededBoolean=True, maxDosePerPeriod=ceiling)]))
    assert statement.use is Use.PRN
    assert statement.dosage.prn
    assert (statement.dosage.ceiling.amount, statement.dosage.ceiling.unit) == (4, None)


def test_steps_by_sequence_and_parts_of_a_day_together():
    def step(number, value, **more):
        told = {"sequence": number, "doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}]}
        return dosage(text=f"{value} mg", **told, **more)

    tapering = only(request(dosageInstruction=[step(2, 10), step(1, 20)]))
    assert tapering.dose_text == "20 mg\n10 mg"
    assert [s.dose.low for s in tapering.dosage.schedule.steps] == [20, 10]
    together = only(
        request(
            dosageInstruction=[
                step(1, 5, timing={"repeat": {"when": ["EVE"]}}),
                step(1, 10, timing={"repeat": {"when": ["MORN"]}}),
            ]
        )
    )
    assert schedule_text(together.dosage.schedule) == "slots{morgen=10,kveld=5}"
    assert only(request(dosageInstruction=[step(1, 5), step(1, 10)])).dosage is None


def test_the_medicine_is_found_contained_beside_and_by_name():
    medicine = {
        "resourceType": "Medication",
        "id": "m1",
        "code": {
            "coding": [
                {"system": "http://dmp.no/fhir/NamingSystem/festLegemiddelMerkevare", "code": METOPROLOL[3:].lower()},
                {"system": "http://dmp.no/fhir/NamingSystem/fest-varenummer", "code": "57932"},
            ],
            "text": "Metoprolol 50",
        },
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "metoprolol"},
                "strength": {"numerator": {"value": 50, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablett"}},
            }
        ],
    }
    bare = {k: v for k, v in request().items() if k != "medicationCodeableConcept"}
    contained = bare | {"contained": [medicine], "medicationReference": {"reference": "#m1"}}
    beside = searchset(bare | {"medicationReference": {"reference": "Medication/m1", "display": "Selo-Zok"}}, medicine)
    for message in (contained, beside):
        statement = only(message)
        assert (statement.fest_id, statement.varenr, statement.name) == (METOPROLOL, "057932", "Metoprolol 50")
        assert [(q.value, q.unit) for q in statement.unit_strengths] == [(50, "mg")]
    assert only(beside).note == "Selo-Zok"
    reading = heard(bare | {"medicationReference": {"reference": "Medication/elsewhere"}})
    assert [u.reason for u in reading.unread] == ["medication-not-in-message"]
    assert not reading.complete


def test_two_atc_codes_choose_none_and_keep_both():
    codes = [{"system": "http://www.whocc.no/atc", "code": c} for c in ("C03CA01", "C07AB02")]
    statement = only(request(medicationCodeableConcept={"text": "?", "coding": codes}))
    assert statement.atc is None
    assert [c.value for c in statement.codes][:2] == ["C03CA01", "C07AB02"]


def test_a_site_may_name_its_own_systems():
    told = {"text": "A", "coding": [{"system": "urn:our-atc", "code": "C03CA01"}]}
    message = request(medicationCodeableConcept=told)
    assert only(message).atc is None
    assert heard(message, atc=frozenset({"urn:our-atc"})).statements[0].atc == "C03CA01"


def test_pages():
    more = {"relation": "next", "url": f"{SERVER}/MedicationRequest?page=2"}
    first, second = searchset(request(), links=(more,)), searchset(request(id="r2", authoredOn="2026-01-21"))
    reading = heard(first)
    assert ([g.code for g in reading.gaps], reading.reach) == ([GapCode.PARTIAL], Reach.EVENT)
    assert (next_page(raw(first)), next_page(raw(second))) == (more["url"], "")
    whole = read_json(open_json(joined([raw(first), raw(second)])))
    assert (len(whole.statements), whole.reach, whole.complete) == (2, Reach.WHOLE, True)
    assert whole.kinds == (Kind.ORDER, Kind.DISCHARGE, Kind.HOME_LIST)


def test_a_narrowed_search_is_not_whole():
    message = searchset(request())
    message["link"][0]["url"] += "&_lastUpdated=ge2026-01-01"
    assert heard(message).reach is Reach.EVENT


EPIC = "urn:oid:1.2.840.114350.1.13.999.1.7.2.657369"


@pytest.mark.parametrize(
    ("told", "code", "limits"),
    [
        (outcome("warning", "processing", (EPIC, "4119")), GapCode.STANDING_CAVEAT, False),
        (outcome("information", "invalid"), GapCode.STANDING_CAVEAT, False),
        (outcome("warning", "incomplete"), GapCode.PARTIAL, True),
        (outcome("warning", "not-found"), GapCode.FAILED, True),
        (outcome("information", "suppressed"), GapCode.LOCKED, True),
        (outcome("fatal", "processing", (EPIC, "4118")), GapCode.NOT_READ, True),
        (outcome("error", "forbidden"), GapCode.NOT_READ, True),
        (outcome("error", "exception"), GapCode.FAILED, True),
        ({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}, GapCode.FAILED, True),
    ],
)
def test_what_the_server_says_becomes_gaps(told, code, limits):
    for message in (told, searchset(request(), extra=({"resource": told, "search": {"mode": "outcome"}},))):
        (gap,) = heard(message).gaps
        assert (gap.code, gap.limits) == (code, limits)


@pytest.mark.parametrize(
    ("told", "allergies", "answered", "reasons"),
    [
        (allergy(), 1, True, []),
        (allergy("1631000175102", "Not on File", "unconfirmed"), 0, False, ["allergy-not-asked"]),
        (allergy("409137002", "NKDA"), 0, True, ["no-known-allergy"]),
    ],
)
def test_allergies(told, allergies, answered, reasons):
    reading = heard(searchset(told, kind="AllergyIntolerance"))
    assert (len(reading.allergies), reading.allergies_answered) == (allergies, answered)
    assert [u.reason for u in reading.unread] == reasons


def test_no_allergies_found_is_an_answer_and_a_withdrawn_one_is_refuted():
    assert heard(searchset(kind="AllergyIntolerance")).allergies_answered
    assert not heard(searchset()).allergies_answered
    (withdrawn,) = heard(allergy(verification="entered-in-error")).allergies
    assert withdrawn.refuted


def test_who_it_is_about():
    local = heard(searchset(request()))
    assert local.person.key == f"local:{SERVER}:p1"
    assert local.person.name == "Testesen, Tora"
    national = heard(searchset(request(), patient()))
    assert [(i.type, i.value) for i in national.person.identifiers] == [("FNR", FNR), ("local", "p1")]


def test_two_persons_in_one_message_are_refused():
    with pytest.raises(FormatError) as refusal:
        heard(searchset(request(), request(id="r2", subject={"reference": "Patient/p2"})))
    assert refusal.value.code is ErrorCode.TWO_PERSONS
    assert "p2" not in str(refusal.value)


def test_a_transaction_with_local_addresses():
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": patient(id="x"), "request": {"method": "POST", "url": "Patient"}},
        {
            "fullUrl": "urn:uuid:2",
            "resource": request(subject={"reference": "urn:uuid:1"}),
            "request": {"method": "POST", "url": "MedicationRequest"},
        },
        {"request": {"method": "DELETE", "url": "MedicationRequest/9"}},
        {"response": {"status": "404 Not Found"}},
    ]
    reading = heard({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert (len(reading.statements), reading.person.key) == (1, f"FNR::{FNR}")
    assert [(u.reason, u.text) for u in reading.unread] == [("deleted", "DELETE MedicationRequest/9")]
    assert [g.code for g in reading.gaps] == [GapCode.FAILED]


def test_a_list_says_what_no_resource_says():
    told = {
        "resourceType": "List",
        "id": "l1",
        "code": concept("http://loinc.org", "10160-0"),
        "date": "2026-01-02",
        "entry": [
            {"item": {"reference": "MedicationRequest/r1"}},
            {"item": {"display": "Paracetamol"}, "flag": {"text": "Prescribed"}},
            {"item": {"display": "Morfin"}, "deleted": True},
            {"item": {"reference": "Condition/c1"}},
        ],
    }
    reading = heard(searchset(request(), told))
    assert [s.name for s in reading.statements] == ["Furosemid tab 40 mg", "Paracetamol", "Morfin"]
    assert [s.status for s in reading.statements[1:]] == [None, SaidStatus.STOPPED]
    assert [u.reason for u in reading.unread] == ["list-item-not-in-message"]


@pytest.mark.parametrize(
    ("reason", "gap"),
    [
        ("nilknown", []),
        ("unavailable", [GapCode.NOT_READ]),
        ("notasked", [GapCode.NOT_READ]),
        ("withheld", [GapCode.LOCKED]),
    ],
)
def test_why_a_list_is_empty(reason, gap):
    system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
    told = {"resourceType": "List", "code": concept("x", "medications"), "emptyReason": concept(system, reason)}
    assert [g.code for g in heard(told).gaps] == gap


@pytest.mark.parametrize("kind", ["Observation", "Provenance", "MedicationKnowledge"])
def test_what_is_about_something_else(kind):
    reading = heard({"resourceType": kind})
    assert [g.code for g in reading.gaps] == [GapCode.NOT_MEDICATION]


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(name=st.sampled_from(sorted(request(dosageInstruction=[dosage()]))), value=ANY)
def test_a_value_of_the_wrong_type_never_breaks_the_reading(name, value):
    message = searchset(request(dosageInstruction=[dosage()]) | {name: value})
    try:
        reading = heard(message)
    except FormatError:
        return
    paths = {s.place.path for s in reading.statements} | {u.place.path for u in reading.unread}
    assert any(p.startswith("Bundle.entry[0]") for p in paths)
