"""A watch over the whole suite: no test may make the house write an identity number into its log (invariant 7)."""

import re

import pytest

from formats.identifiers import is_valid, person_identifier

_ELEVEN = re.compile(r"(?<![0-9a-zA-Z.])\d{11}(?![0-9a-zA-Z])")
_LOG_LINE = re.compile(r"\[(?:debug|info|warning|error|critical) *\]|^\{.*\"event\":|^[A-Z]+ +\S+:\S+\.py:\d+")


def leaked(text: str) -> list[str]:
    """Lines of a process's log in which an identity number with right check digits stands, synthetic ones included."""
    lines = (line for line in text.splitlines() if _LOG_LINE.search(line))
    return [line for line in lines if any(is_valid(person_identifier("", n)) for n in _ELEVEN.findall(line))]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """House invariant 7, over the whole suite: no test may make the house write an identity number into its log."""
    report = yield
    found = [line for _name, text in report.sections for line in leaked(text)]
    if found and report.passed and report.when != "setup":
        report.outcome = "failed"
        report.longrepr = f"an identity number in {len(found)} log lines, as: {re.sub(_ELEVEN, 'N' * 11, found[0])}"
    return report
