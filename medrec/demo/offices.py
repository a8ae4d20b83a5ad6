"""GP offices of the demo that answer our letters, so that the whole circle is seen.

One takes every letter (AppRec OK), answers the first about a discharge, and sends the list it has brought up to date
with it; one refuses every letter with a code; the others and the pharmacy stay silent. They read what lies in the
outbox folder and send real messages through the one intake, as a broker would.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lxml import etree
from sqlalchemy import select

from formats.apprec import ReceiptError, receipt_for, write_apprec
from formats.dialog import DialogKind, DialogMessage, read_dialog
from formats.dialog_xml import ABOUT_PATIENT, theme, write_dialog
from formats.msghead import read_message
from formats.xmldoc import open_document
from medrec import clock, intake, schedule, wording
from medrec.db import Database
from medrec.demo import eresept
from medrec.demo.envelope import attached
from medrec.demo.people import OFFICES
from medrec.demo.said import Sources, Told
from medrec.notices.outbox import Kind, State
from medrec.records import outbox as rows

CHANNEL = "demo-office"
_NAME, _SECONDS = "demo-offices", 15.0
TAKES, REFUSES = OFFICES[0].her_id, OFFICES[2].her_id
_REFUSAL = ReceiptError.of("E35", "Pasienten er ikke registrert hos oss")
_ERRORS: Mapping[str, tuple[ReceiptError, ...]] = {TAKES: (), REFUSES: (_REFUSAL,)}
ACTS_AFTER = timedelta(minutes=2)
"""How long the office that acts takes after its receipt, so that one sees the letter wait first."""
_ASKED = wording.name("B07")
_NOT_CARRIED = ("discharge_stop_not_carried", "discharge_not_carried")


def register(everyone: Iterable[Sources]) -> None:
    """Let them answer while this process keeps the schedule; once, whoever was registered before."""
    others = [tick for tick in schedule.TICKS if tick[0] != _NAME]
    schedule.TICKS[:] = [*others, (_NAME, _SECONDS, Offices(everyone).tick)]


@dataclass(frozen=True, slots=True)
class Offices:
    """The offices, and what the sources hold about everybody."""

    everyone: Iterable[Sources]

    def tick(self, database: Database) -> int:
        """Receipts for what was sent; once, an answer with the list brought up to date. Returns how many messages.

        Nobody answers outside a demo's data.
        """
        return answer(database) + self.act(database) if database.settings.demo else 0

    def act(self, database: Database) -> int:
        """The office that takes letters carries over one discharge it was told of; 0 where done, or too early."""
        todo = [found for said in self.everyone if (found := _to_carry_over(said))]
        for letter in _letters(database, State.ACKNOWLEDGED, TAKES):
            told, at = read_dialog(letter.body), letter.answered_at
            if told.patient is None or at is None or _ASKED not in told.text or at + ACTS_AFTER > clock.now():
                continue
            for said, one in todo:
                if said.patient.identifier == told.patient.identifiers[0].value:
                    raw = _answer(told, eresept.m251(_carried_over(said, one, at), at), at)
                    return int(intake.receive(database, raw, channel=CHANNEL).status == "accepted")
        return 0


@dataclass(frozen=True, slots=True)
class _Letter:
    body: bytes
    answered_at: datetime | None


def answer(database: Database) -> int:
    """A receipt for each letter that lies in the outbox and has none yet. Returns how many."""
    sent = 0
    for her_id, errors in _ERRORS.items():
        for letter in _letters(database, State.SENT, her_id):
            message = read_message(open_document(letter.body).root)
            if message.envelope is None:
                continue
            receipt_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo-receipt:{message.envelope.msg_id}"))
            told = receipt_for(message.envelope, message.body.ns, receipt_id=receipt_id, at=clock.now(), errors=errors)
            intake.receive(database, write_apprec(told), channel=CHANNEL)
            sent += 1
    return sent


def _letters(database: Database, state: State, her_id: str) -> list[_Letter]:
    """Letters in a state to one office, as they lie in the folder; those that were taken away are not seen."""
    with database.reading() as session:
        found = session.execute(
            select(rows.c.message_id, rows.c.answered_at)
            .where(rows.c.kind == Kind.NOTICE.value, rows.c.state == state.value, rows.c.receiver_her_id == her_id)
            .order_by(rows.c.created_at, rows.c.id)
        ).all()
    files = ((database.settings.outbox / f"{row.message_id}.xml", row.answered_at) for row in found)
    return [_Letter(file.read_bytes(), answered_at) for file, answered_at in files if file.exists()]


def _to_carry_over(said: Sources) -> tuple[Sources, Told] | None:
    """The medicine of this patient whose discharge the office that takes letters has not carried over."""
    if said.patient.gp.her_id != TAKES:
        return None
    one = next((t for t in said.medicines if t.at_fault in _NOT_CARRIED and t.gp and t.home), None)
    return (said, one) if one else None


def _carried_over(said: Sources, one: Told, at: datetime) -> Sources:
    """The same sources with the GP's line as the hospital wrote it."""
    order = one.home[-1]
    stopped = (at.date(), "A") if order.status == "stopped" else None
    line = replace(one.gp[0], text=order.text, dose=order.dose, changed=at, decided=True, stopped=stopped)
    changed = replace(one, gp=[line, *one.gp[1:]])
    return replace(said, medicines=[changed if t is one else t for t in said.medicines])


def _answer(letter: DialogMessage, extract: bytes, at: datetime) -> bytes:
    """A dialogue message that answers the letter, with the list attached as a message of its own."""
    text = "Takk for beskjed. Vi har rettet listen etter epikrisen og sender den med."
    reply = DialogMessage(
        version="1.1",
        kind=DialogKind.HEALTH,
        msg_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo-answer:{letter.msg_id}")),
        sent=at,
        sender=letter.receiver,
        receiver=letter.sender,
        patient=letter.patient,
        theme=theme(ABOUT_PATIENT, "1.1"),
        subject="Svar: legemiddelliste rettet",
        text=text,
        parent_id=letter.msg_id,
        conversation_id=letter.conversation_id or letter.msg_id,
        contacts=letter.contacts,
    )
    root = etree.fromstring(write_dialog(reply))
    root.append(attached(extract, "Legemidler i bruk"))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
