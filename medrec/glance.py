"""Statements of the path of every request, asked on the driver's own cursor.

SQLAlchemy's executing of a select costs ten times what SQLite takes to answer it. What each request asks (who is
this, may they, which list is the newest, the row of the log) is written with SQLAlchemy like everything else, compiled
to text once for each dialect, and asked without its layers: 32 us instead of 250 on SQLite, 110 instead of 310 on
PostgreSQL (a look-up by token, connection taken and given back; 2026-11-29). Everything else goes the ordinary way.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert

from medrec.db import Database

_Process = Callable[[Any], Any] | None
Row = Mapping[str, Any]
Place = Session | Database
"""Where something is asked: in a transaction, or by itself."""


class _Text(NamedTuple):
    """A statement as one driver takes it: its text, how values go in (and in which order), how they come out.

    `fixed`: values that stand in the statement itself.
    """

    text: str
    order: tuple[str, ...] | None
    into: Mapping[str, _Process]
    fixed: dict[str, Any]
    out: tuple[tuple[str, _Process], ...]


class Asked:
    """A statement that is asked at every request. Each is a constant of its module."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert) -> None:
        """`statement`: a select with names for its values, or an insert of all columns of its table."""
        self._statement = statement
        self._text = lru_cache(maxsize=4)(self._compiled)

    def first(self, place: Place, values: Mapping[str, Any]) -> Row | None:
        """The first row (of a select): in the transaction of a session, or as it stands now, with none around it.

        Where none is around it and the connection turns out to be dead, a select is asked once more on another.
        """
        if isinstance(place, Session):
            connection = place.connection()
            return self._ask(connection.connection, connection.dialect, values)
        try:
            return self._alone(place.engine, values)
        except DBAPIError as fault:
            if not fault.connection_invalidated or isinstance(self._statement, Insert):
                raise
            return self._alone(place.engine, values)

    def _alone(self, engine: Engine, values: Mapping[str, Any]) -> Row | None:
        with _taken(engine) as taken:
            return self._ask(taken, engine.dialect, values)

    def _ask(self, connection: Any, dialect: Dialect, values: Mapping[str, Any]) -> Row | None:  # noqa: ANN401 - the driver's
        text, order, into, fixed, out = self._text(dialect)
        told = fixed | {name: values[name] if put is None else put(values[name]) for name, put in into.items()}
        given = told if order is None else [told[name] for name in order]
        try:
            cursor = connection.cursor()
            try:
                cursor.execute(text, given)
                row = cursor.fetchone() if out else None
            finally:
                cursor.close()
        except dialect.loaded_dbapi.Error as fault:
            raise _as_sqlalchemy_says(fault, text, dialect, connection) from fault
        if row is None:
            return None
        return {name: value if get is None else get(value) for (name, get), value in zip(out, row, strict=True)}

    def _compiled(self, dialect: Dialect) -> _Text:
        statement = self._statement
        compiled = statement.compile(dialect=dialect)
        asked_for = {
            name: bind for name, bind in compiled.binds.items() if bind.required or isinstance(statement, Insert)
        }
        whole = compiled.construct_expanded_state(dict.fromkeys(asked_for))
        order = tuple(whole.positiontup) if whole.positiontup is not None else None
        fixed = {name: value for name, value in whole.parameters.items() if name not in asked_for}
        into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in asked_for.items()}
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        out = tuple((c.name, c.type.dialect_impl(dialect).result_processor(dialect, None)) for c in columns)
        return _Text(whole.statement, order, into, fixed, out)


@contextmanager
def _taken(engine: Engine) -> Iterator[Any]:
    """A connection of the pool that begins no transaction by itself."""
    connection = engine.raw_connection()
    try:
        if engine.dialect.name != "postgresql":
            yield connection
            return
        driver: Any = connection.driver_connection
        driver.autocommit = True
        try:
            yield connection
        finally:
            if not driver.closed:
                driver.autocommit = False
    finally:
        connection.close()


def _as_sqlalchemy_says(fault: Exception, text: str, dialect: Dialect, connection: Any) -> Exception:  # noqa: ANN401 - the driver's
    """The fault as everything else in the house expects it, without the values."""
    gone = dialect.is_disconnect(fault, connection, None)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(fault)
    return DBAPIError.instance(
        text,
        None,
        fault,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=dialect,
    )
