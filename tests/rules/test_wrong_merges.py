"""Two medicines that look alike to a code, a name or a reference never become one line."""

from dataclasses import replace
from datetime import date

import pytest

from formats.dosage import read_dose
from formats.drug import AtcCode, Catalogue, read_strength
from formats.statement import Kind, Source, Statement
from rules.conclusion import Case, Heard, Outcome
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)
HEARD = {source: Heard(outcome=Outcome.READ) for source in Source}


def said(name, atc="", sub=(), route="oral", release="plain", strength=None, **more) -> Statement:
    return Statement(
        source=Source.GP,
        kind=Kind.GP_LIST,
        name=name,
        atc=AtcCode(atc) if atc else None,
        substances=sub,
        route=route,
        release=release,
        strength=strength,
        unit_strengths=read_strength(strength),
        dose_text="1x1",
        read_dose=read_dose("1x1"),
        decided=date(2026, 1, 1),
        **more,
    )


APART = {
    "combination and its part": (
        said("Atacand 16 mg", "C09CA06", ("kandesartan",)),
        said("Atacand Plus", "C09DA06", ("hydroklortiazid", "kandesartan")),
    ),
    "one combination code, two contents": (
        said("Xalcom", "S01ED51", ("latanoprost", "timolol"), route="eye"),
        said("Cosopt", "S01ED51", ("dorzolamid", "timolol"), route="eye"),
    ),
    "combination code without contents": (
        said("Xalcom", "S01ED51", ("latanoprost", "timolol"), route="eye"),
        said("Øyedråper", "S01ED51", route="eye"),
    ),
    "opioid combination without contents": (
        said("Paralgin forte", "N02AJ06", ("kodein", "paracetamol")),
        said("Pinex forte", "N02AJ06"),
    ),
    "insulin of 100 and of 300": (
        said("Lantus", "A10AE04", ("insulin glargin",), "injection", None, "100 E/ml"),
        said("Toujeo", "A10AE04", ("insulin glargin",), "injection", None, "300 E/ml"),
    ),
    "depot and plain": (
        said("OxyContin", "N02AA05", ("oksykodon",), release="prolonged"),
        said("OxyNorm", "N02AA05", ("oksykodon",)),
    ),
    "tablet and gel": (
        said("Voltaren", "M01AB05", ("diklofenak",)),
        said("Voltarol", "M02AA15", ("diklofenak",), route="skin-local"),
    ),
    "names one letter apart": (
        said("Hostesaft", route=None, release=None),
        said("Hostesafta", route=None, release=None),
    ),
    "names one word apart": (
        said("Morfin mikstur 2 mg/ml", route=None, release=None),
        said("Morfin mikstur 20 mg/ml", route=None, release=None),
    ),
    "one prescription number, two codes": (
        said("Akamprosat", "N07BB03", ("akamprosat",), prescription_id="P1"),
        said("Ibux", "M01AE01", prescription_id="P1"),
    ),
    "one entry, another substance, route not said": (
        said("Metoprolol", "C07AB02", ("metoprolol",), treatment_id="T1"),
        said("Metformin", "", ("metformin",), route=None, treatment_id="T1"),
    ),
}


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
@pytest.mark.parametrize("second_from", [(Source.GP, Kind.GP_LIST), (Source.HP, Kind.HOME_LIST), (Source.RF, Kind.PLL)])
def test_two_medicines_are_two_lines(pair, second_from):
    source, kind = second_from
    a, b = replace(pair[0], id="a"), replace(pair[1], id="b", source=source, kind=kind)
    for order in ((a, b), (b, a)):
        result = reconcile(Case(statements=order, heard=HEARD), Catalogue(), TODAY)
        assert sorted(line.statements for line in result.lines) == [("a",), ("b",)]
