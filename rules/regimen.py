"""Family D, how it is taken: at which times, fixed or as needed, and by which step of a plan."""

import re
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from formats.dosing import Dosage, Steps
from formats.statement import Kind
from rules.conclusion import Owner, Severity
from rules.daily import dose_today
from rules.dosewords import dose_words, times_words
from rules.dosing import Relation, relation
from rules.escalation import condition
from rules.identifying import strengths_of
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.high_alert import Group
from rules.times import other_times
from rules.together import as_needed, regular
from rules.view import CaseView, LineView, Said, evidence

OVERDUE_DAYS = 7
"""More than this many days after a step was due is urgent for some groups (discrepancies.json D09; proposal)."""
LONGEST_PLAN_DAYS = 730
"""How far back a plan is followed to find the day another source's dose stopped being right."""

AS_NEEDED_MAXIMUM = {"nb": "maks per døgn", "nn": "maks per døgn", "en": "a maximum per day"}
AS_NEEDED_INDICATION = {"nb": "indikasjon", "nn": "indikasjon", "en": "an indication"}
_AGAINST = re.compile(r"\b(?:mot|for|ved)\s+(?!behov\b|sengetid\b|natten?\b|kvelden?\b)[^\W\d]{3,}")

Lines = tuple[LineView, ...]


@condition("Parkinson drug or insulin")
def _timed(finding: Finding, lines: Lines, case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.PARKINSON, Group.INSULIN) for line in lines)


@condition("methotrexate")
def _methotrexate(finding: Finding, lines: Lines, case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.METHOTREXATE) for line in lines)


@condition("opioid or antiepileptic")
def _opioid_or_antiepileptic(finding: Finding, lines: Lines, case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.OPIOID, Group.ANTIEPILEPTIC) for line in lines)


@condition("opioid, benzodiazepine or insulin")
def _dangerous_if_fixed(finding: Finding, lines: Lines, case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.OPIOID, Group.BENZODIAZEPINE, Group.INSULIN) for line in lines)


@condition("steroid, opioid or benzodiazepine more than 7 days overdue")
def _overdue(finding: Finding, lines: Lines, case: CaseView) -> bool:
    del case
    grave = any(line.in_group(Group.STEROID, Group.OPIOID, Group.BENZODIAZEPINE) for line in lines)
    return grave and finding.values["overdue_days"] > OVERDUE_DAYS


@rule(
    code="D03",
    slug="SCHEDULE_DIFFERS",
    severity=Severity.LOW,
    escalate={
        "Parkinson drug or insulin": Severity.HIGH,
        "methotrexate": Severity.HIGH,
        "opioid or antiepileptic": Severity.MODERATE,
    },
    owners=(Owner.NURSE,),
    name={"nb": "Ulike tidspunkter", "nn": "Ulike tidspunkt", "en": "Other times"},
    sentence={
        "nb": "{drug}: samme {same}, men ulike tidspunkter ({times_a} / {times_b}).",
        "nn": "{drug}: same {same}, men ulike tidspunkt ({times_a} / {times_b}).",
        "en": "{drug}: same {same} but different times ({times_a} / {times_b}).",
    },
    action="Bekreft dose: når {drug} skal gis.",
    needs=Mark.SAME,
    source="rules.md D03; presiseringer 27, 37 og 56",
)
def schedule_differs(line: LineView, case: CaseView) -> Finding | None:
    """Samme døgndose, men til ulike tidspunkter eller delt på et annet antall; samme ukedose, men på andre ukedager.

    Hvorfor: for noen legemidler, som ved Parkinsons sykdom, er klokkeslettet behandlingen. Det som tas én dag i uken,
    kan bli gitt på begge dagene.

    Kjente unntak: et klokkeslett som faller i den andres del av døgnet, er det samme, og et tidspunkt som ikke er
    nevnt, passer med alle. Resepten tas ikke med.

    Eksempel: ulike klokkeslett for et legemiddel mot Parkinsons sykdom
        I dag: 2026-03-02
        | kilde | art         | navn    | stoff               | atc     | dose                         | dato       |
        | GP    | liste       | Sinemet | karbidopa, levodopa | N04BA02 | 1 tablett kl 8, 12, 16 og 20 | 2026-01-15 |
        | HP    | hjemmeliste | Sinemet | karbidopa, levodopa | N04BA02 | 1 tablett kl 8, 12, 18 og 22 | 2026-01-16 |
        => D03 high NURSE

    Eksempel: metotreksat på hver sin ukedag
        I dag: 2026-03-02
        | kilde | art         | navn                | stoff       | atc     | dose                  | dato       |
        | GP    | liste       | Methotrexate 2,5 mg | metotreksat | L04AX03 | 4 tabletter hver tirsdag | 2026-01-15 |
        | HP    | hjemmeliste | Methotrexate 2,5 mg | metotreksat | L04AX03 | 4 tabletter hver torsdag | 2026-01-16 |
        => D03 high NURSE

    Eksempel: klokkeslettet faller i den andres del av døgnet
        I dag: 2026-03-02
        | kilde | art         | navn          | stoff        | atc     | dose            | dato       |
        | GP    | liste       | Lipitor 40 mg | atorvastatin | C10AA05 | 1 tablett kveld | 2026-01-15 |
        | HP    | hjemmeliste | Lipitor 40 mg | atorvastatin | C10AA05 | 1 tablett kl 20 | 2026-01-16 |
        => ikke D03

    Kilde: rules.md D03, presiseringene 27, 37 og 56.
    """
    del case
    same = [(a, b) for a, b, related in line.compared if related is Relation.EQUAL and a.is_list and b.is_list]
    pairs = [(a, b) for a, b in same if other_times(a, b)]
    if not pairs:
        return None
    a, b = pairs[0]
    return Finding(
        values={"drug": a.name, "same": _same_total(a), "times_a": _times(a), "times_b": _times(b)},
        evidence=evidence(s for pair in pairs for s in pair),
    )


