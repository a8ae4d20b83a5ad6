"""Family D, a dose that can't be carried out: a word against itself (D14), a tablet not to be cut (D15)."""

from collections.abc import Iterator
from functools import lru_cache

from formats.dosing import Amount, Dosage, ReadStatus
from formats.drug import Quantity
from formats.statement import Statement, Use
from rules.conclusion import Owner, Severity
from rules.daily import simple_dose
from rules.dosing import Dose, Relation, compare, upper_bound
from rules.identifying import strengths_of
from rules.marks import NOT_DIVISIBLE, Mark
from rules.rule import Finding, rule
from rules.view import CaseView, LineView, Said

CUT_PIECES = frozenset({"tablett", ""})
"""Counted units that can be cut; "" is the drug's own."""
AS_NEEDED = {"nb": "ved behov", "nn": "ved behov", "en": "as needed"}
STRUCTURED = {
    "nb": "strukturert dosering er en annen",
    "nn": "strukturert dosering er ei anna",
    "en": "the structured dose is another",
}


@rule(
    code="D14",
    slug="SELF_CONTRADICTORY",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP,),
    name={"nb": "Motsier seg selv", "nn": "Motseier seg sjølv", "en": "Contradicts itself"},
    sentence={
        "nb": "{drug}: {src_a} motsier seg selv: {said_a}, men {said_b}.",
        "nn": "{drug}: {src_a} motseier seg sjølv: {said_a}, men {said_b}.",
        "en": "{drug}: {src_a} contradicts itself: {said_a} but {said_b}.",
    },
    action="Bekreft dose: hva som er ment med «{said_b}» for {drug}.",
    needs=Mark.TWO_WORDS,
    source="rules.md, presisering 58",
)
def self_contradictory(line: LineView, case: CaseView) -> Finding | None:
    """Ett utsagn motsier seg selv: merket ved behov, men med fast daglig dosering, eller tekst og struktur er ulike.

    Hvorfor: to systemer kan lese samme resept på to måter.

    Kjente unntak: en tekst som ikke kan leses med sikkerhet, motsier ingenting. «Inntil 3 ganger daglig» er en øvre
    grense og passer med ved behov.

    Eksempel: ved behov, men teksten er fast
        I dag: 2026-03-02
        | kilde | art    | navn      | stoff     | atc     | bruk | dose                    | dato       | gyldig til |
        | RF    | resept | Lapatinib | lapatinib | L01EH01 | prn  | 5 tabletter hver morgen | 2026-01-15 | 2027-01-15 |
        => D14 critical GP

    Eksempel: ved behov hele veien
        I dag: 2026-03-02
        | kilde | art    | navn    | stoff       | atc     | bruk | dose                | dato       | gyldig til |
        | RF    | resept | Paracet | paracetamol | N02BE01 | prn  | 1 tablett ved behov | 2026-01-15 | 2027-01-15 |
        => ikke D14

    Kilde: rules.md, presisering 58. Setningen er omskrevet så den passer til navnet på enhver kilde.
    """
    del case
    for s in line.active:
        against = _against_itself(s)
        if against is not None:
            values = {"src_a": s.kind, "drug": s.name, "said_a": against, "said_b": s.statement.dose_text}
            return Finding(values=values, evidence=(s.id,))
    return None


def _against_itself(said: Said) -> dict[str, str] | None:
    told = said.statement
    reading = told.read_dose
    if reading is None or reading.status is not ReadStatus.OK or reading.dosage is None:
        return None
    strengths = strengths_of(told, said.identity.drug)
    return _two_words(reading.dosage, told.dosage, strengths, needed=told.use is Use.PRN)


def says_two_doses(statement: Statement) -> bool:
    """Whether its words and its structure come to two doses: then neither alone may be told as the dose."""
    reading, structure = statement.read_dose, statement.dosage
    if structure is None or reading is None or reading.status is not ReadStatus.OK or reading.dosage is None:
        return False
    return _two_words(reading.dosage, structure, strengths_of(statement, None), needed=False) is not None


