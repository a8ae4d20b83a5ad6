"""Marks: a rule that is not asked would have found nothing, and a line that can't be looked through asks them all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from rules import identifying, judging, marks
from rules.marks import EVERY, Mark
from rules.reconcile import reconcile
from rules.rule import Scope
from rules.rulebook import RULES
from tests.rules.test_properties import EMPTY, SAID, TODAY, case_of, patients


@given(patients)
@settings(deadline=None, max_examples=400)
def test_asking_every_rule_finds_nothing_more(said):
    case = case_of(said)
    few = reconcile(case, EMPTY, TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "marks_of", lambda view: [EVERY for _ in view.lines])
        every = reconcile(case, EMPTY, TODAY)
    assert (few.digest, few.discrepancies, few.suppressed) == (every.digest, every.discrepancies, every.suppressed)


def test_only_line_rules_name_marks():
    assert {r.scope for r in RULES if r.needs} == {Scope.LINE}


def test_each_mark_is_needed_by_a_rule():
    needed = Mark(0)
    for rule in RULES:
        needed |= rule.needs
    assert needed == Mark(EVERY)


def test_a_line_that_cannot_be_looked_through_asks_every_rule(monkeypatch):
    asked = []
    rules = tuple(
        replace(r, check=lambda *_, code=r.code: asked.append(code)) if r.scope is Scope.LINE else r for r in RULES
    )
    monkeypatch.setattr(judging, "RULES", rules)
    monkeypatch.setattr(judging, "_RULES_FOR", {})
    monkeypatch.setattr(marks, "as_needed", None)
    result = reconcile(case_of(SAID[:1]), EMPTY, TODAY)
    assert {"C09", "C12", "D12", "G04"} <= set(asked)
    assert not any(line.failed for line in result.lines)


def test_ways_to_stand_are_forgotten_before_they_are_too_many(monkeypatch):
    monkeypatch.setattr(judging, "_RULES_FOR", {})
    monkeypatch.setattr(judging, "MOST_KEPT", 2)
    reconcile(case_of(SAID), EMPTY, TODAY)
    assert len(judging._RULES_FOR) <= 2


def test_identities_are_forgotten_before_they_are_too_many(monkeypatch):
    monkeypatch.setattr(identifying, "_IDENTIFIED", [(EMPTY, {})])
    monkeypatch.setattr(identifying, "MOST_IDENTIFIED", 1)
    told = reconcile(case_of(SAID), EMPTY, TODAY)
    assert len(identifying._identified_in(EMPTY)) == 1
    monkeypatch.undo()
    assert reconcile(case_of(SAID), EMPTY, TODAY).digest == told.digest


def test_several_names_are_told_one_by_one_in_what_is_asked_for():
    withdrawn = next(rule for rule in judging.RULES if rule.code == "C12")
    assert judging.action(withdrawn, {"name_a": ("Alfa", "Beta", "Gamma")}) == "Vurder bytte av Alfa, Beta og Gamma."
    assert judging.action(withdrawn, {"name_a": ("Alfa",)}) == "Vurder bytte av Alfa."
