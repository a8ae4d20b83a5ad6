"""The round of notices on several machines: a batch is one machine's in each round, a letter is written once."""

from datetime import timedelta

import pytest
from house import MONDAY, flag, furnish, letter_rows, ticked
from sqlalchemy import select

from medrec import clock, ledger
from medrec.db import open_database
from medrec.notices import rounds
from medrec.records import fence, person
from rules.conclusion import Severity


def raised(database):
    """A critical flag that nobody has written about yet; returns whose."""
    anna = furnish(database)
    with clock.held(MONDAY), database.writing() as session:
        ledger.settle(session, anna, [flag(severity=Severity.CRITICAL)], clock.today())
    return anna


@pytest.fixture
def due(database):
    return raised(database)


def test_a_batch_is_one_machines_in_each_round(database, due):
    with clock.held(MONDAY):
        assert rounds.shared(database) == 1
    with database.reading() as session:
        taken = session.scalars(select(fence.c.schedule)).all()
    assert taken == [f"notices.{due[:2]}"]
    with clock.held(MONDAY + timedelta(seconds=20)):
        assert rounds.shared(database) == 0, "written once"
    assert len(letter_rows(database)) == 1


def test_a_machine_that_died_with_its_batch_holds_it_up_for_a_round_only(database, monkeypatch):
    raised(database)

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, clock.held(MONDAY):
        patched.setattr(rounds, "_turn_of", dies)
        with pytest.raises(KeyboardInterrupt):
            rounds.shared(database)
    with clock.held(MONDAY + timedelta(seconds=5)):
        assert rounds.shared(database) == 0, "another one believes that it is being done"
    with clock.held(MONDAY + timedelta(seconds=20)):
        assert rounds.shared(database) == 1


@pytest.mark.postgres
def test_a_person_whom_a_frozen_machine_holds_holds_up_nobody(postgres_settings):
    database = open_database(postgres_settings)
    anna = raised(database)
    with database.writing() as session:  # the frozen one's transaction
        session.execute(select(person.c.id).where(person.c.id == anna).with_for_update()).one()
        assert ticked(database, MONDAY) == 0, "passed by, and not waited for"
    assert ticked(database, MONDAY + timedelta(seconds=20)) == 1
    database.close()
