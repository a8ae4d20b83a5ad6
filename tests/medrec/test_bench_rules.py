"""Recall and precision: every kind is seeded, the same seed gives the same figures, and a missed kind is told."""

import json
from datetime import date

from medrec.bench import population
from medrec.bench.seeds import book
from medrec.cli import main
from rules.rulebook import RULES

TODAY = date(2026, 3, 2)


def test_every_kind_has_a_story():
    assert {story.kind for story in book().stories if story.kind} == {rule.code for rule in RULES}


def test_every_error_of_life_but_a_silent_gp_is_counted():
    assert set(population.FAULTS) - set(population.LIFE) == {"gp_list_never_sent"}


def test_what_is_seeded_is_found_and_nothing_else_raised():
    figures = population.measure(3, 150, TODAY)
    assert figures.patients == 150
    assert not figures.missed
    assert not figures.false
    assert sum(c.seeded for c in figures.counts.values()) > 150


def test_the_same_seed_writes_the_same_patients():
    first, again = ([(p.number, p.seeds) for p in population.seeded(3, 40, TODAY)] for _ in range(2))
    assert first == again


def test_the_command_tells_of_kinds_that_are_not_reached(capsys):
    assert main(["bench", "--rules", "--patients", "3", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["kinds"]) == 65
    unseeded = [k for k in told["kinds"] if not k["seeded"]]
    assert unseeded
    assert not any(k["holds"] for k in unseeded)
