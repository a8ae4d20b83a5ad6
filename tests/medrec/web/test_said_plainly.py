"""What a tired reader must not read wrongly: who was not read, which list says it, when "do not give" would harm."""

import re
import shutil
from datetime import timedelta

import lxml.html
import pytest
from told import ANNA, NOON, TODAY, hp, medicine, message, number, rf

from medrec import clock, intake, roster, wording, work
from medrec.access import gate, sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.phrases import phrase, value
from medrec.web.flags import ADVICE
from medrec.web.worklist import _first
from medrec.worklist import WorkRow
from rules.conclusion import Discrepancy, Owner, Severity

NINA = User(id="n1", name="Nina Nilsen", role=Role.NURSE, district="Nord")
WARFARIN = {"atc": "B01AA03", "substances": ["warfarin"], "decided": "2026-02-20"}
DO_NOT_GIVE, ASK_FIRST = "Gi IKKE etter denne listen før lege har avklart.", "Må avklares med lege før neste dose."


class Nurse:
    """One patient told of by messages, and a nurse who reads the pages."""

    def __init__(self, app, anna):
        self.database, self.anna = app.extensions["medrec"], anna
        with self.database.writing() as session:
            rows = (roster.RosterRow(identifier=anna, district="Nord", starts=TODAY, gp_office="Torget"),)
            roster.load(session, rows, TODAY)
            cookie = sessions.start(session, NINA)
        self.browser = app.test_client()
        self.browser.set_cookie(gate.COOKIE_ON_LOOPBACK, cookie)

    def hears(self, *messages):
        for one in messages:
            self.id = intake.receive(
                self.database, one.replace(ANNA.encode(), self.anna.encode()), channel="test"
            ).patient
        work.drain(self.database, today=TODAY)
        return self

    def page(self, rest=""):
        answer = self.browser.get(f"/patients/{self.id}{rest}")
        assert answer.status_code == 200
        return lxml.html.fromstring(answer.get_data(as_text=True))

    def words(self, rest=""):
        return re.sub(r"\s+", " ", self.page(rest).xpath("//main")[0].text_content())

    def line(self, name):
        (found,) = self.page().xpath(f"//article[contains(.//h3, '{name}')]")
        return re.sub(r"\s+", " ", found.text_content())

    def copied(self, rest="/text"):
        return self.page(rest).xpath("//textarea")[0].text


@pytest.fixture(scope="module")
def house(sqlite_template, tmp_path_factory):
    """One store and one app for them all: each test tells of another person."""
    folder = tmp_path_factory.mktemp("plainly")
    shutil.copy(sqlite_template, folder / "medrec.db")
    database = open_database(settings(folder, {}, demo=True))
    yield create_app(database), iter(map(number, range(20, 70)))
    database.close()


@pytest.fixture
def nurse(house):
    app, numbers = house
    with clock.held(NOON):
        yield Nurse(app, next(numbers))


def test_a_source_that_nobody_has_read_is_never_told_as_silent(nurse):
    nurse.hears(hp(ANNA, medicine(kind="hjemmeliste")), rf())
    line = nurse.line("Metoprolol")
    assert "Nevnes ikke av: Reseptformidleren. Ikke lest: fastlegen." in line
    assert "Fastlegenikke lest. Ingen vet om det står der." in line
    assert "Ingenting er lest fra fastlegen." in nurse.words()


def test_a_source_that_was_read_and_is_silent_is_told_so(nurse):
    nurse.hears(hp(ANNA, medicine(kind="hjemmeliste")), rf(), message())
    assert "Nevnes ikke av: Reseptformidleren, fastlegen." in nurse.line("Metoprolol")
    assert "Ikke lest" not in nurse.line("Metoprolol")


def both_doses(**more):
    return (
        message(ANNA, medicine(dose="1 tablett morgen", decided="2026-02-20", **more)),
        hp(ANNA, medicine(dose="2 tabletter morgen", kind="hjemmeliste", decided="2026-02-20", **more)),
        rf(),
    )


def test_doses_side_by_side_stand_under_the_names_that_the_flag_uses(nurse):
    boxes = nurse.hears(*both_doses(substances=["metoprolol"])).page().xpath("//ul[@class='beside']/li/b/text()")
    assert {b.strip() for b in boxes} == {"Fastlegens liste 20.02.2026", "Hjemmelisten 20.02.2026"}


