"""Who is whose: the roster file, and what loading it does."""

import base64
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from told import ANNA, BERIT, NOON, TODAY, medicine, message, number

from medrec import clock, hearing, intake, listing, persons, roster, work, worklist
from medrec.records import roster as table

HEAD = ";".join(roster.COLUMNS)


def line(identifier=ANNA, name="Anna Eksempel", district="Nord", starts="2026-01-01", ends="", **more):
    gp = more.get("gp", "1234567;Lege Lie;Lia legekontor;8001;22000000")
    return f"{identifier};{name};{district};{starts};{ends};{more.get('visit', '')};{gp};8009"


def as_cursor(told):
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def load(database, *lines, today=TODAY):
    rows = roster.read_csv("\n".join((HEAD, *lines)).encode())
    with clock.held(NOON), database.writing() as session:
        return roster.load(session, rows, today)


def test_a_row_is_a_person_with_care_and_gp(database):
    outcome = load(database, line(visit="2026-03-02 08:30"))
    assert (outcome.persons, outcome.started, outcome.changed, outcome.ended) == (1, 1, 0, 0)
    with database.reading() as session:
        person_id = persons.find(session, ANNA)
        care = roster.care_of(session, person_id, TODAY)
        card = persons.who(session, person_id)
        assert roster.districts(session, TODAY) == ("Nord",)
    assert care.gp == roster.GpOfRecord("1234567", "Lege Lie", "Lia legekontor", "8001", "22000000")
    assert care.next_visit.astimezone(clock.OSLO).strftime("%H:%M") == "08:30"
    assert (card.name, card.birth_date, care.pharmacy_her_id) == ("Anna Eksempel", date(1941, 5, 17), "8009")


@pytest.mark.parametrize(("said", "kinds"), [("", set()), ("nei", set()), ("ja", {"F04"}), ("yes", {"F04"})])
def test_who_lives_in_a_nursing_home_is_judged_by_its_criteria(database, said, kinds):
    """Zopiklon every night breaks criterion 11 of NORGEP-NH; at home none of NORGEP."""
    load(database, f"{line()};;;{said}")
    sleeping = medicine("Imovane", "1 tablett kveld", atc="N05CF01", substance="zopiklon", strength="5 mg")
    with clock.held(NOON):
        intake.receive(database, message(ANNA, sleeping), channel="test")
        work.drain(database, today=TODAY)
    with database.reading() as session:
        held = listing.current_list(session, persons.find(session, ANNA))
    assert {code for code, _ in held.flags} & {"D10", "F04"} == kinds


def test_the_same_roster_again_changes_nothing(database):
    load(database, line(), line(BERIT, "Berit Eksempel"))
    again = load(database, line(), line(BERIT, "Berit Eksempel"))
    assert (again.started, again.changed, again.ended) == (0, 0, 0)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ((line(ends="2026-02-20"),), (line(ends="2026-02-20"),)),
        ((line(), line(BERIT)), (line(),)),
        ((line(ends="2026-02-20"), line(district="Sør", starts="2026-02-21")), None),
    ],
    ids=["over before today", "ended today", "moved"],
)
def test_a_roster_that_says_the_same_once_more_starts_ends_and_judges_nothing(database, before, now):
    load(database, *before)
    load(database, *(now or before))
    work.drain(database, today=TODAY)
    again = load(database, *(now or before))
    assert (again.started, again.changed, again.ended) == (0, 0, 0)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(table)) == len(before)
        assert work.oldest_waiting(session) is None


def test_who_comes_back_after_the_relation_was_over_has_a_new_one(database):
    load(database, line(ends="2026-02-20"))
    assert load(database, line()).started == 1
    with database.reading() as session:
        assert roster.care_of(session, persons.find(session, ANNA), TODAY).ends is None
    assert load(database, line(ends="2026-02-20")).changed == 1
    with database.reading() as session:
        assert roster.care_of(session, persons.find(session, ANNA), TODAY) is None


@pytest.mark.full
def test_more_persons_than_a_database_takes_in_one_question_are_marked(database):
    load(database, line())
    work.drain(database, today=TODAY)
    with database.writing() as session:
        persons.mark_dirty(session, [persons.find(session, ANNA), *(f"{n:024}" for n in range(260_000))])
        assert work.oldest_waiting(session) is not None


def test_many_are_found_renamed_and_marked_some_at_a_time(sqlite_database, monkeypatch):
    monkeypatch.setattr(persons, "_TOGETHER", 2)
    five = [number(n) for n in range(1, 6)]
    load(sqlite_database, *(line(one, f"Navn {n}") for n, one in enumerate(five)))
    work.drain(sqlite_database, today=TODAY)
    told = load(sqlite_database, *(line(one, f"Nytt navn {n}", gp="7654321;;;;") for n, one in enumerate(five)))
    assert (told.persons, told.changed, told.started) == (5, 5, 0)
    with sqlite_database.reading() as session:
        found = persons.find_all(session, [*five, number(9)])
        cards = persons.names(session, found.values())
    assert [cards[found[one]].name for one in five] == [f"Nytt navn {n}" for n in range(5)]
    assert number(9) not in found
    assert work.drain(sqlite_database, today=TODAY).judged == 5


def test_a_roster_without_a_name_takes_nobodys_away(database):
    load(database, line())
    load(database, line(name=""))
    with database.reading() as session:
        assert persons.who(session, persons.find(session, ANNA)).name == "Anna Eksempel"


