"""Family F, safety: interactions, age, two anticoagulants, a usual companion that is missing."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from formats.drug import Interaction
from formats.statement import Kind, Source
from rules.conclusion import Owner, Severity
from rules.escalation import value_condition
from rules.interactions import AVOID, PRECAUTION, interacts, worst_interaction
from rules.marks import Mark
from rules.rule import Finding, rule
from rules.tables.class_pairs import is_anticoagulant
from rules.tables.norgep import Taken, criteria, takes_part_in
from rules.tables.partners import partner_of
from rules.together import (
    about_both,
    counts_as_used,
    evidence_of,
    pairs_in_use,
    reaching,
    regular,
    share_prescriber_list,
    speaker,
)
from rules.view import CaseView, LineView

MANY_CRITERIA = 3
"""From this many NorGeP criteria the flag is low, not for information (discrepancies.json F04)."""
GRADE = {
    AVOID: {"nb": "bør unngås", "nn": "bør unngåast", "en": "should be avoided"},
    PRECAUTION: {"nb": "forholdsregler bør tas", "nn": "forholdsreglar bør takast", "en": "take precautions"},
}
BOTH_LISTED = {
    True: {
        "nb": "én forskriver har begge på listen sin",
        "nn": "éin forskrivar har begge på lista si",
        "en": "one prescriber has both on their list",
    },
    False: {
        "nb": "ingen forskriver har begge på listen sin",
        "nn": "ingen forskrivar har begge på lista si",
        "en": "no prescriber has both on their list",
    },
}

value_condition("FEST: should be avoided, and new", "avoid_and_new")
value_condition("FEST: precautions, and new", "precaution_and_new")
value_condition("one prescriber's list has both", "shared")
value_condition("3 criteria or more", "many")


@rule(
    code="F03",
    slug="INTERACTION",
    severity=Severity.LOW,
    escalate={
        "FEST: should be avoided, and new": Severity.HIGH,
        "FEST: precautions, and new": Severity.MODERATE,
    },
    cap={"one prescriber's list has both": Severity.INFO},
    owners=(Owner.GP,),
    name={"nb": "Interaksjon", "nn": "Interaksjon", "en": "Interaction"},
    sentence={
        "nb": "{name_a} og {name_b} har registrert interaksjon (FEST: {level}), og {known}.",
        "nn": "{name_a} og {name_b} har registrert interaksjon (FEST: {level}), og {known}.",
        "en": "{name_a} and {name_b} have a registered interaction (FEST: {level}), and {known}.",
    },
    action="Vurder interaksjonen mellom {name_a} og {name_b}.",
    scope="case",
    advisory=True,
    source="rules.md F03; presisering 47; FEST (Direktoratet for medisinske produkter), kodeverk 7483",
)
def interaction(case: CaseView) -> Iterator[Finding]:
    """FEST har en interaksjon mellom to legemidler i bruk, og ingen forskriver har begge på sin liste.

    Hvorfor: den som forskrev det ene, visste ikke om det andre.

    Kjente unntak: har én forskrivers liste begge, er den kjent og står bare til orientering. Grad 3 (ingen tiltak)
    vises ikke. At FEST ikke har noe treff, betyr ikke at kombinasjonen er trygg.

    Eksempel: reseptfritt ført av hjemmetjenesten
        I dag: 2026-03-02
        FEST interaksjon: B01AA03 - M01A; 1
        | kilde | art    | navn           | stoff     | atc     | styrke | dose          | dato       |
        | GP    | liste  | Marevan 2,5 mg | warfarin  | B01AA03 | 2.5 mg | 2 tabl daglig | 2026-01-01 |
        | HP    | lokalt | Ibux 200 mg    | ibuprofen | M01AE01 | 200 mg | 1 tabl v/b    | 2026-02-28 |
        => F03 high GP

    Eksempel: FEST har ingen interaksjon
        I dag: 2026-03-02
        | kilde | art    | navn           | stoff     | atc     | styrke | dose          | dato       |
        | GP    | liste  | Marevan 2,5 mg | warfarin  | B01AA03 | 2.5 mg | 2 tabl daglig | 2026-01-01 |
        | HP    | lokalt | Ibux 200 mg    | ibuprofen | M01AE01 | 200 mg | 1 tabl v/b    | 2026-02-28 |
        => ikke F03

    Kilde: rules.md F03, presisering 47; FEST, kodeverk 7483 (1 bør unngås, 2 forholdsregler, 3 ingen tiltak). Setningen
    sier om én forskriver har begge eller ikke: at de kommer fra ulike kilder, er ikke alltid sant.
    """
    for a, b in pairs_in_use(case, [line for line in case.lines if interacts(line, case)]):
        worst = worst_interaction(a, b, case)
        if worst:
            yield Finding(
                about=about_both(a, b),
                lines=(a.key, b.key),
                values={"name_a": speaker(a).name, "name_b": speaker(b).name} | _graded(a, b, worst),
                evidence=evidence_of(a, b),
            )


def _graded(a: LineView, b: LineView, worst: Interaction) -> dict[str, Any]:
    shared = share_prescriber_list(a, b)
    return {
        "level": GRADE[worst.relevance],
        "situation": worst.situation,
        "interaction": worst.id,
        "shared": shared,
        "known": BOTH_LISTED[shared],
        "avoid_and_new": not shared and worst.relevance == AVOID,
        "precaution_and_new": not shared and worst.relevance == PRECAUTION,
    }


@rule(
    code="F04",
    slug="ELDERLY_CRITERION",
    severity=Severity.INFO,
    escalate={"3 criteria or more": Severity.LOW},
    owners=(Owner.GP,),
    name={"nb": "NorGeP", "nn": "NorGeP", "en": "NORGEP"},
    sentence={"nb": "NorGeP: {criterion}.", "nn": "NorGeP: {criterion}.", "en": "NORGEP: {criterion}."},
    action="Vurder ved neste legemiddelgjennomgang.",
    scope="case",
    advisory=True,
    source="rules.md, NORGEP og NORGEP-NH som data; Legemiddelhåndboka G24.1.3; PMC4834501",
)
def elderly_criterion(case: CaseView) -> Iterator[Finding]:
    """Et NorGeP-kriterium er oppfylt for en pasient som er 70 år eller eldre.

    Hvorfor: noen legemidler og kombinasjoner gir oftere skade enn nytte hos eldre.

    Kjente unntak: råd som aldri stopper noe. Er alderen ikke kjent, sies ingenting. NorGeP-NH brukes
    når kommunens pasientliste sier at pasienten bor i sykehjem.

    Eksempel: alimemazin til en på 85
        I dag: 2026-03-02
        Født: 1940
        | kilde | art   | navn            | stoff      | atc     | styrke | dose   | dato       |
        | GP    | liste | Vallergan 10 mg | alimemazin | R06AD01 | 10 mg  | 1 vesp | 2026-01-01 |
        => F04 info GP

    Eksempel: til en på 45
        I dag: 2026-03-02
        Født: 1980
        | kilde | art   | navn            | stoff      | atc     | styrke | dose   | dato       |
        | GP    | liste | Vallergan 10 mg | alimemazin | R06AD01 | 10 mg  | 1 vesp | 2026-01-01 |
        => ikke F04

    Kilde: NorGeP, Legemiddelhåndboka G24.1.3; NorGeP-NH, PMC4834501. Kriterier etter hukommelse er merket i tabellen.
    """
    using = {line.key: line for line in case.lines if line.in_use and not (line.stopped or line.paused)}
    taken = [_taken(line) for line in using.values() if line.atc]
    at_home = case.case.nursing_home
    numbers = frozenset[int]().union(*(takes_part_in(t.atc, nursing_home=at_home) for t in taken))
    met: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for criterion in (c for c in criteria(age=case.age(), nursing_home=at_home) if c.number in numbers):
        for keys in criterion.met_by(taken):
            met[keys].append(criterion.nb)
    for keys, words in sorted(met.items()):
        lines = [using[key] for key in keys]
        yield Finding(
            about="+".join(dict.fromkeys(line.substance_text for line in lines)),
            lines=keys,
            values={"criterion": "; ".join(words), "many": sum(map(len, met.values())) >= MANY_CRITERIA},
            evidence=evidence_of(*lines),
        )


def _taken(line: LineView) -> Taken:
    dose = line.chosen.dose if line.chosen else None
    high = dose.daily_high if dose else None
    mg: Decimal | None = high[0] if dose and high and dose.units == ("mg",) else None
    return Taken(key=line.key, atc=line.atc, regular=any(regular(s) for s in line.active), mg_per_day=mg)


@rule(
    code="F05",
    slug="DOUBLE_ANTITHROMBOTIC",
    severity=Severity.CRITICAL,
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "To blodfortynnende", "nn": "To blodfortynnande", "en": "Two anticoagulants"},
    sentence={
        "nb": "To blodfortynnende midler er ført som i bruk: {name_a} ({src_a}) og {name_b} ({src_b}). Avklar straks.",
        "nn": "To blodfortynnande middel er førte som i bruk: {name_a} ({src_a}) og {name_b} ({src_b}). Avklar straks.",
        "en": "Two anticoagulants are stated as in use: {name_a} ({src_a}) and {name_b} ({src_b}). Clarify at once.",
    },
    action="Avklar straks hvilket av {name_a} og {name_b} som skal gis.",
    scope="case",
    source="rules.md F05; presiseringer 18, 29 og 48",
)
def two_anticoagulants(case: CaseView) -> Iterator[Finding]:
    """To blodfortynnende legemidler er ført som i bruk på samme tid.

    Hvorfor: et bytte der det gamle ikke ble stoppet alle steder, kan gi livstruende blødning.

    Kjente unntak: platehemmere regnes ikke. Har det ene en siste dag før det andre begynner, er det en overgang og ikke
    dobbel behandling. To gyldige resepter alene er ikke bruk; står begge på hjemmelisten, spørres det uansett.

    Eksempel: warfarin ble stående etter bytte
        I dag: 2026-03-02
        | kilde | art      | navn           | stoff     | atc     | styrke | dose      | dato       |
        | GP    | liste    | Marevan 2,5 mg | warfarin  | B01AA03 | 2.5 mg | etter INR | 2025-07-01 |
        | HP    | epikrise | Eliquis 5 mg   | apiksaban | B01AF02 | 5 mg   | 1x2       | 2026-02-24 |
        => F05 critical GP

    Eksempel: platehemmer ved siden av
        I dag: 2026-03-02
        | kilde | art      | navn          | stoff             | atc     | styrke | dose | dato       |
        | GP    | liste    | Albyl-E 75 mg | acetylsalisylsyre | B01AC06 | 75 mg  | 1x1  | 2025-07-01 |
        | HP    | epikrise | Eliquis 5 mg  | apiksaban         | B01AF02 | 5 mg   | 1x2  | 2026-02-24 |
        => ikke F05

    Kilde: rules.md F05, presiseringene 18, 29 og 48.
    """
    thinning = [line for line in reaching(case) if any(map(is_anticoagulant, line.atcs))]
    for a, b in combinations(thinning, 2):
        given = counts_as_used(a) or counts_as_used(b) or (_at_home(a) and _at_home(b))
        if given and not _one_substance(a, b):
            values = {"name_a": speaker(a).name, "src_a": _sources(a), "name_b": speaker(b).name, "src_b": _sources(b)}
            yield Finding(about=about_both(a, b), lines=(a.key, b.key), values=values, evidence=evidence_of(a, b))


def _at_home(line: LineView) -> bool:
    """Home care's own list says that it is given, whoever ordered it."""
    return any(s.kind is Kind.HOME_LIST for s in line.active_lists)


