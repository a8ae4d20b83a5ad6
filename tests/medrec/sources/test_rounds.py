"""A journal on loopback, answering as recorded: what is fetched, what is kept back, how it stands in the log."""

from datetime import timedelta

import pytest
from sourcing import at, care_row, chart, client, in_care, journal_server, order, outcomes, rounds_at
from sqlalchemy import select
from told import ANNA, BERIT, NOON

from medrec import clock, hearing, keeping, listing, persons, work
from medrec.demo.servers import Manner, Reply
from medrec.records import fetch_state, message, source_note
from medrec.sources.http_client import Breaker
from medrec.sources.rounds import claim

REQUESTS, ALLERGIES = "/MedicationRequest", "/AllergyIntolerance"


@pytest.fixture
def journal():
    with journal_server() as server:
        yield server


@pytest.fixture
def rounds(journal):
    with rounds_at(journal, "fhir") as made:
        yield made


def messages(database):
    with database.reading() as session:
        return list(session.scalars(select(message.c.outcome)))


def test_all_pages_are_one_message_and_what_is_kept_back_is_told(database, journal, rounds):
    journal.journal.granted.discard("AllergyIntolerance")
    journal.journal._page = 1
    with at(NOON):
        in_care(database)
        assert rounds.tick(database) == 1
        assert rounds.tick(database) == 0, "not her turn again yet"
    assert outcomes(database) == [("partial", "allergies-status-403")]
    assert not any(ANNA in request.path + str(request.query) for request in journal.asked)
    assert sum(request.path.endswith(REQUESTS) for request in journal.asked) == 2
    assert messages(database) == ["accepted"]
    with at(NOON + timedelta(hours=13)):
        assert rounds.tick(database) == 0, "the same content is no news"
    assert len(outcomes(database)) == 2
    assert len(messages(database)) == 1


def test_a_next_page_on_another_host_is_not_followed(sqlite_database, journal, rounds):
    elsewhere = {"relation": "next", "url": "http://elsewhere.invalid/x"}
    entry = {"resource": order(1), "search": {"mode": "match"}}
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": [elsewhere], "entry": [entry]}
    journal.instead(REQUESTS, Reply.of(bundle))
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
        person = work_off(sqlite_database)
    assert outcomes(sqlite_database) == [("partial", "next-on-another-host,partial")]
    assert gaps(sqlite_database, person, "HP") == {"partial"}


def work_off(database):
    work.drain(database)
    with database.reading() as session:
        return persons.find(session, ANNA)


def gaps(database, person, source):
    with database.reading() as session:
        told = listing.current_list(session, person).reconciliation.gaps
    return {gap.code.value for gap in told if gap.source == source}


BROKEN = {
    "status-404": Reply(404, b"<!DOCTYPE html><html>404</html>", {"Content-Type": "text/html"}),
    "status-500": Reply(500, b'{"resourceType": "OperationOutcome"}'),
    "garbage": Reply(200, b"\x00\xffgarbage"),
    "cut-off": Reply(200, b'{"resourceType": "Bundle"', manner=Manner.SHORT),
    "timeout": Reply(200, manner=Manner.HANG),
}
ALSO = {"timeout": Reply(200, b"{", manner=Manner.DRIP), "cut-off": Reply(200, manner=Manner.NOT_HTTP)}


@pytest.mark.parametrize(("code", "reply"), [*BROKEN.items(), *ALSO.items()])
def test_a_source_that_lies_hangs_or_fails_is_told_and_nothing_of_it_is_kept(
    sqlite_database, journal, rounds, code, reply
):
    journal.always(REQUESTS, reply)
    line = client(timeout=2.0) if code == "timeout" else client()
    with at(NOON), rounds_at(journal, "fhir", line) as failing:
        in_care(sqlite_database)
        assert failing.tick(sqlite_database) == 0
        person = work_off(sqlite_database)
        assert outcomes(sqlite_database) == [("failed", code)]
        assert messages(sqlite_database) == []
        assert gaps(sqlite_database, person, "HP") == {"failed"}
    journal.always(REQUESTS, None)
    with at(NOON + timedelta(hours=2)):
        assert rounds.tick(sqlite_database) == 1, "her turn comes again, and what is well again is read"
        work.drain(sqlite_database)
        assert "failed" not in gaps(sqlite_database, person, "HP")


def test_a_refusal_with_an_empty_body_is_a_refusal(sqlite_database, journal, rounds):
    journal.journal.granted.discard("MedicationRequest")
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    assert outcomes(sqlite_database) == [("refused", "status-403")]


def test_a_filter_that_was_ignored_never_lays_others_medicines_at_her_door(sqlite_database, journal, rounds):
    """200 with everybody's requests, as a server answers that ignores `patient`."""
    journal.journal.ignores.add("patient")
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
        person = work_off(sqlite_database)
        [(outcome, code)] = outcomes(sqlite_database)
        with sqlite_database.reading() as session:
            case = hearing.case_of(session, person, clock.today())
    assert (outcome, code.startswith("quarantined-")) == ("failed", True)
    assert not case.statements


def test_those_who_are_visited_next_are_asked_for_first(sqlite_database, journal, rounds):
    late = care_row(ANNA, visit="2026-03-02T20:00")
    soon = care_row(BERIT, "Berit Eksempel", visit="2026-03-02T13:00")
    with at(NOON):
        in_care(sqlite_database, late, soon)
        object.__setattr__(rounds._asking.endpoint, "at_once", 1)
        rounds.tick(sqlite_database)
    asked = [r.form["identifier"].rpartition("|")[2] for r in journal.asked if r.path.endswith("/_search")]
    assert asked == [BERIT, ANNA]


