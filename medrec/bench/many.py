"""Many persons of few medicines: that memory does not grow with how many there are, in loading or in judging again.

The other figures are of patients as they are, whose messages alone would be 15 GB for a hundred thousand. What is asked
here is whether anything is kept for each person, so each has one small list; every figure is a process of its own.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from pathlib import Path

from sqlalchemy import func, select

from medrec import persons
from medrec.bench.measure import Result
from medrec.bench.scale import GROWTH_GOAL, TWO_GOAL, command, two_bare
from medrec.config import settings
from medrec.db import open_database, upgrade
from medrec.demo.people import identity_number
from medrec.records import person
from medrec.vault import new_keys

_A_FOLDER = 1000
_FIRST_BORN = date(1900, 1, 1)
_DAYS = 20_000
_MEDICINES = (
    ("Metoprolol Sandoz 50 mg", "C07AB02", "metoprolol", "50 mg"),
    ("Albyl-E 75 mg", "B01AC06", "acetylsalisylsyre", "75 mg"),
    ("Furix 40 mg", "C03CA01", "furosemid", "40 mg"),
    ("Paracet 500 mg", "N02BE01", "paracetamol", "500 mg"),
    ("Levaxin 50 mikrog", "H03AA01", "levotyroksin", "50 mikrog"),
)
_DOSES = ("1 tablett morgen", "1 tablett morgen og kveld", "2 tabletter kveld", "1 tablett ved behov")


def steps(folder: Path, today: date, count: int, url: str) -> Iterator[Result]:
    """Loading and judging again: the peak at a hundredth of `count` persons beside that at all of them.

    `url`: an empty PostgreSQL database, where two workers are measured too; "" for the embedded store.
    """
    few = max(100, count // 100)
    write(folder / "few", few, today)
    write(folder / "many", count, today)
    small = _measured(folder / "store-of-few", folder / "few", "")
    large = _measured(folder / "store", folder / "many", url)
    for step in ("ingest", "refresh"):
        (before, _), (after, seconds) = small[step], large[step]
        yield Result(
            step=f"memory of {step}, {few} to {count} persons", unit="MiB", count=1, seconds=after, floor=before,
            floor_is=f"the peak at {few}", goal=GROWTH_GOAL,
            note=f"{large['persons'][0]:.0f} persons in {seconds:.0f} s; {before:.0f} and {after:.0f} MiB",
        )  # fmt: skip
    if "two" in large:
        yield Result(
            step="refresh, two workers on PostgreSQL", unit="person", count=count, seconds=large["two"][1],
            floor=large["refresh"][1], floor_is="one worker's wall time", goal=TWO_GOAL,
            note=f"{two_bare()}; {large['two'][0]:.0f} MiB the larger",
        )  # fmt: skip


def write(folder: Path, count: int, today: date) -> None:
    """One message a person under `folder`, a thousand in each folder there."""
    for number, identifier in enumerate(islice(identifiers(), count)):
        home = folder / f"{number // _A_FOLDER:05}"
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{number:06}.json").write_bytes(_message(number, identifier, today))


def identifiers() -> Iterator[str]:
    """Synthetic identity numbers (month + 80), each once."""
    for individual, day in product(range(500), range(_DAYS)):
        if found := identity_number(_FIRST_BORN + timedelta(days=day), individual):
            yield found


def _message(number: int, identifier: str, today: date) -> bytes:
    medicines = [_MEDICINES[(number + step) % len(_MEDICINES)] for step in range(3)]
    told = {
        "medrec": "1",
        "source": "GP",
        "as_of": datetime(today.year, today.month, today.day, 6, tzinfo=UTC).isoformat(),
        "reach": "whole",
        "kinds": ["liste"],
        "person": {"identifier": identifier, "name": "Blid Lyngmark"},
        "statements": [
            {
                "kind": "liste", "name": name, "atc": atc, "substance": substance, "strength": strength,
                "status": "active", "dose_text": _DOSES[(number // 7 + place) % len(_DOSES)],
                "start": (today - timedelta(days=number % 900)).isoformat(),
            }
            for place, (name, atc, substance, strength) in enumerate(medicines)
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


def _measured(data_dir: Path, sent: Path, url: str) -> dict[str, tuple[float, float]]:
    """By step: the largest peak in MiB of its processes, and wall seconds. `persons`: how many there are."""
    environ = dict(os.environ) | {"MEDREC_KEYS": new_keys()} | ({"MEDREC_DATABASE_URL": url} if url else {})
    upgrade(settings(data_dir, environ))
    told = {"ingest": _run(1, ("ingest", "--data-dir", str(data_dir), str(sent)), environ)}
    for step, workers in (("refresh", 1), ("two", 2))[: 2 if url else 1]:
        told["persons"] = (_all_wait(data_dir, environ), 0.0)
        told[step] = _run(workers, ("refresh", "--data-dir", str(data_dir)), environ)
    return told


def _all_wait(data_dir: Path, environ: Mapping[str, str]) -> int:
    database = open_database(settings(data_dir, environ))
    database.once(persons.mark_dirty)
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(person))
    database.close()
    return count or 0


def _run(processes: int, words: tuple[str, ...], environ: Mapping[str, str]) -> tuple[float, float]:
    started, peaks = time.perf_counter(), []
    for child in [command(words, environ) for _ in range(processes)]:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            msg = f"medrec {words[0]} failed (exit {child.returncode})"
            raise RuntimeError(msg)
        peaks.append(used.ru_maxrss / 1024)
    return max(peaks), time.perf_counter() - started
