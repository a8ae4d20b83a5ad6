"""What we write in FHIR: valid by fhir.resources, fit by our own checker, and every broken variant is caught."""

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from build_fhir import FNR, METOPROLOL, one_line, raw
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st

from formats.dosing import (
    Amount,
    Ceiling,
    Clock,
    Dosage,
    Duration,
    Every,
    Once,
    PartOfDay,
    PerDay,
    PeriodUnit,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekday,
    Weekdays,
)
from formats.drug import AtcCode, FestId
from formats.fhir.check import check_document
from formats.fhir.codes import DEFAULT
from formats.fhir.document import (
    Confirmation,
    Issue,
    ListDocument,
    ListLine,
    Mitigation,
    Product,
    SourceList,
    medication_list_document,
    operation_outcome,
)
from formats.fhir.dosage_out import dosage_elements
from formats.fhir.element import Element, FhirDoc
from formats.fhir.resources import narrative
from formats.fhir.timing import dosage_of
from formats.jsondoc import JsonDoc
from formats.read import read
from formats.statement import Actor, Allergy, GapCode, Identifier, Person, Source

AT = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
DOCTOR = Actor(name="Line Legesen", hpr="9999901")
MORNING = Dosage(
    unit="tablett", schedule=Slots(((PartOfDay.MORNING, Amount.of(1)), (PartOfDay.EVENING, Amount.of("0.5"))))
)


def statements():
    return read(raw(one_line(pll="0fa42261-fca0-4f94-1716-08dbe6830a55", resept="rx-1", rf="E"))).statements


def document(**told) -> ListDocument:
    said = statements()
    product = Product(
        name="Metoprolol depottab 50 mg",
        atc=AtcCode("C07AB02"),
        fest_id=FestId(METOPROLOL),
        fest_level="Virkestoff",
        form="Depottablett",
        form_code="25",
    )
    lines = (
        ListLine(
            id="metoprolol|oral|prolonged",
            status="active",
            product=product,
            state="conflict",
            text="1 tablett morgen, en halv kveld",
            dosage=MORNING,
            start=date(2026, 1, 11),
            indication="mot <høyt> blodtrykk",
            responsible=DOCTOR,
            derived_from=tuple(s.id for s in said),
            flag="02",
            changed=date(2026, 1, 30),
        ),
        ListLine(id="text:salve", status="unknown", product=Product(name="Salve"), state="unconfirmed"),
    )
    issue = Issue(
        id="D-1",
        code="D01",
        act_code="DOSE",
        severity="high",
        text='Dosen er ulik & "uavklart" <script>alert(1)</script>',
        identified=AT,
        lines=("metoprolol|oral|prolonged",),
        statements=tuple(s.id for s in said),
        mitigations=(Mitigation(code="notice-sent", text="Varsel sendt fastlege", at=AT, by=DOCTOR),),
    )
    sources = (
        SourceList(key="RF", title="Reseptformidleren", read_at=AT, note="M9.6", statements=said),
        SourceList(key="HP", title="Journal", read_at=None, empty_reason="unavailable"),
    )
    base = ListDocument(
        base="https://medrec.example.no/fhir",
        list_id="list-1",
        version="7",
        at=AT,
        subject=Person(
            identifiers=(Identifier("FNR", FNR),), name="Tora Testesen", birth_date=date(1941, 3, 14), sex="2"
        ),
        subject_id="opaque-1",
        software="0.1.0",
        lines=lines,
        issues=(issue,),
        sources=sources,
        allergies=(Allergy(source=Source.GP, text="Penicillin", atc=AtcCode("J01C"), reaction="utslett"),),
        gaps=("Journalen er ikke lest",),
    )
    return replace(base, **told)


def written(**told) -> dict:
    return medication_list_document(document(**told))


CONFIRMED = Confirmation(by=DOCTOR, at=AT, final=True)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"confirmation": CONFIRMED},
        {"confirmation": CONFIRMED, "amended": True},
        {"confirmation": Confirmation(by=Actor(name="Nora Nurse"), at=AT)},
        {"lines": (), "lines_empty": "nilknown"},
        {"issues": (), "sources": (), "allergies": (), "allergies_empty": "notasked"},
    ],
    ids=["plain", "final", "amended", "nurse", "no lines", "nothing else"],
)
def test_the_document_is_valid_and_fit(told):
    bundle = written(**told)
    Bundle.model_validate(bundle)
    assert check_document(bundle) == []


