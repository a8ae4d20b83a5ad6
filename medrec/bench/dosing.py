"""Reading dosing texts: distinct texts, none of them remembered, beside splitting the same texts into words."""

from collections.abc import Iterator
from itertools import product

from formats.dosage import read_dose
from formats.dosage.spelling import corrected
from medrec.bench.measure import CPU, Result, side_by_side

ROUNDS = 5
GOAL_PER_SECOND = 3000

_AMOUNTS = ("1", "2", "½", "1 1/2", "1-2", "0,5", "10", "en halv", "to")
_UNITS = ("tbl", "tabletter", "kapsel", "ml", "mg", "IE", "dråper", "inhalasjoner")
_TIMING = (
    "daglig",
    "x 3",
    "2 ganger daglig i 10 dager",
    "morgen og kveld",
    "om kvelden, svelges hele med 1 glass vann",
    "inntil 4 ganger daglig ved behov, maks 8 per døgn",
    "hver 8. time v/b",
    "mandag, onsdag og fredag",
    "kl 08 og kl. 20.00",
    "annenhver dag 30 minutter før frokost",
    "i 7 dager, deretter 1 daglig i 7 dager, så slutt",
    "ukentlig (mandag)",
    "etter avtale med lege",
    "dagilg mot høyt blodtrykk",
)


def steps() -> Iterator[Result]:
    """The texts read with every memory empty. Their split into words is the floor; the ratio itself has no goal."""
    texts = [" ".join(words) for words in product(_AMOUNTS, _UNITS, _TIMING)]

    def unremembered() -> None:
        read_dose.cache_clear()
        corrected.cache_clear()
        for text in texts:
            read_dose(text)

    seconds, floor = side_by_side(unremembered, lambda: [text.split() for text in texts], rounds=ROUNDS, clock=CPU)
    yield Result(
        step="read dosing text", unit="text", count=len(texts), seconds=seconds, floor=floor,
        floor_is="str.split of the same texts", goal=0.0,
        note=f"{len(texts) / seconds:,.0f}/s of distinct texts; goal {GOAL_PER_SECOND:,}/s",
    )  # fmt: skip
