"""Rung R11: words that look alike. A suggestion to a human and nothing more: no line is ever joined by it."""

import re
from functools import lru_cache

from formats.drug import folded
from rules.naming import plain_name
from rules.view import LineView

NEAR_FROM = 5
NEAR_EDITS = 2
"""R11: near text, in words long enough for it."""


def named_in(line: LineView, text: str) -> bool:
    """A substance or name of the line stands in the words, or nearly does (R11): a suggestion to a human, no join."""
    text = folded(text)
    words = _words(text)
    return any(f" {n} " in f" {text} " or any(w.startswith(n) or near(w, n) for w in words) for n in _names(line) if n)


def distance_to(line: LineView, text: str) -> int | None:
    """Fewest edits from a word of `text` to a substance or name of the line; `None` where none is near (R11)."""
    found = [e for n in _names(line) for w in _words(folded(text)) if (e := edits(w, n)) is not None]
    return min(found, default=None)


def _names(line: LineView) -> set[str]:
    """Its substances, and the first word of each name that has a code."""
    return {*line.substances, *(folded(s.name).split(" ", 1)[0] for s in line.said if not s.identity.uncoded)}


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text))


def alike(line: LineView, text: str) -> bool:
    """The line is uncoded too, and its words are the text's but for spaces, the order of the words, or a letter.

    Each number must stand in both: 2 mg and 20 mg are not alike.
    """
    return any(s.identity.uncoded and _one_letter_apart(s.name, text) for s in line.said)


def _one_letter_apart(a: str, b: str) -> bool:
    if sorted(re.findall(r"\d+", a)) != sorted(re.findall(r"\d+", b)):
        return False
    close = edits(*(re.sub(r"\W+", "", folded(name)) for name in (a, b)))
    return close is not None or bool(plain_name(a) and plain_name(a) == plain_name(b))


def near(a: str, b: str) -> bool:
    """At most two edits apart, in words of five letters or more."""
    return edits(a, b) is not None


@lru_cache(maxsize=16384)
def edits(a: str, b: str) -> int | None:
    """Edits between two words of five letters or more; `None` above two."""
    if min(len(a), len(b)) < NEAR_FROM or abs(len(a) - len(b)) > NEAR_EDITS:
        return None
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y)))
    return row[-1] if row[-1] <= NEAR_EDITS else None
