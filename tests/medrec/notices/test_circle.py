"""A letter's whole way: a flag, a letter, a receipt, an answer, a closing; and a folder that can't be written."""

from datetime import date, timedelta

import pytest
from house import MONDAY, files, furnish, receipt_of, ticked
from sqlalchemy import func, insert, select, update
from told import ANNA

from formats.apprec import ReceiptError
from formats.dialog import DialogKind, DialogMessage, read_dialog
from formats.dialog_xml import theme, write_dialog
from formats.identifiers import person_identifier
from medrec import clock, intake, values
from medrec.ledger import FlagStatus
from medrec.notices import answers, calls, outbox, threads
from medrec.notices.policy import Standing, Written
from medrec.notices.policy import select as chosen
from medrec.records import discrepancy
from medrec.records import outbox as rows
from rules.conclusion import Discrepancy, Owner, Severity


@pytest.fixture
def anna(database):
    """A patient with a GP, and a configured sender."""
    return furnish(database)


def raise_flag(database, person_id, severity, *, number=1, at=MONDAY, code="B01", owner=Owner.GP):
    day = {"drug": "Selo-Zok 50 mg", "date_a": date(2026, 2, 10), "date_b": date(2025, 6, 1), "src_a": "HP"}
    flag = Discrepancy(
        code=code, about=f"metoprolol {number}", severity=severity, owner=owner, also=(), lines=(), evidence=("x",),
        values=day | {"valid_to": date(2026, 6, 1)},
    )  # fmt: skip
    with database.writing() as session:
        session.execute(
            insert(discrepancy).values(
                id=f"flag{number}", person_id=person_id, code=code, about=flag.about, opened_at=at, state="open",
                severity=severity.value, rank=severity.rank, owner=owner.value, content=values.dump(flag),
            )
        )  # fmt: skip


def state(database):
    with database.reading() as session:
        return session.scalars(select(rows.c.state).where(rows.c.kind == "notice").order_by(rows.c.created_at)).all()


@pytest.fixture
def routed(monkeypatch):
    monkeypatch.setattr(intake, "AFTER_HEARD", [answers.after_heard])


def test_a_critical_flag_is_written_at_once_once_and_is_a_call(database, anna):
    raise_flag(database, anna, Severity.CRITICAL)
    night = MONDAY + timedelta(hours=12)
    assert [ticked(database, night), ticked(database, night)] == [1, 0]
    (file,) = files(database)
    told = read_dialog(file.read_bytes())
    assert file.stem == told.msg_id
    assert "Tilbakekall resept fra 01.06.2025" in told.text
    assert told.theme.value == "6"
    assert (told.parent_id, told.conversation_id) == ("", "")
    with clock.held(night + timedelta(hours=2)), database.writing() as session:
        assert [t.why for t in threads.tasks(session)] == ["call"]
        assert threads.failures(session)[0].red
        called = calls.whom_to_call(session, anna, "B01", night)
        assert called.number == "116117"
        by = calls.By(id="n", name="Nora", role="nurse")
        said = {"reached": "legevaktslege", "said": "ikke gi"}
        calls.record_call(session, person_id=anna, discrepancy_id="flag1", called=called, by=by, **said)
        assert threads.tasks(session) == ()


@pytest.mark.usefixtures("routed")
def test_a_receipt_is_final_and_a_late_one_is_honoured(database, anna):
    raise_flag(database, anna, Severity.CRITICAL)
    ticked(database, MONDAY)
    ticked(database, MONDAY + timedelta(hours=96))
    assert state(database) == ["overdue"]
    (file,) = files(database)
    assert intake.receive(database, receipt_of(file.read_bytes()), channel="test").status == "accepted"
    assert state(database) == ["acknowledged"]
    rejection = receipt_of(file.read_bytes(), ReceiptError.of("E35"))
    intake.receive(database, rejection, channel="test")
    assert state(database) == ["acknowledged"]
    with database.reading() as session:
        assert {t.why for t in threads.tasks(session)} == {"call"}


@pytest.mark.usefixtures("routed")
def test_a_rejection_is_shown_with_its_words_and_phoned(database, anna):
    raise_flag(database, anna, Severity.CRITICAL)
    ticked(database, MONDAY)
    intake.receive(database, receipt_of(files(database)[0].read_bytes(), ReceiptError.of("E35")), channel="test")
    with database.reading() as session:
        assert "rejected" in {t.why for t in threads.tasks(session)}
        (bad,) = threads.failures(session)
        assert bad.problem.startswith("E35 Pasienten finnes ikke")


