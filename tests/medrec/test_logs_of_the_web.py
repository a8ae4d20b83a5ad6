"""The web process as it is deployed writes JSON on stderr, and nothing of what a fault or a library would say."""

import json
import logging
import runpy
from pathlib import Path

import pytest
import structlog

import medrec.app
import medrec.db
import medrec.server
from medrec import logs
from medrec.cli import main

ROOT = Path(__file__).resolve().parents[2]
WORD = "hemmelig-ord"
"""Stands for a number or a name."""


@pytest.fixture
def as_new(monkeypatch, tmp_path):
    """A process that has said nothing of its logs, with no store behind it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(medrec.db, "open_database", lambda _: None)
    monkeypatch.setattr(medrec.app, "create_app", lambda _: None)
    monkeypatch.setattr(medrec.server, "serve", lambda _: None)
    before, root = structlog.get_config(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", [h for h in root.handlers if not isinstance(h, logs.Libraries)])
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


STARTS = {
    "wsgi": lambda: runpy.run_path(str(ROOT / "wsgi.py")),
    "serve": lambda: main(["serve", "--all", "--port", "18999"]),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.usefixtures("as_new")
def test_a_fault_in_the_web_writes_no_number(start, capsys):
    STARTS[start]()
    structlog.get_logger("x").warning("said")
    try:
        int(WORD)
    except ValueError:
        logging.getLogger("medrec").exception(f"failed for {WORD}")  # noqa: G004 - as libraries do
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in told] == ["said", "library"]
    assert told[1]["fault"] == "ValueError"
    assert WORD not in out + err
