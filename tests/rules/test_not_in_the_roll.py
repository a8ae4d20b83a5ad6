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
