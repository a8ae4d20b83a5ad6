"""Signing in and out. Demo sign-in exists only in demo data and only on loopback; outside it nobody gets in here."""

import ipaddress

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from medrec.access import gate, log, sessions
from medrec.access.gate import cookie_name, database, needs
from medrec.access.people import Need, User

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@needs(Need.OPEN)
def page() -> ResponseReturnValue:
    """Where somebody who is not signed in lands."""
    users = []
    if _is_demo():
        from medrec.demo.users import USERS  # noqa: PLC0415 - only in demo data

        users = list(USERS)
    return render_template("sign_in.html", users=users, **_helseid())


def _helseid() -> dict[str, object]:
    """Whether HelseID is there, and where one is signed out of it too."""
    found = gate.helseid()
    if found is None or not found[1].client_id:
        return {"helseid": False}
    return {"helseid": True, "ended": found[0].known("end_session_endpoint")}


@pages.get("/demo/<user_id>")
@needs(Need.OPEN)
def demo(user_id: str) -> ResponseReturnValue:
    """One button for one demo user."""
    return render_template("sign_in.html", users=[_demo_user(user_id)])


@pages.post("/demo/<user_id>")
@needs(Need.OPEN)
def demo_sign_in(user_id: str) -> ResponseReturnValue:
    """Begin a session as a demo user."""
    user = _demo_user(user_id)
    with database().writing() as session:
        token = sessions.start(session, user, instead_of=request.cookies.get(cookie_name()))
        log.record(session, user, "sign-in")
    home = "worklist.page" if user.may(Need.WORKLIST) else "rulebook.page" if user.may(Need.RULEBOOK) else "guide.page"
    response = redirect(url_for(home), code=303)
    response.set_cookie(cookie_name(), token, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


@pages.post("/sign-out")
@needs(Need.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    with database().writing() as session:
        if token := request.cookies.get(cookie_name()):
            sessions.end(session, token)
        log.record(session, g.user, "sign-out")
    response = redirect(url_for("sign_in.page"), code=303)
    response.delete_cookie(cookie_name(), path="/")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def _demo_user(user_id: str) -> User:
    from medrec.demo.users import demo_user  # noqa: PLC0415 - only in demo data

    user = demo_user(user_id) if _is_demo() else None
    if user is None:
        abort(404)
    return user


def _is_demo() -> bool:
    """Demo data, and the browser is on this machine."""
    here = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - an address that is not loopback
    return (database().settings.data_dir / "demo.json").exists() and here.is_loopback
