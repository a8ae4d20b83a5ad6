"""Family F, allergies: a medicine in use that one is registered for (F01), one that only some sources know (F02)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from formats.drug import AtcCode, Catalogue, folded, form_facts_by_name
from formats.statement import Allergy, Source
from rules.allergy_words import Spoken, spoken, telling
from rules.conclusion import LineStatus, Owner, Severity
from rules.marks import Mark
from rules.naming import Held, as_compared
from rules.presence import last_handed_over
from rules.rule import Finding, rule
from rules.tables.allergy_groups import groups_in, is_group
from rules.tables.atc_changes import current_atc
from rules.tables.codes import SUBSTANCE_OF_CODE
from rules.together import speaker
from rules.view import CaseView, LineView, Said, evidence

KEEPS_ALLERGIES = (Source.GP, Source.HP)
"""Sources whose answer always covers allergies. The registry's prescriptions carry none."""
JUST_HANDED_DAYS = 14
"""A box handed over so lately is taken to be in use, whatever became of its prescription (proposal)."""
_WORD = re.compile(r"[^\W\d_]+")
MAY_BE_GIVEN = frozenset({LineStatus.ACTIVE, LineStatus.DISPUTED, LineStatus.UNCONFIRMED, LineStatus.PLANNED})


@rule(
    code="F01",
    slug="CAVE_MATCH",
    severity=Severity.CRITICAL,
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "Treff mot CAVE", "nn": "Treff mot CAVE", "en": "Allergy match"},
    sentence={
        "nb": "CAVE {cave} er registrert ({src_a}). {drug} er i bruk ifølge {src_b}.",
        "nn": "CAVE {cave} er registrert ({src_a}). {drug} er i bruk ifølgje {src_b}.",
        "en": "Allergy {cave} is registered ({src_a}). {drug} is in use according to {src_b}.",
    },
    action="Avklar straks om {drug} kan gis.",
    disputes=True,
    needs=Mark.ALLERGY,
    source="rules.md F01, K8; presiseringer 13, 18 og 46",
)
def allergy_match(line: LineView, case: CaseView) -> Finding | None:
    """Et legemiddel som er i bruk, er det en registrert allergi eller overfølsomhet gjelder.

    Hvorfor: den som ser listen, ser ikke alltid CAVE hos den andre.

    Kjente unntak: CAVE som er avkreftet av kilden, også bare med ord («Penicillin, avkreftet 2020»), regnes ikke; kan
    ordene bety noe annet, regnes den. Treff krever samme virkestoff, også i en kombinasjon, en ATC-gruppe som CAVE
    navngir med kode eller med ord («penicillin», «penicillinallergi»), eller navnet på virkestoffet eller varen som
    helt ord i teksten. Det som ble utlevert de siste 14 dagene, regnes som i bruk.

    Eksempel: penicillin mot CAVE penicillin
        I dag: 2026-03-02
        CAVE: GP Penicillin (J01C)
        | kilde | art   | navn             | stoff                  | atc     | styrke | dose | dato       |
        | HP    | ordre | Apocillin 660 mg | fenoksymetylpenicillin | J01CE02 | 660 mg | 1x4  | 2026-03-01 |
        => F01 critical GP

    Eksempel: gruppen er bare skrevet med ord
        I dag: 2026-03-02
        CAVE: GP Penicillin
        | kilde | art   | navn             | stoff                  | atc     | styrke | dose | dato       |
        | HP    | ordre | Apocillin 660 mg | fenoksymetylpenicillin | J01CE02 | 660 mg | 1x4  | 2026-03-01 |
        => F01 critical GP

    Eksempel: en annen gruppe
        I dag: 2026-03-02
        CAVE: GP Penicillin (J01C)
        | kilde | art   | navn        | stoff       | atc     | styrke | dose | dato       |
        | HP    | ordre | Trimetoprim | trimetoprim | J01EA01 | 160 mg | 1x2  | 2026-03-01 |
        => ikke F01

    Kilde: rules.md F01 og K8, presiseringene 13, 18 og 46. Setningen er omskrevet så den passer til navnet på enhver
    kilde.
    """
    given = line.active or _just_handed(line, case)
    if not given or line.status not in MAY_BE_GIVEN:
        return None
    known = [a for a in case.allergies if _speaks_of(a, line, case)]
    if not known:
        return None
    return Finding(
        values={
            "cave": tuple(dict.fromkeys(a.text for a in known)),
            "src_a": tuple(sorted({a.source for a in known})),
            "drug": speaker(line).name,
            "src_b": tuple(sorted({s.source for s in given})),
        },
        evidence=evidence(given),
    )


