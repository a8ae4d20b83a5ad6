"""A notice is never lost: killed between every two steps, a full disk, a broker that takes the file and dies."""

import resource
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notices"))

from house import MONDAY, files, flag, furnish, letter_rows, receipt_of, states, ticked

from formats.dialog import read_dialog
from medrec import clock, intake, ledger
from medrec.db import open_database
from medrec.notices import answers, carrier, outbox, threads
from medrec.records import notice_item
from rules.conclusion import Severity

DIES = """
import os, pathlib, signal, sys
from datetime import datetime
from medrec import clock, intake
from medrec.config import settings
from medrec.db import open_database
from medrec.notices import answers, desk, outbox, rounds

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

POINTS = {
    "letter made, not kept": (desk.Desk, "_note"),
    "told, not committed": (desk.listing, "touch"),
    "kept, not carried": (outbox, "deliver"),
    "half a file": (os, "fsync"),
    "draft whole, not renamed": (pathlib.Path, "replace"),
    "laid, not noted": (outbox._Sent, "__call__"),
    "receipt kept, not settled": (answers, "settle"),
    "receipt settled, not committed": (outbox, "close_task"),
}
database = open_database(settings(sys.argv[1]))
if sys.argv[2] in POINTS:
    setattr(*POINTS[sys.argv[2]], die)
with clock.held(datetime.fromisoformat(sys.argv[3])):
    if len(sys.argv) > 4:
        intake.AFTER_HEARD.append(answers.after_heard)
        intake.receive(database, open(sys.argv[4], "rb").read(), channel="test")
    else:
        rounds.tick(database)
die()
"""
ROUND = [
    "letter made, not kept",
    "kept, not carried",
    "half a file",
    "laid, not noted",
    *(pytest.param(s, marks=pytest.mark.full) for s in ("told, not committed", "draft whole, not renamed", "all done")),
]


@pytest.fixture
def killed(medrec, store_settings, environment):
    """Runs a round (or takes in a file) in another process, which is killed at the step; returns nothing."""

    def run(step, moment, *more):
        env = environment | {"MEDREC_DATABASE_URL": store_settings.database_url}
        words = [str(store_settings.data_dir), step, moment.isoformat(), *map(str, more)]
        dead = subprocess.run([medrec[0], "-c", DIES, *words], env=env, capture_output=True, check=False)
        assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()

    return run


ON_EACH = pytest.mark.parametrize(
    "store_settings",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
)
"""Each kill is a process of its own: PostgreSQL's share is in the long run."""


@pytest.fixture
def raised(store_settings):
    """A store in which a critical flag stands open, and nothing is written of it."""
    database = open_database(store_settings)
    anna = furnish(database)
    with clock.held(MONDAY), database.writing() as session:
        ledger.settle(session, anna, [flag(severity=Severity.CRITICAL)], clock.today())
    yield database
    database.close()


@ON_EACH
@pytest.mark.parametrize("step", ROUND)
def test_killed_at_any_step_of_a_round_the_next_one_ends_it(raised, killed, step):
    killed(step, MONDAY)
    before = {row.message_id: file.read_bytes() for row in letter_rows(raised) for file in files(raised)}
    ticked(raised, MONDAY + timedelta(minutes=1))
    ticked(raised, MONDAY + timedelta(minutes=2))
    (letter,), (file,) = letter_rows(raised), files(raised)
    assert (letter.state, file.stem) == ("sent", letter.message_id)
    assert before.get(letter.message_id, file.read_bytes()) == file.read_bytes()
    assert read_dialog(file.read_bytes()).msg_id == letter.message_id
    assert not list(raised.settings.outbox.glob(".*")), "no draft is left behind"
    with raised.reading() as session:
        assert session.scalar(select(func.count()).select_from(notice_item)) == 1
        assert [t.why for t in threads.tasks(session)] == ["call"]


