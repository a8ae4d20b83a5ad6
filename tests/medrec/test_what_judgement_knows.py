"""What medrec tells the judgement besides what was said: a stay in hospital, since when something serious is open."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from told import ANNA, NOON, TODAY, hp, medicine, message

from formats.read import read
from formats.statement import Actor, AsideReason, Kind, Reach, Source
from medrec import clock, hearing, intake, ledger, listing, stays, work
from medrec.offline import case_of, word_of
from medrec.present import list_json


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


def report(name, *, days=0, **more):
    heard = read(hp(ANNA, medicine(kind="hjemmeliste")))
    return replace(heard, message=f"{name}/1.6", as_of=NOON - timedelta(days=days), reach=Reach.EVENT, **more)


def admitted(*readings):
    return stays.admitted(word_of(readings), TODAY) is not None


def test_home_cares_report_of_an_admission_begins_a_stay():
    assert admitted(report("INNLEGGELSESRAPPORT", days=3))
    assert not admitted(report("HELSEOPPLYSNINGER_LEGE", days=3))


@pytest.mark.parametrize(("left", "still"), [(1, False), (3, False), (10, True)])
def test_a_discharge_of_that_day_or_later_ends_it(left, still):
    stay = report("INNLEGGELSESRAPPORT", days=3, message_id="M-1")
    assert admitted(stay, report("UTSKRIVNINGSRAPPORT", days=left, source=Source.HP, message_id="M-2")) is still


def test_a_discharge_list_of_the_journal_ends_it_too():
    letter = read(message(ANNA, medicine(kind="epikrise", decided="2026-03-01"), source="HP", kinds=("epikrise",)))
    assert letter.statements[0].kind is Kind.DISCHARGE
    assert not admitted(report("INNLEGGELSESRAPPORT", days=3), letter)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(
    ("ends", "reason"),
    [((2, 1), AsideReason.CANCELLED), ((1, 2), AsideReason.REPLACED)],
    ids=["replaced, then called off", "called off, then replaced"],
)
def test_what_became_of_a_message_is_told_by_the_last_that_names_it_whatever_came_first(order, ends, reason):
    """M-1 is named by M-2, which says something in its place, and by M-3, which only calls it off."""
    replaced, called_off = ends
    every = [
        report("HELSEOPPLYSNINGER_LEGE", days=9, message_id="M-1"),
        report("HELSEOPPLYSNINGER_LEGE", days=replaced, message_id="M-2", cancels=("M-1",)),
        report("HELSEOPPLYSNINGER_LEGE", days=called_off, message_id="M-3", cancels=("M-1",), statements=()),
    ]
    held = word_of([every[n] for n in order])
    assert {held.readings[name].message_id: why for name, why in held.gone.items()} == {"M-1": reason}


def test_an_admission_nobody_reported_the_end_of_is_taken_as_over():
    assert not admitted(report("INNLEGGELSESRAPPORT", days=91))


def test_without_a_store_the_doctors_of_the_multidose_are_those_of_the_newest_list_too():
    first, then = (
        replace(read(message(ANNA, medicine(), hours=hours)), roles=(Actor(hpr=hpr, role="M"),))
        for hours, hpr in ((-9, "1111111"), (0, "2222222"))
    )
    assert case_of([first, then]).multidose_doctors == ("2222222",)


def test_the_oldest_serious_flag_still_open_tells_since_when(database):
    weekly = medicine("Warfarin 2,5 mg", "1 ukentlig")
    person_id = intake.receive(database, message(ANNA, weekly), channel="test").patient
    with database.reading() as session:
        assert ledger.serious_since(session, [person_id]) == {}
    daily = medicine("Warfarin 2,5 mg", "1 daglig", kind="hjemmeliste")
    intake.receive(database, hp(ANNA, daily), channel="test")
    work.drain(database, today=TODAY)
    with database.reading() as session:
        assert ledger.serious_since(session, [person_id]) == {person_id: TODAY}
        assert hearing.case_of(session, person_id, TODAY).serious_since is None  # nobody has confirmed the list


def test_the_list_tells_when_a_dose_was_last_said(database):
    first = medicine("Warfarin 2,5 mg", "1 daglig")
    person_id = intake.receive(database, message(ANNA, first), channel="test").patient
    intake.receive(database, message(ANNA, medicine("Paracet 500 mg", "1 daglig"), hours=48), channel="test")
    work.drain(database, today=TODAY)
    with database.reading() as session:
        stored = listing.current_list(session, person_id)
    told = list_json(stored.reconciliation, stored.statements, language="nb")
    said = {
        s["text"]: s["last_said"] for line in told["lines"] for s in line["dose"]["as_said"] if "Warf" in line["name"]
    }
    assert said == {"1 daglig": TODAY.isoformat()}
