"""How we show a source who we are: client credentials with a signed assertion, and a proof of possession where asked.

SMART Backend Services (a journal) and HelseID (SFM) both take `private_key_jwt`; HelseID binds the token to a key of
ours (DPoP, RFC 9449). A token's life is what `expires_in` says, counted on a clock that nobody sets.
"""

import base64
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit, urlunsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from medrec import clock
from medrec.config import SettingFault
from medrec.sources.endpoints import Endpoint
from medrec.sources.http_client import Answer, HttpClient, SourceFault

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES = {"256": hashes.SHA256, "384": hashes.SHA384}
_BEFORE = timedelta(seconds=20)
"""An assertion is good from a little before now: clocks differ."""
_SPARE = 30.0
_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def load_key(pem: bytes) -> PrivateKey:
    """The private key in a PEM file. Raises `SettingFault` where it is none, or of a kind that can't sign."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as fault:
        msg = "a source's key file holds no private key"
        raise SettingFault(msg) from fault
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    msg = "a source's key must be RSA or elliptic curve"
    raise SettingFault(msg)


def signed(key: PrivateKey, algorithm: str, header: Mapping[str, object], claims: Mapping[str, object]) -> str:
    """A compact JWS (RFC 7515) of the claims. `algorithm`: RS256, RS384, PS256, PS384, ES256 or ES384."""
    head = {"alg": algorithm, **header}
    body = f"{_b64(_json(head))}.{_b64(_json(claims))}"
    return f"{body}.{_b64(_signature(key, algorithm, body.encode()))}"


def _signature(key: PrivateKey, algorithm: str, body: bytes) -> bytes:
    family, digest = algorithm[:2], _HASHES.get(algorithm[2:])
    if digest is None or (family == "ES") != isinstance(key, ec.EllipticCurvePrivateKey):
        msg = f"a source's key can't sign by {algorithm}"
        raise SettingFault(msg)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(body, ec.ECDSA(digest())))
        size = (key.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if family == "PS":
        return key.sign(body, padding.PSS(padding.MGF1(digest()), digest().digest_size), digest())
    return key.sign(body, padding.PKCS1v15(), digest())


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """The public half as a JWK (RFC 7517), its members in the order of a thumbprint (RFC 7638)."""
    numbers = key.public_key().public_numbers()
    if isinstance(numbers, ec.EllipticCurvePublicNumbers):
        size = (key.key_size + 7) // 8
        x, y = (_b64(n.to_bytes(size, "big")) for n in (numbers.x, numbers.y))
        return {"crv": f"P-{key.key_size}", "kty": "EC", "x": x, "y": y}
    e, n = (_b64(i.to_bytes((i.bit_length() + 7) // 8, "big")) for i in (numbers.e, numbers.n))
    return {"e": e, "kty": "RSA", "n": n}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """SHA-256 of the JWK's canonical form: names a key without telling more."""
    return _b64(hashlib.sha256(_json(jwk)).digest())


class Credentials:
    """The token of one source, asked for when there is none or it is about to end; shared by all threads."""

    def __init__(self, endpoint: Endpoint, client: HttpClient) -> None:
        self._endpoint = endpoint
        self._client = client
        self._key = load_key(endpoint.key_pem)
        self._proof_key = ec.generate_private_key(ec.SECP256R1()) if endpoint.dpop else None
        self._token = ""
        self._ends = 0.0
        self._nonces: dict[str, str] = {}
        self._lock = threading.Lock()

    def head(self, method: str, url: str) -> dict[str, str]:
        """The headers that let one request in. Raises `SourceFault` where no token is given."""
        with self._lock:
            if not self._token or time.monotonic() > self._ends:
                self._ask()
            token = self._token
        if self._proof_key is None:
            return {"Authorization": f"Bearer {token}"}
        return {"Authorization": f"DPoP {token}", "DPoP": self._proof(method, url, token)}

    def told(self, url: str, answer: Answer) -> bool:
        """Learn from an answer; True where the request should be sent once more (nonce wanted, or token not taken)."""
        self._learn_nonce(url, answer)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return False
        if "use_dpop_nonce" not in answer.headers.get("www-authenticate", ""):
            with self._lock:
                self._token = ""
        return True

    def _ask(self) -> None:
        answer = self._ask_once()
        if answer.status == HTTPStatus.BAD_REQUEST and b"use_dpop_nonce" in answer.body:
            answer = self._ask_once()
        if answer.status != HTTPStatus.OK:
            code = f"token-{answer.status}"
            raise SourceFault(code, refused=answer.status < HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            told = json.loads(answer.body)
            self._token, life = str(told["access_token"]), float(told["expires_in"])
        except (ValueError, KeyError, TypeError) as fault:
            code = "token-garbage"
            raise SourceFault(code) from fault
        self._ends = time.monotonic() + max(life - _SPARE, life / 2)

    def _ask_once(self) -> Answer:
        url = self._endpoint.token_url

        def head() -> dict[str, str]:
            kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            return kind if self._proof_key is None else {**kind, "DPoP": self._proof("POST", url)}

        form = {"grant_type": "client_credentials", "scope": self._endpoint.scope}
        form |= {"client_id": self._endpoint.client_id} if self._endpoint.dpop else {}
        form |= {"client_assertion_type": _BEARER, "client_assertion": self.assertion()}
        answer = self._client.send("POST", url, head=head, body=urlencode(form).encode())
        self._learn_nonce(url, answer)
        return answer

    def assertion(self) -> str:
        """A fresh client assertion: who we are, for the token endpoint only, good for minutes and once."""
        endpoint, now = self._endpoint, clock.now()
        claims: dict[str, object] = {
            "iss": endpoint.client_id,
            "sub": endpoint.client_id,
            "aud": endpoint.token_url,
            "jti": str(uuid.uuid4()),
            "iat": int(now.timestamp()),
            "nbf": int((now - _BEFORE).timestamp()),
            "exp": int((now + endpoint.assertion_life).timestamp()),
        }
        if endpoint.assertion_details is not None:
            claims["assertion_details"] = endpoint.assertion_details
        header = {"typ": "JWT", "kid": thumbprint(public_jwk(self._key))}
        return signed(self._key, endpoint.algorithm, header, claims)

    def _proof(self, method: str, url: str, token: str = "") -> str:
        if self._proof_key is None:
            raise AssertionError
        parts = urlsplit(url)
        claims: dict[str, object] = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "iat": int(clock.now().timestamp()),
        }
        if token:
            claims["ath"] = _b64(hashlib.sha256(token.encode()).digest())
        if nonce := self._nonces.get(parts.netloc):
            claims["nonce"] = nonce
        return signed(self._proof_key, "ES256", {"typ": "dpop+jwt", "jwk": public_jwk(self._proof_key)}, claims)

    def _learn_nonce(self, url: str, answer: Answer) -> None:
        if nonce := answer.headers.get("dpop-nonce"):
            self._nonces[urlsplit(url).netloc] = nonce


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
