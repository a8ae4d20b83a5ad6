"""Who is whose: district, care relation, next visit, GP of record, pharmacy. Loaded whole; nothing is ever deleted.

A row that vanishes from the roster ends the relation on that day; a row that differs replaces the earlier one, which
stays as history.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, RowMapping, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from medrec import clock, life, persons
from medrec.glance import Asked
from medrec.records import roster

COLUMNS = (
    "identifier",
    "name",
    "district",
    "from",
    "to",
    "next_visit",
    "gp_hpr",
    "gp_name",
    "gp_office",
    "gp_her_id",
    "gp_phone",
    "pharmacy_her_id",
    "pharmacy_name",
    "pharmacy_phone",
    "nursing_home",
)
_A_NUMBER = 6
"""As many digits as a birth date has: a heading with these may be somebody's number, and is not repeated."""
_SAID = {"": False, "no": False, "nei": False, "yes": True, "ja": True}
_KEPT = ("ends", "next_visit", "nursing_home", *(name for name in COLUMNS if name.startswith(("gp_", "pharmacy_"))))


def in_force(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The relations that hold on a day."""
    began = roster.c.replaced_at.is_(None) & (roster.c.starts <= day)
    return began & or_(roster.c.ends.is_(None), roster.c.ends >= day)


_IN_FORCE = select(roster).where(in_force(bindparam("day"))).order_by(roster.c.starts, roster.c.id)
_OF_THESE = Asked(_IN_FORCE.where(roster.c.person_id.in_(bindparam("persons", expanding=True))))
_OF_ALL = Asked(_IN_FORCE)
_DISTRICTS = Asked(_IN_FORCE.order_by(None).with_only_columns(roster.c.district).distinct())
_OF_ONE = Asked(
    _IN_FORCE.where(roster.c.person_id == bindparam("person"))
    .order_by(None)
    .order_by(roster.c.starts.desc(), roster.c.id.desc())
    .limit(1)
)


_Key = tuple[str, str, date]
"""One relation: person, district, first day."""


class RosterError(ValueError):
    """A roster that is refused whole: line (1 is the heading) and reason. Never carries the identity number."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One line of the roster. `starts` and `ends` are inclusive days; `next_visit` a moment with a zone.

    `nursing_home`: lives in one while the relation lasts; other criteria and limits hold there (rules.md NORGEP-NH).
    """

    identifier: str
    name: str = ""
    district: str
    starts: date
    ends: date | None = None
    next_visit: datetime | None = None
    gp_hpr: str = ""
    gp_name: str = ""
    gp_office: str = ""
    gp_her_id: str = ""
    gp_phone: str = ""
    pharmacy_her_id: str = ""
    pharmacy_name: str = ""
    pharmacy_phone: str = ""
    nursing_home: bool = False


@dataclass(frozen=True, slots=True)
class GpOfRecord:
    """The GP a person is listed with."""

    hpr: str = ""
    name: str = ""
    office: str = ""
    her_id: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """A care relation. `ends` is inclusive, `None` while it lasts."""

    person_id: str
    district: str
    starts: date
    ends: date | None
    next_visit: datetime | None
    gp: GpOfRecord
    pharmacy_her_id: str
    pharmacy_name: str = ""
    pharmacy_phone: str = ""
    nursing_home: bool = False


@dataclass(frozen=True, slots=True)
class RosterOutcome:
    """What loading a roster did, in persons and relations."""

    persons: int
    started: int
    changed: int
    ended: int


def read_csv(raw: bytes) -> tuple[RosterRow, ...]:
    """The rows of a roster file: UTF-8 (with or without a mark), `;`, a heading line naming `COLUMNS` in any order.

    A heading that is none of them or stands twice is refused: what stood under it would be lost.
    Dates are ISO or dd.mm.yyyy; `next_visit` a date with time, Oslo time where no zone is given;
    `nursing_home` yes, no (ja, nei) or empty for no. Raises `RosterError` for the first line that can't be read;
    nothing is loaded of such a file.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise RosterError(1, "the file is not UTF-8") from wrong
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        heading = _heading(next(lines, []))
        return tuple(_row(lines.line_num, heading, cells) for cells in lines if any(c.strip() for c in cells))
    except csv.Error as wrong:
        raise RosterError(lines.line_num, "not a line of a CSV file") from wrong


def _heading(cells: list[str]) -> list[str]:
    """The names of the columns; "" where a column has none (a spreadsheet's empty ones at the end)."""
    heading = [name.strip().lower() for name in cells]
    missing = [name for name in ("identifier", "district", "from") if name not in heading]
    if missing:
        raise RosterError(1, f"no column {', '.join(missing)}; expected: {';'.join(COLUMNS)}")
    for place, name in enumerate(heading):
        if name and name not in COLUMNS:
            said = name if sum(c.isdigit() for c in name) < _A_NUMBER else "what stands there"
            raise RosterError(1, f"column {place + 1}: {said} is no column of a roster; expected: {';'.join(COLUMNS)}")
        if name and name in heading[:place]:
            raise RosterError(1, f"column {place + 1}: {name} stands twice")
    return heading


def _row(line: int, heading: list[str], cells: list[str]) -> RosterRow:
    if len(cells) > len(heading):
        raise RosterError(line, f"{len(cells)} cells under {len(heading)} headings")
    for place, (name, cell) in enumerate(zip(heading, cells, strict=False)):
        if not name and cell.strip():
            raise RosterError(line, f"column {place + 1}: a cell under no heading")
    told = dict(zip(heading, (c.strip() for c in cells), strict=False))
    identifier = person_identifier("", told.get("identifier", ""))
    if identifier.type not in NATIONAL or not is_valid(identifier):
        raise RosterError(line, "identifier is not a valid national identity number")
    starts = _day(line, told, "from")
    if starts is None or not told.get("district"):
        raise RosterError(line, "district and from must be given")
    plain = {name: told.get(name, "") for name in COLUMNS if name.startswith(("gp_", "pharmacy", "name", "district"))}
    ends = _day(line, told, "to")
    if ends and ends < starts:
        raise RosterError(line, "to is before from")
    return RosterRow(
        identifier=identifier.value, starts=starts, ends=ends, next_visit=_moment(line, told, "next_visit"),
        nursing_home=_said(line, told, "nursing_home"), **plain,
    )  # fmt: skip


def _said(line: int, told: Mapping[str, str], name: str) -> bool:
    try:
        return _SAID[told.get(name, "").lower()]
    except KeyError as wrong:
        raise RosterError(line, f"{name} is neither yes, no nor empty") from wrong


def _day(line: int, told: Mapping[str, str], name: str) -> date | None:
    text = told.get(name, "")
    try:
        return datetime.strptime(text, "%d.%m.%Y").date() if "." in text else date.fromisoformat(text) if text else None  # noqa: DTZ007 - a day has no zone
    except ValueError as wrong:
        raise RosterError(line, f"{name} is not a date") from wrong


def _moment(line: int, told: Mapping[str, str], name: str) -> datetime | None:
    if not (text := told.get(name, "")):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise RosterError(line, f"{name} is not a date with time") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.OSLO)


