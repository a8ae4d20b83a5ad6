"""One id for a request through all systems: taken from `nhn-event-id` or `X-Correlation-ID`, given back and logged."""

import uuid

import structlog
from flask import Flask, Response, g, request

HEADERS = ("nhn-event-id", "X-Correlation-ID")
"""The Norwegian health network's name, and the common one."""


def install(app: Flask) -> None:
    """Follow every request of the application; before the gate, so that its refusals carry the id too."""
    app.before_request_funcs.setdefault(None, []).insert(0, _follow)
    app.after_request(_tell)
    app.teardown_request(_forget)


def correlation() -> str:
    """The id of this request. Only a UUID is taken over: anything else could be an identity number."""
    if "event" not in g:
        sent = next((v for name in HEADERS if (v := request.headers.get(name))), "")
        g.event = sent.lower() if _is_uuid(sent) else str(uuid.uuid4())
    return str(g.event)


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _follow() -> None:
    structlog.contextvars.bind_contextvars(event_id=correlation())


def _tell(response: Response) -> Response:
    for name in HEADERS:
        response.headers[name] = correlation()
    return response


def _forget(_fault: BaseException | None) -> None:
    structlog.contextvars.unbind_contextvars("event_id")
