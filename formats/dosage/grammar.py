"""The grammar: one function for each construct, chosen by the kind of the word it begins with.

It reads the whole text into items and leaves nothing out: what it can't place is an `UNKNOWN` or a `Reason`.
"""

from collections.abc import Callable

from formats.dosage import amounts, lengths, phrasing, reservations, strengths, times
from formats.dosage import items as it
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.tokens import Lexeme
from formats.dosing import Amount, PartOfDay


def read_items(stream: list[Lexeme]) -> tuple[list[Item], bool]:
    """The text's items in order, and whether a number in it can be read in two ways."""
    c = Cursor(stream)
    found: list[Item] = []
    while c.kind() is not K.END:
        before = c.i
        found += _CONSTRUCTS[c.kind()](c)
        if c.i == before:  # a construct that can make nothing of its own word ("09:30:00"): the word is unknown
            found += _unknown(c)
    return found, c.unsafe


def _skip(c: Cursor) -> list[Item]:
    c.take()
    return []


def _unknown(c: Cursor) -> list[Item]:
    c.take()
    return [it.UNKNOWN]


def _mark(mark: Item) -> Callable[[Cursor], list[Item]]:
    def construct(c: Cursor) -> list[Item]:
        c.take()
        return [mark]

    return construct


def _site(c: Cursor) -> list[Item]:
    lexeme = c.take()
    side, _, site = lexeme.value.partition(" ")
    return [it.Side(side, site or None)]


def _both(c: Cursor) -> list[Item]:
    return [it.Both(c.take().value)]


def _loose_unit(c: Cursor) -> list[Item]:
    unit = it.LooseUnit(c.take().value)
    if c.here().glued and c.kind(1) is not K.END:
        c.skip(K.DOT)  # "2,5 mg tabl. 6 tabl"
    return [unit]


def _patch(c: Cursor) -> list[Item]:
    """`plasteret skiftes`: one; beside an amount only the patch that amount is of."""
    c.take()
    beside, c.dosed = c.dosed, True
    return [it.LooseUnit("plaster")] if beside else [it.Qty(Amount.of(1), "plaster", "piece")]


def _part(c: Cursor) -> list[Item]:
    lexeme = c.take()
    each = lexeme.text.split()[0] in {"hver", "kvar"}
    return [it.At(PartOfDay(lexeme.value), "each" if each else "part")]


def _meal_part(c: Cursor) -> list[Item]:
    return [it.At(PartOfDay(c.take().value), "meal")]


def _dinner(c: Cursor) -> list[Item]:
    return [it.At(PartOfDay.NOON, f"dinner-{c.take().value}")]


def _period(c: Cursor) -> list[Item]:
    return [times.period_rate(c.take())]


def _weekdays(c: Cursor) -> list[Item]:
    return [times.weekdays(c)]


def _exceptions(c: Cursor) -> list[Item]:
    return [times.exceptions(c)]


def _vague_days(c: Cursor) -> list[Item]:
    return [it.VagueDays(c.take().value == "work")]


_CONSTRUCTS: dict[K, Callable[[Cursor], list[Item]]] = {
    K.NUM: amounts.number_led,
    K.NUMBER: amounts.number_led,
    K.FRACTION: amounts.number_led,
    K.UNSAFE: amounts.number_led,
    K.UNIT: _loose_unit,
    K.PART: _part,
    K.MEAL_PART: _meal_part,
    K.DINNER: _dinner,
    K.CLOCK: times.clocks,
    K.DAILY: _mark(it.Daily()),
    K.PERIOD: _period,
    K.GANG: _unknown,
    K.EVERY: times.every,
    K.ORDINAL: _unknown,
    K.ALTERNATE: times.alternate,
    K.OTHER_DAYS: _mark(it.OTHER_DAYS),
    K.SPAN: lengths.numbered,
    K.WEEKDAY: _weekdays,
    K.REST: phrasing.rest,
    K.EXCEPT: _exceptions,
    K.VAGUE_DAYS: _vague_days,
    K.PRN: _mark(it.PRN),
    K.AT: phrasing.as_needed,
    K.SYMPTOM: _skip,
    K.GRADE: _unknown,
    K.MAX: amounts.ceiling,
    K.AT_MOST: amounts.at_most,
    K.THEN: _mark(it.THEN),
    K.STOP: phrasing.stop,
    K.PAUSE: lengths.pause,
    K.REPEAT: reservations.repeat,
    K.RAISED: lengths.raised,
    K.INSTEAD: _mark(it.INSTEAD),
    K.MORE: _unknown,
    K.OR: phrasing.either,
    K.SEE: reservations.see,
    K.NOT: phrasing.negation,
    K.REASON: reservations.reason,
    K.BOTH: _both,
    K.SIDE: _site,
    K.SITE: _skip,
    K.SITES: _mark(it.SITES),
    K.ONCE: amounts.once,
    K.FIRST: lengths.first_days,
    K.EXTRA: _mark(it.EXTRA),
    K.FIXED: _mark(it.FIXED),
    K.LEAD: reservations.away,
    K.IN: lengths.during,
    K.TO: phrasing.towards,
    K.FROM: reservations.away,
    K.FOR: phrasing.indication_for,
    K.AGAINST: phrasing.indication,
    K.STRENGTH: strengths.strength,
    K.PATCH: _patch,
    K.CHANGE: lengths.change,
    K.PER_GIVING: _skip,
    K.MEAL: _mark(it.MEAL),
    K.BETWEEN: lengths.window,
    K.LIQUID: _skip,
    K.DIVIDED: amounts.divided,
    K.HANDLING: _skip,
    K.NOISE: phrasing.passed_by,
    K.ILLNESS: phrasing.illness,
    K.AND: _mark(it.AND),
    K.DATE: _mark(it.Reason("residual")),
    K.WORD: phrasing.unknown_word,
    K.DOT: _mark(it.STOPPER),
    K.COMMA: phrasing.comma,
    K.PLUS: phrasing.plus,
    K.DASH: phrasing.dash,
    K.TIMES: amounts.multiplied,
    K.SLASH: phrasing.slash,
    K.SIGN: _unknown,
}