def test_a_row_that_vanishes_ends_the_relation_and_deletes_nothing(database):
    load(database, line(), line(BERIT, "Berit Eksempel"))
    assert load(database, line()).ended == 1
    with database.reading() as session:
        person_id = persons.find(session, BERIT)
        assert roster.care_of(session, person_id, TODAY).ends == TODAY
        assert roster.care_of(session, person_id, TODAY + timedelta(days=1)) is None
        assert session.scalar(select(func.count()).select_from(table)) == 2


def test_a_new_gp_is_judged_with_and_the_old_one_stays_in_history(database):
    load(database, line())
    work.drain(database, today=TODAY)
    changed = load(database, line(gp="7654321;Lege Dahl;Dal legekontor;8002;"))
    assert changed.changed == 1
    with database.reading() as session:
        person_id = persons.find(session, ANNA)
        assert hearing.case_of(session, person_id, TODAY).gp_hpr == "7654321"
        assert work.oldest_waiting(session) is not None
        assert session.scalar(select(func.count()).select_from(table)) == 2


def test_a_list_from_another_office_is_the_national_one(database):
    load(database, line())
    raw = message(ANNA, medicine())
    person_id = intake.receive(database, raw, channel="test").patient
    with database.reading() as session:
        (said,) = hearing.case_of(session, person_id, TODAY).statements
    assert (said.source, said.kind) == ("GP", "liste")


def test_the_worklist_is_of_those_in_care_and_paged(database):
    load(database, line(), line(BERIT, "Berit Eksempel", district="Sør"))
    with clock.held(NOON):
        for who in (ANNA, BERIT):
            intake.receive(database, message(who, medicine()), channel="test")
        work.drain(database, today=TODAY)
        with database.reading() as session:
            first = worklist.worklist(session, limit=1)
            second = worklist.worklist(session, limit=1, after=first.cursor)
            south = worklist.worklist(session, district="Sør")
            for strange in (
                "nonsense",
                *map(as_cursor, ([10**30, "a"], [4, "\0"], [True, "a"], {"a": 1, "b": 2}, [4])),
            ):
                with pytest.raises(worklist.BadCursor):
                    worklist.worklist(session, after=strange)
    assert {first.rows[0].district, second.rows[0].district} == {"Nord", "Sør"}
    assert second.cursor is None
    assert [r.district for r in south.rows] == ["Sør"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"\xff\xfe", 1),
        (b"name;district\n", 1),
        (f"{HEAD}\n{line(identifier='12345678901')}".encode(), 2),
        (f"{HEAD}\n{line()}\n{line(starts='soon')}".encode(), 3),
        (f"{HEAD}\n{line(district='')}".encode(), 2),
        (f"{HEAD}\n{line()};;;too;many".encode(), 2),
        (f"{HEAD}\n{line()};;;kanskje".encode(), 2),
        (f'{HEAD}\n"{line()}'.encode(), 2),
    ],
)
def test_a_roster_that_is_not_one_is_refused_whole_with_its_line(content, where):
    with pytest.raises(roster.RosterError) as refused:
        roster.read_csv(content)
    assert refused.value.line == where
    assert "12345678901" not in str(refused.value)


@pytest.mark.parametrize(
    ("head", "rows", "where", "reason"),
    [
        (f"{HEAD};gp_mail", [line()], 1, f"column {len(roster.COLUMNS) + 1}: gp_mail is no column"),
        ("identifier;district;from;slutt", [f"{ANNA};Nord;2026-01-01;2026-02-01"], 1, "column 4: slutt is no column"),
        ("identifier;district;from;to;To", [f"{ANNA};Nord;2026-01-01;;2026-02-01"], 1, "column 5: to stands twice"),
        ("identifier;district;from;district", [f"{ANNA};Nord;2026-01-01;Sør"], 1, "column 4: district stands twice"),
        ("identifier;district;from;;", [f"{ANNA};Nord;2026-01-01", f"{BERIT};Nord;2026-01-01;;x"], 3, "column 5: a"),
        (HEAD, [line(), line(BERIT, ends="2025-12-31")], 3, "to is before from"),
        (HEAD, [line(starts="02.01.2026", ends="01.01.2026")], 2, "to is before from"),
    ],
    ids=["unknown", "in Norwegian", "twice", "twice, once more filled", "no heading", "ends before", "Norwegian dates"],
)
def test_what_would_be_dropped_or_end_a_relation_is_refused_with_its_place(head, rows, where, reason):
    with pytest.raises(roster.RosterError) as refused:
        roster.read_csv("\n".join((head, *rows)).encode())
    assert refused.value.line == where
    assert refused.value.reason.startswith(reason)


@pytest.mark.parametrize("strange", [ANNA, f"til {ANNA}"])
def test_a_number_in_the_heading_is_not_told(strange):
    with pytest.raises(roster.RosterError, match="column 4") as refused:
        roster.read_csv(f"identifier;district;from;{strange}\n{ANNA};Nord;2026-01-01;".encode())
    assert ANNA not in str(refused.value)


def test_columns_stand_in_any_order_and_empty_ones_without_a_name_say_nothing():
    (row,) = roster.read_csv(f"District; to ;FROM;identifier;;\nNord;2026-01-01;2026-01-01;{ANNA};; ".encode())
    assert (row.identifier, row.district, row.starts, row.ends) == (ANNA, "Nord", date(2026, 1, 1), date(2026, 1, 1))


def test_norwegian_dates_and_a_byte_order_mark_are_read():
    (row,) = roster.read_csv(b"\xef\xbb\xbf" + f"{HEAD}\r\n{line(starts='01.02.2026', ends='28.02.2026')}\r\n".encode())
    assert (row.starts, row.ends) == (date(2026, 2, 1), date(2026, 2, 28))
