"""The medication list as others see it: the contract's JSON from a reconciliation and its statements.

Language is chosen here, at the edge: what is stored has values and codes. Doses travel as text and as JSON strings.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from formats import neutral
from formats.dosage import render
from formats.dosing import Dosage, ReadStatus
from formats.forms import form_name
from formats.statement import Allergy, Gap, Statement
from medrec import wording
from rules.conclusion import Discrepancy, DoseState, Fact, Line, Reconciliation
from rules.contradiction import says_two_doses

Json = dict[str, Any]
Statements = Mapping[str, Statement]


class Standing(Protocol):
    """How a discrepancy stands in the store: its stable id, state and the day it was first seen."""

    @property
    def id(self) -> str: ...  # noqa: D102 - see the class
    @property
    def state(self) -> str: ...  # noqa: D102 - see the class
    @property
    def first_seen(self) -> datetime: ...  # noqa: D102 - see the class


Flags = Mapping[tuple[str, str], Standing]
_PIECE = re.compile(r"(vaginaltablett|tablett|kapsel|plaster|stikkpille|vagitorie)\b", re.IGNORECASE)
"""Drug forms of list 7448 that are one piece each, by the end of their names: "Depottablett" is counted in tablets."""
_NO_PIECE = re.compile(r"\btil\b|væske|uteritorie", re.IGNORECASE)
"""A tablet that something is made of, or that is put in by others, is no piece a patient takes."""


def list_json(
    told: Reconciliation,
    statements: Statements,
    *,
    language: str = "nb",
    patient: str | None = None,
    version: int | None = None,
    as_of: date | datetime | None = None,
    flags: Flags | None = None,
) -> Json:
    """The medication list JSON of the contract. Offline, `patient`, `version`, ids and states are null."""
    standing = flags or {}
    return {
        "patient": patient,
        "version": version,
        "as_of": as_of.isoformat() if as_of else None,
        "rule_set": told.rule_set,
        "catalogue": told.catalogue,
        "complete": told.complete,
        "gaps": [gap_json(g, language) for g in told.gaps],
        "allergies": [allergy_json(a) for a in told.allergies],
        "lines": [line_json(line, statements, language) for line in told.lines],
        "discrepancies": [flag_json(d, standing.get((d.code, d.about)), language) for d in told.discrepancies],
        "suppressed": [flag_json(d, None, language) | {"suppressed_by": d.suppressed_by} for d in told.suppressed],
        "aside": [{"statement": a.statement, "reason": a.reason.value} for a in told.aside],
        "quarantined": list(told.quarantined),
        "statements": {id_: neutral.statement_json(statements[id_]) for id_ in sorted(statements)},
    }


def gap_json(gap: Gap, language: str) -> Json:
    """A gap with what it means in words, the source's own words beside."""
    return {
        "source": gap.source.value,
        "code": gap.code.value,
        "text": wording.gap(gap, language),
        "as_said": gap.text,
        "limits": gap.limits,
    }


def allergy_json(allergy: Allergy) -> Json:
    """An allergy as said."""
    return dict(neutral.allergy_json(allergy))


def line_json(line: Line, statements: Statements, language: str) -> Json:
    """One line of the list."""
    return {
        "key": line.key,
        "section": line.section.value,
        "status": line.status.value,
        "name": line.name,
        "names": list(line.names),
        "strength": line.strength,
        "form": line.form,
        "route": line.route,
        "use": line.use,
        "dose": {
            "text": dose_text(line, statements, language),
            "state": line.dose.state.value,
            "per_time": line.dose.per_time,
            "per_day": line.dose.per_day,
            "interval": line.dose.interval,
            "moments": [list(m) for m in line.dose.moments],
            "as_said": [
                {
                    "source": said.source.value,
                    "text": said.text,
                    "statement": said.statement,
                    "date": said.on.isoformat() if said.on else None,
                    "outdated": said.outdated,
                    "last_said": said.last_said.isoformat() if said.last_said else None,
                    "status": said.status.value if said.status else None,
                }
                for said in line.dose.as_said
            ],
        },
        "indication": line.indication,
        "since": line.since.isoformat() if line.since else None,
        "multidose": line.multidose,
        "related": list(line.related),
        "failed": line.failed,
        "statements": list(line.statements),
        "facts": {name: _fact_json(fact) for name, fact in line.facts.items()},
    }


