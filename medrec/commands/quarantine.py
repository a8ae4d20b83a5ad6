"""`medrec quarantine list|show|retry|release`: what could not be read."""

import getpass
import sys
from argparse import ArgumentParser, Namespace

from medrec import keeping, quarantine, work
from medrec.access import log
from medrec.cli import Refused
from medrec.commands.audit import operator
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="list|show|retry|release")
    data_dir_argument(does.add_parser("list", help="all that waits, the oldest first"))
    show = does.add_parser("show", help="one message: why and where")
    show.add_argument("id")
    show.add_argument("--raw", action="store_true", help="the message itself, as it came (patient data!)")
    data_dir_argument(show)
    retry = does.add_parser("retry", help="read again, with everything that holds items not understood")
    retry.add_argument("ids", nargs="*", metavar="ID", help="only these")
    data_dir_argument(retry)
    release = does.add_parser("release", help="let a message go unread; its bytes stay")
    release.add_argument("id")
    release.add_argument("--reason", required=True)
    release.add_argument("--by", default=None, help="who decides (default: the user of this machine)")
    data_dir_argument(release)


def run(args: Namespace) -> int:
    """0 done; `retry` answers 1 while something still waits."""
    with opened(args) as database:
        try:
            return {"list": _list, "show": _show, "retry": _retry, "release": _release}[args.does](database, args)
        except quarantine.NotWaiting as none:
            msg = "no such message in quarantine"
            raise Refused(msg) from none


def _list(database: Database, _args: Namespace) -> int:
    with database.reading() as session:
        rows = quarantine.waiting(session)
    for row in rows:
        when = f"{row.received_at:%Y-%m-%d %H:%M}Z"
        sys.stdout.write(f"{row.id}  {when}  {row.channel}  {row.type or '?'}  {row.code}  {row.place or '-'}\n")
    sys.stdout.write(f"{len(rows)} waiting\n")
    return 0


def _show(database: Database, args: Namespace) -> int:
    with database.writing() as session:
        row = quarantine.show(session, args.id)
        raw = keeping.raw_of(session, args.id) if args.raw else b""
        if args.raw:
            log.record(session, operator(), "read-raw", person_id=row.asked_for, detail={"message": args.id})
    if args.raw:
        sys.stdout.buffer.write(raw)
        return 0
    for name in ("id", "received_at", "channel", "type", "code", "place", "text", "asked_for", "asked_source"):
        sys.stdout.write(f"{name:12} {getattr(row, name) or '-'}\n")
    return 0


def _retry(database: Database, args: Namespace) -> int:
    done = quarantine.retry(database, args.ids or None)
    drained = work.run_once(database)
    sys.stdout.write(
        f"{done.tried} read again: {len(done.accepted)} now read, {len(done.waiting)} still waiting, "
        f"{len(done.fewer_unread)} with fewer items not understood; {drained.changed} new list versions\n"
    )
    return 1 if done.waiting else 0


def _release(database: Database, args: Namespace) -> int:
    by = args.by or getpass.getuser()
    if not args.reason.strip():
        msg = "--reason takes words: why the message need not be read"
        raise Refused(msg)
    database.once(lambda session: quarantine.release(session, args.id, by=by, reason=args.reason))
    work.run_once(database)
    sys.stdout.write(f"{args.id} released\n")
    return 0
