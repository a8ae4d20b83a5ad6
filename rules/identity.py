"""Family C, identity: one medicine under several names, one medicine twice, weak joins, words without a code."""

import re
from functools import lru_cache

from formats.drug import folded
from formats.statement import Kind
from rules.conclusion import Owner, Severity
from rules.escalation import condition
from rules.marks import Mark
from rules.near import alike, named_in
from rules.rule import Finding, rule
from rules.tables.high_alert import name_groups
from rules.together import beside_each_other, places_of, side_by_side, speaker
from rules.view import CaseView, LineView, Rung, Said, Telling, evidence, treatment_of

Lines = tuple[LineView, ...]


@condition("both packages are at home")
def _both_at_home(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    handed = {brand(s) for line in lines for s in line.said if s.statement.last_dispensed}
    return len(handed) > 1


@condition("text contains a high-alert name")
def _names_high_alert(_finding: Finding, lines: Lines, _case: CaseView) -> bool:
    return any(name_groups(s.name) for line in lines for s in line.said)


SHORT = 3
_SPELLINGS = (("ph", "f"), ("th", "t"), ("x", "ks"), ("c", "k"), ("ae", "e"), ("oe", "ø"))


@lru_cache(maxsize=4096)
def _spelled(word: str) -> str:
    """Latin and English spelling laid aside, for telling a substance's name from a brand; never for joining."""
    for latin, norwegian in _SPELLINGS:
        word = word.replace(latin, norwegian)
    return word.rstrip("e")


def brand(s: Said) -> str:
    """The brand word of a name; "" where the name is the substance's own, with or without a maker (item 12)."""
    drug = s.identity.drug
    return _brand_in(s.name, s.identity.substances, drug.salts if drug else ())


@lru_cache(maxsize=8192)
def _brand_in(name: str, substances: tuple[str, ...], salts: tuple[str, ...]) -> str:
    words: list[str] = re.findall(r"[^\W\d_][\w-]*", folded(name))
    if not words:
        return ""
    own = {_spelled(w) for name in (*substances, *salts) for w in name.split()}
    if any(_spelled(w).startswith(o) or o.startswith(_spelled(w)) for w in words[:2] for o in own if len(w) > SHORT):
        return ""
    return words[0]


@rule(
    code="C01",
    slug="SYNONYM_NAMES",
    severity=Severity.INFO,
    escalate={"both packages are at home": Severity.LOW},
    owners=(Owner.NURSE,),
    name={
        "nb": "Samme legemiddel, ulike navn",
        "nn": "Same legemiddel, ulike namn",
        "en": "Same medicine, different names",
    },
    sentence={
        "nb": "{name_a} og {name_b} er samme legemiddel ({substance} {strength}). Gis én gang.",
        "nn": "{name_a} og {name_b} er same legemiddel ({substance} {strength}). Blir gitt éin gong.",
        "en": "{name_a} and {name_b} are the same medicine ({substance} {strength}). Give once.",
    },
    source="rules.md C01",
)
def synonym_names(line: LineView, _case: CaseView) -> Finding | None:
    """Samme legemiddel under ulike handelsnavn i kildene: én linje, alle navn vist, ikke dobbelt.

    Hvorfor: to esker med ulikt navn kan bli gitt som to legemidler.

    Kjente unntak: stoffnavn med og uten produsent er ett og samme navn. Styrke, form og pakning regnes ikke som navn.

    Eksempel: handelsnavn og stoffnavn
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        | HP | hjemmeliste | Atorvastatin 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => C01 info NURSE

    Eksempel: stoffnavn med produsent
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Atorvastatin Sandoz 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        | HP | hjemmeliste | Atorvastatin 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => ikke C01

    Kilde: rules.md C01, presisering 12.
    """
    naming = [s for s in line.said if s.in_force and s.name and _names(s)]
    named = {brand(s): s for s in sorted(naming, key=lambda s: s.id, reverse=True)}
    if len(named) < 2 or not line.substances:  # noqa: PLR2004 - two names
        return None
    first, second = sorted(named.values(), key=lambda s: (not brand(s), s.id))[:2]
    return Finding(
        values={
            "name_a": first.name,
            "name_b": second.name,
            "substance": line.substance_text,
            "strength": first.statement.strength or "",
        },
        evidence=evidence(s for s in line.said if s.in_force),
    )


def _names(s: Said) -> bool:
    """A dispensing that only its prescription's number placed here does not tell that its name is a synonym."""
    return s.kind is not Kind.DISPENSING or s.identity.rung is not Rung.REFERENCE


@rule(
    code="C02",
    slug="DUPLICATE_SUBSTANCE",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP, Owner.NURSE),
    name={
        "nb": "Samme virkestoff to ganger",
        "nn": "Same verkestoff to gonger",
        "en": "Same substance twice",
    },
    sentence={
        "nb": "{substance} er ført to ganger: {name_a} {dose_a} ({src_a}) og {name_b} {dose_b} "
        "({src_b}). Mulig dobbeltforskrivning.",
        "nn": "{substance} er ført to gonger: {name_a} {dose_a} ({src_a}) og {name_b} {dose_b} "
        "({src_b}). Mogleg dobbeltforskriving.",
        "en": "{substance} appears twice: {name_a} {dose_a} ({src_a}) and {name_b} {dose_b} ({src_b}). "
        "Possible double prescribing.",
    },
    action="Avklar om begge er ment, og avslutt den ene.",
    scope="pair",
    source="rules.md C02",
)
def duplicate_substance(first: LineView, second: LineView, case: CaseView) -> Finding | None:
    """Samme virkestoff står som to samtidige behandlinger i én liste, eller et menneske har skilt dem.

    Hvorfor: begge kan bli gitt, og dosen blir det dobbelte.

    Kjente unntak: ulik styrke til samme dose (D12), ulike tidspunkter, fast og ved behov, og kurer som avløser
    hverandre, er et sett og ingen dobbelføring. Samme legemiddel i to lister er én linje. Insulin av ulik type eller
    konsentrasjon i hver sin liste flagges her; har én liste begge, er det ment.

    Eksempel: to oppføringer hos fastlegen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        | GP | liste | Atorvastatin 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => C02 high GP

    Eksempel: to styrker til samme dose
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        | GP | liste | Lipitor 20 mg | atorvastatin | C10AA05 | 20 mg | 1 vesp | 2025-11-10 |
        => ikke C02

    Kilde: rules.md C02, kardinalitet, presisering 9 og 52.
    """
    split = treatment_of(first.key) == treatment_of(second.key)
    insulins = first.substances == second.substances and "/" in first.release and "/" in second.release
    if not (split or (insulins and first.release != second.release and first.route == second.route)):
        return None
    if not side_by_side(first, second) or (not split and places_of(first) & places_of(second)):
        return None
    pairs = beside_each_other(first, case) if split else ((first, second),)
    if {*pairs[0]} != {first, second}:
        return None  # a third entry: the first two speak for all
    lines = sorted({line.key: line for pair in pairs for line in pair}.items())
    a, b = speaker(first), speaker(second)
    return Finding(
        values={
            "substance": first.substance_text,
            "name_a": a.name,
            "dose_a": a.statement.dose_text or "",
            "src_a": a.place,
            "name_b": b.name,
            "dose_b": b.statement.dose_text or "",
            "src_b": b.place,
        },
        lines=tuple(key for key, _ in lines),
        evidence=evidence(s for _, line in lines for s in line.active),
    )


