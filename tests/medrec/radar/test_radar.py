"""The radar: what is counted, a fault like that of June 2024 found in its first week, ordinary life silent."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from math import exp
from random import Random

import pytest
from sqlalchemy import func, select
from told import ANNA, BERIT, NOON, TODAY, medicine, message, number

from medrec import clock, intake, radar
from medrec.radar_shifts import DOSE, IMPROBABLE, INTERVAL, Counted, at_least, shifts
from medrec.records import radar_count

MONDAY = date(2026, 3, 2)
METHOTREXATE, ALENDRONATE, METOPROLOL = "L04AX03", "M05BA04", "C07AB02"
DAILY, WEEKLY = 0, 2


def counts(database):
    with database.reading() as session:
        rows = session.execute(select(radar_count)).all()
    return {(r.system, r.substance, r.measure, r.bucket): r.count for r in rows}


def weekly(**more):
    return medicine("Metotreksat 2,5 mg", "6 tabletter hver mandag", atc=METHOTREXATE, **more)


def test_a_statement_counts_once_however_often_it_is_said(database):
    with clock.held(NOON):
        for hours in range(3):
            intake.receive(database, message(ANNA, weekly(), hours=hours), channel="test")
        intake.receive(database, message(BERIT, weekly()), channel="test")
    told = counts(database)
    assert told["GP", METHOTREXATE, INTERVAL, WEEKLY] == 2
    assert told["GP", radar.NOT_DAILY, INTERVAL, WEEKLY] == 2
    assert told["GP", radar.EVERY, INTERVAL, WEEKLY] == 2


def test_reading_a_message_again_counts_nothing(sqlite_database):
    with clock.held(NOON):
        receipt = intake.receive(sqlite_database, message(ANNA, weekly()), channel="test")
        before = counts(sqlite_database)
        intake.read_again(sqlite_database, receipt.message_id)
    assert counts(sqlite_database) == before


def test_what_is_stopped_and_what_is_no_dose_counts_nothing(sqlite_database):
    stopped = weekly(status="stopped")
    unreadable = medicine("Marevan", "etter INR", atc="B01AA03")
    with clock.held(NOON):
        intake.receive(sqlite_database, message(ANNA, stopped, unreadable), channel="test")
    assert counts(sqlite_database) == {}


def test_no_person_stands_in_the_counts(sqlite_database):
    with clock.held(NOON):
        person = intake.receive(sqlite_database, message(ANNA, weekly()), channel="test").patient
    with sqlite_database.reading() as session:
        told = str(session.execute(select(radar_count)).all())
    assert ANNA not in told
    assert person not in told


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("1 tablett morgen", DAILY),
        ("1 tablett 3 ganger daglig", DAILY),
        ("1 tablett annenhver dag", 1),
        ("1 tablett mandag og torsdag", 1),
        ("1 tablett hver uke", WEEKLY),
        ("1 tablett hver 14. dag", 3),
    ],
)
def test_each_interval_has_its_class(sqlite_database, text, bucket):
    with clock.held(NOON):
        intake.receive(sqlite_database, message(ANNA, medicine(dose=text, atc=METOPROLOL)), channel="test")
    assert ("GP", METOPROLOL, INTERVAL, bucket) in counts(sqlite_database)


# --- June 2024, through the real intake ---------------------------------------------------------------------------

FIRST_MONDAY = NOON - timedelta(days=7 * 6)


def people_with(count):
    return [number(serial) for serial in range(1, count + 1)]


def lived(database, weeks, everyone, fault_from=None):
    """Each week somebody's list is changed; from the fault's week on each weekly dose is told as daily."""
    for week in range(weeks):
        moment = FIRST_MONDAY + timedelta(weeks=week)
        wrong = fault_from is not None and week >= fault_from
        for i, who in enumerate(everyone):
            if week and not wrong and i % weeks != week:
                continue
            dose = "6 tabletter daglig" if wrong and i % 3 == 0 else "6 tabletter hver mandag"
            rare = medicine("Metotreksat 2,5 mg", dose, atc=METHOTREXATE)
            common = medicine("Metoprolol 50 mg", f"{1 + (i + week) % 2} tablett morgen", atc=METOPROLOL)
            raw = message(who, rare, common, hours=24 * 7 * (week - 6), source="RF", kinds=("resept",))
            with clock.held(moment):
                intake.receive(database, raw, channel="test")


def test_weekly_doses_that_become_daily_are_found_in_the_first_week_and_shown(sqlite_database):
    everyone = people_with(24)
    lived(sqlite_database, 6, everyone)
    with clock.held(FIRST_MONDAY + timedelta(weeks=5, days=2)):
        assert radar.tick(sqlite_database) == 0
    lived(sqlite_database, 7, everyone, fault_from=6)
    with clock.held(NOON + timedelta(days=2)):
        assert radar.tick(sqlite_database) >= 1
        assert radar.tick(sqlite_database) == 0, "told once"
    with sqlite_database.reading() as session:
        told = radar.shown(session)
    assert {(s.system, s.substance, s.measure, s.to, s.week) for s in told} >= {
        ("RF", METHOTREXATE, INTERVAL, DAILY, TODAY)
    }
    assert all(s.substance != METOPROLOL for s in told)


# --- generated weeks ----------------------------------------------------------------------------------------------

SYSTEMS = {"RF": 1.0, "GP Alfa": 0.5, "GP Beta": 0.25, "HP Gamma": 0.7}
SUBSTANCES = 150


def poisson(random, mean):
    """Small means only, by multiplication."""
    limit, product, n = exp(-min(mean, 500.0)), random.random(), 0
    while product > limit:
        product *= random.random()
        n += 1
    return n


def profiles(random):
    """Each substance: how many new sayings a week, how often its intervals and its doses are said."""
    made = {}
    for n in range(SUBSTANCES):
        rare = n % 15 == 0
        intervals = {WEEKLY: 0.94, 1: 0.05, 0: 0.01} if rare else {0: 0.97, 1: 0.02, 2: 0.01}
        middle, spread = random.randint(-4, 12), {0: 0.6, -1: 0.15, 1: 0.15, 2: 0.05, -2: 0.03, 3: 0.01, -4: 0.01}
        mean = 12.0 / (1 + n * 0.12) * random.uniform(0.7, 1.3)
        made[f"N{n:06}"] = (rare, mean, intervals, {middle + step: share for step, share in spread.items()})
    return made


def picked(random, law):
    return random.choices(list(law), list(law.values()))[0]


def ordinary_week(random, week, known, wrong=None):
    """Counts of one week: weeks differ by more than chance, a new office comes now and then, versions change.

    `wrong` (system, bucket, dose) -> (bucket, dose) is the fault.
    """
    found = Counter()
    for system, size in SYSTEMS.items():
        busy = random.lognormvariate(0.0, 0.3) * (6.0 if random.random() < 0.03 else 1.0)
        version = f"v{week.toordinal() // 70}"
        for substance, (rare, mean, intervals, doses) in known.items():
            own = {key: share * random.lognormvariate(0.0, 0.35) for key, share in intervals.items()}
            for _ in range(poisson(random, mean * size * busy)):
                bucket, dose = picked(random, own), picked(random, doses)
                if wrong:
                    bucket, dose = wrong(system, bucket, dose)
                keys = [(substance, INTERVAL, bucket), (substance, DOSE, dose), ("", INTERVAL, bucket)]
                keys += [(radar.NOT_DAILY, INTERVAL, bucket)] if rare else []
                found.update((system, version, *key) for key in keys)
    return [
        Counted(system=s, version=v, week=week, substance=x, measure=m, bucket=b, count=n)
        for (s, v, x, m, b), n in found.items()
    ]


def year(seed, weeks, wrong_from=None, wrong=None):
    random = Random(seed)
    known, told = profiles(random), []
    for n in range(weeks):
        week = MONDAY + timedelta(weeks=n)
        told += ordinary_week(random, week, known, wrong if wrong_from is not None and n >= wrong_from else None)
        yield week, list(shifts(told, week))


def test_a_year_of_ordinary_weeks_raises_no_alarm(record_property):
    alarms = [(seed, shift) for seed in (1, 2) for _, found in year(seed, 52) for shift in found]
    record_property("false_alarms", f"{len(alarms)} in 2 years of {len(SYSTEMS)} systems and {SUBSTANCES} substances")
    assert alarms == []


def weekly_turned_daily(system, bucket, dose):
    return (DAILY if system == "RF" and bucket == WEEKLY else bucket), dose


def ten_times(system, bucket, dose):
    return bucket, dose + (4 if system == "GP Beta" else 0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("wrong", "system", "measure"), [(weekly_turned_daily, "RF", INTERVAL), (ten_times, "GP Beta", DOSE)]
)
def test_a_fault_in_one_system_is_found_in_its_first_week_and_laid_at_its_door(seed, wrong, system, measure):
    *before, (_, found) = year(seed, 11, wrong_from=10, wrong=wrong)
    assert [shift for _, earlier in before for shift in earlier] == []
    assert found
    assert {(s.system, s.measure) for s in found} == {(system, measure)}


def test_a_fault_of_one_in_four_is_found_too():
    random = Random(7)

    def sometimes(system, bucket, dose):
        hit = system == "RF" and bucket == WEEKLY and random.random() < 0.3
        return (DAILY if hit else bucket), dose

    *_, (_, found) = year(3, 11, wrong_from=10, wrong=sometimes)
    assert {s.system for s in found} == {"RF"}


def test_the_chance_is_a_chance():
    assert at_least(0, 10, 0.5, 0.5) == pytest.approx(1.0)
    assert at_least(10, 10, 1.0, 1.0) == pytest.approx(1 / 11)
    assert at_least(5, 5, 0.5, 100.5) < IMPROBABLE
    falling = [at_least(k, 50, 2.5, 40.5) for k in range(51)]
    assert falling == sorted(falling, reverse=True)


def test_without_weeks_before_nothing_is_a_shift():
    only = [Counted(system="RF", version="v", week=MONDAY, substance="X", measure=INTERVAL, bucket=0, count=500)]
    assert list(shifts(only, MONDAY)) == []


def test_a_transaction_that_fails_counts_nothing(sqlite_database, monkeypatch):
    def dies(*_):
        raise RuntimeError

    monkeypatch.setattr(intake, "AFTER_HEARD", [dies])
    with clock.held(NOON), pytest.raises(RuntimeError):
        intake.receive(sqlite_database, message(ANNA, weekly()), channel="test")
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(radar_count)) == 0


def test_messages_at_the_same_time_are_all_counted(database):
    """Eight senders at once, on either store: the shared rows neither lose a count nor stop anybody for good."""
    everyone = people_with(32)
    common = medicine("Metoprolol 50 mg", "1 tablett morgen", atc=METOPROLOL)

    def send(who):
        return intake.receive(database, message(who, weekly(), common), channel="test").status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, everyone)) == {"accepted"}
    told = counts(database)
    assert told["GP", METHOTREXATE, INTERVAL, WEEKLY] == 32
    assert told["GP", METOPROLOL, INTERVAL, DAILY] == 32
    assert told["GP", radar.EVERY, INTERVAL, DAILY] == 32
