"""Whatever happens in whatever order, a notice is written once, in its time, and never lost.

A machine plays the house and all around it: flags open, turn worse, come and go; receipts come in time, late, twice,
or not; somebody answers, snoozes, acknowledges, asks; the broker takes files; the folder is full; time passes.
"""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from house import MONDAY, files, flag, furnish, judged, letter_rows, receipt_of, reply_to, ticked
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, event, select

from formats.apprec import ReceiptError
from formats.dialog import read_dialog
from medrec import clock, intake
from medrec.actions import ActionKind, By, record_action
from medrec.config import Settings
from medrec.db import open_database
from medrec.notices import answers, outbox, threads
from medrec.records import discrepancy, metadata, notice_item
from rules.conclusion import Severity

NURSE = By(id="n", name="Nora", role="nurse")
WORSE = {Severity.MODERATE: Severity.HIGH, Severity.HIGH: Severity.CRITICAL}
MOST_DAYS = 8
ROUNDS = (9, 13, 18)
"""Hours (UTC) at which letters of all severities go, and what failed is carried again."""
KEPT = {"audit"}
RAISED = select(notice_item).where(notice_item.c.what == "raised").order_by(notice_item.c.at)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A step is a file and a few transactions; thousands of them to shorten a story take longer than to read it."""
STEPS = [
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=5),
    timedelta(hours=13),
    timedelta(days=1),
    timedelta(days=4),
]
AWAY = [timedelta(minutes=30), timedelta(hours=6), timedelta(hours=30)]
"""How long a flag that comes back was closed: within the day it is the same matter, unless its letter was refused."""
KINDS = {1: Severity.CRITICAL, 2: Severity.HIGH, 3: Severity.MODERATE, 4: Severity.LOW, 5: Severity.HIGH}


FOUR_DAYS = timedelta(hours=96)
"""What the standard says, not what our table does: the machine must see a table that was changed."""


def by_day(moment):
    """Between seven and twenty o'clock in Oslo."""
    return 7 <= moment.astimezone(clock.OSLO).hour < 20


def in_memory(connection, _record):
    """What is on the disk is not the question here; being killed has tests of its own."""
    connection.execute("PRAGMA synchronous=OFF")


