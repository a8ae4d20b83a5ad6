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


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (("5 mg daglig", "2,5 mg"), ("5 tabletter daglig", ""), Relation.APART),
        (("1 g x 3", ""), ("1 tablett x 3", ""), Relation.APART),
        (("50 mikrogram daglig", ""), ("50x1", ""), Relation.APART),
        (("20 E kveld", "100 E/ml"), ("20 ml kveld", ""), Relation.APART),
        (("1 ml kveld", "10 mg/ml"), ("1 tablett kveld", ""), Relation.APART),
        (("1 ml hver 3. måned", "1 mg/ml"), ("1 injeksjon hver 3. måned", ""), Relation.EQUAL),
        (("20 E kveld", "100 E/ml"), ("20 kveld", ""), Relation.EQUAL),
        (("2 tabletter kveld", "2,5 mg"), ("2 kveld", ""), Relation.EQUAL),
        (("50 mg daglig", ""), ("1 tablett daglig", "50 mg"), Relation.EQUAL),
    ],
)
def test_equal_numbers_are_equal_doses_of_the_same_thing_only(one, other, told):
    assert compare(dose(*one), dose(*other)) is compare(dose(*other), dose(*one)) is told


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


@pytest.mark.parametrize(
    ("first", "second", "related"),
    [
        ("1 x 2", "1 pose x 2", Relation.EQUAL),
        ("1 x 2", "2 poser x 2", Relation.APART),
        ("2 x 4", "2 inhalasjoner 4 ganger daglig", Relation.EQUAL),
        ("2 doser x 2", "2 inhalasjoner morgen og kveld", Relation.EQUAL),
        ("1 injeksjon hver 3. måned", "1 ampulle hver 3. måned", Relation.EQUAL),
        ("1 pose x 2", "1 tablett x 2", Relation.APART),
        ("1 tablett x 2", "1 ml x 2", Relation.APART),
    ],
)
def test_a_unit_that_is_not_named_is_the_medicines_own(first, second, related):
    assert compare(dose(first), dose(second)) is related
    assert compare(dose(second), dose(first)) is related


@pytest.mark.parametrize(
    ("first", "second", "related"),
    [
        ("1 dråpe x 2", "1 dråpe i hvert øye morgen og kveld", Relation.EQUAL),
        ("1 x 1", "1 dråpe i hvert øye om kvelden", Relation.EQUAL),
        ("2 spray x 1", "2 spray i hvert nesebor morgen", Relation.EQUAL),
        ("1 dråpe x 1", "2 dråper i hvert øye x 1", Relation.DIFFERS),
        ("2 dråper x 1", "1 dråpe i hvert øye x 1", Relation.APART),
        ("1 dråpe x 2", "1 dråpe i hvert øye x 1", Relation.APART),
        ("1 dråpe x 1", "1 dråpe i hvert øye x 2", Relation.DIFFERS),
        ("1 dråpe i høyre øye kveld", "1 dråpe i hvert øye kveld", Relation.DIFFERS),
    ],
)
def test_what_is_told_for_each_side_is_compared_per_side_where_the_other_names_none(first, second, related):
    assert compare(dose(first), dose(second)) is related
    assert compare(dose(second), dose(first)) is related


def test_drops_in_both_eyes_are_given_when_drops_are_given():
    told = (said("GP liste", "1 dråpe kveld"), said("HP hjemmeliste", "1 dråpe i hvert øye kl 21"))
    assert not {"D01", "D03", "D05"} & codes(judged(*told))


@pytest.mark.parametrize(
    ("route", "text", "raised"),
    [
        ("skin-local", "smøres tynt på 2 ganger daglig", set()),
        ("skin-local", "smøres tynt på morgen og kveld", set()),
        ("skin-local", "smøres tynt på 3 ganger daglig", {"D01"}),
        ("skin-local", "smøres på som avtalt", {"D05"}),
        ("oral", "2 ganger daglig", {"D05"}),
    ],
)
def test_only_what_is_spread_on_the_skin_needs_no_amount(route, text, raised):
    told = [said(who, words, route=route) for who, words in (("GP liste", "x 2"), ("HP hjemmeliste", text))]
    assert {"D01", "D03", "D05", "D06"} & codes(judged(*told)) == raised


def test_what_an_inr_adjusts_is_read_only_where_nothing_else_is_left_open():
    told = [said("GP liste", "2 tabletter daglig"), said("HP hjemmeliste", "2 tabletter daglig, justeres etter INR")]
    open_too = said("HP hjemmeliste", "2 tabletter daglig, justeres etter INR. Fortsett som avtalt")
    assert not {"D05", "D06"} & codes(judged(*told))
    assert "D06" in codes(judged(told[0], open_too))


