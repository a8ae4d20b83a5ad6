"""What the schemas allow and nobody thinks of: last days of the calendar, two with one role, words beside words."""

from datetime import date

import pytest
from build_eresept import FK1, code, line, m25, role, stopped, tag, word

from formats.dates import day_after, day_before, last_day_before, read_moment
from formats.read import read
from formats.statement import SaidStatus

# The ends of the calendar


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"])
def test_a_discontinuation_at_an_end_of_the_calendar_is_a_day(at):
    statement = read(m25(line(1, None, stopped(at)))).statements[0]
    assert statement.end in {date.min, date.max}
    assert last_day_before(read_moment(at)) == statement.end


def test_days_beside_the_ends_of_the_calendar():
    assert day_after(date.max) is None
    assert day_before(date.min) == date.min
    assert (day_after(date(2026, 2, 28)), day_before(date(2026, 3, 1))) == (date(2026, 3, 1), date(2026, 2, 28))


def test_a_roll_without_a_last_day_has_no_next_one():
    roll = tag("SisteUtlevering", word("DatoForsteDose", "2026-02-10"), word("DatoSisteDose", "9999-12-31"))
    statement = read(m25(line(1, None, tag("InngarMultidose", V="1"), roll), kind="m253")).statements[0]
    assert (statement.start, statement.next_roll) == (date(2026, 2, 10), None)


# Roles


def unit(kind, her="8000101"):
    who = tag("HerId", tag("Id", her, ns=FK1), tag("TypeId", ns=FK1, V="HER"))
    return tag("Rolle", code("Rolle", kind), tag("Organisasjon", who, word("Inst", "Lillevik legesenter")))


def test_who_prescribed_is_told_where_another_has_stopped_it():
    statement = read(m25(line(1, None, stopped("2026-02-20T00:00:00"), mid=role("S", "9000002")))).statements[0]
    assert statement.status is SaidStatus.STOPPED
    assert (statement.author.role, statement.author.hpr) == ("S", "9000002")
    assert [(c.system, c.value) for c in statement.codes if c.system.startswith("Rolle")] == [("Rolle R", "9000001")]


def test_a_person_speaks_before_a_unit_with_the_same_role_and_both_are_told():
    statement = read(m25(line(1, mid=unit("R")))).statements[0]
    assert statement.author.hpr == "9000001"
    assert [(c.value, c.text) for c in statement.codes if c.system == "Rolle R"] == [("8000101", "Lillevik legesenter")]


def test_who_stopped_it_is_told_where_no_discontinuation_is():
    statement = read(m25(line(1, mid=role("S", "9000002")))).statements[0]
    assert statement.author.role == "R"
    assert [c.value for c in statement.codes if c.system == "Rolle S"] == ["9000002"]
