"""Jinja's environment of the pages: one for each language, whose templates are compiled with their texts translated.

A page tells some two hundred texts. Looked up one by one at each rendering they were a fifth of its function calls; a
text without values is the same in every page of a language, so it is put into the template when that is compiled.
"""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2 import Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from medrec.web.language import chosen, without_values

_TEXT = ["name", "lparen", "string", "rparen"]
"""The tokens of `_('...')`."""


class Texts(Extension):
    """Puts each `_('...')` into the template as the text it is in the environment's language."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template, `_('...')` replaced by `('...'|safe)`."""
        language = getattr(self.environment, "language", None)
        told, at = [*stream], 0
        while at < len(told):
            some = told[at : at + len(_TEXT)]
            if language and some[0].value == "_" and [t.type for t in some] == _TEXT:
                yield from _translated(some, language)
                at += len(_TEXT)
            else:
                yield told[at]
                at += 1


def _translated(call: Iterable[Token], language: str) -> Iterator[Token]:
    """As `words` would tell it at each rendering: marked as text that needs no escaping."""
    _, opening, text, closing = call
    yield opening
    yield Token(text.lineno, "string", str(without_values(language, text.value)))
    yield Token(text.lineno, "pipe", "|")
    yield Token(text.lineno, "name", "safe")
    yield closing


class Pages(Environment):
    """The application's environment. What is rendered is taken from that of the reader's language."""

    def get_or_select_template(
        self,
        template_name_or_list: Any,  # noqa: ANN401 - as Jinja has it
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's own name
    ) -> Template:
        """The template in the reader's language."""
        return self._in(chosen()).get_template(template_name_or_list, parent, globals)

    def _in(self, language: str) -> Environment:
        known: dict[str, Environment] = self.__dict__.setdefault("by_language", {})
        if language not in known:
            told = self.overlay(extensions=[Texts])
            told.extend(language=language)
            known[language] = told
        return known[language]
