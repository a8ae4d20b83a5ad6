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
