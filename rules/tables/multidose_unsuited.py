"""What is unsuited for a multidose roll, apart from what is as needed or dosed less often than daily (E04)."""

from dataclasses import dataclass

from rules.tables.origin import PROPOSAL, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuited:
    """ATC prefixes with the reason in words. `titrated`: the dose is changed so often that the roll runs behind."""

    prefixes: tuple[str, ...]
    nb: str
    nn: str
    en: str
    titrated: bool = False
    origin: Origin = PROPOSAL


UNSUITED: tuple[Unsuited, ...] = (
    Unsuited(
        prefixes=("B01AA",),
        nb="dosen endres ofte etter INR",
        nn="dosen blir ofte endra etter INR",
        en="the dose is often changed by INR",
        titrated=True,
    ),
    Unsuited(prefixes=("B01AE07",), nb="tåler ikke fuktighet", nn="toler ikkje fukt", en="sensitive to moisture"),
    Unsuited(prefixes=("N03AG01",), nb="tåler ikke fuktighet", nn="toler ikkje fukt", en="sensitive to moisture"),
    Unsuited(
        prefixes=("C01DA02",),
        nb="fordamper utenfor egen pakning",
        nn="fordampar utanfor eigen pakning",
        en="evaporates outside its own package",
    ),
    Unsuited(prefixes=("C08CA05",), nb="tåler ikke lys", nn="toler ikkje lys", en="sensitive to light"),
    Unsuited(
        prefixes=("L01",),
        nb="cellegift skal ikke ompakkes",
        nn="cellegift skal ikkje pakkast om",
        en="cytotoxic medicines are not repacked",
    ),
)

AS_NEEDED = Unsuited(prefixes=(), nb="brukes ved behov", nn="blir brukt ved behov", en="taken as needed")
LESS_THAN_DAILY = Unsuited(
    prefixes=(), nb="gis sjeldnere enn daglig", nn="blir gitt sjeldnare enn dagleg", en="given less often than daily"
)


def unsuited_for_multidose(atc: str | None) -> Unsuited | None:
    """The row for today's ATC code, or `None`."""
    return next((row for row in UNSUITED if atc and atc.startswith(row.prefixes)), None)
