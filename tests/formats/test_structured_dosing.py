"""Structured dosing says all of what it says, or is kept unread: half of it would be another dosing."""

from datetime import date

import pytest
from build_eresept import code, dosering, fixed, forskrivning, line, m1, m25, medicine, needed, tag, word

from formats.dosing import Cycle, Every, PeriodUnit, Slots, Steps, Weekdays
from formats.read import read


def told(dosing):
    return read(m1(1, medicine(forskrivning(dosing=dosing))))


def dose(*inside, amount="1"):
    """A DoseFastTidspunkt with more in it than `fixed` knows."""
    return tag("DoseFastTidspunkt", tag("Mengde", V=amount, U="tablett"), *inside)


def days(*week, on=None, off=None):
    return tag("FastDose", *(code("FasteUkedager", d) for d in week), word("DagerPa", on), word("DagerAv", off))


def every(count, unit):
    return tag("Intervall", V=count, U=unit)


EXACT = word("GisEksakt", "false")


def as_needed(day="4", most="0", span="0 Time", least="0 Time", interval=None):
    (count, unit), (at_least, of) = span.split(), least.split()
    return tag(
        "DoseEtterBehov",
        tag("Mengde", V="1", U="tablett"),
        interval,
        tag("DoseDognMaks", V=day, U="tablett"),
        tag("DoseTidsromMaks", V=most, U="tablett"),
        tag("Tidsrom", V=count, U=unit),
        tag("DoseIntervallMin", V=at_least, U=of),
    )


@pytest.mark.parametrize(
    ("begins", "over", "first", "last"),
    [
        ("2019-07-17", "2019-07-23", date(2019, 7, 17), date(2019, 7, 22)),  # "i 6 dager", M9.6 and PLL samples
        ("2019-07-17", "2019-08-19", date(2019, 7, 17), date(2019, 8, 18)),  # "i 33 dager", M1 sample
        ("2014-05-03", "2014-05-18", date(2014, 5, 3), date(2014, 5, 17)),  # "i 15 døgn", magistral sample
        ("2026-01-10", "2026-01-11", date(2026, 1, 10), date(2026, 1, 10)),
        ("2026-01-10", "2026-01-10", date(2026, 1, 10), date(2026, 1, 10)),  # that day, not none
        ("2026-01-10T08:00:00+01:00", "2026-01-12T20:00:00+01:00", date(2026, 1, 10), date(2026, 1, 12)),
        ("2026-01-10T00:00:00", "2026-01-12T00:00:00", date(2026, 1, 10), date(2026, 1, 11)),
        ("", "2026-01-12", None, date(2026, 1, 11)),
    ],
)
def test_the_dosing_is_over_on_the_day_it_says_and_the_day_before_is_its_last(begins, over, first, last):
    statement = told(dosering(fixed("1", part="1"), starts=begins, ends=over)).statements[0]
    assert (statement.start, statement.end) == (first, last)
    assert (statement.dosage.starts, statement.dosage.ends) == (first, last)


def test_a_period_that_begins_where_the_one_before_is_over_is_the_next_step():
    taper = dosering(fixed("4", part="1"), starts="2026-02-01", ends="2026-02-04") + dosering(
        fixed("2", part="1"), starts="2026-02-04", ends="2026-02-07"
    )
    dosage = told(taper).statements[0].dosage
    assert isinstance(dosage.schedule, Steps)
    assert [step.length.low for step in dosage.schedule.steps] == [3, 3]
    assert dosage.ends == date(2026, 2, 6)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(dose(every("14", "Døgn"), EXACT, days("1")), id="each second monday"),
        pytest.param(dose(every("8", "Time"), EXACT, days("1", "4")), id="three times on named days"),
        pytest.param(dose(every("2", "Døgn"), EXACT, days(on="21", off="7")), id="each second day, with days off"),
        pytest.param(dose(EXACT, days(on="5")), id="days on, days off not said"),
        pytest.param(dose(EXACT, days(off="7")), id="days off, days on not said"),
        pytest.param(dose(EXACT, days(on="-1", off="7")), id="fewer days than none"),
        pytest.param(dose(every("1e1", "Døgn"), EXACT), id="an interval that is no number"),
        pytest.param(dose(tag("Intervall", U="Måned"), EXACT), id="an interval of how many"),
        pytest.param(dose(word("Klokkeslett", "08:00:00"), code("Tidsomrade", "5"), EXACT), id="eight in the evening"),
        pytest.param(dose(word("Klokkeslett", "07:00:00Z"), EXACT), id="a clock that is not ours"),
        pytest.param(as_needed(most="10", span="1 Måned", least="2 Time"), id="at most ten in a month"),
        pytest.param(as_needed(most="10", span="1 Måned"), id="at most ten in a month, no pause"),
        pytest.param(as_needed(most="3"), id="at most three, in what time not said"),
        pytest.param(as_needed(least="30 Minutt"), id="half an hour apart"),
        pytest.param(as_needed(least="4 Time", interval=every("8", "Time")), id="each eight hours, and four apart"),
        pytest.param(as_needed(most="INF", span="1 Måned"), id="a limit that is no number"),
    ],
)
def test_what_a_dosage_cannot_hold_whole_is_kept_unread(given):
    reading = told(dosering(given))
    assert reading.statements[0].dosage is None
    assert [u.reason for u in reading.unread] == ["structured dosing not understood"]


@pytest.mark.parametrize(
    ("given", "schedule"),
    [
        (dose(every("7", "Døgn"), EXACT, days("1")), Weekdays),
        (dose(every("1", "Døgn"), EXACT, days("1", "4")), Weekdays),
        (dose(EXACT, days(on="21", off="7")), Cycle),
        (dose(code("Tidsomrade", "1"), EXACT, days(on="0", off="0")), Slots),
        (as_needed(most="1", span="4 Time", least="4 Time"), Every),
        (as_needed(most="4", span="24 Time", least="4 Time"), Every),
        (as_needed(least="4 Time", interval=every("1", "Døgn")), Every),
    ],
)
def test_what_is_said_twice_alike_is_one(given, schedule):
    reading = told(dosering(given))
    assert isinstance(reading.statements[0].dosage.schedule, schedule)
    assert reading.unread == ()


def test_the_least_interval_is_what_is_read():
    schedule = told(dosering(needed("1", "4", span="6"))).statements[0].dosage.schedule
    assert (schedule.low, schedule.unit) == (6, PeriodUnit.HOUR)


def test_a_line_of_a_list_ends_as_its_prescription_does():
    content = medicine(
        forskrivning(dosing=dosering(fixed("1", part="1"), starts="2019-07-17", ends="2019-08-19")),
        ns="http://www.kith.no/xmlstds/eresept/m1/2013-10-08",
    )
    assert read(m25(line(1, content))).statements[0].end == date(2019, 8, 18)
