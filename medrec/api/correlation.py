"""One id for a request through all systems: taken from `nhn-event-id` or `X-Correlation-ID`, given back and logged."""

import uuid

import structlog
from flask import Flask, Response, g, request

HEADER = "X-Correlation-ID"


def install(app: Flask) -> None:
    """Answer with the id under both names."""
    app.before_request(_follow)
    app.after_request(_tell)


def correlation() -> str:
    """The id of this request."""
    return str(g.get("event") or "")


def _follow() -> None:
    """Take over a UUID (anything else could be an identity number) where the network's own header did not come."""
    told = request.headers.get(HEADER, "")
    if "nhn-event-id" in request.headers:
        return
    try:
        event = str(uuid.UUID(told))
    except ValueError:
        return
    if event == told.lower():
        g.event = event
        structlog.contextvars.bind_contextvars(event_id=event)


def _tell(response: Response) -> Response:
    response.headers[HEADER] = correlation()
    return response
