"""What leaves the house: a row in the same transaction as its reason, then a message under its MsgId.

queued -> sent -> acknowledged | rejected | overdue; failed while nobody takes it. The bytes are made once: a repeat is
the same message, which receivers ignore. Nothing is ever given up: failed rows are tried hourly.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, life
from medrec.access import relation
from medrec.db import Database, vault_of
from medrec.notices.carrier import NotTaken, carrier, folder
from medrec.notices.policy import RECEIPT_WITHIN
from medrec.records import outbox
from medrec.store import put_first
from medrec.vault import KeyFault, Sealed

log = structlog.get_logger(__name__)

TIDY_FOLDER = "ryddeliste"
"""In the outbox folder: texts for the municipality's own secure channel, no messages for the broker."""
LONGEST_WAIT = timedelta(hours=1)
FAILED_AFTER = 8


class Kind(StrEnum):
    """What a row is."""

    NOTICE = "notice"
    APPREC = "apprec"
    TIDY = "tidy"
    TASK = "task"


class State(StrEnum):
    """Where a row stands; `open` and `done` are of tasks; `held`: the patient has died, so it waits."""

    QUEUED = "queued"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    OVERDUE = "overdue"
    FAILED = "failed"
    HELD = "held"
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a round of delivery did; true where anything left."""

    sent: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        return bool(self.sent)


def short(text: str) -> str:
    """A short name for something that has no number, the same each time."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def put_message(
    session: Session,
    *,
    kind: Kind,
    msg_id: str,
    body: bytes,
    person_id: str | None,
    her_id: str,
    hpr: str = "",
    conversation_id: str = "",
    data: Mapping[str, Any],
) -> str:
    """Queue a message in this transaction; the same MsgId twice is one row. Returns the row's id."""
    row_id, now = hashlib.sha256(msg_id.encode()).hexdigest()[:24], clock.now()
    sealed = vault_of(session).seal(body, f"outbox|{row_id}")
    row: dict[str, Any] = {"id": row_id, "person_id": person_id, "kind": kind.value, "state": State.QUEUED.value}
    row |= {"receiver_her_id": her_id, "receiver_hpr": hpr, "day": clock.day_of(now), "message_id": msg_id}
    row |= {"conversation_id": conversation_id, "body_sealed": sealed.data, "key_id": sealed.key_id}
    row |= {"data": json.dumps(dict(data), ensure_ascii=False, sort_keys=True), "created_at": now, "due_at": now}
    put_first(session, outbox, row)
    return row_id


def put_task(session: Session, why: str, *, about: str, person_id: str | None, data: Mapping[str, Any]) -> str:
    """A nurse's task, once for each (why, about); held where the patient has died. Returns its id."""
    task_id = hashlib.sha256(f"{why}\x1f{about}".encode()).hexdigest()[:24]
    state = State.HELD if person_id and life.death_of(session, person_id) else State.OPEN
    row = {"id": task_id, "person_id": person_id, "kind": Kind.TASK.value, "state": state.value}
    row |= {"data": json.dumps({"why": why, "about": about, **data}, ensure_ascii=False, sort_keys=True)}
    put_first(session, outbox, row | {"created_at": clock.now()})
    return task_id


def close_task(session: Session, why: str, about: str) -> None:
    """The task is done (or no longer needed)."""
    task_id = hashlib.sha256(f"{why}\x1f{about}".encode()).hexdigest()[:24]
    told = {"state": State.DONE.value, "answered_at": clock.now()}
    waits = outbox.c.state.in_([State.OPEN.value, State.HELD.value])
    session.execute(update(outbox).where(outbox.c.id == task_id, waits).values(**told))


def body_of(session: Session, row_id: str) -> bytes:
    """The message of a row, as it is or was sent."""
    row = session.execute(select(outbox.c.body_sealed, outbox.c.key_id).where(outbox.c.id == row_id)).one()
    return vault_of(session).open(Sealed(row.key_id, row.body_sealed), f"outbox|{row_id}")


_DUE = select(outbox.c.id, outbox.c.message_id, outbox.c.kind, outbox.c.person_id).where(
    outbox.c.state.in_([State.QUEUED.value, State.FAILED.value]), outbox.c.due_at <= bindparam("now")
)


