"""`medrec dose`: one JSON object a line with the corpus's fields and our own sentence."""

import json

import pytest

from medrec.cli import main


def printed(capsys, *words):
    assert main(["dose", *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_texts_on_the_command_line(capsys):
    first, second = printed(capsys, "1-2 tbl inntil x 4 v/b", "Ikke ta")
    assert first == {
        "text": "1-2 tbl inntil x 4 v/b",
        "status": "ok",
        "dose": "1-2",
        "unit": "tablett",
        "schedule": "d:0-4",
        "prn": True,
        "max_24h": "",
        "duration": "",
        "total_per_period": "0-8/1d",
        "flags": [],
        "rendered": "1–2 tabletter inntil 4 ganger daglig ved behov",
    }
    assert (second["status"], second["flags"], second["rendered"]) == ("unparseable", ["hold"], "")


def test_lines_of_a_file_keep_their_order_and_the_empty_ones(tmp_path, capsys):
    file = tmp_path / "texts.txt"
    file.write_text("1x1\n\n2 tabletter daglig\n", encoding="utf-8")
    assert [row["flags"] for row in printed(capsys, "--lines", str(file))] == [[], ["empty"], ["split_unsaid"]]


@pytest.mark.parametrize(("words", "code"), [([], 2), (["1x1", "--lines", "x"], 2), (["--lines", "no-such-file"], 1)])
def test_wrong_usage_and_refusals_are_one_line(words, code, capsys):
    assert main(["dose", *words]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1
