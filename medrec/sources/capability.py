"""What a FHIR server says of itself in its CapabilityStatement: which software it is, and by what it can be searched.

A server without one, or whose one can't be read, is taken to be able to do nothing out of the ordinary.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Capability:
    """`software` is name and version as said, "" unknown.

    `searches`: search parameters of each resource type; `includes`: what may come along with it (searchInclude).
    """

    software: str = ""
    searches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    includes: frozenset[str] = frozenset()

    def can(self, kind: str, parameter: str) -> bool:
        """True where this type is said to be searched by that parameter."""
        return parameter in self.searches.get(kind, frozenset())


def read_capability(raw: bytes) -> Capability:
    """A CapabilityStatement's bytes; what is not as it should be is left out."""
    try:
        told = json.loads(raw)
    except ValueError:
        return Capability()
    if not isinstance(told, dict) or told.get("resourceType") != "CapabilityStatement":
        return Capability()
    found: dict[str, frozenset[str]] = {}
    includes: set[str] = set()
    for rest in _objects(told.get("rest")):
        for resource in _objects(rest.get("resource")):
            names = frozenset(str(p.get("name", "")) for p in _objects(resource.get("searchParam")))
            found[str(resource.get("type", ""))] = names
            told_includes = resource.get("searchInclude")
            includes |= {str(one) for one in told_includes} if isinstance(told_includes, list) else set()
    software = told.get("software")
    words = (str(software.get(part, "")) for part in ("name", "version")) if isinstance(software, dict) else ()
    return Capability(" ".join(filter(None, words))[:_LONGEST], found, frozenset(includes))


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