@pytest.mark.parametrize(
    ("home", "said", "unsaid"),
    [
        ((), ASK_FIRST, DO_NOT_GIVE),
        ((medicine("Marevan 2,5 mg", "2 tabletter daglig", kind="hjemmeliste", **WARFARIN),), DO_NOT_GIVE, ASK_FIRST),
    ],
    ids=["missing at home", "another dose at home"],
)
def test_nobody_is_told_not_to_give_what_the_patient_may_be_going_without(nurse, home, said, unsaid):
    other = medicine("Paracet 500 mg", "1 tablett morgen", kind="hjemmeliste")
    nurse.hears(message(ANNA, medicine("Marevan 2,5 mg", "1 tablett daglig", **WARFARIN)), hp(ANNA, other, *home), rf())
    for face in (nurse.words(), nurse.words("/sheet"), nurse.copied()):
        assert said in face
        assert unsaid not in face


def test_what_is_to_be_done_this_week_stands_open_and_on_paper(nurse):
    other = medicine("Paracet 500 mg", "1 tablett morgen", kind="hjemmeliste")
    losartan = medicine("Cozaar 50 mg", substances=["losartan"], atc="C09CA01", decided="2026-02-01")
    nurse.hears(message(ANNA, losartan), hp(ANNA, other), rf())
    (flag,) = nurse.page().xpath("//article[contains(.//h3, 'Cozaar')]//div[contains(@class, 'sev-moderate')]")
    assert not flag.xpath("ancestor::details")
    assert "Denne uken: Cozaar 50 mg er i bruk" in nurse.words("/sheet")


def test_advice_of_the_week_is_folded_until_somebody_looks():
    assert {"F03", "C04", "D08"} <= ADVICE
    assert not {"A02", "B01", "D01", "D04", "E05"} & ADVICE


def test_what_ended_but_has_something_to_be_done_stands_open(nurse):
    stop = medicine("Norvasc 5 mg", status="stopped", decided="2026-02-20", substances=["amlodipin"], atc="C08CA01")
    valid = medicine(
        "Norvasc 5 mg", kind="resept", decided="2025-12-01", valid_to="2026-12-01", substances=["amlodipin"],
        atc="C08CA01", prescription_id="r1",
    )  # fmt: skip
    nurse.hears(message(ANNA, stop), rf(ANNA, valid), hp())
    (section,) = nurse.page().xpath("//details[contains(., 'Avsluttet siste 90 dager')]")
    assert "Norvasc" in section.text_content()
    assert section.get("open") is not None


def test_the_copied_text_says_allergies_who_acts_which_list_and_what_is_older(nurse):
    allergy = {"text": "Penicillin", "kind": "allergy"}
    older = medicine(dose="2 tabletter morgen", kind="hjemmeliste", decided="2025-01-01", substances=["metoprolol"])
    newer = medicine(dose="1 tablett morgen", decided="2026-02-20", substances=["metoprolol"])
    nurse.hears(message(ANNA, newer, allergies=[allergy]), hp(ANNA, older), rf())
    text = nurse.copied()
    assert "CAVE: Penicillin (fastlegen)" in text
    assert "fastlegens liste 20.02.2026: «1 tablett morgen»\n" in text
    assert "hjemmelisten 01.01.2025: «2 tabletter morgen» (eldre, gjelder ikke)" in text
    assert "Hvem gjør noe: hjemmesykepleien." in text
    assert "CAVE" not in nurse.copied("/text?line=l1")


def test_the_grid_counts_the_tablets_of_a_product_of_two_substances(nurse):
    sinemet = medicine("Sinemet 100 mg/25 mg", "1+1½+1", substances=["levodopa", "karbidopa"], decided="2026-02-01")
    row = nurse.hears(message(ANNA, sinemet)).page().xpath("//table[@class='grid']/tbody/tr")[0]
    assert [td.text_content().strip() for td in row.xpath("td")] == ["1", "1,5", "1"]


