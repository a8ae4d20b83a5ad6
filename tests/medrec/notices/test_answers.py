"""What comes back: receipts of both versions, answers, and the lists and extracts that lie in them."""

import base64
from datetime import date, timedelta
from pathlib import Path

import pytest
from house import (
    GP_HER,
    MONDAY,
    SELF_HER,
    files,
    flag,
    furnish,
    judged,
    letter_rows,
    receipt_of,
    reply_to,
    states,
    ticked,
)
from lxml import etree
from sqlalchemy import select

from formats.apprec import ReceiptError, read_apprec
from formats.dialog import read_dialog
from formats.msghead import MSGHEAD
from formats.statement import Kind
from medrec import clock, intake, listing, persons, work
from medrec.demo import eresept
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.envelope import attached
from medrec.demo.municipality import municipality
from medrec.notices import outbox, threads
from medrec.records import message as messages
from rules.conclusion import Severity

pytestmark = pytest.mark.usefixtures("routed")

HOUR = timedelta(hours=1)
EXTRACT = Path(__file__).parents[2] / "formats" / "plo" / "golden" / "extract.xml"
"""Three medicines of a GP's list and what the patient does not tolerate."""


@pytest.fixture(scope="module")
def said():
    """What the sources hold about one patient of the demo."""
    return municipality(1, 1, MONDAY.date(), demo_catalogue())[0]


@pytest.fixture
def written(database, said):
    """A critical letter about that patient, sent; returns its bytes."""
    anna = furnish(database, identifier=said.patient.identifier, name=said.patient.name)
    judged(database, anna, MONDAY, flag(severity=Severity.CRITICAL))
    ticked(database, MONDAY)
    return files(database)[0].read_bytes()


def received(database, raw, at=MONDAY + HOUR):
    with clock.held(at):
        return intake.receive(database, raw, channel="test")


def with_document(reply, *documents):
    root = etree.fromstring(reply)
    root.extend(documents)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def as_further_document(raw):
    """The main document of a message, to be put beside another."""
    return etree.fromstring(raw).find(f"{{{MSGHEAD}}}Document")


@pytest.mark.parametrize("where", ["attached", "beside", "attached without an envelope"])
def test_a_list_in_an_answer_goes_through_intake_as_any_message(database, written, said, where):
    m251 = eresept.m251(said, MONDAY + HOUR)
    document = attached(m251, "LIB") if where == "attached" else as_further_document(m251)
    if where == "attached without an envelope":
        document = attached(etree.tostring(document.find(".//{*}LegemidlerIBruk")), "LIB")
    receipt = received(database, with_document(reply_to(written), document))
    assert receipt.status == "accepted"
    with clock.held(MONDAY + HOUR):
        work.drain(database)
        with database.reading() as session:
            kept = session.execute(select(messages).where(messages.c.channel == "dialog")).one()
            person_id = persons.find(session, said.patient.identifier)
            stored = listing.current_list(session, person_id)
            assert (kept.outcome, kept.person_id) == ("accepted", person_id)
            assert kept.type.startswith("M25.1")
            assert sum(s.kind in {Kind.GP_LIST, Kind.PLL} for s in stored.statements.values()) == len(said.gp_list)
            (thread,) = threads.threads(session, person_id)
            assert [r.text for r in thread.replies] == ["Resepten er tilbakekalt."]
        assert received(database, with_document(reply_to(written), document)).status == "repeated"


@pytest.mark.parametrize("where", ["attached", "beside"])
def test_an_extract_in_an_answer_goes_through_intake_as_any_message(database, written, said, where):
    extract = EXTRACT.read_bytes().replace(b"13894500233", said.patient.identifier.encode())
    inside = etree.fromstring(extract).findall(f"{{{MSGHEAD}}}Document")
    documents = [attached(extract, "EPJ-ekstrakt")] if where == "attached" else inside
    assert received(database, with_document(reply_to(written), *documents)).status == "accepted"
    with clock.held(MONDAY + HOUR):
        work.drain(database)
    with database.reading() as session:
        kept = session.execute(select(messages).where(messages.c.channel == "dialog")).all()
        person_id = persons.find(session, said.patient.identifier)
        stored = listing.current_list(session, person_id)
    assert {(m.outcome, m.person_id) for m in kept} == {("accepted", person_id)}
    assert len([s for s in stored.statements.values() if s.kind is Kind.GP_LIST]) == 3
    assert {a.text for a in stored.reconciliation.allergies} >= {"Penicillin", "Morfin"}


