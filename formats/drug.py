"""What a code stands for. One type per code system: an ATC code can't be passed where a FEST id is due.

`Catalogue` is a read-only index over `Drug`s, filled from FEST (or the demo's small one).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


class AtcCode(str):
    """A WHO ATC code or group, level 1-5 (`C`, `C03`, `C03C`, `C03CA`, `C03CA01`)."""

    __slots__ = ()
    _SHAPE = re.compile(
        r"""
        [A-Z]               # anatomical main group
        (?: \d{2}           # therapeutic subgroup
        (?: [A-Z]           # pharmacological subgroup
        (?: [A-Z]           # chemical subgroup
        (?: \d{2} )? )? )? )?   # substance
        """,
        re.VERBOSE,
    )

    @classmethod
    def read(cls, text: str | None) -> "AtcCode | None":
        """The code in `text`, or `None` if it has not the shape of one ("WITHOUT", "ZV80AA", empty)."""
        compact = (text or "").strip().upper()
        return cls(compact) if compact and cls._SHAPE.fullmatch(compact) else None

    @property
    def is_substance(self) -> bool:
        """True for a level 5 code (seven characters)."""
        return len(self) == 7  # noqa: PLR2004 - the length of a level 5 code


class Varenr(str):
    """A Norwegian package number: six digits, leading zeros kept."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str | None) -> "Varenr | None":
        """The number in `text`, or `None` if it is not one to six digits."""
        compact = (text or "").strip()
        return cls(compact.zfill(6)) if compact.isdecimal() and len(compact) <= 6 else None  # noqa: PLR2004 - its digits


class FestId(str):
    """A FEST id: `ID_` and an upper-case GUID. A bare GUID (LMDI, March 2025) is normalised."""

    __slots__ = ()
    _GUID = re.compile(r"(?:ID_)?([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})")

    @classmethod
    def read(cls, text: str | None) -> "FestId | None":
        """The id in `text`, or `None` if it holds no GUID."""
        hit = cls._GUID.fullmatch((text or "").strip().upper())
        return cls(f"ID_{hit[1]}") if hit else None


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount with its unit as a canonical text (`mg`, `mikrog`, `g`, `E`, `ml`, `mg/ml`, `E/ml` ...)."""

    value: Decimal
    unit: str


class DrugLevel(StrEnum):
    """Which FEST level a `Drug` is of."""

    PACKAGE = "pakning"
    BRAND = "merkevare"
    SUBSTANCE = "virkestoff"


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a 7448 form code means for matching: `?` where unknown, never "plain" by guess."""

    group: str
    route: str
    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """One FEST entry.

    `substances` are parent substances (salt and ester taken off by FEST's own parent link), Norwegian names, lower
    case, in FEST's order; `strengths` stand beside them, one each, per dosing unit, where FEST gives them.
    `route` and `release` follow rules.md items 6 and 7 (oral, inhaled ...; plain, prolonged, patch ...).
    `exchange_limited`: FEST marks the substitution group with limited exchange. `divisible`: code list 7472
    (1: can't be divided; 0: not specified). `withdrawn`: the day from which the entry is gone.
    """

    level: DrugLevel
    id: FestId | None = None
    varenr: Varenr | None = None
    brand_id: FestId | None = None
    name: str = ""
    brand: str = ""
    manufacturer: str = ""
    atc: AtcCode | None = None
    atc_name: str = ""
    substances: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()
    strengths: tuple[Quantity, ...] = ()
    form_code: str = ""
    form_text: str = ""
    form_group: str = "?"
    route: str = "?"
    release: str = "?"
    dosing_unit: str = ""
    substitution_group: str = ""
    exchange_limited: bool = False
    prescription_group: str = ""
    divisible: str = "0"
    withdrawn: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A FEST interaction between two groups of ATC codes (any level) or substance names; `relevance` 1 is worst."""

    id: str
    relevance: int
    group_a: tuple[str, ...]
    group_b: tuple[str, ...]
    situation: str = ""
    consequence: str = ""
    handling: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A read-only index over `Drug`s: look up by package number, FEST id, brand id, ATC, exact normalised name.

    `version` says which catalogue it is ("FEST 2026-09-08", "medrec demo catalogue 1"); lists name it.
    """

    version: str = "none"
    by_varenr: Mapping[Varenr, Drug] = field(default_factory=dict)
    by_id: Mapping[FestId, Drug] = field(default_factory=dict)
    by_atc: Mapping[AtcCode, tuple[Drug, ...]] = field(default_factory=dict)
    by_name: Mapping[str, tuple[Drug, ...]] = field(default_factory=dict)
    interactions: tuple[Interaction, ...] = ()
    not_assessed: frozenset[str] = frozenset()
    short_doses: Mapping[str, str] = field(default_factory=dict)

    def drug(self, varenr: Varenr | None, fest_id: FestId | None) -> Drug | None:
        """The drug an exact code names, or `None`."""
        hit = self.by_varenr.get(varenr) if varenr else None
        return hit or (self.by_id.get(fest_id) if fest_id else None)


