"""The OpenAPI 3.1 of the JSON API, told as it is: errors as problem+json, a bearer token, tags and examples."""

import http
from collections.abc import Callable
from importlib.resources import files
from typing import Any, TypeVar

from flask import Flask, Response, json, render_template
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.api import entry, schemas
from medrec.api.problems import MEDIA_TYPE, PROBLEMS

View = TypeVar("View", bound=Callable[..., object])
ETAG = {"ETag": {"description": '"<version>.<revision>" of the list', "schema": {"type": "string"}}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The tag that was read; to confirm, its version is enough.",
    "schema": {"type": "string", "example": '"7.2"'},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The tag you hold: 304 while it is the newest.",
    "schema": {"type": "string", "example": '"7.2"'},
}
LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "nb, nn or en for `text`; nb otherwise.",
    "schema": {"type": "string", "example": "nn"},
}
_ABOUT = """One medication list for each person, from registry, GP and journal, with its discrepancies.
Doses and other decimals are JSON strings. Times are RFC 3339 with offset. Identifiers are opaque;
identity numbers never stand in a URL. Send `nhn-event-id` or `X-Correlation-ID` to follow a call:
it comes back and stands in our log."""


class TruthfulApi(Api):  # type: ignore[misc] # flask-smorest carries no types
    """flask-smorest, but for its errors: it documents them as application/json whatever is sent."""

    ERROR_SCHEMA = schemas.Problem
    DEFAULT_ERROR_RESPONSE_NAME = "DEFAULT_ERROR"

    def _register_error_handlers(self) -> None:
        """The application's own handlers answer (`medrec.api.install`): smorest's would take the pages' errors too."""

    def _register_responses(self) -> None:
        """As smorest's own, with the media type that is sent."""
        named = [(s.name, s.phrase, int(s)) for s in http.HTTPStatus if s >= 400]  # noqa: PLR2004 - errors begin there
        for name, phrase, status in (*named, ("DEFAULT_ERROR", "A problem of the table at /api/v1/docs", 404)):
            told = {"description": phrase, "schema": self.ERROR_SCHEMA, "example": _problem(status)}
            prepare_response(told, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, told, lazy=True)


def _problem(status: int) -> dict[str, object]:
    """An example of a problem with this status; another one where the table has none."""
    code = next((c for c, kind in PROBLEMS.items() if kind.status == status), "not-found")
    told = {"type": f"/api/v1/docs#{code}", "title": PROBLEMS[code].title, "status": PROBLEMS[code].status}
    return {**told, "correlation": "7d2f0a3e-1111-4222-8333-444455556666"}


class Room(Blueprint):  # type: ignore[misc] # likewise
    """Calls under /api/v1. Headers named by `doc(parameters=...)` stand beside the query, not in its place."""

    ARGUMENTS_PARSER = entry.Arguments()

    def __init__(self, name: str, import_name: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix="/api/v1", description=description)
        self._prepare_doc_cbks.append(_headers_beside)

    def act(self, path: str, shape: type[schemas.Act]) -> Callable[[View], View]:
        """A call that changes something upon a version that was read: `If-Match`, 412, 428, and the tag after it."""

        def offered(view: View) -> View:
            marks = (
                needs(Need.ACT),
                self.doc(parameters=[IF_MATCH]),
                self.alt_response(428, "PRECONDITION_REQUIRED"),
                self.alt_response(412, "PRECONDITION_FAILED"),
                self.response(200, schemas.Done, headers=ETAG),
                self.arguments(shape, required=any(f.required for f in shape().fields.values())),
                self.post(path),
            )
            for mark in marks:
                view = mark(view)
            return view

        return offered


def _headers_beside(doc: dict[str, Any], info: dict[str, Any], **_: object) -> dict[str, Any]:
    if headers := info.get("manual_doc", {}).pop("parameters", []):
        doc["parameters"] = [*doc.get("parameters", []), *headers]
    return doc


def api_of(app: Flask) -> TruthfulApi:
    """The API object of an application, with its description's head."""
    app.config.setdefault("API_TITLE", "medrec")
    app.config.setdefault("API_VERSION", "v1")
    app.config.setdefault("OPENAPI_VERSION", "3.1.0")
    api = TruthfulApi(app, spec_kwargs={"info": {"description": _ABOUT}, "security": [{"token": []}]})
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "made with `medrec token create`"}
    )
    return api


def install(app: Flask, api: TruthfulApi) -> None:
    """The description as JSON and as a page, both open: nothing about anybody stands in them."""
    told = _with_examples(api.spec.to_dict())
    raw = json.dumps(told, ensure_ascii=False)

    @needs(Need.OPEN)
    def openapi() -> Response:
        return Response(raw, mimetype="application/json")

    @needs(Need.OPEN)
    def docs() -> str:
        calls = [(m.upper(), p, o) for p, by in told["paths"].items() for m, o in by.items() if m != "parameters"]
        return render_template("api_docs.html", calls=calls, problems=PROBLEMS, about=_ABOUT)

    app.add_url_rule("/api/v1/openapi.json", "api_openapi", openapi)
    app.add_url_rule("/api/v1/docs", "api_docs", docs)


def _with_examples(told: dict[str, Any]) -> dict[str, Any]:
    """Each operation with the examples of `examples.json` (by call, then request or status, then media type)."""
    examples = json.loads(files("medrec.api").joinpath("examples.json").read_text(encoding="utf-8"))
    for call, given in examples.items():
        method, path = call.split()
        operation = told["paths"][path][method.lower()]
        for where, by_kind in given.items():
            content = (operation["requestBody"] if where == "request" else operation["responses"][where])["content"]
            for kind, example in by_kind.items():
                content[kind]["example"] = example
    return told
