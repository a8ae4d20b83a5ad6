"""One element of a message, as codecs see it: children by name in the element's own namespace, values, a path.

Each element's children are walked once, when the element is first looked into, and subtrees nobody asks for are never
touched: one pass over what matters. Matching is on namespace and local name; prefixes mean nothing. Paths are like
`/MsgHead/Document[2]/RefDoc`: an index stands where the parent has more of the same name, and a document inside a
container goes on from its container's path.

This is where a message's time goes (half of a reading is the parse itself), so it is written for speed: names are put
together with their namespace once per namespace and not once per look-up, and the five look-ups that codecs make most
(`one`, `text`, `words`, `v`, `code`) go to lxml themselves instead of through one another. With plain properties and
one look-up method under all, an M9.6 took 8.2 times its bare parse.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from formats.dates import read_day, read_moment
from formats.errors import ErrorCode, FormatError
from formats.statement import Code, Place, Unread

if TYPE_CHECKING:
    from formats.xmldoc import Doc


class _Names(dict[str, str]):
    """Local name -> name with its namespace, as lxml writes it; put together once. Only our codecs' names come in."""

    __slots__ = ("_whole", "space")

    def __init__(self, space: str) -> None:
        super().__init__()
        self.space = space
        self._whole: dict[frozenset[str], frozenset[str]] = {}

    def whole(self, names: frozenset[str]) -> frozenset[str]:
        """All of `names` with the namespace before them; put together once for each of the codecs' sets."""
        found = self._whole.get(names)
        if found is None:
            found = self._whole[names] = frozenset(self.space + name for name in names)
        return found

    def __missing__(self, name: str) -> str:
        whole = self[name] = self.space + name
        return whole


@lru_cache(maxsize=256)  # a message uses a dozen namespaces, and a hostile one may make up thousands
def _names_in(space: str) -> _Names:
    return _Names(space)


@lru_cache(maxsize=4096)
def _names_beside(tag: str) -> _Names:
    """The names of the namespace that `tag` is in."""
    return _names_in(tag[: tag.rfind("}") + 1])


