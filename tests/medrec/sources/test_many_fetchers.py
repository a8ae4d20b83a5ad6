"""Many processes fetch: each person is asked for once, all keep one pace and one rest, a late answer is no newer."""

import threading
import time
from contextlib import ExitStack
from contextvars import copy_context
from datetime import timedelta

import pytest
from sourcing import at, care_row, chart, in_care, journal_server, order, outcomes, rounds_at
from sqlalchemy import update
from told import ANNA, NOON, number

from medrec import clock, hearing, listing, persons, work
from medrec.db import open_database
from medrec.records import fetch_state, source_note
from medrec.sources import rounds as rounds_module
from medrec.sources.http_client import HttpClient, SourceFault
from medrec.sources.pace import SharedPace

PERSONS = 45
PROCESSES = 3
PER_SECOND = 5.0


@pytest.fixture
def shared_store(postgres_settings):
    """One store, opened by as many as there are processes."""
    with ExitStack() as stack:
        opened = [open_database(postgres_settings) for _ in range(PROCESSES)]
        for one in opened:
            stack.callback(one.close)
        yield opened


@pytest.mark.postgres
def test_a_round_is_shared_and_nobody_is_asked_for_twice(shared_store):
    people = [number(n) for n in range(1, PERSONS + 1)]
    charts = {person: chart(person, f"e{n}", (n,)) for n, person in enumerate(people, 1)}
    fresh, together = [], threading.Barrier(PROCESSES)

    def fetch(database, made):
        together.wait()
        fresh.append(made.tick(database, seconds=300.0))

    with at(NOON), journal_server(charts) as journal, ExitStack() as stack:
        in_care(shared_store[0], *(care_row(person, f"Person {n}") for n, person in enumerate(people)))
        threads = [
            threading.Thread(
                target=copy_context().run, args=(fetch, d, stack.enter_context(rounds_at(journal, "fhir")))
            )
            for d in shared_store
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    asked = [r.form["identifier"].rpartition("|")[2] for r in journal.asked if r.path.endswith("/_search")]
    assert sorted(asked) == sorted(people)
    assert sum(fresh) == PERSONS
    assert sum(1 for brought in fresh if brought) > 1, "it was shared"


def turns(paces, count):
    """When each of so many requests would go, in seconds after it was asked; nobody waits."""
    told = []
    for n in range(count):
        paces[n % len(paces)].wait(told.append)
    return told


def moments(paces, count):
    """When each of so many requests would go, in seconds from the first; nobody waits."""
    began, told = time.monotonic(), []
    for n in range(count):
        paces[n % len(paces)].wait(lambda seconds: told.append(time.monotonic() + seconds - began))
    return told


@pytest.mark.postgres
def test_all_machines_together_keep_one_pace(shared_store):
    paces = [SharedPace(database, "fhir", PER_SECOND) for database in shared_store]
    told = moments(paces, 60)
    assert max(told) > 60 / PER_SECOND - 2.0, "as long as one machine alone would take"
    assert len({round(t) for t in told}) >= 60 / PER_SECOND - 2
    other = SharedPace(shared_store[0], "sfm", PER_SECOND)
    assert not [t for t in turns([other], 3) if t > 1.0], "another source has a pace of its own"


@pytest.mark.postgres
def test_who_would_wait_too_long_does_not_wait_at_all(shared_store):
    paces = [SharedPace(database, "fhir", PER_SECOND) for database in shared_store]
    with pytest.raises(SourceFault, match="resting"):
        turns(paces, 60 * int(PER_SECOND))


@pytest.mark.postgres
def test_a_source_that_wants_rest_is_left_alone_by_all_machines(shared_store):
    here, there = (SharedPace(database, "fhir", PER_SECOND) for database in shared_store[:2])
    here.rest(3600.0)
    line = HttpClient(pace=there)
    with pytest.raises(SourceFault, match="resting"):
        line.send("GET", "http://127.0.0.1:1/never-asked", head=dict)
    assert line.breaker.open, "and claims nobody's turn meanwhile"
    line.close()


@pytest.mark.postgres
def test_a_turn_beyond_any_rest_was_written_by_a_wrong_clock(shared_store):
    turns([SharedPace(shared_store[0], "fhir", PER_SECOND)], 1)
    ahead = clock.now() + timedelta(days=400)
    with shared_store[0].writing() as session:
        session.execute(update(source_note).where(source_note.c.name == "fhir.pace").values(at=ahead))
    assert not [t for t in turns([SharedPace(shared_store[1], "fhir", PER_SECOND)], 3) if t > 1.0]


def test_an_answer_that_was_long_on_its_way_passes_for_nothing_newer(database, monkeypatch):
    """A machine sleeps with an answer in hand; another one asks again, hears more, and is what was heard last."""
    held = chart()
    real = rounds_module.KINDS["fhir"]

    def sleeps(*asked):
        monkeypatch.setitem(rounds_module.KINDS, "fhir", real)
        old = real.ask(*asked)
        held.requests[0] = order(1) | {"dosageInstruction": [{"text": "2 tabletter morgen"}]}
        with at(NOON + timedelta(minutes=20)), rounds_at(journal, "fhir") as other:
            assert other.tick(database) == 1, "the claim of the one that sleeps is over"
        return old

    monkeypatch.setitem(rounds_module.KINDS, "fhir", type(real)(real.source, sleeps))
    with journal_server({ANNA: held}) as journal, rounds_at(journal, "fhir") as rounds, at(NOON):
        in_care(database)
        rounds.tick(database)
    with at(NOON + timedelta(hours=1)):
        work.drain(database)
        with database.reading() as session:
            anna = persons.find(session, ANNA)
            stored = listing.current_list(session, anna)
            [word] = hearing.sources(session, anna, clock.today())
    assert word.fetched.at == NOON + timedelta(minutes=20)
    assert "2 tabletter morgen" in {s.dose_text for s in stored.statements.values()}
    assert [outcome for outcome, _ in outcomes(database)] == ["ok", "ok"]


def test_a_turn_that_a_wrong_clock_put_years_ahead_is_now(database):
    with journal_server() as journal, rounds_at(journal, "fhir") as rounds:
        with at(NOON + timedelta(days=900)):
            in_care(database)
            assert rounds.tick(database) == 1
        with at(NOON):
            rounds.tick(database)
            assert len(outcomes(database)) == 2
            rounds.tick(database)
            assert len(outcomes(database)) == 2, "and from now on as always"
        with database.reading() as session:
            assert session.scalar(rounds_module.select(fetch_state.c.next_at)) == NOON + timedelta(hours=12)
