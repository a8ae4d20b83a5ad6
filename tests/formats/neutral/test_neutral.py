"""The neutral form: what is written is read as the same, what is said wrong is refused at its place."""

import json
import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Cycle,
    Dosage,
    Duration,
    Every,
    FixedPlusNeeded,
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
from formats.dosing_json import dosage_from_json, dosage_json
from formats.drug import AtcCode, FestId, Quantity, Varenr, read_strength
from formats.errors import ErrorCode, FormatError
from formats.jsondoc import open_json, parse
from formats.neutral import (
    FIELDS,
    allergies_from_case,
    allergy_from_json,
    allergy_json,
    statement_from_json,
    statement_json,
    statements_from_case,
    unknown_fields,
)
from formats.neutral_message import read_json, reading_json, write_json
from formats.read import read
from formats.statement import (
    Actor,
    Allergy,
    AsideReason,
    Code,
    GapCode,
    Identifier,
    Kind,
    Person,
    Place,
    Reach,
    SaidStatus,
    Signature,
    Source,
    Statement,
    StatementType,
    Use,
)

CASES = Path(__file__).resolve().parents[4] / "shared" / "data" / "cases" / "open.md"
PLACE = Place("hash", "statements[0]")

AMOUNTS = st.decimals("0", "999", places=3).flatmap(
    lambda low: st.decimals("0", "9", places=2).map(lambda more: Amount(low, low + more))
)
MAYBE = st.none() | AMOUNTS
MOMENTS = st.none() | st.sampled_from(list(PartOfDay)) | st.times().map(lambda t: t.replace(second=0, microsecond=0))
SMALL = st.integers(0, 90)
PER_DAY = st.builds(PerDay, st.none() | SMALL, st.none() | SMALL)
EVERY = st.builds(
    Every,
    SMALL,
    SMALL,
    st.sampled_from(list(PeriodUnit)),
    times=st.none() | st.tuples(SMALL, SMALL),
    turns=st.lists(AMOUNTS, max_size=3).map(tuple),
    at=MOMENTS,
)


def pairs(keys):
    return st.lists(st.tuples(keys, MAYBE), max_size=4).map(tuple)


SIMPLE = st.one_of(
    PER_DAY,
    st.builds(Slots, pairs(st.sampled_from(list(PartOfDay)))),
    st.builds(Clock, pairs(st.integers(0, 23).map(time))),
    st.builds(Weekdays, pairs(st.sampled_from(list(Weekday))), MOMENTS),
    EVERY,
    st.builds(Cycle, SMALL, SMALL, PER_DAY),
    st.just(Once()),
    st.just(AsNeeded()),
)
DURATIONS = st.none() | st.builds(Duration, SMALL, SMALL, st.sampled_from(list(PeriodUnit)))
DAYS = st.none() | st.dates()
STEPS = st.builds(
    Step,
    st.sampled_from(list(StepKind)),
    st.none() | SIMPLE,
    MAYBE,
    st.none() | st.decimals("-9", "9", places=2),
    DURATIONS,
    DAYS,
    DAYS,
)
SCHEDULES = st.one_of(
    SIMPLE,
    st.lists(STEPS, max_size=3).map(lambda s: Steps(tuple(s))),
    st.builds(FixedPlusNeeded, SIMPLE, PER_DAY | EVERY | st.just(AsNeeded()), MAYBE),
)
DOSAGES = st.builds(
    Dosage,
    dose=MAYBE,
    unit=st.none() | st.sampled_from(["tablett", "ml"]),
    schedule=st.none() | SCHEDULES,
    prn=st.booleans(),
    ceiling=st.none() | st.builds(Ceiling, st.decimals("0", "99", places=1), st.none() | st.just("mg")),
    duration=DURATIONS,
    per_side=st.booleans(),
    starts=DAYS,
    ends=DAYS,
)


@given(DOSAGES)
def test_every_dosage_is_read_as_it_was_written(dosage):
    text = json.dumps(dosage_json(dosage), ensure_ascii=False)
    assert dosage_from_json(parse(text.encode()), "dosage") == dosage


