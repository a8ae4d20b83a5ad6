"""Writes the demo catalogue as a FEST file (M30 2014-12-01), to be read by the reader of the real one."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from lxml import etree
from lxml.builder import ElementMaker
from lxml.etree import _Element as Element  # the type; lxml gives it no public name

from formats.drug import Quantity
from formats.forms import form_name
from medrec.demo import fest_knowledge as known

if TYPE_CHECKING:
    from medrec.demo.catalogue import Ingredient, Product

M30 = "http://www.kith.no/xmlstds/eresept/m30/2014-12-01"
FS = "http://www.kith.no/xmlstds/eresept/forskrivning/2014-12-01"
_VOLVEN = "2.16.578.1.12.4.1.1."
_WHEN = "2026-01-02T00:00:00"
_M = ElementMaker(namespace=M30, nsmap={None: M30})
_F = ElementMaker(namespace=FS, nsmap={None: FS})

_UNITS = {
    "tablett": "13",
    "kapsel": "6",
    "ml": "8",
    "E": "79",
    "dose": "19",
    "plaster": "16",
    "stikkpille": "12",
    "pose": "9",
    "dråpe": "3",
    "g": "64",
    "vaginaltablett": "21",
}
_ROUTES = {
    "oral": ("53", "Oral bruk"),
    "injection": ("62", "Subkutan bruk"),
    "sublingual": ("63", "Sublingval bruk"),
    "rectal": ("59", "Rektal bruk"),
    "vaginal": ("67", "Vaginal bruk"),
    "inhaled": ("11", "Bruk til inhalasjon"),
    "nasal": ("51", "Nasal bruk"),
    "eye": ("52", "Okulær bruk"),
    "transdermal": ("65", "Transdermal bruk"),
}
_NOT_SAID = ("0", "Administrasjonsvei ikke relevant")
_DIVISIBLE = {"1": "Ikke delbar", "2": "Delbar i 2"}
_RELEVANCE = {1: "Bør unngås", 2: "Forholdsregler bør tas", 3: "Ingen tiltak nødvendig"}

MakeId = Callable[..., str]


def write_fest(products: Sequence["Product"], make_id: MakeId) -> bytes:
    """The FEST file for `products`; `make_id(*words)` gives an id that depends on the words alone."""
    scribe = _Scribe(make_id)
    root = _M.FEST(_M.HentetDato(_WHEN))
    root.extend(
        [
            scribe.catalogue("LegemiddelMerkevare", map(scribe.brand, products)),
            scribe.catalogue("Legemiddelpakning", (e for p in products for e in scribe.packages(p))),
            scribe.catalogue("Virkestoff", scribe.substances(products)),
            scribe.catalogue("LegemiddelVirkestoff", scribe.exchangeable(products)),
            scribe.catalogue("VarselSlv", scribe.warnings(products)),
            scribe.catalogue("Kodeverk", [], scribe.short_doses()),
            scribe.catalogue("Byttegruppe", scribe.groups(products)),
            scribe.catalogue("Interaksjon", scribe.interactions()),
            scribe.catalogue("StrDosering", scribe.structured_doses()),
        ]
    )
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


class _Scribe:
    """Writes entries; keeps only the running number that makes entry ids unique."""

    def __init__(self, make_id: MakeId) -> None:
        self.make_id = make_id
        self._numbers = count(1)

    def catalogue(self, name: str, payloads: Iterable[Element], entries: Iterable[Sequence[Element]] = ()) -> Element:
        """A `Kat*` with one `Oppf*` for each payload (or for each row of `entries`)."""
        kat = _M(f"Kat{name}")
        for content in [*([p] for p in payloads), *entries]:
            head = (
                _M.Id(self.make_id("oppf", str(next(self._numbers)))),
                _M.Tidspunkt(_WHEN),
                _M.Status(V="A", DN="Aktiv oppføring"),
            )
            kat.append(_M(f"Oppf{name}", *head, *content))
        return kat

    def brand(self, product: "Product") -> Element:
        """LegemiddelMerkevare."""
        return _F.LegemiddelMerkevare(
            *_described(product),
            _given(product),
            _F.Id(product.id),
            _F.Varenavn(product.brand),
            *self._contents(product),
            _F.ProduktInfo(_F.Produsent(product.maker)),
        )

    def packages(self, product: "Product") -> Iterable[Element]:
        """Each Legemiddelpakning; the second size of a product carries the number it had before."""
        unit = ("stk", "stykk") if product.unit in {"tablett", "kapsel"} else ("S", "sett")
        for varenr, size in product.packages:
            group = []
            if product.exchange_key:
                reference = _F.RefByttegruppe(self.make_id("byttegruppe", product.exchange_key))
                group = [_F.PakningByttegruppe(reference)]
            info = _F.Pakningsinfo(
                _F.RefLegemiddelMerkevare(product.id),
                _F.Pakningsstr(size),
                _coded(_F, "EnhetPakning", *unit, book="7452"),
                _coded(_F, "Pakningstype", "1", "(ikke angitt)", book="7449"),
                _F.Mengde(size),
            )
            yield _F.Legemiddelpakning(
                *_described(product), *group, _F.Id(self.make_id("pakning", varenr)), _F.Varenr(varenr), info
            )

    def substances(self, products: Sequence["Product"]) -> Iterable[Element]:
        """Parents with references to their salts, the salts, and each strength that is used."""
        salts: dict[str, dict[str, None]] = {}
        strengths: dict[tuple[str, Quantity], None] = {}
        for ingredient in (i for p in products for i in p.ingredients):
            told = salts.setdefault(ingredient.parent, {})
            if ingredient.salt:
                told[ingredient.salt] = None
            if ingredient.strength:
                strengths[ingredient.told, ingredient.strength] = None
        for parent, own in salts.items():
            references = [_F.RefVirkestoff(self.make_id("virkestoff", s)) for s in own]
            yield _F.Virkestoff(_F.Id(self.make_id("virkestoff", parent)), _F.Navn(_capital(parent)), *references)
        for salt in dict.fromkeys(s for own in salts.values() for s in own):
            yield _F.Virkestoff(_F.Id(self.make_id("virkestoff", salt)), _F.Navn(_capital(salt)))
        for name, strength in strengths:
            yield self._strength(name, strength)

    def _strength(self, name: str, strength: Quantity) -> Element:
        unit, _, per = strength.unit.partition("/")
        amount, _, per_unit = per.rpartition(" ")
        whole = [_F.StyrkeNevner(V=amount or "1", U=per_unit)] if per else []
        return _F.VirkestoffMedStyrke(
            _F.Id(self._strength_id(name, strength)),
            _F.Styrke(V=f"{strength.value:f}", U=unit),
            *whole,
            _F.RefVirkestoff(self.make_id("virkestoff", name)),
            _coded(_F, "Styrkeoperator", "L", "Lik", book="7445"),
        )

    def _strength_id(self, name: str, strength: Quantity) -> str:
        return self.make_id("styrke", name, f"{strength.value:f}", strength.unit)

    def _contents(self, product: "Product") -> Iterable[Element]:
        for order, ingredient in enumerate(product.ingredients):
            yield self._content(str(order), ingredient)

    def _content(self, order: str, ingredient: "Ingredient") -> Element:
        if ingredient.strength is None:
            reference = _F.RefVirkestoff(self.make_id("virkestoff", ingredient.told))
            return _F.SortertVirkestoffUtenStyrke(_F.Sortering(order), reference)
        reference = _F.RefVirkestoffMedStyrke(self._strength_id(ingredient.told, ingredient.strength))
        return _F.SortertVirkestoffMedStyrke(_F.Sortering(order), reference)

    def exchangeable(self, products: Sequence["Product"]) -> Iterable[Element]:
        """One LegemiddelVirkestoff for the products of each substitution group."""
        for key, members in _grouped(products).items():
            first = members[0]
            brands = [_F.RefLegemiddelMerkevare(p.id) for p in members]
            packages = [_F.RefPakning(self.make_id("pakning", v)) for p in members for v, _ in p.packages]
            yield _F.LegemiddelVirkestoff(
                *_described(first, _substance_name(first)),
                _F.Id(self.make_id("legemiddelvirkestoff", key)),
                *self._contents(first),
                *brands,
                *packages,
            )

    def groups(self, products: Sequence["Product"]) -> Iterable[Element]:
        """The substitution groups, limited where the table says so."""
        for number, (key, members) in enumerate(_grouped(products).items(), 1):
            limited = members[0].exchange == "limited"
            remark = [_M.BeskrivelseByttbarhet("Begrenset bytte: forskriver må godta endringen")] if limited else []
            yield _M.Byttegruppe(
                _M.Id(self.make_id("byttegruppe", key)),
                _M.Kode(V=f"9{number:05d}", DN=_substance_name(members[0]).upper()),
                _M.MerknadTilByttbarhet("true" if limited else "false"),
                *remark,
            )

    def warnings(self, products: Sequence["Product"]) -> Iterable[Element]:
        """One notice of short supply, about the first package."""
        yield _M.VarselSlv(
            _coded(_M, "Type", "2", "Leveringssvikt", book="7441"),
            _M.Overskrift(f"Mangel på {products[0].name}"),
            _M.Varseltekst("Leveringen er forsinket. Vis pasienten et annet legemiddel i samme byttegruppe."),
            _coded(_M, "Visningsregel", "1", "Allmennlege", book="7442"),
            _M.FraDato("2026-01-02"),
            _M.Referanseelement(
                _M.Klasse(V="2", DN="LegemiddelpakningId"),
                _M.RefElement(self.make_id("pakning", products[0].packages[0][0])),
            ),
        )

    def interactions(self) -> Iterable[Element]:
        """Interactions, then the codes nobody has assessed."""
        for number, entry in enumerate(known.INTERACTIONS):
            situation = [_M.Situasjonskriterium(entry.situation)] if entry.situation else []
            yield _M.Interaksjon(
                _M.Id(self.make_id("interaksjon", str(number))),
                _M.Relevans(V=str(entry.relevance), DN=_RELEVANCE[entry.relevance]),
                *situation,
                _M.KliniskKonsekvens(entry.consequence),
                _M.Kildegrunnlag(V="4", DN="Indirekte data"),
                _M.Handtering(entry.handling),
                _members(entry.group_a),
                _members(entry.group_b),
            )
        for code, name in known.NOT_ASSESSED:
            yield _M.InteraksjonIkkeVurdert(_coded(_M, "Atc", code, name, book="7180"))

    def short_doses(self) -> list[list[Element]]:
        """List 7478 as one Kodeverk entry."""
        info = _M.Info(
            _M.Id(_VOLVEN + "7478"),
            _M.Betegnelse("Kortdose"),
            _M.Kortnavn("Kortdose"),
            _M.AnsvarligUtgiver("medrec demo"),
        )
        elements = [
            _M.Element(
                _M.Id(self.make_id("kortdose", code)),
                _M.Kode(code),
                _M.Term(_M.Term(short), _M.BeskrivelseTerm(sentence)),
            )
            for code, (short, sentence) in known.SHORT_DOSES.items()
        ]
        return [[info, *elements]]

    def structured_doses(self) -> Iterable[Element]:
        """The short doses that have a consumption in figures."""
        for code, steps in known.STRUCTURED.items():
            short, sentence = known.SHORT_DOSES[code]
            used = []
            for order, (amount, period, times) in enumerate(steps, 1):
                limit = [_M.Iterasjoner(str(times))] if times else []
                used.append(
                    _M.Legemiddelforbruk(_M.Lopenr(str(order)), _M.Mengde(f"{amount:f}"), _M.Periode(period), *limit)
                )
            yield _M.Kortdose(_coded(_M, "Kortdose", code, short, book="7478"), _M.BeskrivelseTerm(sentence), *used)


def _described(product: "Product", name: str = "") -> list[Element]:
    """The first elements of each drug level."""
    return [
        _coded(_F, "Atc", product.atc, product.atc_name, book="7180"),
        _F.NavnFormStyrke(name or product.name),
        _F.Reseptgruppe(V=product.prescription_group, DN=f"Reseptgruppe {product.prescription_group}"),
        _coded(_F, "LegemiddelformKort", product.form, form_name(product.form), book="7448"),
        _F.Preparattype(V="7", DN="Legemiddel"),
    ]


def _given(product: "Product") -> Element:
    route = _ROUTES.get(product.facts.route, _NOT_SAID)
    split = [_F.Deling(V=product.divisible, DN=_DIVISIBLE[product.divisible])] if product.divisible != "0" else []
    return _F.AdministreringLegemiddel(
        _coded(_F, "Administrasjonsvei", *route, book="7477"),
        *split,
        _coded(_F, "EnhetDosering", _UNITS[product.unit], product.unit, book="7480"),
    )


def _grouped(products: Sequence["Product"]) -> dict[str, list["Product"]]:
    groups: dict[str, list[Product]] = {}
    for product in products:
        if product.exchange_key:
            groups.setdefault(product.exchange_key, []).append(product)
    return groups


def _substance_name(product: "Product") -> str:
    """What the products of a group have in common: substances, form words and strength without the brand."""
    names = "/".join(_capital(i.parent) for i in product.ingredients)
    return f"{names}{product.name[len(product.brand) :]}"


def _members(group: known.Group) -> Element:
    found = []
    for name, atc in group:
        code = [_coded(_M, "Atc", atc, name, book="7180")] if atc else []
        found.append(_M.Substans(_M.Substans(name), *code))
    return _M.Substansgruppe(*found)


def _coded(make: ElementMaker, tag: str, value: str, text: str, *, book: str) -> Element:
    """A kith CV: code, code list, text."""
    return make(tag, V=value, S=_VOLVEN + book, DN=text)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
