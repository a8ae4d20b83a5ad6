"""Family C, two medicines and what they share: an ingredient, a class, a substance in another form."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from formats.statement import Source
from rules.conclusion import Owner, Severity
from rules.escalation import condition, value_condition
from rules.rule import Finding, rule
from rules.tables.class_pairs import ClassPair, class_pair, classes_of
from rules.tables.high_alert import Group
from rules.together import (
    about_both,
    as_needed,
    counts_as_used,
    evidence_of,
    intended_levodopa_pair,
    intended_opioid_pair,
    pairs_in_use,
    reaches_today,
    reaching,
    regular,
    speaker,
    used_together,
)
from rules.view import CaseView, LineView

SYSTEMIC = frozenset({"oral", "sublingual", "rectal", "transdermal", "injection"})
"""Routes by which a medicine works in the whole body (rules.md, route groups)."""
UNKNOWN = "?"

value_condition("listed class", "listed")
value_condition("two regular opioids", "two_regular_opioids")
value_condition("systemic in both", "systemic")


@condition("antiepileptic, lithium or theophylline")
def _narrow_range(finding: Finding, lines: tuple[LineView, ...], case: CaseView) -> bool:
    del finding, case
    return any(line.in_group(Group.ANTIEPILEPTIC, Group.LITHIUM, Group.THEOPHYLLINE) for line in lines)


def _reach(line: LineView) -> str:
    return "systemic" if line.route in SYSTEMIC else line.route


def _sources(line: LineView) -> tuple[Source, ...]:
    return tuple(sorted({s.source for s in line.active}))


@rule(
    code="C03",
    slug="DUPLICATE_INGREDIENT",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP,),
    name={"nb": "Samme virkestoff i to preparater", "nn": "Same verkestoff i to preparat", "en": "Shared ingredient"},
    sentence={
        "nb": "Virkestoffet {substance} inngår i {name_a} og gis også som {name_b}.",
        "nn": "Verkestoffet {substance} inngår i {name_a} og blir også gitt som {name_b}.",
        "en": "The substance {substance} is part of {name_a} and is also given as {name_b}.",
    },
    action="Avklar om {substance} skal gis i begge preparatene, og oppdater legemiddellisten (LIB).",
    scope="case",
    source="rules.md C03, R8; presiseringer 18 og 28",
)
def duplicate_ingredient(case: CaseView) -> Iterator[Finding]:
    """Et virkestoff i et kombinasjonspreparat gis også alene, eller i et annet kombinasjonspreparat.

    Hvorfor: to navn skjuler at pasienten får samme stoff to ganger.

    Kjente unntak: lokalbehandling og behandling av hele kroppen regnes hver for seg. Høyrisiko vurderes på det felles
    virkestoffet, ikke på preparatet. Er summen over en grense, sier D10 det samme.

    Eksempel: kombinasjonen kom, og enkeltpreparatet ble stående
        I dag: 2026-03-02
        |kilde|art  |navn                |stoff                       |atc    |styrke    |dose|dato      |
        |GP   |liste|Atacand Plus 16/12,5|kandesartan, hydroklortiazid|C09DA06|16/12.5 mg|1x1 |2026-01-15|
        |GP   |liste|Atacand 16 mg       |kandesartan                 |C09CA06|16 mg     |1x1 |2025-05-02|
        => C03 high GP

    Eksempel: to ulike virkestoffer
        I dag: 2026-03-02
        |kilde|art  |navn                |stoff                       |atc    |styrke    |dose|dato      |
        |GP   |liste|Atacand Plus 16/12,5|kandesartan, hydroklortiazid|C09DA06|16/12.5 mg|1x1 |2026-01-15|
        |GP   |liste|Norvasc 5 mg        |amlodipin                   |C08CA01|5 mg      |1x1 |2025-05-02|
        => ikke C03

    Kilde: rules.md C03 og R8, presiseringene 18 og 28. Setningen begynner med «Virkestoffet», så et stoffnavn med liten
    bokstav ikke åpner den.
    """
    for substance, lines in _sharing(case):
        whole, *others = sorted(lines, key=lambda line: (-len(line.substances), line.key))
        yield Finding(
            about=substance,
            substance=substance,
            lines=tuple(line.key for line in lines),
            values={
                "substance": substance,
                "name_a": speaker(whole).name,
                "name_b": tuple(speaker(line).name for line in others),
            },
            evidence=evidence_of(*lines),
        )


def _sharing(case: CaseView) -> Iterator[tuple[str, list[LineView]]]:
    """Each substance that products of different contents hold, where one of them is in use, by where it works.

    A product whose route is not said may work anywhere.
    """
    holding: dict[str, list[LineView]] = defaultdict(list)
    for line in case.lines:
        for substance in line.substances if reaches_today(line, case) else ():
            holding[substance].append(line)
    for substance, lines in sorted(holding.items()):
        for reach in sorted({_reach(line) for line in lines} - {UNKNOWN} or {UNKNOWN}):
            there = [line for line in lines if _reach(line) in {reach, UNKNOWN}]
            if len({frozenset(line.substances) for line in there}) > 1 and any(map(counts_as_used, there)):
                yield substance, there


@rule(
    code="C04",
    slug="DUPLICATE_CLASS",
    severity=Severity.LOW,
    escalate={"listed class": Severity.MODERATE, "two regular opioids": Severity.HIGH},
    owners=(Owner.GP,),
    name={"nb": "To i samme gruppe", "nn": "To i same gruppe", "en": "Two of one class"},
    sentence={
        "nb": "{name_a} og {name_b} tilhører samme legemiddelgruppe ({atc_name}). Er begge ment?",
        "nn": "{name_a} og {name_b} høyrer til same legemiddelgruppe ({atc_name}). Er begge meinte?",
        "en": "{name_a} and {name_b} belong to the same drug class ({atc_name}). Are both intended?",
    },
    action="Vurder om både {name_a} og {name_b} er ment.",
    scope="case",
    advisory=True,
    source="rules.md C04, R9; STOPP versjon 3, A3",
)
def duplicate_class(case: CaseView) -> Iterator[Finding]:
    """To legemidler i samme ATC-gruppe på nivå 4, eller i et listet par av grupper, er i bruk samtidig.

    Hvorfor: et bytte der det gamle ble stående, ser ut som to legemidler som hører sammen.

    Kjente unntak: råd, aldri en påstand om feil. Samme virkestoff i to former er C06 eller C07, felles ingrediens er
    C03. Fast depotopioid med samme opioid ved behov i én leges liste er et ment mønster. To opioider er alvorlige bare
    når begge gis fast. I en gruppe som ikke er listet, sies ingenting når det ene bare tas ved behov.

    Eksempel: to statiner
        I dag: 2026-03-02
        | kilde | art   | navn               | stoff        | atc     | styrke | dose | dato       |
        | GP    | liste | Simvastatin 20 mg  | simvastatin  | C10AA01 | 20 mg  | 1x1  | 2025-01-15 |
        | GP    | liste | Atorvastatin 40 mg | atorvastatin | C10AA05 | 40 mg  | 1x1  | 2026-01-15 |
        => C04 moderate GP

    Eksempel: to grupper
        I dag: 2026-03-02
        | kilde | art   | navn              | stoff       | atc     | styrke | dose | dato       |
        | GP    | liste | Simvastatin 20 mg | simvastatin | C10AA01 | 20 mg  | 1x1  | 2025-01-15 |
        | GP    | liste | Ezetrol 10 mg     | ezetimib    | C10AX09 | 10 mg  | 1x1  | 2026-01-15 |
        => ikke C04

    Kilde: rules.md C04 og R9; STOPP versjon 3, A3 (fast bruk). Alvorligheten er et forslag.
    """
    for a, b in pairs_in_use(case, _of_one_class(case)):
        shared = class_pair(a.atc, b.atc)
        if shared is None or set(a.substances) & set(b.substances) or _relieved_as_needed(a, b, shared):
            continue
        yield Finding(
            about=about_both(a, b),
            lines=(a.key, b.key),
            values={
                "name_a": speaker(a).name,
                "name_b": speaker(b).name,
                "atc_name": {"nb": shared.nb, "nn": shared.nn, "en": shared.en},
                "listed": shared.serious,
                "two_regular_opioids": _both_regular(a, b, shared),
            },
            evidence=evidence_of(a, b),
        )


def _of_one_class(case: CaseView) -> tuple[LineView, ...]:
    """The lines whose ATC code stands in a class with another's."""
    lines = reaching(case)
    often = Counter(name for line in lines for name in classes_of(line.atc))
    return tuple(line for line in lines if any(often[name] > 1 for name in classes_of(line.atc)))


