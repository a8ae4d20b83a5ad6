"""`medrec schedule` on several machines: the leader is killed or frozen, another one leads, nothing is done twice."""

import json
import queue
import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import func, select
from told import medicine, message, number

from medrec.db import open_database
from medrec.records import fence
from medrec.records import message as messages

LEADS, LEADS_NO_MORE = "schedule.leads", "schedule.leads-no-more"
TAKEN_OVER_WITHIN = 2.0
FROZEN_OVER_WITHIN = 4.0
PATIENCE = 300.0
pytestmark = [pytest.mark.postgres, pytest.mark.full]


class Machine:
    """One `medrec schedule`; what it logs can be waited for."""

    def __init__(self, medrec, settings, environment):
        env = environment | {"MEDREC_DATABASE_URL": settings.database_url, "MEDREC_INBOX_SECONDS": "0.2"}
        words = [*medrec, "schedule", "--data-dir", str(settings.data_dir)]
        self.process = subprocess.Popen(words, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.events = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stderr:
            self.events.put(json.loads(line)["event"])

    def until(self, event, seconds=PATIENCE):
        """Seconds until it logs this."""
        began = time.monotonic()
        while self.events.get(timeout=max(0.01, seconds - (time.monotonic() - began))) != event:
            pass
        return time.monotonic() - began

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(PATIENCE)


@pytest.fixture
def machines(medrec, postgres_settings, environment):
    started = []

    def start():
        started.append(Machine(medrec, postgres_settings, environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


def candidates(database):
    """How many ask for the lead: each on a connection of its own, which says so."""
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (query LIKE '%%pg_try_advisory_lock%%' OR query = 'SELECT 1')"
        ).scalar()


def eventually(holds, seconds=PATIENCE):
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)


def test_a_frozen_leader_is_replaced_and_knows_it_when_it_wakes(machines, postgres_settings):
    database = open_database(postgres_settings)
    frozen = machines()
    frozen.until(LEADS)
    other = machines()
    eventually(lambda: candidates(database) == 2)
    frozen.process.send_signal(signal.SIGSTOP)
    assert other.until(LEADS) < FROZEN_OVER_WITHIN
    frozen.process.send_signal(signal.SIGCONT)
    frozen.until(LEADS_NO_MORE)
    eventually(lambda: candidates(database) == 2)
    assert LEADS not in frozen.events.queue, "it stands again, and does not lead"
    database.close()


def test_killed_leaders_under_load(machines, postgres_settings):
    """Files come in all the while; a file that died with its taker is taken again by another."""
    database, inbox, sent = open_database(postgres_settings), postgres_settings.inbox, []
    stopping = threading.Event()
    inbox.mkdir(exist_ok=True)

    def drop():
        while not stopping.wait(0.05):
            n = len(sent) + 1
            file = inbox / f"{n:05}.json.part"
            file.write_bytes(message(number(n % 40 + 1), medicine(dose=f"{n} ml"), hours=n))
            file.rename(inbox / f"{n:05}.json")
            sent.append(n)

    dropping = threading.Thread(target=drop)
    dropping.start()
    took = []
    try:
        leader = machines()
        leader.until(LEADS)
        for _ in range(20):
            following = machines()
            eventually(lambda: candidates(database) == 2)
            leader.end()
            took.append(following.until(LEADS))
            leader = following
    finally:
        stopping.set()
        dropping.join()
    assert max(took) < TAKEN_OVER_WITHIN, took
    eventually(lambda: not [f for f in inbox.iterdir() if f.is_file()])
    for left in (inbox / "work").iterdir():
        with suppress(FileNotFoundError):  # the living one was at it, and has laid it
            left.rename(inbox / left.name)  # what `folder` itself does after five minutes
    eventually(lambda: len(list((inbox / "done").iterdir())) == len(sent))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(messages)) == len(sent), "each once"
        nights = select(func.count()).where(fence.c.schedule == "night-refresh")
        assert session.scalar(nights) <= 1
    database.close()
