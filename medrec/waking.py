"""Being told, on PostgreSQL, that somebody waits: any number of workers on any number of machines hear the same call.

The call is part of the transaction that sets the dirty mark (a trigger, migration 0007): it comes with the commit or
not at all. It is only a call. Lost with a connection, doubled or late it changes nothing: each worker looks for itself
at least every two seconds. There are no job rows, so none can be stuck, doubled or swept.
"""

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from medrec.db import Database

log = structlog.get_logger(__name__)

_CHANNEL = "medrec_waiting"
_LOOK_UP = 1.0
"""Seconds after which a listener looks whether it is to end."""
_AGAIN = 1.0
"""Seconds before a new connection, when one broke."""


class Listener:
    """A thread that calls `wake` whenever a commit left somebody waiting; on SQLite there is none."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database = database
        self._wake = wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="medrec-listener", daemon=True)

    def start(self) -> "Listener":
        """Listen from now on."""
        if not self._database.settings.is_sqlite:
            self._thread.start()
        return self

    def stop(self, seconds: float = 5.0) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        away = False
        while not self._stopping.is_set():
            try:
                self._listen()
            except (SQLAlchemyError, psycopg.Error) as fault:
                if not away:
                    log.warning("waking.away", fault=type(fault).__name__)
                away = True
                self._stopping.wait(_AGAIN)
            else:
                away = False

    def _listen(self) -> None:
        """On a connection of its own, outside the pool; returns when told to end."""
        with self._database.engine.connect() as connection:
            driver = connection.connection.driver_connection
            connection.detach()
            if not isinstance(driver, psycopg.Connection):
                raise TypeError
            driver.autocommit = True
            driver.execute(f"LISTEN {_CHANNEL}")
            self._wake()  # whatever was marked before we listened
            while not self._stopping.is_set():
                for _ in driver.notifies(timeout=_LOOK_UP):
                    self._wake()
