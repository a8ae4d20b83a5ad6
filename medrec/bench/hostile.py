"""Hostile bytes: how long each is looked at and how much room it takes before it is refused, or taken without harm.

Each is read in a process of its own, forked when everything is loaded, so that the figures are its own: the highest
resident size above what the process had before. Refused: under 50 ms and 64 MiB; taken: under 500 ms and 128 MiB.
"""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from formats.errors import FormatError
from formats.read import read
from medrec.bench.measure import Result
from medrec.bench.payloads import GOOD, Payload, bundle, payloads, request

REFUSED_MS, REFUSED_MIB = 50, 64
TAKEN_MS, TAKEN_MIB = 500, 128
_IN_MIB = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is bytes there, kB here


@dataclass(frozen=True, slots=True)
class Stood:
    """What one payload did: the error code it was refused with ("" for taken, a class name for a fault of ours)."""

    payload: Payload
    outcome: str
    seconds: float
    mib: float

    @property
    def holds(self) -> bool:
        """As it should be: refused or taken, in time, in bounds."""
        refused = bool(self.outcome)
        ms, mib = (REFUSED_MS, REFUSED_MIB) if refused else (TAKEN_MS, TAKEN_MIB)
        right = refused == self.payload.refused and not self.outcome.startswith("!")
        return right and self.seconds * 1000 < ms and self.mib < mib


def steps() -> Iterator[Result]:
    """The slowest and the largest of each kind; a note names what does not hold."""
    warm_up()
    stood = [stand(p) for p in payloads()]
    for name, those, ms, mib in (
        ("refused", [s for s in stood if s.outcome], REFUSED_MS, REFUSED_MIB),
        ("taken", [s for s in stood if not s.outcome], TAKEN_MS, TAKEN_MIB),
    ):
        slow, large = max(those, key=lambda s: s.seconds), max(those, key=lambda s: s.mib)
        broken = [s.payload.name for s in those if not s.holds]
        missed = f"; not held: {broken}" if broken else ""
        yield Result(
            step=f"hostile, {name}: slowest of {len(those)}", unit="payload", count=1, seconds=slow.seconds,
            floor=ms / 1000, floor_is=f"{ms} ms", goal=1.0,
            note=f"{slow.payload.name}; most {large.mib:.0f} MiB of {mib}{missed}",
        )  # fmt: skip


def warm_up() -> None:
    """Load everything that reading loads."""
    read(GOOD.encode())
    read(json.dumps(bundle(request())).encode())


def stand(payload: Payload) -> Stood:
    """Read it in a process of its own."""
    raw = payload.make()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(_measured(raw)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    outcome, seconds, mib = json.loads(told) if told else ("!died", 0.0, 0.0)
    return Stood(payload, outcome, seconds, mib)


def _measured(raw: bytes) -> tuple[str, float, float]:
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    try:
        read(raw)
        outcome = ""
    except FormatError as refused:
        outcome = refused.code.value
    except Exception as fault:  # noqa: BLE001 - a fault of ours is what this looks for
        outcome = f"!{type(fault).__name__}"
    seconds = time.process_time() - started
    return outcome, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / _IN_MIB
