"""Family G, data and process: sources old, silent or locked, dates that can't be, another person's message."""

from collections.abc import Iterator
from datetime import date

from formats.statement import GapCode, Kind, SaidStatus, Source
from rules.conclusion import Heard, LineStatus, Outcome, Owner, Severity
from rules.escalation import value_condition
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.together import evidence_of, speaker
from rules.view import CaseView, LineView, Said, Telling, evidence

HOURS_A_DAY = 24
UNANSWERED = frozenset({GapCode.FAILED, GapCode.PARTIAL})
"""A refused look-up is a failed one (clarification 61)."""
HIDDEN = frozenset({GapCode.LOCKED, GapCode.RESERVED})
END_BEFORE_START = {"nb": "slutt før start", "nn": "slutt før start", "en": "end before start"}
DECIDED_AHEAD = {
    "nb": "beslutningen er datert etter i dag",
    "nn": "avgjerda er datert etter i dag",
    "en": "the decision is dated after today",
}
NAMED_BUT_NOT_A_PRESCRIBER = frozenset({"vikar", "sykepleier", "hjemmesykepleier", "hjemmetjenesten"})
"""Words that stand where a prescriber's name should (P14)."""

value_condition("older than the high limit", "very_old")
value_condition("it decides a status", "decides_status")
value_condition("a flag of high or critical has been open for more than 24 hours", "left_open")


def _sources_heard(case: CaseView) -> Iterator[tuple[Source, Heard]]:
    for source in Source:
        heard = case.heard(source)
        if heard is not None:
            yield source, heard


@rule(
    code="G01",
    slug="SOURCE_STALE",
    severity=Severity.LOW,
    escalate={"older than the high limit": Severity.HIGH},
    owners=(Owner.SYS, Owner.NURSE),
    name={"nb": "Gammel kilde", "nn": "Gammal kjelde", "en": "Source out of date"},
    sentence={
        "nb": "Sist hentet fra {src_a}: {date_a}. Listen kan mangle endringer.",
        "nn": "Sist henta frå {src_a}: {date_a}. Lista kan mangle endringar.",
        "en": "Last fetched from {src_a}: {date_a}. The list may miss changes.",
    },
    action="Hent på nytt: {src_a}.",
    scope="case",
    source="rules.md G01, K-regler for ferskhet; kontrakten om «complete»",
)
def source_stale(case: CaseView) -> Iterator[Finding]:
    """En kilde er ikke lest innenfor fristen sin.

    Hvorfor: det som ble endret siden, står ikke på listen.

    Kjente unntak: kilder som sendes til oss, har ingen frist; datoen deres står på hvert utsagn.

    Eksempel: reseptene er fem dager gamle
        I dag: 2026-03-02
        Kilder: RF gammel 2026-02-25
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => G01 high SYS

    Eksempel: lest i dag
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke G01

    Kilde: rules.md G01. Fristene (24 og 72 timer) er innstillinger. Setningen er omskrevet så den passer til navnet på
    enhver kilde.
    """
    for source, heard in _sources_heard(case):
        age = _hours_old(heard, case.today)
        late = age is not None and heard.fresh_hours_low is not None and age > heard.fresh_hours_low
        if late or heard.outcome is Outcome.STALE:
            very_old = age is not None and heard.fresh_hours_high is not None and age > heard.fresh_hours_high
            yield Finding(
                about=source,
                values={"src_a": source, "date_a": heard.day, "very_old": very_old},
                evidence=(),
            )


def _hours_old(heard: Heard, today: date) -> int | None:
    return (today - heard.day).days * HOURS_A_DAY if heard.day else None


@rule(
    code="G02",
    slug="SOURCE_UNAVAILABLE",
    severity=Severity.HIGH,
    owners=(Owner.SYS, Owner.NURSE),
    name={"nb": "Kilde svarte ikke", "nn": "Kjelde svara ikkje", "en": "Source unavailable"},
    sentence={
        "nb": "Ikke svar fra {src_a}. Listen er UFULLSTENDIG.",
        "nn": "Ikkje svar frå {src_a}. Lista er UFULLSTENDIG.",
        "en": "No answer from {src_a}. The list is INCOMPLETE.",
    },
    action="Hent på nytt: {src_a}.",
    scope="case",
    source="rules.md G02, P13; presiseringer 50 og 61",
)
def source_unavailable(case: CaseView) -> Iterator[Finding]:
    """En kilde feilet, avviste oss eller ga bare en del av svaret.

    Hvorfor: det som står der, mangler i listen, og at noe mangler der, er ikke bevis for noe.

    Kjente unntak: en kilde som ingen har spurt, er et hull i listen, men ikke en feil. Et fast forbehold fra
    leverandøren er ingen av delene.

    Eksempel: reseptformidleren svarte ikke
        I dag: 2026-03-02
        Kilder: RF feilet
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => G02 high SYS

    Eksempel: alle svarte
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke G02

    Kilde: rules.md G02 og P13, presiseringene 50 og 61. Setningen er omskrevet så den passer til navnet på enhver
    kilde.
    """
    for source, heard in _sources_heard(case):
        torn = any(gap.code in UNANSWERED for gap in heard.gaps)
        if heard.outcome is Outcome.FAILED or torn:
            yield Finding(about=source, values={"src_a": source}, evidence=())


