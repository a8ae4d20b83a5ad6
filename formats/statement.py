"""The nouns everything stands on: what one source said about one medicine, and what a codec returns.

Three things are never mixed: *not said* (`None` or empty), *said as free text*, *said in structure*.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, make_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any

from formats.dosing import Dosage, DoseReading
from formats.drug import AtcCode, FestId, Quantity, Varenr
from formats.terms import (
    LIMITING,
    AsideReason,
    GapCode,
    Kind,
    Reach,
    SaidStatus,
    Signature,
    Source,
    StatementType,
    Use,
)

__all__ = [
    "LIMITING", "NOT_SAID", "Actor", "Allergy", "AsideReason", "Code", "Gap", "GapCode", "Identifier", "Kind", "Person",
    "Place", "Reach", "Reading", "SaidStatus", "Signature", "Source", "Statement", "StatementType", "Unread", "Use",
    "canonical", "identified", "moved", "said",
    "stated",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in which bytes: hex SHA-256 of the outermost message and a path of elements inside it."""

    message: str
    path: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code kept verbatim: value, system (OID or URL, "" if not said) and the text beside it."""

    value: str
    system: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A health worker or unit as the message names it. `role` is the code as said (7490, 9034 ...)."""

    name: str = ""
    hpr: str = ""
    role: str = ""
    organisation: str = ""
    her_id: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing one source said about one medicine for one person.

    Dates are calendar days in Europe/Oslo; `end` and `valid_to` are inclusive; `resume` and `next_roll` are the first
    day of the new state; `packed` is the day the roll at home was packed. `decided` is when a prescriber decided,
    `recorded` when the source stored it. `dated_by_envelope`: the source dated nothing, and `recorded` is only the day
    of the message it came in; sent again it is the same statement, and the first day counts.
    `substances`, `route`, `release` are filled only where the source said them. `read_dose` is our reading of
    `dose_text` and no part of what was said. `unit_strengths` is the strength of one dosing unit, one per substance
    in the source's order.
    """

    id: str = ""
    source: Source
    kind: Kind
    source_system: str = ""

    name: str = ""
    atc: AtcCode | None = None
    varenr: Varenr | None = None
    fest_id: FestId | None = None
    codes: tuple[Code, ...] = ()
    substances: tuple[str, ...] = ()
    route: str | None = None
    release: str | None = None
    form: str | None = None
    form_code: str | None = None
    strength: str | None = None
    unit_strengths: tuple[Quantity, ...] = ()

    dose_text: str | None = None
    dosage: Dosage | None = None
    read_dose: DoseReading | None = None
    use: Use | None = None
    scheme: bool = False

    type: StatementType | None = None
    change: str | None = None
    reason: str | None = None
    status: SaidStatus | None = None
    decided: date | None = None
    recorded: date | None = None
    dated_by_envelope: bool = False
    start: date | None = None
    end: date | None = None
    resume: date | None = None

    prescription_id: str | None = None
    treatment_id: str | None = None
    order_id: str | None = None
    version: str | None = None
    replaces: tuple[str, ...] = ()

    valid_to: date | None = None
    quantity: str | None = None
    refills_left: int | None = None
    last_dispensed: date | None = None
    packed: date | None = None
    next_roll: date | None = None
    in_multidose: bool | None = None
    administered_by: str | None = None
    exchange_reserved: bool | None = None
    intervention: str | None = None

    indication: str | None = None
    author: Actor | None = None
    reported_by: Actor | None = None
    signed: Signature | None = None
    note: str | None = None

    aside: AsideReason | None = None
    said_until: date | None = None
    times_said: int = 1
    place: Place | None = None

    @property
    def any_dosage(self) -> Dosage | None:
        """The dosage it came with, else what was read of its text, though it be in part; `None` where neither is."""
        return self.dosage or (self.read_dose.dosage if self.read_dose else None)


NOT_SAID: frozenset[str] = frozenset(
    {"id", "read_dose", "signed", "said_until", "times_said", "place", "aside", "dated_by_envelope"}
)
"""Fields that are ours and not the source's: no part of a statement's identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy:
    """An allergy or intolerance as said. `atc` may be a group (level 1-5). `refuted`: the source withdraws it.

    `codes`: what was said beside these, verbatim.
    """

    id: str = ""
    source: Source
    text: str
    atc: AtcCode | None = None
    substances: tuple[str, ...] = ()
    reaction: str | None = None
    certainty: str | None = None
    codes: tuple[Code, ...] = ()
    refuted: bool = False
    recorded: date | None = None
    author: Actor | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the source says it left out, or could not be asked. `text` is the source's own words.

    `kinds`: which of its statements it concerns, where that is known; empty: any of them.
    """

    source: Source
    code: GapCode
    text: str = ""
    place: Place | None = None
    kinds: tuple[Kind, ...] = ()

    @property
    def limits(self) -> bool:
        """True where absence in this source can no longer be judged and the list is not complete."""
        return self.code in LIMITING

    def concerns(self, kinds: AbstractSet[Kind]) -> bool:
        """True where statements of any of `kinds` may be what is missing."""
        return not self.kinds or not kinds.isdisjoint(self.kinds)


@dataclass(frozen=True, slots=True)
class Unread:
    """An item understood to be there but not to mean. Shown, never dropped."""

    place: Place
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A person identifier: type as in code list 8116 (FNR, DNR, FHN, ...) or "local" with the system that owns it."""

    type: str
    value: str
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a message is about, as said. The first identifier is the one in use; the rest are earlier or other ones."""

    identifiers: tuple[Identifier, ...] = ()
    name: str = ""
    birth_date: date | None = None
    sex: str = ""

    @property
    def key(self) -> str:
        """The stable text that enters statement identity: `type:system:value`, "" when nobody is named."""
        if not self.identifiers:
            return ""
        first = self.identifiers[0]
        return f"{first.type}:{first.system}:{first.value}"


THREAD = "thread:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a codec returns. Nothing is dropped: every list element is a statement, or stands in `unread`.

    `message` is type and version ("M9.6/2021-02-01"); `as_of` the source's own time for the content
    (RFHentetTidspunkt, GenDate, Bundle.timestamp), always with a zone. `kinds`: what a *whole* reading speaks for.
    `cancels`: ids of earlier messages this one cancels or replaces; or, begun with `THREAD`, the id that all editions
    of a document share, the newest of which holds. `breaches`: places that break the schema.
    """

    message: str
    source: Source | None
    person: Person | None = None
    statements: tuple[Statement, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    allergies_answered: bool = False
    gaps: tuple[Gap, ...] = ()
    unread: tuple[Unread, ...] = ()
    reach: Reach = Reach.EVENT
    kinds: tuple[Kind, ...] = ()
    as_of: datetime | None = None
    message_id: str = ""
    parent_id: str = ""
    conversation_id: str = ""
    cancels: tuple[str, ...] = ()
    sender: Actor | None = None
    receiver: Actor | None = None
    roles: tuple[Actor, ...] = ()
    breaches: tuple[str, ...] = ()
    source_system: str = ""
    documents: tuple[str, ...] = ()
    also: tuple["Reading", ...] = field(default=())
    """Readings of other sources carried in the same bytes (SFM carries RF lists and journal facts)."""

    @property
    def complete(self) -> bool:
        """No limiting gap, here or in what came along."""
        return not any(g.limits for g in self.gaps) and all(r.complete for r in self.also)


_UNSAID: tuple[Any, ...] = (None, "", ())


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    found = _NAMES.get(kind)
    if found is None:
        found = _NAMES[kind] = tuple(f.name for f in fields(kind) if f.compare)
    return found


_SAID_NAMES = tuple(name for name in _names(Statement) if name not in NOT_SAID)
_PLAIN = frozenset({str, bool})
_WORDS = frozenset({Source, Kind, Use, StatementType, SaidStatus})
"""Closed sets, whose words need no escape (and hash slowly)."""
_said_values = attrgetter(*_SAID_NAMES)
_EVERY_NAME = _names(Statement)
_every_value = attrgetter(*_EVERY_NAME)
_AT = {name: at for at, name in enumerate(_EVERY_NAME)}
_BLANK = [None if f.default is MISSING else f.default for f in fields(Statement) if f.compare]
_Open: Any = make_dataclass("_Open", _EVERY_NAME, slots=True)
"""The slots of a statement, not frozen: only `_made` knows it."""


def canonical(value: Any) -> Any:  # noqa: ANN401 - walks any frozen value of ours into JSON
    """One JSON form for each value: decimals without trailing zeros, dates ISO, empty fields left out.

    Equal values have equal forms: what takes no part in equality stands in none.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is tuple:
        return [canonical(v) for v in value]
    if isinstance(value, (str, int)):  # enums and codes too, as the texts they are
        return value.value if isinstance(value, StrEnum) else value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if is_dataclass(value):
        told = {name: canonical(v) for name in _names(kind) if (v := getattr(value, name)) not in _UNSAID}
        return {"": kind.__name__} | {k: v for k, v in told.items() if v not in (None, "", [])}
    msg = f"no canonical form for {type(value).__name__}"
    raise TypeError(msg)


def said(statement: Statement) -> str:
    """All that the source said, as one text: what identity is made of."""
    return ";".join(
        [
            f"{name}={value!r}"
            if value.__class__ in _PLAIN
            else f'{name}="{value}"'
            if value.__class__ in _WORDS
            else f"{name}={_text(value)}"
            for name, value in zip(_SAID_NAMES, _said_values(statement), strict=True)
            if (value or value is False or value.__class__ is int)  # no and none are said, an empty text is not
            and not (name == "recorded" and statement.dated_by_envelope)
        ]
    )


@lru_cache(maxsize=16384)  # codes, units, authors and dosings come again in every list
def _text(value: Any) -> str:  # noqa: ANN401 - as `canonical`
    return _ENCODER.encode(canonical(value))


def identified(
    person_key: str,
    statements: Iterable[Statement],
    read_dose: Callable[[Statement], DoseReading | None] = lambda statement: statement.read_dose,
) -> tuple[Statement, ...]:
    """Give each statement its id: first 20 hex of SHA-256 over person and content; equal ones get "-2", "-3".

    Place, fetch time and order in the list are no part of it, so the same content in a new envelope keeps its ids.
    Statements that already carry an id (worked cases) keep it. `read_dose` gives our reading of each dosing text.
    """
    seen: dict[str, int] = {}
    done = []
    for statement in statements:
        given = statement.id or _digest(person_key, said(statement))
        seen[given] = seen.get(given, 0) + 1
        own = given if seen[given] == 1 else f"{given}-{seen[given]}"
        done.append(altered(statement, {"id": own, "read_dose": read_dose(statement)}))
    return tuple(done)


def moved(statement: Statement, place: Place | None) -> Statement:
    """The same statement said at another place: its id stays, for place is no part of it."""
    values = list(_every_value(statement))
    values[_AT["place"]] = place
    return _made(values)


def stated(told: Mapping[str, object], *, source: Source, kind: Kind, place: Place | None) -> Statement:
    """`Statement(source=source, kind=kind, place=place, **told)`, where a codec has put together what was said."""
    return statement_of({**told, "source": source, "kind": kind, "place": place})


def statement_of(told: Mapping[str, object]) -> Statement:
    """`Statement(**told)`, where a stored one is read back."""
    values = _BLANK.copy()
    for name, value in told.items():
        values[_AT[name]] = value
    return _made(values)


def altered(statement: Statement, told: Mapping[str, object]) -> Statement:
    """`dataclasses.replace(statement, **told)`, where a judgement puts beside each statement how often it was said."""
    values = list(_every_value(statement))
    for name, value in told.items():
        values[_AT[name]] = value
    return _made(values)


def _made(values: Iterable[object]) -> Statement:
    """A statement from its values in order: filled while it is an open twin of the class, then closed.

    A frozen class sets each of sixty slots by a call. That, and `dataclasses.replace` for the id, were a seventh of
    reading a list, for every statement of every message comes by here twice; this takes a sixth of it.
    """
    made: Statement = _Open(*values)
    made.__class__ = Statement
    return made


def _digest(person_key: str, content: str) -> str:
    return hashlib.sha256(f"{person_key}\n{content}".encode()).hexdigest()[:20]


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
