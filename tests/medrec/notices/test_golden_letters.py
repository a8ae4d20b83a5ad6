"""Each kind of letter, byte for byte, as receivers get it. MEDREC_WRITE_GOLDENS=1 in the environment writes anew."""

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from lxml import etree

from formats.dialog import read_dialog
from formats.dialog_xml import write_dialog
from formats.statement import Identifier, Kind, Person, SaidStatus, Source, Statement
from medrec.clock import OSLO
from medrec.notices.addresses import Receiver, Sender
from medrec.notices.letter import Letter, Point, message
from medrec.notices.whom import Role, To
from rules.conclusion import Discrepancy, Owner, Severity
from rules.discharge import NOT_IN_USE

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 3, 2, 12, tzinfo=OSLO)
SENDER = Sender(
    name="Hjemmesykepleien Nord", her_id="990061", organisation="Demo kommune", org_number="999000061",
    responsible="Kari Eksempel", phone="73000061",
)  # fmt: skip
ANNA = Person(
    identifiers=(Identifier("FNR", "17854100124"),), name="Anna Eksempel", birth_date=date(1941, 5, 17), sex="2"
)
GP = To(role=Role.GP, her_id="990011", hpr="9990001", name="Tone Eksempel", office="Demo legesenter", phone="73000011")
PHARMACY = To(role=Role.PHARMACY, her_id="990071", name="Demo apotek", office="Demo apotek", phone="73000071")
WARD = To(role=Role.HOSPITAL, her_id="990091", hpr="9990090", name="Mona Eksempel", office="Demo sykehus, medisinsk")
METOPROLOL = Statement(
    source=Source.RF, kind=Kind.PRESCRIPTION, name="Metoprolol depottab 50 mg", dose_text="1 tablett morgen",
    decided=date(2025, 6, 1), valid_to=date(2026, 6, 1),
)  # fmt: skip


def said(kind, dose, on, status=None, name="Metoprolol depottab 50 mg", source=Source.GP):
    return Statement(source=source, kind=kind, name=name, dose_text=dose, decided=on, status=status)


def point(code, severity, values, *evidence, owner=Owner.GP, note=""):
    flag = Discrepancy(
        code=code, about="metoprolol", severity=severity, owner=owner, also=(), lines=(), values=values,
        evidence=tuple(str(n) for n, _ in enumerate(evidence)),
    )  # fmt: skip
    return Point(flag=flag, evidence=evidence, note=note)


DRUG = {"drug": "Metoprolol depottab 50 mg"}
REVOKE = point(
    "B01", Severity.MODERATE,
    DRUG | {"date_a": date(2026, 2, 10), "src_a": "HP", "date_b": date(2025, 6, 1), "valid_to": date(2026, 6, 1)},
    METOPROLOL, said(Kind.DISCHARGE, "1 tablett morgen", date(2026, 2, 10), SaidStatus.STOPPED, source=Source.HP),
)  # fmt: skip
BOTH = {"sources": ("HP:hjemmeliste", "GP:liste")}
DAILY = point(
    "D13", Severity.CRITICAL, {"drug": "Metotreksat tab 2,5 mg", "expected": "week", "interval_a": "day"} | BOTH,
    said(Kind.HOME_LIST, "6 tabletter daglig", date(2026, 2, 20), name="Metotreksat tab 2,5 mg", source=Source.HP),
    said(Kind.GP_LIST, "6 tabletter daglig", date(2026, 1, 4), name="Metotreksat tab 2,5 mg"),
)  # fmt: skip
CARRIED = {"change": "endret", "date_a": date(2026, 2, 24), "dose_a": "1 tablett morgen og kveld", "dose_b": "1+0+0",
           "ask": "Metoprolol depottab 50 mg 1 tablett morgen og kveld", "date_b": date(2025, 6, 1)}  # fmt: skip
