"""Family B, status: started, stopped, paused, ended, and the prescriptions that still say otherwise."""

from datetime import date, timedelta

from formats.statement import Kind, Source
from rules.conclusion import LineStatus, Owner, Severity
from rules.dosing import Relation, compare
from rules.escalation import condition
from rules.presence import expired_prescriptions, gp_lacks, last_handed_over
from rules.rule import Finding, rule
from rules.standing import revoked_in_use
from rules.together import speaker
from rules.view import CaseView, LineView, Said, Telling, evidence

EXPIRES_WITHIN = timedelta(days=30)
EXPIRES_SOON = timedelta(days=14)
"""B06 (proposal)."""
CARRIED_WITHIN_DAYS = 7
"""NICE QS120: reconciled in the GP's record within a week of the discharge (B07, clarification 23)."""
Lines = tuple[LineView, ...]


@condition("dispensed after the stop")
def _handed_after(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    stops = [line.newest_decision.day for line in lines if line.newest_decision and line.newest_decision.day]
    handed = [day for line in lines for s in line.said if (day := last_handed_over(s))]
    return bool(stops) and any(day > max(stops) for day in handed)


@condition("resume date has passed")
def _resume_passed(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    return any(_overdue(line, case.today) for line in lines)


@condition("a prescription can still be dispensed")
def _still_valid(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.prescriptions for line in lines)


@condition("multidose still packs it")
def _still_packed(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(line.rolls for line in lines)


@condition("expires within 14 days")
def _soon(finding: Finding, _lines: Lines, case: CaseView) -> bool:
    day = finding.values.get("valid_to")
    return isinstance(day, date) and day <= case.today + EXPIRES_SOON


@condition("discharge more than 7 days old")
def _long_ago(finding: Finding, _lines: Lines, case: CaseView) -> bool:
    day = finding.values.get("received")
    return isinstance(day, date) and (case.today - day).days > CARRIED_WITHIN_DAYS


@condition("doses of the prescriptions differ")
def _doses_differ(finding: Finding, _lines: Lines, _case: CaseView) -> bool:
    return bool(finding.values.get("doses_differ"))


def _newest(said: tuple[Said, ...]) -> Said:
    return max(said, key=lambda s: (s.own_day or date.min, s.id))


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
    source="rules.md B01",
)
def stopped_but_prescription_valid(line: LineView, _case: CaseView) -> Finding | None:
    """Seponert av en forskriver og ikke i bruk på noen liste, men en eldre resept er fortsatt gyldig.

    Hvorfor: resepten kan hentes ut, og neste utskrift av reseptlisten kan vekke legemidlet til live.

    Kjente unntak: sier en liste fortsatt at det er i bruk, er linjen uavklart (B02). En resept skrevet etter
    seponeringen er ikke eldre: da er legemidlet startet igjen.

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
    if stop is None or not line.stopped or line.active_lists or not line.prescriptions:
        return None
    oldest_valid = line.prescriptions
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
    source="rules.md B02",
)
def stopped_and_in_use(line: LineView, _case: CaseView) -> Finding | None:
    """Seponert i én liste, i bruk i en annen. Siste beslutning vises først; et menneske må avgjøre.

    Hvorfor: enten får pasienten noe som er stoppet, eller står uten noe hun skal ha.

    Kjente unntak: er bruken besluttet på nytt etter seponeringen, er det B09. En kopi («uendret») er ingen ny
    beslutning. Et stopp som bare en liste gjentar uten at beslutningen er kjent, regnes som et stopp: det tryggeste er
    å spørre.

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

    Kilde: rules.md B02, K5, presisering 24–26.
    """
    stop, lists = line.newest_decision, line.active_lists
    if stop is None or not line.stopped or not lists:
        return None
    home = tuple(s for s in lists if s.kind is Kind.HOME_LIST)
    gp_is_told = stop.kind is Kind.DISCHARGE and stop.decision
    only_home = bool(home) and (len(home) == len(lists) or gp_is_told)
    other = _newest(home if only_home else lists)
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
        "nb": "{drug} ble satt på pause {date_a} ({src_a}). Det er ikke bestemt om den skal startes igjen.",
        "nn": "{drug} blei sett på pause {date_a} ({src_a}). Det er ikkje bestemt om han skal startast igjen.",
        "en": "{drug} was paused {date_a} ({src_a}). Nobody has decided whether to restart it.",
    },
    action="Bestem om {drug} skal startes igjen eller avsluttes.",
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
        "nb": "Kuren med {drug} var ferdig {end_date}, men står fortsatt som aktiv hos {src_b}.",
        "nn": "Kuren med {drug} var ferdig {end_date}, men står framleis som aktiv hos {src_b}.",
        "en": "The course of {drug} ended {end_date} but is still active in {src_b}.",
    },
    action="Avslutt {drug} på listen.",
    source="rules.md B04",
)
def course_ended(line: LineView, case: CaseView) -> Finding | None:
    """En kur er over etter sin egen sluttdato, men en kilde har den fortsatt i bruk uten sluttdato.

    Hvorfor: kuren gis videre, eller listen fylles av det som er ferdig.

    Kjente unntak: en resept med egen sluttdato regnes ikke som «fortsatt i bruk», selv om den er gyldig lenger.

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

    Kilde: rules.md B04, P9, presisering 17.
    """
    end = line.course_end
    if end is None or end >= case.today:
        return None
    silent = tuple(s for s in (*line.active_lists, *line.prescriptions) if s.statement.end is None)
    if not silent:
        return None
    ending = tuple(s for s in line.active if s.statement.end == end)
    return Finding(
        values={"drug": silent[0].name, "end_date": end, "src_b": silent[0].place},
        evidence=evidence((*ending, *silent)),
    )


@rule(
    code="B05",
    slug="RX_EXPIRED_IN_USE",
    severity=Severity.LOW,
    escalate={"nothing left at home": Severity.MODERATE, "high-alert for omission": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Utløpt resept, i bruk",
        "nn": "Utgått resept, i bruk",
        "en": "Expired prescription, in use",
    },
    sentence={
        "nb": "Resepten på {drug} utløp {valid_to}. Legemidlet er fortsatt i bruk ifølge {src_a}. Trenger ny resept.",
        "nn": "Resepten på {drug} gjekk ut {valid_to}. Legemidlet er framleis i bruk ifølgje {src_a}. Treng ny resept.",
        "en": "The prescription for {drug} expired {valid_to}. The medicine is still in use according to "
        "{src_a}. A new prescription is needed.",
    },
    action="Ny resept på {drug}.",
    source="rules.md B05",
)
def prescription_expired_in_use(line: LineView, _case: CaseView) -> Finding | None:
    """I bruk på en liste, men den siste kjente resepten er utløpt eller brukt opp.

    Hvorfor: neste gang boksen er tom, er det ingenting å hente ut.

    Kjente unntak: en nyere gyldig resept eller multidose dekker. Ukjent beholdning skjerper ikke.

    Eksempel: utløpt i desember
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-12-01 |  | 2025-12-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-12-01 |  |  |
        | HP | hjemmeliste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-12-02 |  |  |
        => B05 low GP

    Eksempel: fornyet
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-12-01 |  | 2025-12-01 |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-12-01 |  | 2026-12-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-12-01 |  |  |
        => ikke B05

    Kilde: rules.md B05, presisering 22.
    """
    if any(s.valid or s.own_of_roll for s in line.said) or line.rolls or not line.active_lists or line.stopped:
        return None
    expired = expired_prescriptions(line)
    if not expired:
        return None
    last = max(expired, key=lambda s: (s.statement.valid_to or date.min, s.id))
    return Finding(
        values={
            "drug": last.name,
            "valid_to": last.statement.valid_to or last.statement.last_dispensed,
            "src_a": _newest(line.active_lists).place,
        },
        evidence=evidence((last, *line.active_lists)),
        rests_on=(Source.RF,),
    )


@rule(
    code="B06",
    slug="RX_EXPIRING",
    severity=Severity.INFO,
    escalate={"expires within 14 days": Severity.LOW},
    owners=(Owner.GP,),
    name={
        "nb": "Resepten går snart ut",
        "nn": "Resepten går snart ut",
        "en": "Prescription expiring",
    },
    sentence={
        "nb": "Resepten på {drug} går ut {valid_to}.",
        "nn": "Resepten på {drug} går ut {valid_to}.",
        "en": "The prescription for {drug} expires {valid_to}.",
    },
    action="Forny resepten på {drug}.",
    advisory=True,
    source="rules.md B06",
)
def prescription_expiring(line: LineView, case: CaseView) -> Finding | None:
    """Den gyldige resepten på noe som er i bruk, går ut innen 30 dager.

    Hvorfor: fornyelse i tide sparer en utdeling uten legemiddel.

    Kjente unntak: bare den nyeste resepten teller. Råd, aldri mer enn «lav».

    Eksempel: går ut om 18 dager
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-03-20 |  | 2026-03-20 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-03-20 |  |  |
        => B06 info GP

    Eksempel: gyldig et halvt år til
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-09-20 |  | 2026-09-20 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-03-20 |  |  |
        => ikke B06

    Kilde: rules.md B06, presisering 11.
    """
    newest = line.prescriptions[0] if line.prescriptions and line.active_lists else None
    if newest is None or newest.statement.valid_to is None:
        return None
    if newest.statement.valid_to > case.today + EXPIRES_WITHIN:
        return None
    return Finding(values={"drug": newest.name, "valid_to": newest.statement.valid_to}, evidence=evidence((newest,)))


@rule(
    code="B07",
    slug="HOSPITAL_CHANGE_NOT_CARRIED",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP,),
    name={
        "nb": "Endring fra sykehuset ikke ført",
        "nn": "Endring frå sjukehuset ikkje ført",
        "en": "Hospital change not carried over",
    },
    sentence={
        "nb": "Sykehuset {change} {drug} ved utskrivning {date_a}: {dose_a}. Fastlegens liste viser "
        "fortsatt {dose_b} ({date_b}).",
        "nn": "Sjukehuset {change} {drug} ved utskriving {date_a}: {dose_a}. Lista til fastlegen viser "
        "framleis {dose_b} ({date_b}).",
        "en": "The hospital {change} {drug} at discharge {date_a}: {dose_a}. The GP's list still shows "
        "{dose_b} ({date_b}).",
    },
    action="Oppdater legemiddellisten (LIB): {drug} {dose_a} fra {date_a}.",
    step_up=("discharge more than 7 days old",),
    source="rules.md B07",
)
def hospital_change_not_carried(line: LineView, _case: CaseView) -> Finding | None:
    """Epikrisen startet, endret eller seponerte legemidlet; fastlegens liste viser fortsatt det gamle.

    Hvorfor: overgangen fra sykehus er der flest feil oppstår, og listen skal være samstemt innen en uke.

    Kjente unntak: «uendret» er ingen endring. En beslutning hos fastlegen etter utskrivningen går foran. Pause er B03.
    Kurer på 14 dager eller mindre. Er bare resepten gammel, er det D07. Har fastlegens oppføring
    ingen dato, er det ikke kjent hvem som er nyest: da står D01 alene.

    Eksempel: dosen økt i epikrisen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | endring |
        | GP | liste | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x1 | 2025-06-01 |  |
        | HP | epikrise | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x2 | 2026-02-24 | dose økt |
        => B07 high GP

    Eksempel: fastlegen har endret etterpå
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | endring |
        | HP | epikrise | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x2 | 2026-02-24 | dose økt |
        | GP | liste | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x1 | 2026-02-26 |  |
        => ikke B07

    Kilde: rules.md B07, P1–P3, presisering 20, 23 og 24; NICE QS120.
    """
    letter = _newest_letter(line)
    if letter is None or line.short_course or line.paused:
        return None
    change, old = _not_carried(line, letter)
    if not change:
        return None
    return Finding(
        values={
            "drug": letter.name,
            "change": change,
            "date_a": letter.day,
            "dose_a": letter.statement.dose_text or "",
            "dose_b": (old.statement.dose_text or old.name) if old else "ingenting",
            "date_b": old.own_day if old else None,
            "received": letter.statement.recorded or letter.statement.decided,
        },
        evidence=evidence((letter, old) if old else (letter,)),
        rests_on=() if old else (Source.GP,),
    )


def _newest_letter(line: LineView) -> Said | None:
    letters = [s for s in line.of(Kind.DISCHARGE) if s.decision and s.telling is not Telling.OVER and s.day]
    return max(letters, key=lambda s: (s.day or date.min, s.id), default=None)


def _not_carried(line: LineView, letter: Said) -> tuple[str, Said | None]:
    """What the hospital did and the GP's entry that still shows the old state; ("", None) where it is carried over."""
    listed = tuple(s for s in line.of(Kind.GP_LIST) if s.telling is not Telling.OVER)
    active = tuple(s for s in listed if s.telling is Telling.ACTIVE)
    if letter.telling is Telling.STOPPED:
        old = next((s for s in active if letter.later_than(s) or s.weak), None)
        return ("seponerte", old) if old and line.newest_decision is letter else ("", None)
    if letter.telling is not Telling.ACTIVE or line.stopped:
        return "", None
    if gp_lacks(line):
        return "startet", _newest(listed) if listed else None
    old = next((s for s in active if letter.later_than(s) and _other_dose(letter, s)), None)
    return ("endret", old) if old and all(letter.later_than(s) for s in active) else ("", None)


def _other_dose(a: Said, b: Said) -> bool:
    if a.dose is None or b.dose is None:
        return False
    return compare(a.dose, b.dose) in {Relation.DIFFERS, Relation.INTERVAL, Relation.PRN}


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
    if line.status is not LineStatus.PLANNED or not starting:
        return None
    told = _newest(starting)
    return Finding(
        values={"drug": told.name, "start_date": told.statement.start, "src_a": told.place},
        evidence=evidence(starting),
    )


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
    stops = tuple(s for s in line.said if s.in_force and s.telling is Telling.STOPPED and restart.later_than(s))
    if not stops:
        return None
    stop = _newest(stops)
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


@rule(
    code="B10",
    slug="RX_REVOKED_LIST_ACTIVE",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Resepten tilbakekalt, i bruk",
        "nn": "Resepten kalla tilbake, i bruk",
        "en": "Prescription revoked, in use",
    },
    sentence={
        "nb": "Resepten på {drug} ble tilbakekalt {date_a}, men legemidlet står som i bruk hos {src_b}. "
        "Seponert eller byttet?",
        "nn": "Resepten på {drug} blei kalla tilbake {date_a}, men legemidlet står som i bruk hos "
        "{src_b}. Seponert eller bytt?",
        "en": "The prescription for {drug} was revoked {date_a}, but the medicine is in use according to "
        "{src_b}. Stopped or switched?",
    },
    action="Avklar hvorfor resepten på {drug} er tilbakekalt, og oppdater listen.",
    source="rules.md B10",
)
def revoked_but_in_use(line: LineView, _case: CaseView) -> Finding | None:
    """Resepten er tilbakekalt av ukjent grunn og ingen nyere finnes, men lister har legemidlet i bruk.

    Hvorfor: en tilbakekalling kan være en seponering som ikke er ført.

    Kjente unntak: årsak «seponering» er en stoppbeslutning (B02 eller B01). Årsak «erstattes» er bare et bytte.

    Eksempel: ukjent grunn
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-10-01 | revoked |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-10-01 |  |
        => B10 moderate GP

    Eksempel: en ny resept er skrevet
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-10-01 | revoked |  |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2026-02-01 |  | 2027-02-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-10-01 |  |  |
        => ikke B10

    Kilde: rules.md B10, P5, presisering 26.
    """
    if not revoked_in_use(line):
        return None
    revoked = _newest(tuple(s for s in line.said if s.kind in {Kind.REVOCATION, Kind.PRESCRIPTION}))
    other = _newest(line.active_lists)
    return Finding(
        values={"drug": other.name, "date_a": revoked.own_day, "src_b": other.place},
        evidence=evidence((revoked, *line.active_lists)),
    )


@rule(
    code="B11",
    slug="OLD_RX_STILL_VALID",
    severity=Severity.LOW,
    escalate={"doses of the prescriptions differ": Severity.MODERATE, "high-alert": Severity.HIGH},
    owners=(Owner.GP, Owner.PHARM),
    name={
        "nb": "Eldre resept fortsatt gyldig",
        "nn": "Eldre resept framleis gyldig",
        "en": "Older prescription still valid",
    },
    sentence={
        "nb": "Det finnes {n} gyldige resepter på {drug}. Den nyeste er fra {date_a}; eldre bør tilbakekalles.",
        "nn": "Det finst {n} gyldige reseptar på {drug}. Den nyaste er frå {date_a}; eldre bør kallast tilbake.",
        "en": "There are {n} valid prescriptions for {drug}. The newest is from {date_a}; older ones "
        "should be revoked.",
    },
    action="Tilbakekall resept fra {date_b}.",
    source="rules.md B11",
)
def older_prescription_valid(line: LineView, _case: CaseView) -> Finding | None:
    """Flere gyldige resepter på samme behandling: den gamle ble ikke tilbakekalt da den nye ble skrevet.

    Hvorfor: begge kan hentes ut, og den gamle kan ha feil dose på etiketten.

    Kjente unntak: multidose telles ikke. Flere styrker som hører sammen («i tillegg til», eller vist som et sett i en
    liste) er ingen kjede.

    Eksempel: to resepter
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-05-01 |  | 2026-05-01 |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-11-01 |  | 2026-11-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-05-01 |  |  |
        => B11 low GP

    Eksempel: den eldre er utløpt
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2024-05-01 |  | 2025-05-01 |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-11-01 |  | 2026-11-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-05-01 |  |  |
        => ikke B11

    Kilde: rules.md B11, presisering 11 og 59.
    """
    valid = line.prescriptions
    older = tuple(s for s in valid if not s.in_force)
    if not older:
        return None
    newest = valid[0]
    return Finding(
        values={
            "n": len(valid),
            "drug": newest.name,
            "date_a": newest.own_day,
            "date_b": _newest(older).own_day,
            "doses_differ": any(_other_dose(newest, s) for s in older),
        },
        evidence=evidence(valid),
    )
