"""The round: look at a person's flags, and write the letters that are due, in the transaction of whoever asks.

Called inside each judgement, and by a tick for those for whom time alone may have made something due: what the one
misses the other finds. Doing it twice does nothing more, because what was told is written beside the letter.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

import structlog
from sqlalchemy import Select, and_, exists, func, or_, select, union
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from medrec import clock, intake, worklist
from medrec.access import relation
from medrec.db import Database, settings_in
from medrec.fences import turn
from medrec.ledger import FlagStatus
from medrec.listing import Refreshed
from medrec.notices import closings, outbox, policy
from medrec.notices.addresses import Addresses, AddressFault, addresses
from medrec.notices.around import around, in_our_care
from medrec.notices.desk import Ask, Desk
from medrec.notices.outbox import Kind, State
from medrec.notices.whom import To, receivers
from medrec.records import action, closing, discrepancy, notice_item, person
from medrec.records import outbox as rows
from medrec.worklist import FlagRow
from rules.conclusion import Owner, Severity

log = structlog.get_logger(__name__)
_BATCH_BY = 2
"""Characters of the person id, hexadecimal: 256 batches."""
_ROUND = timedelta(seconds=15)
"""Less than from tick to tick, so that each batch is done in each round."""
_NOBODY_WRITTEN = (Owner.NURSE.value, Owner.SYS.value)


def after_refresh(session: Session, done: Refreshed) -> None:
    """Registered with `listing.AFTER_REFRESH`. A fault of notices never holds up a list: the tick tries again."""
    try:
        with session.begin_nested():
            closings.keep(session, done.person_id)
            consider(session, done.person_id)
    except DBAPIError:
        raise
    except Exception as fault:  # noqa: BLE001 - told; the list is worth more than its letter
        log.error("notices.failed", person=done.person_id, fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no patient data


def tick(database: Database) -> int:
    """Whoever may have something due, then delivery and the receipts that did not come. Idempotent."""
    written = write_due(database)
    carry_due(database)
    return written


def shared(database: Database) -> int:
    """A process's part of a round, among several: those batches that nobody took within this round."""
    return write_due(database, lambda batch: database.once(lambda session: turn(session, f"notices.{batch}", _ROUND)))


def write_due(database: Database, ours: Callable[[str], bool] = lambda _batch: True) -> int:
    """Write the letters that are due. Returns how many. `ours`: is a batch (the beginning of person ids) ours to do."""
    with database.reading() as session:
        book = _addresses(session)
        waiting = session.scalars(_may_be_due(book, day=policy.is_day(clock.now()))).all() if book else ()
    written = 0
    for batch, persons in groupby(waiting, key=lambda person_id: person_id[:_BATCH_BY]):
        if ours(batch):
            written += sum(_turn_of(database, person_id) for person_id in persons)
    return written


def carry_due(database: Database) -> int:
    """Deliver, and note the receipts that did not come; of one process, which has the outbox folder. Returns 0."""
    with database.reading() as session:
        book = _addresses(session)
    if book is not None:
        database.once(outbox.overdue)
        outbox.deliver(database)
    return 0


