"""The JSON API and its FHIR face."""

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from medrec.actions import MissingMatch, NotAllowed, Stale, Unknown
from medrec.api import correlation, description, entry, lists, messages, worklists
from medrec.api.limits import Buckets
from medrec.api.problems import ProblemError, answer
from medrec.api.rendered import Rendered
from medrec.worklist import BadCursor

PREFIX = "/api/v1"


class Opaque(BaseConverter):
    """An id of ours: hex only, so that no odd character reaches the store."""

    regex = "[0-9a-f]{8,32}"


def install(app: Flask) -> None:
    """Add the API to the application."""
    app.url_map.converters["opaque"] = Opaque
    app.extensions["medrec-buckets"] = Buckets()
    app.extensions["medrec-rendered"] = Rendered()
    correlation.install(app)
    api = description.api_of(app)
    api.register_converter(Opaque, lambda _: {"type": "string", "pattern": f"^{Opaque.regex}$"})
    for room in (messages.incoming, lists.lists, worklists.work):
        if not room.before_request_funcs:
            room.before_request(entry.enter)
            for kind in (ProblemError, Stale, MissingMatch, NotAllowed, Unknown, BadCursor, HTTPException):
                room.register_error_handler(kind, answer)
        api.register_blueprint(room)
    _answer_errors(app)
    app.register_blueprint(Blueprint("api_pages", __name__, template_folder="templates"))
    description.install(app, api)


def _answer_errors(app: Flask) -> None:
    """Errors outside every call (no such path) are answered in the language of the path that was asked for."""
    pages = app.error_handler_spec[None][None].get(HTTPException)

    def dispatch(error: HTTPException) -> ResponseReturnValue | HTTPException:
        if request.path.startswith(PREFIX):
            return answer(error)
        told: ResponseReturnValue = app.ensure_sync(pages)(error) if pages else error
        return told

    app.register_error_handler(HTTPException, dispatch)
