"""Headers of every answer: a strict content policy, no storing, no framing, no guessing of types."""

from flask import Flask, Response, request
from werkzeug.datastructures import Headers

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

_ALWAYS = Headers(
    {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
)
"""No answer says any of these itself."""


def install(app: Flask) -> None:
    """Set the headers after every request."""
    app.after_request(_set)


def _set(response: Response) -> Response:
    headers = response.headers
    headers.extend(_ALWAYS)
    if not request.path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
