"""`medrec read`: what messages say, as JSON or in words. Nothing is stored and nothing is judged."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from formats.errors import FormatError
from formats.neutral_message import reading_json
from formats.read import read
from formats.schemas import Schemas
from formats.statement import Allergy, Reading, Statement
from medrec.cli import Refused, one_line

_KIND_WIDTH = 14


@dataclass(frozen=True, slots=True)
class Unopened:
    """A file that the machine does not give: nothing was read of it."""

    text: str

    def __str__(self) -> str:
        return self.text


Answer = Reading | FormatError | Unopened


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="messages, in any mix of formats")
    parser.add_argument("--json", action="store_true", help="a list with one object for each file")
    parser.add_argument("--schemas", type=Path, help="the folder of the official schemas (all.xsd): tell breaches too")


def run(args: argparse.Namespace) -> int:
    """Read every file and tell of all of them; each that was refused is a line on stderr too. 1 where any was."""
    schemas = _schemas(args.schemas)
    answers = [(path, _read(path, schemas)) for path in args.files]
    if args.json:
        print(json.dumps([_json(path, answer) for path, answer in answers], ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(text(path, answer) for path, answer in answers))
    refused = [(path, answer) for path, answer in answers if not isinstance(answer, Reading)]
    for path, answer in refused:
        print(f"medrec read: {one_line(f'{path}: {answer}')}", file=sys.stderr)
    return int(bool(refused))


def _schemas(folder: Path | None) -> Schemas | None:
    if folder is None:
        return None
    try:
        return Schemas(folder)
    except Exception as wrong:
        msg = f"{folder}: no schemas there (all.xsd)"
        raise Refused(msg) from wrong


def _read(path: Path, schemas: Schemas | None) -> Answer:
    try:
        return read(path.read_bytes(), schemas=schemas)
    except OSError as wrong:
        return Unopened(wrong.strerror or str(wrong))
    except FormatError as wrong:
        return wrong


def _json(path: Path, answer: Answer) -> dict[str, object]:
    if isinstance(answer, Unopened):
        return {"file": str(path), "error": {"code": "unopened", "place": "/", "text": answer.text}}
    if isinstance(answer, FormatError):
        return {"file": str(path), "error": {"code": answer.code.value, "place": answer.place, "text": answer.text}}
    told = {"file": str(path)} | reading_json(answer)
    return told | ({"breaches": list(answer.breaches)} if answer.breaches else {})


def text(path: Path, answer: Answer) -> str:
    """One file's answer in words, the source's own words unchanged."""
    if not isinstance(answer, Reading):
        return f"{path}\n  refused: {answer}"
    return "\n".join([f"{path}", *_lines(answer)])


def _lines(reading: Reading) -> list[str]:
    person = reading.person
    who = (
        " ".join(filter(None, (person.identifiers[0].value if person.identifiers else "", person.name)))
        if person
        else ""
    )
    when = f", as of {reading.as_of.isoformat()}" if reading.as_of else ""
    lines = [f"  {reading.message} from {reading.source or 'nobody known'}{when}", f"  about {who or 'nobody named'}"]
    lines += [
        f"  gap: {g.code}{': ' + g.text if g.text else ''}{'' if g.limits else ' (limits nothing)'}"
        for g in reading.gaps
    ]
    lines += [_statement(s) for s in reading.statements]
    lines += [_allergy(a) for a in reading.allergies]
    lines += [f"  not understood: {u.reason}: {u.text} ({u.place.path})" for u in reading.unread]
    lines += [f"  breach: {b}" for b in reading.breaches]
    return lines + [line for inner in reading.also for line in _lines(inner)]


def _statement(s: Statement) -> str:
    said = (
        s.status,
        f"decided {s.decided}" if s.decided else None,
        f"from {s.start}" if s.start else None,
        f"until {s.end}" if s.end else None,
        f"valid to {s.valid_to}" if s.valid_to else None,
        f"dispensed {s.last_dispensed}" if s.last_dispensed else None,
        f"aside: {s.aside}" if s.aside else None,
    )
    dose = f": {' '.join(s.dose_text.split())}" if s.dose_text else ""
    facts = ", ".join(str(f) for f in said if f)
    return f"  {s.kind:<{_KIND_WIDTH}} {s.name or '(no name)'}{dose}{' [' + facts + ']' if facts else ''}"


def _allergy(a: Allergy) -> str:
    more = ", ".join(filter(None, (str(a.atc or ""), a.reaction, a.certainty, "refuted" if a.refuted else "")))
    return f"  {'allergy':<{_KIND_WIDTH}} {a.text}{' [' + ' '.join(more.split()) + ']' if more else ''}"
