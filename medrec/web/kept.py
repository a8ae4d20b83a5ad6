"""A patient's page as it was rendered, served again while all that it was made of stands.

What enters, and how the key says it:

- the list, its flags and their states: version, revision and digest of the list, the day and moment it was last judged;
- what the sources say: a message marks the person as waiting for judgement in its own transaction. While anybody
  waits, nothing is kept or served from here; then `judged_at` is new. Besides, the newest reading and how many;
- what people did: how many acts, how many taken back; answers to letters: how many. Rows are only ever added;
- name, birth date: the sealed card itself. District, GP, telephone numbers: the newest relation, how many are replaced;
- the reader: role and scopes (which acts are offered), and who it is where an act on the list is theirs (what they can
  take back, since when the changes are told). Whoever has done nothing shares the page with others of the same role;
- the language, the day (what "today" is, if the list is late), whether GPs' offices are open (whom to call), whether
  this is a demo, the address under which the application is mounted, and the method (what the language links go back
  to).

The two moments of the request itself (when it was fetched; the moment each form carries) and the reader's name in the
menu are holes, filled at each answer. The key is read in the transaction that lets the reader in and writes the access
log; a page is kept only where the key is the same after all was read as before. Rendered pages lie in the memory of
the process only.
"""

import secrets
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from flask import render_template, request
from markupsafe import escape
from sqlalchemy import ColumnElement, Table, bindparam, func, select
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import User
from medrec.glance import Asked
from medrec.notices import calls
from medrec.records import action, list_head, notice_reply, person, reading, roster
from medrec.web.filters import is_demo, on_clock
from medrec.web.language import chosen

AT, FETCHED, READER = (f"medrec-hole-{secrets.token_hex(16)}" for _ in range(3))
"""Texts that stand where something of the request belongs; nobody outside this process can know them."""
_PERSON = bindparam("person", type_=person.c.id.type)


def _of(table: Table, name: str, what: ColumnElement[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's own type spells every column
    return select(what).where(table.c.person_id == _PERSON).scalar_subquery().label(name)


_STANDS = Asked(
    select(
        person.c.dirty_since,
        person.c.card_sealed,
        list_head.c.version,
        list_head.c.revision,
        list_head.c.digest,
        list_head.c.judged_on,
        list_head.c.judged_at,
        _of(reading, "readings", func.count()),
        _of(reading, "reading", func.max(reading.c.id)),
        _of(action, "acts", func.count()),
        _of(action, "undone", func.count(action.c.undone_at)),
        _of(action, "own", func.count().filter(action.c.by_id == bindparam("reader", type_=action.c.by_id.type))),
        _of(notice_reply, "replies", func.count()),
        _of(roster, "relation", func.max(roster.c.id)),
        _of(roster, "replaced", func.count(roster.c.replaced_at)),
    )
    .join(list_head, list_head.c.person_id == person.c.id)
    .where(person.c.id == _PERSON)
)


def key_of(session: Session, person_id: str, reader: User, now: datetime) -> Hashable | None:
    """All that this person's page is made of for this reader; `None` where none may be kept."""
    found = _STANDS.first(session, {"person": person_id, "reader": reader.id})
    if found is None or found["dirty_since"] is not None:
        return None
    whose = reader.id if found["own"] else ""
    # fmt: off
    return (
        "page", person_id, *found.values(), whose, reader.role, reader.scopes,
        chosen(), clock.day_of(now), calls.is_open(now), is_demo(), request.script_root, request.method,
    )
    # fmt: on


def page(told: Mapping[str, Any]) -> bytes:
    """What can be kept of a page made from `told`: all of it, with holes for what is of one request."""
    return render_template("patient.html", **{**told, "at": AT, "fetched": FETCHED, "reader": READER}).encode()


def filled(held: bytes, reader: User, now: datetime) -> bytes:
    """The page for this reader, with the moments of this request."""
    for hole, told in ((FETCHED, on_clock(now)), (READER, escape(reader.name)), (AT, now.isoformat())):
        held = held.replace(hole.encode(), told.encode())
    return held
