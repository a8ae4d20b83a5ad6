"""Life events: what becomes of lists, notices, relations and log when somebody dies, moves or is another."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from stdnum.no import fodselsnummer
from told import ANNA, BERIT, NOON, TODAY, medicine, number, rf
from told import message as said

from formats.identifiers import person_identifier
from formats.statement import Identifier, Person, Source
from medrec import actions, clock, hearing, intake, joining, life, listing, persons, quarantine, roster, work, worklist
from medrec.access import blocks, insight, log, relation
from medrec.access.people import Need, Role, User
from medrec.actions import ActionKind, By
from medrec.cli import main
from medrec.db import open_database
from medrec.life import NotSo
from medrec.notices.around import in_our_care
from medrec.records import alias, discrepancy, life_event, list_head, message, person, statement
from medrec.vault import new_keys, write_keys

D_NUMBER = number(1, d_number=True)
TOMORROW = TODAY + timedelta(days=1)
NURSE = User(id="n", name="Test Sykepleier", role=Role.NURSE, district="Nord")
ADMIN = User(id="a", name="Test Drift", role=Role.ADMIN)
SYSTEM = User(id="s", name="Test System", role=Role.SYSTEM, scopes=frozenset({Need.SEE_LIST}))
BY = By(id="n", name="Test Sykepleier", role="nurse")
WHY = "bekreftet i Folkeregisteret, besluttet av leder"
GP = {"gp_hpr": "9990201", "gp_name": "Test Lege", "gp_office": "Testkontoret", "gp_her_id": "990001"}


@pytest.fixture(autouse=True)
def _now():
    with clock.held(NOON):
        yield


def row(identifier=ANNA, **more):
    told = {"name": "Anna Eksempel", "district": "Nord", "starts": TODAY - timedelta(days=9), **GP}
    return roster.RosterRow(identifier=identifier, **{**told, **more})


def loaded(database, *rows, on=TODAY):
    with database.writing() as session:
        return roster.load(session, rows, on)


def heard(database, *raws):
    told = [intake.receive(database, raw, channel="test") for raw in raws]
    work.drain(database, today=clock.today())
    return told


def known(database, identifier=ANNA):
    with database.reading() as session:
        return persons.find(session, identifier)


def lines(database, person_id):
    with database.reading() as session:
        held = listing.current_list(session, person_id)
        return {line.name for line in held.reconciliation.lines} if held else None


def sees(database, user, person_id, on=TODAY):
    with database.reading() as session:
        return relation.sees(session, user, person_id, on)


def log_of(database, person_id):
    with database.reading() as session:
        assert list(log.verify(session)) == []
        return [told.what for told in insight.of_patient(session, person_id)]


def counted(database, table, person_id):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(table.c.person_id == person_id))


def test_a_death_ends_relations_and_letters_and_keeps_the_list(database):
    loaded(database, row())
    heard(database, said(ANNA, medicine()))
    anna = known(database)
    before = lines(database, anna)
    with database.writing() as session:
        event = life.died(session, anna, TODAY, by="a", reason=WHY)
        log.record(session, ADMIN, "died", person_id=anna)
        assert not in_our_care(session, anna)
        with pytest.raises(NotSo):
            life.died(session, anna, TODAY, by="a", reason=WHY)
    loaded(database, row(), on=TODAY)
    assert sees(database, NURSE, anna)
    assert not sees(database, NURSE, anna, TOMORROW)
    with clock.held(NOON + timedelta(days=1)):
        loaded(database, row(), on=TOMORROW)
        heard(database, said(ANNA, medicine(), medicine("Furosemid 40 mg"), hours=20))
        assert not sees(database, NURSE, anna, TOMORROW), "a roster that has not heard of it changes nothing"
        with database.reading() as session:
            assert worklist.worklist(session).rows == ()
    assert lines(database, anna) == before | {"Furosemid 40 mg"}, "what comes later is heard and not lost"
    with database.writing() as session:
        assert life.not_dead(session, event, by="a") == anna
    assert sees(database, NURSE, anna, TOMORROW)
    assert "registrerte dødsfall" in log_of(database, anna)


def test_a_day_to_come_is_no_death_and_needs_a_reason(database):
    loaded(database, row())
    anna = known(database)
    with database.writing() as session:
        for day, reason in ((TOMORROW, WHY), (TODAY, "kort")):
            with pytest.raises(NotSo):
                life.died(session, anna, day, by="a", reason=reason)
        assert life.death_of(session, anna) is None


@pytest.mark.parametrize("after", [(), (row(district="Sør", starts=TODAY),)], ids=["service ended", "moved"])
def test_when_the_service_ends_or_they_move_the_old_district_is_shut_out(database, after):
    loaded(database, row())
    heard(database, said(ANNA, medicine()))
    anna = known(database)
    before = lines(database, anna)
    loaded(database, *after)
    assert not sees(database, NURSE, anna, TOMORROW)
    assert sees(database, User(id="x", name="x", role=Role.NURSE, district="Sør"), anna, TOMORROW) is bool(after)
    with clock.held(NOON + timedelta(days=1)), database.reading() as session:
        assert in_our_care(session, anna) is bool(after)
        assert {r.district for r in worklist.worklist(session).rows} == {r.district for r in after}
    heard(database)
    assert lines(database, anna) == before


def test_a_new_gp_sees_the_list_and_gets_the_letters(database):
    loaded(database, row())
    heard(database, said(ANNA, medicine()))
    anna = known(database)
    old, new = (User(id=h, name="Test", role=Role.GP, hpr=h) for h in ("9990201", "9990202"))
    assert (sees(database, old, anna), sees(database, new, anna)) == (True, False)
    loaded(database, row(gp_hpr="9990202", gp_her_id="990002"))
    assert (sees(database, old, anna), sees(database, new, anna)) == (False, True)
    with database.reading() as session:
        assert roster.care_of(session, anna, TODAY).gp.her_id == "990002"


def test_a_d_number_that_becomes_a_national_number_stays_one_person(database):
    heard(database, said(D_NUMBER, medicine()))
    anna = known(database, D_NUMBER)
    with database.writing() as session:
        persons.join(session, anna, person_identifier("", ANNA), "a")
    heard(database, said(ANNA, medicine(), hours=1))
    assert known(database) == known(database, D_NUMBER) == anna
    assert counted(database, statement, anna) == 1, "the same words under the new number are the same statement"
    with database.reading() as session:
        assert [i.type for i in persons.who(session, anna).identifiers] == ["FNR", "DNR"]


def two_lives(database):
    """One person heard of under two numbers: as Anna by the GP, by a D-number by the registry; a nurse has acted."""
    loaded(database, row(), row(D_NUMBER, starts=TODAY, district="Sør", name="A Eksempel"))
    heard(
        database,
        said(ANNA, medicine(), medicine("Furosemid 40 mg", "1 tablett morgen")),
        said(D_NUMBER, medicine("Warfarin 2,5 mg", "1 tablett kveld"), medicine("Marevan 2,5 mg", "1 tablett kveld")),
    )
    anna, other = known(database), known(database, D_NUMBER)
    with database.writing() as session:
        held = listing.current_list(session, other)
        a, b = sorted(held.statements)
        actions.record_action(session, person_id=other, kind=ActionKind.LINK_SAME, by=BY, today=TODAY, a=a, b=b)
        log.record(session, NURSE, "read-list", person_id=other, why="COC")
    return anna, other


def links(database, person_id):
    with database.reading() as session:
        held = listing.current_list(session, person_id)
        told = [n.data for n in worklist.history(session, person_id) if n.kind == "link-same"]
        return [{n["a"], n["b"]} <= set(held.statements) for n in told]


def test_two_persons_found_to_be_one_and_back_again(database):
    anna, other = two_lives(database)
    mine, theirs = lines(database, anna), lines(database, other)
    with database.writing() as session:
        blocks.put(session, other, ADMIN)
        event = joining.join(session, other, anna, by=ADMIN, reason=WHY)
    heard(database)
    assert lines(database, anna) == mine | theirs
    assert links(database, anna) == [True], "a nurse's word follows the statements it is about"
    assert known(database, D_NUMBER) == known(database) == anna
    assert not sees(database, SYSTEM, other), "an id that stands for nobody shows no empty list"
    with database.reading() as session:
        assert blocks.standing(session, anna)
        assert {c.district for c in roster.cares(session, [anna], TODAY).values()} == {"Sør"}
    assert "leste legemiddellisten" in log_of(database, anna)
    heard(database, said(D_NUMBER, medicine("Paracet 500 mg"), source="HP", kinds=("hjemmeliste",), hours=2))
    assert "Paracet 500 mg" in lines(database, anna)

    with database.writing() as session:
        assert joining.unjoin(session, event, by=ADMIN) == other
        with pytest.raises(NotSo):
            joining.unjoin(session, event, by=ADMIN)
    heard(database)
    assert lines(database, anna) == mine
    assert lines(database, other) == theirs | {"Paracet 500 mg"}, "also what was said of them since"
    assert links(database, other) == [True]
    with database.reading() as session:
        cares = roster.cares(session, [anna, other], TODAY)
    assert {name: care.district for name, care in cares.items()} == {anna: "Nord", other: "Sør"}
    assert (known(database), known(database, D_NUMBER)) == (anna, other)
    assert counted(database, message, other) == 2


def test_an_id_that_stands_for_nobody_waits_for_nothing_and_nobody_else_is_touched(sqlite_database):
    database = sqlite_database
    anna, other = two_lives(database)
    loaded(database, row(), row(D_NUMBER, starts=TODAY, district="Sør"), row(BERIT, name="Berit Eksempel"))
    heard(database, said(BERIT, medicine()))
    berit = known(database, BERIT)
    waits = [
        intake.receive(database, raw, channel="test", asked_for=p, source=Source.GP).message_id
        for p, raw in ((other, b"torn of other"), (berit, b"torn of berit"))
    ]
    with database.writing() as session:
        before = dict(session.execute(select(list_head.c.person_id, list_head.c.worst)).all())
        joining.join(session, other, anna, by=ADMIN, reason=WHY)
        dirty = select(person.c.id).where(person.c.dirty_since.is_not(None))
        assert set(session.scalars(dirty)) == {anna, berit}
        assert dict(session.execute(select(list_head.c.person_id, list_head.c.worst)).all()) == before | {other: -1}
        asked = [session.scalar(select(message.c.asked_for).where(message.c.id == m)) for m in waits]
        assert asked == [anna, berit], "what was asked for the one that goes is asked for the other"
    heard(database)
    with database.reading() as session:
        assert hearing.case_of(session, anna, TODAY).heard[Source.GP].gaps
        assert set(session.scalars(dirty)) == set()


def test_what_is_read_again_is_checked_as_when_it_came_and_a_fault_of_ours_keeps_nobody_joined(
    sqlite_database, monkeypatch
):
    database = sqlite_database
    anna, other = two_lives(database)
    theirs, seen = lines(database, other), []
    monkeypatch.setattr(joining, "at_hand", lambda _settings: {"signatures": "our certificates"})

    def reads_worse_than_before(_raw, **checked_with):
        seen.append(checked_with)
        raise ZeroDivisionError

    monkeypatch.setattr(joining, "read", reads_worse_than_before)
    with database.writing() as session:
        joining.join(session, other, anna, by=ADMIN, reason=WHY)
    heard(database)
    assert theirs < lines(database, anna), "the reading it had is carried as it is"
    assert seen == [{"signatures": "our certificates"}]


def test_nobody_is_joined_to_themselves_or_to_one_who_is_gone(database):
    anna, other = two_lives(database)
    with database.writing() as session:
        joining.join(session, other, anna, by=ADMIN, reason=WHY)
        for source, target in ((anna, anna), (anna, other), (other, anna), (anna, "f" * 24)):
            with pytest.raises(NotSo):
                joining.join(session, source, target, by=ADMIN, reason=WHY)


def test_a_flag_that_stood_on_both_stands_once_and_since_the_first(database):
    anna, other = two_lives(database)
    with database.writing() as session:
        joining.join(session, other, anna, by=ADMIN, reason=WHY)
    heard(database)
    with database.reading() as session:
        rows = worklist.open_discrepancies(session, person_id=anna, limit=1000).rows
        assert worklist.open_discrepancies(session, person_id=other).rows == ()
        assert counted(database, discrepancy, other) == 0
    keys = [(r.code, r.about) for r in rows]
    assert len(keys) == len(set(keys))


def test_a_flag_that_both_had_one_after_the_other_is_not_opened_beside_itself(sqlite_database):
    """The same medicine stands unread in both lists; each person's flag about it was raised at a time of its own."""
    database = sqlite_database
    loaded(database, row(), row(D_NUMBER, name="A Eksempel"))
    heard(database, said(ANNA, medicine()))
    with clock.held(NOON + timedelta(hours=1)):
        heard(database, said(D_NUMBER, medicine()))
        anna, other = known(database), known(database, D_NUMBER)
        with database.reading() as session:
            first = {(r.code, r.about): r.id for r in worklist.open_discrepancies(session, person_id=anna).rows}
            both = {(r.code, r.about) for r in worklist.open_discrepancies(session, person_id=other).rows} & set(first)
        assert both
        with database.writing() as session:
            joining.join(session, other, anna, by=ADMIN, reason=WHY)
        for _ in range(2):
            heard(database)
            with database.reading() as session:
                rows = worklist.open_discrepancies(session, person_id=anna, limit=1000).rows
            assert sorted(r.id for r in rows if (r.code, r.about) in both) == sorted(first[key] for key in both)
            with database.writing() as session:
                persons.mark_dirty(session, [anna])


