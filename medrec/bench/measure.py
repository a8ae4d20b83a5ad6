"""How things are measured: step and floor in turn, so that what else the machine does hits both; medians of rounds."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]
Clock = Callable[[], float]
CPU: Clock = time.process_time
"""For steps that only compute: what else the machine does moves them less than the time on the wall."""
WALL: Clock = time.perf_counter
"""For steps that wait for a disk or another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One step. `seconds` and `floor` are medians for `count` items; `goal` is the largest ratio aimed at.

    `unit` says what one item is. `floor` 0 and `goal` 0: a figure without a floor, told for itself.
    """

    step: str
    unit: str
    count: int
    seconds: float
    floor: float
    floor_is: str
    goal: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """Step to floor; 0 where there is no floor."""
        return self.seconds / self.floor if self.floor else 0.0

    @property
    def holds(self) -> bool | None:
        """Within its goal; `None` where there is no goal."""
        return self.ratio <= self.goal if self.goal and self.floor else None

    @property
    def each_ms(self) -> float:
        """Milliseconds for one item."""
        return self.seconds * 1000 / self.count


def side_by_side(work: Work, floor: Work, *, rounds: int, clock: Clock = WALL) -> tuple[float, float]:
    """Median seconds of `work` and of `floor`, run in turn `rounds` times after one round that is not counted."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for index, one in enumerate((work, floor)):
            seconds = timed(one, clock)
            if turn:
                took[index].append(seconds)
    return statistics.median(took[0]), statistics.median(took[1])


def timed(work: Work, clock: Clock = WALL) -> float:
    """Seconds of one run, with the collector's debt of earlier runs paid first."""
    gc.collect()
    started = clock()
    work()
    return clock() - started


def median_of(work: Work, *, rounds: int, clock: Clock = WALL) -> float:
    """Median seconds of some runs."""
    return statistics.median(timed(work, clock) for _ in range(rounds))
