"""Medication resources of R4 journals -> statements (formats.md section 11, the rows that begin with R4).

| resource | kind | type |
|---|---|---|
| MedicationRequest, category discharge | epikrise | not said |
| MedicationRequest, community or no category, an order, not reported | ordre | not said |
| MedicationRequest with intent plan or proposal, or reported; MedicationStatement | hjemmeliste | copy |
| MedicationDispense | utlevering | copy |
| MedicationRequest inpatient or outpatient, MedicationAdministration | ordre, aside not-home | not said |
"""

from dataclasses import replace
from datetime import date

from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element, shown
from formats.fhir.medicine import Medicine, medicine_of
from formats.fhir.person import actor_of
from formats.fhir.timing import dosage_of
from formats.statement import AsideReason, Kind, SaidStatus, Source, Statement, StatementType, Use

TYPES = frozenset({"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"})

_STATUS = {
    "active": SaidStatus.ACTIVE,
    "on-hold": SaidStatus.PAUSED,
    "cancelled": SaidStatus.REVOKED,
    "completed": SaidStatus.FINISHED,
    "stopped": SaidStatus.STOPPED,
    "not-taken": SaidStatus.STOPPED,
    "entered-in-error": SaidStatus.REVOKED,
}
_PLANS = frozenset({"plan", "proposal", "option"})
_AWAY = frozenset({"inpatient", "outpatient"})
_HOME = frozenset({"community", "discharge"})
_COURSES = {"continuous": Use.FIXED, "acute": Use.COURSE}


def statement_of(resource: Element, systems: CodeSystems, source_system: str) -> Statement | None:
    """The statement of one medication resource; `None` where it was kept as unread instead."""
    medicine = medicine_of(resource, systems)
    if resource.text("status") == "draft":
        _keep(resource, "draft")
    elif resource.flag("doNotPerform"):
        _keep(resource, "do-not-perform")
    elif medicine is None:
        _keep(resource, "medication-not-in-message")
    else:
        base = _base(resource, medicine, systems, source_system)
        return _BY_TYPE[resource.type](base, resource)
    return None


def _administration(base: Statement, resource: Element) -> Statement:
    performed = resource.one("effectivePeriod")
    day = resource.day("effectiveDateTime") or (performed.day("start") if performed else None)
    return replace(base, kind=Kind.ORDER, recorded=day, aside=base.aside or AsideReason.NOT_HOME)


def _keep(resource: Element, reason: str) -> None:
    dosages = resource.all("dosageInstruction") + resource.all("dosage")
    words = [resource.concept_text("medicationCodeableConcept"), *(d.text("text") for d in dosages)]
    resource.doc.note(resource.path, reason, shown(" ".join(w for w in words if w)))


def _base(resource: Element, medicine: Medicine, systems: CodeSystems, source_system: str) -> Statement:
    """What all four kinds share."""
    dosages = resource.all("dosageInstruction") + resource.all("dosage")
    text, beside = dose_texts(dosages)
    routes = {systems.route_of(d.codings("route"), d.concept_text("route")) for d in dosages if d.value.get("route")}
    status = resource.text("status") or ""
    needed = any(d.flag("asNeededBoolean") or "asNeededCodeableConcept" in d.value for d in dosages)
    return Statement(
        source=Source.HP,
        kind=Kind.HOME_LIST,
        source_system=source_system,
        name=medicine.name,
        atc=medicine.atc,
        varenr=medicine.varenr,
        fest_id=medicine.fest_id,
        codes=medicine.codes + tuple(c for d in dosages for c in d.codings("route")),
        route=routes.pop() if len(routes) == 1 else None,
        form=medicine.form,
        form_code=medicine.form_code,
        strength=medicine.strength,
        unit_strengths=medicine.unit_strengths,
        dose_text=text,
        dosage=dosage_of(dosages, systems),
        use=Use.PRN if needed else _COURSES.get(_course(resource)),
        status=_STATUS.get(status),
        aside=_aside(resource, status),
        order_id=_order_id(resource, systems),
        version=_version(resource),
        indication=_reasons(resource),
        reason=resource.concept_text("statusReason") or resource.concept_text("statusReasonCodeableConcept"),
        change=status if status in {"not-taken", "intended"} else None,
        author=actor_of(resource.one("requester") or _performer(resource)),
        note=_note(resource, medicine, beside),
        place=resource.place,
    )


def dose_texts(dosages: list[Element]) -> tuple[str | None, list[str]]:
    """The dose as said, and what is said beside it. The patient's instruction is the clean sentence (fhir.md 2)."""
    ordered = sorted(dosages, key=lambda d: d.number("sequence") or 0)
    main, beside = [], []
    for dosage in ordered:
        text, clean = dosage.text("text"), dosage.text("patientInstruction")
        timing = dosage.one("timing")
        said = clean or text or (timing.concept_text("code") if timing else None)
        if said:
            main.append(said)
        if clean and text and text != clean:
            beside.append(text)
        beside += [w for i in dosage.all("additionalInstruction") if (w := _words(i))]
        needed = dosage.concept_text("asNeededCodeableConcept")
        beside += [needed] if needed else []
    return "\n".join(main) or None, beside


def _words(concept: Element) -> str | None:
    return concept.text("text") or next((c.text for c in concept.codings_here() if c.text), None)


def _course(resource: Element) -> str:
    codes = {c.value for c in resource.codings("courseOfTherapyType")} & set(_COURSES)
    return codes.pop() if len(codes) == 1 else ""


def _order_id(resource: Element, systems: CodeSystems) -> str | None:
    """The order's business identifier. Resource ids are no business keys (fhir.md 1.3)."""
    listed = [(i.text("system") or "", i.text("value")) for i in resource.all("identifier")]
    preferred = [v for s in systems.order_systems for system, v in listed if system == s and v]
    return next(iter(preferred or [v for _, v in listed if v]), None)


