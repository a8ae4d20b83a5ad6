"""Which reading of a dosing text may be compared: one that is whole, or certain in all that is compared."""

import re
from dataclasses import replace
from decimal import Decimal

from formats.dosing import Amount, AsNeeded, Dosage, DoseReading, PerDay, ReadStatus
from formats.drug import folded
from formats.statement import Statement
from rules.identifying import strengths_of
from rules.tables.high_alert import high_alert_groups
from rules.view import Identity

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


def readable(s: Statement, identity: Identity) -> Dosage | None:
    """The dosage that may be compared: the structured one, else a text read as a whole.

    A structure that says as needed and no more leaves the word to a text that says as needed up to a number.
    """
    reading = s.read_dose
    told = reading.dosage if reading and reading.status is ReadStatus.OK else None
    if s.dosage is not None and s.dosage.schedule is not None:
        return told if told and told.prn and _no_most(s.dosage) and not _no_most(told) else s.dosage
    if told is not None or reading is None or reading.dosage is None:
        return told
    partly = reading.status is ReadStatus.PARTIAL and reading.dosage.schedule is not None
    return _in_part(s, reading, reading.dosage, identity) if partly else None


def _in_part(s: Statement, reading: DoseReading, dosage: Dosage, identity: Identity) -> Dosage | None:
    reasons = frozenset(reading.flags)
    hinders = reasons & _HINDERS
    beside = any(word in folded(reading.text) for word in AS_BESIDE) and not hinders - BESIDE_FLAGS
    if beside or (reasons & ADJUSTED_FLAGS and not hinders):
        return dosage
    if reasons & ADJUSTED_FLAGS:
        return None
    if hinders == {"dose_missing"} and _one_patch(s, identity):
        return replace(dosage, dose=ONE, unit="plaster")
    return dosage if _sure_enough(hinders, dosage, identity) else None


def _sure_enough(hinders: frozenset[str], dosage: Dosage, identity: Identity) -> bool:
    """What is compared is certain, though something else is not.

    What is spread on the skin has no amount to miss ("tynt lag 2 ganger daglig"). "1+1+1+1" tells how much and how
    often, not when. A spoon is a spoon: compared with spoons, never in millilitres. When a patch is taken off, or a
    tablet for an attack may be taken again, is read by people; of a high-alert medicine nothing may be left to them.
    """
    if hinders == {"dose_missing"}:
        return identity.route == "skin-local"
    if hinders in ({"patch_off"}, {"prn_repeat"}):
        return not high_alert_groups(identity.atc)
    if hinders == {"ambiguous_slots"}:
        return isinstance(dosage.schedule, PerDay) and dosage.dose is not None
    return hinders == {"household_measure"}


def _one_patch(s: Statement, identity: Identity) -> bool:
    """A patch told by how much it gives an hour, which is what one of this product gives."""
    told = _AN_HOUR.findall((s.dose_text or "").casefold()) if identity.route == "transdermal" else []
    own = [q for q in strengths_of(s, identity.drug) if q.unit in {"mg/t", "mg/time", "mg/h"}]
    if len(told) != 1 or len(own) != 1:
        return False
    return Decimal(told[0].replace(",", ".")) == own[0].value * MICROGRAMS


ONE = Amount(Decimal(1), Decimal(1))
MICROGRAMS = Decimal(1000)
_AN_HOUR = re.compile(r"(?<![\d.,])(\d+(?:[.,]\d+)?)\s*(?:mikrog(?:ram)?|mcg|ug|μg|µg)\s*/\s*(?:t|h|time)\b")


def _no_most(dosage: Dosage) -> bool:
    """As needed, with neither times nor a ceiling."""
    return isinstance(dosage.schedule, AsNeeded) and dosage.ceiling is None
