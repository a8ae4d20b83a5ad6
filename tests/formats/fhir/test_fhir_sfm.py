"""SFM's answer, as small messages: what each element becomes, and what is missing."""

import json
from datetime import date
from decimal import Decimal

import pytest
from build_fhir import (
    EHELSE,
    FNR,
    METOPROLOL,
    coded,
    concept,
    error,
    line,
    medication,
    one_line,
    period,
    raw,
    registered,
    sfm,
    slot,
    urn,
)
from hypothesis import given
from hypothesis import strategies as st

from formats.dosage import schedule_text
from formats.errors import FormatError
from formats.fhir import read_json
from formats.identifiers import is_valid
from formats.jsondoc import open_json
from formats.statement import AsideReason, Kind, Reach, SaidStatus, Source, StatementType, Use


def heard(message: dict):
    return read_json(open_json(raw(message)))


def codes(reading) -> list[str]:
    return [g.code.value for g in reading.gaps]


def test_a_line_with_both_ids_is_a_list_entry_and_a_prescription_of_one_place():
    reading = heard(one_line(pll="pll-1", resept="rx-1", rf="E"))
    entry, prescription = reading.statements
    assert (entry.kind, prescription.kind) == (Kind.PLL, Kind.PRESCRIPTION)
    assert entry.place == prescription.place
    assert (entry.treatment_id, entry.prescription_id) == ("pll-1", "rx-1")
    assert (prescription.treatment_id, prescription.prescription_id) == ("pll-1", "rx-1")
    assert {s.source for s in reading.statements} == {Source.RF}
    assert (entry.type, entry.decided, entry.recorded) == (
        StatementType.DECISION,
        date(2026, 1, 10),
        date(2026, 1, 12),
    )
    assert (prescription.type, prescription.decided, prescription.valid_to) == (
        None,
        date(2026, 1, 10),
        date(2027, 1, 9),
    )
    assert (entry.fest_id, entry.atc, entry.form_code, entry.name) == (
        METOPROLOL,
        "C07AB02",
        "53",
        "Metoprolol depottab 50 mg",
    )
    assert (prescription.refills_left, entry.author.hpr, entry.author.name) == (3, "9999901", "LINE LEGESEN")


def test_the_person_and_the_time_are_the_registrys():
    reading = heard(one_line(pll="pll-1"))
    assert reading.person.key == f"FNR::{FNR}"
    assert is_valid(reading.person.identifiers[0])
    assert (reading.person.name, reading.person.birth_date) == ("Tora Testesen", date(1941, 3, 14))
    assert reading.as_of.isoformat() == "2026-02-02T08:00:00.123456+01:00"
    assert (reading.reach, reading.message, reading.complete) == (Reach.WHOLE, "SFM/getMedication", True)
    assert set(reading.kinds) == {Kind.PRESCRIPTION, Kind.PLL, Kind.MULTIDOSE}


def test_a_stopped_entry_may_have_a_live_prescription():
    told = one_line(
        pll="pll-1", resept="rx-1", status="stopped", rf="U", recall="2", stopped="2026-01-30T14:00:00+01:00"
    )
    entry, prescription = heard(told).statements
    assert (entry.status, entry.decided, entry.type) == (
        SaidStatus.STOPPED,
        date(2026, 1, 30),
        StatementType.DECISION,
    )
    assert (prescription.status, prescription.change) == (SaidStatus.ACTIVE, "Tilbakekalling: Seponering")


def test_a_stop_in_the_future_is_still_in_use():
    (entry,) = heard(one_line(pll="pll-1", status="stopped", stopped="2026-03-01T00:00:00+01:00")).statements
    assert (entry.status, entry.end) == (SaidStatus.ACTIVE, date(2026, 2, 28))


@pytest.mark.parametrize(
    ("rf", "recall", "status"),
    [
        ("E", "", SaidStatus.ACTIVE),
        ("U", "", SaidStatus.ACTIVE),
        ("R", "", SaidStatus.FINISHED),
        ("F", "", SaidStatus.EXPIRED),
        ("T", "2", SaidStatus.STOPPED),
        ("T", "1", SaidStatus.REPLACED),
        ("T", "3", SaidStatus.REPLACED),
        ("T", "4", SaidStatus.REVOKED),
        ("T", "", SaidStatus.REVOKED),
        ("A", "", SaidStatus.REVOKED),
        ("X", "", SaidStatus.REVOKED),
        ("B", "", None),
        ("H", "", None),
        ("", "", None),
    ],
)
def test_status_of_a_prescription_is_the_registrys_own(rf, recall, status):
    (prescription,) = heard(one_line(resept="rx-1", rf=rf, recall=recall)).statements
    assert prescription.status is status