def _relieved_as_needed(a: LineView, b: LineView, shared: ClassPair) -> bool:
    """A class nobody has listed, and one of the two is as needed everywhere: a spray for attacks beside a tablet."""
    listed = shared.serious or shared.fixed_high
    return not listed and any(line.active and all(map(as_needed, line.active)) for line in (a, b))


def _both_regular(a: LineView, b: LineView, shared: ClassPair) -> bool:
    return shared.fixed_high and all(any(regular(s) for s in line.active) for line in (a, b))


@rule(
    code="C06",
    slug="RELEASE_DIFFERS",
    severity=Severity.MODERATE,
    escalate={"opioid": Severity.CRITICAL, "antiepileptic, lithium or theophylline": Severity.HIGH},
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "Depot mot vanlig", "nn": "Depot mot vanleg", "en": "Prolonged or plain release"},
    sentence={
        "nb": "Virkestoffet {drug}: depot ifølge {src_a}, vanlig ifølge {src_b}. Kan ikke byttes uten videre.",
        "nn": "Verkestoffet {drug}: depot ifølgje {src_a}, vanleg ifølgje {src_b}. Kan ikkje bytast utan vidare.",
        "en": "The substance {drug}: prolonged release according to {src_a}, plain according to {src_b}. "
        "Not interchangeable.",
    },
    action="Avklar om {drug} skal være depot eller vanlig, og oppdater legemiddellisten (LIB).",
    scope="pair",
    source="rules.md C06, R6; presiseringer 9, 18 og 60",
)
def release_differs(a: LineView, b: LineView, case: CaseView) -> Finding | None:
    """Samme virkestoff og vei står både som depot og som vanlig.

    Hvorfor: hele dosen på én gang i stedet for over et døgn kan være en overdose; omvendt kommer virkningen for sent.

    Kjente unntak: fast depotopioid med samme opioid ved behov i én leges liste er et ment mønster, og likeså levodopa
    både som vanlig og som depot (om dagen og til natten). Er formen ukjent hos den ene, sies ingenting.

    Eksempel: fastlegen har vanlig kapsel, resepten depot
        I dag: 2026-03-02
        |kilde|art        |navn           |stoff    |atc    |frisetting|styrke|dose|dato      |gyldig til|
        |RF   |resept     |OxyContin 10 mg|oksykodon|N02AA05|prolonged |10 mg |1x2 |2026-01-15|2027-01-15|
        |GP   |liste      |OxyNorm 10 mg  |oksykodon|N02AA05|plain     |10 mg |1x2 |2026-01-15|          |
        |HP   |hjemmeliste|OxyContin 10 mg|oksykodon|N02AA05|prolonged |10 mg |1x2 |2026-01-16|          |
        => C06 critical GP

    Eksempel: depot fast og vanlig ved behov, satt av samme lege
        I dag: 2026-03-02
        | kilde | art   | navn            | stoff     | atc     | frisetting | styrke | dose             | dato       |
        | GP    | liste | OxyContin 10 mg | oksykodon | N02AA05 | prolonged  | 10 mg  | 1x2              | 2026-01-15 |
        | GP    | liste | OxyNorm 5 mg    | oksykodon | N02AA05 | plain      | 5 mg   | 1 v/b inntil x 4 | 2026-01-15 |
        => ikke C06

    Kilde: rules.md C06 og R6, presiseringene 9, 18, 30 og 60. Unntaket for levodopa er et forslag. Setningen er
    omskrevet så den passer til navnet på enhver kilde og til annet enn tabletter.
    """
    slow, plain = (b, a) if a.release == "plain" else (a, b)
    other_release = plain.release == "plain" and slow.release in {"prolonged", "depot-injection"}
    same = a.substances == b.substances and a.route == b.route
    if not (same and other_release and used_together(a, b, case)):
        return None
    if intended_opioid_pair(a, b) or intended_levodopa_pair(a, b):
        return None
    return Finding(
        about=a.substance_text,
        values={"drug": a.substance_text, "src_a": _sources(slow), "src_b": _sources(plain)},
        evidence=evidence_of(a, b),
    )