OLD = Identifier("local", "E-old", "epic")


def at_the_journal(*names, hours, local="E77", national=None, more=()):
    """A home list of the journal, about its patient E77: by its own number, by a national one, or by both."""
    told = [{"type": "local", "system": "epic", "value": local}] if local else []
    told += [{"type": i.type, "value": i.value} for i in (person_identifier("", n) for n in (national, *more) if n)]
    person = {"identifiers": told, "name": "A Eksempel"}
    return said(None, *map(medicine, names), source="HP", kinds=("hjemmeliste",), hours=hours, person=person)


def test_a_joining_taken_back_takes_along_the_ids_at_sources_that_were_learnt_since(database):
    """Else what the journal says next of its own patient would be said of the wrong person."""
    anna, other = two_lives(database)
    with database.writing() as session:
        before = set(session.scalars(select(message.c.id).where(message.c.person_id == other)))
        event = joining.join(session, other, anna, by=ADMIN, reason=WHY)
    heard(database, at_the_journal("Paracet 500 mg", hours=2, national=D_NUMBER))
    heard(database, at_the_journal("Paracet 1 g", hours=3))
    heard(database, at_the_journal("Imovane 5 mg", hours=3, local="E1", national=ANNA))
    with database.writing() as session:  # as by a reader that has learnt to read an id in a message of before
        (theirs,) = {
            name for name in session.scalars(select(message.c.id).where(message.c.person_id == anna)) if name in before
        }
        persons.resolve(
            session, Person(identifiers=(person_identifier("", D_NUMBER), OLD)), asked_for=None, origin=theirs
        )
    assert {"Paracet 1 g", "Imovane 5 mg"} < lines(database, anna)
    with database.writing() as session:
        joining.unjoin(session, event, by=ADMIN)
    heard(database)
    assert {"Paracet 500 mg", "Paracet 1 g"} < lines(database, other)
    assert "Imovane 5 mg" in lines(database, anna)
    assert not {"Paracet 500 mg", "Paracet 1 g"} & lines(database, anna)
    told = heard(
        database,
        *(at_the_journal("Furix 40 mg", hours=4, local=local) for local in ("E77", "E1", OLD.value)),
    )
    assert [t.patient for t in told] == [other, anna, other]