@rule(
    code="C08",
    slug="WEAK_MATCH",
    severity=Severity.LOW,
    escalate={"high-alert": Severity.MODERATE},
    owners=(Owner.NURSE,),
    name={
        "nb": "Usikker kobling",
        "nn": "Usikker kopling",
        "en": "Weak match",
    },
    sentence={
        "nb": "Koblingen mellom «{name_a}» og «{name_b}» er usikker ({rung}). Bekreft eller skill.",
        "nn": "Koplinga mellom «{name_a}» og «{name_b}» er usikker ({rung}). Stadfest eller skil.",
        "en": "The link between '{name_a}' and '{name_b}' is uncertain ({rung}). Confirm or separate.",
    },
    action="Bekreft at «{name_a}» og «{name_b}» er samme legemiddel, eller skill dem.",
    needs=Mark.WEAK,
    source="rules.md C08",
)
def weak_match(line: LineView, _case: CaseView) -> Finding | None:
    """Utsagn er samlet bare på ATC-kode eller på nøyaktig navn, ikke på en identitet i FEST.

    Hvorfor: en feil kobling skjuler et legemiddel bak et annet. Et menneske bekrefter eller skiller én gang.

    Nevner varenummer, FEST-id, virkestoff, ATC-kode og tekst i ett utsagn ulike legemidler i FEST, meldes det også når
    utsagnet står alene: den mest nøyaktige koden gjelder, alle ordene vises, styrken tas fra ingen av varene, og
    utsagnet vurderes som høyrisiko om ett av de to er det.

    Kjente unntak: når et menneske har bekreftet, huskes det, og flagget er borte. Et usikkert utsagn kan reise en
    konflikt, men aldri vinne dosen. Samme varenummer, FEST-id eller resept holder utsagn sammen uten flagg.

    Eksempel: fritekst som er stoffets navn
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | atorvastatin | | | | 1 vesp | 2025-11-10 |
        | HP | hjemmeliste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => C08 low NURSE

    Eksempel: begge er kodet
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Atorvastatin 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        | HP | hjemmeliste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => ikke C08

    Kilde: rules.md C08, R7 og R10, presisering 10 og 51.
    """
    said = tuple(s for s in line.said if not s.gone)
    weak = tuple(s for s in said if s.identity.weak)
    sure = tuple(s for s in said if not s.identity.weak)
    for one in weak:
        if clash := one.identity.clash:  # K1: the code is kept, and so is the text that says another medicine
            against = line.substance_text if clash.text_apart else clash.substances
            values = {"name_a": one.name, "name_b": against, "rung": clash.words}
            return Finding(values=values, evidence=evidence((one,)))
    if not weak or len(said) < 2 or _one_product(said):  # noqa: PLR2004 - a link has two ends
        return None
    named_apart = (s for s in (*sure, *weak) if s.name != weak[0].name)
    other = next(named_apart, sure[0] if sure else weak[-1])
    return Finding(
        values={"name_a": weak[0].name, "name_b": other.name, "rung": weak[0].identity.rung.value},
        evidence=evidence(said),
    )


