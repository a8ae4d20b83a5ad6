"""Family C, what is in the hand: another strength or device, a withdrawn product, another thing handed over."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from formats.dosing import Amount
from formats.drug import Drug, Quantity
from formats.statement import Kind
from rules.conclusion import Owner, Severity
from rules.dosewords import amount
from rules.dosing import Dose, Relation, compare
from rules.escalation import condition, value_condition
from rules.identifying import strengths_of
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.high_alert import Group
from rules.together import about_both
from rules.view import CaseView, LineView, Said, evidence

DEVICE_ROUTES = frozenset({"inhaled", "injection"})
"""Routes by which the device in the hand matters as much as the strength (clarifications 7 and 8)."""
ATC4 = 5
"""Letters of an ATC level 4 group."""
UNCOUNTED = frozenset({"mg", "g", "mikrog", "E", "mmol", "mill E", "ml"})
"""Units in which a dose is measured, not counted in pieces."""

value_condition("tablet count differs", "count_differs")
value_condition("valid prescription", "valid_prescription")


@condition("epilepsy drug")
def _epilepsy(finding: Finding, lines: tuple[LineView, ...], case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.ANTIEPILEPTIC) for line in lines)


@dataclass(frozen=True, slots=True)
class _Presented:
    """One source's product: strength of a unit, device where it matters, and its dose."""

    said: Said
    strengths: tuple[Quantity, ...]
    device: str
    dose: Dose

    @property
    def words(self) -> str:
        """The strength as said, else the form."""
        return self.said.statement.strength or " + ".join(
            amount(Amount(q.value, q.value), q.unit) for q in self.strengths
        )

    def other_than(self, other: "_Presented") -> bool:
        """Another strength, or another device."""
        devices = bool(self.device and other.device and self.device != other.device)
        return self.strengths != other.strengths or devices

    def count_differs(self, other: "_Presented") -> bool:
        """The number of pieces per time is told by both and is not the same."""
        counts = [
            (p.fixed.pieces if p.fixed else None, p.prn.pieces if p.prn else None)
            for p in (self.dose, other.dose)
            if p.piece not in UNCOUNTED
        ]
        return len(set(counts)) > 1


def _presented(line: LineView) -> tuple[_Presented, ...]:
    """What each list, and the prescription, would put in the hand; entries that make up a set are left to D12."""
    per_place = Counter(s.place for s in line.active)
    return tuple(
        _Presented(s, _in_order(strengths), _device(s) if line.route in DEVICE_ROUTES else "", s.dose)
        for s in line.active
        if s.dose and per_place[s.place] == 1 and (strengths := strengths_of(s.statement, s.identity.drug))
    )


