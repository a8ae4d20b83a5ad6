"""One JSON object a line, ours and the libraries', and nothing of anybody in what libraries would say."""

import json
import logging

import pytest
import structlog

from medrec import logs

WORD = "hemmelig-ord"
"""Stands for a number or a name."""


@pytest.fixture
def lines(capsys):
    before = structlog.get_config()
    logs.to_stderr()
    root = logging.getLogger()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for handler in [h for h in root.handlers if isinstance(h, logs.Libraries)]:
        root.removeHandler(handler)
    structlog.configure(**before)


def test_our_lines_carry_time_level_and_the_id_that_is_bound(lines):
    with structlog.contextvars.bound_contextvars(event_id="e-1"):
        structlog.get_logger("x").warning("fetch.failed", code="timeout")
    [told] = lines()
    assert (told["event"], told["code"], told["event_id"], told["level"]) == (
        "fetch.failed", "timeout", "e-1", "warning",
    )  # fmt: skip
    assert told["timestamp"].endswith("Z")


def test_a_librarys_sentence_comes_without_what_it_would_put_in(lines):
    logging.getLogger("somelib").warning("%s waits for %s", WORD, "Anna Eksempel")
    logging.getLogger("somelib").error(f"about {WORD}")  # noqa: G004 - as libraries do
    first, second = lines()
    assert (first["library"], first["sentence"], first["level"]) == ("somelib", "%s waits for %s", "warning")
    assert "sentence" not in second
    assert WORD not in json.dumps([first, second])


def test_a_librarys_fault_comes_as_its_kind_and_place(lines):
    try:
        int(WORD)
    except ValueError:
        logging.getLogger("somelib").exception("failed")
    [told] = lines()
    assert told["fault"] == "ValueError"
    assert told["at"].startswith("test_logs.py:")
    assert WORD not in json.dumps(told)


def test_called_twice_each_line_comes_once(lines):
    logs.to_stderr()
    logging.getLogger("somelib").warning("%s", 1)
    assert len(lines()) == 1
