"""How long: lengths of treatment, first days, pauses and changes of dose. One function for each construct."""

from decimal import Decimal

from formats.dosage import amounts, times
from formats.dosage import items as it
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
        return []
    amount = c.amount()
    ends = amounts.whole(amount) if amount else None
    if c.kind() is K.UNIT and c.here().extra == VOLUME and c.kind(1) is K.LIQUID:
        c.take()
    if c.skip(K.LIQUID):
        return []
    if ends is None or c.kind() is not K.SPAN:
        return [it.UNKNOWN]
    return times.span_led(c, *ends)


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
    if c.skip(K.IN) and c.at_number():
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
        return [it.Reason("residual")]
    unit = c.take()
    each = _change_interval(c)
    if each is None:
        return [it.Reason("residual")]
    return [it.Change(sign * amount.low, unit.value or None, each), it.Reason("residual")]


def _change_interval(c: Cursor) -> Duration | None:
    said: list[Item] = []
    if c.kind() is K.EVERY:
        said = times.every(c)
    elif c.kind() in {K.PERIOD, K.DAILY}:
        said = [times.period(c) or it.UNKNOWN]
    match said:
        case [it.Rate(low, high, unit)] if unit != "h":
            return Duration(low, high, unit)
        case [it.Daily()]:
            return Duration(1, 1)
        case _:
            return None


def window(c: Cursor) -> list[Item]:
    """`mellom kl 8 og 10`."""
    c.take()
    if c.kind() is not K.CLOCK:
        return [it.UNKNOWN]
    times.clocks(c)
    return [it.WINDOW]
