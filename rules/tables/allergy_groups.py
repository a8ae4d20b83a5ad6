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
    GroupName(
        words=("nsaid", "nsaids"),  # of the others (M01AX) nabumeton alone: glucosamine is none
        prefixes=("M01AA", "M01AB", "M01AC", "M01AE", "M01AG", "M01AH", "M01AX01"),
    ),
    GroupName(words=("asa", "acetylsalisyl", "salisylat", "salisylater"), prefixes=("B01AC06", "N02BA")),
    GroupName(words=("opioid", "opioider", "opiat", "opiater", "opioids", "opiate", "opiates"), prefixes=("N02A",)),
    GroupName(words=("statin", "statiner", "statinar", "statins"), prefixes=("C10AA",)),
)
_NOT = frozenset({"ikke", "ikkje", "no", "not"})
_TOLERATES = frozenset({"tåler", "toler", "tolerates", "tolerate"})
_DENIES = frozenset({"ingen", "avkreftet", "avkrefta", "negativ", "denies", "negative"})
_ALLERGIC = ("allerg", "overfølsom", "hypersensitiv", "intoler", "reager", "react")


def denied(words: frozenset[str]) -> bool:
    """The words say that it is no allergy: "tåler penicillin", "ikke allergisk mot penicillin".

    But "tåler ikke penicillin" and "skal ikke ha penicillin" say that it is one.
    """
    if words & _NOT:
        return not words & _TOLERATES and any(stem in word for word in words for stem in _ALLERGIC)
    return bool(words & (_DENIES | _TOLERATES))


_GROUPS = {word: row.prefixes for row in GROUP_NAMES for word in row.words}


def groups_in(words: frozenset[str]) -> frozenset[str]:
    """The ATC groups that these words name."""
    return frozenset() if denied(words) else frozenset(p for word in words for p in _GROUPS.get(word, ()))