def test_a_joining_is_not_taken_back_while_its_numbers_are_elsewhere(database):
    anna, other = two_lives(database)
    loaded(database, row(), row(BERIT, name="Berit Eksempel"))
    berit = known(database, BERIT)
    with database.writing() as session:
        first = joining.join(session, other, anna, by=ADMIN, reason=WHY)
        second = joining.join(session, anna, berit, by=ADMIN, reason=WHY)
        with pytest.raises(NotSo, match="take that back first"):
            joining.unjoin(session, first, by=ADMIN)
        joining.unjoin(session, second, by=ADMIN)
        joining.unjoin(session, first, by=ADMIN)
    assert [known(database, n) for n in (ANNA, D_NUMBER, BERIT)] == [anna, other, berit]


def test_a_death_that_was_known_of_one_is_the_others_too_until_they_part_again(sqlite_database):
    database = sqlite_database
    anna, other = two_lives(database)
    with database.writing() as session:
        life.died(session, other, TODAY, by="a", reason=WHY)
        event = joining.join(session, other, anna, by=ADMIN, reason=WHY)
        assert life.death_of(session, anna) == TODAY
        assert roster.care_of(session, anna, TOMORROW) is None
        joining.unjoin(session, event, by=ADMIN)
        assert [life.death_of(session, p) for p in (anna, other)] == [None, TODAY]
        assert roster.care_of(session, anna, TOMORROW) is not None
        again = joining.join(session, other, anna, by=ADMIN, reason=WHY)
        mine = (life_event.c.person_id == anna) & (life_event.c.kind == "died") & life_event.c.undone_at.is_(None)
        life.not_dead(session, session.scalar(select(life_event.c.id).where(mine)), by="a")
        joining.unjoin(session, again, by=ADMIN)
        assert [life.death_of(session, p) for p in (anna, other)] == [None, TODAY]


