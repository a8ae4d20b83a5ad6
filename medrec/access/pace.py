"""How often: a limit on what could be used to guess (sign-in, search by number), counted in the store.

Counted in fixed windows, so that every process counts together; the counted is a digest, never an address or a name.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from medrec import clock
from medrec.db import is_postgres
from medrec.records import attempt


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `many` of `what` within each window of `per`."""

    what: str
    many: int
    per: timedelta


SIGN_IN = Pace("sign-in", 30, timedelta(minutes=5))
REFUSED = Pace("refused", 30, timedelta(minutes=5))
"""Rows of the log about sign-ins that failed: whoever is not signed in must not be able to fill it."""
SEARCH = Pace("search", 30, timedelta(minutes=5))
SYSTEM_SEARCH = Pace("system-search", 3000, timedelta(minutes=5))
SELF_AUTHORISE = Pace("self-authorise", 10, timedelta(hours=1))


def within(session: Session, pace: Pace, who: str) -> bool:
    """Count one more of it by `who` (an address or a user's id); False where it was one too many."""
    row = {"what": pace.what, "who": hashlib.sha256(who.encode()).hexdigest(), "window_at": _window(pace), "many": 1}
    fresh = postgresql.insert(attempt) if is_postgres(session) else sqlite.insert(attempt)
    counted = fresh.values(row).on_conflict_do_update(
        index_elements=_keys(attempt),
        set_={"many": case((attempt.c.many <= pace.many, attempt.c.many + 1), else_=attempt.c.many)},
    )
    many: int = session.execute(counted.returning(attempt.c.many)).scalar_one()
    return many <= pace.many


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _window(pace: Pace) -> datetime:
    length = int(pace.per.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // length * length, UTC)
