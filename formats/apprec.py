"""Receipts: AppRec 1.0 and 1.1, read and written, and what a fault in a message is called in one (list 8221).

Sources: AppRec-v1-2004-11-21.xsd, AppRec-v1.1.xsd (2012-02-15), HIS 1168: one receipt for each receiver, final;
addresses are mirrored from the message; a positive one means received and readable, not read by a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker
from lxml.etree import _Element as Element  # the type; lxml gives it no public name

from formats.dialog_xml import xml_text
from formats.errors import ErrorCode, FormatError
from formats.identifiers import person_identifier
from formats.msghead import Codecs, Envelope, Message, Party, Unit, read_message
from formats.node import Node
from formats.statement import Code, Gap, GapCode, Identifier, Reading, Source
from formats.xmldoc import open_document

APPREC_1_0 = "http://www.kith.no/xmlstds/apprec/2004-11-21"
APPREC_1_1 = "http://www.kith.no/xmlstds/apprec/2012-02-15"
_ERRORS = "2.16.578.1.12.4.1.1.8221"
_VERSIONS = {APPREC_1_0: "1.0", APPREC_1_1: "1.1"}
_MIG = {"1.0": "1.0 2004-11-21", "1.1": "v1.1 2012-02-15"}

OK, REJECTED, PARTLY = "1", "2", "3"
"""List 8258: OK; Avvist; OK, feil i delmelding."""
_STATUS = {OK: "OK", REJECTED: "Avvist", PARTLY: "OK, feil i delmelding"}

TEXTS: Mapping[str, str] = {
    "E10": "Ugyldig meldingsidentifikator",
    "E20": "Lege finnes ikke",
    "E21": "Mottaker finnes ikke",
    "E30": "Pasientens fødselsnummer mangler",
    "E31": "Pasientens fødselsnummer er feil",
    "E32": "Pasientens navn mangler",
    "E35": "Pasienten finnes ikke i mottakersystemet",
    "E36": "Pasientopplysninger er utilstrekkelige",
    "T01": "Ikke XML / ikke 'well formed' / uleselig",
    "T02": "XML validerer ikke",
    "T10": "Støtter ikke meldingsformatet",
    "T99": "Annen feil på format",
    "X99": "Annen feil",
}
"""List 8221, the values we send."""


@dataclass(frozen=True, slots=True)
class ReceiptError:
    """One fault as list 8221 has it. `detail` (@OT) is what the receiver says of it, to be shown."""

    code: str
    text: str = ""
    detail: str = ""

    @classmethod
    def of(cls, code: str, detail: str = "") -> "ReceiptError":
        """A fault with the list's own text."""
        return cls(code, TEXTS[code], detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRec:
    """A receipt. `original_*` name the message it answers; `original_issued` and `generated` have a zone."""

    version: str
    id: str
    generated: datetime
    status: str
    sender: Party
    receiver: Party
    original_id: str
    original_type: Code
    original_issued: datetime
    errors: tuple[ReceiptError, ...] = ()

    @property
    def accepted(self) -> bool:
        """True where the message was received, though a part of it may be at fault."""
        return self.status in {OK, PARTLY}


def read_apprec(raw: bytes) -> AppRec:
    """The receipt in `raw`. Raises FormatError (`unknown-message` for anything else)."""
    return apprec_in(read_message(open_document(raw).root))


def apprec_in(message: Message) -> AppRec:
    """The receipt that a message is. Raises FormatError, `missing` for what the schema demands."""
    body = message.body
    if body.ns not in _VERSIONS or body.name != "AppRec":
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, body.path)
    original = body.need("OriginalMsgId")
    status, original_id, own_id = body.v("Status"), original.text("Id"), body.text("Id")
    generated = body.moment("GenDate", required=True)
    issued = original.moment("IssueDate", required=True)
    if not (status and original_id and own_id and generated and issued):
        raise FormatError(ErrorCode.MISSING, f"{body.path}/OriginalMsgId")
    return AppRec(
        version=_VERSIONS[body.ns],
        id=own_id,
        generated=generated,
        status=status,
        sender=_party(body.need("Sender")),
        receiver=_party(body.need("Receiver")),
        original_id=original_id,
        original_type=original.code("MsgType") or Code(""),
        original_issued=issued,
        errors=tuple(ReceiptError(e.attr("V"), e.attr("DN"), e.attr("OT")) for e in body.all("Error")),
    )