def clarified_first(nurse):
    """Two to be clarified: one for today, whose name comes first, and one that can't wait; each with all its flags."""
    statin = {"substances": ["atorvastatin"], "atc": "C10AA05", "decided": "2026-02-20"}
    warfarin = medicine("Marevan 2,5 mg", "1 tablett daglig", **WARFARIN)
    stopped = medicine("Atorvastatin 40 mg", "1 tablett kveld", status="stopped", **statin)
    lipitor = {"kind": "hjemmeliste", "substances": ["atorvastatin"], "atc": "C10AA05", "recorded": "2026-01-05"}
    home = (
        medicine("LIPITOR 40 MG", "1 tablett kveld", **lipitor),
        medicine("Marevan 2,5 mg", "1 tablett ukentlig", kind="hjemmeliste", **WARFARIN),
    )
    return nurse.hears(message(ANNA, warfarin, stopped), hp(ANNA, *home), rf())


def test_of_what_is_to_be_clarified_the_most_urgent_stands_first(nurse):
    page = clarified_first(nurse).page()
    titles = page.xpath("//section[contains(@class, 's-uavklart')]//h3/text()")
    assert [t.split()[0] for t in titles] == ["Warfarin", "Atorvastatin"]


def test_another_name_is_one_that_a_source_uses_and_no_other_case(nurse):
    assert "Andre navn i kildene: LIPITOR 40 MG" in clarified_first(nurse).words()
    assert "Andre navn i kildene: LIPITOR 40 MG" in nurse.words("/sheet")


def test_the_same_name_in_another_case_is_no_other_name(nurse):
    home = medicine("LIPITOR 40 mg", kind="hjemmeliste", substances=["atorvastatin"], atc="C10AA05")
    nurse.hears(message(ANNA, medicine("Lipitor 40 mg", substances=["atorvastatin"], atc="C10AA05")), hp(ANNA, home))
    assert "Andre navn" not in nurse.words()


def test_whom_to_call_is_told_once_on_a_line(nurse):
    started = medicine(
        "Eliquis 5 mg", "1 tablett morgen", substances=["apiksaban"], atc="B01AF02", decided="2026-02-24"
    )
    letter = message(ANNA, started | {"kind": "epikrise"}, source="HP", kinds=("epikrise",), reach="event")
    other = medicine("Paracet 500 mg", "1 tablett morgen", kind="hjemmeliste")
    nurse.hears(message(ANNA, medicine("Cozaar 50 mg")), letter, hp(ANNA, other), rf())
    line = nurse.line("Eliquis")
    assert line.count("Haster:") > 1
    assert len(re.findall(r"Ring (?:fastlegen|legevakten) nå", line)) == 1


