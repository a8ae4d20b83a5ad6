"""Family C, two medicines and what they share: ingredient, class, substance in another form, name, code."""

from collections import defaultdict
from collections.abc import Iterator

from formats.statement import Source
from rules.conclusion import LineStatus, Owner, Severity
from rules.escalation import condition, value_condition
from rules.rule import Finding, rule
from rules.tables.class_pairs import ClassPair, class_pair
from rules.tables.high_alert import Group
from rules.tables.look_alikes import Name, listed_words, look_alikes
from rules.together import (
    about_both,
    evidence_of,
    intended_opioid_pair,
    pairs_in_use,
    places_of,
    reaches_today,
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

    Kilde: rules.md C03 og R8, presiseringene 18 og 28.
    """
    using = [line for line in case.lines if reaches_today(line, case)]
    holding: dict[tuple[str, str], list[LineView]] = defaultdict(list)
    for line in using:
        for substance in line.substances:
            holding[substance, _reach(line)].append(line)
    for (substance, _), lines in sorted(holding.items()):
        if len({frozenset(line.substances) for line in lines}) > 1 and any(line.in_use for line in lines):
            whole, *others = sorted(lines, key=lambda line: (-len(line.substances), line.key))
            yield Finding(
                about=substance,
                substance=substance,
                lines=tuple(line.key for line in lines),
                values={
                    "substance": substance,
                    "name_a": speaker(whole).name,
                    "name_b": ", ".join(speaker(line).name for line in others),
                },
                evidence=evidence_of(*lines),
            )


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
    når begge gis fast.

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
    for a, b in pairs_in_use(case):
        shared = class_pair(a.atc, b.atc)
        if shared is None or set(a.substances) & set(b.substances):
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

    Kjente unntak: fast depotopioid med samme opioid ved behov i én leges liste er et ment mønster. Er formen ukjent hos
    den ene, sies ingenting.

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

    Kilde: rules.md C06 og R6, presiseringene 9, 18, 30 og 60.
    """
    slow, plain = (b, a) if a.release == "plain" else (a, b)
    other_release = plain.release == "plain" and slow.release in {"prolonged", "depot-injection"}
    same = a.substances == b.substances and a.route == b.route
    if not (same and other_release and used_together(a, b, case)) or intended_opioid_pair(a, b):
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

    Kilde: rules.md C07 og R6, presiseringene 9, 18 og 60.
    """
    same: dict[tuple[str, ...], list[LineView]] = defaultdict(list)
    for line in case.lines:
        if line.substances and line.route != UNKNOWN and reaches_today(line, case):
            same[line.substances].append(line)
    for substances, lines in sorted(same.items()):
        by_route = {line.route: line for line in reversed(lines)}
        if len(by_route) > 1 and any(line.in_use for line in lines):
            first, *rest = (by_route[route] for route in sorted(by_route))
            yield Finding(
                about="+".join(substances),
                lines=tuple(line.key for line in lines),
                values={
                    "substance": ", ".join(substances),
                    "form_a": speaker(first).name,
                    "form_b": ", ".join(speaker(line).name for line in rest),
                    "systemic": sum(route in SYSTEMIC for route in by_route) > 1,
                },
                evidence=evidence_of(*lines),
            )


@rule(
    code="C10",
    slug="LOOKALIKE",
    severity=Severity.MODERATE,
    escalate={"high-alert": Severity.HIGH},
    owners=(Owner.NURSE,),
    name={"nb": "Forvekslingsfare", "nn": "Forvekslingsfare", "en": "Look-alike"},
    sentence={
        "nb": "Forvekslingsfare: {name_a} og {name_b}.",
        "nn": "Forvekslingsfare: {name_a} og {name_b}.",
        "en": "Look-alike risk: {name_a} and {name_b}.",
    },
    action="Kontroller mot esken at både {name_a} og {name_b} er riktige.",
    scope="case",
    source="rules.md C10; presiseringer 18, 30 og 34; RELIS 3638",
)
def look_alike(case: CaseView) -> Iterator[Finding]:
    """To legemidler med navn som ligner, er i bruk, og noe tyder på at det ene kan være tatt for det andre.

    Hvorfor: en norsk pasient fikk 800 mg metoprolol i døgnet etter et bytte der metformin var ment.

    Kjente unntak: bærer alle listene begge legemidlene, og styrkene finnes, sies ingenting; metformin og metoprolol
    sammen er hverdag. Fast depotopioid med samme opioid ved behov i én leges liste er et ment mønster.

    Eksempel: hjemmelisten har bare det ene
        I dag: 2026-03-02
        | kilde | art         | navn              | stoff      | atc     | styrke | dose | dato       |
        | GP    | liste       | Metformin 500 mg  | metformin  | A10BA02 | 500 mg | 1x2  | 2026-01-15 |
        | HP    | hjemmeliste | Metoprolol 100 mg | metoprolol | C07AB02 | 100 mg | 1x2  | 2026-01-16 |
        => C10 moderate NURSE

    Eksempel: alle listene har begge
        I dag: 2026-03-02
        | kilde | art         | navn              | stoff      | atc     | styrke | dose | dato       |
        | GP    | liste       | Metformin 500 mg  | metformin  | A10BA02 | 500 mg | 1x2  | 2026-01-15 |
        | GP    | liste       | Metoprolol 100 mg | metoprolol | C07AB02 | 100 mg | 1x2  | 2026-01-15 |
        | HP    | hjemmeliste | Metformin 500 mg  | metformin  | A10BA02 | 500 mg | 1x2  | 2026-01-16 |
        | HP    | hjemmeliste | Metoprolol 100 mg | metoprolol | C07AB02 | 100 mg | 1x2  | 2026-01-16 |
        => ikke C10

    Kilde: rules.md C10, presiseringene 18, 30 og 34; RELIS 3638. De andre parene er forslag.
    """
    words = {line.key: listed_words(_names(line)) for line in case.lines}
    for a, b in pairs_in_use(case):
        pair = look_alikes(words[a.key], words[b.key])
        if pair is None or intended_opioid_pair(a, b):
            continue
        if places_of(a) != places_of(b) or _not_made(a, pair[0]) or _not_made(b, pair[1]):
            yield Finding(
                about=about_both(a, b),
                lines=(a.key, b.key),
                values={"name_a": speaker(a).name, "name_b": speaker(b).name},
                evidence=evidence_of(a, b),
            )


def _names(line: LineView) -> frozenset[str]:
    """Names as said, and the substance: a brand hides the name, not the mix-up at the next exchange."""
    return frozenset((*(s.name for s in line.active), *line.substances))


def _not_made(line: LineView, name: Name) -> bool:
    return any(not name.made_in(q) for s in line.active for q in s.statement.unit_strengths)


@rule(
    code="C13",
    slug="SAME_ATC_DIFFERENT_DRUG",
    severity=Severity.INFO,
    owners=(Owner.SYS,),
    name={"nb": "Samme ATC, ulikt innhold", "nn": "Same ATC, ulikt innhald", "en": "Same ATC, other contents"},
    sentence={
        "nb": "{name_a} og {name_b} har samme ATC-kode, men ulikt innhold. Ikke slått sammen.",
        "nn": "{name_a} og {name_b} har same ATC-kode, men ulikt innhald. Ikkje slått saman.",
        "en": "{name_a} and {name_b} share an ATC code but not their contents. Not merged.",
    },
    scope="pair",
    source="rules.md C13, normalisering punkt 4",
)
def same_atc_different_drug(a: LineView, b: LineView, case: CaseView) -> Finding | None:
    """To legemidler har samme ATC-kode, men ulike virkestoffer.

    Hvorfor: koden alene ville ha slått dem sammen. Flagget viser at de med vilje står hver for seg.

    Kjente unntak: er virkestoffene ukjente hos det ene, sies ingenting.

    Eksempel: to øyedråper med kombinasjonskoden for timolol
        I dag: 2026-03-02
        | kilde | art   | navn   | stoff                | atc     | vei | dose | dato       |
        | GP    | liste | Xalcom | latanoprost, timolol | S01ED51 | eye | 1x1  | 2026-01-15 |
        | GP    | liste | Cosopt | dorzolamid, timolol  | S01ED51 | eye | 1x2  | 2026-01-15 |
        => C13 info SYS

    Eksempel: samme innhold
        I dag: 2026-03-02
        | kilde | art         | navn   | stoff                | atc     | vei | dose | dato       |
        | GP    | liste       | Xalcom | latanoprost, timolol | S01ED51 | eye | 1x1  | 2026-01-15 |
        | HP    | hjemmeliste | Xalcom | latanoprost, timolol | S01ED51 | eye | 1x1  | 2026-01-16 |
        => ikke C13

    Kilde: rules.md C13 og normalisering punkt 4.
    """
    del case
    told = a.atc and a.atc == b.atc and a.substances and b.substances
    over = LineStatus.ENDED in {a.status, b.status}
    if not told or over or set(a.substances) == set(b.substances):
        return None
    return Finding(
        values={"name_a": speaker(a).name, "name_b": speaker(b).name},
        evidence=evidence_of(a, b) or (speaker(a).id, speaker(b).id),
    )
