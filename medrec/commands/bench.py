"""`medrec bench`: the speed of each step as a ratio to its floor, measured in the same run.

`medrec bench --rules`: recall and precision of every kind over generated patients with seeded faults.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from medrec import clock
from medrec.bench import (
    chart,
    dosing,
    fest,
    guard,
    hostile,
    judging,
    many,
    peers,
    population,
    reading,
    scale,
    serving,
    storing,
)
from medrec.bench.measure import Result
from medrec.cli import count
from medrec.config import settings
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality, posts
from medrec.demo.sign import Signer

SEED = 7
PATIENTS = 60
JUDGED = 1000
"""Patients for the speed of each step, and for recall and precision."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--rules", action="store_true", help="recall and precision per kind, not speed")
    parser.add_argument("--patients", type=count, help=f"default {PATIENTS}; with --rules {JUDGED}")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also write the steps that have a goal as a picture")
    parser.add_argument("--peers", action="store_true", help="only: beside what others would use (group bench)")
    parser.add_argument(
        "--scale", type=count, metavar="PERSONS", help="only: memory up to so many persons, two workers, FEST"
    )
    parser.add_argument(
        "--many", type=count, metavar="PERSONS", help="only: memory with so many persons of few medicines"
    )
    parser.add_argument(
        "--serving", action="store_true", help="only: page, list and 304, on SQLite and on --database-url where given"
    )
    parser.add_argument("--guard", action="store_true", help="1 where a ratio is over its bound (what CI asks)")
    parser.add_argument(
        "--database-url",
        default="",
        help="an empty PostgreSQL: beside a fresh SQLite file; with --scale or --many in its place",
    )


def run(args: argparse.Namespace) -> int:
    """Measure and tell. 1 where a kind misses its goal (`--rules`), or a ratio is over its bound (`--guard`)."""
    today = clock.today()
    if args.rules:
        return _rules(args, today)
    if args.scale:
        return _scale(args.scale, today, args.database_url)
    if args.many:
        return _many(args.many, today, args.database_url)
    signer = Signer()
    everyone = municipality(args.seed, args.patients or PATIENTS, today, demo_catalogue())
    messages = [[post.raw for post in posts(said, today, signer)] for said in everyone]
    if args.peers:
        return _peers(messages, today)
    steps = _serving if args.serving else _all
    results = list(steps(messages, today, args.database_url))
    if args.svg:
        args.svg.write_text(chart.svg(results), encoding="utf-8")
    if args.json:
        print(json.dumps([_told(r) for r in results], ensure_ascii=False, indent=1))
    else:
        Console(width=150).print(_table(results))
        print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {today}")
    return _guarded(results) if args.guard else 0


def _guarded(results: Sequence[Result]) -> int:
    told = guard.grown(results)
    for line in told:
        print(f"medrec bench: {line}", file=sys.stderr)
    return int(bool(told))


