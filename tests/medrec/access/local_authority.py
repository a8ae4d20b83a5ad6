"""A local authority for development and tests only: it speaks as HelseID does, and says whatever it is told to.

PAR, PKCE (S256 only), private_key_jwt, DPoP with a nonce of its own, `iss` in the answer, and signed access tokens that
are bound to the client's key. What a test wants wrong is set in `spoil`.
"""

import base64
import hashlib
import json
import secrets
import threading
import time

from flask import Flask, jsonify, redirect, request
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

PARENT, CHILD = "helseid://claims/client/claims/orgnr_parent", "helseid://claims/client/claims/orgnr_child"
PID, HPR = "helseid://claims/identity/pid", "helseid://claims/hpr/hpr_number"
LEVEL = "helseid://claims/identity/security_level"
KEY = RSAKey.generate_key(2048, parameters={"kid": "authority-1", "use": "sig"})
"""Made once a run: making one takes longer than a whole sign-in."""
NONCE = "the-nonce-of-this-authority"


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class LocalServer:
    """An application on a free port of this machine, for as long as the block lasts."""

    def __init__(self, app):
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Authority(LocalServer):
    """One authority on a free port of this machine."""

    def __init__(self, client_id, client_key):
        self.client_id, self.client_key = client_id, client_key
        self.key = KEY
        self.person, self.spoil, self.asked = {}, {}, {}
        self.codes, self.assertions, self.faults = {}, set(), []
        self.app = Flask("authority")
        super().__init__(self._routes())
        self.issuer = self.url

    def _routes(self):
        app = self.app
        app.get("/.well-known/openid-configuration")(self.metadata)
        app.get("/keys")(lambda: jsonify(KeySet([self.key]).as_dict(private=False)))
        app.post("/par")(self.par)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        return app

    def metadata(self):
        told = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_endpoint": f"{self.issuer}/authorize",
            "pushed_authorization_request_endpoint": f"{self.issuer}/par",
            "token_endpoint": f"{self.issuer}/token",
            "end_session_endpoint": f"{self.issuer}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        return jsonify(told | self.spoil.get("metadata", {}))

    def _wrong(self, code, *, nonce=False):
        self.faults.append(code)
        answer = jsonify(error=code)
        answer.status_code = 400
        if nonce:
            answer.headers["DPoP-Nonce"] = NONCE
        return answer

    def _client(self):
        """The client's assertion holds: signed, for us, short, once."""
        if request.form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return False
        told = jwt.decode(request.form["client_assertion"], self.client_key, algorithms=["PS256"])
        claims, now = told.claims, time.time()
        aud = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        good = claims["iss"] == claims["sub"] == self.client_id and self.issuer in aud
        fresh = now < claims["exp"] <= now + 61 and claims["jti"] not in self.assertions
        self.assertions.add(claims["jti"])
        return good and fresh

    def _proof(self, method, path):
        """(thumbprint of the proof's key, None) or (None, the refusal)."""
        proof = request.headers.get("DPoP", "")
        if not proof:
            return None, self._wrong("invalid_dpop_proof")
        jwk = jws.extract_compact(proof.encode()).headers()["jwk"]
        assert "d" not in jwk
        key = ECKey.import_key(jwk)
        claims = jwt.decode(proof, key, algorithms=["ES256"]).claims
        if (claims["htm"], claims["htu"]) != (method, self.issuer + path):
            return None, self._wrong("invalid_dpop_proof")
        if claims.get("nonce") != NONCE:
            return None, self._wrong("use_dpop_nonce", nonce=True)
        return key.thumbprint(), None

    def par(self):
        if not self._client():
            return self._wrong("invalid_client")
        jkt, refusal = self._proof("POST", "/par")
        if refusal:
            return refusal
        form = request.form.to_dict()
        if form.get("code_challenge_method") != "S256" or form.get("dpop_jkt", jkt) != jkt:
            return self._wrong("invalid_request")
        uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_hex(8)}"
        self.asked[uri] = form | {"jkt": jkt}
        return jsonify(request_uri=uri, expires_in=60), 201

    def authorize(self):
        asked = self.asked.pop(request.args["request_uri"])
        code = secrets.token_hex(16)
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], "iss": self.issuer} | self.spoil.get("answer", {})
        query = "&".join(f"{name}={value}" for name, value in told.items() if value is not None)
        return redirect(f"{asked['redirect_uri']}?{query}")

    def token(self):
        if not self._client():
            return self._wrong("invalid_client")
        jkt, refusal = self._proof("POST", "/token")
        if refusal:
            return refusal
        asked = self.codes.pop(request.form.get("code", ""), None)
        if asked is None or asked["jkt"] != jkt or asked["redirect_uri"] != request.form.get("redirect_uri"):
            return self._wrong("invalid_grant")
        if b64(hashlib.sha256(request.form["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return self._wrong("invalid_grant")
        told = {"access_token": self.access_token(jkt), "token_type": "DPoP", "expires_in": 60}
        return jsonify(told | {"id_token": self.id_token(asked["nonce"])})

    def id_token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client_id, "sub": "somebody", "nonce": nonce}
        claims |= {"iat": now, "exp": now + 60, LEVEL: "4"} | self.person | self.spoil.get("id_token", {})
        return self._signed({"typ": "JWT"}, claims)

    def access_token(self, jkt, *, now=None, header=None, **more):
        now = int(time.time() if now is None else now)
        claims = {"iss": self.issuer, "aud": "kommune:medrec", "client_id": "another-system", PARENT: "999000061"}
        claims |= {"iat": now, "nbf": now, "exp": now + 60, "cnf": {"jkt": jkt}, "scope": "kommune:medrec/see-list"}
        claims = {name: value for name, value in (claims | more).items() if value is not None}
        return self._signed({"typ": "at+jwt"} | (header or {}), claims)

    def _signed(self, header, claims):
        if self.spoil.get("unsigned"):
            parts = ({"alg": "none", "kid": "authority-1"} | header, claims)
            return ".".join(b64(json.dumps(p).encode()) for p in parts) + "."
        key = self.spoil.get("key", self.key)
        return jwt.encode({"alg": "PS256", "kid": "authority-1"} | header, claims, key, algorithms=["PS256", "HS256"])
