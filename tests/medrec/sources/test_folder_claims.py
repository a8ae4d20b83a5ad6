"""A claimed file is its claimer's, however long it lay in the inbox, and whoever looks at the folder meanwhile."""

import os
import time
from pathlib import Path

import pytest
from told import ANNA, medicine, message

from medrec.sources import folder


def drop(inbox, count, age):
    for n in range(count):
        file = inbox / f"{n}.json"
        file.write_bytes(message(ANNA, medicine(dose=f"{n} ml"), hours=n))
        os.utime(file, (time.time() - age,) * 2)


@pytest.fixture
def looked_at(tmp_path, monkeypatch):
    """An inbox in which another process looks for abandoned claims in the very moment in which one is made."""
    inbox, rename = tmp_path / "in", Path.rename
    inbox.mkdir()

    def renamed(file, target):
        done = rename(file, target)
        if Path(target).parent == inbox / "work":
            folder._put_back(inbox / "work", inbox)
        return done

    monkeypatch.setattr(Path, "rename", renamed)
    return inbox


def test_a_file_that_waited_long_is_no_abandoned_claim_when_it_is_taken(sqlite_database, looked_at):
    """A service that was down for the night finds a heap of old files, and several processes go at it."""
    drop(looked_at, 3, age=3600)
    assert folder.sweep(sqlite_database, looked_at).accepted == 3
    assert sorted(file.name for file in (looked_at / "done").iterdir()) == ["0.json", "1.json", "2.json"]


def test_a_claim_that_somebody_took_for_abandoned_meanwhile_holds_up_nobody(sqlite_database, tmp_path, monkeypatch):
    """A machine slept over its claims: what another one laid is its, and the rest is taken in and laid as ever."""
    taken_in = folder._take_in

    def slept(database, claimed):
        for file, status in taken_in(database, claimed):
            if file.name == "0.json":
                os.utime(file.rename(tmp_path / "0.json"), (time.time() - 5,) * 2)
            yield file, status

    monkeypatch.setattr(folder, "_take_in", slept)
    drop(tmp_path, 3, age=5)
    assert folder.sweep(sqlite_database, tmp_path).accepted == 3
    assert sorted(file.name for file in (tmp_path / "done").iterdir()) == ["1.json", "2.json"]
    assert not list((tmp_path / "work").iterdir())
    monkeypatch.setattr(folder, "_take_in", taken_in)
    assert folder.sweep(sqlite_database, tmp_path).repeated == 1