def _in_order(strengths: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """Of a combination one source may name the substances in another order than the other, and per dose or not."""
    each = (Quantity(q.value, q.unit.removesuffix("/dose")) for q in strengths)
    return tuple(sorted(each, key=lambda q: (q.unit, q.value), reverse=True))


def _device(said: Said) -> str:
    drug = said.identity.drug
    return said.statement.form_code or (drug.form_code if drug else "")


def _same_dose(a: Dose, b: Dose) -> bool:
    shared = (a.fixed and b.fixed) or (a.prn and b.prn)
    return bool(shared) and a.by_mass and b.by_mass and compare(a, b) is Relation.EQUAL


@rule(
    code="C05",
    slug="STRENGTH_DIFFERS",
    severity=Severity.LOW,
    escalate={"tablet count differs": Severity.MODERATE, "high-alert": Severity.HIGH},
    owners=(Owner.NURSE,),
    name={"nb": "Ulik styrke", "nn": "Ulik styrke", "en": "Other strength"},
    sentence={
        "nb": "{drug}: samme dose, men ulik styrke ({strength_a} ifølge {src_a}, {strength_b} ifølge {src_b}). "
        "Sjekk antall tabletter.",
        "nn": "{drug}: same dose, men ulik styrke ({strength_a} ifølgje {src_a}, {strength_b} ifølgje {src_b}). "
        "Sjekk talet på tablettar.",
        "en": "{drug}: same dose but different strength "
        "({strength_a} according to {src_a}, {strength_b} according to {src_b}). Check the number of tablets.",
    },
    action="Kontroller styrken på esken og antallet som gis.",
    needs=Mark.TWO_STRENGTHS,
    source="rules.md C05, R5; presiseringer 7, 8 og 32",
)
def strength_differs(line: LineView, case: CaseView) -> Finding | None:
    """Samme døgndose i milligram, men tablettstyrken er ulik, så antallet tabletter er ulikt.

    Hvorfor: den som teller tabletter etter feil liste, gir halv eller dobbel dose.

    Kjente unntak: bare kilder som oppgir styrke sammenlignes, og fast og ved behov hver for seg. Et sett av styrker i
    én liste er D12. For inhalatorer og injeksjoner er også et annet utstyr C05.

    Eksempel: én tablett à 40 mg mot to à 20 mg
        I dag: 2026-03-02
        | kilde | art         | navn         | stoff     | atc     | styrke | dose               | dato       |
        | GP    | liste       | Diural 20 mg | furosemid | C03CA01 | 20 mg  | 2 tabletter morgen | 2025-10-01 |
        | HP    | hjemmeliste | Furix 40 mg  | furosemid | C03CA01 | 40 mg  | 1 tablett morgen   | 2025-10-02 |
        => C05 moderate NURSE

    Eksempel: ulik styrke og ulik dose
        I dag: 2026-03-02
        | kilde | art         | navn         | stoff     | atc     | styrke | dose             | dato       |
        | GP    | liste       | Diural 20 mg | furosemid | C03CA01 | 20 mg  | 1 tablett morgen | 2025-10-01 |
        | HP    | hjemmeliste | Furix 40 mg  | furosemid | C03CA01 | 40 mg  | 1 tablett morgen | 2025-10-02 |
        => ikke C05

    Kilde: rules.md C05 og R5, presiseringene 7, 8 og 32. Setningen er omskrevet så den passer til navnet på enhver
    kilde.
    """
    del case
    if line.stopped or line.paused:
        return None
    pairs = [(a, b) for a, b in combinations(_presented(line), 2) if a.other_than(b) and _same_dose(a.dose, b.dose)]
    if not pairs:
        return None
    a, b = next((pair for pair in pairs if pair[0].count_differs(pair[1])), pairs[0])
    values = {"drug": a.said.name, "strength_a": a.words, "src_a": a.said.kind, "strength_b": b.words}
    return Finding(
        values=values | {"src_b": b.said.kind, "count_differs": a.count_differs(b)},
        evidence=evidence(p.said for pair in pairs for p in pair),
    )


@rule(
    code="C12",
    slug="PRODUCT_WITHDRAWN",
    severity=Severity.INFO,
    escalate={"valid prescription": Severity.LOW},
    owners=(Owner.GP,),
    name={"nb": "Utgått vare", "nn": "Utgått vare", "en": "Withdrawn product"},
    sentence={
        "nb": "{name_a} er utgått fra FEST. Vurder bytte.",
        "nn": "{name_a} er gått ut av FEST. Vurder byte.",
        "en": "{name_a} is no longer in the drug register. Consider a replacement.",
    },
    action="Vurder bytte av {name_a}.",
    needs=Mark.WITHDRAWN,
    source="rules.md C12",
)
def product_withdrawn(line: LineView, case: CaseView) -> Finding | None:
    """Varen er ikke lenger i FEST. Hva den inneholder, er hentet fra siste kjente utgave.

    Hvorfor: neste uthenting kan stoppe.

    Kjente unntak: legemidler uten varenummer eller FEST-id kan ikke vurderes.

    Eksempel: merkevaren er utgått
        I dag: 2026-03-02
        FEST vare: 000012; navn Gammelt 5 mg; utgått 2025-01-01
        | kilde | art   | navn         | stoff     | atc     | vare   | styrke | dose | dato       |
        | GP    | liste | Gammelt 5 mg | amlodipin | C08CA01 | 000012 | 5 mg   | 1x1  | 2025-10-01 |
        => C12 info GP

    Eksempel: varen er i FEST
        I dag: 2026-03-02
        FEST vare: 000012; navn Norvasc 5 mg
        | kilde | art   | navn         | stoff     | atc     | vare   | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 000012 | 5 mg   | 1x1  | 2025-10-01 |
        => ikke C12

    Kilde: rules.md C12. At gyldig resept hever alvorligheten, er et forslag.
    """
    gone = [s for s in line.active if (d := s.identity.drug) and d.withdrawn and d.withdrawn <= case.today]
    if not gone:
        return None
    return Finding(
        values={
            "name_a": tuple(sorted({s.name for s in gone})),
            "valid_prescription": any(s.kind is Kind.PRESCRIPTION for s in gone),
        },
        evidence=evidence(gone),
    )


@rule(
    code="C14",
    slug="DISPENSED_DIFFERS",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.PHARM, Owner.NURSE),
    name={"nb": "Utlevert noe annet", "nn": "Utlevert noko anna", "en": "Dispensed something else"},
    sentence={
        "nb": "{name_a} er utlevert på resept på {name_b} ({date_a}). Kontroller esken.",
        "nn": "{name_a} er utlevert på resept på {name_b} ({date_a}). Kontroller øskja.",
        "en": "{name_a} was handed over on a prescription for {name_b} ({date_a}). Check the box.",
    },
    action="Kontroller esken, og ring apoteket om {name_a} utlevert {date_a}.",
    scope="case",
    source="rules.md, presisering 58",
)
def dispensed_differs(case: CaseView) -> Iterator[Finding]:
    """Det som ble utlevert på en resept, er et annet virkestoff eller en annen styrke enn det som er forskrevet.

    Hvorfor: esken hjemme er en annen enn listen sier.

    Kjente unntak: er inngrepet begrunnet av apoteket, sies ingenting, om ikke det utleverte hører til en annen
    legemiddelgruppe: at varen var utsolgt, forklarer ikke det. Bare siste utlevering på hver resept vurderes.

    Eksempel: annet virkestoff utlevert
        I dag: 2026-03-02
        | kilde | art        | navn             | stoff      | atc     | styrke | dose | dato       | resept |
        | RF    | resept     | Akamprosat 333mg | akamprosat | N07BB03 | 333 mg | 2x3  | 2026-02-01 | SYN-1  |
        | RF    | utlevering | Ibux 600 mg      | ibuprofen  | M01AE01 | 600 mg |      | 2026-02-03 | SYN-1  |
        => C14 high PHARM

    Eksempel: det samme utlevert
        I dag: 2026-03-02
        | kilde | art        | navn             | stoff     | atc     | styrke | dose | dato       | resept |
        | RF    | resept     | Ibux 600 mg      | ibuprofen | M01AE01 | 600 mg | 1x3  | 2026-02-01 | SYN-1  |
        | RF    | utlevering | Ibuprofen 600 mg | ibuprofen | M01AE01 | 600 mg |      | 2026-02-03 | SYN-1  |
        => ikke C14

    Kilde: rules.md, presisering 58.
    """
    at_home = {s.id: line for line in case.lines for s in line.said}
    ordered = {_number(s): s for s in _with_number(case, Kind.PRESCRIPTION)}
    for rx, handed in sorted(_last_handed(case).items()):
        order = ordered.get(rx)
        if order is None:
            continue
        explained = handed.statement.intervention or order.statement.intervention
        if _other_group(handed, order) or (not explained and _another(handed, order)):
            lines = tuple(dict.fromkeys((at_home[handed.id], at_home[order.id])))
            yield Finding(
                about=about_both(lines[0], lines[-1]),
                lines=tuple(line.key for line in lines),
                values={"name_a": handed.name, "name_b": order.name, "date_a": handed.own_day},
                evidence=evidence((handed, order)),
            )


