"""Each FHIR message of ours beside what it says. MEDREC_WRITE_GOLDENS=1 in the environment writes anew."""

import json
import os
from pathlib import Path

import pytest
from build_fhir import (
    METOPROLOL,
    allergy,
    dosage,
    line,
    medication,
    outcome,
    patient,
    period,
    raw,
    request,
    searchset,
    sfm,
    slot,
)

from formats.neutral_message import reading_json
from formats.read import read

GOLDEN = Path(__file__).parent / "golden"
MESSAGES = {
    "sfm": sfm(
        {
            "a": line(
                "Metoprolol depottab 50 mg",
                pll="pll-1",
                resept="rx-1",
                rf="U",
                status="stopped",
                stopped="2026-01-30T14:00:00+01:00",
                periods=(period("2026-01-01", "2026-01-08", slot(1.0, "tablett", "1")),),
            ),
            "b": line("Lokal salve", pll="pll-2", text="smøres tynt", use="3"),
        },
        {
            "Metoprolol depottab 50 mg": medication("Metoprolol depottab 50 mg", METOPROLOL, "C07AB02"),
            "Lokal salve": medication("Lokal salve"),
        },
    ),
    "r4_searchset": searchset(
        request(dosageInstruction=[dosage(asNeededBoolean=True)]),
        request(id="r2", status="stopped"),
        patient(),
        extra=(
            {
                "resource": outcome("warning", "processing", ("urn:oid:1.2.840.114350.1.13.9.2", "4119")),
                "search": {"mode": "outcome"},
            },
        ),
    ),
    "r4_allergies": searchset(allergy(), allergy("409137002", "Ingen kjente", id="a2"), kind="AllergyIntolerance"),
    "r4_discharge": request(category=[{"text": "Discharge"}], intent="order"),
}


def told(message: dict) -> str:
    return json.dumps(reading_json(read(raw(message))), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", MESSAGES)
def test_message_says_what_stands_beside_it(name):
    message, answer = GOLDEN / f"{name}.json", GOLDEN / f"{name}.said.json"
    if os.environ.get("MEDREC_WRITE_GOLDENS"):
        GOLDEN.mkdir(exist_ok=True)
        message.write_text(json.dumps(MESSAGES[name], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        answer.write_text(told(MESSAGES[name]), encoding="utf-8")
    assert message.exists(), f"no golden for {name}"
    assert answer.exists(), f"no golden for {name}"
    assert json.loads(message.read_text(encoding="utf-8")) == MESSAGES[name]
    assert told(MESSAGES[name]) == answer.read_text(encoding="utf-8")


def test_no_golden_is_left_over():
    assert {p.name.split(".")[0] for p in GOLDEN.iterdir()} == set(MESSAGES)
