"""Keys, settings and the clock: what must be there before anything starts."""

import json
import os
import stat
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from told import ANNA, medicine, message

from medrec import clock, intake, persons, rekey
from medrec.config import SETTINGS, SettingFault, settings
from medrec.db import Database, open_database
from medrec.records import alias, metadata
from medrec.records import message as message_table
from medrec.vault import KeyFault, Sealed, Vault, new_keys, read_keys, with_new_key, write_keys


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_only_where_it_belongs(plain, about):
    vault = read_keys(new_keys())
    sealed = vault.seal(plain, about)
    assert vault.open(sealed, about) == plain
    with pytest.raises(KeyFault):
        vault.open(sealed, about + "x")
    with pytest.raises(KeyFault):
        vault.open(Sealed(sealed.key_id, sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])), about)


def test_the_same_value_is_never_sealed_alike_and_always_indexed_alike():
    vault = read_keys(new_keys())
    assert vault.seal(b"x", "a") != vault.seal(b"x", "a")
    assert vault.index("no", ANNA) == vault.index("no", ANNA) != vault.index("local", ANNA)
    assert vault.index("no", ANNA) != read_keys(new_keys()).index("no", ANNA)
    assert ANNA not in vault.index("no", ANNA)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"keys": {"k1": "AAAA"}, "current": "k1", "index": "AAAA"}', '{"keys": 1, "current": 1}'],
)
def test_what_is_no_key_file_is_refused(content):
    with pytest.raises(KeyFault):
        read_keys(content)


def test_a_placeholder_is_no_key():
    with pytest.raises(KeyFault, match="placeholder"):
        Vault({"k1": bytes(32)}, "k1", bytes(range(32)))


def test_without_keys_nothing_starts_and_the_line_says_what_to_do(tmp_path):
    with pytest.raises(SettingFault, match="config --new-keys"):
        open_database(settings(tmp_path, {}))
    assert not (tmp_path / "medrec.db").exists()


def test_a_demo_folder_makes_its_own_keys_once_and_for_its_owner_only(tmp_path):
    first = settings(tmp_path, {}, demo=True)
    assert stat.S_IMODE(first.keys_file.stat().st_mode) == 0o600
    assert settings(tmp_path, {}, demo=True).keys.index("no", "1") == first.keys.index("no", "1")


def test_an_empty_database_is_not_opened(tmp_path):
    with pytest.raises(SettingFault, match="db upgrade"):
        open_database(settings(tmp_path, {}, demo=True))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDREC_FRESH_HOURS_LOW", "soon"),
        ("MEDREC_DRAIN_SECONDS", "0"),
        ("MEDREC_DRAIN_SECONDS", "nan"),
        ("MEDREC_DATABASE_URL", "mysql://x"),
        ("MEDREC_KEYS", "secret"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_a_secret_not_told(tmp_path, name, value):
    with pytest.raises(SettingFault, match=name) as told:
        settings(tmp_path, {name: value})
    assert name != "MEDREC_KEYS" or value not in str(told.value)


def test_every_setting_says_what_it_means_and_where_it_comes_from(tmp_path):
    found = settings(tmp_path, {"MEDREC_POOL_SIZE": "7"})
    assert all(s.meaning for s in SETTINGS)
    assert found.origins["pool_size"] == "environment"
    assert found.origins["data_dir"] == "command line"
    assert found.origins["drain_seconds"] == "default"
    assert found.pool_size == 7


def test_the_day_turns_in_oslo():
    with clock.held(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 7, 1)
    assert clock.day_of(datetime(2026, 6, 30, 23, 30)) == date(2026, 6, 30)  # noqa: DTZ001 - a time without a zone is Oslo's


def test_a_new_key_is_on_the_disk_before_anything_is_sealed_with_it(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(os, "fsync", lambda handle: told.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    write_keys(tmp_path / "keys.json", new_keys())
    assert told == [False, True], "the file, and that it stands in the folder"


def test_sealing_anew_goes_through_all_rows_in_small_steps_and_comes_back_for_a_late_one(sqlite_settings, monkeypatch):
    old = new_keys()
    before = open_database(settings(sqlite_settings.data_dir, {"MEDREC_KEYS": old}))
    for raw in (message(ANNA, medicine()), b"waits in quarantine"):
        intake.receive(before, raw, channel="test")
    after = open_database(settings(sqlite_settings.data_dir, {"MEDREC_KEYS": with_new_key(old)}))
    monkeypatch.setattr(rekey, "_BATCH", 1)
    once, late = Database.once, [b"late"]

    def while_somebody_has_the_old_key(database, work, **more):
        if late and database is after and work.column.table is message_table and work.after is not None:
            id_ = intake.receive(before, late.pop(), channel="test").message_id
            with before.writing() as session:  # where the walk has been already
                session.execute(update(message_table).where(message_table.c.id == id_).values(id="0"))
        return once(database, work, **more)

    monkeypatch.setattr(Database, "once", while_somebody_has_the_old_key)
    assert rekey.seal_anew(after) == 6
    with after.reading() as session:
        assert set(session.scalars(select(message_table.c.key_id))) == {"k2"}
    before.close()
    after.close()


def test_a_new_key_seals_and_the_earlier_still_opens(sqlite_settings):
    old = new_keys()
    keys_file = sqlite_settings.data_dir / "keys.json"
    write_keys(keys_file, old)
    database = open_database(settings(sqlite_settings.data_dir, {}))
    person_id = intake.receive(database, message(ANNA, medicine()), channel="test").patient
    database.close()
    write_keys(keys_file, with_new_key(old))
    database = open_database(settings(sqlite_settings.data_dir, {}))
    assert rekey.seal_anew(database) == 4  # the card, the identity key, the number, the message
    assert rekey.seal_anew(database) == 0
    database.close()
    only_new = json.loads(keys_file.read_text())
    del only_new["keys"]["k1"]
    database = open_database(settings(sqlite_settings.data_dir, {"MEDREC_KEYS": json.dumps(only_new)}))
    assert rekey.unopened(database) == 0
    with database.reading() as session:
        assert persons.who(session, person_id).identifiers[0].value == ANNA
        assert session.scalars(select(alias.c.key_id)).all() == ["k2"]
    database.close()


def test_no_identity_number_name_or_raw_message_lies_open_in_the_store(database: Database):
    intake.receive(database, message(ANNA, medicine()), channel="test")
    with database.reading() as session:
        for table in metadata.sorted_tables:
            told = repr(session.execute(select(table)).all())
            assert ANNA not in told, table.name
            assert "Anna Eksempel" not in told, table.name
