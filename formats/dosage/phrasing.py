"""Words: names, indications, as needed, negations, and what keeps a reading from being whole."""

from formats.dosage import items as it
from formats.dosage import reservations, times
from formats.dosage.clauses import no_more_than, pass_clause
from formats.dosage.cursor import Cursor
from formats.dosage.items import Item
from formats.dosage.lexicon import K
from formats.dosage.measures import PIECE
from formats.dosage.surroundings import DANGEROUS, ILLNESS_ENDINGS
from formats.dosage.tokens import Lexeme


def unknown_word(c: Cursor) -> list[Item]:
    """A word that is not known: a name or an indication in front, an indication behind, else something left over."""
    word = c.take()
    told = it.Reason("hold") if word.text in _STOPS and not c.dosed else _told_by_its_parts(word.text, dosed=c.dosed)
    if told:
        return [told]
    if c.dosed and c.i > 1 and c.s[c.i - 2].kind in _NUMBERS:
        return [it.UNKNOWN]  # "2 pumpetrykk": whatever is counted, it is not known
    if set(word.text) <= _ROMAN:
        return [it.UNKNOWN]  # roman numerals are not read (convention 8)
    if not c.dosed and (len(word.text) > 1 or (c.kind() is K.NUM and c.here().glued)):
        return _name_tail(c)
    return [] if word.text.endswith(ILLNESS_ENDINGS) else [it.UNKNOWN]


def _told_by_its_parts(text: str, *, dosed: bool) -> Item | None:
    """What the beginning or the end of a word that is not known tells all the same."""
    if text.startswith(DANGEROUS) and not (text.endswith("medisin") and not dosed):
        return it.Reason("residual", bears=True)
    if text.endswith(_SOME_DAYS):
        return it.VagueDays(certain=False)
    if text.endswith(_SOME_TIMES):
        return it.Reason("residual", bears=True)
    return it.Reason("external_scheme") if text.endswith(_SCHEMES) else None


_STOPS = frozenset({"sep", "sepp", "sepon"})  # in front of all else: "sep 1.2.", where "1. sep" is a month
_NUMBERS = frozenset({K.NUM, K.NUMBER, K.FRACTION})
_ROMAN = frozenset("ivx")
# Days and times that something else sets: "dialysedager", "periodevis", "vinterhalvåret".
_SOME_DAYS = ("dager", "dagar", "dagene", "dagane", "dagen")
_SOME_TIMES = ("vis", "periode", "perioden", "perioder", "periodar", "sesong", "sesongen", "halvåret")
# What a dose is looked up in.
_SCHEMES = ("skjema", "skjemaet", "liste", "listen", "planen", "plan", "kortet", "protokoll", "anvisning", "måling")


def _name_tail(c: Cursor) -> list[Item]:
    """What is written together with a name in front: "B12", "Albyl-E"."""
    while c.here().glued and (c.kind() is K.NUM or (c.kind() is K.DASH and c.s[c.i + 1].glued)):
        c.i += 2 if c.kind() is K.DASH else 1
    return []


def passed_by(c: Cursor) -> list[Item]:
    """A word that may be passed over; "om 3 mnd" is when something else happens."""
    word = c.take()
    if word.text == "om" and c.kind() is K.NUM and c.kind(1) is K.SPAN:
        c.i += 2
        return [it.Reason("residual")]
    if word.text in _FORMS and c.i > 1 and c.s[c.i - 2].kind in _NUMBERS:
        return [it.UNKNOWN]  # "1 pulver x 2"
    if word.text == "på" and c.kind() is K.WORD and not c.dosed and _opens(c):
        return [it.Reason("residual", bears=True)]
    if word.text in _CHANGED and _of_no_patch(c):
        return [it.Reason("residual")]  # "1 tablett daglig, byttes"
    if word.text in _MAY and _offers(c):
        return [it.Reason("residual", bears=True)]
    return []


# Names of forms in front of a dose; behind a bare number they are what is counted, and no unit.
_FORMS = frozenset(
    {
        "mikstur", "oppløsning", "krem", "salve", "gel", "liniment", "pulver", "granulat", "sirup", "skum", "sjampo",
        "brus", "inhalator", "inhalasjonspulver", "aerosol", "depot",
    }
)  # fmt: skip
_CHANGED = frozenset({"byttes", "skiftes"})
_MAY = frozenset({"kan", "kan ta", "kan tas"})
_BOUNDED = frozenset({K.PRN, K.AT, K.AT_MOST, K.MAX, K.EXTRA})


def _of_no_patch(c: Cursor) -> bool:
    """Whether something else than a patch is given here."""
    units = {lexeme.value for lexeme in c.s if lexeme.kind is K.UNIT and lexeme.extra == PIECE}
    return bool(units) and "plaster" not in units and all(lexeme.kind is not K.PATCH for lexeme in c.s)


def _opens(c: Cursor) -> bool:
    """`på reise: 1 tablett daglig`: where it begins a clause it is no place on the body, but when it holds."""
    before = c.s[c.i - 2] if c.i > 1 else None
    return before is None or before.kind in _BREAKS or before.text == "med"


def _offers(c: Cursor) -> bool:
    """`kan ta 1 tablett kveld`: whether it is taken is left open, with no word that says when or how often at most."""
    ahead = 0
    while c.kind(ahead) is K.NOISE:
        ahead += 1
    return c.at_number(ahead) and not any(lexeme.kind in _BOUNDED for lexeme in c.s)


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
        while _hyphened(c):
            c.i += 2
    return []


