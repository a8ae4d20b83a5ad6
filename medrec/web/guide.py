"""Slik leser du listen, and the accessibility statement: two pages of words, open to everybody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from medrec import wording
from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.web.language import chosen

pages = Blueprint("guide", __name__)


@pages.get("/guide")
@needs(Need.OPEN)
def page() -> ResponseReturnValue:
    """How to read the list."""
    sections = [words[chosen()] for words in wording.SECTION.values()]
    return render_template("guide.html", sections=sections)


@pages.get("/accessibility")
@needs(Need.OPEN)
def accessibility() -> ResponseReturnValue:
    """The text that the statement of the municipality can use."""
    return render_template("accessibility.html")
