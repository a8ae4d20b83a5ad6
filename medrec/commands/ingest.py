"""`medrec ingest PATH...`: take in files or folders."""

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable
from itertools import tee
from pathlib import Path

from rich.console import Console
from rich.progress import track

from medrec import intake, work
from medrec.cli import Refused
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.opening import opened

_LARGEST = 64 * 1024 * 1024


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path, help="a message, or a folder of them")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 when every file was read or repeated, 1 when any waits in quarantine."""
    number = _counted(_files(args.paths))
    with opened(args) as database:
        counts, held = take_in(database, _files(args.paths), number)
        drained = work.run_once(database)
    sys.stdout.write(
        f"{number} files: {counts['accepted']} read, {counts['repeated']} repeated, "
        f"{counts['quarantined']} quarantined; {drained.judged} lists judged, {drained.changed} new versions\n"
    )
    for file, problem in held:
        sys.stdout.write(f"  quarantined: {file}: {problem.code} at {problem.place or '-'}\n")
    return 1 if held else 0


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from _within(path)
        elif path.is_file():
            yield path
        else:
            msg = f"{path}: no such file or folder"
            raise Refused(msg)


def _within(folder: Path) -> Iterable[Path]:
    """The files of a folder and of those in it, in the order of their names; one folder's names at a time."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            yield from _within(entry)
        elif entry.is_file() and not entry.name.startswith("."):
            yield entry


def _counted(files: Iterable[Path]) -> int:
    """How many there are. Raises `Refused` before anything is taken in where one is too large."""
    number = 0
    for file in files:
        number += 1
        if file.stat().st_size > _LARGEST:
            msg = f"{file}: larger than {_LARGEST // 2**20} MiB"
            raise Refused(msg)
    return number


def take_in(
    database: Database, files: Iterable[Path], number: int
) -> tuple[Counter[str], list[tuple[Path, intake.Problem]]]:
    """Take in so many files with a progress bar on stderr; counts of each status, and what waits with its problem."""
    counts: Counter[str] = Counter()
    held = []
    console = Console(stderr=True)
    files, named = tee(files)
    contents = (file.read_bytes() for file in files)
    receipts = intake.receive_many(database, contents, channel="ingest")
    shown = track(named, "taking in", total=number, console=console, disable=not console.is_terminal)
    for file, receipt in zip(shown, receipts, strict=True):
        counts[receipt.status] += 1
        if receipt.problem is not None:
            held.append((file, receipt.problem))
    return counts, held
