"""What was said, into rows: the only place where Readings become rows. The way back is `casefile`.

A statement's content stands once for each person; who said it, in which message and where, stands in its sayings.
Nothing here depends on the order in which messages came.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Table, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from formats.read import dose_of
from formats.statement import Reading, Statement, altered, identified
from medrec import values
from medrec.db import is_postgres
from medrec.glance import Asked
from medrec.records import reading, saying, statement


def parts(whole: Reading) -> Iterator[Reading]:
    """A message's reading and those of other sources that came in the same bytes, depth first."""
    yield replace(whole, also=())
    for inner in whole.also:
        yield from parts(inner)


_KNOWN = Asked(
    select(statement.c.person_id, statement.c.id).where(statement.c.person_id.in_(bindparam("persons", expanding=True)))
)
_OLD = select(reading.c.id).where(reading.c.message_id == bindparam("message"))
_READING = insert(reading).returning(reading.c.id, reading.c.message_id, reading.c.part)
_SAYING = Asked(insert(saying))
_PLACED = frozenset({"place", "aside", "signed", "said_until", "times_said"})
"""Of a statement: what belongs to its sayings."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one message says of a person.

    `key` is the person's identity key; statements that were identified under another of their numbers get the ids
    they have under this one. `first`: nothing of this message was kept before.
    """

    message_id: str
    person_id: str
    key: str
    parts: Sequence[Reading]
    first: bool = False


News = Mapping[str, Sequence[tuple[Reading, Statement]]]
"""By message id: the statements that nobody had said of the person before, each with the part that says it."""


def say(session: Session, message_id: str, person_id: str, key: str, heard: Iterable[Reading]) -> News:
    """Keep what a message says of a person. What the same message was read as before is replaced."""
    return say_all(session, [Telling(message_id, person_id, key, list(heard))])


def say_all(session: Session, told: Sequence[Telling]) -> News:
    """Keep what messages say. What the same messages were read as before is replaced."""
    again = {one.message_id for one in told if not one.first and _forget(session, one.message_id)}
    known: dict[str, set[str]] = {one.person_id: set() for one in told}
    for person_id, statement_id in _KNOWN.all(session, {"persons": list(known)}) if known else ():
        known[person_id].add(statement_id)
    ids = _keep_readings(session, told)
    news: dict[str, list[tuple[Reading, Statement]]] = {}
    kept: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    sayings = []
    for one in told:
        held, anew = known[one.person_id], one.message_id in again
        for number, part in enumerate(one.parts):
            for said in _rekeyed(part, one.key):
                sayings.append(_saying(ids[one.message_id, number], one.person_id, said))
                if said.id not in held:
                    news.setdefault(one.message_id, []).append((part, said))
                if anew or said.id not in held:
                    kept[anew].append(_statement(one.person_id, said))
                    held.add(said.id)
    put(session, statement, kept[False])
    put(session, statement, kept[True], renew=("content",))
    _SAYING.each(session, sayings)
    return news


def _keep_readings(session: Session, told: Sequence[Telling]) -> dict[tuple[str, int], int]:
    """The readings' ids, by message and number of the part."""
    rows = [_reading(one, number, part) for one in told for number, part in enumerate(one.parts)]
    return {(row.message_id, row.part): row.id for row in session.execute(_READING, rows)} if rows else {}


def read_doses_again(session: Session, person_ids: Sequence[str]) -> int:
    """Read the kept dosing texts of these persons anew, with a reader that may have learned since they came.

    Returns how many read otherwise now. What was said, and its ids, stay: the reading is our own.
    """
    told = session.execute(select(statement).where(statement.c.person_id.in_(person_ids)))
    fresh = []
    for row in told:
        said = values.load(Statement, row.content)
        now = dose_of(said)
        if now != said.read_dose:
            fresh.append(_statement(row.person_id, altered(said, {"read_dose": now})))
    put(session, statement, fresh, renew=("content",))
    return len(fresh)


def _forget(session: Session, message_id: str) -> bool:
    """Take away how a message was read before; what it says is read from its bytes again."""
    old = list(session.scalars(_OLD, {"message": message_id}))
    if old:
        session.execute(delete(saying).where(saying.c.reading_id.in_(old)))
        session.execute(delete(reading).where(reading.c.id.in_(old)))
    return bool(old)


def _rekeyed(part: Reading, key: str) -> tuple[Statement, ...]:
    said_of = part.person.key if part.person else ""
    if not said_of or said_of == key:
        return part.statements
    return identified(key, (replace(s, id="") for s in part.statements))


def _reading(one: Telling, number: int, part: Reading) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "part": number,
        "person_id": one.person_id,
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


def _statement(person_id: str, said: Statement) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "id": said.id,
        "source": said.source.value,
        "source_system": said.source_system,
        "kind": said.kind.value,
        "content": values.dump(said, without=_PLACED),
    }


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
    _put(table, tuple(renew), postgres=is_postgres(session)).each(session, rows)


@cache
def _put(table: Table, renew: tuple[str, ...], *, postgres: bool) -> Asked:
    return Asked(_insert(table, renew, postgres=postgres))


def _insert(table: Table, renew: tuple[str, ...], *, postgres: bool) -> Insert:
    fresh = postgresql.insert(table) if postgres else sqlite.insert(table)
    if not renew:
        return fresh.on_conflict_do_nothing()
    keys = [c.name for c in table.primary_key]
    return fresh.on_conflict_do_update(index_elements=keys, set_={name: fresh.excluded[name] for name in renew})


def put_first(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False where its key was there already (and nothing was written)."""
    return _put_first(table, postgres=is_postgres(session)).first(session, row) is not None


@cache
def _put_first(table: Table, *, postgres: bool) -> Asked:
    key = next(iter(table.primary_key))
    return Asked(_insert(table, (), postgres=postgres).returning(key))


def put_again(
    session: Session, table: Table, row: Mapping[str, Any], *, renew: Sequence[str], where: ColumnElement[bool]
) -> bool:
    """Insert a row, or overwrite `renew` where its key is there and `where` holds of it; True where either was done."""
    fresh = (postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)).values(row)
    keys = [c.name for c in table.primary_key]
    overwritten = {name: fresh.excluded[name] for name in renew}
    done = fresh.on_conflict_do_update(index_elements=keys, set_=overwritten, where=where)
    return session.execute(done.returning(table.c[keys[0]])).first() is not None
