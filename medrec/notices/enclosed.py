"""Messages inside a dialogue message: a list or an extract that answers us, attached or as a further document.

Each is kept in the transaction of the message it came in, and read by `intake.resume` as any other message. What has an
envelope of its own is kept as it came; what has none gets that of the message it lay in, for the person it is about.
Pictures and PDF files stay in the message and are not opened.
"""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree
from sqlalchemy.orm import Session

from formats.errors import FormatError
from formats.msghead import MSGHEAD, Attachment, Message
from formats.xmldoc import looks_like_xml
from medrec import keeping

CHANNEL = "dialog"
_CONTENT = f"{{{MSGHEAD}}}RefDoc/{{{MSGHEAD}}}Content"


def keep_enclosed(session: Session, message: Message) -> int:
    """Keep every message that lies in a dialogue message, and return how many; what can't be decoded stays in it."""
    found = list(_messages(message))
    for raw in found:
        keeping.keep(session, raw, channel=CHANNEL)
    return len(found)


def _messages(message: Message) -> Iterator[bytes]:
    if message.envelope is None:
        return
    others = [d for d in message.envelope.documents if d.body is None or d.body.element is not message.body.element]
    beside = [d for d in others if d.body is not None]
    if beside:
        yield _enveloped(message, [deepcopy(d.node.element) for d in beside])
    for document in others:
        if document.container is not None and (raw := _decoded(document)):
            yield raw if _has_envelope(raw) else _enveloped(message, [_as_document(raw)])


def _decoded(document: Attachment) -> bytes:
    """The XML a container holds, b"" where it holds something else."""
    if document.container is None:
        return b""
    try:
        raw = document.container.doc.decode(document.container, document.compression)
        document.open()  # it is XML as we take it: no DTD, within the budget
    except FormatError:
        return b""
    return raw if looks_like_xml(raw) else b""


def _has_envelope(raw: bytes) -> bool:
    return bool(_root(raw).tag == f"{{{MSGHEAD}}}MsgHead")


def _root(raw: bytes) -> etree._Element:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))


def _as_document(raw: bytes) -> etree._Element:
    document = etree.Element(f"{{{MSGHEAD}}}Document")
    reference = etree.SubElement(document, f"{{{MSGHEAD}}}RefDoc")
    etree.SubElement(reference, f"{{{MSGHEAD}}}MsgType", V="XML", DN="XML-instans")
    etree.SubElement(reference, f"{{{MSGHEAD}}}Content").append(_root(raw))
    return document


def _enveloped(message: Message, documents: list[etree._Element]) -> bytes:
    """The sender, receiver, patient and day of the message it lay in, around these documents alone."""
    if message.envelope is None:
        raise ValueError
    root = etree.Element(f"{{{MSGHEAD}}}MsgHead", nsmap={None: MSGHEAD})
    root.append(deepcopy(message.envelope.info.element))
    root.extend(documents)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
