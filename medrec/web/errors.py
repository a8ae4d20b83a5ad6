"""Error pages: plain words, nothing about whether a person exists, no trace."""

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from medrec.actions import MissingMatch, NotAllowed, Stale
from medrec.web.language import say as _


def install(app: Flask) -> None:
    """Answer errors of pages; the API answers its own."""
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(Stale, _stale)
    app.register_error_handler(MissingMatch, _stale)
    app.register_error_handler(NotAllowed, _not_allowed)


def _page(wrong: HTTPException) -> ResponseReturnValue:
    if wrong.code == 401 and request.method == "GET":  # noqa: PLR2004 - not signed in
        return redirect(url_for("sign_in.page"), code=303)
    words = {
        401: _("Du er ikke logget inn."),
        403: _("Du har ikke tilgang til dette."),
        404: _("Siden finnes ikke, eller du har ikke tilgang til den."),
        413: _("Det som ble sendt, er for stort."),
    }
    text = words.get(wrong.code or 500, _("Noe gikk galt. Prøv igjen."))
    return render_template("error.html", text=text), wrong.code or 500


def _stale(_wrong: Exception) -> ResponseReturnValue:
    text = _("Listen er endret siden du åpnet siden. Ingenting er lagret. Åpne den på nytt og se hva som er nytt.")
    return render_template("error.html", text=text), 412


def _not_allowed(wrong: Exception) -> ResponseReturnValue:
    return render_template("error.html", text=str(wrong) or _("Dette kan ikke gjøres.")), 409
