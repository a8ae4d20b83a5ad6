"""`medrec notices list|send|retry|export` as somebody at a terminal meets them."""

import json
from datetime import timedelta

import pytest
from house import MONDAY, files, flag, furnish, judged, letter_rows, ticked
from sqlalchemy import func, select

from medrec import clock
from medrec.cli import main
from medrec.config import settings
from medrec.db import open_database
from medrec.records import audit
from rules.conclusion import Severity


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def run(folder, capsys):
    """Run a command at a moment; gives exit code, stdout and stderr."""

    def run_(*words, at=MONDAY):
        with clock.held(at):
            code = main([*words, "--data-dir", str(folder)])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    assert run_("config", "--new-keys")[0] == run_("db", "upgrade")[0] == 0
    return run_


@pytest.fixture
def house(run, folder):
    """A furnished house in the folder the commands are run on."""
    assert run("notices", "list")[1] == "0 letters, 0 tasks\n"
    database = open_database(settings(folder, {}))
    yield database
    database.close()


@pytest.fixture
def anna(house):
    return furnish(house)


def test_without_a_sender_one_line_says_what_to_write(run):
    code, out, err = run("notices", "send")
    assert (code, out) == (1, "")
    assert "receivers.json" in err


def test_send_writes_what_is_due_and_delivers_it_once(run, house, anna):
    judged(house, anna, MONDAY - timedelta(hours=2), flag(1, Severity.HIGH))
    code, _, _ = run("notices", "send", at=MONDAY + timedelta(hours=2))
    first = [(f.name, f.read_bytes()) for f in files(house)]
    assert (code, len(first)) == (0, 1)
    assert "0 letters written; 0 delivered" in run("notices", "send", at=MONDAY + timedelta(hours=2))[1]
    assert [(f.name, f.read_bytes()) for f in files(house)] == first


def test_list_shows_letters_and_tasks_and_no_patient(run, house, anna):
    judged(house, anna, MONDAY, flag(1, Severity.CRITICAL))
    ticked(house, MONDAY)
    code, out, _ = run("notices", "list", at=MONDAY + timedelta(hours=2))
    assert code == 0
    assert "sent  NO RECEIPT  Demo legesenter" in out
    assert "task " in out
    assert "1 letters, 1 tasks" in out
    assert "Anna" not in out
    assert "0 letters" in run("notices", "list", "--failed", at=MONDAY + timedelta(minutes=5))[1]
    assert "1 letters" in run("notices", "list", "--failed", at=MONDAY + timedelta(hours=2))[1]


def test_retry_carries_the_same_bytes_under_the_same_name(run, house, anna):
    judged(house, anna, MONDAY, flag(1, Severity.CRITICAL))
    ticked(house, MONDAY)
    (file,) = files(house)
    before = file.read_bytes()
    file.unlink()
    ticked(house, MONDAY + timedelta(hours=97))
    code, out, _ = run("notices", "retry", at=MONDAY + timedelta(hours=98))
    assert (code, out) == (0, "1 queued again; 1 delivered, 0 could not be delivered\n")
    assert file.read_bytes() == before
    assert "0 queued again" in run("notices", "retry", at=MONDAY + timedelta(hours=98))[1]


def test_retry_of_one_leaves_the_others(run, house, anna):
    judged(house, anna, MONDAY, flag(1, Severity.CRITICAL))
    ticked(house, MONDAY)
    (row,) = letter_rows(house)
    assert run("notices", "retry", "nothing-of-that-name")[1].startswith("0 queued again")
    assert run("notices", "retry", row.id)[1].startswith("1 queued again; 1 delivered")


def test_a_folder_that_can_not_be_written_is_told_with_the_exit_code(run, house, anna):
    judged(house, anna, MONDAY, flag(1, Severity.CRITICAL))
    house.settings.outbox.write_text("in the way", encoding="utf-8")
    code, out, _ = run("notices", "send")
    assert code == 1 or "0 delivered" in out
    assert files(house) == []
    house.settings.outbox.unlink()
    assert run("notices", "send", at=MONDAY + timedelta(hours=1))[0] == 0
    assert len(files(house)) == 1


def test_export_is_one_file_an_office_that_only_its_owner_reads_and_is_logged(run, house, anna, tmp_path):
    judged(house, anna, MONDAY, flag(1, Severity.LOW, code="B11"))
    code, _, _ = run("notices", "export", "--out", str(tmp_path / "out"))
    (file,) = (tmp_path / "out").iterdir()
    assert (code, file.stat().st_mode & 0o077) == (0, 0)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("Ryddeliste for Demo legesenter, 02.03.2026: 1 punkt hos 1 pasient.")
    assert "Anna Eksempel" in text
    with house.reading() as session:
        logged = select(func.count()).select_from(audit).where(audit.c.what == "export-tidy")
        assert session.scalar(logged) >= 1


@pytest.mark.parametrize("content", ["{", json.dumps({"receivers": {}}), "[]"])
def test_a_sender_file_that_is_wrong_is_said(run, folder, content):
    (folder / "receivers.json").write_text(content, encoding="utf-8")
    code, out, err = run("notices", "send")
    assert (code, out) == (1, "")
    assert "receivers.json" in err
