"""SFM from the token to the nurse's list: HelseID, proof of possession, the patient in the body, what was left out."""

import json
from datetime import timedelta

import pytest
from sourcing import answering, at, care_row, client, demo_people, in_care, outcomes, rounds_at, sfm_server
from sqlalchemy import select
from told import ANNA, NOON, TODAY

from formats.read import read
from medrec import hearing, listing, persons, work
from medrec.demo import eresept
from medrec.demo.servers import Manner, Reply
from medrec.demo.sfm_answer import answer
from medrec.demo.sign import Signer
from medrec.records import message
from medrec.sources.http_client import Breaker, HttpClient

ASKED = "/Patient/$getMedication"
SAID = ("name", "atc", "varenr", "dose_text", "use", "status", "decided", "valid_to", "indication")


@pytest.fixture(scope="module")
def people():
    return demo_people(12)


@pytest.fixture
def sfm(people):
    with sfm_server(answering(people)) as server:
        yield server


def row(said):
    return care_row(said.patient.identifier, said.patient.name)


def fetched(database, sfm, *rows, line=None):
    with rounds_at(sfm, "sfm", line) as rounds, at(NOON):
        in_care(database, *rows)
        fresh = rounds.tick(database)
        work.drain(database)
    return fresh


def list_of(database, said):
    with database.reading() as session:
        person = persons.find(session, said.patient.identifier)
        return listing.current_list(session, person), hearing.sources(session, person, TODAY)


def test_everybody_in_care_is_fetched_and_stands_on_a_list(database, people, sfm):
    assert fetched(database, sfm, *map(row, people)) == len(people)
    for said in people:
        stored, words = list_of(database, said)
        told = {s.prescription_id for s in stored.statements.values() if s.prescription_id}
        assert {p.id for p in said.prescriptions} <= told
        assert {(w.source, w.channel, w.message_type) for w in words} == {("RF", "sfm", "SFM/getMedication")}
        assert {w.heard.as_of for w in words} == {NOON}


def test_no_number_stands_in_an_address_or_a_header(sqlite_database, people, sfm):
    fetched(sqlite_database, sfm, *map(row, people))
    asked = [request for request in sfm.asked if request.path.endswith(ASKED)]
    assert len(asked) == len(people)
    numbers = {said.patient.identifier for said in people}
    told = " ".join(f"{r.path} {r.query} {dict(r.headers)}" for r in sfm.asked)
    assert not [n for n in numbers if n in told]
    assert len({r.headers["nhn-event-id"] for r in asked}) == len(asked)


def test_one_token_is_enough_and_each_request_proves_its_key(sqlite_database, people, sfm):
    """The endpoint checks every signature, claim and proof itself, and refuses each jti it has seen."""
    fetched(sqlite_database, sfm, *map(row, people))
    assert len(sfm.tokens.seen) == 1
    assert [claims["htm"] for claims in sfm.tokens.proofs] == ["POST"] * (1 + len(people))
    assert {claims["nonce"] for claims in sfm.tokens.proofs} == {sfm.tokens.nonce}


def test_locked_prescriptions_are_told_in_the_log_and_on_the_list(sqlite_database, people):
    said = people[0]
    with sfm_server({said.patient.identifier: lambda: locked(said)}) as sfm:
        fetched(sqlite_database, sfm, row(said))
    assert outcomes(sqlite_database) == [("partial", "locked")]
    stored, _ = list_of(sqlite_database, said)
    assert ("RF", "locked") in {(g.source.value, g.code.value) for g in stored.reconciliation.gaps}
    assert not stored.reconciliation.complete


def locked(said):
    told = answer(said, NOON)
    next(p for p in told["parameter"] if p["name"] == "RFHarLaste")["valueBoolean"] = True
    return told


def failed(said, name):
    """200, and the look-up behind it failed."""
    told = answer(said, NOON)
    parameter = next(p for p in told["parameter"] if p["name"] == name)
    parameter["valueCodeableConcept"]["coding"][0] |= {"code": "3", "display": "Teknisk feil"}
    return told


@pytest.mark.parametrize("name", ["RFM96Feilkode", "KJFeilkode"])
def test_a_look_up_that_failed_behind_a_200_is_no_whole_reading(sqlite_database, people, name):
    said = people[0]
    with sfm_server({said.patient.identifier: lambda: failed(said, name)}) as sfm:
        fetched(sqlite_database, sfm, row(said))
    assert outcomes(sqlite_database) == [("partial", "failed")]
    stored, _ = list_of(sqlite_database, said)
    assert not stored.reconciliation.complete


def test_a_patient_it_does_not_know_is_a_failure_told(sqlite_database, sfm):
    fetched(sqlite_database, sfm, care_row(ANNA))
    assert outcomes(sqlite_database) == [("failed", "status-404")]


def test_the_answer_about_somebody_else_is_kept_apart(sqlite_database, people):
    """The right question, the wrong patient's answer: nothing of it reaches a list (G05)."""
    asked, other = people[0], people[1]
    with sfm_server({asked.patient.identifier: lambda: answer(other, NOON)}) as sfm:
        fetched(sqlite_database, sfm, row(asked))
    [(outcome, code)] = outcomes(sqlite_database)
    assert (outcome, code) == ("failed", "quarantined-wrong-patient")
    stored, _ = list_of(sqlite_database, asked)
    assert not stored.statements
    assert "G05" in {d.code for d in stored.reconciliation.discrepancies}


