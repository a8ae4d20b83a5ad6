"""Pasienten: the list is the page."""

from datetime import date, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec import clock, listing, persons, roster
from medrec import worklist as stored_work
from medrec.access import gate
from medrec.access.gate import database, needs, see
from medrec.access.people import Need
from medrec.actions import ActionKind, By, record_action, undo_action
from medrec.difference import Difference, differences
from medrec.web.language import chosen
from medrec.web.view import list_view

pages = Blueprint("patient", __name__, url_prefix="/patients")


@pages.get("/<person_id>")
@needs(Need.SEE_LIST)
def page(person_id: str) -> ResponseReturnValue:
    """The present list, or the words that there is none yet."""
    today = clock.today()
    with database().writing() as session:
        see(session, person_id)
        stored = listing.current_list(session, person_id)
        card = persons.who(session, person_id)
        if card is None:
            abort(404)
        care = roster.care_of(session, person_id, today)
        since, confirmed = _since_last(session, person_id, stored)
        history = stored_work.history(session, person_id)
    view = list_view(stored, chosen(), today) if stored else None
    return render_template(
        "patient.html",
        person_id=person_id,
        card=card,
        care=care,
        view=view,
        since=since,
        confirmed=confirmed,
        history=[note for note in history if note.undone_at is None],
        now=clock.now(),
        latest_snooze=today + timedelta(days=7),
        me=gate.user(),
    )


def _since_last(
    session: Session, person_id: str, stored: listing.StoredList | None
) -> tuple[tuple[Difference, ...], date | None]:
    """What changed since this reader last confirmed, and when that was; nothing where they never did."""
    me = gate.user().id
    notes = stored_work.history(session, person_id)
    mine = next((n for n in notes if n.kind == ActionKind.CONFIRM and n.by_id == me and not n.undone_at), None)
    if mine is None or stored is None:
        return (), None
    old = listing.list_version(session, person_id, int(mine.data["version"]))
    changed = differences(old.reconciliation, stored.reconciliation) if old else ()
    return changed, clock.day_of(mine.at)


@pages.post("/<person_id>/actions")
@needs(Need.ACT)
def act(person_id: str) -> ResponseReturnValue:
    """One action of a person: confirm, acknowledge, snooze, intended, link, observation, ask the GP."""
    form = {k: v.strip() for k, v in request.form.items() if v.strip()}
    kind = form.pop("kind", "")
    match = form.pop("match", None)
    if kind not in set(ActionKind):
        abort(400)
    with database().writing() as session:
        see(session, person_id, kind)
        record_action(
            session,
            person_id=person_id,
            kind=ActionKind(kind),
            by=_by(),
            today=clock.today(),
            if_match=match,
            **_data(form),
        )
    return redirect(url_for("patient.page", person_id=person_id) + _fragment(form), code=303)


@pages.post("/<person_id>/undo/<action_id>")
@needs(Need.ACT)
def undo(person_id: str, action_id: str) -> ResponseReturnValue:
    """Take back one's own action."""
    with database().writing() as session:
        see(session, person_id, "undo")
        undo_action(session, action_id=action_id, by=_by(), today=clock.today())
    return redirect(url_for("patient.page", person_id=person_id), code=303)


def _by() -> By:
    me = gate.user()
    return By(id=me.id, name=me.name, role=me.role.value, hpr=me.hpr, organisation=me.organisation)


def _data(form: dict[str, str]) -> dict[str, object]:
    """Form fields as the action wants them: days as days, ticks as true; fields about the page itself are not data."""
    told: dict[str, object] = {k: v for k, v in form.items() if k != "anchor"}
    if "until" in form:
        try:
            told["until"] = date.fromisoformat(form["until"])
        except ValueError:
            abort(400)
    for name in ("written_reply", "local"):
        if name in form:
            told[name] = form[name] == "yes"
    return told


def _fragment(form: dict[str, str]) -> str:
    return f"#{form['anchor']}" if form.get("anchor", "").isalnum() else ""
