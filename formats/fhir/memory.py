"""Remembering what was made of a piece of a message that comes again and again: a drug, a dosing, a category.

Only pieces that name no person are remembered: the same drug, sig and supply stand in thousands of orders, and in the
same order at each fetch. Keys are the whole content, so a hit is never another piece; the memory has an end.
"""

import marshal
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element, FhirDoc
from formats.jsondoc import JsonDoc

T = TypeVar("T")
_MOST = 8192


def _content(value: Mapping[str, object]) -> bytes | str:
    """A key that only equal content has (the same content may have several; then it is made several times)."""
    try:
        return marshal.dumps(value)  # type: ignore[arg-type]  # JSON values; never read back: the quickest key of a tree
    except ValueError:  # decimals
        return repr(value)


class Memory(Generic[T]):
    """What `make(element, systems, words)` gives, made once for each content. It may look at nothing but these."""

    __slots__ = ("_known", "_make")

    def __init__(self, make: Callable[[Element, CodeSystems, str], T]) -> None:
        self._make = make
        self._known: dict[tuple[bytes | str, str, int], tuple[T, tuple[tuple[str, str, str], ...], CodeSystems]] = {}

    def of(self, value: Mapping[str, object], at: Element, systems: CodeSystems, words: str = "") -> T:
        """The value for `value`, which stands in (or is) `at`; what was not understood is noted there each time."""
        key = (_content(value), words, id(systems))
        known = self._known.get(key)
        if known is None:
            doc = FhirDoc(JsonDoc(None, ""))
            made = self._make(Element(value, "", doc), systems, words)
            if len(self._known) >= _MOST:
                self._known.clear()
            noted = tuple(
                dict.fromkeys((u.place.path, u.reason, u.text) for u in doc.unread)
            )  # looked at twice, told once
            # The systems are kept with it, so that no other ones can come by their id.
            known = self._known[key] = (made, noted, systems)
        for path, reason, text in known[1]:
            at.doc.note(f"{at.path}{path}", reason, text)
        return known[0]
