"""What the house does by the clock: marks who was not judged, anchors the access log, looks after FEST."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from told import ANNA, NOON, TODAY, hp, medicine, message, rf

from medrec import clock, intake, listing, schedule, upkeep, work
from medrec.access import log as access_log
from medrec.access.people import Role, User
from medrec.demo.catalogue import demo_fest_xml
from medrec.demo.servers import Reply, Server
from medrec.records import catalogue, fence, fetch, list_head, source_note
from medrec.sources import fest

SOMEBODY = User(id="op", name="Drift", role=Role.ADMIN)


def set_values(database, **told):
    object.__setattr__(database.settings, "values", {**database.settings.values, **told})


def judged_on(database):
    with database.reading() as session:
        return session.scalars(select(list_head.c.judged_on)).all()


# --- lists ---------------------------------------------------------------------------------------------------------


def test_who_was_missed_by_the_night_is_marked_within_the_hour_and_once(database):
    with clock.held(NOON):
        intake.receive(database, message(ANNA, medicine()), channel="test")
        work.drain(database)
    tomorrow = NOON + timedelta(days=1)
    with clock.held(tomorrow):
        assert [database.once(upkeep.staleness) for _ in range(3)] == [1, 0, 0]
        work.drain(database)
    assert judged_on(database) == [TODAY + timedelta(days=1)]
    with clock.held(tomorrow + timedelta(hours=1)):
        assert database.once(upkeep.staleness) == 0, "everybody is judged"


def test_old_fence_rows_are_not_kept_for_ever(sqlite_database):
    for day in (0, 4, 8, 12):
        with clock.held(NOON + timedelta(days=day)):
            sqlite_database.once(upkeep.staleness)
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(fence)) == 2


def test_a_fetched_source_that_falls_silent_becomes_a_gap_on_the_list_by_the_nights_alone(sqlite_database):
    """Read once, never again: after the high limit absence in it is no evidence and the list is incomplete."""
    with clock.held(NOON):
        raw = rf(ANNA, medicine(kind="resept"))
        person = intake.receive(sqlite_database, raw, channel="sfm").patient
        for other in (message(ANNA, medicine()), hp(ANNA, medicine(kind="hjemmeliste"))):
            intake.receive(sqlite_database, other, channel="test")
        work.drain(sqlite_database)
    told = {}
    for days in range(6):
        with clock.held(NOON + timedelta(days=days)):
            sqlite_database.once(schedule.night_refresh)
            work.drain(sqlite_database)
            with sqlite_database.reading() as session:
                stored = listing.current_list(session, person).reconciliation
        gaps = {(g.source.value, g.code.value) for g in stored.gaps if g.limits}
        told[days] = (stored.complete, ("RF", "stale") in gaps, "G01" in {d.code for d in stored.discrepancies})
    assert told[0] == (True, False, False)
    assert told[2] == (True, False, True), "old, and said so"
    assert told[5] == (False, True, True), "too old to rest anything on"


# --- the anchor ----------------------------------------------------------------------------------------------------


def test_the_anchor_is_noted_once_a_night_outside_and_finds_a_cut_log(sqlite_database, tmp_path):
    file = tmp_path / "anchors.txt"
    set_values(sqlite_database, audit_anchors=str(file))
    with clock.held(NOON):
        with sqlite_database.writing() as session:
            for _ in range(3):
                access_log.record(session, SOMEBODY, "read-list")
        assert [sqlite_database.once(upkeep.anchor) for _ in range(3)] == [True, False, False]
    with clock.held(NOON + timedelta(days=1)):
        assert sqlite_database.once(upkeep.anchor)
    first, second = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    position, _, digest = first["anchor"].partition(":")
    assert position == "3"
    assert second["anchor"] == first["anchor"], "nothing was read in between"
    with sqlite_database.reading() as session:
        assert list(access_log.verify(session, against=(3, digest))) == []
        assert list(access_log.verify(session, against=(3, "0" * 64)))


# --- FEST ----------------------------------------------------------------------------------------------------------


class Published:
    """A place where FEST lies, with the ETag of what lies there."""

    def __init__(self):
        self.content, self.etag, self.sent = demo_fest_xml(), '"1"', []

    def __call__(self, request):
        if request.headers.get("if-none-match") == self.etag:
            self.sent.append(304)
            return Reply(304)
        self.sent.append(200)
        return Reply(200, self.content, {"ETag": self.etag, "Content-Type": "application/xml"})


@pytest.fixture
def published():
    service = Published()
    server = Server(service).start()
    service.server = server
    yield service
    server.close()


def looked(database):
    with database.reading() as session:
        return [tuple(r) for r in session.execute(select(fetch.c.outcome, fetch.c.code).order_by(fetch.c.id))]


def third_nights(moment, count):
    return [fest.due_of(moment) + timedelta(days=3 * n, hours=1) for n in range(count)]


def test_fest_is_asked_for_every_third_day_and_fetched_only_when_it_is_another(sqlite_database, published):
    set_values(sqlite_database, fest_url=published.server.address + "/fest.xml")
    first, second, third = third_nights(NOON, 3)
    with clock.held(first):
        assert [fest.tick(sqlite_database) for _ in range(3)] == [1, 0, 0]
    with clock.held(first + timedelta(days=2)):
        assert fest.tick(sqlite_database) == 0
    assert published.sent == [200]
    with clock.held(second):
        assert fest.tick(sqlite_database) == 0
    assert published.sent == [200, 304]
    published.etag = '"2"'
    with clock.held(third):
        assert fest.tick(sqlite_database) == 0, "another tag, the same content"
    assert published.sent == [200, 304, 200]
    assert looked(sqlite_database) == [("ok", "new"), ("ok", "unchanged"), ("ok", "unchanged")]


@pytest.mark.parametrize("broken", [Reply(503), Reply(404, b"<html>"), Reply(200, b"<torn"), Reply(200, b"<M30/>")])
def test_a_look_that_fails_keeps_the_catalogue_and_comes_again_after_an_hour(sqlite_database, published, broken):
    set_values(sqlite_database, fest_url=published.server.address + "/fest.xml")
    start = third_nights(NOON, 1)[0]
    with clock.held(start):
        fest.tick(sqlite_database)
    before = in_use(sqlite_database)
    published.server.always("/fest.xml", broken)
    with clock.held(start + timedelta(days=3)):
        assert [fest.tick(sqlite_database) for _ in range(2)] == [0, 0]
    assert [outcome for outcome, _ in looked(sqlite_database)] == ["ok", "failed"], "once in the hour"
    assert in_use(sqlite_database) == before
    published.server.always("/fest.xml", None)
    with clock.held(start + timedelta(days=3, hours=1)):
        fest.tick(sqlite_database)
    assert looked(sqlite_database)[-1] == ("ok", "unchanged")


def in_use(database):
    with database.reading() as session:
        return session.scalars(select(catalogue.c.content_hash).where(catalogue.c.state == "current")).all()


def test_a_file_on_a_disk_is_taken_when_it_is_another(sqlite_database, tmp_path):
    file = Path(tmp_path / "fest.xml")
    file.write_bytes(demo_fest_xml())
    set_values(sqlite_database, fest_url=str(file))
    first, second = third_nights(NOON, 2)
    with clock.held(first):
        assert fest.tick(sqlite_database) == 1
    with clock.held(second):
        assert fest.tick(sqlite_database) == 0
    file.unlink()
    with clock.held(second + timedelta(days=3)):
        fest.tick(sqlite_database)
    assert looked(sqlite_database)[-1] == ("failed", "unreachable")


def test_a_third_night_is_the_same_for_everybody_and_never_ahead():
    for day in range(10):
        moment = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day)
        due = fest.due_of(moment)
        assert timedelta(0) <= moment - due < timedelta(days=3, hours=1)
        assert due.date().toordinal() % 3 == 0


def test_without_an_address_nothing_is_asked(sqlite_database):
    assert fest.tick(sqlite_database) == 0
    with sqlite_database.reading() as session:
        assert session.execute(select(source_note)).all() == []
