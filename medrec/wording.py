"""From values to sentences in the reader's language: flags, gaps, sources, severities, owners, states.

The rules return named values and never a sentence; their templates stand in the rulebook in nb, nn and en. What is
formatted here: days as dd.mm.yyyy (en: 5 March 2026), decimal comma (en: full stop), sources by name, never a code.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, singledispatch
from typing import Any

from formats.dosage.words import LANGUAGES as DOSE_WORDS
from formats.dosing import PartOfDay, Weekday
from formats.statement import Actor, Gap, GapCode, Kind, SaidStatus, Source
from medrec import phrases
from medrec.asked import ACTIONS, CLOSINGS
from rules.conclusion import Discrepancy, DoseState, LineStatus, Owner, SaidDose, Section, Severity
from rules.rule import Rule
from rules.rulebook import RULES
from rules.tables.intervals import Interval

LANGUAGES = ("nb", "nn", "en")
Words = Mapping[str, str]

SEVERITY: Mapping[Severity, Words] = {
    Severity.CRITICAL: {"nb": "Haster", "nn": "Hastar", "en": "Urgent"},
    Severity.HIGH: {"nb": "I dag", "nn": "I dag", "en": "Today"},
    Severity.MODERATE: {"nb": "Denne uken", "nn": "Denne veka", "en": "This week"},
    Severity.LOW: {"nb": "Ved neste gjennomgang", "nn": "Ved neste gjennomgang", "en": "At the next review"},
    Severity.INFO: {"nb": "Til orientering", "nn": "Til orientering", "en": "For information"},
}
OWNER: Mapping[Owner, Words] = {
    Owner.GP: {"nb": "fastlegen", "nn": "fastlegen", "en": "the GP"},
    Owner.HOSP: {"nb": "sykehuslegen", "nn": "sjukehuslegen", "en": "the hospital doctor"},
    Owner.NURSE: {"nb": "hjemmesykepleien", "nn": "heimesjukepleia", "en": "the home-care nurse"},
    Owner.PHARM: {"nb": "apoteket", "nn": "apoteket", "en": "the pharmacy"},
    Owner.SYS: {"nb": "drift", "nn": "drift", "en": "operations"},
}
SECTION: Mapping[Section, Words] = {
    Section.DISPUTED: {"nb": "Må avklares", "nn": "Må avklarast", "en": "To be clarified"},
    Section.FIXED: {"nb": "Fast", "nn": "Fast", "en": "Regular"},
    Section.PRN: {"nb": "Ved behov", "nn": "Ved behov", "en": "As needed"},
    Section.LOCAL: {"nb": "Lokalt og reseptfritt", "nn": "Lokalt og reseptfritt", "en": "Local and over the counter"},
    Section.COURSE: {"nb": "Kur", "nn": "Kur", "en": "Course"},
    Section.PAUSED: {"nb": "Pause", "nn": "Pause", "en": "Paused"},
    Section.PLANNED: {"nb": "Planlagt", "nn": "Planlagt", "en": "Planned"},
    Section.UNCONFIRMED: {"nb": "Ubekreftet", "nn": "Ikkje stadfesta", "en": "Unconfirmed"},
    Section.ENDED: {
        "nb": "Avsluttet siste 90 dager",
        "nn": "Avslutta siste 90 dagar",
        "en": "Ended in the last 90 days",
    },
}
STATUS: Mapping[LineStatus, Words] = {
    LineStatus.ACTIVE: {"nb": "i bruk", "nn": "i bruk", "en": "in use"},
    LineStatus.PLANNED: {"nb": "planlagt", "nn": "planlagt", "en": "planned"},
    LineStatus.PAUSED: {"nb": "pause", "nn": "pause", "en": "paused"},
    LineStatus.DISPUTED: {"nb": "uavklart", "nn": "uavklart", "en": "disputed"},
    LineStatus.UNCONFIRMED: {"nb": "ubekreftet", "nn": "ikkje stadfesta", "en": "unconfirmed"},
    LineStatus.ENDED: {"nb": "avsluttet", "nn": "avslutta", "en": "ended"},
}
ENDS: Mapping[SaidStatus, Words] = {
    SaidStatus.STOPPED: {"nb": "seponert", "nn": "seponert", "en": "stopped"},
    SaidStatus.PAUSED: {"nb": "satt på pause", "nn": "sett på pause", "en": "paused"},
}
DOSE_STATE: Mapping[DoseState, Words] = {
    DoseState.AGREED: {"nb": "kildene er enige", "nn": "kjeldene er samde", "en": "the sources agree"},
    DoseState.SINGLE: {"nb": "bare én kilde", "nn": "berre éi kjelde", "en": "one source only"},
    DoseState.LATEST: {
        "nb": "siste beslutning gjelder",
        "nn": "siste avgjerd gjeld",
        "en": "the latest decision holds",
    },
    DoseState.CONFLICT: {"nb": "kildene er uenige", "nn": "kjeldene er usamde", "en": "the sources disagree"},
    DoseState.UNKNOWN: {"nb": "dosen er ukjent", "nn": "dosen er ukjend", "en": "the dose is unknown"},
}
SOURCE: Mapping[Source, Words] = {
    Source.RF: {"nb": "Reseptformidleren", "nn": "Reseptformidlaren", "en": "the prescription registry"},
    Source.GP: {"nb": "fastlegen", "nn": "fastlegen", "en": "the GP"},
    Source.HP: {"nb": "journalen", "nn": "journalen", "en": "the journal"},
}
KIND: Mapping[Kind, Words] = {
    Kind.PRESCRIPTION: {"nb": "e-resept", "nn": "e-resept", "en": "e-prescription"},
    Kind.MULTIDOSE: {"nb": "multidose", "nn": "multidose", "en": "multidose roll"},
    Kind.DISPENSING: {"nb": "utlevering", "nn": "utlevering", "en": "dispensing"},
    Kind.REVOCATION: {"nb": "tilbakekalling", "nn": "tilbakekalling", "en": "revocation"},
    Kind.PLL: {
        "nb": "pasientens legemiddelliste",
        "nn": "legemiddellista til pasienten",
        "en": "shared medication list",
    },
    Kind.GP_LIST: {"nb": "fastlegens liste", "nn": "lista til fastlegen", "en": "the GP's list"},
    Kind.DISCHARGE: {"nb": "epikrise", "nn": "epikrise", "en": "discharge list"},
    Kind.ORDER: {"nb": "ordinasjon i journalen", "nn": "ordinasjon i journalen", "en": "order in the journal"},
    Kind.HOME_LIST: {"nb": "hjemmelisten", "nn": "heimelista", "en": "the home-care list"},
    Kind.LOCAL: {"nb": "lokalt tillegg", "nn": "lokalt tillegg", "en": "local addition"},
    Kind.OBSERVATION: {"nb": "observasjon", "nn": "observasjon", "en": "observation"},
}
GAP: Mapping[GapCode, Words] = {
    GapCode.NOT_READ: {
        "nb": "Ingenting er lest fra {source}. Det som står der, mangler i listen.",
        "nn": "Ingenting er lese frå {source}. Det som står der, manglar i lista.",
        "en": "Nothing has been read from {source}. What stands there is missing from the list.",
    },
    GapCode.FAILED: {
        "nb": "{source} svarte ikke. Listen er ufullstendig.",
        "nn": "{source} svarte ikkje. Lista er ufullstendig.",
        "en": "{source} did not answer. The list is incomplete.",
    },
    GapCode.PARTIAL: {
        "nb": "{source} ga bare en del av svaret. Det kan mangle legemidler.",
        "nn": "{source} gav berre ein del av svaret. Det kan mangle legemiddel.",
        "en": "{source} answered only in part. Medicines may be missing.",
    },
    GapCode.LOCKED: {
        "nb": "{source} har låste resepter vi ikke får se. Det kan mangle legemidler.",
        "nn": "{source} har låste reseptar vi ikkje får sjå. Det kan mangle legemiddel.",
        "en": "{source} holds locked prescriptions that we can't see. Medicines may be missing.",
    },
    GapCode.RESERVED: {
        "nb": "Pasienten har reservert seg ({source}). Det kan mangle legemidler.",
        "nn": "Pasienten har reservert seg ({source}). Det kan mangle legemiddel.",
        "en": "The patient has opted out ({source}). Medicines may be missing.",
    },
    GapCode.STALE: {
        "nb": "Ingenting nytt er lest fra {source} på en stund. Listen kan mangle endringer.",
        "nn": "Ingenting nytt er lese frå {source} på ei stund. Lista kan mangle endringar.",
        "en": "Nothing new has been read from {source} for a while. The list may miss changes.",
    },
    GapCode.QUARANTINED: {
        "nb": "En melding fra {source} kunne ikke leses og ligger i karantene. Listen kan mangle endringer.",
        "nn": "Ei melding frå {source} kunne ikkje lesast og ligg i karantene. Lista kan mangle endringar.",
        "en": "A message from {source} could not be read and is in quarantine. The list may miss changes.",
    },
    GapCode.STALE_JUDGEMENT: {
        "nb": "Listen er ikke vurdert i dag. Datoer kan ha endret den.",
        "nn": "Lista er ikkje vurdert i dag. Datoar kan ha endra henne.",
        "en": "The list has not been judged today. Dates may have changed it.",
    },
    GapCode.STANDING_CAVEAT: {
        "nb": "{source} sier at svaret kanskje ikke er hele journalen.",
        "nn": "{source} seier at svaret kanskje ikkje er heile journalen.",
        "en": "{source} says that the answer may not be the entire record.",
    },
    GapCode.NOT_MEDICATION: {
        "nb": "Meldingen fra {source} er ingen legemiddelmelding.",
        "nn": "Meldinga frå {source} er inga legemiddelmelding.",
        "en": "The message from {source} is no medication message.",
    },
    GapCode.SCHEMA_BREACH: {
        "nb": "Meldingen fra {source} følger ikke skjemaet, men kunne leses.",
        "nn": "Meldinga frå {source} følgjer ikkje skjemaet, men kunne lesast.",
        "en": "The message from {source} breaks its schema but could be read.",
    },
}
STRUCTURED: Words = {"nb": "strukturert", "nn": "strukturert", "en": "structured"}
"""Beside a dose that the same source says otherwise in words."""
INTERVAL: dict[str, Words] = {
    Interval.DAY.value: {"nb": "daglig", "nn": "dagleg", "en": "daily"},
    Interval.DAYS_2_4.value: {"nb": "hver 2.–4. dag", "nn": "kvar 2.–4. dag", "en": "every 2–4 days"},
    Interval.WEEK.value: {"nb": "ukentlig", "nn": "kvar veke", "en": "weekly"},
    Interval.WEEKS_2.value: {"nb": "hver 2. uke", "nn": "kvar 2. veke", "en": "every 2 weeks"},
    Interval.MONTH.value: {"nb": "månedlig", "nn": "kvar månad", "en": "monthly"},
    Interval.MONTHS_2_4.value: {"nb": "hver 2.–4. måned", "nn": "kvar 2.–4. månad", "en": "every 2–4 months"},
    Interval.MONTHS_5_8.value: {"nb": "hver 5.–8. måned", "nn": "kvar 5.–8. månad", "en": "every 5–8 months"},
    Interval.LONGER.value: {"nb": "sjeldnere", "nn": "sjeldnare", "en": "less often"},
}
"""Interval classes of rules.md clarification 36."""
SELDOM: Mapping[str, Words] = {
    Interval.DAYS_2_4.value: {"nb": "ikke hver dag", "nn": "ikkje kvar dag", "en": "not every day"},
    Interval.WEEK.value: {"nb": "bare én gang i uken", "nn": "berre éin gong i veka", "en": "only once a week"},
    Interval.WEEKS_2.value: {"nb": "bare hver 14. dag", "nn": "berre kvar 14. dag", "en": "only every 14 days"},
    Interval.MONTH.value: {
        "nb": "bare én gang i måneden",
        "nn": "berre éin gong i månaden",
        "en": "only once a month",
    },
    Interval.MONTHS_2_4.value: {
        "nb": "bare hver 2.–4. måned",
        "nn": "berre kvar 2.–4. månad",
        "en": "only every 2–4 months",
    },
    Interval.MONTHS_5_8.value: {"nb": "bare hvert halvår", "nn": "berre kvart halvår", "en": "only every six months"},
    Interval.LONGER.value: {"nb": "sjelden, se dosen", "nn": "sjeldan, sjå dosen", "en": "rarely, see the dose"},
}
"""How seldom a medicine is given, where a number in the day's grid would look daily."""
PART: Mapping[PartOfDay, Words] = {
    PartOfDay.MORNING: {"nb": "morgen", "nn": "morgon", "en": "morning"},
    PartOfDay.FORENOON: {"nb": "formidd.", "nn": "formidd.", "en": "late morn."},
    PartOfDay.NOON: {"nb": "middag", "nn": "middag", "en": "midday"},
    PartOfDay.AFTERNOON: {"nb": "etterm.", "nn": "etterm.", "en": "aftern."},
    PartOfDay.EVENING: {"nb": "kveld", "nn": "kveld", "en": "evening"},
    PartOfDay.NIGHT: {"nb": "natt", "nn": "natt", "en": "night"},
    PartOfDay.BEDTIME: {"nb": "til natten", "nn": "til natta", "en": "bedtime"},
}
"""Headings of the grid's columns."""
_COUNTED: Words = {"nb": "antall", "nn": "tal", "en": "number"}
_UNNAMED_UNIT, _UNITS_OF_EFFECT = "stk", "enheter"
_ONLY: Words = {"nb": "bare", "nn": "berre", "en": "only on"}
_AND: Words = {"nb": "og", "nn": "og", "en": "and"}
_PLURAL: Words = {"nb": "er", "nn": "ar", "en": "s"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _in_a_sentence(words: Words) -> Words:
    """As INTERVAL and SOURCE have it, English with its article: "according to the discharge list"."""
    return {**words, "en": words["en"] if words["en"].startswith("the ") else f"the {words['en']}"}


_NAMED_CODES: Mapping[str, Words] = (
    {code.value: words for code, words in SOURCE.items()}
    | {code.value: _in_a_sentence(words) for code, words in KIND.items()}
    | INTERVAL
)
_SOURCES = frozenset(source.value for source in Source)
_IN_ITS_OWN_WORDS = frozenset({GapCode.FAILED, GapCode.PARTIAL, GapCode.LOCKED, GapCode.RESERVED})
_FIELD = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")  # a field's name ("LastResept") says nothing to a reader
_YES: Words = {"nb": "ja", "nn": "ja", "en": "yes"}
_NO: Words = {"nb": "nei", "nn": "nei", "en": "no"}
_NOT_SAID: Words = {"nb": "ikke oppgitt", "nn": "ikkje oppgitt", "en": "not stated"}


@cache
def _rules() -> Mapping[str, Rule]:
    return {rule.code: rule for rule in RULES}


class _Named(dict[str, str]):
    """Values by name; one that a template asks for and nobody gave is told as not stated, never left out."""

    def __init__(self, code: str, values: Mapping[str, Any], language: str) -> None:
        super().__init__({n: _value(code, n, phrases.known(n, v), language) for n, v in values.items()})
        self._missing = _NOT_SAID[language]

    def __missing__(self, key: str) -> str:
        return self._missing


def language_of(wanted: str | None) -> str:
    """The language to answer in: nb, nn or en by the first that fits an Accept-Language header; nb otherwise."""
    for part in (wanted or "").split(","):
        tag = part.split(";")[0].strip().lower().split("-")[0]
        if tag in LANGUAGES:
            return tag
        if tag == "no":
            return "nb"
    return "nb"


def sentence(flag: Discrepancy, language: str = "nb") -> str:
    """What is wrong, in one sentence."""
    return _filled(flag, _rules()[flag.code].sentence[language], language)


def action(flag: Discrepancy, language: str = "nb") -> str:
    """What is asked of the owner, "" where nothing is."""
    template = _rules()[flag.code].action
    return _filled(flag, template if language == "nb" or not template else ACTIONS[flag.code][language], language)


def filled(flag: Discrepancy, template: str) -> str:
    """Another sentence about a flag, with its values, in Bokmål (letters ask each reader in words of their own)."""
    return _filled(flag, template, "nb")


def name(code: str, language: str = "nb") -> str:
    """The short name of a kind of flag."""
    return _rules()[code].name[language]


def gap(told_gap: Gap, language: str = "nb") -> str:
    """What is missing and what that means, with the source's own words where it refused or left something out."""
    source = SOURCE[told_gap.source][language]
    words = GAP[told_gap.code][language].format(source=source)
    words = words[:1].upper() + words[1:]
    own = told_gap.code in _IN_ITS_OWN_WORDS and told_gap.text and not _FIELD.fullmatch(told_gap.text)
    return f"{words} («{told_gap.text}»)" if own else words


def ended(said: SaidDose, language: str = "nb") -> str:
    """A source's word that ends or pauses the use: "seponert 13.11.2026". Never the dose it names."""
    word = ENDS[said.status][language] if said.status else said.text
    return f"{word} {day(said.on, language)}" if said.on else word


def closes(flag: Discrepancy, language: str = "nb") -> str:
    """What closes it."""
    said = flag.closes_when or _rules()[flag.code].closes_when
    return said if language == "nb" or said not in CLOSINGS else CLOSINGS[said][language]


def unit(code: str, language: str = "nb") -> str:
    """A dosing unit as a row's heading, in the singular; one that is not known as it is."""
    if code == _UNNAMED_UNIT:
        return _COUNTED[language]
    units = DOSE_WORDS[language].units
    if code == _UNITS_OF_EFFECT:
        return units["E"][1]
    return units[code][0] if code in units else code


def weekday(on: Weekday, language: str = "nb") -> str:
    """A weekday: "torsdag"."""
    return DOSE_WORDS[language].say(f"day {on.value}")


def only_on(days: Sequence[Weekday], language: str = "nb") -> str:
    """Given on these weekdays alone: "bare mandager og torsdager"."""
    return f"{_ONLY[language]} {_and([weekday(d, language) + _PLURAL[language] for d in days], language)}"


def _and(words: Sequence[str], language: str) -> str:
    """Words as a sentence lists them: "A, B og C"; "" where there is none."""
    *earlier, last = words or ("",)
    return f"{', '.join(earlier)} {_AND[language]} {last}" if earlier else last


@singledispatch
def told(value: object, language: str) -> str:
    """A value in words."""
    del language
    return str(value)


@told.register
def _(value: None, language: str) -> str:
    del value
    return _NOT_SAID[language]


@told.register
def _(value: str, language: str) -> str:
    """Codes of sources and kinds ("RF:pll" names a list) get their names, also where they are plain text by now."""
    if not value:
        return _NOT_SAID[language]
    source, _, kind = value.partition(":")
    code = kind if source in _SOURCES and kind in _NAMED_CODES else value
    return _NAMED_CODES[code][language] if code in _NAMED_CODES else str(value)


@told.register
def _(value: bool, language: str) -> str:  # noqa: FBT001 - the value to be told
    return _YES[language] if value else _NO[language]


@told.register
def _(value: int | Decimal, language: str) -> str:
    return number(Decimal(value), language)


@told.register
def _(value: datetime, language: str) -> str:
    return f"{day(value.date(), language)} {value:%H:%M}"


@told.register
def _(value: date, language: str) -> str:
    return day(value, language)


@told.register
def _(value: Actor, language: str) -> str:
    return value.name or value.organisation or _NOT_SAID[language]


@told.register
def _(value: tuple | list, language: str) -> str:  # type: ignore[type-arg] # what it holds is told one by one
    return _and([told(v, language) for v in value], language)


@told.register(Mapping)
def _(value: Mapping[str, str], language: str) -> str:
    """A phrase that the rule already has in every language."""
    return value[language]


def day(on: date, language: str = "nb") -> str:
    """A calendar day as readers write it."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}" if language == "en" else f"{on:%d.%m.%Y}"


def number(value: Decimal, language: str = "nb") -> str:
    """Exact, without trailing zeros, with the language's decimal mark."""
    text = format(value.normalize(), "f")
    return text if language == "en" else text.replace(".", ",")


def _filled(flag: Discrepancy, template: str, language: str) -> str:
    """The template with the flag's values; a source or substance that begins the sentence has a capital."""
    words = template.format_map(_Named(flag.code, flag.values, language))
    return words[:1].upper() + words[1:] if template.startswith(("{src_", "{substance}")) else words


def _value(code: str, name: str, value: object, language: str) -> str:
    return told(phrases.value(code, name, value, language) if isinstance(value, str) else value, language)
