"""A journal that says one dose in words and another in codes: both are told on every face, and neither is given out.

rules.md, clarification 58: the statement contradicts itself (D14). No dose is made from words against their codes.
"""

import json
from datetime import date

import pytest

from formats.drug import Catalogue
from formats.read import read
from medrec.fhir_list import Setting, list_document
from medrec.offline import case_of
from medrec.present import dose_text
from medrec.web.grid import dosage_of, grid
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)


def journal(text, dose=1, frequency=1):
    sig = {
        "text": text,
        "timing": {"repeat": {"frequency": frequency, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "tablett"}}],
    }
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-02-01",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": "C07AB02"}],
            "text": "Eksempelol tablett 50 mg",
        },
        "dosageInstruction": [sig],
    }


def judged(text, **structure):
    (statement,) = read(json.dumps(journal(text, **structure)).encode()).statements
    case = case_of([read(json.dumps(journal(text, **structure)).encode())])
    told = reconcile(case, Catalogue(), TODAY)
    return told, told.lines[0], {statement.id: statement}, statement


def given_out(told, statements):
    """The dose in structure of the line in our FHIR document."""
    return list_document(told, statements, as_of=TODAY, setting=Setting()).lines[0].dosage


AGAINST = [
    ("2 tabletter daglig", {}, "2 tabletter daglig / 1 tablett 1 gang daglig (strukturert)"),
    ("1 tablett ved behov", {}, "1 tablett ved behov / 1 tablett 1 gang daglig (strukturert)"),
    ("1 tablett hver uke", {"frequency": 2}, "1 tablett hver uke / 1 tablett 2 ganger daglig (strukturert)"),
]


@pytest.mark.parametrize(("text", "structure", "shown"), AGAINST)
def test_both_doses_are_told_and_none_is_given_out(text, structure, shown):
    told, line, statements, statement = judged(text, **structure)
    assert "D14" in {d.code for d in told.discrepancies}
    assert dose_text(line, statements, "nb") == shown
    assert dosage_of(statement) is None
    assert not grid(line, statement, "nb")
    assert given_out(told, statements) is None


def test_in_english_the_structure_is_told_so():
    _, line, statements, _ = judged("2 tabletter daglig")
    assert dose_text(line, statements, "en") == "2 tabletter daglig / 1 tablet once daily (structured)"


def test_words_and_codes_that_agree_are_one_dose():
    told, line, statements, statement = judged("1 tablett daglig")
    assert "D14" not in {d.code for d in told.discrepancies}
    assert "strukturert" not in dose_text(line, statements, "nb")
    assert dosage_of(statement) is not None
    assert given_out(told, statements) is not None
