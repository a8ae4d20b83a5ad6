"""How a command opens the store: settings, keys, migrations; whatever is wrong is one line on stderr."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from medrec.cli import Refused
from medrec.config import SettingFault, settings_of
from medrec.db import Database, open_database
from medrec.logs import to_stderr
from medrec.notices.registering import register


@contextmanager
def opened(args: Namespace) -> Iterator[Database]:
    """The store of this command's `--data-dir`, closed at the end. Raises `Refused`."""
    to_stderr()
    register()
    try:
        database = open_database(settings_of(args))
    except SettingFault as fault:
        raise Refused(str(fault)) from fault
    except OperationalError as away:
        msg = "the database can't be reached"
        raise Refused(msg) from away
    try:
        yield database
    finally:
        database.close()
