"""`medrec fest load FILE` and `medrec fest status`: the drug catalogue."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from formats.errors import FormatError
from medrec import catalogue
from medrec.cli import Refused
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="load|status")
    load = does.add_parser("load", help="take a FEST file (M30, XML or zip) into use")
    load.add_argument("file", type=Path, metavar="FILE.xml|.zip")
    load.add_argument("--name", default="", help="the version shown (default FEST and its date)")
    load.add_argument("--force", action="store_true", help="even if it is older or much smaller than the one in use")
    data_dir_argument(load)
    data_dir_argument(does.add_parser("status", help="which catalogues are there, and which is in use"))


def run(args: Namespace) -> int:
    """0 loaded or shown; a file that is torn, older, or no FEST is refused and the one in use stays."""
    with opened(args) as database:
        return _load(database, args) if args.does == "load" else _status(database)


def _load(database: Database, args: Namespace) -> int:
    try:
        with args.file.open("rb") as stream:
            done = catalogue.load(database, stream, name=args.name, force=args.force)
    except OSError as fault:
        msg = f"{args.file}: {fault.strerror}"
        raise Refused(msg) from fault
    except (FormatError, catalogue.CatalogueRefused) as wrong:
        msg = f"{args.file}: {wrong}"
        raise Refused(msg) from wrong
    if done.repeated:
        sys.stdout.write(f"{done.version} is in use already\n")
        return 0
    sys.stdout.write(
        f"{done.version} is in use: {done.drugs} drugs, {done.interactions} interactions, "
        f"{done.unread} not understood\n"
    )
    return 0


def _status(database: Database) -> int:
    with database.reading() as session:
        known = catalogue.status(session)
    if not known:
        sys.stdout.write("no drug catalogue is loaded\n")
    for one in known:
        drugs = one.counts.get("drugs", 0)
        sys.stdout.write(f"{one.state:8}  {one.version}  {drugs} drugs  loaded {one.loaded_at:%Y-%m-%d %H:%M} UTC\n")
    return 0
