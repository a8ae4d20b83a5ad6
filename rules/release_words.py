"""What a name's words tell of release where no code or field does: "Morfin depot" is not the plain tablet (R6)."""

import re
from dataclasses import replace
from functools import lru_cache

from formats.drug import form_facts_by_name
from rules.tables.codes import SEVERAL_ROUTES
from rules.view import Identity

_SLOW = frozenset({"retard", "zok", "zoc", "oros", "durett", "duretter", "sr", "cr", "xr", "xl", "long"})
"""Words of brands and forms that let go slowly, beside all that begins with "depot"."""
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=8192)
def says_slow(name: str) -> bool:
    """A word of the name says prolonged or depot."""
    return any(word in _SLOW or word.startswith("depot") for word in _WORD.findall(name.casefold()))


def speaks_against(name: str, release: str, *, named_slow: bool) -> bool:
    """The name says slow where the other is plain and is called nothing else, or a liquid where it is prolonged.

    "Vitamin B12 Depot" is plain, and so called by all (`named_slow`); a "tablett" is no promise of plain.
    """
    if says_slow(name):
        return release == "plain" and not named_slow
    return release == "prolonged" and form_facts_by_name(name).group == "liquid"


def slow_by_name(name: str, own: Identity, *, swallowed: bool) -> Identity:
    """Prolonged, where its words say so and it is swallowed as all others of the substance are: so that C06 may ask.

    Of what is also injected slowly ("Haldol depot") the route stays open.
    """
    by_mouth = own.route == "oral" or (own.route == "?" and swallowed and own.atc not in SEVERAL_ROUTES)
    if own.release != "?" or not by_mouth or not says_slow(name):
        return own
    return replace(own, route="oral", release="prolonged", key=f"{'+'.join(own.substances)}|oral|prolonged")
