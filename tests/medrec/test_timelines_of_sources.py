"""Whole patients over time, through the store: care messages and extracts again and again, late, changed, called off.

What each step has to give was written from the rule catalogue before the engine was asked. Of the flags those of
severity high and critical are told, all of them, if a test does not name others.
"""

import pytest
from papers import OFFICE, OTHER_OFFICE, journal, order
from sfm_papers import info as told_of
from sfm_papers import line as sfm_line
from sfm_papers import sfm
from test_whole_patients import lines_of, serious
from timelines import (
    ALL_IS_AGREED,
    AMLODIPINE,
    DOUBLED,
    FURIX,
    FUROSEMIDE,
    NORVASC,
    SIMVASTATIN,
    STOPPED,
    ZOCOR,
    Timeline,
    at_home,
    codes,
    extracted,
    from_gp,
    gps,
    letter,
    message,
    of_day,
    prescribed,
    rolls,
    with_number,
)


@pytest.fixture
def timeline(sqlite_database):
    return Timeline(sqlite_database)


# --- messages to others, one after the other ------------------------------------------------------------------------

JANUARY, FEBRUARY = from_gp(FURIX, on="2026-01-10", serial=9701), from_gp(DOUBLED, on="2026-02-10", serial=9702)


@pytest.mark.parametrize("papers", [(JANUARY, FEBRUARY), (FEBRUARY, JANUARY)], ids=["in turn", "late"])
def test_the_gps_next_care_message_changes_the_dose_and_is_no_second_entry(timeline, papers):
    """One list, told of twice: the newer word counts, and what home care gives differs from it (D01, never C02)."""
    timeline.after("2026-01-12", of_day(prescribed(FURIX), "2026-01-12"), at_home(FURIX, on="2026-01-12"))
    told = timeline.after("2026-02-11", *papers)
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE CONFLICT"}
    assert serious(told) == {"D01 furosemid|oral|plain critical", "G02 GP high"}


def test_a_stop_in_the_gps_next_care_message_ends_what_the_message_before_said(timeline):
    """The GP's older message is no list that goes on: home care has it to put right, and then it is over."""
    papers = (of_day(prescribed(NORVASC), "2026-01-12"), at_home(NORVASC, on="2026-01-12"))
    timeline.after("2026-01-12", *papers, from_gp(NORVASC, on="2026-01-10", serial=9701))
    told = timeline.after("2026-02-11", from_gp(STOPPED, on="2026-02-10", serial=9702))
    assert lines_of(told) == {AMLODIPINE: "DISPUTED SINGLE"}
    assert [d.owner.value for d in told.discrepancies if d.code == "B02"] == ["NURSE"]
    told = timeline.after("2026-02-12", at_home(on="2026-02-12"))
    assert lines_of(told) == {AMLODIPINE: "ENDED SINGLE"}
    assert {"B01"} <= codes(told)


def test_what_the_gp_goes_on_with_after_a_stop_in_an_earlier_care_message_is_in_use(timeline):
    papers = (of_day(prescribed(NORVASC), "2026-01-12"), at_home(NORVASC, on="2026-01-12"))
    timeline.after("2026-01-12", *papers, from_gp(STOPPED, on="2026-01-10", serial=9701))
    told = timeline.after("2026-02-11", from_gp(NORVASC, on="2026-02-10", serial=9702))
    assert lines_of(told) == {AMLODIPINE: "ACTIVE AGREED"}


def test_a_stop_with_a_date_is_not_undone_by_a_later_care_message(timeline):
    """Clarification 2: the message dates nothing of its own. What the GP decided on a day stands: safer to ask."""
    timeline.after(
        "2026-02-09", at_home(NORVASC, on="2026-01-12"), gps((NORVASC, "2026-02-08", "2026-02-08"), on="2026-02-09")
    )
    told = timeline.after("2026-02-11", from_gp(NORVASC, on="2026-02-10", serial=9702))
    assert lines_of(told) == {AMLODIPINE: "DISPUTED SINGLE"}
    assert serious(told) == {"B02 amlodipin|oral|plain high"}


