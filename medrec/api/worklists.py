"""The worklist, acts on its discrepancies, and the changes that others follow."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from medrec import clock, feed, wording, worklist
from medrec.access import log, relation
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.actions import ActionKind
from medrec.api import schemas
from medrec.api.description import LANGUAGE, Room
from medrec.api.lists import act
from medrec.api.problems import ProblemError
from medrec.ledger import FlagStatus
from medrec.present import flag_json
from medrec.worklist import FlagRow
from rules.conclusion import Owner, Severity

work = Room("discrepancies", __name__, "Discrepancies and changes")


@work.get("/discrepancies")
@work.arguments(schemas.WorklistQuery, location="query")
@work.response(200, schemas.Worklist)
@work.doc(parameters=[LANGUAGE])
@needs(Need.WORKLIST)
def discrepancies(wanted: dict[str, Any]) -> dict[str, object]:
    """Discrepancies, the worst first, by page; closed ones with state=closed.

    A page may hold fewer than `limit`: persons whom the system may not see are left out. Go on while there is a cursor.
    """
    language = wording.language_of(request.headers.get("Accept-Language"))
    after = _opened(wanted["cursor"]) if "cursor" in wanted else None
    with database().writing() as session:
        page = worklist.open_discrepancies(
            session,
            severity=Severity(wanted["severity"]) if "severity" in wanted else None,
            owner=Owner(wanted["owner"]) if "owner" in wanted else None,
            state=FlagStatus(wanted["state"]) if "state" in wanted else None,
            district=wanted.get("district"),
            after=after,
            limit=wanted["limit"],
        )
        seen = {p: relation.sees(session, user(), p, clock.today()) for p in {row.person_id for row in page.rows}}
        rows = [row for row in page.rows if seen[row.person_id]]
        log.record(
            session, user(), "read-worklist", why="COC", detail={"rows": len(rows)}, whom={r.person_id for r in rows}
        )
    cursor = _sealed(page.cursor) if page.cursor else None
    return {"discrepancies": [_flag(row, language) for row in rows], "cursor": cursor}


def _flag(row: FlagRow, language: str) -> dict[str, object]:
    told = flag_json(row.flag, None, language)
    return told | {
        "id": row.id,
        "state": row.state.value,
        "first_seen": row.opened_at.isoformat(),
        "patient": row.person_id,
        "etag": f'"{row.version}.{row.revision}"',
        "until": row.until.isoformat() if row.until else None,
    }


def _mac(cursor: str) -> str:
    return database().vault.index("cursor", cursor)[:20]


def _sealed(cursor: str) -> str:
    """A cursor with our mark, so that nobody makes one."""
    return f"{cursor}.{_mac(cursor)}"


def _opened(text: str) -> str:
    cursor, _, mark = text.rpartition(".")
    if not cursor.isascii() or mark != _mac(cursor):
        raise ProblemError(code="bad-cursor")
    return cursor


def _person_of(discrepancy: str) -> str:
    with database().reading() as session:
        row = worklist.flag(session, discrepancy)
    if row is None:
        raise ProblemError(code="not-found")
    return row.person_id


def _act(discrepancy: str, kind: ActionKind, told: Mapping[str, Any]) -> Response:
    return act(_person_of(discrepancy), kind, {**told, "discrepancy": discrepancy})


@work.act("/discrepancies/<opaque:discrepancy>/acknowledge", schemas.Acknowledge)
def acknowledge(told: dict[str, Any], discrepancy: str) -> Response:
    """Seen; it stays open."""
    return _act(discrepancy, ActionKind.ACKNOWLEDGE, told)


@work.act("/discrepancies/<opaque:discrepancy>/snooze", schemas.Snooze)
def snooze(told: dict[str, Any], discrepancy: str) -> Response:
    """Put off for at most seven days; never a critical one."""
    return _act(discrepancy, ActionKind.SNOOZE, told)


@work.act("/discrepancies/<opaque:discrepancy>/intended", schemas.Intended)
def intended(told: dict[str, Any], discrepancy: str) -> Response:
    """As a named prescriber wants it; a critical one needs the written reply."""
    return _act(discrepancy, ActionKind.INTENDED, told)


@work.get("/changes")
@work.arguments(schemas.Since, location="query")
@work.response(200, schemas.Changes)
@needs(Need.SEE_LIST)
def changes(wanted: dict[str, Any]) -> dict[str, object]:
    """What changed, in commit order and without gaps: each at least once, for a follower that keeps its cursor.

    Changes of a blocked list are left out while the block stands; lifting it is a change of its own.
    """
    since, limit = int(wanted["since"]), wanted["limit"]
    with database().writing() as session:
        if since > feed.last_position(session):
            raise ProblemError(code="cursor-ahead")
        found = feed.changes(session, since, limit + 1)
        rows = found[:limit]
        shut = relation.blocked(session, {c.person_id for c in rows})
        shown = [c for c in rows if c.person_id not in shut]
        if shown:
            log.record(session, user(), "read-changes", detail={"rows": len(shown)}, whom={c.person_id for c in shown})
    told = [
        {"patient": c.person_id, "kind": c.kind, "version": c.version, "revision": c.revision, "at": c.at}
        for c in shown
    ]
    cursor = str(rows[-1].position if rows else since)
    return {"changes": told, "cursor": cursor, "more": len(found) > limit}