def resources(bundle: dict, kind: str) -> list[dict]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def test_the_status_of_the_document_is_who_confirmed_it():
    def status(**told):
        (composition,) = resources(written(**told), "Composition")
        return composition["status"], [a["mode"] for a in composition.get("attester", [])]

    nurse = Confirmation(by=Actor(name="Nora Nurse"), at=AT)
    assert status() == ("preliminary", [])
    assert status(confirmation=nurse) == ("preliminary", ["personal"])
    assert status(confirmation=CONFIRMED) == ("final", ["professional"])
    assert status(confirmation=CONFIRMED, amended=True) == ("amended", ["professional"])


def test_a_line_leads_to_what_each_source_said():
    bundle = written()
    known = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}
    line = next(r for r in resources(bundle, "MedicationStatement") if "extension" in r)
    kinds = [known[d["reference"]]["resourceType"] for d in line["derivedFrom"]]
    assert kinds == ["MedicationStatement", "MedicationRequest"]
    codes = [c["system"] for c in known[line["medicationReference"]["reference"]]["code"]["coding"]]
    assert codes == [
        "http://dmp.no/fhir/NamingSystem/festLegemiddelVirkestoff",
        "http://ehelse.no/fhir/CodeSystem/FEST",
        "http://www.whocc.no/atc",
    ]
    (issue,) = resources(bundle, "DetectedIssue")
    assert {known[i["reference"]]["resourceType"] for i in issue["implicated"]} == {
        "MedicationStatement",
        "MedicationRequest",
    }
    assert issue["detail"].endswith("<script>alert(1)</script>")


PLL, RESEPT = "0fa42261-fca0-4f94-1716-08dbe6830a55", "3443ea32-0b2c-4b61-9d41-234c2b15ef20"
AS_URI = "urn:ietf:rfc:3986"


@pytest.mark.parametrize(
    ("pll", "resept", "expected"),
    [
        (PLL, RESEPT, [("PLL", AS_URI, f"urn:uuid:{PLL}"), ("ReseptId", AS_URI, f"urn:uuid:{RESEPT}")]),
        (PLL.upper(), RESEPT.upper(), [("PLL", AS_URI, f"urn:uuid:{PLL}"), ("ReseptId", AS_URI, f"urn:uuid:{RESEPT}")]),
        ("pll-1", "rx-1", [("PLL", None, "pll-1"), ("ReseptId", None, "rx-1")]),
    ],
    ids=["uuids", "uuids in capitals", "no uuids"],
)
def test_a_line_is_named_as_the_sources_name_it(pll, resept, expected):
    """By system and value, as fhir.md 4.2 says, so that a client matches a line and what stands behind it."""
    said = read(raw(one_line(pll=pll, resept=resept, rf="E"))).statements
    source = SourceList(key="RF", title="Reseptformidleren", read_at=AT, note="M9.6", statements=said)
    line = replace(document().lines[0], treatment_ids=(pll,), prescription_ids=(resept,))
    bundle = written(lines=(line,), issues=(), sources=(source,))
    lines = [r for r in resources(bundle, "MedicationStatement") if "extension" in r]
    behind = [r for r in resources(bundle, "MedicationStatement") if "extension" not in r]
    behind += resources(bundle, "MedicationRequest")
    assert named(*lines) == expected
    assert set(named(*behind)) == set(expected)


def test_what_two_spellings_name_stands_once():
    line = replace(document().lines[0], treatment_ids=(PLL, PLL.upper(), "pll-1"))
    told = next(r for r in resources(written(lines=(line,)), "MedicationStatement") if "extension" in r)
    assert named(told) == [("PLL", AS_URI, f"urn:uuid:{PLL}"), ("PLL", None, "pll-1")]


def named(*told: dict) -> list[tuple[str, str | None, str]]:
    """The typed identifiers of resources: type, system, value."""
    every = [i for resource in told for i in resource["identifier"] if "type" in i]
    return [(i["type"]["text"], i.get("system"), i["value"]) for i in every]


