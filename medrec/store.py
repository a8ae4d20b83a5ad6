"""What was said, into rows: the only place where Readings become rows. The way back is `casefile`.

A statement's content stands once for each person; who said it, in which message and where, stands in its sayings.
Nothing here depends on the order in which messages came.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from formats.statement import Reading, Statement, identified
from medrec import values
from medrec.db import is_postgres
from medrec.records import reading, saying, statement


def parts(whole: Reading) -> Iterator[Reading]:
    """A message's reading and those of other sources that came in the same bytes, depth first."""
    yield replace(whole, also=())
    for inner in whole.also:
        yield from parts(inner)


def say(session: Session, message_id: str, person_id: str, key: str, heard: Iterable[Reading]) -> None:
    """Keep what a message says of a person. What the same message was read as before is replaced.

    `key` is the person's identity key; statements that were identified under another of their numbers get the ids
    they have under this one.
    """
    again = _forget(session, message_id)
    for number, part in enumerate(heard):
        statements = _rekeyed(part, key)
        reading_id = _keep_reading(session, message_id, person_id, number, part)
        _keep_statements(session, person_id, statements, renew=again)
        rows = [_saying(reading_id, person_id, s) for s in statements]
        if rows:
            session.execute(insert(saying), rows)


def _forget(session: Session, message_id: str) -> bool:
    """Take away how a message was read before; what it says is read from its bytes again."""
    old = list(session.scalars(select(reading.c.id).where(reading.c.message_id == message_id)))
    if old:
        session.execute(delete(saying).where(saying.c.reading_id.in_(old)))
        session.execute(delete(reading).where(reading.c.id.in_(old)))
    return bool(old)


def _rekeyed(part: Reading, key: str) -> tuple[Statement, ...]:
    said_of = part.person.key if part.person else ""
    if not said_of or said_of == key:
        return part.statements
    return identified(key, (replace(s, id="") for s in part.statements))


def _keep_reading(session: Session, message_id: str, person_id: str, number: int, part: Reading) -> int:
    row = {
        "message_id": message_id,
        "part": number,
        "person_id": person_id,
        "message_type": part.message,
        "source": part.source.value if part.source else None,
        "source_system": part.source_system,
        "sender_her_id": part.sender.her_id if part.sender else "",
        "reach": part.reach.value,
        "kinds": [k.value for k in part.kinds],
        "as_of": part.as_of,
        "cancels": list(part.cancels),
        "gaps": values.tree(part.gaps),
        "unread": values.tree(part.unread),
        "roles": values.tree(part.roles),
        "allergies": values.tree(part.allergies),
        "allergies_answered": part.allergies_answered,
    }
    return int(session.execute(insert(reading).values(**row).returning(reading.c.id)).scalar_one())


def _keep_statements(session: Session, person_id: str, statements: Iterable[Statement], *, renew: bool) -> None:
    rows = [
        {
            "person_id": person_id,
            "id": s.id,
            "source": s.source.value,
            "source_system": s.source_system,
            "kind": s.kind.value,
            "content": values.dump(replace(s, place=None, aside=None, signed=None, said_until=None, times_said=1)),
        }
        for s in statements
    ]
    put(session, statement, rows, renew=("content",) if renew else ())


def _saying(reading_id: int, person_id: str, said: Statement) -> dict[str, Any]:
    return {
        "reading_id": reading_id,
        "statement_id": said.id,
        "person_id": person_id,
        "path": said.place.path if said.place else "",
        "aside": said.aside.value if said.aside else None,
        "signed": said.signed.value if said.signed else None,
    }


def put(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *, renew: Sequence[str] = ()) -> None:
    """Insert rows whose primary or unique key is not there yet; `renew` names columns to overwrite where it is."""
    if not rows:
        return
    fresh = postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)
    if renew:
        keys = [c.name for c in table.primary_key]
        overwritten = {name: fresh.excluded[name] for name in renew}
        session.execute(fresh.on_conflict_do_update(index_elements=keys, set_=overwritten), list(rows))
    else:
        session.execute(fresh.on_conflict_do_nothing(), list(rows))


def put_first(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False where its key was there already (and nothing was written)."""
    fresh = postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)
    key = next(iter(table.primary_key))
    return session.execute(fresh.values(row).on_conflict_do_nothing().returning(key)).first() is not None
