"""Spoiled messages of our own are refused with a FormatError or read, and nothing else ever happens."""

import pytest
from build_eresept import everything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import spoil_bytes, spoil_tree

from formats.errors import ErrorCode, FormatError
from formats.read import read

MESSAGES = everything()
few = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))


def withstand(raw):
    try:
        reading = read(raw)
    except FormatError as refused:
        assert refused.code in ErrorCode  # noqa: PT017 - either outcome is right
        return
    ids = [s.id for s in reading.statements]
    assert len(set(ids)) == len(ids)
    assert all(s.place and s.id for s in reading.statements)


def spoil(name, numbers, spoiler):
    drawn = iter(numbers)

    def choose(below):
        return next(drawn, 0) % max(below, 1)

    withstand(spoiler(MESSAGES[name], choose))


names = st.sampled_from(sorted(MESSAGES))
draws = st.lists(st.integers(0, 2**20), min_size=8, max_size=40)


@few
@given(names, draws)
def test_spoiled_bytes(name, numbers):
    spoil(name, numbers, spoil_bytes)


@few
@given(names, draws)
def test_spoiled_trees(name, numbers):
    spoil(name, numbers, spoil_tree)


@few
@given(st.binary(max_size=300))
def test_any_bytes(raw):
    withstand(raw)


@pytest.mark.full
@many
@given(names, draws)
def test_spoiled_trees_for_long(name, numbers):
    spoil(name, numbers, spoil_tree)


@pytest.mark.full
@many
@given(names, draws)
def test_spoiled_bytes_for_long(name, numbers):
    spoil(name, numbers, spoil_bytes)
