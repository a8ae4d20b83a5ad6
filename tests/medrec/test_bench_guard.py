"""`medrec bench --guard`: what has grown beyond its bound is named, and a step that nobody bounded is no free one."""

import pytest

from medrec.bench.guard import grown
from medrec.bench.measure import Result


def step(name, seconds, floor):
    return Result(step=name, unit="patient", count=1, seconds=seconds, floor=floor, floor_is="bare", goal=0)


@pytest.mark.parametrize(
    ("name", "ratio", "told"),
    [
        ("read M25.1", 11.9, []),
        ("read M25.1", 12.1, ["read M25.1: 12.10x its floor, bound 12x"]),
        ("HTML page, SQLite", 9, ["HTML page, SQLite: 9.00x its floor, bound 8x"]),
        ("HTML page that is rendered anew, SQLite", 9, []),
        ("JSON list unchanged (304), PostgreSQL", 9.8, []),
        ("a step of tomorrow", 0.1, ["a step of tomorrow: 0.10x its floor, bound 0x"]),
    ],
)
def test_a_ratio_over_its_bound_is_named(name, ratio, told):
    assert grown([step(name, ratio, 1.0)]) == told


def test_a_figure_without_a_floor_is_bounded_by_nothing():
    assert grown([step("live message to committed list, SQLite", 1.0, 0.0)]) == []
