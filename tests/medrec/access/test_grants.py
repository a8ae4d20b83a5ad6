"""PostgreSQL itself: the application's role does its whole work, and can't change what stands in the log."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from told import ANNA, NOON, TODAY, medicine
from told import message as said

from medrec import clock, feed, intake, persons, work
from medrec.access import grants, log, pace, portability, selfauth, sessions
from medrec.access.people import Role, User
from medrec.access.portability import Basis
from medrec.cli import main
from medrec.commands.audit import operator
from medrec.db import open_database, pending

ROLE = "medrec_app"
ADMIN = User(id="a", name="Test Drift", role=Role.ADMIN)
NURSE = User(id="n", name="Test Sykepleier", role=Role.NURSE)
pytestmark = pytest.mark.postgres


@pytest.fixture
def as_application(postgres_settings):
    """The store as the application's role opens it; its owner has run the script."""
    owner = open_database(postgres_settings)
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE}):
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'of-this-test'"))
        connection.exec_driver_sql(grants.script(ROLE))
        connection.exec_driver_sql(grants.script(ROLE))
    owner.close()
    url = make_url(postgres_settings.database_url).set(username=ROLE, password="of-this-test")  # noqa: S106 - of this test
    opened = open_database(replace(postgres_settings, database_url=url.render_as_string(hide_password=False)))
    with opened.reading() as session:
        assert session.scalar(text("SELECT current_user")) == ROLE
    yield opened
    opened.close()


def test_the_role_does_all_the_work_of_the_application(as_application):
    database = as_application
    with clock.held(NOON):
        intake.receive(database, said(ANNA, medicine()), channel="test")
        assert work.drain(database, today=TODAY).failed == 0
        with database.writing() as session:
            anna = persons.find(session, ANNA)
            sessions.start(session, NURSE)
            pace.within(session, pace.SEARCH, "somebody")
            selfauth.grant(session, NURSE, anna, "cover", "dekker sone Nord i natt")
            assert feed.changes(session)
            portability.erase(session, anna, Basis.DECISION, by=operator(), reason="krav fra pasienten")
            assert list(log.verify(session)) == []
    assert not pending(database.engine)


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE audit SET what = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_append_only ON audit",
        "DROP FUNCTION medrec_log_is_append_only() CASCADE",
        "ALTER TABLE audit RENAME TO other",
        "CREATE TABLE other (id int)",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET session_replication_role = replica",
    ],
)
def test_the_role_changes_nothing_of_the_log_and_no_table(as_application, words):
    with as_application.writing() as session:
        log.record(session, ADMIN, "sign-in")
    with as_application.writing() as session, pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        session.execute(text(words))
    with as_application.reading() as session:
        assert (list(log.verify(session)), log.anchor(session)[0]) == ([], 1)


def test_the_script_is_printed_for_a_name_and_nothing_else(capsys):
    assert main(["access", "grants", "--role", ROLE]) == 0
    assert 'GRANT SELECT, INSERT ON "audit" TO "medrec_app";' in capsys.readouterr().out
    assert main(["access", "grants", "--role", 'x"; DROP TABLE audit; --']) == 1
