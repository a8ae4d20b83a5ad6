"""One message walks down once and up once, on both databases."""

from datetime import timedelta

import pytest
from told import ANNA, BERIT, NOON, TODAY, hp, medicine, message, number, rf

from formats.statement import GapCode, Source
from medrec import clock, feed, hearing, intake, listing, persons, work, worklist
from medrec.ledger import FlagStatus


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def take(database, *raws, **more):
    receipts = [intake.receive(database, raw, channel="test", **more) for raw in raws]
    work.drain(database, today=TODAY)
    return receipts[-1]


def shown(database, person_id):
    with database.reading() as session:
        return listing.current_list(session, person_id)


def test_a_message_becomes_a_list(database):
    receipt = take(database, message(ANNA, medicine(), medicine("Paracet 500 mg", "1 tablett ved behov")))
    assert receipt.status == "accepted"
    assert receipt.problem is None
    told = shown(database, receipt.patient)
    assert told.version == 1
    assert {s.name for s in told.statements.values()} == {"Metoprolol 50 mg", "Paracet 500 mg"}
    on_lines = [i for line in told.reconciliation.lines for i in line.statements]
    assert sorted(on_lines) == sorted(told.statements)
    assert told.etag == "1.0"
    assert told.judged_on == TODAY


def test_the_same_bytes_again_are_no_news(database):
    raw = message(ANNA, medicine())
    first, second = take(database, raw), take(database, raw)
    assert second.status == "repeated"
    assert (second.message_id, second.patient) == (first.message_id, first.patient)
    assert shown(database, first.patient).version == 1


def test_the_same_words_in_a_new_envelope_make_no_new_version(database):
    first = take(database, message(ANNA, medicine(), message_id="one"))
    before = shown(database, first.patient)
    take(database, message(ANNA, medicine(), message_id="two", hours=1))
    after = shown(database, first.patient)
    assert after.version == before.version == 1
    assert after.statements.keys() == before.statements.keys()
    with database.reading() as session:
        (said,) = hearing.case_of(session, first.patient, TODAY).statements
    assert said.times_said == 2
    assert said.said_until is None


def test_what_a_newer_whole_no_longer_carries_is_last_said_and_still_there(database):
    first = take(database, message(ANNA, medicine("Furix 40 mg"), medicine(), hours=-48))
    take(database, message(ANNA, medicine()))
    with database.reading() as session:
        said = {s.name: s for s in hearing.case_of(session, first.patient, TODAY).statements}
    assert said["Metoprolol 50 mg"].said_until is None
    assert said["Furix 40 mg"].said_until == TODAY - timedelta(days=2)
    told = shown(database, first.patient)
    assert {s.name for s in told.statements.values()} == {"Furix 40 mg", "Metoprolol 50 mg"}


def test_a_torn_whole_does_not_tell_what_is_gone(database):
    first = take(database, message(ANNA, medicine("Furix 40 mg"), hours=-48))
    take(database, message(ANNA, medicine(), gaps=[{"source": "GP", "code": "partial"}]))
    with database.reading() as session:
        case = hearing.case_of(session, first.patient, TODAY)
    assert all(s.said_until is None for s in case.statements)
    assert [g.code for g in case.heard[Source.GP].gaps] == [GapCode.PARTIAL]


def test_a_lone_event_speaks_for_itself_only(database):
    receipt = take(database, rf(ANNA, medicine(kind="resept"), reach="event"))
    with database.reading() as session:
        heard = hearing.case_of(session, receipt.patient, TODAY).heard
    assert heard[Source.RF].limited
    assert [g.code for g in heard[Source.RF].gaps] == [GapCode.PARTIAL]
    assert heard[Source.GP].outcome == "not-read"


def test_pushed_sources_have_no_freshness_and_fetched_ones_have(database):
    first = intake.receive(database, hp(ANNA, medicine(kind="hjemmeliste")), channel="fhir")
    intake.receive(database, message(ANNA, medicine()), channel="api")
    with database.reading() as session:
        heard = hearing.case_of(session, first.patient, TODAY).heard
    assert (heard[Source.HP].fresh_hours_low, heard[Source.HP].fresh_hours_high) == (24, 72)
    assert heard[Source.GP].fresh_hours_low is None


def test_each_source_speaks_apart(database):
    receipt = take(database, message(ANNA, medicine()), hp(ANNA, medicine(kind="hjemmeliste"), system="journal"))
    with database.reading() as session:
        words = hearing.sources(session, receipt.patient, TODAY)
    assert [(w.source, w.source_system, w.whole, len(w.statements)) for w in words] == [
        (Source.GP, "", True, 1),
        (Source.HP, "journal", True, 1),
    ]


def test_a_d_number_replaced_keeps_the_person_and_the_words(database):
    d_number, later = number(5, d_number=True), number(5)
    first = take(database, message(d_number, medicine()))
    both = {"identifiers": [{"value": later}, {"value": d_number}], "name": "Anna Eksempel"}
    second = take(database, message(None, medicine(), person=both, hours=1))
    assert second.patient == first.patient
    third = take(database, message(later, medicine(), hours=2))
    assert third.patient == first.patient
    told = shown(database, first.patient)
    assert len(told.statements) == 1
    with database.reading() as session:
        card = persons.who(session, first.patient)
    assert [i.type for i in card.identifiers] == ["FNR", "DNR"]
    assert card.name == "Anna Eksempel"


