"""Sealing anew after a new key, in small transactions while the house is open; and finding what no key opens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, Row, Table, select, update
from sqlalchemy.orm import Session

from medrec.db import Database, vault_of
from medrec.records import alias, life_event, message, outbox, person, self_authorisation, sign_in
from medrec.vault import KeyFault, Sealed

_BATCH = 200


@dataclass(frozen=True, slots=True)
class _SealedColumn:
    """Where sealed values stand, and what each is about (as its writer bound it)."""

    table: Table
    value: str
    key: str
    about: Callable[[Row[Any]], str]


_COLUMNS = (
    _SealedColumn(person, "card_sealed", "key_id", lambda row: f"card|{row.id}"),
    _SealedColumn(person, "identity_key_sealed", "identity_key_id", lambda row: f"identity|{row.id}"),
    _SealedColumn(alias, "value_sealed", "key_id", lambda row: f"alias|{row.person_id}"),
    _SealedColumn(message, "raw_sealed", "key_id", lambda row: f"message|{row.content_hash}"),
    _SealedColumn(outbox, "body_sealed", "key_id", lambda row: f"outbox|{row.id}"),
    _SealedColumn(life_event, "reason_sealed", "key_id", lambda row: f"life|{row.id}"),
    _SealedColumn(sign_in, "told_sealed", "key_id", lambda row: f"sign-in|{row.state}"),
    _SealedColumn(self_authorisation, "words_sealed", "key_id", lambda row: f"self-authorisation|{row.id}"),
)


def seal_anew(database: Database) -> int:
    """Seal every value with the current key. Returns how many were sealed anew; may be run again at any time."""
    return sum(_column_anew(database, column) for column in _COLUMNS)


def _column_anew(database: Database, column: _SealedColumn) -> int:
    """In the order of the rows' keys, so that no batch looks through what the ones before it have done.

    Over again until nothing is found: others may have sealed with the old key meanwhile.
    """
    done, after = 0, None
    while (batch := database.once(_Batch(column, after))).many or after is not None:
        done, after = done + batch.many, batch.last
    return done


class _Done(NamedTuple):
    """How many values a batch sealed anew, and the key of its last row."""

    many: int
    last: Any


@dataclass(frozen=True, slots=True)
class _Batch:
    column: _SealedColumn
    after: Any
    """The key of the last row that is done, `None` before the first."""

    def __call__(self, session: Session) -> _Done:
        vault, table, key = vault_of(session), self.column.table, _key_of(self.column.table)
        old = select(table).where(table.c[self.column.key] != vault.current, table.c[self.column.value].is_not(None))
        left = old if self.after is None else old.where(key > self.after)
        rows = session.execute(left.order_by(key).limit(_BATCH).with_for_update()).all()
        for row in rows:
            about = self.column.about(row)
            held = Sealed(getattr(row, self.column.key), getattr(row, self.column.value))
            fresh = vault.seal(vault.open(held, about), about)
            told = {self.column.value: fresh.data, self.column.key: fresh.key_id}
            session.execute(update(table).where(key == getattr(row, key.name)).values(told))
        return _Done(len(rows), getattr(rows[-1], key.name) if rows else None)


def _key_of(table: Table) -> Column[Any]:
    key: Column[Any] = next(iter(table.primary_key))
    return key


def open_row(session: Session, table: Table, row: Row[Any]) -> dict[str, bytes]:
    """What lies sealed in a row, by the column it lies in; nothing for a table that seals nothing."""
    vault = vault_of(session)
    mine = [c for c in _COLUMNS if c.table is table and getattr(row, c.value) is not None]
    return {c.value: vault.open(Sealed(getattr(row, c.key), getattr(row, c.value)), c.about(row)) for c in mine}


def unopened(database: Database) -> int:
    """How many sealed values no key opens."""
    with database.reading() as session:
        return sum(1 for _ in _unopened(session))


def _unopened(session: Session) -> Iterator[str]:
    vault = vault_of(session)
    for column in _COLUMNS:
        query = select(column.table).where(column.table.c[column.value].is_not(None))
        for row in session.execute(query.execution_options(yield_per=_BATCH)):
            about = column.about(row)
            try:
                vault.open(Sealed(getattr(row, column.key), getattr(row, column.value)), about)
            except KeyFault:
                yield about
