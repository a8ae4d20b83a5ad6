"""Serving: the page, the JSON list and a 304, through the whole application: without a socket, and under gunicorn.

A page that nobody has asked for is rendered; after that it is kept (medrec/web/kept.py): both are measured. An
answer of another status than is asked for ends the measurement. A read is logged in its own transaction, so the
least a list can cost is a bare Flask and one row committed to the disk.
"""

import http.client
import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder, run_wsgi_app

from medrec import clock, persons, roster, work
from medrec.access import sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.bench.measure import Result, median_of, side_by_side
from medrec.config import Settings
from medrec.db import Database, open_database
from medrec.demo.build import SYSTEM_SCOPES
from medrec.records import statement
from medrec.rendered import Rendered

ROUNDS = 5
CALLS = 60
CLIENTS = 4
"""Connections that are kept open towards gunicorn."""
_STARTS_WITHIN = 20.0
_bare = MetaData()
_log = Table("bench_log", _bare, Column("position", Integer, primary_key=True), Column("told", String))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, how many a second are aimed at, and what no answer of this kind can do without."""

    step: str
    goal: int
    path: str
    headers: Mapping[str, str]
    status: str
    floor: str
    floor_is: str
    anew: bool = False
    """Nothing is kept from one call to the next."""


def steps(settings: Settings) -> Iterator[Result]:
    """Calls on the store that the storing steps filled."""
    database = open_database(settings)
    try:
        app, bare = create_app(database), _bare_app(database)
        asked = _asked(database, app)
        for one in asked:
            yield _in_process(one, app, bare)
    finally:
        database.close()
    yield from _under_gunicorn(settings, asked)


def _asked(database: Database, app: Flask) -> tuple[_Asked, ...]:
    """The calls, on a person in the middle, who is in the care of everybody's leader."""
    with database.writing() as session:
        nurse = sessions.start(session, User(id="bench", name="Bench", role=Role.LEADER))
        token = sessions.new_token(session, name="bench", organisation="", scopes=SYSTEM_SCOPES, days=1)
        person = _middling(session)
        card = persons.who(session, person)
        number = card.identifiers[0].value if card else ""
        row = roster.RosterRow(identifier=number, district="Bench", starts=clock.today())
        roster.load(session, [row], clock.today())
    work.drain(database)
    bearer, address = {"Authorization": f"Bearer {token}"}, f"/api/v1/patients/{person}/medication-list"
    etag = app.test_client().get(address, headers=bearer).headers["ETag"]
    page = (f"/patients/{person}", {"Cookie": f"medrec={nurse}"})
    logged = ("200", "/logged", "bare Flask and one committed row")
    return (
        _Asked("HTML page", 600, *page, *logged),
        _Asked("HTML page that is rendered anew", 600, *page, *logged, anew=True),
        _Asked("JSON list", 900, address, bearer, *logged),
        _Asked("JSON list unchanged (304)", 3000, address, bearer | {"If-None-Match": etag}, "304", "/", "bare Flask"),
    )


