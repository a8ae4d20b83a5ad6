"""Doses beside each other: added, compared, measured, or left alone."""

from dataclasses import replace

import pytest
from one_list import EMPTY, TODAY, case_of, codes, dose, judged, said

from formats.dosing import Dosage, PartOfDay, Slots
from rules.conclusion import Severity
from rules.dosewords import dose_words
from rules.dosing import Relation, combined, compare, ratio, relation, same_moments
from rules.reconcile import reconcile


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (("1 tablett morgen", "50 mg"), ("1 tablett morgen", "25 mg"), "75 mg x 1 (morgen)"),
        (("1 tablett morgen", "50 mg"), ("10 ml morgen", ""), None),
        (("1 tablett morgen", "50 mg"), ("1 tablett ukentlig", "50 mg"), None),
        (("1 tablett v/b", "50 mg"), ("1 tablett v/b", "25 mg"), None),
        (("1 tablett morgen", "50 mg"), ("2 tabletter v/b", "50 mg"), "50 mg x 1 (morgen) + 100 mg ved behov"),
        (("2 tabletter morgen og 1 tablett kveld", "5 mg"), ("1 tablett morgen og kveld", "5 mg"), "25 mg daglig"),
    ],
)
def test_entries_of_one_list_are_added_where_they_can_be(first, second, whole):
    added = combined((dose(*first), dose(*second)))
    assert (dose_words(added) if added else None) == whole


def test_what_cannot_be_compared_has_no_ratio():
    assert ratio(dose("10 ml kveld"), dose("1 tablett kveld", "5 mg")) is None
    assert relation(dose("1x1", "5 mg"), None) is Relation.APART


def test_as_needed_doses_are_compared_each_time_where_one_has_no_ceiling():
    assert compare(dose("1 tablett v/b", "5 mg"), dose("1 tablett v/b maks 3 per døgn", "5 mg")) is Relation.EQUAL
    assert compare(dose("1 tablett v/b", "5 mg"), dose("2 tabletter v/b", "5 mg")) is Relation.DIFFERS


def test_times_of_day_agree_one_by_one():
    three, two = dose("1 tablett kl 08, 14 og 20", "5 mg").fixed, dose("1 tablett kl 08 og 20", "5 mg").fixed
    assert not same_moments(three, two)


def test_an_amount_at_a_time_is_no_tenth_of_the_days_most():
    told = (said("GP liste", "1 tablett ved behov, maks 10 tabletter daglig"), said("HP hjemmeliste", "1 tablett v/b"))
    assert "D11" not in codes(judged(*told))


def test_a_difference_nobody_can_measure_is_no_small_one():
    """Times of day without an amount against an amount: the same units, and nothing to divide."""
    given = case_of(said("GP liste"), said("HP hjemmeliste", "1x2"))
    unsaid = Dosage(unit="tablett", schedule=Slots(((PartOfDay.MORNING, None), (PartOfDay.EVENING, None))))
    first, second = given.statements
    result = reconcile(replace(given, statements=(replace(first, dosage=unsaid), second)), EMPTY, TODAY)
    flag = next(f for f in result.discrepancies if f.code == "D01")
    assert (flag.severity, flag.values["ratio"]) == (Severity.HIGH, 1)


def test_lists_that_agree_with_nothing_newer_than_the_prescription_are_no_old_label():
    told = (
        said("GP liste", on="2026-01-10"),
        said("HP hjemmeliste", on="2026-01-11"),
        said("RF resept", "1x2", on="2026-02-20"),
    )
    assert {"D01", "D07"} & codes(judged(*told)) == {"D01"}


def test_a_combination_is_the_same_dose_whichever_substance_is_named_first():
    one, other = (dose("2 tabletter morgen", strength) for strength in ("400 mg/30 mg", "30 mg/400 mg"))
    assert compare(one, other) is Relation.EQUAL
    assert compare(one, dose("2 tabletter morgen", "300 mg/30 mg")) is Relation.DIFFERS
