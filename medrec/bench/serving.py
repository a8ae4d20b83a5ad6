"""Serving: the page, the JSON list and a 304, through the whole application but without a socket."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from medrec.access import sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.bench.measure import Result, median_of, side_by_side
from medrec.config import Settings
from medrec.db import open_database
from medrec.demo.build import SYSTEM_SCOPES
from medrec.records import list_head

ROUNDS = 5
CALLS = 60


def steps(settings: Settings) -> Iterator[Result]:
    """Calls on the store that the storing steps filled."""
    database = open_database(settings)
    try:
        with database.writing() as session:
            nurse = sessions.start(session, User(id="bench", name="Bench", role=Role.LEADER))
            token = sessions.new_token(session, name="bench", organisation="", scopes=SYSTEM_SCOPES, days=1)
            person = session.scalars(select(list_head.c.person_id)).first()
        client = create_app(database).test_client()
        client.set_cookie("medrec", nurse)
        bearer = {"Authorization": f"Bearer {token}"}
        address = f"/api/v1/patients/{person}/medication-list"
        etag = client.get(address, headers=bearer).headers.get("ETag", "")
        bare = Flask("bare")
        bare.add_url_rule("/", "bare", lambda: "x" * 9000)
        floor = bare.test_client()
        yield _calls("HTML page", 600, lambda: client.get(f"/patients/{person}"), floor)
        yield _calls("JSON list", 900, lambda: client.get(address, headers=bearer), floor)
        unchanged = bearer | {"If-None-Match": etag}
        yield _calls("JSON list unchanged (304)", 3000, lambda: client.get(address, headers=unchanged), floor)
    finally:
        database.close()


def _calls(step: str, goal: int, call: Callable[[], object], floor: FlaskClient) -> Result:
    seconds, least = side_by_side(
        lambda: [call() for _ in range(CALLS)], lambda: [floor.get("/") for _ in range(CALLS)], rounds=ROUNDS
    )
    return Result(
        step=step, unit="request", count=CALLS, seconds=seconds, floor=least, floor_is="bare Flask, same client",
        goal=0, note=f"{CALLS / seconds:.0f}/s in process, goal {goal}/s",
    )  # fmt: skip


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
