"""Every recorded answer and specification example beside this repository: nothing raises, nothing is lost.

The count is made apart from the codecs: each resource of a medicine or an allergy, at any depth of entries.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.statement import GapCode, Kind, Reading, SaidStatus, Use

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "fhir"
FILES = sorted(p for p in FOLDER.rglob("*.json"))
COUNTED = {
    *("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"),
    "AllergyIntolerance",
}

needs_shared = pytest.mark.skipif(not FILES, reason=f"{len(FILES)} files in ../shared/data/fhir")


def resources(value: object, path: str = "") -> Iterator[tuple[str, dict]]:
    """Resources in entries, parameters or standing alone; contained ones are part of theirs."""
    if not isinstance(value, dict):
        return
    kind = value.get("resourceType")
    path = path or str(kind)
    if kind in {"Bundle", "Parameters"}:
        name = "entry" if kind == "Bundle" else "parameter"
        for i, item in enumerate(value.get(name, [])):
            yield from resources(item.get("resource"), f"{path}.{name}[{i}].resource")
    elif kind:
        yield path, value


def places(reading: Reading) -> set[str]:
    kept = (*reading.statements, *reading.allergies, *reading.unread)
    return {k.place.path for k in kept} | {p for r in reading.also for p in places(r)}


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FOLDER)))
def test_nothing_is_lost(path):
    raw = path.read_bytes()
    value = json.loads(raw)
    if not isinstance(value, dict) or "resourceType" not in value:
        with pytest.raises(FormatError):
            read(raw)
        return
    reading = read(raw)
    wanted = {p for p, r in resources(value) if r["resourceType"] in COUNTED}
    assert wanted <= places(reading)
    ids = [s.id for s in reading.statements]
    assert len(ids) == len(set(ids))
    assert wanted or reading.gaps or reading.unread or "List" in path.name


@needs_shared
def test_the_count_is_not_empty():
    every = [r for p in FILES for _, r in resources(json.loads(p.read_bytes()))]
    assert sum(r["resourceType"] in COUNTED for r in every) > 90


@needs_shared
def test_the_published_invalid_file_is_refused_with_its_place():
    (path,) = FOLDER.rglob("*.AS-PUBLISHED-INVALID-JSON.txt")
    with pytest.raises(FormatError) as refusal:
        read(path.read_bytes())
    assert refusal.value.code is ErrorCode.NOT_JSON
    assert refusal.value.place.startswith("@")


@needs_shared
def test_what_the_official_sfm_answer_must_carry():
    (path,) = FOLDER.glob("sfm/*multidose.json")
    reading = read(path.read_bytes())
    by_kind = {k: [s for s in reading.statements if s.kind is k] for k in Kind}
    assert [len(by_kind[k]) for k in (Kind.PLL, Kind.PRESCRIPTION, Kind.DISPENSING)] == [9, 9, 2]
    assert {g.code for g in reading.gaps} == {GapCode.FAILED, GapCode.LOCKED}
    assert not reading.complete
    (entry,) = [s for s in by_kind[Kind.PLL] if s.atc == "B01AF01"]
    (prescription,) = [s for s in by_kind[Kind.PRESCRIPTION] if s.atc == "B01AF01"]
    assert (entry.status, prescription.status) == (SaidStatus.STOPPED, SaidStatus.ACTIVE)
    assert (entry.decided.isoformat(), entry.treatment_id) == ("2023-11-29", prescription.treatment_id)
    loose = [s for s in by_kind[Kind.PRESCRIPTION] if s.treatment_id is None]
    assert [s.atc for s in loose] == ["A16AA07"]
    needed = [s for s in by_kind[Kind.PLL] if s.use is Use.PRN]
    assert {s.atc for s in needed} == {"L01EH01", "S01CA01"}
    assert all(s.dosage and not s.dosage.prn for s in needed)
    (handed,) = [s for s in by_kind[Kind.DISPENSING] if s.order_id]
    (summed_up,) = [s for s in by_kind[Kind.DISPENSING] if not s.order_id]
    assert (summed_up.varenr, summed_up.last_dispensed) == (handed.varenr, handed.last_dispensed)
    (dispensed,) = [s for s in by_kind[Kind.PRESCRIPTION] if s.prescription_id == handed.prescription_id]
    assert (handed.atc, dispensed.atc) == ("M01AE01", "N07BB03")


@needs_shared
def test_the_official_sfm_answer_beside_its_decoding():
    (path,) = FOLDER.glob("sfm/*multidose.json")
    told = json.loads((FOLDER / "sfm" / "troy.decoded.json").read_bytes())
    statements = read(path.read_bytes()).statements
    for line in told:
        ids = line["ids"]
        mine = [
            s
            for s in statements
            if (s.kind is Kind.PLL and s.treatment_id == ids.get("PLL"))
            or (s.kind is Kind.PRESCRIPTION and s.prescription_id == ids.get("ReseptId"))
        ]
        assert len(mine) == len(ids)
        for statement in mine:
            assert statement.name == line["name"]
            assert statement.atc == line["atc"]
            assert statement.dose_text == line["dosage_text"]
            assert line["fest"] in {statement.fest_id, statement.varenr, None}
            assert statement.dosage is not None
