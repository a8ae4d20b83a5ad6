"""Discrepancies through time: opened, closed, opened again, each under an id that stays.

The id is given when (person, code, about) first opens and stays while it is open; true again within 30 days of closing
it is the same one, reopened; later it is a new one. Only judgement closes a flag; people acknowledge, snooze, explain.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock, values
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

_ALL_OF = select(discrepancy).where(discrepancy.c.person_id == bindparam("person")).order_by(discrepancy.c.opened_at)


def settle(session: Session, person_id: str, raised: Iterable[Discrepancy], today: date) -> tuple[Moves, bool]:
    """Bring the ledger to what was just concluded. Returns the moves, and whether any state changed besides."""
    now = clock.now()
    wanted = _worst_of_each(raised)
    latest = _latest(session, person_id)
    opened, reopened, changed = [], [], False
    for key in sorted(wanted):
        flag, row = wanted[key], latest.get(key)
        if row is None or (row.closed_at is not None and now - row.closed_at > REOPENS_WITHIN):
            opened.append(_open(session, person_id, flag, _number_after(session, person_id, key), now))
        elif row.closed_at is not None:
            _renew(session, row, flag, _first_state(flag), now, reopened=True)
            reopened.append(row.id)
        else:
            changed |= _keep_open(session, row, flag, today, now)
    gone = [row for key, row in sorted(latest.items()) if row.closed_at is None and key not in wanted]
    for row in gone:
        closing = {"closed_at": now, "state": FlagStatus.CLOSED.value, "state_until": None}
        session.execute(update(discrepancy).where(discrepancy.c.id == row.id).values(**closing))
    return Moves(tuple(opened), tuple(row.id for row in gone), tuple(reopened)), changed


def serious_since(session: Session, person_id: str) -> date | None:
    """The day the oldest flag still open was raised, of those high or critical; `None` where there is none (G06)."""
    since = func.coalesce(discrepancy.c.reopened_at, discrepancy.c.opened_at)
    mine = (discrepancy.c.person_id == person_id, discrepancy.c.closed_at.is_(None))
    serious = (discrepancy.c.rank >= Severity.HIGH.rank, discrepancy.c.state != FlagStatus.INTENDED.value)
    oldest = session.scalar(select(since).where(*mine, *serious).order_by(since).limit(1))
    return clock.day_of(oldest) if oldest else None


def _worst_of_each(raised: Iterable[Discrepancy]) -> dict[Key, Discrepancy]:
    wanted: dict[Key, Discrepancy] = {}
    for flag in raised:
        known = wanted.get((flag.code, flag.about))
        if known is None or flag.severity.rank > known.severity.rank:
            wanted[(flag.code, flag.about)] = flag
    return wanted


def _latest(session: Session, person_id: str) -> dict[Key, Row[Any]]:
    rows = session.execute(_ALL_OF, {"person": person_id})
    return {(row.code, row.about): row for row in rows}


def _number_after(session: Session, person_id: str, key: Key) -> int:
    mine = (discrepancy.c.person_id == person_id, discrepancy.c.code == key[0], discrepancy.c.about == key[1])
    return len(session.execute(select(discrepancy.c.id).where(*mine)).all()) + 1


def _open(session: Session, person_id: str, flag: Discrepancy, number: int, now: datetime) -> str:
    told = "\x1f".join((person_id, flag.code, flag.about, str(number)))
    flag_id = hashlib.sha256(told.encode()).hexdigest()[:24]
    row = {"id": flag_id, "person_id": person_id, "code": flag.code, "about": flag.about, "opened_at": now}
    session.execute(insert(discrepancy).values(**row, **_content(flag), state=_first_state(flag).value))
    return flag_id


def _first_state(flag: Discrepancy) -> FlagStatus:
    return FlagStatus.INTENDED if flag.intended else FlagStatus.OPEN


def _content(flag: Discrepancy) -> dict[str, Any]:
    return {
        "severity": flag.severity.value,
        "rank": flag.severity.rank,
        "owner": flag.owner.value,
        "content": values.dump(flag),
    }


def _keep_open(session: Session, row: Row[Any], flag: Discrepancy, today: date, now: datetime) -> bool:
    """A flag that is still true keeps its state, but for a snooze that ran out, an intent that fell, a worse turn."""
    state = FlagStatus(row.state)
    worse = flag.severity.rank > int(row.rank)
    ran_out = state is FlagStatus.SNOOZED and row.state_until <= today
    outgrown = worse and state in {FlagStatus.ACKNOWLEDGED, FlagStatus.SNOOZED}
    if flag.intended:
        state = FlagStatus.INTENDED
    elif state is FlagStatus.INTENDED or ran_out or outgrown:
        state = FlagStatus.OPEN
    if state.value == row.state and row.content == values.dump(flag):
        return False
    _renew(session, row, flag, state, now)
    return state.value != str(row.state)


def _renew(
    session: Session,
    row: Row[Any],
    flag: Discrepancy,
    state: FlagStatus,
    now: datetime,
    *,
    reopened: bool = False,
) -> None:
    fresh = {**_content(flag), "state": state.value}
    fresh |= {"state_until": row.state_until if state is FlagStatus.SNOOZED else None}
    fresh |= {"closed_at": None, "reopened_at": now} if reopened else {}
    session.execute(update(discrepancy).where(discrepancy.c.id == row.id).values(**fresh))


def states(session: Session, person_id: str) -> Mapping[Key, FlagState]:
    """How each flag of a person stands, by (code, about): the newest of each."""
    return {
        (row.code, row.about): FlagState(row.id, FlagStatus(row.state), row.opened_at, row.state_until)
        for row in _latest(session, person_id).values()
    }


def move(session: Session, discrepancy_id: str, state: FlagStatus, *, until: date | None = None) -> None:
    """Set the state of an open flag, by a person's act."""
    session.execute(
        update(discrepancy).where(discrepancy.c.id == discrepancy_id).values(state=state.value, state_until=until)
    )


def worst_open(session: Session, person_id: str) -> tuple[int, datetime | None]:
    """Rank of the worst flag that waits for somebody (-1 when none does), and since when the oldest has waited."""
    waiting = [
        row
        for row in _latest(session, person_id).values()
        if row.state in {FlagStatus.OPEN, FlagStatus.ACKNOWLEDGED, FlagStatus.SENT}
    ]
    if not waiting:
        return -1, None
    return max(row.rank for row in waiting), min(row.opened_at for row in waiting)


SEVERITY_OF_RANK: Mapping[int, Severity] = {s.rank: s for s in Severity}
"""The severity a stored rank stands for."""
