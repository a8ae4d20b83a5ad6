"""Discrepancies through time: opened, closed, opened again, each under an id that stays.

The id is given when (person, code, about) first opens and stays while it is open; true again within 30 days of closing
it is the same one, reopened; later it is a new one. Only judgement closes a flag; people acknowledge, snooze, explain.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock, values
from medrec.glance import Asked
from medrec.records import discrepancy
from rules.conclusion import Discrepancy, Severity

REOPENS_WITHIN = timedelta(days=30)


class FlagStatus(StrEnum):
    """Where a discrepancy stands (contract, discrepancy state)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    INTENDED = "intended"
    SENT = "sent"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class FlagState:
    """How a discrepancy stands in the store. `until`: the day a snooze ends (first day it is open again)."""

    id: str
    state: FlagStatus
    first_seen: datetime
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """What a judgement did to a person's flags, as discrepancy ids."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.reopened)


Key = tuple[str, str]

WAITING = frozenset({FlagStatus.OPEN, FlagStatus.ACKNOWLEDGED, FlagStatus.SENT})
"""States in which a flag still waits for somebody."""
_EVERY = Asked(
    select(discrepancy)
    .where(discrepancy.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(discrepancy.c.opened_at, discrepancy.c.id)
)
_OPEN = Asked(insert(discrepancy))
_CLOSE = Asked(
    update(discrepancy)
    .where(discrepancy.c.id.in_(bindparam("flags", expanding=True)))
    .values(closed_at=bindparam("now"), state=FlagStatus.CLOSED.value, state_until=None)
)
_RENEW = Asked(update(discrepancy).where(discrepancy.c.id == bindparam("flag")).values(closed_at=None))
_RAISED = func.coalesce(discrepancy.c.reopened_at, discrepancy.c.opened_at)
_SERIOUS_SINCE = Asked(
    select(discrepancy.c.person_id, func.min(_RAISED))
    .where(
        discrepancy.c.person_id.in_(bindparam("persons", expanding=True)),
        discrepancy.c.closed_at.is_(None),
        discrepancy.c.rank >= Severity.HIGH.rank,
        discrepancy.c.state != FlagStatus.INTENDED.value,
    )
    .group_by(discrepancy.c.person_id)
)


class Settled(NamedTuple):
    """What settling did: the moves, whether any state changed besides, and what now waits (as `worst_open`)."""

    moves: Moves
    changed: bool
    waiting: tuple[int, datetime | None]


def settle(session: Session, person_id: str, raised: Iterable[Discrepancy], today: date) -> Settled:
    """Bring the ledger to what was just concluded of a person."""
    return settle_all(session, {person_id: raised}, today)[person_id]


def settle_all(session: Session, raised: Mapping[str, Iterable[Discrepancy]], today: date) -> dict[str, Settled]:
    """Bring the ledger to what was just concluded of some persons."""
    kept: dict[str, list[Row[Any]]] = {person_id: [] for person_id in raised}
    for row in _EVERY.all(session, {"persons": list(raised)}):
        kept[row.person_id].append(row)
    writes = _Writes([], [], [], clock.now())
    settled = {p: _settle(writes, p, kept[p], _worst_of_each(raised[p]), today) for p in raised}
    _OPEN.each(session, writes.opening)
    _RENEW.each(session, writes.renewing)
    if writes.closing:
        _CLOSE.each(session, [{"flags": writes.closing, "now": writes.now}])
    return settled


class _Writes(NamedTuple):
    """What is to be written of some persons' flags: new rows, rows anew, ids of those that close; and the moment."""

    opening: list[dict[str, Any]]
    renewing: list[dict[str, Any]]
    closing: list[str]
    now: datetime


def _settle(
    writes: _Writes, person_id: str, kept: Sequence[Row[Any]], wanted: Mapping[Key, Discrepancy], today: date
) -> Settled:
    """What settling does to one person's flags; added to `writes`."""
    now, standing = writes.now, _one_of_each(kept)
    opened, reopened, changed, waiting = [], [], False, []
    for key in sorted(wanted):
        flag, row, state, since = wanted[key], standing.get(key), _first_state(wanted[key]), now
        if row is None or (row.closed_at is not None and now - row.closed_at > REOPENS_WITHIN):
            opened.append(_new_id(person_id, flag, kept))
            writes.opening.append(_opening(opened[-1], person_id, flag, now))
        elif row.closed_at is not None:
            writes.renewing.append(_renewed(row, flag, state, reopened_at=now))
            reopened.append(row.id)
            since = row.opened_at
        else:
            state, since = _state_now(row, flag, today), row.opened_at
            moved = state.value != row.state
            changed |= moved
            if moved or row.content != values.dump(flag):
                writes.renewing.append(_renewed(row, flag, state, reopened_at=row.reopened_at))
        if state in WAITING:
            waiting.append((flag.severity.rank, since))
    stays = {row.id for key, row in standing.items() if key in wanted}
    gone = [row.id for row in sorted(kept, key=_key) if row.closed_at is None and row.id not in stays]
    writes.closing.extend(gone)
    return Settled(Moves(tuple(opened), tuple(gone), tuple(reopened)), changed, _worst(waiting))


