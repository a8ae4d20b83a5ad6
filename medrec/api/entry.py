"""What every call does first: a bearer token, an allowance, a JSON body that is one, the version it was made upon."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import abort, current_app, request
from marshmallow import Schema, missing
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser

from formats.errors import ErrorCode, FormatError
from formats.jsondoc import parse
from medrec import clock, persons
from medrec.access import gate, log, relation
from medrec.access.people import Need, Role
from medrec.actions import By
from medrec.api.limits import Buckets
from medrec.api.problems import ProblemError, safe_name
from medrec.listing import Head

BODY = 64 * 1024
"""The largest JSON request but for messages and the roster."""
_POSITION = re.compile(r"@\d{1,9}")
_TAG = re.compile(r'(?:W/)?"(\d{1,9}(?:\.\d{1,9})?)"')


def enter() -> None:
    """Before every call: systems only, and not too often. A browser's session is no way in."""
    if gate.need_of(current_app, request.endpoint) is Need.OPEN:
        return
    user = gate.user()
    if user.role is not Role.SYSTEM:
        abort(401)
    buckets = current_app.extensions["medrec-buckets"]
    if isinstance(buckets, Buckets) and (wait := buckets.take(user.id)):
        raise ProblemError(code="too-many", headers={"Retry-After": str(math.ceil(wait))})


def see(session: Session, person_id: str, what: str) -> Head | None:
    """Let the system at one person, logged in this transaction; 404 alike for nobody and for not allowed.

    Returns which list is the newest, `None` where there is none.
    """
    return gate.see(session, person_id, what)


def found(identifier: str) -> str:
    """The id of the person with a national identity number, if the system may see them; counted and logged. 404."""
    return found_by([identifier])


def found_by(identifiers: Iterable[str]) -> str:
    """As `found`, by all numbers that one person is said to have. Raises 422 where they are those of two persons."""
    told: set[str] = set()
    for identifier in identifiers:
        gate.paced_search()
        with gate.database().writing() as session:
            person_id = persons.find(session, identifier)
            if person_id is not None and not relation.sees(session, gate.user(), person_id, clock.today()):
                person_id = None
            log.record(session, gate.user(), "search", person_id=person_id)
            told |= {person_id} if person_id is not None else set()
    if len(told) > 1:
        raise ProblemError(code="invalid", errors=[("Parameters.parameter.patient", "numbers of different persons")])
    for person_id in told:
        return person_id
    raise ProblemError(code="not-found")


def moment(text: str) -> datetime | None:
    """A time with offset that our calendar can tell in any zone; `None` for anything else."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None and clock.in_every_zone(told) else None


def once(name: str) -> None:
    """Raises 422 where the query says two things under one name: neither is taken in the other's place."""
    if len(set(request.args.getlist(name))) > 1:
        raise ProblemError(code="invalid", errors=[(name, "given more than once, with different values")])


def if_match() -> str:
    """The version or whole tag of `If-Match`. Raises 428 without one, 412 for what is no tag of ours."""
    return tag_of(request.headers.get("If-Match", ""))


def tag_of(text: str) -> str:
    """The version or whole tag in a tag's text. Raises as above."""
    told = text.strip()
    if not told or told == "*":
        raise ProblemError(code="match-needed")
    hit = _TAG.fullmatch(told)
    if hit is None:
        raise ProblemError(code="stale")
    return hit[1]


def acting(told: Mapping[str, str] | None) -> By:
    """Who acts: the person the system names, in the system's name; else the system itself."""
    user = gate.user()
    if not told:
        return By(id=user.id, name=user.name, role=user.role.value, organisation=user.organisation)
    name = f"{told['name']} ({user.name})"[:200]
    return By(id=user.id, name=name, role=told["role"], hpr=told.get("hpr", ""), organisation=user.organisation)


def json_body(limit: int = BODY) -> object:
    """The JSON of the request, strict: no key twice, no NaN, not deep. Raises 413, 415 or 400."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise ProblemError(code="media-type", detail="application/json is taken")
    raw = request.get_data(cache=True)
    if len(raw) > limit:
        raise ProblemError(code="too-large", detail=f"at most {limit} bytes")
    try:
        return parse(raw)
    except FormatError as wrong:
        codes = {ErrorCode.EMPTY: "empty", ErrorCode.TOO_LARGE: "too-large"}
        detail = f"{wrong.code.value} at {_place(wrong.place)}"
        raise ProblemError(code=codes.get(wrong.code, "not-json"), detail=detail) from None


def _place(place: str) -> str:
    """Where in a body: a position, or a name as far as it may be said again."""
    return place if _POSITION.fullmatch(place) else safe_name(place)


@lru_cache(maxsize=64)
def _may_be_empty(schema: object) -> bool:
    known = schema.load_fields.values() if isinstance(schema, Schema) else ()
    return isinstance(schema, Schema) and not any(f.required or f.load_default is not missing for f in known)


class Arguments(FlaskParser):
    """Parses bodies as above; an unknown name, also in the query, is refused by name."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": "raise"}  # noqa: RUF012 - webargs' own form

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **more: Any) -> Any:  # noqa: ANN401 - webargs' own form
        """As webargs, but where nothing is asked and nothing is meant by that, there is nothing to read."""
        if location == "query":
            for name in request.args:
                once(name)
        if location == "query" and not (req or request).query_string and _may_be_empty(argmap):
            return {}
        return super().parse(argmap, req, location=location, **more)

    def load_json(self, req: object, schema: object) -> object:
        """The body for marshmallow; it must be an object, or not there at all where nothing need be said.

        An empty body that calls itself JSON is one that was lost on its way.
        """
        del req
        if not request.mimetype and _may_be_empty(schema) and not request.get_data(cache=True):
            return {}
        told = json_body(current_app.config["MAX_CONTENT_LENGTH"] if request.path.endswith("/roster") else BODY)
        if not isinstance(told, dict):
            raise ProblemError(code="invalid", detail="the body must be an object")
        return told
