"""What a FHIR resource says about which medicine it speaks of: a CodeableConcept, or a Medication contained or beside.

Codes and words are both kept; where they tell of different things nothing is chosen here (fhir.md, "no drug is made
from text that contradicts its codes").
"""

from dataclasses import dataclass, replace
from typing import TypedDict

from formats.drug import AtcCode, FestId, Quantity, Varenr, canonical_unit, read_strength
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.memory import Memory
from formats.fhir.rest import RESOURCE, Told, rest_of
from formats.statement import Code

_PIECES = frozenset({"tablett", "kapsel", "plaster", "stikkpille", "vagitorie", "pose", "dose", "ampulle"})


_TOLD_CONCEPT: Told = {"text": True, "coding": {"code": True, "system": True, "display": True}}
_TOLD: Told = {
    **RESOURCE,
    "code": {"text": True, "coding": {"code": True, "system": True, "display": True}},
    "form": {"text": True},
    "ingredient": {"itemCodeableConcept": {"coding": {"code": True, "system": True, "display": True}}},
    "extension": {"legemiddel-classification": True, "sfm-medicationdetails": True},
}


class Facts(TypedDict):
    """The fields of a statement that its medicine tells."""

    name: str
    atc: AtcCode | None
    varenr: Varenr | None
    fest_id: FestId | None
    form: str | None
    form_code: str | None
    strength: str | None
    unit_strengths: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """The facts a statement takes from its medication. `note`: another name said beside `name`.

    `rest`: what else was said of it, with its path. `altered`: something in it changes its meaning in a way we do not
    know (modifierExtension).
    """

    name: str
    atc: AtcCode | None = None
    varenr: Varenr | None = None
    fest_id: FestId | None = None
    codes: tuple[Code, ...] = ()
    form: str | None = None
    form_code: str | None = None
    strength: str | None = None
    unit_strengths: tuple[Quantity, ...] = ()
    note: str | None = None
    rest: tuple[str, ...] = ()
    altered: bool = False

    @property
    def facts(self) -> Facts:
        """What every statement about it holds, as its fields."""
        return {
            "name": self.name,
            "atc": self.atc,
            "varenr": self.varenr,
            "fest_id": self.fest_id,
            "form": self.form,
            "form_code": self.form_code,
            "strength": self.strength,
            "unit_strengths": self.unit_strengths,
        }


def medicine_of(resource: Element, systems: CodeSystems) -> Medicine | None:
    """The medicine of a medication resource; `None` where the message does not tell which it is.

    A reference and a concept that stand side by side (FHIR allows one) are both kept: where their codes differ, none
    of them is the code.
    """
    reference = resource.one("medicationReference")
    medication = medication_of(resource, reference)
    concept = resource.one("medicationCodeableConcept")
    beside = (reference.text("display") if reference else None) or ""
    told = _CONCEPTS.of(concept.value, concept, systems) if concept else None
    if medication is not None and medication.type == "Medication":
        content = {n: v for n, v in medication.value.items() if n != "id"}  # the same drug has another id in each order
        found = _DRUGS.of(content, medication, systems, beside)
    elif reference is not None:
        found = _named(reference, beside, systems)
    else:
        return told
    if found is None or told is None:
        return found or told
    return _both(found, told, systems)


def medication_of(resource: Element, reference: Element | None = None) -> Element | None:
    """What the `medicationReference` of this resource (given or not) leads to in the message; looked for once."""
    known, key = resource.doc.medications, id(resource.value)
    if key not in known:
        reference = reference or resource.one("medicationReference")
        known[key] = reference.resolved() if reference else None
    return known[key]


def _named(reference: Element, beside: str, systems: CodeSystems) -> Medicine | None:
    """A reference that leads nowhere in the message: its words, and the identifier it may carry."""
    identifier = reference.one("identifier")
    value = (identifier.text("value") if identifier else None) or ""
    codes = (Code(value, (identifier.text("system") if identifier else None) or ""),) if value else ()
    made = _made(codes, beside, "", systems)
    told: Told = {"display": True, "identifier": {"value": True, "system": True}}
    return replace(made, rest=tuple(rest_of(reference.value, told, "medicationReference"))) if made else None


def _both(found: Medicine, told: Medicine, systems: CodeSystems) -> Medicine:
    codes = tuple(dict.fromkeys(found.codes + told.codes))
    words = [w for w in (found.note, told.name if told.name != found.name else None, told.note) if w]
    return replace(
        found,
        atc=systems.atc_of(codes),
        varenr=systems.varenr_of(codes),
        fest_id=systems.fest_of(codes),
        codes=codes,
        note="\n".join(words) or None,
        rest=found.rest + told.rest,
    )


def _from_concept(concept: Element, systems: CodeSystems, _words: str) -> Medicine | None:
    codes = concept.codings_here()
    made = _made(codes, concept.text("text") or _display(codes, systems), "", systems)
    rest = tuple(rest_of(concept.value, _TOLD_CONCEPT, "medicationCodeableConcept"))
    return replace(made, rest=rest) if made and rest else made


