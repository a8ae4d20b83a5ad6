"""The log: appended to only, on both databases, and any change of it is found."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from medrec import clock
from medrec.access import log
from medrec.access.people import Role, User
from medrec.db import is_postgres

NURSE = User(id="n", name="Test", role=Role.NURSE)
NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


@pytest.fixture
def written(database):
    """Five rows, one of them under a clock of another zone."""
    with database.writing() as session:
        for minute in range(5):
            zone = timezone(timedelta(hours=minute))
            with clock.held((NOW + timedelta(minutes=minute)).astimezone(zone)):
                log.record(session, NURSE, "read-list", person_id="a" * 24, why="COC")
    return database


def broken(database, **more):
    with database.reading() as session:
        return [(b.position, b.wrong) for b in log.verify(session, **more)]


def opened(session):
    """As whoever owns the database could do it: the refusal taken away first."""
    if is_postgres(session):
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        return
    session.execute(text("DROP TRIGGER audit_no_update"))
    session.execute(text("DROP TRIGGER audit_no_delete"))


def test_an_untouched_log_holds(written):
    assert broken(written) == []


def test_an_empty_log_holds_and_has_an_anchor(database):
    with database.reading() as session:
        noted = log.anchor(session)
    assert noted == (0, log.FIRST)
    assert broken(database, against=noted) == []


@pytest.mark.parametrize("words", ["UPDATE audit SET what = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_database_refuses_to_change_the_log(written, words):
    if words.startswith("TRUNCATE") and written.settings.is_sqlite:
        words = "DELETE FROM audit"
    with written.writing() as session, pytest.raises(DBAPIError):
        session.execute(text(words))
    assert broken(written) == []


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("UPDATE audit SET actor_name = 'Other' WHERE position = 2", (2, "changed")),
        ("UPDATE audit SET person_id = NULL WHERE position = 5", (5, "changed")),
        ("DELETE FROM audit WHERE position = 3", (3, "missing")),
        ("DELETE FROM audit WHERE position = 1", (1, "missing")),
    ],
)
def test_a_row_that_was_changed_or_taken_away_is_found(written, words, where):
    with written.writing() as session:
        opened(session)
        session.execute(text(words))
    assert where in broken(written)


def test_rows_that_changed_places_are_found(written):
    with written.writing() as session:
        opened(session)
        for old, new in ((2, 99), (3, 2), (99, 3)):
            session.execute(text("UPDATE audit SET position = :new WHERE position = :old"), {"new": new, "old": old})
    assert {position for position, _ in broken(written)} >= {2, 3}


def test_a_log_that_lost_its_end_differs_from_what_was_noted_outside(written):
    with written.reading() as session:
        noted = log.anchor(session)
    with written.writing() as session:
        opened(session)
        session.execute(text("DELETE FROM audit WHERE position = 5"))
    assert broken(written) == []
    assert broken(written, against=noted) == [(5, "differs from its anchor")]


def test_what_is_rolled_back_was_not_seen_and_is_not_in_the_log(written):
    with written.writing() as session:
        log.record(session, NURSE, "read-list")
        session.rollback()
    with written.reading() as session:
        assert log.anchor(session)[0] == 5