def load(session: Session, rows: Iterable[RosterRow], today: date) -> RosterOutcome:
    """Make the roster be these rows. Relations not among them end `today`; changed persons are judged again."""
    wanted = _living(_keyed(session, rows), life.deaths(session), today)
    persons.rename_all(session, {key[0]: row.name for key, row in wanted.items()})
    held = _over(session, wanted, today) | _held(session, today)
    started = changed = 0
    touched: set[str] = set()
    for key, row in wanted.items():
        old = held.pop(key, None)
        if old is not None and all(old[name] == getattr(row, name) for name in _KEPT):
            continue
        started, changed = started + (old is None), changed + (old is not None)
        if old is None or any(old[n] != getattr(row, n) for n in _KEPT if n != "next_visit"):
            touched.add(key[0])
        _write(session, key, row, old)
    gone = [old for old in held.values() if old["ends"] is None or old["ends"] > today]
    for old in gone:
        touched.add(old["person_id"])
        session.execute(update(roster).where(roster.c.id == old["id"]).values(ends=today))
    persons.mark_dirty(session, touched)
    return RosterOutcome(len({k[0] for k in wanted}), started, changed, len(gone))


def _living(wanted: Mapping[_Key, RosterRow], deaths: Mapping[str, date], today: date) -> dict[_Key, RosterRow]:
    """Relations end with a life, whatever a roster that has not heard of it yet says."""
    told = {}
    for key, row in wanted.items():
        died = deaths.get(key[0])
        if died is None:
            told[key] = row
        elif died >= today:
            told[key] = replace(row, ends=min(filter(None, (row.ends, died))))
    return told


