"""What is measured: read by Prometheus' own parser, in step with the store, silent about people."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from told import ANNA, NOON, medicine, message, rf

import medrec
from medrec import clock, intake, metrics, persons, roster, schedule, upkeep, work
from medrec.commands import doctor
from medrec.config import SETTINGS, settings
from medrec.sources.http_client import SourceFault
from medrec.sources.rounds import KINDS, claim, fetch_one

FOLDER = Path(medrec.__file__).parent
ALERTS = FOLDER / "deploy" / "alerts.md"
CARE = (
    "identifier;name;district;from;to;next_visit;gp_hpr;gp_name;gp_office;gp_her_id;gp_phone;pharmacy_her_id\n"
    f"{ANNA};Anna Eksempel;Nord;2025-01-01;;2026-03-02T14:00;;;;;;\n"
)


def measured(database):
    with database.reading() as session:
        raw = metrics.text(session).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(raw)
        for sample in family.samples
    }, raw


def test_who_waits_and_for_how_long(database):
    with clock.held(NOON):
        intake.receive(database, message(ANNA, medicine()), channel="test")
    with clock.held(NOON + timedelta(seconds=90)):
        told, _ = measured(database)
        assert told["medrec_oldest_dirty_seconds", ()] == 90
        assert told["medrec_dirty_persons", ()] == 1
        work.drain(database)
        told, _ = measured(database)
    assert told["medrec_oldest_dirty_seconds", ()] == 0
    assert told["medrec_lists", ("no",)] == 1
    assert told["medrec_lists_not_judged_today", ()] == 0
    with clock.held(NOON + timedelta(days=1)):
        assert measured(database)[0]["medrec_lists_not_judged_today", ()] == 1


def test_quarantine_by_problem(database):
    for raw in (b"<torn", b"<torn too", b"{}"):
        intake.receive(database, raw, channel="test")
    told, _ = measured(database)
    assert told["medrec_quarantined_messages", ()] == 3
    assert sum(v for (name, _), v in told.items() if name == "medrec_quarantined_by_problem") == 3


def test_open_flags_by_kind(sqlite_database):
    with clock.held(NOON):
        intake.receive(sqlite_database, message(ANNA, medicine(dose="1 tablett morgen")), channel="test")
        intake.receive(sqlite_database, rf(ANNA, medicine(kind="resept", dose="2 tabletter morgen")), channel="test")
        work.drain(sqlite_database)
    told, _ = measured(sqlite_database)
    assert sum(v for (name, _), v in told.items() if name == "medrec_open_discrepancies") >= 1


def test_each_fetched_source_by_channel(sqlite_database, monkeypatch):
    def refused(*_):
        code = "timeout"
        raise SourceFault(code)

    monkeypatch.setitem(KINDS, "fhir", KINDS["fhir"].__class__(KINDS["fhir"].source, refused))
    with clock.held(NOON):
        with sqlite_database.writing() as session:
            roster.load(session, roster.read_csv(CARE.encode()), clock.today())
        [person] = sqlite_database.once(lambda session: claim(session, "fhir", 5))
        fetch_one(sqlite_database, None, "fhir", person)
        told, _ = measured(sqlite_database)
    assert told["medrec_source_failing_persons", ("fhir",)] == 1
    assert told["medrec_last_fetches", ("failed", "fhir")] == 1


def test_schedules_by_when_they_last_did_what_was_due(sqlite_database):
    with clock.held(NOON):
        sqlite_database.once(schedule.night_refresh)
        sqlite_database.once(upkeep.staleness)
    with clock.held(NOON + timedelta(minutes=10)):
        told, _ = measured(sqlite_database)
    assert told["medrec_schedule_seconds", ("night-refresh",)] == 600


def test_nothing_of_anybody_stands_in_it(sqlite_database):
    with clock.held(NOON):
        person = intake.receive(sqlite_database, message(ANNA, medicine()), channel="test").patient
        work.drain(sqlite_database)
        with sqlite_database.reading() as session:
            name = persons.who(session, person).name
        _, raw = measured(sqlite_database)
    assert not re.search(r"\d{11}", raw)
    assert not [word for word in (ANNA, person, name, "Metoprolol") if word in raw]


def test_an_empty_store_is_measured_too(database):
    told, _ = measured(database)
    assert told["medrec_oldest_dirty_seconds", ()] == told["medrec_quarantined_messages", ()] == 0


def test_every_measure_an_alert_speaks_of_is_measured(sqlite_database):
    _, raw = measured(sqlite_database)
    named = set(re.findall(r"medrec_[a-z_]+", ALERTS.read_text(encoding="utf-8")))
    there = set(re.findall(r"# TYPE (medrec_[a-z_]+)", raw)) | {"medrec_catalogue_seconds"}
    assert named
    assert named <= there


def test_five_alerts_each_with_its_threshold_and_reason():
    text = ALERTS.read_text(encoding="utf-8")
    alerts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len([a for a in alerts if a[0].isdigit()]) == 5
    assert text.count("expr:") == 5
    assert text.count("**Why wake:**") == 5
    assert text.count("**First:**") == 5


# --- settings and the doctor ---------------------------------------------------------------------------------------


def test_every_setting_the_code_reads_is_declared():
    known = {s.name for s in SETTINGS}
    said = set()
    for file in FOLDER.rglob("*.py"):
        said |= set(re.findall(r'\.values\["([a-z_]+)"\]', file.read_text(encoding="utf-8")))
    assert said
    assert said <= known


def findings(database, moment=NOON):
    with clock.held(moment):
        return dict(reversed(one) for one in [*doctor._of_settings(database.settings), *doctor._of_database(database)])


def finding(told, begin):
    return next((well, line) for line, well in told.items() if line.startswith(begin))


def test_the_doctor_finds_a_scheduler_that_does_not_run(sqlite_database):
    assert finding(findings(sqlite_database), "night refresh")[0] is True, "a new store, nobody to judge"
    with clock.held(NOON):
        intake.receive(sqlite_database, message(ANNA, medicine()), channel="test")
        work.drain(sqlite_database)
    tomorrow = NOON + timedelta(days=1)
    assert finding(findings(sqlite_database, tomorrow), "night refresh")[0] is False
    with clock.held(tomorrow):
        sqlite_database.once(schedule.night_refresh)
    assert finding(findings(sqlite_database, tomorrow), "night refresh")[0] is True


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({}, "not fetched"),
        ({"MEDREC_SFM_URL": "https://sfm.invalid/fhir"}, "MEDREC_SFM_TOKEN_URL is needed"),
    ],
)
def test_the_doctor_says_whether_a_source_can_be_asked(tmp_path, told, word):
    made = settings(tmp_path, told)
    well, line = finding(dict(reversed(one) for one in doctor._of_settings(made)), "source sfm")
    assert word in line
    assert well is not bool(told)
