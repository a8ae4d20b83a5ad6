"""Swapped ids, guessed cursors, planted sessions, smuggled headers: refused, logged, and nothing told."""

import io

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from sqlalchemy import select
from standing import bearer, in_care, signed_in
from told import ANNA, BERIT, NOON, TODAY, medicine, rf
from told import message as said

from medrec import actions, clock, intake, listing, work, worklist
from medrec.access import gate, log
from medrec.access.people import Role, User
from medrec.actions import ActionKind, By
from medrec.app import create_app
from medrec.records import audit, web_session
from medrec.server import Serving, _Server

HOME = {"Sec-Fetch-Site": "same-origin"}
NURSE = User(id="n", name="Test Sykepleier", role=Role.NURSE, district="Nord")
BY = By(id="n", name="Test Sykepleier", role="nurse")


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOON):
        yield


@pytest.fixture
def world(sqlite_database):
    """Anna in the nurse's district, Berit in another, both with open flags and a list."""
    database = sqlite_database
    anna, berit = in_care(database, (ANNA, "Lun Snøfonn", "Nord"), (BERIT, "Grønn Bjørk", "Sør"))
    for number in (ANNA, BERIT):
        intake.receive(database, said(number, medicine(dose="1 tablett morgen")), channel="test")
        intake.receive(database, rf(number, medicine(dose="3 tabletter kveld", kind="resept")), channel="test")
    work.drain(database, today=TODAY)
    return database, anna, berit, signed_in(create_app(database), database, NURSE)


def flags(database, person_id):
    with database.reading() as session:
        return [row.id for row in worklist.open_discrepancies(session, person_id=person_id).rows]


def test_a_flag_of_another_patient_opens_nothing_under_ones_own(world):
    database, anna, berit, browser = world
    mine, theirs = flags(database, anna), flags(database, berit)
    assert browser.get(f"/patients/{anna}/flags/{mine[0]}").status_code == 200
    assert browser.get(f"/patients/{anna}/flags/{theirs[0]}").status_code == 404
    assert browser.get(f"/patients/{berit}/flags/{theirs[0]}").status_code == 404


def test_an_act_on_another_patients_flag_or_statement_does_nothing(world):
    database, anna, berit, browser = world
    (theirs, *_), mine = flags(database, berit), flags(database, anna)
    with database.reading() as session:
        a = next(iter(listing.current_list(session, anna).statements))
        b = next(iter(listing.current_list(session, berit).statements))
        tag = listing.current_list(session, anna).etag
    for form in (
        {"kind": "acknowledge", "discrepancy": theirs, "match": tag},
        {"kind": "link-same", "a": a, "b": b, "match": tag},
    ):
        assert browser.post(f"/patients/{anna}/actions", data=form, headers=HOME).status_code in {404, 409}
    assert flags(database, berit)[0] == theirs
    assert flags(database, anna) == mine
    with database.reading() as session:
        assert worklist.history(session, anna) == worklist.history(session, berit) == ()


def test_an_act_of_another_patient_is_not_undone_under_ones_own(world):
    database, anna, berit, browser = world
    with database.writing() as session:
        done = actions.record_action(
            session, person_id=berit, kind=ActionKind.OBSERVATION, by=BY, today=TODAY, name="Paracet"
        )
    for person_id in (anna, berit):
        assert browser.post(f"/patients/{person_id}/undo/{done.action_id}", headers=HOME).status_code == 404
    with database.reading() as session:
        assert [n.undone_at for n in worklist.history(session, berit)] == [None]
        refused = session.scalars(select(audit.c.person_id).where(audit.c.what == "refused")).all()
    assert refused == [berit]


@pytest.mark.parametrize("guess", ["1", "a" * 40, "MHxh", "eyJhIjoxfQ==", "%00", "' or 1=1 --"])
def test_a_guessed_cursor_is_refused(world, guess):
    database, *_, browser = world
    answer = browser.application.test_client().get(
        "/api/v1/discrepancies", query_string={"cursor": guess}, headers=bearer(database)
    )
    assert answer.status_code in {400, 422}
    assert guess not in answer.text or len(guess) == 1


def test_the_cursor_of_a_list_was_given_here_and_is_not_made_up(world):
    database, *_, browser = world
    client, head = browser.application.test_client(), bearer(database)
    first = client.get("/api/v1/discrepancies?limit=1", headers=head).json
    assert (
        client.get("/api/v1/discrepancies", query_string={"cursor": first["cursor"]}, headers=head).status_code == 200
    )
    changed = first["cursor"][:-2] + ("AA" if first["cursor"][-2:] != "AA" else "BB")
    assert client.get("/api/v1/discrepancies", query_string={"cursor": changed}, headers=head).status_code in {400, 422}