def dose_text(line: Line, statements: Statements, language: str) -> str:
    """The dose in one sentence: our rendering of the chosen statement's dose where it was read with certainty.

    An amount without a unit ("1+0+0") gets the unit its source or drug form says, and stands as said where neither
    does. Where sources disagree all are told, never only one; so are the words and the structure of a source that
    says two doses in them. Where nothing certain was read the words as said stand.
    """
    ends = next((s for s in line.dose.as_said if s.statement == line.dose.chosen and s.status), None)
    if ends is not None:
        return wording.ended(ends, language)
    if line.dose.state is not DoseState.CONFLICT:
        chosen = statements.get(line.dose.chosen or "")
        if chosen and (rendered := _rendered(chosen, language)):
            return rendered
    current = [said for said in line.dose.as_said if not said.outdated] or list(line.dose.as_said)
    if len({(said.text, said.status) for said in current}) == 1 and not current[0].status:
        return current[0].text
    return " / ".join(
        f"{wording.ended(said, language) if said.status else said.text} ({wording.told(said.source, language)})"
        for said in current
    )


def _two_doses(statement: Statement, structure: Dosage, language: str) -> str:
    told = render(structure, language, counted_unit(statement))
    return f"{statement.dose_text} / {told} ({wording.STRUCTURED[language]})"


def _rendered(statement: Statement, language: str) -> str:
    """Our sentence, "" where nothing certain was read; the source's words where only it knows what is counted."""
    if statement.dosage is not None and says_two_doses(statement):
        return _two_doses(statement, statement.dosage, language)
    dosage = _certain(statement)
    if dosage is None:
        return ""
    unit = counted_unit(statement)
    if dosage.unit or not statement.dose_text or not _counts(dosage):
        return render(dosage, language, unit)
    at_most_of_what = dosage.ceiling is not None and dosage.ceiling.unit is None
    return render(dosage, language, unit) if unit and not at_most_of_what else statement.dose_text


def _certain(statement: Statement) -> Dosage | None:
    reading = statement.read_dose
    if reading and reading.status is ReadStatus.OK and reading.dosage:
        return reading.dosage
    return statement.dosage if not statement.dose_text else None


def _counts(dosage: Dosage) -> bool:
    """Whether an amount stands in the sentence, for which a unit makes a difference."""
    return render(dosage, unit="tablett") != render(dosage)


def counted_unit(statement: Statement) -> str | None:
    """What an amount without a unit counts: by the source's structure, else by its drug form where that is one piece.

    `None` where neither says it (a mixture, a powder, two forms in one pack): a unit is never guessed.
    """
    if statement.dosage and statement.dosage.unit:
        return statement.dosage.unit
    form = (form_name(statement.form_code) if statement.form_code else "") or statement.form or ""
    pieces = {m[1].lower() for m in _PIECE.finditer(form)}
    return pieces.pop() if len(pieces) == 1 and not _NO_PIECE.search(form) else None


def flag_json(flag: Discrepancy, standing: Standing | None, language: str) -> Json:
    """A discrepancy with its sentence and action."""
    return {
        "id": standing.id if standing else f"{flag.code}:{flag.about}",
        "code": flag.code,
        "name": wording.name(flag.code, language),
        "about": flag.about,
        "lines": list(flag.lines),
        "severity": flag.severity.value,
        "owner": flag.owner.value,
        "also": [actor.value for actor in flag.also],
        "text": wording.sentence(flag, language),
        "action": wording.action(flag, language),
        "evidence": list(flag.evidence),
        "closes_when": wording.closes(flag, language),
        "state": standing.state if standing else None,
        "first_seen": standing.first_seen.isoformat() if standing else None,
    }


def _fact_json(fact: Fact) -> Json:
    value = fact.value
    return {
        "value": value if isinstance(value, str | bool | int | None) else _plain(value),
        "evidence": list(fact.evidence),
        "rule": fact.rule,
    }


def _plain(value: object) -> object:
    """Facts travel as text: exact decimals, ISO days, lists of them."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
