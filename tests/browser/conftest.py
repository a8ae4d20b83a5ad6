"""The distribution's Chromium before a real server of a small demo municipality, with patients who are hard to show.

The folder of data is made once; the server is `medrec demo` as anybody starts it, and can be stopped and started again.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from at_browser import Reader
from hard_patients import Hard, hard_patients, rows

from medrec import clock, intake, persons, roster, work
from medrec.db import Database, open_database
from medrec.demo.build import SEED, open_or_build
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality
from medrec.demo.municipality import roster as roster_csv

PATIENTS = 6
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
STARTS_WITHIN = 90.0


def pytest_collection_modifyitems(items):
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """`medrec demo` as a process of its own, on a port of its own."""

    folder: Path
    port: int
    database: Database
    told: dict
    hard: dict[str, Hard]
    ids: dict[str, str]
    process: subprocess.Popen | None = field(default=None, repr=False)
    sessions: dict[str, list] = field(default_factory=dict, repr=False)
    """The cookies of each user who has signed in."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDREC_")}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        words = ["demo", "--data-dir", str(self.folder), "--patients", str(PATIENTS), "--port", str(self.port)]
        command = [sys.executable, "-c", "import sys; from medrec.cli import main; sys.exit(main())", *words]
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            try:
                urllib.request.urlopen(f"{self.url}/guide", timeout=5).close()  # noqa: S310 - loopback
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text())

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
            self.process = None

    def faulty(self, fault: str) -> str:
        """The path of a patient with this fault."""
        return next(f"/patients/{p['id']}" for p in self.told["patients"] if fault in p["faults"])

    def path(self, what: str) -> str:
        """The path of a patient who is hard to show."""
        return f"/patients/{self.ids[what]}"

    def hears(self, raw: bytes):
        """A message comes, and the list is judged at once."""
        receipt = intake.receive(self.database, raw, channel="test")
        assert receipt.status == "accepted", receipt
        while work.drain(self.database).judged:
            pass


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """A running demo: six patients of the municipality and the hard ones."""
    if CHROMIUM is None:
        pytest.skip("no Chromium of the distribution on this machine")
    pytest.importorskip("playwright.sync_api")
    folder, port = tmp_path_factory.mktemp("served"), _free_port()
    today = clock.today()
    demo = open_or_build(folder, today, patients=PATIENTS, port=port, progress=lambda *_: None)
    demo.sources.close()
    database = open_database(demo.settings)
    hard = hard_patients(clock.now().replace(microsecond=0))
    with database.writing() as session:
        everyone = municipality(SEED, PATIENTS, today, demo_catalogue())
        theirs = roster.read_csv(roster_csv(everyone, today).encode())
        roster.load(session, (*theirs, *rows(hard, today)), today)
    for one in hard:
        for raw in one.messages:
            assert intake.receive(database, raw, channel="test").status == "accepted"
    while work.drain(database).judged:
        pass
    with database.reading() as session:
        ids = {one.what: persons.find(session, one.identifier) for one in hard}
    server = Server(folder, port, database, demo.told, {one.what: one for one in hard}, ids)
    server.start()
    yield server
    server.stop()
    database.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def chromium(served):  # noqa: ARG001 - nothing is started where it is skipped
    """One browser for the whole run."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not where there is no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium, served):
    """Makes readers, and closes them after the test."""
    made = []

    def make(user="demo-sykepleier", **options):
        made.append(Reader(chromium, served, user, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
