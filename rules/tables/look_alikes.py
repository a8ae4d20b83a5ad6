"""Names that are taken for one another, with the strengths each is made in: a strength that is not made is a sign."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from formats.drug import Quantity
from rules.tables.origin import PROPOSAL, Origin

RELIS_3638 = Origin("RELIS 3638: 800 mg metoprolol i døgnet etter bytte; styrkene fra preparatomtaler, ikke etterprøvd")


@dataclass(frozen=True, slots=True)
class Name:
    """A substance or brand as one word, case folded, and every strength in mg it is made in (empty: not told)."""

    word: str
    mg: tuple[Decimal, ...] = ()

    def made_in(self, strength: Quantity) -> bool:
        """False only where the strength is in mg and is none the medicine is made in."""
        return not self.mg or strength.unit != "mg" or strength.value in self.mg


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two names that are taken for one another."""

    a: Name
    b: Name
    origin: Origin


def _name(word: str, strengths: str = "") -> Name:
    return Name(word, tuple(Decimal(s) for s in strengths.split()))


_METFORMIN = _name("metformin", "500 850 1000")
_METOPROLOL = _name("metoprolol", "23.75 25 47.5 50 95 100 190 200")

LOOK_ALIKES: tuple[LookAlike, ...] = (
    LookAlike(_METFORMIN, _METOPROLOL, RELIS_3638),
    LookAlike(_name("oxycontin", "5 10 15 20 30 40 60 80"), _name("oxynorm", "5 10 20"), PROPOSAL),
    LookAlike(_name("digoksin", "0.0625 0.25"), _name("digitoksin", "0.05 0.1"), PROPOSAL),
    LookAlike(_name("digoxin", "0.0625 0.25"), _name("digitoxin", "0.05 0.1"), PROPOSAL),
    LookAlike(_name("cipralex", "5 10 15 20"), _name("cipramil", "10 20 40"), PROPOSAL),
    LookAlike(_name("novorapid"), _name("novomix"), PROPOSAL),
    LookAlike(_name("lantus"), _name("toujeo"), PROPOSAL),
    LookAlike(_name("zyprexa", "2.5 5 7.5 10 15 20"), _name("zyrtec", "10"), PROPOSAL),
    LookAlike(_name("lamictal", "2 5 25 50 100 200"), _name("lamisil", "125 250"), PROPOSAL),
    LookAlike(_name("dolcontin", "5 10 30 60 100 200"), _name("oxycontin", "5 10 15 20 30 40 60 80"), PROPOSAL),
)


WORDS: tuple[str, ...] = tuple(sorted({name.word for pair in LOOK_ALIKES for name in (pair.a, pair.b)}))


def listed_words(names: Iterable[str]) -> frozenset[str]:
    """The listed words that stand whole in one of `names`, case folded."""
    return frozenset().union(*map(_listed_in, names))


@lru_cache(maxsize=4096)
def _listed_in(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w-]+", name.casefold())).intersection(WORDS)


def look_alikes(words_a: frozenset[str], words_b: frozenset[str]) -> tuple[Name, Name] | None:
    """The listed pair of which the one medicine bears one word and the other the other, in that order, or `None`."""
    for pair in LOOK_ALIKES if words_a and words_b else ():
        for first, second in ((pair.a, pair.b), (pair.b, pair.a)):
            if first.word in words_a and second.word in words_b:
                return first, second
    return None
