"""Whom a nurse is told to call, as the page says it in office hours and outside them; and when a call is needless."""

import re
from datetime import timedelta

import pytest
from house import MONDAY, files, flag, furnish, judged, receipt_of, ticked

from formats.apprec import ReceiptError
from medrec import clock, intake
from medrec.access import gate, sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.notices import threads
from rules.conclusion import Severity

pytestmark = pytest.mark.usefixtures("routed")

NURSE = User(id="n", name="Nora Eksempel", role=Role.NURSE, district="Nord")
HOUR = timedelta(hours=1)


@pytest.fixture
def anna(sqlite_database):
    return furnish(sqlite_database)


def rejected(database, person_id, severity):
    judged(database, person_id, MONDAY, flag(severity=severity))
    ticked(database, MONDAY + 2 * HOUR)
    moment = MONDAY + 2 * HOUR
    raw = receipt_of(files(database)[0].read_bytes(), ReceiptError.of("E35", "Ikke vår pasient"), at=moment)
    with clock.held(moment):
        intake.receive(database, raw, channel="test")


def calls_on_page(database, person_id, moment):
    """(why begins with, number, does it wait) of each call on the patient's page."""
    with clock.held(moment):
        browser = create_app(database).test_client()
        with database.writing() as session:
            browser.set_cookie(gate.COOKIE_ON_LOOPBACK, sessions.start(session, NURSE))
        page = browser.get(f"/patients/{person_id}/notices").text
    parts = page.split('<div class="flag')[1:]
    return [
        (
            re.search(r'"word">(.+?)</strong>', part)[1].split(":")[0],
            re.search(r'href="tel:(\d+)"', part)[1],
            "ring når kontoret åpner" in part,
        )
        for part in parts
    ]


@pytest.mark.parametrize(("hours", "waits"), [(2, False), (8, True)])
def test_a_letter_that_was_rejected_is_the_offices_matter_and_waits_until_it_opens(sqlite_database, anna, hours, waits):
    """Nobody calls the out-of-hours doctor in the evening about a letter that was lost."""
    rejected(sqlite_database, anna, Severity.HIGH)
    told = calls_on_page(sqlite_database, anna, MONDAY + hours * HOUR)
    assert told == [("Meldingen ble avvist", "73000011", waits)]


def test_what_is_critical_never_waits(sqlite_database, anna):
    rejected(sqlite_database, anna, Severity.CRITICAL)
    told = calls_on_page(sqlite_database, anna, MONDAY + 8 * HOUR)
    assert told == [("Haster", "116117", False), ("Meldingen ble avvist", "73000011", True)]


def test_a_call_about_a_letter_is_needless_once_all_it_raised_has_closed(sqlite_database, anna):
    rejected(sqlite_database, anna, Severity.HIGH)
    judged(sqlite_database, anna, MONDAY + 3 * HOUR)
    with sqlite_database.reading() as session:
        assert threads.tasks(session) == ()
