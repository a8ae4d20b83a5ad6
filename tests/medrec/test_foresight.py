"""Before a rule set or catalogue is adopted: what it would change is told by kind, and nothing is changed."""

import json

import pytest
from told import ANNA, NOON, TODAY, hp, medicine, message

from medrec import clock, intake, listing, work
from medrec.commands.refresh import _words
from medrec.foresight import Foreseen, look
from medrec.ledger import FlagStatus
from medrec.records import discrepancy


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def foreseen(database, person_id):
    told = Foreseen()
    with database.reading() as session:
        look(session, person_id, TODAY, told)
    return told


@pytest.fixture
def anna(database):
    """Judged with one weekly medicine that GP and home care agree on."""
    weekly = {"dose": "1 tablett ukentlig", "substances": ["warfarin"], "atc": "B01AA03"}
    person_id = intake.receive(database, message(ANNA, medicine("Warfarin", **weekly)), channel="test").patient
    intake.receive(database, hp(ANNA, medicine("Warfarin", kind="hjemmeliste", **weekly)), channel="test")
    work.drain(database, today=TODAY)
    return person_id


def daily(database):
    said = medicine("Warfarin", "1 tablett daglig", kind="hjemmeliste", substances=["warfarin"], atc="B01AA03")
    intake.receive(database, hp(ANNA, said, hours=1), channel="test")


def test_nothing_changes_where_nothing_is_new(database, anna):
    told = foreseen(database, anna)
    assert (told.judged, told.changed, told.failed) == (1, [], [])
    assert sum(told.stored_by.values()) == 1


def test_lists_flags_and_notices_are_told_by_kind_and_nothing_is_kept(database, anna):
    daily(database)
    told = foreseen(database, anna)
    assert told.changed == [anna]
    assert told.lists["status"] == 1
    assert told.flags["D02", "opens"] == 1
    assert told.notices["D02", "written"] == 1
    assert told.examples["D02 opens"][0].about.startswith("warfarin|")
    with database.reading() as session:
        assert listing.current_list(session, anna).version == 1


def test_what_closes_is_told_to_who_was_written_to(database, anna):
    daily(database)
    work.drain(database, today=TODAY)
    with database.writing() as session:
        session.execute(discrepancy.update().where(discrepancy.c.code == "D02").values(state=FlagStatus.SENT.value))
    weekly = medicine("Warfarin", "1 tablett ukentlig", kind="hjemmeliste", substances=["warfarin"], atc="B01AA03")
    intake.receive(database, hp(ANNA, weekly, hours=2), channel="test")
    told = foreseen(database, anna)
    assert told.flags["D02", "closes"] == 1
    assert told.notices["D02", "told as solved"] == 1


def test_a_person_never_judged_gets_everything(database):
    person_id = intake.receive(database, message(ANNA, medicine()), channel="test").patient
    told = foreseen(database, person_id)
    assert told.lists["line-came"] == 1
    assert not told.stored_by


def test_a_person_that_fails_is_told_and_the_others_shown(database, anna, monkeypatch):
    def broken(*_):
        raise LookupError

    monkeypatch.setattr(listing, "conclude", broken)
    told = foreseen(database, anna)
    assert told.failed == [anna]
    assert any(anna in line for line in _words(told))


def test_the_words_and_the_json_name_rule_set_and_examples(database, anna):
    daily(database)
    told = foreseen(database, anna)
    words = "\n".join(_words(told))
    assert "1 would change" in words
    assert "D02 opens: 1" in words
    assert "D02 written: 1" in words
    assert told.judged_by[0] in words
    assert json.dumps(told.examples["D02 opens"][0].about)
