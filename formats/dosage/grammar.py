"""The grammar: one function for each construct, chosen by the kind of the word it begins with.

It reads the whole text into items and leaves nothing out: what it can't place is an `UNKNOWN` or a `Reason`.
"""

from collections.abc import Callable
from decimal import Decimal

from formats.dosage import items as it
from formats.dosage import times
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import DANGEROUS, ILLNESS_ENDINGS, MASS, VOLUME, K
from formats.dosage.tokens import Lexeme
from formats.dosing import Amount, Duration, PartOfDay


def read_items(stream: list[Lexeme]) -> tuple[list[Item], bool]:
    """The text's items in order, and whether a number in it can be read in two ways."""
    c = Cursor(stream)
    found: list[Item] = []
    while c.kind() is not K.END:
        before = c.i
        found += _CONSTRUCTS[c.kind()](c)
        assert c.i > before  # noqa: S101 - a construct that reads nothing would never end
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


# Amounts


def _number(c: Cursor) -> list[Item]:
    """Whatever begins with a number."""
    if times.opens_with_day(c):
        return [times.weekdays(c)]
    if _is_strength_pair(c):
        c.take()
        return _strength_tail(c)
    if c.here().extra == "time":
        return times.clocks(c)
    if c.kind() is K.NUM and c.kind(1) is K.DOT and c.s[c.i + 1].glued and c.kind(2) is K.SPAN:
        return _numbered_day(c)
    listed = _terms(c)
    if listed:
        return listed
    amount = c.amount()
    assert amount is not None  # noqa: S101 - chosen by kind
    return _counted(c, amount)


def _counted(c: Cursor, amount: Amount) -> list[Item]:
    """What stands behind an amount decides what it counts."""
    kind = c.kind()
    if kind is K.GANG:
        c.take()
        return _occasions(c, amount, "ganger")
    if kind is K.TIMES and not c.at_number(1):
        c.take()
        return _occasions(c, amount, "ganger")
    if kind is K.SPAN:
        ends = _whole(amount)
        if ends is None:
            return _part_of_hour(c)
        return times.span_led(c, *ends)
    if kind is K.UNIT:
        return _measured(c, amount)
    if kind is K.LIQUID:
        c.take()
        return []
    if kind is K.SIGN and c.here().text == "%":
        c.take()
        return [it.STRENGTH]
    if c.here().text == "faste dager" and c.kind(1) is K.PERIOD and c.s[c.i + 1].value == "1w":
        ends = _whole(amount)
        c.i += 2
        return [it.DaysOfWeek(*ends)] if ends else [it.UNKNOWN]
    if kind is K.PART and c.kind(1) is K.PERIOD and c.s[c.i + 1].value == "1w":
        return _evenings(c, amount)
    word = c.s[c.i - 1]
    c.dosed = True
    if word.kind is K.NUMBER and (word.text in {"et", "eit"} or kind in _ARTICLE_OF):
        return [it.UNKNOWN]  # an article, or Latin "and": no amount
    return [it.Qty(amount, None, "")]


_ARTICLE_OF = frozenset({K.NOISE, K.GRADE, K.WORD, K.SITE, K.FIXED, K.REASON, K.ILLNESS, K.ORDINAL})


def _part_of_hour(c: Cursor) -> list[Item]:
    """`1/2-1 time før sengetid`: a lead time, whatever its length."""
    return times.span_led(c, 1, 1) if c.here().value in {"h", "min"} else _unknown(c)


def _evenings(c: Cursor, amount: Amount) -> list[Item]:
    part, ends = PartOfDay(c.take().value), _whole(amount)
    c.take()
    return [it.DaysOfWeek(*ends, part)] if ends else [it.UNKNOWN]


def _occasions(c: Cursor, amount: Amount, written: str) -> list[Item]:
    ends = _whole(amount)
    if ends is None:
        return [it.UNKNOWN]
    c.dosed = True
    return [it.Times(*ends, times.period(c), written)]


def _whole(amount: Amount) -> tuple[int, int] | None:
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
        return _strength_tail(c)
    c.dosed = True
    return [it.Qty(amount, unit.value or None, unit.extra, gram=unit.text in {"g", "gr"})]


def _strength_tail(c: Cursor) -> list[Item]:
    """The rest of a strength: after each stroke a unit, `t` or `dose`, or another amount of mass or volume."""
    while c.skip(K.SLASH):
        if c.kind() is K.NUM and c.kind(1) is K.UNIT and c.s[c.i + 1].extra in {MASS, VOLUME}:
            c.i += 2
        elif c.kind() is K.NUM and c.kind(1) is K.SLASH:
            c.take()
        elif c.kind() in {K.UNIT, K.SPAN, K.DAILY}:
            c.take()
        else:
            return [it.STRENGTH, it.UNKNOWN]
    return [it.STRENGTH]