def _one_substance(a: LineView, b: LineView) -> bool:
    """By their substances; where one of them has none that is known, by their codes."""
    return a.substances == b.substances if a.substances and b.substances else bool(a.atcs & b.atcs)


def _sources(line: LineView) -> tuple[Source, ...]:
    return tuple(sorted({s.source for s in line.active}))


@rule(
    code="F06",
    slug="MISSING_PARTNER",
    severity=Severity.INFO,
    owners=(Owner.GP,),
    name={
        "nb": "Vanlig følgelegemiddel mangler",
        "nn": "Vanleg følgjelegemiddel manglar",
        "en": "Usual companion missing",
    },
    sentence={
        "nb": "{drug} står uten {partner} i alle kilder.",
        "nn": "{drug} står utan {partner} i alle kjelder.",
        "en": "{drug} appears without {partner} in any source.",
    },
    action="Vurder om {partner} mangler.",
    advisory=True,
    needs=Mark.PARTNERED,
    source="rules.md F06; S5 (bare når alle kilder har svart)",
)
def missing_partner(line: LineView, case: CaseView) -> Finding | None:
    """Et legemiddel som vanligvis følges av et annet, står uten det i alle kilder.

    Hvorfor: folsyre ved metotreksat og avføringsmiddel ved fast opioid blir lett glemt.

    Kjente unntak: råd. Sies bare når alle tre kilder har svart. Avføringsmiddel bare når opioidet gis fast.

    Eksempel: metotreksat uten folsyre
        I dag: 2026-03-02
        | kilde | art   | navn        | stoff       | atc     | styrke | dose           | dato       |
        | GP    | liste | Metex 15 mg | metotreksat | L04AX03 | 15 mg  | 1 gang per uke | 2026-01-01 |
        => F06 info GP

    Eksempel: folsyren står hos hjemmetjenesten
        I dag: 2026-03-02
        | kilde | art         | navn         | stoff       | atc     | styrke | dose           | dato       |
        | GP    | liste       | Metex 15 mg  | metotreksat | L04AX03 | 15 mg  | 1 gang per uke | 2026-01-01 |
        | HP    | hjemmeliste | Folsyre 1 mg | folsyre     | B03BB01 | 1 mg   | 1x1            | 2026-01-02 |
        => ikke F06

    Kilde: rules.md F06. Parene er et forslag. Katalogen nevner også «lav», men ikke når: da er det alltid til
    orientering.
    """
    partner = partner_of(line.atc)
    if partner is None or not line.in_use or (partner.regular and not any(regular(s) for s in line.active)):
        return None
    if case.holds(lambda s: s.active and s.identity.atc.startswith(partner.needs)):
        return None
    words = {"nb": partner.nb, "nn": partner.nn, "en": partner.en}
    return Finding(
        values={"drug": speaker(line).name, "partner": words},
        evidence=evidence_of(line),
        rests_on=(Source.RF, Source.GP, Source.HP),
    )
