"""Mine pasienter: today's patients, most serious first."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec import clock, persons, roster
from medrec import worklist as stored
from medrec.access import log
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.persons import PersonCard
from medrec.web.language import say as _
from medrec.worklist import WorkRow
from rules.conclusion import Severity

pages = Blueprint("worklist", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One patient on the page."""

    work: WorkRow
    person: PersonCard
    age: int | None


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
        log.record(session, me, "read-worklist", why="COC", detail={"district": district or "", "rows": len(rows)})
    return render_template(
        "worklist.html", rows=rows, zones=zones, zone=district, severity=severity, name=name, now=clock.now()
    )


@pages.post("/find")
@needs(Need.WORKLIST)
def find() -> ResponseReturnValue:
    """By identity number, in the body of a POST only, so that it never stands in an address."""
    with database().reading() as session:
        found = persons.find(session, request.form.get("identifier", "").replace(" ", ""))
    if found is None:
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
    cards = persons.names(session, [r.person_id for r in found])
    today = clock.today()
    rows = [Row(r, cards[r.person_id], _age(cards[r.person_id].birth_date, today)) for r in found]
    return [row for row in rows if name.casefold() in row.person.name.casefold()]


def _age(born: date | None, today: date) -> int | None:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None


def _severity(text: str | None) -> Severity | None:
    return Severity(text) if text in set(Severity) else None
