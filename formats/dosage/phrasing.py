"""Words: names, indications, as needed, negations, and what keeps a reading from being whole."""

from formats.dosage import items as it
from formats.dosage import amounts, times
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
    if set(word.text) <= _ROMAN:
        return [it.UNKNOWN]  # roman numerals are not read (convention 8)
    if word.text.endswith(_SCHEMES):
        return [it.Reason("external_scheme")]
    if not c.dosed and (len(word.text) > 1 or (c.kind() is K.NUM and c.here().glued)):
        return _name_tail(c)
    return [] if word.text.endswith(ILLNESS_ENDINGS) else [it.UNKNOWN]


_ROMAN = frozenset("ivx")
# What a dose is looked up in.
_SCHEMES = ("skjema", "skjemaet", "liste", "listen", "planen", "plan", "kortet", "protokoll", "anvisning", "måling")


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
        if c.s[c.i - 1].kind is K.WORD:
            _name_tail(c)
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
    c.skip(K.SLASH)
    while c.kind() is K.GRADE:
        c.take()
    if not _is_symptom(c.here()):
        return [it.UNKNOWN]
    c.take()
    while c.kind() in {K.AND, K.SLASH, K.COMMA, K.OR}:
        start = c.i
        c.take()
        while c.kind() is K.GRADE:
            c.take()
        if not _is_symptom(c.here()):
            c.i = start
            break
        c.take()
    if c.kind() is K.MORE and c.at_number(1):  # "ved feber over 38,5"
        _pass_clause(c)
        return [it.PRN, it.Reason("residual")]
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
    if c.kind(1) is K.MORE:
        return _no_more_than(c)
    if c.kind(1) is K.AT:
        _pass_clause(c)
        return [it.NOT]
    ahead = 2 if c.kind(1) is K.NOISE else 1
    if c.kind(ahead) is K.WEEKDAY or (c.kind(ahead) is K.WORD and c.s[c.i + ahead].text.endswith("dagen")):
        return [times.exceptions(c)]
    c.take()
    _pass_clause(c)
    return [it.NOT]


def _handling(c: Cursor) -> list[Item]:
    """`ikke knuses eller tygges`: the known negations that do not touch the dose (convention 4)."""
    c.take()
    c.take()
    while c.kind(1) is K.HANDLING and c.kind() in {K.AND, K.COMMA, K.OR}:
        c.i += 2
    return []


def _no_more_than(c: Cursor) -> list[Item]:
    """`ikke mer enn 3 per døgn`: a ceiling said as a negation, so never the whole."""
    c.take()
    return [*amounts.ceiling(c), it.Reason("residual")]


def _pass_clause(c: Cursor) -> list[Lexeme]:
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
    if lexeme.value == "hold":
        return _held(c, lexeme)
    if lexeme.text in {"minst", "minimum"} and c.kind() is K.NUM and c.kind(1) is K.SPAN and c.kind(2) is K.BETWEEN:
        _pass_clause(c)
        return [it.Reason("spacing", bears=True)]
    if lexeme.text in {"dagen etter", "dagen før"}:
        _pass_names(c)
        return [it.Except(())]
    if lexeme.value == "change_note":
        return _changed(c, lexeme)
    if lexeme.text in {"start", "startdato"}:
        c.skip(K.COMMA)
        return _day_of_year(c) or [it.Reason("residual", bears=True)]
    before = c.s[: c.i - 1]
    if lexeme.text == "nå" and any(other.value == "change_note" for other in before):
        return []  # "tidligere 1 tablett, nå 2"
    after_step = bool(before) and before[-1].kind is K.THEN
    bears = lexeme.value == "residual" and lexeme.text not in _LEAVES_TIMES and not after_step
    found: list[Item] = [it.Reason(lexeme.value, bears=bears)]
    swallows = lexeme.value in {"prn_repeat", "patch_off", "inr"} or lexeme.text in _SPEAKS_OF_ANOTHER | _CONDITIONS
    if swallows:
        passed = _pass_clause(c)
        found += [it.Reason(other.value) for other in passed if other.kind is K.REASON and other.value != "residual"]
        if lexeme.value == "prn_repeat" and any(other.kind is K.PRN for other in passed):
            found.append(it.PRN)
    return found


def _pass_names(c: Cursor) -> None:
    while c.kind() is K.WORD:
        c.take()


# What a "not to be taken" may be said of: food, a time, a symptom. Then it is no stop.
_NOT_WITH = frozenset({K.MEAL, K.AT, K.PART, K.MEAL_PART, K.DINNER, K.CLOCK, K.WEEKDAY, K.LIQUID, K.ILLNESS})
_NOT_WITH_WORDS = ("med", "sammen", "saman", "på tom mage", "fastende", "på fastende mage", "samtidig")


