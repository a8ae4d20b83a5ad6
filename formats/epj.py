"""Parts of the EPJ standard shared by GP and municipal care messages: Legemiddelinfo, Cave and journal notes.

Sources: EPJ-legemiddel-mv.xsd, EPJ-cave-mv.xsd, EPJ-journalnotat-mv.xsd (2008-02-20), HIS 1150. The schema asks that
such information is judged by a doctor before use: each reading with medicines carries that as a standing caveat.
Only `Navn` is sure to be there; strengths and forms are kept as said.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from formats.drug import AtcCode, Varenr, read_strength
from formats.eresept.rest import rest_of
from formats.errors import ErrorCode, FormatError
from formats.msghead import FK1, person_name, read_identifiers
from formats.node import Node
from formats.statement import (
    Actor,
    Allergy,
    AsideReason,
    Code,
    Gap,
    GapCode,
    Kind,
    SaidStatus,
    Source,
    Statement,
    StatementType,
    Unread,
    Use,
)

EPJ1 = "http://www.kith.no/xmlstds/epj/epj1/2008-02-20"
EPJ2 = "http://www.kith.no/xmlstds/epj/epj2/2008-02-20"
EPJ3 = "http://www.kith.no/xmlstds/epj/epj3/2008-02-20"

MEDICINES = ((EPJ3, "Legemiddelinfo"), (EPJ3, "LegemidlerAdministrertVedOverforing"))

CAVEAT = "Opplysningene skal vurderes av lege før de brukes."

Said = TypeVar("Said", Statement, Allergy)

_USE = {"1": Use.FIXED, "2": Use.COURSE, "3": Use.PRN}  # code list 9101
_DISCONTINUED = "2"  # code list 9104
_IN_MULTIDOSE = {"1": False, "2": True}  # code list 9103: 1 is no
_WORDS = {
    "Bruk": {"1": "fast", "2": "kur", "3": "ved behov"},
    "InngaarIMultidose": {"1": "nei", "2": "ja"},
}
"""The words of codes that have a field; said in other words, maybe meaning the opposite, the code is kept as well."""
_YES = "1"  # code list 1101
_LINE = ("StatusTilForskrivningen", "InngaarIMultidose", "ReseptId", "Merknad", "Forskriver", "Forskrivningsinfo")
_DRUG = (
    "BruksomradeTekst", "DosVeiledEnkel", "Nr", "Navn", "GeneriskNavn", "Atc", "Legemiddelform", "Styrke", "Bruk",
    "DoseringStarttidspunkt", "DoseringSluttidspunkt", "SkalIkkeTasSammenMedAnnetLegemiddel",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the message around an element says of it: who speaks, as which kind, when, and how it counts."""

    source: Source
    kind: Kind
    recorded: date | None
    dated_by_envelope: bool = False
    decided: date | None = None
    copies: bool = False
    reported_by: Actor | None = None
    administered_by: str | None = None
    aside: AsideReason | None = None


def descendants(node: Node, *tags: tuple[str, str]) -> Iterator[Node]:
    """The outermost elements below `node` with one of these (namespace, name), in document order."""
    return node.below(*(f"{{{ns}}}{name}" for ns, name in tags))


def medicines(body: Node, told: Told) -> list[Statement]:
    """All medicines below `body`: the list's lines, and single doses set aside.

    A line that cannot be understood is kept as unread; the others are read.
    """
    found: list[Statement] = []
    for element in descendants(body, *MEDICINES):
        if element.name == "Legemiddelinfo":
            found += _understood(element, prescribed, told)
            continue
        for event in element.kids():
            found += _understood(event, administered, replace(told, kind=Kind.ORDER))
    return found


def _understood(element: Node, reader: Callable[[Node, Told], Said], told: Told) -> list[Said]:
    """What `reader` makes of the element; nothing, and a note that it is there, where it refuses."""
    try:
        return [reader(element, told)]
    except FormatError as refusal:
        words = " ".join(element.own_text.split())
        element.doc.unread.append(Unread(element.place, f"{refusal.code}: {refusal.place}", words))
        return []


