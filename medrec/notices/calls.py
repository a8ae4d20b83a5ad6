"""A critical flag is a phone call: whom to call now, the number, and a record of who was reached and what was said."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from medrec import clock, roster
from medrec.actions import By
from medrec.db import settings_in
from medrec.notices import outbox
from medrec.notices.addresses import OUT_OF_HOURS, AddressFault, addresses
from medrec.records import outbox as rows
from medrec.records import phone_call

OPENS, CLOSES = time(8), time(15)
"""A GP office answers on working days from 08:00 (inclusive) to 15:00 (exclusive)."""
_SATURDAY = 5
_FIXED = {(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)}
_AROUND_EASTER = (-3, -2, 0, 1, 39, 49, 50)


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call. `role`: gp, out-of-hours or pharmacy. `number` "": nobody here knows it."""

    name: str
    number: str
    role: str


def whom_to_call(session: Session, person_id: str, code: str, now: datetime) -> Call:
    """The pharmacy for what is in the roll (E), else the GP office in hours, else the out-of-hours doctor."""
    care = roster.care_of(session, person_id, clock.day_of(now))
    if code.startswith("E") and care and care.pharmacy_her_id and is_open(now):
        try:
            book = addresses(settings_in(session).data_dir)
        except AddressFault:
            book = None
        known = book.of(care.pharmacy_her_id) if book else None
        if known and known.phone:
            return Call(known.name or "Multidoseapoteket", known.phone, "pharmacy")
    if care and care.gp.phone and is_open(now):
        return Call(", ".join(filter(None, (care.gp.name, care.gp.office))), care.gp.phone, "gp")
    return Call("Legevakt", OUT_OF_HOURS, "out-of-hours")


def is_open(now: datetime) -> bool:
    """True in the hours of a GP office: no Saturday, Sunday or public holiday."""
    local = now.astimezone(clock.OSLO)
    return local.weekday() < _SATURDAY and not is_holiday(local.date()) and OPENS <= local.time() < CLOSES


def is_holiday(on: date) -> bool:
    """A Norwegian public holiday."""
    easter = _easter(on.year)
    return (on.month, on.day) in _FIXED or any(on == easter + timedelta(days=d) for d in _AROUND_EASTER)


def _easter(year: int) -> date:
    """Easter Sunday by the anonymous Gregorian reckoning."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def record_call(
    session: Session, *, person_id: str, discrepancy_id: str, called: Call, reached: str, said: str, by: By
) -> str:
    """Keep who was reached and what was said; the tasks to call about this flag are done where somebody was reached."""
    call_id = secrets.token_hex(12)
    row = {"id": call_id, "person_id": person_id, "discrepancy_id": discrepancy_id, "reached": reached, "said": said}
    row |= {"called_name": called.name, "called_number": called.number, "called_role": called.role}
    session.execute(insert(phone_call).values(**row, by_id=by.id, by_name=by.name, at=clock.now()))
    open_ = (rows.c.kind == outbox.Kind.TASK.value, rows.c.state == outbox.State.OPEN.value)
    found = session.scalars(select(rows.c.data).where(*open_, rows.c.person_id == person_id)).all()
    for told in map(json.loads, found if reached else ()):
        if told.get("discrepancy") == discrepancy_id:
            outbox.close_task(session, told["why"], told["about"])
    return call_id
