"""What comes back: receipts matched by OriginalMsgId, dialogue answers laid in their thread and receipted.

Registered with `intake.AFTER_HEARD`: in the transaction in which the message is said.
"""

import json
import uuid

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from formats.apprec import AppRec, errors_in, read_apprec, receipt_for, write_apprec
from formats.dialog import DialogMessage, dialog_in
from formats.msghead import Message, read_message
from formats.statement import Reading
from formats.xmldoc import open_document
from medrec import clock, keeping
from medrec.db import settings_in
from medrec.notices import outbox
from medrec.notices.addresses import AddressFault, addresses
from medrec.notices.enclosed import keep_enclosed
from medrec.notices.outbox import Kind, State
from medrec.records import notice_reply
from medrec.records import outbox as rows
from medrec.store import put_first


def after_heard(session: Session, message_id: str, heard: Reading, person_id: str | None) -> None:
    """Route a message that is a receipt or a dialogue message; anything else is none of this room's business."""
    if heard.message.startswith("AppRec"):
        settle(session, read_apprec(keeping.raw_of(session, message_id)))
    elif heard.message.startswith("Dialogmelding"):
        message = read_message(open_document(keeping.raw_of(session, message_id)).root)
        if person_id is not None:
            _attach(session, message_id, person_id, dialog_in(message))
        keep_enclosed(session, message)
        _receipt(session, message, heard)


def settle(session: Session, receipt: AppRec) -> str | None:
    """Move the letter a receipt answers. Final: a second one changes nothing; a late one is honoured. Its row's id."""
    row = session.execute(select(rows).where(rows.c.message_id == receipt.original_id).with_for_update()).first()
    if row is None:
        return None
    if row.state in {State.ACKNOWLEDGED, State.REJECTED}:
        return str(row.id)
    told = {"answered_at": receipt.generated, "sent_at": row.sent_at or clock.now()}
    errors = "; ".join(": ".join(filter(None, (f"{e.code} {e.text}".strip(), e.detail))) for e in receipt.errors)
    state = State.ACKNOWLEDGED if receipt.accepted else State.REJECTED
    session.execute(update(rows).where(rows.c.id == row.id).values(**told, state=state.value, problem=errors or None))
    for why in ("overdue", "failed"):
        outbox.close_task(session, why, row.id)
    if not receipt.accepted and row.kind == Kind.NOTICE:
        data = outbox.phone_of(json.loads(row.data)) | {"errors": errors}
        outbox.put_task(session, "rejected", about=row.id, person_id=row.person_id, data=data)
    return str(row.id)


def _attach(session: Session, message_id: str, person_id: str, told: DialogMessage) -> None:
    """To the letter it answers, where that letter is about the same person; else it begins a thread of its own."""
    named = [i for i in (told.parent_id, told.conversation_id) if i]
    letter = session.execute(
        select(rows.c.id, rows.c.conversation_id)
        .where(
            rows.c.person_id == person_id,
            rows.c.kind == Kind.NOTICE.value,
            or_(rows.c.message_id.in_(named), rows.c.conversation_id.in_(named)),
        )
        .order_by((rows.c.message_id == told.parent_id).desc(), rows.c.created_at.desc())
    ).first()
    row = {"message_id": message_id, "person_id": person_id, "business_id": told.msg_id, "at": clock.now()}
    row |= {"outbox_id": letter.id if letter else None}
    row |= {"conversation_id": letter.conversation_id if letter else told.conversation_id or told.msg_id}
    put_first(session, notice_reply, row)


def _receipt(session: Session, message: Message, heard: Reading) -> None:
    """Queue the AppRec of an incoming dialogue message that is addressed to us; once, whatever is read again."""
    try:
        book = addresses(settings_in(session).data_dir)
    except AddressFault:
        return
    if book is None or message.envelope is None:
        return
    if message.envelope.receiver.actor.her_id != book.sender.her_id:
        return
    sender = message.envelope.sender.actor
    receipt_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"apprec:{sender.her_id}:{message.envelope.msg_id}"))
    if session.execute(select(rows.c.id).where(rows.c.message_id == receipt_id)).first() is not None:
        return
    receipt = receipt_for(
        message.envelope, message.body.ns, receipt_id=receipt_id, at=clock.now(), errors=errors_in(heard)
    )
    outbox.put_message(
        session,
        kind=Kind.APPREC,
        msg_id=receipt_id,
        body=write_apprec(receipt),
        person_id=None,
        her_id=sender.her_id,
        data={"original": message.envelope.msg_id},
    )
