"""Storing: first ingest, redelivery, a live message to a committed list, a refresh of everyone, on one store."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from io import BytesIO
from typing import Any

from msgspec.json import decode
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, select, text

from formats.read import read
from medrec import catalogue, intake, work
from medrec.bench.measure import Result, side_by_side, timed
from medrec.config import Settings
from medrec.db import Database, open_database, upgrade
from medrec.demo.catalogue import demo_catalogue, demo_fest_xml
from medrec.packing import pack
from medrec.records import statement

_LIVE = 6
"""Patients whose messages come one by one."""
_TOGETHER, _CHANGED, _TESTS = 200, 50, 30
"""Of the floor of judging again: persons in a transaction, one in how many changes, tests of each group."""
_PARTS = 6
"""Into how many parts a first ingest is cut, the one that is not counted among them."""
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_bare = MetaData()
_rows = Table("bench_rows", _bare, Column("id", Integer, primary_key=True), Column("content", String))
_WORDS = select(statement.c.person_id, statement.c.id, statement.c.content)
_raws = Table("bench_raws", _bare, Column("id", Integer, primary_key=True), Column("raw", LargeBinary))


def steps(settings: Settings, posts: Sequence[Sequence[bytes]], today: date) -> Iterator[Result]:
    """All of it on a fresh store in `settings`; each step names the store."""
    upgrade(settings)
    database = open_database(settings)
    store = _NAMES.get(database.engine.dialect.name, database.engine.dialect.name)
    try:
        catalogue.load(database, BytesIO(demo_fest_xml()), name=demo_catalogue().version)
        with database.reading() as session:
            catalogue.current(session)  # once in a process's life: no part of what a patient costs
        for told in _measured(database, posts, today):
            yield replace(told, step=f"{told.step}, {store}")
    finally:
        database.close()


def _measured(database: Database, posts: Sequence[Sequence[bytes]], today: date) -> Iterator[Result]:
    last = max(1, min(_LIVE, len(posts) // 3))
    bulk, live = posts[:-last] or posts, posts[-last:]
    size = max(1, len(bulk) // _PARTS)
    parts = [bulk[start : start + size] for start in range(0, len(bulk) - size + 1, size)]
    yield (first := _first(database, parts, today))
    again = statistics.median(timed(partial(_ingest, database, some, today)) for some in parts)
    yield Result(
        step="redelivered unchanged", unit="patient", count=size, seconds=again, floor=first.seconds,
        floor_is="a first ingest", goal=0.25,
    )  # fmt: skip
    yield _live(database, live, today)
    yield _refresh(database, today, len(posts))


def _first(database: Database, parts: Sequence[Sequence[Sequence[bytes]]], today: date) -> Result:
    """Never heard of before, some patients at a time and their floor in turn; the first part is not counted."""
    with database.engine.begin() as connection:
        _bare.drop_all(connection)
        _bare.create_all(connection)
    floors, took = [], []
    for some in parts:
        floors.append(timed(partial(_floor, database, some)))
        took.append(timed(partial(_ingest, database, some, today)))
    return Result(
        step="ingest and reconcile, first time", unit="patient", count=len(parts[0]),
        seconds=statistics.median(took[1:] or took), floor=statistics.median(floors[1:] or floors),
        floor_is="read, zstd and executemany of the same messages and rows", goal=1.6,
    )  # fmt: skip


def _ingest(database: Database, posts: Sequence[Sequence[bytes]], today: date) -> None:
    messages = (raw for about_one in posts for raw in about_one)
    for _ in intake.receive_many(database, messages, channel="bench"):
        pass
    while work.drain(database, today=today).judged:
        pass


def _floor(database: Database, posts: Sequence[Sequence[bytes]]) -> None:
    """What can't be left out: read the messages, compress them, put them and one row a statement on the disk."""
    for about_one in posts:
        readings = [read(raw) for raw in about_one]
        rows = [{"content": repr(s)} for r in readings for s in r.statements]
        with database.engine.begin() as connection:
            connection.execute(insert(_raws), [{"raw": pack(raw)} for raw in about_one])
            connection.execute(insert(_rows), rows)


def _live(database: Database, posts: Sequence[Sequence[bytes]], today: date) -> Result:
    """One message after the other, of patients nobody has heard of yet, each judged at once."""
    took = []
    for raw in (raw for about_one in posts for raw in about_one):
        started = time.perf_counter()
        intake.receive(database, raw, channel="bench")
        work.drain(database, today=today)
        took.append(time.perf_counter() - started)
    return Result(
        step="live message to committed list", unit="message", count=1, seconds=statistics.median(took), floor=0,
        floor_is="", goal=0,
        note=f"median of {len(took)}, longest {max(took) * 1000:.0f} ms; goal p50 6 ms, p99 20 ms",
    )  # fmt: skip


def _refresh(database: Database, today: date, patients: int) -> Result:
    def everyone() -> None:
        with database.writing() as session:
            session.execute(text("update person set dirty_since = created_at"))
        while work.drain(database, today=today).judged:
            pass

    known: dict[str, str] = {}
    _judged_barely(database, known)
    seconds, floor = side_by_side(everyone, lambda: _judged_barely(database, known), rounds=3)
    nation = 175_000 * seconds / patients / 60
    return Result(
        step="refresh of everyone", unit="patient", count=patients, seconds=seconds, floor=floor,
        floor_is="read and decode every statement, group, 30 tests, hash, compare, write 2 %", goal=2,
        note=f"175,000 recipients: {nation:.0f} min at this rate",
    )  # fmt: skip


def _judged_barely(database: Database, known: dict[str, str]) -> None:
    """What judging everyone again can't do without: 200 persons at a time, the fewest statements and plain values.

    Their statements are read and decoded, grouped by drug, looked at by thirty tests a group, hashed, compared with
    what `known` holds by person, and one person in fifty is written. Nothing is checked, explained or said.
    """
    with database.reading() as session:
        everyone = session.scalars(select(statement.c.person_id).distinct().order_by(statement.c.person_id)).all()
    for start in range(0, len(everyone), _TOGETHER):
        some, changed = everyone[start : start + _TOGETHER], []
        with database.engine.begin() as connection:
            told: dict[str, list[tuple[str, Any]]] = {person_id: [] for person_id in some}
            for row in connection.execute(_WORDS.where(statement.c.person_id.in_(some))):
                told[row.person_id].append((row.id, decode(row.content)))
            for number, (person_id, said) in enumerate(told.items(), start):
                concluded = sha256(repr(_grouped(said)).encode()).hexdigest()
                if known.setdefault(person_id, concluded) != concluded or number % _CHANGED == 0:
                    changed.append({"content": concluded})
            if changed:
                connection.execute(insert(_rows), changed)


def _grouped(said: Sequence[tuple[str, Any]]) -> list[tuple[str, int]]:
    """By drug, how many of thirty plain tests hold."""
    groups: dict[str, list[Any]] = {}
    for _, told in said:
        groups.setdefault(str(told.get("drug", told.get("name"))), []).append(told)
    return [(name, sum(len(told) > n % 3 for n in range(_TESTS))) for name, told in sorted(groups.items())]
