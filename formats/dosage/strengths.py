"""Strengths beside a dose: what one piece holds, or so much in so much. They are passed by, and only marked."""

from formats.dosage import items as it
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.measures import MASS, PIECE, VOLUME


def tail(c: Cursor) -> list[Item]:
    """The rest of a strength: after each stroke a unit, `t` or `dose`, or another amount of mass or volume."""
    while c.skip(K.SLASH):
        if c.kind() is K.NUM and c.kind(1) is K.UNIT and c.s[c.i + 1].extra in {MASS, VOLUME}:
            c.i += 2
        elif (c.kind() is K.NUM and c.kind(1) is K.SLASH) or c.kind() in {K.UNIT, K.SPAN, K.DAILY}:
            c.take()
        else:
            return [it.STRENGTH, it.UNKNOWN]
    return [it.STRENGTH]


def is_pair(c: Cursor) -> bool:
    """`50/12,5 mg`: two numbers that are no fraction, and a mass."""
    ahead = 0
    while c.kind(ahead) is K.NUM and c.kind(ahead + 1) is K.SLASH and c.kind(ahead + 2) is K.NUM:
        ahead += 2
    last = c.s[c.i + ahead + 1] if ahead else None
    if last is None or last.kind is not K.UNIT or last.extra != MASS:
        return False
    fraction = len(c.s[c.i].value) == 1 and c.s[c.i + 2].value in {"2", "4", "8"}
    return not fraction


def is_bare_pair(c: Cursor) -> bool:
    """`Seretide 50/250`: behind a name, and no fraction."""
    if c.kind() is not K.NUM or c.kind(1) is not K.SLASH or c.kind(2) is not K.NUM or c.kind(3) is K.SPAN:
        return False
    return c.here().text != "1" and c.s[c.i + 2].value not in {"2", "3", "4", "8"} and not c.here().extra


def strength(c: Cursor) -> list[Item]:
    """`à 5 mg`."""
    c.take()
    if not c.at_number():
        return [it.UNKNOWN]
    if is_pair(c):
        c.take()
        return tail(c)
    c.amount()
    if c.kind() is not K.UNIT or c.here().extra not in {MASS, VOLUME}:
        return [it.UNKNOWN]
    c.take()
    return tail(c)


def in_brackets_beside_pieces(c: Cursor) -> bool:
    """`1 tablett daglig (25 mg)`: what the pieces in front hold."""
    opened = c.i > 2 and c.s[c.i - 3].text == "("  # noqa: PLR2004 - bracket, number, unit
    pieces = any(lexeme.kind is K.UNIT and lexeme.extra == PIECE for lexeme in c.s[: c.i - 1])
    return opened and pieces and c.here().text == ")"
