"""FHIR R4 both ways: what SFM and R4 journals say (`read_json`), and the document we write (`document`, `check`)."""

from formats.fhir.bundle import top_of
from formats.fhir.codes import DEFAULT, CodeSystems
from formats.fhir.r4 import read_r4
from formats.fhir.sfm import is_sfm, read_sfm
from formats.jsondoc import JsonDoc
from formats.statement import Reading

__all__ = ["CodeSystems", "read_json"]


def read_json(doc: JsonDoc, systems: CodeSystems = DEFAULT) -> Reading:
    """The reading of a FHIR message. Raises `FormatError`: unknown-message, two-persons, too-deep."""
    top = top_of(doc)
    return read_sfm(top, systems) if is_sfm(top) else read_r4(top, systems)
