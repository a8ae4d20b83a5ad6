"""The fetch log: every attempt to read a source leaves its outcome, so that the list can say who was read when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from formats.statement import Source
from medrec import clock, persons
from medrec.glance import Asked
from medrec.records import fetch, person


class FetchOutcome(StrEnum):
    """How a fetch ended. PARTIAL: read, but it kept something back or was cut short; REFUSED: we may not ask."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"


UNREAD = frozenset({FetchOutcome.FAILED, FetchOutcome.REFUSED})
_LAST_FETCH = Asked(
    select(fetch.c.at, fetch.c.outcome, fetch.c.code)
    .where(fetch.c.person_id == bindparam("person"), fetch.c.source == bindparam("source"))
    .order_by(fetch.c.at.desc(), fetch.c.id.desc())
    .limit(1)
)
_READ = (FetchOutcome.OK.value, FetchOutcome.PARTIAL.value)
_HOW_EACH_STANDS = Asked(
    select(
        person.c.id,
        *(
            column
            for source in Source
            for column in (
                select(fetch.c.outcome)
                .where(fetch.c.person_id == person.c.id, fetch.c.source == source.value)
                .order_by(fetch.c.at.desc(), fetch.c.id.desc())
                .limit(1)
                .scalar_subquery(),
                select(fetch.c.at)
                .where(fetch.c.person_id == person.c.id, fetch.c.source == source.value, fetch.c.outcome.in_(_READ))
                .order_by(fetch.c.at.desc())
                .limit(1)
                .scalar_subquery(),
            )
        ),
    ).where(person.c.id.in_(bindparam("persons", expanding=True)))
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


class Standing(NamedTuple):
    """How a source stands with its fetches: how the newest ended, and when it was last read, new to say or not."""

    outcome: FetchOutcome
    read_at: datetime | None


def standings(session: Session, person_ids: Iterable[str]) -> dict[str, dict[Source, Standing]]:
    """By person, how each source stands that was ever fetched for them."""
    found = {}
    for person_id, *told in _HOW_EACH_STANDS.all(session, {"persons": list(person_ids)}):
        each = zip(Source, told[::2], told[1::2], strict=True)
        found[person_id] = {
            source: Standing(FetchOutcome(outcome), read) for source, outcome, read in each if outcome is not None
        }
    return found


@dataclass(frozen=True, slots=True)
class LastFetch:
    """How the newest fetch of a source ended. `codes`: what it left out, or why it failed."""

    at: datetime
    outcome: FetchOutcome
    codes: tuple[str, ...]


def last_fetch(session: Session, person_id: str, source: Source) -> LastFetch | None:
    """The newest fetch of a source for a person."""
    for at, outcome, code in _LAST_FETCH.all(session, {"person": person_id, "source": source.value}):
        return LastFetch(at, FetchOutcome(outcome), tuple(filter(None, code.split(","))))
    return None
