"""Whole patients as SFM tells them: look-ups that failed, what is withheld, rolls, dispensings, papers beside.

What each has to give was written from the rule catalogue before the engine was asked.
"""

from dataclasses import replace
from datetime import date

import pytest
from papers import (
    NUMBER,
    dispensed,
    doctors_list,
    drug,
    entry,
    given_out,
    home,
    on_list,
    recall,
    registry,
    rx,
    shared,
    summary,
)
from sfm_papers import cave, handed, info, line, period, sfm, urn
from test_whole_patients import judged, kept_case, lines_of, serious
from told import TODAY

from formats.read import read
from medrec.demo.catalogue import demo_catalogue
from medrec.offline import case_of
from medrec.roster import RosterRow
from rules.reconcile import reconcile

BEFORE = "2026-02-01T08:00:00+01:00"
ELIQUIS = ("Eliquis tab 5 mg", "1 tablett morgen og kveld", "B01AF02")
ELIQUIS_HOME = home(("Eliquis tab 5 mg", "B01AF02", "5 mg", "1 tablett morgen og kveld"))
ELIQUIS_GP = doctors_list(entry(1, on_list(*ELIQUIS), prescription=1))
ZYRTEC_GP = doctors_list(entry(9, on_list("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07")))


def flags(told):
    return {f"{d.code} {d.about}" for d in told.discrepancies if not d.suppressed_by}


def apixaban(told):
    return lines_of(told)["apiksaban|oral|plain"]


def test_what_the_registry_no_longer_lists_is_gone_though_the_core_record_is_refused():
    """SFM refuses some users the core record in every answer; the registry's own lists are whole all the same."""
    refused = (("KJFeilkode", "5"),)
    told = judged(
        sfm(line(*ELIQUIS, pll=1, rx=1), at=BEFORE, failed=refused), sfm(failed=refused), ZYRTEC_GP, ELIQUIS_HOME
    )
    assert apixaban(told) == "UNCONFIRMED SINGLE"
    assert {"G02 RF", "A03 cetirizin|oral|plain"} <= flags(told)
    assert not told.complete


@pytest.mark.parametrize("withheld", [{"locked": ("RF",)}, {"failed": (("RFM96Feilkode", "2"),)}])
def test_a_prescription_that_may_be_withheld_is_not_gone(withheld):
    """G07, P13: nothing counts as absent. It is still what stands behind the home list, and the GP's list lacks it."""
    told = judged(sfm(line(*ELIQUIS, pll=1, rx=1), at=BEFORE), sfm(**withheld), ZYRTEC_GP, ELIQUIS_HOME)
    assert apixaban(told) == "UNCONFIRMED AGREED"
    assert "A01 apiksaban|oral|plain" in flags(told)
    assert not told.complete


def test_a_refused_list_takes_nothing_from_the_prescriptions():
    """The list's own look-up failed: the entry stands as last told, and its prescription is one, not two (B11)."""
    told = judged(
        sfm(line(*ELIQUIS, pll=1, rx=1), at=BEFORE),
        sfm(line(*ELIQUIS, rx=1), failed=(("RFM912Feilkode", "2"),)),
        ELIQUIS_HOME,
    )
    assert apixaban(told) == "ACTIVE AGREED"
    assert serious(told) == {"G02 RF high"}


@pytest.mark.parametrize("since", [given_out("Eliquis Tab 5 mg", "412412", "2026-02-20"), recall("3")])
def test_a_list_that_lacks_one_content_is_the_newest_word_on_the_others(since):
    """Dispensed or recalled since: the prescription is as the newest list says, and not a second one in force."""
    unknown = rx(2, drug("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"))
    before = registry(rx(1, drug(*ELIQUIS)), unknown, missing=(1,)).replace(b"2026-03-01T08", b"2026-02-01T08")
    again = rx(1, drug(*ELIQUIS), "T" if "Tilbakekalling" in since else "E", since)
    newer = rx(3, drug(*ELIQUIS), on="2026-02-20", to="2027-02-20")
    papers = (again, newer, unknown) if "Tilbakekalling" in since else (again, unknown)
    told = judged(before, registry(*papers, missing=(len(papers) - 1,)), ELIQUIS_GP, ELIQUIS_HOME)
    assert apixaban(told) == "ACTIVE AGREED"
    assert serious(told) == {"G02 RF high"}


ROLLED = {"pll": 1, "rx": 1, "roll": True}


def packed(on, first, last, of=0, dispensing=None):
    return {"infos": [info("M25.3", on, (of, dispensing, first, last))]}


