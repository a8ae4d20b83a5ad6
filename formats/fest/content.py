"""What a FEST file holds once its references are followed: drugs, interactions, short doses, warnings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from formats.drug import (
    AtcCode,
    Catalogue,
    Drug,
    DrugLevel,
    FestId,
    FormFacts,
    Interaction,
    Quantity,
    Varenr,
    catalogue_of,
    form_facts,
)
from formats.fest.entries import (
    NotAssessed,
    Product,
    Record,
    ShortDose,
    Substance,
    SubstanceStrength,
    SubstitutionGroup,
    Warned,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FestContent:
    """A FEST file, read whole. `counts`: entries of each payload type, for the guard against a torn file.

    `unread`: (entry id, reason) of entries that are there but could not be understood.
    """

    fetched: str
    drugs: tuple[Drug, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    not_assessed: frozenset[str] = frozenset()
    short_doses: Mapping[str, ShortDose] = field(default_factory=dict)
    groups: Mapping[str, SubstitutionGroup] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[tuple[str, str], ...] = ()

    def catalogue(self, version: str = "") -> Catalogue:
        """The index the rest of the house looks things up in; version "FEST 2026-09-08" unless another is given."""
        return catalogue_of(
            self.drugs,
            version or f"FEST {self.fetched[:10]}",
            self.interactions,
            self.not_assessed,
            {code: dose.short for code, dose in self.short_doses.items()},
        )


class Shelf:
    """Collects records as they come, in any order, and joins them at the end."""

    def __init__(self) -> None:
        self.products: dict[str, list[Product]] = {}
        self.substances: dict[str, Substance] = {}
        self.strengths: dict[str, SubstanceStrength] = {}
        self.groups: dict[str, SubstitutionGroup] = {}
        self.short_doses: dict[str, ShortDose] = {}
        self.interactions: list[Interaction] = []
        self.not_assessed: set[str] = set()
        self.warnings: list[Warned] = []
        self.counts: dict[str, int] = {}
        self.unread: list[tuple[str, str]] = []

    def put(self, kind: str, record: Record) -> None:
        """Keep one record; `kind` is the payload's element name."""
        match record:
            case Product():
                self.products.setdefault(kind, []).append(record)
            case Substance():
                self.substances[record.id] = record
            case SubstanceStrength():
                self.strengths[record.id] = record
            case SubstitutionGroup():
                self.groups[record.id] = record
            case ShortDose():
                if record.consumption or record.code not in self.short_doses:
                    self.short_doses[record.code] = record
            case Interaction():
                self.interactions.append(record)
            case NotAssessed():
                self.not_assessed.add(record.atc)
            case Warned():
                self.warnings.append(record)

    def content(self, fetched: str) -> FestContent:
        """Follow the references. `fetched` is HentetDato: substitution groups that ended before it no longer count."""
        return FestContent(
            fetched=fetched,
            drugs=tuple(_Joined(self, fetched[:10]).drugs()),
            interactions=tuple(self.interactions),
            not_assessed=frozenset(self.not_assessed),
            short_doses=self.short_doses,
            groups=self.groups,
            warnings=tuple(self.warnings),
            counts=self.counts,
            unread=tuple(self.unread),
        )


