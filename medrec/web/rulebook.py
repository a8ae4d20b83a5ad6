"""Regelboken: the rules as a pharmacist reads them."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.web.language import chosen, of_rules
from rules.rule import Rule
from rules.rulebook import RULES

pages = Blueprint("rulebook", __name__, url_prefix="/rules")


@pages.get("")
@needs(Need.RULEBOOK)
def page() -> ResponseReturnValue:
    """Every rule in reading order; `find` narrows to those whose words hold it."""
    wanted = request.args.get("find", "").strip().casefold()
    language = chosen()
    found = [r for r in RULES if not wanted or wanted in _words(r, language)]
    return render_template("rulebook.html", rules=found, wanted=wanted, all=len(RULES), explained=_explained)


def _explained(text: str) -> Markup:
    """An explanation in the reader's language, else in Bokmål and marked as such."""
    told = of_rules(text)
    return escape(told) if told is not None else Markup('<span lang="nb">{}</span>').format(text)


def _words(rule: Rule, language: str) -> str:
    explained = (of_rules(text) or text for text in (rule.page.meaning, rule.page.why))
    return " ".join((rule.code, rule.slug, rule.name[language], rule.sentence[language], *explained)).casefold()
