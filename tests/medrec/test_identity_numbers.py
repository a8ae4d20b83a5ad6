"""House invariant 7: no identity number in clear in the store, a log line, an error's answer or an address."""

import json
from datetime import date

import pytest

from medrec.access import sessions
from medrec.app import create_app
from medrec.db import open_database
from medrec.demo.build import SYSTEM_SCOPES, open_or_build

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return open_or_build(folder, TODAY, patients=6, port=0, progress=lambda *_: None)


@pytest.fixture
def people(demo):
    return demo.told["patients"]


def test_the_store_holds_no_identity_number_and_no_name_in_clear(demo, people):
    raw = b"".join(p.read_bytes() for p in demo.settings.data_dir.glob("medrec.db*"))
    assert len(raw) > 100_000
    for person in people:
        assert person["identifier"].encode() not in raw
        assert person["name"].encode() not in raw


def test_log_lines_and_error_answers_say_no_identity_number(demo, people, capfd):
    database = open_database(demo.settings)
    with database.writing() as session:
        token = sessions.new_token(session, name="t", organisation="", scopes=SYSTEM_SCOPES, days=1)
    client = create_app(database).test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    number = people[0]["identifier"]
    answers = [
        client.post("/api/v1/patients/search", json={"identifier": number, number: 1}, headers=bearer),
        client.post("/api/v1/patients/search", json={"identifier": f"{number}9"}, headers=bearer),
        client.post("/api/v1/messages", data=f"<a>{number}".encode(), headers=bearer),
        client.get(f"/api/v1/patients/{number}/medication-list", headers=bearer),
    ]
    database.close()
    told = capfd.readouterr()
    assert {a.status_code for a in answers} <= {202, 400, 404, 415, 422}
    assert all(number not in a.get_data(as_text=True) for a in answers)
    assert number not in told.out + told.err


def test_addresses_carry_opaque_ids(demo, people):
    database = open_database(demo.settings)
    with database.writing() as session:
        token = sessions.new_token(session, name="t", organisation="", scopes=SYSTEM_SCOPES, days=1)
    client = create_app(database).test_client()
    found = client.post(
        "/api/v1/patients/search",
        json={"identifier": people[0]["identifier"]},
        headers={"Authorization": f"Bearer {token}"},
    )
    database.close()
    assert json.loads(found.data) == {"patient": people[0]["id"]}
    assert not people[0]["id"].isdigit()
