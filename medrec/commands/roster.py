"""`medrec roster load FILE.csv`: who is whose."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from medrec import clock, roster, work
from medrec.cli import Refused
from medrec.config import data_dir_argument
from medrec.opening import opened
from medrec.persons import Unresolved


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="load")
    load = does.add_parser("load", help="make the roster be what a CSV file says: " + ";".join(roster.COLUMNS))
    load.add_argument("file", type=Path, metavar="FILE.csv")
    data_dir_argument(load)


def run(args: Namespace) -> int:
    """0 loaded; a file with a line that can't be read is refused whole."""
    try:
        rows = roster.read_csv(args.file.read_bytes())
    except OSError as fault:
        msg = f"{args.file}: {fault.strerror}"
        raise Refused(msg) from fault
    except roster.RosterError as wrong:
        msg = f"{args.file}: {wrong}"
        raise Refused(msg) from wrong
    if not rows:
        msg = f"{args.file}: no relation is in it; it would end everybody's, and nothing was changed"
        raise Refused(msg)
    with opened(args) as database:
        try:
            done = database.once(lambda session: roster.load(session, rows, clock.today()))
        except Unresolved as doubt:
            raise Refused(doubt.text) from doubt
        work.run_once(database)
    sys.stdout.write(
        f"{done.persons} persons: {done.started} relations started, {done.changed} changed, {done.ended} ended\n"
    )
    return 0
