"""M1, the prescription: alone, attached to a list, or (its drug part) inside a list of medicines in use.

Sources: ER-M1-2013-10-08; 2010-05-01 and 2009-02-20 are legacy. A prescription's id is the MsgId of its own M1;
patient and prescriber stand in its envelope. Supplies (`ReseptDokHandelsvare`) are told and set aside.
"""

from dataclasses import dataclass

from formats.drug import Varenr
from formats.eresept.forskrivning import Said, joined, named, read_forskrivning
from formats.eresept.rest import rest_of, spelled
from formats.msghead import Codecs, Envelope, Message, identifier_breaches
from formats.node import Node
from formats.statement import (
    AsideReason,
    Code,
    Kind,
    Person,
    Reading,
    Signature,
    Source,
    Unread,
    stated,
)
from formats.xmldoc import Doc

M1 = "http://www.kith.no/xmlstds/eresept/m1/"
M1_VERSIONS = ("2013-10-08", "2010-05-01", "2009-02-20")
FORSKRIVNING = "http://www.kith.no/xmlstds/eresept/forskrivning/"
_FORSKRIVNING = tuple(FORSKRIVNING + v for v in ("2013-10-08", "2014-12-01", "2010-04-01", "2009-02-20"))
M1_EXTENSION = "http://www.kith.no/xmlstds/eresept/m1/2013-10-08/extension/1"
_EXTENDING = f"{{{M1_EXTENSION}}}ReseptUtvidelse"
_TOLD = ("Forskrivningsdato", "Utloper", "ReseptDokLegemiddel", "ReseptDokHandelsvare", "EkspAnm", "LastResept")
_TOLD_OF_MEDICINE = (
    "Forskrivning", "RefKode", "Reiterasjon", "KomLegemdlAdm", "BytteresRekvirent", "Antall", "Mengde", "Merknad",
)  # fmt: skip
_GOODS = ("Naringsmiddel", "MedForbMatr", "Brystprotese")


@dataclass(frozen=True, slots=True)
class Prescription:
    """One M1: its id, whose it is, what it says, what of it could not be understood."""

    id: str
    person: Person | None
    said: Said
    unread: tuple[Unread, ...] = ()


def version_of(node: Node) -> str:
    """The date that ends the namespace of an eResept message."""
    return node.ns.rpartition("/")[2]


def read_prescription(message: Message, unread_before: int = 0) -> Prescription:
    """The prescription in an M1, with or without its envelope. `unread_before`: how much was unread before this one."""
    resept, envelope = message.body, message.envelope
    told = read_resept(resept)
    if envelope:
        told["prescription_id"] = envelope.msg_id
        told["author"] = envelope.sender.actor
        if envelope.signed:
            told["signed"] = Signature.NOT_CHECKED
        _extend(told, envelope)
    return Prescription(
        envelope.msg_id if envelope else "",
        envelope.patient if envelope else None,
        told,
        tuple(message.doc.unread[unread_before:]),
    )


def read_resept(resept: Node) -> Said:
    """What `Resept` says: its dates, its remarks, and the medicine or supply."""
    told: Said = {
        "decided": resept.day("Forskrivningsdato", required=True),
        "valid_to": resept.day("Utloper", required=True),
    }
    medicine, goods = resept.one("ReseptDokLegemiddel"), resept.one("ReseptDokHandelsvare")
    part: Said = {}
    if medicine is not None:
        part = read_medicine(medicine)
    elif goods is not None:
        part = read_supply(goods)
    remark = joined(part.get("note"), _dispensing_remark(resept))
    locked = (Code("true", "LastResept"),) if resept.flag("LastResept") else ()  # told only to who knows its number
    codes = (*part.get("codes", ()), *locked, *rest_of(resept, *_TOLD))
    return {**part, **told, "note": remark, "codes": codes}


def _dispensing_remark(resept: Node) -> str | None:
    """The remark for the dispensing; where a parcel is to go is no part of it."""
    remark = resept.one("EkspAnm")
    return remark.words("Merknad") if remark and remark.first() else resept.words("EkspAnm")


