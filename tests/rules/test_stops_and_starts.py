"""Stops, revocations and starts to come: what they say of a line, and what they do not."""

import pytest
from one_list import codes, judged, said


def test_a_revocation_of_another_prescription_does_not_hide_the_one_that_ran_out():
    told = (
        said("RF resept", on="2025-01-01", valid_to="2026-01-01", rx="P1"),
        said("RF tilbakekalling", "", on="2025-06-01", st="revoked", reason="erstattes", rx="P2"),
        said("GP liste"),
        said("HP hjemmeliste"),
    )
    assert "B05" in codes(judged(*told))


@pytest.mark.parametrize(("copied", "status"), [("2026-02-26", "PLANNED"), ("2026-01-05", "ACTIVE")])
def test_a_list_that_repeats_a_plan_and_is_silent_about_its_start_starts_nothing(copied, status):
    told = (said("GP liste", on="2026-02-25", start="2026-04-01"), said("HP hjemmeliste", on=copied))
    assert judged(*told).lines[0].status == status


def test_what_the_gp_has_stopped_since_is_no_change_to_carry_over():
    told = (said("HP epikrise", on="2026-02-01"), said("GP liste", "", on="2026-02-20", st="stopped"))
    assert "B07" not in codes(judged(*told))


def test_a_list_that_itself_says_revoked_is_told_of_as_any_other_revocation():
    result = judged(said("GP liste", st="revoked"), said("HP hjemmeliste"))
    flag = next(f for f in result.discrepancies if f.code == "B10")
    assert (len(flag.evidence), result.lines[0].failed) == (2, False)


def _oxazepam(place, dose, on="2026-01-10", **more):
    told = {"sub": ["oksazepam"], "atc": "N05BA04", "name": "Sobril 10 mg", "str": "10 mg"}
    return said(place, dose, on, **told, **more)


@pytest.mark.parametrize(("evening", "raised"), [("1 kl 21", False), ("2 kl 21", True)])
def test_what_is_as_needed_beside_the_roll_is_no_change_after_packing(evening, raised):
    roll = _oxazepam("RF multidose", "1 kl 21", packed="2026-02-23", start="2026-02-23", next_roll="2026-03-09")
    lists = [
        _oxazepam(place, words, "2026-02-26")
        for place in ("GP liste", "HP hjemmeliste")
        for words in (evening, "1 v/b inntil x 1 ved uro")
    ]
    assert ("E02" in codes(judged(roll, *lists))) is raised


@pytest.mark.parametrize(("dose", "kept"), [("2x1", False), ("1x1", True)])
def test_a_home_list_without_dates_that_shows_the_wards_dose_is_not_old(dose, kept):
    told = (
        said("GP liste", "1x1", on="2025-10-13"),
        said("HP epikrise", "2x1", on="2026-02-27", change="dose økt"),
        said("HP hjemmeliste", dose, on=None),
    )
    assert {"B07", "D01"} & codes(judged(*told)) == ({"B07", "D01"} if kept else {"B07"})
