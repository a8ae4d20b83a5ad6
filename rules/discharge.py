"""Family B, status: what the hospital decided and the GP's list does not show."""

from datetime import date
from typing import Any

from formats.drug import folded
from formats.statement import Kind, Source
from rules.authority import UNCHANGED
from rules.conclusion import Owner, Severity
from rules.dosing import Relation, relation
from rules.escalation import condition
from rules.marks import Mark
from rules.presence import gp_lacks
from rules.rule import Finding, rule
from rules.together import latest_said
from rules.view import PRESCRIBER_LISTS, CaseView, DoseSaid, LineView, Said, Telling, evidence

CARRIED_WITHIN_DAYS = 7
"""NICE QS120: reconciled in the GP's record within a week of the discharge (B07, clarification 23)."""
NOT_IN_USE = {"nb": "skal ikke brukes", "nn": "skal ikkje brukast", "en": "not to be used"}
NOTHING = {"nb": "ikke legemidlet", "nn": "ikkje legemidlet", "en": "no entry of it"}
DOSE_CHANGED = ("endr", "økt", "auk", "redus", "dose", "opptrapp", "nedtrapp")
"""How a letter's word for a changed dose begins."""
Lines = tuple[LineView, ...]


@condition("discharge more than 7 days old")
def _long_ago(finding: Finding, _lines: Lines, case: CaseView) -> bool:
    day = finding.values.get("received")
    return isinstance(day, date) and (case.today - day).days > CARRIED_WITHIN_DAYS


@rule(
    code="B07",
    slug="HOSPITAL_CHANGE_NOT_CARRIED",
    severity=Severity.HIGH,
    escalate={"high-alert": Severity.CRITICAL},
    owners=(Owner.GP,),
    name={
        "nb": "Endring fra sykehuset ikke ført",
        "nn": "Endring frå sjukehuset ikkje ført",
        "en": "Hospital change not carried over",
    },
    sentence={
        "nb": "Sykehuset {change} {drug} ved utskrivning {date_a}: {dose_a}. Fastlegens liste viser "
        "fortsatt {dose_b} ({date_b}).",
        "nn": "Sjukehuset {change} {drug} ved utskriving {date_a}: {dose_a}. Lista til fastlegen viser "
        "framleis {dose_b} ({date_b}).",
        "en": "The hospital {change} {drug} at discharge {date_a}: {dose_a}. The GP's list still shows "
        "{dose_b} ({date_b}).",
    },
    action="Oppdater legemiddellisten (LIB): {ask} fra {date_a}.",
    step_up=("discharge more than 7 days old",),
    needs=Mark.LETTER,
    source="rules.md B07",
)
def hospital_change_not_carried(line: LineView, case: CaseView) -> Finding | None:
    """Epikrisen startet, endret eller seponerte legemidlet; fastlegens liste viser fortsatt det gamle.

    Hvorfor: overgangen fra sykehus er der flest feil oppstår, og listen skal være samstemt innen en uke.

    Kjente unntak: «uendret» er ingen endring. En beslutning hos fastlegen etter utskrivningen går foran. Pause er B03.
    Kurer på 14 dager eller mindre. Er bare resepten gammel, er det D07. Har fastlegens oppføring
    ingen dato, er det ikke kjent hvem som er nyest: da står D01 alene. Doser som ikke kan sammenlignes, er D05; bare
    når epikrisen selv sier at dosen er endret, viser den eldre oppføringen det gamle.

    Eksempel: dosen økt i epikrisen
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | endring |
        | GP | liste | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x1 | 2025-06-01 |  |
        | HP | epikrise | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x2 | 2026-02-24 | dose økt |
        => B07 high GP

    Eksempel: fastlegen har endret etterpå
        I dag: 2026-03-02
        | kilde | art | navn | stoff | atc | styrke | dose | dato | endring |
        | HP | epikrise | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x2 | 2026-02-24 | dose økt |
        | GP | liste | Furix 40 mg | furosemid | C03CA01 | 40 mg | 1x1 | 2026-02-26 |  |
        => ikke B07

    Kilde: rules.md B07, P1–P3, presisering 20, 23 og 24; NICE QS120.
    """
    letter = _newest_letter(line)
    if letter is None or line.short_course or line.paused:
        return None
    change, old = _not_carried(line, letter, case.today)
    if not change:
        return None
    return Finding(
        values={
            "drug": letter.name,
            "change": change,
            "date_a": letter.day,
            **_decided(letter),
            "dose_b": (old.statement.dose_text or old.name) if old else NOTHING,
            "date_b": old.own_day if old else _list_read(case),
            "received": letter.statement.recorded or letter.statement.decided,
        },
        evidence=evidence((letter, old) if old else (letter,)),
        rests_on=() if old else (Source.GP,),
    )


