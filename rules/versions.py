"""R0 inside one source: of one business id only the newest version speaks; the earlier ones are kept as replaced."""

from collections.abc import Iterable
from datetime import date

from formats.statement import Kind, Statement

_EVENTS = frozenset({Kind.DISPENSING, Kind.REVOCATION, Kind.OBSERVATION})
"""Each of these is an event of its own, also when it names the same prescription."""
Order = tuple[int, date]


def replaced_versions(statements: Iterable[Statement]) -> dict[str, str]:
    """Statements that a later version of the same entry in the same source has replaced, and by which: id by id.

    "" where it is another entry that says so.
    The version number decides, then the day it was recorded, else decided; equal ones both stand. A prescription that
    another one names as replaced is not among them: while the registry has it as valid it can be handed out.
    """
    chains: dict[tuple[object, ...], list[Statement]] = {}
    named: set[tuple[object, ...]] = set()
    for s in statements:
        if (key := entry_of(s)) and s.kind not in _EVENTS and s.kind is not Kind.MULTIDOSE:
            chains.setdefault(key, []).append(s)
        if s.kind is not Kind.PRESCRIPTION:
            named |= {(s.source, s.source_system, s.kind, r) for r in s.replaces}
    old: dict[str, str] = {}
    for chain in chains.values():
        if len(chain) > 1:
            newest = max(chain, key=lambda s: (order(s), s.id))
            old |= {s.id: newest.id for s in chain if order(s) < order(newest)}
    return old | {s.id: "" for key, chain in chains.items() if key in named for s in chain}


def entry_of(s: Statement) -> tuple[object, ...] | None:
    """The entry of its source that the statement is a version of; `None` where it has no business id."""
    business = s.prescription_id or s.order_id or s.treatment_id
    return (s.source, s.source_system, s.kind, business) if business else None


def order(s: Statement) -> Order:
    """Version number, then day."""
    digits = "".join(c for c in s.version or "" if c.isdigit())
    return (int(digits) if digits else 0, s.recorded or s.decided or date.min)
