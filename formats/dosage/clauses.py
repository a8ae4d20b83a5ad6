"""A clause that is passed over, and a ceiling said as a negation."""

from formats.dosage import amounts
from formats.dosage import items as it
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.tokens import Lexeme


def no_more_than(c: Cursor) -> list[Item]:
    """`ikke mer enn 3 per døgn`: a ceiling said as a negation, so never the whole."""
    c.take()
    return [*amounts.ceiling(c), it.Reason("residual")]


def pass_clause(c: Cursor) -> list[Lexeme]:
    """The rest of the clause, passed over. The dot of "evt." or "5. minutt" does not end it."""
    passed: list[Lexeme] = []
    while c.kind() not in _CLAUSE_ENDS or _is_inner_dot(c):
        passed.append(c.take())
    return passed


_CLAUSE_ENDS = frozenset({K.COMMA, K.DOT, K.END, K.THEN})
_ABBREVIATED = 4


def _is_inner_dot(c: Cursor) -> bool:
    before = c.s[c.i - 1] if c.i else c.here()
    if c.kind() is not K.DOT or not c.here().glued or c.kind(1) in {K.DOT, K.COMMA, K.END}:
        return False
    return (before.kind is K.NUM and c.kind(1) is K.SPAN) or (
        before.kind is K.REASON and len(before.text) < _ABBREVIATED
    )
