"""Sources on loopback for the tests: the demo's own servers, their keys, and who is in care."""

from contextlib import contextmanager
from datetime import date, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import select
from told import ANNA, BERIT, TODAY

from medrec import clock, roster
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality
from medrec.demo.servers import Server
from medrec.demo.servers_journal import PATH as JOURNAL_PATH
from medrec.demo.servers_journal import SCOPE as JOURNAL_SCOPE
from medrec.demo.servers_journal import TOKEN_PATH as JOURNAL_TOKEN_PATH
from medrec.demo.servers_journal import Chart, JournalService
from medrec.demo.servers_sfm import PATH as SFM_PATH
from medrec.demo.servers_sfm import SCOPE as SFM_SCOPE
from medrec.demo.servers_sfm import TOKEN_PATH as SFM_TOKEN_PATH
from medrec.demo.servers_sfm import SfmService
from medrec.demo.servers_tokens import TokenService
from medrec.demo.sfm_answer import answer
from medrec.records import fetch
from medrec.sources.asking import Asking
from medrec.sources.endpoints import Endpoint
from medrec.sources.http_client import Breaker, HttpClient
from medrec.sources.rounds import Rounds

EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OWN = "eAnna"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
HEADER = "identifier;name;district;from;to;next_visit;gp_hpr;gp_name;gp_office;gp_her_id;gp_phone;pharmacy_her_id"


class Watch:
    """The clock of the servers: held with ours, for their threads know nothing of what this one holds."""

    moment = None

    def now(self):
        return self.moment or clock.now()


WATCH = Watch()


@contextmanager
def at(moment):
    """Hold the clock here and at the servers."""
    before, WATCH.moment = WATCH.moment, moment
    try:
        with clock.held(moment):
            yield
    finally:
        WATCH.moment = before


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def care_row(identifier, name="Anna Eksempel", district="Nord", visit="2026-03-02T14:00"):
    return f"{identifier};{name};{district};2025-01-01;;{visit};;;;;;"


def in_care(database, *rows):
    told = "\n".join((HEADER, *(rows or (care_row(ANNA),)))) + "\n"
    with database.writing() as session:
        roster.load(session, roster.read_csv(told.encode()), TODAY)


def outcomes(database):
    with database.reading() as session:
        return [tuple(r) for r in session.execute(select(fetch.c.outcome, fetch.c.code).order_by(fetch.c.id))]


def client(**more):
    """Asked once, and left alone after many failures only, unless the test says otherwise.

    Patient as in life, for a loaded machine is no fault of the source: who lets a source hang says for how long.
    """
    told = {"per_second": 500.0, "tries": 1, "breaker": Breaker(failures=50)} | more
    return HttpClient(**told)


def endpoint_at(server, channel, **more):
    sfm = channel == "sfm"
    told = {
        "channel": channel,
        "url": server.address + (SFM_PATH if sfm else JOURNAL_PATH),
        "token_url": server.address + (SFM_TOKEN_PATH if sfm else JOURNAL_TOKEN_PATH),
        "client_id": "medrec-test",
        "scope": SFM_SCOPE if sfm else JOURNAL_SCOPE,
        "key_pem": private_pem(RSA_KEY if sfm else EC_KEY),
        "algorithm": "PS256" if sfm else "ES384",
        "assertion_life": timedelta(seconds=50) if sfm else timedelta(minutes=4),
        "dpop": sfm,
        "per_second": 500.0,
    }
    return Endpoint(**(told | more))


@contextmanager
def rounds_at(server, channel, http=None, **more):
    asking = Asking(endpoint_at(server, channel, **more), http or client())
    try:
        yield Rounds(channel, asking)
    finally:
        asking.close()


def order(number, own=OWN):
    return {
        "resourceType": "MedicationRequest",
        "id": f"r{number}",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{own}"},
        "medicationReference": {"reference": f"Medication/m{number}", "display": f"Demomedisin {number} 10 mg"},
        "dosageInstruction": [{"text": "1 tablett morgen"}],
    }


def chart(identifier=ANNA, own=OWN, orders=(1, 2), **more):
    patient = {"resourceType": "Patient", "id": own, "identifier": [{"system": FNR, "value": identifier}]}
    medications = {
        f"m{n}": {"resourceType": "Medication", "id": f"m{n}", "code": {"text": f"Demomedisin {n} 10 mg"}}
        for n in orders
    }
    told = {"requests": [order(n, own) for n in orders], "medications": medications, "allergies": []}
    return Chart(patient=patient, **(told | more))


def journal_tokens(**more):
    told = {"client_id": "medrec-test", "public_pem": public_pem(EC_KEY), "scope": JOURNAL_SCOPE, "now": WATCH.now}
    return TokenService(**(told | more))


@contextmanager
def journal_server(charts=None, **more):
    tokens = journal_tokens()
    service = JournalService(tokens, charts or {ANNA: chart(), BERIT: chart(BERIT, "eBerit", (3,))}, **more)
    server = Server(service).start()
    server.journal, server.tokens = service, tokens
    try:
        yield server
    finally:
        server.close()


@contextmanager
def sfm_server(known):
    tokens = TokenService(
        client_id="medrec-test",
        public_pem=public_pem(RSA_KEY),
        scope=SFM_SCOPE,
        dpop=True,
        longest=60,
        now=WATCH.now,
    )
    server = Server(SfmService(tokens, known)).start()
    server.tokens = tokens
    try:
        yield server
    finally:
        server.close()


def demo_people(count, today: date = TODAY):
    return municipality(1, count, today, demo_catalogue())


def answering(people):
    """What SFM knows: each patient's answer, made when it is asked for."""
    return {said.patient.identifier: lambda said=said: answer(said, WATCH.now()) for said in people}
