"""Medicines of one class: which ATC level 4 groups and pairs of classes are told about, and how serious (C04, F05)."""

from dataclasses import dataclass
from functools import lru_cache

from rules.tables.origin import PROPOSAL, Origin

STOPP_A3 = Origin("STOPP versjon 3, A3: dobbel legemiddelklasse ved fast bruk; alvorlighet er vårt forslag")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPair:
    """One medicine of `a` and one of `b` (ATC prefixes). `exempt` prefixes never count. Names are the class in words.

    `serious`: above the lowest grade. `fixed_high`: high where both are given regularly.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    nb: str
    nn: str
    en: str
    exempt: tuple[str, ...] = ()
    serious: bool = True
    fixed_high: bool = False
    origin: Origin = STOPP_A3

    def joins(self, one: str, other: str) -> bool:
        """True where the two codes are such a pair, in any order."""
        if self.exempt and (one.startswith(self.exempt) or other.startswith(self.exempt)):
            return False
        return any(x.startswith(self.a) and y.startswith(self.b) for x, y in ((one, other), (other, one)))


NOT_NSAID: tuple[str, ...] = ("M01AX05", "M01AX12", "M01AX21", "M01AX25", "M01AX26")
"""Glucosamine and its like stand in M01A but are no anti-inflammatory analgesics."""

CLASS_PAIRS: tuple[ClassPair, ...] = (
    ClassPair(
        a=("A02BC",), b=("A02BC",), nb="protonpumpehemmere", nn="protonpumpehemmarar", en="proton pump inhibitors"
    ),
    ClassPair(
        a=("C09A", "C09B"),
        b=("C09C", "C09D"),
        nb="ACE-hemmer og angiotensinreseptorblokker",
        nn="ACE-hemmar og angiotensinreseptorblokkar",
        en="ACE inhibitor and angiotensin receptor blocker",
    ),
    ClassPair(a=("N06AB",), b=("N06AB",), nb="SSRI", nn="SSRI", en="SSRIs"),
    ClassPair(
        a=("N06AB",),
        b=("N06AX16", "N06AX21"),
        nb="SSRI og SNRI",
        nn="SSRI og SNRI",
        en="SSRI and SNRI",
    ),
    ClassPair(a=("N05CF", "N05CD"), b=("N05CF", "N05CD"), nb="sovemidler", nn="sovemiddel", en="hypnotics"),
    ClassPair(
        a=("M01A",),
        b=("M01A",),
        exempt=NOT_NSAID,
        nb="betennelsesdempende smertestillende (NSAID)",
        nn="betennelsesdempande smertestillande (NSAID)",
        en="NSAIDs",
    ),
    ClassPair(a=("C10AA",), b=("C10AA",), nb="statiner", nn="statin", en="statins"),
    ClassPair(a=("N02A",), b=("N02A",), nb="opioider", nn="opioid", en="opioids", serious=False, fixed_high=True),
)

ANTICOAGULANTS: tuple[str, ...] = ("B01AA", "B01AB", "B01AE", "B01AF", "B01AX05")
"""Two of these at once are F05 (clarification 48); antiplatelets are not counted."""

ANTICOAGULANTS_ORIGIN = PROPOSAL

FIFTH_LEVEL = 7
FOURTH_LEVEL = 5


@lru_cache(maxsize=8192)
@lru_cache(maxsize=8192)
def class_pair(one: str, other: str) -> ClassPair | None:
    """The row for two ATC codes, or `None`; the same code twice is no class pair.

    Codes that share level 4 without a row get a plain, lowest row of their own.
    """
    if len(one) != FIFTH_LEVEL or len(other) != FIFTH_LEVEL or one == other:
        return None
    listed = next((row for row in CLASS_PAIRS if row.joins(one, other)), None)
    if listed or one[:FOURTH_LEVEL] != other[:FOURTH_LEVEL] or one.startswith(NOT_NSAID) or other.startswith(NOT_NSAID):
        return listed
    group = one[:FOURTH_LEVEL]
    return ClassPair(a=(group,), b=(group,), nb=group, nn=group, en=group, serious=False)


@lru_cache(maxsize=8192)
def classes_of(atc: str) -> frozenset[str]:
    """Names of what the code belongs to: two codes that `class_pair` joins have one of them in common."""
    rows = (str(n) for n, row in enumerate(CLASS_PAIRS) if atc.startswith(row.a + row.b))
    return frozenset((atc[:FOURTH_LEVEL], *rows)) if len(atc) == FIFTH_LEVEL else frozenset()


def is_anticoagulant(atc: str | None) -> bool:
    """True for the groups F05 counts."""
    return bool(atc) and str(atc).startswith(ANTICOAGULANTS)
