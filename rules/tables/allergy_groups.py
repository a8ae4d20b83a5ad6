"""Names of groups that an allergy is written down by in words, without a code ("CAVE penicillin", rules.md F01)."""

from dataclasses import dataclass

from rules.tables.origin import PROPOSAL, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupName:
    """Whole words, case folded, and the ATC groups they name."""

    words: tuple[str, ...]
    prefixes: tuple[str, ...]
    origin: Origin = PROPOSAL


GROUP_NAMES: tuple[GroupName, ...] = (
    GroupName(words=("penicillin", "penicilliner", "penicillinar"), prefixes=("J01C",)),
    GroupName(
        words=("cefalosporin", "cefalosporiner", "cefalosporinar"), prefixes=("J01DB", "J01DC", "J01DD", "J01DE")
    ),
    GroupName(words=("sulfa", "sulfonamid", "sulfonamider", "sulfapreparater", "sulfapreparat"), prefixes=("J01E",)),
    GroupName(words=("makrolid", "makrolider", "makrolidar"), prefixes=("J01FA",)),
    GroupName(words=("tetracyklin", "tetracykliner", "tetracyklinar"), prefixes=("J01AA",)),
    GroupName(words=("kinolon", "kinoloner", "fluorokinolon", "fluorokinoloner"), prefixes=("J01MA",)),
    GroupName(words=("nsaid", "nsaids"), prefixes=("M01A",)),
    GroupName(words=("opioid", "opioider", "opiat", "opiater"), prefixes=("N02A",)),
    GroupName(words=("statin", "statiner", "statinar"), prefixes=("C10AA",)),
)
DENIES = frozenset({"ikke", "ikkje", "ingen", "tåler", "toler", "avkreftet", "avkrefta", "negativ"})
"""Words beside which a group's name is no allergy to it."""
_GROUPS = {word: row.prefixes for row in GROUP_NAMES for word in row.words}


def groups_in(words: frozenset[str]) -> frozenset[str]:
    """The ATC groups that these words name."""
    return frozenset() if words & DENIES else frozenset(p for word in words for p in _GROUPS.get(word, ()))
