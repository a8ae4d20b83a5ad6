"""Whole patients again: recalls without their prescription, and what no source names."""

import pytest
from papers import (
    dispensed,
    doctors_list,
    drug,
    entry,
    home,
    journal,
    on_list,
    order,
    recall,
    registry,
    revocation,
    rx,
)
from test_whole_patients import judged, lines_of, serious

from medrec.wording import action, sentence
from rules.conclusion import LineStatus

NORVASC = ("Norvasc Tab 5 mg", "1 tablett daglig", "C08CA01")
AT_HOME = home(("Norvasc tab 5 mg", "C08CA01", "5 mg", "1 tablett daglig"))


def recalled(reason, *more, status="T"):
    """The registry's list with a prescription called back whose M1 is not sent with it, and the papers beside it."""
    return judged(registry(rx(1, drug(*NORVASC), status, recall(reason)), missing=(0,)), *more)


def test_a_stop_whose_prescription_is_not_sent_reaches_the_entry_that_cites_it():
    told = recalled("2", doctors_list(entry(1, on_list(*NORVASC), prescription=1)), AT_HOME)
    assert lines_of(told) == {"amlodipin|oral|plain": "DISPUTED SINGLE"}
    assert "B02 amlodipin|oral|plain high" in serious(told)
    assert not told.complete


@pytest.mark.parametrize(("reason", "complete"), [("1", True), ("2", False), ("3", True), ("4", False), ("5", False)])
def test_a_recall_of_what_nobody_knows_leaves_the_list_incomplete(reason, complete):
    """What was stopped can't be told: it may be any medicine of the list. A renewal stops nothing."""
    told = recalled(reason, doctors_list(entry(1, on_list(*NORVASC))), AT_HOME)
    assert lines_of(told)["amlodipin|oral|plain"] == "ACTIVE AGREED"
    assert told.complete is complete


@pytest.mark.parametrize("status", ["R", "F", "A", "X"])
def test_a_prescription_that_is_over_and_not_sent_leaves_nothing_out(status):
    ended = rx(1, drug(*NORVASC), status)
    assert judged(registry(ended, missing=(0,)), doctors_list(entry(1, on_list(*NORVASC))), AT_HOME).complete


def test_two_recalls_of_unknown_prescriptions_are_two_lines():
    told = judged(registry(), revocation(8501, 71, "2"), revocation(8502, 72, "2"), AT_HOME)
    nameless = [line for line in told.lines if line.key.startswith("text:")]
    assert [len(line.statements) for line in nameless] == [1, 1]
    assert {line.status for line in nameless} == {LineStatus.ENDED}


def test_a_recall_told_twice_is_one_line():
    told = judged(registry(), revocation(8501, 71, "2"), revocation(8502, 71, "2"), AT_HOME)
    assert sum(line.key.startswith("text:") for line in told.lines) == 1


@pytest.mark.parametrize(
    ("paper", "said", "asked"),
    [
        (
            dispensed(8101, 1, on_list("Imovane Tab 7,5 mg", "1 tablett kveld", "N05CF01"), "2026-02-10"),
            "Uten kjent gyldig resept er det utlevert Imovane Tab 7,5 mg (10.02.2026, ",
            "ta ut av bruk det som ble utlevert 10.02.2026.",
        ),
        (
            registry(rx(1, drug("Imovane Tab 7,5 mg", "1 tablett kveld", "N05CF01"))),
            "Det finnes gyldig resept på Imovane Tab 7,5 mg (10.11.2025, Astrid Vik), ",
            "tilbakekall resept fra 10.11.2025.",
        ),
    ],
)
def test_what_no_list_has_is_said_to_be_prescribed_only_where_it_is(paper, said, asked):
    told = judged(registry(), paper, doctors_list(entry(2, on_list(*NORVASC))), AT_HOME)
    flag = next(d for d in told.discrepancies if d.code == "A06")
    assert sentence(flag).startswith(said)
    assert action(flag).endswith(asked)


def test_a_prescription_recalled_because_it_was_stopped_is_a_stop():
    """P5, also where the lists are older than the recall and the prescription was no start."""
    papers = (doctors_list(entry(1, on_list(*NORVASC), prescription=1)), AT_HOME)
    told = judged(registry(rx(1, drug(*NORVASC), "T", recall("2"))), *papers)
    assert lines_of(told) == {"amlodipin|oral|plain": "DISPUTED SINGLE"}
    assert serious(told) == {"B02 amlodipin|oral|plain high"}


def test_recalled_as_stopped_while_it_is_dispensed_is_a_stop_with_a_prescription_in_force():
    alone = judged(registry(rx(1, drug(*NORVASC), "U", recall("2"))))
    assert lines_of(alone) == {"amlodipin|oral|plain": "ENDED SINGLE"}
    assert "B01" in {d.code for d in alone.discrepancies}
    listed = judged(registry(rx(1, drug(*NORVASC), "U", recall("2"))), AT_HOME)
    assert lines_of(listed) == {"amlodipin|oral|plain": "DISPUTED SINGLE"}


@pytest.mark.parametrize("reason", ["1", "3", "4", "5"])
def test_recalled_otherwise_while_it_is_dispensed_changes_nothing_yet(reason):
    papers = (doctors_list(entry(1, on_list(*NORVASC), prescription=1)), AT_HOME)
    told = judged(registry(rx(1, drug(*NORVASC), "U", recall(reason))), *papers)
    assert (lines_of(told), serious(told)) == ({"amlodipin|oral|plain": "ACTIVE AGREED"}, set())


def test_a_text_that_names_another_medicine_than_its_code_is_told_and_joins_nothing():
    """K1: the code tells what it is, the text stays, and the two are never a warfarin that agrees."""
    warfarin = ("Marevan Tab 2,5 mg", "1 tablett daglig", "B01AA03")
    told = judged(
        registry(rx(1, drug(*warfarin))),
        doctors_list(entry(1, on_list(*warfarin), prescription=1)),
        journal(order(5, "Marevan tab 2,5 mg", "1 tablett daglig", "C08CA01", intent="plan")),
    )
    assert lines_of(told) == {"warfarin|oral|plain": "ACTIVE AGREED", "amlodipin|?|?": "UNCONFIRMED SINGLE"}
    assert ("C08", "amlodipin|?|?") in {(d.code, d.about) for d in told.discrepancies}
    alone = judged(journal(order(5, "Marevan tab 2,5 mg", "1 tablett daglig", "C08CA01")))
    assert [d.code for d in alone.discrepancies] == ["C08"]
    agreeing = judged(journal(order(5, "Norvasc tab 5 mg", "1 tablett daglig", "C08CA01")))
    assert not agreeing.discrepancies
