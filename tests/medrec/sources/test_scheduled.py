"""A running schedule fetches by itself, and two of them ask for nobody twice."""

import time
from datetime import timedelta

import pytest
from sourcing import (
    EC_KEY,
    HEADER,
    JOURNAL_PATH,
    JOURNAL_TOKEN_PATH,
    care_row,
    chart,
    journal_server,
    outcomes,
    private_pem,
)
from sqlalchemy import select
from told import ANNA, BERIT

from medrec import clock, listing, roster, schedule, work
from medrec.records import fence


@pytest.fixture
def journal():
    with journal_server({ANNA: chart(), BERIT: chart(BERIT, "eBerit", (3,))}) as server:
        yield server


@pytest.fixture
def fetching(sqlite_database, journal, tmp_path, monkeypatch):
    """The settings of a journal, and everybody in care today."""
    key = tmp_path / "key.pem"
    key.write_bytes(private_pem(EC_KEY))
    told = {
        "fhir_url": journal.address + JOURNAL_PATH,
        "fhir_token_url": journal.address + JOURNAL_TOKEN_PATH,
        "fhir_client_id": "medrec-test",
        "fhir_key_file": str(key),
        "fhir_algorithm": "ES384",
        "fetch_per_second": "500",
    }
    object.__setattr__(sqlite_database.settings, "values", {**sqlite_database.settings.values, **told})
    monkeypatch.setattr(schedule, "_TICK", timedelta(seconds=0.2))
    rows = "\n".join((HEADER, care_row(ANNA), care_row(BERIT, "Berit Eksempel"))) + "\n"
    with sqlite_database.writing() as session:
        roster.load(session, roster.read_csv(rows.encode()), clock.today())
    return sqlite_database


def eventually(holds, seconds=300.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def judged(database):
    with database.reading() as session:
        return len(session.scalars(listing.select(listing.list_head.c.person_id)).all())


def test_from_the_schedule_to_the_list_without_anybodys_hand(fetching):
    worker = work.Worker(fetching, 0.2).start()
    running = schedule.Schedule(fetching, worker.wake).start()
    try:
        assert eventually(lambda: len(outcomes(fetching)) == 2 and judged(fetching) == 2)
    finally:
        running.stop()
        worker.stop()
    assert outcomes(fetching) == [("ok", ""), ("ok", "")]


def test_two_schedulers_ask_for_nobody_twice(fetching, journal):
    both = [schedule.Schedule(fetching, lambda: None).start() for _ in range(2)]
    try:
        assert eventually(lambda: len(outcomes(fetching)) >= 2)
        time.sleep(1.0)
    finally:
        for one in both:
            one.stop()
    asked = [request.form["identifier"] for request in journal.asked if request.path.endswith("/_search")]
    assert len(asked) == len(set(asked)) == 2


def test_a_worker_takes_part_in_what_is_shared_and_in_nothing_else(fetching):
    helping = schedule.Schedule(fetching, lambda: None, helping=True).start()
    try:
        assert eventually(lambda: len(outcomes(fetching)) == 2)
        time.sleep(0.5)
    finally:
        helping.stop()
    with fetching.reading() as session:
        taken = set(session.scalars(select(fence.c.schedule)))
    assert "night-refresh" not in taken
