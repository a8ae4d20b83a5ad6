"""The envelope MsgHead 1.2: who sends what to whom about which patient, and the documents inside.

Source: MsgHead-v1_2.xsd and HIS 1218 (conversation references). Identifier types are matched on `@V` alone, because
senders give the code system of a HER-id as 9051, as 8116, or not at all.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime

from formats.errors import ErrorCode, FormatError
from formats.identifiers import NATIONAL, birth_date_of, is_valid, person_identifier
from formats.node import Node
from formats.remembered import by_content, within_message
from formats.statement import Actor, Identifier, Person, Reading
from formats.xmldoc import Doc

MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
BASE64 = "http://www.kith.no/xmlstds/base64container"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"
_ROOT = f"{{{MSGHEAD}}}MsgHead"
_CONTAINER = f"{{{BASE64}}}Base64Container"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation or a unit of one, with its identifiers (HER, ENH, RSH ...) as said."""

    name: str = ""
    identifiers: tuple[Identifier, ...] = ()
    phone: str = ""

    def id(self, kind: str) -> str:
        """The identifier of this type, "" if there is none. A RESH-id of 0 means none."""
        return next((i.value for i in self.identifiers if i.type == kind and i.value != "0"), "")


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver: units from the outermost organisation inwards, and the health worker named."""

    units: tuple[Unit, ...] = ()
    name: str = ""
    identifiers: tuple[Identifier, ...] = ()
    profession: str = ""
    phone: str = ""
    actor: Actor = field(init=False, compare=False)
    """As an `Actor`: the innermost unit that has a HER-id speaks for the organisation, its parents name it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "actor", self._as_actor())

    def _as_actor(self) -> Actor:
        hpr = next((i.value for i in self.identifiers if i.type == "HPR"), "")
        her = next((u.id("HER") for u in reversed(self.units) if u.id("HER")), "")
        organisation = ", ".join(u.name for u in self.units if u.name)
        phone = self.phone or next((u.phone for u in reversed(self.units) if u.phone), "")
        return Actor(name=self.name, hpr=hpr, organisation=organisation, her_id=her, phone=phone)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One `Document`: the root of its XML, or the base64 container, or (`FileReference`) neither."""

    node: Node
    body: Node | None
    container: Node | None
    reference: Node | None = None

    @property
    def mime_type(self) -> str:
        """What it says it is. As what follows read when asked for: of a prescription's own document nobody does."""
        return (self.reference.text("MimeType") if self.reference else None) or ""

    @property
    def description(self) -> str:
        """Its name in words."""
        return (self.reference.text("Description") if self.reference else None) or ""

    @property
    def compression(self) -> str:
        """How it is packed (code list 1204)."""
        return self.reference.v("Compression") if self.reference else ""

    def open(self) -> Doc:
        """The XML document in the container. Raises FormatError."""
        if self.container is None:
            raise FormatError(ErrorCode.MISSING, f"{self.node.path}/RefDoc/Content/Base64Container")
        return self.container.doc.inside(self.container, self.compression)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What MsgInfo says. `gen_date` always has a zone; `type` is code list 8279 (ERM1, ERM96 ...)."""

    node: Node
    info: Node
    type: str
    msg_id: str
    gen_date: datetime
    parent_id: str
    conversation_id: str
    patient: Person | None
    documents: tuple[Attachment, ...]
    signed: bool

    @property
    def sender(self) -> Party:
        """Who sends. Read when asked for: of a list's many envelopes few are."""
        return _party_at(self.info.one("Sender"))

    @property
    def receiver(self) -> Party:
        """Who it is sent to. Read when asked for."""
        return _party_at(self.info.one("Receiver"))


Known = MutableMapping[str, object]
"""What containers held when they were read before, by codec version and hash. Codecs own the keys and the values."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a codec is given: the body's root element, and the envelope where it came in one (AppRec has none).

    `known` is asked before a container is decoded and told afterwards; `None`: nothing is remembered.
    """

    body: Node
    envelope: Envelope | None = None
    known: Known | None = None

    @property
    def doc(self) -> Doc:
        """The document the body stands in."""
        return self.body.doc


Codec = Callable[[Message], Reading]
"""Takes a message, returns what it says; raises FormatError and nothing else."""

Codecs = Mapping[tuple[str, str], Codec]
"""(namespace of the body, local name of its root) -> codec. Each codec module offers one as `CODECS`."""


def read_envelope(root: Node) -> Envelope:
    """The envelope whose root element is `root`. Raises FormatError `missing` or `bad-date` for what it must have."""
    info = root.need("MsgInfo")
    reference = info.one("ConversationRef")
    patient = info.one("Patient")
    msg_id = info.text("MsgId")
    gen_date = info.moment("GenDate", required=True)
    if not msg_id:
        raise FormatError(ErrorCode.MISSING, f"{info.path}/MsgId")
    if gen_date is None:
        raise FormatError(ErrorCode.MISSING, f"{info.path}/GenDate")
    return Envelope(
        node=root,
        info=info,
        type=info.v("Type"),
        msg_id=msg_id,
        gen_date=gen_date,
        parent_id=(reference.text("RefToParent") if reference else None) or "",
        conversation_id=(reference.text("RefToConversation") if reference else None) or "",
        patient=read_person(patient) if patient else None,
        documents=tuple(_attachment(d) for d in root.all("Document")),
        signed=root.one("Signature", XMLDSIG) is not None,
    )


