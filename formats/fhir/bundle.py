"""Walking a FHIR message: every resource of a bundle, of bundles inside it, of Parameters, or one alone; and paging.

Nothing is left out: an entry that holds no resource is an entry of its own kind, so that the reader must say what
becomes of it.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from formats.errors import ErrorCode, FormatError
from formats.fhir.element import Element, FhirDoc
from formats.jsondoc import JsonDoc, as_list, as_object, parse

_DEEPEST_NEST = 8


class Entry(NamedTuple):
    """One entry of a bundle (or a resource standing alone): the resource or `None`, and how it came there.

    `mode` is search.mode ("match", "include", "outcome"), `method` and `address` are request.method and request.url,
    `answer` response.status. `path` names an entry without a resource; a resource has its own.
    """

    resource: Element | None
    path: str
    mode: str = ""
    method: str = ""
    answer: str = ""
    address: str = ""


def top_of(doc: JsonDoc) -> Element:
    """The outermost resource. `FormatError` unknown-message where there is none."""
    value = as_object(doc.value, "")
    top = Element(value, "", FhirDoc(doc))
    if not top.type:
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, "resourceType", "not FHIR")
    top.named(top.type)
    return top


def entries(top: Element) -> list[Entry]:
    """All entries below `top` in document order; each resource is registered for references."""
    return list(_walk(top, 0))


def _walk(resource: Element, depth: int) -> Iterator[Entry]:
    if depth > _DEEPEST_NEST:
        raise FormatError(ErrorCode.TOO_DEEP, resource.path)
    if resource.type == "Bundle":
        for item in resource.all("entry"):
            yield from _entry(item, depth)
    elif resource.type == "Parameters":
        for parameter in resource.all("parameter"):
            inner = parameter.one("resource")
            if inner:
                yield from _walk(inner, depth + 1)
    else:
        resource.doc.register(resource, "")
        yield Entry(resource, resource.path)


def _entry(item: Element, depth: int) -> Iterator[Entry]:
    value = item.value
    search = value.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    method = answer = address = ""
    if "request" in value or "response" in value:
        method, answer, address = _asked(item)
        yield from _answered(item, method, answer)
    resource = item.one("resource")
    if resource is None:
        yield Entry(None, item.path, str(mode or ""), method, answer, address)
    elif resource.type in {"Bundle", "Parameters"}:
        yield from _walk(resource, depth + 1)
    else:
        resource.doc.register(resource, item.text("fullUrl") or "")
        yield Entry(resource, "", str(mode or ""), method, answer, address)


def _asked(item: Element) -> tuple[str, str, str]:
    request, response = item.one("request"), item.one("response")
    asked = [(request.text(name) if request else None) or "" for name in ("method", "url")]
    return asked[0], (response.text("status") if response else None) or "", asked[1]


def _answered(item: Element, method: str, answer: str) -> Iterator[Entry]:
    response = item.one("response")
    outcome = response.one("outcome") if response and response.value.get("outcome") is not None else None
    if outcome:
        yield Entry(outcome, outcome.path, "outcome", method, answer)


def link(bundle: Element, relation: str) -> str:
    """The address of the link with this relation, "" where there is none."""
    hits = (e.text("url") for e in bundle.all("link") if e.text("relation") == relation)
    return next((h for h in hits if h), "")


def base_url(address: str, resource_type: str) -> str:
    """The server's base in the address of a search or a resource: all before "/<type>"; "" where it is no such one."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        return ""
    before, hit, _ = parts.path.partition(f"/{resource_type}")
    return f"{parts.scheme}://{parts.netloc}{before}" if hit else ""


def next_page(raw: bytes) -> str:
    """The address of the next page of a searchset, verbatim, "" on the last. The fetcher checks host and count."""
    return link(top_of(JsonDoc(parse(raw), "")), "next")


def joined(pages: list[bytes]) -> bytes:
    """One searchset of all `pages` in order: the first page's head, every entry, no `next`. For fetchers.

    Raises `FormatError` where a page is no searchset.
    """
    # Floats are safe here: what json reads from a decimal of up to 15 digits it writes as the same decimal.
    heads = []
    found: list[object] = []
    for raw in pages:
        page = as_object(json.loads(raw) if parse(raw) else {}, "")
        if page.get("resourceType") != "Bundle":
            raise FormatError(ErrorCode.WRONG_SCHEMA, "resourceType", "not a Bundle")
        heads.append(page)
        found += as_list(page.get("entry"), "entry")
    first = {k: v for k, v in heads[0].items() if k not in {"entry", "link"}}
    links = [n for n in as_list(heads[0].get("link"), "link") if as_object(n, "link").get("relation") == "self"]
    return json.dumps(first | {"link": links, "entry": found}, ensure_ascii=False).encode()
