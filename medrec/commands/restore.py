"""`medrec restore FILE`: put a copy back into an empty place."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from medrec import backups
from medrec.cli import Refused
from medrec.config import SettingFault, data_dir_argument, settings_of


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a copy made by medrec backup")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 when put back and found whole; never over a database that is there."""
    try:
        backups.restore(settings_of(args), args.file)
    except (backups.BackupFault, SettingFault) as fault:
        raise Refused(str(fault)) from fault
    sys.stdout.write("put back and whole; if it is of an earlier version, run medrec db upgrade\n")
    return 0
