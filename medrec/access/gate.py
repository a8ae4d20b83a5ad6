"""The gate of the web: who is asking, what the route needs, whether the request comes from our own pages.

Every route declares its `Need` with `@needs(...)`; one that does not is closed. Order of the checks: origin of a
change, session or token, need, and in the view itself the relation to the patient (`see`). Refusals are logged.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, g, request
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access import log, pace, relation, sessions, tokens
from medrec.access.people import Need, Role, User
from medrec.access.tokens import Refused, Shown
from medrec.access.trust import ALGORITHMS, Authority, Trust, launches, trust
from medrec.db import Database
from medrec.listing import Head

told = structlog.get_logger(__name__)
COOKIE = "__Host-medrec"
COOKIE_ON_LOOPBACK = "medrec"
"""Without TLS a browser refuses the `__Host-` prefix; the demo on loopback has none."""
PERSON = "patient"
"""What a route of the API calls the person it is about."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SCHEMES = frozenset({"bearer", "dpop"})
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
        asked = request.method.lower()
        method = getattr(of_class, "get" if asked in {"head", "options"} else asked, None)
        found = getattr(method, "medrec_need", None) or getattr(of_class, "medrec_need", None)
    return found


def install(app: Flask) -> None:
    """Put the gate in front of every request. Raises `SettingFault` for a setting of HelseID that can't be used."""
    trusted = trust(app.extensions["medrec"].settings)
    app.extensions["medrec-trust"] = (Authority(trusted.issuer), trusted) if trusted else None
    app.extensions["medrec-launches"] = launches(app.extensions["medrec"].settings)
    app.before_request(_enter)
    app.after_request(_challenge)


def helseid() -> tuple[Authority, Trust] | None:
    """The authority and how it is trusted; `None` where none is set."""
    found: tuple[Authority, Trust] | None = current_app.extensions["medrec-trust"]
    return found


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


def see(session: Session, person_id: str, what: str = "read-list", **detail: str) -> Head | None:
    """Let the user at one patient, or refuse; both leave a row in the log, in this transaction.

    Returns which of the patient's lists is the newest, `None` where there is none.

    A refusal is 404, the same as for a person who does not exist, so that nobody learns who is a patient.
    """
    me = user()
    basis, head = relation.basis_and_head(session, me, person_id, clock.today())
    if basis is None:
        log.record(session, me, "refused", person_id=person_id, detail={"of": what})
        session.commit()
        abort(404)
    if basis is relation.Basis.EMERGENCY and relation.blocked(session, [person_id]):
        detail["blocked"] = "yes"
    log.record(session, me, what, person_id=person_id, why=basis.value, detail=detail)
    return head


def newest(person_id: str) -> Head | None:
    """The newest list's version and judgement, for a system that may see the person and holds a tag; else `None`."""
    if "newest" in g:
        found: Head | None = g.newest
        return found
    return relation.head_for(database(), user(), person_id)


def paced(limit: pace.Pace, who: str = "") -> None:
    """Count one attempt of the user (or of `who`); one too many is answered 429 and logged."""
    counted = who or user().id
    with database().writing() as session:
        within = pace.within(session, limit, counted)
        if not within and g.get("user"):
            log.record(session, g.user, "refused", detail={"of": limit.what, "for": "too-many"})
    if not within:
        told.warning("access.refused", code="too-many", what=limit.what)
        abort(429)


def paced_search() -> None:
    """Count one search by identity number, of a person or a system."""
    paced(pace.SYSTEM_SEARCH if user().role is Role.SYSTEM else pace.SEARCH)


def cookie_name() -> str:
    """The session cookie's name here."""
    return COOKIE if request.is_secure else COOKIE_ON_LOOPBACK


def _enter() -> None:
    if request.endpoint is None:
        return
    need = need_of(current_app, request.endpoint)
    by_token = _authorization()[0] in _SCHEMES
    g.user = _who()
    if request.method not in _SAFE and not by_token and not _from_our_pages():
        _refuse(403, "foreign-page")
    if need is Need.OPEN:
        return
    if g.user is None:
        _refuse(401, g.get("token_refused", "bad-token") if by_token else "not-signed-in")
    elif need is None or not g.user.may(need):
        _refuse(403, "role")


def _refuse(status: int, code: str) -> None:
    """Refuse, with a row in the log where somebody is signed in, else a line of the process's log."""
    told.warning("access.refused", code=code, endpoint=request.endpoint)
    if g.user is not None:
        with database().writing() as session:
            log.record(session, g.user, "refused", detail={"of": str(request.endpoint), "for": code})
    abort(status)


def _who() -> User | None:
    scheme, token = _authorization()
    if scheme == "dpop":
        return _bound_system(token)
    if scheme == "bearer":
        return _system(token)
    cookie = request.cookies.get(cookie_name())
    if not cookie:
        return None
    found, worn = sessions.find(database(), cookie)
    if worn:
        with database().writing() as session:
            sessions.touch(session, cookie)
    return found


def _system(token: str) -> User | None:
    """The system of a bearer token. For one that asks if its list is still the newest, that is looked up with it."""
    person_id = (request.view_args or {}).get(PERSON)
    if person_id is None or "If-None-Match" not in request.headers:
        return sessions.system_of(database(), token)
    found, g.newest = relation.system_and_head(database(), token, person_id)
    return found


def _bound_system(token: str) -> User | None:
    """The system of an access token from HelseID; why one lets nobody in stands in the process's log only."""
    authority = helseid()
    if authority is None:
        return None
    url = authority[1].web_url + request.root_path + request.path
    shown = Shown(token=token, proof=request.headers.get("DPoP", ""), method=request.method, url=url)
    try:
        return database().once(lambda session: tokens.system(session, *authority, shown))
    except Refused as refused:
        g.token_refused = refused.code
        return None


def _authorization() -> tuple[str, str]:
    """Scheme and token of the request, ("", "") where it shows none of ours."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    told = scheme.lower(), token.strip()
    return told if told[0] in _SCHEMES and told[1] else ("", "")


def _challenge(response: Response) -> Response:
    """Say to systems how they may show who they are (RFC 9449 section 7.1), never what was wrong."""
    if response.status_code == 401 and helseid() is not None and "WWW-Authenticate" in response.headers:  # noqa: PLR2004 - not signed in
        response.headers.add("WWW-Authenticate", f'DPoP algs="{" ".join(ALGORITHMS)}"')
    return response


def _from_our_pages() -> bool:
    """A change must come from a page of ours: Sec-Fetch-Site where the browser sends it, else Origin or Referer."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    told = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(told) and urlsplit(told or "").netloc == request.host