def test_a_care_message_that_repeats_the_list_leaves_its_decision_in_place(timeline):
    """The GP went back to one tablet after the discharge (P3); the message three days later says no more than that."""
    timeline.after(
        "2026-02-07", letter(("Furix tab 40 mg", "C03CA01", "2 tabletter morgen", "1"), on="2026-02-06", serial=9401)
    )
    timeline.after("2026-02-09", gps((FURIX, "2026-02-08"), on="2026-02-09"), at_home(FURIX, on="2026-02-09"))
    before = timeline.seen("2026-02-11")
    after = timeline.after("2026-02-11", from_gp(FURIX, on="2026-02-11", serial=9702))
    assert lines_of(after) == lines_of(before)
    assert serious(after) == serious(before)
    assert "B07" not in codes(after)


@pytest.mark.parametrize("system", ["", "journal"])
@pytest.mark.parametrize("kind", ["HELSEOPPLYSNINGER_LEGE", "INNLEGGELSESRAPPORT"])
def test_what_home_care_writes_to_others_is_its_home_list_and_no_second_one(timeline, kind, system):
    """The same medicines twice are no double prescribing (C02), and a list that moved on since has moved on."""
    base = (of_day(prescribed(FURIX, ZOCOR), "2026-01-30"), at_home(FURIX, ZOCOR, on="2026-01-30", system=system))
    timeline.after("2026-01-31", *base, gps((FURIX, "2025-11-10"), (ZOCOR, "2025-11-10"), on="2026-01-30"))
    told = timeline.after("2026-02-02", message(kind, FURIX, ZOCOR, on="2026-02-01", serial=9801))
    assert (lines_of(told), serious(told)) == ALL_IS_AGREED
    assert told.admitted is (kind == "INNLEGGELSESRAPPORT")
    changed = gps((DOUBLED, "2026-02-10"), (ZOCOR, "2025-11-10"), on="2026-02-10", serial=9252)
    told = timeline.after("2026-02-11", changed)
    assert "D01 furosemid|oral|plain critical" in serious(told)
    told = timeline.after("2026-02-12", at_home(DOUBLED, ZOCOR, on="2026-02-12", system=system))
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE AGREED", SIMVASTATIN: "ACTIVE AGREED"}
    assert serious(told) == {"D07 furosemid|oral|plain high"}


def test_a_medicine_home_care_wrote_of_before_it_was_stopped_is_over(timeline):
    """B02 needs a list that still says active: the letter to the doctor of January says what the list was then."""
    timeline.after("2026-01-12", message("HELSEOPPLYSNINGER_LEGE", NORVASC, on="2026-01-10", serial=9801))
    papers = (of_day(prescribed(NORVASC), "2026-02-12"), at_home(FURIX, on="2026-02-12", system="journal"))
    told = timeline.after("2026-02-12", *papers, gps((NORVASC, "2026-02-10", "2026-02-10"), on="2026-02-10"))
    assert lines_of(told)[AMLODIPINE] == "ENDED SINGLE"
    assert "B01" in codes(told)


# --- there and back again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [with_number, lambda paper: paper], ids=["with prescription", "without"])
@pytest.mark.parametrize("sent", [extracted, from_gp], ids=["extract", "care message"])
def test_a_dose_that_goes_up_and_back_is_what_the_gp_says_last(timeline, sent, told):
    """The words of January come again in March: they are the newest version of the entry (R0), not the oldest."""
    timeline.after(
        "2026-01-12", of_day(prescribed(FURIX), "2026-01-12"), told(sent(FURIX, on="2026-01-10", serial=9151))
    )
    timeline.after("2026-02-11", told(sent(DOUBLED, on="2026-02-10", serial=9152)))
    last = timeline.after(
        "2026-03-01", told(sent(FURIX, on="2026-03-01", serial=9153)), at_home(FURIX, on="2026-03-01")
    )
    assert lines_of(last) == {FUROSEMIDE: "ACTIVE AGREED"}
    assert serious(last) <= {"G02 GP high"}


