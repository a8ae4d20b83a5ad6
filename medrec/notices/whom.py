"""From owner to receiver: GP of record, the doctor responsible for multidose, the hospital department, the pharmacy.

A nurse gets no letter: the flag stands on her worklist. A doctor whose address nobody knows becomes a nurse's task.
"""

from dataclasses import dataclass
from enum import StrEnum

from medrec.notices.policy import ALSO_TOLD
from medrec.roster import GpOfRecord
from rules.conclusion import Discrepancy, Owner


class Role(StrEnum):
    """What a receiver is to the patient."""

    GP = "gp"
    MULTIDOSE = "multidose-doctor"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"


DOCTORS = frozenset({Role.GP, Role.MULTIDOSE})
"""Whom a nurse's question to the GP reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """One receiver. `her_id` "": nobody knows where letters reach them."""

    role: Role
    her_id: str = ""
    hpr: str = ""
    name: str = ""
    office: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Those around a patient, as far as known."""

    gp: GpOfRecord
    multidose: To | None = None
    hospital: To | None = None
    pharmacy: To | None = None


def receivers(flag: Discrepancy, around: Around, *, asked: bool = False) -> tuple[To, ...]:
    """Who gets a part of this flag, the first actor first, each once. Empty: it is the nurse's or ours.

    `asked`: a nurse asked the GP about it, who then gets it whoever owns it.
    """
    also = (o for o in flag.also if o in ALSO_TOLD.get(flag.code, frozenset()))
    owners = (flag.owner, *also, *((Owner.GP,) if asked else ()))
    found = (_of(owner, flag, around) for owner in owners)
    return tuple(dict.fromkeys(to for to in found if to is not None))


def _of(owner: Owner, flag: Discrepancy, around: Around) -> To | None:
    gp = around.gp
    if owner is Owner.GP:
        other = around.multidose
        if flag.code.startswith("E") and other is not None and other.hpr != gp.hpr:
            return other
        return To(role=Role.GP, her_id=gp.her_id, hpr=gp.hpr, name=gp.name, office=gp.office, phone=gp.phone)
    if owner is Owner.HOSP:
        return around.hospital or To(role=Role.HOSPITAL)
    if owner is Owner.PHARM:
        return around.pharmacy or To(role=Role.PHARMACY)
    return None
