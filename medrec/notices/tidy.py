"""Ryddeliste: what never warrants a letter of its own, one list for each GP office, sorted by patient.

A dialogue message is about one patient; this list is about many, so it is exported for the municipality's own secure
channel and never queued as a message.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from medrec import clock, persons, roster, wording, worklist
from medrec.notices import policy
from rules.conclusion import Owner


def tidy_lists(session: Session) -> Mapping[str, str]:
    """Text of each GP office's list, by the office's name; an office without anything has none."""
    flags = worklist.open_discrepancies(session, limit=1_000_000).rows
    mine = [f for f in flags if policy.is_tidy(f.code, f.severity) and (f.owner is Owner.GP or f.code == "C01")]
    cares = roster.cares(session, {f.person_id for f in mine}, clock.today())
    cards = persons.names(session, {f.person_id for f in mine})
    offices: dict[str, dict[tuple[str, str], list[str]]] = {}
    for flag in sorted(mine, key=lambda f: (-f.severity.rank, f.code, f.about)):
        care, card = cares.get(flag.person_id), cards.get(flag.person_id)
        if care is None or card is None:
            continue
        number = card.identifiers[0].value if card.identifiers else ""
        asked = wording.action(flag.flag) or "Til orientering."
        lines = offices.setdefault(care.gp.office or "Ukjent legekontor", {}).setdefault((card.name, number), [])
        lines.append(f"- {wording.sentence(flag.flag)} {asked}")
    return {office: _text(office, patients) for office, patients in sorted(offices.items())}


def _text(office: str, patients: Mapping[tuple[str, str], list[str]]) -> str:
    head = f"Ryddeliste for {office}, {wording.day(clock.today())}. Ingenting her haster."
    parts = ["\n".join([f"{name} ({number})", *lines]) for (name, number), lines in sorted(patients.items())]
    return "\n\n".join([head, *parts]) + "\n"