FULL = Statement(
    id="a1",
    source=Source.RF,
    kind=Kind.PRESCRIPTION,
    source_system="s",
    name="Metoprolol depottab 50 mg",
    atc=AtcCode("C07AB02"),
    varenr=Varenr("012345"),
    fest_id=FestId("ID_11111111-1111-4111-8111-111111111111"),
    codes=(Code("1", "sys", "words"),),
    substances=("metoprolol",),
    route="oral",
    release="prolonged",
    form="depottablett",
    form_code="25",
    strength="50 mg",
    unit_strengths=(Quantity(Decimal(50), "mg"),),
    dosage=Dosage(dose=Amount.of(1), schedule=PerDay(1, 1)),
    use=Use.FIXED,
    scheme=True,
    dated_by_envelope=True,
    type=StatementType.DECISION,
    change="ny",
    reason="fordi",
    status=SaidStatus.ACTIVE,
    decided=date(2026, 1, 1),
    recorded=date(2026, 1, 2),
    start=date(2026, 1, 3),
    end=date(2026, 2, 3),
    resume=date(2026, 2, 4),
    prescription_id="rx",
    treatment_id="t",
    order_id="o",
    version="2",
    replaces=("old",),
    valid_to=date(2027, 1, 1),
    quantity="98 stk",
    refills_left=0,
    last_dispensed=date(2026, 1, 5),
    packed=date(2026, 1, 6),
    next_roll=date(2026, 1, 20),
    in_multidose=False,
    administered_by="1234",
    exchange_reserved=True,
    intervention="206",
    indication="mot blodtrykk",
    author=Actor(name="A", hpr="1"),
    reported_by=Actor(organisation="B"),
    signed=Signature.NOT_CHECKED,
    note="n",
    aside=AsideReason.OLD,
    said_until=date(2026, 3, 1),
    times_said=3,
    place=PLACE,
)


def test_no_field_of_a_statement_is_left_out():
    told = json.loads(json.dumps(statement_json(FULL)))
    assert set(told) == FIELDS - {"dose_text"}
    assert {f.name for f in fields(Statement)} - {"read_dose"} == FIELDS
    assert statement_from_json(told, PLACE) == FULL


def test_absent_means_not_said():
    bare = Statement(source=Source.GP, kind=Kind.GP_LIST, place=PLACE)
    assert statement_json(bare) == {
        "source": "GP",
        "kind": "liste",
        "place": {"message": "hash", "path": "statements[0]"},
    }


def test_the_dose_text_is_kept_and_read():
    told = {"src": "GP", "kind": "liste", "name": "A", "dose": "1 tablett 2 ganger daglig"}
    statement = statement_from_json(told, PLACE)
    assert statement.dose_text == "1 tablett 2 ganger daglig"
    assert statement.read_dose.text == statement.dose_text
    assert statement.read_dose.dosage.schedule == PerDay(2, 2)


