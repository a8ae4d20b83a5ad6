"""Names, products and what was handed over: which is the same medicine, which is not."""

from dataclasses import replace

import pytest
from one_list import TYPED, codes, judged, product, said

from formats.drug import AtcCode, catalogue_of


@pytest.mark.parametrize(
    ("salts", "groups", "expected"),
    [
        (("amlodipinbesilat", "amlodipinmaleat"), ("", ""), True),
        (("amlodipinbesilat", "amlodipinbesilat"), ("", ""), False),
        (("amlodipinbesilat", ""), ("", ""), True),
        (("amlodipinbesilat", "amlodipinmaleat"), ("BG-1", "BG-1"), False),
    ],
)
def test_milligrams_are_compared_inside_one_salt_basis(salts, groups, expected):
    drugs = [product(f"00000{n}", salts=(salts[n],), group=groups[n]) for n in (0, 1)]
    told = (said("GP liste", varenr="000000"), said("HP hjemmeliste", varenr="000001"), said("RF resept"))
    assert ("D05" in codes(judged(*told, catalogue=catalogue_of(drugs, "salts")))) is expected


def test_a_device_word_of_a_release_is_plain():
    (line,) = judged(said("GP liste", rel="pen"), said("HP hjemmeliste", rel="Sprøyte")).lines
    assert line.key == "amlodipin|oral|plain"


def test_words_that_differ_in_case_and_spaces_only_are_one_line():
    (line,) = judged(said("GP liste", **TYPED), said("HP hjemmeliste", **TYPED | {"name": " TRYKKTABLETTEN "})).lines
    assert line.statements == ("s1", "s2")


def test_a_name_in_a_strength_that_is_not_made_lifts_nothing():
    told = said("GP liste", **TYPED | {"name": "Norvasc 7 mg"})
    catalogue = catalogue_of([product("000001", name="Norvasc 7 mg", strength="5 mg")], "one")
    assert judged(told, catalogue=catalogue).lines[0].key == "text:Norvasc 7 mg"


def test_a_name_of_digits_is_no_brand():
    told = (said("GP liste", name="123"), said("HP hjemmeliste", name="Norvasc"), said("RF resept"))
    assert codes(judged(*told)) <= {"C01"}


def test_another_code_handed_over_without_substances_is_another_medicine():
    other = {"sub": None, "name": "Zanidip 10 mg", "str": "10 mg", "atc": "C08CA13"}
    told = (said("RF resept", rx="P1"), said("RF utlevering", "", rx="P1", **other), said("GP liste"))
    assert "C14" in codes(judged(*told))


def test_a_name_without_a_code_is_not_another_than_a_coded_order():
    furosemide = {"name": "Furix 40 mg", "atc": "C03CA01", "sub": ["furosemid"], "str": "40 mg"}
    told = (
        said("RF resept", rx="P2", **TYPED),
        said("RF utlevering", "", rx="P2"),
        said("RF utlevering", "", on="2026-02-01", rx="P2", **furosemide),
    )
    assert "C14" not in codes(judged(*told))


def test_what_nobody_can_name_is_not_another_than_ordered():
    told = (said("RF resept", rx="P1", **TYPED), said("RF utlevering", "", rx="P1"), said("GP liste"))
    assert "C14" not in codes(judged(*told))


def test_half_a_tablet_at_one_of_two_times_needs_a_tablet_that_can_be_cut():
    whole = catalogue_of([product("000001", divisible="1")], "one")
    told = said("GP liste", "1 tablett morgen og 0,5 tablett kveld", varenr="000001")
    assert "D15" in codes(judged(told, catalogue=whole))


def test_whole_tablets_of_what_cannot_be_cut_are_no_matter():
    whole = catalogue_of([product("000001", divisible="1")], "one")
    assert "D15" not in codes(judged(said("GP liste", "1 tablett hver mandag kl 08", varenr="000001"), catalogue=whole))


def test_strengths_below_a_milligram_are_told_in_micrograms_and_as_needed_sets_are_sets():
    small = {"sub": ["moksonidin"], "atc": "C02AC05"}
    text = "1 tablett inntil 2 ganger daglig ved behov mot uro"
    told = [said("HP hjemmeliste", text, **small, name=f"Moxonidin {s}", str=s) for s in ("0,2 mg", "0,4 mg")]
    flag = next(
        f for f in judged(*told, said("GP liste", text, **small, str="0,2 mg")).discrepancies if f.code == "D12"
    )
    assert flag.values["parts"] == "200 mikrogram + 400 mikrogram"