@rule(
    code="G03",
    slug="PRESCRIBER_UNKNOWN",
    severity=Severity.LOW,
    owners=(Owner.NURSE,),
    name={"nb": "Ukjent forskriver", "nn": "Ukjend forskrivar", "en": "Prescriber unknown"},
    sentence={
        "nb": "Det er ukjent hvem som har ordinert {drug}.",
        "nn": "Det er ukjent kven som har ordinert {drug}.",
        "en": "It is unknown who ordered {drug}.",
    },
    action="Finn ut hvem som har ordinert {drug}.",
    advisory=True,
    needs=Mark.ONLY_HOME,
    source="rules.md G03, P14; presisering 49",
)
def prescriber_unknown(line: LineView, case: CaseView) -> Finding | None:
    """Et legemiddel i bruk står bare på hjemmelisten, uten at noen forskriver er navngitt.

    Hvorfor: ingen kan svare for dosen.

    Kjente unntak: råd. Et lokalt eller reseptfritt tillegg er A04. En liste en forskriver fører, har en forskriver,
    også når det den sier, er et stopp.

    Eksempel: ført av vikar
        I dag: 2026-03-02
        | kilde | art         | navn           | stoff    | atc     | styrke | dose       | dato       | av    |
        | HP    | hjemmeliste | Tramadol 50 mg | tramadol | N02AX02 | 50 mg  | 1 tabl v/b | 2026-01-01 | vikar |
        => G03 low NURSE

    Eksempel: fastlegen har det
        I dag: 2026-03-02
        | kilde | art         | navn           | stoff    | atc     | styrke | dose       | dato       |
        | HP    | hjemmeliste | Tramadol 50 mg | tramadol | N02AX02 | 50 mg  | 1 tabl v/b | 2026-01-01 |
        | GP    | liste       | Tramadol 50 mg | tramadol | N02AX02 | 50 mg  | 1 tabl v/b | 2026-01-01 |
        => ikke G03

    Kilde: rules.md G03 og P14, presisering 49.
    """
    del case
    if not line.active or line.status is LineStatus.ENDED:
        return None
    if not all(s.kind is Kind.HOME_LIST and not _prescriber(s) for s in (*line.active, *line.decisions)):
        return None
    return Finding(values={"drug": speaker(line).name}, evidence=evidence_of(line))


def _prescriber(said: Said) -> bool:
    author = said.statement.author
    named = author.name.casefold() if author else ""
    return bool(author and (author.hpr or (named and named not in NAMED_BUT_NOT_A_PRESCRIBER)))


@rule(
    code="G04",
    slug="DATE_ANOMALY",
    severity=Severity.LOW,
    escalate={"it decides a status": Severity.MODERATE},
    owners=(Owner.SYS,),
    name={"nb": "Datoer som ikke stemmer", "nn": "Datoar som ikkje stemmer", "en": "Dates do not add up"},
    sentence={
        "nb": "Datoene på {drug} henger ikke sammen ifølge {src_a} ({detail}).",
        "nn": "Datoane på {drug} heng ikkje saman ifølgje {src_a} ({detail}).",
        "en": "The dates of {drug} do not add up according to {src_a} ({detail}).",
    },
    action="Hent på nytt: {src_a}, eller meld feilen til den som fører listen.",
    needs=Mark.ODD_DATE,
    source="rules.md G04; presiseringer 2 og 62",
)
def date_anomaly(line: LineView, case: CaseView) -> Finding | None:
    """Slutt før start, eller en beslutning datert etter i dag. Verdien beholdes, men er ikke bevis for nyest.

    Hvorfor: en feil dato kan få en gammel dose til å se ut som den nyeste.

    Kjente unntak: at datoen mangler, er ikke en feil; den svekker bare utsagnet.

    Eksempel: slutt før start
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       | start      | slutt      |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 | 2026-05-01 | 2026-01-01 |
        => G04 low SYS

    Eksempel: slutt etter start
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       | start      | slutt      |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 | 2026-01-01 | 2026-05-01 |
        => ikke G04

    Kilde: rules.md G04, presiseringene 2 og 62. Setningen er omskrevet så den passer til navnet på enhver kilde.
    """
    wrong = [(s, detail) for s in line.said if (detail := _detail(s, case.today))]
    if not wrong:
        return None
    said, detail = wrong[0]
    return Finding(
        values={
            "drug": said.name,
            "src_a": said.kind,
            "detail": detail,
            "decides_status": any(_decides(s, line) for s, _ in wrong),
        },
        evidence=evidence(s for s, _ in wrong),
    )


def _decides(said: Said, line: LineView) -> bool:
    """The stop or pause that the line's status rests on, or one that has not begun because of its date."""
    held_back = said.telling is Telling.ACTIVE and said.statement.status in {SaidStatus.STOPPED, SaidStatus.PAUSED}
    return held_back or (said is line.newest_decision and said.telling is not Telling.ACTIVE)


