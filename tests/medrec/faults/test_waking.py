"""Workers are woken by the commit that marks a person, on whatever machine it was made, and never by a rollback."""

import threading
import time

import pytest
from told import ANNA, BERIT, medicine, message

from medrec import intake, persons, work
from medrec.db import open_database
from medrec.waking import Listener

pytestmark = pytest.mark.postgres
LONG = 300.0
SHORT = 0.7


class Bell:
    def __init__(self):
        self.rung = threading.Event()

    def heard(self, seconds):
        heard = self.rung.wait(seconds)
        self.rung.clear()
        return heard


@pytest.fixture
def listened(postgres_settings):
    here, elsewhere, bell = open_database(postgres_settings), open_database(postgres_settings), Bell()
    listener = Listener(here, bell.rung.set).start()
    assert bell.heard(LONG), "once when it begins to listen"
    yield elsewhere, bell
    listener.stop()
    here.close()
    elsewhere.close()


def test_a_commit_on_another_machine_wakes(listened):
    elsewhere, bell = listened
    intake.receive(elsewhere, message(ANNA, medicine()), channel="test")
    assert bell.heard(LONG)


def test_a_rollback_and_a_judgement_wake_nobody(listened):
    elsewhere, bell = listened
    intake.receive(elsewhere, message(ANNA, medicine()), channel="test")
    assert bell.heard(LONG)
    assert work.drain(elsewhere).judged == 1
    with pytest.raises(RuntimeError), elsewhere.writing() as session:  # noqa: PT012 - the fault is the transaction's
        persons.mark_dirty(session)
        raise RuntimeError
    assert not bell.heard(SHORT)


def test_a_listener_whose_connection_is_ended_listens_again(listened):
    elsewhere, bell = listened
    with elsewhere.engine.connect() as connection:
        ended = connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
        ).all()
    assert len(ended) == 1
    assert bell.heard(LONG), "it looks for itself when it is back"
    intake.receive(elsewhere, message(BERIT, medicine()), channel="test")
    assert bell.heard(LONG)


def waits(database):
    with database.reading() as session:
        return work.oldest_waiting(session) is not None


def test_a_worker_with_a_long_round_judges_at_once_when_woken(postgres_settings):
    database = open_database(postgres_settings)
    worker = work.Worker(database, 10 * LONG).start()
    intake.receive(database, message(ANNA, medicine()), channel="test")
    until = time.monotonic() + LONG
    while waits(database):
        assert time.monotonic() < until, "nobody woke it"
        time.sleep(0.05)
    worker.stop()
    database.close()
