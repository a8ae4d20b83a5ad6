"""Amounts: doses and counts, strengths, plus lists, factors, ceilings. One function for each construct."""

from decimal import Decimal

from formats.dosage import items as it
from formats.dosage import strengths, times
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.measures import MASS, PIECE, VOLUME
from formats.dosing import Amount, Duration, PartOfDay, Weekday


def number_led(c: Cursor) -> list[Item]:  # noqa: PLR0911 - one line a kind
    """Whatever begins with a number."""
    if times.opens_with_day(c):
        return [times.weekdays(c)]
    if strengths.is_pair(c):
        c.take()
        return strengths.tail(c)
    if c.i and c.s[c.i - 1].kind is K.WORD and strengths.is_bare_pair(c):
        c.i += 3
        return [it.STRENGTH]
    if c.here().extra == "time" or (times.is_padded_clock(c.here()) and c.kind(1) not in {K.UNIT, K.TIMES, K.DASH}):
        return times.clocks(c)
    if c.kind() is K.NUM and c.kind(1) is K.DOT and c.s[c.i + 1].glued and c.kind(2) is K.SPAN:
        return _numbered_day(c)
    if c.here().text == "et" and c.i and c.s[c.i - 1].kind is K.PART and c.kind(1) is K.PART:
        c.take()
        return [it.AND]  # "mane et vesp"
    listed = _days_of_seven(c) or _terms(c)
    if listed:
        return listed
    named = c.i > 0 and c.s[c.i - 1].kind is K.WORD
    amount = c.amount()
    assert amount is not None  # noqa: S101 - chosen by kind
    if c.here().text == "(" and c.at_number(1) and not _said_again(c, amount):
        return [it.UNKNOWN]
    if c.kind() is K.OR and c.at_number(1):
        return _either(c)
    return _counted(c, amount, named=named)


def _days_of_seven(c: Cursor) -> list[Item]:
    """`5 av 7 dager`."""
    said = c.s[c.i + 1 : c.i + 4]
    whole_week = [lexeme.text for lexeme in said[:2]] == ["av", "7"] and said[2].kind is K.SPAN and said[2].value == "d"
    count = int(c.here().value) if whole_week and c.kind() is K.NUM and c.here().value.isdigit() else 0
    if not 0 < count < len(Weekday):
        return []
    c.i += 4
    return [it.DaysOfWeek(count, count)]


def _said_again(c: Cursor, amount: Amount) -> bool:
    """`2 (to) tabletter`: passes the repeated number by; another number in brackets is not understood."""
    start, unsafe = c.i, c.unsafe
    c.take()
    again = c.amount()
    if again == amount and c.here().text == ")":
        c.take()
        return True
    c.i, c.unsafe = start, unsafe
    return False


def _either(c: Cursor) -> list[Item]:
    """`1 eller 2 tabletter`: which of them is not said."""
    c.take()
    c.amount()
    unclear: list[Item] = [it.Reason("residual", bears=True)]
    if c.kind() is K.UNIT:
        return [*unclear, it.EITHER_DOSE, it.LooseUnit(c.take().value)]
    c.skip(K.GANG)
    return unclear


# What is beyond a few halves and stands bare behind a name may as well be the strength.
_BARE_BESIDE_NAME, _HALF = Decimal(2), Decimal("0.5")


