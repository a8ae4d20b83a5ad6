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

SEVERAL_ROUTES = frozenset(
    {
        *("A07EA06", "A07EC02"),  # budesonide, mesalazine: swallowed, rectal
        "A10BJ06",  # semaglutide: injected weekly, swallowed daily
        *("B03BA01", "B03BA03"),  # vitamin B12: swallowed, injected
        "C01DA02",  # glyceryl trinitrate: under the tongue, on the skin
        *("G03CA03", "G03CA04"),  # oestradiol, oestriol: swallowed, on the skin, vaginal
        "H01BA02",  # desmopressin: swallowed, nasal
        *("L01BA01", "L04AX03"),  # methotrexate: swallowed, injected
        "M01AB05",  # diclofenac: swallowed, rectal, injected
        *("N02AB03", "N02AE01"),  # fentanyl, buprenorphine: on the skin, under the tongue, nasal
        "N02CC01",  # sumatriptan: swallowed, nasal, injected
        *("N05AD01", "N05AF05", "N05AH03", "N05AX08", "N05AX12", "N05AX13"),  # antipsychotics: swallowed, depot
        *("N05BA01", "N05CD08"),  # diazepam, midazolam: swallowed, rectal, in the mouth
        "N06DA03",  # rivastigmine: swallowed, on the skin
    }
)
"""Codes of what people at home have by several routes (R7): the code alone, without a route, joins nothing."""
