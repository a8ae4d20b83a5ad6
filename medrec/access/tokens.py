"""Access tokens of systems: a signed token of HelseID (RFC 9068) bound to the system's own key (DPoP, RFC 9449).

The checks are those of the Norwegian health network's own sample: `cnf.jkt`, the proof's type and algorithm, no private
key in it, `ath`, `htm`, `htu`, an `iat` of seconds, and a `jti` that was never seen. What was seen stands in the store,
so that a proof can't be used at another process. Scopes are `<audience>/<need>`.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.util import to_bytes
from sqlalchemy import delete
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import SYSTEM_NEEDS, Need, Role, User
from medrec.access.terms import terms
from medrec.access.trust import ALGORITHMS, Authority, Trust, Untold
from medrec.db import settings_in
from medrec.records import proof as seen_proofs
from medrec.store import put_first

LEEWAY = timedelta(seconds=5)
"""How far the authority's clock may differ from ours."""
PROOF_LASTS = timedelta(seconds=10)
_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
_LONGEST = 8_192
_SHORTEST_RSA = 2_048
_PARENT = "helseid://claims/client/claims/orgnr_parent"
_CHILD = "helseid://claims/client/claims/orgnr_child"
_NAME = "helseid://claims/client/client_name"
_PERSON = ("helseid://claims/identity/pid", "helseid://claims/hpr/hpr_number")


class Refused(Exception):  # noqa: N818 - an answer; the message is a code for the log, never told
    """A token or proof that lets nobody in."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a request shows: the token, its proof, and what the proof must speak of."""

    token: str
    proof: str
    method: str
    url: str


def system(session: Session, authority: Authority, trusted: Trust, shown: Shown) -> User:
    """The system that a request comes from. Raises `Refused`."""
    if not trusted.audience:
        raise Refused(code="no-audience-set")
    claims = _token_claims(authority, trusted, shown.token)
    bound = claims.get("cnf")
    jkt = bound.get("jkt") if isinstance(bound, dict) else None
    if not isinstance(jkt, str):
        raise Refused(code="token-not-bound")
    _proven(session, shown, jkt)
    return _user(session, trusted, claims)


def _token_claims(authority: Authority, trusted: Trust, token: str) -> Mapping[str, object]:
    header, claims = verified(authority, token)
    if str(header.get("typ", "")).lower() not in _TYPES:
        raise Refused(code="token-type")
    if claims.get("iss") != trusted.issuer:
        raise Refused(code="token-issuer")
    if trusted.audience not in many(claims.get("aud")):
        raise Refused(code="token-audience")
    in_time(claims)
    return claims