@ON_EACH
@pytest.mark.parametrize("step", ["receipt kept, not settled", "receipt settled, not committed", "all done"])
def test_killed_while_a_receipt_comes_in_it_is_settled_once(raised, killed, tmp_path, monkeypatch, step):
    monkeypatch.setattr(intake, "AFTER_HEARD", [answers.after_heard])
    ticked(raised, MONDAY)
    receipt = tmp_path / "receipt.xml"
    receipt.write_bytes(receipt_of(files(raised)[0].read_bytes()))
    killed(step, MONDAY + timedelta(minutes=6), receipt)
    assert states(raised) == (["acknowledged"] if step == "all done" else ["sent"])
    intake.resume(raised)
    assert states(raised) == ["acknowledged"]
    with clock.held(MONDAY + timedelta(days=9)):
        assert raised.once(outbox.overdue) == 0


def test_a_broker_that_takes_the_file_and_dies(raised):
    ticked(raised, MONDAY)
    taken = files(raised)[0].read_bytes()
    files(raised)[0].unlink()
    with clock.held(MONDAY + timedelta(minutes=61)), raised.reading() as session:
        (letter,) = threads.failures(session)
        assert letter.red, "critical, and no receipt within the hour"
    with clock.held(MONDAY + timedelta(hours=97)):
        ticked(raised, MONDAY + timedelta(hours=97))
        with raised.reading() as session:
            assert {"overdue", "call"} == {t.why for t in threads.tasks(session)}
        raised.once(lambda session: outbox.retry(session, (letter.id,)))
        outbox.deliver(raised)
    assert files(raised)[0].read_bytes() == taken
    assert files(raised)[0].stem == letter.msg_id
    ticked(raised, MONDAY + timedelta(hours=98))
    assert states(raised) == ["sent"], "sent again, it has four days again"
    ticked(raised, MONDAY + timedelta(hours=97 + 97))
    assert states(raised) == ["overdue"]


@pytest.fixture(params=["limit", "disk"])
def full(request, raised, monkeypatch):
    """Makes the outbox folder full, and returns how to make room again: a file limit, or a real small disk."""
    folder = raised.settings.outbox
    folder.mkdir(parents=True)
    if request.param == "limit":
        before, lay = resource.getrlimit(resource.RLIMIT_FSIZE), carrier.lay

        def lay_limited(*told):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
            try:
                lay(*told)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        monkeypatch.setattr(carrier, "lay", lay_limited)
        yield lambda: monkeypatch.setattr(carrier, "lay", lay)
        return
    mount = shutil.which("mount")
    asked = [mount or "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if mount is None or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    filler = folder / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * 200_000)
    yield filler.unlink
    subprocess.run(["umount", str(folder)], capture_output=True, check=True)


def test_a_full_disk_loses_nothing_and_leaves_no_half_file(raised, full):
    for hour in range(10):
        ticked(raised, MONDAY + timedelta(hours=hour))
    assert states(raised) == ["failed"]
    assert not list(raised.settings.outbox.glob("*.xml"))
    assert not list(raised.settings.outbox.glob(".*"))
    with raised.reading() as session:
        assert {"failed", "call"} == {t.why for t in threads.tasks(session)}
        assert threads.failures(session)[0].problem.startswith("OSError")
    full()
    ticked(raised, MONDAY + timedelta(hours=12))
    assert states(raised) == ["sent"]
    (file,) = files(raised)
    assert read_dialog(file.read_bytes()).msg_id == file.stem
    with raised.reading() as session:
        assert {t.why for t in threads.tasks(session)} == {"call"}, "what was to be phoned is away after all"


def test_two_that_lay_the_same_letter_at_once_never_show_half_of_it(tmp_path):
    body = b"x" * 200_000
    laying = """
import pathlib, sys
from medrec.notices.carrier import lay
for _ in range(60):
    lay(pathlib.Path(sys.argv[1]), "a.xml", b"x" * 200_000)
"""
    both = [subprocess.Popen([sys.executable, "-c", laying, str(tmp_path)]) for _ in range(2)]
    seen = 0
    while any(one.poll() is None for one in both):
        if (tmp_path / "a.xml").exists():
            assert (tmp_path / "a.xml").read_bytes() == body
            seen += 1
    assert seen
