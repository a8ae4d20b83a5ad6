"""Judging: match and all rules, at the size of a real patient, and how it grows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from formats.read import read
from formats.statement import Statement
from medrec.bench.measure import CPU, Result, median_of, side_by_side
from medrec.demo.catalogue import demo_catalogue
from medrec.offline import case_of
from rules.conclusion import Case
from rules.reconcile import reconcile

ROUNDS = 7
SIZE = 44
"""Statements of a typical patient: three lists of twelve with dispensings (speed.md)."""
GROWTH_GOAL = 24.0


def cases(posts: Sequence[Sequence[bytes]]) -> list[Case]:
    """One case a patient from the messages about them."""
    return [case_of([read(raw) for raw in about_one]) for about_one in posts]


def steps(everyone: Sequence[Case], today: date) -> Iterator[Result]:
    """Match and rules at `SIZE` statements, and growth from 10 to 200 lines a list."""
    catalogue = demo_catalogue()
    near = sorted(everyone, key=lambda c: abs(len(c.statements) - SIZE))[:10]
    seconds, floor = side_by_side(
        lambda: [reconcile(c, catalogue, today) for c in near],
        lambda: [_grouped(c) for c in near],
        rounds=ROUNDS,
        clock=CPU,
    )
    size = sum(len(c.statements) for c in near) / len(near)
    each = seconds * 1000 / len(near)
    yield Result(
        step="match and all rules", unit="patient", count=len(near), seconds=seconds, floor=floor,
        floor_is="group by key and compare", goal=0.0,
        note=f"{size:.0f} statements; {each:.2f} ms, goal 0.3 ms at {SIZE}",
    )  # fmt: skip
    small, large = _many(everyone, 10), _many(everyone, 200)
    yield Result(
        step="growth from 10 to 200 lines a list", unit="patient", count=1,
        seconds=median_of(lambda: reconcile(large, catalogue, today), rounds=3, clock=CPU),
        floor=median_of(lambda: reconcile(small, catalogue, today), rounds=5, clock=CPU),
        floor_is="10 lines a list", goal=GROWTH_GOAL,
    )  # fmt: skip


def _grouped(case: Case) -> int:
    """The floor: a dict of statements by code and strength, each group's doses compared."""
    groups: dict[tuple[str, str], list[Statement]] = {}
    for statement in case.statements:
        groups.setdefault((statement.atc or statement.name, statement.strength or ""), []).append(statement)
    return sum(len({s.dose_text for s in group}) for group in groups.values())


def _many(everyone: Sequence[Case], lines: int) -> Case:
    """A patient with that many lines on each list, put together from others' lists."""
    statements: list[Statement] = []
    for number, case in enumerate(everyone):
        for statement in case.statements:
            statements.append(replace(statement, id=f"{statement.id}-{number}"))
            if len(statements) >= 3 * lines:
                return replace(everyone[0], statements=tuple(statements))
    return replace(everyone[0], statements=tuple(statements))