def acted(nurse, kind, **more):
    form = {"kind": kind, "at": nurse.page().xpath("//input[@name='at']/@value")[0], **more}
    answer = nurse.browser.post(f"/patients/{nurse.id}/actions", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return nurse


def test_what_was_put_off_is_no_lesser_remark_and_the_act_says_what_it_was_about(nurse):
    needed = medicine(
        "Sobril 10 mg", "1 tablett ved behov", kind="hjemmeliste", substances=["oksazepam"], atc="N05BA04"
    )
    fixed = medicine("Sobril 10 mg", "1 tablett kveld", substances=["oksazepam"], atc="N05BA04", decided="2026-02-01")
    nurse.hears(message(ANNA, fixed), hp(ANNA, needed), rf())
    (flag,) = nurse.page().xpath("//article//input[@name='discrepancy']/@value")
    acted(nurse, "snooze", discrepancy=flag, until=(TODAY + timedelta(days=3)).isoformat())
    assert "Utsatt eller ment slik (1) Sobril 10 mg I dag: Sobril 10 mg: ved behov" in nurse.line("Sobril")
    assert "utsatt et avvik: Fast mot ved behov, oksazepam" in nurse.words()


def test_two_that_were_said_to_be_one_are_named_where_the_act_stands(nurse):
    nurse.hears(*both_doses(substances=["metoprolol"]), hp(ANNA, medicine("Selo", kind="hjemmeliste"), hours=1))
    ids = nurse.page("/same").xpath("//select[@name='a']//option[@value != '']/@value")
    acted(nurse, "link-different", a=ids[0], b=ids[-1])
    assert re.search(r"sagt at to ikke er samme legemiddel: «[^»]+» / «[^»]+»", nurse.words())


def test_a_dose_that_no_longer_stands_on_its_list_never_looks_like_todays(nurse):
    gone = medicine("Nitroglycerin", "1 tbl under tungen", substances=["glyseroltrinitrat"], decided="2026-02-01")
    nurse.hears(message(ANNA, gone, hours=-5), message(ANNA, medicine()), hp(), rf())
    page = nurse.page()
    (line,) = page.xpath("//article[contains(.//h3, 'Nitroglycerin')]")
    assert "Ingen kilde oppgir dosen nå." in line.text_content()
    assert line.xpath(".//div[@class='what']//s/text()") == ["1 tbl under tungen"]
    assert not line.xpath(".//p[@class='dose']")
    assert "Ingen kilde oppgir dosen nå." in nurse.copied()


@pytest.mark.parametrize(("dose", "struck"), [("1 tabl morgen", []), ("2 tabl morgen", ["2 tabl morgen"])])
def test_an_older_word_is_struck_beneath_the_dose_where_it_says_another(nurse, dose, struck):
    home = medicine(dose=dose, kind="hjemmeliste", recorded="2026-01-05", substances=["metoprolol"])
    now = medicine(decided="2026-02-02", substances=["metoprolol"])
    nurse.hears(hp(ANNA, home, hours=-5), hp(), message(ANNA, now), rf())
    assert nurse.page().xpath("//div[@class='what']//s/text()") == struck
    assert dose in nurse.line("Metoprolol"), "under why it stands in any case"


def test_what_was_handed_over_stands_under_why_and_not_among_the_doses(nurse):
    label = medicine(dose="1 tablett kveld", kind="utlevering", recorded="2026-02-10", substances=["metoprolol"])
    label.pop("status")
    nurse.hears(*both_doses(substances=["metoprolol"]), rf(ANNA, label, hours=1))
    boxes = nurse.page().xpath("//ul[@class='beside']/li/b/text()")
    assert not any("Utlevering" in b for b in boxes)
    assert "utlevering 10.02.2026" in nurse.line("Metoprolol")


@pytest.mark.parametrize(
    ("said", "nn", "en"),
    [
        (
            "1 dråpe x 1 (kveld) i høyre øye",
            "1 drope x 1 (kveld) i høgre auge",
            "1 drop x 1 (evening) in the right eye",
        ),
        ("2 dråpe x 2 i hvert øre", "2 dropar x 2 i kvart øyre", "2 drops x 2 in each ear"),
    ],
)
def test_a_side_of_the_body_is_told_in_the_readers_language(said, nn, en):
    assert (phrase(said, "nn"), phrase(said, "en")) == (nn, en)


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        ("D01", "2 tablett x 1 (morgen)", "2 tabletter x 1 (morgen)"),
        ("D01", "0,5 tablett x 2", "0,5 tablett x 2"),
        ("D01", "2 tablett vesp", "2 tablett vesp"),
        ("B07", "2 tablett x 1", "2 tablett x 1"),
    ],
    ids=["ours", "half a one", "not wholly ours", "as said"],
)
def test_our_own_words_are_counted_as_norwegian_does_and_no_sources_words_are_touched(code, said, told):
    assert value(code, "dose_a", said, "nb") == told


@pytest.mark.parametrize(
    ("said", "nb", "en"),
    [("62.5 ug", "62,5 mikrogram", "62.5 micrograms"), ("9,5 mg/24 timer", "9,5 mg/24 timer", "9.5 mg/24 timer")],
)
def test_a_strength_has_the_languages_decimal_mark_and_micrograms_written_out(said, nb, en):
    assert (value("C05", "strength_a", said, "nb"), value("C05", "strength_a", said, "en")) == (nb, en)


PACKED = Discrepancy(
    code="E03", about="x", severity=Severity.CRITICAL, owner=Owner.NURSE, also=(), lines=(), evidence=(),
    values={"drug": "Sobril 15 mg", "date_a": TODAY, "next_roll": None},
)  # fmt: skip


def test_a_roll_whose_next_day_nobody_told_is_wrong_until_the_next_roll():
    assert wording.sentence(PACKED).endswith("Ta ut manuelt til neste rull.")
    assert wording.sentence(PACKED, "en").endswith("Remove by hand until the next roll.")


