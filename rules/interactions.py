"""What the drug register knows of two medicines taken together. An empty answer is no promise of safety."""

from functools import lru_cache

from formats.drug import Interaction, folded
from rules.naming import Held
from rules.view import CaseView, LineView

AVOID = 1
PRECAUTION = 2
"""Grades of code list 7483. Grade 3 (no measures needed) is not told (FEST's guide 8.2)."""

_ATC_LEVELS = (1, 3, 4, 5)

Side = tuple[int, int]
"""Number of the interaction in the catalogue, and which of its two groups (0, 1)."""


@lru_cache(maxsize=2)
def _index(held: Held) -> dict[str, frozenset[Side]]:
    found: dict[str, set[Side]] = {}
    for number, interaction in enumerate(held.catalogue.interactions):
        for side, group in enumerate((interaction.group_a, interaction.group_b)):
            for word in group if interaction.relevance <= PRECAUTION else ():
                found.setdefault(folded(word), set()).add((number, side))
    return {word: frozenset(sides) for word, sides in found.items()}


def interacts(line: LineView, case: CaseView) -> bool:
    """The register holds an interaction of the line with something."""
    return bool(_sides(Held(case.catalogue), line.substances, line.atcs))


def worst_interaction(a: LineView, b: LineView, case: CaseView) -> Interaction | None:
    """The gravest interaction the register holds between two lines, or `None`."""
    held = Held(case.catalogue)
    of_a, of_b = _sides(held, a.substances, a.atcs), _sides(held, b.substances, b.atcs)
    if not of_a or not of_b:
        return None
    shared = [case.catalogue.interactions[number] for number, side in of_a if (number, 1 - side) in of_b]
    return min(shared, key=lambda i: (i.relevance, i.id), default=None)


@lru_cache(maxsize=2048)
def _sides(held: Held, substances: tuple[str, ...], atcs: frozenset[str]) -> frozenset[Side]:
    """Where a line's names stand. The ATC groups of a combination would bring in other medicines' interactions."""
    index = _index(held)
    if not index:
        return frozenset()
    words = {folded(s) for s in substances} | {folded(atc) for atc in atcs}
    if len(substances) <= 1:
        words |= {folded(atc[:level]) for atc in atcs for level in _ATC_LEVELS}
    return frozenset().union(*(index.get(word, frozenset()) for word in words))
