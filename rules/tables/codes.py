"""What a high-risk ATC code alone stands for, where neither the catalogue nor any statement of the patient tells it.

A catalogue may be an extract. What these medicines are held against (interval, limit, double treatment) must not wait
for it. Only codes of one substance; names as in FEST.
"""

from collections.abc import Mapping

from rules.tables.origin import Origin

WHO_ATC = Origin("WHO ATC-tabell 2026-04-25 (koder); navn som i FEST")

SUBSTANCE_OF_CODE: Mapping[str, str] = {
    "B01AA03": "warfarin",
    "B01AC06": "acetylsalisylsyre",
    "B01AF01": "rivaroksaban",
    "B01AF02": "apiksaban",
    "C01AA05": "digoksin",
    "C07AB02": "metoprolol",
    "C10AA01": "simvastatin",
    "H03AA01": "levotyroksin",
    "L01BA01": "metotreksat",
    "L04AX03": "metotreksat",
    "M01AE01": "ibuprofen",
    "N02BA01": "acetylsalisylsyre",
    "N02BE01": "paracetamol",
    "N05BA04": "oksazepam",
    "N05CF01": "zopiklon",
    "N06AB04": "citalopram",
}
"""Every medicine with a limit, warfarin, and acetylsalicylic acid, which has two codes."""