def _number(said: Said) -> str:
    return said.statement.prescription_id or ""


def _last_handed(case: CaseView) -> dict[str, Said]:
    handed = _with_number(case, Kind.DISPENSING)
    return {_number(s): s for s in sorted(handed, key=lambda s: (str(s.own_day or ""), s.id))}


def _with_number(case: CaseView, kind: Kind) -> list[Said]:
    return [s for line in case.lines for s in line.said if s.kind is kind and _number(s)]


def _other_group(handed: Said, order: Said) -> bool:
    """ATC level 4 known on both sides and not the same, and no substance in common: no shortage explains that."""
    first, second = handed.identity, order.identity
    shared = set(first.substances) & set(second.substances)
    return not shared and len(first.atc) >= ATC4 <= len(second.atc) and first.atc[:ATC4] != second.atc[:ATC4]


def _another(handed: Said, order: Said) -> bool:
    first, second = handed.identity, order.identity
    if first.uncoded or second.uncoded:
        return False
    if first.substances and second.substances:
        other = first.substances != second.substances
    else:
        other = bool(first.atc and second.atc) and first.atc != second.atc
    if other:
        return True
    told = [strengths_of(s.statement, s.identity.drug) for s in (handed, order)]
    return all(told) and set(told[0]) != set(told[1])