class Node:
    """An element. Names given without `ns` are looked up in this element's own namespace."""

    __slots__ = ("_at", "_grouped", "_names", "_parent", "_path", "doc", "element")

    def __init__(
        self, element: etree._Element, doc: "Doc", parent: "Node | str", at: int = 0, names: _Names | None = None
    ) -> None:
        self.element = element
        self.doc = doc
        self._parent = parent  # of a root: the path of its container, "" for the outermost
        self._at = at
        self._path: str | None = None
        self._names = names or _names_beside(element.tag)  # type: ignore[arg-type]  # comments and instructions are stripped: all tags are str
        self._grouped: dict[str, _Kin] | None = None

    def _look(self) -> "dict[str, _Kin]":
        """The children by name. Of many elements only the attributes are asked for, or the first child."""
        element = self.element
        alone: dict[str, _Kin] = {child.tag: child for child in element}  # type: ignore[misc]  # all tags are str, as above
        kin = self._grouped = alone if len(alone) == len(element) else _grouped(element)
        return kin

    @property
    def space(self) -> str:
        """The namespace in braces, as it stands before names in lxml."""
        return self._names.space

    @property
    def name(self) -> str:
        """The local name."""
        return str(self.element.tag)[len(self._names.space) :]

    @property
    def ns(self) -> str:
        """The namespace."""
        return self._names.space[1:-1]

    @property
    def path(self) -> str:
        """Where this element stands in the outermost message."""
        if self._path is None:
            index = f"[{self._at}]" if self._at else ""
            above = self._parent if isinstance(self._parent, str) else self._parent.path
            self._path = f"{above}/{str(self.element.tag)[len(self._names.space) :]}{index}"
        return self._path

    @property
    def place(self) -> Place:
        """The path with the hash of the message."""
        return self.doc.place(self.path)

    def kids(self) -> Iterator["Node"]:
        """All child elements in document order."""
        kin = self._grouped or self._look()
        count: dict[str, int] = {}
        for child in self.element:
            tag = str(child.tag)
            count[tag] = count.get(tag, 0) + 1
            yield Node(child, self.doc, self, count[tag] if isinstance(kin[tag], list) else 0)

    def below(self, *tags: str) -> Iterator["Node"]:
        """The outermost elements inside this one with one of these names, as lxml writes them, in document order.

        lxml looks for them; nodes are made of them, and of what stands beside and above them, and of nothing else.
        """
        made: dict[etree._Element, dict[etree._Element, Node]] = {}
        outer: etree._Element | None = None
        for found in self.element.iterdescendants(*tags):
            if outer is None or outer not in found.iterancestors(str(outer.tag)):
                outer = found
                yield self._below(found, made)

    def _below(self, element: etree._Element, made: dict[etree._Element, dict[etree._Element, "Node"]]) -> "Node":
        """The node of an element inside this one. `made`: by parent, those that were made for earlier ones."""
        above = element.getparent()
        if above is None or element is self.element:
            return self
        if above not in made:
            made[above] = {kid.element: kid for kid in self._below(above, made).kids()}
        return made[above][element]

    def first(self) -> "Node | None":
        """The first child element, whatever its name."""
        child = next(iter(self.element), None)
        if child is None:
            return None
        more = next(child.itersiblings(str(child.tag)), None) is not None
        return Node(child, self.doc, self, 1 if more else 0)

    def rest(self, told: frozenset[str]) -> list["Node"]:
        """The children whose local names are not among `told`, in whatever namespace."""
        kin = self._grouped or self._look()
        if kin.keys() <= self._names.whole(told):  # as nearly always
            return []
        odd = _odd(tuple(kin), told) if len(kin) <= _FEW else _odd.__wrapped__(tuple(kin), told)
        return [kid for kid in self.kids() if kid.element.tag in odd] if odd else []

    def strangers(self, known: frozenset[str], beside: frozenset[str] = frozenset()) -> list["Node"]:
        """The children that are none of `known` in this element's own namespace, nor of `beside`, names as in lxml."""
        kin, space = self._grouped or self._look(), self._names.space
        odd = {tag for tag in kin if not (tag.startswith(space) and tag[len(space) :] in known) and tag not in beside}
        return [kid for kid in self.kids() if kid.element.tag in odd] if odd else []

    def all(self, name: str, ns: str | None = None) -> list["Node"]:
        """The children with this name, in order."""
        names = self._names if ns is None else _names_of(ns)
        found = (self._grouped or self._look()).get(names[name])
        if found is None:
            return []
        if isinstance(found, list):
            return [Node(child, self.doc, self, i, names) for i, child in enumerate(found, 1)]
        return [Node(found, self.doc, self, 0, names)]

    def one(self, name: str, ns: str | None = None) -> "Node | None":
        """The only child with this name, or `None`. Two of them: `duplicate-key`, for which one is meant?"""
        names = self._names if ns is None else _names_of(ns)
        found = (self._grouped or self._look()).get(names[name])
        if found is None:
            return None
        return Node(found if found.__class__ is not list else self._only(found, name), self.doc, self, 0, names)  # type: ignore[arg-type]  # no list

    def any(self, name: str, spaces: tuple[str, ...]) -> "Node | None":
        """The only child with this name in the first of the namespaces that has one: versions of one element."""
        kin = self._grouped or self._look()
        for space in spaces:
            names = _names_of(space)
            found = kin.get(names[name])
            if found is not None:
                return Node(self._only(found, name), self.doc, self, 0, names)
        return None

    def need(self, name: str, ns: str | None = None) -> "Node":
        """As `one`, but its absence is FormatError `missing`."""
        found = self.one(name, ns)
        if found is None:
            raise FormatError(ErrorCode.MISSING, f"{self.path}/{name}")
        return found

    @property
    def own_text(self) -> str:
        """All text inside this element, as said."""
        return _text_of(self.element)

    def words(self, name: str, ns: str | None = None) -> str | None:
        """The text of a child exactly as said, `None` where it is absent or blank."""
        found = self._sole(name, ns)
        said = _text_of(found) if found is not None else ""
        return said if said and not said.isspace() else None

    def text(self, name: str, ns: str | None = None) -> str | None:
        """The text of a child without white space around it, `None` where it is absent or blank."""
        found = self._sole(name, ns)
        return _text_of(found).strip() or None if found is not None else None

    def attr(self, name: str) -> str:
        """An attribute without white space around it, "" where it is absent."""
        return _attr_of(self.element, name)

    def v(self, name: str, ns: str | None = None) -> str:
        """`@V` of a child, "" where either is absent."""
        found = self._sole(name, ns)
        return _attr_of(found, "V") if found is not None else ""

    def dn(self, name: str, ns: str | None = None) -> str:
        """What a child with a code says in words: `@DN`, with `@OT` where it says more, else `@OT`, else `@V`."""
        found = self._sole(name, ns)
        if found is None:
            return ""
        return _words_of(found) or _attr_of(found, "V")

    def code(self, name: str, ns: str | None = None) -> Code | None:
        """A coded child (kith CS or CV) verbatim. `None` where it is absent or says nothing."""
        found = self._sole(name, ns)
        return _code_of(found) if found is not None else None

    def beside(self, name: str, *known: str | None) -> tuple[Code, ...]:
        """The free text (`@OT`) of a coded child where it says more than its `@DN` and than what is `known` already."""
        found = self._sole(name, None)
        if found is None or found.get("OT") is None:  # as nearly always
            return ()
        said = _attr_of(found, "OT")
        return (Code(said, f"{name}/OT"),) if said and said not in {*known, _attr_of(found, "DN") or said} else ()

    @property
    def said_in_words(self) -> str:
        """What this element says as a code in words: `@DN`, and `@OT` where it says more."""
        return _words_of(self.element)

    def as_code(self) -> Code | None:
        """This element as a code. `None` where it says nothing."""
        return _code_of(self.element)

    def moment(self, name: str, ns: str | None = None, *, required: bool = False) -> datetime | None:
        """The instant a child names, as text or as `@V` (kith TS).

        A date that is none: FormatError `bad-date` where the format requires the element, else it is kept as unread.
        An absent one is `None` either way.
        """
        found = self._sole(name, ns)
        said = _value_of(found) if found is not None else ""
        if found is None or not said:
            return None
        moment = read_moment(said)
        if moment is None:
            self._not_a_date(found, name, said, required=required)
        return moment

    def day(self, name: str, ns: str | None = None, *, required: bool = False) -> date | None:
        """The calendar day in Oslo that a child names; as `moment`."""
        found = self._sole(name, ns)
        said = _value_of(found) if found is not None else ""
        if found is None or not said:
            return None
        day = read_day(said)
        if day is None:
            self._not_a_date(found, name, said, required=required)
        return day

    def flag(self, name: str, ns: str | None = None) -> bool | None:
        """A boolean child, or one of code list 1101 (1 yes, 2 no). Anything else is kept as unread."""
        found = self._sole(name, ns)
        said = _value_of(found) if found is not None else ""
        if found is None or said in _FLAGS:
            return _FLAGS.get(said)
        self._keep(found, "unknown yes or no", said)
        return None

    def number(self, name: str, ns: str | None = None) -> Decimal | None:
        """A decimal number as text or `@V`. One that is none is kept as unread."""
        found = self._sole(name, ns)
        said = _value_of(found) if found is not None else ""
        if found is None or not said:
            return None
        read = read_number(said)
        if read is None:
            self._keep(found, ErrorCode.BAD_NUMBER.value, said)
        return read

    def count(self, name: str, ns: str | None = None) -> int | None:
        """A whole number from 0 up. Anything else is kept as unread."""
        read = self.number(name, ns)
        if read is None or (read >= 0 and read == read.to_integral_value()):
            return None if read is None else int(read)
        found = self.need(name, ns)
        self._keep(found.element, ErrorCode.BAD_NUMBER.value, found.own_text.strip())
        return None

    def _not_a_date(self, child: etree._Element, name: str, said: str, *, required: bool) -> None:
        if required:
            raise FormatError(ErrorCode.BAD_DATE, f"{self.path}/{name}")
        self._keep(child, ErrorCode.BAD_DATE.value, said)

    def _keep(self, child: etree._Element, reason: str, said: str) -> None:
        self.doc.unread.append(Unread(Node(child, self.doc, self).place, reason, said))

    def _sole(self, name: str, ns: str | None) -> etree._Element | None:
        found = (self._grouped or self._look()).get((self._names if ns is None else _names_of(ns))[name])
        return found if found.__class__ is not list else self._only(found, name)  # type: ignore[return-value]  # no list

    def _only(self, found: "_Kin", name: str) -> etree._Element:
        if found.__class__ is list:
            raise FormatError(ErrorCode.DUPLICATE_KEY, f"{self.path}/{name}", "said more than once")
        return found  # type: ignore[return-value]  # no list


