"""Storing: first ingest, redelivery, a live message to a committed list, a refresh of everyone, on one store."""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert, text

from formats.read import read
from medrec import catalogue, intake, work
from medrec.bench.measure import Result, timed
from medrec.config import Settings
from medrec.db import Database, open_database, upgrade
from medrec.demo.catalogue import demo_catalogue, demo_fest_xml
from medrec.packing import pack

_LIVE = 6
"""Patients whose messages come one by one."""
_bare = MetaData()
_rows = Table("bench_rows", _bare, Column("id", Integer, primary_key=True), Column("content", String))
_raws = Table("bench_raws", _bare, Column("id", Integer, primary_key=True), Column("raw", LargeBinary))


def steps(settings: Settings, posts: Sequence[Sequence[bytes]], today: date) -> Iterator[Result]:
    """All of it on a fresh store in `settings`."""
    upgrade(settings)
    database = open_database(settings)
    try:
        catalogue.load(database, BytesIO(demo_fest_xml()), name=demo_catalogue().version)
        last = max(1, min(_LIVE, len(posts) // 3))
        bulk, live = posts[:-last], posts[-last:]
        floor = timed(lambda: _floor(database, bulk))
        first = timed(lambda: _ingest(database, bulk, today))
        yield Result(
            step="ingest and reconcile, first time", unit="patient", count=len(bulk), seconds=first, floor=floor,
            floor_is="read, zstd and executemany of the same messages and rows", goal=1.6,
        )  # fmt: skip
        again = timed(lambda: _ingest(database, bulk, today))
        yield Result(
            step="redelivered unchanged", unit="patient", count=len(bulk), seconds=again, floor=first,
            floor_is="a first ingest", goal=0.25,
        )  # fmt: skip
        yield _live(database, live, today)
        yield _refresh(database, today, len(posts))
    finally:
        database.close()


def _ingest(database: Database, posts: Sequence[Sequence[bytes]], today: date) -> None:
    messages = (raw for about_one in posts for raw in about_one)
    for _ in intake.receive_many(database, messages, channel="bench"):
        pass
    while work.drain(database, today=today).judged:
        pass


def _floor(database: Database, posts: Sequence[Sequence[bytes]]) -> None:
    """What can't be left out: read the messages, compress them, put them and one row a statement on the disk."""
    with database.engine.begin() as connection:
        _bare.drop_all(connection)
        _bare.create_all(connection)
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

    def floor() -> None:
        with database.reading() as session:
            for (row,) in session.execute(text("select content from statement")):
                len(row)

    seconds = timed(everyone)
    nation = 175_000 * seconds / patients / 60
    return Result(
        step="refresh of everyone", unit="patient", count=patients, seconds=seconds, floor=timed(floor),
        floor_is="read every stored statement", goal=0, note=f"175,000 recipients: {nation:.0f} min at this rate",
    )  # fmt: skip
