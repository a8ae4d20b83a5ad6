"""Mine pasienter: today's patients, most serious first."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from medrec import clock, persons, roster
from medrec import worklist as stored
from medrec.access import log, relation
from medrec.access.gate import database, needs, paced_search, user
from medrec.access.people import Need
from medrec.actions import ActionKind
from medrec.ledger import FlagStatus
from medrec.persons import PersonCard
from medrec.records import action, audit, discrepancy, list_version
from medrec.web.language import say as _
from medrec.web.patient import age
from medrec.worklist import WorkRow
from rules.conclusion import Severity

pages = Blueprint("worklist", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One patient. `changed` since this reader last looked; `asked`: open questions to the GP and the oldest's days."""

    work: WorkRow
    person: PersonCard
    age: int | None
    changed: bool
    asked: tuple[int, int] | None


@pages.get("/")
@needs(Need.WORKLIST)
def page() -> ResponseReturnValue:
    """The list of the reader's district; filtered by zone and severity, and by name."""
    me = user()
    district = me.district or request.args.get("zone") or None
    severity = _severity(request.args.get("severity"))
    name = request.args.get("name", "").strip()
    with database().writing() as session:
        rows = _rows(session, district, severity, name)
        zones = roster.districts(session, clock.today())
        log.record(
            session,
            me,
            "read-worklist",
            why="COC",
            detail={"district": district or "", "rows": len(rows)},
            whom=[r.work.person_id for r in rows],
        )
    return render_template(
        "worklist.html", rows=rows, zones=zones, zone=district, severity=severity, name=name, now=clock.now()
    )


@pages.post("/find")
@needs(Need.WORKLIST)
def find() -> ResponseReturnValue:
    """By identity number, in the body of a POST only, so that it never stands in an address."""
    paced_search()
    with database().writing() as session:
        found = persons.find(session, request.form.get("identifier", "").replace(" ", ""))
        seen = found is not None and relation.sees(session, user(), found, clock.today())
        log.record(session, user(), "search" if seen else "refused", person_id=found, detail={"of": "search"})
    if not seen:
        return render_template("error.html", text=_("Ingen pasient du har tilgang til, har dette nummeret.")), 404
    return redirect(url_for("patient.page", person_id=found), code=303)


def _rows(session: Session, district: str | None, severity: Severity | None, name: str) -> list[Row]:
    """Every row of the district (a district is small); names are encrypted, so they are searched here."""
    found: list[WorkRow] = []
    after = None
    while True:
        part = stored.worklist(session, district=district, severity=severity, after=after, limit=200)
        found += part.rows
        after = part.cursor
        if after is None:
            break
    shut = relation.blocked(session)
    found = [r for r in found if r.person_id not in shut]
    cards = persons.names(session, [r.person_id for r in found])
    today, ids = clock.today(), [r.person_id for r in found]
    looked, newest, asked = _looked(session, ids), _newest(session, ids), _asked(session, ids, today)
    rows = [
        Row(
            r,
            cards[r.person_id],
            age(cards[r.person_id], today),
            changed=r.person_id in looked and newest[r.person_id] > looked[r.person_id],
            asked=asked.get(r.person_id),
        )
        for r in found
    ]
    found_by_name = [row for row in rows if name.casefold() in row.person.name.casefold()]
    return sorted(found_by_name, key=lambda row: _first(row.work, clock.now()))


def _first(work: WorkRow, now: datetime) -> tuple[int, bool, datetime]:
    """Most serious first; among equals who is visited next, then who was visited today or has no visit."""
    coming = work.next_visit is not None and work.next_visit > now
    return (-work.worst.rank if work.worst else 1, not coming, work.next_visit or now)


def _looked(session: Session, person_ids: list[str]) -> dict[str, datetime]:
    """When this reader last opened each list, from the access log."""
    mine = audit.c.person_id.in_(person_ids) & (audit.c.actor == user().id) & (audit.c.what == "read-list")
    rows = session.execute(
        select(audit.c.person_id, func.max(audit.c.at).label("at")).where(mine).group_by(audit.c.person_id)
    )
    return {row.person_id: row.at for row in rows}


def _newest(session: Session, person_ids: list[str]) -> dict[str, datetime]:
    """When the newest version of each list was made."""
    of = list_version.c
    rows = session.execute(
        select(of.person_id, func.max(of.created_at).label("at"))
        .where(of.person_id.in_(person_ids))
        .group_by(of.person_id)
    )
    return {row.person_id: row.at for row in rows}


def _asked(session: Session, person_ids: list[str], today: date) -> dict[str, tuple[int, int]]:
    """Questions to the GP that still wait: how many, and the age of the oldest in days."""
    rows = session.execute(
        select(
            action.c.person_id,
            func.count(action.c.discrepancy_id.distinct()).label("many"),
            func.min(action.c.at).label("at"),
        )
        .join(discrepancy, discrepancy.c.id == action.c.discrepancy_id)
        .where(
            action.c.person_id.in_(person_ids),
            action.c.kind == ActionKind.ASK_GP.value,
            action.c.undone_at.is_(None),
            discrepancy.c.state == FlagStatus.SENT.value,
        )
        .group_by(action.c.person_id)
    )
    return {row.person_id: (row.many, (today - clock.day_of(row.at)).days) for row in rows}


def _severity(text: str | None) -> Severity | None:
    return Severity(text) if text in set(Severity) else None
