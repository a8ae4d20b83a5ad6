"""M25, medicines in use: M25.1 from the doctor, M25.2 from the pharmacy with questions, M25.3 with what was packed.

Sources: ER-M251, M252, M253, M254 2013-10-08, and M251 extension 1. Fetched from the registry (inside M9.12, or by
SFM) it is the shared list, `pll`; sent to us by a doctor's own system it is that office's list. A line's `Id` follows
one treatment through its prescriptions. A line's date is its own `SistEndret`, never that of the message. Lines that
ceased stay with their `Seponering`, which may lie ahead.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from formats.dates import day_after, day_of
from formats.drug import AtcCode
from formats.eresept.codes import stop_reason_to_keep
from formats.eresept.forskrivning import Said, joined
from formats.eresept.m1 import open_medicine, version_of
from formats.eresept.rest import rest_of, spelled
from formats.eresept.seponering import read_seponering
from formats.eresept.utlevering import read_utlevering
from formats.errors import ErrorCode, FormatError
from formats.msghead import Codecs, Envelope, Message, identifier_breaches, read_ident
from formats.node import Node
from formats.remembered import by_content
from formats.statement import (
    Actor,
    Allergy,
    Code,
    Kind,
    Reach,
    Reading,
    SaidStatus,
    Signature,
    Source,
    Statement,
    StatementType,
    Unread,
    stated,
)

KITH = "http://www.kith.no/xmlstds/eresept/"
KI = KITH + "ki/2013-04-25"
EXTENSION = KITH + "m251/2013-10-08/extension/1"
UTLEVERING_ROOT = "Utlevering"
_KNOWN_CHILDREN = frozenset({"Rolle", "EnkeltoppforingLIB", "Pakkeinfo", "Merknad", "Vikar"})
_ALLERGY = frozenset({f"{{{KI}}}Allergi"})
_TOLD = (
    "Id", "Type", "ReseptId", "UtlopsdatoResept", "SistEndret", "DatoOppstart", "MedEndring", "InngarMultidose",
    "Rolle", "ReseptDokLegemiddelB64", "Seponering", "Sporsmal", "SisteUtlevering",
)  # fmt: skip
_VERSIONS = {"m251": "M25.1", "m252": "M25.2", "m253": "M25.3", "m254": "M25.4", "m25": "M25"}


@dataclass(frozen=True, slots=True)
class _List:
    """What holds for all lines of one list."""

    source: Source
    kind: Kind
    as_of: datetime | None
    next_roll: date | None
    packing: tuple[Code, ...]
    signed: Signature | None


def read_as_shared_list(message: Message) -> Reading:
    """The list as the registry holds it: RF pll; what a pharmacy packed (M25.3): RF multidose."""
    packed = _variant(message.body) == "M25.3"
    return _read(message, Source.RF, Kind.MULTIDOSE if packed else Kind.PLL)


def read_as_sent(message: Message) -> Reading:
    """The list as somebody sent it to us: a doctor's M25.1 is GP liste; anything a pharmacy or RF made is RF's."""
    if _variant(message.body) != "M25.1":
        return read_as_shared_list(message)
    return _read(message, Source.GP, Kind.GP_LIST)


def _variant(body: Node) -> str:
    return _VERSIONS[body.ns.split("/")[-2]]


def _read(message: Message, source: Source, kind: Kind) -> Reading:
    body, envelope = message.body, message.envelope
    packing = body.one("Pakkeinfo")
    whole = _List(
        source,
        kind,
        envelope.gen_date if envelope else None,
        packing.day("ForsteDoseringsdato") if packing else None,
        tuple(replace(c, system=f"Pakkeinfo/{c.system}") for c in rest_of(packing)) if packing else (),
        Signature.NOT_CHECKED if envelope and envelope.signed else None,
    )
    beside = [d.body for d in envelope.documents if d.body is not None] if envelope else []
    further = [b for b in beside if b.name == "LegemidlerIBruk" and b.element is not body.element]
    parts = [body, *(b for b in further if b.ns == body.ns)]
    statements = [s for part in parts for node in part.all("EnkeltoppforingLIB") for s in _line(node, whole)]
    statements = _extended(statements, beside)
    person = envelope.patient if envelope else None
    return Reading(
        message=f"{_variant(body)}/{version_of(body)}",
        source=source,
        person=person,
        statements=tuple(statements),
        allergies=tuple(_allergy(n, source) for part in parts for n in part.all("Allergi", KI)),
        unread=tuple(u for part in parts for u in _strangers(part)),
        reach=Reach.WHOLE,
        kinds=(kind,),
        as_of=whole.as_of,
        roles=tuple(dict.fromkeys(_role(n) for part in parts for n in part.all("Rolle"))),
        also=tuple(_alone(b, envelope) for b in further if envelope and b.ns != body.ns),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def _alone(body: Node, envelope: Envelope) -> Reading:
    """A list of another kind beside the first one in one message."""
    codec = CODECS.get((body.ns, body.name))
    if codec is None:
        raise FormatError(ErrorCode.UNKNOWN_VERSION, body.path)
    return codec(Message(body, replace(envelope, documents=())))


def _strangers(body: Node) -> tuple[Unread, ...]:
    """The list's own remark, and children the format does not have."""
    remark = body.one("Merknad")
    said = [Unread(remark.place, "remark on the list", remark.own_text)] if remark and remark.own_text.strip() else []
    odd = [Unread(kid.place, "unknown element", kid.name) for kid in body.strangers(_KNOWN_CHILDREN, _ALLERGY)]
    return (*said, *odd)