def test_no_number_is_laid_to_an_id_that_stands_for_nobody(database):
    anna, other = two_lives(database)
    with database.writing() as session:
        joining.join(session, other, anna, by=ADMIN, reason=WHY)
        with pytest.raises(persons.Unresolved):
            persons.join(session, other, person_identifier("", BERIT), "a")
        with pytest.raises(NotSo, match="nobody"):
            life.died(session, other, TODAY, by="a", reason=WHY)


def wrongly_one(database):
    """Berit's number was laid to Anna by mistake; since then both have been heard of as one."""
    loaded(database, row())
    anna = known(database)
    with database.writing() as session:
        persons.join(session, anna, person_identifier("", BERIT), "a")
    heard(
        database,
        said(ANNA, medicine()),
        rf(BERIT, medicine("Warfarin 2,5 mg", kind="resept", prescription_id="r-1")),
    )
    return anna


def test_one_person_found_to_be_two_and_back_again(database):
    anna = wrongly_one(database)
    every = lines(database, anna)
    with database.writing() as session:
        told = joining.part(session, anna, [person_identifier("", BERIT)], by=ADMIN, reason=WHY)
    heard(database)
    assert (len(told.messages), told.unsure) == (1, ())
    assert lines(database, anna) | lines(database, told.person_id) == every
    assert not lines(database, anna) & lines(database, told.person_id)
    assert known(database, BERIT) == told.person_id
    assert not sees(database, NURSE, told.person_id), "no relation follows: the roster has not spoken of them"
    heard(database, said(BERIT, medicine("Paracet 500 mg"), hours=3))
    assert "Paracet 500 mg" in lines(database, told.person_id)

    with database.writing() as session:
        joining.unpart(session, told.event, by=ADMIN, reason=WHY)
    heard(database)
    assert lines(database, anna) == every | {"Paracet 500 mg"}
    assert known(database, BERIT) == anna


