"""How long a treatment lasts by its own words, and when that is over."""

from datetime import date

import pytest
from one_list import codes, judged, said

from formats.dosing import Duration, PeriodUnit
from rules.daily import days_of

MONTH = PeriodUnit.MONTH


@pytest.mark.parametrize(
    ("length", "first", "days"),
    [
        (Duration(1, 1, MONTH), date(2024, 1, 31), 29),
        (Duration(1, 1, MONTH), date(2026, 1, 31), 28),
        (Duration(2, 2, MONTH), date(2026, 1, 31), 59),
        (Duration(12, 12, MONTH), date(2024, 2, 29), 365),
        (Duration(1, 1, MONTH), date(2026, 12, 15), 31),
        (Duration(7, 7), date(2026, 12, 28), 7),
        (Duration(5, 7), date(2026, 1, 1), None),
        (Duration(1, 1, MONTH), date(9999, 12, 15), None),
    ],
)
def test_a_month_ends_on_its_own_day_or_on_the_last_there_is(length, first, days):
    assert days_of(length, first) == days


@pytest.mark.parametrize(
    ("text", "on", "over"),
    [
        ("1 tablett x 3 i 5 dager", "2026-02-25", True),  # through 1 March
        ("1 tablett x 3 i 5 dager", "2026-02-26", False),  # through today
        ("1 tablett x 3 i 3-5 dager", "2026-02-26", False),
        ("1 tablett x 3 i inntil 5 dager", "2026-02-25", True),
        ("1 tablett daglig i 1 måned", "2026-02-01", True),
        ("1 tablett daglig i 1 måned", "2026-02-03", False),
        ("1 tablett ved behov i 5 dager", "2026-01-01", False),
        ("1 tablett x 3 i minst 5 dager", "2026-01-01", False),
        ("1 tablett x 3 i 5 dager", None, False),
    ],
)
def test_a_list_that_goes_on_after_its_own_words_is_told(text, on, over):
    assert ("B04" in codes(judged(said("GP liste", text, on=on)))) is over


@pytest.mark.parametrize(
    "other",
    [
        said("GP liste", "1 tablett daglig", on="2026-02-01", str="10 mg"),
        said("HP epikrise", "1 tablett daglig", on="2026-02-02"),
        said("HP epikrise", "1 tablett daglig", on="2026-02-01", end="2026-04-01"),
        said("HP epikrise", "1 tablett daglig i 3 måneder", on="2026-02-01"),
    ],
    ids=["same list", "later", "an end of its own", "a longer one"],
)
def test_who_goes_on_has_the_last_word(other):
    assert "B04" not in codes(judged(said("GP liste", "1 tablett x 3 i 5 dager", on="2026-02-01"), other))


def test_a_prescription_alone_says_itself_that_it_is_over():
    assert "B04" not in codes(judged(said("RF resept", "1 tablett x 3 i 5 dager", on="2026-02-01")))


@pytest.mark.parametrize(("days", "missed"), [(14, False), (15, True)])
def test_a_short_course_in_words_is_not_asked_for_at_home(days, missed):
    told = judged(said("GP liste", f"1 tablett daglig i {days} dager", on="2026-03-01"))
    assert ("A02" in codes(told)) is missed
