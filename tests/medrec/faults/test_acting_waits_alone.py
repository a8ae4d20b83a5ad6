"""Who acts on a patient waits for that patient's judgement, and nobody else waits meanwhile: no page, no load."""

import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from told import ANNA, BERIT, medicine, message

from medrec import clock, intake, roster, work
from medrec.access import gate, log, sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.db import open_database
from medrec.records import action, person

pytestmark = pytest.mark.postgres
PATIENCE, LONG = 60.0, 15.0
NURSE = User(id="n1", name="Test Sykepleier", role=Role.NURSE, district="Nord")
ADMIN = User(id="operator:o", name="Test Drift", role=Role.ADMIN)
ACT = {"kind": "observation", "name": "Ibux", "what": "takes"}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def house(postgres_settings):
    """Anna and Berit in care, judged; a nurse at two browsers."""
    database = open_database(postgres_settings)
    ids = [intake.receive(database, message(who, medicine()), channel="test").patient for who in (ANNA, BERIT)]
    with database.writing() as session:
        rows = [roster.RosterRow(identifier=who, district="Nord", starts=clock.today()) for who in (ANNA, BERIT)]
        roster.load(session, rows, clock.today())
        cookie = sessions.start(session, NURSE)
    work.run_once(database)
    app = create_app(database)
    browsers = [app.test_client() for _ in range(2)]
    for one in browsers:
        one.set_cookie(gate.COOKIE_ON_LOOPBACK, cookie)
    yield database, *ids, *browsers
    database.close()


@contextmanager
def in_hand(database, person_id):
    """Somebody holds the patient's row: a judgement, or a machine that froze within one."""
    with database.writing() as session:
        session.execute(select(person.c.id).where(person.c.id == person_id).with_for_update())
        yield session


def until_somebody_waits(database):
    until = time.monotonic() + PATIENCE
    while True:
        with database.engine.connect() as connection:
            if connection.exec_driver_sql(WAITING).scalar():
                return
        assert time.monotonic() < until
        time.sleep(0.02)


def acted(browser, person_id):
    return browser.post(f"/patients/{person_id}/actions", data=ACT, headers={"Origin": "http://localhost"}).status_code


def doing(does):
    """Do it in another thread; its answer comes into the list."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(does()), daemon=True)
    thread.start()
    return thread, answers


def test_a_page_is_served_while_an_act_waits_for_a_judgement(house):
    database, anna, berit, here, there = house
    with in_hand(database, anna):
        acting, done = doing(lambda: acted(here, anna))
        until_somebody_waits(database)
        reading, page = doing(lambda: there.get(f"/patients/{berit}").status_code)
        reading.join(LONG)
        served = list(page)
    acting.join(PATIENCE)
    reading.join(PATIENCE)
    assert (served, done) == ([200], [303])


def test_an_act_and_whoever_writes_the_log_after_a_patients_row_do_not_stop_each_other(house):
    """A roster is loaded: patients are marked first, and the log's row comes at the end."""
    database, anna, _, here, _ = house
    with in_hand(database, anna) as session:
        acting, done = doing(lambda: acted(here, anna))
        until_somebody_waits(database)
        log.record(session, ADMIN, "load-roster")
    acting.join(PATIENCE)
    assert done == [303]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(action)) == 1
