"""Whole patients over time, through the store: care messages and extracts again and again, late, changed, called off.

What each step has to give was written from the rule catalogue before the engine was asked. Of the flags those of
severity high and critical are told, all of them, if a test does not name others.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from papers import (
    NUMBER,
    OFFICE,
    OTHER_OFFICE,
    REGISTRY,
    care,
    doctors_list,
    drug,
    entry,
    extract,
    home,
    info,
    key,
    on_list,
    registry,
    rolled,
    rx,
    shared,
    summary,
)
from test_whole_patients import lines_of, serious

from medrec import clock, hearing, intake, roster, work
from medrec.demo.catalogue import demo_catalogue
from medrec.roster import RosterRow
from rules.reconcile import reconcile

FUROSEMIDE, AMLODIPINE, SIMVASTATIN = "furosemid|oral|plain", "amlodipin|oral|plain", "simvastatin|oral|plain"
FURIX = ("Furix", "1 tablett morgen", "C03CA01", "40 mg", "tab")
DOUBLED = ("Furix", "2 tabletter morgen", "C03CA01", "40 mg", "tab")
ZOCOR = ("Zocor", "1 tablett kveld", "C10AA01", "20 mg", "tab")
NORVASC = ("Norvasc", "1 tablett daglig", "C08CA01", "5 mg", "tab")
STOPPED = (*NORVASC, "", "2")
OFFICE_OF_RECORD = {"gp_her_id": "8010201", "gp_hpr": "9100011"}
ALL_IS_AGREED = ({FUROSEMIDE: "ACTIVE AGREED", SIMVASTATIN: "ACTIVE AGREED"}, set())


class Timeline:
    """One patient in an empty store: what stands after each message, judged on the day it came."""

    def __init__(self, database):
        self.database = database
        self.of_record(OFFICE_OF_RECORD)

    def of_record(self, gp, on="2026-01-01"):
        row = RosterRow(identifier=NUMBER, district="Nord", starts=date(2026, 1, 1), **gp)
        with clock.held(noon(on)), self.database.writing() as session:
            roster.load(session, [row], noon(on).date())

    def after(self, on, *papers):
        """What is concluded once these have come, in this order."""
        with clock.held(noon(on)):
            for paper in papers:
                self.person = intake.receive(self.database, paper, channel="test").patient
            work.drain(self.database, today=noon(on).date())
        return self.seen(on)

    def seen(self, on):
        with clock.held(noon(on)), self.database.reading() as session:
            case = hearing.case_of(session, self.person, noon(on).date())
        told = reconcile(case, demo_catalogue(), noon(on).date())
        placed = [i for line in told.lines for i in line.statements] + [a.statement for a in told.aside]
        assert sorted(placed) == sorted(s.id for s in case.statements), "each statement once, and none lost"
        return told


@pytest.fixture
def timeline(sqlite_database):
    return Timeline(sqlite_database)


def noon(day):
    return datetime.fromisoformat(f"{day}T11:00:00").replace(tzinfo=UTC)


def of_day(paper, day, serial=0):
    """The registry's list as it was on another day; `serial`: its message number."""
    told = paper.replace(b"2026-03-01T08", f"{day}T08".encode())
    return told.replace(key(9096).encode(), key(serial).encode()) if serial else told


def prescribed(*drugs):
    """The registry's list: each with a prescription of its own, by the number of its place."""
    return registry(
        *(
            rx(n, drug(f"{name} Tab {strength}", dose, atc))
            for n, (name, dose, atc, strength, *_) in enumerate(drugs, 1)
        )
    )


def at_home(*drugs, on, system=""):
    lines = [(f"{name} tab {strength}", atc, strength, dose) for name, dose, atc, strength, *_ in drugs]
    told = home(*lines, as_of=f"{on}T10:00:00+01:00")
    return told.replace(b'"source_system": ""', f'"source_system": "{system}"'.encode())


def gps(*entries, on, serial=9251, **more):
    """The GP's own list; an entry is (medicine, day changed) and the day it was stopped."""
    told = [
        entry(n, on_list(f"{what[0]} Tab {what[3]}", what[1], what[2]), changed=changed, prescription=n, stop=stop)
        for n, (what, changed, stop) in enumerate(((*e, "")[:3] for e in entries), 1)
    ]
    return doctors_list(*told, made=f"{on}T08:00:00+01:00", serial=serial, **more)


def message(kind, *drugs, on, serial, **more):
    return care(kind, *(info(*d) for d in drugs), made=f"{on}T13:00:00", serial=serial, **more)


def from_gp(*drugs, on, serial, **more):
    return message("MEDISINSKE_OPPLYSNINGER", *drugs, on=on, serial=serial, **more)


def extracted(*drugs, on, serial=9150):
    told = extract(*(info(*d) for d in drugs), made=f"{on}T09:00:00")
    return told.replace(key(9150).encode(), key(serial).encode())


def letter(*drugs, on, serial):
    return summary(*drugs, made=f"{on}T12:00:00").replace(key(9400).encode(), key(serial).encode())


def codes(told):
    return {d.code for d in told.discrepancies}


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


def with_number(paper, prescription=1):
    """The same message, its entries naming the prescription they stand for."""
    return paper.replace(
        b"<Forskrivningsinfo>", f"<ReseptId>{key(prescription)}</ReseptId><Forskrivningsinfo>".encode()
    )


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


# --- one roll after another -----------------------------------------------------------------------------------------

ELIQUIS = ("Eliquis", "1 tablett morgen og kveld", "B01AF02", "5 mg", "tab")
APIXABAN = "apiksaban|oral|plain"


def rolls(*drugs, first, last, given, sent, serial):
    """The registry's answer with the newest roll (M25.3), as the pharmacy sent it."""
    following = date.fromisoformat(last) + timedelta(days=1)
    packing = (
        f"<Pakkeinfo><Bestillingsfrist>{given}T12:00:00</Bestillingsfrist>"
        f"<ForsteDoseringsdato>{following}</ForsteDoseringsdato></Pakkeinfo>"
    )
    packed = [
        rolled(n, on_list(f"{name} Tab {strength}", dose, atc), n, first=first, last=last, given=given)
        for n, (name, dose, atc, strength, *_) in enumerate(drugs, 1)
    ]
    made = {"made": f"{sent}T07:00:00+01:00", "serial": serial}
    answer = shared(doctors_list(*packed, kind="3", sender=REGISTRY, extra=packing, **made))
    return of_day(answer, sent).replace(key(9912).encode(), key(serial + 500).encode())


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
