"""The fetch log: every attempt to read a source leaves its outcome, so that the list can say who was read when."""

from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.orm import Session

from formats.statement import Source
from medrec import clock, persons
from medrec.records import fetch


class FetchOutcome(StrEnum):
    """How a fetch ended."""

    OK = "ok"
    FAILED = "failed"


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
) -> None:
    """Write down a fetch. `code`: why it failed, from a closed set of the fetching module; never the answer's text.

    A failure marks the person: a source that was never read is then *failed*, not merely *not read*.
    """
    session.execute(
        insert(fetch).values(
            channel=channel,
            outcome=outcome.value,
            person_id=person_id,
            source=source.value if source else None,
            code=code,
            seconds=seconds,
            message_id=message_id,
            at=clock.now(),
        )
    )
    if outcome is FetchOutcome.FAILED and person_id is not None:
        persons.mark_dirty(session, [person_id])
