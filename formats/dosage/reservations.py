"""What keeps a reading from being whole: stops, schemes, old and possible doses, dates, conditions."""

from collections.abc import Callable
from dataclasses import replace

from formats.dosage import items as it
from formats.dosage import lengths, times
from formats.dosage.clauses import no_more_than, pass_clause
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.measures import PIECE
from formats.dosage.tokens import Lexeme

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
        "kan økes til",
        "kan aukast til",
        "kan reduseres til",
        "kan dosen økes til",
        "kan økast",
        "kan økast til",
        "kan ved behov økes til",
        "neste",
        "kontroll",
        "ny kontroll",
        "kontrolleres",
        "time hos",
        "så lenge",
        "i stedet for",
    }
)
_CONDITIONS = frozenset({"hvis", "dersom", "når", "om det", "dersom det", "såfremt", "med mindre"})

_LEAVES_TIMES = _SPEAKS_OF_ANOTHER | {
    f"{words}kuren er {end}" for words in ("til ", "") for end in ("ferdig", "slutt", "over")
}


def reason(c: Cursor) -> list[Item]:
    """A word that keeps the reading from being whole, with the clause that speaks of another dose."""
    lexeme = c.take()
    own = _CONSTRUCTS.get(lexeme.text) or _CONSTRUCTS.get(lexeme.value)
    found = own(c, lexeme) if own else None
    return _left_over(c, lexeme) if found is None else found


_PERHAPS = frozenset({"eventuelt", "evt", "ev"})
_TAPERS = ("trapp", "nedtrapp", "opptrapp", "øk", "reduser")


def _left_over(c: Cursor, lexeme: Lexeme) -> list[Item]:
    after_step = c.i > 1 and c.s[c.i - 2].kind is K.THEN
    bears = lexeme.value == "residual" and lexeme.text not in _LEAVES_TIMES and not after_step
    found: list[Item] = [it.Reason(lexeme.value, bears=bears)]
    if lexeme.text.startswith(_TAPERS):
        found.append(it.TAPER)
    swallows = lexeme.value in {"prn_repeat", "patch_off", "inr"} or lexeme.text in _SPEAKS_OF_ANOTHER | _CONDITIONS
    if swallows:
        passed = pass_clause(c)
        if lexeme.text in _PERHAPS and any(other.kind is K.NUM for other in passed):
            found[0] = it.Reason(lexeme.value, bears=bears, more=True)
        found += [it.Reason(other.value) for other in passed if other.kind is K.REASON and other.value != "residual"]
        if lexeme.value == "prn_repeat" and any(other.kind is K.PRN for other in passed):
            found.append(it.PRN)
    return found


def _relative_day(c: Cursor, _lexeme: Lexeme) -> list[Item]:
    """`dagen etter metotreksat`: a day set by another medicine."""
    while c.kind() is K.WORD:
        c.take()
    return [it.Except(())]


def _spacing(c: Cursor, _lexeme: Lexeme) -> list[Item] | None:
    """`minst 4 timer mellom dosene`; `minst 30 minutter før frokost` is a lead time (convention 4)."""
    if _leads(c):
        return []
    if c.kind() is not K.NUM or c.kind(1) is not K.SPAN or c.kind(2) is not K.BETWEEN:
        return None
    pass_clause(c)
    return [it.Reason("spacing", bears=True)]


def _leads(c: Cursor) -> bool:
    """Whether hours or minutes before or after food or bed stand here."""
    start, unsafe = c.i, c.unsafe
    timed = c.amount() is not None if c.at_number() else False
    timed = timed and c.kind() is K.SPAN and c.here().value in {"h", "min"}
    food = c.kind(1) in {K.PART, K.MEAL_PART, K.DINNER, K.MEAL} and c.s[c.i + 1].text.split()[0] in {"før", "etter"}
    c.i, c.unsafe = start, unsafe
    return timed and food


def _new_dose(c: Cursor, _lexeme: Lexeme) -> list[Item] | None:
    """`ny dose: 2 tabletter daglig`; behind a dose it is another one of the same."""
    if c.dosed:
        return None
    c.skip(K.COMMA)
    return [it.Reason("change_note")]


