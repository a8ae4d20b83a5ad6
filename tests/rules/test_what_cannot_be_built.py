"""What the house refuses to build or to load: facts without evidence, rules without a page, codes used twice."""

from dataclasses import replace

import pytest
from one_list import EMPTY, TODAY, case_of, judged

from formats.drug import AtcCode
from rules import rulebook
from rules.conclusion import Aside, Discrepancy, Fact, Owner, Severity
from rules.escalation import condition
from rules.judging import severity
from rules.page import read_page
from rules.reconcile import digest
from rules.rule import Finding
from rules.rulebook import RULES
from rules.view import CaseView


def test_a_fact_without_evidence_cannot_be_built():
    with pytest.raises(ValueError, match="evidence"):
        Fact(1, (), "K3")


def test_a_flag_about_nothing_cannot_be_built():
    with pytest.raises(ValueError, match="about"):
        Discrepancy(
            code="D01", about="", severity=Severity.LOW, owner=Owner.GP, also=(), lines=(), evidence=(), values={}
        )


def test_a_condition_has_one_meaning():
    with pytest.raises(ValueError, match="taken"):
        condition("high-alert")(lambda *_: True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"owners": ()}, "owner"), ({"name": {"nb": "x"}}, "nb, nn and en"), ({"page": None}, "fires")],
)
def test_an_incomplete_rule_does_not_load(wrong, words):
    one = RULES[0]
    if "page" in wrong:
        wrong = {"page": replace(one.page, examples=tuple(e for e in one.page.examples if e.fires))}
    with pytest.raises(ValueError, match=words):
        replace(one, **wrong)


def test_a_conclusion_that_has_no_canonical_form_has_no_digest():
    with pytest.raises(TypeError):
        digest(replace(judged(), aside=(Aside("s1", object()),)))


def test_codes_are_told_as_texts_in_the_digest():
    plain, coded = (replace(judged(), aside=(Aside(i, "old"),)) for i in ("C08CA01", AtcCode.read("C08CA01")))
    assert digest(plain) == digest(coded)


def test_a_code_used_twice_does_not_load(monkeypatch):
    monkeypatch.setattr(rulebook, "FAMILIES", ("status", "status"))
    with pytest.raises(ValueError, match="twice"):
        rulebook._rules()


def test_a_page_may_begin_with_an_empty_line():
    text = next(r for r in RULES if r.code == "B08").check.__doc__ or ""
    assert read_page("B08", f"\n{text}").meaning == read_page("B08", text).meaning


def test_advice_is_never_critical():
    advice = next(r for r in RULES if r.code == "F06")
    view = CaseView(case=case_of(), catalogue=EMPTY, today=TODAY, lines=())
    finding = Finding(values={}, evidence=())
    assert severity(replace(advice, severity=Severity.CRITICAL), finding, (), view) is Severity.HIGH
