"""Every way the API says no, in one table (RFC 9457 `application/problem+json`), and how an error becomes one of them.

No answer carries a value that was sent: only names of fields that are ours or look like a name, never a number.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask import Response, g
from werkzeug.exceptions import HTTPException

from medrec.actions import MissingMatch, NotAllowed, Stale, Unknown
from medrec.api.correlation import correlation
from medrec.worklist import BadCursor

MEDIA_TYPE = "application/problem+json"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,40}")
_LONG_NUMBER = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: HTTP status, title, and the issue code an OperationOutcome gives it (FHIR, issue-type)."""

    status: int
    title: str
    issue: str


PROBLEMS: Mapping[str, Kind] = {
    "bad-request": Kind(400, "The request can't be understood", "invalid"),
    "not-json": Kind(400, "The body is not JSON that can be read", "structure"),
    "bad-cursor": Kind(400, "The cursor is not one that this list gave", "value"),
    "unknown-parameter": Kind(400, "A search parameter is not known", "not-supported"),
    "empty": Kind(400, "The body is empty", "required"),
    "not-signed-in": Kind(401, "A valid bearer token is needed", "login"),
    "not-allowed": Kind(403, "The token's scopes do not cover this", "forbidden"),
    "not-found": Kind(404, "There is no such thing, or you may not see it", "not-found"),
    "method": Kind(405, "The method is not offered here", "not-supported"),
    "not-acceptable": Kind(406, "Only JSON is written here", "not-supported"),
    "conflict": Kind(409, "This can't be done as things stand", "business-rule"),
    "cursor-ahead": Kind(409, "The cursor is ahead of all changes: follow from the beginning", "conflict"),
    "stale": Kind(412, "The list has changed since it was read; nothing was done", "conflict"),
    "too-large": Kind(413, "The body is too large", "too-long"),
    "media-type": Kind(415, "The media type is not taken here", "not-supported"),
    "invalid": Kind(422, "A field is missing, unknown or has a value it can't have", "invalid"),
    "unknown-patient": Kind(422, "Medrec-Patient names nobody known here; the message was not kept", "not-found"),
    "match-needed": Kind(428, "If-Match must name the version that was read", "required"),
    "too-many": Kind(429, "Too many requests; wait for Retry-After seconds", "throttled"),
    "our-fault": Kind(500, "Something went wrong here; nothing was kept", "exception"),
    "unavailable": Kind(503, "The store can't be reached", "transient"),
}
_BY_STATUS = {
    400: "bad-request", 401: "not-signed-in", 403: "not-allowed", 404: "not-found", 405: "method",
    406: "not-acceptable", 409: "conflict", 412: "stale",
    413: "too-large", 415: "media-type", 422: "invalid", 428: "match-needed",
    429: "too-many", 503: "unavailable",
}  # fmt: skip
_BY_FAULT: tuple[tuple[type[Exception], str], ...] = (
    (Stale, "stale"),
    (MissingMatch, "match-needed"),
    (Unknown, "not-found"),
    (BadCursor, "bad-cursor"),
)


class ProblemError(Exception):
    """An answer of the table; `errors` are (field, what is wrong with it), `headers` go with the answer."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = tuple((safe_name(field), reason) for field, reason in errors)
        self.headers = dict(headers or {})


def safe_name(text: str) -> str:
    """A field's name as it may be said again; anything that is no name, or holds a long number, is not repeated."""
    return text if _NAME.fullmatch(text) and not _LONG_NUMBER.search(text) else "?"


def problem_of(error: Exception) -> ProblemError:
    """The row of the table that an error is."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, NotAllowed):
        return ProblemError("conflict", str(error))
    for kind, code in _BY_FAULT:
        if isinstance(error, kind):
            return ProblemError(code)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return ProblemError(code="our-fault")


def _of_http(error: HTTPException) -> ProblemError:
    status = 401 if error.code == 403 and g.get("user") is None else error.code or 500  # noqa: PLR2004 - nobody: 401
    code = _BY_STATUS.get(status, "our-fault" if status >= 500 else "bad-request")  # noqa: PLR2004 - our faults begin there
    kept = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
    if status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names its scheme
        kept["WWW-Authenticate"] = 'Bearer realm="medrec"'
    return ProblemError(code, errors=_errors(getattr(error, "data", None)), headers=kept)


def _errors(data: object) -> Iterator[tuple[str, str]]:
    """What webargs says of fields, flattened: ("until", "Not a valid date.")."""
    told = data.get("messages") if isinstance(data, dict) else None
    for fields in told.values() if isinstance(told, dict) else ():
        yield from _flat("", fields)


def _flat(path: str, told: object) -> Iterator[tuple[str, str]]:
    if isinstance(told, dict):
        for name, inner in told.items():
            yield from _flat(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(told, list):
        yield from ((path or "body", str(reason)) for reason in told)


def answer(error: Exception) -> Response:
    """The problem document of an error."""
    wrong = problem_of(error)
    kind = PROBLEMS[wrong.code]
    told: dict[str, object] = {
        "type": f"/api/v1/docs#{wrong.code}",
        "title": kind.title,
        "status": kind.status,
        "correlation": correlation(),
    }
    if wrong.detail:
        told["detail"] = wrong.detail
    if wrong.errors:
        told["errors"] = [{"field": field, "reason": reason} for field, reason in wrong.errors]
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status=kind.status, mimetype=MEDIA_TYPE, headers=wrong.headers)
