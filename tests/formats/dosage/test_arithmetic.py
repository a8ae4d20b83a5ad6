"""Totals, moments and steps of a dosage, as rules use them."""

from datetime import date
from decimal import Decimal

import pytest

from formats.dosage import read_dose, short_dose
from formats.dosing import moments, step_on, total


def dosage(text):
    reading = read_dose(text)
    assert reading.dosage is not None
    return reading.dosage


@pytest.mark.parametrize(
    ("text", "low", "high", "days"),
    [
        ("1 tablett 2 ganger daglig", "2", "2", "1"),
        ("1-2 tbl x 1-3 vb", "0", "6", "1"),
        ("1 tablett ved behov", "0", None, "1"),
        ("5-10 mg inntil x 4 vb, maks 30 mg/døgn", "0", "30", "1"),
        ("500 mg x 3 v/b, maks 1 g per døgn", "0", "1000", "1"),
        ("1 dråpe i hvert øye x 2", "4", "4", "1"),
        ("1 plaster hver 72. time", "1", "1", "3"),
        ("1 tbl annenhver dag, 1 1/2 tbl de andre dagene", "2.5", "2.5", "2"),
        ("1 injeksjon hver 3. måned", "1", "1", "91.3125"),
        ("1 tablett morgen fast og 1 tablett inntil 2 ganger daglig ved behov", "1", "3", "1"),
    ],
)
def test_total(text, low, high, days):
    assert total(dosage(text)) == (Decimal(low), None if high is None else Decimal(high), Decimal(days))


@pytest.mark.parametrize("text", ["2x1x2$1x1", "4 som engangsdose", "x 2", "1 tablett ved behov, maks 2 g per døgn"])
def test_no_total(text):
    assert total(dosage(text)) is None


def test_moments_of_a_described_day():
    assert moments(dosage("0,5+0+1")) == (("morgen", "0.5"), ("kveld", "1"))
    assert moments(dosage("1 tabl kl 8 og 20")) == (("08:00", "1"), ("20:00", "1"))
    assert moments(dosage("1x2")) == ()


def test_the_step_of_a_day():
    plan, start = dosage("40 mg daglig i 5 dager, deretter 20 mg daglig i 5 dager, så slutt"), date(2026, 3, 1)
    doses = [step_on(plan, start, date(2026, 3, day)) for day in (1, 5, 6, 10, 11)]
    assert [step.dose.low if step and step.dose else None for step in doses] == [40, 40, 20, 20, None]
    assert step_on(plan, start, date(2026, 2, 28)) is None


def test_open_last_step_goes_on():
    step = step_on(dosage("2x1x2$1x1"), date(2026, 3, 1), date(2027, 1, 1))
    assert step is not None
    assert step.dose is not None
    assert step.dose.low == 1


def test_a_dosage_without_steps_is_itself():
    plain = dosage("1x1")
    assert step_on(plain, date(2026, 3, 1), date(2026, 3, 9)) == plain


def test_short_doses_are_read_by_the_same_grammar():
    assert short_dose("1x1x3") == read_dose("1x1x3")