class _Joined:
    """The drugs of a shelf: packages first (they are what prescriptions name), then brands, then substances."""

    def __init__(self, shelf: Shelf, today: str) -> None:
        self.shelf = shelf
        self.today = today
        self.parents = _parents(shelf.substances)
        self.brands = {p.id: self._drug(p, DrugLevel.BRAND) for p in self._entries("LegemiddelMerkevare")}

    def drugs(self) -> Iterator[Drug]:
        groups: dict[str, set[str]] = {}
        earlier: list[Drug] = []
        for entry in self._entries("Legemiddelpakning"):
            drug = self._drug(entry, DrugLevel.PACKAGE)
            for brand in entry.brands:
                groups.setdefault(brand, set()).add(drug.substitution_group)
            earlier += _number_before(drug, entry)
            yield drug
        yield from earlier
        for brand_id, drug in self.brands.items():
            yield self._with_group(drug, groups.get(brand_id, set()))
        for kind in ("LegemiddelVirkestoff", "Legemiddeldose"):
            for entry in self._entries(kind):
                yield self._drug(entry, DrugLevel.SUBSTANCE if kind == "LegemiddelVirkestoff" else DrugLevel.BRAND)
        for substance in self.shelf.substances.values():
            yield from self._substance(substance)

    def _entries(self, kind: str) -> Iterator[Product]:
        """The entries of one kind in order, each let go of as its drug is made: both at once would be the peak."""
        entries = self.shelf.products.pop(kind, [])
        entries.reverse()
        while entries:
            yield entries.pop()

    def _with_group(self, brand: Drug, groups: set[str]) -> Drug:
        """A brand stands in a substitution group when all its packages stand in that one."""
        if brand.substitution_group or len(groups) != 1:
            return brand
        return self._in_group(brand, next(iter(groups)))

    def _in_group(self, drug: Drug, group: str) -> Drug:
        known = self.shelf.groups.get(group)
        return replace(drug, substitution_group=group, exchange_limited=bool(known and known.limited))

    def _drug(self, entry: Product, level: DrugLevel) -> Drug:
        behind = [self.brands[b] for b in entry.brands if b in self.brands] if level is not DrugLevel.BRAND else []
        brand = behind[0] if behind else None
        if level is DrugLevel.BRAND and entry.brands:  # a Legemiddeldose
            brand = self.brands.get(entry.brands[0])
            behind = [brand] if brand else []
        substances, salts, strengths = self._contents(entry, behind)
        form_code = entry.form_code or (brand.form_code if brand else "")
        atc = AtcCode.read(entry.atc)
        facts = _facts(form_facts(form_code), atc, entry.name, salts, strengths)
        drug = Drug(
            level=level,
            id=FestId.read(entry.id),
            varenr=Varenr.read(entry.varenr),
            brand_id=_brand_id(entry, level, brand),
            name=entry.name,
            brand=entry.brand or (brand.brand if brand and level is not DrugLevel.SUBSTANCE else ""),
            manufacturer=entry.manufacturer
            or (brand.manufacturer if brand and level is not DrugLevel.SUBSTANCE else ""),
            atc=atc,
            atc_name=entry.atc_name,
            substances=substances,
            salts=salts,
            strengths=strengths,
            form_code=form_code,
            form_text=entry.form_text or (brand.form_text if brand else ""),
            form_group=facts.group,
            route=facts.route,
            release=facts.release,
            dosing_unit=entry.dosing_unit or (brand.dosing_unit if brand else ""),
            prescription_group=entry.prescription_group,
            divisible=entry.divisible if entry.divisible != "0" else (brand.divisible if brand else "0"),
            withdrawn=_gone(entry.withdrawn, self.today),
        )
        ended = entry.group_until and entry.group_until[:10] < self.today
        return self._in_group(drug, entry.group) if entry.group and not ended else drug

    def _contents(
        self, entry: Product, behind: list[Drug]
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Quantity, ...]]:
        """Parent substances, the salts they were given as ("" where none), strengths: own, or those of the brands."""
        if not entry.contents:
            return _packed_together(behind)
        names, salts, strengths = [], [], []
        for _, reference, with_strength in entry.contents:
            found = self.shelf.strengths.get(reference) if with_strength else None
            own, parent = self._parent(found.substance if found else reference)
            names.append(parent)
            salts.append(own if own != parent else "")
            strengths.append(found.strength if found else None)
        if not all(names):
            # a reference leads nowhere: half a combination would be another drug
            return (), (), ()
        complete = tuple(s for s in strengths if s is not None)
        return tuple(names), tuple(salts), complete if len(complete) == len(names) else ()

    def _parent(self, reference: str) -> tuple[str, str]:
        """(own name, parent's name), lower case; "" for a reference that leads nowhere."""
        own = self.shelf.substances.get(reference)
        if own is None:
            return "", ""
        top, seen = own.id, {own.id}
        while self.parents.get(top) and self.parents[top] not in seen:
            top = self.parents[top]
            seen.add(top)
        return _lowered(own.name), _lowered(self.shelf.substances[top].name)

    def _substance(self, substance: Substance) -> Iterator[Drug]:
        own, parent = self._parent(substance.id)
        drug = Drug(
            level=DrugLevel.SUBSTANCE,
            id=FestId.read(substance.id),
            name=substance.name,
            substances=(parent,),
            salts=(own if own != parent else "",),
        )
        yield drug
        if substance.english and _lowered(substance.english) != own:
            # found by its English name only: the id already stands for the Norwegian entry
            yield replace(drug, id=None, name=substance.english)