def test_a_stopped_medicine_is_not_in_a_roll_that_ended_long_ago():
    """M25.3 of last autumn: no E03. Its prescription is still the pharmacy's to pack on: B01 (clarification 59)."""
    stopped = line(*ELIQUIS, **ROLLED, stop="2026-02-27", status="stopped")
    told = judged(sfm(stopped, **packed("2025-09-23", "2025-09-29", "2025-10-12")), ZYRTEC_GP, home())
    assert apixaban(told) == "ENDED SINGLE"
    assert serious(told) == {"B01 apiksaban|oral|plain critical"}
    now = judged(sfm(stopped, **packed("2026-02-23", "2026-03-02", "2026-03-15")), ZYRTEC_GP, home())
    assert apixaban(now) == "DISPUTED SINGLE"
    assert serious(now) == {"E03 apiksaban|oral|plain critical"}


@pytest.mark.parametrize(("last", "status"), [("2026-02-15", "UNCONFIRMED UNKNOWN"), ("2026-02-16", "ACTIVE AGREED")])
def test_a_roll_that_nobody_has_followed_up_speaks_for_two_more_weeks(last, status):
    """Today is 2 March: the last roll known ended on 15 February, or on the 16th, and what follows may be at home."""
    given = handed(8101, *ELIQUIS[::2], "2026-01-26", dose=ELIQUIS[1])
    told = judged(sfm(dispensings=[given], **packed("2026-01-26", "2026-02-02", last, None, 0)), ZYRTEC_GP, home())
    assert apixaban(told) == status
    assert ("A02 apiksaban|oral|plain" in flags(told)) is status.startswith("ACTIVE")


def selo(text, **told):
    return line("Selo-Zok depottab 50 mg", text, "C07AB02", pll=1, rx=1, form="25", **told)


def test_a_roll_holds_what_its_dispensing_says_though_its_document_is_not_sent():
    """The report is found by its M10 number, as the document it points to is in no section: E02, 2 tablets since."""
    given = handed(8101, "Selo-Zok depottab 50 mg", "C07AB02", "2026-02-23", rx=1, dose="1 tablett morgen", form="25")
    roll = {"infos": [info("M25.3", "2026-02-23", (0, 7, "2026-03-02", "2026-03-15", 8101))]}
    told = judged(sfm(selo("2 tabletter morgen", roll=True, changed="2026-02-27"), dispensings=[given], **roll))
    assert lines_of(told) == {"metoprolol|oral|prolonged": "ACTIVE LATEST"}
    assert "E02 metoprolol|oral|prolonged high" in serious(told)


@pytest.mark.parametrize(("changed", "untold"), [("2026-02-23", True), ("2026-02-22", False)])
def test_todays_dose_is_not_the_rolls_where_it_was_changed_since_packing(changed, untold):
    roll = {"infos": [info("M25.3", "2026-02-23", (0, None, "2026-03-02", "2026-03-15"))]}
    told = judged(sfm(selo("2 tabletter morgen", roll=True, changed=changed), **roll))
    assert ("D06 metoprolol|oral|prolonged" in flags(told)) is untold


@pytest.mark.parametrize("drug_code", ["", "-"])
def test_a_change_is_told_in_milligrams_also_of_a_drug_with_no_code(drug_code):
    """SFM shows FEST's name, which ends in the strength: half the apixaban at home is critical, not unreadable."""
    told = judged(
        sfm(
            line("Eliquis tab 5 mg", "1 tablett morgen", "B01AF02", pll=1, rx=1, changed="2026-02-20", varenr=drug_code)
        ),
        ELIQUIS_HOME,
    )
    assert serious(told) == {"D01 apiksaban|oral|plain critical"}


@pytest.mark.parametrize("told_by", ["summary", "report"])
def test_another_medicine_handed_over_is_seen_however_it_is_told(told_by):
    ordered = ("Zyrtec tab 10 mg", "1 tablett daglig", "R06AE07")
    reports = [handed(8101, "Zyprexa tab 10 mg", "N05AH03", "2026-02-10", rx=1)]
    papers = {
        "summary": sfm(line(*ordered, pll=1, rx=1, given=("", "Zyprexa tab 10 mg", "2026-02-10"))),
        "report": sfm(line(*ordered, pll=1, rx=1), dispensings=reports),
    }
    told = judged(papers[told_by], home(("Zyrtec tab 10 mg", "R06AE07", "10 mg", "1 tablett daglig")))
    assert lines_of(told) == {"cetirizin|oral|plain": "ACTIVE AGREED", "olanzapin|oral|plain": "UNCONFIRMED UNKNOWN"}
    assert serious(told) == {"C14 olanzapin+cetirizin high"}


