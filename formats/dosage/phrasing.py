"""Words: names, indications, as needed, negations, and what keeps a reading from being whole."""

from formats.dosage import items as it
from formats.dosage import times
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.surroundings import DANGEROUS, ILLNESS_ENDINGS
from formats.dosage.tokens import Lexeme


def unknown_word(c: Cursor) -> list[Item]:
    """A word that is not known: a name or an indication in front, an indication behind, else something left over."""
    word = c.take()
    if word.text.startswith(DANGEROUS):
        return [it.Reason("residual", bears=True)]
    if not c.dosed and (len(word.text) > 1 or (c.kind() is K.NUM and c.here().glued)):
        return _name_tail(c)
    return [] if word.text.endswith(ILLNESS_ENDINGS) else [it.UNKNOWN]


def _name_tail(c: Cursor) -> list[Item]:
    """What is written together with a name in front: "B12", "Albyl-E"."""
    while c.here().glued and (c.kind() is K.NUM or (c.kind() is K.DASH and c.s[c.i + 1].glued)):
        c.i += 2 if c.kind() is K.DASH else 1
    return []


def illness(c: Cursor) -> list[Item]:
    """An illness or a vitamin: what it is for."""
    c.take()
    return [] if c.dosed else _name_tail(c)


_INDICATION = frozenset({K.SYMPTOM, K.ILLNESS, K.GRADE, K.WORD, K.SITE, K.SITES})
_INDICATION_WORDS = 6


def indication(c: Cursor) -> list[Item]:
    """`mot smerter og uro`: words up to the next thing that is known."""
    c.take()
    for _ in range(_INDICATION_WORDS):
        ahead = 1 if c.kind() in {K.AND, K.IN, K.COMMA, K.SLASH} else 0
        if ahead and c.kind() in {K.COMMA, K.SLASH} and c.kind(1) not in {K.SYMPTOM, K.ILLNESS}:
            break
        if c.kind(ahead) not in _INDICATION or c.s[c.i + ahead].text.startswith(DANGEROUS):
            break
        c.i += ahead + 1
    return []


def indication_for(c: Cursor) -> list[Item]:
    """`for smerter`: an indication; any other "for" is not understood."""
    if c.kind(1) in _INDICATION:
        return indication(c)
    c.take()
    return [it.UNKNOWN]


def as_needed(c: Cursor) -> list[Item]:
    """`ved smerter`: as needed. `ved` and anything else is not understood."""
    c.take()
    while c.kind() is K.GRADE:
        c.take()
    if not _is_symptom(c.here()):
        return [it.UNKNOWN]
    c.take()
    while c.kind() in {K.AND, K.SLASH, K.COMMA, K.REASON}:
        start = c.i
        joined = c.take()
        while c.kind() is K.GRADE:
            c.take()
        if (joined.kind is K.REASON and joined.text != "eller") or not _is_symptom(c.here()):
            c.i = start
            break
        c.take()
    return [it.PRN]


_SYMPTOM_ENDINGS = (
    "smerter",
    "smerte",
    "anfall",
    "plager",
    "krampe",
    "kramper",
    "vansker",
    "besvær",
    "verk",
    "kvalme",
    "angst",
    "kløe",
    "uro",
    "feber",
)


def _is_symptom(lexeme: Lexeme) -> bool:
    return lexeme.kind is K.SYMPTOM or (lexeme.kind is K.WORD and lexeme.text.endswith(_SYMPTOM_ENDINGS))


def negation(c: Cursor) -> list[Item]:
    """A negation: a day exception if a day follows, else nothing around it is certain."""
    if c.kind(1) is K.HANDLING:
        return _handling(c)
    ahead = 2 if c.kind(1) is K.NOISE else 1
    if c.kind(ahead) is K.WEEKDAY or (c.kind(ahead) is K.WORD and c.s[c.i + ahead].text.endswith("dagen")):
        return [times.exceptions(c)]
    c.take()
    return [it.NOT]


def _handling(c: Cursor) -> list[Item]:
    """`ikke knuses eller tygges`: the known negations that do not touch the dose (convention 4)."""
    c.take()
    c.take()
    while c.kind(1) is K.HANDLING and (c.kind() in {K.AND, K.COMMA} or c.here().text == "eller"):
        c.i += 2
    return []


# After these the text speaks of another dose than the one in use, up to the end of the clause.
_SPEAKS_OF_ANOTHER = frozenset(
    {
        "kan økes",
        "kan aukast",
        "økes",
        "økes til",
        "kan reduseres",
        "kan trappes",
        "eventuelt",
        "evt",
        "ev",
        "justeres",
        "dosen justeres",
    }
)

_LEAVES_TIMES = _SPEAKS_OF_ANOTHER | {"til kuren er ferdig", "kuren er ferdig", "neste"}


def reason(c: Cursor) -> list[Item]:
    """A word that keeps the reading from being whole, with the clause that speaks of another dose."""
    lexeme = c.take()
    found: list[Item] = [it.Reason(lexeme.value, bears=lexeme.value == "residual" and lexeme.text not in _LEAVES_TIMES)]
    if lexeme.value == "inr" and c.at_number():
        c.amount()  # a value or a date
    if lexeme.value in {"prn_repeat", "change_note", "patch_off"} or lexeme.text in _SPEAKS_OF_ANOTHER:
        while c.kind() not in {K.COMMA, K.DOT, K.END, K.THEN}:
            passed = c.take()
            if passed.kind is K.REASON and passed.value != "residual":
                found.append(it.Reason(passed.value))
    return found


def away(c: Cursor) -> list[Item]:
    """`fra 1.3`, `til 14.3`, `etter 3 dager`: dates, changes and conditions are left to the reader."""
    c.take()
    if c.kind() is K.WEEKDAY:
        c.take()
        return [it.UNKNOWN]
    if c.at_number():
        c.amount()
        c.skip(K.DOT)
    return [it.Reason("residual", bears=c.kind() in {K.UNIT, K.GANG, K.TIMES})]


def _passed(c: Cursor) -> list[Item]:
    c.take()
    return []


def towards(c: Cursor) -> list[Item]:
    """`til` before a number, a date or a weekday; else it leads to a place."""
    return away(c) if c.at_number(1) or c.kind(1) in {K.DATE, K.WEEKDAY} else _passed(c)


def comma(c: Cursor) -> list[Item]:
    """A colon, or any other mark between clauses."""
    return [it.COLON if c.take().text == ":" else it.COMMA]


def dash(c: Cursor) -> list[Item]:
    """A dash with air around it is punctuation; else it belongs to something that was not understood."""
    dash = c.take()
    airy = not dash.glued and not c.here().glued
    return (
        [it.COMMA] if airy and not (c.at_number() and c.s[c.i - 2].kind in {K.NUM, K.NUMBER, K.UNIT}) else [it.UNKNOWN]
    )