def _counted(c: Cursor, amount: Amount, *, named: bool = False) -> list[Item]:  # noqa: C901, PLR0911 - one line a kind
    """What stands behind an amount decides what it counts."""
    kind = c.kind()
    if kind is K.GANG:
        c.take()
        return _occasions(c, amount, "ganger")
    if kind is K.TIMES and not c.at_number(1) and not (c.kind(1) is K.AT_MOST and c.at_number(2)):
        c.take()
        return _occasions(c, amount, "ganger")
    if kind is K.SPAN:
        ends = whole(amount)
        if ends is None:
            return _part_of_hour(c)
        return times.span_led(c, *ends)
    if kind is K.UNIT:
        return _measured(c, amount)
    if c.here().text in _UNITS_BEHIND:
        c.dosed = True
        return [it.Qty(amount, _UNITS_BEHIND[c.take().text], PIECE)]
    if kind is K.LIQUID:
        c.take()
        return []
    if kind is K.SIGN and c.here().text == "%":
        c.take()
        return [it.STRENGTH]
    if c.here().text == "faste dager" and c.kind(1) is K.PERIOD and c.s[c.i + 1].value == "1w":
        ends = whole(amount)
        c.i += 2
        return [it.DaysOfWeek(*ends)] if ends else [it.UNKNOWN]
    if kind is K.PART and c.kind(1) is K.PERIOD and c.s[c.i + 1].value == "1w":
        return _evenings(c, amount)
    word = c.s[c.i - 1]
    c.dosed = True
    if word.kind is K.NUMBER and (word.text in {"et", "eit"} or kind in _ARTICLE_OF):
        return [it.UNKNOWN]  # an article, or Latin "and": no amount
    if named and (amount.high > _BARE_BESIDE_NAME or amount.low % _HALF):
        return [it.UNKNOWN, it.Qty(amount, None, "")]  # "Simvastatin 40 kveld": its strength, or so many?
    return [it.Qty(amount, None, "")]


# What is counted only behind a number: "1 nytt plaster", but "nytt plaster" is the patch that is changed.
_UNITS_BEHIND = {"nytt plaster": "plaster", "drypp": "dråpe"}
_ARTICLE_OF = frozenset({K.NOISE, K.GRADE, K.WORD, K.SITE, K.FIXED, K.REASON, K.ILLNESS, K.ORDINAL})


def _part_of_hour(c: Cursor) -> list[Item]:
    """`1/2-1 time før sengetid`: a lead time, whatever its length."""
    return times.span_led(c, 1, 1) if c.here().value in {"h", "min"} else [it.UNKNOWN]


def _evenings(c: Cursor, amount: Amount) -> list[Item]:
    part, ends = PartOfDay(c.take().value), whole(amount)
    c.take()
    return [it.DaysOfWeek(*ends, part)] if ends else [it.UNKNOWN]


def _occasions(c: Cursor, amount: Amount, written: str) -> list[Item]:
    ends = whole(amount)
    if ends is None:
        return [it.UNKNOWN]
    c.dosed = True
    return [it.Times(*ends, times.period(c), written)]


def once(c: Cursor) -> list[Item]:
    """`som engangsdose`; but `kun én gang per uke` is how often."""
    word = c.take()
    if word.text.endswith(" gang") and c.kind() in {K.DAILY, K.PERIOD}:
        return _occasions(c, Amount.of(1), "ganger")
    return [it.ONCE]


def whole(amount: Amount) -> tuple[int, int] | None:
    """The amount as whole numbers above zero, or `None`."""
    if amount.low <= 0 or amount.low % 1 or amount.high % 1:
        return None
    return (int(amount.low), int(amount.high))


def _measured(c: Cursor, amount: Amount) -> list[Item]:
    """An amount with its unit; "5 mg/ml" and "25 mikrog/t" are strengths, "15 ml vann" is what it is taken in."""
    unit = c.take()
    if c.kind() is K.LIQUID:
        c.take()
        return []
    if unit.extra in {MASS, VOLUME} and c.kind() is K.SLASH:
        return strengths.tail(c)
    if c.here().text in _OF_WEIGHT:
        c.dosed = True
        return [it.Reason("residual", bears=True), it.LooseUnit(unit.value)]  # "5 mg/kg": computed, never the dose
    if c.kind() is K.CHANGE:
        return _changed_by(c, amount, unit.value)
    if unit.extra in {MASS, VOLUME} and strengths.in_brackets_beside_pieces(c):
        return [it.STRENGTH]
    c.dosed = True
    return [it.Qty(amount, unit.value or None, unit.extra, gram=unit.text in {"g", "gr"})]


_OF_WEIGHT = frozenset({"/ kg", "per kg", "pr kg", "per kilo", "pr kilo"})


def _changed_by(c: Cursor, amount: Amount, unit: str) -> list[Item]:
    """`5 mg ned hver 3. dag`."""
    sign = Decimal(f"{c.take().value}1")
    each = times.change_interval(c)
    if each is None or amount.low != amount.high:
        return [it.Reason("residual", bears=True), it.TAPER]
    return [it.Change(sign * amount.low, unit or None, each), it.Reason("residual")]


