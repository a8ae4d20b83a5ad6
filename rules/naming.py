"""Whether the codes and the words of one statement name one medicine (K1).

The most exact code decides what it is about, text never overrides a code, and a clash is told (C08): such a statement
joins weakly, and what stands at risk is judged by both medicines.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from formats.drug import AtcCode, Catalogue, Drug, Quantity, folded, forms_written_out, read_strength
from formats.statement import Statement
from rules.tables.atc_changes import current_atc

Contents = frozenset[tuple[str, ...]]
"""Sets of substances, each sorted; more than one where a word names several medicines."""

PACKAGE = {"nb": "varenummer", "nn": "varenummer", "en": "package number"}
PRODUCT = {"nb": "FEST-id", "nn": "FEST-id", "en": "FEST id"}
SUBSTANCE = {"nb": "virkestoff", "nn": "verkestoff", "en": "substance"}
CODE = {"nb": "ATC-kode", "nn": "ATC-kode", "en": "ATC code"}
TEXT = {"nb": "tekst", "nn": "tekst", "en": "text"}

# The words for units that `read_strength` knows, case folded (the micro sign folds to the Greek letter).
_UNIT = r"mikrogram|milligram|mikrog|enheter|mill ie|mill e|mmol|mcg|mg|ug|μg|gram|ie|iu|g|e|ml|%"
# A space groups thousands only where nothing else can be meant: "5 000", "12 500"; "Mix 30 100 E/ml" is two numbers.
_GROUPED = r"\d{1,3}(?: \d{3})* 000|\d{2,3} 500"
_ONE = rf"(?:{_GROUPED}|\d[\d.,]*)\s*(?:{_UNIT})"
_PART = rf"(?:{_GROUPED}|\d[\d.,]*)(?:\s*/\s*\d[\d.,]*)*\s*(?:{_UNIT})"
_STRENGTH = re.compile(
    rf"(?<!\w)(?<!\d[.,])(?<!\b\d ){_PART}(?:\s*/\s*{_ONE})*"
    r"(?:\s*/\s*(?:ml|g|dose|(?:\d+ ?)?(?:timer?|t|h)|døgn))?(?!\w)"
)
_LONGEST_FORM = max(map(len, forms_written_out()))


class Held:
    """A catalogue as a key: the same object, not equal content; holding it keeps what is worked out for it true."""

    __slots__ = ("catalogue",)

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and other.catalogue is self.catalogue


@dataclass(frozen=True, slots=True)
class Clash:
    """One word of a statement (`by`) names another medicine than the most exact one (`than`).

    `substances`: of that other medicine, as text; `others`: its ATC codes of today; `own`: those of the most exact
    word. `by`, `than`: in words, by language. `text_apart`: the text names another than the most exact word.
    """

    substances: str
    own: frozenset[str]
    others: frozenset[str]
    by: tuple[tuple[str, str], ...]
    than: tuple[tuple[str, str], ...]
    text_apart: bool

    @property
    def atcs(self) -> frozenset[str]:
        """The codes of both: what stands at risk is judged by either."""
        return self.own | self.others

    @property
    def words(self) -> dict[str, str]:
        """Which two words clash, by language."""
        by, than = dict(self.by), dict(self.than)
        return {
            "nb": f"{than['nb']} og {by['nb']} er for ulike legemidler",
            "nn": f"{than['nn']} og {by['nn']} er for ulike legemiddel",
            "en": f"{than['en']} and {by['en']} are for different medicines",
        }


@dataclass(frozen=True, slots=True)
class _Named:
    """What one word of a statement names. `loosely`: perhaps only a part of it; it clashes where nothing is shared."""

    by: Mapping[str, str]
    contents: Contents
    atcs: frozenset[str] = frozenset()
    loosely: bool = False


def clash_of(statement: Statement, catalogue: Catalogue) -> Clash | None:
    """The first word of the statement that names another medicine than its most exact code; `None` where none does.

    Only what the catalogue knows can clash: a code or a name that it does not hold says nothing against another.
    """
    told = [named for named in _told(statement, catalogue) if named]
    return _against(told[0], told[1:]) if len(told) > 1 else None


def text_clash(name: str, substances: tuple[str, ...], catalogue: Catalogue) -> Clash | None:
    """As `clash_of` where other statements have told what the ATC code stands for."""
    named = _by_text(name, catalogue)
    return _against(_Named(CODE, frozenset({substances})), [named]) if named else None


def _told(s: Statement, catalogue: Catalogue) -> Iterator[_Named | None]:
    """From the most exact to the least (R1, R2, R4, R7, R10)."""
    package = catalogue.by_varenr.get(s.varenr) if s.varenr else None
    product = catalogue.by_id.get(s.fest_id) if s.fest_id else None
    yield _of_drugs(PACKAGE, [package] if package else [])
    yield _of_drugs(PRODUCT, [product] if product else [])
    yield _by_substances(s, catalogue)
    yield _of_drugs(CODE, catalogue.by_atc.get(AtcCode(current_atc(str(s.atc))[0]), ()) if s.atc else ())
    yield _by_text(s.name, catalogue)


def _of_drugs(by: Mapping[str, str], drugs: Iterable[Drug], *, loosely: bool = False) -> _Named | None:
    known = [d for d in drugs if d.substances]
    atcs = frozenset(current_atc(str(d.atc))[0] for d in known if d.atc)
    contents = frozenset(as_compared(d.substances) for d in known)
    return _Named(by, contents, atcs, loosely) if contents else None


def _by_substances(s: Statement, catalogue: Catalogue) -> _Named | None:
    """The substances as said, where the register knows each by that very name; all of them need not be told."""
    said = as_compared(s.substances)
    known = [[d for d in catalogue.by_name.get(one, ()) if as_compared(d.substances) == (one,)] for one in said]
    if not known or not all(known):
        return None
    atcs = frozenset(current_atc(str(d.atc))[0] for d in known[0] if d.atc) if len(said) == 1 else frozenset()
    return _Named(SUBSTANCE, frozenset({said}), atcs, loosely=True)


def _by_text(name: str, catalogue: Catalogue) -> _Named | None:
    """The one medicine whose name the text is; else the one whose name it begins with, which only names loosely."""
    plain = plain_name(name)
    exact = catalogue.by_name.get(folded(name), ()) or catalogue.by_name.get(plain, ())
    named = _of_drugs(TEXT, exact)
    if named is None:
        words = plain.split(" ")
        begun = (catalogue.by_name.get(" ".join(words[:n]), ()) for n in range(len(words) - 1, 0, -1))
        named = _of_drugs(TEXT, next((drugs for drugs in begun if drugs), ()), loosely=True)
    return named if named and len(named.contents) == 1 else None


def _against(first: _Named, others: Iterable[_Named]) -> Clash | None:
    apart = [other for other in others if _apart(first, other)]
    if not apart:
        return None
    other = apart[0]
    return Clash(
        substances="+".join(min(other.contents)),
        own=first.atcs,
        others=other.atcs,
        by=tuple(other.by.items()),
        than=tuple(first.by.items()),
        text_apart=any(one.by is TEXT for one in apart),
    )


def _apart(a: _Named, b: _Named) -> bool:
    shared = _parts(a) & _parts(b) if a.loosely or b.loosely else a.contents & b.contents
    return not shared


def _parts(named: _Named) -> frozenset[str]:
    return frozenset(substance for substances in named.contents for substance in substances)


def as_compared(substances: tuple[str, ...]) -> tuple[str, ...]:
    """Substances as they are compared: folded, each once, in order."""
    return tuple(sorted({folded(s) for s in substances if s.strip()}))


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """Case, accents, punctuation and strength folded away, forms by their name in list 7448; nothing else.

    A strength that can be read in two ways stays: such a name is no other's (R10: "strength agrees if stated").
    """
    text = _STRENGTH.sub(
        lambda hit: " " if read_strength(hit[0]) else hit[0], unicodedata.normalize("NFC", name).casefold()
    )
    return " ".join(_forms_written_out(re.findall(r"[\w-]+", text)))


def _forms_written_out(words: list[str]) -> Iterator[str]:
    """`tabl`, `tabletter`, `depot tabl` as the one word they stand for, the longest first."""
    forms, at = forms_written_out(), 0
    while at < len(words):
        size = next((n for n in range(_LONGEST_FORM, 1, -1) if tuple(words[at : at + n]) in forms), 1)
        yield from forms.get(tuple(words[at : at + size]), words[at : at + 1])
        at += size


def strength_in(name: str) -> tuple[Quantity, ...]:
    """The strength that stands in a name, one for each substance; empty where none does."""
    return read_strength(hit[0]) if (hit := _STRENGTH.search(name.casefold())) else ()