def read_message(root: Node, known: Known | None = None) -> Message:
    """The message whose outermost element is `root`, with or without envelope. The body is the first XML document."""
    if root.element.tag != _ROOT:
        return Message(root, None, known)
    envelope = read_envelope(root)
    body = next((d.body for d in envelope.documents if d.body is not None), None)
    if body is None:
        raise FormatError(ErrorCode.MISSING, f"{root.path}/Document/RefDoc/Content")
    return Message(body, envelope, known)


@within_message
def read_person(node: Node) -> Person:
    """A patient in the shape MsgHead and felleskomponent1 share. National numbers come first, as said otherwise."""
    idents = [i for i in read_identifiers(node) if i.value]
    idents.sort(key=lambda i: i.type not in NATIONAL)
    born = node.day("DateOfBirth") or next(filter(None, map(birth_date_of, idents)), None)
    return Person(identifiers=tuple(idents), name=person_name(node), birth_date=born, sex=node.v("Sex"))


def person_of(number: str, others: tuple[str, ...] = ()) -> Person:
    """A person named by a national number alone (`Fnr`), with earlier numbers after it (`AndreFnr`)."""
    idents = tuple(person_identifier("", n) for n in (number, *others))
    return Person(identifiers=idents, birth_date=birth_date_of(idents[0]) if idents else None)


def is_same_person(one: Person, other: Person) -> bool:
    """False where the identifiers contradict each other: both carry one of the same type, or a national one, unshared.

    Two persons without comparable identifiers are not told apart here.
    """
    if set(one.identifiers) & set(other.identifiers):
        return True
    types, others = {i.type for i in one.identifiers}, {i.type for i in other.identifiers}
    return not (types & others) and not (types & NATIONAL and others & NATIONAL)


def one_person(persons: Iterable[tuple[Person | None, str]]) -> Person | None:
    """The one person all of these are, with all their identifiers; the first one's come first.

    Takes (person, path) pairs; `None` persons say nothing. Raises FormatError `two-persons` with the path of the other.
    """
    found: Person | None = None
    last: Person | None = None
    for person, path in persons:
        if person is None or person is last:  # one message's envelopes share theirs, see `within_message`
            continue
        last = person
        if found is None:
            found = person
            continue
        if not is_same_person(found, person):
            raise FormatError(ErrorCode.TWO_PERSONS, path)
        more = tuple(i for i in person.identifiers if i not in found.identifiers)
        found = Person(
            identifiers=found.identifiers + more,
            name=found.name or person.name,
            birth_date=found.birth_date or person.birth_date,
            sex=found.sex or person.sex,
        )
    return found


def identifier_breaches(person: Person | None, path: str) -> tuple[str, ...]:
    """One breach for each national number whose check digits are wrong. Names the place, never the number."""
    idents = person.identifiers if person else ()
    return tuple(f"{path}: {ErrorCode.BAD_IDENTIFIER} ({i.type or 'no type'})" for i in idents if not is_valid(i))


def read_identifiers(node: Node) -> tuple[Identifier, ...]:
    """The `Ident` children, in this element's namespace or felleskomponent1, as said."""
    found = node.all("Ident") or node.all("Ident", FK1)
    return tuple(read_ident(i) for i in found)


def read_ident(node: Node) -> Identifier:
    """One `Ident` (Id, TypeId), its children in its own namespace or felleskomponent1."""
    space = None if node.one("Id") is not None else FK1
    kind = node.one("TypeId", space)
    system = kind.attr("S") if kind else ""
    return person_identifier(kind.attr("V") if kind else "", node.text("Id", space) or "", system)


def person_name(node: Node) -> str:
    """Given, middle and family name, as said."""
    parts = (node.text(n) for n in ("GivenName", "MiddleName", "FamilyName"))
    return " ".join(p for p in parts if p)


def _party_at(node: Node | None) -> Party:
    return _party(node) if node is not None else Party()


@by_content
def _party(node: Node) -> Party:
    units: list[Unit] = []
    worker: Node | None = None
    inner = node.one("Organisation")
    while inner is not None:
        units.append(Unit(inner.text("OrganisationName") or "", read_identifiers(inner), _phone(inner)))
        worker = inner.one("HealthcareProfessional") or worker
        inner = inner.one("Organisation")
    if worker is None:
        return Party(tuple(units))
    profession = worker.v("TypeHealthcareProfessional")
    return Party(tuple(units), person_name(worker), read_identifiers(worker), profession, _phone(worker))


def _phone(node: Node) -> str:
    for telecom in node.all("TeleCom"):
        said = telecom.v("TeleAddress")
        if said.startswith("tel:"):
            return said.removeprefix("tel:")
    return ""


def _attachment(node: Node) -> Attachment:
    ref = node.one("RefDoc")
    if ref is None:
        return Attachment(node, None, None)
    content = ref.one("Content")
    inside = content.first() if content is not None else None
    packed = inside is not None and inside.element.tag == _CONTAINER
    return Attachment(node, None if packed else inside, inside if packed else None, ref)
