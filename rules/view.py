"""What a rule sees: the patient's lines in the words of the domain, everything already matched, dated and read.

Builders of rules read `LineView` and `CaseView`; nothing here is looked up, guessed or changed by a rule.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from formats.drug import Catalogue, Drug
from formats.statement import Allergy, Kind, SaidStatus, Source, Statement
from rules.conclusion import Case, DoseState, Heard, LineStatus
from rules.dosing import Dose, Relation, compare, unit_factor
from rules.naming import Clash

PRESCRIBER_LISTS = frozenset({Kind.GP_LIST, Kind.PLL, Kind.DISCHARGE, Kind.ORDER})
"""Lists a prescriber keeps (clarification 47)."""
LISTS = PRESCRIBER_LISTS | {Kind.MULTIDOSE, Kind.HOME_LIST}
"""Clarification 4. Prescriptions, dispensings and revocations are no lists."""
ORDINATIONS = PRESCRIBER_LISTS | {Kind.MULTIDOSE}
"""Kinds that make a line ACTIVE (section b)."""


_PLACES = {(source, kind): f"{source}:{kind}" for source in Source for kind in Kind}


class Telling(StrEnum):
    """What a statement tells of use today. `over`: expired, finished, replaced, or revoked without a stop."""

    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"
    OVER = "over"


class DoseSaid(StrEnum):
    """How a statement tells the dose. `scheme`: only a pointer to a scheme (clarification 38)."""

    READ = "read"
    UNREADABLE = "unreadable"
    SCHEME = "scheme"
    PLAN_ELSEWHERE = "plan-elsewhere"
    NONE = "none"


class Rung(StrEnum):
    """How a statement found its identity (rules.md section a). R0-R5 are certain, R7 and R10 weak, R12 none."""

    REFERENCE = "R0"
    CODED = "R2"
    SUBSTANCES = "R4"
    ATC = "R7"
    NAME = "R10"
    NONE = "R12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a statement is about. `key` as clarification 5; `atc` is today's code, `atc_said` the one in the statement.

    `drug` is the catalogue's entry where a code or one exact name gave one, and nothing else in the statement names
    another medicine (`clash`, K1). Unknown parts are "?" and empty.
    """

    key: str
    substances: tuple[str, ...]
    route: str
    release: str
    atc: str
    atc_said: str
    rung: Rung
    drug: Drug | None = None
    clash: Clash | None = None

    @property
    def weak(self) -> bool:
        """Joined only by ATC or by an exact name, or by one of two words that clash.

        Always C08, never settles a dose alone (clarification 51).
        """
        return self.clash is not None or self.rung in {Rung.ATC, Rung.NAME}

    @property
    def uncoded(self) -> bool:
        """On its own line, verbatim (R12, C09)."""
        return self.rung is Rung.NONE


@dataclass(slots=True, kw_only=True, eq=False)
class Said:
    """One statement as the rules understand it.

    `day` is the day that counts for recency (`decided`, else `recorded`; a copy's is set back to the decision it
    repeats, clarification 3); `weak` where it is only an upper bound. `decision` with the P-rule in `settled_by`.
    `in_force`: not superseded by a later version, a later entry of its own chain or a newer prescription.
    `valid`: a prescription that can be dispensed on today. `dose` is today's dose where `dose_said` is READ.
    `gone`: a newer whole answer of its source no longer carries it; it has no vote as one that says active, and what it
    decided still stands (`stands_decided`) unless the same list now says something else on the line.
    `own_day`: the day it carries itself. `others`: the other entries of its list whose doses are added into `dose` (a
    set of strengths or of times).
    """

    statement: Statement
    id: str
    source: Source
    kind: Kind
    identity: Identity
    telling: Telling
    dose_said: DoseSaid
    dose: Dose | None
    day: date | None
    weak: bool = False
    own_day: date | None = None
    decision: bool = False
    settled_by: str = ""
    in_force: bool = True
    valid: bool = False
    own_of_roll: bool = False
    gone: bool = False
    stands_decided: bool = False
    others: tuple["Said", ...] = ()

    @property
    def name(self) -> str:
        """The name as the source wrote it."""
        return self.statement.name

    @property
    def active(self) -> bool:
        """In force and says that the medicine is in use (or valid, for a prescription)."""
        return self.in_force and self.telling is Telling.ACTIVE

    @property
    def unsure(self) -> bool:
        """Its source says that it does not know its status: no evidence that it is in use, and none that it is not."""
        return self.statement.status is SaidStatus.UNKNOWN

    @property
    def is_list(self) -> bool:
        """Clarification 4."""
        return self.kind in LISTS

    @property
    def is_ordination(self) -> bool:
        """PLL, GP list, discharge, order or roll."""
        return self.kind in ORDINATIONS

    @property
    def place(self) -> str:
        """Which list, for "the same list" and "another list": source system and kind."""
        return _PLACES[self.source, self.kind]

    @property
    def listed(self) -> tuple[str, str, str]:
        """The very list it is an entry of: the place, whose system, and which letter, for each letter is a list."""
        s = self.statement
        if self.kind is not Kind.DISCHARGE or s.order_id:
            return (self.place, s.source_system, "")
        return (self.place, s.source_system, f"{self.own_day} {s.place.message if s.place else ''}")

    def later_than(self, other: "Said") -> bool:
        """Strictly later: a later calendar day; never true for a weak or missing day (clarifications 1, 2)."""
        return self.day is not None and not self.weak and other.day is not None and self.day > other.day


