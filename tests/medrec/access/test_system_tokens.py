"""Systems show a token of HelseID that is bound to their key; whatever is forged, old, used or another's is refused."""

import hashlib
import json
import time
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from local_authority import CHILD, PARENT, PID, Authority, b64
from sqlalchemy import func, select

from medrec import clock, persons, roster
from medrec.access import blocks, sessions
from medrec.access.people import Need, Role, User
from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.demo.people import identity_number
from medrec.records import audit, proof
from medrec.vault import new_keys

WEB = "https://medrec.example"
ANNA = next(filter(None, (identity_number(date(1941, 5, 17), n) for n in range(20))))
MINE, OTHERS = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
LIST = "/api/v1/patients/{}/medication-list"


@pytest.fixture(scope="module")
def authority():
    with Authority("nobody", None) as running:
        yield running


@pytest.fixture(autouse=True)
def _unspoilt(authority):
    authority.spoil = {}


@pytest.fixture
def world(sqlite_settings, authority):
    """An API that takes the authority's tokens, with one patient whose list nobody has judged."""
    yield from _world(sqlite_settings, authority)


@pytest.fixture
def either_world(store_settings, authority):
    """The same, once on each database."""
    yield from _world(store_settings, authority)


def _world(held, authority):
    told = {"MEDREC_KEYS": new_keys(), "MEDREC_DATABASE_URL": held.database_url, "MEDREC_WEB_URL": WEB}
    told |= {"MEDREC_HELSEID_URL": authority.issuer, "MEDREC_HELSEID_AUDIENCE": "kommune:medrec"}
    told |= {"MEDREC_ORGANISATIONS": "999000061,999000062"}
    database = open_database(settings(held.data_dir, told))
    row = roster.RosterRow(identifier=ANNA, name="Lun Snøfonn", district="Nord", starts=clock.today())
    with database.writing() as session:
        roster.load(session, [row], clock.today())
        anna = persons.find(session, ANNA)
    yield database, create_app(database).test_client(), anna
    database.close()


def proved(method, url, token, *, key=MINE, header=None, **more):
    """A DPoP proof as a well-behaved system makes it, but for what a test says."""
    claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
    claims |= {"ath": b64(hashlib.sha256(token.encode()).digest())}
    claims = {name: value for name, value in (claims | more).items() if value is not None}
    head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)} | (header or {})
    return jwt.encode(head, claims, key, algorithms=["ES256"])


def asked(world, token, proof=None, *, path="", scheme="DPoP", **more):
    path = path or LIST.format(world[2])
    shown = proof or proved("GET", WEB + path, token)
    headers = {"Authorization": f"{scheme} {token}", "DPoP": shown}
    return world[1].get(path, headers=headers | more, base_url=WEB)


def allowed(answer):
    """Whoever is let in is told that there is no list yet; everybody else that they are not signed in."""
    assert answer.status_code in {401, 404}, answer.text
    return answer.status_code == 404


def test_a_bound_token_and_its_proof_let_a_system_in(world, authority):
    assert allowed(asked(world, authority.access_token(MINE.thumbprint())))
    with world[0].reading() as session:
        row = session.execute(select(audit).where(audit.c.what == "read-list")).one()
    assert (row.actor, row.role, row.organisation, row.why) == ("system:another-system", "system", "999000061", "COC")


