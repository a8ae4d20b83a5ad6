"""FEST looked after: every third day the address is asked whether there is another file, by ETag or date.

What is there is loaded as `medrec fest load` does it, guarded and swapped whole. A look that fails is told and made
again after an hour; until then, and as long as it takes, the catalogue in use stays.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import httpx
import structlog
from sqlalchemy import select

from formats.errors import FormatError
from medrec import catalogue, clock
from medrec.db import Database
from medrec.fences import night_of, take
from medrec.records import source_note
from medrec.sources.http_client import UNREACHABLE, SourceFault, bounded, told_as_fault
from medrec.sources.log import FetchOutcome, note
from medrec.store import put

log = structlog.get_logger(__name__)

CHANNEL = "fest"
EVERY = 3
_LARGEST = 512 * 1024 * 1024
_SECONDS = 300.0
_CLOCKS_DIFFER = timedelta(hours=1)
_NOTE = "fest.seen"
Seen = dict[str, str]
"""What the last file was known by: the headers that a conditional question repeats."""


def due_of(moment: datetime) -> datetime:
    """The newest third night that is not after `moment`; the same on every machine."""
    night = night_of(moment)
    return night - timedelta(days=night.date().toordinal() % EVERY)


def tick(database: Database) -> int:
    """Look where it is due. Returns 1 where another catalogue was taken into use (everybody is marked then)."""
    address, now = database.settings.values["fest_url"], clock.now()
    if not address:
        return 0
    with database.reading() as session:
        seen = session.execute(select(source_note.c.value, source_note.c.at).where(source_note.c.name == _NOTE)).first()
    hour = now.replace(minute=0, second=0, microsecond=0)
    if seen and due_of(now) <= seen.at <= now + _CLOCKS_DIFFER:  # a look yet to come was a wrong clock's
        return 0
    if not database.once(lambda session: take(session, "fest", hour)):
        return 0
    try:
        return _look(database, address, json.loads(seen.value) if seen else {})
    except SourceFault as fault:
        _told(database, FetchOutcome.FAILED, fault.code)
    except (FormatError, catalogue.CatalogueRefused):
        _told(database, FetchOutcome.FAILED, "refused")
    return 0


def _look(database: Database, address: str, seen: Seen) -> int:
    with _file(address, seen) as (stream, now_seen):
        done = catalogue.load(database, stream) if stream is not None else None
    row = {"name": _NOTE, "value": json.dumps(now_seen), "at": clock.now()}
    database.once(lambda session: put(session, source_note, [row], renew=("value", "at")))
    fresh = done is not None and not done.repeated
    _told(database, FetchOutcome.OK, "new" if fresh else "unchanged")
    return int(fresh)


def _told(database: Database, outcome: FetchOutcome, code: str) -> None:
    database.once(lambda session: note(session, channel=CHANNEL, outcome=outcome, code=code))
    log.log(30 if outcome is FetchOutcome.FAILED else 20, "fest.looked", outcome=outcome.value, code=code)


@contextmanager
def _file(address: str, seen: Seen) -> Iterator[tuple[BinaryIO | None, Seen]]:
    """The file where it is another than was seen, else `None`; and what it is known by."""
    if not address.startswith(("http://", "https://")):
        with _local(Path(address.removeprefix("file://")), seen) as found:
            yield found
        return
    with TemporaryFile() as stream:
        now_seen = _downloaded(address, seen, stream)
        stream.seek(0)
        yield (None, seen) if now_seen is None else (stream, now_seen)


@contextmanager
def _local(file: Path, seen: Seen) -> Iterator[tuple[BinaryIO | None, Seen]]:
    try:
        told = file.stat()
        known = {"file": f"{told.st_size}-{told.st_mtime_ns}"}
        if known == seen:
            yield None, seen
            return
        stream = file.open("rb")
    except OSError as fault:
        raise SourceFault(UNREACHABLE) from fault
    with stream:
        yield stream, known


def _downloaded(address: str, seen: Seen, stream: BinaryIO) -> Seen | None:
    """The file into `stream`; `None` where the server says that it is the one seen. Raises `SourceFault`."""
    asked = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    head = {asked[name]: value for name, value in seen.items() if name in asked}
    ends = time.monotonic() + _SECONDS
    with told_as_fault(), httpx.stream("GET", address, headers=head, timeout=30.0, follow_redirects=True) as answer:
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        if answer.status_code != HTTPStatus.OK:
            code = f"status-{answer.status_code}"
            raise SourceFault(code)
        stream.writelines(bounded(answer, largest=_LARGEST, ends=ends))
        return {name: answer.headers[name] for name in asked if name in answer.headers}
