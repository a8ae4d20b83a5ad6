"""The disk is full: what was acknowledged stays, what can't be kept is not acknowledged, and room made is enough."""

import os
import shutil
import subprocess
from contextlib import suppress

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from told import medicine, message, number

from medrec import intake, work
from medrec.access import sessions
from medrec.access.people import Need
from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.records import message as messages
from medrec.records import statement
from medrec.sources import folder

SMALL = "2m"


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of two megabytes."""
    mount, where = shutil.which("mount"), tmp_path / "disk"
    where.mkdir()
    asked = [mount or "mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(where)]
    if mount is None or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield where
    subprocess.run(["umount", "-l", str(where)], capture_output=True, check=True)


@pytest.fixture
def store(small_disk, sqlite_settings):
    """An embedded store on that disk."""
    shutil.copy(sqlite_settings.data_dir / "medrec.db", small_disk / "medrec.db")
    database = open_database(settings(small_disk, {"MEDREC_KEYS": sqlite_settings.values["keys"]}))
    yield database
    database.close()


def fill(disk):
    """Leave not a byte; returns how to make room again."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(disk).free == 0
    return filler.unlink


def sent(n):
    return message(number(n % 9 + 1), medicine(dose=f"{n} ml"), hours=n)


def counted(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(messages))


def test_nothing_acknowledged_is_lost_and_it_goes_on_when_there_is_room(store, small_disk):
    acknowledged = [intake.receive(store, sent(n), channel="test").message_id for n in range(5)]
    room = fill(small_disk)
    refused = 0
    for n in range(5, 400):
        try:
            acknowledged.append(intake.receive(store, sent(n), channel="test").message_id)
        except OperationalError:
            refused += 1
            if refused == 3:
                break
    assert refused == 3
    work.run_once(store)  # a worker outlives it
    with store.reading() as session:
        kept = set(session.scalars(select(messages.c.id)))
    assert set(acknowledged) <= kept
    room()
    last = intake.receive(store, sent(500), channel="test")
    assert last.status == "accepted"
    work.run_once(store)
    with store.reading() as session:
        assert work.oldest_waiting(session) is None
        outcomes = set(session.scalars(select(messages.c.outcome)))
        said = session.scalar(select(func.count()).select_from(statement))
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert outcomes == {"accepted"}
    assert said == counted(store), "each once"


def test_a_sender_gets_an_error_and_no_acknowledgement(store, small_disk):
    token = store.once(
        lambda s: sessions.new_token(s, name="sender", organisation="", scopes=frozenset({Need.SEND}), days=1)
    )
    web, head = (
        create_app(store).test_client(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    room, n, answer = fill(small_disk), 0, None
    while answer is None or answer.status_code < 400:
        n += 1
        assert n < 400, "the disk is never full"
        answer = web.post("/api/v1/messages", data=sent(n), headers=head)
    assert answer.status_code >= 500
    before = counted(store)
    room()
    assert web.post("/api/v1/messages", data=sent(n), headers=head).status_code in {200, 201}
    assert counted(store) in {before, before + 1}


def test_a_file_drop_keeps_what_could_not_be_taken_in(store, small_disk, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    room = fill(small_disk)
    with pytest.raises(OperationalError):
        drop_and_sweep(store, inbox)
    [held] = (inbox / "work").iterdir()
    assert not list((inbox / "failed").iterdir()), "it is no fault of the message"
    room()
    long_ago(held)
    assert folder.sweep(store, inbox)
    assert held.name in {file.name for file in (inbox / "done").iterdir()}
    assert not list((inbox / "work").iterdir())


def drop_and_sweep(store, inbox):
    for n in range(400):
        (inbox / f"{n:03}.json").write_bytes(sent(n))
        long_ago(inbox / f"{n:03}.json")
        folder.sweep(store, inbox)


def long_ago(file):
    os.utime(file, (1_700_000_000, 1_700_000_000))