@pytest.mark.parametrize(("approved", "state"), [("3", "ACTIVE LATEST"), ("1", "ACTIVE CONFLICT")])
def test_a_change_that_nobody_with_the_right_to_prescribe_approved_decides_nothing(approved, state):
    """P14: a draft is shown, and never as the newest decision."""
    gp = doctors_list(entry(1, on_list("Selo-Zok Depottab 50 mg", "1 tablett morgen", "C07AB02", "depottab")))
    told = judged(sfm(selo("2 tabletter morgen", changed="2026-02-27", approved=approved)), gp)
    assert lines_of(told) == {"metoprolol|oral|prolonged": state}
    assert "D01 metoprolol|oral|prolonged critical" in serious(told)


def test_an_annulled_dispensing_is_gone_with_its_annulment():
    """SFM tells both reports and not which one the other takes back: nothing was handed over (C14, A06)."""
    reports = [
        handed(n, "Imovane tab 7,5 mg", "N05CF01", "2026-02-10", rx=9, cancelled=n == 8102) for n in (8101, 8102)
    ]
    zyrtec = ("Zyrtec tab 10 mg", "1 tablett daglig", "R06AE07")
    told = judged(sfm(line(*zyrtec, pll=9, rx=9), dispensings=reports), ZYRTEC_GP, home())
    assert lines_of(told) == {"cetirizin|oral|plain": "ACTIVE AGREED"}


def test_rolls_that_follow_one_another_are_one_treatment():
    """The next roll holds the new dose already; the one at home does not (E02), and nothing is doubled."""
    rolls = info("M25.3", "2026-03-02", (0, 0, "2026-02-23", "2026-03-08"), (0, 1, "2026-03-09", "2026-03-22"))
    given = [
        handed(8101, "Selo-Zok depottab 50 mg", "C07AB02", "2026-02-16", rx=1, dose="1 tablett morgen", form="25"),
        handed(8102, "Selo-Zok depottab 50 mg", "C07AB02", "2026-03-02", rx=1, dose="2 tabletter morgen", form="25"),
    ]
    answer = sfm(selo("2 tabletter morgen", roll=True, changed="2026-02-25"), dispensings=given, infos=[rolls])
    told = judged(answer)
    assert lines_of(told) == {"metoprolol|oral|prolonged": "ACTIVE LATEST"}
    assert serious(told) == {"E02 metoprolol|oral|prolonged high"}
    later = judged(answer, on=date(2026, 3, 9))
    assert lines_of(later) == {"metoprolol|oral|prolonged": "ACTIVE AGREED"}
    assert serious(later) == set()


def test_a_stop_told_ahead_is_a_stop_from_its_day_on():
    """SFM was not asked since, and it told no reason: a stopped anticoagulant that home care still gives."""
    papers = (sfm(line(*ELIQUIS, pll=1, rx=1, stop="2026-03-20")), ELIQUIS_HOME)
    assert apixaban(judged(*papers, on=date(2026, 3, 20))) == "ACTIVE AGREED"
    told = judged(*papers, on=date(2026, 3, 21))
    assert apixaban(told) == "DISPUTED SINGLE"
    assert serious(told) == {"B02 apiksaban|oral|plain critical"}


GP = "9100011"
FURIX = line("Furix tab 40 mg", "1 tablett morgen", "C03CA01", pll=1, rx=1)
FURIX_HOME = home(("Furix tab 40 mg", "C03CA01", "40 mg", "1 tablett morgen"))
PLL_OF_TODAY = info("M25.1", "2025-11-10")


def of_the_gp(*papers, gp=GP):
    case = replace(case_of([read(p) for p in papers]), gp_hpr=gp)
    return reconcile(case, demo_catalogue(), TODAY)


@pytest.mark.parametrize(
    ("drug_of", "change"),
    [
        (("Eliquis tab 5 mg", "B01AF02", "1 tablett morgen og kveld", "1"), "B07 apiksaban|oral|plain critical"),
        (("Furix tab 40 mg", "C03CA01", "2 tabletter morgen", "1"), "B07 furosemid|oral|plain high"),
        (("Furix tab 40 mg", "C03CA01", "", "4"), "B07 furosemid|oral|plain high"),
    ],
)
def test_what_the_hospital_changed_and_the_gps_own_pll_still_lacks(drug_of, change):
    """Formats section 11: where the GP sends no list, the national one is the GP's, if the GP of record keeps it."""
    papers = (sfm(FURIX, infos=[PLL_OF_TODAY]), summary(drug_of), FURIX_HOME)
    assert change in serious(of_the_gp(*papers))
    other = of_the_gp(*papers, gp="9100099")
    assert not any(d.code in {"B07", "A01"} for d in other.discrepancies if not d.suppressed_by)


