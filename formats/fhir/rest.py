"""What a resource says and a statement has no field for: kept as one text, so that no leaf of it is lost.

A reader names what it tells elsewhere in a table of the resource's own shape (`True`: all of it is told); every other
leaf is written down under its path, in document order. Ids of resources and generated narrative are no content: they
differ from answer to answer (fhir.md 1.3). Addresses inside one document are not either; those of a server are.
"""

from collections.abc import Mapping
from typing import TypeAlias, Union

from formats.statement import Code

Told: TypeAlias = Mapping[str, Union[bool, "Told"]]

FURTHER = "further elements"
"""The name under which the rest stands among a statement's codes."""

TEXT: Told = {"text": True}
NOTES: Told = {"text": True}
RESOURCE: Told = {
    "resourceType": True,
    "id": True,
    "meta": {"versionId": True, "lastUpdated": True, "profile": True, "source": True},
    "text": {"status": True, "div": True},
}
"""What stands at the top of every resource and is told in general."""

_NOTHING: Told = {}
_CODING = frozenset({"code", "system", "display", "version", "userSelected"})


def rest_of(value: object, told: Told = _NOTHING, path: str = "") -> list[str]:
    """Every leaf of `value` that `told` does not name, as "path=words", in the order of the document."""
    found: list[str] = []
    _walk(value, path, told, found)
    return found


def further(rest: list[str]) -> tuple[Code, ...]:
    """The rest as one code, none where everything is told."""
    return (Code("; ".join(rest), FURTHER),) if rest else ()


def _walk(value: object, path: str, told: Told, found: list[str]) -> None:
    if isinstance(value, dict):
        if "code" in value and path and _CODING.issuperset(value) and not told:
            found.append(f"{path}={_coding(value)}")
            return
        for name, item in value.items():
            known = told.get(name)
            if known is True or (name == "id" and path):
                continue
            if name == "reference" and str(item).startswith(("#", "urn:")):
                continue
            deeper = known if isinstance(known, Mapping) else _NOTHING
            if name in {"extension", "modifierExtension"} and isinstance(item, list):
                _extensions(item, f"{path}.{name}" if path else name, deeper, found)
            else:
                _walk(item, f"{path}.{name}" if path else name, deeper, found)
    elif isinstance(value, list):
        for item in value:
            _walk(item, path, told, found)
    elif value is not None and value != "":
        found.append(f"{path}={_word(value)}")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _coding(value: Mapping[str, object]) -> str:
    said = f"{value['system']}|{value['code']}" if "system" in value else str(value["code"])
    return " ".join([said, *(_word(value[name]) for name in ("display", "version", "userSelected") if name in value)])


def _extensions(items: list[object], path: str, told: Told, found: list[str]) -> None:
    """Extensions under the last part of their address; one that `told` names by it is told elsewhere."""
    for item in items:
        if not isinstance(item, dict):
            _walk(item, path, _NOTHING, found)
            continue
        name = str(item.get("url", "")).rsplit("/", maxsplit=1)[-1]
        known = told.get(name.lower())
        if known is not True:
            deeper = known if isinstance(known, Mapping) else _NOTHING
            _walk({k: v for k, v in item.items() if k != "url"}, f"{path}({name})", deeper, found)
