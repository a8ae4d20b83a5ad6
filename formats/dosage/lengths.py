"""How long: lengths of treatment, first days, pauses and changes of dose. One function for each construct."""

from decimal import Decimal

from formats.dosage import amounts, times
from formats.dosage import items as it
from formats.dosage.clauses import pass_clause
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.measures import VOLUME
from formats.dosing import Duration


def during(c: Cursor) -> list[Item]:
    """`i 7 dager`, `i inntil 10 dager`; any other "i" leads to a place."""
    c.take()
    if c.kind() is K.AT_MOST:
        return amounts.at_most(c)
    if not c.at_number():
        return _within(c)
    amount = c.amount()
    ends = amounts.whole(amount) if amount else None
    if c.kind() is K.UNIT and c.here().extra == VOLUME and c.kind(1) is K.LIQUID:
        c.take()
    if c.skip(K.LIQUID):
        return []
    if ends and c.here().text == "d":  # "i 14 d.": nowhere else is a lone d a day
        c.take()
        c.skip(K.DOT)
        return [it.For(Duration(*ends))]
    if ends is None or c.kind() is not K.SPAN:
        return [it.UNKNOWN]
    return times.span_led(c, *ends)


def _within(c: Cursor) -> list[Item]:
    """`i øyet` is a place; `i perioder` in front of the dose limits it."""
    if c.dosed or c.kind() is not K.WORD:
        return []
    c.take()
    return [it.Reason("residual", bears=True)]


def first_days(c: Cursor) -> list[Item]:
    """`første uken`, `de første 3 dagene`."""
    c.take()
    ends = c.whole() if c.at_number() else (1, 1)
    if ends is None or c.kind() is not K.SPAN:
        return [it.UNKNOWN]
    found = times.length(*ends, c.take().value)
    return [it.For(found, first=True)] if found else [it.UNKNOWN]


def pause(c: Cursor) -> list[Item]:
    """`pause`, `pause i 7 dager`."""
    c.take()
    start = c.i
    if c.dosed and c.kind() is K.AT:
        pass_clause(c)
        return [it.Reason("hold"), it.LATER]
    if c.kind() is K.VAGUE_DAYS:
        c.take()
        return [it.VagueDays(certain=False), it.FREE]
    if c.kind() is K.WEEKDAY:
        return [times.named_exceptions(c)]
    if (c.skip(K.IN) or c.i == start) and c.at_number():
        ends = c.whole()
        if ends and c.kind() is K.SPAN:
            found = times.length(*ends, c.take().value)
            return [it.Hold(found)] if found else [it.UNKNOWN]
    c.i = start
    return [it.Hold(None)]


def change(c: Cursor) -> list[Item]:
    """`trappes ned med 5 mg hver uke`."""
    sign = Decimal(f"{c.take().value}1")
    amount = c.amount() if c.at_number() else None
    if amount is None or amount.low != amount.high or c.kind() is not K.UNIT:
        return [it.Reason("residual"), it.TAPER]
    unit = c.take()
    each = times.change_interval(c)
    if each is None:
        return [it.Reason("residual"), it.TAPER]
    return [it.Change(sign * amount.low, unit.value or None, each), it.Reason("residual")]


_LABEL_WORDS = frozenset({"uke", "veke", "dag", "uker", "dager", "veker", "dagar", "døgn"})
_AFTER_LABEL = frozenset({K.COMMA, K.END, K.DOT, K.THEN, K.NUM, K.NUMBER, K.FRACTION, K.DASH, K.AND})


def numbered(c: Cursor) -> list[Item]:
    """`uke 1:`, `dag 2-5:` name the days of a step; any other unit of time is not understood."""
    span = c.take()
    if span.text not in _LABEL_WORDS or c.kind() is not K.NUM:
        return [it.UNKNOWN]
    start = c.i
    ends = c.whole()
    if ends is None or c.kind() not in _AFTER_LABEL:
        c.i = start
        return [it.UNKNOWN]
    if c.kind() is K.AND and c.kind(1) is K.NUM and c.kind(2) is K.COMMA and c.s[c.i + 1].value == str(ends[1] + 1):
        c.take()
        ends = (ends[0], int(c.take().value))
    if c.kind() is K.DASH:
        c.take()
    return [it.Label(*ends, 7 if span.value == "w" else 1)]


def raised(c: Cursor) -> list[Item]:
    """`i 1 uke, økes til 10 mg`: the next step. Without a length before it nothing says when."""
    before = [lexeme for lexeme in c.s[: c.i] if lexeme.kind not in {K.COMMA, K.DOT, K.AND}]
    c.take()
    if before and before[-1].kind is K.THEN:
        return []
    if before and before[-1].kind is K.SPAN:
        return [it.THEN]
    while c.kind() not in {K.COMMA, K.DOT, K.END, K.THEN}:
        c.take()
    return [it.Reason("residual")]


def window(c: Cursor) -> list[Item]:
    """`mellom kl 8 og 10`, `mellom 8 og 10`."""
    c.take()
    bare = c.kind() is K.NUM and c.kind(1) is K.AND and c.kind(2) is K.NUM and c.kind(3) not in {K.UNIT, K.SPAN, K.GANG}
    if c.kind() is not K.CLOCK and not bare:
        return [it.UNKNOWN]
    times.clocks(c)
    return [it.WINDOW]
