"""Closings: how long each flag stood, kept per kind and GP office; and who gets which part of a flag."""

from datetime import timedelta

import pytest
from house import MONDAY, flag, furnish, judged, ticked
from sqlalchemy import delete

from medrec.notices import closings, tidy
from medrec.notices.whom import Around, Role, To, receivers
from medrec.records import closing
from medrec.roster import GpOfRecord
from rules.conclusion import Owner, Severity

DAY = timedelta(days=1)
GP = GpOfRecord(hpr="9990001", name="Tone Eksempel", office="Demo legesenter", her_id="990011", phone="73000011")
OTHER_DOCTOR = To(role=Role.MULTIDOSE, her_id="990012", hpr="9990002")
WARD, PHARMACY = To(role=Role.HOSPITAL, her_id="990091"), To(role=Role.PHARMACY, her_id="990071")
ALL = Around(gp=GP, multidose=OTHER_DOCTOR, hospital=WARD, pharmacy=PHARMACY)


def speeds(database, since=MONDAY):
    with database.reading() as session:
        return [(s.code, s.gp_office, s.closed, s.median) for s in closings.closing_times(session, since)]


@pytest.fixture
def anna(database):
    return furnish(database)


def test_each_closing_is_kept_by_the_judgement_that_saw_it(database, anna):
    judged(database, anna, MONDAY, flag(1), flag(2, Severity.MODERATE))
    judged(database, anna, MONDAY + 2 * DAY, flag(2, Severity.MODERATE))
    assert speeds(database) == [("B01", "Demo legesenter", 1, 2 * DAY)]
    judged(database, anna, MONDAY + 4 * DAY)
    assert speeds(database) == [("B01", "Demo legesenter", 2, 3 * DAY)]
    assert speeds(database, MONDAY + 3 * DAY) == [("B01", "Demo legesenter", 1, 4 * DAY)]


def test_what_opens_again_is_counted_from_then_and_once_more(database, anna):
    judged(database, anna, MONDAY, flag(1))
    judged(database, anna, MONDAY + DAY)
    judged(database, anna, MONDAY + 5 * DAY, flag(1))
    judged(database, anna, MONDAY + 8 * DAY)
    assert speeds(database) == [("B01", "Demo legesenter", 2, 2 * DAY)]


def test_a_closing_that_was_not_kept_is_kept_by_the_tick(database, anna):
    judged(database, anna, MONDAY, flag(1))
    judged(database, anna, MONDAY + DAY)
    with database.writing() as session:
        session.execute(delete(closing))
    ticked(database, MONDAY + 2 * DAY)
    assert speeds(database) == [("B01", "Demo legesenter", 1, DAY)]


def test_the_overview_says_of_each_office_what_is_open_and_how_fast_it_closes(database, anna, monkeypatch):
    judged(database, anna, MONDAY, flag(1), flag(2, Severity.LOW, code="B11"), flag(3))
    judged(database, anna, MONDAY + 2 * DAY, flag(1), flag(2, Severity.LOW, code="B11"))
    monkeypatch.setattr("medrec.clock.now", lambda: MONDAY + 3 * DAY)
    with database.reading() as session:
        (office,) = tidy.offices(session)
    assert (office.name, office.open, office.urgent, office.tidy) == ("Demo legesenter", 2, 1, 1)
    assert (office.closed, office.median) == (1, 2 * DAY)


@pytest.mark.parametrize(
    ("code", "owner", "also", "around", "asked", "roles"),
    [
        ("B01", Owner.GP, (), ALL, False, ["gp"]),
        ("E03", Owner.GP, (), ALL, False, ["multidose-doctor"]),
        ("E03", Owner.GP, (), Around(gp=GP), False, ["gp"]),
        ("E03", Owner.GP, (), Around(gp=GP, multidose=To(role=Role.MULTIDOSE, hpr=GP.hpr)), False, ["gp"]),
        ("B03", Owner.GP, (Owner.HOSP,), ALL, False, ["gp", "hospital"]),
        ("B01", Owner.GP, (Owner.HOSP,), ALL, False, ["gp"]),
        ("D13", Owner.GP, (Owner.PHARM, Owner.NURSE), ALL, False, ["gp", "pharmacy"]),
        ("E03", Owner.NURSE, (Owner.PHARM, Owner.GP), ALL, False, ["pharmacy", "multidose-doctor"]),
        ("C14", Owner.PHARM, (Owner.PHARM,), ALL, False, ["pharmacy"]),
        ("G01", Owner.NURSE, (), ALL, False, []),
        ("G01", Owner.NURSE, (), ALL, True, ["gp"]),
        ("G01", Owner.SYS, (), ALL, False, []),
    ],
)
def test_whom(code, owner, also, around, asked, roles):
    found = receivers(flag(code=code, owner=owner, also=also), around, asked=asked)
    assert [to.role.value for to in found] == roles


@pytest.mark.parametrize(("owner", "role"), [(Owner.GP, "gp"), (Owner.HOSP, "hospital"), (Owner.PHARM, "pharmacy")])
def test_one_nobody_knows_is_a_receiver_without_an_address_never_none(owner, role):
    (to,) = receivers(flag(owner=owner), Around(gp=GpOfRecord()))
    assert (to.role.value, to.her_id) == (role, "")
