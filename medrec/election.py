"""Which of several schedulers fires: the one that holds a PostgreSQL advisory lock on a connection of its own.

The lock dies with its connection: after a kill the next one has it when it next asks, half a second at most. A frozen
leader stops asking, the server ends its idle connection after two seconds, and when it wakes it finds that it leads no
more; the fence keeps it harmless in between. On SQLite there is one process, and it leads.
"""

import threading

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from medrec.db import Database

log = structlog.get_logger(__name__)

_LOCK = 0x6D65647363686564  # names the election among PostgreSQL's advisory locks
_ASK_EVERY = 0.5
_FROZEN_AFTER = "2s"


class Election:
    """One candidate. `leads` is what was true when last asked, at most half a second ago."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._alone = database.settings.is_sqlite
        self._leads = self._alone
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="medrec-election", daemon=True)

    @property
    def leads(self) -> bool:
        """True while this process fires what is due."""
        return self._leads

    def start(self) -> "Election":
        """Stand, and ask from now on."""
        if not self._alone:
            self.ask()
            self._thread.start()
        return self

    def stop(self) -> None:
        """Give the lead back."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self._let_go()

    def ask(self) -> bool:
        """Take the lead where nobody has it, or find out whether it is still ours."""
        before = self._leads
        try:
            led = self._still() if self._connection is not None and self._leads else self._try()
        except SQLAlchemyError:
            self._let_go()
            led = False
        if led != before:
            log.info("schedule.leads" if led else "schedule.leads-no-more")
        self._leads = led
        return led

    def _run(self) -> None:
        while not self._stopping.wait(_ASK_EVERY):
            self.ask()

    def _try(self) -> bool:
        if self._connection is None:
            connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()  # it is ours for as long as it lives, and never goes back to the pool
            self._connection = connection
            connection.execute(text(f"SET idle_session_timeout = '{_FROZEN_AFTER}'"))
        return bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:name)"), {"name": _LOCK}))

    def _still(self) -> bool:
        if self._connection is None:
            return False
        self._connection.execute(text("SELECT 1"))
        return True

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        self._leads = self._alone
        if connection is not None:
            try:
                connection.close()
            except SQLAlchemyError:
                connection.invalidate()
