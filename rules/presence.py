"""Family A, presence: who has the medicine, and who lacks it."""

from formats.statement import Kind, Source
from rules.conclusion import Owner, Severity
from rules.escalation import condition
from rules.rule import Finding, rule
from rules.view import CaseView, LineView, evidence

LATELY_DISPENSED_DAYS = 120
"""A prescription handed over within these days is likely in use (discrepancies.json A06; proposal)."""


@condition("dispensed within 120 days")
def _dispensed_lately(_finding: Finding, lines: tuple[LineView, ...], case: CaseView) -> bool:
    handed = [s.statement.last_dispensed for line in lines for s in line.said]
    return any(d and 0 <= (case.today - d).days <= LATELY_DISPENSED_DAYS for d in handed)


@rule(
    code="A06",
    slug="RX_ONLY",
    severity=Severity.LOW,
    escalate={"dispensed within 120 days": Severity.MODERATE, "high-alert": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "Bare resept", "nn": "Berre resept", "en": "Prescription only"},
    sentence={
        "nb": "Det finnes gyldig resept på {drug} ({date_a}, {prescriber}), men den står ikke på noen legemiddelliste.",
        "nn": "Det finst gyldig resept på {drug} ({date_a}, {prescriber}), men han står ikkje på noka legemiddelliste.",
        "en": "There is a valid prescription for {drug} ({date_a}, {prescriber}), but it is on no medication list.",
    },
    action="Avklar om {drug} er i bruk; før det på legemiddellisten eller tilbakekall resept fra {date_a}.",
    source="rules.md A06, P12, S6",
)
def prescription_only(line: LineView, _case: CaseView) -> Finding | None:
    """Det finnes en gyldig resept, men ingen legemiddelliste har legemidlet.

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
    if not line.prescriptions or any(s.is_list or s.kind is Kind.LOCAL for s in line.active):
        return None
    newest = line.prescriptions[0]
    return Finding(
        values={"drug": newest.name, "date_a": newest.statement.decided, "prescriber": newest.statement.author},
        evidence=evidence(line.prescriptions),
        rests_on=(Source.GP, Source.HP),
    )
