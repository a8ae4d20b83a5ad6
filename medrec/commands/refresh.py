"""`medrec refresh [--all] [--dry-run]`: judge again, everyone or who is waiting."""

import sys
from argparse import ArgumentParser, Namespace

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from medrec import clock, listing, persons, work
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.opening import opened
from medrec.records import list_head, person

_BATCH = 50


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--all", action="store_true", help="everybody, not only who is waiting")
    parser.add_argument("--dry-run", action="store_true", help="say how many lists would change, and change none")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 done, 1 when a judgement failed."""
    with opened(args) as database:
        return _dry_run(database, everybody=args.all) if args.dry_run else _refresh(database, everybody=args.all)


def _refresh(database: Database, *, everybody: bool) -> int:
    if everybody:
        database.once(persons.mark_dirty)
    judged = changed = failed = 0
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("judging", total=len(_waiting(database, everybody=False)))
        while (done := work.drain(database, _BATCH)).judged or done.failed:
            judged, changed, failed = judged + done.judged, changed + done.changed, failed + done.failed
            progress.advance(task, done.judged + done.failed)
    sys.stdout.write(f"{judged} judged, {changed} new versions, {failed} failed\n")
    return 1 if failed else 0


def _waiting(database: Database, *, everybody: bool) -> list[str]:
    query = select(person.c.id).order_by(person.c.id)
    with database.reading() as session:
        return list(session.scalars(query if everybody else query.where(person.c.dirty_since.is_not(None))))


def _dry_run(database: Database, *, everybody: bool) -> int:
    """Judge and keep nothing; a person's own fault is counted, the others are shown."""
    on, differs, failed = clock.today(), [], 0
    wanted = _waiting(database, everybody=everybody)
    for person_id in wanted:
        with database.reading() as session:
            held = session.scalars(select(list_head.c.digest).where(list_head.c.person_id == person_id)).first()
            try:
                told = listing.conclude(session, person_id, on)[1]
            except Exception:  # noqa: BLE001 - a dry run tells of every person, whatever one of them does
                failed += 1
                continue
        if told.digest != held:
            differs.append(person_id)
    sys.stdout.write(f"{len(wanted)} judged, {len(differs)} would change, {failed} failed; nothing was changed\n")
    for person_id in differs:
        sys.stdout.write(f"  {person_id}\n")
    return 1 if failed else 0
