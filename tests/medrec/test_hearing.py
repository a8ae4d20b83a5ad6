"""How sources are heard where the neutral form can't tell it: readings carried along, other offices, failed fetches."""

from dataclasses import replace

import pytest
from told import ANNA, BERIT, NOON, TODAY, hp, medicine, message, rf

from formats.statement import Actor, Kind, Source
from medrec import clock, hearing, intake, roster
from medrec.roster import RosterRow
from medrec.sources.log import FetchOutcome, note
from rules.conclusion import Outcome


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def heard_as(database, monkeypatch, heard, raw=b"bytes of another form"):
    """Take in a message that reads as `heard`."""
    monkeypatch.setattr(intake, "read", lambda _raw, **_: heard)
    return intake.receive(database, raw, channel="test")


def case_of(database, person_id):
    with database.reading() as session:
        return hearing.case_of(session, person_id, TODAY)


def test_what_came_along_in_the_same_bytes_is_each_sources_own_word(database, monkeypatch):
    inner = replace(intake.read(rf(ANNA, medicine(kind="resept"))), person=None)
    outer = replace(intake.read(message(ANNA, medicine())), also=(inner,))
    receipt = heard_as(database, monkeypatch, outer)
    heard = case_of(database, receipt.patient).heard
    assert (heard[Source.GP].outcome, heard[Source.RF].outcome) == (Outcome.READ, Outcome.READ)


def test_two_persons_in_the_parts_of_one_message_are_refused_whole(database, monkeypatch):
    inner = intake.read(rf(BERIT, medicine(kind="resept")))
    outer = replace(intake.read(message(ANNA, medicine())), also=(inner,))
    receipt = heard_as(database, monkeypatch, outer)
    assert (receipt.status, receipt.problem.code) == ("quarantined", "wrong-patient")


@pytest.mark.parametrize(("office", "expected"), [("8001", (Source.GP, Kind.GP_LIST)), ("8002", (Source.RF, Kind.PLL))])
def test_a_list_sent_by_another_office_than_the_gps_is_the_national_list(database, monkeypatch, office, expected):
    row = RosterRow(identifier=ANNA, district="Nord", starts=TODAY, gp_her_id="8001", gp_hpr="1234567")
    with database.writing() as session:
        roster.load(session, [row], TODAY)
    sent = replace(intake.read(message(ANNA, medicine())), message="M25.1/test", sender=Actor(her_id=office))
    receipt = heard_as(database, monkeypatch, sent)
    case = case_of(database, receipt.patient)
    assert [(s.source, s.kind) for s in case.statements] == [expected]
    assert case.heard[expected[0]].outcome is Outcome.READ


def test_the_doctor_of_the_multidose_is_known_from_the_roles(database, monkeypatch):
    roles = (Actor(hpr="7654321", role="M"), Actor(hpr="1111111", role="A"))
    sent = replace(intake.read(rf(ANNA, medicine(kind="multidose"))), roles=roles)
    receipt = heard_as(database, monkeypatch, sent)
    assert case_of(database, receipt.patient).multidose_doctors == ("7654321",)


def test_a_source_that_was_asked_and_failed_is_failed_until_it_is_read(database):
    anna = intake.receive(database, message(ANNA, medicine()), channel="test").patient

    def fetched(outcome):
        with database.writing() as session:
            note(session, channel="fhir", outcome=outcome, person_id=anna, source=Source.HP, code="timeout")
        return case_of(database, anna).heard[Source.HP].outcome

    assert fetched(FetchOutcome.FAILED) is Outcome.FAILED
    intake.receive(database, hp(ANNA, medicine(kind="hjemmeliste")), channel="fhir")
    assert fetched(FetchOutcome.FAILED) is Outcome.READ, "what was read before stands; its age is told"


@pytest.mark.parametrize(
    ("hours", "outcome"), [(-83.5, Outcome.READ), (-84.5, Outcome.STALE)], ids=["00:30 on 27.2.", "23:30 on 26.2."]
)
def test_a_fetched_source_is_old_by_days_in_oslo(database, hours, outcome):
    """On 2.3., three days (the high limit) are not over for what was fetched half an hour into 27.2.: 26.2. in UTC."""
    anna = intake.receive(database, hp(ANNA, medicine(kind="hjemmeliste"), hours=hours), channel="fhir").patient
    assert case_of(database, anna).heard[Source.HP].outcome is outcome


def test_allergies_are_the_union_and_a_withdrawal_counts(database):
    told = [{"text": "Penicillin"}, {"text": "Nøtter"}]
    anna = intake.receive(database, message(ANNA, allergies=told, hours=-9), channel="test").patient
    later = [{"text": "Penicillin", "refuted": True}]
    intake.receive(database, message(ANNA, allergies=later), channel="test")
    known = {a.text: a.refuted for a in case_of(database, anna).allergies}
    assert known == {"Nøtter": False, "Penicillin": True}
