"""`medrec doctor`: is this installation well."""

import os
import shutil
import stat
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from medrec import catalogue, clock, quarantine, radar, work
from medrec.config import SETTINGS, SettingFault, Settings, data_dir_argument, settings_of
from medrec.db import Database, open_database
from medrec.fences import night_of
from medrec.records import fence, fetch_state, list_head, outbox
from medrec.sources.endpoints import FHIR, SFM, endpoint_of
from medrec.sources.tokens import load_key

_TOO_LONG = timedelta(minutes=5)
_NIGHTS_WORK = timedelta(hours=1)
_LEAST_SPACE = 1 << 30
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
    if found.data_dir.exists():
        free = shutil.disk_usage(found.data_dir).free
        yield free > _LEAST_SPACE, f"free on the disk of the data folder: {free / (1 << 30):.1f} GiB"
    yield from _of_endpoints(found)


def _of_endpoints(found: Settings) -> Iterator[Finding]:
    """Whether each fetched source is set so that it can be asked; nothing is asked here."""
    for channel in (SFM, FHIR):
        try:
            endpoint = endpoint_of(found, channel)
            if endpoint is not None:
                load_key(endpoint.key_pem)
        except SettingFault as fault:
            yield False, f"source {channel}: {fault}"
        else:
            yield True, f"source {channel}: {f'fetched from {endpoint.url}' if endpoint else 'not fetched'}"


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
        yield from _of_clockwork(session)
        yield from _of_sources(session, database.settings)
        yield True, f"today is {clock.today()} in Europe/Oslo"


def _of_clockwork(session: Session) -> Iterator[Finding]:
    now = clock.now()
    night = session.scalar(select(func.max(fence.c.due)).where(fence.c.schedule == "night-refresh"))
    done = night is not None and (night >= night_of(now) or now - night_of(now) < _NIGHTS_WORK)
    late = session.scalar(select(func.count()).select_from(list_head).where(list_head.c.judged_on < clock.today()))
    done = done or not late
    told = f"last for {night.astimezone(clock.OSLO):%Y-%m-%d}" if night else "never yet"
    yield done, f"night refresh: {told}{'' if done else '; is a scheduler running?'}"
    stuck = select(func.count()).select_from(outbox).where(outbox.c.state.in_(("failed", "overdue")))
    letters = session.scalar(stuck) or 0
    yield letters == 0, f"letters that failed or got no receipt: {letters}"
    found = radar.shown(session)
    words = ", ".join(sorted({shift.system for shift in found})) or "none"
    yield not found, f"systems that say something else than they used to: {words}"


def _of_sources(session: Session, settings: Settings) -> Iterator[Finding]:
    rows = session.execute(select(fetch_state.c.channel, func.max(fetch_state.c.ok_at)).group_by(fetch_state.c.channel))
    newest: dict[str, datetime | None] = {row[0]: row[1] for row in rows}
    for channel in (SFM, FHIR):
        if not settings.values[f"{channel}_url"]:
            continue
        at = newest.get(channel)
        hours = None if at is None else (clock.now() - at).total_seconds() / 3600
        fresh = hours is not None and hours < settings.fresh_hours_low
        yield fresh, f"source {channel} last answered: {'never' if hours is None else f'{hours:.1f} h ago'}"


def _seconds(waits: timedelta | None) -> str:
    return "nobody waits" if waits is None else f"{waits.total_seconds():.0f} s"
