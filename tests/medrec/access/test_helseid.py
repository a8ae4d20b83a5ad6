"""People sign in through an authority that speaks as HelseID does; everything that is not quite right is refused."""

import hmac
import json
import re
from datetime import date, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from local_authority import HPR, LEVEL, PID, Authority, b64
from sqlalchemy import select

from medrec import clock
from medrec.access import accounts, helseid, log, pace
from medrec.access.people import Role
from medrec.app import create_app
from medrec.cli import main
from medrec.config import SettingFault, settings
from medrec.db import open_database
from medrec.demo.people import identity_number
from medrec.records import audit, sign_in, web_session
from medrec.vault import new_keys, write_keys

CLIENT = "medrec-test"
WEB = "https://medrec.example"
NURSE, OTHER = list(filter(None, (identity_number(date(1986, 8, 4), n) for n in range(20))))[:2]
ROW = {"role": Role.NURSE, "organisation": "999000061", "district": "Nord"}
KEY = RSAKey.generate_key(2048)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("key") / "client.pem"
    file.write_bytes(KEY.as_pem(private=True))
    return file


@pytest.fixture
def authority():
    with Authority(CLIENT, KEY) as running:
        running.person = {PID: NURSE, HPR: "9990101", "name": "Test Sykepleier"}
        yield running


@pytest.fixture
def world(sqlite_settings, authority, key_file):
    """An application that trusts the authority, over an empty store."""
    told = {
        "MEDREC_KEYS": new_keys(),
        "MEDREC_WEB_URL": WEB,
        "MEDREC_HELSEID_URL": authority.issuer,
        "MEDREC_HELSEID_CLIENT_ID": CLIENT,
        "MEDREC_HELSEID_KEY_FILE": str(key_file),
    }
    database = open_database(settings(sqlite_settings.data_dir, told))
    yield database, create_app(database)
    database.close()


def given(world, *rows):
    with world[0].writing() as session:
        return accounts.load(session, [accounts.AccountRow(**row) for row in rows])


def browser(world):
    return world[1].test_client()


def get(client, address):
    return client.get(address, base_url=WEB)


def there(client, then=""):
    """To the authority and back: the address with which the browser returns."""
    away = get(client, f"/sign-in/helseid?then={then}")
    assert away.status_code == 303, away.text
    assert set(re.findall(r"[?&](\w+)=", away.location)) == {"client_id", "request_uri"}
    return httpx.get(away.location).headers["location"].removeprefix(WEB)


def signed_in(client):
    return get(client, "/rules").status_code == 200


def rows(database, what):
    with database.reading() as session:
        return session.execute(select(audit).where(audit.c.what == what)).all()


def test_a_nurse_signs_in_with_the_role_the_municipality_gave(world, authority):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    answer = get(client, there(client))
    assert (answer.status_code, answer.location) == (303, "/")
    assert signed_in(client)
    (row,) = rows(world[0], "sign-in")
    assert (row.role, row.hpr, row.organisation, row.actor_name) == ("nurse", "9990101", "999000061", "Test Sykepleier")
    assert NURSE not in repr(row)
    assert authority.faults == ["use_dpop_nonce"], "the nonce of the push is kept for the exchange"