def catalogue_of(
    drugs: Iterable[Drug],
    version: str,
    interactions: Iterable[Interaction] = (),
    not_assessed: Iterable[str] = (),
    short_doses: Mapping[str, str] | None = None,
) -> Catalogue:
    """Index `drugs`. The same code twice keeps the first that is not withdrawn."""
    by_varenr: dict[Varenr, Drug] = {}
    by_id: dict[FestId, Drug] = {}
    by_atc: dict[AtcCode, list[Drug]] = {}
    by_name: dict[str, list[Drug]] = {}
    for drug in drugs:
        if drug.varenr and _fresher(drug, by_varenr.get(drug.varenr)):
            by_varenr[drug.varenr] = drug
        if drug.id and _fresher(drug, by_id.get(drug.id)):
            by_id[drug.id] = drug
        if drug.atc:
            by_atc.setdefault(drug.atc, []).append(drug)
        for name in {drug.name, drug.brand, *(drug.substances if len(drug.substances) == 1 else ())} - {""}:
            by_name.setdefault(folded(name), []).append(drug)
    return Catalogue(
        version=version,
        by_varenr=by_varenr,
        by_id=by_id,
        by_atc={k: tuple(v) for k, v in by_atc.items()},
        by_name={k: tuple(v) for k, v in by_name.items()},
        interactions=tuple(interactions),
        not_assessed=frozenset(not_assessed),
        short_doses=dict(short_doses or {}),
    )


def _fresher(new: Drug, old: Drug | None) -> bool:
    return old is None or (old.withdrawn is not None and new.withdrawn is None)


def folded(name: str) -> str:
    """Case and white space folded away, nothing else: two names are the same only if this is equal."""
    return " ".join(name.casefold().split())


_UNIT_WORDS = {
    "mg": "mg",
    "milligram": "mg",
    "g": "g",
    "gram": "g",
    "ug": "mikrog",
    "µg": "mikrog",
    "μg": "mikrog",
    "mcg": "mikrog",
    "mikrog": "mikrog",
    "mikrogram": "mikrog",
    "e": "E",
    "ie": "E",
    "iu": "E",
    "enheter": "E",
    "mmol": "mmol",
    "ml": "ml",
    "mill ie": "mill E",
    "mill e": "mill E",
    "%": "%",
}
_HOURS = frozenset({"t", "h", "time", "timer"})
_NUMBER = r"(?:\d{1,3}(?:[ \u00a0]\d{3})+|\d+)(?:[.,]\d+)?"
_UNIT = r"mikrogram|milligram|mikrog|enheter|mill\ ie|mill\ e|mmol|mcg|mg|ug|µg|μg|gram|ie|iu|g|e"


