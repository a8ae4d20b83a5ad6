"""The JSON API and its FHIR face."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from medrec.actions import MissingMatch, NotAllowed, Stale, Unknown
from medrec.api import correlation, description, entry, lists, messages, worklists
from medrec.api.fhir import outcome
from medrec.api.fhir_operations import fhir
from medrec.api.limits import Buckets
from medrec.api.problems import ProblemError, answer
from medrec.rendered import Rendered
from medrec.worklist import BadCursor

PREFIX = "/api/v1"
ROOMS = (messages.incoming, lists.lists, worklists.work)
FAULTS = (ProblemError, Stale, MissingMatch, NotAllowed, Unknown, BadCursor, HTTPException)
_ANSWERS: tuple[tuple[Blueprint, Callable[[Exception], Response]], ...]
_ANSWERS = (*((room, answer) for room in ROOMS), (fhir, outcome))
for _room, _answer in _ANSWERS:
    _room.before_request(entry.enter)
    for _fault in FAULTS:
        _room.register_error_handler(_fault, _answer)


class Opaque(BaseConverter):
    """An id of ours: hex only, so that no odd character reaches the store."""

    regex = "[0-9a-f]{8,32}"


class ResourceId(BaseConverter):
    """A FHIR id of ours: a person's, or a person's with what it is of theirs."""

    regex = r"[0-9a-f]{8,32}(?:\.[0-9a-z]{2,32})?"


def install(app: Flask) -> None:
    """Add the API to the application."""
    app.url_map.converters["opaque"] = Opaque
    app.extensions["medrec-buckets"] = Buckets()
    app.extensions["medrec-rendered"] = Rendered()
    correlation.install(app)
    api = description.api_of(app)
    api.register_converter(Opaque, lambda _: {"type": "string", "pattern": f"^{Opaque.regex}$"})
    for room in ROOMS:
        api.register_blueprint(room)
    app.url_map.converters["resource"] = ResourceId
    app.register_blueprint(fhir)
    _answer_errors(app)
    app.register_blueprint(Blueprint("api_pages", __name__, template_folder="templates"))
    description.install(app, api)


def _answer_errors(app: Flask) -> None:
    """Errors outside every call (no such address) are answered in the language of the path that was asked for."""
    for code in (404, 405):
        app.register_error_handler(code, _dispatch(app, code))


def _dispatch(app: Flask, code: int) -> Callable[[HTTPException], ResponseReturnValue]:
    pages = next(iter(app.error_handler_spec[None][code].values()), None)

    def told(error: HTTPException) -> ResponseReturnValue:
        if request.path.startswith(PREFIX):
            return answer(error)
        if request.path.startswith("/fhir"):
            return outcome(error)
        return app.ensure_sync(pages)(error) if pages else error.get_response()

    return told
