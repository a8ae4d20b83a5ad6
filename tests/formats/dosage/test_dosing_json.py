"""A dosage as JSON and back: nothing is lost, also what takes no part in equality."""

import sys
from pathlib import Path

from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).parent))

from structures import every_structure, with_pause

from formats.dosage import read_dose, render
from formats.dosing_json import dosage_from_json, dosage_json


@settings(max_examples=300, deadline=None)
@given(every_structure | with_pause())
def test_nothing_is_lost(dosage):
    back = dosage_from_json(dosage_json(dosage), "dosage")
    assert back == dosage
    assert render(back) == render(dosage)


def test_a_days_amount_is_never_made_once_a_day():
    dosage = read_dose("2 tabletter daglig").dosage
    assert dosage is not None
    assert render(dosage_from_json(dosage_json(dosage), "dosage")) == "2 tabletter daglig"
