"""A launch from the journal as its two addresses: where it comes in, and where the journal's authority sends back."""

from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from medrec import clock
from medrec.access import launch, log, pace, relation
from medrec.access.arriving import not_let_in, way_cookie, with_way
from medrec.access.gate import database, needs, paced, user
from medrec.access.gate import helseid as trusted_authority
from medrec.access.launch import Asked
from medrec.access.people import NOBODY, Need
from medrec.access.tokens import Refused
from medrec.access.trust import Launches
from medrec.web import errors

pages = Blueprint("launching", __name__, url_prefix="/launch")
errors.answer(pages)


def _trusted() -> Launches:
    found = current_app.extensions["medrec-launches"]
    if not isinstance(found, Launches):
        abort(404)
    return found


@pages.get("")
@needs(Need.OPEN)
def come() -> ResponseReturnValue:
    """From the journal: sign in first where nobody is, then ask which patient it has open."""
    paced(pace.SIGN_IN, request.remote_addr or "")
    trusted = _trusted()
    asked = Asked(server=request.args.get("iss", ""), handle=request.args.get("launch", ""))
    if asked.server.rstrip("/") not in trusted.authorities:
        return not_let_in("launch-server", g.user or NOBODY)
    if g.user is None:
        return _sign_in_first(asked)
    if not user().may(Need.SEE_LIST):
        abort(403)
    try:
        begun = launch.begin(database(), trusted, asked, reader=user().id)
    except Refused as refused:
        return not_let_in(refused.code, user())
    return with_way(redirect(begun.address, code=303), begun.cookie)


def _sign_in_first(asked: Asked) -> ResponseReturnValue:
    if trusted_authority() is None:
        return redirect(url_for("sign_in.page"), code=303)
    here = f"{url_for('launching.come')}?{urlencode({'iss': asked.server, 'launch': asked.handle})}"
    return redirect(url_for("arriving.away", then=here), code=303)


@pages.get("/back")
@needs(Need.SEE_LIST)
def back() -> ResponseReturnValue:
    """To the patient's page, through the same gate as every other way; unknown and not allowed look alike."""
    trusted, me = _trusted(), user()
    cookie = request.cookies.get(way_cookie(), "")
    try:
        found = launch.finish(database(), trusted, request.args.to_dict(), cookie=cookie, reader=me)
        detail = {"of": "launch", "user": "same" if found.same_user else "not told"}
        with database().writing() as session:
            person_id = launch.person_of(session, found.numbers)
            seen = person_id is not None and relation.sees(session, me, person_id, clock.today())
            log.record(session, me, "launch" if seen else "refused", person_id=person_id, detail=detail)
    except Refused as refused:
        return not_let_in(refused.code, me)
    if not seen:
        abort(404)
    return redirect(url_for("patient.page", person_id=person_id), code=303)
