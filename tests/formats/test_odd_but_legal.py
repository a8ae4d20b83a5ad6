"""What the schemas allow and nobody thinks of: last days of the calendar, two with one role, words beside words."""

from datetime import date

import pytest
from build_eresept import (
    FK1,
    code,
    element,
    forskrivning,
    line,
    m1,
    m25,
    m96,
    medicine,
    recalled,
    role,
    stopped,
    tag,
    word,
)

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


# Words beside words


def coded(name, value, words, free):
    return tag(name, V=value, DN=words, OT=free)


def codes_of(statement, system):
    return [(c.value, c.text) for c in statement.codes if c.system == system]


def test_the_free_text_of_a_code_is_told_where_it_says_more():
    short = coded("Kortdose", "21", "0+0+1", "1 tablett kveld")
    told = read(m1(1, medicine(forskrivning(text="1 tablett morgen", short=short)))).statements[0]
    assert codes_of(told, "Kortdose/OT") == [("1 tablett kveld", "")]
    told = read(m1(1, medicine(forskrivning(text="1 tablett kveld", short=short)))).statements[0]
    assert codes_of(told, "Kortdose/OT") == []
    asked = tag(
        "Sporsmal",
        coded("Kode", "4", "Annet spørsmål", "Skal den knuses?"),
        word("Tidspunkt", "2026-02-20T12:00:00"),
        word("Stiller", "8000101"),
    )
    assert read(m25(line(1, None, asked))).statements[0].note == "Annet spørsmål (Skal den knuses?)"


def test_the_free_text_of_a_recall_is_its_reason():
    older = element(1, "T", coded("Arsak", "4", "Annen", "pasienten har reist"))
    told = read(m96(older, attached=(m1(1),), version="2018-07-01")).statements[0]
    assert told.reason == "Annen (pasienten har reist)"


def test_the_reason_of_a_recall_is_told_whatever_the_status_is():
    older = element(1, "U", coded("Arsak", "4", "Annen", "pasienten har reist"))
    told = read(m96(older, attached=(m1(1),), version="2018-07-01")).statements[0]
    assert (told.status, told.reason) == (SaidStatus.ACTIVE, None)
    assert codes_of(told, "2.16.578.1.12.4.1.1.7500") == [("4", "Annen")]
    assert codes_of(told, "Arsak/OT") == [("pasienten har reist", "")]


@pytest.mark.parametrize(
    ("use", "words", "kept"),
    [
        ("1", "Ved behov", [("1", "Ved behov")]),
        ("1", "Fast", []),
        ("3", "Ved behov", []),
        ("3", "Fast", [("3", "Fast")]),
    ],
)
def test_a_use_in_the_words_of_another_is_kept(use, words, kept):
    raw = m1(1).decode().replace('<Bruk V="1" DN="Fast">', f'<Bruk V="{use}" DN="{words}">')
    told = read(raw.encode()).statements[0]
    assert [(c.value, c.text) for c in told.codes if (c.value, c.text) == (use, words)] == kept


def test_a_status_in_the_words_of_another_is_kept():
    row = tag(
        "Listeelement", word("ReseptId", "11111111-0000-4000-8000-000000000001"), code("Status", "E", "Tilbakekalt")
    )
    told = read(m96(row, attached=(m1(1),))).statements[0]
    assert told.status is SaidStatus.ACTIVE
    assert ("E", "Tilbakekalt") in [(c.value, c.text) for c in told.codes]


def test_a_reason_for_stopping_in_other_words_keeps_its_code():
    statement = read(m25(line(1, None, stopped("2026-02-20T00:00:00", reason="M")))).statements[0]
    assert statement.reason == "Legemiddelreaksjon\nsvimmel"
    assert codes_of(statement, "2.16.578.1.12.4.1.1.7494") == [("M", "Legemiddelreaksjon")]


def test_the_discontinuation_beside_a_recall_for_it_is_told_with_its_last_day():
    row = element(1, "T", recalled("2"), stopped("2026-02-25T00:00:00+01:00"))
    told = next(s for s in read(m96(row, attached=(m1(1),))).statements if s.kind == "resept")
    assert (told.status, told.decided, told.end) == (SaidStatus.STOPPED, date(2026, 2, 20), date(2026, 2, 24))
    assert told.reason == "Seponering\nLegemiddelreaksjon\nsvimmel"


# ATC codes


@pytest.mark.parametrize("said", ["C03CA01", "C03C A01", " C03CA01 "])
def test_an_atc_code_with_a_space_in_it_is_that_code(said):
    told = read(m1(1).decode().replace('<Atc V="C07AB02"', f'<Atc V="{said}"').encode()).statements[0]
    assert told.atc == "C03CA01"
    assert said.strip() in [c.value for c in told.codes]