@rule(
    code="C15",
    slug="LIMITED_EXCHANGE",
    severity=Severity.LOW,
    escalate={"epilepsy drug": Severity.MODERATE},
    owners=(Owner.PHARM, Owner.GP),
    name={"nb": "Begrenset bytte", "nn": "Avgrensa byte", "en": "Limited exchange"},
    sentence={
        "nb": "{name_a} er byttet til {name_b}. FEST angir begrenset bytte: {remark}.",
        "nn": "{name_a} er bytt til {name_b}. FEST gir opp avgrensa byte: {remark}.",
        "en": "{name_a} was changed to {name_b}. The drug register marks limited exchange: {remark}.",
    },
    action="Avklar om byttet fra {name_a} til {name_b} er ment.",
    needs=Mark.LIMITED_EXCHANGE,
    source="rules.md, presisering 58",
)
def limited_exchange(line: LineView, case: CaseView) -> Finding | None:
    """Merkevaren er byttet innenfor en byttegruppe som FEST merker med begrenset bytte.

    Hvorfor: for noen legemidler, særlig mot epilepsi, kan et bytte merkes.

    Kjente unntak: uten varenummer eller FEST-id kan byttegruppen ikke slås opp.

    Eksempel: annet merke mot epilepsi enn før
        I dag: 2026-03-02
        FEST vare: 000021; merke Tegretol; gruppe BG-1; begrenset
        FEST vare: 000022; merke Karbamazepin X; gruppe BG-1; begrenset
        | kilde | art    | navn           | stoff        | atc     | vare   | styrke | dose | dato       | gyldig til |
        | GP    | liste  | Tegretol       | karbamazepin | N03AF01 | 000021 | 200 mg | 1x2  | 2025-10-01 |            |
        | RF    | resept | Karbamazepin X | karbamazepin | N03AF01 | 000022 | 200 mg | 1x2  | 2026-01-10 | 2027-01-10 |
        => C15 moderate PHARM

    Eksempel: samme merke
        I dag: 2026-03-02
        FEST vare: 000021; merke Tegretol; gruppe BG-1; begrenset
        | kilde | art    | navn     | stoff        | atc     | vare   | styrke | dose | dato       | gyldig til |
        | GP    | liste  | Tegretol | karbamazepin | N03AF01 | 000021 | 200 mg | 1x2  | 2025-10-01 |            |
        | RF    | resept | Tegretol | karbamazepin | N03AF01 | 000021 | 200 mg | 1x2  | 2026-01-10 | 2027-01-10 |
        => ikke C15

    Kilde: rules.md, presisering 58.
    """
    del case
    spoken = [s for s in line.said if s.in_force and (s.active or s.kind is Kind.DISPENSING)]
    in_time = sorted(spoken, key=lambda s: (str(s.own_day or ""), s.id))
    told = [(s, d) for s in in_time if (d := s.identity.drug) and d.exchange_limited and d.substitution_group]
    for (first, before), (second, after) in combinations(told, 2):
        if before.substitution_group == after.substitution_group and _brand(before) != _brand(after):
            values = {"name_a": first.name, "name_b": second.name, "remark": before.substitution_group}
            return Finding(values=values, evidence=evidence((first, second)))
    return None


def _brand(drug: Drug) -> str:
    return (drug.brand or drug.name).casefold()
