"""Dialogue messages and receipts: written, valid, read back; and what others send."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from formats.apprec import (
    OK,
    REJECTED,
    AppRec,
    ReceiptError,
    error_for,
    errors_in,
    read_apprec,
    receipt_for,
    write_apprec,
)
from formats.dialog import Contact, DialogKind, DialogMessage, read_dialog
from formats.dialog_xml import theme, write_dialog
from formats.errors import ErrorCode, FormatError
from formats.msghead import Party, Unit, read_message
from formats.read import read
from formats.statement import Code, GapCode, Identifier, Person, Reading, Source
from formats.xmldoc import open_document

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
GOLDEN = Path(__file__).parent / "golden"
XSD = SHARED / "xsd" / "all.xsd"
with_schemas = pytest.mark.skipif(
    not XSD.exists(), reason="the official schemas are not on this machine: 5 checks left out"
)
with_samples = pytest.mark.skipif(
    not SHARED.exists(), reason="the official samples are not on this machine: 13 left out"
)

HOME_CARE = Party(
    units=(
        Unit("Eksempel kommune", (Identifier("HER", "80001", "2.16.578.1.12.4.1.1.9051"),)),
        Unit("Hjemmetjenesten nord", (Identifier("HER", "80002", "2.16.578.1.12.4.1.1.9051"),), "22000001"),
    )
)
OFFICE = Party(
    units=(Unit("Nordre legesenter", (Identifier("HER", "80010", "2.16.578.1.12.4.1.1.9051"),)),),
    name="Ida Marie Prøve",
    identifiers=(Identifier("HPR", "9999901", "2.16.578.1.12.4.1.1.8116"),),
    profession="LE",
)
PATIENT = Person(
    identifiers=(Identifier("FNR", "13894500233"),), name="Prøve Pasient", birth_date=date(1945, 9, 13), sex="2"
)
NURSE = Contact(name="Nils Sykepleier", role="21", profession="SP", hpr="9999902", phone="22000001")
DOCTOR = Contact(name="Ida Marie Prøve", role="24", profession="LE")
TEXT = 'Metoprolol <50 mg> & "depot":\nRF: 1 tablett × 2 (01.02.2026)\nLIB: ½ tablett (03.02.2026)'

NEW_1_1 = DialogMessage(
    version="1.1",
    kind=DialogKind.HEALTH,
    msg_id="6b0a4a52-0001-4000-8000-000000000001",
    sent=datetime(2026, 3, 2, 9, 15, tzinfo=timezone(timedelta(hours=1))),
    sender=HOME_CARE,
    receiver=OFFICE,
    patient=PATIENT,
    theme=theme("6", "1.1"),
    subject="Avvik i legemiddellisten",
    text=TEXT,
    contacts=(NURSE, DOCTOR),
)
REQUEST_1_0 = replace(
    NEW_1_1,
    version="1.0",
    kind=DialogKind.REQUEST,
    msg_id="6b0a4a52-0001-4000-8000-000000000002",
    theme=theme("4", "1.0"),
    subject="",
    contacts=(NURSE,),
)
FOLLOWING_1_1 = replace(
    NEW_1_1,
    msg_id="6b0a4a52-0001-4000-8000-000000000003",
    theme=theme("9", "1.1"),
    parent_id=NEW_1_1.msg_id,
    conversation_id=NEW_1_1.msg_id,
    contacts=(NURSE,),
)
ANSWER_1_0 = replace(
    REQUEST_1_0,
    kind=DialogKind.ANSWER,
    msg_id="6b0a4a52-0001-4000-8000-000000000004",
    sender=OFFICE,
    receiver=HOME_CARE,
    theme=Code("5", "2.16.578.1.12.4.1.1.9069", "Svar på forespørsel"),
    text="Riktig dose er 1 tablett. LIB er rettet.",
    asked=TEXT,
    parent_id=REQUEST_1_0.msg_id,
    conversation_id=REQUEST_1_0.msg_id,
)
MESSAGES = {"new-1.1": NEW_1_1, "request-1.0": REQUEST_1_0, "following-1.1": FOLLOWING_1_1, "answer-1.0": ANSWER_1_0}


@pytest.mark.parametrize("name", MESSAGES)
def test_written_as_agreed(name):
    assert write_dialog(MESSAGES[name]) == (GOLDEN / f"dialog-{name}.xml").read_bytes()


@pytest.mark.parametrize("name", MESSAGES)
def test_read_back_the_same(name):
    message = MESSAGES[name]
    assert read_dialog(write_dialog(message)) == message


@with_schemas
@pytest.mark.parametrize("name", MESSAGES)
def test_valid(name):
    etree.XMLSchema(file=str(XSD)).assertValid(etree.fromstring(write_dialog(MESSAGES[name])))


@given(text=st.text(min_size=1).filter(lambda t: t.strip()), subject=st.text(max_size=40))
def test_any_text_survives_as_words(text, subject):
    message = replace(FOLLOWING_1_1, text=text, subject=f"Om {subject}")
    raw = write_dialog(message)
    assert raw == write_dialog(message)
    kept = "".join(c for c in text if c.isprintable())
    read = read_dialog(raw).text
    assert [c for c in read if c.isprintable() and c not in " \ufffe\uffff"] == [
        c for c in kept if c not in " \ufffe\uffff"
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"patient": None}, "patient"),
        ({"patient": Person(name="Prøve Pasient")}, "patient"),
        ({"patient": Person(identifiers=PATIENT.identifiers)}, "patient"),
        ({"text": "  "}, "text"),
        ({"subject": ""}, "subject"),
        ({"contacts": (DOCTOR,)}, "responsible sender"),
        ({"contacts": (replace(NURSE, phone=""), DOCTOR)}, "responsible sender"),
        ({"contacts": (NURSE,)}, "contact at receiver"),
        ({"sent": datetime(2026, 3, 2, 9, 15)}, "time without a zone"),  # noqa: DTZ001 - that is the fault
        ({"parent_id": "x"}, "conversation"),
        ({"version": "2.0"}, "version"),
    ],
)
def test_what_the_profile_forbids_is_not_written(change, fault):
    with pytest.raises(ValueError, match=fault):
        write_dialog(replace(NEW_1_1, **change))


def test_rich_text_is_read_as_words_only():
    rich = (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>Dosen er <b>40 mg</b> nå.</p><script>alert(1)</script>'
        '<p>Ring <a href="http://x">oss</a></p></div>'
    )
    raw = write_dialog(FOLLOWING_1_1).decode()
    start, end = raw.index("<TekstNotatInnhold>") + 19, raw.index("</TekstNotatInnhold>")
    text = read_dialog((raw[:start] + rich + raw[end:]).encode()).text
    assert "Dosen er 40 mg nå." in text
    assert "Ring oss" in text
    assert "<" not in text
    assert "http" not in text


def test_something_else_is_refused():
    with pytest.raises(FormatError) as refused:
        read_dialog(write_apprec(RECEIPT))
    assert refused.value.code is ErrorCode.UNKNOWN_MESSAGE


RECEIPT = AppRec(
    version="1.1",
    id="6b0a4a52-0001-4000-8000-000000000009",
    generated=datetime(2026, 3, 2, 9, 16, 10, tzinfo=timezone(timedelta(hours=1))),
    status=REJECTED,
    sender=Party(units=(Unit("Nordre legesenter", (Identifier("HER", "80010"),)),), name="Ida Marie Prøve"),
    receiver=Party(
        units=(
            Unit("Eksempel kommune", (Identifier("HER", "80001"),)),
            Unit("Hjemmetjenesten nord", (Identifier("HER", "80002"),)),
        )
    ),
    original_id=NEW_1_1.msg_id,
    original_type=Code("DIALOG_HELSEFAGLIG", "", "Helsefaglig dialog"),
    original_issued=NEW_1_1.sent,
    errors=(ReceiptError.of("E21", "Legen har sluttet"),),
)
RECEIPTS = {
    f"{word}-{version}": replace(RECEIPT, version=version, status=status, errors=errors)
    for word, status, errors in (("rejected", REJECTED, RECEIPT.errors), ("ok", OK, ()))
    for version in ("1.0", "1.1")
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipt_written_as_agreed_and_read_back(name):
    raw = write_apprec(RECEIPTS[name])
    assert raw == (GOLDEN / f"apprec-{name}.xml").read_bytes()
    assert read_apprec(raw) == RECEIPTS[name]


@with_schemas
def test_receipts_are_valid():
    schema = etree.XMLSchema(file=str(XSD))
    for receipt in RECEIPTS.values():
        schema.assertValid(etree.fromstring(write_apprec(receipt)))


def test_a_receipt_mirrors_the_message_in_the_version_its_body_asks_for():
    message = read_message(open_document(write_dialog(NEW_1_1)).root)
    told = receipt_for(message.envelope, message.body.ns, receipt_id="r1", at=datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert (told.version, told.status, told.original_id) == ("1.1", OK, NEW_1_1.msg_id)
    assert told.original_issued == NEW_1_1.sent
    assert told.original_type.value == "DIALOG_HELSEFAGLIG"
    assert (told.sender.actor.her_id, told.receiver.actor.her_id) == ("80010", "80002")
    elder = read_message(open_document(write_dialog(REQUEST_1_0)).root)
    again = receipt_for(elder.envelope, elder.body.ns, receipt_id="r2", at=told.generated, errors=RECEIPT.errors)
    assert (again.version, again.status) == ("1.0", REJECTED)
    assert read_apprec(write_apprec(again)).errors == RECEIPT.errors


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (FormatError(ErrorCode.NOT_XML, "line 3"), "T01"),
        (FormatError(ErrorCode.WRONG_SCHEMA, "/MsgHead"), "T02"),
        (FormatError(ErrorCode.MISSING, "/MsgHead/MsgInfo/MsgId"), "E10"),
        (FormatError(ErrorCode.MISSING, "/MsgHead/MsgInfo/GenDate"), "T02"),
        (FormatError(ErrorCode.UNKNOWN_VERSION, "/x"), "T10"),
        (FormatError(ErrorCode.NO_PERSON, "/x"), "E36"),
        (FormatError(ErrorCode.TOO_LARGE, "/"), "T99"),
    ],
)
def test_what_a_refusal_is_called_in_a_receipt(refusal, code):
    assert error_for(refusal).code == code
    assert error_for(refusal).text


@pytest.mark.parametrize(
    ("person", "breaches", "codes"),
    [
        (None, (), ["E36"]),
        (Person(name="Prøve Pasient"), (), ["E30"]),
        (Person(identifiers=PATIENT.identifiers), (), ["E32"]),
        (PATIENT, ("/MsgHead/MsgInfo/Patient: bad-identifier (FNR)",), ["E31"]),
        (PATIENT, ("/MsgHead/MsgInfo/Sender: SCHEMAV_ELEMENT_CONTENT",), ["T02"]),
        (PATIENT, (), []),
    ],
)
def test_faults_of_a_message_that_was_read(person, breaches, codes):
    reading = Reading(message="x", source=Source.GP, person=person, breaches=breaches)
    assert [e.code for e in errors_in(reading)] == codes


WRITTEN = [*map(write_dialog, MESSAGES.values()), *map(write_apprec, RECEIPTS.values())]


@given(raw=st.sampled_from(WRITTEN), at=st.integers(0), size=st.integers(0, 60), put=st.binary(max_size=20))
def test_a_damaged_message_is_read_or_refused_and_nothing_else(raw, at, size, put):
    start = at % len(raw)
    damaged = raw[:start] + put + raw[start + size :]
    for reader in (read_dialog, read_apprec, read):
        with contextlib.suppress(FormatError):
            reader(damaged)


@given(raw=st.sampled_from(WRITTEN), taken=st.integers(0))
def test_a_message_with_an_element_gone_is_read_or_refused_and_nothing_else(raw, taken):
    tree = etree.fromstring(raw)
    elements = [e for e in tree.iter() if e.getparent() is not None]
    victim = elements[taken % len(elements)]
    victim.getparent().remove(victim)
    for reader in (read_dialog, read_apprec, read):
        with contextlib.suppress(FormatError):
            reader(etree.tostring(tree))


def test_in_intake_they_tell_of_no_medicines_and_keep_their_words():
    reading = read(write_dialog(FOLLOWING_1_1))
    assert [g.code for g in reading.gaps] == [GapCode.NOT_MEDICATION]
    assert [u.text for u in reading.unread] == [TEXT]
    assert (reading.parent_id, reading.conversation_id) == (NEW_1_1.msg_id, NEW_1_1.msg_id)
    receipt = read(write_apprec(RECEIPT))
    assert errors_in(receipt) == ()
    assert (receipt.parent_id, receipt.person, receipt.statements) == (NEW_1_1.msg_id, None, ())


@with_samples
@pytest.mark.parametrize(
    ("name", "kind", "answers"),
    [
        ("Dialogmelding-v1-0/Dialogmelding_avvik_v1-0.xml", DialogKind.DEVIATION, True),
        ("Dialogmelding-v1-0/Dialogmelding_foresporsel_PLO_v1-0.xml", DialogKind.REQUEST, False),
        ("Dialogmelding-v1-0/Dialogmelding_svar_foresporsel_PLO_v1-0.xml", DialogKind.ANSWER, True),
        ("Dialogmelding-v1-1/Helsefaglig_dialog.xml", DialogKind.HEALTH, True),
        ("Dialogmelding-v1-1/Helsefaglig_dialog_angi_profesjon_hos_mottaker.xml", DialogKind.HEALTH, False),
    ],
)
def test_official_messages_are_read(name, kind, answers):
    message = read_dialog((SHARED / "samples" / "dialogmelding" / name).read_bytes())
    assert (message.kind, message.is_answer) == (kind, answers)
    assert message.text
    assert message.theme.value
    assert message.contacts or kind is DialogKind.REQUEST
    assert bool(message.asked) == (kind is DialogKind.ANSWER)
    assert bool(message.enclosed) == (name.endswith("Helsefaglig_dialog.xml"))


@with_samples
@pytest.mark.parametrize(
    ("case", "codes"), [("11a", ["E30"]), ("14a", ["E30"]), ("14b", ["E31"]), ("16a", []), ("19", [])]
)
def test_official_acceptance_cases_get_their_code(case, codes):
    folder = SHARED / "samples" / "acceptance" / "mottak-Medisinske_opplysninger-v1_5"
    raw = (folder / f"Case1-{case}-Medisinske_opplysninger-v1_5.xml").read_bytes()
    assert [e.code for e in errors_in(read(raw))] == codes


@with_samples
def test_the_official_case_that_is_no_xml_gets_its_code():
    folder = SHARED / "samples" / "acceptance" / "mottak-Medisinske_opplysninger-v1_5"
    with pytest.raises(FormatError) as refused:
        read((folder / "Case1-2-Medisinske_opplysninger-v1_5.xml").read_bytes())
    assert error_for(refused.value).code == "T01"


@with_samples
def test_official_receipts_are_read():
    partly = read_apprec((SHARED / "samples/apprec/sarepta-npr-apprec-eksempel.xml").read_bytes())
    assert partly.accepted
    assert [e.code for e in partly.errors] == ["53", "1239", "531", "53", "531"]
    newer = read_apprec((SHARED / "samples/apprec/MetadataTests_Apprec11.xml").read_bytes())
    assert (newer.version, newer.status, newer.sender.name) == ("1.1", OK, "Rita Lin")
    ours = read_apprec((SHARED / "samples/generated/AppRec11_avvist.xml").read_bytes())
    assert (ours.accepted, ours.errors) == (False, (ReceiptError("E21", "Mottaker finnes ikke", "Legen har sluttet"),))