def test_a_dose_the_gp_went_back_to_is_no_state_before_the_admission(timeline):
    """B07: the change was carried, and later left again. Nobody dated it, so both doses are asked about (62)."""
    base = (of_day(prescribed(FURIX), "2026-01-12"), at_home(FURIX, on="2026-01-12"))
    timeline.after("2026-01-12", *base, extracted(FURIX, on="2026-01-10"))
    timeline.after(
        "2026-02-07", letter(("Furix tab 40 mg", "C03CA01", "2 tabletter morgen", "1"), on="2026-02-06", serial=9401)
    )
    timeline.after("2026-02-11", extracted(DOUBLED, on="2026-02-10", serial=9151), at_home(DOUBLED, on="2026-02-10"))
    told = timeline.after("2026-02-21", extracted(FURIX, on="2026-02-20", serial=9152), at_home(FURIX, on="2026-02-20"))
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE CONFLICT"}
    assert serious(told) == {"D01 furosemid|oral|plain critical"}


# --- in hospital and home again -------------------------------------------------------------------------------------


def test_an_admission_or_discharge_that_was_called_off_was_none(timeline):
    report = message("INNLEGGELSESRAPPORT", FURIX, on="2026-02-01", serial=9801)
    home_again = message("UTSKRIVNINGSRAPPORT", FURIX, on="2026-02-03", serial=9802)
    assert timeline.after("2026-02-02", at_home(FURIX, on="2026-01-30"), report).admitted
    assert not timeline.after("2026-02-03", home_again).admitted
    still_there = message("UTSKRIVNINGSRAPPORT", on="2026-02-04", serial=9803, status="C", refer=9802)
    assert timeline.after("2026-02-04", still_there).admitted
    never_left_home = message("INNLEGGELSESRAPPORT", on="2026-02-05", serial=9804, status="C", refer=9801)
    assert not timeline.after("2026-02-05", never_left_home).admitted


@pytest.mark.parametrize(("hour", "admitted"), [("08", False), ("20", True)])
def test_admitted_again_on_the_day_of_the_discharge(timeline, hour, admitted):
    out = letter(("Furix tab 40 mg", "C03CA01", "1 tablett morgen", "2"), on="2026-02-06", serial=9401)
    report = message("INNLEGGELSESRAPPORT", FURIX, on="2026-02-06", serial=9801).replace(
        b"T13:00", f"T{hour}:00".encode()
    )
    assert timeline.after("2026-02-07", out, report).admitted is admitted


@pytest.mark.parametrize("reported", [DOUBLED, FURIX, None], ids=["the same", "another dose", "one letter"])
def test_the_doctors_and_the_nurses_letter_of_one_day_are_two_letters_of_one_medicine(timeline, reported):
    """Never double prescribing (C02): they say the same, or differ on one day, which is a tie (D01)."""
    base = (of_day(prescribed(FURIX), "2026-01-12"), at_home(FURIX, on="2026-01-12"))
    timeline.after("2026-01-12", *base, gps((FURIX, "2025-11-10"), on="2026-01-10"))
    letters = [letter(("Furix tab 40 mg", "C03CA01", "2 tabletter morgen", "1"), on="2026-02-06", serial=9401)]
    letters += [message("UTSKRIVNINGSRAPPORT", reported, on="2026-02-06", serial=9801)] if reported else []
    told = timeline.after("2026-02-07", *letters)
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE CONFLICT"}
    assert serious(told) == {"B07 furosemid|oral|plain high", "D01 furosemid|oral|plain critical"}


def ordered(*orders, on):
    """The journal's whole answer of a day."""
    return journal(*orders).replace(b"{", f'{{"timestamp": "{on}T08:00:00+01:00", '.encode(), 1)


def test_what_was_ordered_before_the_admission_stays_on_the_list_and_what_is_ordered_there_comes_with_the_discharge(
    timeline,
):
    """P10 and S10: only orders of the stay wait, also where one of them changes an order from before it."""
    norvasc = order(1, "Norvasc tab 5 mg", "1 tablett daglig", "C08CA01", on="2026-01-05")
    eliquis = order(3, "Eliquis tab 5 mg", "1 tablett morgen og kveld", "B01AF02", on="2026-02-03")
    timeline.after("2026-01-31", at_home(FURIX, on="2026-01-30"), ordered(norvasc, on="2026-01-31"))
    admission = message("INNLEGGELSESRAPPORT", FURIX, on="2026-02-01", serial=9801)
    told = timeline.after("2026-02-02", admission)
    assert (lines_of(told)[AMLODIPINE], told.admitted) == ("ACTIVE SINGLE", True)
    told = timeline.after("2026-02-04", ordered(norvasc, eliquis, on="2026-02-04"))
    assert lines_of(told).keys() == {FUROSEMIDE, AMLODIPINE}
    told = timeline.after("2026-02-06", message("UTSKRIVNINGSRAPPORT", FURIX, on="2026-02-06", serial=9802))
    assert lines_of(told)["apiksaban|oral|plain"] == "ACTIVE SINGLE"