NOT_CARRIED = point(
    "B07", Severity.HIGH, DRUG | CARRIED,
    said(Kind.DISCHARGE, "1 tablett morgen og kveld", date(2026, 2, 24), source=Source.HP),
    said(Kind.GP_LIST, "1+0+0", date(2025, 6, 1)),
)  # fmt: skip
STOPPED = point(
    "B07", Severity.HIGH, DRUG | CARRIED
    | {"change": "seponerte", "dose_a": NOT_IN_USE, "ask": {"nb": "avslutt Metoprolol depottab 50 mg"}},
    said(Kind.DISCHARGE, "1 tablett morgen", date(2026, 2, 24), SaidStatus.STOPPED, source=Source.HP),
    said(Kind.GP_LIST, "1+0+0", date(2025, 6, 1)),
)  # fmt: skip
PACKED = point(
    "E03", Severity.CRITICAL, DRUG | {"date_a": date(2026, 2, 24), "next_roll": date(2026, 3, 9)},
    said(Kind.MULTIDOSE, "1 tablett morgen", date(2026, 1, 4), source=Source.RF),
    said(Kind.GP_LIST, "1 tablett morgen", date(2026, 2, 24), SaidStatus.STOPPED),
    owner=Owner.NURSE,
)  # fmt: skip
PAUSED = point(
    "B03", Severity.MODERATE, DRUG | {"date_a": date(2026, 2, 24), "src_a": "HP"},
    said(Kind.DISCHARGE, "", date(2026, 2, 24), SaidStatus.PAUSED, source=Source.HP), owner=Owner.HOSP,
)  # fmt: skip
ASKED = replace(REVOKE, note="Pasienten sier at hun fortsatt tar den.")
FOLLOWS = {
    "parent_id": "5f0c2c1e-0000-4000-8000-000000000000",
    "conversation_id": "5f0c2c1e-0000-4000-8000-000000000000",
}
LETTERS = {
    "urgent": {"points": (DAILY, REVOKE)},
    "daily": {"points": (REVOKE,)},
    "list-asked": {"points": (NOT_CARRIED,)},
    "hospital-stop-not-carried": {"points": (STOPPED,)},
    "with-solved": {"points": (NOT_CARRIED,), "solved": (REVOKE.flag,)} | FOLLOWS,
    "only-solved": {"points": (), "solved": (REVOKE.flag,)} | FOLLOWS,
    "asked-by-a-nurse": {"points": (ASKED,)},
    "old-version": {"points": (REVOKE,), "receiver": Receiver(her_id="990011", version="1.0")},
    "pharmacy": {"points": (PACKED,), "to": PHARMACY},
    "multidose-doctor": {"points": (PACKED,), "to": replace(GP, role=Role.MULTIDOSE)},
    "hospital": {"points": (PAUSED,), "to": WARD},
}


def made(name):
    told = {"to": GP, "receiver": Receiver(her_id="990011")} | LETTERS[name]
    letter = Letter(msg_id="5f0c2c1e-0000-4000-8000-000000000001", at=AT, sender=SENDER, patient=ANNA, **told)
    return write_dialog(message(letter))


@pytest.mark.parametrize("name", LETTERS)
def test_the_bytes_of_each_kind(name):
    file = GOLDEN / f"{name}.xml"
    if os.environ.get("MEDREC_WRITE_GOLDENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made(name))
    assert file.read_bytes() == made(name)


def test_no_golden_is_left_over():
    assert {f.stem for f in GOLDEN.glob("*.xml")} == set(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_each_follows_the_schema_and_is_read_in_twenty_seconds(shared, name):
    schema = etree.XMLSchema(etree.parse(shared / "data/xsd/all.xsd"))
    assert schema.validate(etree.fromstring(made(name))), schema.error_log.last_error
    text = read_dialog(made(name)).text
    words = 80 * max(1, len(LETTERS[name]["points"])) + 60
    assert len(text.split()) <= words, "a GP reads four words a second and has twenty seconds for a point"


@pytest.mark.parametrize("name", [n for n in LETTERS if LETTERS[n]["points"]])
def test_each_point_says_why_what_since_when_what_is_asked_and_what_closes_it(name):
    text = read_dialog(made(name)).text
    for number, _ in enumerate(LETTERS[name]["points"], start=1):
        (mine,) = [part for part in text.split("\n\n") if part.startswith(f"{number}. ")]
        lines = mine.splitlines()
        assert any(line.startswith("- ") and any(c.isdigit() for c in line) for line in lines)
        assert any(line.startswith("Vi ber om: ") for line in lines)
        assert lines[-1].startswith("Lukkes når ")
    assert "ikke oppgitt" not in text
    assert "None" not in text


def test_what_the_hospital_stopped_is_never_asked_to_be_dosed():
    text = read_dialog(made("hospital-stop-not-carried")).text
    assert "Vi ber om: Oppdater legemiddellisten (LIB): avslutt Metoprolol depottab 50 mg fra 24.02.2026." in text


@pytest.mark.parametrize("name", LETTERS)
def test_no_reader_is_given_an_order_that_is_meant_for_the_nurse(name):
    text = read_dialog(made(name)).text
    assert "Gi IKKE" not in text
    assert "Ta ut manuelt" not in text


def test_only_the_gp_is_told_to_expect_a_call():
    phoned = {name for name in LETTERS if "vi ringer også" in read_dialog(made(name)).text}
    assert phoned == {"urgent"}
    assert "Noe her haster. Dere når oss på telefon 73 00 00 61." in read_dialog(made("pharmacy")).text


def test_each_reader_is_asked_for_what_they_can_do():
    assert "Ta Metoprolol depottab 50 mg ut av rullen fra 09.03.2026" in read_dialog(made("pharmacy")).text
    assert "Bekreft at Metoprolol depottab 50 mg er seponert" in read_dialog(made("multidose-doctor")).text
