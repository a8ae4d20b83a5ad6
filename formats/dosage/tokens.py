"""From characters to a stream of meanings: signs, numbers and the phrases of the lexicon, with where they stood."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from formats.dosage.lexicon import K, Meaning, phrases
from formats.dosage.spelling import corrected


class Lexeme(NamedTuple):
    """One phrase, number or sign: what it is, what it stands for, its words (lower case) and its place.

    `glued`: nothing stood between it and what came before.
    """

    kind: K
    value: str
    extra: str
    text: str
    start: int
    end: int
    glued: bool


END = Lexeme(K.END, "", "", "", -1, -1, False)  # noqa: FBT003 - a tuple's last field

_TOKEN = re.compile(
    r"""
    (?P<num> [0-9]+ (?: [.,:][0-9]+ )* )
    | (?P<naked> (?<! [^\W_] ) [.,][0-9]+ )             # ",5": no digit before the mark
    | (?P<word> (?: [^\W\d_]\. )+ [^\W\d_]\b            # "v.b", "i.m"
              | [^\W\d_½¼¾⅐-↋①-⓿²³¹⁰-₉]+ )               # letters, not the numbers that count as such
    | (?P<sign> \S )
    """,
    re.VERBOSE,
)
_SIGNS = {
    ".": K.DOT, ",": K.COMMA, ";": K.COMMA, ":": K.COMMA, "(": K.COMMA, ")": K.COMMA, "!": K.COMMA, "[": K.COMMA,
    "]": K.COMMA, "=": K.COMMA,
    '"': K.COMMA, "+": K.PLUS, "-": K.DASH, "–": K.DASH,
    "—": K.DASH, "−": K.DASH, "‐": K.DASH, "‑": K.DASH, "/": K.SLASH,
}  # fmt: skip
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_CHANGED = str.maketrans({"µ": "μ", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u00ad": "", "⁄": "/"})

Node = dict[str, "Node | Meaning"]
_LEAF = ""


def _tree() -> Node:
    root: Node = {}
    for words, meaning in phrases():
        node = root
        for word in words:
            branch = node.setdefault(word, {})
            assert isinstance(branch, dict)  # noqa: S101 - leaves are stored under "" only
            node = branch
        node[_LEAF] = meaning
    return root


_ROOT = _tree()


class _Raw(NamedTuple):
    group: str
    text: str
    start: int
    end: int


def lexemes(text: str) -> list[Lexeme]:
    """The text's meanings in order. Words that are not known stay as `K.WORD`; nothing is left out."""
    raw = _raw_tokens(unicodedata.normalize("NFC", text.translate(_CHANGED)).lower())
    stream: list[Lexeme] = []
    place, last_end = 0, -1
    while place < len(raw):
        token = raw[place]
        glued = token.start == last_end
        size, meaning = _longest(raw, place)
        if meaning is None:
            meaning = _bare_meaning(token)
            size = 1
        last = raw[place + size - 1]
        words = token.text if size == 1 else " ".join(part.text for part in raw[place : place + size])
        stream.append(Lexeme(meaning.kind, meaning.value, meaning.extra, words, token.start, last.end, glued))
        last_end = last.end
        place += size
    return stream


def _raw_tokens(text: str) -> list[_Raw]:
    found: list[_Raw] = []
    for hit in _TOKEN.finditer(text):
        group, word = hit.lastgroup or "", hit.group()
        if group == "word":
            found += _words(word, hit.start(), after_number=bool(found) and found[-1].group == "num")
        else:
            found.append(_Raw(group, word, hit.start(), hit.end()))
    return found


def _words(word: str, start: int, *, after_number: bool) -> list[_Raw]:
    """One word, or several where a sign is written together with it ("v.b", "xdaglig", "inntilx")."""
    if "." in word:
        return [_Raw("word", letter, start + 2 * i, start + 2 * i + 1) for i, letter in enumerate(word.split("."))]
    if word in _ROOT:
        return [_Raw("word", word, start, start + len(word))]
    end = start + len(word)
    if after_number and word[0] == "x" and word[1:] in _ROOT:
        return [_Raw("word", "x", start, start + 1), _Raw("word", word[1:], start + 1, end)]
    if word[-1] == "x" and word[:-1] in _ROOT:
        return [_Raw("word", word[:-1], start, end - 1), _Raw("word", "x", end - 1, end)]
    return [_Raw("word", corrected(word), start, end)]


def _longest(raw: list[_Raw], place: int) -> tuple[int, Meaning | None]:
    """The longest phrase that begins here, passing by the dot of an abbreviation ("pr. uke")."""
    node: Node = _ROOT
    best: tuple[int, Meaning | None] = (0, None)
    at = place
    while at < len(raw):
        token = raw[at]
        if (
            token.text == "."
            and at > place
            and token.start == raw[at - 1].end
            and len(raw[at - 1].text) <= _ABBREVIATED
        ):
            at += 1
            continue
        branch = node.get(token.text)
        if not isinstance(branch, dict):
            break
        node = branch
        at += 1
        leaf = node.get(_LEAF)
        if isinstance(leaf, Meaning):
            best = (at - place, leaf)
    return best


_ABBREVIATED = 4


def _bare_meaning(token: _Raw) -> Meaning:
    if token.group == "num":
        return number_meaning(token.text)
    if token.group == "naked":
        return Meaning(K.UNSAFE)
    if token.group == "word":
        return Meaning(K.WORD)
    if token.text in _FRACTIONS:
        return Meaning(K.FRACTION, _FRACTIONS[token.text])
    return Meaning(_SIGNS.get(token.text, K.SIGN))


@lru_cache(maxsize=4096)
def number_meaning(text: str) -> Meaning:
    """A written number: `K.NUM` with a point as mark, or `K.UNSAFE` where it has two readings (convention 6).

    `extra` is `time` for what can only be a clock time, `padded` for a leading zero (a clock time, else unsafe).
    """
    if ":" in text:
        return Meaning(K.NUM, text, "time")
    whole, *rest = re.split(r"[.,]", text)
    if len(rest) > 1:
        return Meaning(K.DATE, text)
    if not rest:
        return Meaning(K.NUM, whole, "padded" if len(whole) > 1 and whole[0] == "0" else "")
    if "." in text and len(rest[0]) == len("000") and int(whole) != 0:
        return Meaning(K.UNSAFE, text)
    padded = len(whole) > 1 and whole[0] == "0"
    return Meaning(K.NUM, f"{whole}.{rest[0]}", "padded" if padded else "point" if "." in text else "")