def _same_total(said: Said) -> str:
    return "ukedose" if said.dose and said.dose.fixed and said.dose.fixed.weekdays else "døgndose"


def _times(said: Said) -> str:
    part = said.dose.fixed if said.dose else None
    return times_words(part) if part else said.statement.dose_text or ""


@rule(
    code="D04",
    slug="PRN_VS_FIXED",
    severity=Severity.MODERATE,
    escalate={"opioid, benzodiazepine or insulin": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "Fast mot ved behov", "nn": "Fast mot ved behov", "en": "Regular or as needed"},
    sentence={
        "nb": "{drug}: ved behov ifølge {src_a}, fast ifølge {src_b}.",
        "nn": "{drug}: ved behov ifølgje {src_a}, fast ifølgje {src_b}.",
        "en": "{drug}: as needed according to {src_a}, regular according to {src_b}.",
    },
    action="Bekreft dose: om {drug} skal gis fast eller ved behov.",
    needs=Mark.NEEDED,
    source="rules.md D04, K4; presiseringer 14, 16, 18, 27 og 56",
)
def as_needed_or_fixed(line: LineView, case: CaseView) -> Finding | None:
    """Én kilde sier ved behov, en annen sier fast.

    Hvorfor: gis et behovslegemiddel fast, kan det bli for mye; gis et fast legemiddel ved behov, blir det borte.

    Kjente unntak: har én kilde både en fast del og en behovsdel, bærer de andre hver sin del.

    Eksempel: fast hos fastlegen, ved behov på hjemmelisten
        I dag: 2026-03-02
        | kilde | art         | navn          | stoff       | atc     | styrke | dose                  | dato       |
        | GP    | liste       | Paracet 1 g   | paracetamol | N02BE01 | 1 g    | 1 tabl x 3            | 2025-06-01 |
        | HP    | hjemmeliste | Paracet 500mg | paracetamol | N02BE01 | 500 mg | 2 tabl inntil x 3 v/b | 2025-06-01 |
        => D04 moderate GP

    Eksempel: ved behov hos begge
        I dag: 2026-03-02
        | kilde | art         | navn          | stoff       | atc     | styrke | dose                  | dato       |
        | GP    | liste       | Paracet 500mg | paracetamol | N02BE01 | 500 mg | 2 tabl inntil x 3 v/b | 2025-06-01 |
        | HP    | hjemmeliste | Paracet 500mg | paracetamol | N02BE01 | 500 mg | 2 tabl inntil x 3 v/b | 2025-06-01 |
        => ikke D04

    Kilde: rules.md D04 og K4, presiseringene 14, 16, 18, 27 og 56.
    """
    del case
    needed, fixed = _needed_and_fixed(line)
    if not needed or not fixed:
        return None
    return Finding(
        values={
            "drug": needed[0].name,
            "src_a": tuple(sorted({s.source for s in needed})),
            "src_b": tuple(sorted({s.source for s in fixed})),
        },
        evidence=evidence((*needed, *fixed)),
    )


