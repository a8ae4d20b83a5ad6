"""Medication resources of R4 journals -> statements (formats.md section 11, the rows that begin with R4).

| resource | kind | type |
|---|---|---|
| MedicationRequest, category discharge | epikrise | not said |
| MedicationRequest, community or no category, an order, not reported | ordre | not said |
| MedicationRequest with intent plan or proposal, or reported; MedicationStatement | hjemmeliste | copy |
| MedicationDispense | utlevering | copy |
| MedicationRequest inpatient or outpatient, MedicationAdministration | ordre, aside not-home | not said |

A resource is read in three pieces: which medicine; the *sig* (how it is taken) and the *frame* (what sort of resource
it is), which come again and again and are remembered; and what belongs to this one order (identifiers, dates, people).
"""

from typing import NamedTuple, TypeAlias

from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.frame import FRAMES, FRAMING, Frame
from formats.fhir.medicine import Medicine, medication_of, medicine_of
from formats.fhir.person import actor_of
from formats.fhir.rest import NOTES, RESOURCE, Told, further, rest_of
from formats.fhir.sig import SIGNATURE, SIGS, Sig
from formats.jsondoc import JsonObject
from formats.statement import Actor, AsideReason, Kind, SaidStatus, Source, Statement, StatementType, Use, statement_of

TYPES = frozenset({"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"})

_STATUS = {
    "active": SaidStatus.ACTIVE,
    "on-hold": SaidStatus.PAUSED,
    "cancelled": SaidStatus.REVOKED,
    "completed": SaidStatus.FINISHED,
    "stopped": SaidStatus.STOPPED,
    "not-taken": SaidStatus.STOPPED,
    "entered-in-error": SaidStatus.REVOKED,
    "unknown": SaidStatus.UNKNOWN,
}
_SAYS_NOTHING = frozenset({"intended", "preparation", "in-progress", "declined"})
"""Words of R4 that are no status of ours: what is planned, and how far a dispensing or an administration has come."""
_PERSON: Told = {"reference": True, "display": True, "type": True}
_OWN: Told = {
    **RESOURCE,
    **dict.fromkeys((*FRAMING, *SIGNATURE), True),
    **dict.fromkeys(("medicationReference", "medicationCodeableConcept", "contained", "identifier"), True),
    "subject": {**_PERSON, "identifier": {"value": True, "system": True}},
    "patient": {**_PERSON, "identifier": {"value": True, "system": True}},
    "note": NOTES,
    "reasonReference": {"display": True},
}
_TOLD: dict[str, Told] = {
    "MedicationRequest": {**_OWN, "authoredOn": True, "requester": {"display": True}},
    "MedicationStatement": {
        **_OWN,
        "dateAsserted": True,
        "informationSource": {"display": True},
        "effectivePeriod": {"start": True, "end": True},
    },
    "MedicationDispense": {**_OWN, "whenHandedOver": True},
    "MedicationAdministration": {**_OWN, "effectiveDateTime": True},
}
_WHOLE = {kind: frozenset(n for n, known in told.items() if known is True) for kind, told in _TOLD.items()}
_NOT_YET = frozenset({"preparation", "in-progress", "on-hold"})
"""Of a MedicationDispense: not handed over. What lies ready on a shelf is no dispensing (S6)."""
_STOPS = frozenset({SaidStatus.STOPPED, SaidStatus.REVOKED})
_USES = frozenset({"usual", "official"})
_PLAIN_IDENTIFIER = frozenset({"use", "system", "value"})
_PLAIN_PERSON = frozenset({"reference", "display", "type"})
_INSIDE: Told = {"resourceType": True, "meta": RESOURCE["meta"], "text": RESOURCE["text"], "id": True}
_ACTORS = frozenset({"Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Device"})
_ACTOR: Told = {**_INSIDE, "name": {"text": True, "family": True, "given": True}}


_Own: TypeAlias = dict[str, object]
"""What a resource of one type says of itself: fields of its statement."""


class _Piece(NamedTuple):
    """A medication resource taken apart."""

    resource: Element
    medicine: Medicine
    frame: Frame
    sig: Sig
    status: SaidStatus | None


