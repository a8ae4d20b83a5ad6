"""What a person has said of a list: two are the same, two are not, a flag is intended (P15, clarification 55)."""

import pytest
from one_list import AT, TYPED, codes, judged, said

from rules.conclusion import Intent, Link, LinkKind, Severity


def test_two_that_a_person_calls_the_same_are_one_line():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    assert len(judged(*told).lines) == 2
    linked = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),))
    (line,) = linked.lines
    assert line.key == "amlodipin|oral|plain"
    assert "C09" not in codes(linked)


def test_the_coded_one_names_the_line_whichever_comes_first():
    told = (said("HP hjemmeliste", **TYPED), said("GP liste"))
    (line,) = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),)).lines
    assert line.key == "amlodipin|oral|plain"


def test_what_a_person_splits_stands_as_two_and_says_so():
    told = (said("GP liste"), said("HP hjemmeliste", name="Amlodipin Krka 5 mg"), said("RF resept"))
    links = (Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)
    assert {line.key for line in judged(*told, links=links).lines} == {"amlodipin|oral|plain", "amlodipin|oral|plain#2"}
    assert "C02" in codes(judged(*told, links=links))


def test_others_of_the_same_name_go_with_the_one_that_is_split_off():
    told = (said("GP liste"), said("HP hjemmeliste", name="Amlodipin Krka"), said("HP epikrise", name="Amlodipin Krka"))
    lines = judged(*told, links=(Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)).lines
    assert {line.statements for line in lines} == {("s1",), ("s2", "s3")}


def test_of_one_name_only_the_one_that_is_named_is_split_off():
    told = (said("GP liste"), said("HP hjemmeliste"), said("RF resept"))
    lines = judged(*told, links=(Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)).lines
    assert {line.statements for line in lines} == {("s1", "s3"), ("s2",)}


@pytest.mark.parametrize(("a", "b"), [("s1", "gone"), ("gone", "s2")])
def test_a_link_to_a_statement_that_is_not_there_is_none(a, b):
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    assert len(judged(*told, links=(Link(LinkKind.SAME, a, b, "N", AT),)).lines) == 2


def test_a_split_of_two_that_never_were_one_is_none():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    links = (Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)
    assert judged(*told, links=links).digest == judged(*told).digest


def test_a_link_falls_when_one_of_the_two_is_said_anew():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED, said_until="2026-02-28"), said("HP hjemmeliste", **TYPED))
    links = (Link(LinkKind.SAME, "s1", "s2", "N", AT),)
    assert any(line.key.startswith("text:") for line in judged(*told, links=links).lines)


def test_a_line_that_others_stand_beside_is_joined_alone():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED), said("GP liste", name="Furix", atc="C03CA01",
            sub=["furosemid"], str="40 mg"))  # fmt: skip
    linked = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),))
    assert {line.statements for line in linked.lines} == {("s1", "s2"), ("s3",)}


def intent(flag, **more):
    told = {"prescriber": "lege A", "known_by": "telefon", "at": AT} | more
    return Intent(code=flag.code, about=flag.about, evidence=frozenset(flag.evidence), **told)


def flagged(*told):
    return next(f for f in judged(*told).discrepancies if f.code in {"D01", "D02"})


WEEKLY = (said("GP liste"), said("HP hjemmeliste", "1 tablett ukentlig"), said("RF resept"))


def test_a_documented_word_closes_a_flag_while_its_statements_stand():
    mild = (said("GP liste"), said("HP hjemmeliste", "1 tablett morgen og 0,5 tablett kveld"), said("RF resept"))
    one = flagged(*mild)
    assert one.severity is Severity.HIGH
    closed = judged(*mild, intents=(intent(one),))
    assert [f.intended for f in closed.discrepancies if f.code == "D01"] == [True]
    changed = (*mild[:2], said("RF resept", rx="P2", on="2026-02-01"))
    still = judged(*changed, said("HP epikrise", "2x1"), intents=(intent(one),))
    assert not any(f.intended for f in still.discrepancies)


@pytest.mark.parametrize(("written", "prescriber", "closes"), [(True, "lege A", True), (False, "lege A", False)])
def test_a_critical_flag_needs_the_written_reply(written, prescriber, closes):
    word = intent(flagged(*WEEKLY), written_reply=written, prescriber=prescriber)
    result = judged(*WEEKLY, intents=(word,))
    assert [f.intended for f in result.discrepancies if f.code == "D02"] == [closes]


def test_nobodys_word_closes_nothing():
    word = intent(flagged(*WEEKLY), written_reply=True, prescriber="")
    assert not any(f.intended for f in judged(*WEEKLY, intents=(word,)).discrepancies)
