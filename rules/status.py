"""Family B, status: started, stopped, paused, and the sources that still say otherwise."""

from datetime import date

from formats.statement import Kind
from rules.conclusion import Owner, Severity
from rules.escalation import condition
from rules.marks import Mark
from rules.presence import last_handed_over
from rules.rule import Finding, rule
from rules.together import latest_said, speaker
from rules.view import CaseView, LineView, Telling, evidence

Lines = tuple[LineView, ...]


@condition("dispensed after the stop")
def _handed_after(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    stops = [line.newest_decision.day for line in lines if line.newest_decision and line.newest_decision.day]
    handed = [day for line in lines for s in line.said if (day := last_handed_over(s))]
    return bool(stops) and any(day > max(stops) for day in handed)


@condition("resume date has passed")
def _resume_passed(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    return any(_overdue(line, case.today) for line in lines)


@rule(
    code="B01",
    slug="STOPPED_RX_VALID",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.CRITICAL, "dispensed after the stop": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Seponert, resepten gyldig",
        "nn": "Seponert, resepten gyldig",
        "en": "Stopped, prescription valid",
    },
    sentence={
        "nb": "{drug} ble seponert {date_a} ({src_a}), men resepten er fortsatt gyldig i "
        "Reseptformidleren til {valid_to}. Bør tilbakekalles.",
        "nn": "{drug} blei seponert {date_a} ({src_a}), men resepten er framleis gyldig i "
        "Reseptformidlaren til {valid_to}. Bør kallast tilbake.",
        "en": "{drug} was stopped {date_a} ({src_a}) but its prescription is still valid in the registry "
        "until {valid_to}. Should be revoked.",
    },
    action="Tilbakekall resept fra {date_b}.",
    needs=Mark.STOP,
    source="rules.md B01",
)
def stopped_but_prescription_valid(line: LineView, _case: CaseView) -> Finding | None:
    """Seponert av en forskriver og ikke i bruk på noen liste, men en eldre resept er fortsatt gyldig.

    Hvorfor: resepten kan hentes ut, og neste utskrift av reseptlisten kan vekke legemidlet til live.

    Kjente unntak: sier en liste fortsatt at det er i bruk, er linjen uavklart (B02). En resept skrevet etter
    seponeringen er ikke eldre: da er legemidlet startet igjen. En resept som Reseptformidleren ikke oppgir status på,
    eller ikke lenger viser, er ikke kjent gyldig: den teller verken her eller som dekning (A03). Resepten rullen pakkes
    på, teller med: ligger legemidlet fortsatt i rullen, sier E03 det.

    Eksempel: seponert overalt
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-10-01 |  | 2026-10-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg |  | 2026-01-12 | stopped |  |
        => B01 moderate GP

    Eksempel: resepten er utløpt
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-01-01 |  | 2026-01-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg |  | 2026-01-12 | stopped |  |
        => ikke B01

    Kilde: rules.md B01, K5.
    """
    stop = line.newest_decision
    if stop is None or not line.stopped or line.active_lists or not line.redeemable:
        return None
    oldest_valid = line.redeemable
    return Finding(
        values={
            "drug": speaker(line).name,
            "date_a": stop.day,
            "src_a": stop.place,
            "valid_to": oldest_valid[0].statement.valid_to,
            "date_b": oldest_valid[0].own_day,
            "prescription": oldest_valid[0].statement.prescription_id,
        },
        evidence=evidence((stop, *oldest_valid)),
    )


@rule(
    code="B02",
    slug="STOPPED_VS_ACTIVE",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Seponert og i bruk",
        "nn": "Seponert og i bruk",
        "en": "Stopped and in use",
    },
    sentence={
        "nb": "{drug}: seponert {date_a} ifølge {src_a}, men i bruk ifølge {src_b} ({date_b}). Må "
        "avklares før neste utdeling.",
        "nn": "{drug}: seponert {date_a} ifølgje {src_a}, men i bruk ifølgje {src_b} ({date_b}). Må "
        "avklarast før neste utdeling.",
        "en": "{drug}: stopped {date_a} according to {src_a}, but in use according to {src_b} "
        "({date_b}). Must be clarified before the next dose is given.",
    },
    action="Avklar om {drug} er seponert, og rett listen som er feil.",
    needs=Mark.STOP | Mark.LISTED,
    source="rules.md B02",
)
def stopped_and_in_use(line: LineView, _case: CaseView) -> Finding | None:
    """Seponert i én liste, i bruk i en annen. Siste beslutning vises først; et menneske må avgjøre.

    Hvorfor: enten får pasienten noe som er stoppet, eller står uten noe hun skal ha.

    Kjente unntak: er bruken besluttet på nytt etter seponeringen, er det B09. En kopi («uendret») er ingen ny
    beslutning. Et stopp som bare en liste gjentar uten at beslutningen er kjent, regnes som et stopp: det tryggeste er
    å spørre. Er noe stoppet og startet samme dag, er dagen lik og stoppet gjelder (presisering 1), også i én liste. Men
    sier stoppet selv at dosen er endret eller at oppføringen er erstattet, og samme liste har det i bruk fra samme dag,
    er bare oppføringen over: da er ingenting seponert (som «erstattes» i presisering 26). Et lokalt tillegg regnes her
    som en liste: det pasienten tar selv, forsvinner ikke bak et stopp.

    Eksempel: journalen sier seponert, fastlegen har det i bruk
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-08-12 |  |
        | HP | ordre | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg |  | 2026-02-20 | stopped |
        => B02 high GP

    Eksempel: startet igjen etter seponeringen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status |
        | HP | ordre | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg |  | 2026-01-20 | stopped |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-12 |  |
        => ikke B02

    Eksempel: fastlegen endrer dosen ved å avslutte og starte samme dag, og sier det
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | grunn |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-12 | stopped | Doseendring |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x2 | 2026-02-12 |  |  |
        => ikke B02

    Eksempel: avsluttet og startet samme dag uten at noen sier hvorfor
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | grunn |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-12 | stopped |  |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x2 | 2026-02-12 |  |  |
        => B02 high GP

    Kilde: rules.md B02, K5, presisering 1, 13 og 24–26.
    """
    stop, lists = line.newest_decision, line.says_in_use
    if stop is None or not line.stopped or not lists:
        return None
    home = tuple(s for s in lists if s.kind in {Kind.HOME_LIST, Kind.LOCAL})
    gp_is_told = stop.kind is Kind.DISCHARGE and stop.decision
    only_home = bool(home) and (len(home) == len(lists) or gp_is_told)
    other = latest_said(home if only_home else lists)
    return Finding(
        values={
            "drug": other.name,
            "date_a": stop.day,
            "src_a": stop.place,
            "src_b": other.place,
            "date_b": other.own_day,
            "home_list_is_old": bool(home),
        },
        evidence=evidence((stop, *lists)),
        owner=Owner.NURSE if only_home else None,
    )


