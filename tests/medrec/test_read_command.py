"""`medrec read`: what it prints and with what it ends."""

import json
from pathlib import Path

from medrec.cli import main

GOLDEN = Path(__file__).resolve().parents[1] / "formats" / "golden"
LIST = GOLDEN / "eresept_m96_2021.xml"


def test_json_is_what_the_golden_says(capsys):
    assert main(["read", "--json", str(LIST)]) == 0
    told = json.loads(capsys.readouterr().out)
    golden = json.loads(LIST.with_suffix(".json").read_text(encoding="utf-8"))
    assert told == [{"file": str(LIST)} | golden]


def test_all_files_are_answered_and_a_refused_one_makes_it_1(tmp_path, capsys):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(b"<!DOCTYPE x><x/>")
    assert main(["read", "--json", str(bad), str(LIST)]) == 1
    refused, read = json.loads(capsys.readouterr().out)
    assert refused == {"file": str(bad), "error": {"code": "dtd", "place": "/", "text": ""}}
    assert read["message"] == "M9.6/2021-02-01"


def test_words_for_people(capsys):
    assert main(["read", str(LIST)]) == 0
    out = capsys.readouterr().out
    assert "M9.6/2021-02-01 from RF" in out
    assert "gap: locked: LastResept" in out
    assert "Eksempelol Tab 50 mg: 1 tablett morgen" in out


def test_a_file_that_is_not_there_is_one_clear_line(capsys):
    assert main(["read", "nowhere.xml"]) == 1
    assert capsys.readouterr().err == "medrec read: nowhere.xml: No such file or directory\n"


def test_no_schemas_in_a_folder_is_said(tmp_path, capsys):
    assert main(["read", "--schemas", str(tmp_path), str(LIST)]) == 1
    assert "no schemas there" in capsys.readouterr().err


def test_breaches_are_told_where_the_schemas_are(shared, capsys):
    assert main(["read", "--json", "--schemas", str(shared / "data" / "xsd"), str(LIST)]) == 0
    assert "breaches" not in json.loads(capsys.readouterr().out)[0]
