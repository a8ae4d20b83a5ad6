"""One dose in words, in parts and by its days: what is certain is told, the rest is not."""

from datetime import date
from decimal import Decimal

import pytest
from one_list import TODAY, dosage, dose

from formats.dosage import read_dose
from formats.dosing import Amount, AsNeeded, Ceiling, Cycle, Dosage, Every, PartOfDay, PerDay, PeriodUnit, Slots
from formats.drug import read_strength
from rules.daily import dose_today, simple_dose
from rules.dosewords import dose_words, times_words
from rules.tables.intervals import Interval


@pytest.mark.parametrize(
    ("text", "strength", "words"),
    [
        ("1 tablett morgen og 1 tablett ved behov", "10 mg", "10 mg x 1 (morgen) + 10 mg ved behov"),
        ("1 tablett ved behov, inntil 2 ganger daglig", "10 mg", "10 mg inntil x 2 ved behov"),
        ("1 tablett som engangsdose", "5 mg", "5 mg én gang"),
        ("1 tablett hver 8. time", "5 mg", "5 mg x 3"),
        ("1 tablett hver 3. måned", "5 mg", "5 mg hver 3. måned"),
        ("1 injeksjon hver 6. måned", "60 mg", "60 mg hver 6. måned"),
        ("1 tablett hver 4. uke", "5 mg", "5 mg hver 4. uke"),
        ("1 plaster hvert 3. døgn", "12 mikrog/time", "12 mikrogram/time hver 3. dag"),
        ("5 tabletter hver 10. dag", "5 mg", "25 mg hver 10. dag"),
        ("1 tablett en gang i uken", "70 mg", "70 mg 1 gang i uken"),
        ("2 tabletter morgen og 1 tablett kveld", "5 mg", "10 mg morgen, 5 mg kveld"),
        ("1+0+2", "16/12,5 mg", "48 mg/37,5 mg daglig"),
        ("1 og 2 tabletter annenhver dag", "5 mg", ""),
        ("2 tabl mandag, 1 tabl onsdag", "2,5 mg", ""),
        ("1 tablett mandag, tirsdag, onsdag, torsdag, fredag, lørdag og søndag", "2,5 mg", "2,5 mg 7 ganger i uken"),
        ("ved behov", "5 mg", "ved behov"),
        ("1 tablett x 2, maks 3 daglig", "1 g", "1 g x 2, inntil 3 g daglig"),
        ("1 tablett ved behov, maks 8 per døgn", "500 mg", "500 mg ved behov, inntil 4 g daglig"),
    ],
)
def test_the_words_of_a_dose_are_certain_or_none(text, strength, words):
    assert dose_words(dose(text, strength)) == words


def test_no_dose_has_no_words():
    assert dose_words(None) == ""


def test_the_times_of_a_part_are_moments_or_a_count():
    assert times_words(dose("1 tablett morgen", "5 mg").fixed) == "morgen"
    assert times_words(dose("1x3", "5 mg").fixed) == "x 3"


@pytest.mark.parametrize(
    ("text", "start", "told"),
    [
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", None, None),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 3, 1), "20 mg x 1"),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 2, 1), "10 mg x 1"),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 4, 1), None),
        ("2 tabl daglig i 1 måned, deretter 1 tabl daglig", date(2026, 2, 15), "10 mg x 1"),
        ("2 tabl daglig i 1 måned, deretter 1 tabl daglig", date(2026, 1, 15), "5 mg x 1"),
    ],
)
def test_the_step_of_today_is_found_by_its_days(text, start, told):
    found = dose_today(read_dose(text).dosage, read_strength("5 mg"), today=TODAY, plan_start=start)
    assert (dose_words(found) if found else None) == told


@pytest.mark.parametrize(
    ("ceiling", "strength", "words"),
    [
        (Ceiling(Decimal(4000), "mg"), "500 mg", "1 g ved behov, inntil 4 g daglig"),
        (Ceiling(Decimal(4), "g"), "500 mg", "1 g ved behov, inntil 4 g daglig"),
        (Ceiling(Decimal(8), "kapsel"), "500 mg", "1 g ved behov"),
        (Ceiling(Decimal(8), "tablett"), "500 mg", "1 g ved behov, inntil 4 g daglig"),
    ],
)
def test_a_ceiling_in_milligrams_is_a_number_of_tablets(ceiling, strength, words):
    told = simple_dose(dosage(AsNeeded(), prn=True, ceiling=ceiling), read_strength(strength))
    assert dose_words(told) == words
    assert told.unlimited is (ceiling.unit == "kapsel")
    assert ceiling.unit == "kapsel" or told.prn.per_day[0].high == 4000


NONE, UP_TO_ONE = Amount(Decimal(0), Decimal(0)), Amount(Decimal(0), Decimal(1))


@pytest.mark.parametrize(
    ("schedule", "interval", "words"),
    [
        (Cycle(21, 7, PerDay(1, 1)), Interval.MONTH, ""),
        (Cycle(21, 0, PerDay(1, 1)), Interval.DAY, ""),
        (Cycle(21, 7, PerDay(None, None)), Interval.MONTH, ""),
        (PerDay(None, None), Interval.DAY, ""),
        (Every(36, 36, PeriodUnit.HOUR), Interval.DAYS_2_4, ""),
        (Slots(((PartOfDay.MORNING, NONE),)), Interval.DAY, "0 mg x 1 (morgen)"),
        (Slots(((PartOfDay.MORNING, NONE), (PartOfDay.EVENING, NONE))), Interval.DAY, "0 mg x 2 (morgen, kveld)"),
        (
            Slots(((PartOfDay.MORNING, NONE), (PartOfDay.EVENING, UP_TO_ONE))),
            Interval.DAY,
            "0 mg morgen, 0–5 mg kveld",
        ),
    ],
)
def test_rare_schedules_have_a_class_and_no_words_that_are_not_certain(schedule, interval, words):
    told = simple_dose(dosage(schedule), read_strength("5 mg"))
    assert told.interval is interval
    assert dose_words(told) == words


def test_a_dosage_without_times_or_in_steps_is_no_simple_dose():
    assert simple_dose(Dosage(unit="tablett"), ()) is None
