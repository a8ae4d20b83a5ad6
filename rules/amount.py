"""Family D, how much it comes to: sums above a limit (D10), and sets of strengths (D12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from formats.drug import AtcCode, Quantity, folded
from formats.statement import Kind
from rules.conclusion import DoseState, Owner, Severity
from rules.dosewords import amounts
from rules.dosing import Dose, Part, Relation, relation, same_moments
from rules.escalation import value_condition
from rules.identifying import in_mg, strengths_of
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.limits import LARGEST_PART, LIMITS, Limit, Period, limit_for
from rules.together import counts_as_used, reaching
from rules.view import CaseView, LineView, Said, evidence

LIMITED = tuple(sorted({limit.substance for limit in LIMITS}))
PER = {
    Period.DAY: {"nb": "i døgnet", "nn": "i døgnet", "en": "a day"},
    Period.WEEK: {"nb": "i uken", "nn": "i veka", "en": "a week"},
}
DAYS = {Period.DAY: Decimal(1), Period.WEEK: Decimal(7)}
EXACT = Decimal("0.000001")
"""A daily average is exact to this many milligrams; a weekly dose must come back whole."""

value_condition("one part is missing somewhere", "part_missing")


@rule(
    code="D10",
    slug="DOSE_ABOVE_LIMIT",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP,),
    name={"nb": "Over grensen", "nn": "Over grensa", "en": "Above the limit"},
    sentence={
        "nb": "Samlet dose av {substance} er inntil {sum} mg {period}. Grensen i regelsettet er {limit} mg.",
        "nn": "Samla dose av {substance} er inntil {sum} mg {period}. Grensa i regelsettet er {limit} mg.",
        "en": "The total dose of {substance} is up to {sum} mg {period}. The rule limit is {limit} mg.",
    },
    action="Bekreft dose: samlet mengde {substance} er over grensen i regelsettet.",
    scope="case",
    source="rules.md D10 og LIM; presiseringer 16, 18, 28 og 42",
)
def dose_above_limit(case: CaseView) -> Iterator[Finding]:
    """En oppgitt dose, eller summen over alle linjer med virkestoffet, er over grensen i tabellen.

    Hvorfor: summen står ikke på noen av listene.

    Kjente unntak: øvre ende av et intervall teller, ved behov teller med taket sitt, en maksdose over den faste dosen
    teller, planlagte legemidler teller ikke. Ved behov uten tak kan ikke telles. Grenser som avhenger av alder, krever
    at alderen er kjent, og de for sykehjem at kommunens pasientliste sier at pasienten bor der. En grense er aldri et
    doseråd.

    Eksempel: to styrker som til sammen er for mye
        I dag: 2026-03-02
        | kilde | art   | navn          | stoff       | atc     | styrke | dose | dato       |
        | GP    | liste | Paracet 1 g   | paracetamol | N02BE01 | 1 g    | 1x4  | 2025-09-01 |
        | GP    | liste | Paracet stikk | paracetamol | N02BE01 | 500 mg | 1x1  | 2025-09-01 |
        => D10 high GP

    Eksempel: på grensen er ikke over
        I dag: 2026-03-02
        | kilde | art   | navn        | stoff       | atc     | styrke | dose | dato       |
        | GP    | liste | Paracet 1 g | paracetamol | N02BE01 | 1 g    | 1x4  | 2025-09-01 |
        => ikke D10

    Kilde: rules.md D10 og tabellen LIM, presiseringene 16, 18, 28 og 42. Hver grense har sin kilde i tabellen.
    Setningen sier perioden: noen grenser er per uke.
    """
    for limit in _limits(case):
        counted = [c for line in case.lines if _counts(line, limit, case) and (c := _most(line, limit, case))]
        total = (sum((c.mg for c in counted), Decimal(0)) * DAYS[limit.period]).quantize(EXACT)
        if total > limit.amount.value:
            yield Finding(
                about=limit.substance,
                substance=limit.substance,
                lines=tuple(c.line.key for c in counted),
                values={
                    "substance": limit.substance,
                    "sum": total,
                    "limit": limit.amount.value,
                    "period": PER[limit.period],
                },
                evidence=evidence(c.said for c in counted),
            )


@dataclass(frozen=True, slots=True)
class _Counted:
    """The most of a substance that a line states for a day, in mg, and the statement that states it."""

    line: LineView
    said: Said
    mg: Decimal


def _limits(case: CaseView) -> Iterator[Limit]:
    beside = [atc for line in case.lines if counts_as_used(line) for atc in line.atcs]
    present = {substance for line in case.lines for substance in line.substances}
    for substance in (one for one in LIMITED if one in present):
        limit = limit_for(
            substance,
            age=case.age(),
            nursing_home=case.case.nursing_home,
            beside=beside,
            without_prescription=any(line.local for line in case.lines if substance in line.substances),
        )
        if limit:
            yield limit


def _counts(line: LineView, limit: Limit, case: CaseView) -> bool:
    if limit.substance not in line.substances or (limit.routes and line.route not in limit.routes):
        return False
    return line in reaching(case) and not (line.stopped or line.paused)


def _most(line: LineView, limit: Limit, case: CaseView) -> _Counted | None:
    """By the dose that stands, and by who agrees with it and tells more (a part, a maximum).

    Where none could be chosen, by the highest that is stated.
    """
    stated = line.values
    if line.chosen is not None and line.dose_state is DoseState.AGREED:
        stated = tuple(s for s in line.values if s is line.chosen or s.kind is not Kind.PRESCRIPTION)
    elif line.chosen is not None and line.dose_state is not DoseState.CONFLICT:
        stated = (line.chosen,)
    told = [_Counted(line, s, mg) for s in stated if (mg := _mg_a_day(s, limit.substance, case)) is not None]
    return max(told, key=lambda c: (c.mg, c.said.id), default=None)


def _mg_a_day(said: Said, substance: str, case: CaseView) -> Decimal | None:
    place = _place(said, substance, case)
    if said.dose is None or place is None or said.dose.units[place] != "mg":
        return None
    days = [part.per_day for part in (said.dose.fixed, said.dose.prn) if part and part.per_day]
    return said.dose.most_of(days)[place] if days else None


def _place(said: Said, substance: str, case: CaseView) -> int | None:
    """Which of the strengths is the substance's: by the catalogue's pairing, by size, or in the source's own order."""
    told = strengths_of(said.statement, said.identity.drug)
    substances = said.identity.substances
    if said.dose is None or len(said.dose.units) != len(substances):
        return None
    order = _paired(said, told, case)
    if order is None and len(told) > 1 and substance in LARGEST_PART and len({q.unit for q in told}) == 1:
        return max(range(len(told)), key=lambda n: told[n].value)
    order = order or tuple(map(folded, said.statement.substances)) or substances
    return order.index(substance) if substance in order else None


