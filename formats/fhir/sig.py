"""How a medicine is to be taken and how much of it was ordered: the part of an order that is the same for many people.

The dose as said, our structure of it where all of it is certain, the route, the first and last day, the supply; and
every leaf that these do not hold. It names nobody and is made once for each content (`memory`).
"""

from dataclasses import dataclass
from datetime import date

from formats.dosing import Dosage
from formats.drug import Quantity
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.frame import words
from formats.fhir.memory import Memory
from formats.fhir.rest import Told, rest_of
from formats.fhir.timing import dosage_of, strength_ordered
from formats.statement import Code

SIGNATURE = ("dosageInstruction", "dosage", "dispenseRequest", "quantity")
"""The elements a sig is made of."""

_QUANTITY: Told = {"value": True, "unit": True}
_SUPPLY: Told = {
    "dispenseRequest": {"validityPeriod": {"end": True}, "quantity": _QUANTITY},
    "quantity": _QUANTITY,
}
_WORDS: Told = {
    "text": True,
    "patientInstruction": True,
    "asNeededBoolean": True,
    "additionalInstruction": {"text": True},
    "asNeededCodeableConcept": {"text": True},
    "route": {"coding": {"code": True, "system": True, "display": True}},
}
_DOSE: Told = {"value": True, "unit": True}
_STRUCTURE: Told = {
    **_WORDS,
    "sequence": True,
    "timing": {"repeat": True},
    "doseAndRate": {"doseQuantity": _DOSE, "doseRange": {"low": _DOSE, "high": _DOSE}},
    "maxDosePerPeriod": {"numerator": _DOSE, "denominator": _DOSE},
}
_SEVERAL_DOSES: Told = {k: v for k, v in _STRUCTURE.items() if k != "doseAndRate"}


_DOSAGES = ("dosageInstruction", "dosage")
_SENTENCES = frozenset({"text", "patientInstruction"})
"""What an order says in words; Epic writes its first day into them, so that they differ where nothing else does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Structure:
    """What dosages say beside their sentences.

    `strengths`: of one unit, where mass and pieces are both told. `end` is the last day only where each dosage has one.
    `altered`: a modifierExtension changes what is said here.
    """

    dosage: Dosage | None
    strengths: tuple[Quantity, ...]
    needed: bool
    route: str | None
    route_codes: tuple[Code, ...]
    start: date | None
    end: date | None
    rest: tuple[str, ...]
    altered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sig(_Structure):
    """`beside`: what is said beside the dose. `unclear`: a dose told in structure alone that we do not understand."""

    text: str | None
    beside: tuple[str, ...]
    valid_to: date | None
    quantity: str | None
    unclear: str


def _sig(resource: Element, systems: CodeSystems, _words: str) -> Sig:
    text, beside = _texts(_dosages(resource))
    structure = _STRUCTURES.of({n: _wordless(resource.value.get(n)) for n in _DOSAGES}, resource, systems)
    supply = resource.one("dispenseRequest")
    validity = supply.one("validityPeriod") if supply else None
    rest = structure.rest
    return Sig(
        text=text,
        beside=tuple(beside),
        dosage=structure.dosage,
        strengths=structure.strengths,
        needed=structure.needed,
        route=structure.route,
        route_codes=structure.route_codes,
        start=structure.start,
        end=structure.end,
        valid_to=validity.day("end") if validity else None,
        quantity=_quantity(supply) or _quantity(resource),
        rest=(*rest, *rest_of(resource.value, {**_SUPPLY, "dosageInstruction": True, "dosage": True})),
        unclear="; ".join(rest) if rest and text is None and structure.dosage is None else "",
        altered=structure.altered,
    )


def _dosages(resource: Element) -> list[Element]:
    return [d for name in _DOSAGES for d in resource.all(name)]


def _wordless(said: object) -> object:
    """Dosages without their sentences."""
    if isinstance(said, list):
        return [_wordless(d) for d in said]
    return {n: v for n, v in said.items() if n not in _SENTENCES} if isinstance(said, dict) else said


def _structure(resource: Element, systems: CodeSystems, _words: str) -> _Structure:
    dosages = _dosages(resource)
    routes = {systems.route_of(d.codings("route"), d.concept_text("route")) for d in dosages if d.value.get("route")}
    dosage = dosage_of(dosages, systems)
    start, end = _period(dosages)
    return _Structure(
        dosage=dosage,
        strengths=strength_ordered(dosages, systems),
        needed=any(d.flag("asNeededBoolean") or "asNeededCodeableConcept" in d.value for d in dosages),
        route=routes.pop() if len(routes) == 1 else None,
        route_codes=tuple(dict.fromkeys(c for d in dosages for c in d.codings("route"))),
        start=start,
        end=end,
        rest=tuple(_rest_of_dosages(dosages, dosage)),
        altered=any("modifierExtension" in d.value for d in dosages),
    )


def _rest_of_dosages(dosages: list[Element], structure: Dosage | None) -> list[str]:
    found = []
    for dosage in dosages:
        several = len(dosage.all("doseAndRate")) > 1
        told = _WORDS if structure is None else _SEVERAL_DOSES if several else _STRUCTURE
        found += rest_of(dosage.value, told, "dosage")
    return found


def _texts(dosages: list[Element]) -> tuple[str | None, list[str]]:
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
        beside += [w for i in dosage.all("additionalInstruction") if (w := words(i))]
        needed = dosage.concept_text("asNeededCodeableConcept")
        beside += [needed] if needed else []
    return "\n".join(main) or None, beside


def _period(dosages: list[Element]) -> tuple[date | None, date | None]:
    """First and last day over all dosages; the last only where each of them has one."""
    starts, ends = [], []
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


_STRUCTURES: Memory[_Structure] = Memory(_structure)
SIGS: Memory[Sig] = Memory(_sig)