def test_a_parting_takes_along_the_ids_at_sources_and_what_names_only_them(database):
    anna = wrongly_one(database)
    heard(
        database,
        at_the_journal("Paracet 500 mg", hours=2, national=BERIT),
        at_the_journal("Imovane 5 mg", hours=2, local="E1", national=ANNA),
    )
    heard(database, at_the_journal("Paracet 1 g", hours=3), at_the_journal("Sobril 10 mg", hours=3, local="E1"))
    both = heard(database, at_the_journal("Furix 40 mg", hours=1, local=None, national=BERIT, more=(ANNA,)))
    with database.writing() as session:
        told = joining.part(session, anna, [person_identifier("", BERIT)], by=ADMIN, reason=WHY)
    heard(database)
    assert told.unsure == (both[0].message_id,)
    assert lines(database, told.person_id) == {"Warfarin 2,5 mg", "Paracet 500 mg", "Paracet 1 g"}
    assert {"Imovane 5 mg", "Sobril 10 mg", "Furix 40 mg"} < lines(database, anna)
    told_next = heard(database, at_the_journal("Afipran 10 mg", hours=4), at_the_journal("X", hours=4, local="E1"))
    assert [t.patient for t in told_next] == [told.person_id, anna]


def test_the_card_of_who_stays_is_drawn_from_what_is_theirs(sqlite_database):
    """She was first heard of under the other's number, and had the other's name and birth date since."""
    database, other = sqlite_database, number(3, date(1950, 1, 2))
    heard(database, said(None, medicine(), person={"identifier": other, "name": "Berit Eksempel"}))
    anna = known(database, other)
    with database.writing() as session:
        persons.join(session, anna, person_identifier("", ANNA), "a")
    heard(database, said(ANNA, medicine("Furix 40 mg"), source="HP", kinds=("hjemmeliste",)))
    with database.writing() as session:
        told = joining.part(session, anna, [person_identifier("", other)], by=ADMIN, reason=WHY)
        cards = persons.names(session, [anna, told.person_id])
    assert [(cards[p].name, cards[p].birth_date) for p in (anna, told.person_id)] == [
        ("Anna Eksempel", date(1941, 5, 17)),
        ("Berit Eksempel", date(1950, 1, 2)),
    ]