def test_a_cursor_ahead_of_all_changes_is_told_as_such_and_tells_nobody(world):
    database, *_, browser = world
    answer = browser.application.test_client().get("/api/v1/changes?since=999999", headers=bearer(database))
    assert answer.status_code == 409


@pytest.mark.parametrize("planted", ["planted", "a" * 64, "", "é", "x" * 4000])
def test_a_session_id_that_was_planted_is_never_taken(world, planted):
    database, anna, _berit, browser = world
    client = browser.application.test_client()
    client.set_cookie(gate.COOKIE_ON_LOOPBACK, planted)
    assert client.get(f"/patients/{anna}").location == "/sign-in"
    with database.reading() as session:
        assert len(session.execute(select(web_session)).all()) == 1


def test_what_the_store_keeps_of_a_session_is_no_way_in(world):
    database, anna, _berit, browser = world
    with database.reading() as session:
        (digest,) = session.scalars(select(web_session.c.id)).all()
    client = browser.application.test_client()
    client.set_cookie(gate.COOKIE_ON_LOOPBACK, digest)
    assert client.get(f"/patients/{anna}").location == "/sign-in"


SMUGGLED = (
    {"X-Forwarded-User": "leader"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Prefix": "/x"},
    {"X-Original-URL": "/patients", "X-Rewrite-URL": "/patients"},
    {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"},
    {"Forwarded": "for=127.0.0.1;proto=https;host=elsewhere.example"},
    {"X-Remote-User": "l", "Remote-User": "l", "X-Role": "admin"},
)


@pytest.mark.parametrize("headers", SMUGGLED, ids=lambda h: next(iter(h)))
def test_headers_that_claim_something_change_nothing(world, headers):
    _database, anna, berit, browser = world
    nobody = browser.application.test_client()
    assert nobody.get(f"/patients/{anna}", headers=headers).location == "/sign-in"
    assert browser.get(f"/patients/{berit}", headers=headers).status_code == 404
    answer = browser.get("/guide", headers=headers)
    assert "elsewhere.example" not in answer.text + str(answer.headers)


def test_a_cookie_is_no_way_into_the_api_nor_a_token_into_the_pages(world):
    database, anna, _berit, browser = world
    assert browser.get(f"/api/v1/patients/{anna}/medication-list").status_code == 401
    nobody = browser.application.test_client()
    head = bearer(database)
    assert nobody.post(f"/patients/{anna}/actions", data={"kind": "confirm"}, headers=head | HOME).status_code >= 400
    with database.reading() as session:
        assert worklist.history(session, anna) == ()


@pytest.fixture(scope="module")
def served():
    """Gunicorn's settings as we serve with them."""
    server = _Server.__new__(_Server)
    server.cfg = Config()
    server._serving = Serving(settings=None)
    server.load_config()
    return server.cfg


def parsed(served, raw):
    """The requests gunicorn's own parser finds in bytes, each with its headers; an exception where it refuses."""
    return [
        (one.method, one.path, dict(one.headers), one.body.read())
        for one in RequestParser(served, [raw], ("192.0.2.1", 1))
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n folded: x\r\n\r\n",
    ],
)
def test_the_server_refuses_a_request_in_which_another_could_hide(served, raw):
    with pytest.raises(Exception) as refused:  # noqa: PT011 - gunicorn has a class for each
        parsed(served, raw)
    assert type(refused.value).__module__.startswith("gunicorn.http")


def test_an_underscore_is_no_way_to_set_our_headers(served):
    """`Medrec_Patient` and `Medrec-Patient` are one name to WSGI: only the one with a dash may come through."""
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nMedrec_Patient: x\r\nX_Forwarded_For: y\r\n\r\n"
    ((_method, _path, headers, _body),) = parsed(served, raw)
    assert set(headers) == {"HOST"}


def test_each_refusal_of_the_gate_is_in_the_log_and_the_log_holds(world):
    database, _anna, berit, browser = world
    browser.get(f"/patients/{berit}")
    browser.get("/access/review")
    browser.post(
        f"/patients/{berit}/actions", data={"kind": "confirm"}, headers={"Origin": "https://elsewhere.example"}
    )
    with database.reading() as session:
        details = session.scalars(select(audit.c.detail).where(audit.c.what == "refused")).all()
        assert list(log.verify(session)) == []
    assert len(details) == 3
    assert any("role" in d for d in details)
    assert any("foreign-page" in d for d in details)
    assert io.StringIO(" ".join(details)).read().isprintable()