def serious_since(session: Session, person_ids: Collection[str]) -> dict[str, date]:
    """By person the day the oldest flag still open was raised, of those high or critical, where there is one (G06)."""
    rows = _SERIOUS_SINCE.all(session, {"persons": list(person_ids)})
    return {person_id: clock.day_of(oldest) for person_id, oldest in rows}


def _worst_of_each(raised: Iterable[Discrepancy]) -> dict[Key, Discrepancy]:
    wanted: dict[Key, Discrepancy] = {}
    for flag in raised:
        known = wanted.get((flag.code, flag.about))
        if known is None or flag.severity.rank > known.severity.rank:
            wanted[(flag.code, flag.about)] = flag
    return wanted


def _key(row: Row[Any]) -> Key:
    return row.code, row.about


def _one_of_each(rows: Iterable[Row[Any]]) -> dict[Key, Row[Any]]:
    """The row each flag stands by, of rows as they were opened: the open one, else the newest.

    Where two are open (of two persons found to be one) the first: it has waited longest.
    """
    found: dict[Key, Row[Any]] = {}
    for row in rows:
        if (known := found.get(_key(row))) is None or known.closed_at is not None:
            found[_key(row)] = row
    return found


def _standing(session: Session, person_id: str) -> dict[Key, Row[Any]]:
    return _one_of_each(_EVERY.all(session, {"persons": [person_id]}))


def _new_id(person_id: str, flag: Discrepancy, kept: Sequence[Row[Any]]) -> str:
    """The id of a flag that is raised once more: by how often it was, beyond what a joining brought and took again."""
    taken, times = {row.id for row in kept}, sum(_key(row) == (flag.code, flag.about) for row in kept)
    told = ("\x1f".join((person_id, flag.code, flag.about, str(number))) for number in count(times + 1))
    ids = (hashlib.sha256(one.encode()).hexdigest()[:24] for one in told)
    return next(one for one in ids if one not in taken)


def _opening(flag_id: str, person_id: str, flag: Discrepancy, now: datetime) -> dict[str, Any]:
    row = {"id": flag_id, "person_id": person_id, "code": flag.code, "about": flag.about, "opened_at": now}
    return row | _content(flag) | {"state": _first_state(flag).value}


def _first_state(flag: Discrepancy) -> FlagStatus:
    return FlagStatus.INTENDED if flag.intended else FlagStatus.OPEN


def _content(flag: Discrepancy) -> dict[str, Any]:
    return {
        "severity": flag.severity.value,
        "rank": flag.severity.rank,
        "owner": flag.owner.value,
        "content": values.dump(flag),
    }


def _state_now(row: Row[Any], flag: Discrepancy, today: date) -> FlagStatus:
    """A flag that is still true keeps its state, but for a snooze that ran out, an intent that fell, a worse turn."""
    state = FlagStatus(row.state)
    worse = flag.severity.rank > int(row.rank)
    ran_out = state is FlagStatus.SNOOZED and row.state_until <= today
    outgrown = worse and state in {FlagStatus.ACKNOWLEDGED, FlagStatus.SNOOZED}
    if flag.intended:
        return FlagStatus.INTENDED
    return FlagStatus.OPEN if state is FlagStatus.INTENDED or ran_out or outgrown else state


def _renewed(row: Row[Any], flag: Discrepancy, state: FlagStatus, *, reopened_at: datetime | None) -> dict[str, Any]:
    """An open flag's row as it is from now on."""
    until = row.state_until if state is FlagStatus.SNOOZED else None
    return _content(flag) | {"flag": row.id, "state": state.value, "state_until": until, "reopened_at": reopened_at}


def states(session: Session, person_id: str) -> Mapping[Key, FlagState]:
    """How each flag of a person stands, by (code, about): the open one, else the newest of each."""
    return {
        key: FlagState(row.id, FlagStatus(row.state), row.opened_at, row.state_until)
        for key, row in _standing(session, person_id).items()
    }


def move(session: Session, discrepancy_id: str, state: FlagStatus, *, until: date | None = None) -> None:
    """Set the state of an open flag, by a person's act."""
    session.execute(
        update(discrepancy).where(discrepancy.c.id == discrepancy_id).values(state=state.value, state_until=until)
    )


def worst_open(session: Session, person_id: str) -> tuple[int, datetime | None]:
    """Rank of the worst flag that waits for somebody (-1 when none does), and since when the oldest has waited."""
    return _worst([(r.rank, r.opened_at) for r in _standing(session, person_id).values() if r.state in WAITING])


def _worst(waiting: Collection[tuple[int, datetime]]) -> tuple[int, datetime | None]:
    return (max(rank for rank, _ in waiting), min(since for _, since in waiting)) if waiting else (-1, None)


SEVERITY_OF_RANK: Mapping[int, Severity] = {s.rank: s for s in Severity}
"""The severity a stored rank stands for."""
