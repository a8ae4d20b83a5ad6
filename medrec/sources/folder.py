"""A folder as a source: a message broker's file drop.

A file is claimed by renaming it into `work/` (one process wins), taken in, and laid in `done/` or, when it waits in
quarantine, in `failed/`. Every message in an envelope is answered with a receipt (AppRec) through the outbox. A claim
whose process died is put back after a while; the same bytes twice are no news, and are not answered twice.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from medrec import intake, receipts
from medrec.db import Database

log = structlog.get_logger(__name__)

CHANNEL = "folder"
_ABANDONED_AFTER = 300.0
_SETTLED_AFTER = 0.5
_LARGEST = 64 * 1024 * 1024


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
    counts = dict.fromkeys(("accepted", "repeated", "quarantined", "too_large"), 0)
    for file in _ready(inbox)[:limit]:
        claimed = _claim(file, work)
        if claimed is None:
            continue
        status = _take_in(database, claimed)
        counts[status] += 1
        _lay(claimed, failed if status in {"quarantined", "too_large"} else done)
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
    """Rename it away; `None` where another process was quicker."""
    claimed = work / file.name
    if claimed.exists():
        return None
    try:
        file.rename(claimed)
        os.utime(claimed)
    except FileNotFoundError:
        return None
    return claimed


def _take_in(database: Database, claimed: Path) -> str:
    if claimed.stat().st_size > _LARGEST:
        log.warning("folder.too-large", bytes=claimed.stat().st_size)
        return "too_large"
    raw = claimed.read_bytes()
    receipt = intake.receive(database, raw, channel=CHANNEL)
    receipts.queue(database, raw, receipt, channel=CHANNEL)
    return receipt.status


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
