"""Migrations make what the tables say, on both databases, and take it away again."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import UniqueConstraint, inspect

from medrec.db import MIGRATIONS, NEWEST, Database, engine_for, pending, scripts, upgrade
from medrec.records import metadata


def migrate(engine, direction, to):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, direction)(config, to)


def test_tables_and_migrations_agree(database: Database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_migration_can_be_taken_back_and_made_again(store_settings):
    engine = engine_for(store_settings)
    migrate(engine, "downgrade", "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert pending(engine) == "empty"
    migrate(engine, "upgrade", "head")
    assert pending(engine) == ""
    engine.dispose()


def test_upgrading_twice_is_upgrading_once(store_settings):
    assert upgrade(store_settings) == upgrade(store_settings) == NEWEST


def test_the_newest_migration_is_the_one_named():
    assert scripts().get_current_head() == NEWEST


def test_a_store_of_a_newer_program_is_not_opened(sqlite_settings):
    engine = engine_for(sqlite_settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert pending(engine) == "ahead of this program"
    engine.dispose()


def test_what_points_at_what_is_erased_with_a_person_is_found_by_an_index():
    """Erasing a row asks every table that may point at it: without an index each is read whole for each row."""
    slow = []
    for table in metadata.tables.values():
        led = {next(iter(i.columns)).name for i in table.indexes} | {next(iter(table.primary_key)).name}
        led |= {next(iter(c.columns)).name for c in table.constraints if isinstance(c, UniqueConstraint)}
        targets = {key.parent.name: key.column.table.name for key in table.foreign_keys}
        erased = {"message", "discrepancy", "outbox", "reading", "statement"}
        slow += [(table.name, column) for column, to in targets.items() if to in erased and column not in led]
    assert slow == []


@pytest.mark.parametrize("pragma", [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_the_embedded_store_is_set_to_lose_nothing(sqlite_database, pragma):
    name, value = pragma
    with sqlite_database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {name}").scalar() == value