def prescribed(info: Node, told: Told) -> Statement:
    """The statement of one Legemiddelinfo. Its status is active unless list 9104 says it is discontinued."""
    line = info.need("ForenkletForskrivning")
    status, multidose, prescriber = (
        line.code("StatusTilForskrivningen"),
        line.code("InngaarIMultidose"),
        line.one("Forskriver"),
    )
    stopped = status is not None and status.value == _DISCONTINUED
    in_multidose = _IN_MULTIDOSE.get(multidose.value) if multidose else None
    drug = _drug(line.need("Forskrivningsinfo"), told)
    kept = (status, None if _plain("InngaarIMultidose", multidose) else multidose)
    return replace(
        drug,
        type=StatementType.COPY if told.copies else StatementType.DECISION if stopped else None,
        status=SaidStatus.STOPPED if stopped else SaidStatus.ACTIVE,
        in_multidose=in_multidose,
        prescription_id=line.text("ReseptId"),
        note=line.words("Merknad"),
        author=worker(prescriber) if prescriber else None,
        codes=(*drug.codes, *(c for c in kept if c), *rest_of(line, *_LINE), *rest_of(info, "ForenkletForskrivning")),
        place=info.place,
    )


def administered(event: Node, told: Told) -> Statement:
    """A single dose given (or handed over) around a transfer: kept, but not part of what is taken at home."""
    info, given_by = event.one("Forskrivningsinfo"), event.one("AdministrertAv")
    plain = Told(source=told.source, kind=told.kind, recorded=event.day("AdmStart"), aside=AsideReason.NOT_HOME)
    drug = _drug(info, plain) if info else _without_drug(plain)
    kept = (event.code("AdmStatus"), _amount(event, "AdmEnkeltdose"))
    further = rest_of(event, "AdmStart", "AdministrertAv", "Forskrivningsinfo", "AdmStatus", "AdmEnkeltdose")
    return replace(
        drug,
        type=StatementType.COPY,
        author=worker(given_by) if given_by else None,
        codes=(*drug.codes, *(c for c in kept if c), *further),
        place=event.place,
    )


def _without_drug(told: Told) -> Statement:
    return Statement(
        source=told.source,
        kind=told.kind,
        decided=told.decided,
        recorded=told.recorded,
        dated_by_envelope=told.dated_by_envelope,
        reported_by=told.reported_by,
        administered_by=told.administered_by,
        aside=told.aside,
    )


def _drug(info: Node, told: Told) -> Statement:
    """What a Forskrivningsinfo says. A code that is not of its list is kept among `codes`."""
    use, number, atc = info.code("Bruk"), info.text("Nr"), info.code("Atc")
    form, generic = info.code("Legemiddelform"), info.text("GeneriskNavn")
    varenr, atc_code = Varenr.read(number), AtcCode.read("".join(atc.value.split())) if atc else None
    strength, name = _amount(info, "Styrke"), info.words("Navn") or generic
    if not (name or atc or number):
        raise FormatError(ErrorCode.MISSING, f"{info.path}/Navn")
    kept = (
        None if _plain("Bruk", use) else use,
        Code(number, "Nr") if number and not varenr else None,
        None if atc is None or (atc.value == atc_code and atc.text.upper() in {"", "ATC", atc_code}) else atc,
        Code(generic, "GeneriskNavn") if generic else None,
        Code("true", "SkalIkkeTasSammenMedAnnetLegemiddel")
        if info.flag("SkalIkkeTasSammenMedAnnetLegemiddel")
        else None,
    )
    return replace(
        _without_drug(told),
        name=name or "",
        atc=atc_code,
        varenr=varenr,
        form=(form.text or None) if form else None,
        form_code=(form.value or None) if form else None,
        strength=strength.value if strength else None,
        unit_strengths=read_strength(strength.value) if strength else (),
        dose_text=info.words("DosVeiledEnkel"),
        use=_USE.get(use.value) if use else None,
        start=info.day("DoseringStarttidspunkt"),
        end=info.day("DoseringSluttidspunkt"),
        indication=info.words("BruksomradeTekst"),
        codes=(*(c for c in kept if c), *rest_of(info, *_DRUG)),
    )