def _version(resource: Element) -> str | None:
    meta = resource.one("meta")
    return meta.text("versionId") if meta else None


def _reasons(resource: Element) -> str | None:
    words = [w for r in resource.all("reasonCode") if (w := _words(r))]
    words += [d for r in resource.all("reasonReference") if (d := r.text("display"))]
    return ", ".join(words) or None


def _performer(resource: Element) -> Element | None:
    performer = resource.one("performer")
    return performer.one("actor") if performer else None


def _note(resource: Element, medicine: Medicine, beside: list[str]) -> str | None:
    said = [t for n in resource.all("note") if (t := n.text("text"))]
    extra = [medicine.note] if medicine.note else []
    return "\n".join([*extra, *beside, *said]) or None


def categories(resource: Element) -> set[str]:
    """The category codes, lower case; where only words are given, the words."""
    return {w.lower() for c in resource.all("category") for w in _category(c)}


def _category(concept: Element) -> list[str]:
    return [c.value or c.text for c in concept.codings_here()] or [concept.text("text") or ""]


def _aside(resource: Element, status: str) -> AsideReason | None:
    if status in {"entered-in-error", "declined"} or (
        resource.type == "MedicationDispense" and status in {"cancelled", "stopped"}
    ):
        return AsideReason.CANCELLED
    told = categories(resource)
    return AsideReason.NOT_HOME if told & _AWAY and not told & _HOME else None


def _request(base: Statement, resource: Element) -> Statement:
    start, end = _period(resource)
    kind, copied = _request_kind(base, resource)
    decided, recorded = _request_dates(base, resource.day("authoredOn"), end, copied=copied)
    supply = resource.one("dispenseRequest")
    validity = supply.one("validityPeriod") if supply else None
    return replace(
        base,
        kind=kind,
        type=StatementType.COPY if copied else None,
        decided=decided,
        recorded=recorded,
        start=start,
        end=end,
        valid_to=validity.day("end") if validity else None,
        quantity=_quantity(supply),
        replaces=_replaced(resource),
        exchange_reserved=_exchange(resource),
        reported_by=actor_of(resource.one("reportedReference")) if copied else None,
    )


def _request_kind(base: Statement, resource: Element) -> tuple[Kind, bool]:
    """The kind, and whether it is a copy: what was reported or planned, not ordered."""
    if base.aside is AsideReason.NOT_HOME:
        return Kind.ORDER, False
    if "discharge" in categories(resource):
        return Kind.DISCHARGE, False
    reported = resource.flag("reportedBoolean") is True or "reportedReference" in resource.value
    if reported or (resource.text("intent") or "") in _PLANS:
        return Kind.HOME_LIST, True
    return Kind.ORDER, False


def _request_dates(
    base: Statement, day: date | None, end: date | None, *, copied: bool
) -> tuple[date | None, date | None]:
    """(decided, recorded). A stop is decided at the end of its period; without one, the order's day is a weak date."""
    if copied:
        return None, day
    if base.aside is None and base.status in {SaidStatus.STOPPED, SaidStatus.REVOKED}:
        return end, day
    return day, None


def _period(resource: Element) -> tuple[date | None, date | None]:
    """First and last day over all dosages; the last only where each of them has one."""
    starts, ends = [], []
    dosages = resource.all("dosageInstruction") + resource.all("dosage")
    for dosage in dosages:
        timing = dosage.one("timing")
        repeat = timing.one("repeat") if timing else None
        bounds = repeat.one("boundsPeriod") if repeat else None
        starts.append(bounds.day("start") if bounds else None)
        ends.append(bounds.day("end") if bounds else None)
    first = min((s for s in starts if s), default=None)
    last = max((e for e in ends if e), default=None)
    return first, last if all(ends) else None


def _quantity(supply: Element | None) -> str | None:
    amount = supply.one("quantity") if supply else None
    value = amount.number("value") if amount else None
    if amount is None or value is None:
        return None
    return f"{format(value.normalize(), 'f')} {amount.text('unit') or amount.text('code') or ''}".strip()


def _replaced(resource: Element) -> tuple[str, ...]:
    prior = resource.one("priorPrescription")
    target = (prior.resolved() or prior) if prior else None
    identifier = target.one("identifier") if target else None
    value = identifier.text("value") if identifier else None
    return (value,) if value else ()


def _exchange(resource: Element) -> bool | None:
    allowed = resource.one("substitution")
    said = allowed.flag("allowedBoolean") if allowed else None
    return None if said is None else not said


def _statement(base: Statement, resource: Element) -> Statement:
    period = resource.one("effectivePeriod")
    moment = resource.day("effectiveDateTime")
    return replace(
        base,
        kind=Kind.HOME_LIST,
        type=StatementType.COPY,
        recorded=resource.day("dateAsserted") or moment,
        start=period.day("start") if period else None,
        end=period.day("end") if period else None,
        reported_by=actor_of(resource.one("informationSource")),
    )


def _dispensing(base: Statement, resource: Element) -> Statement:
    handed = resource.day("whenHandedOver")
    prescriptions = resource.all("authorizingPrescription")
    targets = [p.resolved() or p for p in prescriptions]
    orders = [v for t in targets for i in t.all("identifier") if (v := i.text("value"))]
    return replace(
        base,
        kind=Kind.DISPENSING,
        type=StatementType.COPY,
        status=base.status if base.status is SaidStatus.REVOKED else None,
        recorded=handed or resource.day("whenPrepared"),
        last_dispensed=handed,
        prescription_id=orders[0] if orders else None,
        quantity=_quantity(resource),
    )


_BY_TYPE = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispensing,
    "MedicationAdministration": _administration,
}