def test_what_the_gps_own_pll_lacks_is_asked_for_only_where_it_was_told():
    """A01 of a roll that the list does not have; not where the list's own look-up failed (P13)."""
    given = handed(8101, *ELIQUIS[::2], "2026-02-23", dose=ELIQUIS[1])
    roll = info("M25.3", "2026-02-23", (None, 0, "2026-03-02", "2026-03-15"))
    told = of_the_gp(sfm(FURIX, infos=[PLL_OF_TODAY, roll], dispensings=[given]), FURIX_HOME)
    assert "A01 apiksaban|oral|plain" in flags(told)
    failed = (("RFM912Feilkode", "2"),)
    unheard = of_the_gp(sfm(FURIX, infos=[PLL_OF_TODAY, roll], dispensings=[given], failed=failed), FURIX_HOME)
    assert "A01 apiksaban|oral|plain" not in flags(unheard)


APOCILLIN = line("Apocillin tab 660 mg", "1 tablett 4 ganger daglig", "J01CE02", pll=1, rx=1)


@pytest.mark.parametrize(
    ("known", "meets"),
    [
        (cave("Penicillin", "J01C"), True),
        (cave("Penicillin"), True),
        (cave("Penicillin: utslett som barn"), True),
        (cave("Penicillin", "J01C", "refuted"), False),
        (cave("Ikke allergisk mot penicillin"), False),
        (cave("Ikke penicillin"), True),
        (cave("Sulfa"), False),
    ],
)
def test_an_allergy_told_by_sfm_meets_what_is_given(known, meets):
    """The rule's own example has the word alone: CAVE penicillin. "Ikke penicillin" may be an order: safer to ask."""
    told = judged(sfm(APOCILLIN, caves=[known]))
    assert ("F01 fenoksymetylpenicillin|oral|plain critical" in serious(told)) is meets


THRICE = ((1, "tablett", "1"), (1, "tablett", "3"), (1, "tablett", "5"))


@pytest.mark.parametrize(("typed", "ends", "status"), [
    ("2026-02-24", "2026-03-01", "ENDED"), ("2026-02-25", "2026-03-01", "ENDED"),
    ("2026-02-25", "2026-03-03", "ACTIVE"),
])  # fmt: skip
def test_a_course_typed_at_home_without_its_end_is_over_with_the_course(typed, ends, status):
    """SFM's end is exclusive: the last dose is the day before. The home list repeats the course (clarification 3)."""
    course = {"use": "course", "written": "2026-02-24", "to": "2026-05-24"}
    dose = ("Selexid tab 400 mg", "1 tablett 3 ganger daglig", "J01CA08")
    at_home = home(("Selexid tab 400 mg", "J01CA08", "400 mg", dose[1], {"recorded": typed}))
    told = judged(sfm(line(*dose, pll=1, rx=1, periods=(period("2026-02-24", ends, *THRICE),), **course)), at_home)
    assert lines_of(told) == {"pivmecillinam|oral|plain": f"{status} AGREED"}
    assert ("B04 pivmecillinam|oral|plain" in flags(told)) is (status == "ENDED")


@pytest.mark.parametrize(
    ("text", "structured", "found"),
    [
        ("6 tabletter hver torsdag", period("2025-11-10", None, (6, "tablett", "1"), every=7), "D02"),
        ("6 tabletter hver torsdag", period("2025-11-10", None, (6, "tablett", "1")), "D14"),
    ],
)
def test_a_weekly_dose_that_is_told_daily_somewhere(text, structured, found):
    """At home it is daily, or SFM's own structure is while its words are weekly: critical either way."""
    methotrexate = ("Methotrexate Orion tab 2,5 mg", text, "L04AX03")
    dose = "6 tabletter daglig" if found == "D02" else text
    at_home = home(("Methotrexate Orion tab 2,5 mg", "L04AX03", "2,5 mg", dose))
    told = judged(sfm(line(*methotrexate, pll=1, rx=1, periods=(structured,))), at_home)
    assert lines_of(told) == {"metotreksat|oral|plain": "DISPUTED CONFLICT"}
    assert f"{found} metotreksat|oral|plain critical" in serious(told)


