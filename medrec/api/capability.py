"""What the FHIR face has: the one table its addresses and its CapabilityStatement are made from."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

SEARCHES: Mapping[str, frozenset[str]] = {
    "List": frozenset({"patient", "subject", "code", "status", "_id"}),
    "MedicationStatement": frozenset({"patient", "subject", "status", "_id"}),
    "DetectedIssue": frozenset({"patient", "status", "code", "_id"}),
    "Provenance": frozenset({"patient", "_id"}),
}
"""Kinds that can be searched, and by what."""
STATUSES: Mapping[str, frozenset[str]] = {
    "List": frozenset({"current", "retired", "entered-in-error"}),
    "MedicationStatement": frozenset(
        {"active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"}
    ),
    "DetectedIssue": frozenset(
        {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
    ),
}
"""The codes of FHIR R4 that `status` may have, by kind."""
TYPES = (
    *SEARCHES,
    *("Patient", "Medication", "MedicationRequest", "MedicationDispense", "AllergyIntolerance", "Practitioner"),
    *("Organization", "Device", "Composition"),
)
"""Kinds that can be read."""
_FILLED = {"patient": "reference", "subject": "reference", "code": "token", "status": "token", "_id": "token"}
_OPERATIONS = {"Patient": ("medication-list",), "List": ("confirm",)}
_SINCE = "2026-11-25"


def statement(base: str) -> dict[str, Any]:
    """The CapabilityStatement of this installation."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _SINCE,
        "kind": "instance",
        "software": {"name": "medrec", "version": version("medrec")},
        "implementation": {"description": "Reconciled medication lists", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer token of a system; each read is logged."},
                "resource": [_kind(kind, base) for kind in TYPES],
            }
        ],
    }


def _kind(kind: str, base: str) -> dict[str, Any]:
    does = ["read"] + (["search-type"] if kind in SEARCHES else [])
    does += ["vread", "history-instance"] if kind == "List" else []
    told: dict[str, Any] = {"type": kind, "interaction": [{"code": code} for code in does]}
    if kind in SEARCHES:
        told["searchParam"] = [{"name": name, "type": _FILLED[name]} for name in sorted(SEARCHES[kind])]
    if kind == "List":
        told["versioning"] = "versioned"
        told["searchInclude"] = ["List:item"]
    operations = _OPERATIONS.get(kind, ())
    if operations:
        told["operation"] = [{"name": n, "definition": f"{base}/OperationDefinition/{n}"} for n in operations]
    return told