def test_without_anything_the_answer_says_how_and_nothing_else(world):
    answer = world[1].get(LIST.format(world[2]), base_url=WEB)
    told = answer.headers.getlist("WWW-Authenticate")
    assert answer.status_code == 401
    assert any(t.startswith("DPoP algs=") and "none" not in t and "HS" not in t for t in told)


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"iss": "https://elsewhere.example"}),
        ({}, {"aud": "kommune:another"}),
        ({}, {"aud": None}),
        ({}, {"exp": 1}),
        ({}, {"exp": None}),
        ({}, {"exp": "soon"}),
        ({}, {"nbf": int(time.time()) + 3600}),
        ({}, {"iat": int(time.time()) + 3600}),
        ({}, {"cnf": None}),
        ({}, {"cnf": {"jkt": OTHERS.thumbprint()}}),
        ({}, {"client_id": None}),
        ({}, {PARENT: None}),
        ({}, {PARENT: "999000099"}),
        ({}, {PID: ANNA}),
        ({"typ": "JWT"}, {}),
        ({"kid": "unknown"}, {}),
    ],
    ids=" ".join,
)
def test_a_token_that_is_not_quite_right_is_refused(world, authority, header, claims):
    assert not allowed(asked(world, authority.access_token(MINE.thumbprint(), header=header, **claims)))


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"htm": "POST"}),
        ({}, {"htu": f"{WEB}/api/v1/changes"}),
        ({}, {"htu": "https://elsewhere.example/"}),
        ({}, {"htu": 7}),
        ({}, {"ath": b64(hashlib.sha256(b"another token").digest())}),
        ({}, {"ath": None}),
        ({}, {"jti": None}),
        ({}, {"jti": ""}),
        ({}, {"iat": int(time.time()) - 3600}),
        ({}, {"iat": int(time.time()) + 3600}),
        ({}, {"iat": None}),
        ({"typ": "JWT"}, {}),
        ({"jwk": MINE.as_dict(private=True)}, {}),
        ({"jwk": OTHERS.as_dict(private=False)}, {}),
        ({"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, {}),
        ({"jwk": {}}, {}),
    ],
    ids=" ".join,
)
def test_a_proof_that_is_not_quite_right_is_refused(world, authority, header, claims):
    token = authority.access_token(MINE.thumbprint())
    url = WEB + LIST.format(world[2])
    assert not allowed(asked(world, token, proved("GET", url, token, header=header, **claims)))


def test_a_proof_of_another_key_is_refused(world, authority):
    token = authority.access_token(MINE.thumbprint())
    assert not allowed(asked(world, token, proved("GET", WEB + LIST.format(world[2]), token, key=OTHERS)))


def test_a_proof_is_good_once_at_every_process(either_world, authority):
    world = either_world
    token = authority.access_token(MINE.thumbprint())
    shown = proved("GET", WEB + LIST.format(world[2]), token)
    assert allowed(asked(world, token, shown))
    elsewhere = (world[0], create_app(world[0]).test_client(), world[2])
    assert not allowed(asked(world, token, shown))
    assert not allowed(asked(elsewhere, token, shown))
    with clock.held(clock.now() + timedelta(seconds=40)):
        assert not allowed(asked(world, token, shown)), "when its id is forgotten it is too old"
        later = proved("GET", WEB + LIST.format(world[2]), token, iat=int(clock.now().timestamp()))
        assert allowed(asked(world, token, later))
    with world[0].reading() as session:
        assert session.scalar(select(func.count()).select_from(proof)) == 1


def test_a_bound_token_is_no_bearer_token(world, authority):
    token = authority.access_token(MINE.thumbprint())
    for scheme in ("Bearer", "bearer", "Basic", ""):
        assert not allowed(asked(world, token, scheme=scheme)), scheme


def test_a_token_of_our_own_is_no_bound_token(world):
    with world[0].writing() as session:
        token = sessions.new_token(session, name="x", organisation="", scopes=frozenset({Need.SEE_LIST}), days=1)
    assert not allowed(asked(world, token))


def test_forged_tokens_are_refused(world, authority):
    thumbprint = MINE.thumbprint()
    authority.spoil = {"unsigned": True}
    unsigned = authority.access_token(thumbprint)
    authority.spoil = {"key": RSAKey.generate_key(2048)}
    forged = authority.access_token(thumbprint)
    authority.spoil = {}
    head, body, signature = authority.access_token(thumbprint).split(".")
    richer = json.loads(_unb64(body)) | {"scope": "kommune:medrec/act kommune:medrec/see-list"}
    changed = f"{head}.{b64(json.dumps(richer).encode())}.{signature}"
    for token in (unsigned, forged, changed, "garbage", "a.b.c", "é.é.é", "x" * 9_000, f"{head}.{body}."):
        assert not allowed(asked(world, token, proved("GET", WEB + LIST.format(world[2]), "any")))


