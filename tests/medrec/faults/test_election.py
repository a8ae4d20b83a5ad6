"""Several schedulers: one leads, and when it is killed another one does within two seconds."""

import signal
import subprocess
import time

import pytest

from medrec.db import open_database
from medrec.election import Election

STANDS = """
import sys, time
from medrec.config import settings
from medrec.db import open_database
from medrec.election import Election

standing = Election(open_database(settings(sys.argv[1]))).start()
print(standing.leads, file=sys.stderr, flush=True)
time.sleep(600)
"""
MOST_SECONDS = 2.0
pytestmark = pytest.mark.postgres


def candidate(python, settings, environment):
    env = environment | {"MEDREC_DATABASE_URL": settings.database_url}
    return subprocess.Popen([python, "-c", STANDS, str(settings.data_dir)], env=env, stderr=subprocess.PIPE)


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.full)])
def test_after_a_kill_another_one_leads(postgres_settings, environment, medrec, times):
    database = open_database(postgres_settings)
    for _ in range(times):
        leader = candidate(medrec[0], postgres_settings, environment)
        assert leader.stderr.readline() == b"True\n"
        waiting = Election(database)
        assert not waiting.ask(), "one leads"
        killed = time.monotonic()
        leader.send_signal(signal.SIGKILL)
        while not waiting.ask() and time.monotonic() - killed < 10 * MOST_SECONDS:
            time.sleep(0.05)
        assert time.monotonic() - killed < MOST_SECONDS
        leader.communicate()
        waiting.stop()
    database.close()


def test_a_leader_whose_connection_is_ended_knows_it(postgres_settings):
    database = open_database(postgres_settings)
    first, second = Election(database), Election(database)
    assert first.ask()
    assert not second.ask()
    with database.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        )
    ended = time.monotonic()
    while not second.ask() and time.monotonic() - ended < MOST_SECONDS:
        time.sleep(0.05)
    assert second.leads
    assert not first.ask()
    assert not first.leads
    second.stop()
    assert first.ask()
    first.stop()
    database.close()


def test_the_embedded_store_has_one_and_it_leads(sqlite_database):
    standing = Election(sqlite_database).start()
    assert standing.leads
    standing.stop()
