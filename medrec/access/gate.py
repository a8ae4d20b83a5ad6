"""The gate of the web: who is asking, what the route needs, whether the request comes from our own pages.

Every route declares its `Need` with `@needs(...)`; one that does not is closed. Order of the checks: session or token,
need, origin of a change, and in the view itself the relation to the patient (`see`).
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access import log, relation, sessions
from medrec.access.people import Need, User
from medrec.db import Database

COOKIE = "__Host-medrec"
COOKIE_ON_LOOPBACK = "medrec"
"""Without TLS a browser refuses the `__Host-` prefix; the demo on loopback has none."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., object])


def needs(need: Need) -> Callable[[View], View]:
    """Declare what a route needs."""

    def declared(view: View) -> View:
        view.medrec_need = need  # type: ignore[attr-defined] # a mark on the function, read by `need_of`
        return view

    return declared


def need_of(app: Flask, endpoint: str | None) -> Need | None:
    """What an endpoint needs; `None` for one that says nothing, which is closed. Static files are open."""
    if endpoint == "static" or (endpoint or "").endswith(".static"):
        return Need.OPEN
    view = app.view_functions.get(endpoint or "")
    found: Need | None = getattr(view, "medrec_need", None)
    if found is None and view is not None and (of_class := getattr(view, "view_class", None)):
        method = getattr(of_class, request.method.lower(), None) or getattr(of_class, "get", None)
        found = getattr(method, "medrec_need", None) or getattr(of_class, "medrec_need", None)
    return found


def install(app: Flask) -> None:
    """Put the gate in front of every request."""
    app.before_request(_enter)


def database() -> Database:
    """The database of this application."""
    found = current_app.extensions["medrec"]
    if not isinstance(found, Database):
        raise TypeError
    return found


def user() -> User:
    """Who is asking; only in routes that need somebody signed in."""
    found = g.get("user")
    if not isinstance(found, User):
        abort(401)
    return found


def see(session: Session, person_id: str, what: str = "read-list", **detail: str) -> None:
    """Let the user at one patient, or refuse; both leave a row in the log, in this transaction.

    A refusal is 404, the same as for a person who does not exist, so that nobody learns who is a patient.
    """
    me = user()
    if relation.sees(session, me, person_id, clock.today()):
        log.record(session, me, what, person_id=person_id, why="COC", detail=detail)
        return
    log.record(session, me, "refused", person_id=person_id[:32], detail={"of": what})
    session.commit()
    abort(404)


def cookie_name() -> str:
    """The session cookie's name here."""
    return COOKIE if request.is_secure else COOKIE_ON_LOOPBACK


def _enter() -> None:
    if request.endpoint is None:
        return
    need = need_of(current_app, request.endpoint)
    g.user = _who()
    if need is Need.OPEN:
        return
    if g.user is None:
        abort(401)
    if need is None or not g.user.may(need):
        abort(403)
    if request.method not in _SAFE and not _bearer() and not _from_our_pages():
        abort(403)


def _who() -> User | None:
    with database().reading() as session:
        if token := _bearer():
            return sessions.system_of(session, token)
        cookie = request.cookies.get(cookie_name())
        return sessions.find(session, cookie) if cookie else None


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _from_our_pages() -> bool:
    """A change must come from a page of ours: Sec-Fetch-Site where the browser sends it, else Origin or Referer."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    told = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(told) and urlsplit(told or "").netloc == request.host
