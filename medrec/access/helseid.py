"""People sign in through HelseID: pushed request (PAR), PKCE, a signed assertion of who we are, and DPoP.

The security profile is FAPI 2.0 with HelseID's exceptions. The library makes requests and proofs; the id_token is
checked here, because the library's own check of it fails where the access token is bound by DPoP. What a sign-in
needs on its way back stands sealed in the store, for ten minutes and for the browser that began it, and is used once.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs

from jwskate import Jwk
from requests import RequestException
from requests_oauth2client import (
    AuthorizationRequest,
    BearerToken,
    DPoPKey,
    OAuth2Client,
    OAuth2Error,
    PrivateKeyJwt,
)
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access import tokens
from medrec.access.tokens import Refused
from medrec.access.trust import Authority, Trust, Untold
from medrec.db import Database, vault_of
from medrec.records import sign_in
from medrec.vault import Sealed

LASTS = timedelta(minutes=10)
BACK = "/sign-in/back"
_PID = "helseid://claims/identity/pid"
_LEVEL = "helseid://claims/identity/security_level"
_HPR = "helseid://claims/hpr/hpr_number"
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the cookie that it must come back with."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Signed:
    """Whom HelseID vouches for. `identity` never leaves this process unsealed; `then`: where they were going."""

    identity: str
    hpr: str
    name: str
    level: int
    then: str


def begin(database: Database, authority: Authority, trusted: Trust, *, then: str) -> Begun:
    """Push the request to HelseID and remember it. Raises `Refused` where HelseID can't be asked."""
    asked = AuthorizationRequest(
        _endpoint(authority, "authorization_endpoint"),
        client_id=trusted.client_id,
        redirect_uri=trusted.web_url + BACK,
        scope=trusted.scope,
        issuer=trusted.issuer,
        dpop=True,
    )
    try:
        address = client(authority, trusted).pushed_authorization_request(asked, {"timeout": _SECONDS}).uri
    except (OAuth2Error, RequestException, ValueError) as fault:
        raise Refused(code="authority-refused-request") from fault
    if asked.dpop_key is None or asked.state is None:
        raise AssertionError
    told = {
        "nonce": asked.nonce,
        "verifier": asked.code_verifier,
        "proof_key": asked.dpop_key.private_key.to_dict(),
        "proof_nonce": asked.dpop_key.as_nonce,
        "then": then,
    }
    state = asked.state
    return Begun(address, database.once(lambda session: remember(session, state, told)))


def finish(database: Database, authority: Authority, trusted: Trust, *, cookie: str, query: str) -> Signed:
    """The person that comes back from HelseID. Raises `Refused`; the answer can't be used a second time."""
    answer = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
    state = answer.get("state", "")
    held = recall(database, state, cookie)
    if "error" in answer or not answer.get("code"):
        raise Refused(code="sign-in-cancelled")
    _from_issuer(authority, trusted, answer)
    token = _exchanged(authority, trusted, answer["code"], held)
    claims = _identity(
        authority, trusted, str(token.kwargs.get("id_token") or token.id_token or ""), str(held["nonce"])
    )
    level = str(claims.get(_LEVEL, ""))
    if not level.isdigit() or int(level) < trusted.level:
        raise Refused(code="sign-in-level")
    return Signed(
        identity=str(claims.get(_PID, "")),
        hpr=str(claims.get(_HPR, "")),
        name=str(claims.get("name", ""))[:200],
        level=int(level),
        then=str(held["then"]),
    )


def client(authority: Authority, trusted: Trust) -> OAuth2Client:
    """The client that HelseID knows us as."""
    key = Jwk.from_pem(trusted.key_pem).with_kid_thumbprint()
    return OAuth2Client(
        _endpoint(authority, "token_endpoint"),
        PrivateKeyJwt(trusted.client_id, key, alg=trusted.algorithm, lifetime=60, aud=trusted.issuer),
        pushed_authorization_request_endpoint=_endpoint(authority, "pushed_authorization_request_endpoint"),
        authorization_endpoint=_endpoint(authority, "authorization_endpoint"),
        issuer=trusted.issuer,
        dpop_bound_access_tokens=True,
        testing=trusted.issuer.startswith("http:"),
    )