def statement_in(resource: Element, systems: CodeSystems, source_system: str) -> Statement | None:
    """The statement of one medication resource; `None` where it was kept as unread instead."""
    value = resource.value
    frame = FRAMES.of({n: value[n] for n in FRAMING if n in value}, resource, systems, resource.type)
    medicine = medicine_of(resource, systems)
    if frame.unread:
        _keep(resource, frame.unread)
        return None
    sig = SIGS.of({n: value[n] for n in SIGNATURE if n in value}, resource, systems)
    if sig.altered or (medicine and medicine.altered) or "modifierExtension" in value:
        _keep(resource, "modifier-extension")
    elif medicine is None:
        _keep(resource, "medication-not-in-message")
    else:
        if sig.unclear:
            resource.doc.note(resource.path, "dosage-in-structure", sig.unclear)
        piece = _Piece(resource, medicine, frame, sig, _status(frame))
        return _made(piece, systems, source_system)
    return None


def _status(frame: Frame) -> SaidStatus | None:
    """`None` where none is said; a word that is not of R4 leaves it unknown."""
    if frame.forbids:
        return SaidStatus.STOPPED
    unheard = SaidStatus.UNKNOWN if frame.status and frame.status not in _SAYS_NOTHING else None
    return _STATUS.get(frame.status, unheard)


def _keep(resource: Element, reason: str) -> None:
    """All of it in words: nothing in it may become a medicine, and nothing of it may be lost."""
    told: Told = {**RESOURCE, "subject": True, "patient": True}
    target = medication_of(resource)
    drug = rest_of(target.value, _INSIDE, "Medication") if target and target.value is not resource.value else []
    resource.doc.note(resource.path, reason, "; ".join([*rest_of(resource.value, told), *drug]))


def _made(piece: _Piece, systems: CodeSystems, source_system: str) -> Statement:
    resource, medicine, frame, sig = piece.resource, piece.medicine, piece.frame, piece.sig
    order_id, identified = _identifiers(resource, systems)
    told: dict[str, object] = {
        "source": Source.HP,
        "source_system": source_system,
        **medicine.facts,
        "codes": (*medicine.codes, *sig.route_codes, *further([*identified, *_rest(piece)])),
        "route": sig.route,
        "unit_strengths": medicine.unit_strengths or sig.strengths,
        "dose_text": sig.text,
        "dosage": sig.dosage,
        "use": Use.PRN if sig.needed else frame.use,
        "status": piece.status,
        "aside": frame.aside,
        "order_id": order_id,
        "version": _version(resource),
        "indication": _reasons(resource, frame),
        "reason": frame.reason,
        "change": frame.change,
        "note": _note(resource, medicine, sig.beside),
        "place": resource.place,
        "quantity": sig.quantity,
        "exchange_reserved": frame.exchange_reserved,
        "author": _actor(resource.one("requester") or _performer(resource)),
    }
    return statement_of(told | _BY_TYPE[resource.type](piece))


def _rest(piece: _Piece) -> list[str]:
    resource = piece.resource
    whole = _WHOLE[resource.type]
    left = {name: item for name, item in resource.value.items() if name not in whole}
    about = left.get("subject")
    if isinstance(about, dict) and about.keys() <= _PLAIN_PERSON:
        del left["subject"]
    own = _left(left, resource) if left else ()
    inside = _contained(resource) if "contained" in resource.value else ()
    return [*piece.frame.rest, *own, *piece.sig.rest, *piece.medicine.rest, *inside]


def _left(left: JsonObject, resource: Element) -> list[str]:
    """The rest of what belongs to one order; made once in a message where it is the same (mostly who ordered)."""
    known, key = resource.doc.rests, f"{resource.type} {left!r}"
    if key not in known:
        known[key] = rest_of(left, _TOLD[resource.type])
    return known[key]


def _request(piece: _Piece) -> _Own:
    resource, frame, sig = piece.resource, piece.frame, piece.sig
    kind, copied = _request_kind(piece)
    day = resource.day("authoredOn")
    stops = frame.aside is None and piece.status in _STOPS and not frame.forbids
    reported = copied and "reportedReference" in resource.value
    return {
        "kind": kind,
        "type": StatementType.COPY if copied else None,
        # A stop is decided at the end of its period; without one, the order's day is a weak date.
        "decided": None if copied else sig.end if stops else day,
        "recorded": day if copied or stops else None,
        "start": sig.start,
        "end": sig.end,
        "valid_to": sig.valid_to,
        "replaces": _replaced(resource) if "priorPrescription" in resource.value else (),
        "reported_by": _actor(resource.one("reportedReference")) if reported else None,
    }


def _request_kind(piece: _Piece) -> tuple[Kind, bool]:
    """The kind, and whether it is a copy: what was reported or planned, not ordered."""
    if piece.frame.aside is AsideReason.NOT_HOME:
        return Kind.ORDER, False
    if piece.frame.discharge:
        return Kind.DISCHARGE, False
    copied = piece.frame.copied or "reportedReference" in piece.resource.value
    return (Kind.HOME_LIST, True) if copied else (Kind.ORDER, False)