def _paired(said: Said, told: tuple[Quantity, ...], case: CaseView) -> tuple[str, ...] | None:
    """The substances in the order of the strengths, where the catalogue has a product of these very strengths."""
    substances = said.identity.substances
    known = case.catalogue.by_atc.get(AtcCode(said.identity.atc), ()) if len(substances) > 1 else ()
    for drug in (said.identity.drug, *known):
        if drug and {folded(s) for s in drug.substances} == set(substances):
            of = dict(zip(in_mg(drug.strengths), map(folded, drug.substances), strict=False))
            if set(of) == set(told) and len(of) == len(substances):
                return tuple(of[q] for q in told)
    return None


@rule(
    code="D12",
    slug="SPLIT_STRENGTH_SET",
    severity=Severity.INFO,
    escalate={"one part is missing somewhere": Severity.HIGH},
    owners=(Owner.NURSE,),
    name={"nb": "Sett av styrker", "nn": "Sett av styrkar", "en": "Set of strengths"},
    sentence={
        "nb": "{drug} gis som flere styrker: {parts} = {sum}.",
        "nn": "{drug} blir gitt som fleire styrkar: {parts} = {sum}.",
        "en": "{drug} is given as several strengths: {parts} = {sum}.",
    },
    action="Bekreft dose: at alle styrkene i settet er med.",
    needs=Mark.SET,
    source="rules.md D12, R5; presiseringer 11 og 43",
)
def set_of_strengths(line: LineView, case: CaseView) -> Finding | None:
    """Én behandling settes sammen av flere styrker til samme tid. Kildene sammenlignes på summen.

    Hvorfor: mangler den ene delen ett sted, gis for lite; ser noen to behandlinger, kan den ene bli strøket.

    Kjente unntak: fast i én styrke og ved behov i en annen er ikke et sett, og heller ikke styrker til ulike tider.

    Eksempel: 50 og 25 mikrogram sammen
        I dag: 2026-03-02
        | kilde | art         | navn          | stoff        | atc     | styrke    | dose | dato       |
        | GP    | liste       | Levaxin 75 ug | levotyroksin | H03AA01 | 75 mikrog | 1x1  | 2025-11-01 |
        | HP    | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 mikrog | 1x1  | 2025-11-02 |
        | HP    | hjemmeliste | Levaxin 25 ug | levotyroksin | H03AA01 | 25 mikrog | 1x1  | 2025-11-02 |
        => D12 info NURSE

    Eksempel: ulike tider
        I dag: 2026-03-02
        | kilde | art         | navn          | stoff        | atc     | styrke    | dose             | dato       |
        | HP    | hjemmeliste | Levaxin 50 ug | levotyroksin | H03AA01 | 50 mikrog | 1 tablett morgen | 2025-11-02 |
        | HP    | hjemmeliste | Levaxin 25 ug | levotyroksin | H03AA01 | 25 mikrog | 1 tablett kveld  | 2025-11-02 |
        => ikke D12

    Kilde: rules.md D12 og R5, presiseringene 11 og 43.
    """
    del case
    members = {s.id: s for s in line.active}
    sets = [(whole, (members[whole.id], *whole.others)) for whole in line.values if whole.others]
    sets = [(whole, parts) for whole, parts in sets if _is_set(parts)]
    alone = [s for s in line.values if sum(o.place == s.place for o in line.active) == 1]
    if not sets:
        return None
    whole, parts = max(sets, key=lambda one: (len(one[1]), one[0].id))
    return Finding(
        values={
            "drug": whole.name,
            "parts": " + ".join(sorted(_strength(s) for s in parts)),
            "sum": _each_time(whole.dose),
            "part_missing": any(_lacks_a_part(s, whole, parts) for s in alone),
        },
        evidence=evidence((*line.active, *parts)),
    )