def test_of_two_answers_without_a_time_neither_is_the_newer(timeline):
    """What one of them lacks may have been added since: it stands."""
    norvasc = order(1, "Norvasc tab 5 mg", "1 tablett daglig", "C08CA01", on="2026-01-05")
    eliquis = order(3, "Eliquis tab 5 mg", "1 tablett morgen og kveld", "B01AF02", on="2026-02-03")
    told = timeline.after("2026-02-04", journal(norvasc), journal(norvasc, eliquis), journal(eliquis))
    assert lines_of(told) == {AMLODIPINE: "ACTIVE SINGLE", "apiksaban|oral|plain": "ACTIVE SINGLE"}


# --- one roll after another -----------------------------------------------------------------------------------------

ELIQUIS = ("Eliquis", "1 tablett morgen og kveld", "B01AF02", "5 mg", "tab")
APIXABAN = "apiksaban|oral|plain"


ROLL = {"first": "2026-02-16", "last": "2026-03-01", "given": "2026-02-10", "sent": "2026-02-11", "serial": 9301}
NEXT = {"first": "2026-03-02", "last": "2026-03-15", "given": "2026-02-24", "sent": "2026-02-25", "serial": 9302}
ANEW = NEXT | {"first": "2026-02-26"}


def stopped_on(timeline, day):
    timeline.after("2026-02-17", at_home(ELIQUIS, ZOCOR, on="2026-02-17"), rolls(ELIQUIS, ZOCOR, **ROLL))
    timeline.after(day, at_home(ZOCOR, on=day), gps((ELIQUIS, day, day), (ZOCOR, "2025-11-10"), on=day))


def test_word_of_the_next_roll_takes_nothing_out_of_the_one_at_home(timeline):
    """E03 stands until the next roll's first dose, not until the pharmacy has packed it."""
    stopped_on(timeline, "2026-02-20")
    timeline.after("2026-02-26", rolls(ZOCOR, **NEXT))
    for day, found in (("2026-02-26", True), ("2026-03-01", True), ("2026-03-02", False)):
        told = timeline.seen(day)
        assert lines_of(told) == {
            APIXABAN: "DISPUTED SINGLE" if found else "ENDED SINGLE",
            SIMVASTATIN: "ACTIVE AGREED",
        }
        assert ("E03 apiksaban|oral|plain critical" in serious(told)) is found


def test_a_roll_packed_anew_takes_the_place_of_the_one_at_home(timeline):
    stopped_on(timeline, "2026-02-20")
    told = timeline.after("2026-02-26", rolls(ZOCOR, **ANEW))
    assert lines_of(told) == {APIXABAN: "ENDED SINGLE", SIMVASTATIN: "ACTIVE AGREED"}
    assert "E03" not in codes(told)


def test_a_change_after_packing_stands_until_the_roll_that_carries_it_begins(timeline):
    timeline.after("2026-02-17", at_home(FURIX, on="2026-02-17"), rolls(FURIX, **ROLL))
    timeline.after("2026-02-21", gps((DOUBLED, "2026-02-20"), on="2026-02-20"), at_home(DOUBLED, on="2026-02-20"))
    timeline.after("2026-02-26", rolls(DOUBLED, **NEXT))
    assert "E02" in codes(timeline.seen("2026-03-01"))
    assert "E02" not in codes(timeline.seen("2026-03-02"))
    late = timeline.after("2026-03-02", rolls(FURIX, **ROLL | {"serial": 9303}))
    assert "E02" not in codes(late)
    assert lines_of(late) == {FUROSEMIDE: "ACTIVE AGREED"}


