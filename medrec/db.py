"""Engine and sessions, the same code on SQLite and PostgreSQL.

SQLite: write-ahead log, commits on the disk (`synchronous=FULL`), a writer takes its lock when it begins
(`BEGIN IMMEDIATE`), so that two writers wait for each other instead of failing half way; readers never wait.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from medrec.config import SettingFault, Settings
from medrec.vault import Vault

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

T = TypeVar("T")
MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0011"
"""The newest migration, named here so that a process that finds its store at it need not read them all."""
_TRIES = 6
_FROZEN_AFTER = "30s"
"""A process that sleeps within a transaction (a frozen machine) holds its rows no longer than this."""
_PASSING = {"40001", "40P01", "55P03"}
_TRUSTED_FOR = 1.0
"""Seconds for which a connection that was given back whole is used again without being asked whether it lives."""


class Overtaken(Exception):  # noqa: N818 - nobody's error: another writer came between
    """What this transaction has read does not hold any more; it is rolled back, and `once` does it again."""


@dataclass(frozen=True, slots=True)
class Database:
    """A store that is open: hands out sessions. `settings` are those it was opened with."""

    engine: Engine
    vault: Vault
    settings: Settings

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: one consistent moment on SQLite, no lock taken; PostgreSQL refuses a write.

        There it ends by a commit: at a rollback the driver throws away what it has prepared on the connection.
        """
        with self._session(_only_reading(self.engine)) as session:
            yield session
            if is_postgres(session):
                session.commit()
            else:
                session.rollback()

    @contextmanager
    def writing(self, *, on_disk: bool = True) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back on any exception.

        Without `on_disk` the commit is there for everybody and outlives every process, but does not wait for the disk:
        it is on it with the next commit that waits, of whomever. Nothing may be acknowledged before that one.
        """
        with self._session(self.engine if on_disk else _not_waiting(self.engine)) as session, session.begin():
            yield session

    def once(self, work: Callable[[Session], T], *, on_disk: bool = True) -> T:
        """Run `work` in one transaction (as `writing`); the whole of it again where another writer came between."""
        for attempt in range(_TRIES):
            try:
                with self.writing(on_disk=on_disk) as session:
                    return work(session)
            except (DBAPIError, Overtaken) as fault:
                if attempt == _TRIES - 1 or not _passing(fault):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter, no secret
        raise AssertionError

    def _session(self, bind: Engine) -> Session:
        return Session(bind, info={"vault": self.vault, "settings": self.settings}, expire_on_commit=False)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


@lru_cache(maxsize=16)
def _only_reading(engine: Engine) -> Engine:
    """The engine as readers use it; kept, since making it at each request costs a tenth of a small one."""
    return engine.execution_options(
        medrec_begin="BEGIN", **({} if engine.name == "sqlite" else {"postgresql_readonly": True})
    )


@lru_cache(maxsize=16)
def _not_waiting(engine: Engine) -> Engine:
    """The engine for transactions that are on the disk with the next one."""
    return engine.execution_options(medrec_on_disk=False)


def vault_of(session: Session) -> Vault:
    """The vault a session was opened with."""
    vault = session.info["vault"]
    if not isinstance(vault, Vault):
        raise TypeError
    return vault


def settings_in(place: Session | Database) -> Settings:
    """The settings a session, or the store, was opened with."""
    found = place.info["settings"] if isinstance(place, Session) else place.settings
    if not isinstance(found, Settings):
        raise TypeError
    return found


def is_postgres(session: Session) -> bool:
    """True on PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def wait_for_disk(session: Session) -> None:
    """Let this transaction wait for the disk after all. On SQLite nothing is forgotten but with the machine itself."""
    if is_postgres(session):
        session.execute(text("SET LOCAL synchronous_commit TO DEFAULT"))


def open_database(settings: Settings, *, check: bool = True) -> Database:
    """Open the store. Raises `SettingFault` where keys are missing or, with `check`, migrations are behind."""
    vault = settings.keys
    engine = engine_for(settings)
    database = Database(engine, vault, settings)
    if check and (behind := pending(engine)):
        database.close()
        msg = f"the database is {behind}; run: medrec db upgrade --data-dir {settings.data_dir}"
        raise SettingFault(msg)
    return database


def engine_for(settings: Settings) -> Engine:
    """The engine of these settings; makes the data folder of an embedded store."""
    if not settings.is_sqlite:
        url, many = make_url(settings.database_url), settings.pool_size
        told = {} if "options" in url.query else {"options": f"-c idle_in_transaction_session_timeout={_FROZEN_AFTER}"}
        engine = create_engine(url, pool_size=many, max_overflow=many, connect_args=told)
        _Watched(engine)
        event.listen(engine, "begin", _begin_postgres)
        return engine
    if file := make_url(settings.database_url).database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.database_url, connect_args={"isolation_level": None, "timeout": 10})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class _Watched:
    """Asks a connection of PostgreSQL's pool whether it lives before it is used, unless it did a moment ago.

    Asking each time is a round trip more for every transaction. A server that was restarted is found all the same: by
    then the moment is over. A line that was cut within the moment is found by whoever uses it first, after which all
    are asked; that one is asked again by itself (`Database.once`, `glance.Asked`), as every request begins.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._broke_at = float("-inf")
        event.listen(engine, "checkin", self._given_back)
        event.listen(engine, "invalidate", self._broke)
        event.listen(engine, "checkout", self._taken)

    def _given_back(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["given back"] = time.monotonic()

    def _broke(self, *_: object) -> None:
        self._broke_at = time.monotonic()

    def _taken(self, connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - the driver's own connection
        at = entry.info.get("given back")
        if at is None or (at > self._broke_at and time.monotonic() - at < _TRUSTED_FOR):
            return
        dialect = self._engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as gone:
            raise InvalidatePoolError from gone


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    chosen = connection.get_execution_options()
    level = "FULL" if chosen.get("medrec_on_disk", True) else "NORMAL"
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA synchronous={level}")  # said each time: nobody inherits another's
    connection.exec_driver_sql(chosen.get("medrec_begin", "BEGIN IMMEDIATE"))


def _begin_postgres(connection: Connection) -> None:
    if not connection.get_execution_options().get("medrec_on_disk", True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _passing(fault: DBAPIError | Overtaken) -> bool:
    """Another writer came between (or the connection broke before the commit): the work may be done again."""
    if isinstance(fault, Overtaken | IntegrityError) or fault.connection_invalidated:
        return True
    state = getattr(fault.orig, "sqlstate", None)
    return state in _PASSING or (isinstance(fault, OperationalError) and "locked" in str(fault.orig))


def scripts() -> "ScriptDirectory":
    """The migrations."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - slow to import, and not needed where all is well

    return ScriptDirectory(str(MIGRATIONS))


def pending(engine: Engine) -> str:
    """What a database is when not at the newest migration: empty, behind or ahead; else the empty text."""
    with engine.connect() as connection:
        stamped = inspect(connection).has_table("alembic_version")
        at = connection.scalar(text("SELECT version_num FROM alembic_version")) if stamped else None
    if at == NEWEST:
        return ""
    if at is None:
        return "empty"
    return "behind" if at in {s.revision for s in scripts().walk_revisions()} else "ahead of this program"


def upgrade(settings: Settings) -> str:
    """Bring the database to the newest migration; returns the revision it is at."""
    from alembic import command  # noqa: PLC0415 - only needed here, and slow to import
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = engine_for(settings)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    return NEWEST
