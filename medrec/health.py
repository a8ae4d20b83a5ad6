"""Is the process alive, is it ready, how much waits: `/healthz`, `/readyz`, `/metrics` at the root, no patient data.

`/metrics` is open to the machine itself; from elsewhere it needs somebody who operates (a token with that scope).
"""

from collections.abc import Iterator
from ipaddress import ip_address

from flask import Flask, Response, abort, g, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.records import discrepancy, list_head, message, outbox, person

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
    """Prometheus' text form, version 0.0.4."""
    if not _from_this_machine():
        if g.user is None:
            abort(401)
        if not g.user.may(Need.OPERATE):
            abort(403)
    with database().reading() as session:
        lines = [line for name, kind, rows in _measured(session) for line in _told(name, kind, rows)]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _from_this_machine() -> bool:
    """A request that came through a proxy is not from this machine, whoever handed it on."""
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(dict(request.headers))
    return not forwarded and bool(request.remote_addr) and ip_address(request.remote_addr or "").is_loopback


Rows = list[tuple[dict[str, str], float]]


def _measured(session: Session) -> Iterator[tuple[str, str, Rows]]:
    """(name, help, values by labels)."""
    oldest = session.scalar(select(func.min(person.c.dirty_since)))
    waiting = (clock.now() - oldest).total_seconds() if oldest else 0.0
    yield "medrec_oldest_dirty_seconds", "Age of the person who has waited longest for judgement", [({}, waiting)]
    own = discrepancy.c
    flags = session.execute(
        select(own.code, own.severity, func.count()).where(own.closed_at.is_(None)).group_by(own.code, own.severity)
    )
    yield (
        "medrec_open_discrepancies",
        "Discrepancies that are not closed",
        [({"code": code, "severity": severity}, many) for code, severity, many in sorted(map(tuple, flags))],
    )
    held = select(func.count()).select_from(message).where(message.c.outcome == "quarantined")
    yield "medrec_quarantined_messages", "Messages waiting in quarantine", [({}, session.scalar(held) or 0)]
    letters = session.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    yield "medrec_outbox", "Letters by state", [({"state": state}, many) for state, many in sorted(map(tuple, letters))]
    lists = session.execute(select(list_head.c.complete, func.count()).group_by(list_head.c.complete))
    yield (
        "medrec_lists",
        "Lists, complete and incomplete",
        [({"complete": "yes" if whole else "no"}, many) for whole, many in sorted(map(tuple, lists))],
    )


def _told(name: str, words: str, rows: Rows) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    for labels, value in rows:
        named = ",".join(f'{label}="{text}"' for label, text in labels.items())
        yield f"{name}{{{named}}} {value:g}" if named else f"{name} {value:g}"