def _now(c: Cursor, _lexeme: Lexeme) -> list[Item] | None:
    """`tidligere 1 tablett, nå 2`: beside the old dose it only points at the new."""
    return [] if any(other.value == "change_note" for other in c.s[: c.i]) else None


def _start(c: Cursor, _lexeme: Lexeme) -> list[Item]:
    """`start 15.3:`, `start 1-2 dager før avreise`."""
    c.skip(K.COMMA)
    if c.kind() is K.NUM and K.SPAN in {c.kind(1), c.kind(3)}:
        pass_clause(c)
        return [it.Reason("residual", bears=True)]
    return _day_of_year(c) or [it.Reason("residual", bears=True)]


def _scheme(_c: Cursor, lexeme: Lexeme) -> list[Item] | None:
    measured = lexeme.text.removeprefix("etter ").startswith(_BY_MEASUREMENT)
    return [it.MEASURED] if measured else None


# What the amount itself is taken from: beside these even a written amount is no dose.
_BY_MEASUREMENT = ("blodsukker", "bs", "karbohydrat", "sliding", "korreksjon", "måling", "vekt", "serum")


# What a "not to be taken" may be said of: food, a time, a symptom. Then it is no stop.
_NOT_WITH = frozenset({K.MEAL, K.AT, K.PART, K.MEAL_PART, K.DINNER, K.CLOCK, K.WEEKDAY, K.LIQUID, K.ILLNESS})
_NOT_WITH_WORDS = ("med", "sammen", "saman", "på tom mage", "fastende", "på fastende mage", "samtidig")


def _held(c: Cursor, lexeme: Lexeme) -> list[Item]:
    """Stopped; or only not with food, not after a time, not more than so many."""
    negated = "ikke" in lexeme.text or "ikkje" in lexeme.text
    if negated and c.kind() is K.MORE:
        c.i -= 1
        return no_more_than(c)
    if negated and c.kind() is K.DAILY:
        pass_clause(c)
        return [it.Reason("residual", sparse=True)]
    if negated and (c.kind() in _NOT_WITH or c.here().text in _NOT_WITH_WORDS):
        timed = c.kind() not in {K.MEAL, K.LIQUID} and c.here().text not in _NOT_WITH_WORDS
        pass_clause(c)
        return [it.NOT] if timed else [it.Reason("residual")]
    if negated and c.kind() is K.LEAD and c.kind(1) in _NOT_WITH | {K.NUM}:
        pass_clause(c)
        return [it.NOT]
    if lexeme.text in _STOPS_LATER and c.dosed and c.kind() in {K.NUM, K.DATE, K.LEAD, K.IN, K.AT}:
        pass_clause(c)
        return [it.Reason("hold"), it.LATER]
    return [it.Reason("hold")]


_STOPS_LATER = frozenset({"stoppes", "seponeres", "avsluttes", "pauseres", "stanses", "skal seponeres"})


def _changed(c: Cursor, lexeme: Lexeme) -> list[Item]:
    """The old dose beside the new: "økt fra 1 til 2 tabletter" keeps the 2, "(tidligere 2)" nothing."""
    found: list[Item] = [it.Reason("change_note")]
    leads_to_new = lexeme.text in _NEW_DOSE
    if c.kind() is K.FROM or lexeme.text.endswith("fra"):
        c.skip(K.FROM)
        start = c.i
        if c.at_number() and c.number() is not None and (c.skip(K.UNIT), c.skip(K.TO))[1]:
            return found
        c.i = start
    if leads_to_new:
        c.skip(K.TO)
        return found
    passed = pass_clause(c)
    return found + [it.Reason(other.value) for other in passed if other.kind is K.REASON and other.value != "residual"]


_NEW_DOSE = frozenset(
    {
        "ny dosering",
        "økt",
        "redusert",
        "økt til",
        "redusert til",
        "dosen økt",
        "dosen redusert",
        "dosen er økt",
        "dosen er redusert",
        "dose endret",
        "doseendring",
        "endret",
        "endra",
        "obs ny dose",
        "nb ny dose",
        "ny styrke",
        "dosereduksjon",
        "doseøkning",
    }
)


