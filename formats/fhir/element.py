"""One FHIR element as codecs see it: typed looks that never raise, a path, and references that resolve.

Real servers break the types of FHIR (fhir.md 1.4, 3): a look at a value of the wrong type gives "not said" and leaves
the value among the document's unread items, so that it is shown and not lost. Extension addresses are compared by
their last part and without regard to case, as they vary in the wild.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from formats.dates import day_of, read_moment
from formats.jsondoc import JsonDoc
from formats.statement import Actor, Code, Place, Unread

_LONGEST_SHOWN = 200


class FhirDoc:
    """A document being read: its hash, what was not understood on the way, and the resources by reference."""

    __slots__ = ("_by_reference", "actors", "medications", "message", "rests", "unread")

    def __init__(self, doc: JsonDoc) -> None:
        self.message = doc.message
        self.unread: list[Unread] = []
        self.actors: dict[str, Actor | None] = {}
        self.medications: dict[int, Element | None] = {}
        self.rests: dict[str, list[str]] = {}
        self._by_reference: dict[str, Element] = {}

    def register(self, resource: "Element", full_url: str) -> None:
        """Make a resource findable by its full URL and by "Type/id"; the first one keeps the name."""
        relative = f"{resource.type}/{resource.text('id')}"
        for name in (full_url, relative):
            self._by_reference.setdefault(name, resource)

    def find(self, reference: str) -> "Element | None":
        """The resource with this full URL, or this "Type/id" at the end of an address."""
        found = self._by_reference.get(reference)
        if found is not None:
            return found
        compact = reference.split("/_history/", maxsplit=1)[0]
        return self._by_reference.get(compact) or self._by_reference.get("/".join(compact.split("/")[-2:]))

    def note(self, path: str, reason: str, text: str = "") -> None:
        """Keep an item as unread."""
        self.unread.append(Unread(Place(self.message, path), reason, text))


class Element:
    """A JSON object inside a FHIR document. Its path is put together when somebody asks for it."""

    __slots__ = ("_above", "_extensions", "_index", "_name", "_path", "doc", "resource", "type", "value")

    def __init__(
        self,
        value: Mapping[str, object],
        path: str | None,
        doc: FhirDoc,
        resource: "Element | None" = None,
        above: "Element | None" = None,
        name: str = "",
        index: int | None = None,
    ) -> None:
        """Outermost elements have a `path`; others stand in the element `above`, under a `name`, in lists at `index`.

        `type` is the resource type, "" where it is no resource.
        """
        kind = value.get("resourceType")
        self.type = kind if isinstance(kind, str) else ""
        self.value = value
        self.doc = doc
        self.resource: Element = resource or self
        self._path = path
        self._above = above
        self._name = name
        self._index = index
        self._extensions: dict[str, list[Element]] | None = None

    def _child(self, value: Mapping[str, object], name: str, index: int | None = None) -> "Element":
        home = None if "resourceType" in value else self.resource
        return Element(value, None, self.doc, home, self, name, index)

    @property
    def path(self) -> str:
        """Where this element stands, from the outermost resource."""
        if self._path is None:
            above = self._above.path if self._above else ""
            self._path = f"{above}.{self._name}" + ("" if self._index is None else f"[{self._index}]")
        return self._path

    def named(self, path: str) -> None:
        """Give the outermost element the path it is known by."""
        self._path = path

    @property
    def place(self) -> Place:
        """Where this element stands."""
        return Place(self.doc.message, self.path)

    def _wrong(self, name: str, value: object) -> None:
        self.doc.note(f"{self.path}.{name}", "wrong-type", shown(value))

    def text(self, name: str) -> str | None:
        """A string, `None` where it is absent or blank."""
        value = self.value.get(name)
        if isinstance(value, str):
            return value if value.strip() else None
        if value is not None:
            self._wrong(name, value)
        return None

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool):
            self._wrong(name, value)
            return None
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, exact."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._wrong(name, value)
            return None
        return Decimal(value)

    def moment(self, name: str) -> datetime | None:
        """An instant with a zone; a year or a month alone is no day and is kept as unread."""
        text = self.text(name)
        moment = read_moment(text) if text else None
        if text and moment is None:
            self.doc.note(f"{self.path}.{name}", "bad-date", text)
        return moment

    def day(self, name: str) -> date | None:
        """The calendar day in Oslo."""
        moment = self.moment(name)
        return day_of(moment) if moment else None

    def one(self, name: str) -> "Element | None":
        """A child object; of a list the first (FHIR allows one there)."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, list):
            return next(iter(self.all(name)), None)
        if isinstance(value, dict):
            return self._child(value, name)
        if value is not None:
            self._wrong(name, value)
        return None

    def all(self, name: str) -> list["Element"]:
        """The child objects of a list; one object alone counts as a list of one."""
        return list(self.each(name)) if name in self.value else []

    def each(self, name: str) -> Iterator["Element"]:
        """As `all`, one after the other: for a reader that stops when it has found something."""
        value = self.value.get(name)
        if isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict):
                    yield self._child(item, name, i)
                else:
                    self._wrong(f"{name}[{i}]", item)
        elif isinstance(value, dict):
            yield self._child(value, name)
        elif value is not None:
            self._wrong(name, value)

    def strings(self, name: str) -> list[str]:
        """The strings of a list; one alone counts as a list of one."""
        value = self.value.get(name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        for i, item in enumerate(values):
            if not isinstance(item, str):
                self._wrong(f"{name}[{i}]", item)
        return [v for v in values if isinstance(v, str)]

    def codings(self, name: str) -> tuple[Code, ...]:
        """The codings of a CodeableConcept (or of each in a list), verbatim, in order."""
        return tuple(
            Code(c.text("code") or "", c.text("system") or "", c.text("display") or "")
            for concept in self.all(name)
            for c in concept.all("coding")
        )

    def concept_text(self, name: str) -> str | None:
        """What a CodeableConcept says in words: its text, else the first display."""
        for concept in self.all(name):
            found = concept.text("text") or next((c.text for c in concept.codings_here() if c.text), None)
            if found:
                return found
        return None

    def codings_here(self) -> tuple[Code, ...]:
        """The codings of this CodeableConcept."""
        return tuple(
            Code(c.text("code") or "", c.text("system") or "", c.text("display") or "") for c in self.all("coding")
        )

    def code(self, name: str) -> str | None:
        """The first code of a CodeableConcept."""
        return next((c.value for c in self.codings(name) if c.value), None)

    def extensions(self, tail: str) -> list["Element"]:
        """The extensions whose address ends in `tail`, whatever the case."""
        if self._extensions is None:
            self._extensions = {}
            for ext in self.all("extension"):
                address = (ext.text("url") or "").rsplit("/", maxsplit=1)[-1].lower()
                self._extensions.setdefault(address, []).append(ext)
        return self._extensions.get(tail.lower(), [])

    def extension(self, tail: str) -> "Element | None":
        """The first such extension."""
        return next(iter(self.extensions(tail)), None)

    def extension_names(self) -> set[str]:
        """The last parts of all extension addresses here, lower case."""
        self.extensions("")
        return set(self._extensions or {})

    def target(self, name: str) -> "Element | None":
        """The resource that a Reference points to, contained or in the bundle; `None` where it is not there."""
        reference = self.one(name)
        return reference.resolved() if reference else None

    def resolved(self) -> "Element | None":
        """The resource this Reference points to."""
        address = self.text("reference")
        if not address:
            return None
        if address.startswith("#"):
            inside = (c for c in self.resource.all("contained") if c.value.get("id") == address[1:])
            return next(inside, None)
        return self.doc.find(address)

    def walk(self) -> Iterator["Element"]:
        """This resource and its contained ones."""
        yield self
        yield from self.all("contained")


def shown(value: object) -> str:
    """A JSON value as a short text for people."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:_LONGEST_SHOWN]
