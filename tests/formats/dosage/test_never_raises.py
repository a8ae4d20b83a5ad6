"""Any words of the lexicon and signs in any order are read to the end: never a fault, never without a reason."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from corpus import REASONS

from formats.dosage import read_dose, render
from formats.dosage.lexicon import phrases
from formats.dosing import ReadStatus

SIGNS = (
    "1",
    "2",
    "0",
    "½",
    "1/2",
    "1-2",
    "0,5",
    "1.000",
    "08.00",
    "14.3",
    "x",
    "+",
    "-",
    "/",
    "(",
    ")",
    ",",
    ".",
    ":",
    "$",
)
words = st.sampled_from([" ".join(words) for words, _ in phrases()]) | st.sampled_from(SIGNS) | st.text(max_size=4)


@settings(max_examples=1500, deadline=None)
@given(st.lists(words, max_size=9).map(" ".join))
def test_any_words_in_any_order(text):
    reading = read_dose(text)
    assert (reading.status is ReadStatus.OK) == (not set(reading.flags) & REASONS)
    if reading.status is ReadStatus.UNPARSEABLE:
        assert reading.dosage is None
        assert reading.total == ""
        return
    assert reading.dosage is not None
    for language in ("nb", "nn", "en"):
        assert isinstance(render(reading.dosage, language), str)


@pytest.mark.parametrize("text", ["1 0,5/2", "1 1,5 / 2 tablett", "2 0,5/8 tabletter daglig"])
def test_a_part_of_a_part_is_no_amount(text):
    assert read_dose(text).status is not ReadStatus.OK


def test_a_text_longer_than_any_dose_is_not_taken_apart():
    reading = read_dose("1 tablett daglig" + ", " * 200_000)
    assert (reading.status, reading.dosage) == (ReadStatus.UNPARSEABLE, None)
    assert read_dose("1 tablett daglig" + ", " * 300).dosage is not None
