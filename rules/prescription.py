"""Family B, status: prescriptions that have run out, soon will, were revoked, or should have been."""

from datetime import date, timedelta

from formats.statement import Kind, SaidStatus, Source
from rules.conclusion import Owner, Severity
from rules.discharge import other_dose
from rules.escalation import condition
from rules.identifying import strengths_of
from rules.lastly import same_dose
from rules.marks import Mark
from rules.presence import expired_prescriptions
from rules.rule import Finding, rule
from rules.standing import revoked_in_use
from rules.together import latest_said
from rules.view import CaseView, LineView, Said, evidence

EXPIRES_WITHIN = timedelta(days=30)
EXPIRES_SOON = timedelta(days=14)
"""B06 (proposal)."""
EXPIRED = {"nb": "utløp", "nn": "gjekk ut", "en": "expired"}
USED_UP = {
    "nb": "er brukt opp, siste utlevering",
    "nn": "er brukt opp, siste utlevering",
    "en": "is used up, last dispensed",
}
Lines = tuple[LineView, ...]


@condition("expires within 14 days")
def _soon(finding: Finding, _lines: Lines, case: CaseView) -> bool:
    day = finding.values.get("valid_to")
    return isinstance(day, date) and day <= case.today + EXPIRES_SOON


@condition("doses of the prescriptions differ")
def _doses_differ(finding: Finding, _lines: Lines, _case: CaseView) -> bool:
    return bool(finding.values.get("doses_differ"))


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
        "nb": "Resepten på {drug} {ran_out} {date_a}. Legemidlet er fortsatt i bruk ifølge {src_a}. Trenger ny resept.",
        "nn": "Resepten på {drug} {ran_out} {date_a}. Legemidlet er framleis i bruk ifølgje {src_a}. Treng ny resept.",
        "en": "The prescription for {drug} {ran_out} {date_a}. The medicine is still in use according to "
        "{src_a}. A new prescription is needed.",
    },
    action="Ny resept på {drug}.",
    needs=Mark.NOT_COVERED | Mark.LISTED,
    source="rules.md B05",
)
def prescription_expired_in_use(line: LineView, case: CaseView) -> Finding | None:
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

    Eksempel: ferdig ekspedert før den gikk ut
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | status | gyldig til |
        | RF | resept | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-04-01 | finished | 2026-04-01 |
        | GP | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg | 1x1 | 2025-04-01 |  |  |
        => B05 low GP

    Kilde: rules.md B05, presisering 22. Høyrisiko ved utelatelse: presisering 28. Setningen er omskrevet så den også
    passer til en resept som er brukt opp før den går ut.
    """
    if any(s.valid or s.own_of_roll for s in line.said) or line.rolls or not line.active_lists or line.stopped:
        return None
    over = expired_prescriptions(line)
    if not over:
        return None
    last = max(over, key=lambda s: (s.statement.valid_to or date.min, s.id))
    told = last.statement
    expired = told.status is SaidStatus.EXPIRED or (told.valid_to is not None and told.valid_to < case.today)
    return Finding(
        values={
            "drug": last.name,
            "ran_out": EXPIRED if expired else USED_UP,
            "date_a": told.valid_to if expired else told.last_dispensed,
            "src_a": latest_said(line.active_lists).place,
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
    needs=Mark.PRESCRIBED | Mark.LISTED,
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
        "nb": "Resepten på {drug} ble tilbakekalt {date_a}, men legemidlet står som i bruk ifølge {src_b}. "
        "Seponert eller byttet?",
        "nn": "Resepten på {drug} blei kalla tilbake {date_a}, men legemidlet står som i bruk ifølgje "
        "{src_b}. Seponert eller bytt?",
        "en": "The prescription for {drug} was revoked {date_a}, but the medicine is in use according to "
        "{src_b}. Stopped or switched?",
    },
    action="Avklar hvorfor resepten på {drug} er tilbakekalt, og oppdater listen.",
    needs=Mark.REVOKED | Mark.LISTED,
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

    Kilde: rules.md B10, P5, presisering 26. Tiltaket er ikke «tilbakekall»: det er alt gjort.
    """
    if not revoked_in_use(line):
        return None
    told = tuple(s for s in line.said if s.kind in {Kind.REVOCATION, Kind.PRESCRIPTION})
    revoked = latest_said(told or tuple(s for s in line.said if s.statement.status is SaidStatus.REVOKED))
    other = latest_said(line.active_lists)
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
        "nb": "En eldre resept på {drug} fra {date_b} er fortsatt gyldig og bør tilbakekalles. "
        "Gyldige resepter: {n}, den nyeste fra {date_a}.",
        "nn": "Ein eldre resept på {drug} frå {date_b} er framleis gyldig og bør kallast tilbake. "
        "Gyldige reseptar: {n}, den nyaste frå {date_a}.",
        "en": "An older prescription for {drug} of {date_b} is still valid and should be revoked. "
        "Valid prescriptions: {n}, the newest of {date_a}.",
    },
    action="Tilbakekall resept fra {date_b}.",
    needs=Mark.OLDER_VALID,
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

    Kilde: rules.md B11, presisering 11 og 59. Setningen sier hvilken resept som skal tilbakekalles.
    """
    valid = _each_once(line.prescriptions)
    older = tuple(s for s in valid if not s.in_force)
    if not older:
        return None
    newest = valid[0]
    return Finding(
        values={
            "n": len(valid),
            "drug": newest.name,
            "date_a": newest.own_day,
            "date_b": latest_said(older).own_day,
            "doses_differ": any(other_dose(newest, s) for s in older),
        },
        evidence=evidence(valid),
    )


def _each_once(valid: tuple[Said, ...]) -> tuple[Said, ...]:
    """One prescription told in two messages is one (R0): recalling the "older" would leave none.

    Told with another dose or strength under the same number it is not the same, and is asked about.
    """
    told: list[Said] = []
    for s in sorted(valid, key=lambda s: not s.in_force):
        if not any(_one_and_the_same(s, t) for t in told):
            told.append(s)
    return tuple(s for s in valid if s in told)


def _one_and_the_same(a: Said, b: Said) -> bool:
    number = a.statement.prescription_id
    strengths = {strengths_of(s.statement, s.identity.drug) for s in (a, b)}
    return bool(number) and number == b.statement.prescription_id and len(strengths) == 1 and same_dose(a, b)
