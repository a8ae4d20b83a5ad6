"""The demo's own drug catalogue: common medicines of home care, made into a FEST file and read back as one.

The names, substances, codes and strengths of `catalogue.tsv` are ordinary facts; package numbers (from 990000), FEST
ids, makers of demo products and which products may be exchanged are made up. No clinical source: a real installation
loads FEST.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from uuid import NAMESPACE_URL, uuid5

from formats.drug import Catalogue, FormFacts, Quantity, form_facts, read_strength
from formats.fest import FestContent, read_fest
from medrec.demo.fest_xml import write_fest

VERSION = "medrec demo-katalog 1"
FIRST_VARENR = 990000


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A parent substance, the salt it is made with ("" where none is told), and how much of it."""

    parent: str
    salt: str
    strength: Quantity | None

    @property
    def told(self) -> str:
        """The name the product states: the salt where there is one."""
        return self.salt or self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One brand in one strength, with the package numbers it is sold under."""

    brand: str
    name: str
    atc: str
    atc_name: str
    form: str
    ingredients: tuple[Ingredient, ...]
    unit: str
    prescription_group: str
    exchange: str
    divisible: str
    maker: str
    packages: tuple[tuple[str, str], ...]
    """(varenr, size)."""

    @property
    def id(self) -> str:
        """Its made-up FEST id."""
        return made_up_id("merkevare", self.name)

    @property
    def facts(self) -> FormFacts:
        """What the form means."""
        return form_facts(self.form)

    @property
    def exchange_key(self) -> str:
        """Same key, same substitution group; "" where the product stands in none."""
        if not self.exchange:
            return ""
        contents = " ".join(f"{i.parent} {i.strength.value:f}{i.strength.unit}" for i in self.ingredients if i.strength)
        return f"{contents} {self.facts.group} {self.facts.release}"


def made_up_id(*what: str) -> str:
    """A FEST id that is always the same for the same words, and nobody else's."""
    return f"ID_{uuid5(NAMESPACE_URL, 'medrec-demo:' + '|'.join(what))}".upper()


@cache
def products() -> tuple[Product, ...]:
    """Every brand and strength of the table, package numbers given in its order."""
    return tuple(_products())


def _products() -> Iterator[Product]:
    table = files("medrec.demo").joinpath("catalogue.tsv").read_text(encoding="utf-8").splitlines()
    head = table[0].split("\t")
    number = FIRST_VARENR
    for line in table[1:]:
        row = dict(zip(head, line.split("\t"), strict=True))
        sizes = ("30", "100") if row["unit"] in {"tablett", "kapsel"} else ("1",)
        for strength in row["strengths"].split(";"):
            numbers = [str(number + i) for i in range(len(sizes))]
            number += len(sizes)
            yield Product(
                brand=row["brand"],
                name=" ".join(f"{row['brand']} {row['form_word']} {strength}".split()),
                atc=row["atc"],
                atc_name=row["atc_name"],
                form=row["form"],
                ingredients=tuple(_ingredients(row["substances"], strength)),
                unit=row["unit"],
                prescription_group=row["group"],
                exchange=row["exchange"],
                divisible=row["divisible"],
                maker=row["maker"],
                packages=tuple(zip(numbers, sizes, strict=True)),
            )


def _ingredients(substances: str, strength: str) -> Iterator[Ingredient]:
    names = [name.partition(":") for name in substances.split("+")]
    amounts = read_strength(strength) if strength else (None,) * len(names)
    for (parent, _, salt), amount in zip(names, amounts, strict=True):
        yield Ingredient(parent, salt, amount)


@cache
def demo_fest_xml() -> bytes:
    """The catalogue as a FEST file (M30 2014-12-01), the same bytes each time."""
    return write_fest(products(), made_up_id)


@cache
def demo_fest() -> FestContent:
    """The catalogue as read by the reader that reads FEST."""
    return read_fest(BytesIO(demo_fest_xml()))


@cache
def demo_catalogue() -> Catalogue:
    """The catalogue the rest of the house looks things up in, version `VERSION`."""
    return demo_fest().catalogue(VERSION)
