"""The patient, and the sources as a whole."""

from datetime import UTC, date, datetime

import pytest
from one_list import EMPTY, HEARD, TODAY, case_of, codes, judged, product, said

from formats.drug import catalogue_of
from formats.neutral import allergies_from_case
from formats.statement import Gap, GapCode, Kind, Source
from rules.conclusion import Heard, Outcome
from rules.view import CaseView


@pytest.mark.parametrize(("born", "age"), [(date(1956, 3, 2), 70), (date(1956, 3, 3), 69)])
def test_age_is_whole_years(born, age):
    view = CaseView(case=case_of(birth_date=born), catalogue=EMPTY, today=TODAY, lines=())
    assert view.age() == age


def test_a_source_that_was_never_asked_is_no_flag_but_a_gap():
    heard = {s: HEARD[s] for s in (Source.RF, Source.GP)}
    result = judged(said("GP liste"), said("RF resept"), heard=heard)
    assert not codes(result) & {"G01", "G02", "G05", "G07"}
    assert not result.complete


def test_what_was_last_said_two_years_ago_is_set_aside():
    result = judged(said("GP liste", said_until="2024-02-01"))
    assert [(a.statement, a.reason.value) for a in result.aside] == [("s1", "old")]


def test_why_is_told_by_whoever_knows():
    line = judged(said("GP liste", indication="mot høyt blodtrykk"), said("RF resept")).lines[0]
    assert (line.indication, line.facts["indication"].evidence) == ("mot høyt blodtrykk", ("s1",))


def test_two_allergies_are_two():
    cave = [{"src": "GP", "text": "Penicillin", "atc_group": "J01C"}, {"src": "GP", "text": "Trimetoprim"}]
    result = judged(said("GP liste"), allergies=allergies_from_case(cave, case="cave"))
    assert {f.about for f in result.discrepancies if f.code == "F02"} == {"CAVE penicillin", "CAVE trimetoprim"}


@pytest.mark.parametrize(
    ("at", "stale"),
    [
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), False),  # half past midnight on 1 March in Oslo
        (datetime(2026, 2, 28, 22, 30, tzinfo=UTC), True),
    ],
)
def test_a_source_is_as_old_as_its_day_in_oslo(at, stale):
    """Read yesterday is one day old, read the day before is two: more than 24 hours in whole days."""
    heard = HEARD | {Source.RF: Heard(outcome=Outcome.READ, as_of=at)}
    assert ("G01" in codes(judged(said("GP liste"), heard=heard))) is stale


def test_the_gap_that_hides_what_is_asked_about_speaks():
    """A locked core record hides no prescription: that the registry could not be asked is why nobody says A03."""
    gaps = (
        Gap(Source.RF, GapCode.LOCKED, kinds=(Kind.PLL,)),
        Gap(Source.RF, GapCode.FAILED, kinds=(Kind.PRESCRIPTION,)),
    )
    heard = HEARD | {Source.RF: Heard(outcome=Outcome.READ, gaps=gaps)}
    muted = {f.code: f.suppressed_by for f in judged(said("GP liste"), heard=heard).suppressed}
    assert muted["A03"] == "G02"


@pytest.mark.parametrize(
    ("group", "asked"),
    [("F", False), ("K", False), ("CF", True), ("C", True), ("", True)],
)
def test_what_the_register_sells_freely_needs_no_prescription(group, asked):
    known = catalogue_of([product("900001", prescription_group=group)], "one")
    told = (said("GP liste", varenr="900001"), said("HP hjemmeliste", varenr="900001"))
    assert ("A03" in codes(judged(*told, catalogue=known))) is asked


@pytest.mark.parametrize(("group", "asked"), [("F", False), ("CF", False), ("B", True)])
def test_what_home_care_recorded_as_bought_needs_no_prescription_where_the_doctor_has_it_too(group, asked):
    known = catalogue_of([product("900001", prescription_group=group)], "one")
    told = (said("GP liste", varenr="900001"), said("HP lokalt", varenr="900001"))
    assert ("A03" in codes(judged(*told, catalogue=known))) is asked


def test_a_local_addition_buys_no_anticoagulant():
    warfarin = {"name": "Marevan 2,5 mg", "sub": ["warfarin"], "atc": "B01AA03", "str": "2.5 mg"}
    assert "A03" in codes(judged(said("GP liste", **warfarin), said("HP lokalt", **warfarin)))
