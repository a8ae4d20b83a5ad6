"""Every business message from the folder gets its receipt: once, of the right version, with the right code."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "formats"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "formats" / "plo"))

from build_eresept import line, m1, m25
from sqlalchemy import select

from formats.apprec import OK, REJECTED, read_apprec, write_apprec
from medrec import checks
from medrec.config import SettingFault, settings
from medrec.notices.addresses import FILE
from medrec.notices.outbox import body_of
from medrec.records import outbox
from medrec.sources import folder


def drop(inbox, name, raw):
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_bytes(raw)
    os.utime(inbox / name, (time.time() - 5,) * 2)


def receipts(database):
    with database.reading() as session:
        ids = session.scalars(select(outbox.c.id).where(outbox.c.kind == "apprec").order_by(outbox.c.created_at)).all()
        return [read_apprec(body_of(session, i)) for i in ids]


def after(database, inbox, **files):
    for name, raw in files.items():
        drop(inbox, f"{name}.xml", raw)
    folder.sweep(database, inbox)
    return receipts(database)


def test_a_message_that_is_read_is_receipted_to_its_sender(sqlite_database, tmp_path):
    (told,) = after(sqlite_database, tmp_path / "in", a=m25(line(1)))
    assert (told.status, told.version, told.errors) == (OK, "1.0", ())
    assert told.receiver.units[0].name == "Lillevik legesenter"
    assert told.original_type.value == "ERM251"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"m1/2013-10-08", b"m1/2099-01-01", "T10"),
        (b"<Forskrivningsdato>2026", b"<Forskrivningsdato>i fjor", "T02"),
    ],
)
def test_a_message_that_is_refused_is_told_why(sqlite_database, tmp_path, old, new, code):
    (told,) = after(sqlite_database, tmp_path / "in", a=m1().replace(old, new))
    assert (told.status, [e.code for e in told.errors]) == (REJECTED, [code])
    assert told.receiver.units


def test_the_same_again_is_no_second_receipt(sqlite_database, tmp_path):
    inbox = tmp_path / "in"
    first = after(sqlite_database, inbox, a=m25(line(1)))
    assert after(sqlite_database, inbox, b=m25(line(1))) == first


def test_a_receipt_and_a_message_without_an_envelope_are_not_answered(sqlite_database, tmp_path):
    inbox = tmp_path / "in"
    (told,) = after(sqlite_database, inbox, a=m25(line(1)))
    back = replace(told, id="another", sender=told.receiver, receiver=told.sender)
    assert after(sqlite_database, inbox, b=write_apprec(back), c=b"<torn", d=b"{}") == [told]


def test_what_is_addressed_to_another_is_not_answered(sqlite_database, tmp_path):
    sender = '{"sender": {"her_id": "8000999", "name": "Annen", "responsible": "X", "phone": "1"}}'
    (sqlite_database.settings.data_dir / FILE).write_text(sender, encoding="utf-8")
    assert after(sqlite_database, tmp_path / "in", a=m25(line(1))) == []


def test_a_receipt_lost_with_its_process_is_made_up_for(sqlite_database, tmp_path, monkeypatch):
    inbox = tmp_path / "in"
    with monkeypatch.context() as broken:
        broken.setattr(folder.receipts, "queue", lambda *_, **__: 1 / 0)
        drop(inbox, "a.xml", m25(line(1)))
        with pytest.raises(ZeroDivisionError):
            folder.sweep(sqlite_database, inbox)
    long_ago = time.time() - 3600
    os.utime(inbox / "work" / "a.xml", (long_ago, long_ago))
    folder.sweep(sqlite_database, inbox)
    assert len(after(sqlite_database, inbox)) == 1


@pytest.mark.parametrize("name", ["MEDREC_SCHEMAS", "MEDREC_CERTIFICATES", "MEDREC_SIGNATURES_SHA1"])
def test_settings_that_can_not_be_used_are_told(tmp_path, name):
    with pytest.raises(SettingFault, match=name):
        checks.at_hand(settings(tmp_path, {name: str(tmp_path / "nothing")}))


def test_schemas_make_the_receipt_negative(sqlite_database, tmp_path, shared):
    told = sqlite_database.settings.values | {"schemas": str(shared / "data" / "xsd")}
    strict = replace(sqlite_database, settings=replace(sqlite_database.settings, values=told))
    broken = m25(line(1)).replace(b"<Rolle>", b"<Fremmed/><Rolle>", 1)
    (answer,) = after(strict, tmp_path / "in", a=broken)
    assert (answer.status, [e.code for e in answer.errors]) == (REJECTED, ["T02"])