def _is_set(parts: tuple[Said, ...]) -> bool:
    """Several strengths of one part of the dose, at the same times."""
    doses = [s.dose for s in parts if s.dose]
    if len(doses) < len(parts) or len({_strength(s) for s in parts}) < len(parts):
        return False
    first = doses[0]
    return all(_same_part(first, other) for other in doses[1:])


def _same_part(a: Dose, b: Dose) -> bool:
    if a.fixed and b.fixed and not (a.prn or b.prn):
        return same_moments(a.fixed, b.fixed)
    return bool(a.prn and b.prn and not (a.fixed or b.fixed))


def _lacks_a_part(said: Said, whole: Said, parts: tuple[Said, ...]) -> bool:
    """Another source carries one of the strengths of the set, and not the sum."""
    among = _strength(said) in {_strength(s) for s in parts}
    return among and relation(said.dose, whole.dose) is not Relation.EQUAL


def _strength(said: Said) -> str:
    told = strengths_of(said.statement, said.identity.drug)
    return "/".join(map(_amount, told)) or said.statement.strength or said.name


def _amount(quantity: Quantity) -> str:
    value, unit = quantity.value, quantity.unit
    if unit == "mg" and value < 1:
        value, unit = value * 1000, "mikrog"
    return f"{value.normalize():f} {unit}".replace(".", ",").replace("mikrog", "mikrogram")


def _each_time(dose: Dose | None) -> str:
    part: Part | None = (dose.fixed or dose.prn) if dose else None
    return amounts(part.per_time, dose.units) if dose and part else ""
