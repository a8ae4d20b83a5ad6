"""What sort of resource a medication resource is: its status words, category, reasons; nothing of this one order.

A frame names nobody, comes again on thousands of orders, and is made once for each content (`memory`).
"""

from dataclasses import dataclass

from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.memory import Memory
from formats.fhir.rest import Told, rest_of
from formats.statement import AsideReason, Use

FRAMING = (
    "status",
    "intent",
    "category",
    "priority",
    "doNotPerform",
    "reportedBoolean",
    "courseOfTherapyType",
    "statusReason",
    "statusReasonCodeableConcept",
    "reasonCode",
    "substitution",
)
"""The elements a frame is made of."""

_PLANS = frozenset({"plan", "proposal", "option"})
_PROPOSED = frozenset({"proposal", "option"})
_AWAY = frozenset({"inpatient", "outpatient"})
_HOME = frozenset({"community", "discharge"})
_COURSES = {"continuous": Use.FIXED, "acute": Use.COURSE}
_MAPPED = frozenset(
    {"active", "on-hold", "cancelled", "completed", "stopped", "not-taken", "entered-in-error", "unknown"}
)
_LONG_TERM = (
    "courseOfTherapyType.coding=http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy|continuous"
)
"""What `use` says already, in its plainest form."""
_TOLD: Told = {
    "doNotPerform": True,
    "reportedBoolean": True,
    "reasonCode": {"text": True},
    "substitution": {"allowedBoolean": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """`unread`: why it is no medicine at all ("draft", "do-not-perform"); `copied`: reported or planned, not ordered.

    `forbids`: the request is to stop taking it, or not to begin (R4, doNotPerform); what one that is no longer in force
    means nobody can say, so it is unread. `status`: an active proposal is "unknown": nobody has ordered what it
    proposes. `change` is a status word that is a change of its own (not-taken, intended); `rest` what no field holds.
    """

    status: str
    unread: str
    forbids: bool
    discharge: bool
    copied: bool
    aside: AsideReason | None
    use: Use | None
    reason: str | None
    change: str | None
    reasons: tuple[str, ...]
    exchange_reserved: bool | None
    rest: tuple[str, ...]


def _frame(resource: Element, _systems: CodeSystems, kind: str) -> Frame:
    status, intent = resource.text("status") or "", resource.text("intent") or ""
    told = _categories(resource)
    forbidden, reported = resource.flag("doNotPerform"), resource.flag("reportedBoolean") is True
    return Frame(
        status="unknown" if status == "active" and intent in _PROPOSED and not reported else status,
        unread="draft" if status == "draft" else "do-not-perform" if forbidden and status != "active" else "",
        forbids=bool(forbidden),
        discharge="discharge" in told,
        copied=reported or intent in _PLANS,
        aside=_aside(kind, status, told),
        use=_COURSES.get(_course(resource)),
        reason=resource.concept_text("statusReason") or resource.concept_text("statusReasonCodeableConcept"),
        change=status if status in {"not-taken", "intended"} else None,
        reasons=tuple(w for r in resource.all("reasonCode") if (w := words(r))),
        exchange_reserved=_exchange(resource),
        rest=tuple(_rest(resource, kind, status, intent)),
    )


def _rest(resource: Element, kind: str, status: str, intent: str) -> list[str]:
    plain = {"MedicationDispense": {"completed", "cancelled", "entered-in-error"}}.get(kind, _MAPPED)
    told: Told = {**_TOLD, "status": status in plain, "intent": intent == "order"}
    return [r for r in rest_of(resource.value, told) if r != _LONG_TERM]


def words(concept: Element) -> str | None:
    """What this CodeableConcept says: its text, else the first display."""
    return concept.text("text") or next((c.text for c in concept.codings_here() if c.text), None)


def _course(resource: Element) -> str:
    codes = {c.value for c in resource.codings("courseOfTherapyType")} & set(_COURSES)
    return codes.pop() if len(codes) == 1 else ""


def _categories(resource: Element) -> set[str]:
    """The category codes, lower case; where only words are given, the words."""
    return {w.lower() for c in resource.all("category") for w in _category(c)}


def _category(concept: Element) -> list[str]:
    """Every code and word: a site's own number says nothing, the word beside it does."""
    return [w for c in concept.codings_here() for w in (c.value, c.text)] + [concept.text("text") or ""]


def _aside(kind: str, status: str, told: set[str]) -> AsideReason | None:
    taken_back = kind == "MedicationDispense" and status in {"cancelled", "stopped"}
    if taken_back or status in {"entered-in-error", "declined"}:
        return AsideReason.CANCELLED
    return AsideReason.NOT_HOME if told & _AWAY and not told & _HOME else None


def _exchange(resource: Element) -> bool | None:
    allowed = resource.one("substitution")
    said = allowed.flag("allowedBoolean") if allowed and "allowedBoolean" in allowed.value else None
    return None if said is None else not said


FRAMES: Memory[Frame] = Memory(_frame)
