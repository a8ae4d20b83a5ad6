"""The web server: gunicorn with threads, its settings in one place.

`all_in_one`: one web worker that also judges and keeps the schedule (the embedded default); never on PostgreSQL,
where `medrec work` and `medrec schedule` are processes of their own.
"""

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from medrec.app import create_app
from medrec.cli import Refused
from medrec.config import SettingFault, Settings
from medrec.db import Database, open_database
from medrec.notices.registering import register


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How to serve. `ready` is called once the socket listens, `beside` in each web worker before it serves."""

    settings: Settings
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 8
    all_in_one: bool = False
    ready: Callable[[], None] | None = None
    beside: Callable[[], object] | None = None


class _Server(BaseApplication):
    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings; its own defaults stand for the rest."""
        serving = self._serving
        chosen: dict[str, Any] = {
            "bind": f"{serving.host}:{serving.port}",
            "workers": serving.workers,
            "threads": serving.threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "secure_scheme_headers": {},  # whom to believe about TLS is the setting `proxies`
            "limit_request_line": 4094,
            "loglevel": "warning",
            "proc_name": "medrec",
            "when_ready": lambda _server: serving.ready() if serving.ready else None,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override] # a Flask application is a WSGI callable
        """The application, opened in the worker so that no connection crosses a fork."""
        register()
        if self._serving.beside:
            self._serving.beside()
        database = open_database(self._serving.settings)
        if self._serving.all_in_one:
            _judge_here(database)
        return create_app(database)


def _judge_here(database: Database) -> None:
    """Worker and schedule as threads of this process; they end with it."""
    from medrec.schedule import Schedule  # noqa: PLC0415 - only the embedded default judges in the web process
    from medrec.work import Worker  # noqa: PLC0415 - likewise

    worker = Worker(database, database.settings.drain_seconds).start()
    schedule = Schedule(database, worker.wake).start()
    atexit.register(schedule.stop)
    atexit.register(worker.stop)


def serve(serving: Serving) -> None:
    """Serve until told to stop. Raises `Refused` where the store can't be opened, before any process is started."""
    try:
        open_database(serving.settings).close()
    except SettingFault as fault:
        raise Refused(str(fault)) from fault
    _Server(serving).run()
