"""What goes into the FHIR document we write: plain values, so that no judgement of ours is made in `formats`."""

from dataclasses import dataclass
from datetime import date, datetime

from formats.dosing import Dosage
from formats.fhir.resources import Product
from formats.statement import Actor, Allergy, Person, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One line. `status` is MedicationStatement.status: never "active" for what nobody has confirmed.

    `state`: agreed, conflict, unconfirmed or unreadable. `flag`: 01 unchanged .. 06 suspended, with the day of that
    change. `derived_from`: ids of the statements behind it. `text` is the dose to show; ends are inclusive.
    """

    id: str
    status: str
    product: Product
    state: str
    text: str = ""
    dosage: Dosage | None = None
    needed: bool = False
    start: date | None = None
    end: date | None = None
    asserted: date | None = None
    indication: str = ""
    responsible: Actor | None = None
    status_reason: str = ""
    prescription_ids: tuple[str, ...] = ()
    treatment_ids: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    flag: str = "01"
    changed: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """What was done about an issue: our code and words, when, by whom."""

    code: str
    text: str
    at: datetime
    by: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One discrepancy. `act_code`: the v3-ActCode where one fits ("DUPTHPY"), else "". `severity`: high|moderate|low.

    `withdrawn`: it was never true; a resolved one carries a mitigation instead.
    """

    id: str
    code: str
    severity: str
    text: str
    identified: datetime
    act_code: str = ""
    lines: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceList:
    """One source's own list: what it said, when it was asked, and why it is empty.

    `empty_reason` (nilknown, unavailable, notasked, withheld) is needed where there are no statements.
    """

    key: str
    title: str
    read_at: datetime | None
    note: str = ""
    statements: tuple[Statement, ...] = ()
    empty_reason: str = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Who confirmed the list and when. `final`: a physician or pharmacist, whose word makes the document final."""

    by: Actor
    at: datetime
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """All that the document says. `base`: the address our own code systems stand under, without a closing slash.

    `allergies_empty`, `lines_empty`: the reason where there are none. `amended`: the list was confirmed before.
    """

    base: str
    list_id: str
    version: str
    at: datetime
    subject: Person
    subject_id: str
    software: str
    lines: tuple[ListLine, ...] = ()
    issues: tuple[Issue, ...] = ()
    sources: tuple[SourceList, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    lines_empty: str = "unavailable"
    allergies_empty: str = "unavailable"
    confirmation: Confirmation | None = None
    amended: bool = False
    gaps: tuple[str, ...] = ()
