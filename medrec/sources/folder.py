"""A folder as a source: a message broker's file drop.

A file is claimed by renaming it into `work/` (one process wins), taken in with those claimed beside it, and laid in
`done/` or, when it waits in quarantine, in `failed/`. Every message in an envelope is answered with a receipt (AppRec)
through the outbox. A file that fails by a fault of ours stops no other: it stays claimed. A claim whose process died is
put back after a while; the same bytes twice are no news, and are not answered twice.
"""

import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from medrec import intake, receipts
from medrec.db import Database

log = structlog.get_logger(__name__)

CHANNEL = "folder"
_TOO_LARGE = "too_large"
_ABANDONED_AFTER = 300.0
_SETTLED_AFTER = 0.5
_LARGEST = 64 * 1024 * 1024
_TOGETHER = 50
"""Files claimed at once: few enough that all are laid long before their claim is taken for abandoned."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took in. True when it took in anything."""

    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0
    too_large: int = 0

    def __bool__(self) -> bool:
        return bool(self.accepted or self.quarantined)


def sweep(database: Database, inbox: Path, limit: int = 500) -> Swept:
    """Take in what lies in `inbox`, at most `limit` files, in the order of their names.

    Files still being written (changed within the last half second, hidden, or named `.tmp` or `.part`) are left.
    """
    work, done, failed = (inbox / name for name in ("work", "done", "failed"))
    for folder in (inbox, work, done, failed):
        folder.mkdir(parents=True, exist_ok=True)
    _put_back(work, inbox)
    counts: Counter[str] = Counter()
    waiting = iter(_ready(inbox)[:limit])
    while some := list(islice(waiting, _TOGETHER)):
        claimed = [mine for file in some if (mine := _claim(file, work)) is not None]
        for file, status in _take_in(database, claimed):
            counts[status] += 1
            with suppress(FileNotFoundError):  # we slept: another took the claim for abandoned, and lays it
                _lay(file, failed if status in {"quarantined", _TOO_LARGE} else done)
    return Swept(**counts)


def _ready(inbox: Path) -> list[Path]:
    settled = time.time() - _SETTLED_AFTER
    found = []
    for entry in os.scandir(inbox):
        unfinished = entry.name.startswith(".") or entry.name.endswith((".tmp", ".part"))
        if not unfinished and entry.is_file(follow_symlinks=False) and entry.stat().st_mtime <= settled:
            found.append(Path(entry.path))
    return sorted(found)


def _claim(file: Path, work: Path) -> Path | None:
    """Rename it away; `None` where another process was quicker.

    Touched before, not after: among the claimed an old file passes at once for one whose process died.
    """
    claimed = work / file.name
    if claimed.exists():
        return None
    try:
        os.utime(file)
        file.rename(claimed)
    except FileNotFoundError:
        return None
    return claimed


def _take_in(database: Database, claimed: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each file that was taken in, with what became of it, when its message and its receipt are on the disk."""
    fitting = []
    for file in claimed:
        size = file.stat().st_size
        if size > _LARGEST:
            log.warning("folder.too-large", bytes=size)
            yield file, _TOO_LARGE
        else:
            fitting.append(file)
    left = dict.fromkeys(fitting)
    try:
        for file, status in _together(database, fitting):
            del left[file]
            yield file, status
    except DBAPIError:  # the store is away: those that were not tried wait in the inbox, not as somebody's claim
        for file in list(left)[1:]:
            _lay(file, file.parent.parent)
        raise
    except Exception as fault:  # noqa: BLE001 - one file's fault is not the others'
        log.warning("folder.apart", files=len(left), fault=type(fault).__name__, at=intake.where(fault))
        yield from _apart(database, list(left))


def _together(database: Database, files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Read when intake asks for them, so that no more than it takes in at once is held in memory."""
    read: deque[tuple[Path, bytes]] = deque()

    def raws() -> Iterator[bytes]:
        for file in files:
            read.append((file, file.read_bytes()))
            yield read[-1][1]

    for receipt in intake.receive_many(database, raws(), channel=CHANNEL):
        file, raw = read.popleft()
        receipts.queue(database, raw, receipt, channel=CHANNEL)
        yield file, receipt.status


def _apart(database: Database, files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each for itself; what was said before the fault is repeated here, and answered if it was not."""
    for file in files:
        try:
            told = list(_together(database, [file]))
        except DBAPIError:
            raise
        except Exception as fault:  # noqa: BLE001 - it stays claimed, and is put back and tried again after a while
            log.error("folder.failed", fault=type(fault).__name__, at=intake.where(fault))  # noqa: TRY400 - no text of it
            continue
        yield from told


def _lay(file: Path, folder: Path) -> None:
    """Move it there under a name nothing has yet."""
    target, number = folder / file.name, 1
    while target.exists():
        number += 1
        target = folder / f"{file.stem}-{number}{file.suffix}"
    file.rename(target)


def _put_back(work: Path, inbox: Path) -> None:
    abandoned = time.time() - _ABANDONED_AFTER
    for entry in os.scandir(work):
        try:
            if entry.stat().st_mtime < abandoned:
                _lay(Path(entry.path), inbox)
        except FileNotFoundError:
            continue
