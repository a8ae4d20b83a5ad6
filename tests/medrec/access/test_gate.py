"""Who gets in where: every route of the URL map, every role, and every relation to a patient."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from standing import signed_in
from werkzeug.exceptions import HTTPException

from medrec import clock, persons, roster
from medrec.access import blocks, gate, pace, relation, selfauth, sessions
from medrec.access.people import Need, Role, User
from medrec.app import create_app
from medrec.config import SettingFault, settings
from medrec.db import open_database
from medrec.demo.people import identity_number
from medrec.records import audit, self_authorisation, web_session
from medrec.vault import new_keys

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MADE_UP = ("12345678", "a" * 24, f"{'a' * 24}-1", f"{'a' * 24}.1", "nb")
HOME = {"Sec-Fetch-Site": "same-origin"}
PERSON, STRANGER = "a" * 24, "b" * 24
NUMBER = next(filter(None, (identity_number(date(1941, 5, 17), n) for n in range(9))))


def someone(role=Role.NURSE, district="", **more):
    return User(id=f"test-{role}-{district}", name="Test", role=role, district=district, **more)


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOW):
        yield


@pytest.fixture
def app(sqlite_database):
    return create_app(sqlite_database)


@pytest.fixture
def anna(sqlite_database):
    """A person in the care of Nord, whose GP has HPR 1234567."""
    row = roster.RosterRow(identifier=NUMBER, name="Lun Snøfonn", district="Nord", starts=TODAY, gp_hpr="1234567")
    with sqlite_database.writing() as session:
        roster.load(session, [row], TODAY)
        return persons.find(session, NUMBER)


def rows(database, what="refused"):
    with database.reading() as session:
        return session.execute(select(audit).where(audit.c.what == what)).all()


def routes(app):
    """Endpoint, path with made-up values that lead there, and each method of every route."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            first = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
            made_up = (re.sub(r"<[^>]*>", value, first) for value in MADE_UP)
            yield rule.endpoint, next(path for path in made_up if leads(app, path, method, rule.endpoint)), method


def leads(app, path, method, endpoint):
    try:
        return app.url_map.bind("localhost").match(path, method)[0] == endpoint
    except HTTPException:
        return False


def needed(app, endpoint, path, method):
    with app.test_request_context(path, method=method):
        return gate.need_of(app, endpoint)


def test_every_route_says_what_it_needs(app):
    assert [r for r in routes(app) if needed(app, *r) is None] == []


def test_a_route_that_says_nothing_is_closed_to_all(app, sqlite_database):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    for role in Role:
        assert signed_in(app, sqlite_database, someone(role)).get("/forgotten").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_no_role_gets_where_it_has_no_need(app, sqlite_database, role):
    user = someone(role)
    client = signed_in(app, sqlite_database, user)
    refused = [r for r in routes(app) if not user.may(needed(app, *r))]
    for _, path, method in refused:
        assert client.open(path, method=method, headers=HOME).status_code in {401, 403}, (method, path)
    assert refused


def test_nobody_gets_in_without_signing_in(app):
    for endpoint, path, method in routes(app):
        if needed(app, endpoint, path, method) is not Need.OPEN:
            answer = app.test_client().open(path, method=method, headers=HOME)
            assert answer.status_code == 401 or answer.location.endswith("/sign-in"), (method, path)


