"""Family D, the dose itself: another amount, another interval, words that can't be read, an old prescription."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations

from formats.dosing import ReadStatus, Weekdays
from formats.statement import Kind, SaidStatus
from rules.conclusion import Owner, Severity
from rules.dosewords import dose_words
from rules.dosing import Relation, hardly_apart, ratio, relation
from rules.escalation import alert_groups, condition, value_condition
from rules.lengths import last_day
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.standing import newest_dose
from rules.together import speaker
from rules.view import CaseView, DoseSaid, LineView, Said, evidence

TWICE = Decimal(2)
SMALL = Decimal("1.05")
"""Below 5 per cent a difference is rounding (D01)."""
Lines = tuple[LineView, ...]
Two = tuple[Said, Said]


value_condition("difference below 5 per cent", "small_difference")
value_condition("no source states a dose", "nobody_knows")


@condition("high-alert, and no source knows the dose or a scheme")
def _nobody_knows(finding: Finding, lines: Lines, _case: CaseView) -> bool:
    unknown = finding.values.get("nobody_knows") and not finding.values.get("scheme")
    return bool(unknown) and bool(alert_groups(finding, lines))


def pairs_of(line: LineView, relation: Relation) -> Iterator[Two]:
    """Pairs of values that relate so, the newer first."""
    for a, b, related in line.compared:
        if related is relation:
            newer, older = sorted((a, b), key=lambda s: (s.day or date.min, s.id), reverse=True)
            yield newer, older


def _old_home_list(s: Said, line: LineView) -> bool:
    """A home list that shows another dose than the one that stands; one without a date may show the same."""
    return s.kind is Kind.HOME_LIST and (
        line.chosen is None or relation(s.dose, line.chosen.dose) is not Relation.EQUAL
    )


def told_dose(s: Said) -> str:
    """The dose in our words where they are certain, else as said; an added set is told as its sum."""
    words = dose_words(s.dose)
    return f"{words} {s.dose.where}".strip() if words and s.dose else s.statement.dose_text or ""


def two_doses(a: Said, b: Said) -> dict[str, object]:
    """The named values by which a sentence tells two doses apart."""
    return {
        "dose_a": told_dose(a),
        "src_a": a.place,
        "date_a": a.own_day,
        "dose_b": told_dose(b),
        "src_b": b.place,
        "date_b": b.own_day,
    }


FREE_TEXT = {"nb": "er fritekst", "nn": "er fritekst", "en": "is free text"}
OTHER_UNIT = {
    "nb": "er oppgitt i en annen enhet",
    "nn": "er oppgitt i ei anna eining",
    "en": "is stated in another unit",
}


@rule(
    code="D01",
    slug="DOSE_DIFFERS",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL, "ratio at least 2": Severity.CRITICAL},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Ulik dose",
        "nn": "Ulik dose",
        "en": "Dose differs",
    },
    sentence={
        "nb": "{drug}: {dose_a} ifølge {src_a} ({date_a}), men {dose_b} ifølge {src_b} ({date_b}).",
        "nn": "{drug}: {dose_a} ifølgje {src_a} ({date_a}), men {dose_b} ifølgje {src_b} ({date_b}).",
        "en": "{drug}: {dose_a} according to {src_a} ({date_a}) but {dose_b} according to {src_b} ({date_b}).",
    },
    action="Bekreft dosen av {drug}, og rett listen som er feil.",
    cap={"difference below 5 per cent": Severity.LOW},
    needs=Mark.DIFFERS,
    source="rules.md D01",
)
def dose_differs(line: LineView, _case: CaseView) -> Finding | None:
    """Kildene oppgir ulik døgndose for samme legemiddel.

    Hvorfor: den som gir etter feil liste, gir feil dose.

    Kjente unntak: samme milligram av ulik styrke er lik dose (C05). Samme døgndose til andre tider er D03. Er listene
    enige og bare den eldre resepten ulik, er det D07. Er resepten nyere enn listene og sier en annen dose, flagges det
    her: det tryggeste er å spørre. En forskjell under 5 % er lav også for et høyrisikolegemiddel, og en dobling er
    kritisk for alle: taket går foran hevingene (presisering 28), så 40 mot 41 enheter insulin ikke roper som 40 mot 80.

    Eksempel: dobbel dose i én liste
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1x1 | 2025-11-10 |
        | HP | hjemmeliste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1x2 | 2025-12-01 |
        => D01 critical GP

    Eksempel: samme dose med andre ord
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1 tablett daglig | 2025-11-10 |
        | HP | hjemmeliste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1 tabl morgen | 2025-12-01 |
        => ikke D01

    Kilde: rules.md D01, presisering 14, 27, 28, 35 og 40.
    """
    apart = list(pairs_of(line, Relation.DIFFERS))
    if not apart:
        return None
    a, b = max(apart, key=lambda two: (_times(two), two[0].id, two[1].id))
    lists = [s for s in line.values if s.kind is not Kind.PRESCRIPTION]
    newest = newest_dose(line.values)
    times = _times((a, b))
    return Finding(
        values={
            "drug": speaker(line).name,
            **two_doses(a, b),
            "ratio": times or Decimal(1),
            "ratio_at_least_2": times >= TWICE,
            "small_difference": times > 0 and all(_hardly_apart(two) for two in apart),
            "home_list_is_old": any(_old_home_list(s, line) for two in apart for s in two[1:])
            or any(newest in two and any(s.kind is Kind.HOME_LIST for s in two) for two in apart),
            "lists_differ": any(relation(x.dose, y.dose) is Relation.DIFFERS for x, y in combinations(lists, 2)),
        },
        evidence=evidence(s for two in apart for s in two),
    )


def _hardly_apart(two: Two) -> bool:
    a, b = two
    return bool(a.dose and b.dose and hardly_apart(a.dose, b.dose, SMALL))


def _times(two: Two) -> Decimal:
    """Larger by smaller; 0 where it can't be told, which is no small difference."""
    a, b = two
    return (ratio(a.dose, b.dose) or Decimal(0)) if a.dose and b.dose else Decimal(0)


