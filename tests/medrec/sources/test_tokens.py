"""What we sign, held against the specifications by a library that is not ours."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from sourcing import EC_KEY, RSA_KEY, at, client, endpoint_at, journal_server, private_pem, public_pem, sfm_server
from told import NOON

from medrec.config import SettingFault
from medrec.sources import tokens
from medrec.sources.http_client import SourceFault
from medrec.sources.tokens import Credentials

CLAIMS = {"iss", "sub", "aud", "jti", "iat", "nbf", "exp"}
KINDS = [
    ("RS256", RSA_KEY), ("RS384", RSA_KEY), ("PS256", RSA_KEY), ("PS384", RSA_KEY), ("ES384", EC_KEY),
]  # fmt: skip


def public_key(key):
    return (ECKey if key is EC_KEY else RSAKey).import_key(public_pem(key))


@pytest.fixture
def sfm():
    with sfm_server({}) as server:
        yield server


@pytest.mark.parametrize(("algorithm", "key"), KINDS)
def test_an_assertion_is_who_we_are_for_the_token_endpoint_only_and_soon_over(sfm, algorithm, key):
    endpoint = endpoint_at(sfm, "sfm", algorithm=algorithm, key_pem=private_pem(key))
    credentials = Credentials(endpoint, client())
    with at(NOON):
        token = jwt.decode(credentials.assertion(), public_key(key), algorithms=[algorithm])
        again = jwt.decode(credentials.assertion(), public_key(key), algorithms=[algorithm])
    now = int(NOON.timestamp())
    assert token.header == {"alg": algorithm, "typ": "JWT", "kid": public_key(key).thumbprint()}
    assert set(token.claims) == CLAIMS
    assert token.claims["iss"] == token.claims["sub"] == endpoint.client_id
    assert token.claims["aud"] == endpoint.token_url
    assert token.claims["nbf"] <= now == token.claims["iat"] < token.claims["exp"] <= now + 60
    assert token.claims["jti"] != again.claims["jti"]


def test_a_journals_assertion_ends_within_five_minutes(sfm):
    with at(NOON):
        raw = Credentials(endpoint_at(sfm, "fhir"), client()).assertion()
    assert jwt.decode(raw, public_key(EC_KEY), algorithms=["ES384"]).claims["exp"] <= NOON.timestamp() + 300


def test_organisation_numbers_travel_in_assertion_details(sfm):
    details = [{"type": "helseid_authorization", "practitioner_role": {"organization": {"identifier": []}}}]
    endpoint = endpoint_at(sfm, "sfm", assertion_details=details)
    raw = Credentials(endpoint, client()).assertion()
    assert jwt.decode(raw, public_key(RSA_KEY), algorithms=["PS256"]).claims["assertion_details"] == details


def proof_of(head):
    raw = head["DPoP"]
    key = ECKey.import_key(jws.extract_compact(raw.encode()).headers()["jwk"])
    return jwt.decode(raw, key, algorithms=["ES256"]), key


def test_a_proof_names_method_address_token_and_nonce_and_is_good_once(sfm):
    credentials = Credentials(endpoint_at(sfm, "sfm"), client())
    address = sfm.address + "/fhir/Patient/$getMedication"
    with at(NOON):
        head = credentials.head("POST", f"{address}?_format=json#x")
        token, key = proof_of(head)
        again, same_key = proof_of(credentials.head("POST", address))
    kind, _, value = head["Authorization"].partition(" ")
    assert kind == "DPoP"
    assert token.header["typ"] == "dpop+jwt"
    assert "d" not in token.header["jwk"], "the private half stays at home"
    assert (token.claims["htm"], token.claims["htu"]) == ("POST", address)
    assert token.claims["iat"] == int(NOON.timestamp())
    assert token.claims["ath"] == urlsafe_b64encode(hashlib.sha256(value.encode()).digest()).rstrip(b"=").decode()
    assert token.claims["nonce"] == sfm.tokens.nonce
    assert token.claims["jti"] != again.claims["jti"]
    assert key.thumbprint() == same_key.thumbprint(), "the token is bound to this key"


def test_the_key_of_proofs_is_not_the_key_of_assertions(sfm):
    credentials = Credentials(endpoint_at(sfm, "sfm", algorithm="ES384", key_pem=private_pem(EC_KEY)), client())
    sfm.tokens.public_pem = public_pem(EC_KEY)
    with at(NOON):
        _, key = proof_of(credentials.head("GET", sfm.address))
    assert key.thumbprint() != public_key(EC_KEY).thumbprint()


def test_a_journals_token_is_a_bearer_token():
    with journal_server() as journal, at(NOON):
        head = Credentials(endpoint_at(journal, "fhir"), client()).head("GET", journal.address)
    assert set(head) == {"Authorization"}
    assert head["Authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    ("lasts", "used", "same"), [(300.0, 269.0, True), (300.0, 271.0, False), (1.0, 0.4, True), (1.0, 0.6, False)]
)
def test_a_token_is_used_until_it_is_about_to_end(sfm, monkeypatch, lasts, used, same):
    seconds = [1000.0]
    monkeypatch.setattr(tokens.time, "monotonic", lambda: seconds[0])
    sfm.tokens.lasts = lasts
    credentials = Credentials(endpoint_at(sfm, "sfm"), client())
    with at(NOON):
        first = credentials.head("GET", sfm.address)["Authorization"]
        seconds[0] += used
        assert (credentials.head("GET", sfm.address)["Authorization"] == first) is same


@pytest.mark.parametrize(
    "wrong", [{"scope": "system/*.write"}, {"client_id": "x"}, {"token_url": "{}/connect/token?x=1"}]
)
def test_the_endpoint_refuses_what_is_not_granted(sfm, wrong):
    """That the small server says no at all is what makes its yes worth something."""
    wrong = {name: value.format(sfm.address) for name, value in wrong.items()}
    with at(NOON), pytest.raises(SourceFault) as told:
        Credentials(endpoint_at(sfm, "sfm", **wrong), client()).head("GET", sfm.address)
    assert (told.value.code, told.value.refused) == ("token-400", True)


def test_an_assertion_of_long_ago_is_refused(sfm):
    with at(NOON):
        credentials = Credentials(endpoint_at(sfm, "sfm", assertion_life=timedelta(hours=-1)), client())
        with pytest.raises(SourceFault):
            credentials.head("GET", sfm.address)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN NOTHING-----"])
def test_a_file_without_a_key_is_told_at_once(sfm, pem):
    with pytest.raises(SettingFault):
        Credentials(endpoint_at(sfm, "sfm", key_pem=pem), client())


def test_a_key_that_cannot_sign_so_is_told(sfm):
    with pytest.raises(SettingFault):
        Credentials(endpoint_at(sfm, "sfm", algorithm="ES384"), client()).assertion()