@lru_cache(maxsize=8192)
def _two_words(
    text: Dosage, structure: Dosage | None, strengths: tuple[Quantity, ...], *, needed: bool
) -> dict[str, str] | None:
    """What stands against the text, if anything does; found once for all who say the same."""
    read = simple_dose(text, strengths)
    if read is None:
        return None
    if needed and read.fixed and not read.prn and not upper_bound(read.fixed):
        return AS_NEEDED
    coded = simple_dose(structure, strengths) if structure else None
    return STRUCTURED if coded and _apart(coded, read) else None


def _apart(a: Dose, b: Dose) -> bool:
    """Another interval, fixed against as needed, or amounts that have no value in common."""
    relation = compare(a, b)
    if relation is not Relation.DIFFERS:
        return relation in {Relation.INTERVAL, Relation.PRN}
    if a.fixed and b.fixed:
        return _disjoint(a.fixed.per_day, b.fixed.per_day)
    return bool(a.prn and b.prn) and _disjoint(_each_time(a), _each_time(b))


def _each_time(dose: Dose) -> tuple[Amount, ...] | None:
    return dose.prn.per_time if dose.prn else None


def _disjoint(a: tuple[Amount, ...] | None, b: tuple[Amount, ...] | None) -> bool:
    return any(x.high < y.low or y.high < x.low for x, y in zip(a or (), b or (), strict=False))


@rule(
    code="D15",
    slug="NOT_DIVISIBLE",
    severity=Severity.LOW,
    owners=(Owner.NURSE, Owner.PHARM),
    name={"nb": "Kan ikke deles", "nn": "Kan ikkje delast", "en": "Can't be divided"},
    sentence={
        "nb": "{drug}: doseringen krever en halv tablett, men tabletten kan ikke deles ifølge FEST.",
        "nn": "{drug}: doseringa krev ein halv tablett, men tabletten kan ikkje delast ifølgje FEST.",
        "en": "{drug}: the dose needs half a tablet, but the tablet can't be divided according to the drug register.",
    },
    action="Bekreft dose: {drug} kan ikke deles.",
    needs=Mark.UNDIVIDED,
    source="rules.md, presisering 58; kodeverk 7472",
)
def not_divisible(line: LineView, case: CaseView) -> Finding | None:
    """Doseringen krever en del av en tablett som ifølge FEST ikke kan deles.

    Hvorfor: en delt depottablett kan gi hele dosen på én gang.

    Kjente unntak: sier FEST ingenting om deling, sier vi heller ingenting.

    Eksempel: halv depottablett
        I dag: 2026-03-02
        FEST vare: 000031; navn Selo-Zok 50 mg; ikke delbar
        |kilde|art  |navn          |stoff     |atc    |vare  |frisetting|styrke|dose           |dato      |
        |GP   |liste|Selo-Zok 50 mg|metoprolol|C07AB02|000031|prolonged |50 mg |1/2 tablett x 1|2026-01-15|
        => D15 low NURSE

    Eksempel: hel tablett
        I dag: 2026-03-02
        FEST vare: 000031; navn Selo-Zok 50 mg; ikke delbar
        |kilde|art  |navn          |stoff     |atc    |vare  |frisetting|styrke|dose         |dato      |
        |GP   |liste|Selo-Zok 50 mg|metoprolol|C07AB02|000031|prolonged |50 mg |1 tablett x 1|2026-01-15|
        => ikke D15

    Kilde: rules.md, presisering 58; kodeverk 7472 «Kan ikke deles».
    """
    del case
    cut = [s for s in line.active if (d := s.identity.drug) and d.divisible == NOT_DIVISIBLE and _needs_a_part(s.dose)]
    if not cut:
        return None
    return Finding(values={"drug": cut[0].name}, evidence=tuple(sorted(s.id for s in cut)))


def _needs_a_part(dose: Dose | None) -> bool:
    if dose is None or dose.piece not in CUT_PIECES:
        return False
    return any(end != int(end) for amount in _amounts(dose) for end in (amount.low, amount.high))


def _amounts(dose: Dose) -> Iterator[Amount]:
    for part in (dose.fixed, dose.prn):
        if part and part.pieces:
            yield part.pieces
        for _, amount in part.moments if part else ():
            if amount:
                yield amount
