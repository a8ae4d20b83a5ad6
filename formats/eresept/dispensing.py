"""Dispensings: M10 (pharmacy to registry), M6 (to the prescriber), M8 (to the GP), M8.1 (to kjernejournal), M9.8.

Sources: ER-Utlevering 2013-10-08, 2010-05-01, 2009-02-20 and the messages around it. What was given may differ from
what was prescribed. An annulment is a message of its own that cancels an earlier report by its id.
"""

from dataclasses import replace

from formats.drug import Varenr
from formats.eresept.containers import attached_to
from formats.eresept.forskrivning import Said, joined, named
from formats.eresept.m1 import M1, M1_VERSIONS, read_medicine, read_supply, version_of
from formats.msghead import Codecs, Message, identifier_breaches, one_person, read_ident
from formats.node import Node
from formats.statement import (
    Actor,
    AsideReason,
    Code,
    Gap,
    GapCode,
    Kind,
    Person,
    Reach,
    Reading,
    Source,
    Statement,
    StatementType,
)

EHELSE = "http://www.ehelse.no/xmlstds/eresept/"
KITH = "http://www.kith.no/xmlstds/eresept/"
UTLEVERING = KITH + "utlevering/"
_UTLEVERING = tuple(UTLEVERING + v for v in ("2013-10-08", "2010-05-01", "2009-02-20"))
_M1 = tuple(M1 + v for v in M1_VERSIONS)


def aggregated_dispensing(node: Node, prescription_id: str | None) -> Statement:
    """What a list says of all dispensings of one package: how many in all, how many last, and when that was."""
    number = node.text("Varenr") or node.text("Nr")
    size = node.one("Pakningsstr")
    last = node.day("TidspunktSisteUtlevering")
    packs, in_all = node.text("AntallPakningerUtlevertSiste"), node.text("AntallPakningerUtlevertTotalt")
    measure = " ".join(filter(None, (size.attr("V"), size.attr("U")))) if size else ""
    told: Said = {
        **named(node.words("NavnFormStyrke") or ""),
        "type": StatementType.COPY,
        "varenr": Varenr.read(number),
        "codes": _kept(number, in_all),
        "quantity": f"{packs} x {measure}" if packs and measure else packs,
        "recorded": last,
        "last_dispensed": last,
        "prescription_id": prescription_id,
    }
    return Statement(source=Source.RF, kind=Kind.DISPENSING, place=node.place, **told)


def _kept(number: str | None, in_all: str | None) -> tuple[Code, ...]:
    odd = (Code(number, "Varenr"),) if number and not Varenr.read(number) else ()
    return (*odd, Code(in_all, "AntallPakningerUtlevertTotalt")) if in_all else odd


def utlevering_in(body: Node) -> Node | None:
    """The `Utlevering` of a report, whatever version of it."""
    return body.any("Utlevering", _UTLEVERING)


def read_utlevering(node: Node, *, source: Source = Source.RF) -> Statement:
    """One dispensing: what was given, when, by whom, on which prescription. An annulling one is set aside."""
    given = _given(node)
    on = node.day("Utleveringsdato", required=True)
    annuls = node.text("AnnulleringsId")
    kept = [c for c in (node.code("Avsluttet"),) if c]
    if annuls:
        kept.append(Code(annuls, "AnnulleringsId"))
    kept += [Code(value, name) for name in ("Batchnr", "ByttereservasjonKunde") if (value := node.text(name))]
    told: Said = {
        **given,
        "type": StatementType.COPY,
        "recorded": on,
        "last_dispensed": on,
        "prescription_id": node.text("ReseptId"),
        "reported_by": _dispenser(node),
        "intervention": joined(*map(_intervention, node.all("Intervensjon"))),
        "codes": (*given.get("codes", ()), *kept),
    }
    if node.flag("Annullering"):
        told["aside"] = AsideReason.CANCELLED
    return Statement(source=source, kind=Kind.DISPENSING, place=node.place, **told)


def _given(node: Node) -> Said:
    medicine, supply = node.any("ReseptDokLegemiddel", _M1), node.any("ReseptDokHandelsvare", _M1)
    if medicine is not None:
        told = read_medicine(medicine)
        told["refills_left"] = None  # that of the prescription, copied; it says nothing of what is left now
        return told
    return read_supply(supply) if supply is not None else {}


