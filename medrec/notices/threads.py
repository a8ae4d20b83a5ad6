"""What the pages read: threads with their state, failures, and the nurses' tasks. Nothing is written here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from formats.dialog import read_dialog
from medrec import clock, keeping
from medrec.glance import Asked
from medrec.notices.outbox import Kind, State, body_of
from medrec.notices.policy import CRITICAL_RECEIPT_WITHIN
from medrec.records import notice_item, notice_reply
from medrec.records import outbox as rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One letter. `red`: critical, and no receipt within the hour. `problem`: the receiver's or the folder's word."""

    id: str
    person_id: str
    msg_id: str
    state: State
    receiver: str
    her_id: str
    phone: str
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    problem: str
    raised: tuple[str, ...]
    closed: tuple[str, ...]
    red: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer, as its writer said it."""

    message_id: str
    at: datetime
    sender: str
    text: str
    answers: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """Letters and answers of one conversation, oldest first. `discrepancies`: ids of the flags it is about."""

    conversation_id: str
    notices: tuple[Notice, ...]
    replies: tuple[Reply, ...]
    discrepancies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something a nurse must do by phone. `why`: call, no-address, no-name, blocked, rejected, overdue, failed."""

    id: str
    person_id: str | None
    why: str
    since: datetime
    data: Mapping[str, Any]


def threads(session: Session, person_id: str) -> tuple[Thread, ...]:
    """All conversations about a person, the newest first."""
    letters: dict[str, list[Notice]] = {}
    replies: dict[str, list[Reply]] = {}
    mine = (rows.c.person_id == person_id, rows.c.kind == Kind.NOTICE.value)
    for row in session.execute(select(rows).where(*mine).order_by(rows.c.created_at, rows.c.id)).all():
        letters.setdefault(row.conversation_id, []).append(_notice(session, row))
    found = select(notice_reply).where(notice_reply.c.person_id == person_id).order_by(notice_reply.c.at)
    for row in session.execute(found).all():
        replies.setdefault(row.conversation_id, []).append(_reply(session, row))
    made = [_thread(c, letters.get(c, []), replies.get(c, [])) for c in letters.keys() | replies.keys()]
    return tuple(sorted(made, key=lambda t: (_newest(t), t.conversation_id), reverse=True))


_REPLIES = Asked(
    select(notice_reply, notice_item.c.discrepancy_id)
    .join(notice_item, notice_item.c.outbox_id == notice_reply.c.outbox_id)
    .where(notice_reply.c.person_id == bindparam("person"), notice_item.c.what == "raised")
    .order_by(notice_reply.c.at, notice_reply.c.message_id)
)


def replies_by_flag(session: Session, person_id: str) -> Mapping[str, tuple[Reply, ...]]:
    """Answers by the flags that the letter they answer raised, oldest first: shown on the line they are about."""
    found = _REPLIES.all(session, {"person": person_id})
    read = {row.message_id: _reply(session, row) for row in {row.message_id: row for row in found}.values()}
    by_flag: dict[str, list[Reply]] = {}
    for row in found:
        by_flag.setdefault(row.discrepancy_id, []).append(read[row.message_id])
    return {flag_id: tuple(replies) for flag_id, replies in by_flag.items()}


def _thread(conversation: str, letters: list[Notice], replies: list[Reply]) -> Thread:
    about = tuple(dict.fromkeys(i for n in letters for i in n.raised))
    return Thread(conversation_id=conversation, notices=tuple(letters), replies=tuple(replies), discrepancies=about)


def _newest(thread: Thread) -> datetime:
    return max([n.created_at for n in thread.notices] + [r.at for r in thread.replies])


def notices(session: Session, state: State | None = None) -> tuple[Notice, ...]:
    """All letters (of one state), the newest first."""
    wanted = [rows.c.kind == Kind.NOTICE.value] + ([rows.c.state == state.value] if state else [])
    found = session.execute(select(rows).where(*wanted).order_by(rows.c.created_at.desc(), rows.c.id)).all()
    return tuple(_notice(session, row) for row in found)


def failures(session: Session) -> tuple[Notice, ...]:
    """Letters that were rejected, got no receipt, can't be delivered, or are critical without one within the hour."""
    bad = {State.REJECTED, State.OVERDUE, State.FAILED}
    return tuple(n for n in notices(session) if n.state in bad or n.red)


def tasks(session: Session, person_id: str | None = None) -> tuple[Task, ...]:
    """What nurses must phone about (one person's, or all), the oldest first."""
    wanted = [rows.c.kind == Kind.TASK.value, rows.c.state == State.OPEN.value]
    wanted += [rows.c.person_id == person_id] if person_id else []
    found = session.execute(select(rows).where(*wanted).order_by(rows.c.created_at, rows.c.id))
    made = []
    for row in found:
        data = json.loads(row.data)
        made.append(Task(id=row.id, person_id=row.person_id, why=data.pop("why"), since=row.created_at, data=data))
    return tuple(made)


def text_of(session: Session, notice_id: str) -> str:
    """The words of a letter as they were sent."""
    return read_dialog(body_of(session, notice_id)).text


def _notice(session: Session, row: Row[Any]) -> Notice:
    data, state = json.loads(row.data), State(row.state)
    items = session.execute(select(notice_item).where(notice_item.c.outbox_id == row.id)).all()
    late = clock.now() - row.created_at > CRITICAL_RECEIPT_WITHIN
    return Notice(
        id=row.id,
        person_id=row.person_id,
        msg_id=row.message_id,
        state=state,
        receiver=data.get("office") or data.get("name") or row.receiver_her_id,
        her_id=row.receiver_her_id,
        phone=data.get("phone", ""),
        created_at=row.created_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        problem=row.problem or "",
        raised=tuple(sorted(i.discrepancy_id for i in items if i.what == "raised")),
        closed=tuple(sorted(i.discrepancy_id for i in items if i.what == "closed")),
        red=bool(data.get("critical")) and late and state in {State.QUEUED, State.SENT, State.FAILED},
    )


def _reply(session: Session, row: Row[Any]) -> Reply:
    told = read_dialog(keeping.raw_of(session, row.message_id))
    who = told.sender.actor
    sender = ", ".join(filter(None, (who.name, who.organisation)))
    return Reply(message_id=row.message_id, at=row.at, sender=sender, text=told.text, answers=row.outbox_id)
