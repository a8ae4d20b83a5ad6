"""Family A, presence: known to one only: a local addition, an old remnant, a prescription on no list."""

from datetime import date

from formats.statement import Kind, Source
from rules.conclusion import LineStatus, Owner, Severity
from rules.escalation import condition
from rules.interactions import worst_interaction
from rules.marks import Mark
from rules.presence import gp_lacks, last_handed_over
from rules.rule import Finding, rule
from rules.view import CaseView, LineView, evidence

LATELY_DISPENSED_DAYS = 120
"""A prescription handed over within these days is likely in use (discrepancies.json A06; proposal)."""
VALID = {
    "nb": "Det finnes gyldig resept på",
    "nn": "Det finst gyldig resept på",
    "en": "There is a valid prescription for",
}
HANDED_OVER = {
    "nb": "Uten kjent gyldig resept er det utlevert",
    "nn": "Utan kjend gyldig resept er det utlevert",
    "en": "Without a known valid prescription the pharmacy handed over",
}
REVOKE = {
    "nb": "tilbakekall resept fra",
    "nn": "kall tilbake resepten frå",
    "en": "revoke the prescription of",
}
LAY_ASIDE = {
    "nb": "ta ut av bruk det som ble utlevert",
    "nn": "ta ut av bruk det som blei utlevert",
    "en": "take out of use what was handed over on",
}
"""What is known of a medicine on no list, and what is to be done where it isn't in use."""
NEEDS_ACTION = (1, 2)
"""FEST relevance of interactions that ask for something: avoid, or take care (code list 7483)."""
Lines = tuple[LineView, ...]


@condition("dispensed within 120 days")
def _dispensed_lately(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    handed = [day for line in lines for s in line.said if (day := last_handed_over(s))]
    return any(0 <= (case.today - day).days <= LATELY_DISPENSED_DAYS for day in handed)


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
        "nb": "{drug} er ført lokalt ({src_a}, {date_a}) og er ukjent for fastlegen. Meld det til fastlegen.",
        "nn": "{drug} er ført lokalt ({src_a}, {date_a}) og er ukjend for fastlegen. Meld det til fastlegen.",
        "en": "{drug} is recorded locally ({src_a}, {date_a}) and unknown to the GP. Report it to the GP.",
    },
    needs=Mark.LOCAL,
    source="rules.md A04",
)
def local_only(line: LineView, case: CaseView) -> Finding | None:
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
    if not local or not line.local or line.prescriptions or not gp_lacks(line, case.today):
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
        "nb": "{drug} finnes bare i {src_a} og er ikke endret siden {date_a}. Uvisst om det er i bruk – "
        "bekreft eller fjern.",
        "nn": "{drug} finst berre i {src_a} og er ikkje endra sidan {date_a}. Uvisst om det er i bruk – "
        "stadfest eller fjern.",
        "en": "{drug} exists only in {src_a} and has not changed since {date_a}. Whether it is in use is unknown - "
        "confirm or remove.",
    },
    action="Bekreft at {drug} er i bruk, eller fjern det fra listen.",
    needs=Mark.OLD,
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
    disputed_since = line.undisputed is LineStatus.UNCONFIRMED and line.ordinations  # only P11 leaves one unconfirmed
    if line.status_rule != "P11" and not disputed_since:
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
        "nb": "{known} {drug} ({date_a}, {prescriber}), men legemidlet står ikke på noen legemiddelliste.",
        "nn": "{known} {drug} ({date_a}, {prescriber}), men legemidlet står ikkje på noka legemiddelliste.",
        "en": "{known} {drug} ({date_a}, {prescriber}), but the medicine is on no medication list.",
    },
    action="Avklar om {drug} er i bruk; før det på listen eller {undo} {date_a}.",
    needs=Mark.NOT_LISTED,
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
        s for s in line.said if (day := last_handed_over(s)) and (case.today - day).days <= LATELY_DISPENSED_DAYS
    )
    behind = line.prescriptions or lately
    local = any(s.kind is Kind.LOCAL for s in line.active)  # no list (clarification 4), and A04 where nothing is valid
    if not behind or line.active_lists or (local and not line.prescriptions):
        return None
    newest, author = behind[0], behind[0].statement.author
    prescriber = (author.name or author.organisation) if author else ""
    return Finding(
        values={
            "drug": newest.name,
            "date_a": newest.own_day if line.prescriptions else last_handed_over(newest),
            "prescriber": prescriber or "ukjent forskriver",
            "known": VALID if line.prescriptions else HANDED_OVER,
            "undo": REVOKE if line.prescriptions else LAY_ASIDE,
        },
        evidence=evidence(behind),
        rests_on=(Source.GP, Source.HP),
    )
