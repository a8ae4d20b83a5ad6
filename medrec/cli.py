"""The command line: `medrec ...`. A table of commands; a command's module is imported only when it is asked for.

Each module in `medrec/commands/` offers `arguments(parser)` and `run(args) -> int` (0 done, 1 refused or a check
failed, 2 wrong usage). Errors are one clear line on stderr, never a traceback.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import NoReturn

COMMANDS: dict[str, str] = {
    "demo": "make a synthetic municipality, send its messages through the pipeline and serve it",
    "read": "what a message says",
    "reconcile": "one list with its discrepancies from any mix of messages about one person, offline",
    "dose": "read Norwegian dosing text",
    "check": "run worked cases",
    "rules": "the rulebook as a pharmacist reads it",
    "ingest": "take in files or folders",
    "roster": "who is whose: load the roster",
    "fest": "the drug catalogue: load, status",
    "quarantine": "what could not be read: list, show, retry, release",
    "serve": "the web (and with --all worker and scheduler too)",
    "work": "reconcile what is waiting",
    "schedule": "the scheduler",
    "refresh": "judge again, everyone or who is waiting",
    "notices": "notices to GPs: list, send, retry, export",
    "print": "the night's emergency sheets",
    "audit": "the access log: verify, anchor, export",
    "access": "who has which role; block a patient's list, lift the block; sweep old sessions",
    "person": "a death, two persons found to be one or one to be two; a patient's data exported or deleted",
    "token": "create an API token",
    "config": "every setting, its value and where it comes from",
    "doctor": "is this installation well",
    "db": "the database: upgrade, check",
    "backup": "copy the database while it runs",
    "restore": "put a copy back",
    "bench": "the speed of each step as a ratio to its floor",
}


class Refused(Exception):  # noqa: N818 - it is an answer to the person at the terminal, not a fault
    """A command refuses its input; the message is the one line that is printed."""


class Misused(Refused):
    """The words of a command don't go together: wrong usage, where the parser alone can't see it."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; how the command is used stands in its help."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {one_line(message)}; see {self.prog} --help\n")


def one_line(text: str) -> str:
    """A message as one line, whatever stands in the names of files and arguments that it repeats."""
    return " ".join(text.split())


def day(text: str) -> date:
    """A day given as an argument, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no day (YYYY-MM-DD)"
        raise argparse.ArgumentTypeError(msg) from None


def count(text: str) -> int:
    """A number of one or more given as an argument."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) < 10**9:
        msg = f"{text!r} is no number of 1 or more"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 the input was refused or a check failed, 2 wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a byte that is no text, in a file's name: also in JSON
    parser = _overview()
    if not words or words[0] in {"-h", "--help"}:
        parser.print_help(sys.stdout if words else sys.stderr)
        return 0 if words else 2
    if words[0] not in COMMANDS:
        print(f"medrec: unknown command {words[0]!r}; see medrec --help", file=sys.stderr)
        return 2
    return _run(words[0], words[1:])


def _overview() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    table = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    return _Parser(
        prog="medrec",
        usage="medrec COMMAND ...",
        description="One medication list from registry, GP and journal, with its discrepancies flagged.",
        epilog=f"commands (medrec COMMAND --help tells more):\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _run(name: str, words: Sequence[str]) -> int:
    try:
        command = import_module(f"medrec.commands.{name}")
        parser = _Parser(prog=f"medrec {name}", description=COMMANDS[name])
        command.arguments(parser)
        done = int(command.run(parser.parse_args(words)))
        sys.stdout.flush()
    except Refused as refusal:
        print(f"medrec {name}: {one_line(str(refusal))}", file=sys.stderr)
        return 2 if isinstance(refusal, Misused) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except OSError as fault:
        print(f"medrec {name}: {_of_the_machine(fault)}", file=sys.stderr)
        return 1
    return done


def _of_the_machine(fault: OSError) -> str:
    """A disk that is full, a folder that may not be written: what, and where."""
    where = f"{fault.filename}: " if fault.filename is not None else ""
    return one_line(f"{where}{fault.strerror or fault}")