def test_one_list_for_each_source_and_a_reason_where_it_is_empty():
    lists = {r["title"]: r for r in resources(written(), "List")}
    assert set(lists) == {"Reseptformidleren", "Journal", "Avstemt legemiddelliste"}
    assert lists["Journal"]["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert [e["flag"]["coding"][0]["code"] for e in lists["Avstemt legemiddelliste"]["entry"]] == ["02", "01"]


def test_narrative_is_inert():
    text = json.dumps([s["text"] for s in resources(written(), "Composition")[0]["section"]])
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_same_values_give_the_same_bytes():
    assert json.dumps(written()) == json.dumps(written())


AMOUNTS = st.decimals("0.25", "20", places=2).map(lambda d: Amount(d, d))
PARTS = st.sets(st.sampled_from(list(PartOfDay)), min_size=1)
COUNTS = st.integers(1, 12)


def simple():
    """Schedules that FHIR can say."""
    return st.one_of(
        st.builds(lambda n: PerDay(n, n), COUNTS),
        st.builds(lambda n, m: PerDay(n, n + m), COUNTS, COUNTS),
        st.builds(lambda n: Every(n, n, PeriodUnit.HOUR), st.integers(2, 72)),
        st.builds(lambda n, m: Every(n, n + m, PeriodUnit.HOUR), st.integers(2, 20), COUNTS),
        st.builds(lambda n: Every(n, n, PeriodUnit.DAY), st.integers(2, 90)),
        st.builds(lambda n, t: Every(n, n, PeriodUnit.DAY, times=(t, t)), st.integers(2, 90), st.integers(2, 5)),
        st.just(Once()),
    )


def said_in_fhir(dosage: Dosage, text: str = "som sagt") -> Dosage | None:
    doc = FhirDoc(JsonDoc({}, "hash"))
    elements = json.loads(json.dumps(dosage_elements(text, dosage)), parse_float=Decimal)
    return dosage_of([Element(e, "", doc) for e in elements], DEFAULT)


@given(amount=AMOUNTS, schedule=simple(), ceiling=st.none() | st.integers(1, 9))
def test_a_dosage_written_is_read_as_the_same(amount, schedule, ceiling):
    dosage = Dosage(dose=amount, unit="ml", schedule=schedule, ceiling=ceiling and Ceiling(Decimal(ceiling)))
    assert said_in_fhir(dosage) == dosage


@given(parts=PARTS, amounts=st.lists(AMOUNTS, min_size=7, max_size=7))
def test_parts_of_the_day_written_are_read_as_the_same(parts, amounts):
    slots = tuple((p, a) for p, a in zip(PartOfDay, amounts, strict=True) if p in parts)
    dosage = Dosage(unit="tablett", schedule=Slots(slots))
    read_back = said_in_fhir(dosage)
    same_amount = len({a for _, a in slots}) == 1 or read_back is not None
    assert same_amount
    assert read_back == dosage


def test_what_fhir_cannot_say_is_said_in_words():
    at_most = Dosage(dose=Amount.of(1), unit="tablett", schedule=PerDay(0, 3))
    (told,) = dosage_elements("inntil 3 daglig", at_most)
    assert "timing" not in told
    assert told["text"] == "inntil 3 daglig"
    assert dosage_elements("", None) == []


def test_steps_ends_and_lengths():
    steps = Steps(
        (
            Step(StepKind.GIVE, PerDay(1, 1), Amount.of(2), starts=date(2026, 1, 1), ends=date(2026, 1, 3)),
            Step(StepKind.HOLD, length=Duration(1, 1)),
            Step(StepKind.GIVE, Weekdays(((Weekday.MONDAY, Amount.of(1)),)), length=Duration(7, 14)),
        )
    )
    first, hold, last = dosage_elements("trapp", Dosage(unit="tablett", schedule=steps))
    assert [first["sequence"], hold["sequence"], last["sequence"]] == [1, 2, 3]
    assert first["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-01-01", "end": "2026-01-03"}
    assert "timing" not in hold
    assert last["timing"]["repeat"]["boundsRange"]["high"]["value"] == 14
    clock = Dosage(unit="ml", schedule=Clock(((datetime(2026, 1, 1, 8, tzinfo=UTC).time(), Amount.of(1)),)))
    assert dosage_elements("x", clock)[0]["timing"]["repeat"]["timeOfDay"] == ["08:00:00"]


def broken(path: str, value: object) -> dict:
    """The document with the value at `path` put in; `...` takes it away."""
    bundle = copy.deepcopy(written(confirmation=CONFIRMED))
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    here = bundle
    for name in way:
        here = (
            next(r for r in (e["resource"] for e in bundle["entry"]) if r["resourceType"] == name)
            if str(name)[0].isupper()
            else here[name]
        )
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return bundle


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("type", "dokument", "code-not-allowed"),
        ("identifier", ..., "missing"),
        ("timestamp", ..., "missing"),
        ("total", 3, "total-on-document"),
        ("entry.1.fullUrl", "urn:uuid:other", "dangling-reference"),
        ("entry.0.resource", {"resourceType": "Patient"}, "composition-not-first"),
        ("entry.2.resource", None, "no-resource"),
        ("Composition.status", "ferdig", "code-not-allowed"),
        ("Composition.section", ..., "missing"),
        ("Composition.section.0.entry", ..., "entry-or-reason"),
        ("Composition.section.1.text", ..., "section-without-text"),
        ("Composition.section.0.text.div", narrative("<script>x</script>")["div"], "unsafe-narrative"),
        ("Composition.section.0.text.div", narrative('<p onclick="x">y</p>')["div"], "unsafe-narrative"),
        ("Composition.section.0.text.div", narrative('<a href="javascript:x">y</a>')["div"], "unsafe-narrative"),
        ("Composition.section.0.text.div", narrative("<p>y")["div"], "unsafe-narrative"),
        ("Composition.section.0.text.div", "<p>x</p>", "unsafe-narrative"),
        ("Composition.date", "3.2.2026", "bad-date"),
        ("Composition.author", [], "empty"),
        ("List.status", "aktiv", "code-not-allowed"),
        ("List.mode", "snap", "code-not-allowed"),
        ("List.entry", ..., "entry-or-reason"),
        ("List.entry.0.deleted", True, "deleted-without-changes"),
        ("MedicationStatement.status", "aktiv", "code-not-allowed"),
        ("MedicationStatement.medicationReference", ..., "missing"),
        ("MedicationStatement.effectivePeriod", {"start": "2026-02-01", "end": "2026-01-01"}, "end-before-start"),
        ("MedicationStatement.effectivePeriod", {}, "missing"),
        ("MedicationRequest.intent", "ordre", "code-not-allowed"),
        ("MedicationRequest.subject.reference", "Patient/1", "dangling-reference"),
        ("DetectedIssue.severity", "critical", "code-not-allowed"),
        ("DetectedIssue.status", "open", "code-not-allowed"),
        ("Patient.gender", "kvinne", "code-not-allowed"),
        ("Provenance.agent", ..., "missing"),
    ],
)
def test_the_checker_sees_what_is_broken(path, value, code):
    assert code in {p.code for p in check_document(broken(path, value))}


