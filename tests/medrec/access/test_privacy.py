"""Nothing that names a patient lies open: in the store's bytes, in logs, in addresses; and what is old goes."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from medrec import clock
from medrec.access import log, pace, retention, sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.db import open_database
from medrec.demo.build import open_or_build
from medrec.records import web_session

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
HOME = {"Sec-Fetch-Site": "same-origin"}
LEADER = User(id="l", name="Test", role=Role.LEADER)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo municipality, built by the whole pipeline."""
    folder = tmp_path_factory.mktemp("demo")
    return open_or_build(folder, date(2026, 3, 2), patients=4, port=1, progress=lambda *_: None)


def named(demo):
    """Everything that names a patient of the demo."""
    return [patient[key] for patient in demo.told["patients"] for key in ("identifier", "name")]


def test_the_bytes_of_the_store_name_no_patient(demo):
    stored = b"".join(file.read_bytes() for file in demo.settings.data_dir.glob("medrec.db*"))
    assert len(stored) > 100_000
    found = [words for words in named(demo) if words.encode() in stored]
    assert len(named(demo)) == 8
    assert found == []


def test_no_address_or_log_line_holds_an_identity_number(demo, capfd):
    database = open_database(demo.settings)
    client = create_app(database).test_client()
    with database.writing() as session:
        client.set_cookie("medrec", sessions.start(session, LEADER))
    pages = ["/"] + [f"/patients/{patient['id']}" for patient in demo.told["patients"]]
    addresses = []
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        addresses += re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
    addresses += [
        client.post("/find", data={"identifier": patient["identifier"]}, headers=HOME).location
        for patient in demo.told["patients"]
    ]
    database.close()
    said = "\n".join(addresses) + "".join(capfd.readouterr())
    assert len(addresses) > 20
    assert [words for words in named(demo) if words in said] == []


def test_old_sessions_and_counts_go_after_a_dry_run_and_the_log_stays(sqlite_database):
    with clock.held(NOW), sqlite_database.writing() as session:
        sessions.start(session, LEADER)
        pace.within(session, pace.SEARCH, "somebody")
        log.record(session, LEADER, "sign-in")
    with clock.held(NOW + timedelta(days=9)), sqlite_database.writing() as session:
        sessions.start(session, LEADER)
        assert retention.due(session) == {"sessions": 1, "attempts": 1}
        assert retention.sweep(session) == {"sessions": 1, "attempts": 1}
        assert retention.due(session) == {"sessions": 0, "attempts": 0}
        assert session.scalar(select(func.count()).select_from(web_session)) == 1
        assert log.anchor(session)[0] == 1
