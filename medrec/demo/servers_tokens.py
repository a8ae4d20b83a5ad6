"""A token endpoint as HelseID and SMART Backend Services have one: it checks what it is shown, and says no.

Client credentials with `private_key_jwt` (RFC 7523); with `dpop` also a proof of possession with a nonce (RFC 9449),
and tokens that are bound to its key. Signatures are checked by joserfc, which our own signer does not use.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from medrec import clock
from medrec.demo.servers import Reply, Request

Claims = Mapping[str, Any]
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ["RS256", "RS384", "PS256", "PS384", "ES256", "ES384"]
_SKEW = 30


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the program
    """Why a client is not let in: an error code of OAuth."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


@dataclass(slots=True, kw_only=True)
class TokenService:
    """The endpoint and its memory. `public_pem`: the client's key; `longest`: how far ahead an assertion may end.

    `seen` are the claims of every assertion that was taken, `proofs` those of every proof.
    """

    client_id: str
    public_pem: bytes
    scope: str
    dpop: bool = False
    longest: int = 300
    lasts: float = 300.0
    now: Callable[[], datetime] = clock.now
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    seen: list[Claims] = field(default_factory=list)
    proofs: list[Claims] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)
    _given: dict[str, tuple[float, str]] = field(default_factory=dict)

    def token(self, request: Request) -> Reply:
        """`POST /token`."""
        try:
            bound = self._proved(request, token="") if self.dpop else ""
            self._known(request)
        except Refusal as refusal:
            told = {"error": refusal.code, "error_description": refusal.why}
            return Reply.of(told, 400, "application/json", **self._nonce())
        value = secrets.token_urlsafe(16)
        self._given[value] = (time.monotonic() + self.lasts, bound)
        told_token = {"access_token": value, "expires_in": self.lasts, "scope": self.scope}
        kind = "DPoP" if self.dpop else "bearer"
        return Reply.of({**told_token, "token_type": kind}, 200, "application/json", **self._nonce())

    def refused(self, request: Request) -> Reply | None:
        """`None` where a request carries a token of ours (and its proof); else the 401."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        ends, bound = self._given.get(value, (0.0, ""))
        if kind.lower() != ("dpop" if self.dpop else "bearer") or time.monotonic() > ends:
            return self._challenge("invalid_token")
        try:
            if self.dpop and self._proved(request, token=value) != bound:
                return self._challenge("invalid_token")
        except Refusal as refusal:
            return self._challenge(refusal.code)
        return None

    def forget(self) -> None:
        """Take back every token: a server that was started anew."""
        self._given.clear()

    def _challenge(self, code: str) -> Reply:
        kind = "DPoP" if self.dpop else "Bearer"
        return Reply(401, b"", {"WWW-Authenticate": f'{kind} error="{code}"', **_dashed(self._nonce())})

    def _nonce(self) -> dict[str, str]:
        return {"DPoP_Nonce": self.nonce} if self.dpop else {}

    def _known(self, request: Request) -> None:
        form = request.form
        if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != _ASSERTION:
            code = "unsupported_grant_type"
            raise Refusal(code, "client credentials with an assertion only")
        claims = _claims(form.get("client_assertion", ""), _key(self.public_pem), "invalid_client")
        now = int(self.now().timestamp())
        wrong = {
            "iss": claims.get("iss") != self.client_id,
            "sub": claims.get("sub") != self.client_id,
            "aud": claims.get("aud") != request.url,
            "exp": not now - _SKEW < int(claims.get("exp", 0)) <= now + self.longest + _SKEW,
            "nbf": int(claims.get("nbf", 0)) > now + _SKEW,
            "jti": not self._first(f"assertion {claims.get('jti')}"),
        }
        if any(wrong.values()):
            code = "invalid_client"
            raise Refusal(code, ", ".join(name for name, bad in wrong.items() if bad))
        if not set(form.get("scope", "").split()) <= set(self.scope.split()):
            code = "invalid_scope"
            raise Refusal(code, "not granted")
        self.seen.append(claims)

    def _proved(self, request: Request, token: str) -> str:
        """The thumbprint of the key a proof was made with."""
        raw, code = request.headers.get("dpop", ""), "invalid_dpop_proof"
        try:
            header = jws.extract_compact(raw.encode()).headers()
            key = ECKey.import_key(header["jwk"])
        except (JoseError, KeyError, ValueError, TypeError) as fault:
            raise Refusal(code, "no proof") from fault
        if header.get("typ") != "dpop+jwt" or "d" in header["jwk"]:
            raise Refusal(code, "typ or jwk")
        claims = _claims(raw, key, code)
        bound_to = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        wrong = {
            "htm": claims.get("htm") != request.method,
            "htu": claims.get("htu") != request.url,
            "iat": abs(int(claims.get("iat", 0)) - self.now().timestamp()) > 60 + _SKEW,
            "ath": bool(token) and claims.get("ath") != bound_to,
            "jti": not self._first(f"proof {claims.get('jti')}"),
        }
        if any(wrong.values()):
            raise Refusal(code, ", ".join(name for name, bad in wrong.items() if bad))
        if claims.get("nonce") != self.nonce:
            code = "use_dpop_nonce"
            raise Refusal(code, "a nonce of ours is needed")
        self.proofs.append(claims)
        return key.thumbprint()

    def _first(self, name: str) -> bool:
        fresh = name not in self._used
        self._used.add(name)
        return fresh


def _claims(raw: str, key: Key, code: str) -> Claims:
    try:
        return jwt.decode(raw, key, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError) as fault:
        raise Refusal(code, "the signature does not hold") from fault


def _key(pem: bytes) -> Key:
    try:
        return ECKey.import_key(pem)
    except (JoseError, ValueError):
        return RSAKey.import_key(pem)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