@pytest.mark.parametrize("foreign", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_no_change_comes_from_another_page(app, sqlite_database, foreign):
    client = signed_in(app, sqlite_database, someone(Role.LEADER))
    for _, path, method in routes(app):
        if method != "GET":
            assert client.open(path, method=method, headers=foreign).status_code == 403, (method, path)


@pytest.mark.parametrize(
    ("user", "sees"),
    [
        (someone(Role.NURSE, "Nord"), True),
        (someone(Role.NURSE, "Sør"), False),
        (someone(Role.LEADER), True),
        (someone(Role.LEADER, "Sør"), False),
        (someone(Role.PHARMACIST), True),
        (someone(Role.GP, hpr="1234567"), True),
        (someone(Role.GP, hpr="7654321"), False),
        (someone(Role.GP), False),
        (someone(Role.AUDITOR), False),
        (someone(Role.ADMIN), False),
        (someone(Role.SYSTEM), False),
        (someone(Role.SYSTEM, scopes=frozenset({Need.SEE_LIST})), True),
    ],
    ids=lambda v: f"{v.role}-{v.district}-{v.hpr}" if isinstance(v, User) else str(v),
)
def test_who_sees_whom_and_a_block_shuts_out_all(sqlite_database, anna, user, sees):
    with sqlite_database.writing() as session:
        assert relation.sees(session, user, anna, TODAY) is sees
        assert not relation.sees(session, user, STRANGER, TODAY) or user.role is Role.SYSTEM
        blocks.put(session, anna, someone(Role.ADMIN))
        assert not relation.sees(session, user, anna, TODAY)
        assert blocks.lift(session, anna, someone(Role.ADMIN))
        assert relation.sees(session, user, anna, TODAY) is sees


def test_the_relation_ends_with_the_service_a_move_or_a_new_gp(sqlite_database, anna):
    nurse, old_gp = someone(Role.NURSE, "Nord"), someone(Role.GP, hpr="1234567")
    moved = roster.RosterRow(identifier=NUMBER, district="Sør", starts=TODAY, gp_hpr="7654321")
    with sqlite_database.writing() as session:
        roster.load(session, [moved], TODAY)
        tomorrow = TODAY + timedelta(days=1)
        assert not relation.sees(session, nurse, anna, tomorrow)
        assert not relation.sees(session, old_gp, anna, tomorrow)
        assert relation.sees(session, someone(Role.NURSE, "Sør"), anna, tomorrow)
        assert relation.sees(session, someone(Role.GP, hpr="7654321"), anna, tomorrow)
        roster.load(session, [], tomorrow)
        assert not relation.sees(session, someone(Role.LEADER), anna, tomorrow + timedelta(days=1))


def test_a_refused_patient_and_one_who_does_not_exist_look_alike_and_both_are_logged(app, sqlite_database, anna):
    client = signed_in(app, sqlite_database, someone(Role.NURSE, "Sør"))
    known, unknown = client.get(f"/patients/{anna}"), client.get(f"/patients/{STRANGER}")
    assert known.status_code == unknown.status_code == 404
    assert known.data.replace(anna.encode(), b"") == unknown.data.replace(STRANGER.encode(), b"")
    assert [row.person_id for row in rows(sqlite_database)] == [anna, STRANGER]


def test_an_identity_number_in_an_address_is_not_written_down(app, sqlite_database, capsys):
    client = signed_in(app, sqlite_database, someone())
    assert client.get(f"/patients/{NUMBER}").status_code == 404
    with sqlite_database.reading() as session:
        assert NUMBER not in repr(session.execute(select(audit)).all())
    assert NUMBER not in "".join(capsys.readouterr())


def test_self_authorisation_opens_one_patient_to_one_user_for_fifteen_minutes(sqlite_database, anna):
    nurse, colleague = someone(Role.NURSE, "Sør"), someone(Role.NURSE, "Midt")
    with sqlite_database.writing() as session:
        selfauth.grant(session, nurse, anna, "cover", "dekker sone Nord i natt")
        assert relation.basis(session, nurse, anna, TODAY) is relation.Basis.BREAK_GLASS
        assert not relation.sees(session, colleague, anna, TODAY)
        with clock.held(NOW + selfauth.LASTS):
            assert not relation.sees(session, nurse, anna, TODAY)
    (row,) = rows(sqlite_database, "self-authorise")
    assert (row.person_id, row.why) == (anna, "BTG")


def test_only_an_emergency_opens_a_blocked_patient(sqlite_database, anna):
    nurse = someone(Role.NURSE, "Nord")
    with sqlite_database.writing() as session:
        blocks.put(session, anna, someone(Role.ADMIN))
        selfauth.grant(session, nurse, anna, "cover", "dekker sone Nord i natt")
        assert not relation.sees(session, nurse, anna, TODAY)
        selfauth.grant(session, nurse, anna, "emergency", "bevisstløs, trenger listen")
        assert relation.basis(session, nurse, anna, TODAY) is relation.Basis.EMERGENCY
    assert '"blocked": "yes"' in rows(sqlite_database, "self-authorise")[1].detail


@pytest.mark.parametrize(
    ("reason", "words"), [("", "lang nok tekst"), ("cover", "kort"), ("because", "lang nok tekst")]
)
def test_no_self_authorisation_without_reason_and_words(sqlite_database, anna, reason, words):
    with sqlite_database.writing() as session, pytest.raises(selfauth.Incomplete):
        selfauth.grant(session, someone(), anna, reason, words)


@pytest.mark.parametrize("role", [Role.GP, Role.ADMIN, Role.AUDITOR, Role.SYSTEM])
def test_who_may_not_self_authorise(sqlite_database, anna, role):
    with sqlite_database.writing() as session, pytest.raises(selfauth.Incomplete):
        selfauth.grant(session, someone(role), anna, "emergency", "lang nok tekst")


def test_a_leader_reviews_others_once_and_the_words_lie_sealed(sqlite_database, anna):
    leader = someone(Role.LEADER)
    with sqlite_database.writing() as session:
        for user in (someone(Role.NURSE, "Sør"), leader):
            selfauth.grant(session, user, anna, "cover", "for Lun Snøfonn i natt")
        by_actor = {w.actor: w for w in selfauth.waiting(session)}
        theirs, own = by_actor["test-nurse-Sør"], by_actor[leader.id]
        assert theirs.words == "for Lun Snøfonn i natt"
        assert b"Lun" not in session.scalars(select(self_authorisation.c.words_sealed)).first()
        assert not selfauth.review(session, leader, own.id, "in-order")
        assert not selfauth.review(session, someone(), theirs.id, "in-order")
        assert selfauth.review(session, leader, theirs.id, "not-in-order")
        assert not selfauth.review(session, leader, theirs.id, "in-order")
        assert [w.id for w in selfauth.waiting(session)] == [own.id]
    assert len(rows(sqlite_database, "review")) == 1


def test_a_session_ends_idle_absolutely_and_at_a_new_sign_in(sqlite_database):
    with sqlite_database.writing() as session:
        token = sessions.start(session, someone())
        for minutes, lives in ((59, True), (60, False)):
            with clock.held(NOW + timedelta(minutes=minutes)):
                assert (sessions.find(session, token)[0] is not None) is lives
        for half_hours in range(1, 20):
            with clock.held(NOW + timedelta(minutes=30 * half_hours)):
                assert sessions.find(session, token) == (someone(), True)
                sessions.touch(session, token)
                assert sessions.find(session, token) == (someone(), False)
        with clock.held(NOW + timedelta(hours=10)):
            assert sessions.find(session, token)[0] is None
        again = sessions.start(session, someone(), instead_of=token)
        assert sessions.find(session, token)[0] is None
        assert sessions.find(session, again)[0]
        assert again not in repr(session.execute(select(web_session)).all())


def test_a_page_keeps_the_session_awake(app, sqlite_database):
    client = signed_in(app, sqlite_database, someone())
    for half_hours in range(4):
        with clock.held(NOW + timedelta(minutes=50 * half_hours)):
            assert client.get("/rules").status_code == 200


def test_a_prepared_cookie_is_nobodys_session(app):
    client = app.test_client()
    client.set_cookie(gate.COOKIE_ON_LOOPBACK, "prepared")
    assert client.get("/rules").status_code == 303


def test_signing_out_ends_it_on_the_server_and_clears_the_browser(app, sqlite_database):
    client = signed_in(app, sqlite_database, someone())
    token = client.get_cookie(gate.COOKIE_ON_LOOPBACK).value
    answer = client.post("/sign-out", headers=HOME)
    assert '"cookies"' in answer.headers["Clear-Site-Data"]
    client.set_cookie(gate.COOKIE_ON_LOOPBACK, token)
    assert client.get("/rules").status_code == 303


def test_a_token_ends_when_revoked_or_over(sqlite_database):
    with sqlite_database.writing() as session:
        scopes = frozenset({Need.SEE_LIST})
        token = sessions.new_token(session, name="journal", organisation="999000061", scopes=scopes, days=1)
        system = sessions.system_of(session, token)
        assert system.scopes == scopes
        with clock.held(NOW + timedelta(days=1)):
            assert sessions.system_of(session, token) is None
        assert sessions.revoke_token(session, system.id.removeprefix("system:"))
        assert sessions.system_of(session, token) is None
        assert not sessions.revoke_token(session, "unknown")


def test_too_many_attempts_wait_for_the_next_window(database):
    slow = pace.Pace("test", 3, timedelta(minutes=5))
    with database.writing() as session:
        assert [pace.within(session, slow, "one") for _ in range(5)] == [True] * 3 + [False] * 2
        assert pace.within(session, slow, "another")
        with clock.held(NOW + timedelta(minutes=5)):
            assert pace.within(session, slow, "one")


def over(folder, **more):
    """The same store, opened with other settings."""
    return open_database(settings(folder, {"MEDREC_KEYS": new_keys(), **more}))


def test_forwarded_headers_are_believed_only_where_a_setting_says_so(sqlite_settings, sqlite_database):
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    plain = create_app(sqlite_database).test_client().get("/healthz", headers=sent)
    behind = over(sqlite_settings.data_dir, MEDREC_PROXIES="1")
    believed = create_app(behind).test_client().get("/healthz", headers=sent)
    behind.close()
    assert "Strict-Transport-Security" not in plain.headers
    assert "Strict-Transport-Security" in believed.headers


def test_only_our_host_names_are_answered(sqlite_settings):
    named = over(sqlite_settings.data_dir, MEDREC_HOSTS="medrec.example")
    client = create_app(named).test_client()
    assert client.get("/healthz", base_url="https://medrec.example").status_code == 200
    assert client.get("/healthz", base_url="https://elsewhere.example").status_code == 400
    named.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDREC_SESSION_HOURS", "0"),
        ("MEDREC_PROXIES", "many"),
        ("MEDREC_SESSION_IDLE_MINUTES", "-1"),
        ("MEDREC_KEEP_SESSIONS_DAYS", "0"),
    ],
)
def test_a_setting_of_access_that_cannot_be_used_stops_the_start(sqlite_settings, name, value):
    opened = over(sqlite_settings.data_dir, **{name: value})
    with pytest.raises(SettingFault, match="MEDREC_"):
        create_app(opened)
    opened.close()