def _needed_and_fixed(line: LineView) -> tuple[list[Said], list[Said]]:
    """The statements of the sources that say only as needed, and of those that say only fixed."""
    places: dict[str, list[Said]] = defaultdict(list)
    for s in line.active:
        places[s.place].append(s)
    needed = [s for said in places.values() if all(as_needed(o) for o in said) for s in said]
    fixed = [s for said in places.values() if all(_only_fixed(o) for o in said) for s in said]
    told_apart = any(_both_parts(said) for said in places.values())
    return ([], []) if told_apart else (needed, fixed)


def _both_parts(said: list[Said]) -> bool:
    """The source itself has a fixed part and an as-needed part; the others then carry one of them each."""
    fixed = any(regular(s) for s in said)
    return fixed and any(as_needed(s) or (s.dose and s.dose.prn) for s in said)


def _only_fixed(said: Said) -> bool:
    return regular(said) and not as_needed(said) and not (said.dose and said.dose.prn)


@rule(
    code="D08",
    slug="PRN_INCOMPLETE",
    severity=Severity.LOW,
    escalate={"opioid or benzodiazepine": Severity.MODERATE},
    owners=(Owner.GP,),
    name={"nb": "Behov uten grense", "nn": "Behov utan grense", "en": "As needed, incomplete"},
    sentence={
        "nb": "{drug} ved behov mangler {missing}.",
        "nn": "{drug} ved behov manglar {missing}.",
        "en": "{drug} as needed lacks {missing}.",
    },
    action="Bekreft dose: maks per døgn og indikasjon for {drug} ved behov.",
    advisory=True,
    needs=Mark.NEEDED,
    source="rules.md D08; presisering 49",
)
def as_needed_incomplete(line: LineView, case: CaseView) -> Finding | None:
    """Et behovslegemiddel mangler maks per døgn eller indikasjon i alle kilder.

    Hvorfor: den som gir, vet verken når eller hvor mye.

    Kjente unntak: råd. Sier én kilde det som mangler hos en annen, er det kjent. Indikasjonen kan stå i doseteksten.

    Eksempel: uten maks og indikasjon
        I dag: 2026-03-02
        | kilde | art   | navn         | stoff     | atc     | styrke | dose          | dato       |
        | GP    | liste | Sobril 10 mg | oksazepam | N05BA04 | 10 mg  | 1 tablett v/b | 2026-01-15 |
        => D08 moderate GP

    Eksempel: begge deler står der
        I dag: 2026-03-02
        |kilde|art  |navn        |stoff    |atc    |styrke|dose                                  |dato      |
        |GP   |liste|Sobril 10 mg|oksazepam|N05BA04|10 mg |1 tablett v/b mot uro, maks 3 per døgn|2026-01-15|
        => ikke D08

    Kilde: rules.md D08, presisering 49.
    """
    del case
    needed = [s for s in line.active if as_needed(s) or (s.dose and s.dose.prn)]
    if not needed:
        return None
    missing = [
        words
        for words, told in ((AS_NEEDED_MAXIMUM, _has_maximum), (AS_NEEDED_INDICATION, _has_indication))
        if not any(told(s) for s in needed)
    ]
    if not missing:
        return None
    return Finding(values={"drug": needed[0].name, "missing": tuple(missing)}, evidence=evidence(needed))


def _has_maximum(said: Said) -> bool:
    """It says a maximum, or has words left that nobody can read (D05), where one may stand."""
    if said.dose and said.dose.prn:
        return not said.dose.unlimited
    reading, told = said.statement.read_dose, said.statement.any_dosage
    left = (
        reading and said.dose is None and {"residual", "conflict", "unsafe_number", "prn_repeat"} & set(reading.flags)
    )
    return bool(left or (told and told.ceiling))


def _has_indication(said: Said) -> bool:
    return bool(said.statement.indication) or bool(_AGAINST.search((said.statement.dose_text or "").casefold()))


