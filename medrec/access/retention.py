"""What access keeps no longer than needed: ended sessions, counts of attempts. The log itself is never deleted."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.terms import terms
from medrec.db import settings_in
from medrec.records import attempt, web_session


def _over(session: Session) -> Mapping[str, tuple[Table, ColumnElement[bool]]]:
    told, now = terms(settings_in(session)), clock.now()
    return {
        "sessions": (web_session, web_session.c.ends_at < now - timedelta(days=told.session_days)),
        "attempts": (attempt, attempt.c.window_at < now - timedelta(days=told.attempt_days)),
    }


def due(session: Session) -> dict[str, int]:
    """How many rows of each kind are past their time (the dry run)."""
    return {
        name: session.execute(select(func.count()).select_from(table).where(old)).scalar_one()
        for name, (table, old) in _over(session).items()
    }


def sweep(session: Session) -> dict[str, int]:
    """Delete them; returns how many of each kind."""
    found = due(session)
    for table, old in _over(session).values():
        session.execute(delete(table).where(old))
    return found
