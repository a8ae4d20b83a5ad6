"""Persons judged in one transaction: only what is new is written, and what is asked does not grow with them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select, update
from told import NOON, TODAY, hp, medicine, message, number

from medrec import clock, feed, intake, listing, persons, work, worklist
from medrec.actions import ActionKind, By, record_action
from medrec.glance import Asked
from medrec.records import list_head, person
from rules.conclusion import Severity

_MANY = 25
"""More than are judged in one transaction."""


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def known(database, many=_MANY, after=0):
    """Persons whose GP and home care say different doses; nobody is judged yet."""
    raws = [
        raw
        for serial in range(after + 1, after + many + 1)
        for raw in (
            message(number(serial), medicine(dose="1 tablett daglig")),
            hp(number(serial), medicine(dose="2 tabletter daglig", kind="hjemmeliste", recorded="2026-02-20")),
        )
    ]
    assert {receipt.status for receipt in intake.receive_many(database, raws, channel="test")} == {"accepted"}


def heads(database):
    with database.reading() as session:
        rows = session.execute(select(list_head).order_by(list_head.c.person_id)).mappings()
        return {row["person_id"]: dict(row) for row in rows}


def asked(database, work_):
    """The statements that `work_` sends to the store, through SQLAlchemy or on the driver's own cursor."""
    seen, cursor_of = [], Asked._cursor

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    def note_directly(self, connection, dialect, text):
        seen.append(text.text)
        return cursor_of(self, connection, dialect, text)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as watched:
            watched.setattr(Asked, "_cursor", note_directly)
            work_()
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return seen


def test_the_same_result_writes_the_day_and_nothing_else(database, monkeypatch):
    known(database)
    work.drain(database, today=TODAY)
    before, told = heads(database), []
    assert any(head["worst"] >= 0 for head in before.values()), "there are flags to leave alone"
    database.once(persons.mark_dirty)
    monkeypatch.setattr(listing, "AFTER_REFRESH", [lambda _session, done: told.append(done)])
    tomorrow = TODAY + timedelta(days=1)
    with clock.held(NOON + timedelta(days=1)):
        written = [s.split() for s in asked(database, lambda: work.drain(database, today=tomorrow))]
        judged_at = clock.now()
    assert {tuple(words[:2]) for words in written if words[0] not in {"SELECT", "BEGIN"}} == {
        ("UPDATE", "list_head"),
        ("UPDATE", "person"),
    }
    assert heads(database) == {
        who: head | {"judged_on": tomorrow, "judged_at": judged_at} for who, head in before.items()
    }
    with database.reading() as session:
        assert feed.last_position(session) == _MANY
    assert told == []


def test_what_is_asked_of_the_store_does_not_grow_with_the_persons(sqlite_database, monkeypatch):
    """By judging itself; notices, where they are loaded, look at each changed list."""
    monkeypatch.setattr(listing, "AFTER_REFRESH", [])
    known(sqlite_database, 3)
    few = asked(sqlite_database, lambda: work.drain(sqlite_database, today=TODAY))
    known(sqlite_database, 12, after=3)
    many = asked(sqlite_database, lambda: work.drain(sqlite_database, today=TODAY))
    assert len(many) == len(few)


def test_a_flag_that_moves_without_a_new_list_is_told(database):
    known(database, 1)
    work.drain(database, today=TODAY)
    (person_id,) = heads(database)
    with database.reading() as session:
        rows = worklist.open_discrepancies(session, person_id=person_id).rows
    flag = next(row for row in rows if row.severity is not Severity.CRITICAL)
    with database.writing() as session:
        record_action(
            session,
            person_id=person_id,
            kind=ActionKind.SNOOZE,
            by=By(id="n1", name="Nina Prøve", role="nurse"),
            today=TODAY,
            discrepancy=flag.id,
            until=TODAY + timedelta(days=2),
        )
    database.once(persons.mark_dirty)
    with clock.held(NOON + timedelta(days=2)):
        work.drain(database, today=TODAY + timedelta(days=2))
        head = heads(database)[person_id]
        with database.reading() as session:
            assert feed.changes(session)[-1].kind == "revision"
    assert (head["version"], head["revision"]) == (1, 2), "snoozed, and open again when the snooze ran out"


@pytest.mark.parametrize(
    ("since", "after", "expected"),
    [(-5, None, -5), (-5, 1, 0), (None, None, 0), (5, None, 0)],
    ids=["waits", "was put off", "waits for nothing", "was marked by a clock that was wrong"],
)
@pytest.mark.parametrize("everybody", [True, False])
def test_who_waits_keeps_the_place_however_often_they_are_marked(database, since, after, expected, everybody):
    """Else who is heard of all the time would be judged last of all, and would never seem to have waited."""
    known(database, 1)
    moments = [None if m is None else NOON + timedelta(minutes=m) for m in (since, after)]
    with database.writing() as session:
        session.execute(update(person).values(dirty_since=moments[0], dirty_after=moments[1], dirty_tries=2))
        ids = session.scalars(select(person.c.id)).all()
        persons.mark_dirty(session, None if everybody else ids)
        (row,) = session.execute(select(person.c.dirty_since, person.c.dirty_after, person.c.dirty_tries)).all()
    assert row == (NOON + timedelta(minutes=expected), None, 0)


def test_who_is_next_is_found_without_looking_at_all_who_wait(database):
    """Ten thousand wait: those who have waited longest stand first in an index, and nothing is sorted."""
    sealed = {"identity_key_sealed": b"x", "identity_key_id": "k", "created_at": NOON, "dirty_since": NOON}
    with database.writing() as session:
        session.execute(insert(person), [{"id": f"{n:024x}", **sealed} for n in range(10_000)])
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        explained = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"

        @event.listens_for(connection, "before_cursor_execute", retval=True)
        def _explain(_connection, _cursor, statement, parameters, *_rest):
            return f"{explained} {statement}", parameters

        asked_for = {"now": NOON, "farthest": NOON, "many": 20}
        plan = str(connection.execute(work._NEXT, asked_for).cursor.fetchall())
    assert "ix_person_dirty_since" in plan, plan
    assert not re.search("Sort|TEMP B-TREE", plan), plan
