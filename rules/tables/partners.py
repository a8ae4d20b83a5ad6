"""Medicines that usually go with a companion, to be told where no source has it (F06)."""

from dataclasses import dataclass

from rules.tables.origin import PROPOSAL, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A medicine with one of `of` (ATC prefixes) usually stands beside one with one of `needs`.

    `regular`: only where it is given regularly. Names are the companion in words.
    """

    of: tuple[str, ...]
    needs: tuple[str, ...]
    nb: str
    nn: str
    en: str
    regular: bool = False
    origin: Origin = PROPOSAL


PARTNERS: tuple[Partner, ...] = (
    Partner(of=("L04AX03", "L01BA01"), needs=("B03BB", "V03AF03"), nb="folsyre", nn="folsyre", en="folic acid"),
    Partner(
        of=("N02A",),
        needs=("A06A",),
        nb="avføringsmiddel",
        nn="avføringsmiddel",
        en="a laxative",
        regular=True,
    ),
)


def partner_of(atc: str | None) -> Partner | None:
    """The usual companion of today's ATC code, or `None`."""
    return next((row for row in PARTNERS if atc and atc.startswith(row.of)), None)
