"""The nurses' pages, server-rendered. Every function works without JavaScript."""

from flask import Flask

from medrec.web import (
    acting,
    errors,
    filters,
    guide,
    language,
    notices,
    overview,
    patient,
    practice,
    reading,
    rulebook,
    sign_in,
    worklist,
)
from medrec.web.environment import Pages

ROOMS = tuple(
    room.pages
    for room in (
        sign_in,
        worklist,
        patient,
        acting,
        reading,
        rulebook,
        overview,
        practice,
        guide,
        language,
        notices,
    )
)

for _room in ROOMS:
    errors.answer(_room)


def install(app: Flask) -> None:
    """Add language, pages and error pages."""
    app.jinja_environment = Pages
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    language.install(app)
    filters.install(app)
    errors.install(app)
    for room in ROOMS:
        app.register_blueprint(room)
