"""`medrec notices list|send|retry|export`: letters to GPs, hospitals and pharmacies."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from medrec import clock
from medrec.access import log
from medrec.cli import Refused
from medrec.commands.audit import operator
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.notices import outbox, rounds, threads, tidy
from medrec.notices.addresses import FILE, AddressFault, addresses
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="list|send|retry|export")
    shown = does.add_parser("list", help="letters and their state, and the tasks that came of them")
    shown.add_argument("--failed", action="store_true", help="only what needs somebody")
    data_dir_argument(shown)
    data_dir_argument(does.add_parser("send", help="do a round now: write what is due, deliver what is queued"))
    retry = does.add_parser("retry", help="send again what failed or got no receipt, same MsgId and bytes")
    retry.add_argument("ids", nargs="*", metavar="ID", help="only these")
    data_dir_argument(retry)
    export = does.add_parser("export", help="the tidy-up list of each GP office, as text files (patient data!)")
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    data_dir_argument(export)


def run(args: Namespace) -> int:
    """0 done; `send` and `retry` answer 1 where something could not be delivered."""
    with opened(args) as database:
        return {"list": _list, "send": _send, "retry": _retry, "export": _export}[args.does](database, args)


def _list(database: Database, args: Namespace) -> int:
    with database.reading() as session:
        found = threads.failures(session) if args.failed else threads.notices(session)
        waiting = threads.tasks(session)
    for one in found:
        red = "  NO RECEIPT" if one.red else ""
        told = f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}Z  {one.state}{red}  {one.receiver}  {one.problem}"
        sys.stdout.write(told.rstrip() + "\n")
    for task in waiting:
        sys.stdout.write(f"task {task.id}  {task.since:%Y-%m-%d %H:%M}Z  {task.why}  {task.data.get('phone', '')}\n")
    sys.stdout.write(f"{len(found)} letters, {len(waiting)} tasks\n")
    return 0


def _send(database: Database, _args: Namespace) -> int:
    try:
        if addresses(database.settings.data_dir) is None:
            msg = f"no sender: write {database.settings.data_dir / FILE} first (medrec/notices/README.md)"
            raise Refused(msg)
    except AddressFault as fault:
        raise Refused(str(fault)) from fault
    written = rounds.tick(database)
    tidy.tick(database)
    return _deliver(database, f"{written} letters written; ")


def _retry(database: Database, args: Namespace) -> int:
    many = database.once(lambda session: outbox.retry(session, tuple(args.ids)))
    return _deliver(database, f"{many} queued again; ")


def _deliver(database: Database, before: str) -> int:
    done = outbox.deliver(database)
    sys.stdout.write(f"{before}{done.sent} delivered, {done.failed} could not be delivered\n")
    return 1 if done.failed else 0


def _export(database: Database, args: Namespace) -> int:
    with database.writing() as session:
        lists = tidy.tidy_lists(session)
        log.record(session, operator(), "export-tidy", why="COC", whom=tidy.on_lists(session))
    args.out.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(lists.values(), start=1):
        file = args.out / f"ryddeliste-{clock.today().isoformat()}-{number:03}.txt"
        file.touch(mode=0o600)
        file.write_text(content, encoding="utf-8")
    sys.stdout.write(f"{len(lists)} lists in {args.out}\n")
    return 0
