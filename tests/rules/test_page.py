"""The page of a rule is read from its docstring, and an incomplete page is refused."""

import pytest

from rules.page import read_page

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