@dataclass(kw_only=True, eq=False)  # no slots: what is asked again and again is worked out once
class LineView:
    """One treatment: all that was said of it, and what authority has concluded so far.

    `status` is final for rules that do not dispute a line; disputing rules (D02, D11, D13, E03, F01, B10, C02) see
    the status before them. `atcs`: today's codes. `values`: statements that vote on the dose today
    (clarification 15). `chosen`: the one whose dose stands on the line, `None` where none could be chosen.
    `decisions`: newest first. `newest_decision`: newest status decision. `course_end`: last day of a course, if it is
    one, and `short_course` where its own dates, or the words of all its lists, span 14 days or less. `starts`: first
    day, where all agree on one. `partner`: key of the other line of a C02 set, "" if none.
    """

    key: str
    substances: tuple[str, ...]
    route: str
    release: str
    atc: str
    atcs: frozenset[str]
    said: tuple[Said, ...]
    status: LineStatus = LineStatus.UNCONFIRMED
    dose_state: DoseState = DoseState.UNKNOWN
    dose_rule: str = ""
    status_rule: str = ""
    status_evidence: tuple[str, ...] = ()
    undisputed: LineStatus | None = None
    """The status that a disputing rule changed: planned is still planned, and unconfirmed still presumes no use."""
    values: tuple[Said, ...] = ()
    chosen: Said | None = None
    decisions: tuple[Said, ...] = ()
    newest_decision: Said | None = None
    starts: date | None = None
    course_end: date | None = None
    short_course: bool = False
    partner: str = ""
    gps_list: Kind = Kind.GP_LIST
    """The kind that is the GP's list in this case."""
    groups: frozenset[str] = frozenset()

    # --- who says what -------------------------------------------------------------------------------------------
    @cached_property
    def active(self) -> tuple[Said, ...]:
        """All in force that say active: lists, valid prescriptions, local additions."""
        return tuple(s for s in self.said if s.active)

    @cached_property
    def active_lists(self) -> tuple[Said, ...]:
        """Lists in force that say active."""
        return tuple(s for s in self.said if s.active and s.is_list)

    @cached_property
    def says_in_use(self) -> tuple[Said, ...]:
        """Lists and local additions in force that say active: what a stop is held against."""
        return tuple(s for s in self.said if s.active and (s.is_list or s.kind is Kind.LOCAL))

    @cached_property
    def ordinations(self) -> tuple[Said, ...]:
        """Ordination sources in force that say active."""
        return tuple(s for s in self.said if s.active and s.is_ordination and not s.unsure)

    def of(self, *kinds: Kind) -> tuple[Said, ...]:
        """Statements in force of these kinds, whatever they tell."""
        return tuple(s for s in self.said if s.in_force and s.kind in kinds)

    @cached_property
    def prescriptions(self) -> tuple[Said, ...]:
        """Ordinary prescriptions valid today, newest first; rolls and their own prescriptions are not among them."""
        valid = [s for s in self.said if s.valid]
        return tuple(sorted(valid, key=lambda s: (s.statement.decided or date.min, s.id), reverse=True))

    @cached_property
    def redeemable(self) -> tuple[Said, ...]:
        """All that the registry has as valid, those a roll is packed on among them; newest first."""
        packed_on = tuple(s for s in self.said if s.own_of_roll and s.statement.status is SaidStatus.ACTIVE)
        return tuple(
            sorted((*self.prescriptions, *packed_on), key=lambda s: (s.own_day or date.min, s.id), reverse=True)
        )

    @cached_property
    def rolls(self) -> tuple[Said, ...]:
        """Multidose entries in force that say active (packed)."""
        return tuple(s for s in self.said if s.active and s.kind is Kind.MULTIDOSE)

    # --- its doses, two and two ---------------------------------------------------------------------------------
    @cached_property
    def compared(self) -> tuple[tuple[Said, Said, Relation], ...]:
        """Each two values and how their doses relate, in order."""
        return tuple((a, b, compare(a.dose, b.dose)) for a, b in combinations(self.values, 2) if a.dose and b.dose)

    @cached_property
    def suspects(self) -> tuple[tuple[Said, Said, Decimal], ...]:
        """Two values with the mark of a unit gone wrong between them, and the factor (D11). Equal doses have none."""
        return tuple(
            (a, b, factor)
            for a, b, related in self.compared
            if a.dose and b.dose and not (related is Relation.EQUAL and a.dose.units == b.dose.units)
            if (factor := unit_factor(a.dose, b.dose)) is not None
        )

    @cached_property
    def local(self) -> bool:
        """A declared OTC or local addition stands behind it, and no ordination."""
        return bool(self.of(Kind.LOCAL)) and not self.ordinations

    # --- how it stands ------------------------------------------------------------------------------------------
    @property
    def in_use(self) -> bool:
        """ACTIVE or DISPUTED."""
        return self.status in {LineStatus.ACTIVE, LineStatus.DISPUTED}

    @property
    def planned(self) -> bool:
        """PLANNED, also where a flag disputes it."""
        return LineStatus.PLANNED in {self.status, self.undisputed}

    @property
    def stopped(self) -> bool:
        """The newest status decision is a stop."""
        return self.newest_decision is not None and self.newest_decision.telling is Telling.STOPPED

    @property
    def paused(self) -> bool:
        """The newest status decision is a pause."""
        return self.newest_decision is not None and self.newest_decision.telling is Telling.PAUSED

    @cached_property
    def substance_text(self) -> str:
        """The substances part of the key; the words as said for an uncoded line."""
        return self.key if self.key.startswith("text:") else self.key.split("|", 1)[0]

    def in_group(self, *groups: str) -> bool:
        """Belongs to a group of `rules.tables.high_alert.Group`, also one never high-alert by itself."""
        return bool(self.groups.intersection(groups))


