"""From values to sentences in the reader's language: flags, gaps, sources, severities, owners, states.

The rules return named values and never a sentence; their templates stand in the rulebook in nb, nn and en. What is
formatted here: days as dd.mm.yyyy (en: 5 March 2026), decimal comma (en: full stop), sources by name, never a code.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, singledispatch
from typing import Any

from formats.statement import Actor, Gap, GapCode, Kind, Source
from rules.conclusion import Discrepancy, DoseState, LineStatus, Owner, Section, Severity
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
        "nb": "{source} er ikke lest. Det som står der, mangler i listen.",
        "nn": "{source} er ikkje lesen. Det som står der, manglar i lista.",
        "en": "{source} has not been read. What it holds is missing from the list.",
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
        "nb": "Pasienten har reservert seg i {source}. Det kan mangle legemidler.",
        "nn": "Pasienten har reservert seg i {source}. Det kan mangle legemiddel.",
        "en": "The patient has opted out in {source}. Medicines may be missing.",
    },
    GapCode.STALE: {
        "nb": "{source} er ikke lest på en stund. Listen kan mangle endringer.",
        "nn": "{source} er ikkje lesen på ei stund. Lista kan mangle endringar.",
        "en": "{source} has not been read for a while. The list may miss changes.",
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
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NAMED_CODES: Mapping[str, Words] = {code.value: words for code, words in (*SOURCE.items(), *KIND.items())} | INTERVAL
_SOURCES = frozenset(source.value for source in Source)
_IN_ITS_OWN_WORDS = frozenset({GapCode.FAILED, GapCode.PARTIAL, GapCode.LOCKED, GapCode.RESERVED})
_YES: Words = {"nb": "ja", "nn": "ja", "en": "yes"}
_NO: Words = {"nb": "nei", "nn": "nei", "en": "no"}
_NOT_SAID: Words = {"nb": "ikke oppgitt", "nn": "ikkje oppgitt", "en": "not stated"}


@cache
def _rules() -> Mapping[str, Rule]:
    return {rule.code: rule for rule in RULES}


class _Named(dict[str, str]):
    """Values by name; one that a template asks for and nobody gave is told as not stated, never left out."""

    def __init__(self, values: Mapping[str, Any], language: str) -> None:
        super().__init__({name: told(value, language) for name, value in values.items()})
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
    return _filled(_rules()[flag.code].sentence[language], flag.values, language)


def action(flag: Discrepancy, language: str = "nb") -> str:
    """What is asked of the owner. Actions are written in Bokmål: they go to Norwegian GPs and nurses as they are."""
    return _filled(flag.action or _rules()[flag.code].action, flag.values, language)


def name(code: str, language: str = "nb") -> str:
    """The short name of a kind of flag."""
    return _rules()[code].name[language]


def gap(told_gap: Gap, language: str = "nb") -> str:
    """What is missing and what that means, with the source's own words where it refused or left something out."""
    source = SOURCE[told_gap.source][language]
    words = GAP[told_gap.code][language].format(source=source[:1].upper() + source[1:])
    own = told_gap.code in _IN_ITS_OWN_WORDS and told_gap.text
    return f"{words} («{told_gap.text}»)" if own else words


def closes(flag: Discrepancy) -> str:
    """What closes it, in Bokmål."""
    return flag.closes_when or _rules()[flag.code].closes_when


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
    return ", ".join(told(v, language) for v in value)


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


def _filled(template: str, values: Mapping[str, Any], language: str) -> str:
    return template.format_map(_Named(values, language))