@pytest.mark.parametrize(("name", "value"), [("when", ["MORGEN"]), ("periodUnit", "dag"), ("dayOfWeek", ["man"])])
def test_the_checker_sees_wrong_timing_codes(name, value):
    bundle = written()
    line = next(r for r in resources(bundle, "MedicationStatement") if "extension" in r)
    line["dosage"][0]["timing"]["repeat"][name] = value
    assert "code-not-allowed" in {p.code for p in check_document(bundle)}


def test_our_own_document_is_read_without_loss():
    bundle = written()
    reading = read(raw(bundle))
    said = {s.place.path for s in reading.statements} | {u.place.path for u in reading.unread}
    wanted = [
        f"Bundle.entry[{i}].resource"
        for i, e in enumerate(bundle["entry"])
        if e["resource"]["resourceType"] in {"MedicationStatement", "MedicationRequest"}
    ]
    assert set(wanted) <= said
    assert reading.as_of - AT == timedelta(0)


def test_an_outcome_is_valid_and_is_read_as_a_gap():
    told = operation_outcome([("warning", "incomplete", "Journalen svarte ikke"), ("error", "conflict", "stale")])
    OperationOutcome.model_validate(told)
    assert [g.code for g in read(raw(told)).gaps] == [GapCode.PARTIAL, GapCode.FAILED]