def _line(node: Node, whole: _List) -> list[Statement]:
    """One line of the list, and the dispensings that M25.3 carries with it."""
    content = node.one("ReseptDokLegemiddelB64")
    said: Said = open_medicine(content) if content is not None and content.own_text.strip() else {}
    if not said.get("name") and not said.get("substances"):
        node.doc.unread.append(Unread(node.place, "line without a medicine", node.text("Id") or ""))
    changed = node.day("SistEndret", required=True)
    roles = [_role(n) for n in node.all("Rolle")]
    told: Said = {
        **said,
        "status": SaidStatus.ACTIVE,
        "decided": changed,
        "recorded": changed,
        "treatment_id": node.text("Id"),
        "prescription_id": node.text("ReseptId"),
        "valid_to": node.day("UtlopsdatoResept"),
        "start": node.day("DatoOppstart") or said.get("start"),
        "type": StatementType.DECISION if node.flag("MedEndring") else None,
        "author": _acting(roles, "R"),
        "signed": whole.signed,
        "note": joined(said.get("note"), *map(_question, node.all("Sporsmal"))),
    }
    stop = node.one("Seponering")
    if stop is not None:
        told.update(read_seponering(stop, whole.as_of, changed))
        told["author"] = _acting(roles, "S") or told["author"]
    others = _others(roles, told["author"])
    why = stop_reason_to_keep(stop) if stop else ()
    told["codes"] = (*said.get("codes", ()), *_kept(node), *others, *why, *whole.packing)
    packed = _packed(node, told, whole)
    return [stated(told, source=whole.source, kind=whole.kind, place=node.place), *packed]


def _kept(node: Node) -> list[Code]:
    """The kind of prescription (7491: E, P, U or F), verbatim, where it is not in the registry; what has no field."""
    kind = node.code("Type")
    kept = [kind] if kind and kind.value != "E" else []
    for question in node.all("Sporsmal"):
        kept += (replace(c, system=f"Sporsmal/{c.system}") for c in rest_of(question, "Kode", "Merknad", "Svar"))
    for roll in node.all("SisteUtlevering"):
        kept += (
            replace(c, system=f"SisteUtlevering/{c.system}") for c in rest_of(roll, "DatoSisteDose", "UtleveringB64")
        )
    return [*kept, *rest_of(node, *_TOLD)]


def _acting(roles: list[Actor], role: str) -> Actor | None:
    """Who has this role towards the line: a person before a unit, the first where there are several."""
    held = [r for r in roles if r.role == role]
    return held[0] if len(held) == 1 else next((r for r in held if r.hpr), held[0] if held else None)


def _others(roles: list[Actor], author: Actor | None) -> list[Code]:
    """Roles towards the line beside the author's, by number and name: who prescribed what another has stopped, too."""
    return [Code(r.hpr or r.her_id, f"Rolle {r.role}", r.name or r.organisation) for r in roles if r != author]


def _question(node: Node) -> str | None:
    """A pharmacy's or doctor's question on a line with its answer: shown, never judged."""
    answer = node.one("Svar")
    asked = " ".join(filter(None, (node.dn("Kode"), node.words("Merknad"))))
    replied = " ".join(filter(None, (answer.dn("Kode"), answer.words("Merknad")))) if answer else ""
    return f"{asked} - {replied}" if replied else asked or None


def _packed(node: Node, told: Said, whole: _List) -> list[Statement]:
    """What M25.3 says of packing: the dates go into the line, each dispensing becomes a statement of its own.

    Of a roll `start` is its first dose; since when the medicine is used stands beside it.
    """
    told["in_multidose"] = node.flag("InngarMultidose")
    if whole.kind is not Kind.MULTIDOSE:
        return []
    told["type"] = told["type"] if told["status"] is SaidStatus.STOPPED else StatementType.COPY
    rolls = node.all("SisteUtlevering")
    first = [d for r in rolls if (d := r.day("DatoForsteDose", required=True))]
    last = [d for r in rolls if (d := r.day("DatoSisteDose", required=True))]
    given = [s for r in rolls if (s := _roll(r, told, whole))]
    handed_out = [s.last_dispensed for s in given if s.last_dispensed]
    if rolls:
        told["packed"] = max(handed_out, default=day_of(whole.as_of) if whole.as_of else None)
        used_since = told["start"]
        told["codes"] = (*told["codes"], *([Code(used_since.isoformat(), "DatoOppstart")] if used_since else ()))
        told["start"] = min(first, default=used_since)
    following = [d for d in [whole.next_roll] if d and d > max(first, default=date.min)]
    told["next_roll"] = following[0] if following else day_after(max(last)) if last else None
    return given