class Notices(RuleBasedStateMachine):
    """`true`: what judgement finds now. `seen`: MsgId -> bytes as the broker first saw them."""

    store: Settings

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="medrec-notices-"))
        self.database = open_database(replace(self.store, data_dir=self.folder, outbox=self.folder / "outbox"))
        if self.store.is_sqlite:
            event.listen(self.database.engine, "connect", in_memory)
        with self.database.writing() as session:
            for table in reversed([t for t in metadata.sorted_tables if t.name not in KEPT]):
                session.execute(delete(table))
        self.anna = furnish(self.database)
        self.now, self.true, self.seen, self.believes = MONDAY, {}, {}, set()
        self.final, self.asked, self.counted = {}, [], set()
        intake.AFTER_HEARD[:] = [answers.after_heard]

    def teardown(self):
        if hasattr(self, "database"):
            self.every_open_flag_is_told_in_the_end()
            self.database.close()
            shutil.rmtree(self.folder)
            intake.AFTER_HEARD.clear()

    def judge(self):
        """A moment later than all before it: no two judgements of a person share an instant."""
        self.now += timedelta(seconds=1)
        judged(self.database, self.anna, self.now, *(flag(n, s) for n, s in self.true.items()))
        self.look()
        self.letters_keep_the_rules()

    def look(self):
        """The broker looks into the folder."""
        for file in files(self.database):
            raw = file.read_bytes()
            if b"<Dialogmelding" in raw:
                assert file.stem == read_dialog(raw).msg_id
                assert self.seen.setdefault(file.stem, raw) == raw, "the same MsgId is the same bytes"

    @rule(n=st.sampled_from(list(KINDS)))
    def opens(self, n):
        self.true.setdefault(n, KINDS[n])
        self.judge()

    @precondition(lambda self: self.true)
    @rule(data=st.data())
    def closes(self, data):
        self.true.pop(data.draw(st.sampled_from(sorted(self.true))))
        self.judge()

    @precondition(lambda self: self.true)
    @rule(data=st.data(), away=st.sampled_from(AWAY), refused=st.booleans())
    def comes_and_goes(self, data, away, refused):
        """What is told most about: a flag that closes and opens again, after a letter that may not have arrived."""
        n = data.draw(st.sampled_from(sorted(self.true)))
        held = self.true.pop(n)
        if refused and self.seen:
            self.receipted(list(self.seen)[-1], accepted=False)
        self.judge()
        self.now += away
        self.true[n] = held
        self.judge()

    @precondition(lambda self: any(s in WORSE for s in self.true.values()))
    @rule(data=st.data())
    def turns_worse(self, data):
        n = data.draw(st.sampled_from(sorted(k for k, s in self.true.items() if s in WORSE)))
        self.true[n] = WORSE[self.true[n]]
        self.judge()

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step):
        self.now += step
        if step >= timedelta(days=1):
            self.judge()
        ticked(self.database, self.now)
        self.look()

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), accepted=st.booleans())
    def receipt(self, data, accepted):
        self.receipted(list(self.seen)[data.draw(st.integers(0, len(self.seen) - 1))], accepted=accepted)

    def receipted(self, msg_id, *, accepted):
        errors = () if accepted else (ReceiptError.of("E35"),)
        raw = receipt_of(self.seen[msg_id], *errors, receipt_id=f"r{len(self.final)}{accepted}", at=self.now)
        with clock.held(self.now):
            assert intake.receive(self.database, raw, channel="test").status in {"accepted", "repeated"}
        self.final.setdefault(msg_id, "acknowledged" if accepted else "rejected")

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def answer(self, data):
        msg_id = list(self.seen)[data.draw(st.integers(0, len(self.seen) - 1))]
        with clock.held(self.now):
            raw = reply_to(self.seen[msg_id], msg_id=f"a-{msg_id}", at=self.now)
            assert intake.receive(self.database, raw, channel="test").status in {"accepted", "repeated"}

    @precondition(lambda self: self.true)
    @rule(data=st.data(), kind=st.sampled_from([ActionKind.ACKNOWLEDGE, ActionKind.SNOOZE, ActionKind.ASK_GP]))
    def nurse(self, data, kind):
        with self.database.reading() as session:
            found = session.execute(select(discrepancy).where(discrepancy.c.closed_at.is_(None))).all()
        row = data.draw(st.sampled_from(sorted(found, key=lambda r: r.about)))
        if kind is ActionKind.SNOOZE and row.severity == "critical":
            return
        with clock.held(self.now), self.database.writing() as session:
            more = {"until": clock.today() + timedelta(days=2)} if kind is ActionKind.SNOOZE else {}
            more |= {"text": "Haster det?"} if kind is ActionKind.ASK_GP else {}
            record_action(
                session, person_id=self.anna, kind=kind, by=NURSE, today=clock.today(), discrepancy=row.id, **more
            )
        if kind is ActionKind.ASK_GP:
            self.asked.append((row.id, self.now))

    @rule()
    def broker_takes_all(self):
        self.look()
        for file in files(self.database):
            file.unlink()

    @precondition(lambda self: self.seen)
    @rule()
    def somebody_sends_again(self):
        every = tuple(row.id for row in letter_rows(self.database))
        with clock.held(self.now):
            self.database.once(lambda session: outbox.retry(session, every))
            outbox.deliver(self.database)
        self.look()

    @rule(hours=st.sampled_from([0, 0, 9]))
    def the_folder_is_in_the_way_for_a_while(self, hours):
        folder = self.database.settings.outbox
        aside = folder.with_name("aside")
        if folder.exists():
            folder.rename(aside)
        folder.write_text("in the way", encoding="utf-8")
        ticked(self.database, self.now)
        for _ in range(hours):
            self.now += timedelta(hours=1)
            ticked(self.database, self.now)
        folder.unlink()
        if aside.exists():
            aside.rename(folder)

    @invariant()
    def letters_keep_the_rules(self):
        if not hasattr(self, "database"):
            return
        letters = letter_rows(self.database)
        with self.database.reading() as session:
            told = session.execute(select(notice_item).order_by(notice_item.c.at)).all()
            flags = {row.id: row for row in session.execute(select(discrepancy))}
        days = {}
        for letter in letters:
            raised = [t for t in told if t.outbox_id == letter.id and t.what == "raised"]
            critical = [t for t in raised if t.rank == Severity.CRITICAL.rank]
            assert by_day(letter.created_at) or raised == critical, "nothing at night but critical"
            days.setdefault(letter.day, []).append(bool(critical))
        assert all(day.count(False) <= 1 for day in days.values()), "one letter a day, critical ones apart"
        self.never_twice(told, flags, {one.id: one.state for one in letters})
        self.closings_are_told([one for one in letters if one.id not in self.counted], told, flags)
        self.counted = {one.id for one in letters}
        for letter in letters:
            if letter.state == "sent":
                assert letter.message_id in self.seen
            if letter.message_id in self.final:
                assert letter.state == self.final[letter.message_id], "a receipt is final"
            if letter.state == "overdue":
                assert self.now - letter.created_at >= FOUR_DAYS

    def never_twice(self, told, flags, letters):
        for id_, row in flags.items():
            since = row.reopened_at or row.opened_at
            mine = [t for t in told if t.discrepancy_id == id_ and t.what == "raised" and t.at >= since]
            for before, after in pairwise(mine):
                asked = any(flag_id == id_ and before.at < at <= after.at for flag_id, at in self.asked)
                assert asked or after.rank > before.rank, "never twice while open"

            self.not_again_within_a_day(id_, told, letters)

    def not_again_within_a_day(self, id_, told, letters):
        """What comes and goes within a day is not written again, unless it was told as over or did not arrive."""
        mine = [t for t in told if t.discrepancy_id == id_]
        for before, after in pairwise(mine):
            if (before.what, after.what) != ("raised", "raised") or after.at - before.at >= timedelta(days=1):
                continue
            asked = any(flag_id == id_ and before.at < at <= after.at for flag_id, at in self.asked)
            refused = letters[before.outbox_id] in {"rejected", "overdue"}
            critical = after.rank == Severity.CRITICAL.rank
            assert asked or refused or critical or after.rank > before.rank, "never twice within a day"

    def closings_are_told(self, new, told, flags):
        for letter in new:
            mine = [t for t in told if t.outbox_id == letter.id]
            closed = {t.discrepancy_id for t in mine if t.what == "closed"}
            assert closed == {i for i in self.believes if flags[i].closed_at is not None}
            self.believes = (self.believes - closed) | {t.discrepancy_id for t in mine if t.what == "raised"}

    def came_back_without_a_letter(self, row, told):
        """It came back after what was told of it, and no letter is due: a nurse took it on, or it is too light."""
        came_back = row.reopened_at is not None and row.reopened_at > told.at
        return came_back and not self.warrants_a_letter(row)

    def warrants_a_letter(self, row):
        return row.state in {"open", "sent"} and row.rank >= Severity.MODERATE.rank

    def every_open_flag_is_told_in_the_end(self):
        """Days go by: what is open and serious enough stands in a letter, and no letter is lost."""
        midnight = self.now.replace(hour=0, minute=0, second=0)
        for day in range(1, MOST_DAYS):
            for hour in ROUNDS:
                self.now = midnight + timedelta(days=day, hours=hour)
                ticked(self.database, self.now)
            self.judge()
        ticked(self.database, self.now)
        self.look()
        self.letters_keep_the_rules()
        with self.database.reading() as session:
            told = {t.discrepancy_id for t in session.execute(select(notice_item))}
            for row in session.execute(select(discrepancy).where(discrepancy.c.closed_at.is_(None))):
                assert not self.warrants_a_letter(row) or row.id in told, "never lost"
            phoned = {t.data["about"] for t in threads.tasks(session)}
            last = {t.discrepancy_id: t for t in session.execute(RAISED)}
            standing = session.execute(select(discrepancy).where(discrepancy.c.closed_at.is_(None))).all()
        still = {
            row.id for row in standing if row.id in last and not self.came_back_without_a_letter(row, last[row.id])
        }
        for letter in letter_rows(self.database):
            assert letter.message_id in self.seen
            waits_for_receipt = self.now - letter.due_at < FOUR_DAYS
            assert letter.state == self.final.get(letter.message_id, "sent" if waits_for_receipt else "overdue")
            arrived = letter.state in {"acknowledged", "sent"}
            waits = any(last[flag_id].outbox_id == letter.id for flag_id in still)
            assert arrived or not waits or letter.id in phoned, "what did not arrive is a nurse's task"


@pytest.mark.parametrize("in_full", [False, pytest.param(True, marks=pytest.mark.full)])
def test_whatever_happens_a_notice_is_neither_lost_nor_repeated(store_settings, in_full):
    """A story takes five times as long on PostgreSQL, which is asked about the same stories' storing alone."""
    many = 200 if store_settings.is_sqlite else 40
    run_state_machine_as_test(
        type("Machine", (Notices,), {"store": store_settings}),
        settings=settings(
            max_examples=many if in_full else 12,
            stateful_step_count=25,
            deadline=None,
            phases=NO_SHRINKING,
            suppress_health_check=list(HealthCheck),
        ),
    )
