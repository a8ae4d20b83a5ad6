"""High-alert groups by ATC prefix, and the words (substances and brands) that name a medicine of a group.

A group counts always, only for some questions (`Scope`), or only beside another antithrombotic.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rules.tables.high_alert_names import NAMES
from rules.tables.origin import PROPOSAL, Origin

ISMP = Origin("ISMP List of High-Alert Medications in Community/Ambulatory Care Settings, 2021")
ISMP_OLDER = Origin("ISMP, eldre liste over orale antidiabetika; sulfonylurea 2021 ikke etterprøvd")


class Group(StrEnum):
    """Names of the groups, as rules refer to them."""

    ANTITHROMBOTIC = "antithrombotic"
    INSULIN = "insulin"
    SULFONYLUREA = "sulfonylurea"
    OPIOID = "opioid"
    METHOTREXATE = "methotrexate"
    IMMUNOSUPPRESSANT = "immunosuppressant"
    CANCER = "cancer"
    ANTIEPILEPTIC = "antiepileptic"
    EPINEPHRINE = "epinephrine"
    CARDIAC_GLYCOSIDE = "cardiac-glycoside"
    LITHIUM = "lithium"
    CLOZAPINE = "clozapine"
    POTASSIUM = "potassium"
    AMIODARONE = "amiodarone"
    THEOPHYLLINE = "theophylline"
    PARKINSON = "parkinson"
    BENZODIAZEPINE = "benzodiazepine"
    STEROID = "steroid"


class Scope(StrEnum):
    """For which questions a row makes a medicine high-alert."""

    ALWAYS = "always"
    PAIR = "only beside another antithrombotic"
    OMISSION = "only where a dose may be left out (A01, A02, A03, B05)"
    NAMED = "never by itself: rules name the group (D04, D08, D09)"


@dataclass(frozen=True, slots=True)
class HighAlert:
    """One row: every ATC code that begins with one of `prefixes` belongs to `group`."""

    group: Group
    prefixes: tuple[str, ...]
    scope: Scope
    origin: Origin


HIGH_ALERT: tuple[HighAlert, ...] = (
    HighAlert(
        Group.ANTITHROMBOTIC,
        ("B01AA", "B01AB", "B01AE", "B01AF", "B01AX05", "B01AC04", "B01AC22", "B01AC24"),
        Scope.ALWAYS,
        ISMP,
    ),
    HighAlert(Group.ANTITHROMBOTIC, ("B01AC06",), Scope.PAIR, PROPOSAL),
    HighAlert(Group.INSULIN, ("A10AB", "A10AC", "A10AD", "A10AE"), Scope.ALWAYS, ISMP),
    HighAlert(Group.SULFONYLUREA, ("A10BB",), Scope.ALWAYS, ISMP_OLDER),
    HighAlert(Group.OPIOID, ("N02A", "N07BC", "R05DA"), Scope.ALWAYS, ISMP),
    HighAlert(Group.METHOTREXATE, ("L04AX03", "L01BA01"), Scope.ALWAYS, ISMP),
    HighAlert(Group.IMMUNOSUPPRESSANT, ("L04A",), Scope.ALWAYS, ISMP),
    HighAlert(Group.CANCER, ("L01",), Scope.ALWAYS, ISMP),
    HighAlert(Group.ANTIEPILEPTIC, ("N03AF01", "N03AX09", "N03AB02", "N03AG01"), Scope.ALWAYS, ISMP),
    HighAlert(Group.ANTIEPILEPTIC, ("N03A",), Scope.OMISSION, PROPOSAL),
    HighAlert(Group.EPINEPHRINE, ("C01CA24",), Scope.ALWAYS, ISMP),
    HighAlert(Group.CARDIAC_GLYCOSIDE, ("C01AA04", "C01AA05"), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.LITHIUM, ("N05AN01",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.CLOZAPINE, ("N05AH02",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.POTASSIUM, ("A12BA",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.AMIODARONE, ("C01BD01",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.THEOPHYLLINE, ("R03DA04",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.PARKINSON, ("N04B",), Scope.ALWAYS, PROPOSAL),
    HighAlert(Group.BENZODIAZEPINE, ("N05BA", "N05CD", "N03AE01"), Scope.NAMED, PROPOSAL),
    HighAlert(Group.STEROID, ("H02AB",), Scope.NAMED, PROPOSAL),
)

_ALL_SCOPES = frozenset(Scope)
NEVER: tuple[str, ...] = ("L02",)
"""Hormone treatment of cancer is no high-alert group here."""


def high_alert_groups(atc: str | None, *, omission: bool = False, beside: str | None = None) -> frozenset[str]:
    """The high-alert groups of today's ATC code; empty for an unknown or unlisted one.

    `omission`: the question is whether a dose may be left out. `beside`: ATC of the other line of a pair flag.
    """
    counting = {Scope.ALWAYS}
    if omission:
        counting.add(Scope.OMISSION)
    if Group.ANTITHROMBOTIC in groups_named(beside):
        counting.add(Scope.PAIR)
    return _groups(atc, frozenset(counting))


def groups_named(atc: str | None) -> frozenset[str]:
    """Every group the code belongs to, also those that never make it high-alert (benzodiazepines, all of N03A)."""
    return _groups(atc, _ALL_SCOPES)


def name_groups(text: str) -> frozenset[str]:
    """The groups of which `text` holds a substance or brand name as whole words, case folded (clarification 33)."""
    folded = " " + " ".join(re.findall(r"[\w-]+", text.casefold())) + " "
    return frozenset(group for name, group in NAMES.items() if f" {name} " in folded)


def substance_groups(substance: str) -> frozenset[str]:
    """The high-alert groups a parent substance (Norwegian name) belongs to, e.g. `kodein` -> opioid."""
    group = NAMES.get(" ".join(substance.casefold().split()))
    return frozenset({group}) if group else frozenset()


@lru_cache(maxsize=8192)
def _groups(atc: str | None, scopes: frozenset[Scope]) -> frozenset[str]:
    if not atc or atc.startswith(NEVER):
        return frozenset()
    return frozenset(row.group for row in HIGH_ALERT if row.scope in scopes and atc.startswith(row.prefixes))
