"""Workers are killed while they judge: another one takes over what they held within five seconds, and judges it once.

And the web is told to reload while it is asked: every request has its answer.
"""

import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import func, select
from told import medicine, message, number

from medrec import intake, work
from medrec.db import open_database
from medrec.records import list_version

ROOT = Path(__file__).resolve().parents[3]
PERSONS = 20
TAKEN_OVER_WITHIN = 5.0
PATIENCE = 300.0


def until(true, seconds=PATIENCE):
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)


def judged(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(list_version))


@pytest.mark.postgres
@pytest.mark.parametrize("times", [5, pytest.param(20, marks=pytest.mark.full)])
def test_a_killed_worker_leaves_nobody_waiting(postgres_settings, environment, medrec, times):
    database = open_database(postgres_settings)
    env = environment | {"MEDREC_DATABASE_URL": postgres_settings.database_url}
    for n in range(times):
        dead = subprocess.Popen(
            [*medrec, "work", "--data-dir", str(postgres_settings.data_dir)], env=env, stderr=subprocess.PIPE
        )
        assert b"worker.started" in dead.stderr.readline()
        before = judged(database)
        for serial in range(1, PERSONS + 1):
            intake.receive(database, message(number(serial), medicine(dose=f"{n} ml"), hours=n), channel="test")
        until(lambda before=before: judged(database) > before)
        dead.send_signal(signal.SIGKILL)
        dead.communicate()
        other = work.Worker(database, 2.0).start()
        until(lambda: not waits(database), TAKEN_OVER_WITHIN)
        other.stop()
        with database.reading() as session:
            contents = select(list_version.c.person_id, list_version.c.digest)
            rows = session.execute(contents).all()
            assert len(rows) == len(set(rows)), "no list is written twice"
    database.close()


def waits(database):
    with database.reading() as session:
        return work.oldest_waiting(session) is not None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.mark.full
def test_a_graceful_reload_fails_no_request(sqlite_settings, environment):
    port = free_port()
    env = environment | {"MEDREC_DATA_DIR": str(sqlite_settings.data_dir), "MEDREC_BIND": f"127.0.0.1:{port}"}
    words = ["-c", str(ROOT / "medrec" / "deploy" / "gunicorn.conf.py"), "wsgi:app"]
    web = subprocess.Popen([sys.executable, "-m", "gunicorn", *words], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
    answers, stopping = [], threading.Event()

    def ask():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as answer:
                return answer.status
        except OSError as fault:
            return type(fault).__name__

    def keep_asking():
        while not stopping.is_set():
            answers.append(ask())

    try:
        until(lambda: ask() == 200)
        asking = [threading.Thread(target=keep_asking) for _ in range(2)]
        for one in asking:
            one.start()
        for _ in range(8):
            web.send_signal(signal.SIGHUP)
            asked = len(answers)
            until(lambda asked=asked: len(answers) > asked + 100)
        stopping.set()
        for one in asking:
            one.join()
    finally:
        stopping.set()
        web.terminate()
        web.wait(PATIENCE)
    assert set(answers) == {200}
