"""Family C, what may be taken for one another: names that look alike (C10), one code for two medicines (C13)."""

from collections.abc import Iterator

from formats.statement import Kind
from rules.conclusion import LineStatus, Owner, Severity
from rules.near import distance_to
from rules.rule import Finding, rule
from rules.tables.look_alikes import Name, listed_words, look_alikes
from rules.together import (
    about_both,
    evidence_of,
    intended_opioid_pair,
    pairs_in_use,
    reaches_today,
    reaching,
    speaker,
)
from rules.view import CaseView, LineView


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

    Eksempel: en tekst uten kode er like nær to legemidler
        I dag: 2026-03-02
        | kilde | art         | navn           | stoff       | atc     | styrke | dose | dato       |
        | GP    | liste       | Cipralex 10 mg | escitalopram | N06AB10 | 10 mg | 1x1  | 2026-01-01 |
        | GP    | liste       | Cipramil 20 mg | citalopram  | N06AB04 | 20 mg  | 1x1  | 2026-01-01 |
        | HP    | hjemmeliste | Cipramel       |             |         |        | 1x1  | 2026-01-02 |
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
    yield from _near_two(case)
    words = {line.key: told for line in reaching(case) if (told := listed_words(_names(line)))}
    for a, b in pairs_in_use(case, [line for line in case.lines if line.key in words]):
        pair = look_alikes(words[a.key], words[b.key])
        if pair is None or intended_opioid_pair(a, b):
            continue
        if _lists_of(a) != _lists_of(b) or _not_made(a, pair[0]) or _not_made(b, pair[1]):
            yield Finding(
                about=about_both(a, b),
                lines=(a.key, b.key),
                values={"name_a": speaker(a).name, "name_b": speaker(b).name},
                evidence=evidence_of(a, b),
            )


def _near_two(case: CaseView) -> Iterator[Finding]:
    """R11: words nobody can code, close to two different medicines of the patient (discrepancies.json C10)."""
    uncoded = [line for line in case.lines if line.key.startswith("text:") and reaches_today(line, case)]
    coded = [line for line in case.lines if line.substances and reaches_today(line, case)] if uncoded else []
    for line in uncoded:
        near = sorted((d, o.key, o) for o in coded if (d := distance_to(o, line.said[0].name)) is not None)
        if len({o.substances for *_, o in near}) > 1:
            first, second = near[0][2], next(o for *_, o in near if o.substances != near[0][2].substances)
            yield Finding(
                about=line.key,
                lines=(line.key, first.key, second.key),
                values={"name_a": speaker(first).name, "name_b": speaker(second).name},
                evidence=evidence_of(line, first, second),
            )


def _lists_of(line: LineView) -> frozenset[str]:
    """The lists that carry it. A roll is none that lacks the other: what lies in a box beside it is no mistake."""
    return frozenset(s.place for s in line.active_lists if s.kind is not Kind.MULTIDOSE)


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