def test_the_end_of_a_dosing_period_is_exclusive_and_a_gap_is_a_pause():
    periods = (
        period("2026-01-01", "2026-01-04", slot(1.0, "tablett", "1")),
        period("2026-01-05", "2026-01-08", slot(2.0, "tablett", "1"), slot(0.5, "tablett", "6")),
    )
    (entry,) = heard(one_line(pll="pll-1", periods=periods)).statements
    first, second = entry.dosage.schedule.steps
    assert (first.starts, first.ends) == (date(2026, 1, 1), date(2026, 1, 3))
    assert (second.starts, second.ends, entry.end) == (date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 7))
    assert schedule_text(second.schedule) == "slots{morgen=2,natt=0.5}"
    assert entry.dosage.unit == "tablett"


@pytest.mark.parametrize(
    "periods",
    [
        (period("2026-01-01", None, slot(1, "håndfull", "1")),),
        (period("2026-01-01", None, slot(1, "tablett", "9")),),
        (period("2026-01-01", None, slot(0, "tablett", "1")),),
        (period("2026-01-01", None, slot(1, "tablett", "1"), slot(1, "ml", "5")),),
        (period("2026-01-01", None, slot(1, "tablett", "1"), slot(1, "tablett", "1")),),
        (
            period("2026-01-01", "2026-01-10", slot(1, "tablett", "1")),
            period("2026-01-05", None, slot(1, "tablett", "1")),
        ),
    ],
    ids=["unit", "time of day", "zero", "two units", "twice in the morning", "overlap"],
)
def test_a_structure_not_wholly_understood_leaves_the_words_alone(periods):
    (entry,) = heard(one_line(pll="pll-1", periods=periods)).statements
    assert entry.dosage is None
    assert entry.dose_text == "1 tablett morgen"


def test_as_needed_and_a_fixed_structure_are_both_kept():
    periods = (period("2026-01-01", None, slot(5, "tablett", "1")),)
    (entry,) = heard(one_line(pll="pll-1", use="3", periods=periods)).statements
    assert entry.use is Use.PRN
    assert entry.dosage.prn is False
    assert entry.dosage.schedule.amounts[0][1].low == Decimal(5)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ((), ["not-read", "standing-caveat"]),
        (({"name": "RFHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00Z"},), ["standing-caveat"]),
        (
            (
                {"name": "RFHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00Z"},
                error("KJFeilkode", "5", "Ingen rettighet til KJ oppslag"),
                error("RFM96Feilkode", "2"),
                error("RFM912Feilkode", "0"),
                {"name": "RFHarLaste", "valueBoolean": True},
                {"name": "KJHarLaste", "valueBoolean": False},
            ),
            ["failed", "failed", "locked"],
        ),
    ],
)
def test_what_was_not_read_is_said(parameters, expected):
    message = sfm({"a": line("A", pll="1")}, {"A": medication("A", METOPROLOL)}, parameters=parameters)
    assert codes(heard(message)) == expected


def test_a_failed_prescription_lookup_is_not_whole_for_prescriptions():
    parameters = (
        {"name": "RFHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00Z"},
        error("RFM96Feilkode", "7"),
    )
    message = sfm({"a": line("A", pll="1")}, {"A": medication("A", METOPROLOL)}, parameters=parameters)
    assert heard(message).kinds == (Kind.PLL, Kind.MULTIDOSE)


def dispensing(**info) -> dict:
    told = [{"url": "prescriptionid", "valueString": "rx-1"}]
    told += [{"url": k, "valueBoolean": v} for k, v in info.items()]
    return {
        "resourceType": "MedicationDispense",
        "extension": [
            {"url": f"{EHELSE}sfm-dispenseinfo", "extension": told},
            {
                "url": f"{EHELSE}sfm-Intervention",
                "extension": [coded("code", "7412", "206", "Utsolgt"), {"url": "reason", "valueString": "tom hylle"}],
            },
        ],
        "identifier": [{"type": {"text": "M10id"}, "value": "m10-1"}],
        "status": "completed",
        "medicationReference": {"reference": urn("B")},
        "whenHandedOver": "2026-01-15",
        "quantity": {"value": 2.0},
    }


def test_a_dispensing_is_its_own_statement_and_its_medicine_no_list_line():
    medications = {"A": medication("A", METOPROLOL), "B": medication("B tab", "154203", "M01AE01")}
    reading = heard(sfm({"a": line("A", pll="1")}, medications, dispensings=(dispensing(),)))
    entry, handed = reading.statements
    assert entry.name == "A"
    assert (handed.kind, handed.varenr, handed.prescription_id) == (Kind.DISPENSING, "154203", "rx-1")
    assert (handed.last_dispensed, handed.quantity, handed.order_id) == (date(2026, 1, 15), "2", "m10-1")
    assert handed.intervention == "206 Utsolgt; tom hylle"


