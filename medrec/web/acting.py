"""What a reader does with a list: every act in one place, each counted once however often its form is sent.

A form carries the moment its page was made. The same act by the same person after that moment is the same act: it is
answered as done and nothing is added. The patient's row is held first and serialises two that come at once.
"""

import json
from datetime import date, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from medrec import clock, listing, persons
from medrec import worklist as stored_work
from medrec.access import gate
from medrec.access.gate import database, needs, see
from medrec.access.people import Need
from medrec.actions import ActionKind, By, Stale, hold, record_action, undo_action
from medrec.difference import differences
from medrec.web.language import say as _
from medrec.worklist import ActionNote

pages = Blueprint("acting", __name__, url_prefix="/patients")
_OF_KIND = {
    ActionKind.ACKNOWLEDGE: ("discrepancy", "note"),
    ActionKind.SNOOZE: ("discrepancy", "until"),
    ActionKind.INTENDED: ("discrepancy", "prescriber", "known_by", "written_reply"),
    ActionKind.ASK_GP: ("discrepancy", "text"),
    ActionKind.LINK_SAME: ("a", "b"),
    ActionKind.LINK_DIFFERENT: ("a", "b"),
    ActionKind.OBSERVATION: ("name", "dose_text", "use", "note", "reported_by", "local"),
    ActionKind.CONFIRM: (),
}
"""One form holds several buttons: of what it sends, only what the pressed one means is data."""


@pages.post("/<person_id>/actions")
@needs(Need.ACT)
def act(person_id: str) -> ResponseReturnValue:
    """One act: confirm, acknowledge, snooze, intended, same or not, observation, ask the GP."""
    form = request.form
    if form.get("kind") not in set(ActionKind):
        abort(400)
    kind = ActionKind(form["kind"])
    data = _data(kind, form)
    try:
        with database().writing() as session:
            hold(session, person_id)
            see(session, person_id, kind.value)
            if not _counted(session, person_id, kind, data, form.get("at", "")):
                match = form.get("match") or None
                record_action(
                    session, person_id=person_id, kind=kind, by=_by(), today=clock.today(), if_match=match, **data
                )
    except Stale:
        return _stale(person_id, form.get("match", ""))
    return redirect(url_for("patient.page", person_id=person_id) + _fragment(form.get("anchor", "")), code=303)


@pages.post("/<person_id>/undo/<action_id>")
@needs(Need.ACT)
def undo(person_id: str, action_id: str) -> ResponseReturnValue:
    """Take back one's own act on this person; one that is taken back already stays so."""
    with database().writing() as session:
        hold(session, person_id)
        see(session, person_id, "undo")
        note = next((n for n in stored_work.history(session, person_id) if n.id == action_id), None)
        if note is None or note.by_id != gate.user().id:
            abort(404)
        if note.undone_at is None:
            undo_action(session, person_id=person_id, action_id=action_id, by=_by(), today=clock.today())
    return redirect(url_for("patient.page", person_id=person_id) + "#done", code=303)


def _stale(person_id: str, match: str) -> ResponseReturnValue:
    """Refused: what is new since the version that the reader had before them, and the way on."""
    with database().reading() as session:
        stored = listing.current_list(session, person_id)
        seen = match.partition(".")[0]
        old = listing.list_version(session, person_id, int(seen)) if seen.isdigit() and len(seen) < 9 else None  # noqa: PLR2004 - a version, not any number
        card = persons.who(session, person_id)
    told = differences(old.reconciliation, stored.reconciliation) if old and stored else ()
    page = render_template("stale.html", person_id=person_id, card=card, since=told, stored=stored, now=clock.now())
    return page, 412


def _counted(session: Session, person_id: str, kind: ActionKind, data: dict[str, object], at: str) -> bool:
    """The same act of this reader stands already, made after the page that sends it now."""
    try:
        made = datetime.fromisoformat(at)
    except ValueError:
        return False
    if made.tzinfo is None:
        return False
    notes = stored_work.history(session, person_id)
    return any(_same(note, kind, data) and note.at >= made for note in notes)


def _same(note: ActionNote, kind: ActionKind, data: dict[str, object]) -> bool:
    if note.kind != kind or note.undone_at is not None or note.by_id != gate.user().id:
        return False
    if (note.discrepancy_id or "") != data.get("discrepancy", ""):
        return False
    told = json.loads(json.dumps({k: v for k, v in data.items() if k != "discrepancy"}, default=str))
    return all(note.data.get(k) == v for k, v in told.items())


def _by() -> By:
    me = gate.user()
    return By(id=me.id, name=me.name, role=me.role.value, hpr=me.hpr, organisation=me.organisation)


def _data(kind: ActionKind, form: "MultiDict[str, str]") -> dict[str, object]:
    """Form fields as the act wants them: days as days, ticks as true; empty ones are not said."""
    told: dict[str, object] = {k: form[k].strip() for k in _OF_KIND[kind] if form.get(k, "").strip()}
    if "until" in told:
        try:
            told["until"] = date.fromisoformat(str(told["until"]))
        except ValueError:
            abort(400)
    if "written_reply" in told:
        told["written_reply"] = told["written_reply"] == "yes"
    if kind is ActionKind.OBSERVATION:
        told |= _observed(form.get("what", ""), str(told.get("note", "")))
    return told


def _observed(what: str, note: str) -> dict[str, object]:
    """What kind of observation it is, said in front of the note; bought over the counter is a local addition."""
    words = {
        "takes": _("Tar det slik"),
        "not": _("Tar det ikke"),
        "otc": _("Kjøpt uten resept"),
        "box": _("Esken hjemme"),
    }
    if what not in words:
        return {}
    told: dict[str, object] = {"note": f"{words[what]}. {note}".strip()}
    return told | ({"local": True} if what == "otc" else {})


def _fragment(anchor: str) -> str:
    return f"#{anchor}" if anchor.isalnum() else ""
