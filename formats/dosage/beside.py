"""Words beside a dose that say where it lies or what it stands next to, and leave the dose itself as it is.

"1x1 (multidose)" is 1x1. "1 tablett morgen i tillegg til 50 mikrogram" is certain in what it says of this product,
and never the whole of what is taken: it is `partial`, with the dose in front of the words.
"""

import re
from dataclasses import replace

from formats.dosage.reader import read_dose
from formats.dosing import DoseReading, ReadStatus

_PACKED = re.compile(r"\s*(?:\(\s*(?:i\s+)?(?:multidose|dosett)\s*\)|,?\s*i\s+(?:multidose|dosett))\s*$", re.IGNORECASE)
_NEXT_TO = re.compile(
    r"\s*,?\s*(?:i\s+tillegg\s+til|sammen\s+med|saman\s+med)\s+(?:[\w-]+\s+)?\d+(?:[.,]\d+)?\s*(?:mg|g|mikrogram|mikrog|mcg|ug|µg|μg|E|IE)\.?\s*$",
    re.IGNORECASE,
)


def read_said(text: str) -> DoseReading:
    """The reading of a dosing text as a source wrote it; the whole text stays in the reading. Never raises."""
    packed = _PACKED.search(text)
    if packed and packed.start():
        return replace(read_said(text[: packed.start()]), text=text)
    beside = _NEXT_TO.search(text)
    if beside and beside.start():
        alone = read_dose(text[: beside.start()])
        if alone.status is ReadStatus.OK:
            return replace(alone, text=text, status=ReadStatus.PARTIAL, flags=(*alone.flags, "residual"), total="")
    return read_dose(text)
