"""What a FHIR resource says about which medicine it speaks of: a CodeableConcept, or a Medication contained or beside.

Codes and words are both kept; where they tell of different things nothing is chosen here (fhir.md, "no drug is made
from text that contradicts its codes").
"""

from dataclasses import dataclass

from formats.drug import AtcCode, FestId, Quantity, Varenr, canonical_unit, read_strength
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.statement import Code

_PIECES = frozenset({"tablett", "kapsel", "plaster", "stikkpille", "vagitorie", "pose", "dose", "ampulle"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """The facts a statement takes from its medication. `note`: another name said beside `name`."""

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


def medicine_of(resource: Element, systems: CodeSystems) -> Medicine | None:
    """The medicine of a medication resource; `None` where the message does not tell which it is."""
    reference = resource.one("medicationReference")
    beside = (reference.text("display") if reference else None) or ""
    medication = reference.resolved() if reference else None
    if medication is not None and medication.type == "Medication":
        return _from_medication(medication, beside, systems)
    concept = resource.one("medicationCodeableConcept")
    if concept is not None:
        codes = concept.codings_here()
        return _made(codes, concept.text("text") or _display(codes, systems), beside, systems)
    return _made((), beside, "", systems)


def _from_medication(medication: Element, beside: str, systems: CodeSystems) -> Medicine | None:
    codes = (*medication.codings("code"), *_classification(medication))
    concept = medication.one("code")
    details = medication.extension("sfm-medicationdetails")
    local = details.extension("name") if details else None
    name = (
        (concept.text("text") if concept else None)
        or _display(codes, systems)
        or (local.text("valueString") if local else None)
        or beside
        or " + ".join(c.text for c in _ingredients(medication) if c.text)
    )
    made = _made(codes, name, beside, systems)
    if made is None:
        return None
    form_codes = medication.codings("form")
    strength, quantities = _strength(medication, systems)
    return Medicine(
        name=made.name,
        atc=made.atc,
        varenr=made.varenr,
        fest_id=made.fest_id,
        codes=made.codes + _ingredients(medication),
        form=medication.concept_text("form"),
        form_code=systems.form_of(form_codes),
        strength=strength,
        unit_strengths=quantities,
        note=made.note,
    )


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
