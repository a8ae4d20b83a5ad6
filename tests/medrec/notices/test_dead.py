"""A patient who has died: no letter about them leaves, nobody is asked to phone, and a mistake is taken back."""

from datetime import timedelta

import pytest
from house import MONDAY, files, flag, furnish, judged, letter_rows, receipt_of, states, ticked

from formats.apprec import ReceiptError
from medrec import clock, intake, life
from medrec.notices import outbox, threads
from rules.conclusion import Severity

pytestmark = pytest.mark.usefixtures("routed")

WHY = "bekreftet i Folkeregisteret, besluttet av leder"
HOUR = timedelta(hours=1)


@pytest.fixture
def anna(database):
    """A patient with a critical flag that has just been judged: its letter waits to be carried."""
    person_id = furnish(database)
    judged(database, person_id, MONDAY, flag(1, Severity.CRITICAL))
    return person_id


def dies(database, person_id, moment):
    with clock.held(moment), database.writing() as session:
        return life.died(session, person_id, clock.today(), by="a", reason=WHY)


def lives(database, event, moment):
    with clock.held(moment), database.writing() as session:
        life.not_dead(session, event, by="a")


def tasks(database):
    with database.reading() as session:
        return sorted(task.why for task in threads.tasks(session))


def undeliverable(database):
    """The folder is away until the letter counts as failed; the hour at which it does."""
    database.settings.outbox.write_text("in the way", encoding="utf-8")
    for hour in range(10):
        ticked(database, MONDAY + hour * HOUR)
    assert (states(database), tasks(database)) == (["failed"], ["call", "failed"])
    database.settings.outbox.unlink()
    return MONDAY + 10 * HOUR


def test_a_letter_that_failed_is_not_tried_again_and_its_call_goes_away(database, anna):
    now = undeliverable(database)
    event = dies(database, anna, now)
    for hours in (1, 24, 120):
        ticked(database, now + hours * HOUR)
    with clock.held(now + 121 * HOUR), database.writing() as session:
        assert outbox.retry(session) == outbox.retry(session, (letter_rows(database)[0].id,)) == 0
    assert (states(database), tasks(database), files(database)) == (["held"], [], [])
    lives(database, event, now + 122 * HOUR)
    assert (states(database), tasks(database)) == (["failed"], ["call", "failed"])
    ticked(database, now + 123 * HOUR)
    assert (states(database), len(files(database)), tasks(database)) == (["sent"], 1, ["call"])


def test_a_letter_that_had_left_is_neither_sent_again_nor_phoned_about(database, anna):
    ticked(database, MONDAY)
    event = dies(database, anna, MONDAY + HOUR)
    ticked(database, MONDAY + 97 * HOUR)
    assert (states(database), tasks(database)) == (["overdue"], [])
    with clock.held(MONDAY + 98 * HOUR), database.writing() as session:
        assert outbox.retry(session) == 0
    lives(database, event, MONDAY + 99 * HOUR)
    assert tasks(database) == ["call", "overdue"], "what came up meanwhile is not lost"


@pytest.mark.parametrize(("errors", "then"), [((), ["call"]), ((ReceiptError.of("E35"),), ["call", "rejected"])])
def test_a_receipt_that_comes_after_the_death_is_kept_and_asks_for_nothing(database, anna, errors, then):
    ticked(database, MONDAY)
    event = dies(database, anna, MONDAY + HOUR)
    ticked(database, MONDAY + 97 * HOUR)
    with clock.held(MONDAY + 98 * HOUR):
        intake.receive(database, receipt_of(files(database)[0].read_bytes(), *errors), channel="test")
    assert (states(database), tasks(database)) == (["rejected" if errors else "acknowledged"], [])
    lives(database, event, MONDAY + 99 * HOUR)
    assert tasks(database) == then


def test_a_letter_written_as_the_death_is_told_does_not_leave(database, anna):
    """Two processes at once: the one that judged has committed after the one that noted the death."""
    dies(database, anna, MONDAY)
    with clock.held(MONDAY), database.writing() as session:
        (waiting,) = letter_rows(database)
        session.execute(outbox.outbox.update().where(outbox.outbox.c.id == waiting.id).values(state="queued"))
    ticked(database, MONDAY + HOUR)
    assert (states(database), files(database)) == (["queued"], [])