def _dispenser(node: Node) -> Actor | None:
    found = node.one("Utleverer")
    if found is None:
        return None
    ident = found.one("HerId")
    return Actor(organisation=found.text("Navn") or "", her_id=read_ident(ident).value if ident else "")


def _intervention(node: Node) -> str | None:
    """What the pharmacist changed or questioned, in the words of its codes (7412, 7413)."""
    parts = (node.dn("Kode"), node.dn("EndringsType"), node.words("Begrunnelse") or "")
    return ": ".join(p for p in parts if p) or None


def read_report(message: Message) -> Reading:
    """M10, M6, M8 or M8.1: one dispensing, one event. An annulment names the report it cancels."""
    body, envelope = message.body, message.envelope
    node = utlevering_in(body)
    statements = (read_utlevering(node),) if node else ()
    person = envelope.patient if envelope else None
    annulled = node.text("AnnulleringsId") if node and node.flag("Annullering") else None
    return Reading(
        message=f"{_KINDS[body.name]}/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=statements,
        as_of=envelope.gen_date if envelope else None,
        cancels=(annulled,) if annulled else (),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def dispensings_in(others: list[Message]) -> tuple[list[Statement], list[tuple[Person | None, str]]]:
    """The dispensings among attached messages, annulled ones set aside with their annulment, and whose they are."""
    reports = [(m, node) for m in others if (node := utlevering_in(m.body))]
    annulled = {node.text("AnnulleringsId") for _, node in reports if node.flag("Annullering")} - {None}
    statements = []
    for message, node in reports:
        ids = {message.envelope.msg_id if message.envelope else None, message.body.text("ReferanseM10")}
        cancelled = AsideReason.CANCELLED if ids & annulled else None
        one = read_utlevering(node)
        statements.append(replace(one, aside=one.aside or cancelled))
    return statements, [(m.envelope.patient if m.envelope else None, m.body.path) for m, _ in reports]


def read_m98(message: Message) -> Reading:
    """M9.8: all dispensings of one prescription, each an attached M6."""
    body, envelope = message.body, message.envelope
    attached = attached_to(envelope.documents if envelope else (), message.known)
    statements, persons = dispensings_in(attached.others)
    person = one_person([(envelope.patient if envelope else None, body.path), *persons])
    count = body.number("AntallUtleveringer") or body.number("AntallUteveringer")
    gaps = []
    if body.flag("Pasientreservasjon"):
        gaps.append(Gap(Source.RF, GapCode.RESERVED, "Pasientreservasjon", body.place))
    if count and count > len(statements):
        gaps.append(Gap(Source.RF, GapCode.PARTIAL, f"{len(statements)} av {count} utleveringer", body.place))
    return Reading(
        message=f"M9.8/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=tuple(statements),
        gaps=tuple(gaps),
        reach=Reach.EVENT,
        as_of=envelope.gen_date if envelope else None,
    )


_KINDS = {
    "Utleveringsrapport": "M10",
    "UtleveringsrapportRekvirent": "M6",
    "UtleveringsrapportFastlege": "M8",
    "UtleveringsrapportKjernejournal": "M8.1",
}

CODECS: Codecs = {
    (KITH + "m10/2013-10-08", "Utleveringsrapport"): read_report,
    (KITH + "m10/2010-06-07", "Utleveringsrapport"): read_report,
    (KITH + "m6/2013-10-08", "UtleveringsrapportRekvirent"): read_report,
    (KITH + "m6/2010-05-01", "UtleveringsrapportRekvirent"): read_report,
    (KITH + "m8/2013-10-08", "UtleveringsrapportFastlege"): read_report,
    (KITH + "m8/2010-06-07", "UtleveringsrapportFastlege"): read_report,
    (KITH + "m81/2013-10-08", "UtleveringsrapportKjernejournal"): read_report,
    (KITH + "m81/2013-01-24", "UtleveringsrapportKjernejournal"): read_report,
    (KITH + "m98/2015-10-15", "M98"): read_m98,
    (EHELSE + "m98/2018-07-01", "M98"): read_m98,
}
