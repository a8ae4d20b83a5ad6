"""What SFM says of multidose rolls (M25.3) and of prescriptions of other goods than medicines -> statements."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from formats.dates import day_after
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.medicine import Medicine
from formats.fhir.sfm_lines import changed_on, dose_text
from formats.fhir.sfm_rest import rest_of_basic, rest_of_delivery, rest_of_info, rest_of_supply
from formats.fhir.sfm_told import day, drug_of, string, typed_id
from formats.statement import AsideReason, Code, Kind, SaidStatus, Source, Statement, StatementType

_KINDS = {"M25.1", "M25.2", "M25.3", "M9.12"}


def rolls(info: Element, systems: CodeSystems, reports: Mapping[str, Element]) -> list[Statement]:
    """What M25.3 says was packed: one multidose statement for each delivery, of the medicine that was handed over.

    `packed` is the day it was handed over, else the day of the M25.3; `start` the first dose, `next_roll` the day after
    the last. `reports`: the dispensings by their M10 id, for a delivery whose own document is not in the message.
    """
    found = []
    kind = info.code("code")
    if strange := rest_of_basic(info):
        info.doc.note(info.path, "pll-info", strange)
    for told in info.extensions("sfm-pllinformation"):
        date_of_list = day(told, "plldate")
        warning = string(told, "warning")
        if warning:
            info.doc.note(told.path, "warning", warning)
        if further := rest_of_info(told):
            info.doc.note(told.path, "pll-info", further)
        for delivery in told.extensions("deliveryinformation"):
            prescription, handed = (_referred(delivery, n) for n in ("prescriptionid", "deliverydoc"))
            handed = handed or reports.get(string(delivery, "refm10") or "")
            medicine = next((m for r in (handed, prescription) if r and (m := drug_of(r, systems))), None)
            if medicine is None:
                info.doc.note(delivery.path, "medication-not-in-message", kind or "")
                continue
            packed = (handed.day("whenHandedOver") if handed else None) or date_of_list
            roll = _roll(delivery, medicine, prescription, handed, _packed_dose(handed, prescription, packed))
            told_on = (Code(date_of_list.isoformat(), "PLLdate"),) if date_of_list and date_of_list != packed else ()
            found.append(replace(roll, packed=packed, recorded=packed, codes=roll.codes + told_on))
    if kind not in _KINDS:
        info.doc.note(info.path, "unknown-kind", f"{kind or ''} {info.concept_text('code') or ''}".strip())
    if kind == "M25.2":
        info.doc.note(info.path, "pharmacy-question", info.concept_text("code") or "")
    return found


def _referred(delivery: Element, name: str) -> Element | None:
    extension = delivery.extension(name)
    return extension.target("valueReference") if extension else None


def _packed_dose(handed: Element | None, prescription: Element | None, packed: date | None) -> str | None:
    """The dose of what was handed over; where that is not told, the prescription's, if it is as it was at packing."""
    if handed is not None:
        instruction = handed.one("dosageInstruction")
        return instruction.text("text") if instruction else None
    changed = changed_on(prescription) if prescription else None
    same = changed is not None and packed is not None and changed < packed
    return dose_text(prescription) if prescription and same else None


def _roll(
    delivery: Element, medicine: Medicine, prescription: Element | None, handed: Element | None, dose: str | None
) -> Statement:
    last = day(delivery, "datelastdose")
    return Statement(
        source=Source.RF,
        kind=Kind.MULTIDOSE,
        **medicine.facts,
        codes=medicine.codes + rest_of_delivery(delivery, medicine.rest),
        dose_text=dose,
        type=StatementType.COPY,
        status=SaidStatus.ACTIVE,
        start=day(delivery, "datefirstdose"),
        next_roll=day_after(last) if last else None,
        in_multidose=True,
        prescription_id=typed_id(prescription, "reseptid") if prescription else None,
        order_id=string(delivery, "refm10") or (typed_id(handed, "m10id") if handed else None),
        place=delivery.place,
    )


def supply(resource: Element) -> Statement:
    """A prescription of other goods than medicines (sfm-BandaPrescription): told, and set aside."""
    names = [resource.concept_text("code"), *(_deep_names(resource))]
    return Statement(
        source=Source.RF,
        kind=Kind.PRESCRIPTION,
        name=next((n for n in names if n), resource.type),
        prescription_id=typed_id(resource, "reseptid"),
        codes=rest_of_supply(resource),
        aside=AsideReason.SUPPLY,
        place=resource.place,
    )


def _deep_names(resource: Element) -> list[str]:
    """Names in the extensions: their own names vary, so any that ends in "name" or "navn" is taken."""
    found: list[str] = []
    waiting = resource.all("extension")
    while waiting:
        extension = waiting.pop(0)
        address = (extension.text("url") or "").lower()
        if address.endswith(("name", "navn")) and (word := extension.text("valueString")):
            found.append(word)
        waiting += extension.all("extension")
    return found