def _hyphened(c: Cursor) -> bool:
    """`KOLS-forverring`: one word of an indication with what is written together with it."""
    word = c.s[c.i + 1]
    joined = c.kind() is K.DASH and c.here().glued and word.glued and word.kind in _INDICATION
    return joined and not word.text.startswith(DANGEROUS)


def slash(c: Cursor) -> list[Item]:
    """`x 2 morgen/kveld`: both, where a count says so too; alone it may be either."""
    place = c.i
    c.take()
    parts = place > 0 and c.s[place - 1].kind in _JOINED and c.kind() in _JOINED
    return [it.AND] if parts and any(lexeme.kind in {K.TIMES, K.GANG} for lexeme in c.s) else [it.UNKNOWN]


def indication_for(c: Cursor) -> list[Item]:
    """`for smerter`: an indication; any other "for" is not understood."""
    if c.kind(1) in _INDICATION and c.s[c.i + 1].text not in _FOR_NO_ILLNESS:
        return indication(c)
    c.take()
    return [it.UNKNOWN]


# "for tiden", "for en kort periode", "for sikkerhets skyld", "for mye": no illness, and it may bear on the dose.
_FOR_NO_ILLNESS = frozenset(
    {
        "tiden", "tida", "øyeblikket", "augneblinken", "perioden", "periode", "anledningen", "sikkerhets", "kort",
        "kortere", "lang", "lengre", "lite", "mye", "mykje", "ofte", "sjelden", "sjeldan", "resten", "livet", "noen",
        "nokre", "at", "så", "siste", "sikkerheits", "tidlig", "sent", "reise", "reisen", "ferie", "ferien", "høy",
        "lav", "høg", "låg", "stor", "liten",
    }
)  # fmt: skip


def as_needed(c: Cursor) -> list[Item]:
    """`ved smerter`: as needed. `ved` and anything else is not understood."""
    if c.dosed and _speaks_of_else(c):
        pass_clause(c)
        return [it.Reason("residual")]
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
        pass_clause(c)
        return [it.PRN, it.Reason("residual")]
    return [it.PRN]


_BREAKS = frozenset({K.COMMA, K.DOT, K.AND, K.THEN})
_ANOTHER_DEED = frozenset({K.WORD, K.CHANGE, K.PAUSE, K.STOP, K.EXTRA, K.RAISED, K.REPEAT})


def _speaks_of_else(c: Cursor) -> bool:
    """`..., kontakt lege ved feber`, `..., ekstra ved feber`: the clause has its own deed and no dose."""
    begins = c.i
    while begins and c.s[begins - 1].kind not in _BREAKS:
        begins -= 1
    clause = c.s[begins : c.i]
    deeds = any(
        lexeme.kind in _ANOTHER_DEED
        or lexeme.text in _CHANGED
        or (lexeme.kind is K.REASON and lexeme.text.startswith(DANGEROUS))
        for lexeme in clause
    )
    dosed = any(lexeme.kind in {K.NUM, K.NUMBER, K.FRACTION, K.UNIT, K.DAILY, K.TIMES} for lexeme in clause)
    return begins > 0 and deeds and not dosed


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


def stop(c: Cursor) -> list[Item]:
    """The end of a plan; `..., seponeres ved utslett` is in use until then."""
    c.take()
    if c.dosed and c.kind() is K.AT:
        pass_clause(c)
        return [it.Reason("hold"), it.LATER]
    return [it.STOP]


def negation(c: Cursor) -> list[Item]:
    """A negation: a day exception if a day follows, else nothing around it is certain."""
    if c.kind(1) is K.HANDLING:
        return _handling(c)
    if c.kind(1) is K.MORE:
        return no_more_than(c)
    if c.kind(1) is K.AT:
        pass_clause(c)
        return [it.NOT]
    if c.kind(1) is K.VAGUE_DAYS:
        c.i += 2
        return [it.VagueDays(certain=False)]
    ahead = 2 if c.kind(1) is K.NOISE else 1
    if c.kind(ahead) is K.WEEKDAY or (c.kind(ahead) is K.WORD and c.s[c.i + ahead].text.endswith(_SOME_DAYS)):
        return [times.exceptions(c)]
    sparse = c.kind(1) is K.DAILY
    c.take()
    pass_clause(c)
    return [it.Reason("residual", sparse=True) if sparse else it.NOT]


def _handling(c: Cursor) -> list[Item]:
    """`ikke knuses eller tygges`: the known negations that do not touch the dose (convention 4)."""
    c.take()
    c.take()
    while c.kind(1) is K.HANDLING and c.kind() in {K.AND, K.COMMA, K.OR}:
        c.i += 2
    return []


def towards(c: Cursor) -> list[Item]:
    """`til` before a number, a date or a weekday; else it leads to a place."""
    if c.at_number(1) or c.kind(1) in {K.DATE, K.WEEKDAY}:
        return reservations.away(c)
    leads = c.kind(1) in _PLACES
    c.take()
    return [] if leads else [it.UNKNOWN]  # "1 tablett til": one more


_PLACES = frozenset(
    {K.WORD, K.NOISE, K.PART, K.MEAL_PART, K.DINNER, K.MEAL, K.SITE, K.SITES, K.BOTH, K.SIDE, K.ILLNESS, K.SYMPTOM,
     K.REASON, K.EVERY, K.HANDLING, K.LIQUID, K.CLOCK, K.FIXED}
)  # fmt: skip


def rest(c: Cursor) -> list[Item]:
    """`øvrige dager`: beside "annenhver dag" the days between."""
    lexeme = c.take()
    by_turns = any(other.kind is K.ALTERNATE for other in c.s[: c.i])
    return [it.OTHER_DAYS if by_turns and lexeme.text not in {"ellers", "elles"} else it.REST]


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
