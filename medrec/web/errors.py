"""Error pages: plain words, nothing about whether a person exists, no trace. The API answers its own."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from medrec.access import gate
from medrec.access.people import Role
from medrec.actions import MissingMatch, NotAllowed, Refusal, Stale, Unknown
from medrec.web.language import say as _

_API = ("/api/", "/fhir")


def answer(room: Blueprint) -> None:
    """Answer errors of this room's pages; done once, before the room is first used."""
    room.register_error_handler(HTTPException, _page)
    room.register_error_handler(Stale, _stale)
    room.register_error_handler(MissingMatch, _stale)
    room.register_error_handler(NotAllowed, _not_allowed)
    room.register_error_handler(Unknown, _unknown)


def install(app: Flask) -> None:
    """Answer addresses that belong to no room."""
    for code in (404, 405):
        app.register_error_handler(code, _nowhere)


def _nowhere(wrong: HTTPException) -> ResponseReturnValue:
    return wrong if request.path.startswith(_API) else _page(wrong)


def _page(wrong: HTTPException) -> ResponseReturnValue:
    if wrong.code == 401 and request.method == "GET":  # noqa: PLR2004 - not signed in
        return redirect(url_for("sign_in.page"), code=303)
    words = {
        401: _("Du er ikke logget inn. Ingenting er lagret."),
        403: _("Du har ikke tilgang til dette."),
        404: _("Siden finnes ikke, eller du har ikke tilgang til den."),
        413: _("Det som ble sendt, er for stort."),
        429: _("Det er prøvd for mange ganger på kort tid. Ingenting er lagret. Vent litt, og prøv igjen."),
    }
    text = words.get(wrong.code or 500, _("Noe gikk galt. Prøv igjen."))
    if wrong.code == 403 and request.path == "/":  # noqa: PLR2004 - signed in, and sent here as everybody is
        return render_template("error.html", heading=_("Ingen pasientliste"), text=_no_worklist()), 403
    return render_template("error.html", text=text), wrong.code or 500


def _no_worklist() -> str:
    """What stands on the front page of somebody whose patients do not stand on a list here."""
    if gate.user().role is Role.GP:
        return _("Fastleger har ingen pasientliste her. Åpne pasienten fra journalen din.")
    return _("Du har ingen pasientliste her.")


def _stale(_wrong: Exception) -> ResponseReturnValue:
    text = _("Listen er endret siden du åpnet siden. Ingenting er lagret. Åpne den på nytt og se hva som er nytt.")
    return render_template("error.html", text=text), 412


_REFUSED: Mapping[Refusal, Callable[[], str]] = {
    Refusal.LACKING: lambda: _("et felt som må fylles ut, er tomt."),
    Refusal.STRANGE: lambda: _("skjemaet sendte noe som ikke hører til."),
    Refusal.CLOSED: lambda: _("avviket er lukket."),
    Refusal.CRITICAL_SNOOZE: lambda: _("et avvik som haster, kan ikke utsettes."),
    Refusal.SNOOZE_SPAN: lambda: _("et avvik kan utsettes til tidligst i morgen og høyst sju dager."),
    Refusal.WRITTEN_REPLY: lambda: _("et avvik som haster, krever forskriverens skriftlige svar."),
    Refusal.ONE_STATEMENT: lambda: _("velg to forskjellige utsagn."),
    Refusal.SENT: lambda: _("det som er sendt til fastlegen, kan ikke angres."),
}
"""The rule that an act is against, as the page says it."""


def _not_allowed(wrong: NotAllowed) -> ResponseReturnValue:
    text = _("Dette kan ikke gjøres: %(why)s Ingenting er lagret.", why=_REFUSED[wrong.rule]())
    return render_template("error.html", text=text), 409


def _unknown(_wrong: Exception) -> ResponseReturnValue:
    return render_template("error.html", text=_("Siden finnes ikke, eller du har ikke tilgang til den.")), 404
