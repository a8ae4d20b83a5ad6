"""The clock jumps, forward and back, over everything that is due: it is done, once, and nothing stands still."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from told import ANNA, NOON, TODAY, medicine, message

from medrec import clock, fences, intake, listing, persons, schedule, upkeep, work
from medrec.records import fence, list_version, person

DAY = timedelta(days=1)
JUMPS = {
    "an hour forward over midnight, and back": [timedelta(hours=13), timedelta(hours=12)],
    "a week forward and back": [7 * DAY, timedelta(minutes=1)],
    "years forward and back": [900 * DAY, timedelta(minutes=1)],
    "a day back and forward again": [-DAY, timedelta(minutes=1)],
    "an hour back at the end of summer time": [timedelta(hours=1), timedelta(0), timedelta(hours=1)],
}


def all_ticks(database):
    """What the leader fires, but for fetching."""
    marked = database.once(schedule.night_refresh) + database.once(upkeep.staleness)
    database.once(upkeep.anchor)
    upkeep.radar_look(database)
    work.run_once(database)
    return marked


@pytest.fixture
def anna(database):
    """Somebody whose list was judged at noon."""
    with clock.held(NOON):
        found = intake.receive(database, message(ANNA, medicine()), channel="test").patient
        all_ticks(database)
    return found


def stored(database, person_id):
    with database.reading() as session:
        return listing.current_list(session, person_id)


@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
def test_after_a_jump_days_go_on_as_before(database, anna, jumps):
    for jump in jumps:
        with clock.held(NOON + jump):
            all_ticks(database)
    for day in range(1, 4):
        with clock.held(NOON + day * DAY):
            all_ticks(database)
            now = stored(database, anna)
            assert now.judged_on == TODAY + day * DAY, "no list is late, nor ahead"
            with database.reading() as session:
                assert work.oldest_waiting(session) is None
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(list_version)) == 1, "dates alone changed nothing"
        taken = session.execute(select(fence.c.schedule, fence.c.due)).all()
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("jump", [DAY, -DAY, 900 * DAY])
def test_what_comes_in_after_a_jump_is_judged_at_once(database, anna, jump):
    with clock.held(NOON + jump):
        all_ticks(database)
    with clock.held(NOON + timedelta(minutes=2)):
        intake.receive(database, message(ANNA, medicine(dose="2 tabletter morgen"), hours=0.02), channel="test")
        work.run_once(database)
        now = stored(database, anna)
    assert "2 tabletter morgen" in {s.dose_text for s in now.statements.values()}
    assert (now.version, now.judged_on) == (2, TODAY)


def test_a_judgement_that_a_wrong_clock_put_off_for_years_is_made_now(database, anna):
    ahead = NOON + 900 * DAY
    with database.writing() as session:
        persons.mark_dirty(session, [anna])
        session.execute(update(person).values(dirty_tries=3, dirty_after=ahead))
    with clock.held(NOON + timedelta(minutes=1)):
        assert work.drain(database).judged == 1
    with database.writing() as session:
        persons.mark_dirty(session, [anna])
        session.execute(update(person).values(dirty_tries=3, dirty_after=NOON + timedelta(minutes=30)))
    with clock.held(NOON + timedelta(minutes=1)):
        assert work.drain(database).judged == 0, "a real one waits"


def test_a_batch_taken_by_a_wrong_clock_is_anybodys_again(database):
    def takes(moment):
        with clock.held(moment):
            return database.once(lambda session: fences.turn(session, "notices.00", timedelta(seconds=15)))

    assert takes(NOON)
    assert not takes(NOON + timedelta(seconds=10)), "one process in each round"
    assert takes(NOON + timedelta(seconds=15))
    assert takes(NOON + 900 * DAY)
    assert takes(NOON + timedelta(seconds=30)), "back again"
    assert not takes(NOON + timedelta(seconds=31))