def test_the_roll_at_home_is_one_though_sfm_tells_of_it_in_other_words_and_then_of_the_next(timeline):
    """SFM has the dose of a delivery from the prescription, until that changes: one roll, and one line (no C02)."""
    packed = {"pll": 1, "rx": 1, "roll": True}
    other = sfm_line("Zocor tab 20 mg", "1 tablett kveld", "C10AA01", pll=2, rx=2, roll=True)
    stopped = packed | {"stop": "2026-02-20", "status": "stopped"}
    roll = told_of("M25.3", "2026-02-10", (0, None, "2026-02-16", "2026-03-01"), (1, None, "2026-02-16", "2026-03-01"))
    following = told_of("M25.3", "2026-02-24", (1, None, "2026-03-02", "2026-03-15"))
    eliquis = ("Eliquis tab 5 mg", "1 tablett morgen og kveld", "B01AF02")
    for day, entry, list_of_rolls in (("17", packed, roll), ("21", stopped, roll), ("25", stopped, following)):
        answer = sfm(sfm_line(*eliquis, **entry), other, infos=[list_of_rolls], at=f"2026-02-{day}T08:00:00+01:00")
        timeline.after(f"2026-02-{day}", answer, at_home(ZOCOR, on=f"2026-02-{day}"))
    told = timeline.seen("2026-03-01")
    assert lines_of(told) == {APIXABAN: "DISPUTED SINGLE", SIMVASTATIN: "ACTIVE AGREED"}
    assert serious(told) == {"E03 apiksaban|oral|plain critical"}
    assert lines_of(timeline.seen("2026-03-02"))[APIXABAN] == "ENDED SINGLE"


# --- whose list -----------------------------------------------------------------------------------------------------

ANOTHER = {"gp_her_id": "8010999", "gp_hpr": "9100099"}


def test_the_list_of_the_gp_before_is_an_older_list_once_the_new_one_has_sent_theirs(timeline):
    """Nobody corrects it any more: until then it is the national list, and never a second one beside the new GP's."""
    base = (of_day(prescribed(FURIX, ZOCOR), "2026-01-30"), at_home(FURIX, ZOCOR, on="2026-01-30"))
    timeline.after("2026-01-31", *base, gps((FURIX, "2025-11-10"), (ZOCOR, "2025-11-10"), on="2026-01-30"))
    timeline.of_record(ANOTHER, on="2026-02-15")
    told = timeline.seen("2026-02-15")
    assert (lines_of(told), serious(told)) == ALL_IS_AGREED
    assert not told.complete
    theirs = gps((DOUBLED, "2026-02-20"), on="2026-02-20", serial=9252, sender=OTHER_OFFICE)
    told = timeline.after("2026-02-20", theirs, at_home(DOUBLED, ZOCOR, on="2026-02-20"))
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE AGREED", SIMVASTATIN: "UNCONFIRMED AGREED"}
    assert serious(told) == {"D07 furosemid|oral|plain high"}
    assert "A01" in codes(told)


@pytest.mark.parametrize("own", [gps, None], ids=["beside M25.1", "beside an extract"])
def test_another_offices_extract_takes_nothing_off_the_gps_list(timeline, own):
    """S10: what the GP of record lists stays in use; what only the other one lists is told, and home care lacks it."""
    base = (of_day(prescribed(FURIX, ZOCOR), "2026-01-30"), at_home(FURIX, ZOCOR, on="2026-01-30"))
    listed = gps((FURIX, "2025-11-10"), (ZOCOR, "2025-11-10"), on="2026-01-30")
    timeline.after("2026-01-31", *base, listed if own else extracted(FURIX, ZOCOR, on="2026-01-30"))
    theirs = extracted(NORVASC, on="2026-02-10", serial=9152).replace(OFFICE.encode(), OTHER_OFFICE.encode())
    told = timeline.after("2026-02-11", theirs)
    assert lines_of(told) == {FUROSEMIDE: "ACTIVE AGREED", SIMVASTATIN: "ACTIVE AGREED", AMLODIPINE: "ACTIVE SINGLE"}
    assert not codes(told) & {"A01", "B02", "D01"}
    assert {("A02", AMLODIPINE)} == {(d.code, d.about) for d in told.discrepancies if d.code == "A02"}
