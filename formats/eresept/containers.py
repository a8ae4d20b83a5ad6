"""The prescriptions and dispensings attached to a list in base64 containers, each decoded once in its life.

A signed container never changes. What it held is remembered under the codec version and the hash of its base64 text,
so that the same list fetched again is not decoded again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from formats.eresept.m1 import M1, Prescription, read_prescription
from formats.errors import ErrorCode, FormatError
from formats.msghead import Attachment, Known, Message, read_message
from formats.node import Node
from formats.statement import Unread

CODEC_VERSION = "1"
"""Raised whenever what is read from the same container changes: remembered values of older versions are then stale."""


@dataclass(slots=True)
class Attached:
    """What lay beside a list: prescriptions by id with the path of their container, and other messages."""

    prescriptions: dict[str, Prescription] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    others: list[Message] = field(default_factory=list)

    def add(self, prescription: Prescription, node: Node) -> None:
        """Take in a prescription. The same twice is one; two contents under one id are `duplicate-id`."""
        earlier = self.prescriptions.get(prescription.id)
        if earlier is not None and earlier.said != prescription.said:
            raise FormatError(ErrorCode.DUPLICATE_ID, node.path, "two prescriptions under one id")
        self.prescriptions[prescription.id] = prescription
        self.paths[prescription.id] = node.path


def attached_to(documents: Iterable[Attachment], known: Known | None) -> Attached:
    """Everything in the containers among `documents`. Raises FormatError for what cannot be opened."""
    found = Attached()
    for document in documents:
        container = document.container
        if container is None:
            continue
        if document.mime_type and "xml" not in document.mime_type.casefold():
            container.doc.unread.append(Unread(container.place, "attachment", document.mime_type))
            continue
        key = container_key(container) if known is not None else ""
        remembered = known.get(key) if known is not None else None
        if isinstance(remembered, Prescription):
            container.doc.unread.extend(replace(u, place=container.place) for u in remembered.unread)
            found.add(remembered, container)
            continue
        _open(document, container, key, known, found)
    return found


def container_key(container: Node) -> str:
    """The key a container's content is remembered under."""
    digest = hashlib.sha256(container.own_text.encode()).hexdigest()
    return f"eresept/{CODEC_VERSION}:{digest}"


def _open(document: Attachment, container: Node, key: str, known: Known | None, found: Attached) -> None:
    before = len(container.doc.unread)
    message = read_message(document.open().root, known)
    body = message.body
    if not (body.ns.startswith(M1) and body.name == "Resept"):
        found.others.append(message)
        return
    prescription = read_prescription(message, before)
    found.add(prescription, container)
    if known is not None:
        known[key] = prescription
