"""What a judgement today would change, before anything is: lists, flags and notices by kind, with examples.

Meant for the hour before a new rule set or drug catalogue is adopted. Nothing is stored.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from medrec import listing
from medrec.difference import Change, differences
from medrec.ledger import FlagState, FlagStatus
from medrec.listing import StoredList
from medrec.notices.policy import ALSO_TOLD, WHEN, is_tidy
from rules.conclusion import Discrepancy, Owner, Reconciliation

EXAMPLES = 3
"""Told of each kind."""
WRITTEN_TO = frozenset({Owner.GP, Owner.HOSP, Owner.PHARM})
Key = tuple[str, str]
_NOTHING = Reconciliation(
    lines=(), discrepancies=(), suppressed=(), aside=(), gaps=(), complete=True, rule_set="", catalogue=""
)


@dataclass(frozen=True, slots=True)
class Example:
    """Where something would change: the person's opaque id, and the line or flag."""

    person: str
    about: str
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Foreseen:
    """All persons together. Kinds are `line-came`, `status` ... for lists; (code, move) for flags and notices."""

    judged: int = 0
    changed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stored_by: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(rule set, catalogue) -> stored lists they judged."""
    judged_by: tuple[str, str] = ("", "")
    lists: Counter[str] = field(default_factory=Counter)
    flags: Counter[Key] = field(default_factory=Counter)
    notices: Counter[Key] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))

    def show(self, kind: str, example: Example) -> None:
        """Keep it as an example while there are few."""
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(example)


def look(session: Session, person_id: str, today: date, told: Foreseen) -> None:
    """Judge one person and add what would change to `told`; a person that can't be judged is noted as failed."""
    told.judged += 1
    held = listing.current_list(session, person_id)
    try:
        fresh = listing.conclude(session, person_id, today)[1]
    except Exception:  # noqa: BLE001 - a dry run tells of every person, whatever one of them does
        told.failed.append(person_id)
        return
    told.judged_by = (fresh.rule_set, fresh.catalogue)
    if held is not None:
        told.stored_by[held.reconciliation.rule_set, held.reconciliation.catalogue] += 1
    if held is not None and held.reconciliation.digest == fresh.digest:
        return
    told.changed.append(person_id)
    old = held.reconciliation if held else _NOTHING
    for what in differences(old, fresh):
        if what.change not in {Change.FLAG_OPENED, Change.FLAG_CLOSED}:
            told.lists[what.change.value] += 1
            told.show(what.change.value, Example(person_id, what.about, what.before, what.after))
    for move in _moves(old, fresh):
        _note_move(told, person_id, move, held)


@dataclass(frozen=True, slots=True)
class _Move:
    name: str
    flag: Discrepancy
    before: str = ""
    after: str = ""


def _moves(old: Reconciliation, new: Reconciliation) -> Iterator[_Move]:
    before, after = _worst(old), _worst(new)
    for key, flag in after.items():
        known = before.get(key)
        if known is None:
            yield _Move("opens", flag, after=flag.severity.value)
        elif known.severity is not flag.severity:
            name = "rises" if flag.severity.rank > known.severity.rank else "falls"
            yield _Move(name, flag, known.severity.value, flag.severity.value)
    for key, flag in before.items():
        if key not in after:
            yield _Move("closes", flag, before=flag.severity.value)


def _worst(told: Reconciliation) -> Mapping[Key, Discrepancy]:
    return {(f.code, f.about): f for f in sorted(told.discrepancies, key=lambda f: f.severity.rank)}


def _note_move(told: Foreseen, person_id: str, move: _Move, held: StoredList | None) -> None:
    flag = move.flag
    told.flags[flag.code, move.name] += 1
    told.show(f"{flag.code} {move.name}", Example(person_id, flag.about, move.before, move.after))
    state: FlagState | None = held.flags.get((flag.code, flag.about)) if held else None
    if move.name in {"opens", "rises"} and is_written(flag):
        told.notices[flag.code, "written"] += 1
    elif move.name == "closes" and state is not None and state.state is FlagStatus.SENT:
        told.notices[flag.code, "told as solved"] += 1


def is_written(flag: Discrepancy) -> bool:
    """It warrants a letter of its own to somebody outside the home care (policy of notices)."""
    also = set(flag.also) & ALSO_TOLD.get(flag.code, frozenset())
    to_whom = ({flag.owner} | also) & WRITTEN_TO
    return bool(to_whom) and WHEN[flag.severity].alone and not (is_tidy(flag.code, flag.severity) or flag.intended)
