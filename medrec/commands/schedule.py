"""`medrec schedule`: the scheduler on its own. Any number may run: what is due is taken by one of them."""

from argparse import ArgumentParser, Namespace

from medrec.commands.work import told_to_end
from medrec.config import data_dir_argument
from medrec.opening import opened
from medrec.schedule import Schedule


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 when ended in order. Workers find what it marks by themselves."""
    with opened(args) as database:
        told = told_to_end()
        schedule = Schedule(database, wake=lambda: None).start()
        told.wait()
        schedule.stop()
    return 0
