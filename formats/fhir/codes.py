"""What the code systems of FHIR journals mean to us: one table, passed in, so that a site can name its own.

Sources: fhir.md 1.5 (two rival codings of FEST: SFM's one system, LMDI's system per level), 2 and 3 (Epic, Oracle
Health and others as recorded); SNOMED CT and UCUM codes as they stand in those recordings and the R4 examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from formats.drug import AtcCode, FestId, Varenr
from formats.statement import Code

T = TypeVar("T")

VOLVEN = "urn:oid:2.16.578.1.12.4.1.1."
_LMDI = "http://dmp.no/fhir/NamingSystem/"

_ROUTES: Mapping[str, tuple[str, ...]] = {
    "oral": ("53", "26643006", "po", "oral", "orally", "by mouth", "per os", "oralt", "oral bruk"),
    "sublingual": ("63", "37839007", "sublingual", "sublingval bruk"),
    "rectal": ("59", "37161004", "rectal", "rektal bruk"),
    "vaginal": ("67", "16857009", "vaginal", "vaginal bruk"),
    "inhaled": ("11", "447694001", "inhalation", "inhaled", "bruk til inhalasjon"),
    "nasal": ("51", "46713006", "nasal", "nasal bruk"),
    "eye": ("52", "54485002", "ophthalmic", "okulær bruk"),
    "ear": ("6", "10547007", "otic", "bruk i øret"),
    "skin": ("8", "6064005", "topical", "bruk på hud"),
    "transdermal": ("65", "45890007", "transdermal", "transdermal bruk"),
    "injection": (
        *("33", "43", "62", "78421000", "47625008", "34206005"),
        *("intramuscular", "intravenous", "subcutaneous", "subkutan bruk", "intravenøs bruk", "intramuskulær bruk"),
    ),
}
_UNITS: Mapping[str, tuple[str, ...]] = {
    "tablett": ("tablett", "tabletter", "tablet", "tablets", "tab", "tabs", "{tbl}", "{tablet}", "{tab}", "tbl"),
    "kapsel": ("kapsel", "kapsler", "capsule", "capsules", "cap", "caps", "{capsule}", "{cap}", "{capsules}"),
    "ml": ("ml",),
    "mg": ("mg",),
    "g": ("g",),
    "mikrog": ("mikrog", "mikrogram", "ug", "mcg", "µg", "μg"),
    "E": ("e", "ie", "iu", "[iu]", "u", "[u]", "unit", "units", "{unit}", "international unit(s)", "enhet", "enheter"),
    "dråpe": ("dråpe", "dråper", "drop", "drops", "[drp]", "gtt", "{drop}"),
    "dose": ("dose", "doser", "{dose}"),
    "inhalasjon": ("inhalasjon", "inhalasjoner", "puff", "puffs", "{puff}", "inh", "inhalation", "inhalations"),
    "spray": ("spray", "sprays", "{spray}"),
    "plaster": ("plaster", "patch", "patches", "{patch}"),
    "pose": ("pose", "poser", "packet", "packets", "{packet}", "sachet"),
    "sprøyte": ("sprøyte", "syringe", "{syringe}"),
    "penn": ("penn", "pen"),
    "stikkpille": ("stikkpille", "stikkpiller", "suppository", "suppositories", "{suppository}"),
    "vagitorie": ("vagitorie",),
    "vaginaltablett": ("vaginaltablett",),
    "klyster": ("klyster", "enema"),
    "ampulle": ("ampulle", "ampoule", "ampule"),
}


def _inverted(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: ours for ours, words in table.items() for word in words}


def _folded(system: str) -> str:
    return system.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")


def _systems(*names: str) -> frozenset[str]:
    return frozenset(_folded(n) for n in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystems:
    """Which code systems carry which of our codes. Systems are compared without scheme, case and trailing slash.

    `fest`: one system for all levels (ids and package numbers); `fest_levels`: one per level, the ones that decide
    first come first. `order_systems`: identifier systems of an order (their OID arcs differ from site to site); empty:
    the first identifier. `caveats`: (beginning of system, code) of warnings that stand on every answer of a vendor.
    `refused`: codes of a vendor's "not authorised". `routes` and `units`: lower-case code or word -> ours.
    """

    atc: frozenset[str] = _systems(
        "http://www.whocc.no/atc",
        "urn:oid:2.16.840.1.113883.6.73",
        f"{VOLVEN}7180",
        "http://hl7.no/fhir/CodeSystem/atc",
    )
    fest: frozenset[str] = _systems("http://ehelse.no/fhir/CodeSystem/FEST")
    fest_levels: tuple[str, ...] = tuple(
        _folded(_LMDI + level)
        for level in (
            "festLegemiddelMerkevare",
            "festLegemiddelVirkestoff",
            "festLegemiddelPakning",
            "festLegemiddelDose",
        )
    )
    varenr: frozenset[str] = _systems(
        f"{_LMDI}fest-varenummer", f"{_LMDI}festVarenummer", "http://hl7.no/fhir/NamingSystem/varenummer"
    )
    forms: frozenset[str] = _systems(f"{VOLVEN}7448", "2.16.578.1.12.4.1.1.7448")
    order_systems: tuple[str, ...] = ()
    national: Mapping[str, str] = field(
        default_factory=lambda: {
            "2.16.578.1.12.4.1.4.1": "FNR",
            "2.16.578.1.12.4.1.4.2": "DNR",
            "2.16.578.1.12.4.1.4.3": "FHN",
        }
    )
    caveats: tuple[tuple[str, str], ...] = (("urn:oid:1.2.840.114350.1.13.", "4119"),)
    refused: frozenset[str] = frozenset({"4118", "59203", "forbidden", "security", "login", "expired", "not-supported"})
    not_asked: frozenset[str] = frozenset({"1631000175102", "notasked", "no-allergy-info"})
    no_known: frozenset[str] = frozenset(
        {
            *("716186003", "409137002", "428607008", "429625007", "428197003"),
            *("no-known-allergies", "no-known-medication-allergies", "no-known-environmental-allergies"),
            *("no-known-food-allergies", "nka", "nkda", "nkla"),
        }
    )
    routes: Mapping[str, str] = field(default_factory=lambda: _inverted(_ROUTES))
    units: Mapping[str, str] = field(default_factory=lambda: _inverted(_UNITS))

    def atc_of(self, codings: Iterable[Code]) -> AtcCode | None:
        """The ATC code, `None` where none or more than one is said."""
        return _only(AtcCode.read(c.value) for c in codings if _folded(c.system) in self.atc)

    def fest_of(self, codings: Iterable[Code]) -> FestId | None:
        """The FEST id, of the level that decides first; `None` where two of one level are said."""
        listed = list(codings)
        for systems in (self.fest, *({level} for level in self.fest_levels)):
            found = [FestId.read(c.value) for c in listed if _folded(c.system) in systems]
            if any(found):
                return _only(found)
        return None

    def varenr_of(self, codings: Iterable[Code]) -> Varenr | None:
        """The package number, `None` where none or more than one is said."""
        systems = self.varenr | self.fest
        return _only(Varenr.read(c.value) for c in codings if _folded(c.system) in systems)

    def form_of(self, codings: Iterable[Code]) -> str | None:
        """The 7448 code of the form."""
        return _only(c.value or None for c in codings if _folded(c.system) in self.forms)

    def route_of(self, codings: Iterable[Code], text: str | None) -> str | None:
        """Our route word, only where every code and word that is known says the same; an unknown one says nothing."""
        words = [w for c in codings for w in (c.value, c.text)] + [text or ""]
        found = {self.routes[w.strip().lower()] for w in words if w.strip().lower() in self.routes}
        return found.pop() if len(found) == 1 else None

    def unit_of(self, *words: str | None) -> str | None:
        """The canonical dosing unit for a UCUM code or unit word, `None` where it is not known."""
        found = {self.units[w.strip().lower()] for w in words if w and w.strip().lower() in self.units}
        return found.pop() if len(found) == 1 else None

    def national_type(self, system: str) -> str:
        """FNR, DNR or FHN for an identifier system, "" for any other."""
        return self.national.get(_folded(system).removeprefix("urn:oid:"), "")


def _only(found: Iterable[T | None]) -> T | None:
    said = {f for f in found if f is not None}
    return said.pop() if len(said) == 1 else None


DEFAULT = CodeSystems()
