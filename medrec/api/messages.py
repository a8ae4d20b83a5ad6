"""Messages in, and the roster."""

import re
from dataclasses import replace
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from medrec import clock, intake, receipts, roster
from medrec.access import log
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.api import schemas
from medrec.api.description import Room
from medrec.api.problems import ProblemError
from medrec.persons import Unresolved

incoming = Room("messages", __name__, "Messages and the roster")

MAX_MESSAGE = 10 * 1024 * 1024
STATUS = {"accepted": 201, "repeated": 200, "quarantined": 202}
_TAKEN = ("application/xml", "text/xml", "application/json", "application/octet-stream", "application/gzip")
_OURS = re.compile(r"[0-9a-f]{24}")
_PATIENT = {
    "name": "Medrec-Patient",
    "in": "header",
    "description": "Our id of the person the message is about, where it names only a local id.",
    "schema": {"type": "string", "pattern": f"^{_OURS.pattern}$"},
}
_BODY = {
    "required": True,
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}}
        for kind in ("application/xml", "application/fhir+json", "application/json")
    },
}


@incoming.post("/messages")
@incoming.response(201, schemas.Received, description="Kept and read")
@incoming.alt_response(200, schema=schemas.Received, description="The same bytes came before", success=True)
@incoming.alt_response(202, schema=schemas.Received, description="Kept; waits in quarantine", success=True)
@incoming.doc(
    parameters=[_PATIENT],
    requestBody=_BODY,
    responses={status: {"content": {"application/xml": {"schema": {"type": "string"}}}} for status in (200, 201, 202)},
)
@needs(Need.SEND)
def message() -> Response:
    """One raw message: MsgHead XML, FHIR JSON or neutral JSON.

    The same bytes are one message, however often they come. With `Accept: application/xml` the answer to a message in
    an envelope is an AppRec; other messages are answered in JSON. 4xx only when it was not kept.
    """
    raw = _raw()
    asked_for = request.headers.get("Medrec-Patient")
    if asked_for is not None and not _OURS.fullmatch(asked_for):
        raise ProblemError(code="unknown-patient")
    try:
        receipt = intake.receive(database(), raw, channel="api", asked_for=asked_for)
    except LookupError:
        raise ProblemError(code="unknown-patient") from None
    with database().writing() as session:
        log.record(session, user(), "send-message", person_id=receipt.patient, detail={"message": receipt.message_id})
    if request.accept_mimetypes.best_match(["application/json", "application/xml"]) == "application/xml":
        told = receipts.answer(database(), raw, receipt)
        if told is not None:
            return Response(told.body, status=STATUS[receipt.status], mimetype="application/xml")
    problem = {"code": receipt.problem.code, "place": receipt.problem.place} if receipt.problem else None
    body = {"message_id": receipt.message_id, "status": receipt.status, "patient": receipt.patient, "problem": problem}
    return Response(schemas.Received().dumps(body), status=STATUS[receipt.status], mimetype="application/json")


def _raw() -> bytes:
    kind = request.mimetype
    if kind not in _TAKEN and not kind.endswith(("+xml", "+json")) and kind != "application/json+fhir":
        raise ProblemError(code="media-type", detail=f"taken: {', '.join(_TAKEN)}, +xml, +json")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise ProblemError(code="media-type", detail="no Content-Encoding: send gzip as the message itself")
    raw = request.get_data(cache=False)
    if not raw:
        raise ProblemError(code="empty")
    if len(raw) > MAX_MESSAGE:
        raise ProblemError(code="too-large", detail=f"at most {MAX_MESSAGE} bytes")
    return raw


@incoming.put("/roster")
@incoming.arguments(schemas.Roster)
@incoming.response(200, schemas.RosterDone)
@needs(Need.ROSTER)
def put_roster(told: dict[str, Any]) -> roster.RosterOutcome:
    """Make the roster be these rows; a relation not among them ends today. Nothing is deleted."""
    rows = [_row(number, row) for number, row in enumerate(told["rows"])]

    def loaded(session: Session) -> roster.RosterOutcome:
        done = roster.load(session, rows, clock.today())
        log.record(session, user(), "load-roster", detail={"persons": done.persons})
        return done

    try:
        return database().once(loaded)  # again where a message about many of them came between
    except Unresolved as doubt:
        raise ProblemError(code="invalid", errors=[("rows", doubt.doubt.value)]) from None


def _row(number: int, told: dict[str, Any]) -> roster.RosterRow:
    identifier = person_identifier("", told["identifier"])
    if identifier.type not in NATIONAL or not is_valid(identifier):
        raise ProblemError(code="invalid", errors=[(f"rows.{number}.identifier", "not a valid identity number")])
    ends = told.get("to")
    if ends and ends < told["from_"]:
        raise ProblemError(code="invalid", errors=[(f"rows.{number}.to", "before from")])
    plain = {k: v for k, v in told.items() if k not in {"from_", "to", "identifier"}}
    row = roster.RosterRow(identifier=identifier.value, starts=told["from_"], **plain)
    return replace(row, ends=ends)