@pytest.mark.parametrize(
    ("told", "code", "place"),
    [
        ({"kind": "liste"}, ErrorCode.MISSING, "statements[0].source"),
        ({"source": "GP"}, ErrorCode.MISSING, "statements[0].kind"),
        ({"source": "XX", "kind": "liste"}, ErrorCode.WRONG_SCHEMA, "statements[0].source"),
        ({"source": "GP", "kind": "list"}, ErrorCode.WRONG_SCHEMA, "statements[0].kind"),
        ({"st": "aktiv"}, ErrorCode.WRONG_SCHEMA, "statements[0].status"),
        ({"dec": "1.2.2026"}, ErrorCode.BAD_DATE, "statements[0].decided"),
        ({"dec": "2026-02-30"}, ErrorCode.BAD_DATE, "statements[0].decided"),
        ({"name": ["A"]}, ErrorCode.WRONG_SCHEMA, "statements[0].name"),
        ({"name": True}, ErrorCode.WRONG_SCHEMA, "statements[0].name"),
        ({"substances": 3}, ErrorCode.WRONG_SCHEMA, "statements[0].substances"),
        ({"refills_left": "3"}, ErrorCode.BAD_NUMBER, "statements[0].refills_left"),
        ({"dosage": "1x1"}, ErrorCode.WRONG_SCHEMA, "statements[0].dosage"),
        ({"dosage": {"dose": 1.5}}, ErrorCode.BAD_NUMBER, "statements[0].dosage.dose"),
        ({"dosage": {"dose": "2-1"}}, ErrorCode.BAD_NUMBER, "statements[0].dosage.dose"),
        ({"dosage": {"schedule": {"kind": "weekly"}}}, ErrorCode.WRONG_SCHEMA, "statements[0].dosage.schedule.kind"),
        ({"unit_strengths": [{"value": "NaN", "unit": "mg"}]}, ErrorCode.BAD_NUMBER, "statements[0].unit_strengths[0]"),
        ({"unit_strengths": [{"value": "x"}]}, ErrorCode.BAD_NUMBER, "statements[0].unit_strengths[0]"),
    ],
)
def test_what_is_said_wrong_is_refused_at_its_place(told, code, place):
    whole = told if {"source", "kind"} & told.keys() else {"source": "GP", "kind": "liste"} | told
    with pytest.raises(FormatError) as refusal:
        statement_from_json(whole, PLACE)
    assert (refusal.value.code, refusal.value.place) == (code, place)


def test_a_code_of_no_known_shape_is_kept_as_said():
    statement = statement_from_json({"source": "GP", "kind": "liste", "atc": "WITHOUT", "varenr": 57932}, PLACE)
    assert (statement.atc, statement.varenr, statement.codes) == (None, "057932", (Code("WITHOUT", "atc"),))


def test_unknown_names_are_told():
    assert unknown_fields({"src": 1, "name": 2, "colour": 3, "apple": 4}) == ["apple", "colour"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,5 mg", [("2.5", "mg")]),
        ("16/12.5 mg", [("16", "mg"), ("12.5", "mg")]),
        ("400 mg/30 mg", [("400", "mg"), ("30", "mg")]),
        ("75 ug", [("75", "mikrog")]),
        ("100 IE/ml", [("100", "E/ml")]),
        ("50 mg/5 ml", [("10", "mg/ml")]),
        ("25 mikrogram/t", [("25", "mikrog/time")]),
        ("25 ug/h", [("25", "mikrog/time")]),
        ("9,5 mg/24 t", [("9.5", "mg/24 timer")]),
        ("9,5 mg/24h", [("9.5", "mg/24 timer")]),
        ("9,5 mg/24 timer", [("9.5", "mg/24 timer")]),
        ("14 mg/24t", [("14", "mg/24 timer")]),
        ("15 mg/16 timer", [("15", "mg/16 timer")]),
        ("10 000 E", [("10000", "E")]),
        ("0.125 mg", [("0.125", "mg")]),
        ("1.000 mg", []),
        ("1 mg/3 ml", []),
        ("5 mg/0 ml", []),
        ("10 mg tabl", []),
        ("mg", []),
        ("", []),
    ],
)
def test_strengths(text, expected):
    assert [(format(q.value, "f"), q.unit) for q in read_strength(text)] == expected


def message(**told) -> bytes:
    whole = {
        "medrec": "1",
        "source": "GP",
        "person": {"identifier": "14834135052", "name": "Tora Testesen", "birth_date": "1941-03-14"},
        "as_of": "2026-02-02T08:00:00",
        "reach": "whole",
        "kinds": ["liste"],
        "statements": [{"kind": "liste", "name": "Metoprolol", "dose": "1x1", "str": "50 mg"}],
        "allergies": [{"text": "Penicillin", "atc_group": "J01C"}],
        "gaps": [{"code": "partial", "text": "side 2 mangler"}],
    }
    return json.dumps(whole | told).encode()


def test_a_neutral_message():
    reading = read(message())
    assert (reading.message, reading.source, reading.reach, reading.kinds) == (
        "medrec/1",
        Source.GP,
        Reach.WHOLE,
        (Kind.GP_LIST,),
    )
    assert reading.person.key == "FNR::14834135052"
    assert reading.as_of.utcoffset().total_seconds() == 3600
    (statement,) = reading.statements
    assert (statement.source, statement.place.path) == (Source.GP, "statements[0]")
    assert statement.id
    assert (reading.allergies[0].atc, reading.allergies_answered) == ("J01C", True)
    assert [g.code for g in reading.gaps] == [GapCode.PARTIAL]
    assert not reading.complete


