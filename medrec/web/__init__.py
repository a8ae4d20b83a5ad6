"""The nurses' pages, server-rendered. Every function works without JavaScript."""

from flask import Flask

from medrec.web import errors, filters, language, patient, rulebook, sign_in, worklist


def install(app: Flask) -> None:
    """Add language, pages and error pages."""
    language.install(app)
    errors.install(app)
    filters.install(app)
    for room in (sign_in, worklist, patient, rulebook):
        app.register_blueprint(room.pages)
