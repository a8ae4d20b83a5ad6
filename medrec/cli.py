"""The command line: `medrec ...`. A table of commands; a command's module is imported only when it is asked for.

Each module in `medrec/commands/` offers `arguments(parser)` and `run(args) -> int` (0 done, 1 refused or a check
failed; argparse itself answers 2 for wrong usage). Errors are one clear line on stderr, never a traceback.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

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


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 the input was refused or a check failed, 2 wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
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
    return argparse.ArgumentParser(
        prog="medrec",
        usage="medrec COMMAND ...",
        description="One medication list from registry, GP and journal, with its discrepancies flagged.",
        epilog=f"commands (medrec COMMAND --help tells more):\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _run(name: str, words: Sequence[str]) -> int:
    command = import_module(f"medrec.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"medrec {name}", description=COMMANDS[name])
    command.arguments(parser)
    args = parser.parse_args(words)
    try:
        return int(command.run(args))
    except Refused as refusal:
        print(f"medrec {name}: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
