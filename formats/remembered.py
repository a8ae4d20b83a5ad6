"""What an element says, remembered by the element's own text: the same surgery, product or dose is read once.

In a list of twelve prescriptions the sender stands twelve times, and every list names the same few thousand products
and a few hundred ways to take them. Writing an element out again takes libxml2 a tenth of the time it takes us to
read it. Patients are remembered within their message only.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast

from lxml import etree

from formats.node import Node

_Value = TypeVar("_Value")
_MOST = 4096
_LONGEST = 4096
"""Characters of an element that is remembered: a sender with all its parents has about a thousand."""


def by_content(read: Callable[[Node], _Value]) -> Callable[[Node], _Value]:
    """`read`, whose value must be frozen, depend on the element alone and hold no place; for no element with a patient.

    Not remembered: what was refused (FormatError and any other exception go through), and what left something unread,
    for that has a place. When `_MOST` values are held all are forgotten.
    """
    seen: dict[str, _Value] = {}

    def remembered(node: Node) -> _Value:
        return _read_once(read, node, seen)

    return remembered


def within_message(read: Callable[[Node], _Value]) -> Callable[[Node], _Value]:
    """As `by_content`, and forgotten with the message. For one kind of value alone: its elements are told by name."""

    def remembered(node: Node) -> _Value:
        return _read_once(read, node, cast("dict[str, _Value]", node.doc.seen))

    return remembered


def _read_once(read: Callable[[Node], _Value], node: Node, seen: dict[str, _Value]) -> _Value:
    own = etree.tostring(node.element, encoding="unicode", with_tail=False)  # two thirds of the time bytes take
    found = seen.get(own)
    if found is not None:
        return found
    unread = len(node.doc.unread)
    value = read(node)
    if len(own) <= _LONGEST and len(node.doc.unread) == unread:
        if len(seen) >= _MOST:
            seen.clear()
        seen[own] = value
    return value


class Recent(dict[str, object]):
    """What was read lately: a mapping that forgets its oldest entry when it holds `most`. Threads may share it."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._change = Lock()

    def __setitem__(self, key: str, value: object) -> None:
        with self._change:
            if len(self) >= self._most and key not in self:
                del self[next(iter(self))]
            super().__setitem__(key, value)