def _middling(session: Session) -> str:
    """Whoever stands in the middle by how much was said of them: pages of one run differ threefold in size."""
    size = func.count()
    ordered = select(statement.c.person_id).group_by(statement.c.person_id).order_by(size, func.min(statement.c.id))
    everyone: Sequence[str] = session.scalars(ordered).all()
    return everyone[len(everyone) // 2]


def _bare_app(database: Database) -> Flask:
    """Nothing but Flask: at `/` some bytes, at `/logged` the same after a row was committed."""
    _bare.create_all(database.engine)
    app, row = Flask("bare"), insert(_log)

    def logged() -> str:
        with database.engine.begin() as connection:
            connection.execute(row, {"told": "x" * 400})
        return "x" * 9000

    app.add_url_rule("/", "bare", lambda: "x" * 9000)
    app.add_url_rule("/logged", "logged", logged)
    return app


# --- in process -------------------------------------------------------------------------------------------------


def _in_process(one: _Asked, app: Flask, bare: Flask) -> Result:
    seconds, least = side_by_side(
        _calls(app, one.path, one.headers, one.status, anew=one.anew),
        _calls(bare, one.floor, {}, "200"),
        rounds=ROUNDS,
    )
    return _result(one, one.step, seconds, least, "in process")


def _calls(
    app: Flask, path: str, headers: Mapping[str, str], status: str, *, anew: bool = False
) -> Callable[[], object]:
    environ = EnvironBuilder(path=path, headers=[*headers.items()]).get_environ()

    def calls() -> None:
        for _ in range(CALLS):
            if anew:
                app.extensions["medrec-rendered"] = Rendered()
            told = run_wsgi_app(app.wsgi_app, environ, buffered=True)[1]
            if not told.startswith(status):
                raise ValueError(told)

    return calls


def _result(one: _Asked, step: str, seconds: float, least: float, where: str) -> Result:
    note = f"{CALLS / seconds:.0f}/s {where}, goal {one.goal}/s; floor {CALLS / least:.0f}/s"
    return Result(
        step=step, unit="request", count=CALLS, seconds=seconds, floor=least, floor_is=one.floor_is, goal=0, note=note
    )  # fmt: skip


# --- under gunicorn ---------------------------------------------------------------------------------------------


class _Server(BaseApplication):
    """One web worker with threads, as `medrec serve` has; the application is made within it."""

    def __init__(self, made: Callable[[], Flask], port: int) -> None:
        self._made, self._port = made, port
        super().__init__()

    def load_config(self) -> None:
        """One worker, four threads, connections kept."""
        chosen = {"bind": f"127.0.0.1:{self._port}", "threads": CLIENTS, "worker_class": "gthread", "keepalive": 5}
        for name, value in {**chosen, "loglevel": "critical"}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override] # a Flask application is a WSGI callable
        """Called in the worker."""
        return self._made()


@contextmanager
def _served(made: Callable[[], Flask]) -> Iterator[int]:
    """The application under gunicorn on a port of its own, in a process that is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("fork").Process(target=lambda: _Server(made, port).run())
    process.start()
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.join(10)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _by_many(port: int, path: str, headers: Mapping[str, str], status: str) -> Callable[[], object]:
    """All calls, shared among clients that each keep their connection."""

    def client(calls: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(calls):
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
            if str(answer.status) != status:
                raise ValueError(answer.status)
        connection.close()

    def calls() -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(client, [CALLS // CLIENTS] * CLIENTS))

    return calls


def _under_gunicorn(settings: Settings, asked: Sequence[_Asked]) -> Iterator[Result]:
    with (
        _served(lambda: create_app(open_database(settings))) as ours,
        _served(lambda: _bare_app(open_database(settings))) as bare,
    ):
        for one in (a for a in asked if not a.anew):
            seconds, least = side_by_side(
                _by_many(ours, one.path, one.headers, one.status), _by_many(bare, one.floor, {}, "200"), rounds=ROUNDS
            )
            yield _result(one, f"{one.step}, gunicorn", seconds, least, f"by one worker, {CLIENTS} clients")


def start_up() -> Iterator[Result]:
    """`medrec --help` beside a Python that does nothing."""
    tool = [sys.executable, "-c", "from medrec.cli import main; main(['--help'])"]

    def run(words: list[str]) -> None:
        subprocess.run(words, check=True, capture_output=True, cwd=Path.cwd())  # noqa: S603 - our own command

    seconds = median_of(lambda: run(tool), rounds=5)
    yield Result(
        step="medrec --help", unit="start", count=1, seconds=seconds,
        floor=median_of(lambda: run([sys.executable, "-c", "pass"]), rounds=5), floor_is="python -c pass", goal=0,
        note=f"{seconds * 1000:.0f} ms, goal 300 ms",
    )  # fmt: skip
