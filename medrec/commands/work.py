"""`medrec work`: reconcile what is waiting, once or for as long as it runs; fetch and notify where there is a turn."""

import signal
import sys
import threading
from argparse import ArgumentParser, Namespace

from medrec import work
from medrec.config import data_dir_argument
from medrec.opening import opened
from medrec.schedule import Schedule


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--once", action="store_true", help="until nobody waits, then end")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 when ended in order; with `--once` 1 when a judgement failed."""
    with opened(args) as database:
        if args.once:
            done = work.run_once(database)
            sys.stdout.write(f"{done.judged} judged, {done.changed} new versions, {done.failed} failed\n")
            return 1 if done.failed else 0
        told = told_to_end()
        worker = work.Worker(database, database.settings.drain_seconds).start()
        helping = None if database.settings.is_sqlite else Schedule(database, worker.wake, helping=True).start()
        told.wait()
        if helping:
            helping.stop()
        worker.stop()
    return 0


def told_to_end() -> threading.Event:
    """Set when SIGTERM or Ctrl-C comes; from now on neither ends the process by itself."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    signal.signal(signal.SIGINT, lambda *_: told.set())
    return told
