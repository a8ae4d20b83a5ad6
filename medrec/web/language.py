"""The language of the pages: Bokmål as written in the templates, nynorsk and English from `translations/*.po`.

The choice is the reader's (a cookie set by the language links), else the browser's, else Bokmål. Catalogues are
compiled in memory from the `.po` files, so that no compiled file can lag behind what it was made from. A language is
offered only where each of its messages is translated and none is marked as a guess.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Blueprint, Flask, g, redirect, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup
from werkzeug.wrappers import Response

from medrec.access.gate import needs
from medrec.access.people import Need
from medrec.wording import language_of

COOKIE = "medrec-language"
pages = Blueprint("language", __name__)
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_-]+/?)*")
"""A path of ours: never another host, which "//host" and "/\\host" would be."""


def _translated(message: Message) -> bool:
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    return not message.fuzzy and all(said)


@cache
def messages(language: str, of: str = "") -> Catalog | None:
    """The messages of `translations/<of><language>.po` as written; `None` where there is no such file."""
    file = files("medrec").joinpath(f"translations/{of}{language}.po")
    if not file.is_file():
        return None
    with file.open("rb") as text:
        return read_po(text, locale=language)


def is_whole(found: Catalog | None) -> bool:
    """Whether nothing is missing in a catalogue: each message translated, none marked as a guess."""
    return found is not None and all(_translated(m) for m in found if m.id)


NAMES = {
    c: name
    for c, name in {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}.items()
    if c == "nb" or is_whole(messages(c))
}
"""The languages the pages can be read in. None is offered half."""


class PoDomain(Domain):  # type: ignore[misc] # flask-babel carries no types
    """Translations read from `.po` files."""

    def get_translations(self) -> Translations:
        """The catalogue of the present locale."""
        return catalogue(chosen())


@cache
def catalogue(language: str) -> Translations:
    """Compiled translations of one language; Bokmål has none, the templates are written in it."""
    found = messages(language)
    if found is None:
        return Translations()
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return Translations(compiled)


def install(app: Flask) -> None:
    """Set up Babel and the language links."""
    babel = Babel(app, default_locale="nb", default_timezone="Europe/Oslo", locale_selector=chosen)
    babel.domain_instance = PoDomain()
    app.jinja_env.install_gettext_callables(_word, _words, newstyle=True)  # type: ignore[attr-defined] # Jinja's extension
    app.jinja_env.globals["_"] = words
    app.jinja_env.globals["languages"] = NAMES
    app.jinja_env.globals["language"] = chosen
    app.jinja_env.globals["locale"] = get_locale
    app.jinja_env.globals["as_said"] = as_said


def words(text: str, /, **values: object) -> Markup:
    """A text of a template in the reader's language, with `%(name)s` filled in and escaped, as Jinja's own gettext.

    One without values, told as a literal, stands in the compiled template already (`web/environment.py`).
    """
    return _marked(chosen(), text) % values if values else without_values(chosen(), text)


@lru_cache(maxsize=4096)
def _marked(language: str, text: str) -> Markup:
    return Markup(catalogue(language).ugettext(text))  # noqa: S704 - templates' own texts and our translations of them


@lru_cache(maxsize=4096)
def without_values(language: str, text: str) -> Markup:
    """A text of a template in a language, as it stands in a page."""
    return _marked(language, text) % {}


def _word(text: str) -> str:
    """A text of a `trans` block."""
    said: str = catalogue(chosen()).ugettext(text)
    return said


def _words(one: str, many: str, number: int) -> str:
    said: str = catalogue(chosen()).ungettext(one, many, number)
    return said


def chosen() -> str:
    """The reader's language, of those the pages have."""
    here = g._get_current_object()  # noqa: SLF001 - Flask's documented way past the proxy; asked with every text
    found: str | None = here.get("language")
    if found is None:
        asked = request.cookies.get(COOKIE, "")
        wanted = asked if asked in NAMES else language_of(request.headers.get("Accept-Language"))
        found = here.language = wanted if wanted in NAMES else "nb"
    return found


def of_rules(text: str) -> str | None:
    """An explanation of the rulebook in the reader's language; `None` where it is there in Bokmål alone."""
    if chosen() == "nb":
        return text
    found = messages(chosen(), "rules.")
    message = found.get(text) if found else None
    return str(message.string) if message and _translated(message) else None


def as_said() -> Markup:
    """The attribute that a source's own words carry on a page in another language: they are Bokmål, as a rule."""
    return Markup("") if chosen() == "nb" else Markup(' lang="nb"')


def say(text: str, **values: object) -> str:
    """`text` (Bokmål, as a literal, so that it can be extracted) in the reader's language, `%(name)s` filled in."""
    words = _said(chosen(), text)
    return words % values if values else words


@lru_cache(maxsize=4096)
def _said(language: str, text: str) -> str:
    said: str = catalogue(language).gettext(text)
    return said


@pages.post("/language/<code>")
@needs(Need.OPEN)
def choose(code: str) -> Response:
    """Remember the language and go back to the page it was chosen on."""
    back = request.form.get("back", "/")
    response = redirect(back if _OWN_PATH.fullmatch(back) else "/", code=303)
    if code in NAMES:
        response.set_cookie(COOKIE, code, max_age=365 * 86400, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
