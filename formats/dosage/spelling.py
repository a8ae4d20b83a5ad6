"""Misspelt words (convention 12): one edit in a word of five letters, two in one of seven, if only one word fits.

An edit is a letter lost, added or changed, or two neighbours swapped. Numbers, units of mass and volume and negations
are never guessed at. Stricter than the convention, since a wrong word read is worse than one left unread: the first
letter must be right, two edits need nine letters, and what is a word of its own ("fridager") is not misspelt.
"""

from functools import lru_cache

from formats.dosage.lexicon import K, phrases
from formats.dosage.measures import MASS, VOLUME
from formats.dosage.surroundings import DANGEROUS, OWN_WORDS

_ONE_EDIT, _TWO_EDITS, _TWO_EDITS_SURE = 5, 7, 9
_NEVER = {K.NUMBER, K.NOT, K.SIDE, K.ILLNESS, K.ORDINAL}


def _families() -> dict[str, str]:
    """Each word that may be meant, with its family: words of one family stand for the same."""
    alone = {words[0]: meaning for words, meaning in phrases() if len(words) == 1}
    shut = {word for word, m in alone.items() if m.kind in _NEVER or m.extra in {MASS, VOLUME}}
    known = {word for words, _ in phrases() for word in words if len(word) >= _ONE_EDIT} - shut
    return {word: "|".join(alone[word]) if word in alone else word for word in known}


_FAMILIES = _families()
_KNOWN = frozenset(word for words, _ in phrases() for word in words)


def _deletions(word: str, depth: int) -> set[str]:
    found = {word}
    layer = {word}
    for _ in range(depth):
        layer = {text[:i] + text[i + 1 :] for text in layer for i in range(len(text))}
        found |= layer
    return found


def _index() -> dict[str, tuple[str, ...]]:
    index: dict[str, set[str]] = {}
    for word in _FAMILIES:
        for shape in _deletions(word, 2 if len(word) >= _TWO_EDITS else 1):
            index.setdefault(shape, set()).add(word)
    return {shape: tuple(sorted(words)) for shape, words in index.items()}


_INDEX = _index()


@lru_cache(maxsize=65536)
def corrected(word: str) -> str:
    """The known word nearest to `word`, or `word` itself when it is known, or none or several are as near."""
    if word in _KNOWN or word in OWN_WORDS or len(word) < _ONE_EDIT - 1:
        return word
    near = {hit for shape in _deletions(word, 2) for hit in _INDEX.get(shape, ())}
    edits = {hit: distance(word, hit) for hit in near}
    fits = {hit for hit in near if edits[hit] <= _allowed(hit)}
    nearest = {hit for hit in fits if edits[hit] == min(edits[other] for other in fits)}
    if len({_FAMILIES[hit] for hit in nearest}) != 1:
        return word
    meant = min(nearest)
    sure = meant[0] == word[0] and (edits[meant] == 1 or len(meant) >= _TWO_EDITS_SURE)
    sure &= all(meant.startswith(start) for start in DANGEROUS if word.startswith(start))  # "droppes" is no drop
    return meant if sure else word


# Words that stop or change a dose are not read into names that look like them ("forrige", "seponer").
_WEIGHTY = frozenset({K.REASON, K.STOP, K.PAUSE, K.RAISED, K.CHANGE, K.REPEAT})
_HARMLESS = frozenset(word for words, meaning in phrases() if meaning.kind not in _WEIGHTY for word in words)


def _allowed(known: str) -> int:
    return 2 if len(known) >= _TWO_EDITS and known in _HARMLESS else 1


def distance(left: str, right: str) -> int:
    """Edits between two words: letters lost, added, changed, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
