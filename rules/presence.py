"""Family A, presence: who has the medicine, and who lacks it."""

from datetime import date, timedelta
from decimal import Decimal

from formats.statement import Kind, SaidStatus, Source
from rules.conclusion import Owner, Severity
from rules.escalation import condition
from rules.interactions import worst_interaction
from rules.rule import Finding, rule
from rules.standing import checked_like_active
from rules.together import speaker
from rules.view import PRESCRIBER_LISTS, CaseView, LineView, Said, Telling, evidence

LATELY_DISPENSED_DAYS = 120
"""A prescription handed over within these days is likely in use (discrepancies.json A06; proposal)."""
DANGEROUS_TO_MISS = "antithrombotic, insulin, antiepileptic or Parkinson drug"
SUPPLY_DAYS = 14
"""Supply that ends within these days makes a missing prescription more urgent (A03; proposal)."""
NEEDS_ACTION = (1, 2)
"""FEST relevance of interactions that ask for something: avoid, or take care (code list 7483)."""
Lines = tuple[LineView, ...]


@condition("dispensed within 120 days")
def _dispensed_lately(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    handed = [day for line in lines for s in line.said if (day := last_handed_over(s))]
    return any(0 <= (case.today - day).days <= LATELY_DISPENSED_DAYS for day in handed)


@condition("supply runs out within 14 days")
def _runs_out(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    ends = [end for line in lines if (end := supply_end(line))]
    return bool(ends) and max(ends) <= case.today + timedelta(days=SUPPLY_DAYS)


@condition("nothing left at home")
def _nothing_left(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    ends = [end for line in lines if (end := supply_end(line))]
    return bool(ends) and max(ends) < case.today


@condition("overlaps a prescribed ingredient")
def _overlaps(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    own = {s for line in lines for s in line.substances}
    return any(own & set(other.substances) for other in case.lines if other not in lines and other.in_use)


@condition("interaction")
def _interacts(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    """Moderate where F03 would be moderate or more (clarification 47)."""
    return any(
        (found := worst_interaction(line, other, case)) is not None and found.relevance in NEEDS_ACTION
        for line in lines
        for other in case.lines
        if other not in lines and other.in_use
    )


def last_handed_over(s: Said) -> date | None:
    """The day something was handed over, as a prescription or a dispensing says it."""
    return s.statement.last_dispensed or (s.own_day if s.kind is Kind.DISPENSING else None)


def supply_end(line: LineView) -> date | None:
    """The last day the handed-over amount lasts; `None` where it can't be computed (clarification 22)."""
    ends = []
    for s in line.said:
        handed, amount = last_handed_over(s), _count(s.statement.quantity)
        part = s.dose.fixed if s.dose else None
        daily = part.pieces_per_day.high if part and part.pieces_per_day else None
        if handed and amount and daily:
            ends.append(handed + timedelta(days=int(amount / daily) - 1))
    return max(ends, default=None)


def _count(quantity: str | None) -> Decimal | None:
    words = (quantity or "").split()
    return Decimal(words[0]) if words and words[0].isdigit() else None


def gp_lacks(line: LineView) -> bool:
    """No active, paused or planned entry in the GP's list; a stopped one counts if something newer is decided."""
    entries = line.of(Kind.GP_LIST)
    if any(s.telling in {Telling.ACTIVE, Telling.PAUSED} for s in entries):
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
    source="rules.md A01",
)
def missing_at_gp(line: LineView, _case: CaseView) -> Finding | None:
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

    Kilde: rules.md A01 med presisering 18, 20 og 49.
    """
    if line.short_course or line.local or not gp_lacks(line):
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
        "nb": "{drug} står som fast medisin hos {src_a} ({date_a}), men mangler i hjemmetjenestens "
        "liste. Pasienten kan gå uten.",
        "nn": "{drug} står som fast medisin hos {src_a} ({date_a}), men manglar på lista til "
        "heimetenesta. Pasienten kan gå utan.",
        "en": "{drug} is a regular medicine according to {src_a} ({date_a}) but is missing from the "
        "home-care list. The patient may be going without.",
    },
    action="Avklar om {drug} skal gis, og før det på hjemmelisten.",
    source="rules.md A02",
)
def missing_in_home_care(line: LineView, case: CaseView) -> Finding | None:
    """Forskriverens liste har legemidlet i bruk, men journalen og hjemmelisten mangler det.

    Hvorfor: det som ikke står på hjemmelisten, blir ikke gitt.

    Kjente unntak: kurer på 14 dager eller mindre. Finnes det ingen hjemmeliste for pasienten, holder det at noe i
    journalen sier at legemidlet er i bruk, pauset eller planlagt. At det mangler i en epikrise, er ingen seponering.

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

    Kilde: rules.md A02 med presisering 21.
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
        return bool(line.of(Kind.HOME_LIST, Kind.LOCAL))
    return any(s.source is Source.HP and s.in_force and s.telling is not Telling.OVER for s in line.said)


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
    source="rules.md A03",
)
def no_valid_prescription(line: LineView, _case: CaseView) -> Finding | None:
    """Legemidlet er i bruk på en liste, men Reseptformidleren har ingen gyldig resept, og ingen er kjent utløpt.

    Hvorfor: når boksen er tom, finnes det ikke noe å hente ut. Fravær i Reseptformidleren er aldri bevis på seponering.

    Kjente unntak: lokale og reseptfrie, multidose (rullen teller som gyldig resept), utløpte resepter (B05) og
    tilbakekalte (B10). Ukjent beholdning skjerper ikke.

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

    Kilde: rules.md A03 med presisering 22 og P13.
    """
    covered = any(s.valid or s.own_of_roll for s in line.said) or line.rolls
    if line.local or covered or not line.active_lists or expired_prescriptions(line):
        return None
    return Finding(
        values={"drug": speaker(line).name},
        evidence=evidence(line.active_lists),
        rests_on=(Source.RF,),
    )


def expired_prescriptions(line: LineView) -> tuple[Said, ...]:
    """Prescriptions known to have run out or been used up, not revoked (B05)."""
    return tuple(
        s
        for s in line.said
        if s.kind is Kind.PRESCRIPTION
        and s.telling is Telling.OVER
        and (s.statement.status is None or s.statement.status in {SaidStatus.ACTIVE, SaidStatus.EXPIRED})
        and not any(r.kind is Kind.REVOCATION and _same_prescription(r, s) for r in line.said)
    )


def _same_prescription(a: Said, b: Said) -> bool:
    return a.statement.prescription_id is not None and a.statement.prescription_id == b.statement.prescription_id


@rule(
    code="A04",
    slug="LOCAL_ONLY",
    severity=Severity.INFO,
    escalate={"overlaps a prescribed ingredient": Severity.LOW, "interaction": Severity.MODERATE},
    owners=(Owner.NURSE, Owner.GP),
    name={
        "nb": "Bare lokalt",
        "nn": "Berre lokalt",
        "en": "Local only",
    },
    sentence={
        "nb": "{drug} er ført lokalt ({src_a}, {date_a}) og er ukjent for fastlegen. Meldes ved neste "
        "legemiddelgjennomgang.",
        "nn": "{drug} er ført lokalt ({src_a}, {date_a}) og er ukjend for fastlegen. Meld det ved neste "
        "legemiddelgjennomgang.",
        "en": "{drug} is recorded locally ({src_a}, {date_a}) and unknown to the GP. Report at the next "
        "medication review.",
    },
    source="rules.md A04",
)
def local_only(line: LineView, _case: CaseView) -> Finding | None:
    """Reseptfritt, kosttilskudd eller lokalt ført legemiddel som bare hjemmetjenesten kjenner.

    Hvorfor: også det reseptfrie virker sammen med resten, og fastlegen kan ikke ta hensyn til det hun ikke vet om.

    Kjente unntak: det som også står på en forskriverliste eller har resept, er ikke bare lokalt. Det bare hjemmelisten
    har, er G03.

    Eksempel: reseptfritt ført av hjemmetjenesten
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | HP | lokalt | Ibux 200 mg | ibuprofen | M01AE01 | 200 mg | 1 tablett v/b inntil x 3 | 2026-02-28 |
        => A04 info NURSE

    Eksempel: fastlegen har det også
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | HP | lokalt | Ibux 200 mg | ibuprofen | M01AE01 | 200 mg | 1 tablett v/b inntil x 3 | 2026-02-28 |
        | GP | liste | Ibux 200 mg | ibuprofen | M01AE01 | 200 mg | 1 tablett v/b inntil x 3 | 2026-02-28 |
        => ikke A04

    Kilde: rules.md A04 med presisering 47 og 49.
    """
    local = tuple(s for s in line.of(Kind.LOCAL) if s.active)
    if not local or not line.local or line.prescriptions or not gp_lacks(line):
        return None
    told = max(local, key=lambda s: (s.own_day or date.min, s.id))
    return Finding(
        values={"drug": told.name, "src_a": told.place, "date_a": told.own_day},
        evidence=evidence(local),
        rests_on=(Source.GP,),
    )


@rule(
    code="A05",
    slug="ONLY_OLD_SOURCE",
    severity=Severity.LOW,
    escalate={"high-alert": Severity.MODERATE},
    owners=(Owner.GP,),
    name={
        "nb": "Bare gammel kilde",
        "nn": "Berre gammal kjelde",
        "en": "Only an old source",
    },
    sentence={
        "nb": "{drug} finnes bare i {src_a} og er ikke endret siden {date_a}. Trolig ikke i bruk – "
        "bekreft eller fjern.",
        "nn": "{drug} finst berre i {src_a} og er ikkje endra sidan {date_a}. Truleg ikkje i bruk – "
        "stadfest eller fjern.",
        "en": "{drug} exists only in {src_a} and has not changed since {date_a}. Probably not in use - "
        "confirm or remove.",
    },
    action="Bekreft at {drug} er i bruk, eller fjern det fra listen.",
    source="rules.md A05, P11",
)
def only_old_source(line: LineView, _case: CaseView) -> Finding | None:
    """Det eneste som er sagt, er eldre enn 24 måneder, uten gyldig resept og uten utlevering siste år.

    Hvorfor: gamle rester på en liste gis som om de var i bruk, eller skjuler det som er det.

    Kjente unntak: en nyere kopi på hjemmelisten eller en pakket rull viser bruk. Er Reseptformidleren ikke lest, sies
    ingenting: fravær er aldri bevis.

    Eksempel: sist endret 2019
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Apodorm 5 mg | nitrazepam | N05CD02 | 5 mg | 1 tablett v/b | 2019-05-01 |
        => A05 low GP

    Eksempel: samme, men resepten er gyldig
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | gyldig til |
        | GP | liste | Apodorm 5 mg | nitrazepam | N05CD02 | 5 mg | 1 tablett v/b | 2019-05-01 | |
        | RF | resept | Apodorm 5 mg | nitrazepam | N05CD02 | 5 mg | 1 tablett v/b | 2025-10-01 | 2026-10-01 |
        => ikke A05

    Kilde: rules.md A05, P11.
    """
    if line.status_rule != "P11":
        return None
    told = max(line.active, key=lambda s: (s.own_day or date.min, s.id))
    return Finding(
        values={"drug": told.name, "src_a": told.place, "date_a": told.own_day},
        evidence=evidence(line.active),
        rests_on=(Source.RF,),
    )


@rule(
    code="A06",
    slug="RX_ONLY",
    severity=Severity.LOW,
    escalate={"dispensed within 120 days": Severity.MODERATE, "high-alert": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Bare resept",
        "nn": "Berre resept",
        "en": "Prescription only",
    },
    sentence={
        "nb": "Det finnes gyldig resept på {drug} ({date_a}, {prescriber}), men den står ikke på noen legemiddelliste.",
        "nn": "Det finst gyldig resept på {drug} ({date_a}, {prescriber}), men han står ikkje på noka legemiddelliste.",
        "en": "There is a valid prescription for {drug} ({date_a}, {prescriber}), but it is on no medication list.",
    },
    action="Avklar om {drug} er i bruk; før det på listen eller tilbakekall resept fra {date_a}.",
    source="rules.md A06, P12, S6",
)
def prescription_only(line: LineView, case: CaseView) -> Finding | None:
    """Det finnes en gyldig resept, eller noe er nylig utlevert, men ingen legemiddelliste har legemidlet.

    Hvorfor: en resept er lov til å utlevere, ikke bevis på bruk. Er legemidlet i bruk uten at noen liste har det,
    gir hjemmetjenesten det ikke; er det ikke i bruk, kan det likevel hentes ut.

    Kjente unntak: står legemidlet på hjemmelisten (men ikke hos noen lege), gjelder A01. Er det seponert, gjelder B01.

    Eksempel: resept fra legevakt som ingen har ført
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | gyldig til |
        | RF | resept | Imovane 7,5 mg | zopiklon | N05CF01 | 7.5 mg | 1 tablett vesper v/b | 2026-01-03 | 2027-01-03 |
        => A06 low GP

    Eksempel: fastlegen har det på listen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | gyldig til |
        | RF | resept | Imovane 7,5 mg | zopiklon | N05CF01 | 7.5 mg | 1 tablett vesper v/b | 2026-01-03 | 2027-01-03 |
        | GP | liste | Imovane 7,5 mg | zopiklon | N05CF01 | 7.5 mg | 1 tablett vesper v/b | 2026-01-03 | |
        => ikke A06

    Kilde: rules.md A06, P12 og S6. Grensen på 120 dager er et forslag.
    """
    lately = tuple(
        s
        for s in line.said
        if s.kind is Kind.DISPENSING and s.own_day and (case.today - s.own_day).days <= LATELY_DISPENSED_DAYS
    )
    behind = line.prescriptions or lately
    if not behind or any(s.is_list or s.kind is Kind.LOCAL for s in line.said if s.in_force and s.active):
        return None
    newest, author = behind[0], behind[0].statement.author
    prescriber = (author.name or author.organisation) if author else ""
    return Finding(
        values={"drug": newest.name, "date_a": newest.own_day, "prescriber": prescriber or "ukjent forskriver"},
        evidence=evidence(behind),
        rests_on=(Source.GP, Source.HP),
    )
