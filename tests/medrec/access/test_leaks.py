"""Nothing that leaves the house by a side door names anybody: log, metrics, addresses, errors, rows in clear."""

import re
from datetime import date

import pytest
from leaks import leaked
from sqlalchemy import select

from formats.identifiers import is_valid, person_identifier
from medrec.access import gate, log, sessions
from medrec.access.people import SYSTEM_NEEDS, Role, User
from medrec.app import create_app
from medrec.db import open_database
from medrec.demo.build import open_or_build
from medrec.records import metadata

ELEVEN = re.compile(r"(?<![0-9a-fA-F])\d{11}(?![0-9a-fA-F])")
LEADER = User(id="l", name="Test", role=Role.LEADER)
HOME = {"Sec-Fetch-Site": "same-origin"}


def numbers(text):
    """Identity numbers with right check digits, real or synthetic, that stand free in a text."""
    return [n for n in ELEVEN.findall(text) if is_valid(person_identifier("", n))]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return open_or_build(
        tmp_path_factory.mktemp("demo"), date(2026, 3, 2), patients=6, port=1, progress=lambda *_: None
    )


@pytest.fixture
def database(demo):
    opened = open_database(demo.settings)
    yield opened
    opened.close()


@pytest.fixture
def asked(demo, database):
    """What a day of use, mistakes among it, is answered; and every address the answers lead to."""
    client, system = create_app(database).test_client(), create_app(database).test_client()
    with database.writing() as session:
        client.set_cookie(gate.COOKIE_ON_LOOPBACK, sessions.start(session, LEADER))
        token = sessions.new_token(session, name="x", organisation="", scopes=frozenset(SYSTEM_NEEDS), days=1)
    bearer = {"Authorization": f"Bearer {token}"}
    answers = [client.get("/"), client.get("/overview"), client.get("/metrics"), client.get("/access/review")]
    for one in demo.told["patients"]:
        number, name = one["identifier"], one["id"]
        answers += [client.get(f"/patients/{name}{p}") for p in ("", "/sheet", "/text", "/history", "/same")]
        answers.append(client.post("/find", data={"identifier": number}, headers=HOME))
        answers.append(system.post("/api/v1/patients/search", json={"identifier": number}, headers=bearer))
        answers += [
            system.get(path, headers=bearer)
            for path in (
                f"/api/v1/patients/{number}/medication-list",
                f"/api/v1/discrepancies?cursor={number}",
                f"/fhir/List?patient={number}",
                f"/fhir/Patient?identifier={number}",
            )
        ]
        answers.append(system.post("/api/v1/messages", data=f"<a>{number}</a>".encode(), headers=bearer))
        answers.append(client.get("/find", query_string={"identifier": number}))
        answers.append(system.get("/api/v1/changes", headers={"Authorization": f"DPoP {number}", "DPoP": number}))
    return answers


def test_no_address_error_header_or_metric_names_anybody(asked):
    for answer in asked:
        addresses = re.findall(r'(?:href|action|src)="([^"]*)"', answer.text) if answer.mimetype == "text/html" else []
        assert numbers(" ".join([*addresses, answer.location or ""])) == []
        headers = [(k, v) for k, v in answer.headers if k != "Set-Cookie"]
        assert numbers(repr(headers)) == []
        if answer.status_code >= 400:
            assert numbers(answer.text) == [], answer.status
    metrics = next(a for a in asked if a.mimetype == "text/plain" and "# HELP" in a.text)
    assert numbers(metrics.text) == []


def test_no_row_of_any_table_holds_an_identity_number_or_a_name_in_clear(demo, database, asked):
    assert asked
    names = [p["name"] for p in demo.told["patients"]]
    with database.reading() as session:
        seen = 0
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)):
                plain = " ".join(str(v) for v in row if not isinstance(v, bytes))
                assert numbers(plain) == [], table.name
                assert not any(name in plain for name in names), table.name
                seen += 1
        assert seen > 100
        assert list(log.verify(session)) == []


def test_no_line_of_the_log_names_anybody(request, capfd):
    assert request.getfixturevalue("asked")
    told = "".join(capfd.readouterr())
    assert told
    assert numbers(told) == []


def test_the_watch_over_the_whole_suite_sees_what_it_should(demo):
    number = demo.told["patients"][0]["identifier"]
    assert leaked(f"2026-03-02 12:00:00 [warning  ] message.quarantined  place=/a/{number}")
    assert leaked(f'{{"event": "message.quarantined", "place": "{number}"}}')
    assert not leaked(f"{number} is what a command was asked to print")
    assert not leaked(f"2026-03-02 12:00:00 [info     ] x message=a80d{number}b")
    assert not leaked("2026-03-02 12:00:00 [info     ] x number=12345678901")