def asked_with(journal, parameter):
    return [r for r in journal.asked if parameter in r.query]


def test_last_updated_is_asked_by_only_where_it_is_listed(sqlite_database, journal, rounds):
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    with at(NOON + timedelta(hours=13)):
        rounds.tick(sqlite_database)
    assert not asked_with(journal, "_lastUpdated")
    assert [outcome for outcome, _ in outcomes(sqlite_database)] == ["ok", "ok"]


def twice_with_last_updated(database, changed_after, ignored=()):
    held = chart(changed={f"MedicationRequest/r{n}": NOON - timedelta(days=3) for n in (1, 2)})
    with journal_server({ANNA: held}, lists_last_updated=True) as journal, rounds_at(journal, "fhir") as rounds:
        with at(NOON):
            in_care(database)
            assert rounds.tick(database) == 1
        held.changed["MedicationRequest/r2"] = NOON + changed_after
        if changed_after > timedelta(0):
            held.requests[1]["dosageInstruction"][0]["text"] = "2 tabletter morgen"
        journal.journal.ignores.update(ignored)
        journal.asked.clear()
        with at(NOON + timedelta(hours=13)):
            fresh = rounds.tick(database)
        return fresh, journal


def test_nothing_changed_is_asked_and_read_as_fresh(sqlite_database):
    fresh, journal = twice_with_last_updated(sqlite_database, timedelta(days=-2))
    assert fresh == 0
    assert len(asked_with(journal, "_lastUpdated")) == 2
    assert not any("Medication/" in request.path for request in journal.asked), "nothing was read again"
    assert outcomes(sqlite_database) == [("ok", ""), ("ok", "")]
    with sqlite_database.reading() as session:
        state = session.execute(select(fetch_state)).one()
    assert state.ok_at == NOON + timedelta(hours=13)
    assert state.whole_at == NOON, "so that all is read again after a day"


def test_what_has_changed_is_read_whole(sqlite_database):
    fresh, _ = twice_with_last_updated(sqlite_database, timedelta(hours=3))
    assert fresh == 1


def test_a_parameter_that_is_listed_and_ignored_all_the_same_hides_no_change(sqlite_database):
    fresh, _ = twice_with_last_updated(sqlite_database, timedelta(hours=3), ignored={"_lastUpdated"})
    assert fresh == 1
    assert len(messages(sqlite_database)) == 2


def test_which_software_answers_is_noted(sqlite_database, rounds):
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    with sqlite_database.reading() as session:
        assert session.execute(select(source_note.c.name, source_note.c.value)).all() == [
            ("fhir.software", "Demo journal 2026.1")
        ]


def test_a_source_that_stays_away_is_left_alone_and_nobodys_turn_is_lost(sqlite_database, journal):
    rows = [care_row(ANNA), care_row(BERIT, "Berit Eksempel")]
    line = client(breaker=Breaker(failures=1, rest=3600.0))
    with rounds_at(journal, "fhir", line, at_once=1) as rounds:
        journal.always("/_search", Reply(503))
        with at(NOON):
            in_care(sqlite_database, *rows)
            rounds.tick(sqlite_database)
            assert line.breaker.open
            assert outcomes(sqlite_database) == [("failed", "status-503")], "the other was not asked for in vain"
        journal.always("/_search", None)
        line.breaker._until = 0.0  # it has rested
        with at(NOON + timedelta(hours=1)):
            assert rounds.tick(sqlite_database) == 2
    assert [outcome for outcome, _ in outcomes(sqlite_database)] == ["failed", "ok", "ok"]


def test_a_round_that_died_between_claim_and_answer_loses_nobody(sqlite_database, rounds):
    with at(NOON):
        in_care(sqlite_database)
        assert len(sqlite_database.once(lambda session: claim(session, "fhir", 20))) == 1
        assert rounds.tick(sqlite_database) == 0, "claimed by the one that died"
    with at(NOON + timedelta(minutes=11)):
        assert rounds.tick(sqlite_database) == 1


def test_what_is_fetched_is_as_fresh_as_its_fetch(sqlite_database, rounds):
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
        person = work_off(sqlite_database)
    with at(NOON + timedelta(hours=13)):
        rounds.tick(sqlite_database)
        with sqlite_database.reading() as session:
            told = hearing.sources(session, person, clock.today())
    assert {(word.channel, word.heard.as_of) for word in told} == {("fhir", NOON + timedelta(hours=13))}
    assert keeping.ACCEPTED in messages(sqlite_database)


def test_the_sources_own_page_says_how_the_newest_fetch_ended(sqlite_database, journal, rounds):
    journal.journal.granted.discard("AllergyIntolerance")
    with at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
        person = work_off(sqlite_database)
        with sqlite_database.reading() as session:
            [word] = hearing.sources(session, person, clock.today())
    assert (word.fetched.at, word.fetched.outcome) == (NOON, "partial")
    assert word.fetched.codes == ("allergies-status-403",)


@pytest.mark.parametrize(("lists", "apart"), [(True, 0), (False, 2)])
def test_medicines_come_along_where_the_journal_lists_that_and_apart_where_not(sqlite_database, lists, apart):
    with journal_server(lists_include=lists) as journal, rounds_at(journal, "fhir") as rounds, at(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
        person = work_off(sqlite_database)
    assert sum("/Medication/" in request.path for request in journal.asked) == apart
    with sqlite_database.reading() as session:
        names = {s.name for s in listing.current_list(session, person).statements.values()}
    assert names == {"Demomedisin 1 10 mg", "Demomedisin 2 10 mg"}
    assert outcomes(sqlite_database) == [("ok", "")]
