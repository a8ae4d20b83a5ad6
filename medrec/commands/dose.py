"""`medrec dose`: read Norwegian dosing texts, one JSON object a line with the columns of the dosing corpus."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from formats.dosage import read_dose, render_reading
from formats.dosage.text import columns
from medrec.cli import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    """Texts on the command line, or a file with one a line; not both."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="a dosing text")
    parser.add_argument(
        "--lines", metavar="FILE", type=Path, help="a UTF-8 file with one text a line (- for standard input)"
    )


def run(args: argparse.Namespace) -> int:
    """Print one line of JSON for each text, in the order given."""
    if args.lines is None and not args.text:
        raise Refused("give a text, or --lines FILE")  # noqa: EM101, TRY003 - the line that is printed
    if args.lines is not None and args.text:
        raise Refused("give texts or --lines FILE, not both")  # noqa: EM101, TRY003 - the line that is printed
    for text in args.text if args.lines is None else _lines(args.lines):
        sys.stdout.write(json.dumps(answer(text), ensure_ascii=False) + "\n")
    return 0


def answer(text: str) -> dict[str, object]:
    """The reading of `text`: strings as in the corpus, `prn` a bool, `flags` a list, and `rendered` in Bokmål."""
    reading = read_dose(text)
    row: dict[str, object] = dict(columns(reading))
    row["prn"] = row["prn"] == "1"
    row["flags"] = list(reading.flags)
    row["rendered"] = render_reading(reading)
    return row


def _lines(path: Path) -> Iterator[str]:
    try:
        content = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"can't read {path}: {type(fault).__name__}") from None  # noqa: EM102, TRY003 - as above
    # only line ends part texts: a text may hold other characters that Python counts as such
    yield from content.removesuffix("\n").split("\n") if content else ()