def _scale(persons: int, today: date, url: str) -> int:
    """Sizes a hundredfold apart where there are so many, always at least 100."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = (max(100, persons // 100), max(200, persons))
        steps = [*scale.steps(Path(folder), today, demo_catalogue(), sizes, url), *fest.steps()]
        Console(width=150).print(_table(steps))
    return 0


def _many(persons: int, today: date, url: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Console(width=150).print(_table(list(many.steps(Path(folder), today, persons, url))))
    return 0


def _peers(messages: Sequence[Sequence[bytes]], today: date) -> int:
    cases = judging.cases(messages)
    table = Table(title="medrec beside its peers")
    for heading in ("step", "medrec", "peer", "takes", "ratio", "what the peer does"):
        table.add_column(heading)
    for c in peers.compared([raw for about_one in messages for raw in about_one], cases, demo_catalogue(), today):
        took = "" if c.theirs is None else f"{c.theirs:.3f} ms"
        table.add_row(c.step, f"{c.ours:.3f} ms", c.peer, took, f"{c.ratio:.2f}x" if c.ratio else "", c.does)
    Console(width=150).print(table)
    return 0


def _all(messages: Sequence[Sequence[bytes]], today: date, url: str) -> Iterator[Result]:
    yield from serving.start_up()
    yield from reading.steps([raw for about_one in messages for raw in about_one])
    yield from hostile.steps()
    yield from dosing.steps()
    yield from judging.steps(judging.cases(messages), today)
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder), {}, demo=True)
        yield from storing.steps(chosen, messages, today)
        if url:
            chosen = settings(Path(folder), {"MEDREC_DATABASE_URL": url}, demo=True)
            yield from storing.steps(chosen, messages, today)
        yield from serving.steps(chosen)


def _serving(messages: Sequence[Sequence[bytes]], today: date, url: str) -> Iterator[Result]:
    """Serving alone, once on each store; PostgreSQL where its address is given."""
    for name, environ in (("SQLite", {}), ("PostgreSQL", {"MEDREC_DATABASE_URL": url})):
        if name == "SQLite" or url:
            with tempfile.TemporaryDirectory() as folder:
                chosen = settings(Path(folder), environ, demo=True)
                list(storing.steps(chosen, messages, today))
                yield from (replace(r, step=f"{r.step}, {name}") for r in serving.steps(chosen))


def _table(results: Sequence[Result]) -> Table:
    table = Table(title="medrec bench: each step beside its floor")
    for heading in ("step", "each", "ratio", "goal", "floor", "note"):
        table.add_column(heading, justify="right" if heading in {"each", "ratio", "goal"} else "left")
    for r in results:
        ratio = f"{r.ratio:.2f}x" if r.floor else ""
        goal = f"{r.goal:g}x {'ok' if r.holds else 'missed'}" if r.goal else ""
        each = f"{r.seconds:.0f} MiB" if r.unit == "MiB" else f"{r.each_ms:.3f} ms"
        table.add_row(r.step, each, ratio, goal, r.floor_is, r.note)
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


# --- recall and precision ---------------------------------------------------------------------------------------


def _rules(args: argparse.Namespace, today: date) -> int:
    patients = args.patients or JUDGED
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("judging", total=patients)
        figures = population.measure(args.seed, patients, today, lambda done: progress.update(task, completed=done))
    short = [c.kind for c in figures.counts.values() if not c.holds]
    if args.json:
        print(json.dumps(_figures_told(figures, args.seed, today), ensure_ascii=False, indent=1))
    else:
        Console(width=110).print(_figures_table(figures))
        print(f"{figures.patients} patients, {figures.statements} statements, seed {args.seed}, {today}")
        print(f"{len(figures.counts) - len(short)} of {len(figures.counts)} kinds reach the goal")
        for title, found in (("missed", figures.missed), ("false", figures.false)):
            for kind, about in population.most_frequent(found).items():
                print(f"  {title} {kind}: {', '.join(f'{what} ({n})' for what, n in about)}")
    return int(bool(short))


def _figures_table(figures: population.Figures) -> Table:
    table = Table(title=f"medrec bench --rules: goal {population.GOAL:.0%} each, all that is critical")
    for heading in ("kind", "seeded", "recall", "critical", "raised", "precision", "near misses", ""):
        table.add_column(heading, justify="left" if heading in {"kind", ""} else "right")
    for c in figures.counts.values():
        critical = f"{c.critical_found}/{c.critical}" if c.critical else ""
        recall, precision = (f"{v:.1%}" if v is not None else "-" for v in (c.recall, c.precision))
        near, verdict = str(c.near or ""), "ok" if c.holds else "missed"
        table.add_row(c.kind, str(c.seeded), recall, critical, str(c.raised), precision, near, verdict)
    return table


def _figures_told(figures: population.Figures, seed: int, today: date) -> dict[str, object]:
    return {
        "seed": seed,
        "today": today.isoformat(),
        "patients": figures.patients,
        "statements": figures.statements,
        "goal": population.GOAL,
        "kinds": [
            {
                "kind": c.kind,
                "seeded": c.seeded,
                "found": c.found,
                "recall": c.recall,
                "critical": c.critical,
                "critical_found": c.critical_found,
                "raised": c.raised,
                "false": c.false,
                "precision": c.precision,
                "near_misses": c.near,
                "holds": c.holds,
            }
            for c in figures.counts.values()
        ],
        "missed": population.most_frequent(figures.missed),
        "false": population.most_frequent(figures.false),
    }