def _held(c: Cursor, lexeme: Lexeme) -> list[Item]:
    """Stopped; or only not with food, not after a time, not more than so many."""
    negated = "ikke" in lexeme.text or "ikkje" in lexeme.text
    if negated and c.kind() is K.MORE:
        c.i -= 1
        return _no_more_than(c)
    if negated and (c.kind() in _NOT_WITH or c.here().text in _NOT_WITH_WORDS):
        timed = c.kind() not in {K.MEAL, K.LIQUID} and c.here().text not in _NOT_WITH_WORDS
        _pass_clause(c)
        return [it.NOT] if timed else [it.Reason("residual")]
    if negated and c.kind() is K.LEAD and c.kind(1) in _NOT_WITH | {K.NUM}:
        _pass_clause(c)
        return [it.NOT]
    if lexeme.text in _STOPS_LATER and c.dosed and c.kind() in {K.NUM, K.DATE, K.LEAD, K.IN, K.AT}:
        _pass_clause(c)
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
    passed = _pass_clause(c)
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


def away(c: Cursor) -> list[Item]:
    """`fra 1.3`, `til 14.3`, `etter 3 dager`: dates, changes and conditions are left to the reader."""
    lexeme = c.take()
    if lexeme.text == "før" and _is_old_dose(c):
        _pass_clause(c)
        return [it.Reason("change_note")]
    c.skip(K.DOT)
    if c.kind() is K.CLOCK and lexeme.text in {"før", "etter", "føre"}:
        return [it.UNKNOWN] if it.UNKNOWN in times.clocks(c) else [it.WINDOW]  # "før kl 10"
    if c.kind() is K.WEEKDAY:
        c.take()
        return [it.UNKNOWN]
    date = _day_of_year(c)
    if date:
        return date
    if c.at_number():
        c.amount()
        c.skip(K.DOT)
    return [it.Reason("residual", bears=c.kind() in {K.UNIT, K.GANG, K.TIMES})]


def _is_old_dose(c: Cursor) -> bool:
    """`(før: 2 tabletter)`, `(før 1x3)`."""
    if c.here().text == ":" and c.at_number(1):
        c.take()
        return True
    opened = c.i > 1 and c.s[c.i - 2].text == "("
    return opened and c.at_number() and c.kind(1) is not K.SPAN


def _passed(c: Cursor) -> list[Item]:
    c.take()
    return []


def towards(c: Cursor) -> list[Item]:
    """`til` before a number, a date or a weekday; else it leads to a place."""
    return away(c) if c.at_number(1) or c.kind(1) in {K.DATE, K.WEEKDAY} else _passed(c)


def repeat(c: Cursor) -> list[Item]:
    """`gjentas`: the plan again and again; `gjentas ved behov`: another dose."""
    c.take()
    if c.skip(K.PRN):
        return [it.Reason("prn_repeat"), it.PRN]
    return [it.REPEAT]


def rest(c: Cursor) -> list[Item]:
    """`øvrige dager`: beside "annenhver dag" the days between."""
    lexeme = c.take()
    by_turns = any(other.kind is K.ALTERNATE for other in c.s[: c.i])
    return [it.OTHER_DAYS if by_turns and lexeme.text not in {"ellers", "elles"} else it.REST]


def see(c: Cursor) -> list[Item]:
    """`se egen liste`, `følg planen`: the dose stands elsewhere."""
    c.take()
    return [it.Reason("external_scheme"), *(it.Reason(o.value) for o in _pass_clause(c) if o.kind is K.REASON)]


def plus(c: Cursor) -> list[Item]:
    """A plus sign joins two amounts; anywhere else it adds something that is not told."""
    place = c.i
    c.take()
    joins = c.at_number() or (place and c.s[place - 1].kind in _JOINED and c.kind() in _JOINED)
    return [it.AND] if place and joins else [it.UNKNOWN]


_JOINED = frozenset({K.PART, K.MEAL_PART, K.DINNER, K.CLOCK})


def either(c: Cursor) -> list[Item]:
    """`morgen eller kveld`: one of the two, and which is not said."""
    c.take()
    between = c.i > 1 and c.s[c.i - 2].kind in _MOMENTS and c.kind() in _MOMENTS
    return [it.EITHER] if between else [it.Reason("residual", bears=True)]


_MOMENTS = frozenset({K.PART, K.MEAL_PART})


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
