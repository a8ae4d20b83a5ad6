"""`medrec reconcile`: one list with its discrepancies from messages about one person, offline."""

import argparse
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from formats.drug import Catalogue
from formats.errors import FormatError
from formats.fest import open_fest, read_fest
from formats.read import read
from formats.statement import Reading, Source
from medrec import catalogue, clock, wording
from medrec.cli import Misused, Refused, day
from medrec.config import SettingFault, settings
from medrec.db import open_database
from medrec.demo.catalogue import demo_catalogue
from medrec.offline import TwoPersonsError, case_of
from medrec.present import Statements, dose_text, list_json
from rules.conclusion import Discrepancy, Line, Reconciliation
from rules.reconcile import reconcile


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="messages about one person, in any mix of formats")
    parser.add_argument("--today", type=day, help="judge as on this day (YYYY-MM-DD)")
    parser.add_argument("--fest", type=Path, help="a FEST file (M30, .xml or .zip) to look drugs up in")
    parser.add_argument("--answered", default="", help="sources that answered and had nothing: RF,GP,HP")
    parser.add_argument("--format", choices=("text", "json", "fhir"), default="text")
    parser.add_argument("--language", choices=wording.LANGUAGES, default="nb")
    parser.add_argument("--data-dir", type=Path, help="where a loaded catalogue lies")


def run(args: argparse.Namespace) -> int:
    """Read, judge, tell. 1 where a message is refused or the messages speak of two persons."""
    readings = [_read(Path(name)) for name in args.files]
    try:
        case = case_of(readings, answered=_answered(args.answered))
    except TwoPersonsError as two:
        names = f"{args.files[two.first]} and {args.files[two.other]}"
        msg = f"two-persons: {names} are about different persons; nothing was reconciled"
        raise Refused(msg) from None
    on = args.today or clock.today()
    told = reconcile(case, _catalogue(args), on)
    statements = {s.id: s for s in case.statements}
    if args.format == "json":
        print(json.dumps(list_json(told, statements, language=args.language, as_of=on), ensure_ascii=False, indent=1))
    elif args.format == "fhir":
        from medrec.fhir_list import document  # noqa: PLC0415 - only this form needs it

        print(json.dumps(document(told, statements, as_of=on), ensure_ascii=False, indent=1))
    else:
        print("\n".join(text(told, statements, on, args.language)))
    return 0


def _read(path: Path) -> Reading:
    try:
        return read(path.read_bytes())
    except OSError as wrong:
        msg = f"{path}: {wrong.strerror}"
        raise Refused(msg) from None
    except FormatError as wrong:
        msg = f"{path}: {wrong}"
        raise Refused(msg) from None


def _answered(text_: str) -> frozenset[Source]:
    try:
        return frozenset(Source(part.strip()) for part in text_.split(",") if part.strip())
    except ValueError:
        msg = f"--answered takes RF, GP and HP, not {text_!r}"
        raise Misused(msg) from None


def _catalogue(args: argparse.Namespace) -> Catalogue:
    """The named FEST file, else the one loaded in the data folder, else the demo's small one."""
    if args.fest:
        try:
            with args.fest.open("rb") as stream:
                content = read_fest(open_fest(stream))
                return content.catalogue(f"FEST {content.fetched[:10]}")
        except OSError as wrong:
            msg = f"{args.fest}: {wrong.strerror}"
            raise Refused(msg) from None
        except FormatError as wrong:
            msg = f"{args.fest}: {wrong}"
            raise Refused(msg) from None
    return _loaded(args.data_dir) or demo_catalogue()


def _loaded(data_dir: Path | None) -> Catalogue | None:
    """The catalogue in use in a data folder; `None` where there is no such folder or nothing was loaded."""
    try:
        chosen = settings(data_dir)
        if chosen.is_sqlite and not (chosen.data_dir / "medrec.db").exists():
            return None
        database = open_database(chosen)
    except SettingFault:
        return None
    with database.reading() as session:
        found = catalogue.current(session)
    database.close()
    return found if found.by_id else None


def text(told: Reconciliation, statements: Statements, on: date, language: str) -> Sequence[str]:
    """The list for a terminal: gaps first, then each section with its lines and their flags."""
    whole = "komplett" if told.complete else "UFULLSTENDIG"
    out = [f"Legemiddelliste {wording.day(on, language)} · {told.catalogue} · {whole}"]
    out += [f"! {wording.gap(g, language)}" for g in told.gaps if g.limits]
    out += [f"  ({wording.gap(g, language)})" for g in told.gaps if not g.limits]
    out += [f"CAVE {a.text}" for a in told.allergies if not a.refuted]
    section = None
    for line in told.lines:
        if line.section is not section:
            section = line.section
            out += ["", wording.SECTION[section][language].upper()]
        out += _line(line, told, statements, language)
    on_lines = {key for line in told.lines for key in (line.key,)}
    loose = [d for d in told.discrepancies if not on_lines & set(d.lines)]
    if loose:
        out += ["", "LISTEN SOM HELHET", *(_flag(d, language) for d in loose)]
    if told.aside:
        out += ["", f"Satt til side: {len(told.aside)} utsagn"]
    return out


def _line(line: Line, told: Reconciliation, statements: Statements, language: str) -> list[str]:
    strength = f" {line.strength}" if line.strength and line.strength not in line.name else ""
    dose = dose_text(line, statements, language) or "dose ikke oppgitt"
    state = f"{wording.STATUS[line.status][language]}; {wording.DOSE_STATE[line.dose.state][language]}"
    out = [f"- {line.name}{strength}: {dose}  [{state}]"]
    for said in line.dose.as_said:
        words = wording.ended(said, language) if said.status else repr(said.text)
        out.append(f"    {words} ({wording.told(said.source, language)})")
    out += [_flag(d, language) for d in told.discrepancies if line.key in d.lines]
    return out


def _flag(flag: Discrepancy, language: str) -> str:
    who = wording.OWNER[flag.owner][language]
    return (
        f"  {wording.SEVERITY[flag.severity][language].upper()} {flag.code}: {wording.sentence(flag, language)} → {who}"
    )