@rule(
    code="D05",
    slug="DOSE_UNREADABLE",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Dosen kan ikke leses",
        "nn": "Dosen kan ikkje lesast",
        "en": "Dose unreadable",
    },
    sentence={
        "nb": "Doseringen på {drug} {stated} og kan ikke sammenlignes: «{text}» ({src_a}).",
        "nn": "Doseringa på {drug} {stated} og kan ikkje samanliknast: «{text}» ({src_a}).",
        "en": "The dose of {drug} {stated} and cannot be compared: '{text}' ({src_a}).",
    },
    action="Oppgi dosen av {drug} slik at den kan leses: hvor mye, hvor ofte og når.",
    needs=Mark.UNREAD,
    source="rules.md D05",
)
def dose_unreadable(line: LineView, case: CaseView) -> Finding | None:
    """Doseringen er fritekst som ikke kan leses med sikkerhet, eller i en enhet som ikke kan sammenlignes.

    Hvorfor: en dose vi ikke forstår, kan skjule en forskjell. Ordene vises slik kilden skrev dem.

    Kjente unntak: bare en henvisning til et skjema er D06. En henvisning til en plan vi har, er ingen av delene.

    Eksempel: «som før»
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1x1 | 2025-11-10 |
        | HP | hjemmeliste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | som før | 2025-12-01 |
        => D05 moderate GP

    Eksempel: begge kan leses
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1x1 | 2025-11-10 |
        | HP | hjemmeliste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1 tablett morgen | 2025-12-01 |
        => ikke D05

    Eksempel: tabletter av ukjent styrke mot milligram
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Metoprolol | metoprolol | C07AB02 | prolonged |  | 1 tablett morgen | 2025-11-10 |
        | HP | hjemmeliste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 50 mg morgen | 2025-12-01 |
        => D05 moderate GP

    Kilde: rules.md D05, presisering 35 og 38. Setningen er omskrevet så den også passer til enheter som ikke kan
    sammenlignes.
    """
    unread = [s for s in _in_use(line) if s.dose_said is DoseSaid.UNREADABLE and not _not_of_today(s, line, case.today)]
    apart = tuple(pairs_of(line, Relation.APART))
    unread += [older for _, older in apart]
    if not unread:
        return None
    told = min(unread, key=lambda s: (not s.is_list, s.id))
    return Finding(
        values={
            "drug": told.name,
            "stated": FREE_TEXT if told.dose_said is DoseSaid.UNREADABLE else OTHER_UNIT,
            "text": told.statement.dose_text or told_dose(told),
            "src_a": told.place,
            "points_to_plan": "plan" in (told.statement.dose_text or "").casefold(),
        },
        evidence=evidence((*unread, *(newer for newer, _ in apart))),
    )


def _not_of_today(s: Said, line: LineView, today: date) -> bool:
    """It was read, and has no dose of today: its last step is over by its own words (B04), or its first is to come."""
    last, first = last_day(s, line), s.statement.start
    reading = s.statement.read_dose
    read = s.statement.dosage is not None or (reading is not None and reading.status is ReadStatus.OK)
    return (last is not None and last < today) or (read and first is not None and first > today)


