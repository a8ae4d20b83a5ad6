"""A list fetched again says what it said, in its new envelope, and nothing of an older one."""

from dataclasses import replace

import pytest
from build_eresept import KARI, code, element, given_out, m1, m5, m96, m912, patient, stopped, word

from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.statement import Place

MADE = b"2026-03-02T09:15:00.1234567+01:00"
ROWS = (
    element(1, "U", given_out()),
    element(2, "E", word("Ukjent", "noe")),
    element(3),
    element(4, "T", code("Arsak", "2")),
)
LIST = m96(*ROWS, word("LastResept", "true"), attached=(m1(1), m1(2), m5(1)))


def again(raw: bytes, made: bytes = b"2026-03-09T07:00:00+01:00") -> bytes:
    """The same list as the registry sends it next time."""
    later = raw.replace(MADE, made).replace(
        b"99999999-0000-4000-8000-000000000001", b"99999999-0000-4000-8000-00000000000f"
    )
    assert later != raw
    return later


def test_the_same_list_in_a_new_envelope_says_what_it_would_have_said_to_one_who_never_saw_it():
    known = {}
    first = read(LIST, known=known)
    assert (len(first.statements), len(first.gaps), len(first.unread)) == (4, 3, 3)
    heard = read(again(LIST), known=known)
    assert heard == read(again(LIST))
    assert [s.id for s in heard.statements] == [s.id for s in first.statements]
    assert heard.message_id != first.message_id
    assert heard.as_of > first.as_of


def test_every_place_is_in_the_message_it_came_in():
    known = {}
    read(LIST, known=known)
    heard = read(again(LIST), known=known)
    places = [i.place for i in (*heard.statements, *heard.gaps, *heard.unread) if i.place]
    assert {p.message for p in places} == {read(again(LIST)).statements[0].place.message}
    assert all(isinstance(p, Place) for p in places)


def test_nothing_is_read_anew(monkeypatch):
    known = {}
    read(LIST, known=known)
    monkeypatch.setattr("formats.eresept.m96._statements", None)
    assert len(read(again(LIST), known=known).statements) == 4


@pytest.mark.parametrize(
    "other",
    [
        LIST.replace(b"<Ukjent>noe<", b"<Ukjent>annet<"),
        m96(*ROWS, attached=(m1(1), m1(2), m5(1))),
        m96(*reversed(ROWS), word("LastResept", "true"), attached=(m1(1), m1(2), m5(1))),
        m96(*ROWS, word("LastResept", "true"), attached=(m1(2), m1(1), m5(1))),
        m96(*ROWS, word("LastResept", "true"), attached=(m1(1), m1(2))),
    ],
    ids=["a value", "no longer locked", "order of lines", "order of documents", "one document fewer"],
)
def test_a_list_that_differs_is_read(other):
    known = {}
    read(LIST, known=known)
    assert read(other, known=known) == read(other)


def test_a_discontinuation_that_lay_ahead_has_come():
    known, raw = {}, m96(element(1, "E", stopped("2026-03-05T00:00:00+01:00")), attached=(m1(1),))
    first, heard = read(raw, known=known), read(again(raw), known=known)
    assert heard == read(again(raw))
    assert [s.status for s in heard.statements] != [s.status for s in first.statements]
    assert (
        read(again(raw, b"2026-03-10T07:00:00+01:00"), known=known).statements[1].status == heard.statements[1].status
    )


def test_another_persons_envelope_around_a_known_list_is_refused():
    known, raw = {}, m96(element(1), attached=(m1(1),), version="2018-07-01")
    read(raw, known=known)
    hers = raw.replace(b"</Receiver>", b"</Receiver>" + patient(KARI).encode(), 1)
    with pytest.raises(FormatError) as refused:
        read(hers, known=known)
    assert refused.value.code is ErrorCode.TWO_PERSONS


def test_schema_breaches_are_looked_for_each_time():
    class Found:
        def breaches(self, doc):
            return (f"{doc.root.path}: breach",)

    known = {}
    read(LIST, known=known, schemas=Found())
    assert read(LIST, known=known).breaches == read(LIST).breaches
    assert read(again(LIST), known=known, schemas=Found()) == read(again(LIST), schemas=Found())


def test_other_kinds_of_list_are_read_each_time():
    known, raw = {}, m912()
    assert replace(read(raw, known=known), as_of=None) == replace(read(raw, known=known), as_of=None)
    assert not [key for key in known if key.startswith("eresept-list")]
