"""What can't be read is kept whole with code and place, changes no list, and is read when it can be."""

import json

import pytest
from told import ANNA, BERIT, NOON, TODAY, hp, medicine, message

from formats.errors import ErrorCode, FormatError
from formats.statement import GapCode, Source
from medrec import clock, hearing, intake, keeping, listing, quarantine, work


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def receive(database, raw, **more):
    receipt = intake.receive(database, raw, channel="test", **more)
    work.drain(database, today=TODAY)
    return receipt


BAD = {
    "empty": (b"", ErrorCode.EMPTY),
    "neither": (b"hello", ErrorCode.NOT_JSON),
    "torn xml": (b"<MsgHead", ErrorCode.NOT_XML),
    "dtd": (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', ErrorCode.DTD),
    "unknown json": (b'{"hello": 1}', ErrorCode.UNKNOWN_MESSAGE),
    "no date": (message(ANNA, medicine(start="soon")), ErrorCode.BAD_DATE),
    "wrong check digits": (message(ANNA[:-1] + str((int(ANNA[-1]) + 1) % 10), medicine()), None),
    "nobody": (message(None, medicine()), None),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_kept_whole_and_leaves_the_list_alone(database, name):
    raw, code = BAD[name]
    good = receive(database, message(ANNA, medicine(), hours=-1))
    with database.reading() as session:
        before = listing.current_list(session, good.patient)
    receipt = receive(database, raw)
    assert receipt.status == "quarantined"
    assert code is None or receipt.problem.code == code
    with database.reading() as session:
        assert listing.current_list(session, good.patient) == before
        assert keeping.raw_of(session, receipt.message_id) == raw
        (row,) = quarantine.waiting(session)
    assert (row.id, row.code, row.place) == (receipt.message_id, receipt.problem.code, receipt.problem.place)


def test_the_problem_tells_no_patient_data(database):
    for raw, _ in BAD.values():
        problem = receive(database, raw).problem
        for told in ("Anna", "Metoprolol", ANNA[:6]):
            assert told not in json.dumps([problem.code, problem.place, problem.text])


def test_a_message_waits_until_it_can_be_read(database, monkeypatch):
    read = intake.read

    def not_yet(_raw, **_):
        raise FormatError(ErrorCode.UNKNOWN_VERSION, "/MsgHead")

    monkeypatch.setattr(intake, "read", not_yet)
    raw = message(ANNA, medicine())
    first = receive(database, raw)
    assert receive(database, raw).status == "quarantined", "the same bytes again are tried again, and still wait"
    assert quarantine.retry(database).waiting == (first.message_id,)
    monkeypatch.setattr(intake, "read", read)
    assert quarantine.retry(database).accepted == (first.message_id,)
    work.drain(database, today=TODAY)
    again = receive(database, raw)
    assert again.status == "repeated"
    with database.reading() as session:
        assert len(listing.current_list(session, again.patient).statements) == 1
        assert quarantine.waiting(session) == ()


def test_a_fault_of_ours_in_reading_holds_up_nobody_else(database, monkeypatch):
    read = intake.read

    def faulty(raw, **_):
        if b"Furix" in raw:
            raise RuntimeError(ANNA)
        return read(raw)

    monkeypatch.setattr(intake, "read", faulty)
    bad, good = receive(database, message(ANNA, medicine("Furix 40 mg"))), receive(database, message(BERIT, medicine()))
    assert (bad.status, bad.problem.code, bad.problem.text) == ("quarantined", "our-fault", "RuntimeError")
    assert good.status == "accepted"


def test_reading_again_takes_up_items_that_were_not_understood(database, monkeypatch):
    read = intake.read
    monkeypatch.setattr(intake, "read", lambda raw, **_: read(raw.replace(b'"dose_text"', b'"dose_words"')))
    receipt = receive(database, message(ANNA, medicine()))
    monkeypatch.setattr(intake, "read", read)
    assert quarantine.retry(database).fewer_unread == (receipt.message_id,)
    work.drain(database, today=TODAY)
    with database.reading() as session:
        (said,) = listing.current_list(session, receipt.patient).statements.values()
    assert said.dose_text == "1 tablett morgen"


def test_what_reads_worse_than_before_keeps_its_reading(database, monkeypatch):
    receipt = receive(database, message(ANNA, medicine(), colour="red"))

    def broken(_raw, **_):
        raise FormatError(ErrorCode.WRONG_SCHEMA, "")

    monkeypatch.setattr(intake, "read", broken)
    quarantine.retry(database)
    with database.reading() as session:
        assert quarantine.waiting(session) == ()
        assert len(hearing.case_of(session, receipt.patient, TODAY).statements) == 1


def test_a_broken_answer_for_somebody_shows_as_a_gap_until_it_is_let_go(database):
    anna = receive(database, message(ANNA, medicine())).patient
    held = receive(database, b"<torn", asked_for=anna, source=Source.HP)
    gaps = lambda: [g.code for g in _heard(database, anna).gaps]  # noqa: E731 - asked twice below
    assert gaps() == [GapCode.QUARANTINED]
    with database.writing() as session:
        quarantine.release(session, held.message_id, by="Olga Ødegård", reason="sent by mistake")
    assert gaps() == []
    with pytest.raises(quarantine.NotWaiting), database.writing() as session:
        quarantine.release(session, held.message_id, by="x", reason="y")


def _heard(database, person_id):
    with database.reading() as session:
        return hearing.case_of(session, person_id, TODAY).heard[Source.HP]


def test_a_local_id_can_be_vouched_for_afterwards(database):
    anna = receive(database, message(ANNA, medicine())).patient
    raw = hp(None, medicine(kind="hjemmeliste"), person={"identifier": "E1", "type": "local", "system": "urn:j"})
    assert receive(database, raw).problem.code == "person-unknown"
    assert receive(database, raw, asked_for=anna).patient == anna


def test_asking_for_nobody_keeps_nothing(database):
    with pytest.raises(LookupError):
        intake.receive(database, message(ANNA), channel="test", asked_for="nobody")
    with database.reading() as session:
        assert quarantine.counts(session) == {}


def test_whose_person_can_not_be_told_any_more_keeps_its_reading(database, monkeypatch):
    """Its words stand with the person they were laid with; in quarantine they would stand there and wait at once."""
    receipt = receive(database, message(ANNA, medicine()))
    read = intake.read
    monkeypatch.setattr(intake, "read", lambda _raw, **_: read(message(None, medicine())))
    assert intake.read_again(database, receipt.message_id).status == "repeated"
    with database.reading() as session:
        assert quarantine.waiting(session) == ()
        assert len(listing.current_list(session, receipt.patient).statements) == 1
