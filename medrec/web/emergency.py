"""The night's emergency set: one self-contained page a person and an index, for when every source is down (S22)."""

import secrets
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from flask import g, render_template
from sqlalchemy.orm import Session

from medrec import clock, worklist
from medrec.access import log, relation
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.db import Database
from medrec.web import patient
from medrec.web.view import ListView
from medrec.worklist import WorkRow
from rules.conclusion import Severity

PRINTER = User(id="system:print", name="medrec print", role=Role.SYSTEM)
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Sheet:
    """One written page and what the index tells of it."""

    file: str
    name: str
    born: date | None
    worst: Severity | None
    complete: bool


def write_set(database: Database, district: str, out: Path, language: str = "nb") -> tuple[Sheet, ...]:
    """Write the sheets of everyone in `district`'s care today into `out`, and `index.html` last.

    Files are named by opaque ids, readable by their owner alone. Each sheet leaves a row in the access log;
    a blocked patient has none.
    Raises OSError where the folder can't be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    css = files("medrec").joinpath("static/sheet.css").read_text(encoding="utf-8")
    app = create_app(database)
    with app.test_request_context(headers={"Accept-Language": language}):
        g.user = PRINTER
        with database.writing() as session:
            shut = relation.blocked(session)
            mine = [row for row in _rows(session, district) if row.person_id not in shut]
            sheets = [_sheet(session, row, out, css) for row in mine]
        sheets.sort(key=lambda s: s.name.casefold())
        page = render_template("print_index.html", district=district, sheets=sheets, css=css, now=clock.now())
    _write(out / "index.html", page)
    return tuple(sheets)


def _rows(session: Session, district: str) -> list[WorkRow]:
    found: list[WorkRow] = []
    after: str | None = None
    while True:
        part = worklist.worklist(session, district=district, after=after, limit=200)
        found += part.rows
        after = part.cursor
        if after is None:
            return found


def _sheet(session: Session, row: WorkRow, out: Path, css: str) -> Sheet:
    log.record(session, PRINTER, "print", person_id=row.person_id, why="COC")
    told = patient.told(session, row.person_id)
    file = f"{row.person_id}.html"
    _write(out / file, render_template("sheet.html", css=css, **told))
    card, view = told["card"], told["view"]
    return Sheet(
        file=file,
        name=getattr(card, "name", ""),
        born=getattr(card, "birth_date", None),
        worst=row.worst,
        complete=isinstance(view, ListView) and not view.gaps,
    )


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.touch(mode=_OWNER_ONLY)
    part.write_text(text, encoding="utf-8")
    part.replace(path)
