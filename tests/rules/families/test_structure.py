"""What a table can't show: structured doses beside texts, and products the catalogue knows."""

from dataclasses import replace
from datetime import date

import pytest

from formats.dosage import read_dose
from formats.dosing import Amount, Ceiling, Dosage, Every, PerDay, PeriodUnit
from formats.drug import AtcCode, Catalogue, Drug, DrugLevel, catalogue_of, read_strength
from formats.statement import Kind, SaidStatus, Source, Statement, StatementType
from rules.conclusion import Case, Heard, Outcome
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)


def furosemide(text: str, dosage: Dosage | None = None, **said) -> Statement:
    plain = Statement(
        id="g1",
        source=Source.GP,
        kind=Kind.GP_LIST,
        name="Furosemid 40 mg",
        atc=AtcCode("C03CA01"),
        substances=("furosemid",),
        route="oral",
        release="plain",
        strength="40 mg",
        dose_text=text,
        dosage=dosage,
        read_dose=read_dose(text),
        status=SaidStatus.ACTIVE,
        type=StatementType.DECISION,
        decided=date(2026, 1, 15),
    )
    return replace(plain, **said)


def flags(*statements: Statement, catalogue: Catalogue | None = None):
    heard = {source: Heard(outcome=Outcome.READ) for source in Source}
    judged = reconcile(Case(statements=statements, heard=heard), catalogue or Catalogue(), TODAY)
    return {flag.code: flag for flag in judged.discrepancies}


DAILY = PerDay(1, 1)
WEEKLY = Every(7, 7, PeriodUnit.DAY)


@pytest.mark.parametrize(
    ("text", "structure", "contradicts"),
    [
        ("1 tablett daglig", Dosage(dose=Amount.of(1), unit="tablett", schedule=DAILY), False),
        ("1 tablett daglig", Dosage(dose=Amount.of(2), unit="tablett", schedule=DAILY), True),
        ("1 tablett daglig", Dosage(dose=Amount.of(1, 2), unit="tablett", schedule=DAILY), False),
        ("1 tablett daglig", Dosage(dose=Amount.of(1), unit="tablett", schedule=WEEKLY), True),
        ("1 tablett daglig", Dosage(dose=Amount.of(1), unit="tablett", schedule=DAILY, prn=True), True),
        ("1 tablett daglig", Dosage(schedule=DAILY), False),
        ("1 tablett ved behov", Dosage(dose=Amount.of(2), unit="tablett", schedule=DAILY, prn=True), True),
        ("som avtalt", Dosage(dose=Amount.of(2), unit="tablett", schedule=DAILY), False),
    ],
)
def test_text_and_structure(text, structure, contradicts):
    assert ("D14" in flags(furosemide(text, structure))) is contradicts


def test_a_ceiling_in_structure_is_a_maximum():
    said = Dosage(ceiling=Ceiling(Amount.of(3).low, "tablett"), prn=True)
    missing = flags(furosemide("ved behov mot ødem", said))
    assert "D08" not in missing
    assert "D08" in flags(furosemide("ved behov mot ødem"))


def test_the_catalogue_tells_which_strength_is_whose():
    combination = Drug(
        level=DrugLevel.PACKAGE,
        atc=AtcCode("C10BA02"),
        substances=("ezetimib", "simvastatin"),
        strengths=read_strength("10 mg/40 mg"),
    )
    said = furosemide(
        "1 tablett daglig",
        atc=AtcCode("C10BA02"),
        substances=("simvastatin", "ezetimib"),
        strength="10 mg/40 mg",
        name="Ezetimib/simvastatin",
    )
    amlodipine = furosemide(
        "1 tablett daglig",
        id="g2",
        atc=AtcCode("C08CA01"),
        substances=("amlodipin",),
        strength="5 mg",
        name="Amlodipin",
    )
    known = catalogue_of([combination], "test")
    assert flags(said, amlodipine, catalogue=known)["D10"].values["sum"] == 40
    assert "D10" not in flags(said, amlodipine)


@pytest.mark.parametrize(
    ("text", "cut"), [("1/2 tablett morgen", True), ("1 tablett morgen", False), ("5 mg x 1", False)]
)
def test_a_half_at_a_time_of_day(text, cut):
    whole = Drug(level=DrugLevel.PACKAGE, atc=AtcCode("C03CA01"), substances=("furosemid",), divisible="1")
    known = replace(catalogue_of([whole], "test"), by_varenr={"000001": whole})
    assert ("D15" in flags(furosemide(text, varenr="000001"), catalogue=known)) is cut