def test_what_names_only_an_id_that_was_theirs_too_is_told_as_unsure(sqlite_database):
    """The journal's patient E77 was told with Berit's number, and an operator has laid that id to Anna."""
    database = sqlite_database
    anna = wrongly_one(database)
    with_both = heard(database, at_the_journal("Paracet 500 mg", hours=2, national=BERIT))
    alone = heard(database, at_the_journal("Paracet 1 g", hours=3))
    with database.writing() as session:
        session.execute(update(alias).where(alias.c.person_id == anna, alias.c.type == "local").values(origin="a"))
        told = joining.part(session, anna, [person_identifier("", BERIT)], by=ADMIN, reason=WHY)
    assert set(told.unsure) == {with_both[0].message_id, alone[0].message_id}


def test_a_parting_names_messages_of_that_person_only_and_moves_no_number_with_them(database):
    anna = wrongly_one(database)
    (both,) = heard(database, at_the_journal("Furix 40 mg", hours=1, local=None, national=BERIT, more=(ANNA,)))
    numbers = [person_identifier("", BERIT)]
    with database.writing() as session:
        with pytest.raises(NotSo, match="mistyped"):
            joining.part(session, anna, numbers, by=ADMIN, reason=WHY, also=["mistyped"])
        session.execute(update(alias).where(alias.c.person_id == anna).values(origin=both.message_id))
        told = joining.part(session, anna, numbers, by=ADMIN, reason=WHY, also=[both.message_id])
    assert told.unsure == ()
    assert both.message_id in told.messages
    assert (known(database), known(database, BERIT)) == (anna, told.person_id)


