"""What a statement's codes and words name, and where two of them name different medicines (K1)."""

from dataclasses import replace

import pytest
from one_list import AT, TODAY, case_of, product, said

from formats.drug import AtcCode, catalogue_of
from rules.conclusion import Link, LinkKind
from rules.reconcile import reconcile

NORVASC = replace(product("900001"), name="Norvasc 5 mg")
MAREVAN = replace(
    product("900002", name="Marevan", substances=("warfarin",), strength="2,5 mg"),
    name="Marevan 2,5 mg",
    atc=AtcCode.read("B01AA03"),
)
EXFORGE = replace(
    product("900003", name="Exforge", salts=("", ""), substances=("amlodipin", "valsartan"), strength="5/80 mg"),
    atc=AtcCode.read("C09DB01"),
)
FEST = catalogue_of([NORVASC, MAREVAN, EXFORGE], "three products")
BARE = {"name": "", "atc": None, "sub": None, "route": None, "rel": None, "str": None, "dose": "1 tablett daglig"}


def judged(*told, **more):
    return reconcile(case_of(*(on_list(**one) for one in told), **more), FEST, TODAY)


def on_list(place="GP liste", **told):
    return said(place, **(BARE | told))


def clashes(result):
    return [
        (f.values["name_a"], f.values["name_b"], f.values["rung"]["nb"])
        for f in result.discrepancies
        if f.code == "C08"
    ]


@pytest.mark.parametrize(
    ("told", "line", "names"),
    [
        (
            {"name": "Norvasc 5 mg", "varenr": "900002", "atc": "C08CA01"},
            "warfarin|oral|plain",
            ("warfarin", "varenummer og ATC-kode"),
        ),
        ({"name": "Norvasc 5 mg", "varenr": "900002"}, "warfarin|oral|plain", ("warfarin", "varenummer og tekst")),
        (
            {"name": "Marevan 2,5 mg", "varenr": "900002", "atc": "C08CA01"},
            "warfarin|oral|plain",
            ("amlodipin", "varenummer og ATC-kode"),
        ),
        (
            {"name": "Norvasc 5 mg", "sub": ["warfarin"], "atc": "C08CA01", "route": "oral", "rel": "plain"},
            "warfarin|oral|plain",
            ("warfarin", "virkestoff og ATC-kode"),
        ),
        ({"name": "Norvasc 5 mg tabletter", "atc": "B01AA03"}, "warfarin|?|?", ("warfarin", "ATC-kode og tekst")),
        (
            {"name": "Norvasc 5 mg", "varenr": "900003"},
            "amlodipin+valsartan|oral|plain",
            ("amlodipin+valsartan", "varenummer og tekst"),
        ),
    ],
    ids=["package, code", "package, text", "package and text, code", "substance, code", "code, longer text", "a part"],
)
def test_two_words_for_two_medicines_are_told_and_the_strength_is_its_own_words(told, line, names):
    result = judged(told)
    other, words = names
    assert [on.key for on in result.lines] == [line]
    assert clashes(result) == [(told["name"], other, f"{words} er for ulike legemidler")]
    assert result.lines[0].dose.text == f"{'2,5 mg' if 'Marevan' in told['name'] else '5 mg'} x 1"


@pytest.mark.parametrize(
    "told",
    [
        {"name": "Norvasc tabletter 5 mg", "varenr": "900001", "atc": "C08CA01", "sub": ["amlodipin"]},
        {"name": "Trykktabletten", "varenr": "900001", "atc": "C08CA01"},
        {"name": "Norvasc 5 mg", "varenr": "900001", "atc": "X99XX99"},
        {"name": "Norvasc 5 mg", "varenr": "999999", "atc": "C08CA01"},
        {"name": "Norvasc 5 mg", "varenr": "900001", "sub": ["amlodipinbesilat"]},
        {"name": "Exforge 5/80 mg", "varenr": "900003", "sub": ["valsartan"]},
        {"name": "Norvasc Plus 5/80 mg", "varenr": "900003"},
    ],
    ids=[
        "agreed",
        "a name nobody knows",
        "a code nobody knows",
        "a number nobody knows",
        "a salt",
        "one of two",
        "begins so",
    ],
)
def test_what_the_register_does_not_know_or_what_shares_a_substance_contradicts_nothing(told):
    assert not clashes(judged(told))


def test_a_statement_that_clashes_never_wins_the_dose():
    known = {"name": "Marevan 2,5 mg", "varenr": "900002", "atc": "B01AA03", "str": "2,5 mg"}
    result = judged(
        known | {"on": "2026-01-10"},
        {"name": "Norvasc 5 mg", "varenr": "900002", "on": "2026-02-10", "dose": "5 mg daglig", "place": "RF pll"},
    )
    assert [(line.key, line.dose.state) for line in result.lines] == [("warfarin|oral|plain", "CONFLICT")]
    assert ("D01", "critical") in {(f.code, f.severity) for f in result.discrepancies}


def test_a_human_who_has_read_it_settles_it():
    known = {"name": "Marevan 2,5 mg", "varenr": "900002", "atc": "B01AA03"}
    told = (known, {"name": "Norvasc 5 mg", "varenr": "900002", "place": "HP hjemmeliste"})
    assert clashes(judged(*told))
    assert not clashes(judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),)))
