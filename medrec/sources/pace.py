"""One pace for a source over all machines that ask it, and one rest: a row in the store that each draws turns from.

A process draws a second's worth of requests at a time, so that the store is asked once a second at most. The store's
own clock counts, and not the machines'. On SQLite one process fetches, and its own pace is enough.
"""

import time

from sqlalchemy import text

from medrec.db import Database
from medrec.sources.http_client import LONGEST_REST, RESTING, Pace, SourceFault

_MOST_AHEAD = 30.0
"""Seconds: nobody waits longer for a turn; the source is busy with others, or rests."""
_FREE = """CASE WHEN source_note.at > clock_timestamp() + make_interval(secs => :longest) THEN clock_timestamp()
 ELSE greatest(source_note.at, clock_timestamp()) END"""
"""When the next turn is free; one further ahead than any rest was written by a clock that was wrong."""
_DRAW = text(f"""INSERT INTO source_note (name, value, at)
VALUES (:name, '', clock_timestamp() + make_interval(secs => :slot))
ON CONFLICT (name) DO UPDATE SET at = {_FREE} + make_interval(secs => :slot)
WHERE {_FREE} <= clock_timestamp() + make_interval(secs => :ahead)
RETURNING extract(epoch FROM at - clock_timestamp())""")  # noqa: S608 - no word of it comes from outside
_REST = text(f"""INSERT INTO source_note (name, value, at)
VALUES (:name, '', clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (name) DO UPDATE SET at = greatest({_FREE}, excluded.at)""")  # noqa: S608 - likewise


class SharedPace(Pace):
    """At most so many requests a second over all threads, processes and machines of this store (PostgreSQL)."""

    def __init__(self, database: Database, channel: str, per_second: float) -> None:
        super().__init__(per_second)
        self._engine, self._name = database.engine, f"{channel}.pace"
        self._slot = max(1, int(per_second)) / per_second
        self._ends = 0.0

    def _turn(self) -> float:
        """When this request may go. Raises `SourceFault` resting where that would be too long from now."""
        now = time.monotonic()
        if max(now, self._next) > self._ends - self._gap / 2:  # what was drawn is used, or its time is over
            self._ends = now + self._draw()
            self._next = self._ends - self._slot
        return super()._turn()

    def rest(self, seconds: float) -> None:
        """The source wants to be left alone, by everybody."""
        with self._engine.begin() as connection:
            told = {"name": self._name, "seconds": seconds, "longest": LONGEST_REST}
            connection.execute(_REST, told)

    def _draw(self) -> float:
        """Seconds until what is drawn now is over."""
        told = {"name": self._name, "slot": self._slot, "longest": LONGEST_REST + 60.0, "ahead": _MOST_AHEAD}
        with self._engine.begin() as connection:
            ends = connection.execute(_DRAW, told).scalar()
        if ends is None:
            raise SourceFault(RESTING)
        return float(ends)
