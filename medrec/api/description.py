"""The OpenAPI 3.1 of the JSON API, told as it is: errors as problem+json, a bearer token, tags and examples."""

import http

from flask import Flask, Response, json, render_template
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.api import schemas
from medrec.api.problems import MEDIA_TYPE, PROBLEMS

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
        named = [(status.name, status.phrase) for status in http.HTTPStatus if status >= 400]  # noqa: PLR2004 - errors begin there
        for name, phrase in (*named, ("DEFAULT_ERROR", "A problem of the table at /api/v1/docs")):
            told = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(told, self.spec, MEDIA_TYPE)
            self.spec.components.response(name, told, lazy=True)


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
    told = api.spec.to_dict()
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