def test_a_cancelled_dispensing_is_set_aside():
    medications = {"A": medication("A", METOPROLOL), "B": medication("B", "154203")}
    reading = heard(sfm({"a": line("A", pll="1")}, medications, dispensings=(dispensing(cancellation=True),)))
    assert reading.statements[1].aside is AsideReason.CANCELLED


def packed(last: str = "2026-02-18T00:00:00+01:00", name: str = "sfm-pllInformation") -> dict:
    delivery = {
        "url": "deliveryinformation",
        "extension": [
            {"url": "prescriptionId", "valueReference": {"reference": urn("line-a")}},
            {"url": "datefirstdose", "valueDateTime": "2026-02-05T00:00:00+01:00"},
            {"url": "datelastdose", "valueDateTime": last},
        ],
    }
    info = {
        "resourceType": "Basic",
        "code": concept("http://ehelse.no/fhir/CodeSystem/sfm-message-type", "M25.3"),
        "extension": [
            {
                "url": f"{EHELSE}{name}",
                "extension": [{"url": "PLLdate", "valueDateTime": "2026-02-01T10:00:00+01:00"}, delivery],
            }
        ],
    }
    return sfm({"a": line("A", pll="1", resept="rx-1")}, {"A": medication("A", METOPROLOL)}, infos=(info,))


def test_the_roll_is_what_was_packed():
    roll = heard(packed()).statements[-1]
    assert (roll.kind, roll.type, roll.packed) == (Kind.MULTIDOSE, StatementType.COPY, date(2026, 2, 1))
    assert (roll.start, roll.next_roll, roll.prescription_id) == (date(2026, 2, 5), date(2026, 2, 19), "rx-1")


def test_a_roll_without_a_last_day_has_no_next_one():
    assert heard(packed(last="9999-12-31T23:59:59Z")).statements[-1].next_roll is None


def test_what_is_told_of_rolls_under_another_name_is_kept_unread():
    reading = heard(packed(name="sfm-pllInformation-2"))
    assert Kind.MULTIDOSE not in {s.kind for s in reading.statements}
    assert [u.reason for u in reading.unread] == ["pll-info"]
    assert "2026-02-05" in reading.unread[0].text


def test_a_dose_at_its_very_moment_is_said():
    given = slot(1.0, "tablett", "1")
    next(e for e in given["extension"] if e["url"] == "accurate")["valueBoolean"] = True
    exact, loose = (
        heard(one_line(pll="1", periods=(period("2026-01-01", None, one),))).statements[0]
        for one in (given, slot(1.0, "tablett", "1"))
    )
    assert exact.dosage == loose.dosage
    assert ["GisEksakt" in {c.system for c in s.codes} for s in (exact, loose)] == [True, False]


def test_who_answers_for_the_list():
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": urn("doctor")},
        "organization": {"display": "Fjellbygda legekontor"},
        "code": [concept(f"{VOLVEN_7490}", "M", "Multidoseansvarlig lege")],
    }
    info = {
        "resourceType": "Basic",
        "code": concept("x", "M25.1"),
        "author": {"reference": urn("doctor")},
        "extension": [
            {
                "url": f"{EHELSE}sfm-pllinformation",
                "extension": [{"url": "relatedparties", "valueReference": {"reference": urn("role")}}],
            }
        ],
    }
    extra = ({"fullUrl": urn("role"), "resource": role},)
    reading = heard(sfm({}, {}, infos=(info,), extra=extra))
    assert [(a.role, a.hpr, a.organisation) for a in reading.roles] == [
        ("L", "9999901", ""),
        ("M", "9999901", "Fjellbygda legekontor"),
    ]


VOLVEN_7490 = "urn:oid:2.16.578.1.12.4.1.1.7490"


def test_a_prescription_of_other_goods_is_told_and_set_aside():
    other = {
        "resourceType": "Basic",
        "code": {"text": "Bandasje"},
        "identifier": [{"type": {"text": "ReseptId"}, "value": "rx-9"}],
    }
    (statement,) = heard(sfm({}, {}, others=(other,))).statements
    assert (statement.aside, statement.name, statement.prescription_id) == (AsideReason.SUPPLY, "Bandasje", "rx-9")


def test_a_chain_of_renewals_points_at_its_head():
    lines = {"a": line("A", resept="rx-2", rf="E")}
    old = line("A", resept="rx-1", status="completed", partOf=[{"reference": urn("line-a")}])
    reading = heard(sfm(lines, {"A": medication("A", METOPROLOL)}, extra=({"fullUrl": urn("old"), "resource": old},)))
    head, older = reading.statements
    assert head.replaces == ("rx-1",)
    assert (older.status, older.aside) == (SaidStatus.REPLACED, AsideReason.REPLACED)


