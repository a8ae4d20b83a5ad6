"""`medrec refresh [--all] [--dry-run]`: judge again, everyone or who is waiting; or say what that would change.

`--all` reads everybody's kept dosing texts anew first.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import partial

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from medrec import clock, persons, store, work
from medrec.cli import Misused
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.foresight import Foreseen, look
from medrec.opening import opened
from medrec.records import person

_BATCH = 50


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--all", action="store_true", help="everybody, with their dosing texts read anew; not only who is waiting"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say of everybody what would change, by kind, and change nothing"
    )
    parser.add_argument("--json", action="store_true", help="with --dry-run: as JSON")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 done, 1 when a judgement failed."""
    if args.json and not args.dry_run:
        msg = "--json goes with --dry-run"
        raise Misused(msg)
    with opened(args) as database:
        return _dry_run(database, as_json=args.json) if args.dry_run else _refresh(database, everybody=args.all)


def _refresh(database: Database, *, everybody: bool) -> int:
    if everybody:
        _read_doses_again(database)
        database.once(persons.mark_dirty)
    judged = changed = failed = 0
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("judging", total=len(_persons(database, waiting=True)))
        while (done := work.drain(database, _BATCH)).judged or done.failed:
            judged, changed, failed = judged + done.judged, changed + done.changed, failed + done.failed
            progress.advance(task, done.judged + done.failed)
    sys.stdout.write(f"{judged} judged, {changed} new versions, {failed} failed\n")
    return 1 if failed else 0


def _read_doses_again(database: Database) -> None:
    """After an upgrade a kept dosing text may read otherwise: so that a mended reading reaches what came before it."""
    everyone, otherwise = _persons(database, waiting=False), 0
    for first in range(0, len(everyone), _BATCH):
        some = everyone[first : first + _BATCH]
        otherwise += database.once(partial(store.read_doses_again, person_ids=some))
    if otherwise:
        sys.stdout.write(f"{otherwise} dosing texts read otherwise than before\n")


def _persons(database: Database, *, waiting: bool) -> list[str]:
    query = select(person.c.id).order_by(person.c.id)
    with database.reading() as session:
        return list(session.scalars(query.where(person.c.dirty_since.is_not(None)) if waiting else query))


def _dry_run(database: Database, *, as_json: bool) -> int:
    """Judge everybody and keep nothing; a person's own fault is counted, the others are shown."""
    today, told = clock.today(), Foreseen()
    everyone = _persons(database, waiting=False)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("judging", total=len(everyone))
        for person_id in everyone:
            with database.reading() as session:
                look(session, person_id, today, told)
            progress.advance(task)
    if as_json:
        print(json.dumps(_told(told), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_words(told)))
    return 1 if told.failed else 0


def _words(told: Foreseen) -> Iterator[str]:
    yield (f"{told.judged} judged, {len(told.changed)} would change, {len(told.failed)} failed; nothing was changed")
    yield f"rule set {told.judged_by[0] or '-'}, catalogue {told.judged_by[1] or '-'}"
    for (rules, catalogue), count in sorted(told.stored_by.items()):
        yield f"  {count} stored lists were judged by rule set {rules}, catalogue {catalogue}"
    for title, counted in (("lists", told.lists), ("flags", told.flags), ("notices", told.notices)):
        if counted:
            yield title
        for kind, count in sorted(counted.items()):
            name = kind if isinstance(kind, str) else " ".join(kind)
            yield f"  {name}: {count}"
            for one in told.examples.get(name, ()) if title != "notices" else ():
                change = " -> ".join(filter(None, (one.before, one.after)))
                yield f"      {one.person} {one.about} {change}".rstrip()
    for title, persons_ in (("persons whose list would change", told.changed), ("failed", told.failed)):
        if persons_:
            yield title
        yield from (f"  {one}" for one in persons_)


def _told(told: Foreseen) -> dict[str, object]:
    return {
        "judged": told.judged,
        "changed": told.changed,
        "failed": told.failed,
        "rule_set": told.judged_by[0],
        "catalogue": told.judged_by[1],
        "stored": [
            {"rule_set": rules, "catalogue": catalogue, "lists": count}
            for (rules, catalogue), count in sorted(told.stored_by.items())
        ],
        "lists": dict(sorted(told.lists.items())),
        "flags": [{"code": code, "move": move, "count": n} for (code, move), n in sorted(told.flags.items())],
        "notices": [{"code": code, "move": move, "count": n} for (code, move), n in sorted(told.notices.items())],
        "examples": {
            kind: [{"person": e.person, "about": e.about, "before": e.before, "after": e.after} for e in found]
            for kind, found in sorted(told.examples.items())
        },
    }
