"""Family B, status: courses that are over and starts that are planned."""

from datetime import date

from rules.conclusion import Owner, Severity
from rules.escalation import condition
from rules.lengths import last_day, told_length
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.together import latest_said
from rules.view import CaseView, LineView, Said, evidence

Lines = tuple[LineView, ...]


@condition("a prescription can still be dispensed")
def _still_valid(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.prescriptions for line in lines)


@condition("multidose still packs it")
def _still_packed(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.rolls for line in lines)


@rule(
    code="B04",
    slug="COURSE_ENDED",
    severity=Severity.LOW,
    escalate={"a prescription can still be dispensed": Severity.MODERATE, "multidose still packs it": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Kuren er over",
        "nn": "Kuren er over",
        "en": "Course ended",
    },
    sentence={
        "nb": "Kuren med {drug} var ferdig {end_date}, men står fortsatt som aktiv ifølge {src_b}.",
        "nn": "Kuren med {drug} var ferdig {end_date}, men står framleis som aktiv ifølgje {src_b}.",
        "en": "The course of {drug} ended {end_date} but is still active according to {src_b}.",
    },
    action="Avslutt {drug} på listen.",
    needs=Mark.ENDS,
    source="rules.md B04",
)
def course_ended(line: LineView, case: CaseView) -> Finding | None:
    """En kur er over etter sin egen sluttdato, men en kilde har den fortsatt i bruk uten sluttdato.

    Hvorfor: kuren gis videre, eller listen fylles av det som er ferdig.

    Står slutten bare i ord («i 5 dager»), meldes det når dagene er gått, men legemidlet blir stående i bruk: bare en
    sluttdato avslutter.

    Kjente unntak: en resept med egen slutt regnes ikke som «fortsatt i bruk», selv om den er gyldig lenger. Ved behov
    har ingen slutt i ord. Ord teller ikke når en annen kilde har noe nyere, eller samme liste fortsetter.

    Eksempel: fastlegen mangler sluttdato
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | start | slutt |
        | GP | liste | Selexid 400 mg | pivmecillinam | J01CA08 | 400 mg | 1x3 | 2026-02-05 | | |
        | HP | hjemmeliste | Selexid | pivmecillinam | J01CA08 | 400 mg | 1x3 | 2026-02-05 | 2026-02-05 | 2026-02-09 |
        => B04 low GP

    Eksempel: kuren pågår
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | start | slutt |
        | GP | liste | Selexid 400 mg | pivmecillinam | J01CA08 | 400 mg | 1x3 | 2026-03-01 | | |
        | HP | hjemmeliste | Selexid | pivmecillinam | J01CA08 | 400 mg | 1x3 | 2026-03-01 | 2026-03-01 | 2026-03-05 |
        => ikke B04

    Eksempel: slutten står i ord
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Selexid 400 mg | pivmecillinam | J01CA08 | 400 mg | 1 tablett x 3 i 5 dager | 2026-02-09 |
        => B04 low GP

    Kilde: rules.md B04, P9, presisering 17.
    """
    end = line.course_end
    if end is None:
        return _over_in_words(line, case.today)
    if end >= case.today:
        return None
    valid = (s for s in line.prescriptions if told_length(s.statement) is None)
    silent = tuple(s for s in (*line.active_lists, *valid) if s.statement.end is None)
    if not silent:
        return None
    ending = tuple(s for s in line.active if s.statement.end == end)
    return Finding(
        values={"drug": silent[0].name, "end_date": end, "src_b": silent[0].place},
        evidence=evidence((*ending, *silent)),
    )


def _over_in_words(line: LineView, today: date) -> Finding | None:
    """A list goes on with what was over by the length in somebody's words, and nothing newer says otherwise."""
    over = {s.id: (last, s) for s in line.active if (last := last_day(s, line)) and last < today}
    if not over or not line.active_lists:
        return None
    end, ending = max(over.values(), key=lambda told: (told[0], told[1].id))
    others = [s for s in line.active if s.id not in over]
    if any(_goes_on(s, ending, end) for s in others):
        return None
    still = min(line.active_lists, key=lambda s: (s.id in over, s.id))
    values = {"drug": still.name, "end_date": end, "src_b": still.place}
    return Finding(values=values, evidence=evidence((ending, *line.active_lists)))


def _goes_on(other: Said, ending: Said, end: date) -> bool:
    """A later word, one with an end or a first day of its own after it, or another entry of the same list."""
    told = other.statement
    newer = other.day is not None and ending.day is not None and other.day > ending.day
    ahead = any(day is not None and day > end for day in (told.start, told.end))
    return newer or ahead or told_length(told) is not None or (other.is_list and other.place == ending.place)


@rule(
    code="B08",
    slug="PLANNED_START",
    severity=Severity.INFO,
    owners=(Owner.NURSE,),
    name={
        "nb": "Planlagt start",
        "nn": "Planlagd start",
        "en": "Planned start",
    },
    sentence={
        "nb": "{drug} skal starte {start_date} ({src_a}).",
        "nn": "{drug} skal starte {start_date} ({src_a}).",
        "en": "{drug} is to start {start_date} ({src_a}).",
    },
    needs=Mark.BEGINS,
    source="rules.md B08",
)
def planned_start(line: LineView, case: CaseView) -> Finding | None:
    """Startdatoen ligger fram i tid: legemidlet står under «Planlagt», ikke «I bruk».

    Hvorfor: noen må huske å starte, og ingen må starte for tidlig.

    Kjente unntak: er legemidlet allerede i bruk og bare den nye dosen ligger fram i tid, er det ikke en planlagt start.

    Eksempel: starter i april
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | vei | styrke | dose | dato | start |
        | GP | liste | Prolia | denosumab | M05BX04 | injection | 60 mg | 1 hver 6. måned | 2026-02-20 | 2026-04-01 |
        => B08 info NURSE

    Eksempel: startet i går
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | vei | styrke | dose | dato | start |
        | GP | liste | Prolia | denosumab | M05BX04 | injection | 60 mg | 1 hver 6. måned | 2026-02-20 | 2026-03-01 |
        => ikke B08

    Kilde: rules.md B08, presisering 13 og 19.
    """
    starting = tuple(s for s in line.active if s.statement.start and s.statement.start > case.today)
    if not line.planned or not starting:
        return None
    told = latest_said(starting)
    return Finding(
        values={"drug": told.name, "start_date": told.statement.start, "src_a": told.place},
        evidence=evidence(starting),
    )
