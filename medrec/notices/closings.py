"""How long flags took to close, kept per kind, GP office and source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from formats.statement import Source
from medrec import clock, listing, roster, values
from medrec.records import closing, discrepancy, notice_item
from medrec.store import put
from rules.conclusion import Discrepancy, Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Of one (kind, GP office, source): how many closed, and the median time from flag to closing."""

    code: str
    gp_office: str
    source: str
    closed: int
    median: timedelta


_NOTED = and_(closing.c.discrepancy_id == discrepancy.c.id, closing.c.closed_at == discrepancy.c.closed_at)
_TOLD_AT = select(func.min(notice_item.c.at)).where(notice_item.c.discrepancy_id == discrepancy.c.id).scalar_subquery()
_NOT_NOTED = (
    select(discrepancy, _TOLD_AT.label("told_at"))
    .outerjoin(closing, _NOTED)
    .where(
        discrepancy.c.person_id == bindparam("person"),
        discrepancy.c.closed_at.is_not(None),
        closing.c.closed_at.is_(None),
    )
)
"""Built once: it is asked in every judgement that changes something."""


def keep(session: Session, person_id: str) -> None:
    """Note every closing of a person that is not noted yet; a reopened flag that closes again is one more."""
    found = session.execute(_NOT_NOTED, {"person": person_id}).all()
    if not found:
        return
    care = roster.care_of(session, person_id, clock.today())
    stored = listing.current_list(session, person_id)
    sources = {i: s.source for i, s in stored.statements.items()} if stored else {}
    put(
        session,
        closing,
        [
            {
                "discrepancy_id": row.id,
                "closed_at": row.closed_at,
                "person_id": person_id,
                "opened_at": row.reopened_at or row.opened_at,
                "told_at": row.told_at,
                "code": row.code,
                "gp_office": care.gp.office if care else "",
                "source": _source(values.load(Discrepancy, row.content).evidence, sources),
            }
            for row in found
        ],
    )


def _source(evidence: Iterable[str], sources: dict[str, Source]) -> str:
    """The source the first statement behind it came from: the one the flag is about."""
    return next((sources[i].value for i in evidence if i in sources), "")


def closing_times(session: Session, since: datetime) -> tuple[Speed, ...]:
    """Per kind, GP office and source what closed at or after `since` (aware), for the overview."""
    groups: dict[tuple[str, str, str], list[timedelta]] = {}
    for row in session.execute(select(closing).where(closing.c.closed_at >= since)):
        groups.setdefault((row.code, row.gp_office, row.source), []).append(row.closed_at - row.opened_at)
    return tuple(
        Speed(code=code, gp_office=office, source=source, closed=len(times), median=middle(times))
        for (code, office, source), times in sorted(groups.items())
    )


def by_office(session: Session, since: datetime) -> dict[str, list[timedelta]]:
    """How long each of the GPs' flags that closed at or after `since` (aware) stood open, by GP office."""
    found: dict[str, list[timedelta]] = {}
    mine = (closing.c.closed_at >= since, discrepancy.c.owner == Owner.GP.value)
    for row in session.execute(
        select(closing).join(discrepancy, discrepancy.c.id == closing.c.discrepancy_id).where(*mine)
    ):
        found.setdefault(row.gp_office or "Ukjent legekontor", []).append(row.closed_at - row.opened_at)
    return found


def middle(times: list[timedelta]) -> timedelta:
    """The median; raises StatisticsError for none."""
    return timedelta(seconds=median(t.total_seconds() for t in times))
