"""What waits for whom: patients by their worst open flag, discrepancies one by one, and what people did."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from medrec import clock, ledger, values
from medrec.glance import Asked
from medrec.ledger import SEVERITY_OF_RANK, FlagStatus
from medrec.records import action, discrepancy, list_head, roster
from medrec.roster import in_force
from rules.conclusion import Discrepancy, Owner, Severity

T = TypeVar("T")

WAITING = ledger.WAITING
"""States in which a flag still waits for somebody."""
_WAITS: ColumnElement[bool] = discrepancy.c.closed_at.is_(None) & discrepancy.c.state.in_(sorted(WAITING))
_RANKS = {-1, *SEVERITY_OF_RANK}
"""By which patients and flags are ordered: a severity's, -1 for nothing open."""


class BadCursor(ValueError):  # noqa: N818 - an answer to the caller
    """A cursor that this list did not give."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list; `cursor` continues after it, `None` at the end."""

    rows: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One patient on the worklist. `counts`: open flags of each severity; `oldest`: since when the oldest waits."""

    person_id: str
    district: str
    next_visit: datetime | None
    worst: Severity | None
    counts: Mapping[Severity, int]
    oldest: datetime | None
    version: int
    revision: int
    complete: bool
    judged_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRow:
    """One discrepancy as it stands, with the list (version, revision) it stands on."""

    id: str
    person_id: str
    code: str
    about: str
    severity: Severity
    owner: Owner
    flag: Discrepancy
    state: FlagStatus
    opened_at: datetime
    reopened_at: datetime | None
    closed_at: datetime | None
    until: date | None
    version: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionNote:
    """One thing somebody did."""

    id: str
    kind: str
    discrepancy_id: str | None
    data: Mapping[str, Any]
    by_id: str
    by_name: str
    by_role: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None


def worklist(
    session: Session,
    *,
    district: str | None = None,
    severity: Severity | None = None,
    owner: Owner | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[WorkRow]:
    """Patients in care today, the worst open flag first. `severity` and `owner`: of some open flag."""
    today = clock.today()
    waits = [_WAITS]
    if severity is not None:
        waits.append(discrepancy.c.severity == severity.value)
    if owner is not None:
        waits.append(discrepancy.c.owner == owner.value)
    query = _in_care(today, district)
    if severity is not None or owner is not None:
        query = query.where(list_head.c.person_id.in_(select(discrepancy.c.person_id).where(*waits)))
    if after is not None:
        worst, person_id = _cursor(after)
        query = query.where(
            or_(list_head.c.worst < worst, and_(list_head.c.worst == worst, list_head.c.person_id > person_id))
        )
    found = session.execute(query.order_by(list_head.c.worst.desc(), list_head.c.person_id).limit(limit + 1)).all()
    counts = _counts(session, [row.person_id for row in found])
    rows = tuple(_work_row(row, counts.get(row.person_id, {})) for row in found[:limit])
    more = len(found) > limit
    return Page(rows, _as_cursor(found[limit - 1].worst, found[limit - 1].person_id) if more else None)


def _in_care(today: date, district: str | None) -> Any:  # noqa: ANN401 - SQLAlchemy's own type spells every column
    cared_for = in_force(today) if district is None else in_force(today) & (roster.c.district == district)
    newest = select(func.max(roster.c.id).label("id")).where(cared_for).group_by(roster.c.person_id).subquery()
    return (
        select(list_head, roster.c.district, roster.c.next_visit)
        .join(roster, roster.c.person_id == list_head.c.person_id)
        .join(newest, newest.c.id == roster.c.id)
    )


def _counts(session: Session, person_ids: list[str]) -> dict[str, dict[Severity, int]]:
    found: dict[str, dict[Severity, int]] = {}
    rows = session.execute(
        select(discrepancy.c.person_id, discrepancy.c.severity, func.count().label("many"))
        .where(discrepancy.c.person_id.in_(person_ids), _WAITS)
        .group_by(discrepancy.c.person_id, discrepancy.c.severity)
    )
    for row in rows:
        found.setdefault(row.person_id, {})[Severity(row.severity)] = row.many
    return found


def _work_row(row: Row[Any], counts: Mapping[Severity, int]) -> WorkRow:
    return WorkRow(
        person_id=row.person_id,
        district=row.district,
        next_visit=row.next_visit,
        worst=SEVERITY_OF_RANK.get(row.worst),
        counts=counts,
        oldest=row.oldest_open,
        version=row.version,
        revision=row.revision,
        complete=row.complete,
        judged_on=row.judged_on,
    )


def open_discrepancies(
    session: Session,
    *,
    person_id: str | None = None,
    district: str | None = None,
    severity: Severity | None = None,
    owner: Owner | None = None,
    state: FlagStatus | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[FlagRow]:
    """Discrepancies that are not closed, the worst first. `state=closed` lists the closed ones."""
    closed = state is FlagStatus.CLOSED
    wanted: list[ColumnElement[bool]] = [
        discrepancy.c.closed_at.is_not(None) if closed else discrepancy.c.closed_at.is_(None)
    ]
    told = {"person_id": person_id, "severity": severity, "owner": owner, "state": state}
    wanted += [discrepancy.c[name] == value for name, value in told.items() if value is not None]
    if district is not None:
        mine = _in_care(clock.today(), district).with_only_columns(roster.c.person_id)
        wanted.append(discrepancy.c.person_id.in_(mine))
    if after is not None:
        rank, flag_id = _cursor(after)
        wanted.append(or_(discrepancy.c.rank < rank, and_(discrepancy.c.rank == rank, discrepancy.c.id > flag_id)))
    query = _flags().where(*wanted).order_by(discrepancy.c.rank.desc(), discrepancy.c.id).limit(limit + 1)
    found = session.execute(query).all()
    more = len(found) > limit
    return Page(
        tuple(map(_flag_row, found[:limit])), _as_cursor(found[limit - 1].rank, found[limit - 1].id) if more else None
    )


def flag(session: Session, discrepancy_id: str) -> FlagRow | None:
    """One discrepancy, open or closed."""
    row = session.execute(_flags().where(discrepancy.c.id == discrepancy_id)).first()
    return None if row is None else _flag_row(row)


def _flags() -> Any:  # noqa: ANN401 - SQLAlchemy's own type spells every column
    return select(discrepancy, list_head.c.version, list_head.c.revision).join(
        list_head, list_head.c.person_id == discrepancy.c.person_id
    )


def _flag_row(row: Row[Any]) -> FlagRow:
    return FlagRow(
        id=row.id,
        person_id=row.person_id,
        code=row.code,
        about=row.about,
        severity=Severity(row.severity),
        owner=Owner(row.owner),
        flag=values.load(Discrepancy, row.content),
        state=FlagStatus(row.state),
        opened_at=row.opened_at,
        reopened_at=row.reopened_at,
        closed_at=row.closed_at,
        until=row.state_until,
        version=row.version,
        revision=row.revision,
    )


_HISTORY = Asked(
    select(action).where(action.c.person_id == bindparam("person")).order_by(action.c.at.desc(), action.c.id)
)


def history(session: Session, person_id: str) -> tuple[ActionNote, ...]:
    """What people did to a person's list, newest first, undone acts included."""
    return tuple(
        ActionNote(
            id=row.id,
            kind=row.kind,
            discrepancy_id=row.discrepancy_id,
            data=json.loads(row.data),
            by_id=row.by_id,
            by_name=row.by_name,
            by_role=row.by_role,
            at=row.at,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
        )
        for row in _HISTORY.all(session, {"person": person_id})
    )


def _as_cursor(*told: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _cursor(text: str) -> tuple[int, str]:
    """Rank and id of the last row before; raises `BadCursor` for anything this list did not give."""
    try:
        rank, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError) as wrong:
        raise BadCursor from wrong
    if type(rank) is not int or rank not in _RANKS or not isinstance(row_id, str) or not row_id.isalnum():
        raise BadCursor
    return rank, row_id
