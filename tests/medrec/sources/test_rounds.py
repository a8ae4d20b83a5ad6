"""A journal on loopback, answering as recorded: what is fetched, what is kept back, how it stands in the log."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from told import ANNA, NOON, TODAY

from medrec import clock, roster
from medrec.records import fetch, message
from medrec.sources.asking import Asking
from medrec.sources.endpoints import Endpoint
from medrec.sources.http_client import HttpClient
from medrec.sources.rounds import Rounds

KEY = ec.generate_private_key(ec.SECP384R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
OWN = "eAnna"
CARE = (
    "identifier;name;district;from;to;next_visit;gp_hpr;gp_name;gp_office;gp_her_id;gp_phone;pharmacy_her_id\n"
    f"{ANNA};Anna Eksempel;Nord;2025-01-01;;2026-03-02T14:00;;;;;;\n"
)


def patient():
    number = {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": ANNA}
    return {"resourceType": "Patient", "id": OWN, "identifier": [number]}


def order(number):
    return {
        "resourceType": "MedicationRequest",
        "id": f"r{number}",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{OWN}"},
        "medicationReference": {"reference": f"Medication/m{number}", "display": f"Demomedisin {number} 10 mg"},
        "dosageInstruction": [{"text": "1 tablett morgen"}],
    }


def bundle(*resources, links=()):
    entries = [{"resource": r, "search": {"mode": "match"}} for r in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": list(links), "entry": entries}


class Journal(BaseHTTPRequestHandler):
    """Two pages, medicines that lie apart, allergies it does not grant (403 with an empty body)."""

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append(self.path)
        if self.path == "/token":
            self.server.assertions.append(form["client_assertion"][0])
            self.answer(200, json.dumps({"access_token": "t", "token_type": "bearer", "expires_in": 300}).encode())
        else:
            self.answer(200, json.dumps(bundle(patient())).encode())

    def do_GET(self):
        self.server.asked.append(self.path)
        path = urlsplit(self.path).path.removeprefix("/R4/")
        fault = self.server.faults.get(path)
        if fault is not None:
            self.answer(*fault)
        elif path == "MedicationRequest":
            base = f"http://{self.headers['Host']}/R4/MedicationRequest"
            links = [{"relation": "next", "url": f"{self.server.elsewhere or base}-2?page=2"}]
            self.answer(200, json.dumps(bundle(order(1), links=links)).encode())
        elif path == "MedicationRequest-2":
            self.answer(200, json.dumps(bundle(order(2))).encode())
        elif path.startswith("Medication/"):
            told = {"resourceType": "Medication", "id": path[11:], "code": {"text": f"Demomedisin {path[12:]} 10 mg"}}
            self.answer(200, json.dumps(told).encode())


@pytest.fixture
def journal():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Journal)
    server.asked, server.assertions, server.elsewhere = [], [], ""
    server.faults = {"AllergyIntolerance": (403,)}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def rounds(journal):
    at = f"http://127.0.0.1:{journal.server_port}"
    endpoint = Endpoint(
        channel="fhir", url=f"{at}/R4", token_url=f"{at}/token", client_id="c", scope="system/*.read", key_pem=KEY,
        algorithm="ES384", assertion_life=timedelta(minutes=4), per_second=500.0, timeout=2.0,
    )  # fmt: skip
    asking = Asking(endpoint, HttpClient(timeout=2.0, per_second=500.0, tries=1))
    yield Rounds("fhir", asking)
    asking.close()


def outcomes(database):
    with database.reading() as session:
        return [tuple(r) for r in session.execute(select(fetch.c.outcome, fetch.c.code).order_by(fetch.c.id))]


def in_care(database):
    with database.writing() as session:
        roster.load(session, roster.read_csv(CARE.encode()), TODAY)


def test_all_pages_are_one_message_and_what_is_kept_back_is_told(database, journal, rounds):
    with clock.held(NOON):
        in_care(database)
        assert rounds.tick(database) == 1
        assert rounds.tick(database) == 0, "not her turn again yet"
    assert outcomes(database) == [("partial", "allergies-status-403")]
    assert not any(ANNA in path for path in journal.asked)
    with database.reading() as session:
        assert session.scalars(select(message.c.outcome)).all() == ["accepted"]
    with clock.held(NOON + timedelta(hours=13)):
        assert rounds.tick(database) == 0, "the same content is no news"
    assert len(outcomes(database)) == 2
    with database.reading() as session:
        assert len(session.scalars(select(message.c.id)).all()) == 1


def test_a_next_page_on_another_host_is_not_followed(sqlite_database, journal, rounds):
    journal.elsewhere = "http://elsewhere.invalid/x"
    with clock.held(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    assert outcomes(sqlite_database) == [("partial", "next-on-another-host,allergies-status-403")]


LYING = {
    "status-404": (404, b"<!DOCTYPE html><html>404</html>"),
    "status-500": (500, b'{"resourceType": "OperationOutcome"}'),
    "garbage": (200, b"\x00\xffgarbage"),
    "cut-off": (200, b"{", {"Content_Length": "5000", "Connection": "keep-alive"}),
}


@pytest.mark.parametrize("code", list(LYING))
def test_a_source_that_lies_or_fails_is_told_and_nothing_of_it_is_kept(sqlite_database, journal, rounds, code):
    status, body, *headers = LYING[code]
    if headers:
        journal.faults["MedicationRequest"] = (status, body)
        journal.RequestHandlerClass = type("Lying", (Journal,), {"answer": lying_about_length})
    else:
        journal.faults["MedicationRequest"] = (status, body)
    with clock.held(NOON):
        in_care(sqlite_database)
        assert rounds.tick(sqlite_database) == 0
    assert outcomes(sqlite_database) == [("failed", "cut-off" if headers else code)]
    with sqlite_database.reading() as session:
        assert session.scalars(select(message.c.id)).all() == []


def lying_about_length(self, status, body=b"", **headers):
    if body == b"{":
        headers = {"Content_Length": "5000"}
        self.close_connection = True
    Journal.answer(self, status, body, **headers)


def test_a_refusal_with_an_empty_body_is_a_refusal(sqlite_database, journal, rounds):
    journal.faults["MedicationRequest"] = (403,)
    with clock.held(NOON):
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    assert outcomes(sqlite_database) == [("refused", "status-403")]
