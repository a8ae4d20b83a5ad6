"""Copies of the database: SQLite's own online backup, pg_dump and pg_restore on PostgreSQL.

A copy is checked before it counts. The keys are never in it: without them it names nobody.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url

from medrec.config import Settings
from medrec.db import Database, engine_for

_OWNER_ONLY = 0o600
"""Numbers and names are sealed in a copy; what sources said lies open in it."""


class BackupFault(Exception):  # noqa: N818 - told as one line
    """No copy was made, or it was not put back."""


def backup(database: Database, target: Path) -> int:
    """Copy the database while it runs. Returns the copy's size in bytes. Raises `BackupFault`."""
    if target.exists():
        msg = f"{target} is there already"
        raise BackupFault(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=_OWNER_ONLY)
    if database.settings.is_sqlite:
        _copy_sqlite(_file_of(database.settings), draft)
    else:
        _postgres_tool("pg_dump", database.settings, "--format=custom", f"--file={draft}")
    draft.replace(target)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Put a copy back where there is no database yet. Raises `BackupFault`."""
    if not source.is_file():
        msg = f"{source}: no such file"
        raise BackupFault(msg)
    if settings.is_sqlite:
        target = _file_of(settings)
        if target.exists():
            msg = f"{target} is there already; move it away first"
            raise BackupFault(msg)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=_OWNER_ONLY)
        _copy_sqlite(source, target)
        return
    engine = engine_for(settings)
    try:
        filled = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if filled:
        msg = "the PostgreSQL database is not empty; restore into an empty one"
        raise BackupFault(msg)
    _postgres_tool("pg_restore", settings, "--no-owner", "--exit-on-error", "--single-transaction", str(source))


def _file_of(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
            found = there.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as fault:
        target.unlink(missing_ok=True)
        msg = "not a database, or it can't be read"
        raise BackupFault(msg) from fault
    if found != "ok":
        target.unlink(missing_ok=True)
        msg = "the copy is not whole"
        raise BackupFault(msg)


def _postgres_tool(name: str, settings: Settings, *words: str) -> None:
    """Run pg_dump or pg_restore; the password travels in the environment, never on the command line."""
    tool = shutil.which(name)
    if tool is None:
        msg = f"{name} is not installed on this machine"
        raise BackupFault(msg)
    url = make_url(settings.database_url)
    told = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username}
    told |= {"PGPASSWORD": url.password, "PGDATABASE": url.database}
    env = os.environ | {key: str(value) for key, value in told.items() if value}
    target = ("--dbname", url.database or "postgres") if name == "pg_restore" else ()
    done = subprocess.run([tool, *target, *words], env=env, capture_output=True, check=False)  # noqa: S603 - our own words
    if done.returncode != 0:
        msg = f"{name} failed (exit {done.returncode})"
        raise BackupFault(msg)
