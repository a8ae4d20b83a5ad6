"""Selvautorisering and its review: a nurse asks for one patient with a reason, a leader reads afterwards why."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from medrec import persons
from medrec.access import log, pace, relation, selfauth
from medrec.access.gate import database, needs, paced, user
from medrec.access.people import Need
from medrec.web import errors
from medrec.web.language import say as _

pages = Blueprint("access", __name__, url_prefix="/access")
errors.answer(pages)


def reasons() -> dict[str, str]:
    """The reasons in the reader's language."""
    return {
        relation.EMERGENCY: _("Øyeblikkelig hjelp"),
        "cover": _("Vakt eller vikar for en annen sone"),
        "intake": _("Ny pasient eller vurdering av tjeneste"),
        "enquiry": _("Henvendelse fra pasient, pårørende eller annen tjeneste"),
    }


@pages.get("/ask")
@needs(Need.SELF_AUTHORISE)
def ask() -> ResponseReturnValue:
    """The form: whom, and why."""
    return _form("", 200)


@pages.post("/ask")
@needs(Need.SELF_AUTHORISE)
def asked() -> ResponseReturnValue:
    """Let the reader at one patient for fifteen minutes, or say what is missing. Every try is counted and logged."""
    paced(pace.SELF_AUTHORISE)
    identifier = "".join(request.form.get("identifier", "").split())
    reason, words = request.form.get("reason", ""), request.form.get("words", "")
    with database().writing() as session:
        person_id = persons.find(session, identifier)
        try:
            selfauth.check(user(), reason, words)
        except selfauth.Incomplete:
            return _form(_("Velg en grunn, og skriv med noen ord hvorfor du trenger listen."), 422)
        if person_id is None:
            log.record(session, user(), "refused", detail={"of": "self-authorise", "for": "unknown", "reason": reason})
        else:
            selfauth.grant(session, user(), person_id, reason, words)
    if person_id is None:
        return _form(_("Ingen med dette nummeret er kjent her."), 404)
    return redirect(url_for("patient.page", person_id=person_id), code=303)


def _form(wrong: str, status: int) -> ResponseReturnValue:
    minutes = int(selfauth.LASTS.total_seconds() // 60)
    page = render_template("access/ask.html", reasons=reasons(), wrong=wrong, minutes=minutes)
    return page, status


@pages.get("/review")
@needs(Need.REVIEW)
def review() -> ResponseReturnValue:
    """What waits for a leader's eye; that it was read stands in each patient's log."""
    with database().writing() as session:
        waiting = selfauth.waiting(session)
        cards = persons.names(session, {w.person_id for w in waiting})
        for person_id in sorted({w.person_id for w in waiting}):
            log.record(session, user(), "read-review", person_id=person_id, why="HOPERAT")
    names = {person_id: card.name for person_id, card in cards.items()}
    return render_template("access/review.html", waiting=waiting, names=names, reasons=reasons(), me=user())


@pages.post("/review/<reviewed>")
@needs(Need.REVIEW)
def reviewed(reviewed: str) -> ResponseReturnValue:
    """A leader's verdict on one self-authorisation of somebody else."""
    with database().writing() as session:
        done = selfauth.review(session, user(), reviewed, request.form.get("verdict", ""))
    if not done:
        abort(404)
    return redirect(url_for("access.review"), code=303)
