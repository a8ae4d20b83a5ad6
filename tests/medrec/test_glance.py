"""What is asked past SQLAlchemy's layers answers as through them, on both stores, and fails as everything else does."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, column, insert, select, table, text, update
from sqlalchemy.exc import DBAPIError
from told import ANNA, NOON, TODAY

from medrec import clock, db, roster
from medrec.db import open_database
from medrec.glance import Asked
from medrec.records import fence, message
from medrec.records import roster as rows

OF_DISTRICT = select(rows).where(
    rows.c.district == bindparam("district"), rows.c.starts.in_([TODAY, TODAY + timedelta(days=1)])
)


def test_days_moments_and_ticks_come_out_as_they_do_elsewhere(database):
    visit = NOON + timedelta(hours=3)
    row = roster.RosterRow(identifier=ANNA, district="Nord", starts=TODAY, next_visit=visit, nursing_home=True)
    with clock.held(NOON), database.writing() as session:
        roster.load(session, [row], TODAY)
        inside = Asked(OF_DISTRICT).first(session, {"district": "Nord"})
        usual = dict(session.execute(OF_DISTRICT, {"district": "Nord"}).mappings().one())
    alone = Asked(OF_DISTRICT).first(database, {"district": "Nord"})
    assert inside == alone == usual
    assert (alone["starts"], alone["next_visit"], alone["nursing_home"]) == (TODAY, visit, True)
    assert Asked(OF_DISTRICT).first(database, {"district": "Sør"}) is None


def test_many_rows_go_in_and_come_out_as_they_do_elsewhere(database):
    known = select(message).where(message.c.content_hash.in_(bindparam("hashes", expanding=True)))
    plain = {"received_at": NOON, "raw_sealed": b"\0x", "key_id": "k", "channel": "test", "outcome": "kept"}
    new = [plain | {"id": f"m{n}", "content_hash": f"h{n}", "breaches": ["a", {"b": n}]} for n in range(3)]
    change = Asked(update(message).where(message.c.id == bindparam("row")))
    with database.writing() as session:
        Asked(insert(message)).each(session, new[:1])
        Asked(insert(message)).each(session, new[1:])
        change.each(session, [{"row": f"m{n}", "outcome": "accepted", "handled_at": NOON} for n in (0, 2)])
        change.each(session, [])
        for hashes in (["h2"], ["h0", "h2", "no"], []):
            usual = session.execute(known.order_by(message.c.id), {"hashes": hashes}).all()
            asked = Asked(known.order_by(message.c.id)).all(session, {"hashes": hashes})
            assert [row._asdict() for row in asked] == [row._asdict() for row in usual]
    with database.reading() as session:
        told = session.execute(select(message.c.id, message.c.outcome, message.c.breaches).order_by(message.c.id)).all()
    assert told == [
        ("m0", "accepted", ["a", {"b": 0}]),
        ("m1", "kept", ["a", {"b": 1}]),
        ("m2", "accepted", ["a", {"b": 2}]),
    ]


def test_what_is_appended_stands_and_falls_with_its_transaction(database):
    append, told = Asked(insert(fence)), {"schedule": "x", "due": NOON, "taken_at": NOON}
    with database.writing() as session:
        append.first(session, told)
        session.rollback()
    with database.writing() as session:
        assert session.execute(select(fence)).all() == []
        append.first(session, told)
    with database.reading() as session:
        assert session.execute(select(fence.c.due)).scalar_one() == NOON


def test_a_fault_is_one_of_sqlalchemys_and_carries_no_value(database):
    nowhere = Asked(select(column("x")).select_from(table("nowhere")).where(column("x") == bindparam("number")))
    for _ in range(2):
        with pytest.raises(DBAPIError) as fault:
            nowhere.first(database, {"number": ANNA})
        assert ANNA not in str(fault.value)
    assert Asked(select(fence)).first(database, {}) is None


@pytest.fixture
def all_dead(postgres_settings):
    """A store whose connections, given back this moment, have all been ended by the server."""
    database, other = open_database(postgres_settings), open_database(postgres_settings)
    taken = [database.engine.connect() for _ in range(3)]
    ended = [connection.scalar(text("select pg_backend_pid()")) for connection in taken]
    for connection in taken:
        connection.close()
    with other.writing() as session:
        for process in ended:
            session.execute(text("select pg_terminate_backend(:process, 5000)"), {"process": process})
    yield database
    database.close()
    other.close()


@pytest.mark.postgres
def test_connections_that_all_died_a_moment_ago_cost_no_request(all_dead):
    assert Asked(select(fence)).first(all_dead, {}) is None
    with all_dead.writing() as session:
        session.execute(insert(fence), {"schedule": "x", "due": NOON, "taken_at": NOON})


@pytest.mark.postgres
def test_connections_that_died_while_nobody_asked_are_asked_whether_they_live(all_dead, monkeypatch):
    monkeypatch.setattr(db, "_TRUSTED_FOR", 0.0)
    with all_dead.writing() as session:
        session.execute(insert(fence), {"schedule": "x", "due": NOON, "taken_at": NOON})


def test_a_reading_session_writes_nothing(database):
    with (
        pytest.raises(DBAPIError) if database.engine.name == "postgresql" else nullcontext(),
        database.reading() as session,
    ):
        session.execute(insert(fence), {"schedule": "x", "due": NOON, "taken_at": NOON})
    assert Asked(select(fence)).first(database, {}) is None
    with database.writing() as session:
        session.execute(insert(fence), {"schedule": "x", "due": NOON, "taken_at": NOON})


@pytest.mark.postgres
def test_what_was_prepared_is_still_so_after_a_reading(postgres_settings):
    database, prepared = open_database(postgres_settings), text("select count(*) from pg_prepared_statements")
    asked = Asked(select(fence))
    for _ in range(7):
        asked.first(database, {})
    for _ in range(2):
        with database.reading() as session:
            assert session.scalar(prepared) > 0
    database.close()