def test_parting_needs_some_numbers_and_not_all(database):
    anna = wrongly_one(database)
    with database.writing() as session:
        for numbers in ([], [ANNA, BERIT], [number(9)]):
            with pytest.raises(NotSo):
                joining.part(session, anna, [person_identifier("", n) for n in numbers], by=ADMIN, reason=WHY)


def test_a_message_that_waited_for_two_persons_to_be_one_is_read_then(sqlite_database):
    database = sqlite_database
    loaded(database, row(), row(D_NUMBER, name="A Eksempel"))
    receipt = intake.receive(database, said(D_NUMBER, medicine()), channel="test", asked_for=known(database))
    assert (receipt.status, receipt.problem.code) == ("quarantined", "wrong-patient")
    with database.writing() as session:
        joining.join(session, persons.find(session, D_NUMBER), persons.find(session, ANNA), by=ADMIN, reason=WHY)
    assert quarantine.retry(database).accepted == (receipt.message_id,)


@pytest.fixture
def folder(sqlite_settings, monkeypatch):
    write_keys(sqlite_settings.keys_file, new_keys())
    monkeypatch.delenv("MEDREC_KEYS", raising=False)
    return ["--data-dir", str(sqlite_settings.data_dir)]


def test_the_command_does_each_and_takes_it_back(sqlite_settings, folder, capsys, monkeypatch):
    from medrec.config import settings  # noqa: PLC0415 - the store under the command's own keys

    database = open_database(settings(sqlite_settings.data_dir, {}))
    loaded(database, row(), row(BERIT, name="Berit Eksempel"))
    anna, berit = known(database), known(database, BERIT)
    why = ["--reason", WHY, *folder]

    def event():
        return capsys.readouterr().out.split()[1]

    assert main(["person", "died", "--patient", anna, "--on", TODAY.isoformat(), *why]) == 0
    assert main(["person", "undo", event(), *why]) == 0
    capsys.readouterr()
    assert main(["person", "join", "--patient", berit, "--into", anna, *why]) == 0
    assert main(["person", "undo", event(), *why]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{D_NUMBER}\n"))
    assert main(["person", "number", "--patient", anna, *why]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{D_NUMBER}\n"))
    capsys.readouterr()
    assert main(["person", "part", "--patient", anna, *why]) == 0
    assert main(["person", "undo", event(), *why]) == 0
    assert main(["person", "died", "--patient", "f" * 24, "--on", TODAY.isoformat(), *why]) == 1
    assert main(["person", "undo", "unknown", *why]) == 1
    assert "Traceback" not in capsys.readouterr().err
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(life_event)) == 4
    database.close()


def test_the_numbers_used_here_are_synthetic():
    assert all(fodselsnummer.calc_check_digit1(n) == n[9] for n in (ANNA, BERIT, D_NUMBER))
    assert int(D_NUMBER[:2]) > 40
    assert all(int(n[2:4]) > 80 for n in (ANNA, BERIT, D_NUMBER))


@pytest.mark.postgres
def test_a_message_said_while_its_person_is_joined_to_another_is_said_of_the_other(postgres_settings, monkeypatch):
    """Whose it is was asked before the joining was there, and said after: it would stand with an id nobody sees."""
    database = open_database(postgres_settings)
    anna, other = two_lives(database)
    resolve, asked = persons.resolve, []

    def resolved(session, *words, **named):
        found = resolve(session, *words, **named)
        if not asked:
            with database.writing() as meanwhile:
                joining.join(meanwhile, other, anna, by=ADMIN, reason=WHY)
        asked.append(found)
        return found

    monkeypatch.setattr(persons, "resolve", resolved)
    raw = said(D_NUMBER, medicine("Furix 40 mg", "1 tablett morgen"), hours=1)
    receipt = intake.receive(database, raw, channel="test")
    assert (receipt.status, receipt.patient, asked) == ("accepted", anna, [other, anna])
    database.close()
