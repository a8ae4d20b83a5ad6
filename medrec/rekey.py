"""Sealing anew after a new key, in small transactions while the house is open; and finding what no key opens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
    done = 0
    for column in _COLUMNS:
        while many := database.once(_Batch(column)):
            done += many
    return done


@dataclass(frozen=True, slots=True)
class _Batch:
    column: _SealedColumn

    def __call__(self, session: Session) -> int:
        vault, table = vault_of(session), self.column.table
        rows = session.execute(
            select(table)
            .where(table.c[self.column.key] != vault.current, table.c[self.column.value].is_not(None))
            .limit(_BATCH)
            .with_for_update()
        ).all()
        for row in rows:
            about = self.column.about(row)
            held = Sealed(getattr(row, self.column.key), getattr(row, self.column.value))
            fresh = vault.seal(vault.open(held, about), about)
            told = {self.column.value: fresh.data, self.column.key: fresh.key_id}
            session.execute(update(table).where(_same(table, row)).values(told))
        return len(rows)


def _same(table: Table, row: Row[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's own type of a condition
    key: Column[Any] = next(iter(table.primary_key))
    return key == getattr(row, key.name)


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
