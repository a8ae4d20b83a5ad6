"""Dose arithmetic: tables of what is equal, what differs, and what is never compared."""

from datetime import date, time

import pytest

from formats.dosage import read_dose
from formats.dosing import PartOfDay
from formats.drug import read_strength
from rules.daily import dose_today
from rules.dosewords import dose_words
from rules.dosing import Relation, compare, moments_meet, ratio, unit_factor
from rules.tables.intervals import Interval

TODAY = date(2026, 3, 2)


def dose(text: str, strength: str = "", start: date | None = None):
    dosage = read_dose(text).dosage
    return dose_today(dosage, read_strength(strength), today=TODAY, plan_start=start)


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "relation"),
    [
        ("1 tablett x 2", "40 mg", "2 tabletter x 2", "20 mg", Relation.EQUAL),
        ("1 tablett x 2", "40 mg", "1 tablett x 1", "40 mg", Relation.DIFFERS),
        ("1 tablett daglig", "1 g", "2 tabletter daglig", "500 mg", Relation.EQUAL),
        ("1x1", "75 ug", "1x1", "0,075 mg", Relation.EQUAL),
        ("1x1", "16/12,5 mg", "1x1", "16/12,5 mg", Relation.EQUAL),
        ("1x1", "16/12,5 mg", "1x1", "16 mg", Relation.APART),
        ("1x2", "", "1x2", "", Relation.EQUAL),
        ("1x2", "", "1x2", "5 mg", Relation.EQUAL),
        ("1x2", "", "1x1", "5 mg", Relation.APART),
        ("6 tabletter hver torsdag", "2,5 mg", "6 tabletter ukentlig", "2,5 mg", Relation.EQUAL),
        ("6 tabletter ukentlig", "2,5 mg", "6 tabletter daglig", "2,5 mg", Relation.INTERVAL),
        ("1 tablett hver 72. time", "25 mg", "1 tablett hver 3. dag", "25 mg", Relation.EQUAL),
        ("1 tablett v/b inntil x 3", "500 mg", "1 tablett x 3", "500 mg", Relation.PRN),
        ("10 E kveld", "100 E/ml", "10 E kveld", "100 E/ml", Relation.EQUAL),
        ("10 ml kveld", "2 mg/ml", "20 mg kveld", "2 mg/ml", Relation.EQUAL),
    ],
)
def test_two_doses(a, of_a, b, of_b, relation):
    first, second = dose(a, of_a), dose(b, of_b)
    assert compare(first, second) is relation
    assert compare(second, first) is relation


def test_ratio_is_of_the_day():
    assert ratio(dose("1x2", "40 mg"), dose("1x1", "40 mg")) == 2


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "factor"),
    [
        ("1x1", "62,5 mg", "1x1", "62,5 ug", 1000),
        ("10x1", "5 mg", "1x1", "5 mg", 10),
        ("2x1", "5 mg", "1x1", "5 mg", None),
        ("10 E kveld", "", "10 ml kveld", "", 0),
    ],
)
def test_marks_of_a_unit_gone_wrong(a, of_a, b, of_b, factor):
    assert unit_factor(dose(a, of_a), dose(b, of_b)) == factor


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("1 tablett daglig", Interval.DAY),
        ("1 tablett annenhver dag", Interval.DAYS_2_4),
        ("1 tablett 2 ganger i uken", Interval.WEEK),
        ("1 tablett hver 14. dag", Interval.WEEKS_2),
        ("1 tablett en gang i måneden", Interval.MONTH),
        ("1 tablett hver 12. uke", Interval.MONTHS_2_4),
        ("1 tablett hver 6. måned", Interval.MONTHS_5_8),
    ],
)
def test_interval_class(text, interval):
    assert dose(text).interval is interval


def test_a_plan_is_its_step_of_today():
    plan = "4 tabletter daglig i 7 dager, deretter 3 tabletter daglig i 7 dager, deretter 2 tabletter daglig i 7 dager"
    assert dose_words(dose(plan, "5 mg", date(2026, 2, 16))) == "10 mg x 1"
    assert dose(plan, "5 mg", date(2026, 2, 10)).fixed.per_day[0].high == 10
    assert dose(plan, "5 mg", date(2026, 3, 10)) is None
    assert dose(plan, "5 mg", date(2026, 1, 1)) is None  # the last step is over
    assert dose(plan, "5 mg", None) is None


@pytest.mark.parametrize(
    ("a", "b", "meet"),
    [
        (PartOfDay.MORNING, time(8), True),
        (PartOfDay.MORNING, time(12), False),
        (PartOfDay.NIGHT, time(2), True),
        (PartOfDay.EVENING, PartOfDay.BEDTIME, True),
        (PartOfDay.MORNING, PartOfDay.EVENING, False),
        (time(16), time(18), False),
    ],
)
def test_moments(a, b, meet):
    assert moments_meet(a, b) is meet
    assert moments_meet(b, a) is meet


@pytest.mark.parametrize(
    ("text", "strength", "words"),
    [
        ("1x2", "40 mg", "40 mg x 2"),
        ("1 tablett morgen", "75 ug", "75 mikrogram x 1 (morgen)"),
        ("2 tabletter x 3", "500 mg", "1 g x 3"),
        ("6 tabletter ukentlig", "2,5 mg", "15 mg 1 gang i uken"),
        ("1 tablett v/b inntil x 3", "500 mg", "500 mg inntil x 3 ved behov"),
    ],
)
def test_words(text, strength, words):
    assert dose_words(dose(text, strength)) == words