def _terms(c: Cursor) -> list[Item]:
    """`1+0+1`, `12 E + 10 E`, `1-0-1`; with `x10` behind, for so many days."""
    start, unsafe = c.i, c.unsafe
    amounts, units = [], set()
    dashed = _is_dash_list(c)
    while True:
        amount = None if not c.at_number() else _one(c) if dashed else c.amount()
        if amount is None:
            break
        amounts.append(amount)
        if c.kind() is K.UNIT:
            units.add((c.here().value, c.here().extra))
            c.take()
        if c.kind() is not (K.DASH if dashed else K.PLUS) or not c.at_number(1):
            break
        c.take()
    if len(amounts) == 1 or len(units) > 1:
        c.i, c.unsafe = start, unsafe
        return []
    c.dosed = True
    unit = next(iter(units))[0] or None if units else None
    return [it.Terms(tuple(amounts), unit, dashed), *_days_factor(c, listed=True)]


def _one(c: Cursor) -> Amount | None:
    value = c.number()
    return None if value is None else Amount(value, value)


def _is_dash_list(c: Cursor) -> bool:
    """Three numbers or more with dashes, or two that do not rise, are slots and no range."""
    start, unsafe = c.i, c.unsafe
    values: list[Decimal] = []
    while c.at_number() and (value := c.number()) is not None:
        values.append(value)
        if c.kind() is not K.DASH:
            break
        c.take()
    c.i, c.unsafe = start, unsafe
    return len(values) > len("ab") or (len(values) == len("ab") and values[0] >= values[1])


_OFTEN = 4


def _days_factor(c: Cursor, *, listed: bool = False) -> list[Item]:
    """The third factor of `AxBxC`: days (convention 18)."""
    if c.kind() is not K.TIMES or not c.at_number(1):
        return []
    airy = not c.here().glued and listed
    c.take()
    ends = c.whole()
    if ends is None or c.kind() in {K.UNIT, K.GANG}:
        return [it.UNKNOWN]
    if airy and c.kind() is not K.SPAN and ends[1] <= _OFTEN:
        return [it.Reason("residual", more=True)]  # "1+0+1 x 2": two days, or twice a day?
    if c.kind() is K.SPAN:
        found = times.length(*ends, c.take().value)
        return [it.For(found)] if found else [it.UNKNOWN]
    return [it.For(Duration(*ends))]


def multiplied(c: Cursor) -> list[Item]:
    """`x 2`, `x 1-3`, `x 1 ukl`, `x 3 x 10`, `x inntil 4`."""
    c.take()
    if c.kind() is K.AT_MOST and c.at_number(1):
        c.take()
        return [_capped(item) for item in _factor(c)]
    return _factor(c)


def _factor(c: Cursor) -> list[Item]:
    """The number behind an "x", with its period and days."""
    ends = c.whole(ordinals=False)
    labelled = c.here().text in {"dag", "uke", "veke"} and c.at_number(1)  # "x 1 dag 1-3"
    if (
        ends is None
        or (c.kind() is K.SPAN and not labelled)
        or c.kind() is K.SLASH
        or (c.kind() is K.PLUS and not _begins_amount(c))
    ):
        c.number()
        return [it.UNKNOWN]
    if c.kind() is K.UNIT:
        return [it.REVERSED]  # "3 x 1 tablett": which of the two is the dose?
    c.skip(K.GANG)
    c.dosed = True
    return [it.Times(*ends, times.period(c), "x"), *_days_factor(c)]


def _begins_amount(c: Cursor) -> bool:
    """Whether an amount with its unit, or one as needed, stands behind the sign here."""
    start, unsafe = c.i, c.unsafe
    c.take()
    found = c.at_number() and c.amount() is not None and c.kind() in {K.UNIT, K.PRN}
    c.i, c.unsafe = start, unsafe
    return found


