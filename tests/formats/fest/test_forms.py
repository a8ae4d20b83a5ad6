"""The forms table: every code has facts from the closed sets, and a reason; what is unknown stays unknown."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from formats.drug import FormFacts, form_facts, form_facts_by_name
from formats.forms import RELEASES, ROUTES, UNKNOWN, known_codes

CODES = Path(__file__).resolve().parents[4] / "shared" / "data" / "codes.json"
ROWS = [r.split("\t") for r in (files("formats") / "forms.tsv").read_text(encoding="utf-8").splitlines()[1:]]


def test_the_list_has_308_codes_each_once():
    assert len(ROWS) == len({row[0] for row in ROWS}) == len(known_codes()) == 308


@pytest.mark.skipif(not CODES.exists(), reason="the code lists are not on this machine: 1 check left out")
def test_no_code_of_the_national_list_is_missing():
    national = json.loads(CODES.read_text(encoding="utf-8"))["7448"]["codes"]
    assert {row[0]: row[1] for row in ROWS} == national


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_is_from_the_closed_sets_and_says_why(row):
    _, _, group, route, release, reason = row
    assert group
    assert route in ROUTES
    assert release in RELEASES
    assert reason


@pytest.mark.parametrize(
    ("code", "route", "release"),
    [
        ("53", "oral", "plain"),
        ("28", "oral", "plain"),
        ("57", "oral", "plain"),
        ("16", "oral", "plain"),
        ("48", "oral", "plain"),
        ("9", "oral", "plain"),
        ("25", "oral", "prolonged"),
        ("225", "oral", "prolonged"),
        ("448", "oral", "prolonged"),
        ("24", "oral", "prolonged"),
        ("58", "transdermal", "patch"),
        ("481", "injection", "depot-injection"),
        ("101", "injection", "plain"),
        ("50", "sublingual", "plain"),
        ("396", "?", "plain"),
        ("430", "?", "plain"),
        ("159", "?", "?"),
        ("173", "?", "?"),
    ],
)
def test_facts_of_a_code(code, route, release):
    facts = form_facts(code)
    assert (facts.route, facts.release) == (route, release)


@pytest.mark.parametrize("code", ["", "70", "9999", "tablett", "0053"])
def test_an_unknown_code_is_never_plain(code):
    assert form_facts(code) == UNKNOWN == FormFacts("?", "?", "?")


@pytest.mark.parametrize(
    ("text", "route", "release"),
    [
        ("Depottablett", "oral", "prolonged"),
        ("Selozok DEPOTtab 50 mg", "oral", "prolonged"),
        ("Furosemid tab 40 mg", "oral", "plain"),
        ("Insulin glargin inj, oppl 100 E/ml", "injection", "plain"),
        ("Xylometazolin nesespray", "nasal", "plain"),
        ("Fentanyl depotplaster 12 mikrog/time", "transdermal", "patch"),
        ("krem og vagitorier", "?", "plain"),
        ("tabletten med stort innhold", "?", "?"),
        ("Stabil 5 mg", "?", "?"),
        ("", "?", "?"),
        (None, "?", "?"),
    ],
)
def test_form_words_count_only_as_whole_words(text, route, release):
    facts = form_facts_by_name(text)
    assert (facts.route, facts.release) == (route, release)