def test_the_cookie_is_bound_to_the_host_and_kept_from_scripts_and_other_pages(world):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    cookies = get(client, there(client)).headers.getlist("Set-Cookie")
    told = next(c for c in cookies if c.startswith("__Host-medrec="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(told.split("; "))
    assert "Domain" not in told


def test_the_hpr_number_gives_the_role_too(world):
    given(world, {"number": "9990101", **ROW})
    client = browser(world)
    assert get(client, there(client)).status_code == 303


def test_one_with_several_roles_chooses_one_of_them(world):
    given(world, {"number": NURSE, **ROW}, {"number": "9990101", **ROW, "role": Role.LEADER, "district": ""})
    client = browser(world)
    page = get(client, there(client))
    assert page.status_code == 200
    assert not signed_in(client)
    state = re.search(r'name="state" value="([^"]+)"', page.text)[1]
    leader = re.search(r'value="(\w{24})">Leder', page.text)[1]
    home = {"Sec-Fetch-Site": "same-origin"}
    form = {"state": state, "account": leader}
    assert client.post("/sign-in/role", data=form, headers=home, base_url=WEB).status_code == 303
    assert get(client, "/access/review").status_code == 200
    assert client.post("/sign-in/role", data=form, headers=home, base_url=WEB).status_code == 403


def test_nobody_gets_in_without_an_account(world):
    given(world, {"number": OTHER, **ROW})
    client = browser(world)
    answer = get(client, there(client))
    assert answer.status_code == 403
    assert not signed_in(client)
    (row,) = rows(world[0], "refused")
    assert (row.actor[:8], row.actor_name, row.role, row.hpr) == ("helseid:", "", "nobody", "9990101")
    assert json.loads(row.detail).items() >= {"of": "arriving.back", "for": "sign-in-no-account"}.items()
    assert NURSE not in repr(row)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id_token": {"iss": "https://elsewhere.example"}},
        {"id_token": {"aud": "another-client"}},
        {"id_token": {"aud": [CLIENT, "another-client"]}},
        {"id_token": {"azp": "another-client"}},
        {"id_token": {"nonce": "of another sign-in"}},
        {"id_token": {"exp": 1}},
        {"id_token": {"exp": None}},
        {"id_token": {LEVEL: "3"}},
        {"id_token": {LEVEL: None}},
        {"unsigned": True},
        {"key": RSAKey.generate_key(2048, parameters={"kid": "authority-1"})},
        {"answer": {"iss": "https://elsewhere.example"}},
        {"answer": {"iss": None}},
        {"answer": {"error": "access_denied"}},
        {"answer": {"code": "guessed"}},
        {"answer": {"state": "guessed"}},
    ],
    ids=lambda told: "another key" if "key" in told else str(told),
)
def test_an_answer_that_is_not_quite_right_lets_nobody_in(world, authority, wrong):
    given(world, {"number": NURSE, **ROW})
    authority.spoil = wrong
    client = browser(world)
    answer = get(client, there(client))
    assert answer.status_code == 403
    assert not signed_in(client)
    assert not rows(world[0], "sign-in")
    with world[0].reading() as session:
        assert session.execute(select(web_session)).all() == []
        assert list(log.verify(session)) == []
    (row,) = rows(world[0], "refused")
    assert (row.actor, row.role, row.person_id, row.hpr) == ("nobody", "nobody", None, "")
    assert NURSE not in repr(row)


def test_whoever_was_not_let_in_learns_nothing_of_why(world, authority):
    """A forged token, another's state and a person without an account are answered alike."""
    told = set()
    for wrong in ({"unsigned": True}, {"answer": {"state": "guessed"}}, {}):
        authority.spoil = wrong
        client = browser(world)
        told.add(get(client, there(client)).text)
    assert len(told) == 1
    why = [json.loads(row.detail)["for"] for row in rows(world[0], "refused")]
    assert why[1:] == ["sign-in-unknown", "sign-in-no-account"]
    assert len(set(why)) == 3


def test_who_is_not_signed_in_cannot_fill_the_log(world):
    client = browser(world)
    with clock.held(clock.now()):
        for _ in range(pace.REFUSED.many + 5):
            assert get(client, "/sign-in/back?state=guessed&code=guessed").status_code == 403
    assert len(rows(world[0], "refused")) == pace.REFUSED.many


def test_an_answer_is_good_once_and_only_in_the_browser_that_began(world):
    given(world, {"number": NURSE, **ROW})
    mine, other = browser(world), browser(world)
    back = there(mine)
    assert get(other, back).status_code == 403
    assert get(mine, back).status_code == 403, "somebody else has shown it: it is used up"
    back = there(mine)
    assert get(mine, back).status_code == 303
    assert get(mine, back).status_code == 403


def test_an_answer_that_comes_too_late_is_refused(world):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    back = there(client)
    with clock.held(clock.now() + helseid.LASTS):
        assert get(client, back).status_code == 403


def test_a_cookie_that_somebody_planted_is_not_the_one_signed_in(world):
    given(world, {"number": NURSE, **ROW})
    victim, other = browser(world), browser(world)
    victim.set_cookie("__Host-medrec", "planted", domain="medrec.example", secure=True)
    other.set_cookie("__Host-medrec", "planted", domain="medrec.example", secure=True)
    assert get(victim, there(victim)).status_code == 303
    assert signed_in(victim)
    assert not signed_in(other)


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_a_sign_in_leads_nowhere_else(world, then):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    assert get(client, there(client, then)).location == "/"


def test_a_sign_in_leads_back_to_where_one_was_going(world):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    assert get(client, there(client, "/rules")).location == "/rules"


def test_when_the_authority_is_away_nobody_gets_in(world, authority):
    authority.spoil = {"metadata": {"issuer": "https://elsewhere.example"}}
    assert get(browser(world), "/sign-in/helseid").status_code == 403


