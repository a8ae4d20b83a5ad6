"""The prescriptions and dispensings attached to a list in base64 containers, each decoded once in its life.

A signed container never changes. What it held is remembered under the codec version and the hash of its base64 text,
so that the same list fetched again is not decoded again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from formats.eresept.m1 import M1, Prescription, read_prescription
from formats.eresept.utlevering import Report, report_in
from formats.errors import ErrorCode, FormatError
from formats.msghead import Attachment, Known, Message, read_message
from formats.node import Node
from formats.statement import Place, Unread

CODEC_VERSION = "5"
"""Raised whenever what is read from the same container changes: remembered values of older versions are then stale."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What one container held, and the path it was read at: places in it move with the container."""

    content: Prescription | Report
    under: str


@dataclass(slots=True)
class Attached:
    """What lay beside a list: prescriptions by id with the path of their container, and reports of dispensings."""

    prescriptions: dict[str, Prescription] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)

    def add(self, content: Prescription | Report, node: Node) -> None:
        """Take in what a container held. The same prescription twice is one; two under one id are `duplicate-id`."""
        if isinstance(content, Report):
            self.reports.append(content)
            return
        earlier = self.prescriptions.get(content.id)
        if earlier is not None and earlier.said != content.said:
            raise FormatError(ErrorCode.DUPLICATE_ID, node.path, "two prescriptions under one id")
        self.prescriptions[content.id] = content
        self.paths[content.id] = node.path


def attached_to(documents: Iterable[Attachment], known: Known | None) -> Attached:
    """Everything in the containers among `documents`. Raises FormatError for what cannot be opened."""
    found = Attached()
    for document in documents:
        container = document.container
        if container is None:
            continue
        sort = document.mime_type
        if sort and "xml" not in sort.casefold():
            container.doc.unread.append(Unread(container.place, "attachment", sort))
            continue
        content = _remembered(container, known) if known is not None else _opened(document, container, None)
        if content is None and known is not None:
            content = _opened(document, container, known)
        if content is not None:
            found.add(content, container)
    return found


def container_key(container: Node) -> str:
    """The key a container's content is remembered under."""
    digest = hashlib.sha256(container.own_text.encode()).hexdigest()
    return f"eresept/{CODEC_VERSION}:{digest}"


def _remembered(container: Node, known: Known) -> Prescription | Report | None:
    held = known.get(container_key(container))
    if not isinstance(held, _Held):
        return None
    content = held.content
    container.doc.unread.extend(replace(u, place=_moved(u.place, held.under, container)) for u in content.unread)
    if isinstance(content, Prescription):
        return content
    place, path = content.statement.place, container.path + content.path.removeprefix(held.under)
    moved = _moved(place, held.under, container) if place else None
    return replace(content, statement=replace(content.statement, place=moved), path=path)


def _moved(place: Place, under: str, container: Node) -> Place:
    return container.doc.place(container.path + place.path.removeprefix(under))


def _opened(document: Attachment, container: Node, known: Known | None) -> Prescription | Report | None:
    """What a container holds, remembered in `known`. Anything but a prescription or a dispensing is kept as unread."""
    before = len(container.doc.unread)
    message = read_message(document.open().root, known)
    content = _content(message, before)
    if content is None:
        container.doc.unread.append(Unread(message.body.place, "attachment", message.body.name))
    elif known is not None:
        known[container_key(container)] = _Held(content, container.path)
    return content


def _content(message: Message, before: int) -> Prescription | Report | None:
    body = message.body
    if body.ns.startswith(M1) and body.name == "Resept":
        return read_prescription(message, before)
    return report_in(message, before)
