"""Selvautorisering as its pages, and the log as the patient reads it."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from medrec import clock, persons, roster
from medrec.access import blocks, gate, log, sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.cli import main
from medrec.demo.people import identity_number
from medrec.vault import new_keys, write_keys

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HOME = {"Sec-Fetch-Site": "same-origin"}
ANNA, NOBODY = list(filter(None, (identity_number(date(1941, 5, 17), n) for n in range(20))))[:2]
NURSE = User(id="n", name="Test Sykepleier", role=Role.NURSE, district="Sør", hpr="9990101", organisation="999000061")
LEADER = User(id="l", name="Test Leder", role=Role.LEADER)
WHY = {"reason": "cover", "words": "dekker sone Nord i natt"}


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOW):
        yield


@pytest.fixture
def anna(sqlite_database):
    row = roster.RosterRow(identifier=ANNA, name="Lun Snøfonn", district="Nord", starts=TODAY)
    with sqlite_database.writing() as session:
        roster.load(session, [row], TODAY)
        return persons.find(session, ANNA)


@pytest.fixture
def client(sqlite_database):
    app = create_app(sqlite_database)

    def of(user):
        browser = app.test_client()
        with sqlite_database.writing() as session:
            browser.set_cookie(gate.COOKIE_ON_LOOPBACK, sessions.start(session, user))
        return browser

    return of


def post(browser, path, **form):
    return browser.post(path, data=form, headers=HOME)


def test_a_nurse_outside_the_district_asks_reads_and_a_leader_reviews(client, anna):
    nurse, leader = client(NURSE), client(LEADER)
    assert nurse.get(f"/patients/{anna}").status_code == 404
    answer = post(nurse, "/access/ask", identifier=ANNA, **WHY)
    assert answer.location == f"/patients/{anna}"
    assert nurse.get(answer.location).status_code == 200
    page = leader.get("/access/review").text
    assert WHY["words"] in page
    reviewed = page.split("/access/review/")[1][:24]
    assert post(leader, f"/access/review/{reviewed}", verdict="in-order").status_code == 303
    assert post(leader, f"/access/review/{reviewed}", verdict="in-order").status_code == 404
    assert WHY["words"] not in leader.get("/access/review").text
    with clock.held(NOW + timedelta(minutes=15)):
        assert nurse.get(f"/patients/{anna}").status_code == 404


def test_without_reason_known_and_unknown_numbers_look_alike(client, anna):
    nurse = client(NURSE)
    answers = [post(nurse, "/access/ask", identifier=i, reason="cover", words="kort") for i in (ANNA, NOBODY)]
    assert {a.status_code for a in answers} == {422}
    assert answers[0].data == answers[1].data
    assert anna not in answers[0].text


def test_a_search_does_not_tell_who_is_a_patient(client, anna):
    nurse = client(NURSE)
    known, unknown = (post(nurse, "/find", identifier=i) for i in (ANNA, NOBODY))
    assert known.status_code == unknown.status_code == 404
    assert known.data == unknown.data
    assert "/access/ask" in known.text
    assert anna not in known.text


def test_too_many_searches_are_refused(client, anna):
    nurse = client(NURSE)
    answers = [post(nurse, "/find", identifier=NOBODY).status_code for _ in range(31)]
    assert (answers[:30], answers[30]) == ([404] * 30, 429), anna


def test_a_blocked_patient_is_not_on_the_worklist(client, anna, sqlite_database):
    with sqlite_database.writing() as session:
        blocks.put(session, anna, LEADER)
    assert "Lun Snøfonn" not in client(LEADER).get("/").text


@pytest.fixture
def folder(sqlite_settings, monkeypatch):
    write_keys(sqlite_settings.keys_file, new_keys())
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    return sqlite_settings.data_dir


def test_the_patient_reads_who_did_what_and_why(client, anna, sqlite_database, folder, capsys):
    post(client(NURSE), "/access/ask", identifier=ANNA, **WHY)
    assert main(["audit", "export", "--patient", anna, "--format", "csv", "--data-dir", str(folder)]) == 0
    heading, asked, exported = csv.reader(io.StringIO(capsys.readouterr().out), delimiter=";")
    assert heading[0] == "Tidspunkt"
    assert asked[1:6] == ["Test Sykepleier", "sykepleier", "9990101", "999000061", "åpnet listen ved selvautorisering"]
    assert exported[5] == "hentet ut denne loggen"
    assert main(["audit", "export", "--patient", "f" * 24, "--data-dir", str(folder)]) == 1
    with sqlite_database.reading() as session:
        assert log.anchor(session)[0] == 2


def test_the_command_finds_a_lost_end(anna, sqlite_database, folder, capsys):
    assert main(["access", "block", "--patient", anna, "--data-dir", str(folder)]) == 0
    assert main(["access", "block", "--patient", anna, "--data-dir", str(folder)]) == 1
    capsys.readouterr()
    assert main(["audit", "anchor", "--data-dir", str(folder)]) == 0
    noted = capsys.readouterr().out.strip()
    assert main(["audit", "verify", "--anchor", noted, "--data-dir", str(folder)]) == 0
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit")
    assert main(["audit", "verify", "--data-dir", str(folder)]) == 0
    assert main(["audit", "verify", "--anchor", noted, "--data-dir", str(folder)]) == 1
