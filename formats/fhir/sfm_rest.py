"""What an SFM resource says and no field of a statement holds: kept in one code, as for R4 (`rest.py`).

Left out on purpose: which paragraph of reimbursement, when FEST was read, and flags for sending; they say nothing of
what is taken. "false" says nothing either. A structured dose is told where it was understood, and kept where not.
"""

import re

from formats.fhir.element import Element
from formats.fhir.rest import RESOURCE, Told, further, rest_of
from formats.statement import Code

_CODED: Told = {"valueCodeableConcept": {"coding": {"code": True, "system": True, "display": True}}}
_EXTENSION = re.compile(r"extension\(([^)]*)\)")
_WORDS: Told = {"text": True, "coding": {"display": True}}
_MEDICATION: Told = {"display": True, "identifier": True}
_RESOURCE: Told = {**RESOURCE, "subject": True, "identifier": True, "medicationCodeableConcept": True}
_DOSAGE: Told = {
    "sequence": True,
    "text": True,
    "patientInstruction": True,
    "additionalInstruction": _WORDS,
    "extension": {
        "sfm-use": _CODED,
        "sfm-shortdosage": _CODED,
        "sfm-application-area": {"extension": {"text": True}},
    },
}
_AMENDED: Told = {
    "lastchanged": True,
    "festupdate": True,
    "dssn": True,
    "typeresept": _CODED,
    "note": True,
    "reimbursementparagraph": True,
    "createeresept": True,
}
_UNDERSTOOD = frozenset({"reit", "amount", "numberofpackages", "itemgroup", "ereseptdosing"})
_PRESCRIBED: Told = {
    "reseptdate": True,
    "expirationdate": True,
    "recallinfo": {"extension": {"text": True}},
}
_OF_PRESCRIPTION = (*_PRESCRIBED, "rfstatus", "amount", "numberofpackages", "reit", "reimbursementcode")
_DISPENSING: Told = {
    **_RESOURCE,
    "medicationReference": _MEDICATION,
    "whenHandedOver": True,
    "quantity": {"value": True},
    "dosageInstruction": {"text": True, "sequence": True},
    "extension": {
        "sfm-dispenseinfo": {"extension": {"cancellation": True, "prescriptionid": True}},
        "sfm-intervention": {"extension": {"code": _CODED, "changetype": _CODED, "reason": True}},
    },
}
_SUMMED_UP: Told = {
    **dict.fromkeys(("varenavn", "varenummer", "sistutlevert", "antallpkntotalt", "antallpknsiste"), True),
    "pakningsstr": {"valueQuantity": {"value": True, "unit": True}},
}
_DELIVERY: Told = {
    "url": True,
    "extension": dict.fromkeys(("prescriptionid", "datefirstdose", "datelastdose", "deliverydoc", "refm10"), True),
}
_READ_OF_INFO = ("plldate", "substitute", "createpll", "relatedparties", "deliveryinformation", "warning")
_INFO: Told = {"url": True, "extension": dict.fromkeys(_READ_OF_INFO, True)}


_BASIC: Told = {"extension": {"sfm-pllinformation": True}}


def rest_of_line(line: Element, medicine: tuple[str, ...], told: frozenset[str], of: str) -> tuple[Code, ...]:
    """The rest of a MedicationStatement and its medicine, for the statement `of` it: "pll" or "prescription".

    `told`: "pll" and "prescription" for the statements made of it, names of what was understood in it ("status",
    "ereseptdosing", "amount", "numberofpackages", "reit", "effective", "itemgroup"), and the paths of the registrations
    whose author and day were taken. Where both are made of it, each carries what is its own: a list entry is no other
    one because its prescription was dispensed.
    """
    beside = of == "pll" and "prescription" in told
    amended: Told = {
        **_AMENDED,
        **dict.fromkeys(told & _UNDERSTOOD, True),
        **(_PRESCRIBED if "prescription" in told else {}),
        **(dict.fromkeys(_OF_PRESCRIPTION, True) if beside else {}),
    }
    dated: Told = {"sistutlevert": "prescription" in told}
    extensions: Told = {
        "sfm-reseptamendment": {"extension": amended},
        "effectivedatetime": True,
        "sfm-reginfo": True,
        "sfm-discontinuation": (of == "prescription" and "pll" in told) or {"extension": {"timedate": "pll" in told}},
        "sfm-generic-substitution": {"extension": {"genericsubstitutionaccepted": True}},
        "sfm-administration": {"extension": {"mddispensed": True}},
        "sfm-deliverysummary": beside or {"extension": _SUMMED_UP if "deliverysummary" in told else dated},
    }
    shape: Told = {
        **_RESOURCE,
        "status": "status" in told,
        "medicationReference": _MEDICATION,
        "effectiveDateTime": "effective" in told,
        "dosage": _DOSAGE,
        "extension": extensions,
    }
    rest = rest_of(line.value, shape)
    others = (info for info in line.extensions("sfm-reginfo") if info.path not in told)
    rest += [r for info in others for r in rest_of(info.value, {"url": True}, "registration")]
    return _kept([*medicine, *rest, *_identifiers(line, {"pll", "treatmentid", "reseptid"})])


def rest_of_dispensing(resource: Element, medicine: tuple[str, ...]) -> tuple[Code, ...]:
    """The rest of a MedicationDispense and its medicine."""
    plain = resource.text("status") == "completed"
    rest = rest_of(resource.value, {**_DISPENSING, "status": plain})
    return _kept([*medicine, *rest, *_identifiers(resource, {"m10id"})])


def rest_of_delivery(delivery: Element, medicine: tuple[str, ...]) -> tuple[Code, ...]:
    """The rest of what M25.3 says of one delivery."""
    return _kept([*medicine, *rest_of(delivery.value, _DELIVERY, "delivery")])


def rest_of_info(told: Element) -> str:
    """What an `sfm-pllInformation` says beside what is read of it, in words."""
    return "; ".join(_plain(rest_of(told.value, _INFO, "pll")))


def rest_of_basic(info: Element) -> str:
    """Extensions of a list's Basic that are not its `sfm-pllInformation`: whatever they hold is not read, and shown."""
    return "; ".join(_plain(rest_of({"extension": info.value.get("extension", [])}, _BASIC, "pll")))


def rest_of_supply(resource: Element) -> tuple[Code, ...]:
    """All that a prescription of other goods says."""
    return _kept([*rest_of(resource.value, {**RESOURCE, "subject": True, "identifier": True}),
                  *_identifiers(resource, {"reseptid"})])  # fmt: skip


def _kept(rest: list[str]) -> tuple[Code, ...]:
    return further(_plain(rest))


def _plain(rest: list[str]) -> list[str]:
    """Short paths, without what says no, and without types of references (profile addresses, against FHIR)."""
    said = [r for r in dict.fromkeys(rest) if not r.endswith("=false") and ".type=http" not in r]
    return [_EXTENSION.sub(r"\1", path).replace(".valueCodeableConcept", "") + "=" + words for path, _, words in
            (r.partition("=") for r in said)]  # fmt: skip


def _identifiers(resource: Element, told: set[str]) -> list[str]:
    """Identifiers of other kinds than those that have a field."""
    others = (i for i in resource.all("identifier") if (i.concept_text("type") or "").lower() not in told)
    return [r for i in others for r in rest_of(i.value, {"use": True}, "identifier")]
