"""Processes die anywhere: what was acknowledged is there, once, when the next one starts."""

import signal
import subprocess
import threading

import pytest
from sqlalchemy import func, select, text
from told import ANNA, NOON, TODAY, medicine, message, number

from medrec import clock, feed, intake, keeping, listing, persons, work
from medrec.db import open_database
from medrec.records import list_version, person
from medrec.records import message as messages

DIES_BETWEEN = """
import os, signal, sys
from medrec import intake
from medrec.config import settings
from medrec.db import open_database

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

step = sys.argv[3]
if step == "kept":
    intake.read = die
elif step == "said":
    intake.persons.mark_dirty = die
database = open_database(settings(sys.argv[1]))
intake.receive(database, open(sys.argv[2], "rb").read(), channel="test")
"""

SENDS = """
import sys
sys.path.insert(0, sys.argv[2])
from told import message, medicine, number
from medrec import intake
from medrec.config import settings
from medrec.db import open_database

database = open_database(settings(sys.argv[1]))
for n in range(10000):
    receipt = intake.receive(database, message(number(n % 40), medicine(dose=f"{n} ml")), channel="test")
    print(receipt.message_id, flush=True)
"""


def started(python, code, settings, environment, *words):
    env = environment | {"MEDREC_DATABASE_URL": settings.database_url}
    return subprocess.Popen(
        [python, "-c", code, str(settings.data_dir), *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("step", ["kept", "said"])
def test_killed_between_keep_and_say_the_next_one_says_it(store_settings, environment, medrec, tmp_path, step):
    file = tmp_path / "message.json"
    file.write_bytes(message(ANNA, medicine()))
    dead = started(medrec[0], DIES_BETWEEN, store_settings, environment, str(file), step)
    dead.communicate()
    assert dead.returncode == -signal.SIGKILL
    database = open_database(store_settings)
    with database.reading() as session:
        assert session.scalars(select(messages.c.outcome)).all() == ["kept"]
    with clock.held(NOON):
        work.drain(database, today=TODAY)
        with database.reading() as session:
            person_id = persons.find(session, ANNA)
            assert len(listing.current_list(session, person_id).statements) == 1
        assert intake.receive(database, file.read_bytes(), channel="test").status == "repeated"
    database.close()


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.full)])
def test_nothing_acknowledged_is_lost_and_nothing_said_twice(store_settings, environment, medrec, times):
    acknowledged = set()
    for _ in range(times):
        sender = started(medrec[0], SENDS, store_settings, environment, str(__file__.rpartition("/")[0]))
        for _ in range(12):
            acknowledged.add(sender.stdout.readline().decode().strip())
        sender.kill()
        rest = sender.communicate()[0].decode().split("\n")
        acknowledged |= set(rest[:-1])
    database = open_database(store_settings)
    with clock.held(NOON):
        work.run_once(database)
    with database.reading() as session:
        kept = set(session.scalars(select(messages.c.id)))
        outcomes = session.execute(select(messages.c.outcome, func.count()).group_by(messages.c.outcome)).all()
        assert acknowledged - {""} <= kept
        assert [row[0] for row in outcomes] == ["accepted"]
        assert session.scalar(select(func.count()).where(person.c.dirty_since.is_not(None))) == 0
    database.close()


def test_two_workers_judge_everybody_once(database):
    with clock.held(NOON):
        for serial in range(1, 25):
            intake.receive(database, message(number(serial), medicine()), channel="test")
    done = []
    workers = [threading.Thread(target=lambda: done.append(work.drain(database, today=TODAY))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    work.drain(database, today=TODAY)
    assert sum(d.judged for d in done) == 24
    assert sum(d.failed for d in done) == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(list_version)) == 24
        assert [c.position for c in feed.changes(session)] == list(range(1, 25))


def test_the_same_new_person_from_many_sides_at_once_is_one_person(database):
    raws = [message(ANNA, medicine(dose=f"{n} ml"), hours=n) for n in range(8)]
    receipts = []
    senders = [
        threading.Thread(target=lambda raw=raw: receipts.append(intake.receive(database, raw, channel="test")))
        for raw in raws + raws
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(receipts) == 16
    assert len({r.patient for r in receipts}) == 1
    assert len({r.message_id for r in receipts}) == 8


LEVEL = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
WAITS, NOT_YET = {2, "on"}, {1, "off"}


def test_the_disk_is_waited_for_before_anything_is_acknowledged(database, monkeypatch):
    """Keeping may be on the disk with what follows it; what follows, and everything else, waits."""
    level, seen = text(LEVEL[database.engine.dialect.name]), []
    for step in ("keep", "keep_all", "_say"):
        done = getattr(intake, step)

        def watched(session, *words, _done=done, _step=step, **named):
            seen.append((_step, session.scalar(level)))
            return _done(session, *words, **named)

        monkeypatch.setattr(intake, step, watched)
    assert intake.receive(database, message(ANNA, medicine()), channel="test").status == "accepted"
    assert intake.receive(database, b"nothing we know", channel="test").status == "quarantined"
    list(intake.receive_many(database, [message(number(n), medicine()) for n in (1, 2)], channel="test"))
    assert [step for step, _ in seen] == ["keep", "_say", "keep", "_say", "keep_all", "_say"]
    assert {told for step, told in seen if step != "_say"} <= NOT_YET
    assert {told for step, told in seen if step == "_say"} <= WAITS
    for _ in range(2 * database.settings.pool_size):
        assert database.once(lambda session: session.scalar(level)) in WAITS


@pytest.mark.postgres
def test_for_whom_a_message_in_quarantine_was_fetched_is_not_forgotten(postgres_settings):
    """Its row is on the disk for long: were this word about it forgotten, nobody would miss it."""
    database, raw = open_database(postgres_settings), message(None, medicine())
    anna = intake.receive(database, message(ANNA, medicine()), channel="test").patient
    assert intake.receive(database, raw, channel="test").status == "quarantined"
    with database.writing(on_disk=False) as session:
        keeping.keep(session, raw, channel="test", asked_for=anna)
        assert session.scalar(text(LEVEL["postgresql"])) in WAITS
    assert intake.receive(database, raw, channel="test").patient == anna
    database.close()