@rule(
    code="D06",
    slug="DOSE_MISSING",
    severity=Severity.MODERATE,
    escalate={
        "no source states a dose": Severity.HIGH,
        "high-alert, and no source knows the dose or a scheme": Severity.CRITICAL,
    },
    owners=(Owner.GP,),
    name={
        "nb": "Dose mangler",
        "nn": "Dose manglar",
        "en": "Dose missing",
    },
    sentence={
        "nb": "{src_a} har ingen dosering på {drug}.",
        "nn": "{src_a} har inga dosering på {drug}.",
        "en": "{src_a} states no dose for {drug}.",
    },
    action="Oppgi dosen av {drug}.",
    needs=Mark.UNSAID,
    source="rules.md D06",
)
def dose_missing(line: LineView, _case: CaseView) -> Finding | None:
    """Ingen dose er oppgitt, eller teksten viser bare til et skjema («etter INR»).

    Hvorfor: uten dose gis ingenting, eller noe noen husker.

    Kjente unntak: et stopp eller en pause trenger ingen dose. Finnes planen det vises til, mangler ingenting.

    Eksempel: ingen oppgir dosen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg |  | 2025-11-10 |
        => D06 high GP

    Eksempel: dosen er oppgitt
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Selo-Zok 50 mg | metoprolol | C07AB02 | prolonged | 50 mg | 1x1 | 2025-11-10 |
        => ikke D06

    Kilde: rules.md D06, presisering 38 og 39.
    """
    missing = {DoseSaid.NONE} if any(map(_table_of_days, line.active_lists)) else {DoseSaid.NONE, DoseSaid.SCHEME}
    lacking = tuple(s for s in _in_use(line) if s.dose_said in missing and not _to_come(s))
    if not lacking or any(s.dose and s.dose.plan for s in line.active):
        return None
    told = min(lacking, key=lambda s: (not s.is_list, s.id))
    return Finding(
        values={
            "drug": told.name,
            "src_a": told.place,
            "nobody_knows": not any(s.dose_said in {DoseSaid.READ, DoseSaid.UNREADABLE} for s in line.active),
            "scheme": any(s.dose_said is DoseSaid.SCHEME for s in lacking),
        },
        evidence=evidence(lacking),
    )


def _table_of_days(s: Said) -> bool:
    """Its dose is told day by day of the week: the scheme that "etter INR" points to, written out."""
    told = s.statement.any_dosage
    return (
        s.dose is not None
        and told is not None
        and isinstance(told.schedule, Weekdays)
        and len(told.schedule.amounts) > 1
    )


def _in_use(line: LineView) -> tuple[Said, ...]:
    """Those that say that it is in use; where none is sure of it, those that do not know."""
    return tuple(s for s in line.active if not s.unsure) or line.active


def _to_come(s: Said) -> bool:
    """A stop or pause of a day to come: it needs no dose (clarification 16)."""
    return s.statement.status in {SaidStatus.STOPPED, SaidStatus.PAUSED}


@rule(
    code="D07",
    slug="RX_DOSE_OLD",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.HIGH, "ratio at least 2": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Gammel dose på resepten",
        "nn": "Gammal dose på resepten",
        "en": "Old dose on the prescription",
    },
    sentence={
        "nb": "Dosen av {drug} ble endret til {dose_a} ({src_a}, {date_a}), men resepten sier {dose_b}. "
        "Etiketten på esken blir feil.",
        "nn": "Dosen av {drug} blei endra til {dose_a} ({src_a}, {date_a}), men resepten seier {dose_b}. "
        "Etiketten på øskja blir feil.",
        "en": "The dose of {drug} was changed to {dose_a} ({src_a}, {date_a}) but the prescription says "
        "{dose_b}. The label on the box will be wrong.",
    },
    action="Ny resept på {drug} med dosen {dose_a}.",
    needs=Mark.DIFFERS,
    source="rules.md D07",
)
def prescription_dose_old(line: LineView, _case: CaseView) -> Finding | None:
    """Listene er enige om en nyere dose; den gyldige resepten, og dermed etiketten, har fortsatt den gamle.

    Hvorfor: den som leser etiketten, gir den gamle dosen.

    Kjente unntak: er listene uenige seg imellom, er det D01. Fastlegens liste alene er nok når ingen annen liste har
    legemidlet. Bare den nyeste resepten teller.

    Eksempel: dosen doblet i januar
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | gyldig til |
        | RF | resept | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 1 tablett daglig | 2025-06-10 | 2026-06-10 |
        | GP | liste | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 2 tabl x 1 | 2026-01-20 |  |
        | HP | hjemmeliste | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 2 tabl x 1 | 2026-01-21 |  |
        => D07 high GP

    Eksempel: resepten er fornyet med ny dose
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | gyldig til |
        | RF | resept | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 2 tabletter x 1 | 2026-01-20 | 2027-01-20 |
        | GP | liste | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 2 tabl x 1 | 2026-01-20 |  |
        | HP | hjemmeliste | Atacand 8 mg | kandesartan | C09CA06 | 8 mg | 2 tabl x 1 | 2026-01-21 |  |
        => ikke D07

    Kilde: rules.md D07, presisering 11 og 40.
    """
    lists = tuple(s for s in line.values if s.is_list)
    prescribed = next((s for s in line.values if s.kind is Kind.PRESCRIPTION), None)
    if prescribed is None or not lists or (len(lists) == 1 and lists[0].kind is not line.gps_list):
        return None
    if any(relation(a.dose, b.dose) is not Relation.EQUAL for a, b in combinations(lists, 2)):
        return None
    later = tuple(s for s in lists if s.later_than(prescribed))
    if not later or relation(later[0].dose, prescribed.dose) is not Relation.DIFFERS:
        return None
    newest = max(later, key=lambda s: (s.decision, s.day or date.min, s.id))
    times = _times((newest, prescribed))
    return Finding(
        values={
            "drug": speaker(line).name,
            **two_doses(newest, prescribed),
            "ratio": times or Decimal(1),
            "ratio_at_least_2": times >= TWICE,
            "newest_differs": True,
        },
        evidence=evidence((*lists, prescribed)),
    )