def _detail(said: Said, today: date) -> dict[str, str] | None:
    s = said.statement
    if s.start and s.end and s.end < s.start:
        return END_BEFORE_START
    return DECIDED_AHEAD if s.decided and s.decided > today else None


@rule(
    code="G05",
    slug="WRONG_PATIENT",
    severity=Severity.CRITICAL,
    owners=(Owner.SYS, Owner.NURSE),
    name={"nb": "Feil pasient", "nn": "Feil pasient", "en": "Wrong patient"},
    sentence={
        "nb": "En melding fra {src_a} gjelder en annen person og er satt i karantene.",
        "nn": "Ei melding frå {src_a} gjeld ein annan person og er sett i karantene.",
        "en": "A message from {src_a} concerns another person and is quarantined.",
    },
    action="Hent på nytt: {src_a}, og meld fra til avsenderen.",
    scope="case",
    source="rules.md G05, S17",
)
def wrong_patient(case: CaseView) -> Iterator[Finding]:
    """Meldingen gjelder en annen person enn den vi spurte om. Hele meldingen står i karantene.

    Hvorfor: ett legemiddel fra feil pasient er nok til å skade.

    Kjente unntak: ingen.

    Eksempel: fødselsnummeret er et annet
        I dag: 2026-03-02
        Kilder: RF annen person
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => G05 critical SYS

    Eksempel: samme person
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke G05

    Kilde: rules.md G05 og S17.
    """
    for source, heard in _sources_heard(case):
        if heard.wrong_patient:
            yield Finding(about=source, values={"src_a": source}, evidence=())


@rule(
    code="G06",
    slug="NOT_SIGNED",
    severity=Severity.INFO,
    escalate={"a flag of high or critical has been open for more than 24 hours": Severity.MODERATE},
    owners=(Owner.NURSE,),
    name={"nb": "Endret siden bekreftet", "nn": "Endra sidan stadfesta", "en": "Changed since confirmed"},
    sentence={
        "nb": "Listen er endret siden {name} bekreftet den {date_a}.",
        "nn": "Lista er endra sidan {name} stadfesta henne {date_a}.",
        "en": "The list has changed since {name} confirmed it {date_a}.",
    },
    action="Gå gjennom endringene og bekreft listen.",
    scope="case",
    advisory=True,
    source="rules.md G06, P15",
)
def not_confirmed(case: CaseView) -> Finding | None:
    """Listen er endret siden et menneske sist bekreftet den.

    Hvorfor: bekreftelsen gjelder en annen liste enn den som vises.

    Kjente unntak: råd. En liste ingen har bekreftet ennå, gir ikke flagg. Av et flagg som haster kjenner vi bare dagen:
    24 timer er sikkert gått først den andre dagen etter.

    Eksempel: endret etter bekreftelse
        I dag: 2026-03-02
        Bekreftet: sykepleier 2026-02-20, endret siden
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-02-25 |
        => G06 info NURSE

    Eksempel: et flagg som haster, har stått i to dager
        I dag: 2026-03-02
        Bekreftet: sykepleier 2026-02-20, endret siden
        Haster siden: 2026-02-28
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-02-25 |
        => G06 moderate NURSE

    Eksempel: uendret
        I dag: 2026-03-02
        Bekreftet: sykepleier 2026-02-20
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke G06

    Kilde: rules.md G06 og P15.
    """
    confirmed = case.case
    if not confirmed.confirmed_by or not confirmed.changed_since_confirmed:
        return None
    since = confirmed.serious_since
    values = {
        "name": confirmed.confirmed_by,
        "date_a": confirmed.confirmed_on,
        "left_open": since is not None and (case.today - since).days > 1,
    }
    return Finding(about="list", values=values, evidence=())


@rule(
    code="G07",
    slug="HIDDEN_BY_RESERVATION",
    severity=Severity.INFO,
    owners=(Owner.NURSE,),
    name={"nb": "Sperret innhold", "nn": "Sperra innhald", "en": "Locked content"},
    sentence={
        "nb": "Pasienten har sperret innhold ({src_a}). Listen kan være ufullstendig.",
        "nn": "Pasienten har sperra innhald ({src_a}). Lista kan vere ufullstendig.",
        "en": "The patient has locked content ({src_a}). The list may be incomplete.",
    },
    action="Spør pasienten om legemidler som ikke står her.",
    scope="case",
    source="rules.md G07, P13; presiseringer 50 og 61",
)
def hidden_content(case: CaseView) -> Iterator[Finding]:
    """Kilden sier at innhold er sperret eller reservert. Ingenting regnes som fraværende der.

    Hvorfor: pasienten kan bruke legemidler vi ikke får se.

    Kjente unntak: et fast forbehold fra leverandøren er ikke sperret innhold.

    Eksempel: sperret resept finnes
        I dag: 2026-03-02
        Kilder: RF sperret
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => G07 info NURSE

    Eksempel: ingenting er sperret
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke G07

    Kilde: rules.md G07 og P13, presiseringene 50 og 61.
    """
    for source, heard in _sources_heard(case):
        if any(gap.code in HIDDEN for gap in heard.gaps):
            yield Finding(about=source, values={"src_a": source}, evidence=())
