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
from medrec.notices.around import pharmacy_of
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
    if code.startswith("E") and is_open(now):
        try:
            book = addresses(settings_in(session).data_dir)
        except AddressFault:
            book = None
        pharmacy = pharmacy_of(care, book)
        if pharmacy and pharmacy.phone:
            return Call(pharmacy.name or "Multidoseapoteket", pharmacy.phone, "pharmacy")
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
    session: Session,
    *,
    person_id: str,
    discrepancy_id: str | None,
    called: Call,
    reached: str,
    said: str,
    by: By,
    task_id: str = "",
) -> str:
    """Keep who was reached and what was said; where somebody was reached, the tasks about it are done.

    `discrepancy_id`: of a flag of this person, `None` where it is about a letter that did not arrive; `task_id`: the
    task it was made for, done beside those of the flag.
    """
    call_id = secrets.token_hex(12)
    row = {"id": call_id, "person_id": person_id, "discrepancy_id": discrepancy_id, "reached": reached, "said": said}
    row |= {"called_name": called.name, "called_number": called.number, "called_role": called.role}
    session.execute(insert(phone_call).values(**row, by_id=by.id, by_name=by.name, at=clock.now()))
    open_ = (rows.c.kind == outbox.Kind.TASK.value, rows.c.state == outbox.State.OPEN.value)
    found = session.execute(select(rows.c.id, rows.c.data).where(*open_, rows.c.person_id == person_id)).all()
    for row_id, data in found if reached else ():
        told = json.loads(data)
        if row_id == task_id or (discrepancy_id and told.get("discrepancy") == discrepancy_id):
            outbox.close_task(session, told["why"], told["about"])
    return call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call that was made. `reached` "": nobody answered."""

    id: str
    discrepancy_id: str | None
    called: Call
    reached: str
    said: str
    by_name: str
    at: datetime


def calls_made(session: Session, person_id: str) -> tuple[Called, ...]:
    """Calls about a person, the newest first."""
    found = select(phone_call).where(phone_call.c.person_id == person_id).order_by(phone_call.c.at.desc())
    return tuple(
        Called(
            id=row.id,
            discrepancy_id=row.discrepancy_id,
            called=Call(row.called_name, row.called_number, row.called_role),
            reached=row.reached,
            said=row.said,
            by_name=row.by_name,
            at=row.at,
        )
        for row in session.execute(found)
    )


def spaced(number: str) -> str:
    """A telephone number as it is read aloud: 73 00 00 11, 116 117."""
    digits = number.replace(" ", "")
    size = 2 if len(digits) == 8 else 3  # noqa: PLR2004 - Norwegian numbers have eight digits
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size))