@rule(
    code="C07",
    slug="ROUTE_DIFFERS",
    severity=Severity.LOW,
    escalate={"systemic in both": Severity.MODERATE},
    owners=(Owner.GP,),
    name={"nb": "Samme stoff, to veier", "nn": "Same stoff, to vegar", "en": "Same substance, two routes"},
    sentence={
        "nb": "Virkestoffet {substance} gis både som {form_a} og {form_b}. Vist som to legemidler.",
        "nn": "Verkestoffet {substance} blir gitt både som {form_a} og {form_b}. Vist som to legemiddel.",
        "en": "The substance {substance} is given both as {form_a} and {form_b}. Shown as two medicines.",
    },
    action="Vurder om {substance} skal gis på begge måter.",
    scope="case",
    source="rules.md C07, R6; presiseringer 9, 18 og 60",
)
def route_differs(case: CaseView) -> Iterator[Finding]:
    """Samme virkestoff er i bruk ad to veier. De er to behandlinger som hører sammen.

    Hvorfor: den samlede mengden ses ikke på én linje.

    Kjente unntak: er veien ukjent hos den ene, sies ingenting.

    Eksempel: tablett hos fastlegen, gel hos hjemmetjenesten
        I dag: 2026-03-02
        |kilde|art        |navn         |stoff     |atc    |vei       |styrke|dose           |dato      |
        |GP   |liste      |Voltaren tabl|diklofenak|M01AB05|oral      |50 mg |1x2            |2026-01-15|
        |HP   |hjemmeliste|Voltarol gel |diklofenak|M02AA15|skin-local|      |2 ganger daglig|2026-01-16|
        => C07 low GP

    Eksempel: samme vei
        I dag: 2026-03-02
        | kilde | art         | navn            | stoff      | atc     | vei  | styrke | dose | dato       |
        | GP    | liste       | Voltaren tabl   | diklofenak | M01AB05 | oral | 50 mg  | 1x2  | 2026-01-15 |
        | HP    | hjemmeliste | Diklofenak tabl | diklofenak | M01AB05 | oral | 50 mg  | 1x2  | 2026-01-16 |
        => ikke C07

    Kilde: rules.md C07 og R6, presiseringene 9, 18 og 60. Setningen begynner med «Virkestoffet», så et stoffnavn med
    liten bokstav ikke åpner den.
    """
    for substances, by_route in _routes(case):
        first, *rest = (by_route[route] for route in sorted(by_route))
        yield Finding(
            about="+".join(substances),
            lines=tuple(line.key for line in (first, *rest)),
            values={
                "substance": substances,
                "form_a": speaker(first).name,
                "form_b": tuple(speaker(line).name for line in rest),
                "systemic": sum(route in SYSTEMIC for route in by_route) > 1,
            },
            evidence=evidence_of(first, *rest),
        )


def _routes(case: CaseView) -> Iterator[tuple[tuple[str, ...], dict[str, LineView]]]:
    """Each set of substances that is used by more than one known route, with the line of each."""
    same: dict[tuple[str, ...], dict[str, LineView]] = defaultdict(dict)
    for line in reaching(case):
        if line.substances and line.route != UNKNOWN:
            same[line.substances].setdefault(line.route, line)
    for substances, by_route in sorted(same.items()):
        if len(by_route) > 1 and any(map(counts_as_used, by_route.values())):
            yield substances, by_route
