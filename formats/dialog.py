"""Dialogue messages with the GP: our own value, and Dialogmelding 1.0 and 1.1 read into it.

Sources: dialogmelding.xsd (2006-10-11), dialogmelding-v1.1.xsd (2013-01-23), HIS 1077 (Helsefaglig dialog), HIS 1218
(conversation references). Writing stands in `dialog_xml`. An answer is free text of a person: it is shown, never read
for medicines.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from formats.errors import ErrorCode, FormatError
from formats.msghead import FK1, Codecs, Message, Party, identifier_breaches, read_message
from formats.node import Node
from formats.statement import Code, Gap, GapCode, Person, Reading, Source, Unread
from formats.xmldoc import open_document

DIALOG_1_0 = "http://www.kith.no/xmlstds/dialog/2006-10-11"
DIALOG_1_1 = "http://www.kith.no/xmlstds/dialog/2013-01-23"
XHTML = "http://www.w3.org/1999/xhtml"
_VERSIONS = {DIALOG_1_0: "1.0", DIALOG_1_1: "1.1"}


class DialogKind(StrEnum):
    """MsgInfo/Type (list 8279) of the dialogue messages we send or get an answer in."""

    HEALTH = "DIALOG_HELSEFAGLIG"
    REQUEST = "DIALOG_FORESPORSEL"
    ANSWER = "DIALOG_SVAR"
    DEVIATION = "DIALOG_AVVIK"
    NOTE = "DIALOG_NOTAT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A health worker with a part in the matter. `role`: list 9034; `profession`: list 9060."""

    name: str = ""
    role: str = ""
    profession: str = ""
    hpr: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A further document: noted, not opened."""

    description: str
    mime_type: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogMessage:
    """One dialogue message, of either version.

    `sent` has a zone. `parent_id` is the message answered, `conversation_id` the first of the thread; both "" on the
    first. `theme`: TypeForesp (9152) of a request, TemaKodet (7322; 9069 of an answer; 8117 of a deviation) of a note.
    `asked`: the question an answer quotes. `contacts`: who is responsible at the sender, who is meant at the receiver.
    `text` has line breaks and no markup.
    """

    version: str
    kind: DialogKind | str
    msg_id: str
    sent: datetime
    sender: Party
    receiver: Party
    patient: Person | None
    theme: Code
    text: str
    subject: str = ""
    asked: str = ""
    parent_id: str = ""
    conversation_id: str = ""
    contacts: tuple[Contact, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()

    @property
    def is_answer(self) -> bool:
        """True where it answers another message."""
        return bool(self.parent_id)


def read_dialog(raw: bytes) -> DialogMessage:
    """The dialogue message in `raw`. Raises FormatError (`unknown-message` for any other message)."""
    return dialog_in(read_message(open_document(raw).root))


def dialog_in(message: Message) -> DialogMessage:
    """The dialogue message in an opened envelope.

    Several notes or questions in one message are put together in order, each with its theme. Raises FormatError:
    `unknown-message`, or `missing` where envelope, note or theme is not there.
    """
    body, envelope = message.body, message.envelope
    if body.ns not in _VERSIONS or body.name != "Dialogmelding":
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, body.path)
    if envelope is None:
        raise FormatError(ErrorCode.MISSING, "/MsgHead")
    parts = body.all("Notat") or body.all("Foresporsel")
    if not parts:
        raise FormatError(ErrorCode.MISSING, f"{body.path}/Notat")
    first = parts[0]
    asked = first.one("Foresporsel")
    return DialogMessage(
        version=_VERSIONS[body.ns],
        kind=_kind(envelope.type),
        msg_id=envelope.msg_id,
        sent=envelope.gen_date,
        sender=envelope.sender,
        receiver=envelope.receiver,
        patient=envelope.patient,
        theme=_theme(first),
        subject=first.text("Tema") or first.text("EmneSporsmal") or "",
        text="\n\n".join(filter(None, (_text(part, headed=part is not first) for part in parts))),
        asked=_question(asked) if asked else "",
        parent_id=envelope.parent_id,
        conversation_id=envelope.conversation_id,
        contacts=tuple(c for part in parts for c in _contacts(part)),
        enclosed=tuple(_enclosed(message)),
    )


def _kind(said: str) -> DialogKind | str:
    try:
        return DialogKind(said)
    except ValueError:
        return said


def _theme(part: Node) -> Code:
    theme = part.code("TemaKodet") or part.code("TypeForesp")
    if theme is None:
        raise FormatError(ErrorCode.MISSING, f"{part.path}/TemaKodet")
    return theme


def _text(part: Node, *, headed: bool) -> str:
    """The free text of a note or a question; a second one of the same message starts with its theme."""
    content = part.one("TekstNotatInnhold") or part.one("Sporsmal")
    said = (_theme(part).text if headed else "", plain_text(content) if content else "", part.text("Begrunnelse"))
    remark = part.text("Merknad")
    return "\n".join(s for s in (*said, remark) if s)


def _question(asked: Node) -> str:
    content = asked.one("Sporsmal")
    return plain_text(content) if content else ""


_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})


def plain_text(node: Node) -> str:
    """Text as said; of XHTML the words with a line break at each block, and nothing else (no markup, no links)."""
    if next(node.kids(), None) is None:
        return node.own_text.strip()
    parts: list[str] = []
    for element in node.element.iter():
        name = str(element.tag).rpartition("}")[2]
        parts.append(("\n" if name in _BLOCKS else "") + " ".join((element.text or "").split()))
        if element is not node.element and (element.tail or "").strip():
            parts.append(" " + " ".join((element.tail or "").split()))
    lines = (" ".join(line.split()) for line in " ".join(parts).splitlines())
    return "\n".join(line for line in lines if line)


def _contacts(part: Node) -> list[Contact]:
    found = []
    for role in part.all("RollerRelatertNotat"):
        person = role.one("HealthcareProfessional")
        if person is None:
            continue
        given, family = person.text("GivenName"), person.text("FamilyName")
        idents = {i.v("TypeId", FK1): i.text("Id", FK1) or "" for i in person.all("Ident")}
        phones = [t.v("TeleAddress", FK1).removeprefix("tel:") for t in person.all("TeleCom")]
        found.append(
            Contact(
                name=" ".join(n for n in (given, person.text("MiddleName"), family) if n),
                role=role.v("RoleToPatient") or person.v("RoleToPatient"),
                profession=person.v("TypeHealthcareProfessional"),
                hpr=idents.get("HPR", ""),
                phone=next((p for p in phones if p), ""),
            )
        )
    return found


def _enclosed(message: Message) -> list[Enclosed]:
    documents = message.envelope.documents if message.envelope else ()
    others = [d for d in documents if d.body is None or d.body.element is not message.body.element]
    return [Enclosed(d.description, d.mime_type, d.node.path) for d in others]


def read_as_reading(message: Message) -> Reading:
    """A dialogue message in intake: whom it is about, and the gap that says it holds no medicines; its words kept."""
    told = dialog_in(message)
    path = message.body.path
    words = (Unread(message.doc.place(path), "note", told.text),) if told.text else ()
    return Reading(
        message=f"Dialogmelding/{told.version}",
        source=Source.GP,
        person=told.patient,
        gaps=(Gap(Source.GP, GapCode.NOT_MEDICATION, "Dialogmelding", message.body.place),),
        unread=(*words, *(Unread(message.doc.place(e.path), "attachment", e.description) for e in told.enclosed)),
        breaches=identifier_breaches(told.patient, "/MsgHead/MsgInfo/Patient"),
    )


CODECS: Codecs = {(ns, "Dialogmelding"): read_as_reading for ns in _VERSIONS}
