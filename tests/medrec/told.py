"""Small messages in the neutral form, and synthetic people: what the stories of this folder are told with."""

import json
from datetime import UTC, date, datetime, timedelta

from stdnum.no import fodselsnummer

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def number(serial: int, born: date = date(1941, 5, 17), *, d_number: bool = False) -> str:
    """A synthetic identity number (month + 80) with valid check digits; different for different serials."""
    day = born.day + (40 if d_number else 0)
    head = f"{day:02d}{born.month + 80:02d}{born.year % 100:02d}"
    found = (f"{head}{individual:03d}" for individual in range(serial * 7, 500))
    for nine in found:
        try:
            ten = nine + fodselsnummer.calc_check_digit1(nine + "00")
            eleven = ten + fodselsnummer.calc_check_digit2(ten + "0")
        except ValueError:
            continue
        if len(eleven) == 11 and eleven.isdigit():
            return eleven
    raise LookupError(serial)


ANNA, BERIT = number(1), number(2)


def medicine(name="Metoprolol 50 mg", dose="1 tablett morgen", **more):
    return {"kind": more.pop("kind", "liste"), "name": name, "dose_text": dose, "status": "active", **more}


def message(
    identifier=ANNA, *statements, source="GP", kinds=("liste",), hours=0, reach="whole", system="", person=None, **more
) -> bytes:
    """One neutral message. `hours`: the source's own time, hours from noon of `TODAY` (negative: before)."""
    told = {
        "medrec": "1",
        "source": source,
        "source_system": system,
        "as_of": (NOON + timedelta(hours=hours)).isoformat(),
        "reach": reach,
        "kinds": list(kinds),
        "statements": list(statements),
        **more,
    }
    if person is not None:
        told["person"] = person
    elif identifier is not None:
        told["person"] = {"identifier": identifier, "name": "Anna Eksempel"}
    return json.dumps(told, ensure_ascii=False).encode()


def rf(identifier=ANNA, *statements, **more) -> bytes:
    return message(identifier, *statements, source="RF", kinds=("resept", "utlevering"), **more)


def hp(identifier=ANNA, *statements, **more) -> bytes:
    return message(identifier, *statements, source="HP", kinds=("hjemmeliste",), **more)
