"""Multidose rolls one after another: which of those that were told of lies at home today (P7)."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import NamedTuple

from formats.statement import Kind, Statement
from rules.view import Said, Telling

ONE_ROLL = timedelta(days=14)
"""Rolls are packed for two weeks; the one after the last that was told may be at home unheard of (proposal)."""


class Begun(NamedTuple):
    """A roll that has begun: who tells of it, its first day, and the day it was last told of."""

    system: str
    first: date
    until: date


def given_out(s: Statement, today: date) -> bool:
    """A roll that ended more than a roll ago, and none told since: nobody gives from it any more."""
    return s.kind is Kind.MULTIDOSE and _ends(s) and s.next_roll is not None and s.next_roll + ONE_ROLL <= today


def _ends(s: Statement) -> bool:
    """The day of the next roll is known; one before the packing is a slip and says nothing."""
    return s.next_roll is not None and (s.packed is None or s.packed <= s.next_roll)


def begun(statements: Iterable[Statement], today: date) -> frozenset[Begun]:
    """The first days of the rolls that have begun, each with the system that tells of it."""
    rolls = (s for s in statements if s.kind is Kind.MULTIDOSE and s.start and s.start <= today)
    return frozenset(Begun(s.source_system, s.start, s.said_until or date.max) for s in rolls if s.start)


def dated(s: Statement) -> bool:
    """A roll of which the first day (else the day it was packed) and the day after the last are known."""
    return s.kind is Kind.MULTIDOSE and (s.start or s.packed) is not None and _ends(s)


def in_turn(words: list[Said], today: date, others: AbstractSet[Begun] = frozenset()) -> list[Said]:
    """Of the rolls of one treatment, those of today's days speak; a roll before or after them is no second one.

    Where none is of today, the last one begun does, else the first to come. One whose announced next roll has begun
    without the medicine (`others`: all rolls of the person that have begun) is over: the roll of today is known. What
    is told of the next roll takes none of today's out of the house.
    """
    rolls = _told_once([w for w in words if w.active and dated(w.statement) and not _taken_back(w, today, others)])
    begun = [w for w in rolls if _first(w) <= today]
    now = [w for w in begun if today < _after(w)]
    if not now and begun:
        now = [w for w in begun if _after(w) == max(map(_after, begun))]
    elif not now:
        now = [w for w in rolls if _first(w) == min(map(_first, rolls))]
    for w in rolls:
        w.in_force = w in now
        if w.in_force and any((b.system, b.first) == (w.statement.source_system, _after(w)) for b in others):
            w.telling = Telling.OVER
    return words


def _taken_back(w: Said, today: date, others: AbstractSet[Begun]) -> bool:
    """No longer told of, and not in its days, or one has begun in its place: told or packed anew, or the one after."""
    s = w.statement
    if s.said_until is None:
        return False
    since = (b for b in others if b.system == s.source_system and b.first >= _first(w) and b.until > s.said_until)
    _at_home(w, at_home=_first(w) <= today < _after(w) and not any(since))
    return w.gone


def _told_once(rolls: list[Said]) -> list[Said]:
    """Of one delivery told of twice on its last day, in other words, one telling is enough: one with a dose."""
    kept: dict[object, Said] = {}
    for w in sorted(rolls, key=lambda w: (w.dose is not None, w.id)):
        s = w.statement
        again = (s.source_system, s.start, s.prescription_id, s.treatment_id, s.order_id) if s.said_until else w.id
        if again in kept:
            _at_home(kept[again], at_home=False)
        kept[again] = w
    return list(kept.values())


def _at_home(w: Said, *, at_home: bool) -> None:
    w.gone, w.in_force = not at_home, at_home


def packed_on(words: Iterable[Said]) -> frozenset[str]:
    """Numbers of the prescriptions that rolls are packed on, those to come and those just over among them."""
    rolls = (w for w in words if w.kind is Kind.MULTIDOSE and w.telling is Telling.ACTIVE)
    return frozenset(number for w in rolls if (number := w.statement.prescription_id))


def _first(w: Said) -> date:
    return w.statement.start or w.statement.packed or date.min


def _after(w: Said) -> date:
    return w.statement.next_roll or date.max