@pytest.mark.usefixtures("routed")
def test_an_answer_stands_in_its_thread_and_is_receipted(database, anna):
    raise_flag(database, anna, Severity.CRITICAL)
    ticked(database, MONDAY)
    ours = read_dialog(files(database)[0].read_bytes())
    reply = DialogMessage(
        version="1.1", kind=DialogKind.HEALTH, msg_id="answer-1", sent=MONDAY + timedelta(hours=1),
        sender=ours.receiver, receiver=ours.sender, patient=ours.patient, theme=theme("6", "1.1"), subject="Svar",
        text="Resepten er tilbakekalt.", parent_id=ours.msg_id, conversation_id=ours.msg_id,
        contacts=ours.contacts,
    )  # fmt: skip
    with clock.held(MONDAY + timedelta(hours=1)):
        assert intake.receive(database, write_dialog(reply), channel="test").status == "accepted"
        outbox.deliver(database)
    with database.reading() as session:
        (thread,) = threads.threads(session, anna)
        assert [r.text for r in thread.replies] == ["Resepten er tilbakekalt."]
        assert thread.discrepancies == ("flag1",)
    assert len(files(database)) == 2


def test_one_letter_a_day_and_the_next_one_tells_what_is_solved(database, anna):
    raise_flag(database, anna, Severity.HIGH, at=MONDAY)
    raise_flag(database, anna, Severity.LOW, number=2, code="B11", at=MONDAY)
    assert ticked(database, MONDAY + timedelta(minutes=10)) == 0
    assert ticked(database, MONDAY + timedelta(hours=2)) == 1
    raise_flag(database, anna, Severity.HIGH, number=3, at=MONDAY + timedelta(hours=3))
    assert ticked(database, MONDAY + timedelta(hours=7)) == 0
    with database.writing() as session:
        gone = {"state": "closed", "closed_at": MONDAY + timedelta(hours=8)}
        session.execute(update(discrepancy).where(discrepancy.c.id == "flag1").values(**gone))
    assert ticked(database, MONDAY + timedelta(hours=21)) == 1
    with database.reading() as session:
        (thread,) = threads.threads(session, anna)
        first, second = thread.notices
        assert (first.raised, second.raised, second.closed) == (("flag1",), ("flag3",), ("flag1",))
        assert "Løst siden sist" in threads.text_of(session, second.id)
    assert {read_dialog(f.read_bytes()).conversation_id for f in files(database)} == {"", first.msg_id}


def test_an_unwritable_folder_loses_nothing_and_the_repeat_is_the_same_bytes(database, anna):
    raise_flag(database, anna, Severity.CRITICAL)
    folder = database.settings.outbox
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way", encoding="utf-8")
    for hour in range(10):
        ticked(database, MONDAY + timedelta(hours=hour))
    assert state(database) == ["failed"]
    folder.unlink()
    ticked(database, MONDAY + timedelta(hours=20))
    assert state(database) == ["sent"]
    (file,) = files(database)
    before = file.read_bytes()
    file.unlink()
    with database.writing() as session:
        session.execute(update(rows).where(rows.c.kind == "notice").values(state="queued"))
    ticked(database, MONDAY + timedelta(hours=21))
    assert files(database)[0].read_bytes() == before


def test_a_gp_nobody_has_an_address_for_is_a_task_and_no_lost_letter(database, anna):
    raise_flag(database, anna, Severity.CRITICAL, owner=Owner.HOSP)
    assert ticked(database, MONDAY) == 0
    with database.reading() as session:
        assert [t.why for t in threads.tasks(session)] == ["no-address"]
        assert session.scalar(select(func.count()).select_from(rows).where(rows.c.kind == "notice")) == 0


URGENT, DAILY = Written.URGENT, Written.ORDINARY


@pytest.mark.parametrize(
    ("severity", "flag_state", "hours", "today", "written"),
    [
        (Severity.CRITICAL, FlagStatus.OPEN, 0, {URGENT, DAILY}, True),
        (Severity.CRITICAL, FlagStatus.OPEN, 12, (), True),
        (Severity.HIGH, FlagStatus.OPEN, 0.5, (), False),
        (Severity.HIGH, FlagStatus.OPEN, 2, (), True),
        (Severity.HIGH, FlagStatus.OPEN, 2, {DAILY}, False),
        (Severity.HIGH, FlagStatus.OPEN, 2, {URGENT}, True),
        (Severity.HIGH, FlagStatus.OPEN, 2, {URGENT, DAILY}, False),
        (Severity.HIGH, FlagStatus.OPEN, 12, (), False),
        (Severity.MODERATE, FlagStatus.OPEN, 2, (), False),
        (Severity.MODERATE, FlagStatus.OPEN, 26, (), True),
        (Severity.MODERATE, FlagStatus.OPEN, 26, {URGENT}, False),
        (Severity.LOW, FlagStatus.OPEN, 26, (), False),
        (Severity.INFO, FlagStatus.OPEN, 26, (), False),
        (Severity.CRITICAL, FlagStatus.ACKNOWLEDGED, 2, (), False),
        (Severity.HIGH, FlagStatus.SNOOZED, 2, (), False),
        (Severity.HIGH, FlagStatus.INTENDED, 2, (), False),
    ],
)
def test_when(severity, flag_state, hours, today, written):
    flag = Standing(id="a", code="D01", severity=severity, state=flag_state, since=MONDAY)
    assert bool(chosen([flag], MONDAY + timedelta(hours=hours), today=today)) is written


def test_the_number_is_synthetic():
    assert person_identifier("", ANNA).type == "FNR"