def _from_medication(medication: Element, systems: CodeSystems, beside: str) -> Medicine | None:
    codes = (*medication.codings("code"), *_classification(medication))
    concept = medication.one("code")
    details = medication.extension("sfm-medicationdetails")
    local = details.extension("name") if details else None
    name = (
        (concept.text("text") if concept else None)
        or _display(codes, systems)
        or (local.text("valueString") if local else None)
        or beside
        or " + ".join(_substances(medication))
    )
    made = _made(codes, name, beside, systems)
    if made is None:
        return None
    form_codes = medication.codings("form")
    strength, quantities = _strength(medication, systems)
    return replace(
        made,
        codes=made.codes + _ingredients(medication),
        form=medication.concept_text("form"),
        form_code=systems.form_of(form_codes),
        strength=strength,
        unit_strengths=quantities,
        rest=tuple(rest_of(medication.value, _TOLD, "")),
        altered="modifierExtension" in medication.value,
    )


def _substances(medication: Element) -> list[str]:
    words = [c.text for c in _ingredients(medication) if c.text]
    references = [r for i in medication.all("ingredient") if (r := i.one("itemReference"))]
    return words + [d for r in references if (d := r.text("display"))]


def _made(codes: tuple[Code, ...], name: str, beside: str, systems: CodeSystems) -> Medicine | None:
    shown = name or beside or next((c.value for c in codes if c.value), "")
    if not shown:
        return None
    other = beside if beside and " ".join(beside.casefold().split()) != " ".join(shown.casefold().split()) else None
    return Medicine(
        name=shown,
        atc=systems.atc_of(codes),
        varenr=systems.varenr_of(codes),
        fest_id=systems.fest_of(codes),
        codes=codes,
        note=other,
    )


def _display(codes: tuple[Code, ...], systems: CodeSystems) -> str:
    """The words of a product coding before those of ATC, which names a substance or a group."""
    said = [c for c in codes if c.text]
    products = [c for c in said if systems.atc_of((c,)) is None]
    return next((c.text for c in (*products, *said)), "")


def _classification(medication: Element) -> tuple[Code, ...]:
    found: list[Code] = []
    for extension in medication.extensions("legemiddel-classification"):
        for holder in (extension, *extension.all("extension")):
            found += holder.codings("valueCodeableConcept")
            coding = holder.one("valueCoding")
            if coding:
                found.append(Code(coding.text("code") or "", coding.text("system") or "", coding.text("display") or ""))
    return tuple(found)


def _ingredients(medication: Element) -> tuple[Code, ...]:
    """Substances as said: kept as codes, for the catalogue's names decide what they are."""
    found: list[Code] = []
    for ingredient in medication.all("ingredient"):
        codings = ingredient.codings("itemCodeableConcept")
        text = ingredient.concept_text("itemCodeableConcept")
        found += codings or ((Code("", "ingredient", text),) if text else ())
    return tuple(found)


def _strength(medication: Element, systems: CodeSystems) -> tuple[str | None, tuple[Quantity, ...]]:
    """The strength as text and per dosing unit; quantities only where each active ingredient has a certain one."""
    ratios = [
        i.one("strength")
        for i in medication.all("ingredient")
        if i.flag("isActive") is not False and i.value.get("strength")
    ]
    parts = [_ratio(r, systems) for r in ratios if r]
    if not parts:
        return None, ()
    text = " / ".join(t for t, _ in parts)
    every = [q for _, q in parts]
    certain = len(parts) == len([i for i in medication.all("ingredient") if i.flag("isActive") is not False])
    quantities = tuple(q for q in every if q) if certain and all(every) else ()
    return text, quantities or read_strength(text)


def _ratio(ratio: Element, systems: CodeSystems) -> tuple[str, Quantity | None]:
    top, bottom = ratio.one("numerator"), ratio.one("denominator")
    value, share = (top.number("value") if top else None), (bottom.number("value") if bottom else None)
    unit = (top.text("unit") or top.text("code") or "") if top else ""
    per = (bottom.text("code") or bottom.text("unit") or "") if bottom else ""
    text = f"{value} {unit}".strip() + (f"/{share} {per}".rstrip() if per and per != "1" else "")
    if value is None or not unit or (share is not None and share <= 0):
        return text, None
    each = value / share if share else value
    if share and each * share != value:
        return text, None
    piece = systems.unit_of(per)
    if not per or per == "1" or piece in _PIECES:
        return text, Quantity(each, canonical_unit(unit))
    return text, Quantity(each, f"{canonical_unit(unit)}/{canonical_unit(per)}") if piece in {"ml", "g"} else None


_DRUGS: Memory[Medicine | None] = Memory(_from_medication)
_CONCEPTS: Memory[Medicine | None] = Memory(_from_concept)
