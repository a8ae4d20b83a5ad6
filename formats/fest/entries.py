"""One FEST entry at a time: an `Oppf*` element in, a small record out. Nothing is joined here.

Element names and their order are those of M30 and Forskrivning, 2014-12-01 and 2013-10-08. The payload's own inner
`Id` is the one other entries refer to. `V` of a PQ has a full stop, names have the Norwegian comma. Texts are interned:
the same ids, names and codes stand in thousands of entries, and all entries are held until their references are known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from sys import intern

from lxml.etree import _Element as Element  # the type; lxml gives it no public name

from formats.drug import Interaction, Quantity, canonical_unit

Fields = dict[str, list[Element]]


@dataclass(frozen=True, slots=True)
class Product:
    """What brand, package, substance level and dose share (typeLegemiddel), with the references not yet followed."""

    id: str
    name: str
    atc: str = ""
    atc_name: str = ""
    form_code: str = ""
    form_text: str = ""
    prescription_group: str = ""
    group: str = ""
    group_until: str = ""
    dosing_unit: str = ""
    divisible: str = "0"
    brand: str = ""
    manufacturer: str = ""
    contents: tuple[tuple[int, str, bool], ...] = ()
    """(order, id, whether the id names a substance with strength), as FEST sorts them."""
    brands: tuple[str, ...] = ()
    varenr: str = ""
    varenr_before: str = ""
    withdrawn: date | None = None


@dataclass(frozen=True, slots=True)
class Substance:
    """A `Virkestoff`. `salts`: ids of the salts and esters it is the parent (moder) of.

    The link stands on the parent and points at its salts (seen in each of FEST's own entries).
    """

    id: str
    name: str
    english: str = ""
    salts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubstanceStrength:
    """A `VirkestoffMedStyrke`: the substance it refers to and its strength, `None` where that is not a number."""

    id: str
    substance: str
    strength: Quantity | None


@dataclass(frozen=True, slots=True)
class SubstitutionGroup:
    """A `Byttegruppe`. `limited`: MerknadTilByttbarhet, exchange only after the prescriber's approval."""

    id: str
    code: str
    name: str
    limited: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """An ATC code whose interactions nobody has assessed: no hit must not read as safe."""

    atc: str


@dataclass(frozen=True, slots=True)
class Consumption:
    """One step of a structured short dose: `amount` in all over `period` (ISO 8601); `times` `None`: for ever."""

    order: int
    amount: Decimal
    period: str
    times: int | None = None


@dataclass(frozen=True, slots=True)
class ShortDose:
    """A code of list 7478: short form ("1x2"), sentence with `<dose>` to fill in, and consumption where structured."""

    code: str
    short: str
    sentence: str = ""
    consumption: tuple[Consumption, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """A `VarselSlv`: a notice from the agency about the entries in `about`."""

    id: str
    kind: str
    heading: str
    text: str
    since: str
    about: tuple[str, ...]


Record = Product | Substance | SubstanceStrength | SubstitutionGroup | Interaction | NotAssessed | ShortDose | Warned


def local(element: Element) -> str:
    """The local name of an element."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element) -> Fields:
    """One pass over the children: local name -> elements in order."""
    fields: Fields = {}
    for child in element:
        name = _local_names(child.tag)  # type: ignore[arg-type]  # comments and instructions are stripped: a str
        found = fields.get(name)
        if found is None:
            fields[name] = [child]
        else:
            found.append(child)
    return fields


@lru_cache(maxsize=1024)
def _local_names(tag: str) -> str:
    return intern(tag.rpartition("}")[2])


def _text(fields: Fields, name: str) -> str:
    found = fields.get(name)
    return intern((found[0].text or "").strip()) if found else ""


def _attribute(fields: Fields, name: str, attribute: str = "V") -> str:
    found = fields.get(name)
    return intern((found[0].get(attribute) or "").strip()) if found else ""


def _inner(fields: Fields, name: str) -> Fields:
    found = fields.get(name)
    return children(found[0]) if found else {}


def product(payload: Element) -> Product:
    """LegemiddelMerkevare, Legemiddelpakning, LegemiddelVirkestoff or Legemiddeldose."""
    fields = children(payload)
    given = _inner(fields, "AdministreringLegemiddel")
    group = _inner(fields, "PakningByttegruppe")
    market = _inner(fields, "Markedsforingsinfo")
    return Product(
        id=_text(fields, "Id"),
        name=_text(fields, "NavnFormStyrke"),
        atc=_attribute(fields, "Atc"),
        atc_name=_attribute(fields, "Atc", "DN"),
        form_code=_attribute(fields, "LegemiddelformKort"),
        form_text=_attribute(fields, "LegemiddelformKort", "DN"),
        prescription_group=_attribute(fields, "Reseptgruppe"),
        group=_text(group, "RefByttegruppe"),
        group_until=_text(group, "GyldigTilDato"),
        dosing_unit=_attribute(given, "EnhetDosering", "DN"),
        divisible=_attribute(given, "Deling") or "0",
        brand=_text(fields, "Varenavn"),
        manufacturer=_text(_inner(fields, "ProduktInfo"), "Produsent"),
        contents=_contents(fields),
        brands=_brands(fields),
        varenr=_text(fields, "Varenr"),
        varenr_before=_text(market, "VarenrUtgaende"),
        withdrawn=day(_text(market, "AvregDato")),
    )


def _contents(fields: Fields) -> tuple[tuple[int, str, bool], ...]:
    found: list[tuple[int, str, bool]] = []
    for name, reference, with_strength in (
        ("SortertVirkestoffMedStyrke", "RefVirkestoffMedStyrke", True),
        ("SortertVirkestoffUtenStyrke", "RefVirkestoff", False),
    ):
        for element in fields.get(name, ()):
            inner = children(element)
            order = _text(inner, "Sortering")
            found.append((int(order) if order.isdigit() else len(found), _text(inner, reference), with_strength))
    return tuple(sorted(found, key=lambda row: row[0]))


def _brands(fields: Fields) -> tuple[str, ...]:
    direct = [(e.text or "").strip() for e in fields.get("RefLegemiddelMerkevare", ())]
    packed = [_text(children(e), "RefLegemiddelMerkevare") for e in fields.get("Pakningsinfo", ())]
    return tuple(dict.fromkeys(ref for ref in direct + packed if ref))


def substance(payload: Element) -> Substance:
    """Virkestoff."""
    fields = children(payload)
    salts = tuple((e.text or "").strip() for e in fields.get("RefVirkestoff", ()))
    return Substance(_text(fields, "Id"), _text(fields, "Navn"), _text(fields, "NavnEngelsk"), salts)


def substance_strength(payload: Element) -> SubstanceStrength:
    """VirkestoffMedStyrke."""
    fields = children(payload)
    found = strength(
        _attribute(fields, "Styrke"),
        _attribute(fields, "Styrke", "U"),
        _attribute(fields, "StyrkeNevner"),
        _attribute(fields, "StyrkeNevner", "U"),
    )
    return SubstanceStrength(_text(fields, "Id"), _text(fields, "RefVirkestoff"), found)


def strength(value: str, unit: str, per: str = "", per_unit: str = "") -> Quantity | None:
    """A strength in canonical form, `None` where a value is not a plain decimal number.

    100 E per 1 ml is 100 E/ml, 120 mg per 24 ml is 5 mg/ml; 25 mikrog per 24 timer keeps its period.
    """
    try:
        amount, whole = Decimal(value), Decimal(per or 1)
    except InvalidOperation:
        return None
    if not (amount.is_finite() and whole.is_finite() and whole > 0):
        return None
    if not per_unit:
        return Quantity(amount, canonical_unit(unit))
    if whole == 1:
        return Quantity(amount, f"{canonical_unit(unit)}/{per_unit}")
    shared = amount / whole
    if per_unit in {"ml", "g"} and shared * whole == amount and len(shared.as_tuple().digits) < _EXACT_DIGITS:
        return Quantity(shared, f"{canonical_unit(unit)}/{per_unit}")
    return Quantity(amount, f"{canonical_unit(unit)}/{per} {per_unit}")


_EXACT_DIGITS = 12
"""A quotient with more digits than this is no strength anybody prints; the fraction is kept as given."""


def substitution_group(payload: Element) -> SubstitutionGroup:
    """Byttegruppe."""
    fields = children(payload)
    return SubstitutionGroup(
        _text(fields, "Id"),
        _attribute(fields, "Kode"),
        _attribute(fields, "Kode", "DN"),
        _text(fields, "MerknadTilByttbarhet") in {"true", "1"},
        _text(fields, "BeskrivelseByttbarhet"),
    )


_WORST, _LEAST = 1, 3
"""List 7483: 1 should be avoided, 3 nothing needs to be done."""


def interactions(payload: Element) -> tuple[Interaction, ...]:
    """Interaksjon: one for each pair of its groups (FEST has two). ValueError for a relevance that is not 1, 2 or 3."""
    fields = children(payload)
    groups = [_members(group) for group in fields.get("Substansgruppe", ())]
    relevance = int(_attribute(fields, "Relevans"))
    if not _WORST <= relevance <= _LEAST:
        msg = "relevance outside list 7483"
        raise ValueError(msg)
    pairs = [(a, b) for i, a in enumerate(groups) for b in groups[i + 1 :]]
    return tuple(
        Interaction(
            id=_text(fields, "Id") + (f"/{number}" if number else ""),
            relevance=relevance,
            group_a=a,
            group_b=b,
            situation=_text(fields, "Situasjonskriterium"),
            consequence=_text(fields, "KliniskKonsekvens"),
            handling=_text(fields, "Handtering"),
        )
        for number, (a, b) in enumerate(pairs)
    )


def _members(group: Element) -> tuple[str, ...]:
    """ATC code of each substance in the group, or its name in lower case where FEST gives no code (perikum)."""
    found = []
    for member in children(group).get("Substans", ()):
        fields = children(member)
        found.append(_attribute(fields, "Atc") or _text(fields, "Substans").lower())
    return tuple(dict.fromkeys(found))


def not_assessed(payload: Element) -> NotAssessed:
    """InteraksjonIkkeVurdert."""
    return NotAssessed(_attribute(children(payload), "Atc"))


def structured_dose(payload: Element) -> ShortDose:
    """Kortdose of KatStrDosering."""
    fields = children(payload)
    return ShortDose(
        _attribute(fields, "Kortdose"),
        _attribute(fields, "Kortdose", "DN"),
        _text(fields, "BeskrivelseTerm"),
        tuple(_consumption(e) for e in fields.get("Legemiddelforbruk", ())),
    )


def _consumption(element: Element) -> Consumption:
    fields = children(element)
    times = _text(fields, "Iterasjoner")
    return Consumption(
        int(_text(fields, "Lopenr")),
        Decimal(_text(fields, "Mengde")),
        _text(fields, "Periode"),
        int(times) if times else None,
    )


SHORT_DOSES = "7478"


def short_doses(entry: Element) -> tuple[ShortDose, ...]:
    """The codes of list 7478 in an OppfKodeverk; nothing for other lists. Norwegian terms where a language is said."""
    fields = children(entry)
    if not _text(_inner(fields, "Info"), "Id").endswith(SHORT_DOSES):
        return ()
    found = []
    for element in fields.get("Element", ()):
        inner = children(element)
        terms = [children(t) for t in inner.get("Term", ())]
        ours = next((t for t in terms if _attribute(t, "Sprak").casefold() in {"", "no", "nb", "nob", "1"}), None)
        term = ours or (terms[0] if terms else {})
        found.append(ShortDose(_text(inner, "Kode"), _text(term, "Term"), _text(term, "BeskrivelseTerm")))
    return tuple(found)


def warned(payload: Element) -> Warned:
    """VarselSlv. The schema gives it no id of its own: the caller's entry id is put in its place."""
    fields = children(payload)
    about = tuple(
        (ref.text or "").strip()
        for e in fields.get("Referanseelement", ())
        for ref in children(e).get("RefElement", ())
    )
    return Warned(
        "",
        _attribute(fields, "Type", "DN"),
        _text(fields, "Overskrift"),
        _text(fields, "Varseltekst"),
        _text(fields, "FraDato"),
        about,
    )


def day(text: str) -> date | None:
    """The calendar day of an XML date or time, `None` when it holds none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


READERS: dict[str, Callable[[Element], "Record | tuple[Record, ...]"]] = {
    "LegemiddelMerkevare": product,
    "Legemiddelpakning": product,
    "LegemiddelVirkestoff": product,
    "Legemiddeldose": product,
    "Virkestoff": substance,
    "VirkestoffMedStyrke": substance_strength,
    "Byttegruppe": substitution_group,
    "Interaksjon": interactions,
    "InteraksjonIkkeVurdert": not_assessed,
    "Kortdose": structured_dose,
    "VarselSlv": warned,
}
"""Payload element -> its reader. OppfKodeverk has no payload of its own and is read whole (`short_doses`)."""
