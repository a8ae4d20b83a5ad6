"""A letter from the hospital that is changed or called off without saying which: the list says that it is in doubt."""

import pytest
from papers import care, doctors_list, drug, entry, home, info, key, on_list, registry, rx, summary
from test_sfm_patients import flags
from test_whole_patients import judged, serious

ZOCOR = ("Zocor Tab 20 mg", "1 tablett kveld", "C10AA01")
AT_HOME_ON_ZOCOR = (
    registry(rx(1, drug(*ZOCOR))),
    doctors_list(entry(1, on_list(*ZOCOR), prescription=1)),
    home(("Zocor tab 20 mg", "C10AA01", "20 mg", "1 vesp")),
)


def letter(serial, *drugs, status="N", on="2026-02-24"):
    """A discharge summary without an id of its own that its editions share."""
    told = summary(*drugs, made=f"{on}T12:00:00").replace(key(9400).encode(), key(serial).encode())
    return told.replace(b"<ServType V='N' DN='Ny'/>", f"<ServType V='{status}' DN='x'/>".encode(), 1)


@pytest.mark.parametrize("status", ["C", "M"])
@pytest.mark.parametrize("sort", ["summary", "report"])
def test_a_letter_taken_back_without_saying_which_leaves_the_list_incomplete(sort, status):
    """What the hospital changed may be called off, and nobody can tell: it stands, and is said to be in doubt (G02)."""
    doubled, kind = info("Zocor", "2 tabl kveld", "C10AA01", "20 mg", "tab"), "UTSKRIVNINGSRAPPORT"
    papers = {
        "summary": (
            letter(9401, ("Zocor tab 20 mg", "C10AA01", "2 tabletter kveld", "1")),
            letter(9402, status=status, on="2026-02-26"),
        ),
        "report": (
            care(kind, doubled, serial=9701),
            care(kind, status=status, serial=9702, made="2026-02-26T08:00:00"),
        ),
    }
    told = judged(*AT_HOME_ON_ZOCOR, *papers[sort])
    assert {"G02 HP high", "B07 simvastatin|oral|plain high"} <= serious(told)
    assert not told.complete
    alone = judged(*AT_HOME_ON_ZOCOR[:2], *papers[sort], home(("Zyrtec tab 10 mg", "R06AE07", "10 mg", "1 daglig")))
    assert "A02 simvastatin|oral|plain" in flags(alone)