def _plain(name: str, code: Code | None) -> bool:
    """Whether the code's field says all that the code says."""
    return code is not None and code.text.lower() in {"", _WORDS[name].get(code.value)} and code.value in _WORDS[name]


def _amount(node: Node, name: str) -> Code | None:
    """A PQ as said, value and unit unchanged: "2.5 mg"."""
    said = node.one(name)
    text = f"{said.attr('V')} {said.attr('U')}".strip() if said else ""
    return Code(text, name) if text else None


def worker(node: Node) -> Actor:
    """A felleskomponent1 HealthcareProfessional."""
    idents = {i.type: i.value for i in read_identifiers(node)}
    family = node.text("FamilyName", FK1) or node.text("FamilyName")
    given = node.text("GivenName", FK1) or node.text("GivenName")
    name = " ".join(n for n in (given, node.text("MiddleName", FK1), family) if n) or person_name(node)
    role = node.v("RoleToPatient", FK1) or node.v("RoleToPatient")
    return Actor(name=name, hpr=idents.get("HPR", ""), her_id=idents.get("HER", ""), role=role, phone=_phone(node))


def _phone(node: Node) -> str:
    for telecom in node.all("TeleCom", FK1) or node.all("TeleCom"):
        said = telecom.v("TeleAddress", FK1) or telecom.v("TeleAddress")
        if said.startswith("tel:"):
            return said.removeprefix("tel:")
    return ""


def allergies(cave: Node, told: Told) -> Iterator[Allergy]:
    """What a Cave (or a single Allerginotat) says: each keyword, each allergy."""
    for keyword in descendants(cave, (EPJ1, "StikkordCave")):
        note = keyword.one("Journaltekst", EPJ2)
        yield Allergy(
            source=told.source,
            text=keyword.words("CaveStikkord") or "",
            reaction=_note(note) if note else None,
            recorded=told.recorded,
            author=told.reported_by,
            place=keyword.place,
        )
    notes = [cave] if cave.name == "Allerginotat" else cave.all("Allerginotat")
    for note in notes:
        yield from _understood(note, _allergy, told)


def _allergy(note: Node, told: Told) -> Allergy:
    said = note.need("Allergi")
    code = said.code("VirkestoffLegemiddel")
    atc = AtcCode.read(code.value if code else None)
    texts = [_note(t) for t in note.all("Journaltekst", EPJ2)]
    anaphylactic = said.code("AnafylaktiskeReaksjoner")
    if anaphylactic and anaphylactic.value == _YES:
        texts.append("Anafylaktisk reaksjon")
    return Allergy(
        source=told.source,
        text=said.words("AllergiskMot") or "",
        atc=atc,
        substances=(code.text or code.value,) if code and not atc else (),
        reaction="; ".join(t for t in texts if t) or None,
        codes=(
            *((code,) if code else ()),
            *said.beside("VirkestoffLegemiddel"),
            *rest_of(said, "AllergiskMot", "VirkestoffLegemiddel"),
        ),
        recorded=told.recorded,
        author=told.reported_by,
        place=note.place,
    )


def _note(text: Node) -> str:
    """A note under its heading."""
    words = ". ".join(t for t in (text.text("Notat"), text.text("Merknad")) if t)
    return ": ".join(w for w in (text.dn("Overskriftskode"), words) if w)


def notes(node: Node) -> Iterator[Unread]:
    """Free text of the journal: shown, not interpreted. Notes inside an allergy belong to the allergy."""
    for kid in descendants(node, (EPJ2, "Journaltekst"), (EPJ1, "Cave"), (EPJ1, "Allerginotat")):
        if kid.ns == EPJ2:
            yield Unread(kid.place, "note", _note(kid))


def caveat(source: Source, node: Node) -> Gap:
    """The schema's own reservation about reported medicines; it limits nothing."""
    return Gap(source, GapCode.STANDING_CAVEAT, CAVEAT, node.place)
