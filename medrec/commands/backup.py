"""`medrec backup DIR`: copy the database while it runs."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from medrec import backups
from medrec.cli import Refused
from medrec.config import data_dir_argument
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="where the copy goes (must not be there)")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 copied and found whole. The keys are no part of it: keep them elsewhere."""
    with opened(args) as database:
        try:
            size = backups.backup(database, args.file)
        except backups.BackupFault as fault:
            raise Refused(str(fault)) from fault
    sys.stdout.write(f"{args.file}: {size} bytes; the keys ({database.settings.keys_file}) are not in it\n")
    return 0