def _lowered(name: str) -> str:
    """Lower case, but for a valence in Roman numerals, which people write as FEST does: "jern(II)sulfat"."""
    return re.sub(r"\([ivx]+\)", lambda valence: valence[0].upper(), name.lower())


def _parents(substances: Mapping[str, Substance]) -> dict[str, str]:
    """Salt -> its one parent. A salt that two parents claim keeps its own name: no guess between them."""
    claims: dict[str, list[str]] = {}
    for substance in substances.values():
        for salt in substance.salts:
            claims.setdefault(salt, []).append(substance.id)
    return {salt: parents[0] for salt, parents in claims.items() if len(set(parents)) == 1}


def _brand_id(entry: Product, level: DrugLevel, brand: Drug | None) -> FestId | None:
    if level is DrugLevel.BRAND and not entry.brands:
        return FestId.read(entry.id)
    return brand.id if brand and len(entry.brands) == 1 else None


def _packed_together(behind: list[Drug]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Quantity, ...]]:
    """The contents of the brands in one package; strengths only where all brands hold the same."""
    if not behind:
        return (), (), ()
    first = behind[0]
    if all((b.substances, b.strengths) == (first.substances, first.strengths) for b in behind):
        return first.substances, first.salts, first.strengths
    pairs = dict.fromkeys((s, salt) for b in behind for s, salt in zip(b.substances, b.salts, strict=True))
    return tuple(s for s, _ in pairs), tuple(salt for _, salt in pairs), ()


def _number_before(drug: Drug, entry: Product) -> list[Drug]:
    """The package under its earlier number: old prescriptions still carry it. A live package of that number wins."""
    before = Varenr.read(entry.varenr_before)
    return [replace(drug, varenr=before, id=None)] if before and before != drug.varenr else []


def _gone(withdrawn: date | None, today: str) -> date | None:
    """A day still to come withdraws nothing yet."""
    return withdrawn if withdrawn and withdrawn.isoformat() <= today else None


_DEPOT_ESTERS = ("dekanoat", "enantat", "palmitat", "pamoat", "embonat")
_INSULINS = ("A10AB", "A10AC", "A10AD", "A10AE")


def _facts(
    form: FormFacts, atc: AtcCode | None, name: str, salts: tuple[str, ...], strengths: tuple[Quantity, ...]
) -> FormFacts:
    """Form facts, with what the form alone does not say (clarification 7).

    Insulins: the class is insulin type and concentration. Oily depot injections carry the form code of any injection;
    their ester or the word depot in the name tells them apart.
    """
    if atc and atc[:5] in _INSULINS:
        units = next((s.value for s in strengths if s.unit == "E/ml"), None)
        return FormFacts(form.group, form.route, f"{atc[:5]}/{units.normalize():f}" if units else "?")
    if form.route == "injection" and form.release == "plain":
        oily = any(salt.endswith(_DEPOT_ESTERS) for salt in salts)
        if oily or any(word.startswith("depot") for word in name.casefold().split()):
            return FormFacts(form.group, form.route, "depot-injection")
    return form
