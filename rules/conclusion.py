"""The nouns of judgement: what goes in (`Case`) and what comes out (`Reconciliation`).

Every concluded fact names the statements behind it and the rule that chose it; a fact without evidence can't be built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from formats.statement import Allergy, AsideReason, Gap, Kind, SaidStatus, Source, Statement

OSLO = ZoneInfo("Europe/Oslo")
"""A day is a calendar day there (clarification 1)."""


class Severity(StrEnum):
    """How soon: before the next dose, same day, within a week, next review, to know."""

    CRITICAL = "critical"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return _RANK[self]


_RANK = {Severity.INFO: 0, Severity.LOW: 1, Severity.MODERATE: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}


class Owner(StrEnum):
    """Who acts first."""

    GP = "GP"
    HOSP = "HOSP"
    NURSE = "NURSE"
    PHARM = "PHARM"
    SYS = "SYS"


class LineStatus(StrEnum):
    """rules.md section (b), clarification 13."""

    ACTIVE = "ACTIVE"
    PLANNED = "PLANNED"
    PAUSED = "PAUSED"
    DISPUTED = "DISPUTED"
    UNCONFIRMED = "UNCONFIRMED"
    ENDED = "ENDED"


class DoseState(StrEnum):
    """Clarification 15."""

    AGREED = "AGREED"
    SINGLE = "SINGLE"
    LATEST = "LATEST"
    CONFLICT = "CONFLICT"
    UNKNOWN = "UNKNOWN"


class Section(StrEnum):
    """Where a line stands on the list, in display order."""

    DISPUTED = "uavklart"
    FIXED = "fast"
    PRN = "ved_behov"
    LOCAL = "lokalt"
    COURSE = "kur"
    PAUSED = "pause"
    PLANNED = "planlagt"
    UNCONFIRMED = "ubekreftet"
    ENDED = "avsluttet"


class Outcome(StrEnum):
    """How a source was heard."""

    READ = "read"
    NOT_READ = "not-read"
    FAILED = "failed"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How and when one source was heard. `as_of` is the source's own time of its content.

    `fresh_hours_low`/`high`: age from which G01 is low/high; `None` for pushed sources, which have no freshness.
    `wrong_patient`: a message of this source named another person and is in quarantine (G05).
    """

    outcome: Outcome
    as_of: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    fresh_hours_low: int | None = 24
    fresh_hours_high: int | None = 72
    wrong_patient: bool = False
    allergies_answered: bool = True

    @property
    def limited(self) -> bool:
        """True where absence in this source is no evidence of anything (P13)."""
        return self.outcome is not Outcome.READ or self.wrong_patient or any(g.limits for g in self.gaps)

    @property
    def day(self) -> date | None:
        """The calendar day in Oslo of its content: after midnight there it is a new day, whatever UTC says."""
        return self.as_of.astimezone(OSLO).date() if self.as_of else None

    def limited_in(self, kinds: frozenset[Kind]) -> bool:
        """As `limited`, of what it says in these kinds: a refused core record hides no prescription."""
        gaps = any(g.limits and g.concerns(kinds) for g in self.gaps)
        return self.outcome is not Outcome.READ or self.wrong_patient or gaps


