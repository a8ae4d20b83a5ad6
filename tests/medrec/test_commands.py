"""The commands of this room as somebody at a terminal meets them: answers, exit codes, never a traceback."""

import io
import json
import os
import re
import shutil
import subprocess

import pytest
from sqlalchemy import insert, select
from told import ANNA, BERIT, medicine, message

from formats import read as reading
from formats.dosing import DoseReading, ReadStatus
from medrec import backups, catalogue, clock, intake, listing, persons
from medrec.cli import main
from medrec.config import settings
from medrec.db import open_database, scripts
from medrec.demo.catalogue import demo_fest_xml
from medrec.records import catalogue as catalogue_table
from medrec.records import person
from medrec.roster import COLUMNS

ROSTER = ";".join(COLUMNS) + f"\n{ANNA};Anna Eksempel;Nord;2026-01-01;;;;;;;;\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder, none of the tester's own settings."""
    for name in [n for n in os.environ if n.startswith("MEDREC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def run(folder, capsys):
    """Run a command on the folder; gives exit code, stdout and stderr."""

    def run_(*words):
        code = main([*words, "--data-dir", str(folder)])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return run_


@pytest.fixture
def made(run):
    assert run("config", "--new-keys")[0] == 0
    assert run("db", "upgrade")[0] == 0
    return run


def lay(tmp_path, **files):
    place = tmp_path / "messages"
    place.mkdir(exist_ok=True)
    for name, raw in files.items():
        (place / f"{name}.json").write_bytes(raw)
    return str(place)


def test_without_keys_one_line_says_so(run):
    code, out, err = run("ingest", ".")
    assert (code, out) == (1, "")
    assert len(err.strip().splitlines()) == 1
    assert "--new-keys" in err


def test_without_migrations_one_line_says_so(run):
    run("config", "--new-keys")
    code, _, err = run("refresh")
    assert code == 1
    assert "db upgrade" in err
    assert run("db", "check")[:2] == (1, "the database is empty; newest migration: " + _head() + "\n")


def _head():
    return scripts().get_current_head()


def test_keys_are_made_once(run, folder):
    assert run("config", "--new-keys")[0] == 0
    before = (folder / "keys.json").read_text()
    assert run("config", "--new-keys")[0] == 1
    assert (folder / "keys.json").read_text() == before


def test_config_lists_every_setting_and_no_secret(made, folder, monkeypatch):
    monkeypatch.setenv("MEDREC_KEYS", (folder / "keys.json").read_text())
    code, out, _ = made("config", "--json")
    told = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert told["keys"]["value"] == "(secret)"
    assert told["drain_seconds"]["origin"] == "default"
    assert all(row["meaning"] for row in told.values())


def test_ingest_says_what_was_read_repeated_and_quarantined(made, tmp_path):
    place = lay(tmp_path, a=message(ANNA, medicine()), b=message(BERIT, medicine()), c=b"{}")
    code, out, _ = made("ingest", place)
    assert code == 1
    assert "3 files: 2 read, 0 repeated, 1 quarantined; 2 lists judged, 2 new versions" in out
    code, out, _ = made("ingest", place)
    assert "0 read, 2 repeated, 1 quarantined; 0 lists judged" in out
    assert made("ingest", str(tmp_path / "nothing"))[0] == 1


def test_quarantine_is_listed_shown_tried_and_let_go(made, tmp_path):
    made("ingest", lay(tmp_path, c=b"{}"))
    code, out, _ = made("quarantine", "list")
    assert code == 0
    assert out.endswith("1 waiting\n")
    (id_,) = [line.split()[0] for line in out.splitlines()[:-1]]
    assert "unknown-message" in made("quarantine", "show", id_)[1]
    assert made("quarantine", "retry")[0] == 1
    assert made("quarantine", "release", id_, "--reason", "a test")[0] == 0
    assert made("quarantine", "list")[1] == "0 waiting\n"
    assert made("quarantine", "show", id_)[0] == 1


def test_roster_load(made, tmp_path):
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    assert made("roster", "load", str(file))[:2] == (0, "1 persons: 1 relations started, 0 changed, 0 ended\n")
    file.write_text(ROSTER.replace(ANNA, "123"), encoding="utf-8")
    code, _, err = made("roster", "load", str(file))
    assert code == 1
    assert "line 2" in err


def test_refreshing_everybody_reads_dosing_texts_anew(made, folder, tmp_path, monkeypatch):
    """A reader that has learned reaches what came before it: what was said keeps its id, and its dose is known now."""
    with monkeypatch.context() as earlier:
        earlier.setattr(reading, "read_said", lambda text: DoseReading(text, ReadStatus.UNPARSEABLE, None))
        reading._read_text.cache_clear()  # what this process has read already
        made("ingest", lay(tmp_path, a=message(ANNA, medicine())))
    reading._read_text.cache_clear()
    dose, statements = _dose_and_statements(folder)
    out = made("refresh", "--all")[1]
    assert out == "1 dosing texts read otherwise than before\n1 judged, 1 new versions, 0 failed\n"
    assert (dose, *_dose_and_statements(folder)) == ("", "50 mg x 1 (morgen)", statements)
    assert "otherwise" not in made("refresh", "--all")[1]


def _dose_and_statements(folder):
    with open_database(settings(folder)).reading() as session:
        (person_id,) = session.scalars(select(person.c.id))
        stored = listing.current_list(session, person_id)
    return stored.reconciliation.lines[0].dose.text, set(stored.statements)


def test_refresh_dry_run_changes_nothing(made, tmp_path):
    made("ingest", lay(tmp_path, a=message(ANNA, medicine())))
    assert "1 judged, 0 would change" in made("refresh", "--all", "--dry-run")[1]
    assert "1 judged, 0 new versions, 0 failed" in made("refresh", "--all")[1]
    assert "0 judged" in made("refresh")[1]
    assert made("work", "--once")[0] == 0


def test_doctor_finds_what_is_missing(made, folder):
    code, out, _ = made("doctor")
    assert code == 1
    assert "BAD  drug catalogue" in out
    (folder / "keys.json").chmod(0o644)
    assert "can be read by others" in made("doctor")[1]


def test_fest_that_is_none_is_refused(made, tmp_path):
    file = tmp_path / "fest.xml"
    file.write_bytes(b"<FEST/>")
    assert made("fest", "load", str(file))[0] == 1
    assert made("fest", "status")[:2] == (0, "no drug catalogue is loaded\n")


def test_a_copy_is_put_back_and_opens_with_its_keys(made, folder, tmp_path):
    made("ingest", lay(tmp_path, a=message(ANNA, medicine())))
    copy = tmp_path / "copies" / "medrec.copy"
    assert made("backup", str(copy))[0] == 0
    assert made("backup", str(copy))[0] == 1, "a copy is never overwritten"
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "keys.json", other)
    assert main(["restore", str(copy), "--data-dir", str(other)]) == 0
    assert main(["restore", str(copy), "--data-dir", str(other)]) == 1, "nor a database that is there"
    database = open_database(settings(other, {}))
    with database.reading() as session:
        assert persons.find(session, ANNA)
    database.close()
    assert main(["restore", str(folder / "keys.json"), "--data-dir", str(tmp_path / "third")]) == 1
    assert not (tmp_path / "third" / "medrec.db").exists()


@pytest.mark.postgres
def test_a_copy_of_postgresql_is_put_back(postgres_settings, tmp_path, monkeypatch, postgres_tools):
    monkeypatch.setenv("PATH", f"{postgres_tools}{os.pathsep}{os.environ['PATH']}")
    database = open_database(postgres_settings)
    person_id = intake.receive(database, message(ANNA, medicine()), channel="test").patient
    assert backups.backup(database, tmp_path / "copy") > 0
    with pytest.raises(backups.BackupFault, match="not empty"):
        backups.restore(postgres_settings, tmp_path / "copy")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.commit()
    backups.restore(postgres_settings, tmp_path / "copy")
    with database.reading() as session:
        assert persons.find(session, ANNA) == person_id
    database.close()


@pytest.mark.usefixtures("made")
def test_a_worker_ends_in_order_when_told(folder, medrec, environment):
    env = {k: v for k, v in environment.items() if k != "MEDREC_KEYS"}
    running = subprocess.Popen([*medrec, "work", "--data-dir", str(folder)], env=env, stderr=subprocess.PIPE)
    assert b"worker.started" in running.stderr.readline()
    running.terminate()
    assert running.wait(20) == 0


def test_a_catalogue_is_swapped_whole_and_everybody_judged_again(sqlite_database):
    raw = demo_fest_xml()
    intake.receive(sqlite_database, message(ANNA, medicine()), channel="test")
    loaded = catalogue.load(sqlite_database, io.BytesIO(raw), name="test catalogue 1")
    assert loaded.drugs > 0
    assert catalogue.load(sqlite_database, io.BytesIO(raw), name="test catalogue 1").repeated
    with sqlite_database.reading() as session:
        told = catalogue.current(session)
        assert told.version == "test catalogue 1"
        assert len(told.by_varenr) > 0
        assert catalogue.current(session) is told, "kept in memory"
    with pytest.raises(catalogue.CatalogueRefused):
        catalogue.load(sqlite_database, io.BytesIO(_shrunk(raw)), name="test catalogue 2")
    with sqlite_database.reading() as session:
        assert [s.state for s in catalogue.status(session)] == ["current"]


def test_a_load_that_another_one_overtakes_leaves_the_one_in_use(sqlite_database):
    row = {"version": "test catalogue 1", "state": "current", "content_hash": "x", "loaded_at": clock.now()}
    with sqlite_database.writing() as session:
        session.execute(insert(catalogue_table).values(**row, counts={}, not_assessed=[]))
    dropped = 2  # as the other load did before it staged its own
    with pytest.raises(catalogue.CatalogueRefused):
        sqlite_database.once(lambda session: catalogue._swap(session, dropped))
    with sqlite_database.reading() as session:
        assert [s.state for s in catalogue.status(session)] == ["current"]


def _shrunk(raw):
    """The same file with its packages and brands torn away."""
    return re.sub(rb"<KatLegemiddel(pakning|Merkevare)>.*?</KatLegemiddel\1>", b"", raw, flags=re.DOTALL)
