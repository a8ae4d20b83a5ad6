"""Many messages at once say what they would have said one after the other, and a fault in one is its own."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from test_any_order import emptied
from told import ANNA, BERIT, NOON, TODAY, hp, medicine, message, number, rf

from medrec import clock, feed, intake, keeping, listing, persons, work
from medrec.records import message as messages
from medrec.records import person as persons_table
from medrec.records import radar_count

_RAWS = [
    message(ANNA, medicine(), medicine("Furix 40 mg", "1 tablett morgen"), hours=-48),
    rf(ANNA, medicine(kind="resept", dose="2 tabletter morgen"), hours=-1),
    b"<not/a message",
    hp(BERIT, medicine("Paracet 500 mg", "1 tablett ved behov")),
    message(ANNA, medicine()),
    message(None, medicine("Albyl-E 75 mg")),
    message(ANNA, medicine()),
    b"<not/a message",
    message(number(3), medicine("Marevan 2,5 mg", "etter skjema")),
]
_SAID = ["accepted"] * 2 + ["quarantined"] + ["accepted"] * 2 + ["quarantined", "repeated", "quarantined", "accepted"]


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def in_bulk(database):
    return list(intake.receive_many(database, iter(_RAWS), channel="test"))


def one_by_one(database):
    return [intake.receive(database, raw, channel="test") for raw in _RAWS]


def lists(database):
    """What stands of each person: statements, conclusions, flags; and what the radar counted."""
    while work.drain(database, today=TODAY).judged:
        pass
    with database.reading() as session:
        told = {}
        for who in (ANNA, BERIT, number(3)):
            found = listing.current_list(session, persons.find(session, who))
            told[who] = (found.reconciliation.digest, sorted(found.statements), sorted(found.flags))
        counted = [tuple(row) for row in session.execute(select(radar_count).order_by(*radar_count.primary_key))]
    return told, counted


def test_what_is_concluded_is_the_same_in_bulk_and_one_by_one(database):
    seen = []
    for way in (one_by_one, in_bulk):
        emptied(database)
        assert [receipt.status for receipt in way(database)] == _SAID
        seen.append(lists(database))
        assert way(database)[0].status == "repeated"
        assert lists(database) == seen[-1], "nothing is said or counted twice"
    told, counted = seen[0]
    assert seen[0] == seen[1]
    assert counted
    assert {len(said) for _, said, _ in told.values()} == {1, 3}


def test_each_receipt_belongs_to_its_message(database):
    receipts = in_bulk(database)
    with database.reading() as session:
        for raw, receipt in zip(_RAWS, receipts, strict=True):
            assert keeping.raw_of(session, receipt.message_id) == raw
        who = [session.scalar(select(messages.c.person_id).where(messages.c.id == r.message_id)) for r in receipts]
        assert who == [r.patient for r in receipts]
        assert persons.find(session, BERIT) == receipts[3].patient
    assert receipts[4].message_id == receipts[6].message_id
    assert {r.problem.code for r in receipts if r.problem} == {"not-xml", "person-unknown"}


def test_a_fault_in_one_leaves_the_others_said_and_itself_kept(database, monkeypatch):
    def breaks(_session, _message_id, heard, _person_id):
        if any(said.name.startswith("Paracet") for said in heard.statements):
            raise RuntimeError

    monkeypatch.setattr(intake, "AFTER_HEARD", [breaks])
    with pytest.raises(RuntimeError):
        in_bulk(database)
    with database.reading() as session:
        outcomes = Counter(session.scalars(select(messages.c.outcome)))
    assert outcomes == {"accepted": 4, "quarantined": 2, "kept": 1}
    assert work.drain(database, today=TODAY).judged == 2, "it holds up no judgement"
    monkeypatch.setattr(intake, "AFTER_HEARD", [])
    told, _ = lists(database)
    assert all(said for _, said, _ in told.values()), "what was kept is taken up again"


def test_more_than_one_transaction_full(sqlite_database, monkeypatch):
    monkeypatch.setattr(intake, "_TOGETHER", 2)
    assert [receipt.status for receipt in in_bulk(sqlite_database)] == _SAID


def standing(database):
    """Version, revision, day of judgement and tries of each person, by name; and how many changes were told."""
    with database.reading() as session:
        told = {}
        for name, who in (("Anna", ANNA), ("Berit", BERIT), ("third", number(3))):
            person_id = persons.find(session, who)
            head = listing.head_of(session, person_id)
            told[name] = head and (head.version, head.revision, head.judged_on)
        return told, feed.last_position(session)


def test_one_who_cannot_be_judged_waits_and_holds_up_none_of_those_judged_with_them(database, monkeypatch):
    judge = listing.reconcile

    def breaks(case, drugs, today):
        if any(said.name.startswith("Paracet") for said in case.statements):
            raise RuntimeError
        return judge(case, drugs, today)

    in_bulk(database)
    monkeypatch.setattr(listing, "reconcile", breaks)
    told = work.drain(database, today=TODAY)
    assert (told.judged, told.failed) == (2, 1)
    assert standing(database) == ({"Anna": (1, 0, TODAY), "Berit": None, "third": (1, 0, TODAY)}, 2)
    assert work.drain(database, today=TODAY) == work.Drained(), "nobody is judged again meanwhile"
    monkeypatch.setattr(listing, "reconcile", judge)
    with clock.held(NOON + timedelta(minutes=1)):
        assert work.drain(database, today=TODAY).judged == 1
    assert standing(database)[0]["Berit"] == (1, 0, TODAY)


def test_what_is_concluded_again_is_marked_as_judged_and_told_to_nobody(database, monkeypatch):
    told_to = []
    in_bulk(database)
    lists(database)
    before, position = standing(database)
    monkeypatch.setattr(listing, "AFTER_REFRESH", [lambda _session, done: told_to.append(done.person_id)])
    with database.writing() as session:
        session.execute(update(persons_table).values(dirty_since=NOON))
    later = TODAY + timedelta(days=1)
    told = work.drain(database, today=later)
    assert (told.judged, told.changed) == (3, 0)
    assert standing(database) == ({name: (*was[:2], later) for name, was in before.items()}, position)
    assert told_to == []


@pytest.fixture
def forgetful(database, monkeypatch):
    """The store's server dies while the first message is read, and what was kept was not on the disk."""
    reads, forgets = intake.read, [True]

    def forgotten(raw, **checked_with):
        if forgets:
            forgets.clear()
            with database.writing() as session:
                session.execute(delete(messages).where(messages.c.outcome == keeping.KEPT))
        return reads(raw, **checked_with)

    monkeypatch.setattr(intake, "read", forgotten)
    return database