def _just_handed(line: LineView, case: CaseView) -> tuple[Said, ...]:
    """What says that a box was handed over in the last days: on a used-up prescription a course has just begun."""
    days = ((s, last_handed_over(s)) for s in line.said)
    return tuple(s for s, day in days if day and 0 <= (case.today - day).days <= JUST_HANDED_DAYS)


def _speaks_of(allergy: Allergy, line: LineView, case: CaseView) -> bool:
    named = _names_of(allergy, case)
    if any(atc.startswith(named.groups) for atc in line.atcs):
        return True
    if line.substances in named.products or not named.substances.isdisjoint(line.substances):
        return True
    return line.key.startswith("text:") and _in_its_words(named.substances, line)


def _in_its_words(names: frozenset[str], line: LineView) -> bool:
    """Uncoded, and called by a name that the allergy tells: enough to stop and ask, though not to say what it is."""
    words = {w for s in line.said for w in _WORD.findall(folded(s.name)) if form_facts_by_name(w).group == "?"}
    return not telling(names).isdisjoint(words)


@dataclass(frozen=True, slots=True)
class _Named:
    """What an allergy names and does not take back: ATC groups, substances (with every whole word), products' contents.

    `topic`: the ATC groups it speaks of at all. `denied`: all that it speaks of is taken back, or nothing is named.
    """

    groups: tuple[str, ...]
    substances: frozenset[str]
    products: frozenset[tuple[str, ...]]
    topic: frozenset[str]
    denied: bool


@lru_cache(maxsize=2048)
def _named(text: str, atc: AtcCode | None, substances: tuple[str, ...], held: Held) -> _Named:
    """Worked out once for an allergy, not once for each line that it is held against."""
    catalogue = held.catalogue
    said = spoken(text, lambda word: is_group(word) or word in catalogue.by_name)
    code = current_atc(str(atc))[0] if atc else ""
    words = groups_in(said.words)
    stands = not _code_denied(code, said)
    coded = frozenset({code} - {""}) if stands else frozenset()
    products = _products_in(said.words | said.phrases, catalogue)
    single = {contents[0] for contents in products if len(contents) == 1}
    told = substances if stands else ()
    return _Named(
        groups=tuple(sorted(words | coded)),
        substances=frozenset(map(folded, (*told, *single, *_members(words | coded, catalogue)))) | said.words,
        products=products,
        topic=_topic(words | groups_in(said.denied), code),
        denied=not (said.words or coded or told),
    )


def _topic(groups: frozenset[str], code: str) -> frozenset[str]:
    """The groups, and the code where it says more than they."""
    return groups if not code or code.startswith(tuple(groups)) else groups | {code}


def _code_denied(code: str, said: Spoken) -> bool:
    """Words never override a code, but they may say that the allergy it stands for is taken back."""
    if said.taken_back:
        return True
    return not said.words and any(code.startswith(group) or group.startswith(code) for group in groups_in(said.denied))


def _members(groups: frozenset[str], catalogue: Catalogue) -> frozenset[str]:
    """The substances of the groups, which are looked for in combinations under whatever code they stand."""
    prefixes = tuple(groups)
    known = {s for code, s in SUBSTANCE_OF_CODE.items() if code.startswith(prefixes)}
    drugs = (d for code, found in catalogue.by_atc.items() if str(code).startswith(prefixes) for d in found)
    return frozenset(known | {d.substances[0] for d in drugs if len(d.substances) == 1})


