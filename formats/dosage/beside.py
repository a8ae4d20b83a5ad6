"""Words beside a dose that say where it lies or what it stands next to, and leave the dose itself as it is.

"1x1 (multidose)" and "1x1, gis av hjemmesykepleien" are 1x1. "1 tablett morgen i tillegg til 50 mikrogram" is certain
in what it says of this product, and never the whole of what is taken: it is `partial`, with the dose in front.
"""

import re
from dataclasses import replace

from formats.dosage.reader import read_dose
from formats.dosing import DoseReading, ReadStatus

# Spaces are single ones by then.
_BOX = r"(?:multidose|multidoserull|dosett)"
_PACKED = re.compile(
    rf" ?(?:\( ?(?:i )?{_BOX} ?\)|[.,;]? ?(?:[-–] ?)?(?:(?:ligger|legges|pakkes|pakket) )?i {_BOX}"
    rf"|[.,;] ?{_BOX}|[-–] ?{_BOX}) ?\.?$",
    re.IGNORECASE,
)
_GIVEN_BY = re.compile(
    r" ?[.,;(]? ?(?:gis|settes|administreres|gjevast) (?:av|hos|på|i) "
    r"(?:hjemmesykepleien|hjemmesykepleie|hjemmesykepleier|heimesjukepleia|hjemmetjenesten|heimetenesta|hjspl|sykepleier|"
    r"sjukepleiar|fastlege|fastlegen|lege|legen|legekontor|legekontoret|helsesenter|helsesenteret|poliklinikken|DPS)"
    r" ?\)? ?\.?$",
    re.IGNORECASE,
)
_NEXT_TO = re.compile(
    r" ?,? ?(?:i tillegg til|sammen med|saman med) (?:[\w-]+ )?\d+(?:[.,]\d+)? ?"
    r"(?:mg|g|mikrogram|mikrog|mcg|ug|µg|μg|E|IE)\.?$",
    re.IGNORECASE,
)


_SAID_AT_ONCE, _LONGEST = 3, 120


def _at_end(words: re.Pattern[str], said: str) -> re.Match[str] | None:
    return words.search(said, max(0, len(said) - _LONGEST))


def read_said(text: str) -> DoseReading:
    """The reading of a dosing text as a source wrote it; the whole text stays in the reading. Never raises."""
    said = " ".join(text.split())
    for _ in range(_SAID_AT_ONCE):
        packed = _at_end(_PACKED, said) or _at_end(_GIVEN_BY, said)
        said = said[: packed.start()] if packed and packed.start() else said
    beside = _at_end(_NEXT_TO, said)
    if beside and beside.start():
        alone = read_dose(said[: beside.start()])
        if alone.status is ReadStatus.OK:
            return replace(alone, text=text, status=ReadStatus.PARTIAL, flags=(*alone.flags, "residual"), total="")
    return replace(read_dose(said), text=text)
