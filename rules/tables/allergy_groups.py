"""Names of groups that an allergy is written down by in words, without a code ("CAVE penicillin", rules.md F01).

In the languages of users, and of journals that write English: SNOMED CT and most vendors say "Penicillins".
"""

from dataclasses import dataclass

from rules.tables.origin import PROPOSAL, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupName:
    """Whole words, case folded, and the ATC groups they name."""

    words: tuple[str, ...]
    prefixes: tuple[str, ...]
    origin: Origin = PROPOSAL


GROUP_NAMES: tuple[GroupName, ...] = (
    GroupName(words=("penicillin", "penicilliner", "penicillinar", "penicillins"), prefixes=("J01C",)),
    GroupName(
        words=("cefalosporin", "cefalosporiner", "cefalosporinar", "cephalosporin", "cephalosporins"),
        prefixes=("J01DB", "J01DC", "J01DD", "J01DE"),
    ),
    GroupName(
        words=(
            *("sulfa", "sulfonamid", "sulfonamider", "sulfapreparater", "sulfapreparat"),
            *("sulfonamide", "sulfonamides"),
        ),
        prefixes=("J01E",),
    ),
    GroupName(words=("makrolid", "makrolider", "makrolidar", "macrolide", "macrolides"), prefixes=("J01FA",)),
    GroupName(
        words=("tetracyklin", "tetracykliner", "tetracyklinar", "tetracycline", "tetracyclines"), prefixes=("J01AA",)
    ),
    GroupName(
        words=(
            *("kinolon", "kinoloner", "fluorokinolon", "fluorokinoloner"),
            *("quinolone", "quinolones", "fluoroquinolone", "fluoroquinolones"),
        ),
        prefixes=("J01MA",),
    ),
    GroupName(words=("nsaid", "nsaids"), prefixes=("M01A",)),
    GroupName(words=("asa", "acetylsalisyl", "salisylat", "salisylater"), prefixes=("B01AC06", "N02BA")),
    GroupName(words=("opioid", "opioider", "opiat", "opiater", "opioids", "opiate", "opiates"), prefixes=("N02A",)),
    GroupName(words=("statin", "statiner", "statinar", "statins"), prefixes=("C10AA",)),
)
DENIES = frozenset(
    {
        *("ikke", "ikkje", "ingen", "tåler", "toler", "avkreftet", "avkrefta", "negativ"),
        *("no", "not", "tolerates", "denies", "negative"),
    }
)
"""Words beside which a group's name is no allergy to it."""
_GROUPS = {word: row.prefixes for row in GROUP_NAMES for word in row.words}


def groups_in(words: frozenset[str]) -> frozenset[str]:
    """The ATC groups that these words name."""
    return frozenset() if words & DENIES else frozenset(p for word in words for p in _GROUPS.get(word, ()))
