"""Is a FHIR document fit to send? What no offline validator sees (fhir.md 5).

Dangling references, required code bindings, dates in order, a section without entries or a reason, narrative that is
not plain.

The tables hold the codes of the required bindings of FHIR R4 (4.0.1) for the elements we write.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

_STATUS: Mapping[str, frozenset[str]] = {
    "Composition": frozenset({"preliminary", "final", "amended", "entered-in-error"}),
    "List": frozenset({"current", "retired", "entered-in-error"}),
    "MedicationStatement": frozenset(
        {"active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"}
    ),
    "MedicationRequest": frozenset(
        {"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"}
    ),
    "MedicationDispense": frozenset(
        {
            *("preparation", "in-progress", "cancelled", "on-hold", "completed", "entered-in-error", "stopped"),
            *("declined", "unknown"),
        }
    ),
    "DetectedIssue": frozenset(
        {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
    ),
}
_BINDINGS: Mapping[tuple[str, str], frozenset[str]] = {
    ("Bundle", "type"): frozenset({"document", "searchset", "collection", "history"}),
    ("List", "mode"): frozenset({"working", "snapshot", "changes"}),
    ("MedicationRequest", "intent"): frozenset(
        {"proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option"}
    ),
    ("DetectedIssue", "severity"): frozenset({"high", "moderate", "low"}),
    ("Patient", "gender"): frozenset({"male", "female", "other", "unknown"}),
}
_ANYWHERE: Mapping[str, frozenset[str]] = {
    "periodUnit": frozenset({"s", "min", "h", "d", "wk", "mo", "a"}),
    "dayOfWeek": frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"}),
    "when": frozenset(
        {
            *(
                "MORN",
                "MORN.early",
                "MORN.late",
                "NOON",
                "AFT",
                "AFT.early",
                "AFT.late",
                "EVE",
                "EVE.early",
                "EVE.late",
            ),
            *(
                "NIGHT",
                "PHS",
                "HS",
                "WAKE",
                "C",
                "CM",
                "CD",
                "CV",
                "AC",
                "ACM",
                "ACD",
                "ACV",
                "PC",
                "PCM",
                "PCD",
                "PCV",
            ),
        }
    ),
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Bundle": ("type", "identifier", "timestamp"),
    "Composition": ("status", "type", "subject", "date", "author", "title", "section"),
    "List": ("status", "mode", "code", "subject"),
    "MedicationStatement": ("status", "medicationReference", "subject", "effectivePeriod"),
    "MedicationRequest": ("status", "intent", "medicationReference", "subject"),
    "MedicationDispense": ("status", "medicationReference"),
    "DetectedIssue": ("status", "code", "severity", "patient", "identifiedDateTime"),
    "AllergyIntolerance": ("patient", "code", "verificationStatus"),
    "Provenance": ("target", "recorded", "agent"),
}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_PLAIN = frozenset({"div", "table", "tr", "td", "th", "thead", "tbody", "p", "ul", "ol", "li", "br", "b", "i", "span"})
_OPEN_ENDED = frozenset({"br"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, as a word of a closed set, and where."""

    code: str
    path: str


Json = Mapping[str, object]


def check_document(bundle: Json) -> list[Problem]:
    """All problems of a document bundle, in order; empty where it is fit to send."""
    entries = [e for e in _list(bundle.get("entry")) if isinstance(e, dict)]
    addresses = [e.get("fullUrl") for e in entries]
    found = [Problem("fullurl-twice", f"entry[{i}]") for i, a in enumerate(addresses) if a in addresses[:i]]
    found += [*_bundle(bundle, entries), *_resource(bundle, "Bundle")]
    known = {a for a in addresses if isinstance(a, str)}
    for i, entry in enumerate(entries):
        resource, path = entry.get("resource"), f"entry[{i}].resource"
        if not isinstance(resource, dict):
            found.append(Problem("no-resource", path))
            continue
        found += [*_resource(resource, path), *_walk(resource, path, known)]
    return found


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _bundle(bundle: Json, entries: list[dict[str, object]]) -> Iterator[Problem]:
    first = entries[0].get("resource") if entries else None
    if bundle.get("type") == "document" and not (
        isinstance(first, dict) and first.get("resourceType") == "Composition"
    ):
        yield Problem("composition-not-first", "entry[0]")
    if bundle.get("type") == "document" and "total" in bundle:
        yield Problem("total-on-document", "total")