def test_when_the_authority_goes_away_in_mid_sign_in_nobody_gets_in(world, authority):
    """The service was started anew meanwhile and must ask the authority about itself again."""
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    back = there(client)
    way = client.get_cookie("__Host-medrec-way", domain="medrec.example")
    authority.spoil = {"metadata": {"issuer": "https://elsewhere.example"}}
    anew = create_app(world[0]).test_client()
    anew.set_cookie(way.key, way.value, domain="medrec.example", secure=True)
    assert get(anew, back).status_code == 403


def test_what_is_under_way_lies_sealed(world):
    there(browser(world))
    with world[0].reading() as session:
        (row,) = session.execute(select(sign_in)).all()
    assert b"verifier" not in row.told_sealed
    assert row.ends_at - clock.now() <= timedelta(minutes=10)


def test_an_account_that_ends_ends_its_sessions(world):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    get(client, there(client))
    assert signed_in(client)
    told = given(world, {"number": OTHER, **ROW})
    assert (told.standing, told.started, told.ended, told.sessions) == (1, 1, 1, 1)
    assert not signed_in(client)
    assert given(world, {"number": OTHER, **ROW}) == accounts.Loaded(1, 0, 0, 0)


FILE = f"number;role;organisation;district\n{NURSE};nurse;999000061;Nord\n9990101;leader;999000061;\n"


def test_accounts_are_loaded_from_a_file(sqlite_settings, monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    write_keys(sqlite_settings.keys_file, new_keys())
    file = tmp_path / "accounts.csv"
    file.write_text(FILE, encoding="utf-8")
    folder = ["--data-dir", str(sqlite_settings.data_dir)]
    assert main(["access", "accounts", str(file), *folder]) == 0
    assert "2 accounts, 2 new, 0 ended" in capsys.readouterr().out
    file.write_text(FILE.replace("nurse", "king"), encoding="utf-8")
    assert main(["access", "accounts", str(file), *folder]) == 1
    told = capsys.readouterr().err
    assert "line 2" in told
    assert NURSE not in told


def test_an_operator_ends_the_sessions_of_one_or_of_all(world, sqlite_settings, monkeypatch, capsys):
    given(world, {"number": NURSE, **ROW})
    client = browser(world)
    get(client, there(client))
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    write_keys(sqlite_settings.keys_file, new_keys())
    folder = ["--data-dir", str(sqlite_settings.data_dir)]
    assert main(["access", "sign-out", "--hpr", "9990199", *folder]) == 0
    assert signed_in(client)
    assert main(["access", "sign-out", "--hpr", "9990101", *folder]) == 0
    assert not signed_in(client)
    assert main(["access", "sign-out", "--all", *folder]) == 0
    assert capsys.readouterr().out.split("\n")[:3] == [f"{n} sessions ended" for n in (0, 1, 0)]


@pytest.mark.parametrize(
    "text",
    ["number;role\n", FILE.replace(NURSE, "12345678901"), FILE.replace("999000061", "1"), FILE.replace(";Nord", "")],
)
def test_a_file_that_is_not_quite_right_is_refused_whole(text):
    with pytest.raises(accounts.AccountError):
        accounts.read_csv(text.encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDREC_HELSEID_URL", "http://helseid.example"),
        ("MEDREC_WEB_URL", ""),
        ("MEDREC_HELSEID_KEY_FILE", "/nowhere"),
        ("MEDREC_HELSEID_LEVEL", "high"),
    ],
)
def test_a_setting_that_cannot_be_trusted_stops_the_start(sqlite_settings, key_file, name, value):
    told = {
        "MEDREC_KEYS": new_keys(),
        "MEDREC_WEB_URL": WEB,
        "MEDREC_HELSEID_URL": "https://helseid.example",
        "MEDREC_HELSEID_CLIENT_ID": CLIENT,
        "MEDREC_HELSEID_KEY_FILE": str(key_file),
    }
    opened = open_database(settings(sqlite_settings.data_dir, told | {name: value}))
    with pytest.raises(SettingFault, match="MEDREC_"):
        create_app(opened)
    opened.close()


def test_the_public_key_is_no_shared_secret(world, authority):
    """The oldest forgery: HS256 with the published key as its secret."""
    given(world, {"number": NURSE, **ROW})
    secret = authority.key.as_pem(private=False)

    def forged(header, claims):
        head = {"alg": "HS256", "kid": "authority-1"} | header
        body = ".".join(b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{body}.{b64(hmac.digest(secret, body.encode(), 'sha256'))}"

    authority._signed = forged
    client = browser(world)
    assert get(client, there(client)).status_code == 403


def test_the_address_of_the_push_names_nothing_else(world):
    client = browser(world)
    away = get(client, "/sign-in/helseid")
    assert urlsplit(away.location).path == "/authorize"
    assert "state" not in away.location
