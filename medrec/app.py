"""The web application, put together like a table of contents."""

from flask import Flask

from medrec import health
from medrec.access import edge, gate, headers
from medrec.access.terms import terms
from medrec.db import Database

MAX_BODY = 10 * 1024 * 1024 + 4096
"""The largest message (10 MiB) and its form around it."""


def create_app(database: Database) -> Flask:
    """The whole web over an open database: pages, JSON API, FHIR face, health."""
    app = Flask("medrec")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["medrec"] = database
    edge.install(app, terms(database.settings))
    gate.install(app)
    headers.install(app)
    health.install(app)
    _install_web(app)
    _install_api(app)
    return app


def _install_web(app: Flask) -> None:
    from medrec import web  # noqa: PLC0415 - the face, imported once the ground stands

    web.install(app)
    from medrec.access import arriving, launching, pages  # noqa: PLC0415 - likewise

    app.register_blueprint(pages.pages)
    app.register_blueprint(arriving.pages)
    app.register_blueprint(launching.pages)


def _install_api(app: Flask) -> None:
    from medrec import api  # noqa: PLC0415 - likewise

    api.install(app)
