"""Schedules and the inbox folder: what is due happens once, and a file is taken by one."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from told import ANNA, NOON, TODAY, medicine, message

from medrec import clock, fences, intake, listing, schedule, work
from medrec.sources import folder


def test_the_night_moment_is_five_past_midnight_in_oslo_summer_and_winter():
    def night_of(*utc):
        return fences.night_of(datetime(*utc, tzinfo=UTC)).astimezone(UTC).isoformat()

    assert night_of(2026, 1, 5, 23, 4) == "2026-01-04T23:05:00+00:00"
    assert night_of(2026, 1, 5, 23, 5) == "2026-01-05T23:05:00+00:00"
    assert night_of(2026, 7, 5, 22, 5) == "2026-07-05T22:05:00+00:00"


def test_the_night_refresh_happens_once_however_many_tick(database):
    with clock.held(NOON):
        person_id = intake.receive(database, message(ANNA, medicine()), channel="test").patient
        work.drain(database)
    with clock.held(NOON + timedelta(days=1)):
        assert [database.once(schedule.night_refresh) for _ in range(3)] == [1, 0, 0]
        work.drain(database)
        with database.reading() as session:
            kept = listing.current_list(session, person_id)
    assert kept.judged_on == TODAY + timedelta(days=1)
    assert kept.version == 1, "the day alone changed no conclusion"


def test_what_is_due_and_did_not_commit_is_taken_again(database):
    due = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)

    def take_and_die(session):
        assert fences.take(session, "x", due)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.once(take_and_die)
    with database.writing() as session:
        assert fences.take(session, "x", due)
    with database.writing() as session:
        assert not fences.take(session, "x", due)


def test_a_running_schedule_takes_in_files_and_wakes_the_worker(sqlite_database):
    inbox = sqlite_database.settings.inbox
    worker = work.Worker(sqlite_database, 0.2).start()
    running = schedule.Schedule(sqlite_database, worker.wake)
    object.__setattr__(sqlite_database.settings, "inbox_seconds", 0.1)
    running.start()
    try:
        inbox.mkdir(exist_ok=True)
        drop(inbox, "a.json", message(ANNA, medicine()))
        assert eventually(lambda: judged(sqlite_database))
    finally:
        running.stop()
        worker.stop()


def judged(database):
    with database.reading() as session:
        return list(session.scalars(listing.select(listing.list_head.c.person_id)))


def eventually(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def drop(inbox, name, raw):
    file = inbox / name
    file.write_bytes(raw)
    old = time.time() - 5
    os.utime(file, (old, old))


def names(path):
    return sorted(p.name for p in path.iterdir() if p.is_file())


def test_files_go_to_done_or_failed_and_unfinished_ones_stay(sqlite_database, tmp_path):
    inbox = tmp_path / "in"
    inbox.mkdir()
    drop(inbox, "a.json", message(ANNA, medicine()))
    drop(inbox, "b.json", message(ANNA, medicine()))
    drop(inbox, "c.xml", b"<torn")
    drop(inbox, "d.json.part", b"{")
    (inbox / "e.json").write_bytes(b"{")
    swept = folder.sweep(sqlite_database, inbox)
    assert (swept.accepted, swept.repeated, swept.quarantined) == (1, 1, 1)
    assert names(inbox / "done") == ["a.json", "b.json"]
    assert names(inbox / "failed") == ["c.xml"]
    assert names(inbox) == ["d.json.part", "e.json"]
    assert names(inbox / "work") == []


def test_a_name_that_comes_again_overwrites_nothing(sqlite_database, tmp_path):
    inbox = tmp_path / "in"
    inbox.mkdir()
    for hours in (0, 1):
        drop(inbox, "a.json", message(ANNA, medicine(), hours=hours))
        folder.sweep(sqlite_database, inbox)
    assert names(inbox / "done") == ["a-2.json", "a.json"]


def test_a_claim_whose_process_died_is_taken_up(sqlite_database, tmp_path):
    (tmp_path / "work").mkdir(parents=True)
    drop(tmp_path / "work", "a.json", message(ANNA, medicine()))
    assert not folder.sweep(sqlite_database, tmp_path)
    long_ago = time.time() - 3600
    os.utime(tmp_path / "work" / "a.json", (long_ago, long_ago))
    assert folder.sweep(sqlite_database, tmp_path).accepted == 1
