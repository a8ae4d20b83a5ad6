"""The web is killed while messages come in by HTTP: what it answered with 201 is there, once, and is judged."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select
from told import medicine, message, number

from medrec import work
from medrec.access import sessions
from medrec.access.people import Need
from medrec.db import open_database
from medrec.records import message as messages
from medrec.records import statement

ROOT = Path(__file__).resolve().parents[3]
PERSONS, SENDERS, PATIENCE = 30, 2, 300.0
pytestmark = pytest.mark.full


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Web:
    """Gunicorn as it is deployed, in a process group of its own, started again when all of it was killed."""

    def __init__(self, settings, environment):
        self.port = free_port()
        told = {"MEDREC_DATA_DIR": str(settings.data_dir), "MEDREC_DATABASE_URL": settings.database_url}
        self.env = environment | told | {"MEDREC_BIND": f"127.0.0.1:{self.port}"}
        self.start()

    def start(self):
        words = ["-c", str(ROOT / "medrec" / "deploy" / "gunicorn.conf.py"), "wsgi:app"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words],
            env=self.env,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_a_worker(self):
        """One of those that answer; gunicorn starts another."""
        if workers := psutil.Process(self.process.pid).children():
            workers[0].kill()

    def kill_all(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.start()

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class Sender:
    """Sends one message after another, each again until it is acknowledged; `failed` counts what had no answer."""

    def __init__(self, web, token, first):
        self.web, self.token, self.first = web, token, first
        self.acknowledged, self.failed = [], 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        n = self.first
        while not self.stopping.is_set():
            raw = message(number(n % PERSONS + 1), medicine(dose=f"{n} ml"), hours=n)
            if self.post(raw):
                self.acknowledged.append(n)
                n += SENDERS
            else:
                self.failed += 1
                time.sleep(0.05)

    def post(self, raw):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.web.port}/api/v1/messages",
            raw,
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310 - our own loopback address
                return answer.status in {200, 201}
        except urllib.error.HTTPError:
            raise
        except OSError:
            return False


@pytest.fixture
def sending(store_settings, environment):
    """A web, and senders that talk to it; at the end all that was acknowledged is kept, once, and judged."""
    database = open_database(store_settings)
    token = database.once(
        lambda s: sessions.new_token(s, name="sender", organisation="", scopes=frozenset({Need.SEND}), days=1)
    )
    web = Web(store_settings, environment)
    senders = [Sender(web, token, n) for n in range(SENDERS)]
    yield web, senders
    for one in senders:
        one.stopping.set()
    for one in senders:
        one.thread.join(PATIENCE)
    web.end()
    work.run_once(database)
    acknowledged = [n for one in senders for n in one.acknowledged]
    with database.reading() as session:
        outcomes = session.execute(select(messages.c.outcome, func.count()).group_by(messages.c.outcome)).all()
        doses = session.scalar(select(func.count()).select_from(statement))
        assert work.oldest_waiting(session) is None
    # each sender may have been stopped between the commit and the answer to its last message, and nowhere else
    assert [outcome for outcome, _ in outcomes] == ["accepted"]
    assert len(acknowledged) <= outcomes[0][1] <= len(acknowledged) + SENDERS
    assert doses == outcomes[0][1], "nothing is said twice"
    database.close()


def more(senders, count):
    """Wait until so many more are acknowledged."""
    wanted, until = sum(len(one.acknowledged) for one in senders) + count, time.monotonic() + PATIENCE
    while sum(len(one.acknowledged) for one in senders) < wanted:
        assert time.monotonic() < until, "nothing is taken in any more"
        time.sleep(0.02)


def test_twenty_kills_of_workers_and_of_the_whole_web(sending):
    web, senders = sending
    for n in range(20):
        more(senders, 6)
        web.kill_all() if n % 2 else web.kill_a_worker()
    more(senders, 6)
    assert sum(one.failed for one in senders), "the load was there when it died"


def test_a_graceful_reload_refuses_no_message(sending):
    web, senders = sending
    more(senders, 6)
    failed = sum(one.failed for one in senders)
    for _ in range(3):
        web.process.send_signal(signal.SIGHUP)
        more(senders, 20)
    assert sum(one.failed for one in senders) == failed, "since it was up, every message had its answer"
