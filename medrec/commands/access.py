"""`medrec access`: who has which role, blocks of patients' lists, rows kept too long, the database's own grants."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from medrec import persons
from medrec.access import accounts, blocks, grants, log, retention, sessions
from medrec.cli import Refused
from medrec.commands.audit import operator
from medrec.config import data_dir_argument
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="accounts|block|unblock|sweep|sign-out|grants")
    load = does.add_parser("accounts", help="load who has which role; whoever is not in the file is signed out")
    load.add_argument("file", metavar="FILE.csv", help=f"UTF-8, columns {';'.join(accounts.COLUMNS)}")
    data_dir_argument(load)
    for name, what in (("block", "shut a patient's list to everybody but emergencies"), ("unblock", "lift the block")):
        each = does.add_parser(name, help=what)
        each.add_argument("--patient", required=True, metavar="ID", help="the person's opaque id")
        data_dir_argument(each)
    sweep = does.add_parser("sweep", help="delete ended sessions and old counts of attempts")
    sweep.add_argument("--dry-run", action="store_true", help="only say how many")
    data_dir_argument(sweep)
    out = does.add_parser("sign-out", help="end the sessions of one person, or of everybody")
    whose = out.add_mutually_exclusive_group(required=True)
    whose.add_argument("--hpr", default="", help="the HPR number of the person")
    whose.add_argument("--all", action="store_true")
    data_dir_argument(out)
    sql = does.add_parser(
        "grants", help="SQL for PostgreSQL: what the application's role may do, and not do to the log"
    )
    sql.add_argument("--role", required=True, help="the role that the application connects as; not the tables' owner")


def run(args: Namespace) -> int:
    """0 done; 1 for an unknown person, or where nothing was changed."""
    others = {"sweep": _sweep, "accounts": _accounts, "sign-out": _sign_out}
    if args.does in others:
        return others[args.does](args)
    if args.does == "grants":
        return _grants(args.role)
    does = blocks.put if args.does == "block" else blocks.lift
    with opened(args) as database, database.writing() as session:
        if not persons.exists(session, args.patient):
            msg = "no such person"
            raise Refused(msg)
        done = does(session, args.patient, operator())
    print("done" if done else "nothing to change")
    return 0 if done else 1


def _sweep(args: Namespace) -> int:
    with opened(args) as database, database.writing() as session:
        found = retention.due(session) if args.dry_run else retention.sweep(session)
    print(", ".join(f"{many} {name}" for name, many in found.items()) + (" would go" if args.dry_run else " gone"))
    return 0


def _accounts(args: Namespace) -> int:
    try:
        rows = accounts.read_csv(Path(args.file).read_bytes())
    except (OSError, accounts.AccountError) as wrong:
        told = f"{args.file}: {wrong.strerror if isinstance(wrong, OSError) else wrong}"
        raise Refused(told) from wrong
    with opened(args) as database, database.writing() as session:
        done = accounts.load(session, rows)
        log.record(session, operator(), "load-accounts", detail={"started": done.started, "ended": done.ended})
    print(f"{done.standing} accounts, {done.started} new, {done.ended} ended, {done.sessions} sessions ended")
    return 0


def _grants(role: str) -> int:
    try:
        print(grants.script(role))
    except grants.BadRole as wrong:
        raise Refused(str(wrong)) from wrong
    return 0


def _sign_out(args: Namespace) -> int:
    if not (args.all or args.hpr):
        msg = "--hpr takes a number"
        raise Refused(msg)
    with opened(args) as database, database.writing() as session:
        ended = sessions.end_of_hpr(session, "" if args.all else args.hpr)
        log.record(session, operator(), "end-sessions", detail={"sessions": ended})
    print(f"{ended} sessions ended")
    return 0
