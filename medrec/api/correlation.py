"""One id for a request through all systems: taken from `nhn-event-id` or `X-Correlation-ID`, given back, and logged."""

import re
import uuid

import structlog
from flask import Flask, Response, g, request

HEADERS = ("nhn-event-id", "X-Correlation-ID")
_SHAPE = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_NUMBER = re.compile(r"\d{11}")


def install(app: Flask) -> None:
    """Bind the id to the log's context for the length of a request, and send it back."""
    app.before_request(_bind)
    app.after_request(_tell)
    app.teardown_request(_unbind)


def correlation() -> str:
    """The id of this request. One that is no plain id, or could hold an identity number, is replaced by our own."""
    if "correlation" not in g:
        sent = next((v for name in HEADERS if (v := request.headers.get(name))), "")
        fit = _SHAPE.fullmatch(sent) and not _NUMBER.search(sent)
        g.correlation = sent if fit else str(uuid.uuid4())
    return str(g.correlation)


def _bind() -> None:
    structlog.contextvars.bind_contextvars(correlation=correlation())


def _tell(response: Response) -> Response:
    for name in HEADERS:
        response.headers[name] = correlation()
    return response


def _unbind(_fault: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("correlation")