@rule(
    code="B03",
    slug="PAUSED_UNRESOLVED",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.HIGH, "resume date has passed": Severity.HIGH},
    owners=(Owner.GP, Owner.HOSP),
    name={
        "nb": "Pause uten avklaring",
        "nn": "Pause utan avklaring",
        "en": "Pause not resolved",
    },
    sentence={
        "nb": "{drug} ble satt på pause {date_a} ({src_a}). Det er ikke bestemt om det skal startes igjen.",
        "nn": "{drug} blei sett på pause {date_a} ({src_a}). Det er ikkje bestemt om det skal startast igjen.",
        "en": "{drug} was paused {date_a} ({src_a}). Nobody has decided whether to restart it.",
    },
    action="Bestem om {drug} skal startes igjen eller avsluttes.",
    needs=Mark.PAUSE,
    source="rules.md B03",
)
def paused_unresolved(line: LineView, case: CaseView) -> Finding | None:
    """Satt på pause i én kilde og i bruk i en annen, eller dagen for ny vurdering er passert uten beslutning.

    Hvorfor: en pause ingen tar opp igjen, blir en seponering ingen har bestemt.

    Kjente unntak: legemidlet startes aldri igjen av seg selv. På selve vurderingsdagen er den ikke passert.

    Eksempel: vurderingsdagen er passert
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gjenoppta |
        | HP | epikrise | Metformin 500 mg | metformin | A10BA02 | 500 mg | | 2026-02-01 | paused | 2026-02-15 |
        | GP | liste | Metformin 500 mg | metformin | A10BA02 | 500 mg | 1x2 | 2025-10-10 | | |
        => B03 high GP

    Eksempel: alle er enige, og dagen er ikke kommet
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gjenoppta |
        | GP | liste | Metformin 500 mg | metformin | A10BA02 | 500 mg | | 2026-02-01 | paused | 2026-04-15 |
        => ikke B03

    Kilde: rules.md B03, P8, presisering 23.
    """
    pause = line.newest_decision
    if pause is None or not line.paused or not (line.active_lists or _overdue(line, case.today)):
        return None
    return Finding(
        values={
            "drug": pause.name,
            "date_a": pause.day,
            "src_a": pause.place,
            "resume": pause.statement.resume,
        },
        evidence=evidence((pause, *line.active_lists)),
    )


def _overdue(line: LineView, today: date) -> bool:
    pause = line.newest_decision
    return line.paused and pause is not None and pause.statement.resume is not None and pause.statement.resume < today


@rule(
    code="B09",
    slug="RESTARTED",
    severity=Severity.INFO,
    owners=(Owner.GP,),
    name={
        "nb": "Startet igjen",
        "nn": "Starta igjen",
        "en": "Restarted",
    },
    sentence={
        "nb": "{drug} ble seponert {date_a} ({src_a}) og startet igjen {date_b} ({src_b}).",
        "nn": "{drug} blei seponert {date_a} ({src_a}) og starta igjen {date_b} ({src_b}).",
        "en": "{drug} was stopped {date_a} ({src_a}) and restarted {date_b} ({src_b}).",
    },
    needs=Mark.STOP,
    source="rules.md B09",
)
def restarted(line: LineView, _case: CaseView) -> Finding | None:
    """Seponert tidligere, så startet igjen ved en uttrykkelig senere beslutning. Vises så ingen seponerer på nytt.

    Hvorfor: den som bare ser seponeringen, kan ta bort noe pasienten skal ha.

    Kjente unntak: en kopi («uendret») etter en seponering er ingen ny start, men B02.

    Eksempel: startet igjen av fastlegen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status |
        | HP | epikrise | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg |  | 2026-01-15 | stopped |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-10 |  |
        => B09 info GP

    Eksempel: aldri seponert
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-10 |  |
        => ikke B09

    Kilde: rules.md B09, presisering 25.
    """
    restart = line.newest_decision
    if restart is None or restart.telling is not Telling.ACTIVE or not restart.decision:
        return None
    told = (s for s in line.said if (s.in_force or s.gone) and s.telling is Telling.STOPPED)
    stops = tuple(s for s in told if restart.later_than(s))
    if not stops:
        return None
    stop = latest_said(stops)
    return Finding(
        values={
            "drug": restart.name,
            "date_a": stop.own_day,
            "src_a": stop.place,
            "date_b": restart.day,
            "src_b": restart.place,
        },
        evidence=evidence((*stops, restart)),
    )
