"""A registry list that says what it said last time, in a new envelope: nothing is read anew.

A list is fetched again and again and mostly unchanged: its documents (the list itself and the prescriptions beside it)
and its patient are the same bytes, and only id, time and hash of the message are new. What it said is then given
again as it was, ids and our reading of dosing texts included, with places in the new message. A list in which one
byte differs is read like any other, from containers that are remembered one by one.
"""

import hashlib
from dataclasses import dataclass, replace

from lxml import etree

from formats.dates import read_moment
from formats.eresept.containers import CODEC_VERSION
from formats.msghead import Envelope, Known, Message
from formats.node import Node
from formats.statement import Place, Reading, moved

_LISTS = frozenset({"M96", "M96KJ"})
"""Bodies whose codec looks at nothing outside of the documents, the patient and the message's own time."""


@dataclass(frozen=True, slots=True)
class Redelivery:
    """One message that may be a redelivery: what it is remembered under, and where."""

    known: Known
    key: str
    message: str

    def held(self) -> Reading | None:
        """What it said last time, without what its envelope says; `None` where it was not seen lately."""
        reading = self.known.get(self.key)
        return _moved(reading, self.message) if isinstance(reading, Reading) else None

    def hold(self, reading: Reading, breaches: tuple[str, ...]) -> None:
        """Remember what it says. `breaches`: those that the codec found; the schema's are looked for each time."""
        self.known[self.key] = replace(
            reading, as_of=None, message_id="", parent_id="", conversation_id="", sender=None, receiver=None,
            breaches=breaches,
        )  # fmt: skip


def redelivery_of(message: Message) -> Redelivery | None:
    """How `message` is remembered; `None` where it is not: no memory, no envelope, or another kind of message."""
    envelope, body, known = message.envelope, message.body, message.known
    if known is None or envelope is None or body.name not in _LISTS:
        return None
    patient = envelope.info.one("Patient")
    content = hashlib.sha256(etree.tostring(patient.element, with_tail=False) if patient else b"")
    for document in envelope.documents:
        content.update(etree.tostring(document.node.element, with_tail=False))
    content.update(_ahead(body, envelope))
    return Redelivery(known, f"eresept-list/{CODEC_VERSION}:{content.hexdigest()}", message.doc.message)


def _ahead(body: Node, envelope: Envelope) -> bytes:
    """Which instants of discontinuations lay ahead when the message was made: all that its own time decides."""
    instants = [
        read_moment("".join(instant.itertext()).strip() or (instant.get("V") or "").strip())
        for stop in body.element.iter("{*}Seponering")
        for instant in stop.iter("{*}Tidspunkt")
    ]
    return bytes(instant is not None and instant > envelope.gen_date for instant in instants)


def _moved(reading: Reading, message: str) -> Reading:
    """The same, with every place in `message`."""

    def at(place: Place | None) -> Place | None:
        return Place(message, place.path) if place else None

    if reading.statements and (place := reading.statements[0].place) and place.message == message:
        return reading
    return replace(
        reading,
        statements=tuple(moved(s, at(s.place)) for s in reading.statements),
        gaps=tuple(replace(g, place=at(g.place)) for g in reading.gaps),
        unread=tuple(replace(u, place=Place(message, u.place.path)) for u in reading.unread),
    )
