"""Every worked case we ship holds."""

from pathlib import Path

import pytest

from medrec.cases import cases_in, check

STORIES = Path(__file__).resolve().parents[1] / "stories"
CASES = [case for path in sorted(STORIES.glob("*.md")) if path.name != "README.md" for case in cases_in(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_holds(case):
    outcome = check(case)
    assert not outcome.differences
    assert not any(line.failed for line in outcome.result.lines)


def test_there_are_cases():
    assert len(CASES) >= 85
    assert len({c["id"] for c in CASES}) == len(CASES)
