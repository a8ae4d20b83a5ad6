"""A municipality of two, a system's token, and a client that carries it: what the tests of this folder call with."""

from dataclasses import dataclass
from typing import Any

from told import ANNA, BERIT, hp, medicine, message, rf

from medrec import intake, work
from medrec.access import sessions
from medrec.access.people import Need
from medrec.app import create_app

ALL = frozenset({Need.SEE_LIST, Need.ACT, Need.WORKLIST, Need.SEND, Need.ROSTER})


def token_for(database, scopes=ALL) -> str:
    with database.writing() as session:
        return sessions.new_token(session, name="testsystem", organisation="999999999", scopes=scopes, days=30)


@dataclass
class Api:
    """A system that calls the API."""

    app: Any
    database: Any
    token: str

    def __call__(self, method: str, path: str, headers=None, **more):
        told = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return self.app.test_client().open(path, method=method, headers=told, **more)

    def get(self, path: str, headers=None, **more):
        return self("GET", path, headers, **more)

    def post(self, path: str, body=None, headers=None):
        return self("POST", path, headers, json={} if body is None else body)

    def send(self, raw: bytes, headers=None, content_type="application/json"):
        return self("POST", "/api/v1/messages", headers, data=raw, content_type=content_type)

    def anna(self) -> str:
        return self.post("/api/v1/patients/search", {"identifier": ANNA}).json["patient"]

    def list_path(self) -> str:
        return f"/api/v1/patients/{self.anna()}/medication-list"

    def drain(self):
        work.drain(self.database)


def municipality(database) -> Api:
    warfarin = medicine("Warfarin 2,5 mg", "1 tablett daglig", atc="B01AA03", substances=["warfarin"])
    intake.receive(database, message(ANNA, medicine(), warfarin), channel="test")
    intake.receive(database, rf(ANNA, medicine(kind="resept", dose="2 tabletter morgen")), channel="test")
    intake.receive(database, hp(ANNA), channel="test")
    intake.receive(database, message(BERIT, medicine("Paracet <b>500</b> mg", "1 tablett ved behov")), channel="test")
    work.drain(database)
    return Api(create_app(database), database, token_for(database))