def test_a_local_id_is_read_once_a_national_one_has_vouched_for_it(database):
    local = {"identifier": "E123", "type": "local", "system": "urn:journal"}
    unknown = take(database, hp(None, medicine(kind="hjemmeliste"), person=local))
    assert (unknown.status, unknown.problem.code) == ("quarantined", "person-unknown")
    vouched = {"identifiers": [{"value": ANNA}, {"value": "E123", "type": "local", "system": "urn:journal"}]}
    known = take(database, hp(None, medicine(kind="hjemmeliste"), person=vouched, hours=1))
    assert known.status == "accepted"
    again = take(database, hp(None, medicine(kind="hjemmeliste"), person=local, hours=2))
    assert (again.status, again.patient) == ("accepted", known.patient)


def test_a_message_asked_for_somebody_may_name_nobody_but_not_somebody_else(database):
    anna = take(database, message(ANNA, medicine()))
    local = {"identifier": "E9", "type": "local", "system": "urn:journal"}
    fetched = take(database, hp(None, person=local), asked_for=anna.patient, source=Source.HP)
    assert (fetched.status, fetched.patient) == ("accepted", anna.patient)
    other = take(database, hp(BERIT, medicine(kind="hjemmeliste")), asked_for=anna.patient, source=Source.HP)
    assert (other.status, other.problem.code, other.patient) == ("quarantined", "wrong-patient", None)
    with database.reading() as session:
        assert hearing.case_of(session, anna.patient, TODAY).heard[Source.HP].wrong_patient
        assert persons.find(session, BERIT) is None


def test_flags_open_close_and_open_again_under_one_id(database):
    def home_list(dose, recorded, hours):
        return hp(ANNA, medicine(kind="hjemmeliste", dose=dose, order_id="o1", recorded=recorded), hours=hours)

    kept = message(ANNA, medicine(dose="1 tablett daglig"), hours=-200)
    receipt = take(database, kept, home_list("1 tablett ukentlig", "2026-02-20", -100))
    with database.reading() as session:
        flags = {f.code: f for f in worklist.open_discrepancies(session, person_id=receipt.patient).rows}
    flag = flags["D02"]
    take(database, home_list("1 tablett daglig", "2026-02-21", -50))
    with database.reading() as session:
        assert worklist.flag(session, flag.id).state is FlagStatus.CLOSED
    with clock.held(NOON + timedelta(days=10)):
        take(database, home_list("1 tablett ukentlig", "2026-02-22", -10))
        with database.reading() as session:
            again = worklist.flag(session, flag.id)
    assert again.state is FlagStatus.OPEN
    assert again.opened_at == flag.opened_at
    assert again.reopened_at is not None
    with clock.held(NOON + timedelta(days=11)):
        take(database, home_list("1 tablett daglig", "2026-02-23", -9))
    with clock.held(NOON + timedelta(days=50)):
        take(database, home_list("1 tablett ukentlig", "2026-02-24", -8))
        with database.reading() as session:
            (later,) = [
                f for f in worklist.open_discrepancies(session, person_id=receipt.patient).rows if f.code == "D02"
            ]
    assert later.id != flag.id, "after more than 30 days it is a new one"


def test_changes_are_told_in_order_without_holes(database):
    for serial in range(1, 6):
        take(database, message(number(serial), medicine()))
    with database.reading() as session:
        told = feed.changes(session)
        assert [c.position for c in told] == [1, 2, 3, 4, 5]
        assert feed.changes(session, since=3)[0].position == 4
        assert feed.last_position(session) == 5


def test_a_hook_that_fails_takes_the_judgement_with_it_and_the_mark_stays(database, monkeypatch):
    def broken(_session, _done):
        raise RuntimeError

    monkeypatch.setattr(listing, "AFTER_REFRESH", [broken])
    receipt = intake.receive(database, message(ANNA, medicine()), channel="test")
    assert work.drain(database, today=TODAY).failed == 1
    assert shown(database, receipt.patient) is None
    monkeypatch.setattr(listing, "AFTER_REFRESH", [])
    assert work.drain(database, today=TODAY).judged == 0, "it waits a little first"
    with clock.held(NOON + timedelta(minutes=1)):
        assert work.drain(database, today=TODAY).judged == 1
    assert shown(database, receipt.patient).version == 1


def test_the_list_as_it_was(database):
    first = take(database, message(ANNA, medicine(), hours=-1))
    with clock.held(NOON + timedelta(days=1)):
        take(database, message(ANNA, medicine(), medicine("Furix 40 mg")))
    with database.reading() as session:
        then = listing.list_as_of(session, first.patient, NOON + timedelta(hours=1))
        notes = listing.versions(session, first.patient)
        assert listing.list_as_of(session, first.patient, NOON - timedelta(days=1)) is None
    assert len(then.statements) == 1
    assert [n.version for n in notes] == [2, 1]
