"""Is the process alive, is it ready, how much waits: `/healthz`, `/readyz`, `/metrics` at the root, no patient data.

`/metrics` is open to the machine itself; from elsewhere it needs somebody who operates (a token with that scope).
"""

from ipaddress import ip_address

from flask import Flask, Response, abort, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from medrec import clock, metrics
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.records import person

READY_WITHIN_SECONDS = 60
"""A person waiting longer than this for judgement means that no worker is at work."""


def install(app: Flask) -> None:
    """Add the three routes."""
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", _ready)
    app.add_url_rule("/metrics", "metrics", _metrics)


@needs(Need.OPEN)
def _alive() -> Response:
    return jsonify(status="ok")


@needs(Need.OPEN)
def _ready() -> tuple[Response, int]:
    try:
        with database().reading() as session:
            oldest = session.scalar(select(func.min(person.c.dirty_since)))
    except SQLAlchemyError:
        return jsonify(status="no-database"), 503
    waiting = (clock.now() - oldest).total_seconds() if oldest else 0.0
    ready = waiting <= READY_WITHIN_SECONDS
    return jsonify(status="ok" if ready else "behind", oldest_waiting_seconds=round(waiting, 1)), 200 if ready else 503


@needs(Need.OPEN)
def _metrics() -> Response:
    """Prometheus' text form."""
    if not _from_this_machine():
        if g.user is None:
            abort(401)
        if not g.user.may(Need.OPERATE):
            abort(403)
    with database().reading() as session:
        return Response(metrics.text(session), content_type=CONTENT_TYPE_LATEST)


def _from_this_machine() -> bool:
    """A request that came through a proxy is not from this machine, whoever handed it on."""
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(dict(request.headers))
    return not forwarded and bool(request.remote_addr) and ip_address(request.remote_addr or "").is_loopback
