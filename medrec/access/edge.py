"""The edge of the web: which forwarded headers are believed and which host names are answered.

Nothing a client says of itself (`X-Forwarded-*`, `Host`) is believed unless a setting says who put it there.
"""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from medrec.access.terms import Terms


def install(app: Flask, terms: Terms) -> None:
    """Put the edge in front of the application."""
    if terms.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=terms.proxies, x_proto=terms.proxies)  # type: ignore[method-assign] # Flask's own way of wrapping
    if terms.hosts:
        app.config["TRUSTED_HOSTS"] = list(terms.hosts)