def _party(node: Node) -> Party:
    hcp = node.need("HCP")
    inst, professional = hcp.one("Inst"), hcp.one("HCProf")
    if inst is None:
        return Party((), *_named(professional)) if professional else Party()
    person = next(iter(inst.all("HCPerson")), None)
    units = tuple(Unit(u.text("Name") or "", _idents(u)) for u in (inst, *inst.all("Dept")))
    return Party(units, *_named(person)) if person else Party(units)


def _named(node: Node) -> tuple[str, tuple[Identifier, ...]]:
    return node.text("Name") or "", _idents(node)


def _idents(node: Node) -> tuple[Identifier, ...]:
    value = node.text("Id")
    return (person_identifier(node.v("TypeId"), value),) if value else ()


def write_apprec(receipt: AppRec) -> bytes:
    """The receipt as bytes, UTF-8; the same value gives the same bytes. ValueError for a time without a zone."""
    if receipt.generated.tzinfo is None or receipt.original_issued.tzinfo is None:
        msg = "a receipt's times need a zone"
        raise ValueError(msg)
    space = APPREC_1_0 if receipt.version == "1.0" else APPREC_1_1
    make = ElementMaker(namespace=space, nsmap={None: space})
    roles = (("PRIM", "Primærmottaker"), ("AVS", "Avsender")) if receipt.version == "1.1" else (None, None)
    original = receipt.original_type
    root = make.AppRec(
        make.MsgType(V="APPREC", DN="Applikasjonskvittering"),
        make.MIGversion(_MIG[receipt.version]),
        make.GenDate(receipt.generated.isoformat(timespec="seconds")),
        make.Id(receipt.id),
        make.Sender(*_hcp(make, receipt.sender, roles[0])),
        make.Receiver(*_hcp(make, receipt.receiver, roles[1])),
        make.Status(V=receipt.status, DN=_STATUS.get(receipt.status, receipt.status)),
        *(_error(make, error) for error in receipt.errors),
        make.OriginalMsgId(
            make.MsgType(V=original.value, DN=original.text or original.value),
            make.IssueDate(receipt.original_issued.isoformat(timespec="seconds")),
            make.Id(receipt.original_id),
        ),
    )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _hcp(make: ElementMaker, party: Party, role: tuple[str, str] | None) -> list[Element]:
    told = [make.Role(V=role[0], DN=role[1])] if role else []
    outer, *inner = party.units or (Unit(),)
    person = [make.HCPerson(*_name(make, party.name, party.identifiers))] if party.name or party.identifiers else []
    depts = [make.Dept(*_name(make, u.name, u.identifiers)) for u in inner]
    return [*told, make.HCP(make.Inst(*_name(make, outer.name, outer.identifiers), *depts, *person))]


def _name(make: ElementMaker, name: str, identifiers: tuple[Identifier, ...]) -> list[Element]:
    """Name and one identifier, the HER-id where there is one."""
    chosen = next((i for i in identifiers if i.type == "HER"), identifiers[0] if identifiers else None)
    named = [make.Name(xml_text(name))] if name else []
    return [
        *named,
        *(
            [make.Id(chosen.value), make.TypeId(V=chosen.type, DN=_TYPES.get(chosen.type, chosen.type))]
            if chosen
            else []
        ),
    ]


_TYPES = {"HER": "HER-id", "ENH": "Organisasjonsnummer", "HPR": "HPR-nummer", "RSH": "RESH-id"}


def _error(make: ElementMaker, error: ReceiptError) -> Element:
    detail = {"OT": xml_text(error.detail)} if error.detail else {}
    return make("Error", {"V": error.code, "S": _ERRORS, "DN": error.text or TEXTS.get(error.code, "")} | detail)