def _is_strength_pair(c: Cursor) -> bool:
    """`50/12,5 mg`: two numbers that are no fraction, and a mass."""
    ahead = 0
    while c.kind(ahead) is K.NUM and c.kind(ahead + 1) is K.SLASH and c.kind(ahead + 2) is K.NUM:
        ahead += 2
    last = c.s[c.i + ahead + 1] if ahead else None
    if last is None or last.kind is not K.UNIT or last.extra != MASS:
        return False
    fraction = len(c.s[c.i].value) == 1 and c.s[c.i + 2].value in {"2", "4", "8"}
    return not fraction


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
    return [it.Terms(tuple(amounts), unit, dashed), *_days_factor(c)]


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


def _days_factor(c: Cursor) -> list[Item]:
    """The third factor of `AxBxC`: days (convention 18)."""
    if c.kind() is not K.TIMES or not c.at_number(1):
        return []
    c.take()
    ends = c.whole()
    if ends is None or c.kind() in {K.UNIT, K.GANG}:
        return [it.UNKNOWN]
    if c.kind() is K.SPAN:
        found = times.length(*ends, c.take().value)
        return [it.For(found)] if found else [it.UNKNOWN]
    return [it.For(Duration(*ends))]


def _multiplied(c: Cursor) -> list[Item]:
    """`x 2`, `x 1-3`, `x 1 ukl`, `x 3 x 10`."""
    c.take()
    ends = c.whole()
    if ends is None or c.kind() in {K.SPAN, K.SLASH, K.PLUS}:
        c.number()
        return [it.UNKNOWN]
    if c.kind() is K.UNIT:
        return [it.REVERSED]  # "3 x 1 tablett": which of the two is the dose?
    c.skip(K.GANG)
    c.dosed = True
    return [it.Times(*ends, times.period(c), "x"), *_days_factor(c)]


def _at_strength(c: Cursor) -> list[Item]:
    """`à 5 mg`."""
    c.take()
    if not c.at_number():
        return [it.UNKNOWN]
    if _is_strength_pair(c):
        c.take()
        return _strength_tail(c)
    c.amount()
    if c.kind() is not K.UNIT or c.here().extra not in {MASS, VOLUME}:
        return [it.UNKNOWN]
    c.take()
    return _strength_tail(c)


def _max(c: Cursor) -> list[Item]:
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
        return [it.Max(amount, None, "", times=True, per=times.period(c) or per)]
    unit = c.take() if c.kind() is K.UNIT else None
    c.skip(K.EXTRA)
    said = times.period(c) if c.kind() in {K.DAILY, K.PERIOD, K.NOISE} else None
    sort = "" if unit is None else unit.extra
    return [it.Max(amount, (unit.value or None) if unit else None, sort, times=False, per=said or per)]


def _at_most(c: Cursor) -> list[Item]:
    """`inntil x 4`, `inntil 3 ganger daglig`, `inntil 10 dager`."""
    c.take()
    if c.kind() is K.TIMES:
        found = _multiplied(c)
    elif c.at_number():
        start = c.i
        amount = c.amount()
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


def _divided(c: Cursor) -> list[Item]:
    """`fordelt på 3 doser`: never computed (convention 10)."""
    c.take()
    ends = c.whole() if c.at_number() else None
    if ends is None or ends[0] != ends[1] or not (c.kind() is K.GANG or c.here().value == "dose"):
        return [it.Reason("residual")]
    c.take()
    return [it.Divided(ends[0])]


# Times and lengths


def _during(c: Cursor) -> list[Item]:
    """`i 7 dager`, `i inntil 10 dager`; any other "i" leads to a place."""
    c.take()
    if c.kind() is K.AT_MOST:
        return _at_most(c)
    if not c.at_number():
        return []
    amount = c.amount()
    ends = _whole(amount) if amount else None
    if c.kind() is K.UNIT and c.here().extra == VOLUME and c.kind(1) is K.LIQUID:
        c.take()
    if c.skip(K.LIQUID):
        return []
    if ends is None or c.kind() is not K.SPAN:
        return [it.UNKNOWN]
    return times.span_led(c, *ends)


def _first(c: Cursor) -> list[Item]:
    """`første uken`, `de første 3 dagene`."""
    c.take()
    ends = c.whole() if c.at_number() else (1, 1)
    if ends is None or c.kind() is not K.SPAN:
        return [it.UNKNOWN]
    found = times.length(*ends, c.take().value)
    return [it.For(found, first=True)] if found else [it.UNKNOWN]


def _numbered_day(c: Cursor) -> list[Item]:
    """`1. dag` is the first day; other numbered days say too little."""
    number, _, span = c.take(), c.take(), c.take()
    if number.value == "1" and span.value == "d":
        return [it.For(Duration(1, 1), first=True)]
    return [it.UNKNOWN]


def _pause(c: Cursor) -> list[Item]:
    c.take()
    start = c.i
    if c.skip(K.IN) and c.at_number():
        ends = c.whole()
        if ends and c.kind() is K.SPAN:
            found = times.length(*ends, c.take().value)
            return [it.Hold(found)] if found else [it.UNKNOWN]
    c.i = start
    return [it.Hold(None)]


