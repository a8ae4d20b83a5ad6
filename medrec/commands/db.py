"""`medrec db upgrade|check|rekey`: the database's migrations, its soundness, and sealing anew after a new key."""

import sys
from argparse import ArgumentParser, Namespace

from sqlalchemy.exc import OperationalError

from medrec import rekey
from medrec.cli import Refused
from medrec.config import SettingFault, Settings, data_dir_argument, settings_of
from medrec.db import NEWEST, engine_for, pending, upgrade
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="upgrade|check|rekey")
    data_dir_argument(does.add_parser("upgrade", help="bring the database to the newest migration"))
    data_dir_argument(does.add_parser("check", help="is it at the newest migration, and do the keys open it"))
    data_dir_argument(does.add_parser("rekey", help="seal everything anew with the current key"))


def run(args: Namespace) -> int:
    """0 done or well, 1 when `check` finds it behind."""
    try:
        return {"upgrade": _upgrade, "check": _check, "rekey": _rekey}[args.does](args)
    except SettingFault as fault:
        raise Refused(str(fault)) from fault
    except OperationalError as away:
        msg = "the database can't be reached"
        raise Refused(msg) from away


def _upgrade(args: Namespace) -> int:
    found = settings_of(args)
    _ = found.keys  # without keys nothing is made: a database that can't be opened again helps nobody
    sys.stdout.write(f"the database is at {upgrade(found)}\n")
    return 0


def _check(args: Namespace) -> int:
    state = state_of(settings_of(args))
    if state:
        sys.stdout.write(f"the database is {state}; newest migration: {NEWEST}\n")
        return 1
    with opened(args) as database:
        wrong = rekey.unopened(database)
    sys.stdout.write(f"the database is at {NEWEST}; {wrong or 'no'} values do not open\n")
    return 1 if wrong else 0


def state_of(found: Settings) -> str:
    """As `medrec.db.pending`; a file that is not there is empty, and a look at it makes none."""
    if found.is_sqlite and not (found.data_dir / "medrec.db").exists():
        return "empty"
    engine = engine_for(found)
    try:
        return pending(engine)
    finally:
        engine.dispose()


def _rekey(args: Namespace) -> int:
    with opened(args) as database:
        done = rekey.seal_anew(database)
    sys.stdout.write(f"{done} values sealed anew\n")
    return 0