def _turn_of(database: Database, person_id: str) -> int:
    try:
        return database.once(_Turn(person_id))
    except Exception as fault:  # noqa: BLE001 - one person's fault holds up nobody else
        log.error("notices.failed", person=person_id, fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no patient data
        return 0


def _may_be_due(book: Addresses, *, day: bool) -> Select[str]:
    """Persons for whom time alone, or a turn that failed, may have made something due.

    With a flag not written yet (by night a critical one), written as less than it is, or asked about; with a closing
    not noted, or a task; and, where receivers want it, with a closing nobody told them.
    """
    is_open, since = (
        discrepancy.c.closed_at.is_(None),
        func.coalesce(discrepancy.c.reopened_at, discrepancy.c.opened_at),
    )
    least = Severity.MODERATE if day else Severity.CRITICAL
    serious = and_(discrepancy.c.rank >= least.rank, discrepancy.c.owner.not_in(_NOBODY_WRITTEN))
    told = and_(notice_item.c.discrepancy_id == discrepancy.c.id, notice_item.c.what == "raised")
    asked = and_(action.c.discrepancy_id == discrepancy.c.id, action.c.kind == "ask-gp", action.c.undone_at.is_(None))
    unwritten = and_(discrepancy.c.state == FlagStatus.OPEN.value, serious)
    outgrown = and_(
        discrepancy.c.state == FlagStatus.SENT.value,
        serious,
        ~exists().where(told, notice_item.c.at >= since, notice_item.c.rank >= discrepancy.c.rank),
    )
    unasked = exists().where(
        asked, ~exists().where(told, notice_item.c.at >= action.c.at).correlate(action, discrepancy)
    )
    noted = and_(closing.c.discrepancy_id == discrepancy.c.id, closing.c.closed_at == discrepancy.c.closed_at)
    found = [
        select(discrepancy.c.person_id).where(is_open, or_(unwritten, outgrown, unasked)),
        select(discrepancy.c.person_id).where(~is_open, ~exists().where(noted)),
        select(rows.c.person_id).where(
            rows.c.kind == Kind.TASK.value, rows.c.state == State.OPEN.value, rows.c.person_id.is_not(None)
        ),
    ]
    if any(receiver.closing for receiver in book.receivers.values()) and day:
        over = and_(notice_item.c.discrepancy_id == discrepancy.c.id, notice_item.c.what == "closed")
        untold = and_(exists().where(told), ~exists().where(over, notice_item.c.at >= discrepancy.c.closed_at))
        found.append(select(discrepancy.c.person_id).where(~is_open, untold))
    everyone = union(*found).subquery()
    return select(everyone.c.person_id).order_by(everyone.c.person_id)


@dataclass(frozen=True, slots=True)
class _Turn:
    person_id: str

    def __call__(self, session: Session) -> int:
        own = select(person.c.id).where(person.c.id == self.person_id).with_for_update(skip_locked=True)
        if session.execute(own).first() is None:
            return 0  # another process is at this person; the next round sees what it left
        closings.keep(session, self.person_id)
        return consider(session, self.person_id)


def _addresses(session: Session) -> Addresses | None:
    try:
        return addresses(settings_in(session).data_dir)
    except AddressFault as fault:
        log.error("notices.off", reason=str(fault))  # noqa: TRY400 - the reason is all there is
        return None


def consider(session: Session, person_id: str) -> int:
    """Write the letters that are due for one person now. Returns how many; 0 where no sender is configured."""
    book = _addresses(session)
    if book is None:
        return 0
    _close_tasks(session, person_id)
    if not in_our_care(session, person_id):
        return 0
    flags = worklist.open_discrepancies(session, person_id=person_id, limit=10_000).rows
    known = around(session, person_id, book)
    asks = _asks(session, person_id, flags)
    by_receiver: dict[To, list[FlagRow]] = {}
    for flag in flags:
        for to in receivers(flag.flag, known, asked=flag.id in asks):
            by_receiver.setdefault(to, []).append(flag)
    shut = bool(relation.blocked(session, [person_id]))
    desk = Desk(session, person_id, book, clock.now(), asks, shut)
    written = sum(desk.write(to, mine) for to, mine in by_receiver.items())
    return written + desk.tell_closings()


def _asks(session: Session, person_id: str, flags: tuple[FlagRow, ...]) -> dict[str, Ask]:
    """What nurses asked the GP about the flags as they stand open now; the newest question of each."""
    since = {flag.id: flag.reopened_at or flag.opened_at for flag in flags}
    found = session.execute(
        select(action.c.discrepancy_id, action.c.data, action.c.at)
        .where(action.c.person_id == person_id, action.c.kind == "ask-gp", action.c.undone_at.is_(None))
        .order_by(action.c.at)
    )
    return {
        row.discrepancy_id: Ask(row.at, str(json.loads(row.data).get("text", "")))
        for row in found
        if row.discrepancy_id in since and row.at >= since[row.discrepancy_id]
    }


def _close_tasks(session: Session, person_id: str) -> None:
    """What was to be phoned about needs no call any more once its flags (all that its letter raised) have closed."""
    open_tasks = select(rows.c.data).where(
        rows.c.person_id == person_id, rows.c.kind == Kind.TASK.value, rows.c.state == State.OPEN.value
    )
    for told in map(json.loads, session.scalars(open_tasks).all()):
        raised = select(notice_item.c.discrepancy_id).where(
            notice_item.c.outbox_id == told["about"], notice_item.c.what == "raised"
        )
        about = [told["discrepancy"]] if "discrepancy" in told else session.scalars(raised).all()
        still = select(discrepancy.c.id).where(discrepancy.c.id.in_(about), discrepancy.c.closed_at.is_(None))
        if about and session.execute(still.limit(1)).first() is None:
            outbox.close_task(session, told["why"], told["about"])