def _roll(node: Node, told: Said, whole: _List) -> Statement | None:
    """The dispensing behind one roll, where it is carried along."""
    content = node.one("UtleveringB64")
    if content is None or not content.own_text.strip():
        return None
    root = content.doc.inside(content).root
    if root.name != UTLEVERING_ROOT:
        root.doc.unread.append(Unread(root.place, f"{root.name} where a dispensing was expected"))
        return None
    return replace(read_utlevering(root, source=whole.source), treatment_id=told.get("treatment_id"))


@by_content
def _role(node: Node) -> Actor:
    """A role (7490) towards the patient or the line: a health worker by HPR number, or a unit by HER-id."""
    person, unit = node.one("Helseperson"), node.one("Organisasjon")
    role = node.v("Rolle")
    if person is not None:
        ident = person.one("HprId")
        name = " ".join(filter(None, (person.text("Fornavn"), person.text("Etternavn"))))
        return Actor(name=name, hpr=read_ident(ident).value if ident else "", role=role)
    if unit is not None:
        ident = unit.one("HerId")
        where = ", ".join(filter(None, (unit.text("Inst"), unit.text("Dept"))))
        return Actor(organisation=where, her_id=read_ident(ident).value if ident else "", role=role)
    return Actor(role=role)


def _allergy(node: Node, source: Source) -> Allergy:
    """A drug reaction (ki 2013-04-25): to an ATC group, to named substances, or to a product."""
    drug = node.one("Legemiddelreaksjon")
    substances = tuple(filter(None, (n.own_text.strip() for n in drug.all("Virkestoff")))) if drug else ()
    atc = drug.code("Atc") if drug else None
    product = drug.text("Varenavn") if drug else None
    text = ", ".join(substances) or product or (atc.text or atc.value if atc else "") or node.words("Kommentar") or ""
    return Allergy(
        source=source,
        text=text,
        atc=AtcCode.read(atc.value) if atc else None,
        substances=substances,
        reaction=joined(node.dn("Reaksjon") or None, node.words("Kommentar")),
        certainty=node.dn("Kilde") or None,
        codes=((atc,) if atc else ()) + ((*drug.beside("Atc"), *rest_of(drug, "Atc", "Virkestoff")) if drug else ()),
        refuted=node.flag("Avkreftet") is True,
        recorded=node.day("Oppdatert"),
        place=node.place,
    )


def _extended(statements: list[Statement], bodies: list[Node]) -> list[Statement]:
    """Lines with what a further document `LegemidlerIbrukUtvidelse` adds to them by their id."""
    for body in bodies:
        if (body.ns, body.name) != (EXTENSION, "LegemidlerIbrukUtvidelse"):
            continue
        for kid in body.kids():
            about = kid.text("EnkeltoppforingLIB_ref")
            at = next((i for i, s in enumerate(statements) if about and s.treatment_id == about), None)
            added = _addition(kid, statements[at]) if at is not None else None
            if at is None or added is None:
                words = spelled(rest_of(kid))
                kid.doc.unread.append(Unread(kid.place, "extension", f"{kid.name}: {words}" if words else kid.name))
            else:
                statements[at] = added
    return statements


def _addition(node: Node, line: Statement) -> Statement | None:
    """The line with one addition; `None` where the addition is of another kind."""
    told: tuple[str, ...] = ("Merknad",)
    further: tuple[Code, ...] = ()
    if node.name == "Dosering":
        intake = tuple(c for n in node.all("ForholdsregelInntak") if (c := n.as_code()))
        said = node.words("Doseringstekst")
        other = said if line.dose_text and said != line.dose_text else None
        note = joined(line.note, node.words("Tilleggstekst"), other)
        told, further = ("ForholdsregelInntak", "Doseringstekst", "Tilleggstekst"), intake
        line = replace(line, dose_text=line.dose_text or said, note=note)
    elif node.name == "KommentarBehandling":
        line = replace(line, note=joined(line.note, node.words("Merknad")))
    elif node.name == "MedisinskEndring":
        words = [c.text or c.value for n in node.all("Kode") if (c := n.as_code())]
        told = ("Kode", "Merknad")
        reason = joined(line.reason, node.words("Merknad"))
        line = replace(line, type=StatementType.DECISION, change=", ".join(words) or line.change, reason=reason)
    else:
        return None
    rest = (replace(c, system=f"{node.name}/{c.system}") for c in rest_of(node, "EnkeltoppforingLIB_ref", *told))
    return replace(line, codes=(*line.codes, *further, *rest))


CODECS: Codecs = {
    (KITH + "m251/2013-10-08", "LegemidlerIBruk"): read_as_sent,
    (KITH + "m252/2013-10-08", "LegemidlerIBruk"): read_as_sent,
    (KITH + "m253/2013-10-08", "LegemidlerIBruk"): read_as_sent,
    (KITH + "m254/2013-10-08", "LegemidlerIBruk"): read_as_sent,
    (KITH + "m25/2013-10-08", "LegemidlerIBruk"): read_as_sent,
}
