"""Looks into what SFM nests: extensions inside extensions, identifiers known by words, a drug by its name in FEST."""

from dataclasses import replace
from datetime import date

from formats.drug import strength_at_end
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.medicine import Medicine, medicine_of
from formats.statement import Code


def inner(outer: Element | None, *names: str) -> Element | None:
    """The extension reached by `names`, one inside the other."""
    for name in names:
        outer = outer.extension(name) if outer else None
    return outer


def string(outer: Element | None, *names: str) -> str | None:
    """The text of the extension reached by `names`."""
    found = inner(outer, *names)
    return found.text("valueString") if found else None


def coded(outer: Element | None, *names: str) -> Code | None:
    """The first code of the extension reached by `names`."""
    found = inner(outer, *names)
    return next(iter(found.codings("valueCodeableConcept")), None) if found else None


def day(outer: Element | None, *names: str) -> date | None:
    """The calendar day of the extension reached by `names`."""
    found = inner(outer, *names)
    return (found.day("valueDate") or found.day("valueDateTime")) if found else None


def typed_id(resource: Element, kind: str) -> str | None:
    """The identifier whose type says `kind` ("pll", "reseptid", "m10id"), whatever the case."""
    found = (i.text("value") for i in resource.all("identifier") if (i.concept_text("type") or "").lower() == kind)
    return next((f for f in found if f), None)


def drug_of(resource: Element, systems: CodeSystems) -> Medicine | None:
    """The medicine, its strength read off its name as in M1: SFM shows FEST's NavnFormStyrke, which ends in it."""
    medicine = medicine_of(resource, systems)
    if medicine is None or medicine.strength:
        return medicine
    strength, quantities = strength_at_end(medicine.name)
    return replace(medicine, strength=strength or None, unit_strengths=quantities)