def _products_in(names: frozenset[str], catalogue: Catalogue) -> frozenset[tuple[str, ...]]:
    """The contents of each product whose one name a whole word, or a whole clause, is ("Apocillin")."""
    named = (catalogue.by_name.get(name, ()) for name in names)
    contents = ({as_compared(d.substances) for d in drugs} - {()} for drugs in named)
    return frozenset(next(iter(one)) for one in contents if len(one) == 1)


@rule(
    code="F02",
    slug="CAVE_DIFFERS",
    severity=Severity.HIGH,
    owners=(Owner.GP, Owner.NURSE),
    name={"nb": "CAVE bare ett sted", "nn": "CAVE berre éin stad", "en": "Allergy in one place only"},
    sentence={
        "nb": "CAVE {cave} er kjent ifølge {src_a}, men ikke ifølge {src_b}.",
        "nn": "CAVE {cave} er kjend ifølgje {src_a}, men ikkje ifølgje {src_b}.",
        "en": "Allergy {cave} is known according to {src_a} but not according to {src_b}.",
    },
    action="Oppdater CAVE der {cave} mangler.",
    scope="case",
    source="rules.md F02, K8; presisering 46",
)
def allergy_differs(case: CaseView) -> Iterator[Finding]:
    """En allergi er kjent i én kilde og mangler i en annen som har svart.

    Hvorfor: neste forskriver ser bare sin egen CAVE.

    Kjente unntak: en kilde som feilet, er låst eller ikke er spurt, mangler ingenting. Reseptformidleren fører ikke
    CAVE på resepter og regnes ikke. Den som skriver at allergien er avkreftet, kjenner den ikke som allergi.

    Eksempel: bare hos fastlegen
        I dag: 2026-03-02
        CAVE: GP Trimetoprim (J01EA01)
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => F02 high GP

    Eksempel: journalen svarte ikke
        I dag: 2026-03-02
        Kilder: HP feilet
        CAVE: GP Trimetoprim (J01EA01)
        | kilde | art   | navn         | stoff     | atc     | styrke | dose | dato       |
        | GP    | liste | Norvasc 5 mg | amlodipin | C08CA01 | 5 mg   | 1x1  | 2026-01-01 |
        => ikke F02

    Kilde: rules.md F02 og K8, presisering 46. Setningen er omskrevet så den passer til navnet på enhver kilde.
    """
    known: dict[str, list[Allergy]] = defaultdict(list)
    for allergy in sorted(case.allergies, key=lambda a: (a.source, a.text, a.id)):
        known[_same_as(allergy, known, case)].append(allergy)
    for name, said in known.items():
        having = {a.source for a in said if not _names_of(a, case).denied}
        lacking = [s for s in KEEPS_ALLERGIES if s not in having and _answered_allergies(s, case)]
        if having and lacking:
            values = {"cave": name, "src_a": tuple(sorted(having)), "src_b": tuple(sorted(lacking))}
            yield Finding(about=f"CAVE {name}", values=values, evidence=tuple(a.id for a in said if a.id))


def _names_of(allergy: Allergy, case: CaseView) -> _Named:
    return _named(allergy.text, allergy.atc, allergy.substances, Held(case.catalogue))


def _same_as(allergy: Allergy, known: dict[str, list[Allergy]], case: CaseView) -> str:
    """The name it goes by: that of the same code, groups, substances or words already known, else its own."""
    own, topic = _head(allergy.text), _names_of(allergy, case).topic
    for name, said in known.items():
        for other in said:
            same_code = bool(allergy.atc) and allergy.atc == other.atc
            same_topic = bool(topic) and topic == _names_of(other, case).topic
            if same_code or same_topic or own == name or set(allergy.substances) & set(other.substances):
                return name
    return own


def _head(text: str) -> str:
    """What it is, without the reaction: the text up to the first colon, bracket, comma or semicolon, case folded."""
    return folded(re.split(r"[:(,;]", text, maxsplit=1)[0])


def _answered_allergies(source: Source, case: CaseView) -> bool:
    heard = case.heard(source)
    return heard is not None and case.answered(source) and heard.allergies_answered