def _resource(resource: Json, path: str) -> Iterator[Problem]:
    kind = str(resource.get("resourceType"))
    yield from (Problem("missing", f"{path}.{n}") for n in _REQUIRED.get(kind, ()) if not resource.get(n))
    status = resource.get("status")
    if kind in _STATUS and status is not None and status not in _STATUS[kind]:
        yield Problem("code-not-allowed", f"{path}.status")
    for (of, name), codes in _BINDINGS.items():
        if of == kind and name in resource and resource[name] not in codes:
            yield Problem("code-not-allowed", f"{path}.{name}")
    if kind == "List":
        yield from _entries_or_reason(resource, path)
        if resource.get("mode") != "changes" and any(
            isinstance(e, dict) and e.get("deleted") for e in _list(resource.get("entry"))
        ):
            yield Problem("deleted-without-changes", path)
    for i, section in enumerate(_list(resource.get("section")) if kind == "Composition" else []):
        if isinstance(section, dict):
            yield from _entries_or_reason(section, f"{path}.section[{i}]")
            if "text" not in section:
                yield Problem("section-without-text", f"{path}.section[{i}]")


def _entries_or_reason(holder: Json, path: str) -> Iterator[Problem]:
    if bool(holder.get("entry")) == bool(holder.get("emptyReason")):
        yield Problem("entry-or-reason", path)


def _walk(value: object, path: str, known: set[str]) -> Iterator[Problem]:
    """Every element below: references, dates, periods, timing codes, narratives, empty values."""
    if isinstance(value, list):
        if not value:
            yield Problem("empty", path)
        for i, item in enumerate(value):
            yield from _walk(item, f"{path}[{i}]", known)
    if not isinstance(value, dict):
        return
    if not value:
        yield Problem("empty", path)
    reference = value.get("reference")
    if isinstance(reference, str) and reference not in known:
        yield Problem("dangling-reference", f"{path}.reference")
    if {"start", "end"} & set(value):
        yield from _period(value, path)
    for name, inner in value.items():
        yield from _element(name, inner, f"{path}.{name}")
        yield from _walk(inner, f"{path}.{name}", known)


def _element(name: str, value: object, path: str) -> Iterator[Problem]:
    if name in _ANYWHERE:
        codes = value if isinstance(value, list) else [value]
        yield from (Problem("code-not-allowed", path) for c in codes if c not in _ANYWHERE[name])
    elif name == "div" and isinstance(value, str):
        yield from _narrative(value, path)
    elif _is_date(name) and not (isinstance(value, str) and _DATE.fullmatch(value)):
        yield Problem("bad-date", path)


def _is_date(name: str) -> bool:
    return name in {
        "date",
        "authoredOn",
        "recorded",
        "recordedDate",
        "dateAsserted",
        "birthDate",
        "whenHandedOver",
    } or (name.endswith("DateTime"))


def _period(period: Json, path: str) -> Iterator[Problem]:
    ends = [period.get(n) for n in ("start", "end")]
    for name, end in zip(("start", "end"), ends, strict=True):
        if end is not None and not (isinstance(end, str) and _DATE.fullmatch(end)):
            yield Problem("bad-date", f"{path}.{name}")
    start, end = ends
    # Texts of the same form order as dates do; of an instant and a day only the day is compared.
    if isinstance(start, str) and isinstance(end, str) and end[:10] < start[:10]:
        yield Problem("end-before-start", path)


class _Narrative(HTMLParser):
    """Reads a narrative; `problems` fills with what is not plain."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.plain = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {n for n, _ in attrs}
        self.plain &= tag in _PLAIN and names <= {"xmlns"}
        if tag not in _OPEN_ENDED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.plain &= bool(self.open) and self.open.pop() == tag

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the parser's own signature
        self.plain = False

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - the parser's own signature
        self.plain = False

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - the parser's own signature
        self.plain = False


def _narrative(div: str, path: str) -> Iterator[Problem]:
    reader = _Narrative()
    reader.feed(div)
    reader.close()
    if not reader.plain or reader.open or not div.startswith('<div xmlns="http://www.w3.org/1999/xhtml">'):
        yield Problem("unsafe-narrative", path)
