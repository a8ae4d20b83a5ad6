"""The page of a rule is read from its docstring, and an incomplete page is refused."""

import pytest

from rules.page import read_page
from rules.rulebook import RULES

PAGE = """Meaning in one line.

Hvorfor: fordi.

Kjente unntak: ingen.

Eksempel: slår til
    I dag: 2026-03-02
    CAVE: GP Penicillin (J01C)
    | kilde | art   | navn    | dose |
    |-------|-------|---------|------|
    | GP    | liste | Levaxin |      |
    => A02 moderate NURSE

Eksempel: slår ikke til
    | kilde | art   | navn    | dose |
    | GP    | liste | Levaxin | 1x1  |
    => ikke A02

Kilde: rules.md.
"""


def test_page_is_read():
    page = read_page("A02", PAGE)
    assert page.meaning == "Meaning in one line."
    first, second = page.examples
    assert first.rows == ({"kilde": "GP", "art": "liste", "navn": "Levaxin"},)
    assert first.facts == (("I dag", "2026-03-02"), ("CAVE", "GP Penicillin (J01C)"))
    assert first.fires
    assert first.expects == ("moderate", "NURSE")
    assert not second.fires


@pytest.mark.parametrize("missing", ["Hvorfor: fordi.", "Kjente unntak: ingen.", "Kilde: rules.md."])
def test_page_without_a_section_is_refused(missing: str):
    with pytest.raises(ValueError, match="lacks"):
        read_page("A02", PAGE.replace(missing, ""))


def test_example_of_another_code_is_refused():
    with pytest.raises(ValueError, match="not complete"):
        read_page("A03", PAGE)


def test_a_reader_sees_words_each_under_its_heading():
    table = """    | kilde | navn   | bruk | status  | dato       |
    | GP    | Sobril | prn  |         | 2026-01-02 |
    | HP    | Sobril |      | stopped | 2026-02-02 |
"""
    told = read_page(
        "A02",
        PAGE.replace("    | GP    | liste | Levaxin | 1x1  |\n", "").replace(
            "    | kilde | art   | navn    | dose |\n    => ikke", f"{table}    => ikke"
        ),
    ).examples[1]
    assert told.columns == ("kilde", "navn", "bruk", "dato", "status")
    assert told.shown == (
        ("GP", "Sobril", "ved behov", "2026-01-02", ""),
        ("HP", "Sobril", "", "2026-02-02", "seponert"),
    )


def test_every_value_of_a_closed_column_has_its_word():
    values = {(c, v) for r in RULES for e in r.page.examples for row in e.rows for c, v in row.items()}
    raw = {
        (c, v) for r in RULES for e in r.page.examples for row in e.shown for c, v in zip(e.columns, row, strict=True)
    }
    closed = {"status", "bruk", "frisetting", "vei"}
    assert {(c, v) for c, v in values if c in closed}.isdisjoint(raw)
