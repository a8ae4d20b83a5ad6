"""Whole patients again: recalls without their prescription, and what no source names."""

import pytest
from papers import (
    EPJ,
    META,
    NUMBER,
    OTHER_OFFICE,
    care,
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
from test_whole_patients import judged, kept_case, lines_of, serious
from told import TODAY

from medrec.demo.catalogue import demo_catalogue
from medrec.roster import RosterRow
from medrec.wording import action, sentence
from rules.conclusion import LineStatus
from rules.reconcile import reconcile

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


def cave(prudence, anaphylaxis):
    """The allergy block of municipal care messages: one allergy to a substance."""
    kind = "m1:basiskomponenttype='EPJ dokument' m1:komponenttype='2.16.578.1.12.4.1.6.13.11036.1' komponentID='c2'"
    whole = "m1:basiskomponenttype='EPJ sak' m1:komponenttype='2.16.578.1.12.4.1.6.14.50001.0' komponentID='c1'"
    return (
        f"<MedisinskfagligeOpplysninger><Cave xmlns='{EPJ}/epj1/2008-02-20' {META} {whole}><Allerginotat {kind}>"
        f"<Allergi><HensynVedForskrivning>{prudence}</HensynVedForskrivning><AllergiskMot>Penicillin</AllergiskMot>"
        "<VirkestoffLegemiddel V='J01C' S='2.16.578.1.12.4.1.1.7180' DN='x'/>"
        f"<AnafylaktiskeReaksjoner V='{anaphylaxis}' DN='x'/></Allergi></Allerginotat></Cave>"
        "</MedisinskfagligeOpplysninger>"
    )


@pytest.mark.parametrize(("prudence", "anaphylaxis"), [("true", "1"), ("true", "2"), ("false", "1")])
def test_an_allergy_in_a_care_message_meets_the_medicine_that_is_given(prudence, anaphylaxis):
    penicillin = ("Apocillin Tab 660 mg", "1 tablett 4 ganger daglig", "J01CE02")
    told = judged(
        registry(rx(1, drug(*penicillin), on="2026-02-20", to="2026-05-20")),
        doctors_list(entry(1, on_list(*penicillin), prescription=1, changed="2026-02-20")),
        care("MEDISINSKE_OPPLYSNINGER", cave(prudence, anaphylaxis)),
        home(("Apocillin tab 660 mg", "J01CE02", "660 mg", "1 tablett 4 ganger daglig")),
    )
    assert lines_of(told) == {"fenoksymetylpenicillin|oral|plain": "DISPUTED AGREED"}
    assert serious(told) == {"F01 fenoksymetylpenicillin|oral|plain critical"}


def test_another_offices_list_stands_beside_the_gps_and_takes_nothing_from_it(database):
    """Through the store: the GP's list does not speak for another office's, and neither ends what the other says."""
    row = RosterRow(identifier=NUMBER, district="Nord", starts=TODAY, gp_her_id="8010201", gp_hpr="9100011")
    papers = (
        doctors_list(entry(2, on_list("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"))),
        doctors_list(entry(1, on_list(*NORVASC)), sender=OTHER_OFFICE, serial=9252),
        registry(rx(1, drug(*NORVASC))),
        AT_HOME,
    )
    case = kept_case(database, row, papers)
    said = {(s.source.value, s.kind.value, s.name, s.said_until) for s in case.statements}
    assert ("GP", "liste", "Zyrtec Tab 10 mg", None) in said
    assert ("RF", "pll", "Norvasc Tab 5 mg", None) in said
    told = reconcile(case, demo_catalogue(), TODAY)
    assert lines_of(told) == {"amlodipin|oral|plain": "ACTIVE AGREED", "cetirizin|oral|plain": "ACTIVE SINGLE"}
