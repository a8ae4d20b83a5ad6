"""Family A, presence: who has the medicine, and who lacks it."""

from datetime import date, timedelta
from decimal import Decimal

from formats.statement import Kind, SaidStatus, Source
from rules.conclusion import Owner, Severity
from rules.escalation import alert_groups, condition
from rules.identifying import strengths_of
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.standing import checked_like_active
from rules.together import speaker
from rules.view import PRESCRIBER_LISTS, CaseView, LineView, Said, Telling, evidence

DANGEROUS_TO_MISS = "antithrombotic, insulin, antiepileptic or Parkinson drug"
SUPPLY_DAYS = 14
"""Supply that ends within these days makes a missing prescription more urgent (A03; proposal)."""
Lines = tuple[LineView, ...]


@condition("supply runs out within 14 days")
def _runs_out(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    ends = [end for line in lines if (end := supply_end(line))]
    return bool(ends) and max(ends) <= case.today + timedelta(days=SUPPLY_DAYS)


@condition("nothing left at home")
def _nothing_left(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    ends = [end for line in lines if (end := supply_end(line))]
    return bool(ends) and max(ends) < case.today


def last_handed_over(s: Said) -> date | None:
    """The day something was handed over, as a prescription or a dispensing says it."""
    return s.statement.last_dispensed or (s.own_day if s.kind is Kind.DISPENSING else None)


def supply_end(line: LineView) -> date | None:
    """The last day the handed-over amount lasts; `None` where it can't be computed (clarification 22)."""
    ends = []
    for s in line.said:
        handed, amount = last_handed_over(s), _count(s.statement.quantity)
        daily = _pieces_a_day(s, line)
        if handed and amount and daily:
            ends.append(handed + timedelta(days=int(amount / daily) - 1))
    return max(ends, default=None)


_MEASURED = frozenset({"mg", "g", "mikrog", "E", "mmol"})
"""What a pharmacy does not count out: of "5 mg x 1" it takes the strength to know how many tablets that is."""


def _pieces_a_day(s: Said, line: LineView) -> Decimal | None:
    """Of the fixed dose it states; a dispensing that states none lasts by the dose that stands, of equal strength."""
    own, dose, told = strengths_of(s.statement, s.identity.drug), s.dose, line.chosen
    if dose is None and told is not None and own and own == strengths_of(told.statement, told.identity.drug):
        dose = told.dose
    part = dose.fixed if dose else None
    if dose is None or part is None or part.pieces_per_day is None:
        return None
    if dose.piece not in _MEASURED:
        return part.pieces_per_day.high
    of_one = own[0].value if len(own) == 1 and dose.units == (own[0].unit,) else None
    return part.per_day[0].high / of_one if of_one and part.per_day else None


def _count(quantity: str | None) -> Decimal | None:
    words = (quantity or "").split()
    return Decimal(words[0]) if words and words[0].isdigit() else None


def gp_lacks(line: LineView, today: date) -> bool:
    """No active, paused or planned entry in the GP's list; a stopped one counts if something newer is decided.

    An entry past its own last day is none, where a later word goes on.
    """
    entries = line.of(line.gps_list)
    if any(_stands(s) and not _over(s, today) for s in entries):
        return False
    return line.newest_decision is None or line.newest_decision not in entries


@rule(
    code="A01",
    slug="MISSING_IN_GP",
    severity=Severity.MODERATE,
    escalate={"high-alert for omission": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Mangler hos fastlegen",
        "nn": "Manglar hos fastlegen",
        "en": "Missing at the GP",
    },
    sentence={
        "nb": "{drug} er i bruk ifølge {src_a} ({date_a}), men står ikke på fastlegens liste.",
        "nn": "{drug} er i bruk ifølgje {src_a} ({date_a}), men står ikkje på lista til fastlegen.",
        "en": "{drug} is in use according to {src_a} ({date_a}) but is not on the GP's list.",
    },
    action="Oppdater legemiddellisten (LIB) med {drug}, eller avslutt behandlingen.",
    needs=Mark.NOT_AT_GP,
    source="rules.md A01",
)
def missing_at_gp(line: LineView, case: CaseView) -> Finding | None:
    """Legemidlet er i bruk ifølge en ordinasjonskilde, men står ikke på fastlegens liste.

    Hvorfor: fastlegen fornyer, kontrollerer interaksjoner og sender listen videre ut fra sin egen liste.

    Kjente unntak: kurer på 14 dager eller mindre, lokale tillegg (A04), det bare hjemmelisten har (G03). En seponering
    hos fastlegen som er siste beslutning, er B02. Bæres det av gyldig resept og hjemmeliste, men ingen lege, flagges
    det også her: det tryggeste er å spørre.

    Eksempel: epikrisen viderefører noe fastlegen ikke har
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | HP | epikrise | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-02-20 |
        | HP | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-02-21 |
        => A01 dempet av B07

    Eksempel: multidose har det, fastlegen ikke
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | RF | multidose | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-01-10 |
        | HP | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-01-10 |
        => A01 moderate GP

    Eksempel: fastlegen har det
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | RF | multidose | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-01-10 |
        | GP | liste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2026-01-10 |
        => ikke A01

    Kilde: rules.md A01 med presisering 18, 20 og 49. Høyrisiko ved utelatelse: presisering 28.
    """
    if line.short_course or line.local or not gp_lacks(line, case.today):
        return None
    if not line.ordinations and not checked_like_active(line):
        return None
    behind = line.ordinations or line.active
    told = max(behind, key=lambda s: (s.own_day or date.min, s.id))
    return Finding(
        values={"drug": told.name, "src_a": told.place, "date_a": told.own_day},
        evidence=evidence(behind),
        rests_on=(Source.GP,),
    )


@rule(
    code="A02",
    slug="MISSING_IN_HOMECARE",
    severity=Severity.MODERATE,
    escalate={"high-alert for omission": Severity.HIGH, DANGEROUS_TO_MISS: Severity.CRITICAL},
    owners=(Owner.NURSE,),
    name={
        "nb": "Mangler i hjemmetjenesten",
        "nn": "Manglar i heimetenesta",
        "en": "Missing in home care",
    },
    sentence={
        "nb": "{drug} er i bruk ifølge {src_a} ({date_a}), men mangler i hjemmetjenestens "
        "liste. Pasienten kan gå uten.",
        "nn": "{drug} er i bruk ifølgje {src_a} ({date_a}), men manglar på lista til "
        "heimetenesta. Pasienten kan gå utan.",
        "en": "{drug} is in use according to {src_a} ({date_a}) but is missing from the "
        "home-care list. The patient may be going without.",
    },
    action="Avklar om {drug} skal gis, og før det på hjemmelisten.",
    needs=Mark.NOT_AT_HOME,
    source="rules.md A02",
)
def missing_in_home_care(line: LineView, case: CaseView) -> Finding | None:
    """Forskriverens liste har legemidlet i bruk, men journalen og hjemmelisten mangler det.

    Hvorfor: det som ikke står på hjemmelisten, blir ikke gitt.

    Kjente unntak: kurer på 14 dager eller mindre. Finnes det ingen hjemmeliste for pasienten, holder det at noe i
    journalen sier at legemidlet er i bruk, pauset eller planlagt. At det mangler i en epikrise, er ingen seponering.
    Et stopp eller en pause på hjemmelisten som er eldre enn siste beslutning om bruk, er som om det manglet, og likeså
    det hjemmelisten fører med ukjent status.

    Eksempel: fastlegen har det, journalen ikke
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-09 |
        => A02 moderate NURSE

    Eksempel: hjemmelisten har det
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-09 |
        | HP | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-10 |
        => ikke A02

    Kilde: rules.md A02 med presisering 21. Høyrisiko ved utelatelse: presisering 28. Setningen sier «i bruk» og ikke
    «fast medisin»: også behovslegemidler regnes.
    """
    listed = tuple(s for s in line.ordinations if s.kind in PRESCRIBER_LISTS or s.kind is Kind.MULTIDOSE)
    if line.short_course or line.local or not listed or _in_home_care(line, case):
        return None
    told = max(listed, key=lambda s: (s.own_day or date.min, s.id))
    return Finding(
        values={"drug": told.name, "src_a": told.place, "date_a": told.own_day},
        evidence=evidence(listed),
        rests_on=(Source.HP,),
    )


def _in_home_care(line: LineView, case: CaseView) -> bool:
    if case.has_home_list():
        said = line.of(Kind.HOME_LIST, Kind.LOCAL)
    else:
        said = tuple(s for s in line.said if s.source is Source.HP and s.in_force)
    return any(_stands(s) and not _overtaken(s, line) and not _over(s, case.today) for s in said)


def _over(s: Said, today: date) -> bool:
    """Past its own last day: nobody gives by it any more, also where the doctor's later word goes on."""
    start, end = s.statement.start, s.statement.end
    return s.telling is Telling.ACTIVE and end is not None and end < today and not (start and start > end)


def _overtaken(s: Said, line: LineView) -> bool:
    """A pause older than the newest decision that it is in use: nobody gives by it, as by an older stop."""
    newest = line.newest_decision
    return (
        s.telling is Telling.PAUSED and newest is not None and newest.telling is Telling.ACTIVE and newest.later_than(s)
    )


def _stands(s: Said) -> bool:
    """Active, paused or planned, which is active with a day to come (clarifications 20, 21).

    An older stop is as good as absent, and so is an entry of which the list does not know whether it is in use.
    """
    return s.telling in {Telling.ACTIVE, Telling.PAUSED} and not s.unsure


@rule(
    code="A03",
    slug="NO_VALID_PRESCRIPTION",
    severity=Severity.LOW,
    escalate={"supply runs out within 14 days": Severity.MODERATE, "high-alert for omission": Severity.HIGH},
    owners=(Owner.GP,),
    name={
        "nb": "Ingen gyldig resept",
        "nn": "Ingen gyldig resept",
        "en": "No valid prescription",
    },
    sentence={
        "nb": "{drug} er i bruk, men det finnes ingen gyldig resept i Reseptformidleren.",
        "nn": "{drug} er i bruk, men det finst ingen gyldig resept i Reseptformidlaren.",
        "en": "{drug} is in use, but there is no valid prescription in the prescription registry.",
    },
    action="Ny resept på {drug}, eller avslutt på listen.",
    needs=Mark.NOT_COVERED | Mark.LISTED,
    source="rules.md A03",
)
def no_valid_prescription(line: LineView, _case: CaseView) -> Finding | None:
    """Legemidlet er i bruk på en liste, men Reseptformidleren har ingen gyldig resept, og ingen er kjent utløpt.

    Hvorfor: når boksen er tom, finnes det ikke noe å hente ut. Fravær i Reseptformidleren er aldri bevis på seponering.

    Kjente unntak: lokale og reseptfrie (også der legen har det, når hjemmetjenesten har ført at det er kjøpt, eller
    legemiddelregisteret bare har det i reseptgruppe F eller K), multidose (rullen teller som gyldig resept), utløpte
    resepter (B05) og tilbakekalte (B10). Ukjent beholdning skjerper ikke.

    Eksempel: ingen resept er kjent
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-09 |
        | HP | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-10 |
        => A03 low GP

    Eksempel: multidose teller som resept
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-09 |
        | RF | multidose | Levaxin 50 ug | levotyroksin | H03AA01 | 50 ug | 1x1 | 2025-09-10 |
        => ikke A03

    Kilde: rules.md A03 med presisering 22 og P13. Høyrisiko ved utelatelse: presisering 28.
    """
    covered = any(s.valid or s.own_of_roll for s in line.said) or line.rolls
    if line.local or covered or not line.active_lists or expired_prescriptions(line):
        return None
    found = Finding(
        values={"drug": speaker(line).name},
        evidence=evidence(line.active_lists),
        rests_on=(Source.RF,),
    )
    return None if _needs_none(line) and not alert_groups(found, (line,), omission=True) else found


WITHOUT_PRESCRIPTION = frozenset({"F", "K"})
"""Prescription groups (7421) of what is sold without one: exempt medicines and dietary supplements."""
SMALL_PACKAGES = frozenset({"CF"})
"""The group of what is sold without one in small packages only."""


def _needs_none(line: LineView) -> bool:
    """Known to be bought: all products named are sold freely, or may be, and home care recorded it as an addition."""
    groups = {s.identity.drug.prescription_group for s in line.active_lists if s.identity.drug}
    if any(s.active for s in line.of(Kind.LOCAL)):
        return groups <= WITHOUT_PRESCRIPTION | SMALL_PACKAGES
    return bool(groups) and groups <= WITHOUT_PRESCRIPTION


_RUN_OUT = frozenset({SaidStatus.ACTIVE, SaidStatus.EXPIRED, SaidStatus.FINISHED})


def expired_prescriptions(line: LineView) -> tuple[Said, ...]:
    """Prescriptions known to have run out or been used up, not revoked (B05)."""
    return tuple(
        s
        for s in line.said
        if s.kind is Kind.PRESCRIPTION
        and s.telling is Telling.OVER
        and (s.statement.status is None or s.statement.status in _RUN_OUT)
        and not any(r.kind is Kind.REVOCATION and _same_prescription(r, s) for r in line.said)
    )


def _same_prescription(a: Said, b: Said) -> bool:
    return a.statement.prescription_id is not None and a.statement.prescription_id == b.statement.prescription_id
