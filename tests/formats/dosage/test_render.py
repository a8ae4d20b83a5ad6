"""The sentence for a dosage: it says all, and is read back to the same dosage."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from structures import every_structure, with_pause

from formats.dosage import read_dose, render, render_reading
from formats.dosing import Amount, ReadStatus


@settings(max_examples=500, deadline=None)
@given(every_structure, st.sampled_from(["nb", "nn"]))
def test_the_sentence_is_read_back(dosage, language):
    said = render(dosage, language)
    heard = read_dose(said)
    assert heard.status is ReadStatus.OK, (said, heard.flags)
    assert heard.dosage == dosage, said


@settings(max_examples=200, deadline=None)
@given(with_pause(), st.sampled_from(["nb", "nn"]))
def test_what_is_never_whole_is_read_back_as_far_as_it_goes(dosage, language):
    said = render(dosage, language)
    heard = read_dose(said)
    assert heard.status is ReadStatus.PARTIAL, said
    assert heard.dosage == dosage, said


@settings(max_examples=200, deadline=None)
@given(every_structure)
def test_every_language_says_something_and_no_abbreviation(dosage):
    for language in ("nb", "nn", "en"):
        said = render(dosage, language)
        assert said
        assert not {"tbl", "tabl", "kl", "kl.", "v/b", "IE", "E", "mcg", "mikrog", "maks"} & set(said.split())
        without_clock = re.sub(r"klokk(en|a) \d\d\.\d\d", "", said)
        assert language == "en" or not re.search(r"\d\.\d", without_clock)


@given(every_structure)
@settings(max_examples=200, deadline=None)
def test_two_dosages_are_never_the_same_sentence(dosage):
    """Each language tells one dosage from another: a changed amount, prn or length is seen in the words."""
    others = [replace(dosage, prn=not dosage.prn), replace(dosage, per_side=not dosage.per_side, side=None)]
    if dosage.dose:
        others.append(replace(dosage, dose=Amount(dosage.dose.low, dosage.dose.high + 1)))
    for language in ("nb", "nn", "en"):
        assert all(render(other, language) != render(dosage, language) for other in others)


def of(text, language="nb", unit=None):
    reading = read_dose(text)
    assert reading.dosage is not None
    return render(reading.dosage, language, unit)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 tbl dgl", "2 tabletter daglig"),
        ("2x1", "2 hver gang, 1 gang daglig"),
        (
            "1-2 tbl inntil x 4 v/b, maks 8 tbl/døgn",
            "1–2 tabletter inntil 4 ganger daglig ved behov, høyst 8 tabletter per døgn",
        ),
        ("0,5+0+1", "0,5 om morgenen og 1 om kvelden"),
        ("½ tabl kl 08, 1 tabl kl 20", "0,5 tablett klokken 08.00 og 1 tablett klokken 20.00"),
        ("50 mcg x 1", "50 mikrogram 1 gang daglig"),
        ("12 IE kveld", "12 enheter om kvelden"),
        ("10 mg ukentlig (mandag)", "10 mg hver mandag"),
        ("1 dr begge øyne x 2", "1 dråpe 2 ganger daglig i hvert øye"),
        ("1 dråpe venstre øye x 1", "1 dråpe 1 gang daglig i venstre øye"),
        ("1 tabl inntil x 3", "1 tablett inntil 3 ganger daglig"),
        ("1 tbl annenhver kveld", "1 tablett annenhver dag om kvelden"),
        (
            "1 tablett daglig i 21 dager, så 7 dager pause, gjentas",
            "1 tablett 1 gang daglig i 21 dager, deretter 7 dager pause, gjentas",
        ),
        ("1 tbl morgen. Kan ta 1 ekstra ved behov", "1 tablett om morgenen fast, i tillegg 1 tablett ved behov"),
        ("4 som engangsdose", "4 som engangsdose"),
    ],
)
def test_sentences(text, said):
    assert of(text) == said


def test_the_drugs_own_unit_stands_in():
    assert of("1+0+1", unit="tablett") == "1 tablett om morgenen og om kvelden"


def test_nynorsk_and_english():
    assert of("1 tablett hver 8. time ved behov", "nn") == "1 tablett kvar 8. time ved behov"
    assert of("2,5 mg hver mandag", "en") == "2.5 mg every Monday"


def test_partial_is_never_said_as_if_whole():
    assert (
        render_reading(read_dose("1 tablett daglig som avtalt"))
        == "Bare delvis lest: 1 tablett 1 gang daglig. Se teksten."
    )
    assert render_reading(read_dose("Ikke ta")) == ""