def _unb64(text):
    from base64 import urlsafe_b64decode  # noqa: PLC0415 - this forgery only

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_forged_proofs_are_refused(world, authority):
    token = authority.access_token(MINE.thumbprint())
    url = WEB + LIST.format(world[2])
    head, body, _ = proved("GET", url, token).split(".")
    secret = OctKey.import_key("secret")
    claims = json.loads(_unb64(body))
    by_secret = jwt.encode(
        {"alg": "HS256", "typ": "dpop+jwt", "jwk": secret.as_dict(private=True)}, claims, secret, algorithms=["HS256"]
    )
    twice = f"{proved('GET', url, token)},{proved('GET', url, token)}"
    for shown in (f"{head}.{body}.", by_secret, "garbage", twice, "x" * 9_000):
        assert not allowed(asked(world, token, shown))


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_short_key_proves_nothing(world, authority):
    short = RSAKey.generate_key(1024, auto_kid=False)
    token = authority.access_token(short.thumbprint())
    claims = {"jti": "x", "htm": "GET", "htu": WEB + LIST.format(world[2]), "iat": int(time.time())}
    claims |= {"ath": b64(hashlib.sha256(token.encode()).digest())}
    head = {"alg": "PS256", "typ": "dpop+jwt", "jwk": short.as_dict(private=False)}
    shown = jwt.encode(head, claims, short, algorithms=["PS256"])
    assert not allowed(asked(world, token, shown))


def test_scopes_say_what_a_system_may(world, authority):
    token = authority.access_token(MINE.thumbprint(), scope="kommune:medrec/worklist openid kommune:other/see-list")
    assert asked(world, token).status_code == 403
    path = "/api/v1/discrepancies"
    assert asked(world, token, path=path).status_code == 200
    token = authority.access_token(MINE.thumbprint(), scope=["kommune:medrec/see-list", 7])
    assert allowed(asked(world, token))


def test_a_unit_of_an_allowed_organisation_is_named_itself(world, authority):
    token = authority.access_token(MINE.thumbprint(), **{PARENT: "999000099", CHILD: "999000062"})
    assert allowed(asked(world, token))
    with world[0].reading() as session:
        assert session.scalars(select(audit.c.organisation).where(audit.c.what == "read-list")).all() == ["999000062"]


def test_a_blocked_patient_is_nobody_to_a_system_too(world, authority):
    known = asked(world, authority.access_token(MINE.thumbprint())).json
    with world[0].writing() as session:
        blocks.put(session, world[2], User(id="a", name="Test", role=Role.ADMIN))
    shut = asked(world, authority.access_token(MINE.thumbprint()))
    assert shut.status_code == 404
    assert shut.json["type"] == known["type"]
    with world[0].reading() as session:
        assert session.scalars(select(audit.c.what).order_by(audit.c.position.desc())).first() == "refused"


def test_where_no_audience_is_set_no_token_is_taken(sqlite_settings, authority):
    told = {"MEDREC_KEYS": new_keys(), "MEDREC_WEB_URL": WEB, "MEDREC_HELSEID_URL": authority.issuer}
    database = open_database(settings(sqlite_settings.data_dir, told))
    client = create_app(database).test_client()
    assert not allowed(asked((database, client, "a" * 24), authority.access_token(MINE.thumbprint(), aud="")))
    database.close()


def test_why_a_token_was_refused_stands_in_the_log_of_the_process_only(world, authority, capsys):
    answer = asked(world, authority.access_token(MINE.thumbprint(), aud="kommune:another"))
    assert "audience" not in answer.text + str(answer.headers)
    assert "token-audience" in "".join(capsys.readouterr())


def test_a_held_clock_refuses_what_was_made_before_it(world, authority):
    token = authority.access_token(MINE.thumbprint())
    with clock.held(datetime.now(UTC) + timedelta(hours=1)):
        assert not allowed(asked(world, token))