def deliver(database: Database, *, limit: int = 100) -> Delivered:
    """Carry every message that is due, but none about a patient who has closed the record or has died: it waits.

    Looked at again as each one leaves: a broker may be slow, and a machine may sleep over its round. Dying between
    carrying and noting it only repeats the same message.
    """
    now, settings = clock.now(), database.settings
    with database.reading() as session:
        shut = relation.blocked(session).union(life.deaths(session))
        rows = session.execute(
            _DUE.where(or_(outbox.c.person_id.is_(None), outbox.c.person_id.not_in(shut)))
            .order_by(outbox.c.created_at, outbox.c.id)
            .limit(limit),
            {"now": now},
        ).all()
    letters, lists = carrier(settings), folder(settings.outbox / TIDY_FOLDER, ".txt")
    sent = failed = 0
    for row in rows:
        carry = lists if row.kind == Kind.TIDY else letters
        try:
            with database.reading() as session:
                body = body_of(session, row.id) if _still_due(session, row.id, now) else None
            if body is None:
                continue
            carry(row.message_id, body)
        except (NotTaken, KeyFault) as fault:
            failed += 1
            wait = fault.after if isinstance(fault, NotTaken) else None
            database.once(_Failed(row.id, getattr(fault, "reason", type(fault).__name__), wait))
            continue
        sent += 1
        database.once(_Sent(row.id))
    return Delivered(sent, failed)


def _still_due(session: Session, row_id: str, now: datetime) -> bool:
    row = session.execute(_DUE.where(outbox.c.id == row_id), {"now": now}).first()
    if row is None or row.person_id is None:
        return row is not None
    return not relation.blocked(session, [row.person_id]) and life.death_of(session, row.person_id) is None


@dataclass(frozen=True, slots=True)
class _Sent:
    row_id: str

    def __call__(self, session: Session) -> None:
        still = outbox.c.state.in_([State.QUEUED.value, State.FAILED.value])
        told = {"state": State.SENT.value, "sent_at": clock.now(), "problem": None}
        session.execute(update(outbox).where(outbox.c.id == self.row_id, still).values(**told))
        close_task(session, "failed", self.row_id)


@dataclass(frozen=True, slots=True)
class _Failed:
    row_id: str
    fault: str
    after: timedelta | None

    def __call__(self, session: Session) -> None:
        """Wait longer after each try: 16, 32 ... seconds, an hour at most; what the broker asked for if more."""
        row = session.execute(select(outbox).where(outbox.c.id == self.row_id).with_for_update()).one()
        if row.state not in {State.QUEUED, State.FAILED}:
            return
        tries = row.tries + 1
        gone = tries >= FAILED_AFTER
        wait = max(min(timedelta(seconds=2 ** min(tries + 3, 12)), LONGEST_WAIT), self.after or timedelta(0))
        told: dict[str, Any] = {"tries": tries, "problem": self.fault, "due_at": clock.now() + wait}
        told |= {"state": (State.FAILED if gone else State.QUEUED).value}
        session.execute(update(outbox).where(outbox.c.id == self.row_id).values(**told))
        log.warning("notice.not-delivered", notice=self.row_id, fault=self.fault, tries=tries)
        if gone and row.kind == Kind.NOTICE:
            put_task(session, "failed", about=row.id, person_id=row.person_id, data=phone_of(json.loads(row.data)))


def phone_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of a letter's data, what a nurse needs to phone instead."""
    return {name: data.get(name, "") for name in ("name", "office", "phone", "role")}


def overdue(session: Session, now: datetime | None = None) -> int:
    """Letters without a receipt 96 hours after they were made (or sent again) count as not received: a nurse phones.

    Returns how many became so.
    """
    before = (now or clock.now()) - RECEIPT_WITHIN
    rows = session.execute(
        update(outbox)
        .where(outbox.c.kind == Kind.NOTICE.value, outbox.c.state == State.SENT.value, outbox.c.due_at <= before)
        .values(state=State.OVERDUE.value)
        .returning(outbox.c.id, outbox.c.person_id, outbox.c.data)
    ).all()
    for row in rows:
        put_task(session, "overdue", about=row.id, person_id=row.person_id, data=phone_of(json.loads(row.data)))
    return len(rows)


def retry(session: Session, row_ids: tuple[str, ...] = ()) -> int:
    """Send again, with the same MsgId and bytes: these, or all that failed or got no receipt. Returns how many.

    Never a letter about somebody who has died.
    """
    again = [State.QUEUED.value, State.SENT.value, State.FAILED.value, State.OVERDUE.value]
    chosen = outbox.c.id.in_(row_ids) if row_ids else outbox.c.state.in_(again[2:])
    told = {"state": State.QUEUED.value, "due_at": clock.now(), "tries": 0}
    alive = or_(outbox.c.person_id.is_(None), outbox.c.person_id.not_in(list(life.deaths(session))))
    query = update(outbox).where(chosen, alive, outbox.c.kind != Kind.TASK.value, outbox.c.state.in_(again))
    return len(session.execute(query.values(**told).returning(outbox.c.id)).all())
