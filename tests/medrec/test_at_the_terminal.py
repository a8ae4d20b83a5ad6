"""The command line at its edges: 1 for what is refused, 2 for wrong usage, one line on stderr, nothing left undone."""

import io
import json
import socket
import sys
from pathlib import Path

import pytest
from told import ANNA

from medrec.cli import main

LIST = Path(__file__).resolve().parents[1] / "formats" / "golden" / "eresept_m96_2021.xml"
CASE = "```yaml\nid: K1\ntoday: 2026-01-01\nstatements: []\n```\n"


@pytest.fixture
def told(tmp_path, capsys, monkeypatch):
    """Run a command in an empty folder; gives exit code, stdout and the line on stderr."""
    monkeypatch.chdir(tmp_path)

    def told_(*words):
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        assert len(err.splitlines()) <= 1, err
        return code, out, err

    return told_


def put(name: str, content: bytes | str) -> str:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


WRONG_USAGE = [
    ["read"],
    ["read", "--colour"],
    ["dose"],
    ["dose", "--lines", "f", "1 tablett"],
    ["reconcile", str(LIST), "--answered", "GP,XX"],
    ["reconcile", str(LIST), "--today", "2026-02-30"],
    ["refresh", "--json"],
    ["serve", "--port", "99999"],
    ["serve", "--all", "--workers", "2"],
    ["demo", "--port", "0"],
    ["demo", "--patients", "0"],
    ["bench", "--patients", "-1"],
]


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_is_2_and_one_line(told, words):
    code, out, err = told(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"medrec {words[0]}: ")


def test_a_file_that_is_not_there_takes_no_other_along(told):
    code, out, err = told("read", "nowhere.xml", str(LIST), "--json")
    missing, read = json.loads(out)
    assert (code, err) == (1, "medrec read: nowhere.xml: No such file or directory\n")
    assert missing == {
        "file": "nowhere.xml",
        "error": {"code": "unopened", "place": "/", "text": "No such file or directory"},
    }
    assert read["message"] == "M9.6/2021-02-01"


def test_a_refused_file_is_a_line_on_stderr_whatever_its_name(told):
    code, _, err = told("read", put("a\nb.xml", "<!DOCTYPE x><x/>"))
    assert (code, err) == (1, "medrec read: a b.xml: dtd: /\n")


def test_a_byte_that_is_no_text_leaves_the_json_whole(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["dose", "1 tab\udcff"]) == 0
    assert json.loads(out.buffer.getvalue())["text"] == "1 tab\udcff"


def test_a_full_disk_is_one_line(told, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("medrec.commands.dose.answer", full)
    assert told("dose", "1 tablett") == (1, "", "medrec dose: No space left on device\n")


def test_lines_that_are_not_utf_8_are_named(told):
    raw = "1 tablett\n1 tablett søndag\n".encode("latin-1")
    assert told("dose", "--lines", put("l.txt", raw)) == (1, "", "medrec dose: l.txt: encoding: line 2 is not UTF-8\n")
    assert told("dose", "--lines", "no.txt") == (1, "", "medrec dose: no.txt: No such file or directory\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("no case\n", "no worked case is there"),
        (CASE + "```yaml\nid: K2\n", "a yaml block is not closed"),
        (CASE.replace("id:", "today: 2026-02-01\nid:"), "line 3, column 1 of its block: the key 'today' stands twice"),
        (CASE.replace("[]", "5"), "case K1: statements does not hold what belongs there"),
        (CASE.replace("2026-01-01", "soon"), "case K1: today does not hold what belongs there"),
        (CASE.replace("today", "tomorrow"), "block 1 is no case"),
        (CASE.replace("[]", "["), "not-yaml: line 4, column 1 of its block"),
        ("1 tablett s\u00f8ndag".encode("latin-1"), "encoding: line 1 is not UTF-8"),
    ],
)
def test_a_case_that_is_none_is_told_by_name_and_place(told, content, says):
    code, out, err = told("check", put("c.md", content))
    assert (code, out) == (1, "")
    assert err.startswith("medrec check: c.md: ")
    assert says in err


def test_a_look_at_the_database_makes_none(told):
    """Else new keys would be refused for a database that nobody made."""
    code, out, _ = told("db", "check", "--data-dir", "new")
    assert (code, out.partition(";")[0]) == (1, "the database is empty")
    assert not Path("new").exists()
    put("medrec.db", b"")
    assert told("config", "--new-keys", "--data-dir", ".")[0] == 0


def test_a_new_data_folder_and_a_copy_are_their_owners_alone(told):
    told("config", "--new-keys", "--data-dir", "d")
    told("db", "upgrade", "--data-dir", "d")
    assert told("backup", "copy.db", "--data-dir", "d")[0] == 0
    assert told("restore", "copy.db", "--data-dir", "e")[0] == 0
    assert [Path(p).stat().st_mode & 0o077 for p in ("d", "copy.db", "e/medrec.db")] == [0, 0, 0]
    # what people can be told of a message and a system's token: why, and who
    assert "--reason takes words" in told("quarantine", "release", "x", "--reason", " ", "--data-dir", "d")[2]
    assert "printable" in told("token", "create", "a\nb", "--scopes", "send", "--data-dir", "d")[2]


def test_a_data_folder_without_a_name_is_not_where_one_stands(told):
    assert told("config", "--new-keys", "--data-dir", "") == (
        1,
        "",
        "medrec config: --data-dir, or MEDREC_DATA_DIR, names no folder\n",
    )
    assert not Path("keys.json").exists()


def test_a_port_in_use_is_said_once_before_anything_is_built(told):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert told("demo", "--port", str(number), "--data-dir", "d") == (
            1,
            "",
            f"medrec demo: can't serve at 127.0.0.1:{number}: Address already in use\n",
        )
    assert not Path("d").exists()


def test_an_empty_roster_ends_nobody(told):
    """As `PUT /roster`: a file that was cut off behind its heading is no word that everybody has left."""
    code, out, err = told("roster", "load", put("r.csv", "identifier;name;district;from\n"), "--data-dir", "d")
    assert (code, out) == (1, "")
    assert "no relation is in it" in err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("identifier;district;from;slutt\n", "line 1: column 4: slutt is no column of a roster; expected: identifier;"),
        ("identifier;district;from;from\n", "line 1: column 4: from stands twice\n"),
        (f"identifier;district;from;to\n{ANNA};Nord;2026-02-01;2026-01-31\n", "line 2: to is before from\n"),
    ],
    ids=["unknown heading", "doubled heading", "ends before it starts"],
)
def test_a_roster_of_which_something_would_be_lost_is_refused_before_a_store_is_opened(told, content, reason):
    code, out, err = told("roster", "load", put("r.csv", content), "--data-dir", "d")
    assert (code, out) == (1, "")
    assert err.startswith(f"medrec roster: r.csv: {reason}")
    assert not Path("d").exists()
