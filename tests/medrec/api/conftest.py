"""The stores that the API is called on."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # told.py stands one folder up

from calling import Api, municipality


@pytest.fixture
def api(sqlite_database) -> Api:
    return municipality(sqlite_database)


@pytest.fixture
def api_everywhere(database) -> Api:
    """Once on each database."""
    return municipality(database)