_NEWER_BODIES = ("dialog/2013-01-23", "/2012-04-01", "epikrise/2012-02-15", "ehelse.no/xmlstds/po/")


def receipt_for(
    envelope: Envelope,
    body_ns: str,
    *,
    receipt_id: str,
    at: datetime,
    errors: tuple[ReceiptError, ...] = (),
) -> AppRec:
    """The receipt that answers a message: OK, or rejected with `errors`. Its version follows the body's namespace.

    Dialogmelding 1.1, PLO 1.6 and later and Epikrise 1.2 are answered in 1.1, everything else in 1.0.
    """
    kind = envelope.node.need("MsgInfo").code("Type")
    return AppRec(
        version="1.1" if any(part in body_ns for part in _NEWER_BODIES) else "1.0",
        id=receipt_id,
        generated=at,
        status=REJECTED if errors else OK,
        sender=envelope.receiver,
        receiver=envelope.sender,
        original_id=envelope.msg_id,
        original_type=kind or Code(envelope.type),
        original_issued=envelope.gen_date,
        errors=errors,
    )


_FAULTS = {
    ErrorCode.EMPTY: "T01",
    ErrorCode.NOT_XML: "T01",
    ErrorCode.NOT_JSON: "T01",
    ErrorCode.ENCODING: "T01",
    ErrorCode.DTD: "T01",
    ErrorCode.UNKNOWN_MESSAGE: "T10",
    ErrorCode.UNKNOWN_VERSION: "T10",
    ErrorCode.WRONG_SCHEMA: "T02",
    ErrorCode.MISSING: "T02",
    ErrorCode.BAD_DATE: "T02",
    ErrorCode.BAD_NUMBER: "T02",
    ErrorCode.DUPLICATE_KEY: "T02",
    ErrorCode.DUPLICATE_ID: "T02",
    ErrorCode.NO_PERSON: "E36",
    ErrorCode.TWO_PERSONS: "E36",
    ErrorCode.BAD_IDENTIFIER: "E31",
}


def error_for(refusal: FormatError) -> ReceiptError:
    """What a refusal is called in a receipt; a missing MsgId is E10, whatever is not listed T99. Names no values."""
    if refusal.code is ErrorCode.MISSING and refusal.place.endswith("/MsgId"):
        return ReceiptError.of("E10")
    return ReceiptError.of(_FAULTS.get(refusal.code, "T99"), refusal.place)


def errors_in(reading: Reading) -> tuple[ReceiptError, ...]:
    """Faults of a message that was read: schema, patient, receiver (acceptance tests 1-11 to 1-16). None for a receipt.

    A message that breaks its schema is read as far as it can be, and still answered with T02: its sender must know.
    """
    if reading.message.startswith("AppRec"):
        return ()
    wrong_number = [b for b in reading.breaches if ErrorCode.BAD_IDENTIFIER in b]
    schema = [b for b in reading.breaches if b not in wrong_number]
    found = [ReceiptError.of("T02", schema[0])] if schema else []
    person, receiver = reading.person, reading.receiver
    if person is None:
        found.append(ReceiptError.of("E36"))
    elif not any(i.value for i in person.identifiers):
        found.append(ReceiptError.of("E30"))
    elif not person.name:
        found.append(ReceiptError.of("E32"))
    if wrong_number:
        found.append(ReceiptError.of("E31"))
    if receiver is not None and not (receiver.her_id or receiver.organisation or receiver.name):
        found.append(ReceiptError.of("E21"))
    return tuple(found)


def read_as_reading(message: Message) -> Reading:
    """A receipt in intake: no person, no medicines; the outbox matches it by `original_id`."""
    receipt = apprec_in(message)
    return Reading(
        message=f"AppRec/{receipt.version}",
        source=None,
        gaps=(Gap(Source.GP, GapCode.NOT_MEDICATION, "AppRec", message.body.place),),
        as_of=receipt.generated,
        message_id=receipt.id,
        parent_id=receipt.original_id,
        sender=receipt.sender.actor,
        receiver=receipt.receiver.actor,
    )


CODECS: Codecs = {(ns, "AppRec"): read_as_reading for ns in _VERSIONS}
