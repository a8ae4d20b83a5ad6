"""What a message says of a medicine and no field of a statement holds: kept as codes under the names of its elements.

Also elements of versions we have not seen. What is left out on purpose stands in `NOT_TOLD`: the catalogue's own
references, prices and reimbursement, who pays, and where a parcel goes.
"""

from collections.abc import Iterable
from functools import lru_cache

from formats.node import Node
from formats.statement import Code

_CATALOGUE = {
    "Ean", "LmrLopenr", "Markedsforingsinfo", "PakningByttegruppe", "Pakningsinfo", "Preparatomtaleavsnitt", "PrisVare",
    "RefBlandingsveske", "RefLegemiddelMerkevare", "RefPakning", "RefVilkar", "Refusjon", "Refvirkestoff",
    "RefVirkestoff", "Reseptgyldighet", "SortertVirkestoffMedStyrke", "SortertVirkestoffUtenStyrke", "TypeSoknadSlv",
}  # fmt: skip
"""FEST says these of the product; a message copies them."""
_WHO_PAYS = {
    "Egenandel", "Frikort", "OppdatertFest", "PrisLegemiddelUtenMt", "RefHjemmel", "SoktIndividRefusjon", "Utlending",
    "Vernepliktig",
}  # fmt: skip
_OFFICE = {"AnsattId", "RefNr", "RekvLegensNavn", "Spesialitet", "Varegruppekode", "Vergeinnsynsreservasjon"}
_PARCEL = {"BestanddelMatr", "Leverandor", "ProduktInfoVare"}
NOT_TOLD = frozenset(_CATALOGUE | _WHO_PAYS | _OFFICE | _PARCEL)


def rest_of(node: Node, *told: str) -> tuple[Code, ...]:
    """Every value inside the children of `node` that are not in `told`. "false" says nothing and is none."""
    kids = node.rest(_but(told))
    return tuple(code for kid in kids for code in _codes(kid, kid.name)) if kids else ()


@lru_cache(maxsize=64)  # as many as there are places that ask
def _but(told: tuple[str, ...]) -> frozenset[str]:
    return NOT_TOLD.union(told)


def _codes(node: Node, name: str) -> Iterable[Code]:
    kids = list(node.kids())
    for kid in kids:
        if kid.name not in NOT_TOLD:
            yield from _codes(kid, f"{name}/{kid.name}")
    if kids:
        return
    value = node.own_text.strip() or " ".join(filter(None, (node.attr("V"), node.attr("U"))))
    text = node.said_in_words
    if (value or text) and value != "false":
        yield Code(value, name, text)


def spelled(codes: Iterable[Code]) -> str:
    """Codes in one line of words."""
    return "; ".join(f"{c.system} {c.text or c.value}" for c in codes)
