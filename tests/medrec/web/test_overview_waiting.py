"""How far a refresh of everybody has come, on the leader's page."""

import pytest
from sqlalchemy import select, update

from medrec import persons
from medrec.db import open_database
from medrec.records import person

WAITING = "lister vurderes på nytt"


@pytest.fixture
def waiting(demo, leader):
    """Marks persons of the leader's own as waiting; they are judged when the test is over."""
    database = open_database(demo.settings)
    with database.reading() as session:
        everybody = list(session.scalars(select(person.c.id).where(person.c.dirty_since.is_(None))))

    def mark(many, tries=0):
        def write(session):
            persons.mark_dirty(session, everybody[:many])
            session.execute(update(person).where(person.c.dirty_since.is_not(None)).values(dirty_tries=tries))

        database.once(write)
        return leader.page("/overview")

    yield mark
    settled = update(person).values(dirty_since=None, dirty_after=None, dirty_tries=0)
    database.once(lambda session: session.execute(settled))
    database.close()


def test_what_waits_is_told_with_how_much_is_done(waiting):
    text = waiting(3)
    assert f"3 av 8 {WAITING}" in text
    assert '<progress max="8" value="5"' in text
    assert "kunne ikke vurderes sist" not in text


def test_what_failed_is_told_beside(waiting):
    assert "2 av dem kunne ikke vurderes sist" in waiting(2, tries=1)


def test_where_nobody_waits_nothing_is_said(leader):
    assert WAITING not in leader.page("/overview")
