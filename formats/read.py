"""The face of the folder: bytes in, what they say out. The table of codecs, and what holds for all of them.

XML is chosen by (namespace, local name) of its body, JSON by the name at its top. After the codec, in one place: the
envelope's own facts, our reading of each dosing text, ids, what could not be understood, and schema breaches.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from formats import apprec, dialog, epikrise, epj_extract, other_messages, plo
from formats.dosage.beside import read_said
from formats.dosing import DoseReading, ReadStatus
from formats.eresept import dispensing, m1, m25, m96, m912, multidose, pharmacy, recall
from formats.eresept.redelivery import redelivery_of
from formats.errors import ErrorCode, FormatError
from formats.jsondoc import open_json
from formats.msghead import Codecs, Envelope, Known, Message, read_message
from formats.schemas import Schemas
from formats.signatures import Signatures, with_verdicts
from formats.statement import Allergy, Reading, Statement, Unread, canonical, identified
from formats.xmldoc import Doc, looks_like_xml, open_document

ERESEPT: Codecs = {
    **m1.CODECS,
    **m96.CODECS,
    **m25.CODECS,
    **m912.CODECS,
    **dispensing.CODECS,
    **recall.CODECS,
    **pharmacy.CODECS,
    **multidose.CODECS,
    **other_messages.CODECS,
}
"""E-prescription messages: one body; what else lies beside it is for the codec that says so."""

CODECS: Codecs = {
    **ERESEPT,
    **plo.CODECS,
    **epj_extract.CODECS,
    **dialog.CODECS,
    **apprec.CODECS,
    **epikrise.CODECS,
}
"""Every XML body that is understood."""

_OPENING_CONTAINERS = frozenset({"M96", "M96KJ", "M98", "SlettetReseptRF", "ReseptNedlasting", "M9NA4"})
_EXTENSION = "/extension/"
_READ_TOGETHER = "LegemidlerIBruk"
"""A body whose codec reads every further one of its name beside it."""
_LONGEST_NUMBER = re.compile(r"\d{16}")
"""A dosing text with a number as long as this is none either: no arithmetic on doses is exact there."""
_LONGEST_DOSING_TEXT = 1_000
"""Longer ones are no dosing texts: they are shown as said, and told as not understood."""


def read(
    raw: bytes, *, known: Known | None = None, schemas: Schemas | None = None, signatures: Signatures | None = None
) -> Reading:
    """What the message in `raw` says.

    Args:
        raw: one message: XML (UTF-8, ISO-8859-1 or UTF-16, plain or gzip) or JSON.
        known: what signed containers held when they were read before. A container found in it is not decoded again;
            new ones are put into it. Keys carry the codec version.
        schemas: the official schemas, where they are at hand: breaches are recorded, the message is read all the same.
        signatures: checks the signatures of prescriptions and lists; the verdict stands on each statement. Nothing
            remembered is used then: every container is opened and checked.

    Raises:
        FormatError: the message is refused, with a code and the place. Nothing else is raised for wrong data.
    """
    if looks_like_xml(raw):
        return _read_xml(raw, None if signatures else known, schemas, signatures)
    return _finished(_read_json(raw))


def _read_xml(raw: bytes, known: Known | None, schemas: Schemas | None, signatures: Signatures | None) -> Reading:
    doc = open_document(raw, signatures, keep=bool(schemas or signatures))
    message = read_message(doc.root, known)
    key = (message.body.ns, message.body.name)
    codec = CODECS.get(key)
    if codec is None:
        raise FormatError(_why_unknown(key), message.body.path, "no codec for this message")
    again = redelivery_of(message)
    held = again.held() if again else None
    if held is not None:
        return _with_breaches(_in_envelope(held, message.envelope), doc, schemas)
    reading = codec(message)
    own_breaches = reading.breaches
    beside = _unopened(message) if key in ERESEPT else ()
    reading = _with_breaches(_in_envelope(reading, message.envelope, beside), doc, schemas)
    if signatures is not None:
        reading = with_verdicts(reading, doc)
    reading = _finished(_with_unread(reading, doc))
    if again is not None:
        again.hold(reading, own_breaches)
    return reading


def _read_json(raw: bytes) -> Reading:
    doc = open_json(raw)
    if doc.has("resourceType"):
        from formats.fhir import read_json as read_fhir  # noqa: PLC0415 - a third of start-up, and most messages are XML

        return read_fhir(doc)
    if doc.has("medrec"):
        from formats.neutral_message import read_json as read_neutral  # noqa: PLC0415 - likewise

        return read_neutral(doc)
    raise FormatError(ErrorCode.UNKNOWN_MESSAGE, "", "neither FHIR nor our own form")


def _why_unknown(key: tuple[str, str]) -> ErrorCode:
    """Another version of something we read, something else in a namespace we read, or nothing we know."""
    space, name = key
    if any(space == known for known, _ in CODECS):
        return ErrorCode.WRONG_SCHEMA
    family = space.rpartition("/")[0]
    if any((known.rpartition("/")[0], root) == (family, name) for known, root in CODECS):
        return ErrorCode.UNKNOWN_VERSION
    return ErrorCode.UNKNOWN_MESSAGE


def _unopened(message: Message) -> Iterable[Unread]:
    """Documents beside the body that its codec does not look into: kept, never dropped."""
    envelope, body = message.envelope, message.body
    for document in envelope.documents if envelope else ():
        other, container = document.body, document.container
        if other is not None and other.element is not body.element:
            together = other.name == body.name == _READ_TOGETHER
            if _EXTENSION not in other.ns and not together:
                yield Unread(other.place, "further document", other.name)
        if container is not None and body.name not in _OPENING_CONTAINERS:
            yield Unread(container.place, "attachment", document.mime_type)


def _in_envelope(reading: Reading, envelope: Envelope | None, beside: Iterable[Unread] = ()) -> Reading:
    """What MsgInfo says, where the codec did not say otherwise, and what lay `beside` the body unopened."""
    if envelope is None:
        return reading
    return replace(
        reading,
        as_of=reading.as_of or envelope.gen_date,
        message_id=reading.message_id or envelope.msg_id,
        parent_id=reading.parent_id or envelope.parent_id,
        conversation_id=reading.conversation_id or envelope.conversation_id,
        sender=reading.sender or envelope.sender.actor,
        receiver=reading.receiver or envelope.receiver.actor,
        unread=(*reading.unread, *beside),
    )


def _with_breaches(reading: Reading, doc: Doc, schemas: Schemas | None) -> Reading:
    return replace(reading, breaches=(*reading.breaches, *schemas.breaches(doc))) if schemas else reading


def _with_unread(reading: Reading, doc: Doc) -> Reading:
    unread = tuple(dict.fromkeys((*reading.unread, *doc.unread)))
    return replace(reading, unread=unread) if unread != reading.unread else reading


def _finished(reading: Reading) -> Reading:
    """Ids and our own reading of dosing texts, here and in the readings that came along."""
    key = reading.person.key if reading.person else ""
    return replace(
        reading,
        statements=identified(key, reading.statements, dose_of),
        allergies=tuple(_identified_allergies(key, reading.allergies)),
        also=tuple(_finished(r) for r in reading.also),
        unread=(*reading.unread, *_too_long(reading.statements)),
    )


def dose_of(statement: Statement) -> DoseReading | None:
    """Our reading of a statement's dosing text; where it has none, what the statement came with."""
    return _read_text(statement.dose_text) if statement.dose_text else statement.read_dose


@lru_cache(maxsize=4096)  # a few hundred ways to take medicines stand in nearly all lists
def _read_text(text: str) -> DoseReading:
    if len(text) > _LONGEST_DOSING_TEXT or _LONGEST_NUMBER.search(text):
        return DoseReading(text, ReadStatus.UNPARSEABLE, None)
    return read_said(text)


def _too_long(statements: Iterable[Statement]) -> Iterable[Unread]:
    for statement in statements:
        if statement.place and len(statement.dose_text or "") > _LONGEST_DOSING_TEXT:
            yield Unread(statement.place, "dosing-text-too-long", statement.dose_text or "")


def _identified_allergies(key: str, allergies: Iterable[Allergy]) -> Iterable[Allergy]:
    """As statements: 20 hex of SHA-256 over person and content, equal ones numbered; place is no part of it."""
    seen: dict[str, int] = {}
    for allergy in allergies:
        told = canonical(replace(allergy, id="", place=None))
        text = json.dumps([key, told], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        given = allergy.id or hashlib.sha256(text.encode()).hexdigest()[:20]
        seen[given] = seen.get(given, 0) + 1
        yield replace(allergy, id=given if seen[given] == 1 else f"{given}-{seen[given]}")
