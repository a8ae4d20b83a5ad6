"""`medrec check`: run worked cases and say which hold."""

import argparse
import json
from pathlib import Path

import yaml

from formats.errors import FormatError
from medrec.cases import Checked, cases_in, check, outcome_json
from medrec.cli import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="markdown with yaml blocks, or YAML")
    parser.add_argument("--json", action="store_true", help="what was concluded of each case")


def run(args: argparse.Namespace) -> int:
    """Judge every case of every file. 1 where any does not hold."""
    done = [outcome for path in args.files for outcome in _checked(path)]
    if args.json:
        print(json.dumps([outcome_json(o) for o in done], ensure_ascii=False, indent=1))
    else:
        for outcome in done:
            print(f"{outcome.id:<6} {'holds' if outcome.passed else 'DIFFERS'}")
            for difference in outcome.differences:
                print(f"       {difference}")
        print(f"{sum(o.passed for o in done)} of {len(done)} cases hold")
    return int(not all(o.passed for o in done))


def _checked(path: Path) -> list[Checked]:
    try:
        return [check(case) for case in cases_in(path)]
    except OSError as wrong:
        msg = f"{path}: {wrong.strerror}"
        raise Refused(msg) from None
    except (ValueError, yaml.YAMLError, FormatError) as wrong:
        msg = f"{path.name}: {str(wrong).splitlines()[0]}"
        raise Refused(msg) from None