def verified(authority: Authority, token: str) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Header and claims of a token that the authority signed. Raises `Refused`."""
    if len(token) > _LONGEST:
        raise Refused(code="token-too-long")
    kid = _unverified_header(token).get("kid")
    if not isinstance(kid, str):
        raise Refused(code="token-without-key-id")
    try:
        keys = authority.keys(kid)
        key = next((k for k in keys.keys if k.kid == kid), None)
        if key is None:
            raise Refused(code="token-unknown-key")
        told = jwt.decode(token, key, algorithms=ALGORITHMS)
    except Untold as fault:
        raise Refused(code=str(fault)) from fault
    except (JoseError, ValueError, TypeError) as fault:
        raise Refused(code="token-signature") from fault
    return told.header, told.claims


def _unverified_header(token: str) -> Mapping[str, object]:
    try:
        header = jws.extract_compact(to_bytes(token)).headers()
    except (JoseError, ValueError, TypeError) as fault:
        raise Refused(code="token-garbage") from fault
    return header if header.get("alg") in ALGORITHMS and "crit" not in header else {}


def many(audience: object) -> tuple[str, ...]:
    """The audiences of a token, said as one or as a list."""
    told = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    return tuple(a for a in told if isinstance(a, str))


def in_time(claims: Mapping[str, object]) -> None:
    """Raises `Refused` for a token that is over, has no end, or is not yet."""
    now = clock.now()
    ends, starts, made = (_moment(claims.get(name)) for name in ("exp", "nbf", "iat"))
    if ends is None or now >= ends + LEEWAY:
        raise Refused(code="token-over")
    if any(m is not None and m > now + LEEWAY for m in (starts, made)):
        raise Refused(code="token-not-yet")


def _moment(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _proven(session: Session, shown: Shown, jkt: str) -> None:
    """Check that whoever shows the token holds its key, here and now and for the first time. Raises `Refused`."""
    if not shown.proof or len(shown.proof) > _LONGEST:
        raise Refused(code="proof-missing")
    header = _unverified_header(shown.proof)
    if header.get("typ") != "dpop+jwt":
        raise Refused(code="proof-type")
    key = _proof_key(header.get("jwk"))
    if key.thumbprint() != jkt:
        raise Refused(code="proof-other-key")
    try:
        claims = jwt.decode(shown.proof, key, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError) as fault:
        raise Refused(code="proof-signature") from fault
    _speaks_of(claims, shown)
    _first_time(session, jkt, claims)


def _proof_key(told: object) -> Key:
    if not isinstance(told, dict) or _PRIVATE & set(told):
        raise Refused(code="proof-key")
    kind = _KINDS.get(str(told.get("kty")))
    if kind is None:
        raise Refused(code="proof-key")
    try:
        key = kind.import_key({k: v for k, v in told.items() if isinstance(v, str)})
    except (JoseError, ValueError, TypeError) as fault:
        raise Refused(code="proof-key") from fault
    if isinstance(key, RSAKey) and key.public_key.key_size < _SHORTEST_RSA:
        raise Refused(code="proof-key")
    return key


def _speaks_of(claims: Mapping[str, object], shown: Shown) -> None:
    if claims.get("htm") != shown.method:
        raise Refused(code="proof-method")
    if not _same_address(claims.get("htu"), shown.url):
        raise Refused(code="proof-address")
    if claims.get("ath") != _b64(hashlib.sha256(shown.token.encode()).digest()):
        raise Refused(code="proof-other-token")
    made, now = _moment(claims.get("iat")), clock.now()
    if made is None or not now - PROOF_LASTS - LEEWAY <= made <= now + LEEWAY:
        raise Refused(code="proof-time")


def _same_address(told: object, url: str) -> bool:
    """Scheme, host, port and path are the same (RFC 9449 section 4.3): query and fragment are not compared."""
    if not isinstance(told, str):
        return False
    try:
        return _place(told) == _place(url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str, int, str]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    return parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path or "/"


def _first_time(session: Session, jkt: str, claims: Mapping[str, object]) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise Refused(code="proof-without-id")
    row = {
        "id": hashlib.sha256(f"{jkt}|{jti}".encode()).hexdigest(),
        "ends_at": clock.now() + PROOF_LASTS + 3 * LEEWAY,
    }
    session.execute(delete(seen_proofs).where(seen_proofs.c.ends_at < clock.now()))
    if not put_first(session, seen_proofs, row):
        raise Refused(code="proof-replayed")


def _user(session: Session, trusted: Trust, claims: Mapping[str, object]) -> User:
    client, parent, child = claims.get("client_id"), claims.get(_PARENT), claims.get(_CHILD)
    if any(claims.get(name) for name in _PERSON):
        raise Refused(code="token-of-a-person")
    if not isinstance(client, str) or not client or not isinstance(parent, str) or not parent:
        raise Refused(code="token-without-organisation")
    allowed = terms(settings_in(session)).organisations
    mine = [n for n in (child, parent) if isinstance(n, str) and n]
    organisation = next((n for n in mine if n in allowed), "" if allowed else mine[0])
    if not organisation:
        raise Refused(code="token-organisation")
    scopes = _scopes(trusted.audience, claims.get("scope"))
    name = str(claims.get(_NAME) or client)[:200]
    return User(id=f"system:{client}"[:64], name=name, role=Role.SYSTEM, organisation=organisation[:20], scopes=scopes)


def _scopes(audience: str, told: object) -> frozenset[Need]:
    words = (
        told.split()
        if isinstance(told, str)
        else [w for w in told if isinstance(w, str)]
        if isinstance(told, list)
        else []
    )
    return frozenset(need for need in SYSTEM_NEEDS if f"{audience}/{need.value}" in words)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
