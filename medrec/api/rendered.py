"""The bytes of a list, rendered once for each (person, tag, language) and kept while they are asked for."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

KEPT = 2000
"""Lists of some 30 kB each: about 60 MB at the most."""


@dataclass(slots=True)
class Rendered:
    """A cache of bytes by key; the one least recently asked for goes first."""

    size: int = KEPT
    _held: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable) -> bytes | None:
        """The bytes of `key`, where they are held."""
        with self._lock:
            if (held := self._held.get(key)) is not None:
                self._held.move_to_end(key)
            return held

    def of(self, key: Hashable, render: Callable[[], bytes]) -> bytes:
        """The bytes of `key`, rendered now if they are not held."""
        if (held := self.get(key)) is not None:
            return held
        made = render()
        with self._lock:
            self._held[key] = made
            if len(self._held) > self.size:
                self._held.popitem(last=False)
        return made
