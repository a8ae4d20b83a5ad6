"""Family D, how often and in what unit: intervals that differ or cannot be right, and suspected unit errors."""

from decimal import Decimal

from formats.drug import Quantity, form_facts_by_name
from rules.conclusion import Owner, Severity
from rules.dose import pairs_of, told_dose, two_doses
from rules.dosewords import number
from rules.dosing import Relation
from rules.escalation import condition
from rules.identifying import strengths_of
from rules.lengths import told_length
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.high_alert import Group
from rules.tables.intervals import BOTH_DAILY_AND_WEEKLY, Interval, expected_interval
from rules.together import speaker
from rules.view import CaseView, LineView, Said, evidence

Lines = tuple[LineView, ...]
UNKNOWN = "?"
_ROUTE_OF_PIECE = {
    "plaster": "transdermal",
    **dict.fromkeys(("sprøyte", "injeksjon", "penn", "ampulle"), "injection"),
    **dict.fromkeys(("vagitorie", "vaginaltablett"), "vaginal"),
}
"""Counted units that are given by one route only."""


@condition("folic acid beside methotrexate")
def _folic_beside(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    return _folic(lines) and _on_methotrexate(case)


@condition("folic acid without methotrexate")
def _folic_alone(_finding: Finding, lines: Lines, case: CaseView) -> bool:
    return _folic(lines) and not _on_methotrexate(case)


def _folic(lines: Lines) -> bool:
    return any(atc in BOTH_DAILY_AND_WEEKLY for line in lines for atc in line.atcs)


def _on_methotrexate(case: CaseView) -> bool:
    return any(line.in_group("methotrexate") and line.in_use for line in case.lines)


@rule(
    code="D02",
    slug="INTERVAL_DIFFERS",
    severity=Severity.CRITICAL,
    owners=(Owner.GP, Owner.NURSE, Owner.PHARM),
    name={
        "nb": "Ulikt doseintervall",
        "nn": "Ulikt doseintervall",
        "en": "Interval differs",
    },
    sentence={
        "nb": "{drug}: {interval_a} ifølge {src_a}, men {interval_b} ifølge {src_b}. Gi IKKE etter denne "
        "listen før lege har avklart.",
        "nn": "{drug}: {interval_a} ifølgje {src_a}, men {interval_b} ifølgje {src_b}. Gi IKKJE etter "
        "denne lista før lege har avklart.",
        "en": "{drug}: {interval_a} according to {src_a} but {interval_b} according to {src_b}. Do NOT "
        "give from this list until a doctor has clarified.",
    },
    action="Ikke gi {drug} før lege har avklart hvor ofte.",
    cap={"folic acid beside methotrexate": Severity.HIGH, "folic acid without methotrexate": Severity.INFO},
    disputes=True,
    needs=Mark.INTERVAL,
    source="rules.md D02",
)
def interval_differs(line: LineView, _case: CaseView) -> Finding | None:
    """Intervallklassen er ulik: daglig mot ukentlig, ukentlig mot månedlig. Aldri avgjort av hvem som er nyest.

    Hvorfor: en ukedose gitt daglig kan ta liv (metotreksat).

    Kjente unntak: ved behov har ingen klasse. 72 timer er 3 døgn. Alternerende dose hver dag er daglig. Folsyre kan gis
    daglig eller ukentlig: bare «høy» ved siden av metotreksat, ellers til orientering.

    Eksempel: ukentlig hos fastlegen, daglig i journalen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Methotrexate | metotreksat | L04AX03 | plain | 2.5 mg | 6 tabletter hver torsdag | 2026-01-08 |
        | HP | hjemmeliste | Methotrexate | metotreksat | L04AX03 | plain | 2.5 mg | 6 tabl daglig | 2026-02-20 |
        => D02 critical GP

    Eksempel: ukentlig begge steder
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Methotrexate | metotreksat | L04AX03 | plain | 2.5 mg | 6 tabletter hver torsdag | 2026-01-08 |
        | HP | hjemmeliste | Methotrexate | metotreksat | L04AX03 | plain | 2.5 mg | 6 tabletter ukentlig | 2026-02-20 |
        => ikke D02

    Kilde: rules.md D02, presisering 15, 36 og 44. Tiltaket sier først det som haster: ikke gi.
    """
    apart = list(pairs_of(line, Relation.INTERVAL))
    if not apart:
        return None
    a, b = apart[0]
    return Finding(
        values={
            "drug": speaker(line).name,
            "interval_a": a.dose.interval if a.dose else None,
            "interval_b": b.dose.interval if b.dose else None,
            **two_doses(a, b),
        },
        evidence=evidence(s for two in apart for s in two),
    )


@rule(
    code="D11",
    slug="UNIT_SUSPECT",
    severity=Severity.CRITICAL,
    owners=(Owner.GP, Owner.NURSE, Owner.PHARM),
    name={"nb": "Mulig enhetsfeil", "nn": "Mogleg einingsfeil", "en": "Unit suspect"},
    sentence={
        "nb": "{drug}: {dose_a} mot {dose_b} – mulig enhetsfeil (faktor {factor}).",
        "nn": "{drug}: {dose_a} mot {dose_b} – mogleg einingsfeil (faktor {factor}).",
        "en": "{drug}: {dose_a} versus {dose_b} - possible unit error (factor {factor}).",
    },
    disputes=True,
    action="Ikke gi {drug} før dosen er avklart.",
    needs=Mark.SUSPECT,
    source="rules.md D11",
)
def unit_suspect(line: LineView, _case: CaseView) -> Finding | None:
    """Dosene skiller med faktor 10, 100 eller 1000, eller samme tall står i to enhetsfamilier (E og ml, mg og ml).

    Hvorfor: slik ser en forveksling av mg og mikrogram, eller av E og ml, ut. Den kan ta liv.

    Kjente unntak: faktoren må være nøyaktig 10, 100 eller 1000, innenfor samme intervallklasse. Aldri avgjort av hvem
    som er nyest.

    Eksempel: mikrogram blitt til milligram
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Lanoxin 62,5 mikrog | digoksin | C01AA05 | 62.5 ug | 1 tablett morgen | 2025-12-01 |
        | HP | hjemmeliste | Digoxin 62,5 mg | digoksin | C01AA05 | 62.5 mg | 1 tablett morgen | 2026-01-01 |
        => D11 critical GP

    Eksempel: dobbel dose
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Lanoxin 62,5 mikrog | digoksin | C01AA05 | 62.5 ug | 1 tablett morgen | 2025-12-01 |
        | HP | hjemmeliste | Lanoxin 62,5 mikrog | digoksin | C01AA05 | 62.5 ug | 2 tabletter morgen | 2026-01-01 |
        => ikke D11

    Kilde: rules.md D11, presisering 14 og 15. Tiltaket sier først det som haster: ikke gi.
    """
    if not line.suspects:
        return None
    a, b, factor = line.suspects[0]
    return Finding(
        values={"drug": speaker(line).name, **two_doses(a, b), "factor": factor or "ukjent"},
        evidence=evidence(s for x, y, _ in line.suspects for s in (x, y)),
    )


@rule(
    code="D13",
    slug="INTERVAL_IMPLAUSIBLE",
    severity=Severity.CRITICAL,
    owners=(Owner.GP, Owner.PHARM, Owner.NURSE),
    name={
        "nb": "Usannsynlig doseintervall",
        "nn": "Usannsynleg doseintervall",
        "en": "Implausible interval",
    },
    sentence={
        "nb": "{drug} skal normalt gis {expected}, men er ført som {interval_a} i {sources}. Gi IKKE "
        "etter denne listen før lege har avklart.",
        "nn": "{drug} skal normalt givast {expected}, men er ført som {interval_a} i {sources}. Gi IKKJE "
        "etter denne lista før lege har avklart.",
        "en": "{drug} is normally given {expected} but is stated as {interval_a} in {sources}. Do NOT "
        "give from this list until a doctor has clarified.",
    },
    action="Ikke gi {drug} før lege har avklart hvor ofte.",
    disputes=True,
    needs=Mark.RARE,
    source="rules.md D13",
)
def interval_implausible(line: LineView, _case: CaseView) -> Finding | None:
    """Et legemiddel som bare gis ukentlig eller sjeldnere, er ført som oftere, også når alle kilder er enige.

    Hvorfor: feilen i juni 2024 gjorde ukedoser til døgndoser i alle kilder samtidig. Enighet er ikke sannhet.

    Kjente unntak: tabellen går på stoff, vei og styrke (alendronat 10 mg er daglig). To ganger i uken er for ofte der
    tabellen sier én. Startfase eller kur med slutt, som dato eller i egne ord, der tabellen sier det. Sjeldnere enn
    ventet er ikke D13.

    Eksempel: alle er enige om feil
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Alendronat 70 mg | alendronsyre | M05BA04 | plain | 70 mg | 1 tablett daglig | 2025-12-01 |
        | HP | hjemmeliste | Alendronat 70 mg | alendronsyre | M05BA04 | plain | 70 mg | 1 tablett daglig | 2025-12-01 |
        => D13 critical GP

    Eksempel: ukentlig
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | frisetting | styrke | dose | dato |
        | GP | liste | Alendronat 70 mg | alendronsyre | M05BA04 | plain | 70 mg | 1 tablett ukentlig | 2025-12-01 |
        => ikke D13

    Kilde: rules.md D13, tabellen INT, presisering 44; advarsel fra Helsedirektoratet og NHN 13. juni 2024. Tiltaket
    sier først det som haster: ikke gi.
    """
    wrong = [(s, expected) for s in line.active if (expected := _too_often(line, s)) is not None]
    if not wrong:
        return None
    first, (told, interval) = wrong[0]
    return Finding(
        values={
            "drug": speaker(line).name,
            "expected": told,
            "interval_a": interval,
            "sources": tuple(s.place for s, _ in wrong),
            "dose_a": told_dose(first),
        },
        evidence=evidence(s for s, _ in wrong),
    )


def _too_often(line: LineView, s: Said) -> tuple[str, Interval | dict[str, str]] | None:
    """The expectation in words and what is said, where the statement gives it more often than expected."""
    part = s.dose.fixed if s.dose else None
    said = part.interval if part else None
    if part is None or said is None:
        return None
    most = part.times[1] if part.times else None
    route, release, strengths = _as_given(line, s)
    rows = (
        expected_interval(atc, route=route, release=release, strengths=strengths) for atc in sorted(_codes_of(line))
    )
    row = next((r for r in rows if r is not None and r.pace.too_often(said, most, part.period)), None)
    if row is None:
        return None
    ends = s.statement.end is not None or line.course_end is not None or told_length(s.statement) is not None
    told = _counted(most, part.period) if most and said is row.shortest else said
    return None if row.more_often_with_end and ends else (row.pace.nb, told)


def _counted(times: Decimal, days: Decimal) -> dict[str, str]:
    """Times in a number of days, where the class alone would not tell what is wrong ("6 ganger på 7 dager")."""
    n, d = number(times), number(days)
    return {"nb": f"{n} ganger på {d} dager", "nn": f"{n} gonger på {d} dagar", "en": f"{n} times in {d} days"}


def _codes_of(line: LineView) -> frozenset[str]:
    """Its codes; without one, that of methotrexate where the words name it."""
    named = not line.atcs and line.in_group(Group.METHOTREXATE)
    return frozenset({"L04AX03"}) if named else line.atcs


def _as_given(line: LineView, s: Said) -> tuple[str, str, tuple[Quantity, ...]]:
    """Route, release and strength; where codes do not tell them, as the words of the statement do.

    Words are enough to stop and ask: they join nothing and tell no dose. What is taken at a time stands for a strength.
    """
    words = form_facts_by_name(s.name)
    piece = s.dose.piece if s.dose else ""
    route = line.route if line.route != UNKNOWN else _ROUTE_OF_PIECE.get(piece, words.route)
    release = line.release if line.release != UNKNOWN else words.release
    return route, release, strengths_of(s.statement, s.identity.drug) or _at_a_time(s)


def _at_a_time(s: Said) -> tuple[Quantity, ...]:
    dose = s.dose
    if dose is None or not dose.by_mass or dose.fixed is None or not dose.fixed.per_time:
        return ()
    return tuple(Quantity(a.high, unit) for a, unit in zip(dose.fixed.per_time, dose.units, strict=True))
