"""Who stands around a patient today: the GP of record, the multidose doctor, the hospital department, the pharmacy."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from formats.statement import Actor, Kind
from medrec import clock, life, listing, roster, values
from medrec.notices.addresses import Addresses
from medrec.notices.whom import Around, Role, To
from medrec.records import reading
from medrec.records import roster as roster_rows
from medrec.roster import Care, GpOfRecord

_MULTIDOSE_DOCTOR = "M"
"""List 7490: Multidoseansvarlig lege."""


def in_our_care(session: Session, person_id: str) -> bool:
    """False for those who have died or whose care has ended: nobody writes about them any more.

    A person never on a roster is ours.
    """
    if life.death_of(session, person_id) is not None:
        return False
    if roster.care_of(session, person_id, clock.today()) is not None:
        return True
    known = select(roster_rows.c.id).where(
        roster_rows.c.person_id == person_id,
        roster_rows.c.replaced_at.is_(None),
        roster_rows.c.starts <= clock.today(),
    )
    return session.execute(known.limit(1)).first() is None


def around(session: Session, person_id: str, book: Addresses) -> Around:
    """All of them, as far as roster, readings and receivers.json know."""
    care = roster.care_of(session, person_id, clock.today())
    return Around(
        gp=care.gp if care else GpOfRecord(),
        multidose=_multidose(session, person_id),
        hospital=_hospital(session, person_id),
        pharmacy=pharmacy_of(care, book),
    )


def pharmacy_of(care: Care | None, book: Addresses | None) -> To | None:
    """The pharmacy of the roster; a name or number that is not there, as receivers.json has it."""
    if care is None or not (care.pharmacy_her_id or care.pharmacy_phone):
        return None
    known = book.of(care.pharmacy_her_id) if book and care.pharmacy_her_id else None
    name = care.pharmacy_name or (known.name if known else "")
    phone = care.pharmacy_phone or (known.phone if known else "")
    return To(role=Role.PHARMACY, her_id=care.pharmacy_her_id, name=name, office=name or "Apotek", phone=phone)


def _multidose(session: Session, person_id: str) -> To | None:
    """The doctor with role M (list 7490) in the newest reading that names one; the roster knows addresses by HPR."""
    newest = select(reading.c.roles).where(reading.c.person_id == person_id).order_by(reading.c.id.desc())
    for row in session.execute(newest):
        for role in values.revive(tuple[Actor, ...], row.roles):
            if role.role == _MULTIDOSE_DOCTOR and role.hpr:
                known = roster.gp_known_as(session, role.hpr, clock.today()) or GpOfRecord()
                return To(
                    role=Role.MULTIDOSE,
                    her_id=role.her_id or known.her_id,
                    hpr=role.hpr,
                    name=role.name or known.name,
                    office=role.organisation or known.office,
                    phone=role.phone or known.phone,
                )
    return None


def _hospital(session: Session, person_id: str) -> To | None:
    """Who signed the newest discharge list that has an address."""
    stored = listing.current_list(session, person_id)
    if stored is None:
        return None
    letters = [s for s in stored.statements.values() if s.kind is Kind.DISCHARGE and s.author and s.author.her_id]
    newest = max(letters, key=lambda s: (str(s.decided or s.recorded or ""), s.id), default=None)
    if newest is None or newest.author is None:
        return None
    who = newest.author
    return To(
        role=Role.HOSPITAL, her_id=who.her_id, hpr=who.hpr, name=who.name, office=who.organisation, phone=who.phone
    )