def _endpoint(authority: Authority, name: str) -> str:
    found = _metadata(authority).get(name)
    if not isinstance(found, str) or not found:
        raise Refused(code="authority-lacks-endpoint")
    return found


def _metadata(authority: Authority) -> Mapping[str, object]:
    """What the authority says of itself; it may have to be asked again, in the middle of a sign-in too."""
    try:
        return authority.metadata()
    except Untold as fault:
        raise Refused(code=fault.code) from fault


def remember(session: Session, state: str, told: Mapping[str, object]) -> str:
    """Keep what a way back needs, sealed, for the browser that gets the cookie returned here."""
    cookie, key = secrets.token_urlsafe(32), digest(state)
    sealed = vault_of(session).seal(json.dumps(told).encode(), f"sign-in|{key}")
    session.execute(delete(sign_in).where(sign_in.c.ends_at < clock.now()))
    row = {"state": key, "browser": digest(cookie), "told_sealed": sealed.data, "key_id": sealed.key_id}
    session.execute(insert(sign_in).values(**row, ends_at=clock.now() + LASTS))
    return cookie


def recall(database: Database, state: str, cookie: str) -> dict[str, object]:
    """What was kept, once: it is gone afterwards, whatever came of it. Raises `Refused`."""
    told = database.once(lambda session: _taken(session, digest(state), digest(cookie)))
    if isinstance(told, str):
        raise Refused(code=told)
    return told


def _taken(session: Session, key: str, browser: str) -> dict[str, object] | str:
    row = session.execute(delete(sign_in).where(sign_in.c.state == key).returning(sign_in)).first()
    if row is None:
        return "sign-in-unknown"
    if not hmac.compare_digest(row.browser, browser):
        return "sign-in-other-browser"
    if clock.now() >= row.ends_at:
        return "sign-in-late"
    told = json.loads(vault_of(session).open(Sealed(row.key_id, row.told_sealed), f"sign-in|{key}"))
    return {str(name): value for name, value in told.items()}


def _from_issuer(authority: Authority, trusted: Trust, answer: Mapping[str, str]) -> None:
    """RFC 9207: the answer names the authority that was asked, where it says that it does so."""
    promised = bool(_metadata(authority).get("authorization_response_iss_parameter_supported"))
    told = answer.get("iss")
    if (promised and told is None) or (told is not None and told.rstrip("/") != trusted.issuer):
        raise Refused(code="sign-in-other-issuer")


def _exchanged(authority: Authority, trusted: Trust, code: str, held: Mapping[str, object]) -> BearerToken:
    proof_key = DPoPKey(private_key=held["proof_key"], alg="ES256", as_nonce=_text(held["proof_nonce"]))
    try:
        return client(authority, trusted).authorization_code(
            code,
            validate=False,
            dpop=True,
            dpop_key=proof_key,
            code_verifier=held["verifier"],
            redirect_uri=trusted.web_url + BACK,
        )
    except (OAuth2Error, RequestException, ValueError) as fault:
        raise Refused(code="authority-refused-code") from fault


def _text(told: object) -> str | None:
    return told if isinstance(told, str) else None


def _identity(authority: Authority, trusted: Trust, id_token: str, nonce: str) -> Mapping[str, object]:
    """The claims of an id_token that is HelseID's, ours, in time, and of this very sign-in. Raises `Refused`."""
    _, claims = tokens.verified(authority, id_token)
    audience = tokens.many(claims.get("aud"))
    if claims.get("iss") != trusted.issuer:
        raise Refused(code="identity-issuer")
    if audience != (trusted.client_id,) or claims.get("azp", trusted.client_id) != trusted.client_id:
        raise Refused(code="identity-audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise Refused(code="identity-nonce")
    tokens.in_time(claims)
    return claims


def digest(text: str) -> str:
    """What the store keeps instead of a state or a cookie."""
    return hashlib.sha256(text.encode()).hexdigest()
