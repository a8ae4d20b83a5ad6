"""What SFM tells of what pharmacies handed over: each report (MedicationDispense), and each line's own summary."""

from collections.abc import Iterable
from dataclasses import replace

from formats.drug import Varenr, strength_at_end
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.person import actor_of
from formats.fhir.sfm_rest import rest_of_dispensing
from formats.fhir.sfm_told import coded, day, drug_of, inner, string, typed_id
from formats.statement import AsideReason, Code, Kind, Source, Statement, StatementType


def summed_up(line: Element, base: Statement) -> list[Statement]:
    """What was last handed over on this line's prescription (`sfm-deliverysummary`), as M9.6 tells it of each package.

    It may be another product than was prescribed. None where the summary names no product.
    """
    told = line.extension("sfm-deliverysummary")
    name = string(told, "varenavn")
    if told is None or name is None:
        return []
    number, last = string(told, "varenummer"), day(told, "sistutlevert")
    varenr = Varenr.read(number)
    strength, quantities = strength_at_end(name)
    in_all, packs, size = (_count(told, n) for n in ("antallpkntotalt", "antallpknsiste", "pakningsstr"))
    kept = ((number if not varenr else None, "Varenr"), (in_all, "AntallPakningerUtlevertTotalt"))
    statement = Statement(
        source=Source.RF,
        kind=Kind.DISPENSING,
        name=name,
        varenr=varenr,
        codes=tuple(Code(value, system) for value, system in kept if value),
        strength=strength or None,
        unit_strengths=quantities,
        type=StatementType.COPY,
        recorded=last,
        last_dispensed=last,
        prescription_id=base.prescription_id,
        quantity=f"{packs} x {size}" if packs and size else packs,
        aside=base.aside,
        place=told.place,
    )
    return [statement]


def _count(told: Element, name: str) -> str | None:
    """A number of packages, or the size of one with its unit."""
    extension = told.extension(name)
    size = extension.one("valueQuantity") if extension else None
    value = size.number("value") if size else extension.number("valueDecimal") if extension else None
    unit = (size.text("unit") if size else None) or ""
    return None if value is None else f"{value.normalize():f} {unit}".strip()


def dispensings(resources: Iterable[Element], systems: CodeSystems) -> list[Statement]:
    """What pharmacies handed over; what was cancelled is set aside, and with it what it cancels.

    An annulment is a report of its own (M10). SFM does not tell which report it takes back: it is one on the same
    prescription, of the same product, of that day or the only one before.
    """
    found = [s for resource in resources for s in _dispensing(resource, systems)]
    for annulment in [s for s in found if s.aside is AsideReason.CANCELLED]:
        at = _taken_back(annulment, found)
        if at is not None:
            found[at] = replace(found[at], aside=AsideReason.CANCELLED)
    return found


def _taken_back(annulment: Statement, found: list[Statement]) -> int | None:
    """The place of the report that the annulment takes back."""
    same = [
        n
        for n, s in enumerate(found)
        if s.aside is None and s.prescription_id == annulment.prescription_id is not None and s.name == annulment.name
    ]
    that_day = [n for n in same if found[n].recorded == annulment.recorded]
    return that_day[0] if that_day else same[0] if len(same) == 1 else None


def _dispensing(resource: Element, systems: CodeSystems) -> list[Statement]:
    medicine = drug_of(resource, systems)
    if resource.type != "MedicationDispense" or medicine is None:
        if resource.type == "MedicationDispense":
            resource.doc.note(resource.path, "medication-not-in-message", "")
        return []
    info = resource.extension("sfm-dispenseinfo")
    cancelled = inner(info, "cancellation")
    amount = resource.one("quantity")
    value = amount.number("value") if amount else None
    handed = resource.day("whenHandedOver")
    performer = resource.one("performer")
    instruction = resource.one("dosageInstruction")
    statement = Statement(
        source=Source.RF,
        kind=Kind.DISPENSING,
        **medicine.facts,
        codes=medicine.codes + rest_of_dispensing(resource, medicine.rest),
        dose_text=instruction.text("text") if instruction else None,
        type=StatementType.COPY,
        recorded=handed,
        last_dispensed=handed,
        prescription_id=string(info, "prescriptionid") or _authorising(resource),
        order_id=typed_id(resource, "m10id"),
        quantity=None if value is None else format(value.normalize(), "f"),
        intervention=_intervention(resource),
        author=actor_of(performer.one("actor") if performer else None),
        note=medicine.note,
        aside=AsideReason.CANCELLED if _is_cancelled(resource, cancelled) else None,
        place=resource.place,
    )
    return [statement]


def _is_cancelled(resource: Element, cancelled: Element | None) -> bool:
    gone = {"cancelled", "entered-in-error", "declined", "stopped"}
    return bool(cancelled and cancelled.flag("valueBoolean")) or resource.text("status") in gone


def _authorising(resource: Element) -> str | None:
    target = resource.target("authorizingPrescription")
    return typed_id(target, "reseptid") if target else None


def _intervention(resource: Element) -> str | None:
    words: list[str] = []
    for told in resource.extensions("sfm-intervention"):
        codes = [coded(told, "code"), coded(told, "changetype")]
        words += [f"{c.value} {c.text}".strip() for c in codes if c]
        words += [w] if (w := string(told, "reason")) else []
    return "; ".join(words) or None
