"""The round: look at a person's flags, and write the letters that are due, in the transaction of whoever asks.

Called inside each judgement, and for everybody by a tick: what the one misses the other finds. Doing it twice does
nothing more, because what was told is written beside the letter.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from formats.dialog_xml import write_dialog
from formats.statement import Actor, Kind, Person, Statement
from medrec import clock, intake, ledger, listing, persons, roster, values, worklist
from medrec.db import Database, settings_in
from medrec.ledger import FlagStatus
from medrec.listing import Refreshed
from medrec.notices import closings, letter, outbox, policy
from medrec.notices.addresses import Addresses, AddressFault, addresses
from medrec.notices.letter import Letter, Point
from medrec.notices.outbox import State
from medrec.notices.policy import Standing
from medrec.notices.whom import Around, Role, To, receivers
from medrec.records import action, discrepancy, notice_item, notice_reply, person, reading
from medrec.records import outbox as rows
from medrec.roster import GpOfRecord
from medrec.worklist import FlagRow
from rules.conclusion import Severity

log = structlog.get_logger(__name__)


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
    """Everybody with open or lately closed flags, then delivery and the receipts that did not come. Idempotent."""
    with database.reading() as session:
        if _addresses(session) is None:
            return 0
        waiting = session.scalars(select(discrepancy.c.person_id).distinct()).all()
    written = 0
    for person_id in waiting:
        try:
            written += database.once(_Turn(person_id))
        except Exception as fault:  # noqa: BLE001 - one person's fault holds up nobody else
            log.error("notices.failed", person=person_id, fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no patient data
    database.once(outbox.overdue)
    outbox.deliver(database)
    return written


@dataclass(frozen=True, slots=True)
class _Turn:
    person_id: str

    def __call__(self, session: Session) -> int:
        session.execute(select(person.c.id).where(person.c.id == self.person_id).with_for_update()).one()
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
    book, now = _addresses(session), clock.now()
    if book is None:
        return 0
    flags = worklist.open_discrepancies(session, person_id=person_id, limit=10_000).rows
    around = _around(session, person_id, book)
    by_receiver: dict[To, list[FlagRow]] = {}
    for flag in flags:
        for to in receivers(flag.flag, around):
            by_receiver.setdefault(to, []).append(flag)
    _close_tasks(session, person_id)
    written = 0
    desk = _Desk(session, person_id, book, now)
    for to, mine in by_receiver.items():
        written += desk.write(to, mine)
    return written + desk.tell_closings(by_receiver)


def _around(session: Session, person_id: str, book: Addresses) -> Around:
    care = roster.care_of(session, person_id, clock.today())
    gp = care.gp if care else GpOfRecord()
    pharmacy = None
    if care and care.pharmacy_her_id:
        known = book.of(care.pharmacy_her_id)
        pharmacy = To(
            role=Role.PHARMACY, her_id=known.her_id, name=known.name, office=known.name or "Apotek", phone=known.phone
        )
    return Around(
        gp=gp,
        multidose=_multidose(session, person_id),
        hospital=_hospital(session, person_id),
        pharmacy=pharmacy,
    )


def _multidose(session: Session, person_id: str) -> To | None:
    """The doctor with role M (list 7490) in the newest reading that names one; the roster knows addresses by HPR."""
    for row in session.execute(
        select(reading.c.roles).where(reading.c.person_id == person_id).order_by(reading.c.id.desc())
    ):
        for role in values.revive(tuple[Actor, ...], row.roles):
            if role.role == "M" and role.hpr:
                known = {c.gp.hpr: c.gp for c in roster.cares(session, None, clock.today()).values()}.get(role.hpr)
                return To(
                    role=Role.MULTIDOSE,
                    her_id=role.her_id or (known.her_id if known else ""),
                    hpr=role.hpr,
                    name=role.name or (known.name if known else ""),
                    office=role.organisation or (known.office if known else ""),
                    phone=role.phone or (known.phone if known else ""),
                )
    return None


def _hospital(session: Session, person_id: str) -> To | None:
    stored = listing.current_list(session, person_id)
    if stored is None:
        return None
    letters = [s for s in stored.statements.values() if s.kind is Kind.DISCHARGE and s.author and s.author.her_id]
    newest = max(letters, key=lambda s: (str(s.decided or s.recorded or ""), s.id), default=None)
    if newest is None or newest.author is None:
        return None
    who = newest.author
    return To(
        role=Role.HOSPITAL, her_id=who.her_id, hpr=who.hpr, name=who.name, office=who.organisation, phone=who.phone
    )


def _close_tasks(session: Session, person_id: str) -> None:
    """What was to be phoned about a flag that has closed needs no call any more."""
    for row in session.execute(
        select(rows.c.data).where(
            rows.c.person_id == person_id, rows.c.kind == outbox.Kind.TASK.value, rows.c.state == State.OPEN.value
        )
    ).all():
        told = json.loads(row.data)
        flag_id = told.get("discrepancy", "")
        if flag_id and session.scalar(select(discrepancy.c.closed_at).where(discrepancy.c.id == flag_id)) is not None:
            outbox.close_task(session, told["why"], told["about"])


@dataclass(frozen=True, slots=True)
class _Desk:
    """Writes one person's letters at one moment."""

    session: Session
    person_id: str
    book: Addresses
    now: datetime

    def write(self, to: To, flags: Iterable[FlagRow]) -> int:
        """The letter to one receiver, where one is due; without an address, a task for each flag instead."""
        known = {flag.id: flag for flag in flags}
        told, notes = self._told(to), self._asked(known)
        standing = [self._standing(flag, told.get(flag.id), notes) for flag in known.values()]
        chosen = policy.select(standing, self.now, told_today=self._told_today(to))
        if not chosen:
            return 0
        if not to.her_id:
            for one in chosen:
                data = {
                    "discrepancy": one.id,
                    "name": to.name,
                    "office": to.office,
                    "phone": to.phone,
                    "role": to.role.value,
                }
                outbox.put_task(
                    self.session,
                    "no-address",
                    about=f"{one.id}|{to.role}|{one.since.isoformat()}",
                    person_id=self.person_id,
                    data=data,
                )
            return 0
        self._send(to, [known[one.id] for one in chosen], notes)
        return 1

    def tell_closings(self, by_receiver: Mapping[To, object]) -> int:
        """The short letter that all is solved, to receivers that want one and have nothing open; by day only."""
        if not policy.is_day(self.now):
            return 0
        written = 0
        for her_id in self.session.scalars(
            select(rows.c.receiver_her_id).where(*self._mine()).distinct().order_by(rows.c.receiver_her_id)
        ).all():
            if not self.book.of(her_id).closing or any(to.her_id == her_id for to in by_receiver):
                continue
            last = self.session.execute(
                select(rows.c.data)
                .where(*self._mine(), rows.c.receiver_her_id == her_id)
                .order_by(rows.c.created_at.desc())
            ).first()
            to = _to(json.loads(last.data), her_id) if last else None
            if to and self._solved(to) and not self._told_today(to):
                self._send(to, [], {})
                written += 1
        return written

    def _mine(self) -> tuple[Any, ...]:
        return (rows.c.person_id == self.person_id, rows.c.kind == outbox.Kind.NOTICE.value)

    def _told(self, to: To) -> dict[str, tuple[int, datetime]]:
        found = self.session.execute(
            select(notice_item.c.discrepancy_id, notice_item.c.rank, notice_item.c.at)
            .join(rows, rows.c.id == notice_item.c.outbox_id)
            .where(*self._mine(), rows.c.receiver_her_id == to.her_id, notice_item.c.what == "raised")
            .order_by(notice_item.c.at)
        )
        return {row.discrepancy_id: (row.rank, row.at) for row in found}

    def _asked(self, flags: Mapping[str, FlagRow]) -> dict[str, str]:
        found = self.session.execute(
            select(action.c.discrepancy_id, action.c.data)
            .where(action.c.person_id == self.person_id, action.c.kind == "ask-gp", action.c.undone_at.is_(None))
            .order_by(action.c.at)
        )
        return {r.discrepancy_id: str(json.loads(r.data).get("text", "")) for r in found if r.discrepancy_id in flags}

    @staticmethod
    def _standing(flag: FlagRow, told: tuple[int, datetime] | None, notes: Mapping[str, str]) -> Standing:
        since = flag.reopened_at or flag.opened_at
        return Standing(
            id=flag.id,
            code=flag.code,
            severity=flag.severity,
            state=flag.state,
            since=since,
            told_rank=told[0] if told and told[1] >= since else None,
            asked=flag.id in notes and flag.state is FlagStatus.SENT,
        )

    def _told_today(self, to: To) -> bool:
        mine = (*self._mine(), rows.c.receiver_her_id == to.her_id, rows.c.day == clock.day_of(self.now))
        return bool(self.session.scalar(select(func.count()).select_from(rows).where(*mine)))

    def _solved(self, to: To) -> list[FlagRow]:
        """Flags told to this receiver that have closed, and whose closing was not told yet."""
        told = self._told(to)
        said = set(
            self.session.scalars(
                select(notice_item.c.discrepancy_id)
                .join(rows, rows.c.id == notice_item.c.outbox_id)
                .where(*self._mine(), rows.c.receiver_her_id == to.her_id, notice_item.c.what == "closed")
            )
        )
        found = (worklist.flag(self.session, flag_id) for flag_id in told if flag_id not in said)
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

    def _send(self, to: To, flags: list[FlagRow], notes: Mapping[str, str]) -> None:
        card = persons.who(self.session, self.person_id)
        if card is None or not card.name or not card.identifiers:
            about = f"{self.person_id}|{to.role}"
            outbox.put_task(
                self.session, "no-name", about=about, person_id=self.person_id, data={"role": to.role.value}
            )
            return
        stored = listing.current_list(self.session, self.person_id)
        said: Mapping[str, Statement] = stored.statements if stored else {}
        parent, conversation = self._thread(to)
        solved, msg_id = self._solved(to), str(uuid.uuid4())
        patient = Person(identifiers=card.identifiers, name=card.name, birth_date=card.birth_date, sex=card.sex)
        body = write_dialog(
            letter.message(
                Letter(
                    msg_id=msg_id,
                    at=self.now.astimezone(clock.OSLO),
                    sender=self.book.sender,
                    to=to,
                    receiver=self.book.of(to.her_id),
                    patient=patient,
                    points=tuple(_point(f, said, notes) for f in flags),
                    solved=tuple(f.flag for f in solved),
                    parent_id=parent,
                    conversation_id=conversation,
                )
            )
        )
        critical = any(f.severity is Severity.CRITICAL for f in flags)
        data = {"critical": critical, "name": to.name, "office": to.office, "phone": to.phone, "role": to.role.value}
        row_id = outbox.put_message(
            self.session,
            kind=outbox.Kind.NOTICE,
            msg_id=msg_id,
            body=body,
            person_id=self.person_id,
            her_id=to.her_id,
            hpr=to.hpr,
            conversation_id=conversation or msg_id,
            data=data,
        )
        self._note(row_id, flags, solved)

    def _note(self, row_id: str, flags: list[FlagRow], solved: list[FlagRow]) -> None:
        told = [(f, "raised") for f in flags] + [(f, "closed") for f in solved]
        for flag, what in told:
            item = {"outbox_id": row_id, "discrepancy_id": flag.id, "what": what, "person_id": self.person_id}
            self.session.execute(insert(notice_item).values(**item, rank=flag.severity.rank, at=self.now))
        moved = [f for f in flags if f.state is FlagStatus.OPEN]
        for flag in moved:
            ledger.move(self.session, flag.id, FlagStatus.SENT)
        for flag in flags:
            if flag.severity is Severity.CRITICAL:
                about = f"{flag.id}|{(flag.reopened_at or flag.opened_at).isoformat()}"
                outbox.put_task(
                    self.session, "call", about=about, person_id=self.person_id, data={"discrepancy": flag.id}
                )
        if moved:
            listing.touch(self.session, self.person_id)


def _point(flag: FlagRow, said: Mapping[str, Statement], notes: Mapping[str, str]) -> Point:
    evidence = tuple(said[i] for i in flag.flag.evidence if i in said)
    return Point(flag=flag.flag, evidence=evidence, note=notes.get(flag.id, ""))


def _to(data: Mapping[str, Any], her_id: str) -> To:
    return To(role=Role(data["role"]), her_id=her_id, name=data["name"], office=data["office"], phone=data["phone"])