def test_ids_from_outside_are_not_taken_over():
    one, two = (
        read(message(statements=[{"id": i, "kind": "liste", "name": "A"}])).statements[0].id for i in ("x", "y")
    )
    assert one == two != "x"


def test_unknown_fields_are_kept_as_unread():
    reading = read(message(mood="good", statements=[{"kind": "liste", "name": "A", "colour": "red"}]))
    assert {(u.place.path, u.text) for u in reading.unread} == {("mood", "good"), ("statements[0].colour", "red")}


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"medrec": "2"}, ErrorCode.UNKNOWN_VERSION),
        ({"medrec": 1}, ErrorCode.UNKNOWN_VERSION),
        ({"source": "EPIC"}, ErrorCode.WRONG_SCHEMA),
        ({"as_of": "yesterday"}, ErrorCode.BAD_DATE),
        ({"reach": "all"}, ErrorCode.WRONG_SCHEMA),
        ({"statements": {}}, ErrorCode.WRONG_SCHEMA),
        ({"statements": ["A"]}, ErrorCode.WRONG_SCHEMA),
        ({"person": {"identifiers": [{"type": "FNR"}]}}, ErrorCode.MISSING),
        ({"person": {"birth_date": "1941"}}, ErrorCode.BAD_DATE),
        ({"gaps": [{"code": "gone"}]}, ErrorCode.WRONG_SCHEMA),
        ({"allergies": [{}]}, ErrorCode.MISSING),
    ],
)
def test_a_neutral_message_said_wrong(told, code):
    with pytest.raises(FormatError) as refusal:
        read(message(**told))
    assert refusal.value.code is code


def test_a_message_written_is_read_as_the_same():
    person = Person(
        identifiers=(Identifier("local", "7", "https://j.example"), Identifier("FNR", "14834135052")), name="T"
    )
    allergy = Allergy(source=Source.GP, text="Penicillin", certainty="confirmed", recorded=date(2026, 1, 1))
    statement = replace(FULL, id="", place=None)
    told = write_json(
        source=Source.RF,
        person=person,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        statements=(statement,),
        allergies=(allergy,),
        reach=Reach.WHOLE,
        kinds=(Kind.PRESCRIPTION,),
    )
    reading = read_json(open_json(json.dumps(told).encode()))
    assert reading.person == person
    assert [replace(s, place=None) for s in reading.statements] == [statement]
    assert [replace(a, place=None) for a in reading.allergies] == [allergy]
    assert reading_json(reading)["statements"][0]["name"] == FULL.name


def test_allergies_are_read_as_written():
    allergy = Allergy(
        source=Source.HP, text="Egg", substances=("egg",), refuted=True, author=Actor(name="A"), place=PLACE
    )
    assert allergy_from_json(json.loads(json.dumps(allergy_json(allergy))), PLACE) == allergy


@pytest.mark.skipif(not CASES.exists(), reason="no worked cases in ../shared")
def test_every_worked_case_is_read_and_written_as_the_same():
    blocks = re.findall(r"```yaml\n(.*?)```", CASES.read_text(encoding="utf-8"), re.DOTALL)
    count = 0
    for block in blocks:
        case = yaml.safe_load(block)
        for said, statement in zip(
            case["statements"], statements_from_case(case["statements"], case=case["id"]), strict=True
        ):
            count += 1
            assert statement.id == said["id"]
            assert (statement.dose_text or "") == said["dose"]
            assert statement.unit_strengths
            assert unknown_fields(said) == []
            assert statement_from_json(json.loads(json.dumps(statement_json(statement))), statement.place) == statement
        assert len(allergies_from_case(case.get("cave", []), case=case["id"])) == len(case.get("cave", []))
    assert (len(blocks), count) == (25, 84)
