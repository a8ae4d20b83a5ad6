"""Dates, identity numbers, nodes and envelopes: what every codec stands on."""

import gc
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from build_eresept import KARI, OLA, code, document, element, m1, m96, message, number, organisation, patient, tag, word
from hypothesis import given
from hypothesis import strategies as st

from formats.dates import OSLO, last_day_before, read_day, read_moment
from formats.dosing import Amount, Dosage, PerDay
from formats.errors import ErrorCode, FormatError
from formats.identifiers import birth_date_of, is_valid, number_type, person_identifier
from formats.msghead import is_same_person, one_person, person_of, read_message
from formats.read import read
from formats.schemas import Schemas
from formats.statement import Identifier, Kind, Person, Source, Statement, identified
from formats.xmldoc import MAX_MARKUP, Budget, Doc, open_document, parse


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-06-17+02:00", date(2020, 6, 17)),
        ("2020-06-17Z", date(2020, 6, 17)),
        ("2020-06-17", date(2020, 6, 17)),
        ("2019-07-17T08:54:38.2069848+02:00", date(2019, 7, 17)),
        ("2019-06-18T12:12:30.063", date(2019, 6, 18)),
        ("2019-07-16T00:00:00.000+02:00", date(2019, 7, 16)),
        ("2019-07-15T22:00:00Z", date(2019, 7, 16)),
        ("2019-01-15T23:30:00Z", date(2019, 1, 16)),
        ("2019-01-01T24:00:00", date(2019, 1, 2)),
        (" 2020-06-17\n", date(2020, 6, 17)),
        ("0001-01-01T00:00:00+14:00", date(1, 1, 1)),
    ],
)
def test_every_form_of_a_day(text, day):
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020",
        "2020-06",
        "2020-6-17",
        "17.06.2020",
        "12:00:00",
        "2020-06-31",
        "2020-06-17T12",
        "20200617",
        "2020-W25-3",
    ],
)
def test_what_is_no_day(text):
    assert read_day(text) is None


def test_an_instant_without_a_zone_is_in_oslo():
    assert read_moment("2019-06-18T12:12:30.063").tzinfo is OSLO
    assert read_moment("2019-07-17T08:54:38.2069848+02:00").microsecond == 206984


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_survives_being_written(moment):
    assert read_moment(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("moment", "day"), [("2026-03-01T00:00:00", date(2026, 2, 28)), ("2026-03-01T10:00:00", date(2026, 3, 1))]
)
def test_the_last_day_before_an_instant(moment, day):
    assert last_day_before(read_moment(moment)) == day


@pytest.mark.parametrize("value", [OLA, KARI, number(29, 2, 1948, 100)])
def test_synthetic_numbers_are_valid_and_carry_a_birth_date(value):
    ident = person_identifier("FNR", value)
    assert is_valid(ident)
    assert birth_date_of(ident) is not None


@pytest.mark.parametrize("at", range(11))
def test_one_wrong_digit_is_seen(at):
    wrong = OLA[:at] + str((int(OLA[at]) + 1) % 10) + OLA[at + 1 :]
    assert not is_valid(Identifier("FNR", wrong))


@pytest.mark.parametrize(
    ("value", "kind"),
    [(OLA, "FNR"), ("52014100000", "DNR"), ("81014100000", "FHN"), ("1234", ""), ("x" * 11, ""), ("١" * 11, "")],
)
def test_the_shape_of_a_number(value, kind):
    assert number_type(value) == kind


def test_other_identifiers_are_not_judged():
    assert is_valid(Identifier("DUF", "123"))


def test_persons_are_the_same_only_where_nothing_contradicts_it():
    ola, kari = person_of(OLA), person_of(KARI)
    assert is_same_person(ola, person_of(KARI, (OLA,)))
    assert not is_same_person(ola, kari)
    assert is_same_person(ola, Person(identifiers=(Identifier("DUF", "1"),)))
    with pytest.raises(FormatError) as refused:
        one_person([(ola, "/a"), (None, "/b"), (kari, "/c")])
    assert (refused.value.code, refused.value.place) == (ErrorCode.TWO_PERSONS, "/c")


