"""A patient who has closed the record (sperring): nothing leaves the house by itself, and nothing is forgotten."""

from datetime import timedelta

import pytest
from house import GP_HER, MONDAY, files, flag, furnish, judged, letter_rows, states, ticked

from medrec import clock
from medrec.access import blocks
from medrec.access.people import Role, User
from medrec.notices import threads, tidy
from rules.conclusion import Severity

LEADER = User(id="l", name="Lars Eksempel", role=Role.LEADER)
TIDY = flag(7, Severity.LOW, code="B11")


@pytest.fixture
def anna(database):
    return furnish(database)


def shut(database, person_id, moment=MONDAY):
    with clock.held(moment), database.writing() as session:
        assert blocks.put(session, person_id, LEADER)


def opened(database, person_id, moment):
    with clock.held(moment), database.writing() as session:
        assert blocks.lift(session, person_id, LEADER)


def tasks(database):
    with database.reading() as session:
        return [task.why for task in threads.tasks(session)]


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.HIGH, Severity.MODERATE])
def test_no_letter_goes_and_somebody_is_asked_to_judge_once(database, anna, severity):
    shut(database, anna)
    judged(database, anna, MONDAY, flag(1, severity))
    for hours in (3, 27, 51):
        ticked(database, MONDAY + timedelta(hours=hours))
    assert (letter_rows(database), files(database), tasks(database)) == ([], [], ["blocked"])


def test_what_never_warrants_a_letter_is_no_task_either(database, anna):
    shut(database, anna)
    judged(database, anna, MONDAY, TIDY)
    ticked(database, MONDAY + timedelta(days=2, hours=2))
    assert tasks(database) == []


def test_the_tidy_list_is_without_them(database, anna):
    judged(database, anna, MONDAY, TIDY)
    with clock.held(MONDAY), database.reading() as session:
        assert "Anna Eksempel" in "".join(tidy.tidy_lists(session).values())
    shut(database, anna)
    with clock.held(MONDAY), database.reading() as session:
        assert tidy.tidy_lists(session) == {}


def test_when_the_block_is_lifted_the_letter_goes_and_the_task_is_over(database, anna):
    shut(database, anna)
    judged(database, anna, MONDAY, flag(1, Severity.HIGH))
    ticked(database, MONDAY + timedelta(hours=3))
    assert tasks(database) == ["blocked"]
    opened(database, anna, MONDAY + timedelta(hours=20))
    ticked(database, MONDAY + timedelta(hours=23))
    assert (states(database), tasks(database)) == (["sent"], [])


def test_what_was_settled_meanwhile_needs_neither(database, anna):
    shut(database, anna)
    judged(database, anna, MONDAY, flag(1, Severity.CRITICAL))
    judged(database, anna, MONDAY + timedelta(hours=2))
    opened(database, anna, MONDAY + timedelta(hours=3))
    ticked(database, MONDAY + timedelta(hours=4))
    assert (letter_rows(database), tasks(database)) == ([], [])


def test_a_letter_that_has_not_left_waits_for_the_block_to_be_lifted(database, anna):
    judged(database, anna, MONDAY, flag(1, Severity.CRITICAL))
    assert (states(database), files(database)) == (["queued"], [])
    shut(database, anna)
    ticked(database, MONDAY + timedelta(hours=1))
    assert (states(database), files(database)) == (["queued"], [])
    opened(database, anna, MONDAY + timedelta(hours=2))
    ticked(database, MONDAY + timedelta(hours=2))
    assert [file.stem for file in files(database)] == [row.message_id for row in letter_rows(database)]


def test_nobody_is_told_of_closings_either(database):
    anna = furnish(database, {GP_HER: {"closing": True}})
    judged(database, anna, MONDAY, flag(1, Severity.CRITICAL))
    ticked(database, MONDAY)
    shut(database, anna)
    judged(database, anna, MONDAY + timedelta(days=1))
    ticked(database, MONDAY + timedelta(days=1, hours=7, minutes=30))
    assert len(letter_rows(database)) == 1
