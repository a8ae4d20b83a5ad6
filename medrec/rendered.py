"""What was rendered, kept in this process while the same is asked for: lists as JSON and FHIR, bodies of pages.

Nothing is kept under a name that can go stale: each key says all that the bytes were made of, and is made anew from the
store at each request. So every process may have its own, and there is nothing to clear.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from flask import current_app

MOST_BYTES = 64 * 1024 * 1024
"""Of all that one process keeps: about two thousand lists of some 30 kB each."""


@dataclass(slots=True)
class Rendered:
    """A cache of bytes by key, of so many bytes at most; what was asked for longest ago goes first."""

    most_bytes: int = MOST_BYTES
    _bytes: int = 0
    _held: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable) -> bytes | None:
        """The bytes of `key`, where they are held."""
        with self._lock:
            if (held := self._held.get(key)) is not None:
                self._held.move_to_end(key)
            return held

    def keep(self, key: Hashable, made: bytes) -> None:
        """Hold the bytes of `key` from now on."""
        with self._lock:
            self._bytes += len(made) - len(self._held.pop(key, b""))
            self._held[key] = made
            while self._bytes > self.most_bytes:
                self._bytes -= len(self._held.popitem(last=False)[1])

    def of(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """The bytes of `key`, rendered now if they are not held."""
        if (held := self.get(key)) is not None:
            return held
        made = render()
        self.keep(key, made)
        return made


def rendered() -> Rendered:
    """What this application keeps."""
    found: Rendered = current_app.extensions["medrec-rendered"]
    return found