def _decided(letter: Said) -> dict[str, Any]:
    """The hospital's word and what it asks of the list; a dose that was stopped is never asked for."""
    name, dose = letter.name, letter.statement.dose_text or ""
    if letter.telling is Telling.STOPPED:
        return {"dose_a": NOT_IN_USE, "ask": {"nb": f"avslutt {name}", "nn": f"avslutt {name}", "en": f"end {name}"}}
    quoted = {"nb": "{} {}", "nn": "{} «{}»", "en": "{} '{}'"}  # a source's own words stand in quotes elsewhere
    return {"dose_a": dose, "ask": {k: v.format(name, dose) if dose else name for k, v in quoted.items()}}


def _list_read(case: CaseView) -> date | None:
    heard = case.heard(Source.GP if case.case.gps_list is Kind.GP_LIST else Source.RF)
    return heard.day if heard else None


def _newest_letter(line: LineView) -> Said | None:
    letters = [s for s in line.of(Kind.DISCHARGE) if s.decision and s.telling is not Telling.OVER and s.day]
    return max(letters, key=lambda s: (s.day or date.min, s.id), default=None)


def _not_carried(line: LineView, letter: Said, today: date) -> tuple[str, Said | None]:
    """What the hospital did and the GP's entry that still shows the old state; ("", None) where it is carried over."""
    listed = tuple(s for s in line.of(line.gps_list) if s.telling is not Telling.OVER)
    active = tuple(s for s in listed if s.telling is Telling.ACTIVE)
    if letter.telling is Telling.STOPPED:
        old = next((s for s in active if letter.later_than(s) or s.weak), None)
        return ("seponerte", old) if old and line.newest_decision is letter else ("", None)
    if letter.telling is not Telling.ACTIVE or line.stopped or _overtaken(letter, line):
        return "", None
    if gp_lacks(line, today) or (listed and all(s.telling is Telling.PAUSED for s in listed)):
        if not all(letter.later_than(s) for s in listed):
            return "", None  # the GP has decided since, or that very day (P3): A01 speaks
        return "startet", latest_said(listed) if listed else None
    old = next((s for s in active if letter.later_than(s) and _before_the_change(letter, s)), None)
    return ("endret", old) if old and all(letter.later_than(s) for s in active) else ("", None)


def _overtaken(letter: Said, line: LineView) -> bool:
    """A prescriber has decided another dose since: what the letter asks of the GP's list is no longer right (P2)."""
    return any(d.later_than(letter) and d.kind in PRESCRIBER_LISTS and other_dose(letter, d) for d in line.decisions)


def _before_the_change(letter: Said, entry: Said) -> bool:
    """Another dose than the letter's; or one that can't be compared (D05), where the letter itself says it changed."""
    unlike = entry.dose_said in {DoseSaid.READ, DoseSaid.UNREADABLE} and relation(letter.dose, entry.dose)
    return other_dose(letter, entry) or (unlike is Relation.APART and _says_changed(letter))


def _says_changed(letter: Said) -> bool:
    change = folded(letter.statement.change or "")
    return letter.dose is not None and change.startswith(DOSE_CHANGED) and not any(w in change for w in UNCHANGED)


def other_dose(a: Said, b: Said) -> bool:
    """The two state doses that can be compared and are not the same."""
    return relation(a.dose, b.dose) in {Relation.DIFFERS, Relation.INTERVAL, Relation.PRN}