_STRENGTH = re.compile(
    rf"""
    (?P<values> {_NUMBER} \s* (?:{_UNIT}|%)? (?: \s*/\s* {_NUMBER} \s* (?:{_UNIT})? )*? )
    (?: \s*/\s* (?P<of> {_NUMBER} )? \s* (?P<per> ml | g | dose | t(?:imer?)? | h | døgn ) )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNSAFE = re.compile(r"[1-9]\d*\.\d{3}(?!\d)")


def canonical_unit(text: str) -> str:
    """The canonical word for a unit ("IE" -> "E", "µg" -> "mikrog"); a unit not known stays as said."""
    compact = " ".join(text.split())
    return _UNIT_WORDS.get(compact.casefold(), compact)


def read_strength(text: str | None) -> tuple[Quantity, ...]:
    """The strength(s) in `text`, which must hold nothing else: "2,5 mg", "16/12.5 mg", "400 mg/30 mg", "100 E/ml".

    Returns one quantity for each substance, unit canonical, "/ml" and the like kept in the unit ("50 mg/5 ml" is 10
    mg/ml); empty when `text` is not exactly a strength. Commas and full stops are decimal marks and a space groups
    thousands; "1.000 mg" can be a gram or a milligram and is not read.
    """
    compact = (text or "").strip()
    hit = _STRENGTH.fullmatch(compact)
    if not hit or _UNSAFE.search(compact):
        return ()
    parts = [re.fullmatch(r"\s*([\d.,\s]*\d)\s*(.*?)\s*", part) for part in hit["values"].split("/")]
    units = [_UNIT_WORDS.get(p[2].casefold(), "") for p in parts if p]
    last = next((u for u in reversed(units) if u), "")
    if not last or len(units) != len(parts):
        return ()
    per, share = _per(hit["per"], hit["of"])
    said = [_number(p[1]) for p in parts if p]
    values = [v / share for v in said] if share else []
    if [v * share for v in values] != said:  # a third has no exact decimal
        return ()
    return tuple(Quantity(v, (unit or last) + per) for v, unit in zip(values, units, strict=True))


def _per(word: str | None, of: str | None) -> tuple[str, Decimal]:
    """What a strength is told per, and what divides it: hours are told ("mg/24 timer") and divide nothing."""
    word = (word or "").casefold()
    if word == "døgn" and not of:
        return "/24 timer", Decimal(1)
    if word in _HOURS:
        return (f"/{of} timer" if of else "/time"), Decimal(1)
    return (f"/{word}" if word else ""), _number(of or "1")


@lru_cache(maxsize=4096)  # the same few thousand product names come again and again
def strength_at_end(name: str) -> tuple[str, tuple[Quantity, ...]]:
    """The longest end of a product's name that is nothing but a strength, as text and read; ("", ()) where none is."""
    words = name.split()
    for at, word in enumerate(words):
        if word[0].isdigit():
            strength = " ".join(words[at:])
            found = read_strength(strength)
            if found:
                return strength, found
    return "", ()


def _number(text: str) -> Decimal:
    return Decimal(re.sub(r"\s", "", text).replace(",", "."))


def form_facts(code: str) -> FormFacts:
    """Form group, route group and release class of a 7448 form code; `?` in all three for an unknown code."""
    from formats import forms  # noqa: PLC0415 - the table's room needs this one first

    return forms.form_facts(code)


def form_facts_by_name(text: str | None) -> FormFacts:
    """The same for form words in a name ("depottabl", "tab", "inj oppl"): whole words only, `?` where none says it."""
    from formats import forms  # noqa: PLC0415 - the table's room needs this one first

    return forms.form_facts_by_name(text)


def forms_written_out() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Short forms and plurals of dosage forms, in words, case folded -> the words of list 7448's own name of it."""
    from formats import forms  # noqa: PLC0415 - the table's room needs this one first

    return forms.written_out()