_Kin = etree._Element | list[etree._Element]  # noqa: SLF001 - lxml names its element type so
_FEW = 40
"""Children of different names in an element whose names are remembered together."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False, "2": False, "": None}


@lru_cache(maxsize=256)  # namespaces that codecs name
def _names_of(ns: str) -> _Names:
    return _names_in(f"{{{ns}}}" if ns else "")


@lru_cache(maxsize=4096)  # elements of one kind have the same children in all messages
def _odd(tags: tuple[str, ...], told: frozenset[str]) -> frozenset[str]:
    """Those of the names whose local part is not among `told`."""
    return frozenset(tag for tag in tags if tag[tag.rfind("}") + 1 :] not in told)


def _grouped(element: etree._Element) -> dict[str, _Kin]:
    """The children of an element in which a name stands more than once."""
    kin: dict[str, list[etree._Element]] = {}
    for child in element:
        kin.setdefault(str(child.tag), []).append(child)
    return {tag: found if len(found) > 1 else found[0] for tag, found in kin.items()}


def _text_of(element: etree._Element) -> str:
    if len(element):
        return "".join(str(part) for part in element.itertext())
    return element.text or ""


def _attr_of(element: etree._Element, name: str) -> str:
    return (element.get(name) or "").strip()


def _value_of(element: etree._Element) -> str:
    return _text_of(element).strip() or _attr_of(element, "V")


def _words_of(element: etree._Element) -> str:
    words, free = _attr_of(element, "DN"), _attr_of(element, "OT")
    return f"{words} ({free})" if words and free and free != words else words or free


def _code_of(element: etree._Element) -> Code | None:
    value, text = _attr_of(element, "V"), _attr_of(element, "DN") or _attr_of(element, "OT")
    return Code(value, _attr_of(element, "S"), text) if value or text else None


_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)


@lru_cache(maxsize=4096)
def read_number(text: str) -> Decimal | None:
    """A decimal number of ordinary size (a full stop, or a comma, as decimal mark), else `None`."""
    compact = text.strip()
    return Decimal(compact.replace(",", ".")) if _NUMBER.fullmatch(compact) else None