def _change(c: Cursor) -> list[Item]:
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


def _window(c: Cursor) -> list[Item]:
    """`mellom kl 8 og 10`."""
    c.take()
    if c.kind() is not K.CLOCK:
        return [it.UNKNOWN]
    times.clocks(c)
    return [it.WINDOW]


# Words


def _name(c: Cursor) -> list[Item]:
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


def _illness(c: Cursor) -> list[Item]:
    c.take()
    return [] if c.dosed else _name_tail(c)


_INDICATION = frozenset({K.SYMPTOM, K.ILLNESS, K.GRADE, K.WORD, K.SITE, K.SITES})
_INDICATION_WORDS = 6


def _indication(c: Cursor) -> list[Item]:
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


def _for(c: Cursor) -> list[Item]:
    if c.kind(1) in _INDICATION:
        return _indication(c)
    return _unknown(c)


def _at(c: Cursor) -> list[Item]:
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


def _not(c: Cursor) -> list[Item]:
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


def _reason(c: Cursor) -> list[Item]:
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


def _away(c: Cursor) -> list[Item]:
    """`fra 1.3`, `til 14.3`, `etter 3 dager`: dates, changes and conditions are left to the reader."""
    c.take()
    if c.kind() is K.WEEKDAY:
        c.take()
        return [it.UNKNOWN]
    if c.at_number():
        c.amount()
        c.skip(K.DOT)
    return [it.Reason("residual", bears=c.kind() in {K.UNIT, K.GANG, K.TIMES})]


def _to(c: Cursor) -> list[Item]:
    return _away(c) if c.at_number(1) or c.kind(1) in {K.DATE, K.WEEKDAY} else _skip(c)


def _comma(c: Cursor) -> list[Item]:
    return [it.COLON if c.take().text == ":" else it.COMMA]


def _dash(c: Cursor) -> list[Item]:
    """A dash with air around it is punctuation; else it belongs to something that was not understood."""
    dash = c.take()
    airy = not dash.glued and not c.here().glued
    return (
        [it.COMMA] if airy and not (c.at_number() and c.s[c.i - 2].kind in {K.NUM, K.NUMBER, K.UNIT}) else [it.UNKNOWN]
    )


def _site(c: Cursor) -> list[Item]:
    lexeme = c.take()
    side, _, site = lexeme.value.partition(" ")
    return [it.Side(side, site or None)]


def _both(c: Cursor) -> list[Item]:
    return [it.Both(c.take().value)]


def _loose_unit(c: Cursor) -> list[Item]:
    return [it.LooseUnit(c.take().value)]


def _part(c: Cursor) -> list[Item]:
    return [it.At(PartOfDay(c.take().value))]


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
    K.NUM: _number,
    K.NUMBER: _number,
    K.FRACTION: _number,
    K.UNSAFE: _number,
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
    K.SPAN: _unknown,
    K.WEEKDAY: _weekdays,
    K.REST: _mark(it.REST),
    K.EXCEPT: _exceptions,
    K.VAGUE_DAYS: _vague_days,
    K.PRN: _mark(it.PRN),
    K.AT: _at,
    K.SYMPTOM: _skip,
    K.GRADE: _unknown,
    K.MAX: _max,
    K.AT_MOST: _at_most,
    K.THEN: _mark(it.THEN),
    K.STOP: _mark(it.STOP),
    K.PAUSE: _pause,
    K.REPEAT: _mark(it.REPEAT),
    K.NOT: _not,
    K.REASON: _reason,
    K.BOTH: _both,
    K.SIDE: _site,
    K.SITE: _skip,
    K.SITES: _mark(it.SITES),
    K.ONCE: _mark(it.ONCE),
    K.FIRST: _first,
    K.EXTRA: _mark(it.EXTRA),
    K.FIXED: _mark(it.FIXED),
    K.LEAD: _away,
    K.IN: _during,
    K.TO: _to,
    K.FROM: _away,
    K.FOR: _for,
    K.AGAINST: _indication,
    K.STRENGTH: _at_strength,
    K.PATCH: _mark(it.Qty(Amount.of(1), "plaster", "piece")),
    K.CHANGE: _change,
    K.PER_GIVING: _skip,
    K.MEAL: _mark(it.MEAL),
    K.BETWEEN: _window,
    K.LIQUID: _skip,
    K.DIVIDED: _divided,
    K.HANDLING: _skip,
    K.NOISE: _skip,
    K.ILLNESS: _illness,
    K.AND: _mark(it.AND),
    K.DATE: _mark(it.Reason("residual")),
    K.WORD: _name,
    K.DOT: _mark(it.STOPPER),
    K.COMMA: _comma,
    K.PLUS: _mark(it.AND),
    K.DASH: _dash,
    K.TIMES: _multiplied,
    K.SLASH: _unknown,
    K.SIGN: _unknown,
}
