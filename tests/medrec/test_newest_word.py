"""Which messages a later one ends, by name or as editions of one document; and which reading is a source's newest."""

from dataclasses import replace
from datetime import timedelta

import pytest
from told import ANNA, NOON, hp, medicine

from formats.read import read
from formats.statement import THREAD, AsideReason, Gap, GapCode, Kind, Reach, Source
from medrec import casefile
from medrec.offline import word_of

HP, GP = Source.HP, Source.GP
EDITION = (f"{THREAD}letter-7",)


def told(id_, hours=0, *, ends=(), source=HP):
    """A message of a source, so many hours after noon."""
    heard = read(hp(ANNA, medicine(kind="hjemmeliste")))
    made = NOON + timedelta(hours=hours)
    more = {"message": "LETTER/1", "reach": Reach.EVENT, "source": source, "as_of": made}
    return replace(heard, message_id=id_, cancels=tuple(ends), **more)


@pytest.mark.parametrize(
    ("first", "later", "ended"),
    [
        (told("M-1"), told("M-2", 1, ends=["M-1"]), ["M-1"]),
        (told("M-1"), told("M-2", ends=["M-1"]), ["M-1"]),
        (told("M-1", 2), told("M-2", 1, ends=["M-1"]), []),
        (told("M-1"), told("M-2", 1, ends=["M-1"], source=GP), []),
        (told("M-1"), told("M-2", 1, ends=["M-9"]), []),
        (told("M-1", ends=["M-1"]), told("M-2", 1), []),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=EDITION), ["M-1"]),
        (told("M-1", 2, ends=EDITION), told("M-2", 1, ends=EDITION), ["M-2"]),
        (told("M-1", ends=EDITION), told("M-2", ends=EDITION), ["M-1"]),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=EDITION, source=GP), []),
        (told("M-1", ends=EDITION), told("M-2", 1), []),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=[f"{THREAD}letter-8"]), []),
        (told("M-1", ends=EDITION), told("M-1", 1, ends=EDITION), []),
    ],
    ids=[
        "named", "named at the same time", "what came after is not meant", "another source", "another message",
        "itself", "a newer edition", "an older edition", "two at the same time: one of them",
        "another source's document", "no edition", "another document", "two parts of one message",
    ],
)  # fmt: skip
def test_what_a_message_ends(first, later, ended):
    held = word_of([first, later])
    assert [held.readings[name].message_id for name in held.gone] == ended
    assert set(held.gone.values()) <= {AsideReason.REPLACED}


@pytest.mark.parametrize(
    ("kinds", "statements", "spoken"),
    [
        ((Kind.ORDER, Kind.HOME_LIST), True, {Kind.ORDER, Kind.HOME_LIST}),
        ((), True, {Kind.HOME_LIST}),
        ((), False, {None}),
    ],
    ids=["of the kinds it names", "else of those it holds", "else of none in particular"],
)
def test_a_whole_reading_is_the_newest_of_what_it_speaks_of(kinds, statements, spoken):
    first, later = (
        replace(one, reach=Reach.WHOLE, kinds=kinds, statements=one.statements if statements else ())
        for one in (told("M-1"), told("M-2", 1))
    )
    for order in ([first, later], [later, first]):
        held = word_of(order)
        newest = {
            kind: held.readings[name].message_id for (source, _, kind), name in held.newest.items() if source is HP
        }
        assert newest == dict.fromkeys(spoken, "M-2")
        assert held.newest == held.whole
    assert word_of([replace(first, source=None)]).newest == {}
    assert word_of([replace(first, reach=Reach.EVENT)]).newest == {}


@pytest.mark.parametrize("code", [GapCode.FAILED, GapCode.PARTIAL, GapCode.NOT_READ, GapCode.LOCKED, GapCode.RESERVED])
def test_a_torn_reading_is_the_newest_word_and_does_not_tell_what_is_gone(code):
    whole = replace(told("M-1"), reach=Reach.WHOLE, kinds=(Kind.HOME_LIST,))
    torn = replace(whole, message_id="M-2", as_of=NOON + timedelta(hours=1), gaps=(Gap(HP, code),))
    held = word_of([whole, torn])
    assert [held.readings[name].message_id for name in held.newest.values()] == ["M-2"]
    assert [held.readings[name].message_id for name in held.whole.values()] == ["M-1"]
    told_of_another_kind = replace(torn, gaps=(Gap(HP, code, kinds=(Kind.ORDER,)),))
    held = word_of([whole, told_of_another_kind])
    assert [held.readings[name].message_id for name in held.whole.values()] == ["M-2"]


@pytest.mark.parametrize("number", ["prescription_id", "order_id", "treatment_id"])
@pytest.mark.parametrize(
    ("entry", "last_said"), [("e-1", NOON.date()), ("e-2", None)], ids=["the entry", "another one"]
)
def test_a_torn_list_is_the_newest_word_on_the_entries_it_holds(number, entry, last_said):
    """What else stood in the list before may be there still: it was not shown."""

    def listed(name, dose, hours, *gaps, also=()):
        told = medicine(dose=dose, kind="hjemmeliste", **{number: name})
        return replace(read(hp(ANNA, told, *also, hours=hours)), message_id=f"M{hours}", gaps=gaps)

    beside = medicine("Furix 40 mg", kind="hjemmeliste", **{number: "e-9"})
    first = listed("e-1", "1 tablett morgen", 0, also=[beside])
    torn = listed(entry, "2 tabletter morgen", 24, Gap(HP, GapCode.PARTIAL))
    told = {s.dose_text + s.name: s.said_until for s in casefile.statements(word_of([torn, first]))}
    assert told == {
        "1 tablett morgenMetoprolol 50 mg": last_said,
        "2 tabletter morgenMetoprolol 50 mg": None,
        "1 tablett morgenFurix 40 mg": None,
    }
