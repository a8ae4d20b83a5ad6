"""A patient with a GP, a sender, and flags by hand: what the tests of this folder tell their stories with."""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, select
from told import ANNA

from formats.apprec import receipt_for, write_apprec
from formats.dialog import DialogKind, DialogMessage, read_dialog
from formats.dialog_xml import theme, write_dialog
from formats.msghead import read_message
from formats.xmldoc import open_document
from medrec import clock, ledger, persons, roster
from medrec.listing import Refreshed
from medrec.notices import rounds
from medrec.records import list_head
from medrec.records import outbox as rows
from medrec.roster import RosterRow
from rules.conclusion import Discrepancy, Owner, Severity

MONDAY = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
GP_HER, SELF_HER, PHARMACY_HER = "990011", "990061", "990071"
SENDER = {
    "name": "Hjemmesykepleien", "her_id": SELF_HER, "organisation": "Demo kommune", "org_number": "999000061",
    "responsible": "Kari Eksempel", "phone": "73000061",
}  # fmt: skip
ROW = {
    "identifier": ANNA, "name": "Anna Eksempel", "district": "Nord", "starts": date(2026, 1, 1), "gp_hpr": "9990001",
    "gp_name": "Tone Eksempel", "gp_office": "Demo legesenter", "gp_her_id": GP_HER, "gp_phone": "73000011",
}  # fmt: skip


def furnish(database, receivers=(), **changed) -> str:
    """A sender, receivers as told, and Anna on the roster; returns her person id."""
    book = {"sender": SENDER, "receivers": dict(receivers)}
    (database.settings.data_dir / "receivers.json").write_text(json.dumps(book), encoding="utf-8")
    with clock.held(MONDAY), database.writing() as session:
        roster.load(session, [RosterRow(**ROW | changed)], MONDAY.date())
        person_id = persons.find(session, changed.get("identifier", ANNA))
        told = {"version": 1, "revision": 0, "digest": "", "complete": True, "judged_on": MONDAY.date()}
        session.execute(insert(list_head).values(person_id=person_id, **told, judged_at=MONDAY))
    return person_id


def flag(number=1, severity=Severity.HIGH, *, code="B01", owner=Owner.GP, also=(), evidence=("x",)) -> Discrepancy:
    """A discrepancy; different for different numbers."""
    said = {"drug": "Selo-Zok 50 mg", "date_a": date(2026, 2, 10), "date_b": date(2025, 6, 1), "src_a": "HP"}
    return Discrepancy(
        code=code, about=f"metoprolol {number}", severity=severity, owner=owner, also=also, lines=(), evidence=evidence,
        values=said | {"valid_to": date(2026, 6, 1), "next_roll": date(2026, 3, 9)},
    )  # fmt: skip


def judged(database, person_id, moment, *flags) -> None:
    """A judgement at `moment` that concludes exactly these flags: opens, closes, opens again, and tells the notices."""
    with clock.held(moment), database.writing() as session:
        moves = ledger.settle(session, person_id, flags, clock.today()).moves
        done = {"opened": moves.opened, "closed": moves.closed, "reopened": moves.reopened}
        rounds.after_refresh(
            session, Refreshed(person_id=person_id, version=1, revision=0, changed=bool(moves), **done)
        )


def ticked(database, moment) -> int:
    with clock.held(moment):
        return rounds.tick(database)


def files(database) -> list[Path]:
    return sorted(database.settings.outbox.glob("*.xml"))


def letter_rows(database):
    with database.reading() as session:
        return session.execute(select(rows).where(rows.c.kind == "notice").order_by(rows.c.created_at, rows.c.id)).all()


def states(database) -> list[str]:
    return [row.state for row in letter_rows(database)]


def receipt_of(letter: bytes, *errors, receipt_id="r1", at=MONDAY + timedelta(minutes=5)) -> bytes:
    """The AppRec that answers a letter: OK, or a rejection with errors."""
    message = read_message(open_document(letter).root)
    return write_apprec(receipt_for(message.envelope, message.body.ns, receipt_id=receipt_id, at=at, errors=errors))


def reply_to(
    letter: bytes, *, msg_id="answer-1", at=MONDAY + timedelta(hours=1), text="Resepten er tilbakekalt."
) -> bytes:
    """A dialogue message that answers a letter."""
    ours = read_dialog(letter)
    return write_dialog(
        DialogMessage(
            version="1.1", kind=DialogKind.HEALTH, msg_id=msg_id, sent=at, sender=ours.receiver, receiver=ours.sender,
            patient=ours.patient, theme=theme("6", "1.1"), subject="Svar", text=text, parent_id=ours.msg_id,
            conversation_id=ours.conversation_id or ours.msg_id, contacts=ours.contacts,
        )
    )  # fmt: skip
