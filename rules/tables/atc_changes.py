"""ATC codes that were given up, and what they became. Derived by comparing yearly snapshots of the code list."""

from dataclasses import dataclass
from datetime import date

from rules.tables.origin import Origin

SNAPSHOTS = Origin("Sammenligning av ATC-øyeblikksbilder 2021-12-03, 2024-07-31, 2025-06-14 og 2026-04-25")
ALTERATIONS = Origin("WHO ATC alterations 2017")

_GONE_2024 = """
J06BB16 J06BD01  J06BB17 J06BD02  J06BB18 J06BC02  J06BB21 J06BC03  J06BB22 J06BC04
L01EX16 L01EN01  L01EX20 L01EN02  L01XC01 L01FX01  L01XC02 L01FA01  L01XC03 L01FD01
L01XC05 L01FX02  L01XC06 L01FE01  L01XC07 L01FG01|S01LA08  L01XC08 L01FE02  L01XC09 L01FX03
L01XC10 L01FA02|L04AG12  L01XC11 L01FX04  L01XC12 L01FX05  L01XC13 L01FD02  L01XC14 L01FD03
L01XC15 L01FA03  L01XC16 L01FX06  L01XC17 L01FF01  L01XC18 L01FF02  L01XC19 L01FX07
L01XC21 L01FG02  L01XC22 L01FE03  L01XC23 L01FX08  L01XC24 L01FC01  L01XC25 L01FX09
L01XC26 L01FB01  L01XC27 L01FX10  L01XC28 L01FF03  L01XC29 L01FX11  L01XC31 L01FF04
L01XC32 L01FF05  L01XC33 L01FF06  L01XC34 L01FB02  L01XC35 L01FX12  L01XC36 L01FX13
L01XC37 L01FX14  L01XC38 L01FC02  L01XC39 L01FX15  L01XC40 L01FF07  L01XC41 L01FD04
L01XX37 L01XL01  L01XX51 L01XL02  L01XX70 L01XL03  L01XX71 L01XL04  L01XY02 L01FY01
L04AA02 L04AG01  L04AA10 L01EG04|L04AH01  L04AA13 L04AK01  L04AA18 L04AH02  L04AA21 L04AG02
L04AA23 L04AG03  L04AA25 L04AJ01  L04AA26 L04AG04  L04AA27 L04AE01  L04AA29 L04AF01
L04AA31 L04AK02  L04AA33 L04AG05  L04AA34 L04AG06  L04AA35 L04AG07  L04AA36 L04AG08
L04AA37 L04AF02  L04AA38 L04AE02  L04AA39 L04AG09  L04AA42 L04AE03  L04AA43 L04AJ02
L04AA44 L04AF03  L04AA45 L04AF04  L04AA46 L04AF05  L04AA47 L04AG10  N02BG11 N02BF03
N03AX12 N02BF01  N03AX16 N02BF02  N05CM19 N05CJ01
"""
_GONE_2025 = "L01XX59 L01XM01  L01XX62 L01XM02"
_GONE_2026 = "L01EX17 L01EP01  L01EX21 L01EP02  L04AA58 L04AL01  L04AG16 L04AL02"
_GONE_EARLIER = "A10BX09 A10BK01"


@dataclass(frozen=True, slots=True)
class AtcChange:
    """`old` is gone since `gone` at the latest; `new` holds more than one code where the old one was split."""

    old: str
    new: tuple[str, ...]
    gone: date
    origin: Origin


def _rows(pairs: str, gone: date, origin: Origin) -> tuple[AtcChange, ...]:
    words = pairs.split()
    return tuple(
        AtcChange(old, tuple(new.split("|")), gone, origin) for old, new in zip(words[::2], words[1::2], strict=True)
    )


ATC_CHANGES: tuple[AtcChange, ...] = (
    *_rows(_GONE_2024, date(2024, 7, 31), SNAPSHOTS),
    *_rows(_GONE_2025, date(2025, 6, 14), SNAPSHOTS),
    *_rows(_GONE_2026, date(2026, 4, 25), SNAPSHOTS),
    *_rows(_GONE_EARLIER, date(2017, 1, 1), ALTERATIONS),
)
_NEW = {row.old: row.new[0] for row in ATC_CHANGES if len(row.new) == 1}


def current_atc(code: str) -> tuple[str, bool]:
    """Today's code for `code`, and whether it differs from it.

    A code that was split (route decides which) stays as it is: the substance must tell, not we.
    """
    today = code
    while today in _NEW:
        today = _NEW[today]
    return today, today != code
