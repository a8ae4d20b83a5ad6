"""Whose list is it: what an office sends that is not the GP of record's, and what the GP before this one sent.

Formats.md section 11: an M25.1 sent by the GP of record is the GP's list, another doctor's is the national one (PLL).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from formats.statement import Kind, Reach, Source
from medrec.glance import Asked
from medrec.records import roster

if TYPE_CHECKING:
    from medrec.casefile import Said

_OFFICES = Asked(
    select(roster.c.person_id, roster.c.gp_her_id)
    .where(roster.c.person_id.in_(bindparam("persons", expanding=True)))
    .distinct()
)
ALONE = "#"
"""In the name of a source's system: what stands after it is the office that alone keeps this list."""
LISTS = ("M25.1", "EPJ-EKSTRAKT")
"""Messages in which an office sends its whole list."""


def ever_of_record(session: Session, person_ids: Collection[str]) -> dict[str, set[str]]:
    """By person the HER-ids of the offices that are, or were, those of the GP of record."""
    found: dict[str, set[str]] = {}
    for person_id, her_id in _OFFICES.all(session, {"persons": list(person_ids)}):
        found.setdefault(person_id, set()).add(her_id)
    return found


def elsewhere(said: "Said", office: str) -> bool:
    """A whole list that another office than that of the GP of record sent as a GP's. `office`: "" where not known."""
    sent = said.source is Source.GP and said.reach is Reach.WHOLE and said.message_type.startswith(LISTS)
    return bool(sent and office and said.sender_her_id and said.sender_her_id != office)


def told_apart(readings: Iterable["Said"], office: str, ever: Collection[str]) -> list["Said"]:
    """The readings, those of other offices as what they are. `ever`: the offices that were of record before.

    An M25.1 becomes the national list, an extract a list of that office alone. What the GP before this one sent stays
    the GP's list, an older one, once the new one has sent theirs.
    """
    every = list(readings)
    own = [r.order for r in every if elsewhere(r, "-") and r.sender_her_id == office]
    newest = max(own, default=None)
    return [
        _another(r) if elsewhere(r, office) and not (r.sender_her_id in ever and newest and r.order < newest) else r
        for r in every
    ]


def _another(said: "Said") -> "Said":
    if not said.message_type.startswith("M25.1"):
        return replace(said, source_system=f"{said.source_system}{ALONE}{said.sender_her_id}")
    kinds = tuple(Kind.PLL if k is Kind.GP_LIST else k for k in said.kinds)
    return replace(said, source=Source.RF, kinds=kinds)
