"""A medicine marked for multidose that was decided after the roll at home was packed: the roll lacks it (E02)."""

import pytest
from one_list import codes, judged, said

METOPROLOL = {
    "name": "Metoprolol depot 50 mg",
    "atc": "C07AB02",
    "sub": ["metoprolol"],
    "rel": "prolonged",
    "str": "50 mg",
}
ROLL = said("RF multidose", "1 tablett morgen", packed="2026-02-23", next_roll="2026-03-09", **METOPROLOL)


@pytest.mark.parametrize(
    ("on", "marked", "others", "raised"),
    [
        ("2026-02-25", True, (ROLL,), True),
        ("2026-02-23", True, (ROLL,), True),
        ("2026-02-22", True, (ROLL,), False),
        ("2026-02-25", None, (ROLL,), False),
        ("2026-02-25", True, (), False),
    ],
    ids=["after", "the same day", "before", "not marked", "no roll at home"],
)
def test_a_new_medicine_is_missing_from_a_roll_packed_before_it(on, marked, others, raised):
    assert ("E02" in codes(judged(said("GP liste", on=on, in_multidose=marked), *others))) is raised


def test_a_delivery_told_of_twice_on_its_last_day_is_one():
    """Its last day of being told of is the same: neither wording is later, and the one with a dose is enough."""
    week = {"packed": "2026-02-16", "start": "2026-02-23", "next_roll": "2026-03-09", "said_until": "2026-02-27"}
    rolls = [said("RF multidose", dose, rx="SYN-1", **week, **METOPROLOL) for dose in (None, "1 tablett morgen")]
    result = judged(*rolls, said("GP liste", "1 tablett morgen", **METOPROLOL))
    assert result.lines[0].facts["multidose"].evidence == ("s2",)
    assert not codes(result) & {"C02", "D06"}
