"""A launch from the journal opens the patient it has open, for a reader who may see them, and nobody else."""

import hashlib
import json
import time
from datetime import date

import httpx
import pytest
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from local_authority import HPR, LEVEL, PID, Authority, LocalServer, b64
from sqlalchemy import select

from medrec import clock, persons, roster
from medrec.access import accounts, blocks, log
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.config import SettingFault, settings
from medrec.db import open_database
from medrec.demo.people import identity_number
from medrec.records import audit
from medrec.vault import new_keys

WEB = "https://medrec.example"
NUMBERS = list(filter(None, (identity_number(date(1941, 5, 17), n) for n in range(30))))
ANNA, BERIT, NOBODY, NURSE = NUMBERS[:4]
KEY = RSAKey.generate_key(2048)


class Journal(LocalServer):
    """A journal on this machine with SMART: one patient is open in it, and its token says which."""

    def __init__(self):
        app = Flask("journal")
        app.get("/.well-known/smart-configuration")(self.configuration)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/Patient/<name>")(self.patient)
        app.get("/Practitioner/<name>")(self.practitioner)
        self.open, self.says, self.spoil, self.asked = "p-1", {"p-1": [ANNA]}, {}, {}
        self.user, self.hpr, self.told_of_itself = None, "9990101", 0
        super().__init__(app)

    def configuration(self):
        self.told_of_itself += 1
        told = {"authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token"}
        return jsonify(told | self.spoil.get("configuration", {}))

    def authorize(self):
        asked = request.args.to_dict()
        assert asked["aud"] == self.url
        assert asked["launch"] == "handle-1"
        assert asked["code_challenge_method"] == "S256"
        self.asked["code-1"] = asked
        told = {"code": "code-1", "state": asked["state"]} | self.spoil.get("answer", {})
        return redirect(asked["redirect_uri"] + "?" + "&".join(f"{k}={v}" for k, v in told.items()))

    def token(self):
        claims = jwt.decode(request.form["client_assertion"], KEY, algorithms=["RS384"]).claims
        asked = self.asked.pop(request.form["code"])
        challenge = b64(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        if claims["aud"] != f"{self.url}/token" or challenge != asked["code_challenge"] or claims["exp"] < time.time():
            return jsonify(error="invalid_grant"), 400
        told = {"access_token": "t-1", "token_type": "Bearer", "expires_in": 60, "patient": self.open}
        if self.user:
            claims = {"iss": self.url, "aud": "medrec-launch", "fhirUser": self.user}
            told["id_token"] = jwt.encode({"alg": "RS384"}, claims, KEY, algorithms=["RS384"])
        return jsonify({k: v for k, v in (told | self.spoil.get("token", {})).items() if v is not None})

    def patient(self, name):
        assert request.headers["Authorization"] == "Bearer t-1"
        numbers = [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": v} for v in self.says.get(name, [])]
        told = {"resourceType": "Patient", "id": name, "identifier": [{"value": "local"}, *numbers]}
        return jsonify(told | self.spoil.get("patient", {}))

    def practitioner(self, name):
        assert request.headers["Authorization"] == "Bearer t-1"
        if self.hpr is None:
            return jsonify(resourceType="OperationOutcome"), 403
        told = [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": BERIT}]
        told += [{"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": self.hpr}] if self.hpr else []
        return jsonify(resourceType="Practitioner", id=name, identifier=told)


@pytest.fixture
def journal():
    with Journal() as running:
        yield running


@pytest.fixture
def authority():
    with Authority("medrec-test", KEY) as running:
        running.person = {PID: NURSE, HPR: "9990101", "name": "Test Sykepleier", LEVEL: "4"}
        yield running


@pytest.fixture
def world(sqlite_settings, authority, journal, tmp_path):
    """Anna in the nurse's district, Berit in another; the nurse has an account and nobody is signed in."""
    file = tmp_path / "client.pem"
    file.write_bytes(KEY.as_pem(private=True))
    told = {
        "MEDREC_KEYS": new_keys(),
        "MEDREC_WEB_URL": WEB,
        "MEDREC_HELSEID_URL": authority.issuer,
        "MEDREC_HELSEID_CLIENT_ID": "medrec-test",
        "MEDREC_HELSEID_KEY_FILE": str(file),
        "MEDREC_LAUNCH_SERVERS": journal.url,
        "MEDREC_LAUNCH_CLIENT_ID": "medrec-launch",
        "MEDREC_LAUNCH_KEY_FILE": str(file),
    }
    database = open_database(settings(sqlite_settings.data_dir, told))
    today = clock.today()
    rows = [
        roster.RosterRow(identifier=ANNA, name="Lun Snøfonn", district="Nord", starts=today),
        roster.RosterRow(identifier=BERIT, name="Grønn Bjørk", district="Sør", starts=today),
    ]
    account = accounts.AccountRow(number=NURSE, role=Role.NURSE, organisation="999000061", district="Nord")
    with database.writing() as session:
        roster.load(session, rows, today)
        accounts.load(session, [account])
    yield database, create_app(database).test_client()
    database.close()


def known(database, number):
    with database.reading() as session:
        return persons.find(session, number)


def get(client, address):
    return client.get(address.removeprefix(WEB), base_url=WEB)


def comes(client, journal, server=None):
    """The whole way from the journal, with sign-in, to where the authority of the journal sends back."""
    answer = get(client, f"/launch?iss={server or journal.url}&launch=handle-1")
    if "/sign-in/helseid" in (answer.location or ""):
        away = get(client, answer.location)
        answer = get(client, httpx.get(away.location).headers["location"])
        assert answer.location.startswith("/launch?")
        answer = get(client, answer.location)
    return answer


def back(answer):
    return httpx.get(answer.location).headers["location"]


def whole_way(client, journal):
    return get(client, back(comes(client, journal)))


def rows(database):
    with database.reading() as session:
        found = select(audit.c.what, audit.c.person_id).where(audit.c.detail.contains('"of": "launch"'))
        return [tuple(row) for row in session.execute(found)]


def refusals(database):
    """Who was refused in a launch, and why, as the log has it."""
    with database.reading() as session:
        assert list(log.verify(session)) == []
        found = select(audit.c.actor_name, audit.c.detail).where(audit.c.what == "refused").order_by(audit.c.position)
        told = [(row.actor_name, json.loads(row.detail)) for row in session.execute(found)]
    return [(who, detail.get("for")) for who, detail in told if detail["of"].startswith("launching")]


def test_the_open_patient_is_opened_without_a_search(world, journal):
    database, client = world
    answer = whole_way(client, journal)
    anna = known(database, ANNA)
    assert (answer.status_code, answer.location) == (303, f"/patients/{anna}")
    assert "Lun Snøfonn" in get(client, answer.location).text
    assert rows(database) == [("launch", anna)]
    assert ANNA not in answer.location
    assert whole_way(client, journal).location == answer.location, "signed in already: straight there"


def test_outside_the_relation_blocked_and_unknown_look_alike(world, journal):
    database, client = world
    answers = []
    for number in (BERIT, NOBODY, "12345678901"):
        journal.says = {"p-1": [number]}
        answers.append(whole_way(client, journal))
    with database.writing() as session:
        blocks.put(session, known(database, ANNA), User(id="a", name="Test", role=Role.ADMIN))
    journal.says = {"p-1": [ANNA]}
    answers.append(whole_way(client, journal))
    assert {a.status_code for a in answers} == {404}
    assert len({a.text for a in answers}) == 1
    assert [what for what, _ in rows(database)] == ["refused"] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": {"patient": None}},
        {"token": {"patient": "../Patient/p-2"}},
        {"patient": {"id": "p-2"}},
        {"patient": {"resourceType": "Person"}},
        {"answer": {"code": "guessed"}},
        {"answer": {"state": "guessed"}},
        {"answer": {"error": "access_denied"}},
    ],
    ids=str,
)
def test_a_context_that_is_not_quite_right_opens_nobody(world, journal, wrong):
    database, client = world
    journal.spoil = wrong
    assert whole_way(client, journal).status_code == 403
    assert rows(database) == []
    ((who, why),) = refusals(database)
    assert who == "Test Sykepleier"
    assert why.startswith(("launch-", "sign-in-unknown"))


def of_the_launch(database):
    with database.reading() as session:
        return json.loads(session.scalar(select(audit.c.detail).where(audit.c.what == "launch")))["user"]


@pytest.mark.parametrize("user", ["Practitioner/u-1", "{journal}/Practitioner/u-1"])
def test_the_journals_user_must_be_who_signed_in(world, journal, user):
    """Both name an HPR number: somebody else's screen opens nobody."""
    database, client = world
    journal.user = user.format(journal=journal.url)
    assert whole_way(client, journal).status_code == 303
    assert of_the_launch(database) == "same"
    journal.hpr = "9990199"
    other = whole_way(client, journal)
    assert (other.status_code, other.location) == (403, None)
    assert "9990199" not in other.text
    assert refusals(database) == [("Test Sykepleier", "launch-other-user")]


@pytest.mark.parametrize(
    ("user", "hpr"),
    [
        (None, "9990199"),
        ("Practitioner/u-1", ""),
        ("Practitioner/u-1", None),
        ("Patient/u-1", "9990199"),
        ("https://elsewhere.example/Practitioner/u-1", "9990199"),
        ("Practitioner/../Patient/p-1", "9990199"),
    ],
)
def test_a_journal_that_names_no_number_is_not_compared_and_the_log_says_so(world, journal, user, hpr):
    database, client = world
    journal.user, journal.hpr = user, hpr
    assert whole_way(client, journal).status_code == 303
    assert of_the_launch(database) == "not told"


def test_a_reader_without_an_hpr_number_is_not_compared(world, authority, journal):
    database, client = world
    journal.user = "Practitioner/u-1"
    del authority.person[HPR]
    assert whole_way(client, journal).status_code == 303
    assert of_the_launch(database) == "not told"


def test_a_journal_is_asked_about_itself_once_a_day_and_not_at_each_launch(world, journal):
    _, client = world
    for _ in range(3):
        assert whole_way(client, journal).status_code == 303
    assert journal.told_of_itself == 1


def test_a_patient_with_the_numbers_of_two_opens_neither(world, journal):
    journal.says = {"p-1": [ANNA, BERIT]}
    assert whole_way(world[1], journal).status_code == 403


def test_only_journals_of_the_setting_launch(world, journal):
    for server in ("https://elsewhere.example", f"{journal.url}.elsewhere.example", f"{journal.url}/other", ""):
        answer = get(world[1], f"/launch?iss={server}&launch=handle-1")
        assert (answer.status_code, answer.location) == (403, None)
    assert refusals(world[0]) == [("", "launch-server")] * 4, "nobody was signed in"


def test_a_journal_whose_authority_is_not_under_tls_is_refused(world, journal):
    journal.spoil = {"configuration": {"token_endpoint": "http://elsewhere.example/token"}}
    answer = comes(world[1], journal)
    assert get(world[1], back(answer)).status_code == 403


def test_a_context_is_good_once_for_its_reader_in_its_browser(world, authority, journal):
    database, client = world
    address = back(comes(client, journal))
    other = client.application.test_client()
    assert get(other, address).location == "/sign-in"
    assert get(client, address).status_code == 303
    assert get(client, address).status_code == 403
    address = back(comes(client, journal))
    authority.person |= {PID: BERIT}
    with database.writing() as session:
        row = {"role": Role.LEADER, "organisation": "999000061"}
        accounts.load(session, [accounts.AccountRow(number=n, **row) for n in (BERIT, NURSE)])
    away = get(client, "/sign-in/helseid")
    get(client, httpx.get(away.location).headers["location"])
    assert get(client, address).status_code == 403, "another has signed in meanwhile"


def test_without_the_setting_there_is_no_launch(sqlite_database):
    client = create_app(sqlite_database).test_client()
    assert client.get("/launch?iss=https://journal.example&launch=x").status_code == 404


def test_a_journal_without_tls_stops_the_start(sqlite_settings):
    told = {"MEDREC_KEYS": new_keys(), "MEDREC_LAUNCH_SERVERS": "http://journal.example", "MEDREC_WEB_URL": WEB}
    opened = open_database(settings(sqlite_settings.data_dir, told))
    with pytest.raises(SettingFault, match="MEDREC_LAUNCH_SERVERS"):
        create_app(opened)
    opened.close()