class LinkKind(StrEnum):
    """What a human said of two statements."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Link:
    """A person's word that two statements speak of one medicine, or do not (R0-link, per patient, P15)."""

    kind: LinkKind
    a: str
    b: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A flag marked intended by a named prescriber's documented word (clarification 55)."""

    code: str
    about: str
    evidence: frozenset[str]
    prescriber: str
    known_by: str
    at: datetime
    written_reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that judgement may know. `birth_year` alone is known in some cases; `birth_date` is used first.

    `serious_since`: the day the oldest flag still open was first raised as high or critical.
    `nursing_home`: the roster says the patient lives in one (NorGeP-NH and its limits); else read as living at home.
    `gp_hpr`: HPR number of the GP of record; `list_doctors`: of those who keep the national list (PLL).
    `confirmed`: (by, when, changed since) of the last human confirmation.
    `admitted_on`: the first day of the stay in hospital, where it is known.
    `last_told`: by statement when it was last told, where it stands in messages that each tell of some entries of a
    list; of one medicine the last of them speaks.
    """

    statements: tuple[Statement, ...]
    heard: Mapping[Source, Heard]
    allergies: tuple[Allergy, ...] = ()
    birth_date: date | None = None
    birth_year: int | None = None
    nursing_home: bool = False
    admitted: bool = False
    admitted_on: date | None = None
    gp_hpr: str | None = None
    list_doctors: tuple[str, ...] = ()
    multidose_doctors: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    intents: tuple[Intent, ...] = ()
    confirmed_by: str | None = None
    confirmed_on: date | None = None
    changed_since_confirmed: bool = False
    serious_since: date | None = None
    last_told: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def gps_list(self) -> Kind:
        """Which kind is "the GP's list": the GP's own, else the national one where the GP of record keeps it.

        Formats.md section 11. Where neither is there, absence at the GP is not judged (P13).
        """
        gp = self.heard.get(Source.GP)
        own = (gp is not None and gp.outcome is Outcome.READ) or any(s.kind is Kind.GP_LIST for s in self.statements)
        return Kind.PLL if not own and self.gp_hpr and self.gp_hpr in self.list_doctors else Kind.GP_LIST


@dataclass(frozen=True, slots=True)
class Fact:
    """One concluded value of a line: what, by which statements, by which rule ("K3", "P2", "clarification 15.vii")."""

    value: Any
    evidence: tuple[str, ...]
    rule: str

    def __post_init__(self) -> None:
        if not self.evidence or not self.rule:
            msg = "a fact needs evidence and a rule"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class SaidDose:
    """One source's dose as said, with its statement, date and weight on the line.

    `last_said`: the day its source last said it, where a newer whole answer no longer carries it; `None` in force.
    `status`: stopped or paused where the source ends or pauses the use; its text (which may be "") is then no dose.
    """

    statement: str
    source: Source
    text: str
    on: date | None
    outdated: bool = False
    last_said: date | None = None
    status: SaidStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDose:
    """The dose of a line. `text` is our rendering ("" unless certain); `as_said` is never empty where a dose was said.

    `per_time`, `per_day` are texts with unit ("40 mg", "80 mg"); `interval` an interval class of clarification 36.
    `moments` are (part of day or HH:MM, amount text) for the grid, empty where the day is not described.
    """

    state: DoseState
    text: str = ""
    per_time: str | None = None
    per_day: str | None = None
    interval: str | None = None
    chosen: str | None = None
    moments: tuple[tuple[str, str], ...] = ()
    as_said: tuple[SaidDose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One treatment as it stands on the list."""

    key: str
    section: Section
    status: LineStatus
    name: str
    names: tuple[str, ...]
    strength: str | None
    form: str | None
    route: str | None
    use: str | None
    dose: LineDose
    indication: str | None
    since: date | None
    multidose: bool
    statements: tuple[str, ...]
    facts: Mapping[str, Fact]
    related: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One flag. `values` are the named values its sentence needs (no sentence here); `about` names line or substance.

    `lines` are the keys it stands on. `suppressed_by` is the kept code that speaks for it, "" when it is raised.
    `closes_when` names the closing evidence. `until` is the day a manual measure ends (next roll).
    """

    code: str
    about: str
    severity: Severity
    owner: Owner
    also: tuple[Owner, ...]
    lines: tuple[str, ...]
    evidence: tuple[str, ...]
    values: Mapping[str, Any]
    action: str = ""
    closes_when: str = ""
    suppressed_by: str = ""
    intended: bool = False

    def __post_init__(self) -> None:
        if not self.code or not self.about:
            msg = "a discrepancy needs a code and what it is about"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Aside:
    """A statement kept but on no line, with its reason."""

    statement: str
    reason: AsideReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One authoritative list with its discrepancies. `digest` is equal for equal conclusions, whatever the order."""

    lines: tuple[Line, ...]
    discrepancies: tuple[Discrepancy, ...]
    suppressed: tuple[Discrepancy, ...]
    aside: tuple[Aside, ...]
    gaps: tuple[Gap, ...]
    complete: bool
    rule_set: str
    catalogue: str
    allergies: tuple[Allergy, ...] = ()
    quarantined: tuple[str, ...] = ()
    admitted: bool = False
    digest: str = field(default="", compare=False)