def read_medicine(node: Node) -> Said:
    """What `ReseptDokLegemiddel` says, wherever it stands."""
    prescribed = node.any("Forskrivning", _FORSKRIVNING if node.ns else (*_FORSKRIVNING, ""))
    told, size = read_forskrivning(prescribed) if prescribed else (Said(), "")
    reason = node.code("RefKode")
    told["refills_left"] = node.count("Reiterasjon")
    told["administered_by"] = node.text("KomLegemdlAdm")
    told["exchange_reserved"] = node.flag("BytteresRekvirent")
    packs, amount = node.text("Antall"), node.one("Mengde")
    told["quantity"] = _measure(amount) or packs if amount else _packages(packs, size)
    told["note"] = joined(told.get("note"), node.words("Merknad"))
    kept = [*([reason] if reason else []), *node.beside("RefKode")]
    if amount and packs:
        kept.append(Code(packs, "Antall"))
    if amount and size:
        kept.append(Code(size, "Pakningsstr"))
    told["codes"] = (*told.get("codes", ()), *kept, *rest_of(node, *_TOLD_OF_MEDICINE))
    return told


def read_supply(node: Node) -> Said:
    """What `ReseptDokHandelsvare` says: consumables and nutrition. Told, and set aside as `supply`."""
    group = node.code("ProdGruppe")
    block = next(filter(None, (node.any(name, _FORSKRIVNING) for name in _GOODS)), None)
    number, name = (block.text("Nr"), block.words("Navn")) if block else (None, None)
    codes = [group] if group else []
    if number and not Varenr.read(number):
        codes.append(Code(number, "Varenr"))
    codes += rest_of(node, "ProdGruppe", "Bruksveiledning", "Antall", "Merknad", *_GOODS)
    codes += rest_of(block, "Nr", "Navn") if block else ()
    return {
        **named(name or (group.text if group else "") or ""),
        "varenr": Varenr.read(number),
        "codes": tuple(codes),
        "dose_text": node.words("Bruksveiledning"),
        "quantity": node.text("Antall"),
        "note": node.words("Merknad"),
        "aside": AsideReason.SUPPLY,
    }


def _measure(amount: Node) -> str:
    """How much at a time in the source's own figures: "300 ml"."""
    return " ".join(filter(None, (amount.attr("V"), amount.attr("U"))))


def _packages(packs: str | None, size: str) -> str | None:
    """How many packages at a time, and their size where it is one: "2 x 100 stk"."""
    return f"{packs} x {size}" if packs and size else packs or size or None


def _extend(told: Said, envelope: Envelope) -> None:
    """A further document `ReseptUtvidelse`: dosing text and intake rules beside those of the M1."""
    for document in envelope.documents:
        body = document.body
        if body is None or body.element.tag != _EXTENDING:
            continue
        dosing, diagnosis = body.one("Dosering"), body.code("Diagnose")
        if dosing:
            text, said = told.get("dose_text"), dosing.words("Doseringstekst")
            told["dose_text"] = text or said
            intake = [c for n in dosing.all("ForholdsregelInntak") if (c := n.as_code())]
            told["codes"] = (*told.get("codes", ()), *intake)
            told["note"] = joined(
                told.get("note"), dosing.words("Tilleggstekst"), said if text and said != text else None
            )
        if diagnosis:
            told["codes"] = (*told.get("codes", ()), diagnosis)
        stop = body.one("Seponering")
        if stop is not None:
            words = spelled(rest_of(stop))
            body.doc.unread.append(Unread(stop.place, "discontinuation in a prescription's extension", words))


def open_medicine(node: Node) -> Said:
    """The bare `ReseptDokLegemiddel` in a base64 element (`ReseptDokLegemiddelB64`)."""
    doc: Doc = node.doc.inside(node)
    root = doc.root
    medicine = root.name in {"ReseptDokLegemiddel", "ReseptDokHandelsvare"}
    if not medicine or (root.ns and not root.ns.startswith(M1)):
        words = " ".join(root.own_text.split())
        node.doc.unread.append(Unread(root.place, f"{root.name} where a medicine was expected", words))
        return {}
    if not root.ns:
        node.doc.unread.append(Unread(root.place, "no namespace", root.name))  # read as it stands, and said so
    return read_medicine(root) if root.name == "ReseptDokLegemiddel" else read_supply(root)


def read_m1(message: Message) -> Reading:
    """An M1 on its own: one prescription, one event."""
    one = read_prescription(message)
    place, envelope = message.body.place, message.envelope
    statement = stated(one.said, source=Source.RF, kind=Kind.PRESCRIPTION, place=place)
    return Reading(
        message=f"M1/{version_of(message.body)}",
        source=Source.RF,
        person=one.person,
        statements=(statement,),
        as_of=envelope.gen_date if envelope else None,
        breaches=identifier_breaches(one.person, "/MsgHead/MsgInfo/Patient"),
    )


CODECS: Codecs = {(M1 + version, "Resept"): read_m1 for version in M1_VERSIONS}
