"""Recalls: M5 (the doctor recalls a prescription), M5.2 (the registry's receipt), M7 (the registry has deleted it).

Sources: ER-M5 2013-04-16 and 2009-02-20, its extension 1, ER-M52 2013-12-01, ER-M7 2008-05-01. A recall acts on the
prescription and a discontinuation on the treatment; only a recall for the reason "Seponering" (7500: 2) is a stop.
"""

from datetime import date

from formats.dates import day_of
from formats.eresept.codes import DISCONTINUED, RENEWED, recall_code, recall_words
from formats.eresept.forskrivning import Said, joined
from formats.eresept.m1 import version_of
from formats.eresept.rest import rest_of
from formats.msghead import Codecs, Message, identifier_breaches, one_person, read_message
from formats.node import Node
from formats.statement import (
    Code,
    Gap,
    GapCode,
    Kind,
    Reading,
    SaidStatus,
    Signature,
    Source,
    Statement,
    StatementType,
    Unread,
    stated,
)

KITH = "http://www.kith.no/xmlstds/eresept/"
M5_EXTENSION = KITH + "m5/2013-04-16/extension/1"
_RECALLED = "1"  # code list 7503; 2: under dispensing, recalled afterwards


def _recall(message: Message, deleted: date | None = None) -> Statement:
    """The recall in an M5. `deleted`: the day the registry says it acted on it."""
    body, envelope = message.body, message.envelope
    reason, renewed_by = recall_code(body.code("Arsak")), body.text("NyReseptId")
    why = reason.value if reason else ""
    on = day_of(envelope.gen_date) if envelope else deleted
    kept = [Code(renewed_by, "NyReseptId")] if renewed_by else []
    stopping, stop = why == DISCONTINUED, _discontinuation(message)
    kept += rest_of(stop, "Tidspunkt") if stop else ()
    told: Said = {
        "type": StatementType.DECISION if stopping else StatementType.COPY,
        "status": SaidStatus.REPLACED if why in RENEWED else SaidStatus.REVOKED,
        "reason": joined(recall_words(body), body.words("Merknad")),
        "decided": (stop.day("Tidspunkt") if stop else None) or on,
        "recorded": deleted or on,
        "prescription_id": body.text("ReseptId"),
        "codes": (*((reason,) if reason else ()), *kept),
    }
    if envelope:
        told["author"] = envelope.sender.actor
        told["signed"] = Signature.NOT_CHECKED if envelope.signed else None
    return stated(told, source=Source.RF, kind=Kind.REVOCATION, place=body.place)


def _discontinuation(message: Message) -> Node | None:
    """The discontinuation in a further document `TilbakekallingUtvidelse`."""
    documents = message.envelope.documents if message.envelope else ()
    for body in (d.body for d in documents if d.body is not None):
        if (body.ns, body.name) == (M5_EXTENSION, "TilbakekallingUtvidelse"):
            return body.one("Seponering")
    return None


def _reading(message: Message, kind: str, statements: tuple[Statement, ...], *, gaps: tuple[Gap, ...] = ()) -> Reading:
    envelope = message.envelope
    person = envelope.patient if envelope else None
    return Reading(
        message=f"{kind}/{version_of(message.body)}",
        source=Source.RF,
        person=person,
        statements=statements,
        gaps=gaps,
        as_of=envelope.gen_date if envelope else None,
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def read_m5(message: Message) -> Reading:
    """One recall, one event."""
    return _reading(message, "M5", (_recall(message),))


def read_m52(message: Message) -> Reading:
    """The registry's receipt for a recall: done, or to be done when the dispensing under way is over."""
    body, envelope = message.body, message.envelope
    status = body.code("Status")
    done = status is not None and status.value == _RECALLED
    on = day_of(envelope.gen_date) if envelope else None
    statement = Statement(
        source=Source.RF,
        kind=Kind.REVOCATION,
        type=StatementType.COPY,
        status=SaidStatus.REVOKED if done else None,
        recorded=on,
        dated_by_envelope=True,
        prescription_id=body.text("ReseptId"),
        codes=(status,) if status else (),
        place=body.place,
    )
    return _reading(message, "M5.2", (statement,))


def read_m7(message: Message) -> Reading:
    """A prescription deleted in the registry, with the recall that asked for it attached."""
    body, envelope = message.body, message.envelope
    on = body.day("Tidspunkt")
    statements = []
    persons = [(envelope.patient if envelope else None, body.path)]
    for document in envelope.documents if envelope else ():
        if document.container is None:
            continue
        inner = read_message(document.open().root)
        if inner.body.name == "Tilbakekalling":
            statements.append(_recall(inner, on))
            persons.append((inner.envelope.patient if inner.envelope else None, inner.body.path))
        else:
            inner.body.doc.unread.append(Unread(inner.body.place, "attachment", inner.body.name))
    one_person(persons)
    if not statements:
        return _reading(message, "M7", (), gaps=(_which(body),))
    return _reading(message, "M7", tuple(statements))


def _which(body: Node) -> Gap:
    """A deletion that does not say of what."""
    return Gap(Source.RF, GapCode.PARTIAL, "M7 uten tilbakekalling", body.place)


CODECS: Codecs = {
    (KITH + "m5/2013-04-16", "Tilbakekalling"): read_m5,
    (KITH + "m5/2009-02-20", "Tilbakekalling"): read_m5,
    (KITH + "m52/2013-12-01", "KvitteringTilbakekalling"): read_m52,
    (KITH + "m7/2008-05-01", "SlettetReseptRF"): read_m7,
}
