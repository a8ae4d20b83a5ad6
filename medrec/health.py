"""Is the process alive, is it ready: `/healthz` and `/readyz` at the root, without sign-in and without patient data."""

from flask import Flask, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from medrec import clock
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.records import person

READY_WITHIN_SECONDS = 60
"""A person waiting longer than this for judgement means that no worker is at work."""


def install(app: Flask) -> None:
    """Add the two routes."""
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", _ready)


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
