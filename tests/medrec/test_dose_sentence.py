"""The dose in one sentence: an amount has the unit its source or drug form says, or stands in the source's words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from formats.dosage import read_dose
from formats.dosing import Amount, Dosage, PartOfDay, Slots
from formats.drug import Catalogue
from formats.statement import Kind, SaidStatus, Source, Statement, StatementType
from medrec.present import counted_unit, dose_text
from rules.conclusion import Case, DoseState, Heard, Line, LineDose, LineStatus, Outcome, SaidDose, Section
from rules.reconcile import reconcile

MORNING = Dosage(unit="dråpe", schedule=Slots(((PartOfDay.MORNING, Amount.of(1)),)))


def statement(dose, form=None, *, form_code=None, dosage=None):
    reading = read_dose(dose) if dose else None
    return Statement(
        id="s", source=Source.GP, kind=Kind.GP_LIST, name="X", form=form, form_code=form_code,
        dose_text=dose, read_dose=reading, dosage=dosage,
    )  # fmt: skip


def line(*said, state=DoseState.AGREED):
    return Line(
        key="x", section=Section.FIXED, status=LineStatus.ACTIVE, name="X", names=("X",), strength=None, form=None,
        route=None, use=None, indication=None, since=None, multidose=False, statements=("s",), facts={},
        dose=LineDose(state=state, chosen="s",
                      as_said=tuple(SaidDose(s.id, s.source, s.dose_text, None) for s in said if s.dose_text)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "dose", "nb", "nn", "en"),
    [
        ("Tablett", "1+0+0", "1 tablett om morgenen", "1 tablett om morgonen", "1 tablet in the morning"),
        ("Depottablett", "1x2", "1 tablett 2 ganger daglig", "1 tablett 2 gonger dagleg", "1 tablet 2 times daily"),
        ("Kapsel, hard", "0+0+2", "2 kapsler om kvelden", "2 kapslar om kvelden", "2 capsules in the evening"),
        ("Depotplaster", "1 hver 3. dag", "1 plaster hver 3. dag", "1 plaster kvar 3. dag", "1 patch every 3 days"),
        ("Vaginaltablett", "1 til natten", "1 vaginaltablett ved sengetid", "1 vaginaltablett ved sengetid",
         "1 vaginal tablet at bedtime"),
        ("Mikstur", "10 ml x 2", "10 ml 2 ganger daglig", "10 ml 2 gonger dagleg", "10 ml 2 times daily"),
    ],
)  # fmt: skip
def test_the_unit_is_the_one_the_form_says(form, dose, nb, nn, en):
    said = statement(dose, form)
    assert [dose_text(line(said), {"s": said}, x) for x in ("nb", "nn", "en")] == [nb, nn, en]


@pytest.mark.parametrize(
    "form",
    [None, "Mikstur", "Inhalasjonspulver", "Tablett og vagitorie", "Tablett til rektalvæske", "Pulver til mikstur"],
)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_where_nobody_says_the_unit_the_words_stand_as_said(form, language):
    said = statement("1+0+0", form)
    assert counted_unit(said) is None
    assert dose_text(line(said), {"s": said}, language) == "1+0+0"


def test_at_most_three_may_be_three_times_and_is_not_made_tablets():
    said = statement("1 ved behov, maks 3 per døgn", "Tablett")
    assert dose_text(line(said), {"s": said}, "nb") == "1 ved behov, maks 3 per døgn"


def test_the_sources_structure_says_the_unit_before_its_form():
    said = statement("1+0+0", "Tablett", dosage=MORNING)
    assert dose_text(line(said), {"s": said}, "nb") == "1 dråpe om morgenen"
    coded = statement("1+0+0", "noe annet", form_code="53")
    assert dose_text(line(coded), {"s": coded}, "nb") == "1 tablett om morgenen"


def test_a_unit_in_the_words_is_never_replaced():
    said = statement("5 dråper morgen", "Tablett", dosage=replace(MORNING, unit="tablett"))
    assert dose_text(line(said), {"s": said}, "nb") == "5 dråper om morgenen"


def test_a_dose_in_structure_alone_is_rendered():
    half = Dosage(unit="tablett", schedule=Slots(((PartOfDay.EVENING, Amount.of(Decimal("0.5"))),)))
    said = statement(None, dosage=half)
    assert dose_text(line(said), {"s": said}, "en") == "0.5 tablet in the evening"


def test_conflicting_doses_all_stand_as_said():
    said = statement("1+0+0", "Tablett")
    other = replace(statement("2+0+0", "Tablett"), id="t", source=Source.HP)
    told = dose_text(line(said, other, state=DoseState.CONFLICT), {"s": said, "t": other}, "nb")
    assert told == "1+0+0 (fastlegen) / 2+0+0 (journalen)"


def stopped(text):
    """The GP says one tablet in the evening; the discharge letter, newer, ended it with the same words of a dose."""
    gp = replace(statement("1 tablett kveld", "Tablett"), id="gp", status=SaidStatus.ACTIVE, decided=date(2025, 3, 7))
    letter = replace(
        statement(text, "Tablett"), id="hp", source=Source.HP, kind=Kind.DISCHARGE, status=SaidStatus.STOPPED,
        decided=date(2026, 2, 13), type=StatementType.DECISION,
    )  # fmt: skip
    heard = {source: Heard(outcome=Outcome.READ) for source in Source}
    told = reconcile(Case(statements=(gp, letter), heard=heard), Catalogue(), date(2026, 3, 2))
    return told.lines[0], {"gp": gp, "hp": letter}


@pytest.mark.parametrize("text", ["1 tablett kveld", None])
def test_a_source_that_ended_it_is_told_as_ended_never_as_the_dose_it_names(text):
    on_list, known = stopped(text)
    said = {s.statement: s for s in on_list.dose.as_said}
    assert (said["hp"].status, said["gp"].status) == (SaidStatus.STOPPED, None)
    assert [dose_text(on_list, known, x) for x in ("nb", "nn", "en")] == [
        "seponert 13.02.2026", "seponert 13.02.2026", "stopped 13 February 2026",
    ]  # fmt: skip
