"""`Utlevering`, one dispensing, and the rows of a list that tell of several.

Source: ER-Utlevering 2013-10-08, 2010-05-01, 2009-02-20. What was given may differ from what was prescribed. An
annulment is a report of its own that cancels an earlier one by its id.
"""

from dataclasses import dataclass

from formats.drug import Varenr
from formats.eresept.forskrivning import Said, joined, named
from formats.eresept.m1 import M1, M1_VERSIONS, read_medicine, read_supply
from formats.eresept.rest import rest_of
from formats.msghead import Message, read_ident
from formats.node import Node
from formats.statement import Actor, AsideReason, Code, Kind, Person, Source, Statement, StatementType, Unread, stated

KITH = "http://www.kith.no/xmlstds/eresept/"
UTLEVERING = KITH + "utlevering/"
_UTLEVERING = tuple(UTLEVERING + v for v in ("2013-10-08", "2010-05-01", "2009-02-20"))
_TOLD = (
    "ReseptId", "Utleveringsdato", "Annullering", "AnnulleringsId", "Avsluttet", "ReseptDokLegemiddel",
    "ReseptDokHandelsvare", "Utleverer", "Intervensjon",
)  # fmt: skip
_M1 = tuple(M1 + v for v in M1_VERSIONS)


@dataclass(frozen=True, slots=True)
class Report:
    """A dispensing report (M6, M8, M10 ...) that lies in a container: what it says, whose it is, its own ids."""

    statement: Statement
    person: Person | None
    path: str
    ids: frozenset[str]
    annuls: str | None
    unread: tuple[Unread, ...] = ()


def report_in(message: Message, unread_before: int = 0) -> Report | None:
    """The dispensing an attached message reports; `None` where it reports none."""
    node = utlevering_in(message.body)
    if node is None:
        return None
    statement = read_utlevering(node)
    envelope = message.envelope
    ids = {envelope.msg_id if envelope else None, message.body.text("ReferanseM10")} - {None}
    return Report(
        statement,
        envelope.patient if envelope else None,
        message.body.path,
        frozenset(i for i in ids if i),
        node.text("AnnulleringsId") if node.flag("Annullering") else None,
        tuple(message.doc.unread[unread_before:]),
    )


def aggregated_dispensing(node: Node, prescription_id: str | None) -> Statement:
    """What a list says of all dispensings of one package: how many in all, how many last, and when that was."""
    number = node.text("Varenr") or node.text("Nr")
    varenr = Varenr.read(number)
    size = node.one("Pakningsstr")
    last = node.day("TidspunktSisteUtlevering")
    packs, in_all = node.text("AntallPakningerUtlevertSiste"), node.text("AntallPakningerUtlevertTotalt")
    measure = " ".join(filter(None, (size.attr("V"), size.attr("U")))) if size else ""
    told: Said = {
        **named(node.words("NavnFormStyrke") or ""),
        "type": StatementType.COPY,
        "varenr": varenr,
        "codes": _kept("" if varenr else number, in_all),
        "quantity": f"{packs} x {measure}" if packs and measure else packs,
        "recorded": last,
        "last_dispensed": last,
        "prescription_id": prescription_id,
    }
    return stated(told, source=Source.RF, kind=Kind.DISPENSING, place=node.place)


def _kept(odd_number: str | None, in_all: str | None) -> tuple[Code, ...]:
    odd = (Code(odd_number, "Varenr"),) if odd_number else ()
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
    kept += rest_of(node, *_TOLD)
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
    return stated(told, source=source, kind=Kind.DISPENSING, place=node.place)


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
    asked = node.one("KonfLege")
    parts = (
        node.dn("Kode"),
        node.dn("EndringsType"),
        node.words("Begrunnelse") or "",
        "konferert med kunde" if node.flag("KonfKunde") else "",
        f"konferert med lege {read_ident(asked).value}".strip() if asked else "",
    )
    return ": ".join(p for p in parts if p) or None
