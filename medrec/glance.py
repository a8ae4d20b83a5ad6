"""Statements of the path of every request and every message, asked on the driver's own cursor.

SQLAlchemy's executing of a select costs ten times what SQLite takes to answer it. What each request asks (who is
this, may they, which list is the newest, the row of the log), and what each message does on its way to a list, is
written with SQLAlchemy like everything else, compiled to text once for each dialect, and asked without its layers: 10
us instead of 106 on SQLite, 40 instead of 165 on PostgreSQL (a look-up within a transaction; 2026-11-29). Everything
else goes the ordinary way.
"""

from collections import namedtuple
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert, Update

from medrec.db import Database

_Process = Callable[[Any], Any] | None
Row = Mapping[str, Any]
Place = Session | Database
"""Where something is asked: in a transaction, or by itself."""


class _Into(NamedTuple):
    """A value that goes into a statement: its place there, where it is taken from, how it is told to the driver."""

    place: str
    of: Callable[[Mapping[str, Any]], Any]
    put: _Process


class _Text(NamedTuple):
    """A statement as one driver takes it: its text, how values go in (and in which order), how rows come out.

    `fixed`: values that stand in the statement itself. `names` of the columns that come out, none where nothing does;
    `out`: the positions of those that are to be turned into values of ours.
    """

    text: str
    order: tuple[str, ...] | None
    into: tuple[_Into, ...]
    fixed: Mapping[str, Any]
    names: tuple[str, ...]
    out: tuple[tuple[int, Callable[[Any], Any]], ...]
    made: Callable[[Sequence[Any]], Any]

    def given(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the driver takes them
        """The values as the driver takes them."""
        told = {**self.fixed}
        for place, of, put in self.into:
            told[place] = of(values) if put is None else put(of(values))
        return told if self.order is None else [told[name] for name in self.order]

    def row(self, told: Sequence[Any]) -> Sequence[Any]:
        """The values of a row as they are with us."""
        if not self.out:
            return told
        row = [*told]
        for position, get in self.out:
            row[position] = get(row[position])
        return row


class Asked:
    """A statement that is asked at every request or of every message. Each is a constant of its module."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update) -> None:
        """`statement`: a select, insert or update with names for its values; lists of values are expanding ones."""
        self._statement = statement
        self._text = lru_cache(maxsize=128)(self._compiled)

    def first(self, place: Place, values: Mapping[str, Any]) -> Row | None:
        """The first row (of a select): in the transaction of a session, or as it stands now, with none around it.

        Where none is around it and the connection turns out to be dead, a select is asked once more on another.
        """
        if isinstance(place, Session):
            connection = place.connection()
            return self._first(connection.connection, connection.dialect, values)
        try:
            return self._alone(place.engine, values)
        except DBAPIError as fault:
            if not fault.connection_invalidated or not isinstance(self._statement, Select):
                raise
            return self._alone(place.engine, values)

    def all(self, session: Session, values: Mapping[str, Any]) -> list[Any]:
        """Every row (of a select, or returned by a change), with the names of its columns."""
        connection = session.connection()
        text = self._text_for(connection.dialect, values)
        with self._cursor(connection.connection, connection.dialect, text) as cursor:
            cursor.execute(text.text, text.given(values))
            return [text.made(text.row(told)) for told in cursor.fetchall()]

    def each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Do it (an insert or update) with each of the rows, which all name the same columns."""
        if not rows:
            return
        connection = session.connection()
        text = self._text_for(connection.dialect, rows[0])
        with self._cursor(connection.connection, connection.dialect, text) as cursor:
            if len(rows) == 1:
                cursor.execute(text.text, text.given(rows[0]))
            else:
                cursor.executemany(text.text, [text.given(row) for row in rows])

    def _alone(self, engine: Engine, values: Mapping[str, Any]) -> Row | None:
        with _taken(engine) as taken:
            return self._first(taken, engine.dialect, values)

    def _first(self, connection: Any, dialect: Dialect, values: Mapping[str, Any]) -> Row | None:  # noqa: ANN401 - the driver's
        text = self._text_for(dialect, values)
        with self._cursor(connection, dialect, text) as cursor:
            cursor.execute(text.text, text.given(values))
            told = cursor.fetchone() if text.names else None
        return None if told is None else dict(zip(text.names, text.row(told), strict=True))

    @contextmanager
    def _cursor(self, connection: Any, dialect: Dialect, text: _Text) -> Iterator[Any]:  # noqa: ANN401 - the driver's
        try:
            cursor = connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        except dialect.loaded_dbapi.Error as fault:
            raise _as_sqlalchemy_says(fault, text.text, dialect, connection) from fault

    @cached_property
    def _lists(self) -> tuple[str, ...]:
        """The names under which not one value but a list of them is given."""
        return tuple(n for n, bind in self._statement.compile().binds.items() if bind.expanding and bind.required)

    def _text_for(self, dialect: Dialect, values: Mapping[str, Any]) -> _Text:
        """The text for so many values in each list; of a change for these columns."""
        sizes = tuple((name, len(values[name])) for name in self._lists)
        return self._text(dialect, sizes, () if isinstance(self._statement, Select) else tuple(values))

    def _compiled(self, dialect: Dialect, sizes: tuple[tuple[str, int], ...], columns: Collection[str]) -> _Text:
        statement = self._statement
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        asked_for = [name for bind, name in compiled.bind_names.items() if bind.required]
        lists = {name: [None] * many for name, many in sizes}
        whole = compiled.construct_expanded_state({**dict.fromkeys(asked_for), **lists})
        into: list[_Into] = []
        fixed: dict[str, Any] = {}
        for bind, name in compiled.bind_names.items():
            put = bind.type.dialect_impl(dialect).bind_processor(dialect)
            places = whole.parameter_expansion.get(name, [name])
            if name in lists:
                into += [_Into(place, _nth(name, n), put) for n, place in enumerate(places)]
            elif bind.required:
                into.append(_Into(name, itemgetter(name), put))
            else:
                told = [whole.parameters[place] for place in places]
                fixed |= zip(places, map(put, told) if put else told, strict=True)
        columns_out = statement.exported_columns
        found = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns_out]
        names = tuple(map(str, columns_out.keys()))
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc] # noqa: PYI024 - its names are the columns
        return _Text(
            text=whole.statement,
            order=tuple(whole.positiontup) if whole.positiontup is not None else None,
            into=tuple(into),
            fixed=fixed,
            names=names,
            out=tuple((n, get) for n, get in enumerate(found) if get is not None),
            made=row._make,
        )


def _nth(name: str, n: int) -> Callable[[Mapping[str, Any]], Any]:
    return lambda values: values[name][n]


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