def _statement(piece: _Piece) -> _Own:
    resource = piece.resource
    period, moment = resource.one("effectivePeriod"), resource.day("effectiveDateTime")
    return {
        "kind": Kind.HOME_LIST,
        "type": StatementType.COPY,
        "recorded": resource.day("dateAsserted") or moment,
        "start": period.day("start") if period else None,
        "end": period.day("end") if period else None,
        "reported_by": _actor(resource.one("informationSource")),
    }


def _dispensing(piece: _Piece) -> _Own:
    resource = piece.resource
    handed = resource.day("whenHandedOver")
    done = piece.frame.status not in _NOT_YET
    targets = [p.resolved() or p for p in resource.all("authorizingPrescription")]
    orders = [v for t in targets for i in t.all("identifier") if (v := i.text("value"))]
    return {
        "kind": Kind.DISPENSING,
        "type": StatementType.COPY,
        "status": piece.status if piece.status is SaidStatus.REVOKED else None,
        "recorded": handed or (resource.day("whenPrepared") if done else None),
        "last_dispensed": handed,
        "prescription_id": orders[0] if orders else None,
    }


def _administration(piece: _Piece) -> _Own:
    resource = piece.resource
    performed = resource.one("effectivePeriod")
    day = resource.day("effectiveDateTime") or (performed.day("start") if performed else None)
    return {"kind": Kind.ORDER, "recorded": day, "aside": piece.frame.aside or AsideReason.NOT_HOME}


_BY_TYPE = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispensing,
    "MedicationAdministration": _administration,
}


def _identifiers(resource: Element, systems: CodeSystems) -> tuple[str | None, list[str]]:
    """The order's business identifier, and all else that identifiers say. Resource ids are no business keys."""
    if "identifier" not in resource.value:
        return None, []
    listed = resource.all("identifier")
    told = [(i.text("system") or "", i.text("value")) for i in listed]
    preferred = [v for s in systems.order_systems for system, v in told if system == s and v]
    chosen = next(iter(preferred or [v for _, v in told if v]), None)
    rest: list[str] = []
    for one, (system, value) in zip(listed, told, strict=True):
        if one.value.keys() <= _PLAIN_IDENTIFIER and one.value.get("use", "usual") in _USES:
            rest += [f"identifier={system}|{value}" if value != chosen else f"identifier.system={system}"]
        else:
            rest += [r for r in rest_of(one.value, path="identifier") if r != f"identifier.value={chosen}"]
    return chosen, rest


def _version(resource: Element) -> str | None:
    if "meta" not in resource.value:
        return None
    meta = resource.one("meta")
    return meta.text("versionId") if meta else None


def _reasons(resource: Element, frame: Frame) -> str | None:
    told = list(frame.reasons)
    if "reasonReference" not in resource.value:
        return ", ".join(told) or None
    for reference in resource.all("reasonReference"):
        target = reference.resolved()
        said = reference.text("display") or (target.concept_text("code") if target else None)
        told += [said] if said else []
    return ", ".join(told) or None


def _actor(reference: Element | None) -> Actor | None:
    """As `actor_of`, once for each way a worker is named in a message."""
    if reference is None:
        return None
    known, key = reference.doc.actors, repr(reference.value)
    if key.startswith("{'reference': '#"):
        return actor_of(reference)
    if key not in known:
        known[key] = actor_of(reference)
    return known[key]


def _performer(resource: Element) -> Element | None:
    performer = resource.one("performer")
    return performer.one("actor") if performer else None


def _note(resource: Element, medicine: Medicine, beside: tuple[str, ...]) -> str | None:
    said = [t for n in resource.all("note") if (t := n.text("text"))] if "note" in resource.value else []
    extra = [medicine.note] if medicine.note else []
    return "\n".join([*extra, *beside, *said]) or None


def _replaced(resource: Element) -> tuple[str, ...]:
    prior = resource.one("priorPrescription")
    identifier = (prior.resolved() or prior).one("identifier") if prior else None
    value = identifier.text("value") if identifier else None
    return (value,) if value else ()


def _contained(resource: Element) -> list[str]:
    """Contained resources that are neither the medicine nor a statement of their own."""
    inside = resource.all("contained")
    drug = medication_of(resource)
    found: list[str] = []
    for one in inside:
        if (drug and one.value is drug.value) or one.type in TYPES | {"Patient", "AllergyIntolerance"}:
            continue
        found += rest_of(one.value, _ACTOR if one.type in _ACTORS else _INSIDE, f"contained({one.type})")
    return found
