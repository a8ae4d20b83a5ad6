"""Every way to read of a patient leaves a row in their log, and a block shuts every one of them."""

import csv
import io
import json

import pytest
from sqlalchemy import select
from standing import bearer, in_care, signed_in
from told import ANNA, NOON, TODAY, hp, medicine, rf
from told import message as said

from medrec import clock, intake, work
from medrec.access import blocks, insight, log
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.cli import main
from medrec.config import settings
from medrec.db import open_database
from medrec.records import audit, change
from medrec.vault import new_keys, write_keys
from medrec.web.emergency import write_set

LEADER = User(id="l", name="Test Leder", role=Role.LEADER, hpr="9990102", organisation="999000061")
ADMIN = User(id="a", name="Test Drift", role=Role.ADMIN)
PAGES = ("", "/sheet", "/text", "/history", "/same")
CALLS = (
    "/api/v1/patients/{}/medication-list",
    "/api/v1/patients/{}/medication-list?as_of=2026-03-02T12:00:00Z",
    "/api/v1/patients/{}/medication-list/versions",
    "/api/v1/patients/{}/medication-list/versions/1",
    "/api/v1/patients/{}/medication-list/diff?from=1&to=1",
    "/api/v1/patients/{}/sources",
    "/fhir/Patient/{}/$medication-list",
    "/fhir/List?patient={}",
    "/fhir/MedicationStatement?patient={}",
    "/fhir/DetectedIssue?patient={}",
    "/fhir/List/{}",
    "/fhir/List/{}/_history",
    "/fhir/List/{}/_history/1",
)
MANY = ("/api/v1/discrepancies", "/api/v1/changes")


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOON):
        yield


@pytest.fixture
def world(sqlite_database):
    """Anna in care, her list judged, a leader's browser, and a system that may do all."""
    database = sqlite_database
    (anna,) = in_care(database, (ANNA, "Lun Snøfonn", "Nord"))
    for raw in (
        said(ANNA, medicine(dose="1 tablett morgen")),
        rf(ANNA, medicine(kind="resept", dose="2 tabletter morgen", prescription_id="r-1")),
        hp(ANNA, medicine("Warfarin 2,5 mg", kind="hjemmeliste")),
    ):
        intake.receive(database, raw, channel="test")
    work.drain(database, today=TODAY)
    app = create_app(database)
    browser, headers = signed_in(app, database, LEADER), bearer(database)
    return database, anna, browser.get, lambda path: app.test_client().get(path, headers=headers)


def rows(database, anna):
    with database.reading() as session:
        return len(list(insight.of_patient(session, anna)))


def test_each_reading_of_one_patient_is_one_row_in_their_log(world):
    database, anna, page, call = world
    paths = [(page, f"/patients/{anna}{p}") for p in PAGES] + [(call, p.format(anna)) for p in CALLS]
    for read, path in paths:
        before = rows(database, anna)
        assert read(path).status_code == 200, path
        assert rows(database, anna) > before, path
    with database.reading() as session:
        assert list(log.verify(session)) == []


def test_a_list_of_many_names_all_who_were_on_it(world):
    database, anna, page, call = world
    for read, path in ((page, "/"), *((call, p) for p in MANY)):
        before = rows(database, anna)
        answer = read(path)
        assert answer.status_code == 200, path
        assert anna in answer.text
        assert rows(database, anna) == before + 1, path


def test_a_block_shuts_every_way_to_read(world, tmp_path):
    database, anna, page, call = world
    with database.writing() as session:
        blocks.put(session, anna, ADMIN)
    for path in (f"/patients/{anna}{p}" for p in PAGES):
        assert page(path).status_code == 404, path
    for path in (p.format(anna) for p in CALLS):
        assert call(path).status_code == 404, path
    for read, path in ((page, "/"), *((call, p) for p in MANY)):
        assert anna not in read(path).text, path
    assert write_set(database, "Nord", tmp_path / "sheets") == ()
    assert [f.name for f in (tmp_path / "sheets").iterdir()] == ["index.html"]
    with database.writing() as session:
        blocks.lift(session, anna, ADMIN)
        assert session.scalars(select(change.c.kind).order_by(change.c.id.desc())).first() == "revision"
    work.drain(database, today=TODAY)
    assert anna in call("/api/v1/changes").text
    assert len(write_set(database, "Nord", tmp_path / "sheets")) == 1


def test_the_row_says_who_whom_why_and_in_which_request(world):
    database, anna, page, _call = world
    answer = page(f"/patients/{anna}")
    with database.reading() as session:
        row = session.execute(select(audit).where(audit.c.what == "read-list")).one()
    told = (row.actor_name, row.role, row.organisation, row.hpr, row.person_id, row.why)
    assert told == ("Test Leder", "leader", "999000061", "9990102", anna, "COC")
    assert json.loads(row.detail)["event"] == answer.headers["X-Correlation-ID"]


def test_what_a_patient_reads_of_their_log_is_plain_norwegian(world, sqlite_settings, monkeypatch, capsys):
    database, anna, page, call = world
    page("/")
    page(f"/patients/{anna}/sheet")
    for path in CALLS + MANY:
        call(path.format(anna))
    with database.reading() as session:
        told = [t.what for t in insight.of_patient(session, anna)]
    assert "skrev ut listen" in told
    assert [t for t in told if "-" in t] == [], "no word of the program's own stands there"
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    write_keys(sqlite_settings.keys_file, new_keys())
    folder = ["--data-dir", str(sqlite_settings.data_dir)]
    assert main(["audit", "export", "--patient", anna, "--format", "csv", *folder]) == 0
    assert len(list(csv.reader(io.StringIO(capsys.readouterr().out), delimiter=";"))) == len(told) + 2


def test_a_raw_message_shown_to_an_operator_is_logged(sqlite_settings, monkeypatch, capfdbinary):
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    write_keys(sqlite_settings.keys_file, new_keys())
    folder = ["--data-dir", str(sqlite_settings.data_dir)]
    database = open_database(settings(sqlite_settings.data_dir, {}))
    waiting = intake.receive(database, b"<not/>", channel="test")
    assert main(["quarantine", "show", waiting.message_id, "--raw", *folder]) == 0
    assert b"<not/>" in capfdbinary.readouterr().out
    with database.reading() as session:
        assert session.scalars(select(audit.c.what)).all() == ["read-raw"]
    database.close()
