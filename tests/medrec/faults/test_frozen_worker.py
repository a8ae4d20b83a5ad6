"""A worker is frozen in the middle of a judgement (a machine put to sleep): what it holds is free again soon."""

import signal
import subprocess
import time

import pytest
from told import ANNA, medicine, message

from medrec import intake, work
from medrec.db import open_database

pytestmark = pytest.mark.postgres
PATIENCE = 300.0
FREEZES = """
import os, signal, sys
from medrec import db, listing, work
from medrec.config import settings

db._FROZEN_AFTER = "1s"
refresh = listing.refresh_all

def freeze(*told, **more):
    print("frozen", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    return refresh(*told, **more)

listing.refresh_all = freeze
done = work.run_once(db.open_database(settings(sys.argv[1])))
print(done.failed, file=sys.stderr, flush=True)
"""


@pytest.mark.full
def test_a_worker_frozen_within_a_judgement_holds_its_person_no_longer_than_told(
    postgres_settings, environment, medrec
):
    database = open_database(postgres_settings)
    intake.receive(database, message(ANNA, medicine()), channel="test")
    env = environment | {"MEDREC_DATABASE_URL": postgres_settings.database_url}
    frozen = subprocess.Popen(
        [medrec[0], "-c", FREEZES, str(postgres_settings.data_dir)], env=env, stderr=subprocess.PIPE
    )
    try:
        assert frozen.stderr.readline() == b"frozen\n"
        began = time.monotonic()
        intake.receive(database, message(ANNA, medicine(dose="2 ml"), hours=1), channel="test")
        while not work.drain(database).judged:
            assert time.monotonic() - began < PATIENCE, "it holds her for ever"
            time.sleep(0.05)
        with database.reading() as session:
            assert work.oldest_waiting(session) is None
    finally:
        frozen.send_signal(signal.SIGCONT)
        told = frozen.communicate(timeout=PATIENCE)[1]
    assert b"Traceback" not in told
    with database.reading() as session:
        assert work.oldest_waiting(session) is None, "what it wakes up with changes nothing"
    database.close()


def test_every_session_of_ours_is_told_so(postgres_settings):
    database = open_database(postgres_settings)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "30s"
    database.close()