def _one_product(said: tuple[Said, ...]) -> bool:
    """All name the same package, product or business id: R0-R2 hold them together, whatever else is not said."""
    names = ("varenr", "fest_id", "prescription_id", "treatment_id")
    return any(len(told := {getattr(s.statement, name) for s in said}) == 1 and None not in told for name in names)


@rule(
    code="C09",
    slug="UNCODED_DRUG",
    severity=Severity.MODERATE,
    escalate={"text contains a high-alert name": Severity.HIGH},
    owners=(Owner.NURSE, Owner.PHARM),
    name={
        "nb": "Legemiddel uten kode",
        "nn": "Legemiddel utan kode",
        "en": "Medicine without a code",
    },
    sentence={
        "nb": "«{text}» kan ikke kobles til FEST (magistrell, import eller fritekst). Vises slik kilden skrev det.",
        "nn": "«{text}» kan ikkje koplast til FEST (magistrell, import eller fritekst). Blir vist slik "
        "kjelda skreiv det.",
        "en": "'{text}' cannot be linked to the drug register (made by a pharmacy, imported or free text). Shown "
        "exactly as the source wrote it.",
    },
    action="Finn ut hva «{text}» er, og før det med kode.",
    needs=Mark.UNCODED,
    source="rules.md C09",
)
def uncoded_drug(line: LineView, case: CaseView) -> Finding | None:
    """Fritekst, magistrell eller import uten kode: vises ordrett og slås aldri sammen på likhet.

    Hvorfor: det som ikke er kodet, kontrolleres ikke av noen regel.

    Kjente unntak: er teksten nøyaktig ett navn i FEST, er det en usikker kobling (C08). Ligner den på noe annet på
    listen, foreslås det bare for et menneske.

    Eksempel: magistrell mikstur
        I dag: 2026-03-02
        | kilde | art | navn | dose | dato |
        | HP | hjemmeliste | Hostesaft etter resept | 5 ml v/b | 2026-02-01 |
        => C09 moderate NURSE

    Eksempel: kodet
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | HP | hjemmeliste | Lipitor 40 mg | atorvastatin | C10AA05 | 40 mg | 1 vesp | 2025-11-10 |
        => ikke C09

    Kilde: rules.md C09, R12, presisering 33.
    """
    if not line.key.startswith("text:") or not any(s.in_force and s.telling is not Telling.OVER for s in line.said):
        return None
    text = line.said[0].name
    close = (other.key for other in case.lines if other is not line and (named_in(other, text) or alike(other, text)))
    return Finding(values={"text": text, "suggestion": next(close, "")}, evidence=evidence(line.said))


@rule(
    code="C11",
    slug="ATC_CHANGED",
    severity=Severity.INFO,
    owners=(Owner.SYS,),
    name={
        "nb": "Utgått ATC-kode",
        "nn": "Utgått ATC-kode",
        "en": "Withdrawn ATC code",
    },
    sentence={
        "nb": "{src_a} bruker utgått ATC-kode {atc_old}; tolket som {atc_new}.",
        "nn": "{src_a} bruker utgått ATC-kode {atc_old}; tolka som {atc_new}.",
        "en": "{src_a} uses the withdrawn ATC code {atc_old}; read as {atc_new}.",
    },
    needs=Mark.OLD_CODE,
    source="rules.md C11",
)
def atc_changed(line: LineView, _case: CaseView) -> Finding | None:
    """En kilde bruker en ATC-kode som er trukket tilbake; den er oversatt med endringstabellen.

    Hvorfor: to koder på samme stoff ser ut som to legemidler, og søk på kode treffer feil.

    Kjente unntak: en kode som ble delt i flere, oversettes ikke.

    Eksempel: gammel kode på gabapentin
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Neurontin 300 mg | gabapentin | N03AX12 | 300 mg | 1x3 | 2025-05-05 |
        => C11 info SYS

    Eksempel: dagens kode
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato |
        | GP | liste | Neurontin 300 mg | gabapentin | N02BF01 | 300 mg | 1x3 | 2025-05-05 |
        => ikke C11

    Kilde: rules.md C11, tabellen over ATC-endringer, presisering 10.
    """
    old = tuple(s for s in line.said if s.identity.atc_said and s.statement.atc and s.identity.atc)
    old = tuple(s for s in old if not s.identity.atc.startswith(s.identity.atc_said))  # a group's code is no old one
    if not old:
        return None
    return Finding(
        values={"src_a": old[0].place, "atc_old": old[0].identity.atc_said, "atc_new": old[0].identity.atc},
        evidence=evidence(old),
    )