@rule(
    code="D09",
    slug="TAPER_STEP_DUE",
    severity=Severity.MODERATE,
    escalate={"steroid, opioid or benzodiazepine more than 7 days overdue": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "Trinn i plan", "nn": "Steg i plan", "en": "Step of a plan"},
    sentence={
        "nb": "{drug}: i dag skal dosen være {dose_a} ifølge planen ({src_a}), men {src_b} viser {dose_b}.",
        "nn": "{drug}: i dag skal dosen vere {dose_a} ifølgje planen ({src_a}), men {src_b} viser {dose_b}.",
        "en": "{drug}: today's dose should be {dose_a} by the plan ({src_a}) but {src_b} shows {dose_b}.",
    },
    action="Bekreft dose: dagens trinn i planen for {drug}.",
    needs=Mark.PLAN,
    source="rules.md D09; presiseringer 15 og 41",
)
def taper_step_due(line: LineView, case: CaseView) -> Finding | None:
    """En plan for nedtrapping eller opptrapping har nådd et nytt trinn, og en annen liste viser en annen dose.

    Hvorfor: den gamle dosen fortsetter, eller trappes for fort.

    Kjente unntak: en senere beslutning enn planen gjelder foran den. Resepten tas ikke med, og en tekst som peker på
    planen, er enig i den.

    Eksempel: fastlegens liste står på et tidligere trinn
        I dag: 2026-03-02
        |kilde|art     |navn       |stoff      |atc    |dose                                     |dato      |
        |HP   |epikrise|Prednisolon|prednisolon|H02AB06|2 tabl daglig i 7 dager, så 1 tabl daglig|2026-02-16|
        |GP   |liste   |Prednisolon|prednisolon|H02AB06|2 tabl daglig                            |2026-02-10|
        => D09 moderate GP

    Eksempel: begge viser dagens trinn
        I dag: 2026-03-02
        |kilde|art     |navn       |stoff      |atc    |dose                                     |dato      |
        |HP   |epikrise|Prednisolon|prednisolon|H02AB06|2 tabl daglig i 7 dager, så 1 tabl daglig|2026-02-16|
        |GP   |liste   |Prednisolon|prednisolon|H02AB06|1 tabl daglig                            |2026-02-10|
        => ikke D09

    Kilde: rules.md D09, presiseringene 15 og 41. Grensen på 7 dager er et forslag. Setningen sier «planen» og ikke
    «nedtrapping»: den gjelder også opptrapping.
    """
    plans = [s for s in line.values if s.dose and s.dose.plan and s.kind is not Kind.PRESCRIPTION]
    if not plans:
        return None
    plan = max(plans, key=lambda s: (str(s.day or ""), s.id))
    behind = [s for s in line.values if s.is_list and s is not plan and _off_plan(plan, s)]
    if not behind:
        return None
    return Finding(values=_behind(plan, behind, case.today), evidence=evidence((plan, *behind)))


def _behind(plan: Said, behind: list[Said], today: date) -> dict[str, Any]:
    since = [_right_until(plan, s, today) for s in behind]
    return {
        "drug": plan.name,
        "dose_a": dose_words(plan.dose) or plan.statement.dose_text,
        "src_a": plan.source,
        "dose_b": behind[0].statement.dose_text,
        "src_b": behind[0].source,
        "overdue_days": (today - min(since)).days,
        "earlier_step": any(day != _first_day(plan, today) for day in since),
    }


def _off_plan(plan: Said, other: Said) -> bool:
    newer = other.decision and other.later_than(plan)
    apart = {Relation.DIFFERS, Relation.INTERVAL}
    return bool(plan.dose and other.dose) and not newer and relation(plan.dose, other.dose) in apart


def _first_day(plan: Said, today: date) -> date:
    """The plan's first day; `today` where it is not told."""
    told = _plan_of(plan)
    decided = plan.day if plan.statement.decided else None  # a copy's plan began on the day it was decided
    return (told.starts if told else None) or plan.statement.start or decided or today


def _plan_of(said: Said) -> Dosage | None:
    told = said.statement.any_dosage
    return told if told and isinstance(told.schedule, Steps) else None


def _right_until(plan: Said, other: Said, today: date) -> date:
    """The first day the other's dose was no longer the plan's; the plan's first day where it never was."""
    told, first = _plan_of(plan), _first_day(plan, today)
    strengths = strengths_of(plan.statement, plan.identity.drug)
    day = today
    while first < day and (today - day).days < LONGEST_PLAN_DAYS:
        step = dose_today(told, strengths, today=day - timedelta(days=1), plan_start=first) if told else None
        if relation(step, other.dose) is Relation.EQUAL:
            return day
        day -= timedelta(days=1)
    return first