@dataclass(slots=True, kw_only=True, eq=False)
class CaseView:
    """The whole patient on one day."""

    case: Case
    catalogue: Catalogue
    today: date
    lines: tuple[LineView, ...]
    pairs: tuple[tuple[LineView, LineView], ...] = ()
    keyed: dict[str, LineView] = field(init=False)
    """The lines by key."""
    reaching: tuple[LineView, ...] | None = None
    """Lines used today, by key, once they have been asked for (`together.reaching`); of the statuses as they stand."""

    def __post_init__(self) -> None:
        """Find the lines once."""
        self.keyed = {line.key: line for line in self.lines}

    @property
    def allergies(self) -> tuple[Allergy, ...]:
        """Those not refuted (K8: the union of all sources)."""
        return tuple(a for a in self.case.allergies if not a.refuted)

    def heard(self, source: Source) -> Heard | None:
        """How the source was heard; `None` where it was never asked."""
        return self.case.heard.get(source)

    def answered(self, source: Source) -> bool:
        """The source was read, and nothing limits it: only then is its silence worth a question (P13)."""
        heard = self.heard(source)
        return heard is not None and not heard.limited

    def age(self) -> int | None:
        """Whole years today; by birth year alone the age that is certain (birthday not yet had)."""
        if self.case.birth_date:
            born = self.case.birth_date
            return self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day))
        return self.today.year - self.case.birth_year - 1 if self.case.birth_year else None

    def holds(self, test: Callable[[Said], bool]) -> bool:
        """Some statement of the patient passes `test`."""
        return any(test(s) for line in self.lines for s in line.said)

    def has_home_list(self) -> bool:
        """The journal holds a home list for the patient (clarification 21)."""
        return self.holds(lambda s: s.kind is Kind.HOME_LIST)


def treatment_of(key: str) -> str:
    """The key of the treatment a line stands for: one list that has it twice gives it several ("…#2")."""
    return key.split("#", 1)[0]


def evidence(said: Iterable[Said]) -> tuple[str, ...]:
    """Ids of the statements, sorted, each once, with those whose doses were added in."""
    ids = set()
    for s in said:
        ids.add(s.id)
        if s.others:
            ids.update(other.id for other in s.others)
    return tuple(sorted(ids))


def runs_on(s: Said, today: date) -> bool:
    """Begun and not over by its own dates; dates that contradict each other say nothing (G04)."""
    start, end = s.statement.start, s.statement.end
    if start is not None and end is not None and end < start:
        return True
    return (start is None or start <= today) and (end is None or end >= today)


def runs_together(a: LineView, b: LineView) -> bool:
    """The two lines' own dates overlap; a date that is not said is open (bridging is no double treatment)."""
    return _before(a.starts, b.course_end) and _before(b.starts, a.course_end)


def _before(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start <= end
