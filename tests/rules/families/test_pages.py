"""Every example on every rule's page is judged as it stands: the page a pharmacist reads is the test."""

import re

import pytest
from picture import judged_as_told, picture

from medrec import wording
from rules.reconcile import reconcile
from rules.rulebook import RULES

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{'slår til' if example.fires else 'slår ikke til'}-{n}")
    for rule in RULES
    for n, example in enumerate(rule.page.examples, 1)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_page_is_true(rule, example):
    judged_as_told(rule.code, example)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_sentences_ask_for_the_same_values_in_every_language(rule):
    asked = {language: set(re.findall(r"\{(\w+)\}", text)) for language, text in rule.sentence.items()}
    assert asked["nb"] == asked["nn"] == asked["en"]


@pytest.mark.parametrize(("rule", "example"), [p for p in EXAMPLES if p.values[1].fires])
def test_a_flag_carries_the_values_its_sentence_and_action_ask_for(rule, example):
    case, catalogue, today = picture(example)
    judged = reconcile(case, catalogue, today)
    asked = set(re.findall(r"\{(\w+)\}", rule.sentence["nb"] + rule.action))
    for flag in (*judged.discrepancies, *judged.suppressed):
        if flag.code == rule.code:
            assert asked <= set(flag.values)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(("rule", "example"), [p for p in EXAMPLES if p.values[1].fires])
def test_a_flag_is_a_whole_sentence_in_every_language(rule, example, language):
    case, catalogue, today = picture(example)
    judged = reconcile(case, catalogue, today)
    for flag in judged.discrepancies:
        if flag.code == rule.code:
            told = wording.sentence(flag, language)
            assert told.endswith((".", "?"))
            assert not re.search(r"[{}\[\]_]|'nb'|Decimal|datetime", told), told
            assert not re.search(r"[{}\[\]]|'nb'|Decimal|datetime", flag.action), flag.action