def _keyed(session: Session, rows: Iterable[RosterRow]) -> dict[_Key, RosterRow]:
    """The rows by whose relation they tell of; a number nobody here has makes a new person."""
    every = list(rows)
    known, told = persons.find_all(session, (row.identifier for row in every)), {}
    for row in every:
        if row.identifier not in known:
            identifier = person_identifier("", row.identifier)
            known[row.identifier] = persons.create(session, identifier, row.name, "roster")
        told[known[row.identifier], row.district, row.starts] = row
    return told


def _held(session: Session, today: date) -> dict[_Key, RowMapping]:
    """The relations that stand: not replaced, and not over before today."""
    return _of(session, or_(roster.c.ends.is_(None), roster.c.ends >= today))


def _over(session: Session, wanted: Mapping[_Key, RosterRow], today: date) -> dict[_Key, RowMapping]:
    """The relations that were over before today and that the roster still tells of as over."""
    told = {key: row.ends for key, row in wanted.items() if row.ends and row.ends < today}
    if not told:
        return {}
    known = _of(session, and_(roster.c.ends >= min(told.values()), roster.c.ends < today))
    return {key: old for key, old in known.items() if key in told}


def _of(session: Session, when: ColumnElement[bool]) -> dict[_Key, RowMapping]:
    rows = session.execute(select(roster).where(roster.c.replaced_at.is_(None), when).order_by(roster.c.id)).mappings()
    return {(row["person_id"], row["district"], row["starts"]): row for row in rows}


def _write(session: Session, key: _Key, row: RosterRow, old: RowMapping | None) -> None:
    moment = clock.now()
    if old is not None:
        session.execute(update(roster).where(roster.c.id == old["id"]).values(replaced_at=moment))
    kept = {name: getattr(row, name) for name in _KEPT}
    session.execute(insert(roster).values(person_id=key[0], district=key[1], starts=key[2], loaded_at=moment, **kept))


def care_of(session: Session, person_id: str, on: date) -> Care | None:
    """The care relation in force on a day (the latest begun where there are several), `None` where there is none."""
    return next((_care(row) for row in _OF_ONE.all(session, {"person": person_id, "day": on})), None)


def cares(session: Session, person_ids: Iterable[str] | None, on: date) -> dict[str, Care]:
    """Care relations in force on a day, of these persons or (with `None`) of everybody."""
    if person_ids is None:
        rows = _OF_ALL.all(session, {"day": on})
    else:
        rows = _OF_THESE.all(session, {"day": on, "persons": list(person_ids)})
    return {row.person_id: _care(row) for row in rows}


def _care(row: Any) -> Care:  # noqa: ANN401 - a row of the table
    return Care(
        person_id=row.person_id,
        district=row.district,
        starts=row.starts,
        ends=row.ends,
        next_visit=row.next_visit,
        gp=GpOfRecord(row.gp_hpr, row.gp_name, row.gp_office, row.gp_her_id, row.gp_phone),
        pharmacy_her_id=row.pharmacy_her_id,
        pharmacy_name=row.pharmacy_name,
        pharmacy_phone=row.pharmacy_phone,
        nursing_home=row.nursing_home,
    )


def gp_known_as(session: Session, hpr: str, on: date) -> GpOfRecord | None:
    """The GP with this HPR number as some relation in force on a day has them, `None` where nobody is listed there."""
    row = session.execute(
        select(roster).where(roster.c.gp_hpr == hpr, in_force(on)).order_by(roster.c.id.desc()).limit(1)
    ).first()
    return GpOfRecord(row.gp_hpr, row.gp_name, row.gp_office, row.gp_her_id, row.gp_phone) if row else None


def districts(session: Session, on: date) -> tuple[str, ...]:
    """The districts that have somebody in their care on a day, in alphabetical order."""
    return tuple(sorted(row.district for row in _DISTRICTS.all(session, {"day": on})))
