"""`medrec print`: the night's emergency set of a district, one self-contained page a person and an index."""

import argparse
from pathlib import Path

from medrec import clock, roster
from medrec.cli import Refused
from medrec.config import data_dir_argument
from medrec.opening import opened
from medrec.wording import LANGUAGES


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--district", required=True, metavar="D", help="whose patients")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the pages; made if missing")
    parser.add_argument("--language", choices=LANGUAGES, default="nb")
    data_dir_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Write the set; an unknown district is refused, so that an empty folder is never taken for an empty district."""
    from medrec.web.emergency import write_set  # noqa: PLC0415 - the web, only when pages are written

    with opened(args) as database:
        with database.reading() as session:
            known = roster.districts(session, clock.today())
        if args.district not in known:
            msg = f"nobody is in the care of district {args.district!r} today; known: {', '.join(known) or 'none'}"
            raise Refused(msg)
        try:
            sheets = write_set(database, args.district, args.out, args.language)
        except OSError as wrong:
            msg = f"{args.out}: {wrong.strerror or wrong}"
            raise Refused(msg) from wrong
    print(f"{len(sheets)} sheets and index.html in {args.out}")
    return 0
