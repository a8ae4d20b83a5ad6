"""`medrec check` tells what the engine concluded whether or not a case holds; `medrec rules` prints every page."""

import json

from medrec.cli import main

CASE = """# A case
```yaml
id: T1
today: 2026-03-02
statements:
  - {id: g1, src: GP, kind: liste, name: "Levaxin 50 ug", atc: H03AA01, sub: [levotyroksin], route: oral, rel: plain,
     str: 50 ug, dose: "1x1", dec: 2025-09-09, t: decision, st: active}
expect:
  lines:
    - {key: levotyroksin|oral|plain, status: %s, dose_state: SINGLE, from: [g1]}
  flags:
    - {code: A02, about: levotyroksin, severity: moderate, owner: NURSE}
    - {code: A03, about: levotyroksin, severity: low, owner: GP}
```
"""


def checked(tmp_path, capsys, status):
    path = tmp_path / "case.md"
    path.write_text(CASE % status, encoding="utf-8")
    code = main(["check", str(path), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_case_that_holds(tmp_path, capsys):
    code, (told,) = checked(tmp_path, capsys, "ACTIVE")
    assert (code, told["passed"], told["differences"]) == (0, True, [])
    assert told["lines"][0]["from"] == ["g1"]
    assert {f["code"] for f in told["flags"]} == {"A02", "A03"}
    assert told["complete"] is True


def test_a_case_that_differs_still_tells_what_was_concluded(tmp_path, capsys):
    code, (told,) = checked(tmp_path, capsys, "ENDED")
    assert (code, told["passed"]) == (1, False)
    assert told["lines"][0]["status"] == "ACTIVE"
    assert told["differences"] == ["levotyroksin|oral|plain: status is ACTIVE, expected ENDED"]


def test_a_file_that_is_no_case_is_one_line(tmp_path, capsys):
    path = tmp_path / "case.yaml"
    path.write_text("a: [1", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["check", str(tmp_path / "none.md")]) == 1


def test_the_rulebook_in_three_forms(capsys):
    assert main(["rules", "--format", "json"]) == 0
    book = json.loads(capsys.readouterr().out)
    assert len(book["rules"]) == 65
    assert all(any(e["fires"] for e in r["examples"]) for r in book["rules"])
    assert main(["rules", "D02", "--format", "markdown"]) == 0
    assert "## D02" in capsys.readouterr().out
    assert main(["rules", "d02"]) == 0
    assert "uten klinisk godkjenning" in capsys.readouterr().out
    assert main(["rules", "Z99"]) == 1