def test_doses_that_cannot_be_compared_stand_side_by_side_under_their_lists(nurse):
    inr = medicine("Marevan 2,5 mg", "etter INR", **WARFARIN)
    home = medicine("Marevan 2,5 mg", "2 tabletter, søndag halvparten", kind="hjemmeliste", **WARFARIN)
    page = nurse.hears(message(ANNA, inr), hp(ANNA, home), rf()).page()
    boxes = page.xpath("//ul[@class='beside']/li/b/text()")
    assert {b.split()[0] for b in boxes} == {"Fastlegens", "Hjemmelisten"}
    assert not page.xpath("//p[@class='dose']")


WEEKLY = {"substances": ["metotreksat"], "atc": "L04AX03", "strength": "2,5 mg", "decided": "2026-02-01"}


@pytest.mark.parametrize(("at_home", "apart"), [("tirsdag", True), ("torsdag", False)])
def test_a_weekly_medicine_on_two_weekdays_stands_with_both(nurse, at_home, apart):
    home = medicine("Metex", f"6 tabletter hver {at_home}", kind="hjemmeliste", **WEEKLY)
    nurse.hears(message(ANNA, medicine("Metex", "6 tabletter hver torsdag", **WEEKLY)), hp(ANNA, home), rf())
    for face in (nurse.line("Metex"), nurse.words("/sheet"), nurse.copied()):
        assert ("Kildene sier ulike ukedager." in face) is apart
        assert ("6 tabletter hver tirsdag" in face) is apart
    assert bool(nurse.page().xpath("//table[@class='grid']")) is not apart


def test_how_two_texts_were_linked_is_told_in_words(nurse):
    bare = medicine("Lipitor 40 mg", "1 tablett kveld", kind="hjemmeliste", atc="C10AA05", strength="40 mg")
    coded = medicine("Atorvastatin 40 mg", "1 tablett kveld", substances=["atorvastatin"], atc="C10AA05")
    nurse.hears(message(ANNA, coded | {"strength": "40 mg"}), hp(ANNA, bare), rf())
    line = nurse.line("torvastatin")
    assert "er usikker (koblet bare ved ATC-koden)." in line
    assert "(R7)" not in line


def test_what_was_handed_over_is_not_told_as_lacking_a_dose(nurse):
    box = {"kind": "utlevering", "name": "Metoprolol 50 mg", "recorded": "2026-02-10", "substances": ["metoprolol"]}
    nurse.hears(message(ANNA, medicine(substances=["metoprolol"], decided="2026-02-01")), rf(ANNA, box))
    line = nurse.line("Metoprolol")
    assert "Reseptformidleren: utlevering 10.02.2026 Metoprolol 50 mg (" in line
    assert "ingen dose oppgitt" not in line


def test_why_a_dose_stands_is_told_in_words(nurse):
    nurse.hears(message(ANNA, medicine(decided="2026-02-01")), rf())
    assert "dose: bare én oppgir dosen (K3, presisering 15.iii" in nurse.line("Metoprolol")


def test_two_that_are_one_medicine_are_chosen_and_never_preselected(nurse):
    nurse.hears(*both_doses(substances=["metoprolol"]))
    for select in nurse.page("/same").xpath("//select"):
        assert select.get("required") is not None
        assert not select.xpath(".//option[@selected]")
        assert select.xpath("option[1]/@value") == [""]


def row(worst, visit):
    return WorkRow(
        person_id="p", district="Nord", next_visit=visit, worst=worst, counts={}, oldest=None, version=1, revision=1,
        complete=True, judged_on=TODAY,
    )  # fmt: skip


def test_among_equals_the_next_visit_stands_first():
    soon, late, gone = NOON + timedelta(hours=1), NOON + timedelta(hours=6), NOON - timedelta(hours=3)
    wanted = [
        *((Severity.CRITICAL, soon), (Severity.CRITICAL, late), (Severity.CRITICAL, gone), (Severity.HIGH, soon)),
        *((Severity.INFO, None), (None, soon)),
    ]
    found = sorted((row(*w) for w in reversed(wanted)), key=lambda r: _first(r, NOON))
    assert [(r.worst, r.next_visit) for r in found] == wanted
