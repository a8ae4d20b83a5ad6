"""SFM Basis on loopback: `POST Patient/$getMedication` with the patient in the body, behind a token endpoint."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from medrec.demo.servers import Reply, Request
from medrec.demo.servers_tokens import TokenService
from medrec.demo.sfm_answer import FNR, Json

PATH, TOKEN_PATH = "/fhir", "/connect/token"
SCOPE = "e-helse:sfm.api/sfm.api"


class SfmService:
    """Answers about those whose number it knows: number -> the answer as it is now."""

    def __init__(self, tokens: TokenService, known: Mapping[str, Callable[[], Json | bytes]]) -> None:
        self._tokens = tokens
        self._known = known

    def __call__(self, request: Request) -> Reply:
        """One request."""
        if (request.method, request.path) == ("POST", TOKEN_PATH):
            return self._tokens.token(request)
        if (request.method, request.path) == ("GET", f"{PATH}/metadata"):
            return Reply.of(_capability())
        if (request.method, request.path) != ("POST", f"{PATH}/Patient/$getMedication"):
            return Reply(404, b"<!DOCTYPE html><html><title>404</title></html>", {"Content-Type": "text/html"})
        return self._tokens.refused(request) or self._asked(request.body)

    def _asked(self, body: bytes) -> Reply:
        told = self._known.get(_number(body))
        if told is None:
            return Reply.of(outcome("error", "not-found", "No such patient"), 404)
        answer = told()
        if isinstance(answer, bytes):
            return Reply(200, answer, {"Content-Type": "application/fhir+json"})
        return Reply.of(answer)


def _number(body: bytes) -> str:
    """The identity number in the body's patient; "" where the body is not what the operation takes."""
    try:
        told: Any = json.loads(body)
        patient = next(p["resource"] for p in told["parameter"] if p["name"] == "patient")
        return str(next(i["value"] for i in patient["identifier"] if i["system"] == FNR))
    except (ValueError, KeyError, TypeError, StopIteration):
        return ""


def outcome(severity: str, code: str, words: str) -> Json:
    """An OperationOutcome of one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": words}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _capability() -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "software": {"name": "Demo SFM", "version": "5.2"},
        "rest": [{"mode": "server"}],
    }