LEVAXIN = product("000031", name="Levaxin", strength="50 mikrog", substances=("levotyroksin",))
SELO_ZOK = product("000032", name="Selo-Zok", strength="50 mg", substances=("metoprolol",))
FRAGMIN = product("000033", name="Fragmin", strength="5000 E", substances=("dalteparin",))
FORMS = catalogue_of(
    [
        replace(LEVAXIN, name="Levaxin tab 50 mikrog", brand="", substances=("levotyroksin",)),
        replace(SELO_ZOK, name="Selo-Zok DEPOTtab 50 mg", brand="", release="prolonged"),
        replace(FRAGMIN, name="Fragmin inj, oppl 5000 IE", brand="", route="injection"),
    ],
    "three full names, nothing by the brand alone",
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Levaxin tabletter 50 mikrog", "levotyroksin|oral|plain"),
        ("Levaxin 50 mikrog tabletter", "levotyroksin|oral|plain"),
        ("Levaxin 50 mikrog tablettar", "levotyroksin|oral|plain"),
        ("LEVAXIN 50 µg tabl.", "levotyroksin|oral|plain"),
        ("Levaxin 50\u03bcg tbl", "levotyroksin|oral|plain"),
        ("Levaxin 50 mcg tablett", "levotyroksin|oral|plain"),
        ("Levaxin 0,05 mg tabletter", "levotyroksin|oral|plain"),
        ("Levaxin 0.05 mg tabletter", "levotyroksin|oral|plain"),
        ("Selo-Zok 50 mg depottabletter", "metoprolol|oral|prolonged"),
        ("Selo-Zok 50 mg depottabl.", "metoprolol|oral|prolonged"),
        ("Selo-Zok 50 mg depot tabletter", "metoprolol|oral|prolonged"),
        ("Fragmin 5 000 IE injeksjonsvæske", "dalteparin|injection|plain"),
        ("Fragmin 5000 enheter inj. væske", "dalteparin|injection|plain"),
    ],
)
def test_a_name_is_the_same_in_any_number_short_form_and_unit_word(name, key):
    (line,) = judged(said("GP liste", **TYPED | {"name": name}), catalogue=FORMS).lines
    assert line.key == key


@pytest.mark.parametrize(
    "name",
    [
        "Levaxin 25 µg tabletter",
        "Levaxin 50.000 mikrog tabletter",
        "Levaxin 1 050 mikrog tabletter",
        "Levaxin 50 mg tabletter",
        "Levaxin 50 mikrog kapsler",
        "Selo-Zok 50 mg tabletter",
        "Fragmin 2 500 IE injeksjonsvæske",
        "Fragmin 15 000 IE injeksjonsvæske",
    ],
)
def test_another_strength_another_form_or_a_number_of_two_readings_is_another_name(name):
    (line,) = judged(said("GP liste", **TYPED | {"name": name}), catalogue=FORMS).lines
    assert line.key == f"text:{name}"


_BARE = {"atc": "N02AA01", "sub": None, "route": None, "rel": None, "str": None}
_MORPHINE = catalogue_of(
    [replace(product("900001", substances=("morfin",), name="Dolcontin"), atc=AtcCode.read("N02AA01"))], "one"
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Morfin 10 mg/ml inj", "morfin|injection|?"),
        ("Morfin 10 mg tablett", "morfin|oral|?"),
        ("Morfin Depot 10 mg depottabl", "morfin|oral|prolonged"),
        ("Morfin 10 mg stikkpille", "morfin|rectal|plain"),
        ("Morfin 10 mg subl. tabl", "morfin|?|?"),
        ("Morfin 10 mg", "morfin|?|?"),
    ],
)
def test_a_form_word_of_the_name_tells_the_route_that_no_code_tells(name, key):
    result = judged(said("HP hjemmeliste", **_BARE, name=name), catalogue=_MORPHINE)
    assert [line.key for line in result.lines] == [key]


def test_an_injection_and_a_tablet_of_one_list_are_two_lines_though_only_their_names_tell():
    names = ("Morfin 10 mg/ml inj", "Morfin 10 mg tablett")
    told = [said("HP hjemmeliste", **_BARE, name=name) for name in names]
    assert len(judged(*told, catalogue=_MORPHINE).lines) == 2


def test_a_groups_code_beside_a_whole_name_says_nothing_against_it():
    told = (said("RF resept"), said("GP liste", varenr="900001"), said("HP hjemmeliste", **_BARE | {"atc": "C08CA"}))
    known = catalogue_of([product("900001")], "one")
    result = judged(*(one | {"name": "Norvasc 5 mg"} for one in told), catalogue=known)
    assert [line.key for line in result.lines] == ["amlodipin|oral|plain"]
    assert codes(result) == {"C08"}


@pytest.mark.parametrize(
    ("other", "suggested"),
    [
        ("Morfinmikstur 2 mg/ml", True),
        ("Morfin 2 mg/ml mikstur", True),
        ("Morfin mikstur 2mg / ml", True),
        ("Morfin mikstur 20 mg/ml", False),
        ("Metadon mikstur 2 mg/ml", False),
    ],
)
def test_an_uncoded_name_is_suggested_for_another_spelling_of_it_and_the_two_are_not_joined(other, suggested):
    bare = {"atc": None, "sub": None, "route": None, "rel": None, "str": None}
    told = [said(who, "5 ml x 2", **bare, name=n) for who, n in
            (("GP liste", "Morfin mikstur 2 mg/ml"), ("HP hjemmeliste", other))]  # fmt: skip
    result = judged(*told)
    assert len(result.lines) == 2
    assert [f.code for f in result.discrepancies].count("C09") == 2
    assert ("A02" not in codes(result)) is suggested