def _day_of_year(c: Cursor) -> list[Item]:
    """A calendar date, left to the reader: nothing about the dose beside it is touched."""
    if c.kind() is K.DATE or (c.kind() is K.NUM and "." in c.here().text):
        c.take()
    elif c.kind() is K.NUM and c.kind(1) is K.DOT and c.s[c.i + 2].text[:3] in _MONTHS:
        c.i += 2
    else:
        return []
    c.skip(K.DOT)
    if c.here().text[:3] in _MONTHS and c.kind() is K.WORD:
        c.take()
    if c.kind() is K.NUM and len(c.here().text) == len("2026"):
        c.take()
    return [it.Reason("residual")]


_MONTHS = frozenset({"jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"})


_CONSTRUCTS: dict[str, Callable[[Cursor, Lexeme], list[Item] | None]] = {
    "hold": _held,
    "change_note": _changed,
    "external_scheme": _scheme,
    "dagen etter": _relative_day,
    "dagen før": _relative_day,
    "minst": _spacing,
    "minimum": _spacing,
    "ny dose": _new_dose,
    "ny tablett": _new_dose,
    "nå": _now,
    "start": _start,
    "startdato": _start,
}


def away(c: Cursor) -> list[Item]:
    """`fra 1.3`, `til 14.3`, `etter 3 dager`: dates, changes and conditions are left to the reader."""
    lexeme = c.take()
    if lexeme.text == "før" and _is_old_dose(c):
        pass_clause(c)
        return [it.Reason("change_note")]
    c.skip(K.DOT)
    if c.kind() in {K.SPAN, K.CLOCK, K.WEEKDAY}:
        return _from_moment(c, lexeme)
    date = _day_of_year(c)
    if date:
        return date
    if c.at_number():
        c.amount()
        c.skip(K.DOT)
    eve = lexeme.text == "før" and c.i > 1 and c.s[c.i - 2].kind is K.PART  # "kvelden før": before what?
    return [it.Reason("residual", bears=eve or c.kind() in {K.UNIT, K.GANG, K.TIMES})]


def _from_moment(c: Cursor, lexeme: Lexeme) -> list[Item]:
    """`fra dag 8` opens the last step, `før kl 10` is a window, `fra mandag` is not understood."""
    if c.kind() is K.SPAN and lexeme.kind is K.FROM:
        found = lengths.numbered(c)
        label = found[0]
        return [replace(label, high=0)] if isinstance(label, it.Label) and label.low == label.high else [it.UNKNOWN]
    if c.kind() is K.CLOCK and lexeme.text in {"før", "etter", "føre"}:
        return [it.UNKNOWN] if it.UNKNOWN in times.clocks(c) else [it.WINDOW]
    if c.kind() is K.WEEKDAY:
        c.take()
        return [it.UNKNOWN]
    return [it.Reason("residual")]


def _is_old_dose(c: Cursor) -> bool:
    """`(før: 2 tabletter)`, `(før 1x3)`, `..., før 2 tabletter`."""
    if c.here().text == ":" and c.at_number(1):
        c.take()
        return True
    opened = c.i > 1 and c.s[c.i - 2].text == "("
    apart = c.i > 1 and c.dosed and c.s[c.i - 2].kind in {K.COMMA, K.DOT}
    pieces = c.kind(1) is K.UNIT and c.s[c.i + 1].extra == PIECE
    return c.at_number() and ((opened and c.kind(1) is not K.SPAN) or (apart and pieces))


def repeat(c: Cursor) -> list[Item]:
    """`gjentas`: the plan again and again; `gjentas ved behov`: another dose."""
    c.take()
    if c.skip(K.PRN):
        return [it.Reason("prn_repeat"), it.PRN]
    return [it.REPEAT]


def see(c: Cursor) -> list[Item]:
    """`se egen liste`, `følg planen`: the dose stands elsewhere."""
    c.take()
    return [it.Reason("external_scheme"), *(it.Reason(o.value) for o in pass_clause(c) if o.kind is K.REASON)]
