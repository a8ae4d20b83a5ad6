"""Limits that a stated dose, or the sum over all lines with a substance, is held against. A limit is no dose advice."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from formats.drug import Quantity
from rules.tables.origin import PROPOSAL, Origin

NORGEP = Origin("NorGeP, Legemiddelhåndboka G24.1.3, rev. 22.02.2024")
NORGEP_NH = Origin("NorGeP-NH, PMC4834501, tabell I")
MEMORY = Origin("Etter hukommelse, ikke etterprøvd")


class Period(StrEnum):
    """What the limit is counted over."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `amount` of the parent substance each `period`; exceeded only by strictly more (clarification 42).

    `older_than`: only above that age in years, which must be known. `nursing_home`: only for a patient known to live
    in one. `beside`: only while a medicine with one of these ATC prefixes is in use. `without_prescription`: only where
    the medicine is a declared over-the-counter one. `routes`: the routes that count, empty for all.
    """

    substance: str
    amount: Quantity
    period: Period = Period.DAY
    routes: tuple[str, ...] = ()
    older_than: int | None = None
    nursing_home: bool = False
    beside: tuple[str, ...] = ()
    without_prescription: bool = False
    origin: Origin = PROPOSAL


def _mg(value: str) -> Quantity:
    return Quantity(Decimal(value), "mg")


_SWALLOWED = ("oral", "rectal", "sublingual", "?")

LIMITS: tuple[Limit, ...] = (
    Limit(substance="paracetamol", amount=_mg("4000")),
    Limit(substance="metotreksat", amount=_mg("25"), period=Period.WEEK),
    Limit(substance="digoksin", amount=_mg("0.25")),
    Limit(substance="zopiklon", amount=_mg("7.5"), origin=NORGEP),
    Limit(substance="zopiklon", amount=_mg("5"), nursing_home=True, origin=NORGEP_NH),
    Limit(substance="oksazepam", amount=_mg("30"), origin=NORGEP),
    Limit(substance="citalopram", amount=_mg("20"), older_than=65, origin=MEMORY),
    Limit(substance="simvastatin", amount=_mg("20"), beside=("C08CA01", "C08DB01", "C08DA01"), origin=MEMORY),
    Limit(substance="levotyroksin", amount=_mg("0.3")),
    Limit(substance="metoprolol", amount=_mg("200"), routes=_SWALLOWED),
    Limit(substance="apiksaban", amount=_mg("10")),
    Limit(substance="rivaroksaban", amount=_mg("20")),
    Limit(substance="ibuprofen", amount=_mg("1200"), routes=_SWALLOWED, without_prescription=True),
)


LARGEST_PART: tuple[str, ...] = ("paracetamol",)
"""In every combination on the market this is the largest strength, whichever order a source names it in."""


def limit_for(
    substance: str,
    *,
    age: int | None = None,
    nursing_home: bool = False,
    beside: Iterable[str] = (),
    without_prescription: bool = False,
) -> Limit | None:
    """The lowest limit that applies to the substance for this person, or `None`.

    `age` in whole years, `None` where not known. `beside`: ATC codes of the other medicines in use.
    """
    others = tuple(beside)
    fitting = [
        limit
        for limit in LIMITS
        if limit.substance == substance
        and (limit.older_than is None or (age is not None and age > limit.older_than))
        and (nursing_home or not limit.nursing_home)
        and (not limit.beside or any(code.startswith(limit.beside) for code in others))
        and (without_prescription or not limit.without_prescription)
    ]
    return min(fitting, key=lambda limit: limit.amount.value, default=None)