def test_a_local_medicine_without_code_keeps_its_words():
    (entry,) = heard(sfm({"a": line("Lokal salve", pll="1")}, {"Lokal salve": medication("Lokal salve")})).statements
    assert (entry.name, entry.atc, entry.fest_id) == ("Lokal salve", None, None)


def test_a_reference_that_leads_nowhere_is_a_gap_and_kept():
    message = one_line(pll="1")
    entries = message["parameter"][0]["resource"]["entry"]
    entries[:] = [e for e in entries if e["fullUrl"] != urn("line-a")]
    reading = heard(message)
    assert codes(reading) == ["partial"]
    assert [u.reason for u in reading.unread] == ["reference-not-in-message"]


def test_ids_of_a_new_lookup_are_the_same():
    one, two = one_line(pll="1", resept="2"), one_line(pll="1", resept="2")
    for entry in two["parameter"][0]["resource"]["entry"]:
        entry["resource"]["id"] = "another"
    bare = [[replace_place(s) for s in heard(m).statements] for m in (one, two)]
    assert bare[0] == bare[1]


def replace_place(statement):
    from dataclasses import replace  # noqa: PLC0415 - one use

    return replace(statement, place=None)


def test_who_instituted_it_stands_in_the_note():
    told = one_line(pll="1", extensions=(registered("2", "2026-01-01T08:00:00+01:00"),))
    (entry,) = heard(told).statements
    assert "Instituert av: LINE LEGESEN" in entry.note


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def nodes(value, way=()):
    """Every way into a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*way, key)
        yield from nodes(inner, (*way, key))


WHOLE = raw(
    one_line(
        pll="pll-1",
        resept="rx-1",
        rf="U",
        stopped="2026-01-30T14:00:00+01:00",
        periods=(period("2026-01-01", "2026-01-04", slot(1.0, "tablett", "1")),),
    )
)
WAYS = list(nodes(json.loads(WHOLE)))


@given(way=st.sampled_from(WAYS), value=ANY)
def test_any_value_anywhere_never_breaks_the_reading(way, value):
    message = json.loads(WHOLE)
    here = message
    for key in way[:-1]:
        here = here[key]
    here[way[-1]] = value
    try:
        reading = heard(message)
    except FormatError:
        return
    assert reading.statements or reading.unread or reading.gaps


@pytest.mark.parametrize("lost", ["the document", "the composition", "the section"])
def test_an_answer_without_its_list_was_not_read(lost):
    message = json.loads(WHOLE)
    bundle = message["parameter"][0]["resource"]
    if lost == "the document":
        del message["parameter"][0]["resource"]
    elif lost == "the composition":
        del bundle["entry"][0]
    else:
        del bundle["entry"][0]["resource"]["section"][0]
    reading = heard(message)
    assert codes(reading) == ["not-read"]
    assert reading.kinds == ()
    assert lost == "the document" or [u.reason for u in reading.unread] == ["not-in-a-section"]


@pytest.mark.parametrize(
    ("told", "decided"),
    [
        ({"rf": "U", "recall": "2"}, None),
        ({"rf": "U", "status": "stopped", "stopped": "2026-01-30T14:00:00+01:00"}, date(2026, 1, 30)),
        ({"status": "stopped", "stopped": "2026-01-30T14:00:00+01:00"}, date(2026, 1, 30)),
    ],
)
def test_a_stop_told_of_a_loose_prescription_is_a_decision_beside_it(told, decided):
    """formats.md section 11: sfm-discontinuation is a decision, also where no list has the medicine."""
    prescription, stop = heard(one_line(resept="rx-1", **told)).statements
    assert prescription.kind is Kind.PRESCRIPTION
    assert (stop.kind, stop.type, stop.decided) == (Kind.REVOCATION, StatementType.DECISION, decided)
    assert (stop.prescription_id, stop.place) == (prescription.prescription_id, prescription.place)


def test_a_stop_that_lies_ahead_is_none_of_a_loose_prescription():
    (prescription,) = heard(one_line(resept="rx-1", rf="E", stopped="2026-03-01T00:00:00+01:00")).statements
    assert prescription.status is SaidStatus.ACTIVE


def test_a_prescription_recalled_as_stopped_is_dated_by_the_stop():
    """Not by the day it was written: every list since would seem to be newer."""
    (prescription,) = heard(one_line(resept="rx-1", rf="T", recall="2")).statements
    assert (prescription.status, prescription.decided) == (SaidStatus.STOPPED, None)
    assert "2026-01-10" in {c.value for c in prescription.codes}
