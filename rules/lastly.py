"""The newest word of each list on a treatment: what it no longer says, and what a later message of it tells anew."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from formats.dosing import Dosage, Step, Steps
from formats.drug import Quantity, folded
from formats.statement import Kind, StatementType
from rules.daily import days_of, dose_today
from rules.dosing import Relation, compare, relation
from rules.identifying import strengths_of
from rules.legible import readable
from rules.matching import EVENTS
from rules.rolls import dated
from rules.versions import entry_of, order
from rules.view import Said, Telling


def last_said(words: list[Said]) -> list[Said]:
    """A newer whole answer without it is no stop: it loses its vote, and what it decided stands.

    Unless the same list still speaks of the treatment: then that is its newest word, and this one is history. Rolls
    have their turn (`rolls.in_turn`).
    """
    told = {(w.place, w.statement.source_system) for w in words if w.statement.said_until is None}
    for w in words:
        in_turn = w.telling is Telling.ACTIVE and dated(w.statement)
        if w.statement.said_until is not None and w.kind not in EVENTS and not in_turn:
            w.gone, w.in_force = True, False
            w.stands_decided = (w.place, w.statement.source_system) not in told
    return words


def last_told(words: list[Said], told: Mapping[str, datetime]) -> list[Said]:
    """Of messages that each tell of some entries of a list, the last one on the treatment speaks for those before it.

    What it repeats of an entry with a date of its own, that entry says. A stop or pause with a date is not undone by a
    going-on without.
    """
    lists: dict[tuple[str, str], list[Said]] = {}
    for w in words:
        if w.is_list and w.in_force:
            lists.setdefault((w.place, w.statement.source_system), []).append(w)
    for entries in lists.values():
        last = max((told[w.id] for w in entries if w.id in told), default=None)
        now = [w for w in entries if last and told.get(w.id) == last]
        for w in entries if now else ():
            if w not in now:
                _told_anew(w, now)
    return words


def _told_anew(w: Said, now: list[Said]) -> None:
    again = None if w.statement.dated_by_envelope else next((n for n in now if states_the_same(n, w)), None)
    if again is not None:
        again.in_force = False
    elif w.weak or w.telling is Telling.ACTIVE or any(n.telling is not Telling.ACTIVE for n in now):
        w.gone, w.in_force = True, False


def still_decided(words: list[Said], replaced: list[Said]) -> list[Said]:
    """R0: a doctor's list that tells its entry again as a copy has decided what it decided by the version before.

    `replaced`: what earlier versions decided, with which the days of copies have been set back (clarification 3).
    """
    for w in words:
        if w.decision or w.unsure or w.kind not in _KEPT_BY_DOCTORS or not (entry := entry_of(w.statement)):
            continue
        own = (o for o in replaced if entry_of(o.statement) == entry and not o.weak)
        before = max(own, key=lambda o: (order(o.statement), o.id), default=None)
        explicit = before is not None and before.statement.type is StatementType.DECISION
        if before and explicit and before.own_day == w.day and states_the_same(before, w):
            w.decision, w.weak, w.settled_by = True, False, "R0"
    return words


_KEPT_BY_DOCTORS = frozenset({Kind.GP_LIST, Kind.PLL})


def repeated_plans(words: list[Said], replaced: list[Said]) -> list[Said]:
    """A copy of a plan that tells no first day begins no plan of its own: its step is that of the plan it repeats.

    As a copy takes the day of the decision it repeats (clarification 3). Typed when the steps were over it may be a new
    beginning that nobody has told of; then it counts its own days, and D09 asks.
    """
    told = [(w.own_day, w.id, w, plan) for w in (*words, *replaced) if w.own_day and (plan := _plan(w))]
    told.sort(key=lambda one: one[:2])
    for n, (day, _, w, plan) in enumerate(told):
        if not _typed_over(w) or w.statement.start:
            continue
        begun = [o for _, _, o, one in told[:n] if not _typed_over(o) and _runs(o, one, day) and _same_plan(one, plan)]
        if begun:
            w.dose, w.dose_said = begun[-1].dose, begun[-1].dose_said
    return words


Plan = tuple[Dosage, tuple[Quantity, ...]]
"""A plan of steps, and the strength its tablets have."""


def _same_plan(one: Plan, other: Plan) -> bool:
    """Equal steps of equal lengths, though one counts tablets and the other milligrams."""
    first, second = ([(s.kind, s.length, s.starts, s.ends) for s in _steps(dosage)] for dosage, _ in (one, other))
    if one == other or first != second or any(s.starts for s in _steps(one[0])):
        return one == other
    day, begin = _ANY_DAY, _ANY_DAY
    for step in _steps(one[0]):
        a, b = (dose_today(dosage, strengths, today=day, plan_start=begin) for dosage, strengths in (one, other))
        if (a or b) and relation(a, b) is not Relation.EQUAL:
            return False
        day += timedelta(days=days_of(step.length, day) or 0)
    return True


_ANY_DAY = date(2000, 1, 1)


def _steps(dosage: Dosage) -> tuple[Step, ...]:
    return dosage.schedule.steps if isinstance(dosage.schedule, Steps) else ()


def _plan(w: Said) -> Plan | None:
    dosage = readable(w.statement, w.identity) if w.telling is Telling.ACTIVE else None
    is_plan = dosage is not None and isinstance(dosage.schedule, Steps)
    return (dosage, strengths_of(w.statement, w.identity.drug)) if dosage and is_plan else None


def _typed_over(w: Said) -> bool:
    """An entry that its list says is a copy, or of a list that only copies."""
    copies = w.statement.type is None and w.kind in {Kind.HOME_LIST, Kind.MULTIDOSE}
    return w.is_list and (copies or w.statement.type is StatementType.COPY)


def _runs(w: Said, plan: Plan, day: date) -> bool:
    """On `day` the plan was in one of its steps that have an end."""
    over = plan[0].starts or w.statement.start or w.statement.decided
    if over is None:
        return False
    for step in _steps(plan[0]):
        days = days_of(step.length, step.starts or over) or 0
        over = step.ends + timedelta(days=1) if step.ends else (step.starts or over) + timedelta(days=days)
    return day < over


def same_dose(a: Said, b: Said) -> bool:
    """The two state the same dose: read and equal, or the very same words."""
    if a.dose and b.dose:
        return compare(a.dose, b.dose) is Relation.EQUAL
    return folded(a.statement.dose_text or "") == folded(b.statement.dose_text or "")


def states_the_same(a: Said, b: Said) -> bool:
    """A stop is a stop, whatever dose stands beside it; else the dose tells."""
    if a.telling in {Telling.STOPPED, Telling.PAUSED} or b.telling in {Telling.STOPPED, Telling.PAUSED}:
        return a.telling is b.telling
    return same_dose(a, b)