def test_an_envelope():
    inner = tag(
        "Organisation", word("OrganisationName", "Sengepost"), tag("Ident", word("Id", "77"), code("TypeId", "HER"))
    )
    outer = organisation("Sykehuset", "55").replace("</Organisation>", inner + "</Organisation>")
    raw = message("ERM1", document(tag("x", ns="urn:x")), sender=outer, about=patient(), conversation="abc")
    envelope = read_message(open_document(raw).root).envelope
    assert (envelope.type, envelope.parent_id, envelope.conversation_id) == ("ERM1", "abc", "abc")
    assert (envelope.sender.actor.her_id, envelope.sender.actor.organisation) == ("77", "Sykehuset, Sengepost")
    assert (envelope.patient.key, envelope.patient.birth_date) == (f"FNR::{OLA}", date(1941, 4, 12))


def test_paths_number_only_what_has_brothers():
    doc = open_document(m96(attached=(m1(), m1(2))))
    documents = doc.root.all("Document")
    assert documents[0].path == "/MsgHead/Document[1]"
    assert doc.root.need("MsgInfo").need("MsgId").path == "/MsgHead/MsgInfo/MsgId"
    inner = read_message(doc.root).envelope.documents[2].open()
    assert inner.root.need("MsgInfo").path == "/MsgHead/Document[3]/RefDoc/Content/Base64Container/MsgHead/MsgInfo"
    assert [kid.path for kid in doc.root.kids()][1] == "/MsgHead/Document[1]"


def test_a_breach_at_an_element_with_a_prefix_has_a_path_of_ours(tmp_path):
    (tmp_path / "all.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a" xmlns="urn:a"'
        ' elementFormDefault="qualified"><xs:element name="Whole"><xs:complexType><xs:sequence>'
        '<xs:element name="Day" type="xs:date" maxOccurs="9"/></xs:sequence></xs:complexType></xs:element></xs:schema>'
    )
    doc = open_document(b'<p:Whole xmlns:p="urn:a"><p:Day>2026-01-01</p:Day><p:Day>soon</p:Day></p:Whole>')
    assert {b.partition(":")[0] for b in Schemas(tmp_path).breaches(doc)} == {"/Whole/Day[2]"}


def test_what_takes_no_part_in_equality_takes_none_in_identity():
    said = Statement(source=Source.GP, kind=Kind.GP_LIST, name="A")
    one, other = (
        replace(said, dosage=Dosage(dose=Amount.of(2), schedule=PerDay(1, 1, split_unsaid=unsaid)))
        for unsaid in (True, False)
    )
    assert identified("k", [one])[0].id == identified("k", [other])[0].id
    assert identified("k", [one])[0].id != identified("k", [said])[0].id


def documents():
    return sum(type(one) is Doc for one in gc.get_objects())


def test_the_trees_of_a_message_go_when_it_is_read_and_need_no_collector():
    raw = m96(element(1), element(2), attached=(m1(1), m1(2)))
    gc.collect()
    gc.disable()
    try:
        before = documents()
        reading = read(raw)
        assert documents() == before
    finally:
        gc.enable()
    assert len(reading.statements) == 2


def test_markup_is_counted_over_all_documents_of_a_message_however_it_is_spread():
    def all_read(documents):
        budget = Budget()
        for _ in range(documents):
            parse(b"<r>" + b"<a/>" * 998 + b"</r>", budget, "/")

    most = MAX_MARKUP // 1_000  # of each thousand: two are the root's
    all_read(most)
    with pytest.raises(FormatError) as refusal:
        all_read(most + 1)
    assert refusal.value.code is ErrorCode.TOO_WIDE


def test_a_document_type_is_refused_after_any_number_of_comments_and_its_name_in_a_text_is_none():
    comments = b"<!-- innocent -->" * 30
    with pytest.raises(FormatError) as refusal:
        open_document(comments + b"<!DOCTYPE r><r/>")
    assert refusal.value.code is ErrorCode.DTD
    said = open_document(comments + b"<r><![CDATA[<!DOCTYPE r>]]></r>").root.own_text
    assert said == "<!DOCTYPE r>"


def test_elements_below_are_the_outermost_in_order_each_with_its_place():
    doc = open_document(b"<r><a/><b><a><a/></a><c><a/></c><a/></b><b/></r>")
    assert [n.path for n in doc.root.below("a")] == ["/r/a", "/r/b[1]/a[1]", "/r/b[1]/c/a", "/r/b[1]/a[2]"]
    assert [n.path for n in doc.root.below("b", "c")] == ["/r/b[1]", "/r/b[2]"]
    assert [n.path for n in doc.root.all("b")[0].below("a")] == ["/r/b[1]/a[1]", "/r/b[1]/c/a", "/r/b[1]/a[2]"]
