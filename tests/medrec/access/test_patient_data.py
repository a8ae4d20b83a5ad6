"""A patient's data: exported whole, deleted where the law lets it be, kept for as long as set; the log stays."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from told import ANNA, BERIT, NOON, TODAY, medicine, rf
from told import message as said

from medrec import actions, clock, fences, intake, joining, life, listing, persons, rekey, roster, work
from medrec.access import blocks, log, portability, relation, selfauth
from medrec.access.people import Need, Role, User
from medrec.access.portability import Basis
from medrec.actions import ActionKind, By
from medrec.cli import main
from medrec.commands.audit import operator
from medrec.config import settings
from medrec.db import open_database
from medrec.life import NotSo
from medrec.records import alias, audit, message, metadata, person, statement
from medrec.vault import new_keys, with_new_key, write_keys

OPERATOR = operator()
ADMIN = User(id="a", name="Test Drift", role=Role.ADMIN)
NURSE = User(id="n", name="Test Sykepleier", role=Role.NURSE, district="Sør")
SYSTEM = User(id="s", name="Test System", role=Role.SYSTEM, scopes=frozenset({Need.SEE_LIST}))
BY = By(id="n", name="Test Sykepleier", role="nurse")
WHY = "krav fra pasienten, besluttet av leder"
WORDS = "dekker sone Nord i natt"
DOSE = "1 tablett morgen og en halv kveld"


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOON):
        yield


def lived(database, identifier=ANNA, name="Lun Snøfonn"):
    """A person with something in every table that a person has rows in, as far as this house writes them by itself."""
    start = TODAY - timedelta(days=30)
    row = roster.RosterRow(identifier=identifier, name=name, district="Nord", starts=start, ends=TODAY)
    with database.writing() as session:
        roster.load(session, [row], TODAY)
        person_id = persons.find(session, identifier)
    intake.receive(database, said(identifier, medicine("Metoprolol 50 mg", DOSE)), channel="test")
    intake.receive(database, rf(identifier, medicine("Metoprolol 100 mg", kind="resept")), channel="test")
    intake.receive(database, b"<not/>", channel="test", asked_for=person_id)
    work.drain(database, today=TODAY)
    with database.writing() as session:
        actions.record_action(
            session, person_id=person_id, kind=ActionKind.OBSERVATION, by=BY, today=TODAY, name="Paracet", note="eske"
        )
        selfauth.grant(session, NURSE, person_id, "cover", WORDS)
        blocks.put(session, person_id, ADMIN)
        blocks.lift(session, person_id, ADMIN)
    return person_id


@pytest.fixture
def anna(database):
    return lived(database)


def rows_about(database, person_id):
    with database.reading() as session:
        return {name for name, many in portability.due(session, person_id).items() if many}


def test_the_export_holds_all_that_was_said_done_and_looked_at(database, anna):
    with database.writing() as session:
        told = portability.export(session, anna, by=OPERATOR, reason=WHY)
    data = json.loads(told.data)
    assert ANNA in told.data
    assert {r["value"] for r in data["tables"]["alias"]} == {ANNA}
    assert {r["words"] for r in data["tables"]["self_authorisation"]} == {WORDS}
    assert [DOSE in raw.decode() for raw in told.raw.values()].count(True) == 1
    assert len(told.raw) == 3, "what waits in quarantine is theirs too"
    assert [v["version"] for v in data["lists"]][-1] == 1
    assert {r["what"] for r in data["tables"]["audit"]} >= {"export-data", "self-authorise", "block"}
    for words in ("Lun Snøfonn", ANNA, "Metoprolol 50 mg", DOSE, "Nord", "åpnet listen ved selvautorisering"):
        assert words in told.text
    assert "_sealed" not in told.data


@pytest.mark.parametrize("role", Role)
def test_nobody_who_is_signed_in_exports_or_deletes_whatever_their_role(database, anna, role):
    """An administrator has no patient data; the commands are run at the machine."""
    me = User(id=f"helseid:{role}", name="Test", role=role, scopes=frozenset(Need))
    with clock.held(NOON + timedelta(days=1)):
        with database.writing() as session, pytest.raises(NotSo):
            portability.export(session, anna, by=me, reason=WHY)
        with database.writing() as session, pytest.raises(NotSo):
            portability.erase(session, anna, Basis.DECISION, by=me, reason=WHY)
    assert "statement" in rows_about(database, anna)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(audit).where(audit.c.what.endswith("-data"))) == 0


def test_why_it_was_handed_out_is_kept_sealed(database, anna):
    with database.writing() as session, pytest.raises(NotSo):
        portability.export(session, anna, by=OPERATOR, reason="kort")
    with database.writing() as session:
        told = json.loads(portability.export(session, anna, by=OPERATOR, reason=WHY).data)
    (event,) = told["tables"]["life_event"]
    assert (event["kind"], event["reason"], event["by_id"]) == ("exported", WHY, OPERATOR.id)


def test_every_table_about_persons_is_exported_and_emptied():
    about = {t.name for t in metadata.sorted_tables for key in t.foreign_keys if key.column.table is person}
    assert about <= {t.name for t in portability.tables()}


def test_the_dry_run_tells_what_the_deletion_then_deletes(database, anna):
    with clock.held(NOON + timedelta(days=1)), database.writing() as session:
        due = portability.due(session, anna)
        assert due["statement"] == 2
        assert portability.erase(session, anna, Basis.DECISION, by=OPERATOR, reason=WHY) == due
        assert portability.due(session, anna) == {}


def test_what_is_deleted_is_gone_and_the_log_holds(database, anna):
    berit = lived(database, BERIT, "Grønn Bjørk")
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(audit))
    with clock.held(NOON + timedelta(days=1)):
        with database.writing() as session:
            portability.erase(session, anna, Basis.DECISION, by=OPERATOR, reason=WHY)
        with database.writing() as session:
            fences.mark_unjudged(session, clock.today())
        work.drain(database)
        with database.writing() as session:
            assert persons.find(session, ANNA) is None
            assert listing.current_list(session, anna) is None
            assert persons.who(session, anna).name == ""
            assert not relation.sees(session, SYSTEM, anna, TODAY)
            assert list(log.verify(session)) == []
            assert session.scalar(select(func.count()).select_from(audit)) == before + 1
            assert listing.current_list(session, berit) is not None
            persons.mark_dirty(session)
            assert session.scalar(select(person.c.dirty_since).where(person.c.id == anna)) is None
            with pytest.raises(NotSo):
                portability.erase(session, anna, Basis.DECISION, by=OPERATOR, reason=WHY)
    assert rekey.unopened(database) == 0


def test_nobody_is_deleted_while_in_care_or_without_a_reason(database, anna):
    with database.writing() as session, pytest.raises(NotSo):
        portability.erase(session, anna, Basis.DECISION, by=OPERATOR, reason=WHY)
    with clock.held(NOON + timedelta(days=1)):
        for basis, reason in ((Basis.DECISION, "kort"), (Basis.RETENTION, WHY)):
            with pytest.raises(NotSo), database.writing() as session:
                portability.erase(session, anna, basis, by=OPERATOR, reason=reason)
    assert "statement" in rows_about(database, anna)


def test_one_who_was_joined_is_deleted_with_the_one_they_are(database, anna):
    berit = lived(database, BERIT)
    with database.writing() as session:
        joining.join(session, berit, anna, by=ADMIN, reason=WHY)
        assert life.known_as(session, anna) == (anna, berit)
        assert ANNA in portability.export(session, anna, by=OPERATOR, reason=WHY).text
    with clock.held(NOON + timedelta(days=1)), database.writing() as session:
        portability.erase(session, anna, Basis.DECISION, by=OPERATOR, reason=WHY)
    with database.reading() as session:
        for table in (alias, message, statement):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_after_the_time_of_keeping_a_patient_is_due(sqlite_settings):
    told = {"MEDREC_KEYS": new_keys(), "MEDREC_KEEP_PATIENTS_YEARS": "3"}
    database = open_database(settings(sqlite_settings.data_dir, told))
    anna = lived(database)
    for days, due in ((0, ()), (3 * 365, ()), (3 * 366, (anna,))):
        with clock.held(NOON + timedelta(days=days)), database.reading() as session:
            assert portability.past_keeping(session) == due
    with clock.held(NOON + timedelta(days=1200)), database.writing() as session:
        portability.erase(session, anna, Basis.RETENTION, by=OPERATOR, reason=WHY)
        assert portability.past_keeping(session) == ()
    database.close()


def test_without_a_time_of_keeping_nobody_is_due(database, anna):
    with clock.held(NOON + timedelta(days=9999)), database.reading() as session:
        assert portability.past_keeping(session) == (), anna


@pytest.fixture
def folder(sqlite_settings, monkeypatch):
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    write_keys(sqlite_settings.keys_file, new_keys())
    return sqlite_settings.data_dir


def stored(folder):
    return b"".join(file.read_bytes() for file in folder.glob("medrec.db*"))


def test_the_command_exports_then_shows_then_deletes_from_the_file_itself(folder, tmp_path, capsys):
    database = open_database(settings(folder, {}))
    anna = lived(database)
    out = tmp_path / "out"
    told = ["--patient", anna, "--reason", WHY, "--data-dir", str(folder)]
    assert main(["person", "export", "--out", str(out), *told]) == 0
    assert {f.name for f in out.iterdir()} == {"data.json", "read.txt", "messages"}
    assert out.stat().st_mode & 0o077 == 0
    assert main(["person", "export", "--out", str(out), *told]) == 1
    with clock.held(NOON + timedelta(days=1)):
        assert main(["person", "delete", "--basis", "decision", *told]) == 0
        assert "would be deleted" in capsys.readouterr().out
        assert DOSE.encode() in stored(folder)
        assert main(["person", "delete", "--basis", "decision", "--really", *told]) == 0
    database.close()
    assert DOSE.encode() not in stored(folder)
    assert main(["person", "delete", "--basis", "decision", *told]) == 1


def test_keys_are_changed_while_the_house_is_open(folder):
    """A process that began under the old keys goes on reading and writing; one begun since reads both."""
    file = folder / "keys.json"
    old = open_database(settings(folder, {}))
    anna = lived(old)
    write_keys(file, with_new_key(file.read_text(encoding="utf-8")))
    new = open_database(settings(folder, {}))
    lived(old, BERIT)
    for database in (old, new):
        with database.reading() as session:
            assert persons.who(session, anna).name == "Lun Snøfonn"
    assert rekey.seal_anew(new) > 0
    assert rekey.seal_anew(new) == 0
    assert rekey.unopened(new) == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    told["keys"].pop("k1")
    write_keys(file, json.dumps(told))
    alone = open_database(settings(folder, {}))
    with alone.reading() as session:
        assert persons.find(session, BERIT) is not None
        assert persons.who(session, anna).name == "Lun Snøfonn"
    assert rekey.unopened(alone) == 0
    for database in (old, new, alone):
        database.close()


def test_no_address_is_kept_of_anybody():
    """Strictly confidential addresses can't leak: there is no place for where a patient lives, sealed or not."""
    words = ("address", "street", "postal", "municipality", "phone", "residence")
    columns = {(t.name, c.name) for t in metadata.sorted_tables for c in t.columns}
    told = {(table, name) for table, name in columns if any(w in name for w in words)}
    assert told == {("roster", "gp_phone"), ("roster", "pharmacy_phone")}