def test_the_same_again_is_said_again_and_changes_no_list(sqlite_database, people, sfm):
    said = people[0]
    fetched(sqlite_database, sfm, row(said))
    before, _ = list_of(sqlite_database, said)
    with rounds_at(sfm, "sfm") as rounds, at(NOON + timedelta(hours=13)):
        assert rounds.tick(sqlite_database) == 1, "every answer has new temporary ids, and is a message of its own"
        work.drain(sqlite_database)
    after, words = list_of(sqlite_database, said)
    assert after.version == before.version
    assert set(after.statements) == set(before.statements)
    assert {w.heard.as_of for w in words} == {NOON + timedelta(hours=13)}


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        ("timeout", Reply(200, manner=Manner.HANG)),
        ("cut-off", Reply(200, b'{"resourceType": "Parameters"}', manner=Manner.SHORT)),
        ("garbage", Reply(200, b"<html>Logg inn</html>")),
        ("status-502", Reply(502, b"<html>Bad gateway</html>")),
    ],
)
def test_each_way_of_failing_leaves_its_outcome(sqlite_database, people, sfm, code, reply):
    sfm.always(ASKED, reply)
    fetched(sqlite_database, sfm, row(people[0]), line=client(timeout=2.0) if code == "timeout" else None)
    assert outcomes(sqlite_database) == [("failed", code)]
    stored, _ = list_of(sqlite_database, people[0])
    assert ("RF", "failed") in {(g.source.value, g.code.value) for g in stored.reconciliation.gaps}


def test_told_to_wait_it_waits_and_asks_nobody_else_meanwhile(sqlite_database, people, sfm):
    """429 with ten minutes of Retry-After: more than anybody waits for, so the whole source is left alone."""
    line = HttpClient(per_second=500.0, breaker=Breaker())
    with rounds_at(sfm, "sfm", line, at_once=1) as rounds, at(NOON):
        in_care(sqlite_database, *map(row, people))
        sfm.always(ASKED, Reply(429, b"", {"Retry-After": "600"}))
        assert rounds.tick(sqlite_database) == 0
        sfm.always(ASKED, None)
        assert rounds.tick(sqlite_database) == 0
        assert sum(r.path.endswith(ASKED) for r in sfm.asked) == 1
        assert line.breaker.open
    assert outcomes(sqlite_database) == [("failed", "status-429")]


def test_a_token_taken_back_is_asked_for_anew(sqlite_database, people, sfm):
    with rounds_at(sfm, "sfm") as rounds:
        with at(NOON):
            in_care(sqlite_database, row(people[0]))
            rounds.tick(sqlite_database)
            sfm.tokens.forget()
            sfm.tokens.nonce = "another"
        with at(NOON + timedelta(hours=13)):
            assert rounds.tick(sqlite_database) == 1
    assert [outcome for outcome, _ in outcomes(sqlite_database)] == ["ok", "ok"]
    assert len(sfm.tokens.seen) == 2


def test_a_client_that_helseid_does_not_know_is_refused(sqlite_database, people, sfm):
    with rounds_at(sfm, "sfm", client(), client_id="somebody-else") as rounds, at(NOON):
        in_care(sqlite_database, row(people[0]))
        rounds.tick(sqlite_database)
    assert outcomes(sqlite_database) == [("refused", "token-400")]


def test_sfm_says_of_each_prescription_what_the_registrys_own_list_says(people):
    """The demo's two ways to the registry hold the same truth, field by field."""
    signer = Signer()
    for said in people:
        by_sfm, by_m96 = (
            {s.prescription_id: s for s in read(raw).statements if s.kind == "resept"}
            for raw in (json.dumps(answer(said, NOON)).encode(), eresept.m96(said, NOON, signer))
        )
        assert set(by_sfm) == set(by_m96)
        for own, statement in by_sfm.items():
            assert [getattr(statement, f) for f in SAID] == [getattr(by_m96[own], f) for f in SAID]


def test_the_recording_as_it_was_published_is_fetched_and_told_as_incomplete(sqlite_database, shared):
    """The published answer of SFM: 200, while one look-up was refused and locked prescriptions exist."""
    raw = (shared / "data/fhir/sfm/troy-getMedication-v3.9-e-multidose.json").read_bytes()
    number = next(i.value for i in read(raw).person.identifiers if i.type == "FNR")
    with sfm_server({number: lambda: raw}) as sfm:
        assert fetched(sqlite_database, sfm, care_row(number, "Troy Hammer")) == 1
    assert outcomes(sqlite_database) == [("partial", "failed,locked")]
    with sqlite_database.reading() as session:
        stored = listing.current_list(session, persons.find(session, number))
        assert session.scalars(select(message.c.outcome)).all() == ["accepted"]
    assert len({s.place for s in stored.statements.values() if s.kind in {"pll", "resept"}}) == 10
    assert not stored.reconciliation.complete
