"""The receipt (AppRec) that answers an incoming message: one for each message, the same however often it is made.

Receipts themselves, messages without an envelope, and messages addressed to somebody else get none (HITS 1168).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from formats.apprec import ReceiptError, error_for, errors_in, receipt_for, write_apprec
from formats.errors import ErrorCode, FormatError
from formats.msghead import MSGHEAD, Envelope, read_envelope
from formats.read import read
from formats.xmldoc import looks_like_xml, open_document
from medrec import clock
from medrec.checks import at_hand
from medrec.db import Database
from medrec.intake import Receipt
from medrec.notices import outbox
from medrec.notices.addresses import AddressFault, addresses
from medrec.persons import Doubt
from medrec.records import message as messages
from medrec.records import outbox as outgoing

_RECEIPTS = uuid.UUID("9d3f7f0e-6d5e-5a8e-8f0b-0a6c2f1f7b11")
_DOUBTS = {Doubt.PERSON_UNKNOWN.value: "E35", Doubt.WRONG_PATIENT.value: "E36", Doubt.BAD_IDENTIFIER.value: "E31"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt ready to send: its own id, whom it goes to (HER-id, "" where none is named), what it answers.

    `addressed`: the HER-id that the message it answers was sent to, "" where it names none.
    """

    id: str
    body: bytes
    her_id: str
    original: str
    addressed: str


def answer(database: Database, raw: bytes, receipt: Receipt) -> Answer | None:
    """The receipt for the message `raw`, which `intake` answered with `receipt`; `None` where it gets none."""
    envelope, body_ns = _opened(raw)
    if envelope is None:
        return None
    with database.reading() as session:
        at = session.scalar(select(messages.c.received_at).where(messages.c.id == receipt.message_id)) or clock.now()
    told = receipt_for(
        envelope,
        body_ns,
        receipt_id=str(uuid.uuid5(_RECEIPTS, receipt.message_id)),
        at=at.astimezone(clock.OSLO),
        errors=_errors(database, raw, receipt),
    )
    return Answer(
        id=told.id,
        body=write_apprec(told),
        her_id=envelope.sender.actor.her_id,
        original=envelope.msg_id,
        addressed=envelope.receiver.actor.her_id,
    )


def queue(database: Database, raw: bytes, receipt: Receipt, *, channel: str) -> str | None:
    """Lay the receipt in the outbox, once. Its id; `None` where there is none to send or it was sent already.

    A repeated message that came by another channel was answered there.
    """
    found = answer(database, raw, receipt)
    if found is None or not _for_us(database, found.addressed):
        return None
    with database.writing() as session:
        by = session.scalar(select(messages.c.channel).where(messages.c.id == receipt.message_id))
        if by != channel or _queued(session, found):
            return None
        outbox.put_message(
            session,
            kind=outbox.Kind.APPREC,
            msg_id=found.id,
            body=found.body,
            person_id=None,
            her_id=found.her_id,
            data={"original": found.original},
        )
    return found.id


def _queued(session: Session, found: Answer) -> bool:
    """This one, or the one that the dialogue's own room lays down for a dialogue message."""
    dialogue = str(uuid.uuid5(uuid.NAMESPACE_URL, f"apprec:{found.her_id}:{found.original}"))
    told = select(outgoing.c.id).where(outgoing.c.message_id.in_([found.id, dialogue]))
    return session.execute(told).first() is not None


def _opened(raw: bytes) -> tuple[Envelope | None, str]:
    """The envelope and the namespace of its body ("" without one): a message without a body is answered too."""
    if not looks_like_xml(raw):
        return None, ""
    try:
        root = open_document(raw).root
        if (root.ns, root.name) != (MSGHEAD, "MsgHead"):
            return None, ""
        envelope = read_envelope(root)
    except FormatError:
        return None, ""
    body = next((d.body for d in envelope.documents if d.body is not None), None)
    return envelope, body.ns if body else ""


def _for_us(database: Database, addressed: str) -> bool:
    """False where we know our own address and the message names another."""
    try:
        book = addresses(database.settings.data_dir)
    except AddressFault:
        return False
    return book is None or not addressed or addressed == book.sender.her_id


def _errors(database: Database, raw: bytes, receipt: Receipt) -> tuple[ReceiptError, ...]:
    if receipt.problem is None:
        return errors_in(read(raw, **at_hand(database.settings)))
    code = receipt.problem.code
    if code in _DOUBTS:
        return (ReceiptError.of(_DOUBTS[code]),)
    if code in {known.value for known in ErrorCode}:
        return (error_for(FormatError(ErrorCode(code), receipt.problem.place)),)
    return (ReceiptError.of("X99"),)