@pytest.mark.parametrize(
    ("text", "raised"),
    [("1 spiseskje daglig", set()), ("2 spiseskjeer daglig", {"D01"}), ("15 ml daglig", {"D05"})],
)
def test_a_spoon_is_compared_with_spoons_alone(text, raised):
    told = [said(who, words, str=None) for who, words in (("GP liste", "1 ss x 1"), ("HP hjemmeliste", text))]
    assert {"D01", "D05", "D11"} & codes(judged(*told)) == raised


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("1 sprøyte 1 gang per uke", "40 mikrog"), ("40 mikrogram hver fredag", "")),
        (("7 tabletter hver torsdag", "2,5 mg"), ("17,5 mg en gang i uken", "")),
        (("1 tablett mandag, onsdag og fredag", "0,1 mg"), ("100 mikrogram 3 ganger i uken", "")),
    ],
)
def test_a_week_is_divided_alike_however_it_is_counted(first, second):
    assert compare(dose(*first), dose(*second)) is Relation.EQUAL


def test_a_strength_per_dose_is_the_strength_of_a_dose():
    inhaler = {"sub": ["salbutamol"], "atc": "R03AC02", "route": "inhaled", "name": "Ventoline Diskus"}
    told = [said(who, "1 inhalasjon x 2", **inhaler, str=s) for who, s in
            (("GP liste", "0,2 mg"), ("HP hjemmeliste", "0,2 mg/dose"))]  # fmt: skip
    assert not {"C05", "D01", "D05"} & codes(judged(*told))


def _drops(*told):
    eye = {"sub": ["latanoprost"], "atc": "S01EE01", "route": "eye", "name": "Xalatan", "str": "50 ug/ml"}
    return judged(*(said(place, dose, **eye) for place, dose in told))


def test_the_other_eye_is_another_dose_and_the_sentence_names_both():
    right, left = "1 dråpe i høyre øye kveld", "1 dråpe i venstre øye kveld"
    flag = next(f for f in _drops(("GP liste", right), ("HP hjemmeliste", left)).discrepancies if f.code == "D01")
    assert flag.severity is Severity.HIGH
    told = {flag.values["dose_a"], flag.values["dose_b"]}
    assert told == {"1 dråpe x 1 (kveld) i høyre øye", "1 dråpe x 1 (kveld) i venstre øye"}


def test_an_entry_for_each_eye_is_one_treatment_and_the_same_as_drops_in_both():
    each = [("GP liste", f"1 dråpe i {side} øye kveld") for side in ("høyre", "venstre")]
    result = _drops(*each, ("HP hjemmeliste", "1 dråpe i hvert øye kveld"))
    assert [line.dose.text for line in result.lines] == ["1 dråpe x 1 (kveld)"]
    assert not {"C02", "D01", "D03", "D05", "D12"} & codes(result)


def test_three_drops_in_one_eye_and_one_in_the_other_are_not_one_in_each():
    each = [("GP liste", "1 dråpe i høyre øye x 3"), ("GP liste", "1 dråpe i venstre øye x 1")]
    assert "D01" in codes(_drops(*each, ("HP hjemmeliste", "1 dråpe i hvert øye kveld")))


def test_who_can_not_be_compared_with_whom_is_told_of_both():
    told = (said("GP liste", "15 ml x 1", str=None), said("HP hjemmeliste", "3 tabletter x 1", str=None))
    flag = next(f for f in judged(*told).discrepancies if f.code == "D05")
    assert flag.evidence == ("s1", "s2")


@pytest.mark.parametrize(
    ("meals", "raised"),
    [
        ("6 E til frokost, middag og kveldsmat", False),
        ("6 E kl 8, 13 og 18", False),
        ("6 E morgen, ettermiddag og kveld", True),
        ("6 E kl 8, 16 og 20", True),
    ],
)
def test_dinner_may_be_the_middle_of_three(meals, raised):
    insulin = {"sub": ["insulin aspart"], "atc": "A10AB05", "route": "injection", "rel": "A10AB/100", "str": "100 E/ml"}
    told = [said(who, dose, **insulin, name="NovoRapid 100 E/ml") for who, dose in
            (("GP liste", "6+6+6 E"), ("HP hjemmeliste", meals))]  # fmt: skip
    assert ("D03" in codes(judged(*told))) is raised
