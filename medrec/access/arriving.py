"""Arriving from HelseID: the way there, the way back, and the choice of a role where somebody has several."""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec.access import accounts, helseid, log, pace, sessions
from medrec.access.accounts import Account
from medrec.access.gate import cookie_name, database, needs, paced
from medrec.access.gate import helseid as trusted_authority
from medrec.access.helseid import Signed
from medrec.access.people import NOBODY, Need, User
from medrec.access.tokens import Refused
from medrec.access.trust import Authority, Trust
from medrec.db import vault_of
from medrec.persons import NATION
from medrec.web import errors
from medrec.web.language import say as _

told = structlog.get_logger(__name__)
pages = Blueprint("arriving", __name__, url_prefix="/sign-in")
errors.answer(pages)


def way_cookie() -> str:
    """The name of the cookie that binds a sign-in under way to its browser."""
    return f"{cookie_name()}-way"


def _trusted() -> tuple[Authority, Trust]:
    found = trusted_authority()
    if found is None or not found[1].client_id:
        abort(404)
    return found


@pages.get("/helseid")
@needs(Need.OPEN)
def away() -> ResponseReturnValue:
    """To HelseID. `then`: an address of ours to go to afterwards."""
    paced(pace.SIGN_IN, request.remote_addr or "")
    authority, trusted = _trusted()
    try:
        begun = helseid.begin(database(), authority, trusted, then=ours(request.args.get("then", "")))
    except Refused as refused:
        return not_let_in(refused.code)
    return with_way(redirect(begun.address, code=303), begun.cookie)


@pages.get("/back")
@needs(Need.OPEN)
def back() -> ResponseReturnValue:
    """From HelseID, with an answer that is good once and in the browser that began."""
    authority, trusted = _trusted()
    cookie, query = request.cookies.get(way_cookie(), ""), request.query_string.decode("latin-1")
    try:
        signed = helseid.finish(database(), authority, trusted, cookie=cookie, query=query)
    except Refused as refused:
        return not_let_in(refused.code)
    found = database().once(lambda session: _let_in(session, signed))
    return not_let_in("sign-in-no-account", found) if isinstance(found, User) else found


def _let_in(session: Session, signed: Signed) -> ResponseReturnValue | User:
    """The way on; for somebody without an account, who it was as far as the log may tell: no name of just anybody."""
    mine = accounts.of(session, hpr=signed.hpr, identity=signed.identity)
    if not mine:
        return replace(NOBODY, id=_pseudonym(session, signed), hpr=signed.hpr[:20])
    if len(mine) == 1:
        return _begun(session, _user(session, signed, mine[0]), signed.then)
    users = {account.id: _user(session, signed, account).stored() for account in mine}
    state = sessions.fresh()
    cookie = helseid.remember(session, state, {"users": users, "then": signed.then})
    page = render_template("access/role.html", accounts=mine, state=state, roles=roles())
    return with_way(_page(page), cookie)


def _user(session: Session, signed: Signed, account: Account) -> User:
    """Who it is, with the role of one account."""
    return User(
        id=_pseudonym(session, signed),
        name=signed.name or _("Uten navn"),
        role=account.role,
        district=account.district,
        organisation=account.organisation,
        hpr=signed.hpr[:20],
        account=account.id,
    )


def _pseudonym(session: Session, signed: Signed) -> str:
    """Who it is in the log: a pseudonym that stays the same, never the identity number."""
    vault = vault_of(session)
    index = vault.index(NATION, signed.identity) if signed.identity else vault.index("hpr", signed.hpr)
    return f"helseid:{index[:24]}"


@pages.post("/role")
@needs(Need.OPEN)
def role() -> ResponseReturnValue:
    """One of the roles that were offered; the offer is good once."""
    try:
        held = helseid.recall(database(), request.form.get("state", ""), request.cookies.get(way_cookie(), ""))
        users = held.get("users")
        chosen = users.get(request.form.get("account", "")) if isinstance(users, dict) else None
        if not isinstance(chosen, str):
            raise Refused(code="sign-in-role")  # noqa: TRY301 - answered like every other refusal
    except Refused as refused:
        return not_let_in(refused.code)
    user = User.read(chosen)
    return database().once(lambda session: _begun(session, user, str(held.get("then", ""))))


def _begun(session: Session, user: User, then: str) -> ResponseReturnValue:
    """Begin the session: a new one, whatever cookie the browser came with."""
    token = sessions.start(session, user, instead_of=request.cookies.get(cookie_name()))
    log.record(session, user, "sign-in", detail={"by": "helseid"})
    response = _page(redirect(then or url_for(home_of(user)), code=303))
    response.set_cookie(cookie_name(), token, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    response.delete_cookie(way_cookie(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def home_of(user: User) -> str:
    """The page a role begins at."""
    return "worklist.page" if user.may(Need.WORKLIST) else "rulebook.page" if user.may(Need.RULEBOOK) else "guide.page"


def ours(then: str) -> str:
    """An address of ours, else "": a sign-in must not lead elsewhere."""
    parts = urlsplit(then.replace("\\", "/"))
    if parts.scheme or parts.netloc or not then.startswith("/") or then.startswith("//"):
        return ""
    return then if then.isprintable() and len(then) < 2_000 else ""  # noqa: PLR2004 - an address, not a text


def not_let_in(code: str, by: User = NOBODY) -> ResponseReturnValue:
    """Whoever tried is told nothing but that; the log is told why. `by`: who is signed in, in a launch."""
    told.warning("access.refused", code=code, endpoint=request.endpoint)
    with database().writing() as session:
        if pace.within(session, pace.REFUSED, request.remote_addr or ""):
            log.record(session, by, "refused", detail={"of": str(request.endpoint), "for": code})
    text = _("Innloggingen lyktes ikke. Prøv igjen, eller spør den som gir tilgang.")
    return render_template("error.html", text=text), HTTPStatus.FORBIDDEN


def with_way(response: ResponseReturnValue, cookie: str) -> ResponseReturnValue:
    """An answer that binds what is under way to this browser."""
    made = _page(response)
    made.set_cookie(
        way_cookie(),
        cookie,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
        path="/",
        max_age=int(helseid.LASTS.total_seconds()),
    )
    return made


def _page(answer: ResponseReturnValue) -> Response:
    return make_response(answer)


def roles() -> dict[str, str]:
    """The roles in the reader's language."""
    return {
        "nurse": _("Sykepleier"),
        "leader": _("Leder"),
        "pharmacist": _("Farmasøyt"),
        "gp": _("Fastlege"),
        "auditor": _("Revisor"),
        "admin": _("Drift"),
    }
