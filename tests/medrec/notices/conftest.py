"""What the tests of notices share."""

import pytest

from medrec import intake
from medrec.notices import answers


@pytest.fixture
def routed(monkeypatch):
    """What is heard is settled with the letters, and nothing else is done with it."""
    monkeypatch.setattr(intake, "AFTER_HEARD", [answers.after_heard])
