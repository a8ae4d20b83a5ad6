"""`medrec doctor`: is this installation well."""

import os
import stat
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from medrec import catalogue, clock, quarantine, work
from medrec.config import SETTINGS, SettingFault, Settings, data_dir_argument, settings_of
from medrec.db import Database, open_database

_TOO_LONG = timedelta(minutes=5)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Finding = tuple[bool, str]


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 when all is well, 1 when something is not; each finding is one line."""
    found = settings_of(args)
    findings = list(_of_settings(found))
    try:
        database = open_database(found)
    except SettingFault as fault:
        findings.append((False, str(fault)))
    except OperationalError:
        findings.append((False, "the database can't be reached"))
    else:
        try:
            findings += _of_database(database)
        finally:
            database.close()
    for well, line in findings:
        sys.stdout.write(f"{'ok ' if well else 'BAD'}  {line}\n")
    return 0 if all(well for well, _ in findings) else 1


def _of_settings(found: Settings) -> Iterator[Finding]:
    known = {s.variable for s in SETTINGS}
    strange = sorted(v for v in os.environ if v.startswith("MEDREC_") and v not in known)
    yield True, f"data folder {found.data_dir}, {'SQLite' if found.is_sqlite else 'PostgreSQL'}"
    if strange:
        yield True, f"settings this room does not know: {', '.join(strange)}"
    if found.keys_file.exists():
        open_to_others = found.keys_file.stat().st_mode & _OTHERS
        yield not open_to_others, f"key file {found.keys_file}{' can be read by others' if open_to_others else ''}"


def _of_database(database: Database) -> Iterator[Finding]:
    with database.reading() as session:
        waits = work.oldest_waiting(session)
        late = waits is not None and waits > _TOO_LONG
        yield not late, f"longest waiting patient: {_seconds(waits)}{'; is a worker running?' if late else ''}"
        counts = quarantine.counts(session)
        kept = counts.get("kept", 0)
        yield kept == 0 or not late, f"messages: {counts or 'none'}"
        known = [one for one in catalogue.status(session) if one.state == "current"]
        yield bool(known), f"drug catalogue: {known[0].version if known else 'none; medrec fest load'}"
        yield True, f"today is {clock.today()} in Europe/Oslo"


def _seconds(waits: timedelta | None) -> str:
    return "nobody waits" if waits is None else f"{waits.total_seconds():.0f} s"
