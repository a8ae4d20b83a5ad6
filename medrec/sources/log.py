"""The fetch log: every attempt to read a source leaves its outcome, so that the list can say who was read when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, func, insert, select, union_all
from sqlalchemy.orm import Session

from formats.statement import Source
from medrec import clock, persons
from medrec.records import fetch


class FetchOutcome(StrEnum):
    """How a fetch ended. PARTIAL: read, but it kept something back or was cut short; REFUSED: we may not ask."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"


UNREAD = frozenset({FetchOutcome.FAILED, FetchOutcome.REFUSED})
_LAST_FETCH = (
    select(fetch.c.at, fetch.c.outcome, fetch.c.code)
    .where(fetch.c.person_id == bindparam("person"), fetch.c.source == bindparam("source"))
    .order_by(fetch.c.at.desc(), fetch.c.id.desc())
    .limit(1)
)
_LAST_OF_EACH = union_all(
    *(
        select(
            select(fetch.c.source, fetch.c.outcome)
            .where(fetch.c.person_id == bindparam("person"), fetch.c.source == source.value)
            .order_by(fetch.c.at.desc(), fetch.c.id.desc())
            .limit(1)
            .subquery(source.name.lower())
        )
        for source in Source
    )
)
_READ_AT = select(func.max(fetch.c.at)).where(
    fetch.c.person_id == bindparam("person"),
    fetch.c.source == bindparam("source"),
    fetch.c.outcome.in_((FetchOutcome.OK.value, FetchOutcome.PARTIAL.value)),
)
"""Built once: they are asked in every judgement."""


def note(
    session: Session,
    *,
    channel: str,
    outcome: FetchOutcome,
    person_id: str | None = None,
    source: Source | None = None,
    code: str = "",
    seconds: float | None = None,
    message_id: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write down a fetch. `code`: why it failed, from a closed set of the fetching module; never the answer's text.

    `at`: when the source was asked, now where nothing else is told.

    Where a source begins or ceases to answer the person is marked: one that was never read is then *failed*, not
    merely *not read*. The same failure again changes nothing and wakes nobody.
    """
    before = None if person_id is None or source is None else last(session, person_id, source)
    session.execute(
        insert(fetch).values(
            channel=channel,
            outcome=outcome.value,
            person_id=person_id,
            source=source.value if source else None,
            code=code[:64],
            seconds=seconds,
            message_id=message_id,
            at=at or clock.now(),
        )
    )
    failed, failed_before = outcome in UNREAD, before in UNREAD
    if person_id is not None and (failed if before is None else failed != failed_before):
        persons.mark_dirty(session, [person_id])


def last(session: Session, person_id: str, source: Source) -> FetchOutcome | None:
    """How the newest fetch of a source ended for a person."""
    found = last_fetch(session, person_id, source)
    return found.outcome if found else None


def last_of_each(session: Session, person_id: str) -> dict[Source, FetchOutcome]:
    """How the newest fetch of each source ended for a person; without those that were never fetched."""
    rows = session.execute(_LAST_OF_EACH, {"person": person_id})
    return {Source(source): FetchOutcome(outcome) for source, outcome in rows}


@dataclass(frozen=True, slots=True)
class LastFetch:
    """How the newest fetch of a source ended. `codes`: what it left out, or why it failed."""

    at: datetime
    outcome: FetchOutcome
    codes: tuple[str, ...]


def last_fetch(session: Session, person_id: str, source: Source) -> LastFetch | None:
    """The newest fetch of a source for a person."""
    found = session.execute(_LAST_FETCH, {"person": person_id, "source": source.value}).first()
    if found is None:
        return None
    return LastFetch(found.at, FetchOutcome(found.outcome), tuple(filter(None, found.code.split(","))))


def read_at(session: Session, person_id: str, source: Source) -> datetime | None:
    """When a source was last read for a person, whether or not it had anything new to say."""
    found: datetime | None = session.scalar(_READ_AT, {"person": person_id, "source": source.value})
    return found
