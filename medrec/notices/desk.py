"""One person's letters at one moment: what each receiver was told before, what is due, and the letter itself.

Whatever is written stands in the transaction of whoever asks, beside a note of what it told (`notice_item`); asking
again therefore writes nothing more.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from formats.dialog_xml import write_dialog
from formats.statement import Person, Statement
from medrec import clock, ledger, listing, persons, worklist
from medrec.ledger import FlagStatus
from medrec.notices import letter, outbox, policy
from medrec.notices.addresses import Addresses
from medrec.notices.letter import Letter, Point
from medrec.notices.outbox import State
from medrec.notices.policy import Standing, Written
from medrec.notices.whom import DOCTORS, Role, To
from medrec.persons import PersonCard
from medrec.records import notice_item, notice_reply
from medrec.records import outbox as rows
from medrec.worklist import FlagRow
from rules.conclusion import Severity

_INSTANT = timedelta(microseconds=1)
"""The least that both stores tell apart."""
_REFUSED = frozenset({State.REJECTED.value, State.OVERDUE.value})


@dataclass(frozen=True, slots=True)
class Ask:
    """A nurse asked the GP about a flag. `at`: when; `text`: what she added, "" where nothing."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """How a flag was last written to a receiver. `refused`: by a letter that was rejected or never receipted."""

    rank: int
    at: datetime
    refused: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Writes one person's letters at one moment.

    `asks`: by discrepancy id, the newest of its present opening. `shut`: the patient has closed the record (sperring).
    """

    session: Session
    person_id: str
    book: Addresses
    now: datetime
    asks: Mapping[str, Ask]
    shut: bool = False

    def write(self, to: To, flags: Iterable[FlagRow]) -> int:
        """The letter to one receiver, where one is due. No address, no name, a closed record: tasks instead."""
        known = {flag.id: flag for flag in flags}
        told = self._told(to)
        standing = [self._standing(flag, told.get(flag.id), to) for flag in known.values()]
        if self.shut:
            return self._phone_instead("blocked", to, standing)
        if not to.her_id:
            return self._phone_instead("no-address", to, standing)
        chosen = policy.select(standing, self.now, today=self._today(to))
        if not chosen:
            return 0
        card = persons.who(self.session, self.person_id)
        if card is None or not card.name or not card.identifiers:
            return self._phone_instead("no-name", to, standing)
        asked = {one.id: self.asks[one.id].text for one in chosen if one.asked}
        self._send(to, card, [known[one.id] for one in chosen], asked)
        return 1

    def tell_closings(self) -> int:
        """The short letter that all is solved, to receivers that want one, once all they were told of has closed."""
        if self.shut or not policy.is_closing_time(self.now):
            return 0
        written = 0
        card = persons.who(self.session, self.person_id)
        found = select(rows.c.receiver_her_id).where(*self._mine()).distinct().order_by(rows.c.receiver_her_id)
        for her_id in self.session.scalars(found).all():
            to = self._last_written(her_id) if self.book.of(her_id).closing else None
            if card is None or to is None or self._today(to):
                continue
            told = self._told(to)
            if told and len(self._solved(to)) == len(told):
                self._send(to, card, [], {})
                written += 1
        return written

    def _phone_instead(self, why: str, to: To, standing: Iterable[Standing]) -> int:
        """One task for each flag that would be written now; each once while it stands open."""
        data = {"name": to.name, "office": to.office, "phone": to.phone, "role": to.role.value}
        for one in standing:
            if policy.select([one], self.now):
                told = data | {"discrepancy": one.id}
                outbox.put_task(self.session, why, about=_about(one, to), person_id=self.person_id, data=told)
        return 0

    def _mine(self) -> tuple[Any, ...]:
        return (rows.c.person_id == self.person_id, rows.c.kind == outbox.Kind.NOTICE.value)

    def _last_written(self, her_id: str) -> To | None:
        found = select(rows.c.data).where(*self._mine(), rows.c.receiver_her_id == her_id)
        last = self.session.scalars(found.order_by(rows.c.created_at.desc()).limit(1)).first()
        if last is None:
            return None
        told = json.loads(last)
        return To(
            role=Role(told["role"]), her_id=her_id, hpr=told.get("hpr", ""), name=told["name"], office=told["office"],
            phone=told["phone"],
        )  # fmt: skip

    def _told(self, to: To) -> dict[str, Told]:
        """What the receiver believes open, as last written, without what was told as solved since."""
        found = self.session.execute(
            select(notice_item.c.discrepancy_id, notice_item.c.what, notice_item.c.rank, notice_item.c.at, rows.c.state)
            .join(rows, rows.c.id == notice_item.c.outbox_id)
            .where(*self._mine(), rows.c.receiver_her_id == to.her_id)
            .order_by(notice_item.c.at)
        )
        told: dict[str, Told] = {}
        for row in found:
            if row.what == "raised":
                told[row.discrepancy_id] = Told(row.rank, row.at, row.state in _REFUSED)
            else:
                told.pop(row.discrepancy_id, None)
        return told

    def _after_all_told(self, to: To) -> datetime:
        """Now, or the instant after the last letter: two letters to one receiver never share one."""
        last = self.session.scalar(
            select(func.max(notice_item.c.at))
            .join(rows, rows.c.id == notice_item.c.outbox_id)
            .where(*self._mine(), rows.c.receiver_her_id == to.her_id)
        )
        return self.now if last is None else max(self.now, last + _INSTANT)

    def _standing(self, flag: FlagRow, told: Told | None, to: To) -> Standing:
        since = flag.reopened_at or flag.opened_at
        holds = told is not None and policy.is_same_matter(flag.severity, told.at, since, refused=told.refused)
        ask = self.asks.get(flag.id) if to.role in DOCTORS else None
        return Standing(
            id=flag.id,
            code=flag.code,
            severity=flag.severity,
            state=flag.state,
            since=since,
            told_rank=told.rank if told and holds else None,
            asked=ask is not None and flag.state is FlagStatus.SENT and (told is None or ask.at > told.at),
        )

    def _today(self, to: To) -> frozenset[Written]:
        mine = (*self._mine(), rows.c.receiver_her_id == to.her_id, rows.c.day == clock.day_of(self.now))
        found = self.session.scalars(select(rows.c.data).where(*mine)).all()
        return frozenset(Written.URGENT if json.loads(d).get("critical") else Written.ORDINARY for d in found)

    def _solved(self, to: To) -> list[FlagRow]:
        """Flags the receiver believes open that have closed."""
        found = (worklist.flag(self.session, flag_id) for flag_id in self._told(to))
        return [f for f in found if f is not None and f.closed_at is not None]

    def _thread(self, to: To) -> tuple[str, str]:
        """(message answered, first message of the thread): the newest letter that was not rejected, or its answer."""
        last = self.session.execute(
            select(rows.c.message_id, rows.c.conversation_id, rows.c.created_at)
            .where(*self._mine(), rows.c.receiver_her_id == to.her_id, rows.c.state != State.REJECTED.value)
            .order_by(rows.c.created_at.desc())
        ).first()
        if last is None:
            return "", ""
        reply = self.session.execute(
            select(notice_reply.c.business_id)
            .where(notice_reply.c.conversation_id == last.conversation_id, notice_reply.c.at > last.created_at)
            .order_by(notice_reply.c.at.desc())
        ).first()
        return (reply.business_id if reply else last.message_id), last.conversation_id

    def _send(self, to: To, card: PersonCard, flags: list[FlagRow], asked: Mapping[str, str]) -> None:
        stored = listing.current_list(self.session, self.person_id)
        said: Mapping[str, Statement] = stored.statements if stored else {}
        parent, conversation = self._thread(to)
        solved, msg_id = self._solved(to), str(uuid.uuid4())
        told = Letter(
            msg_id=msg_id,
            at=self.now.astimezone(clock.OSLO),
            sender=self.book.sender,
            to=to,
            receiver=self.book.of(to.her_id),
            patient=Person(identifiers=card.identifiers, name=card.name, birth_date=card.birth_date, sex=card.sex),
            points=tuple(_point(f, said, asked.get(f.id, "")) for f in flags),
            solved=tuple(f.flag for f in solved),
            parent_id=parent,
            conversation_id=conversation,
        )
        critical = any(f.severity is Severity.CRITICAL for f in flags)
        who = {"name": to.name, "office": to.office, "phone": to.phone, "role": to.role.value, "hpr": to.hpr}
        row_id = outbox.put_message(
            self.session,
            kind=outbox.Kind.NOTICE,
            msg_id=msg_id,
            body=write_dialog(letter.message(told)),
            person_id=self.person_id,
            her_id=to.her_id,
            hpr=to.hpr,
            conversation_id=conversation or msg_id,
            data=who | {"critical": critical},
        )
        self._note(row_id, to, flags, solved)

    def _note(self, row_id: str, to: To, flags: list[FlagRow], solved: list[FlagRow]) -> None:
        """What the letter told; the flags' state; the calls that critical ones need; tasks it makes needless."""
        at = self._after_all_told(to)
        for flag, what in [(f, "raised") for f in flags] + [(f, "closed") for f in solved]:
            item = {"outbox_id": row_id, "discrepancy_id": flag.id, "what": what, "person_id": self.person_id}
            self.session.execute(insert(notice_item).values(**item, rank=flag.severity.rank, at=at))
        moved = [f for f in flags if f.state is FlagStatus.OPEN]
        for flag in moved:
            ledger.move(self.session, flag.id, FlagStatus.SENT)
        for flag in flags:
            since = (flag.reopened_at or flag.opened_at).isoformat()
            for why in ("no-address", "no-name", "blocked"):
                outbox.close_task(self.session, why, f"{flag.id}|{to.role}|{since}")
            if flag.severity is Severity.CRITICAL:
                about, data = f"{flag.id}|{since}", {"discrepancy": flag.id}
                outbox.put_task(self.session, "call", about=about, person_id=self.person_id, data=data)
        if moved:
            listing.touch(self.session, self.person_id)


def _about(one: Standing, to: To) -> str:
    return f"{one.id}|{to.role}|{one.since.isoformat()}"


def _point(flag: FlagRow, said: Mapping[str, Statement], note: str) -> Point:
    evidence = tuple(said[i] for i in flag.flag.evidence if i in said)
    return Point(flag=flag.flag, evidence=evidence, note=note)
