"""`medrec dose`: read Norwegian dosing texts, one JSON object a line with the columns of the dosing corpus."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from formats.dosage import read_dose, render_reading
from formats.dosage.text import columns
from medrec.cli import Misused, Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    """Texts on the command line, or a file with one a line; not both."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="a dosing text")
    parser.add_argument(
        "--lines", metavar="FILE", type=Path, help="a UTF-8 file with one text a line (- for standard input)"
    )


def run(args: argparse.Namespace) -> int:
    """Print one line of JSON for each text, in the order given."""
    if args.lines is None and not args.text:
        raise Misused("give a text, or --lines FILE")  # noqa: EM101, TRY003 - the line that is printed
    if args.lines is not None and args.text:
        raise Misused("give texts or --lines FILE, not both")  # noqa: EM101, TRY003 - the line that is printed
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
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        content = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as fault:
        raise Refused(f"{path}: {fault.strerror}") from None  # noqa: EM102, TRY003 - as above
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise Refused(f"{path}: encoding: line {line} is not UTF-8") from None  # noqa: EM102, TRY003 - as above
    # only line ends part texts: a text may hold other characters that Python counts as such
    yield from content.removesuffix("\n").split("\n") if content else ()