@pytest.mark.parametrize(("rf", "expected"), [("E", {"B11 apiksaban|oral|plain high"}), ("T", set()), ("R", set())])
def test_a_superseded_prescription_that_can_still_be_dispensed_is_told(rf, expected):
    """Renewed with half the dose; the old one was not called back, and the pharmacy may hand out on it (K6, B11)."""
    head = ("Eliquis tab 5 mg", "1 tablett morgen", "B01AF02")
    old = line(*ELIQUIS, rx=1, status="completed", rf=rf, recall="3" if rf == "T" else "")
    old["partOf"] = [{"reference": urn("line 0")}]
    answer = sfm(line(*head, pll=1, rx=2, written="2026-02-20", to="2027-02-20"), hidden=[("old", old)])
    told = judged(answer, home(("Eliquis tab 5 mg", "B01AF02", "5 mg", "1 tablett morgen")))
    assert apixaban(told) == "ACTIVE AGREED"
    assert serious(told) == expected


@pytest.mark.parametrize(("rf", "found"), [("E", True), ("", False), ("R", False)])
def test_an_entry_made_in_error_is_nothing_but_its_prescription_may_be_in_force(rf, found):
    told = judged(sfm(line(*ELIQUIS, pll=1, rx=1, status="entered-in-error", rf=rf)), ZYRTEC_GP, home())
    assert ("A06 apiksaban|oral|plain high" in serious(told)) is found


@pytest.mark.parametrize("annulled", [True, False])
def test_a_roll_whose_dispensing_was_annulled_is_not_at_home(annulled):
    """Stopped after packing: critical while it is in the bags (E03), and not where the roll was taken back."""
    given = handed(8101, *ELIQUIS[::2], "2026-02-23", rx=1, dose=ELIQUIS[1], cancelled=annulled)
    stopped = line(*ELIQUIS, **ROLLED, rf="T", recall="2", stop="2026-02-27", status="stopped")
    answer = sfm(stopped, dispensings=[given], **packed("2026-02-23", "2026-03-02", "2026-03-15", 0, 0))
    told = judged(answer, ZYRTEC_GP, home())
    assert apixaban(told) == ("ENDED SINGLE" if annulled else "DISPUTED SINGLE")
    assert ("E03 apiksaban|oral|plain critical" in serious(told)) is not annulled


def test_through_the_store_the_roster_tells_whose_list_the_pll_is(database):
    """The GP of record answers for it, and sends nothing: what the hospital started is asked of that GP."""
    row = RosterRow(identifier=NUMBER, district="Nord", starts=TODAY, gp_her_id="8010201", gp_hpr=GP)
    papers = (
        sfm(FURIX, infos=[PLL_OF_TODAY]),
        summary(("Eliquis tab 5 mg", "B01AF02", "1 tablett morgen og kveld", "1")),
        FURIX_HOME,
    )
    case = kept_case(database, row, papers)
    assert "B07 apiksaban|oral|plain critical" in serious(reconcile(case, demo_catalogue(), TODAY))


MAREVAN = ("Marevan Tab 2,5 mg", "2 tabletter kveld", "B01AA03")
ON_PAPER = dispensed(8101, 55, on_list(*MAREVAN), "2026-02-20").replace(
    b"<AnsattId>", b"<RekvirentPapir>Vik, Astrid</RekvirentPapir><AnsattId>"
)


@pytest.mark.parametrize(
    "papers",
    [
        (registry(), ON_PAPER),
        (sfm(dispensings=[handed(8101, *MAREVAN[::2], "2026-02-20")]),),
        (sfm(line("Marevan tab 2,5 mg", *MAREVAN[1:], rx=1, written="2026-02-27")),),
    ],
    ids=["a report of a paper prescription", "a dispensing of no prescription SFM has", "a loose prescription"],
)
def test_warfarin_that_no_list_has_is_unconfirmed_and_asked_about(papers):
    """P12, A06: handed out on paper, or prescribed by another after the list was made."""
    told = judged(*papers, ZYRTEC_GP, home())
    assert lines_of(told)["warfarin|oral|plain"].startswith("UNCONFIRMED")
    assert "A06 warfarin|oral|plain high" in serious(told)


@pytest.mark.parametrize("late", [True, False])
def test_the_newest_answer_speaks_whatever_way_and_order_it_came(late):
    """The list by M9.12 in February, by SFM in March, with another dose: one entry, and the newest word on it."""
    old = shared(ELIQUIS_GP).replace(b"2026-03-01T08", b"2026-02-01T08")
    new = sfm(line("Eliquis tab 5 mg", "1 tablett morgen", "B01AF02", pll=1, rx=1, changed="2026-02-20"))
    at_home = home(("Eliquis tab 5 mg", "B01AF02", "5 mg", "1 tablett morgen"))
    told = judged(*((new, old) if late else (old, new)), at_home)
    assert (apixaban(told), serious(told)) == ("ACTIVE AGREED", set())