def ceiling(c: Cursor) -> list[Item]:
    """`maks 8 tabletter per døgn`, `maks 3 ganger daglig`, `maks x 3`."""
    word = c.take()
    per: it.Rate | it.Daily | None = it.Daily() if word.extra == "day" or word.value == "day" else None
    while c.kind() in {K.COMMA, K.AT_MOST, K.NOISE} and c.kind(1) is not K.END:
        c.take()
    if c.kind() in {K.DAILY, K.PERIOD}:
        per = times.period(c)
        c.skip(K.COMMA)
    by_count = c.skip(K.TIMES)
    amount = c.amount() if c.at_number() else None
    if amount is None:
        return [it.UNKNOWN]
    c.dosed = True
    if by_count or c.skip(K.GANG) or (c.kind() is K.TIMES and not c.at_number(1) and c.skip(K.TIMES)):
        return [it.Max(amount, None, "", times=True, per=times.period(c) or per or (it.Daily() if by_count else None))]
    if c.kind() is K.PART and c.kind(1) is K.PERIOD:
        c.take()  # "maks 3 netter i uken"
        return [it.Max(amount, None, "", times=True, per=times.period(c))]
    unit = c.take() if c.kind() is K.UNIT else None
    c.skip(K.EXTRA)
    said = times.period(c) if c.kind() in {K.DAILY, K.PERIOD, K.NOISE} else None
    if said and per and said != per:
        return [it.UNKNOWN]
    sort = "" if unit is None else unit.extra
    return [it.Max(amount, (unit.value or None) if unit else None, sort, times=False, per=said or per)]


def at_most(c: Cursor) -> list[Item]:
    """`inntil x 4`, `inntil 3 ganger daglig`, `inntil 10 dager`, `inntil 2 tabletter daglig`, `inntil 2 per dag`.

    A number with no noun is of pieces or of times: a ceiling of pieces, as after `maks`, never a number of times.
    """
    ranged = c.i > 0 and c.kind(-1) in {K.NUM, K.NUMBER, K.FRACTION}  # "1 inntil 2 daglig": from 1 to 2?
    c.take()
    if c.kind() is K.TIMES:
        found = multiplied(c)
    elif c.kind() is K.EVERY:
        return [*times.every(c), it.UP_TO]
    elif c.at_number():
        start = c.i
        amount = c.amount()
        if amount and (c.kind() is K.UNIT or (c.kind() in {K.DAILY, K.PERIOD} and not ranged)):
            unit, sort = _unit(c) if c.kind() is K.UNIT else (None, "")
            return [it.Max(amount, unit, sort, times=False, per=times.period(c))]
        if c.kind() not in {K.GANG, K.TIMES, K.SPAN} or amount is None:
            c.i = start
            return [it.UNKNOWN]
        if c.kind() is K.TIMES and c.at_number(1):
            c.i = start
            return [it.UNKNOWN]
        found = _counted(c, amount)
    else:
        return [it.UNKNOWN]
    return [_capped(item) for item in found]


def _unit(c: Cursor) -> tuple[str | None, str]:
    unit = c.take()
    return (unit.value or None, unit.extra)


def _capped(item: Item) -> Item:
    match item:
        case it.Times():
            return it.Times(0, item.high, item.per, item.written)
        case it.For():
            return it.For(Duration(0, item.length.high, item.length.unit))
        case it.DaysOfWeek():
            return it.DaysOfWeek(0, item.high, item.at)
        case _:
            return it.UNKNOWN


def divided(c: Cursor) -> list[Item]:
    """`fordelt på 3 doser`: never computed (convention 10)."""
    c.take()
    ends = c.whole() if c.at_number() else None
    if ends is None or not (c.kind() in _AFTER_PARTS or c.here().value == "dose"):
        return [it.Reason("residual")]
    c.skip(K.GANG, K.UNIT)
    return [it.Divided(*ends)]


_AFTER_PARTS = frozenset({K.GANG, K.DOT, K.COMMA, K.END})


def _numbered_day(c: Cursor) -> list[Item]:
    """`1. dag` is the first day; other numbered days say too little."""
    number, _, span = c.take(), c.take(), c.take()
    if number.value == "1" and span.value == "d":
        return [it.For(Duration(1, 1), first=True)]
    return [it.UNKNOWN]
