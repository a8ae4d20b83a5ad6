"""The patient's other pages: a flag with all that can be done, same or not, sheet, text, history."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec import clock, listing, persons, roster
from medrec import worklist as stored_work
from medrec.access.gate import database, needs, see
from medrec.access.people import Need
from medrec.difference import differences
from medrec.web import patient, sheet
from medrec.web.language import chosen
from medrec.web.view import ListView, list_view

pages = Blueprint("reading", __name__, url_prefix="/patients")
_LONGEST = 9


@pages.get("/<person_id>/flags/<flag_id>")
@needs(Need.SEE_LIST)
def flag(person_id: str, flag_id: str) -> ResponseReturnValue:
    """One flag: what it rests on, what closes it, and every act on it."""
    with database().writing() as session:
        see(session, person_id)
        told = patient.told(session, person_id)
    view = told["view"]
    every = (*view.whole, *(f for line in view.lines for f in line.flags)) if isinstance(view, ListView) else ()
    found = next((f for f in every if f.id == flag_id), None)
    if found is None:
        abort(404)
    return render_template("flag.html", flag=found, **told)


@pages.get("/<person_id>/same")
@needs(Need.ACT)
def same(person_id: str) -> ResponseReturnValue:
    """Say of two statements that they are one medicine, or are not."""
    with database().writing() as session:
        see(session, person_id)
        told = patient.told(session, person_id)
    return render_template("same.html", line=request.args.get("line", ""), **told)


@pages.get("/<person_id>/sheet")
@needs(Need.SEE_LIST)
def paper(person_id: str) -> ResponseReturnValue:
    """The sheet for the kitchen table and the emergency folder."""
    with database().writing() as session:
        see(session, person_id, "print")
        return render_template("sheet.html", **patient.told(session, person_id))


@pages.get("/<person_id>/text")
@needs(Need.SEE_LIST)
def text(person_id: str) -> ResponseReturnValue:
    """The list, or one line of it, as plain text for the journal note."""
    with database().writing() as session:
        see(session, person_id, "copy")
        told = patient.told(session, person_id)
    view = told["view"]
    only = request.args.get("line", "")
    words = sheet.as_text(view, only) if isinstance(view, ListView) else ""
    return render_template("text.html", words=words, **told)


@pages.get("/<person_id>/history")
@needs(Need.SEE_LIST)
def history(person_id: str) -> ResponseReturnValue:
    """The list as it was at the end of a day, the difference between two versions, and all versions."""
    with database().writing() as session:
        see(session, person_id, "read-history")
        card = persons.who(session, person_id)
        if card is None:
            abort(404)
        versions = listing.versions(session, person_id)
        on, old = _as_of(session, person_id)
        first, second = _version("from"), _version("to")
        pair = [listing.list_version(session, person_id, n) for n in (first, second) if n]
        care = roster.care_of(session, person_id, clock.today())
        notes = stored_work.history(session, person_id)
    both = [p for p in pair if p is not None]
    return render_template(
        "history.html",
        person_id=person_id,
        card=card,
        versions=versions,
        on=on,
        view=list_view(old, chosen(), now=clock.now(), care=care, old=True) if old else None,
        pair=(first, second) if len(both) == 2 else None,  # noqa: PLR2004 - from and to
        since=differences(both[0].reconciliation, both[1].reconciliation) if len(both) == 2 else (),  # noqa: PLR2004 - likewise
        notes=notes,
        now=clock.now(),
    )


def _as_of(session: Session, person_id: str) -> tuple[date | None, listing.StoredList | None]:
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None, None
    end = datetime.combine(on + timedelta(days=1), time(), clock.OSLO)
    return on, listing.list_as_of(session, person_id, end)


def _version(name: str) -> int:
    told = request.args.get(name, "")
    return int(told) if told.isdigit() and len(told) < _LONGEST else 0
