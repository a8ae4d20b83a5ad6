"""What is written again and what is not: letters that did not arrive, flags that come back or turn worse, questions."""

from datetime import timedelta

import pytest
from house import MONDAY, files, flag, furnish, judged, letter_rows, receipt_of, states, ticked
from sqlalchemy import select

from formats.apprec import ReceiptError
from formats.dialog import read_dialog
from medrec import clock, intake
from medrec.actions import ActionKind, By, record_action
from medrec.notices import outbox
from medrec.records import discrepancy
from rules.conclusion import Owner, Severity

pytestmark = pytest.mark.usefixtures("routed")

HOUR = timedelta(hours=1)
NURSE = By(id="n", name="Nora", role="nurse")


@pytest.fixture
def anna(database):
    return furnish(database)


def answered(database, moment, *errors):
    with clock.held(moment):
        intake.receive(database, receipt_of(files(database)[0].read_bytes(), *errors, at=moment), channel="test")


@pytest.mark.parametrize(("errors", "written"), [((), 0), ((ReceiptError.of("E35"),), 1)])
def test_what_came_back_at_once_is_written_anew_only_where_its_letter_was_rejected(database, anna, errors, written):
    high = flag(severity=Severity.HIGH)
    judged(database, anna, MONDAY, high)
    assert ticked(database, MONDAY + 2 * HOUR) == 1
    answered(database, MONDAY + 2 * HOUR, *errors)
    judged(database, anna, MONDAY + 3 * HOUR)
    judged(database, anna, MONDAY + 4 * HOUR, high)
    assert ticked(database, MONDAY + 26 * HOUR) == written


def test_what_came_back_at_once_is_written_anew_when_its_letter_turns_out_not_to_have_arrived(database, anna):
    high = flag(severity=Severity.HIGH)
    judged(database, anna, MONDAY, high)
    assert ticked(database, MONDAY + 2 * HOUR) == 1
    judged(database, anna, MONDAY + 3 * HOUR)
    judged(database, anna, MONDAY + 4 * HOUR, high)
    assert ticked(database, MONDAY + 26 * HOUR) == 0
    ticked(database, MONDAY + 98 * HOUR)
    assert states(database) == ["overdue"]
    assert ticked(database, MONDAY + 122 * HOUR) == 1


def test_what_turns_worse_at_night_is_written_in_the_morning_by_the_tick(database, anna):
    judged(database, anna, MONDAY, flag(severity=Severity.MODERATE))
    assert ticked(database, MONDAY + 26 * HOUR) == 1
    judged(database, anna, MONDAY + 33 * HOUR, flag(severity=Severity.HIGH))
    assert len(letter_rows(database)) == 1
    assert [ticked(database, MONDAY + hours * HOUR) for hours in (46, 50, 70)] == [1, 0, 0]


def test_a_letter_sent_again_has_four_days_anew(database, anna):
    judged(database, anna, MONDAY, flag(severity=Severity.CRITICAL))
    ticked(database, MONDAY)
    ticked(database, MONDAY + 97 * HOUR)
    assert states(database) == ["overdue"]
    with clock.held(MONDAY + 98 * HOUR), database.writing() as session:
        assert outbox.retry(session) == 1
    for hours, state in ((98, "sent"), (190, "sent"), (195, "overdue")):
        ticked(database, MONDAY + hours * HOUR)
        assert states(database) == [state], hours


def asks(database, person_id, moment):
    with clock.held(moment), database.writing() as session:
        told = {"discrepancy": session.scalars(select(discrepancy.c.id)).one(), "text": "Haster det?"}
        record_action(session, person_id=person_id, kind=ActionKind.ASK_GP, by=NURSE, today=clock.today(), **told)


def test_a_question_of_an_earlier_opening_is_not_asked_again(database, anna):
    mine = flag(severity=Severity.HIGH, code="G03", owner=Owner.NURSE)
    judged(database, anna, MONDAY, mine)
    asks(database, anna, MONDAY + HOUR)
    assert ticked(database, MONDAY + 2 * HOUR) == 1
    judged(database, anna, MONDAY + 48 * HOUR)
    judged(database, anna, MONDAY + 96 * HOUR, mine)
    assert [ticked(database, MONDAY + hours * HOUR) for hours in (98, 122)] == [0, 0]


def test_a_question_is_asked_once_however_often_the_list_is_judged(database, anna):
    mine = flag(severity=Severity.MODERATE)
    judged(database, anna, MONDAY, mine)
    asks(database, anna, MONDAY + HOUR)
    for hours in (2, 3, 26, 27, 50):
        judged(database, anna, MONDAY + hours * HOUR, mine)
        ticked(database, MONDAY + hours * HOUR)
    assert len(letter_rows(database)) == 1


def test_after_a_letter_that_was_rejected_a_thread_begins_anew(database, anna):
    """The receiver's system has nothing that the next one could follow."""
    one, two = flag(1, Severity.CRITICAL), flag(2, Severity.CRITICAL)
    judged(database, anna, MONDAY, one)
    ticked(database, MONDAY)
    answered(database, MONDAY + HOUR, ReceiptError.of("E35"))
    judged(database, anna, MONDAY + 2 * HOUR, one, two)
    ticked(database, MONDAY + 2 * HOUR)
    second = letter_rows(database)[1]
    told = read_dialog((database.settings.outbox / f"{second.message_id}.xml").read_bytes())
    assert (told.parent_id, told.conversation_id) == ("", "")
    assert second.conversation_id == second.message_id


def test_what_is_in_a_letter_says_so_on_the_worklist_until_it_closes(database, anna):
    one, low = flag(1, Severity.HIGH), flag(2, Severity.LOW, code="B11")
    judged(database, anna, MONDAY, one, low)
    ticked(database, MONDAY + 2 * HOUR)
    with database.reading() as session:
        found = session.execute(select(discrepancy.c.code, discrepancy.c.state).order_by(discrepancy.c.code)).all()
    assert [tuple(row) for row in found] == [("B01", "sent"), ("B11", "open")]
