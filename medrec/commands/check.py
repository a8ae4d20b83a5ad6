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
    if not done:
        msg = f"{', '.join(map(str, args.files))}: no worked case is there, so nothing was checked"
        raise Refused(msg)
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
    except yaml.MarkedYAMLError as wrong:
        msg = f"{path}: not-yaml: {_place(wrong)}: {wrong.problem or wrong.context}"
        raise Refused(msg) from None
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        msg = f"{path}: encoding: line {line} is not UTF-8"
        raise Refused(msg) from None
    except (ValueError, yaml.YAMLError, FormatError) as wrong:
        msg = f"{path}: {str(wrong).splitlines()[0]}"
        raise Refused(msg) from None


def _place(wrong: yaml.MarkedYAMLError) -> str:
    """Line and column in the case's own block, counted from 1."""
    mark = wrong.problem_mark or wrong.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1} of its block" if mark else "/"
