"""What a source says of a dose: by structure, by text, by a plan, and who decided it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from one_list import EMPTY, HEARD, TODAY, case_of, codes, dosage, judged, said

from formats.dosage import read_dose
from formats.dosing import Amount, PerDay, Step, StepKind, Steps
from formats.statement import Use
from rules.conclusion import Case, DoseState
from rules.contradiction import says_two_doses
from rules.reconcile import reconcile


def test_an_as_needed_structure_without_a_maximum_leaves_it_to_the_text():
    one = case_of(said("GP liste", "1 tablett ved behov, maks 3 ganger daglig mot uro")).statements[0]
    bare = replace(one.read_dose.dosage, schedule=read_dose("1 tablett ved behov").dosage.schedule)
    case = Case(statements=(replace(one, dosage=bare, use=Use.PRN),), heard=HEARD)
    (line,) = reconcile(case, EMPTY, TODAY).lines
    assert line.dose.text == "5 mg inntil x 3 ved behov"


def test_a_structure_is_read_where_there_is_no_text():
    one = case_of(said("GP liste", None)).statements[0]
    case = Case(statements=(replace(one, dosage=dosage(PerDay(2, 2), 1)),), heard=HEARD)
    assert reconcile(case, EMPTY, TODAY).lines[0].dose.text == "5 mg x 2"


def test_a_letter_that_names_its_change_decides_although_it_does_not_say_so():
    told = (said("GP liste"), said("HP epikrise", on="2026-02-20", t=None, change="ny"))
    line = judged(*told).lines[0]
    assert line.facts["dose"].evidence == ("s1", "s2")


@pytest.mark.parametrize(("text", "rule"), [("2x1", "P4"), ("1x1", "P4")])
def test_a_prescription_that_does_not_say_decides_by_the_one_before(text, rule):
    told = (said("RF resept", on="2025-06-01", t=None, rx="P1"), said("RF resept", text, t=None, rx="P2"))
    line = judged(*told).lines[0]
    assert line.facts["dose"].rule.endswith(rule)


def test_a_plan_that_is_over_has_no_dose_of_today():
    over = said("HP epikrise", "4 tabl daglig i 7 dager, deretter slutt", on="2026-02-01", start="2026-02-01")
    assert judged(over).lines[0].dose.text == ""


def test_a_text_without_a_schedule_is_not_read():
    assert "D05" in codes(judged(said("GP liste", "1 tablett 5 ganger på 10 dager")))


def test_words_that_point_to_a_plan_are_spoken_for_by_the_plan():
    prednisolone = {"sub": ["prednisolon"], "atc": "H02AB06", "str": "5 mg", "name": "Prednisolon"}
    plan = "4 tabl daglig i 7 dager, deretter 3 tabl daglig i 7 dager, deretter 2 tabl daglig"
    told = (
        said("HP epikrise", plan, on="2026-02-12", start="2026-02-12", **prednisolone),
        said("HP hjemmeliste", "4 tabl daglig", on="2026-02-05", **prednisolone),
        said("GP liste", "som planlagt", on="2026-02-05", **prednisolone),
    )
    spoken = [(f.code, f.suppressed_by) for f in judged(*told).suppressed]
    assert ("D05", "D09") in spoken


@pytest.mark.parametrize(
    "between",
    [
        (Step(StepKind.GIVE, starts=date(2026, 2, 20), ends=date(2026, 2, 28)),),
        (
            Step(StepKind.GIVE, starts=date(2026, 2, 20), ends=date(2026, 2, 28)),
            Step(StepKind.HOLD, starts=date(2026, 3, 1), ends=date(2026, 3, 5)),
        ),
    ],
    ids=["no step on the day", "a step that is held"],
)
def test_a_day_between_two_steps_of_a_plan_is_a_day_without(between):
    """The other list still gives it: that is a step of the plan, not a dose which nobody can read."""
    cure = {"sub": ["prednisolon"], "atc": "H02AB06", "name": "Prednisolon 5 mg", "str": "5 mg"}
    case = case_of(said("HP epikrise", on="2026-02-20", **cure), said("GP liste", "4x1", on="2026-02-10", **cure))
    letter, listed = case.statements
    four = Amount(Decimal(4), Decimal(4))
    given = (*between, Step(StepKind.GIVE, starts=date(2026, 3, 6), ends=date(2026, 3, 20)))
    steps = tuple(s if s.kind is StepKind.HOLD else replace(s, schedule=PerDay(1, 1), dose=four) for s in given)
    plan = replace(letter, dose_text="", dosage=dosage(Steps(steps), 4))
    result = reconcile(replace(case, statements=(plan, listed)), EMPTY, TODAY)
    flag = next(f for f in result.discrepancies if f.code == "D09")
    assert (flag.values["dose_a"], flag.values["dose_b"]) == ("0 mg daglig", "4x1")
    assert not codes(result) & {"D05", "D06", "D01"}


def test_a_structured_plan_without_a_first_day_counts_from_today():
    prednisolone = {"sub": ["prednisolon"], "atc": "H02AB06", "str": "5 mg", "name": "Prednisolon"}
    plan = "4 tabl daglig i 7 dager, deretter 2 tabl daglig"
    told = (
        said("HP epikrise", plan, on="2026-02-20", **prednisolone),
        said("GP liste", "1 tabl daglig", on="2026-02-05", **prednisolone),
    )
    flag = next(f for f in judged(*told).discrepancies if f.code == "D09")
    assert flag.values["overdue_days"] == 10


@pytest.mark.parametrize(
    ("text", "structure", "two"),
    [
        ("1 tablett morgen", None, False),
        ("1 tablett morgen", dosage(PerDay(2, 2), 1), True),
        ("1 tablett morgen", dosage(PerDay(1, 1), 1), False),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", dosage(PerDay(1, 1), 1), False),
    ],
)
def test_words_and_structure_are_two_doses_where_both_are_simple(text, structure, two):
    one = case_of(said("GP liste", text)).statements[0]
    assert says_two_doses(replace(one, dosage=structure)) is two


@pytest.mark.parametrize("unread", ["som før", "1 tablett etter avtale med lege"])
def test_half_of_a_set_is_no_dose_where_the_other_half_cannot_be_read(unread):
    levaxin = {"sub": ["levotyroksin"], "atc": "H03AA01", "name": "Levaxin"}
    strengths = ("50 ug", "25 ug")
    told = [
        said(who, "1 tablett morgen", **levaxin, str=s) for who in ("GP liste", "HP hjemmeliste") for s in strengths
    ]
    told += [
        said("RF resept", words, **levaxin, str=s) for words, s in zip((unread, "1 morgen"), strengths, strict=True)
    ]
    result = judged(*told)
    assert {"D01", "D05", "D07"} & codes(result) == {"D05"}
    assert result.lines[0].dose.state is DoseState.AGREED


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("1+1+1+1", set()),
        ("2+2+2+2", {"D01"}),
        ("1+0+1+0", {"D01"}),
        ("1-0-2-0", {"D05"}),
    ],
)
def test_how_much_and_how_often_is_told_where_only_the_times_are_not_sure(text, raised):
    told = (said("GP liste", text), said("HP hjemmeliste", "1 tablett kl 08, 13, 18 og 22"))
    assert {"D01", "D03", "D05"} & codes(judged(*told)) == raised


@pytest.mark.parametrize(
    ("text", "lacks"), [("10 mg v/b ved kramper, maks 1 pr anfall hos lege", False), ("1 v/b", True)]
)
def test_a_maximum_nobody_could_read_is_not_said_to_be_missing(text, lacks):
    told = [said(who, text) for who in ("GP liste", "HP hjemmeliste")]
    assert ("D08" in codes(judged(*told))) is lacks


@pytest.mark.parametrize(
    ("home", "lacks"),
    [
        ("1,5 tablett mandag, onsdag og fredag, 1 tablett øvrige dager", False),
        ("1 1/2 tbl ma on fr, ellers 1 tbl, justeres etter INR", False),
        ("1 tablett daglig", True),
        ("se INR-kort", True),
    ],
)
def test_a_table_of_the_week_is_the_scheme_that_a_prescription_points_to(home, lacks):
    warfarin = {"sub": ["warfarin"], "atc": "B01AA03", "name": "Marevan 2,5 mg", "str": "2.5 mg"}
    told = [said(who, "Etter INR", **warfarin) for who in ("RF resept", "GP liste")]
    assert ("D06" in codes(judged(*told, said("HP hjemmeliste", home, **warfarin)))) is lacks


def test_a_table_of_the_week_does_not_excuse_who_says_nothing():
    warfarin = {"sub": ["warfarin"], "atc": "B01AA03", "name": "Marevan 2,5 mg", "str": "2.5 mg"}
    home = said("HP hjemmeliste", "2 tabletter mandag, 1 tablett øvrige dager", **warfarin)
    assert "D06" in codes(judged(said("GP liste", "", **warfarin), home))


def _patches(sub, atc, strength, *doses):
    patch = {"sub": [sub], "atc": atc, "route": "transdermal", "rel": "patch", "name": "Plaster", "str": strength}
    places = ("GP liste", "HP hjemmeliste")
    return judged(*(said(place, dose, **patch) for place, dose in zip(places, doses, strict=True)))


@pytest.mark.parametrize(
    ("strength", "dose", "raised"),
    [
        ("25 mikrogram/time", "25 mikrogram/t hvert 3. døgn", set()),
        ("25 mikrogram/time", "25 mcg/t, skiftes hver 72. time", set()),
        ("12 mikrogram/time", "25 mikrogram/t hvert 3. døgn", {"D05"}),
        ("25 mikrogram/time", "25 mikrogram/t hver 7. dag", {"D02"}),
        (None, "25 mikrogram/t hvert 3. døgn", {"D05"}),
    ],
)
def test_what_a_patch_gives_an_hour_is_one_patch_of_that_strength(strength, dose, raised):
    result = _patches("fentanyl", "N02AB03", strength, "1 plaster hver 72. time", dose)
    assert {"D01", "D02", "D05"} & codes(result) == raised


def test_when_a_patch_is_taken_off_is_read_by_people_unless_it_is_high_alert():
    off = "1 plaster kl 08, fjernes kl 20"
    assert "D05" not in codes(_patches("glyseroltrinitrat", "C01DA02", "5 mg/24 timer", "1 plaster morgen", off))
    assert "D05" in codes(_patches("fentanyl", "N02AB03", "25 mikrogram/time", "1 plaster morgen", off))


@pytest.mark.parametrize(
    ("atc", "dose", "raised"),
    [
        ("C01DA02", "1 tablett ved brystsmerter. Kan gjentas etter 5 minutter.", set()),
        ("C01DA02", "2 tabletter ved brystsmerter. Kan gjentas etter 5 minutter.", {"D01"}),
        ("N02AA05", "1 tablett ved brystsmerter. Kan gjentas etter 5 minutter.", {"D05"}),
    ],
)
def test_that_it_may_be_taken_again_is_read_by_people_unless_it_is_high_alert(atc, dose, raised):
    told = {"sub": ["stoff"], "atc": atc, "name": "Tablett 0,5 mg", "str": "0,5 mg"}
    result = judged(said("GP liste", "1 tablett v/b ved brystsmerter", **told), said("HP hjemmeliste", dose, **told))
    assert {"D01", "D05"} & codes(result) == raised
