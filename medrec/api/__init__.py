"""The JSON API and its FHIR face."""

from flask import Flask


def install(app: Flask) -> None:
    """Add the API to the application."""
    del app
