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
from sqlalchemy.exc import OperationalError

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


def dies(*_args, **_said):
    raise SystemExit


def long_after(place):
    """The files there look as they do when nobody has touched them for an hour."""
    for file in place.glob("*.xml"):
        os.utime(file, (time.time() - 3600,) * 2)


def lying(inbox):
    return {name: sorted(f.name for f in (inbox / name).iterdir()) for name in ("work", "done", "failed")}


@pytest.mark.parametrize("where", [(folder.receipts, "queue"), (folder, "_lay")], ids=["receipt", "laying"])
def test_what_a_process_left_when_it_died_after_taking_in_is_made_up_for(database, tmp_path, monkeypatch, where):
    inbox = tmp_path / "in"
    three = {"a": m25(line(1)), "b": m1().replace(b"m1/2013-10-08", b"m1/2099-01-01"), "c": m25(line(2))}
    with monkeypatch.context() as broken:
        broken.setattr(*where, dies)
        with pytest.raises(SystemExit):
            after(database, inbox, **three)
    assert lying(inbox) == {"work": ["a.xml", "b.xml", "c.xml"], "done": [], "failed": []}
    long_after(inbox / "work")
    told = after(database, inbox)
    assert sorted(one.status for one in told) == sorted([OK, REJECTED, OK])
    assert lying(inbox) == {"work": [], "done": ["a.xml", "c.xml"], "failed": ["b.xml"]}
    assert after(database, inbox, **three) == told, "nobody is answered twice"


def test_while_the_store_is_away_files_wait_in_the_inbox(database, tmp_path, monkeypatch):
    inbox, three = tmp_path / "in", {"a": m25(line(1)), "b": m25(line(2)), "c": m25(line(3))}

    def is_away(*_args, **_said):
        raise OperationalError(str(None), {}, OSError())

    with monkeypatch.context() as broken:
        broken.setattr(folder.intake, "receive_many", is_away)
        with pytest.raises(OperationalError):
            after(database, inbox, **three)
    assert lying(inbox)["work"] == ["a.xml"], "the one that was tried waits a while"
    long_after(inbox)
    assert folder.sweep(database, inbox).accepted == 2
    long_after(inbox / "work")
    assert folder.sweep(database, inbox).accepted == 1


def test_a_file_that_fails_by_a_fault_of_ours_stops_no_other_and_is_tried_again(database, tmp_path, monkeypatch):
    inbox, bad = tmp_path / "in", m25(line(2))
    take_in = folder.intake.receive_many

    def breaks(store, raws, *, channel):
        some = list(raws)
        if bad in some:
            raise RuntimeError
        return take_in(store, some, channel=channel)

    with monkeypatch.context() as broken:
        broken.setattr(folder.intake, "receive_many", breaks)
        assert len(after(database, inbox, a=m25(line(1)), b=bad, c=m25(line(3)))) == 2
    assert lying(inbox) == {"work": ["b.xml"], "done": ["a.xml", "c.xml"], "failed": []}
    long_after(inbox / "work")
    folder.sweep(database, inbox)
    assert len(after(database, inbox)) == 3
    assert lying(inbox)["work"] == []


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
