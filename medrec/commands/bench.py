"""`medrec bench`: the speed of each step as a ratio to its floor, measured in the same run."""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from medrec import clock
from medrec.bench import dosing, judging, reading, serving, storing
from medrec.bench.measure import Result
from medrec.config import settings
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality, posts
from medrec.demo.sign import Signer

SEED = 7


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--database-url", default="", help="PostgreSQL to store in; default a fresh SQLite file")


def run(args: argparse.Namespace) -> int:
    """Measure and tell."""
    today = clock.today()
    signer = Signer()
    everyone = municipality(SEED, args.patients, today, demo_catalogue())
    messages = [[post.raw for post in posts(said, today, signer)] for said in everyone]
    results = list(_all(messages, today, args.database_url))
    if args.json:
        print(json.dumps([_told(r) for r in results], ensure_ascii=False, indent=1))
    else:
        Console(width=150).print(_table(results))
        print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {today}")
    return 0


def _all(messages: Sequence[Sequence[bytes]], today: date, url: str) -> Iterator[Result]:
    yield from serving.start_up()
    yield from reading.steps([raw for about_one in messages for raw in about_one])
    yield from dosing.steps()
    yield from judging.steps(judging.cases(messages), today)
    with tempfile.TemporaryDirectory() as folder:
        environ = {"MEDREC_DATABASE_URL": url} if url else {}
        chosen = settings(Path(folder), environ, demo=True)
        yield from storing.steps(chosen, messages, today)
        yield from serving.steps(chosen)


def _table(results: Sequence[Result]) -> Table:
    table = Table(title="medrec bench: each step beside its floor")
    for heading in ("step", "each", "ratio", "goal", "floor", "note"):
        table.add_column(heading, justify="right" if heading in {"each", "ratio", "goal"} else "left")
    for r in results:
        ratio = f"{r.ratio:.2f}x" if r.floor else ""
        goal = f"{r.goal:g}x {'ok' if r.holds else 'missed'}" if r.goal else ""
        table.add_row(r.step, f"{r.each_ms:.3f} ms", ratio, goal, r.floor_is, r.note)
    return table


def _told(r: Result) -> dict[str, object]:
    return {
        "step": r.step,
        "unit": r.unit,
        "each_ms": round(r.each_ms, 4),
        "ratio": round(r.ratio, 3) if r.floor else None,
        "goal": r.goal or None,
        "holds": r.holds,
        "floor": r.floor_is,
        "note": r.note,
    }
