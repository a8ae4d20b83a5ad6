"""Words beside a dose leave the dose as it is, and are never read away where they could change it."""

import pytest

from formats.dosage import read_dose
from formats.dosage.beside import read_said
from formats.dosing import ReadStatus


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1x1 (multidose)",
            "1x1 i multidose",
            "1x1 (i dosett)",
            "1x1, i dosett",
            "1x1 (multidose).",
            "1x1. Multidose.",
        ),
        *("1x1 - multidose", "1x1, ligger i multidose", "1x1, gis av hjemmesykepleien", "1x1. Settes av sykepleier."),
        *("1x1 (gis på legekontoret)", "1x1, gis av hjspl, i multidose"),
    ],
)
def test_where_it_lies_changes_nothing(text: str):
    assert read_said(text).dosage == read_dose("1x1").dosage
    assert read_said(text).status is ReadStatus.OK
    assert read_said(text).text == text


@pytest.mark.parametrize("words", ["i tillegg til", "sammen med", "saman med"])
def test_in_addition_to_is_certain_of_this_product_only(words: str):
    reading = read_said(f"1 tablett morgen {words} 50 mikrogram")
    assert reading.status is ReadStatus.PARTIAL
    assert reading.dosage == read_dose("1 tablett morgen").dosage
    assert "residual" in reading.flags


@pytest.mark.parametrize(
    "text",
    [
        "(multidose)",
        "1x1, ikke i multidose",
        "1x1, gis av moren",
        "1x1, gis ikke av hjemmesykepleien",
        "i tillegg til 50 mg",
        "1 tablett i tillegg til 2 daglig",
        "som før",
    ],
)
def test_nothing_is_read_into_the_rest(text: str):
    assert read_said(text) == read_dose(text)
