"""At scale, through the product's own commands: memory from few persons to many, and one worker beside two.

Each figure is that of processes of their own. Two workers need PostgreSQL: the embedded store has one writer.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from formats.drug import Catalogue
from medrec import persons
from medrec.bench.measure import Result
from medrec.config import settings
from medrec.db import open_database, upgrade
from medrec.demo.municipality import municipality, posts
from medrec.demo.sign import Signer
from medrec.vault import new_keys

GROWTH_GOAL = 1.1
TWO_GOAL = 0.67
_CHUNK = 100
_COUNTED = 20_000_000
_MEDREC = "import sys; from medrec.cli import main; sys.exit(main(sys.argv[1:]))"


def steps(folder: Path, today: date, catalogue: Catalogue, sizes: Sequence[int], url: str) -> Iterator[Result]:
    """Memory over `sizes` (persons, ascending) on the embedded store; one and two workers on `url`, where given."""
    sent = folder / "sent"
    write_messages(sent, sizes[-1], today, catalogue)
    environ = dict(os.environ) | {"MEDREC_KEYS": new_keys()}
    peaks = [_peak(folder / f"of-{size}", _first(sent, size), environ) for size in sizes]
    told = ", ".join(f"{size}: {peak:.0f} MiB" for size, peak in zip(sizes, peaks, strict=True))
    yield Result(
        step=f"memory, {sizes[0]} to {sizes[-1]} persons", unit="MiB", count=1, seconds=peaks[-1], floor=peaks[0],
        floor_is=f"the peak at {sizes[0]}", goal=GROWTH_GOAL, note=f"peak of medrec ingest, {told}; goal 160 MiB",
    )  # fmt: skip
    if url:
        yield _workers(folder / "two", sent, environ | {"MEDREC_DATABASE_URL": url})


def write_messages(sent: Path, persons: int, today: date, catalogue: Catalogue) -> None:
    """One folder a person under `sent`, written a hundred persons at a time."""
    signer = Signer()
    for begun in range(0, persons, _CHUNK):
        for said in municipality(begun + 1, min(_CHUNK, persons - begun), today, catalogue):
            own = sent / f"{begun + said.patient.number:06}"
            own.mkdir(parents=True)
            for post in posts(said, today, signer):
                (own / post.name).write_bytes(post.raw)


def _first(sent: Path, size: int) -> list[str]:
    return [str(folder) for folder in sorted(sent.iterdir())[:size]]


def _peak(data_dir: Path, folders: Sequence[str], environ: Mapping[str, str]) -> float:
    """Peak memory in MiB of one `medrec ingest` of these folders."""
    upgrade(settings(data_dir, environ))
    child = command(("ingest", "--data-dir", str(data_dir), *folders), environ)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0  # waited for above
    return used.ru_maxrss / 1024


def command(words: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """One of our commands, started in a process of its own."""
    line = [sys.executable, "-c", _MEDREC, *words]
    return subprocess.Popen(line, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command


def _workers(data_dir: Path, sent: Path, environ: Mapping[str, str]) -> Result:
    """Everybody judged again by one process, then by two at once; wall seconds."""
    upgrade(settings(data_dir, environ))
    command(("ingest", "--data-dir", str(data_dir), str(sent)), environ).wait()
    one, two = _refreshed(data_dir, environ, workers=1), _refreshed(data_dir, environ, workers=2)
    return Result(
        step="refresh, two workers on PostgreSQL", unit="person", count=len(list(sent.iterdir())), seconds=two,
        floor=one, floor_is="one worker's wall time", goal=TWO_GOAL, note=two_bare(),
    )  # fmt: skip


def two_bare() -> str:
    """What this machine gives: two processes that share nothing, each counting half, beside one counting all."""
    one, two = _counted(1), _counted(2)
    return f"{os.cpu_count()} cores, on which two processes that share nothing take {two / one:.2f}x of one"


def _counted(processes: int) -> float:
    line = [sys.executable, "-c", f"d = {{}}\nfor i in range({_COUNTED // processes}): d[i & 1023] = str(i)"]
    started = time.perf_counter()
    for child in [subprocess.Popen(line) for _ in range(processes)]:  # noqa: S603 - our own line
        child.wait()
    return time.perf_counter() - started


def _refreshed(data_dir: Path, environ: Mapping[str, str], *, workers: int) -> float:
    database = open_database(settings(data_dir, environ))
    database.once(persons.mark_dirty)
    database.close()
    started = time.perf_counter()
    for child in [command(("refresh", "--data-dir", str(data_dir)), environ) for _ in range(workers)]:
        child.wait()
    return time.perf_counter() - started