@pytest.mark.parametrize("content", [b"%PDF-1.4 nothing", b"<broken", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_message_stays_in_the_answer(database, written, content):
    assert received(database, with_document(reply_to(written), attached(content, "vedlegg"))).status == "accepted"
    with database.reading() as session:
        assert session.execute(select(messages).where(messages.c.channel == "dialog")).all() == []


@pytest.mark.parametrize(("version", "errors"), [("1.0", ()), ("1.1", ()), ("1.0", (ReceiptError.of("T10"),))])
def test_a_receipt_of_either_version_settles_a_letter_of_its_version(database, version, errors):
    anna = furnish(database, {GP_HER: {"version": version}})
    judged(database, anna, MONDAY, flag(severity=Severity.CRITICAL))
    ticked(database, MONDAY)
    letter = files(database)[0].read_bytes()
    assert read_dialog(letter).version == version
    raw = receipt_of(letter, *errors)
    assert read_apprec(raw).version == version
    assert received(database, raw).status == "accepted"
    assert received(database, raw).status == "repeated"
    assert states(database) == ["rejected" if errors else "acknowledged"]
    with database.reading() as session:
        found = [(t.why, t.data.get("errors")) for t in threads.tasks(session) if t.why != "call"]
        assert found == ([("rejected", "T10 Støtter ikke meldingsformatet")] if errors else [])


def test_an_answer_gets_its_receipt_once_and_a_receipt_gets_none(database, written):
    answer = reply_to(written)
    received(database, answer)
    received(database, receipt_of(written))
    received(database, answer)
    with clock.held(MONDAY + HOUR):
        outbox.deliver(database)
    receipts = [read_apprec(f.read_bytes()) for f in files(database) if b"<AppRec" in f.read_bytes()]
    (receipt,) = receipts
    assert (receipt.original_id, receipt.accepted, receipt.version) == ("answer-1", True, "1.1")
    assert (receipt.sender.actor.her_id, receipt.receiver.actor.her_id) == (SELF_HER, GP_HER)
    assert receipt.original_type.value == "DIALOG_HELSEFAGLIG"


def test_a_message_that_is_not_for_us_gets_no_receipt(database, written):
    stray = reply_to(written).replace(SELF_HER.encode(), b"990999")
    received(database, stray)
    with clock.held(MONDAY + HOUR):
        outbox.deliver(database)
    assert not any(b"<AppRec" in f.read_bytes() for f in files(database))


def test_a_receipt_for_a_letter_that_is_not_ours_changes_nothing(database, written):
    strange = receipt_of(written.replace(read_dialog(written).msg_id.encode(), b"not-ours"))
    assert received(database, strange).status == "accepted"
    assert states(database) == ["sent"]


def test_an_answer_to_another_patients_letter_is_not_laid_in_its_thread(database, written):
    other = base64.b16encode(b"other").decode()
    stray = reply_to(written, msg_id=other).replace(b"FamilyName>", b"FamilyName>")
    told = read_dialog(stray)
    assert told.parent_id == read_dialog(written).msg_id
    from told import BERIT  # noqa: PLC0415 - only here

    raw = stray.replace(told.patient.identifiers[0].value.encode(), BERIT.encode())
    raw = raw.replace(told.patient.birth_date.isoformat().encode(), date(1941, 5, 17).isoformat().encode())
    received(database, raw)
    with database.reading() as session:
        berit = persons.find(session, BERIT)
        (thread,) = threads.threads(session, berit)
        assert thread.notices == ()
        assert thread.replies[0].answers is None


def test_an_answer_to_a_later_letter_of_a_thread_stands_on_what_that_letter_raised(database):
    anna = furnish(database)
    judged(database, anna, MONDAY, flag(1, Severity.CRITICAL))
    ticked(database, MONDAY)
    judged(database, anna, MONDAY + HOUR, flag(1, Severity.CRITICAL), flag(2, Severity.CRITICAL))
    ticked(database, MONDAY + HOUR)
    first, second = letter_rows(database)
    assert second.conversation_id == first.message_id
    answered = reply_to((database.settings.outbox / f"{second.message_id}.xml").read_bytes())
    received(database, answered, at=MONDAY + 2 * HOUR)
    with database.reading() as session:
        (thread,) = threads.threads(session, anna)
        assert [r.answers for r in thread.replies] == [second.id]
        assert set(threads.replies_by_flag(session, anna)) == set(thread.notices[1].raised)
