"""How often a system may ask: one bucket of allowances per token, refilled steadily, in the memory of each process.

With several processes the limit is that many times higher; it protects the service. Look-ups by identity number are
counted in the store besides (`access.pace`), for all processes together.
"""

import threading
import time
from dataclasses import dataclass, field

RATE = 5000.0
"""Allowances a second."""
BURST = 10000.0


@dataclass(slots=True)
class Buckets:
    """The buckets of one application, by token id. Known tokens only, so that there are never many."""

    rate: float = RATE
    burst: float = BURST
    _held: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str, cost: float = 1.0) -> float:
        """Take `cost`; 0.0 when there was enough, else the seconds until there is (and nothing is taken)."""
        now = time.monotonic()
        with self._lock:
            left, at = self._held.get(who, (self.burst, now))
            left = min(self.burst, left + (now - at) * self.rate)
            if left < cost:
                self._held[who] = (left, now)
                return (cost - left) / self.rate
            self._held[who] = (left - cost, now)
            return 0.0
