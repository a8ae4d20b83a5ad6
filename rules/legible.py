"""Which reading of a dosing text may be compared: one that is whole, or certain in all that is compared."""

from formats.dosing import AsNeeded, Dosage, PerDay, ReadStatus
from formats.drug import folded
from formats.statement import Statement

AS_BESIDE = ("i tillegg til", "multidose")
BESIDE_FLAGS = frozenset({"residual", "two_strengths", "embedded_strength"})
"""A reading that is only partial because of words like "i tillegg til 50 mikrogram" or "(multidose)" counts as read."""
ADJUSTED_FLAGS = frozenset({"inr", "external_scheme"})
"""Amount plus "justeres etter INR" is readable (clarification 38)."""
_HINDERS = frozenset(
    {
        *("dose_missing", "frequency_missing", "ambiguous_slots", "ambiguous_days", "site_unclear", "conflict"),
        *("unsafe_number", "hold", "as_agreed", "max_only", "change_note", "two_strengths", "household_measure"),
        *("prn_repeat", "patch_off", "residual", "empty"),
    }
)
"""Reasons for a partial reading that stand in the way of comparing it (dosing conventions, section 6)."""


def readable(s: Statement, route: str) -> Dosage | None:
    """The dosage that may be compared: the structured one, else a text read as a whole.

    A structure that says as needed and no more leaves the word to a text that says as needed up to a number.
    """
    reading = s.read_dose
    told = reading.dosage if reading and reading.status is ReadStatus.OK else None
    if s.dosage is not None and s.dosage.schedule is not None:
        return told if told and told.prn and _no_most(s.dosage) and not _no_most(told) else s.dosage
    if reading is None or reading.dosage is None:
        return None
    if told is not None:
        return told
    if reading.status is not ReadStatus.PARTIAL or reading.dosage.schedule is None:
        return None
    reasons = frozenset(reading.flags)
    hinders = reasons & _HINDERS
    adjusted = reasons & ADJUSTED_FLAGS and not hinders
    beside = any(word in folded(reading.text) for word in AS_BESIDE) and not hinders - BESIDE_FLAGS
    sure = not reasons & ADJUSTED_FLAGS and _sure_enough(hinders, reading.dosage, route)
    return reading.dosage if adjusted or beside or sure else None


def _sure_enough(hinders: frozenset[str], dosage: Dosage, route: str) -> bool:
    """What is compared is certain, though something else is not.

    What is spread on the skin has no amount to miss ("tynt lag 2 ganger daglig"). "1+1+1+1" tells how much and how
    often, not when. A spoon is a spoon: compared with spoons, never in millilitres.
    """
    if hinders == {"dose_missing"}:
        return route == "skin-local"
    if hinders == {"ambiguous_slots"}:
        return isinstance(dosage.schedule, PerDay) and dosage.dose is not None
    return hinders == {"household_measure"}


def _no_most(dosage: Dosage) -> bool:
    """As needed, with neither times nor a ceiling."""
    return isinstance(dosage.schedule, AsNeeded) and dosage.ceiling is None