@pytest.mark.parametrize("way", [one_by_one, in_bulk])
def test_what_the_stores_server_forgot_between_keeping_and_saying_is_kept_once_more(forgetful, way):
    receipts = way(forgetful)
    assert [receipt.status for receipt in receipts] == _SAID
    with forgetful.reading() as session:
        for raw, receipt in zip(_RAWS, receipts, strict=True):
            assert keeping.raw_of(session, receipt.message_id) == raw


def test_what_is_forgotten_while_messages_are_said_apart_is_kept_once_more(database, monkeypatch):
    """One message breaks the saying of all; then each is said for itself, and the store's server dies in between."""
    say, keep_all, calls = intake._say, intake.keep_all, []

    def broken_first(session, by_hash, **more):
        done = keep_all(session, by_hash, **more)
        return dict(sorted(done.items(), key=lambda kept: by_hash[kept[0]] != _RAWS[3]))

    def breaks(_session, _message_id, heard, _person_id):
        if any(said.name.startswith("Paracet") for said in heard.statements):
            raise RuntimeError

    def forgets(session, told, **more):
        calls.append(len(told))
        if calls == [len(set(_RAWS)), 1, 1]:
            others = messages.c.outcome == keeping.KEPT, messages.c.id.not_in(list(told))
            session.execute(delete(messages).where(*others))
        return say(session, told, **more)

    monkeypatch.setattr(intake, "AFTER_HEARD", [breaks])
    monkeypatch.setattr(intake, "keep_all", broken_first)
    monkeypatch.setattr(intake, "_say", forgets)
    with pytest.raises(RuntimeError):
        in_bulk(database)
    with database.reading() as session:
        outcomes = Counter(session.scalars(select(messages.c.outcome)))
    assert outcomes == {"accepted": 4, "quarantined": 2, "kept": 1}


def test_a_message_forgotten_while_it_is_taken_up_again_holds_up_nobody(forgetful):
    with forgetful.writing() as session:
        for raw in (_RAWS[0], _RAWS[3]):
            keeping.keep(session, raw, channel="test")
    assert intake.resume(forgetful) == 2
    assert intake.resume(forgetful) == 0
    assert intake.receive(forgetful, _RAWS[0], channel="test").status == "accepted"
