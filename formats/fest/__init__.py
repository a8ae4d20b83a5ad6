"""FEST, the national drug catalogue (message M30, 2014-12-01 and 2013-10-08): one pass over the file, flat memory.

`read_fest(open_fest(stream))` gives a `FestContent`; its `catalogue()` is what the house looks drugs up in.
FEST is open data (NLOD) of Direktoratet for medisinske produkter: name source and date wherever it is shown.
"""

import re
from dataclasses import replace
from decimal import InvalidOperation
from typing import BinaryIO

from lxml import etree
from lxml.etree import _Element as Element  # the type; lxml gives it no public name

from formats.drug import Interaction
from formats.errors import ErrorCode, FormatError
from formats.fest.content import FestContent, Shelf
from formats.fest.entries import READERS, NotAssessed, Product, Record, Warned, children, day, local, short_doses
from formats.fest.source import open_fest

__all__ = ["FestContent", "open_fest", "read_fest"]

_NAMESPACE = re.compile(r"http://www\.kith\.no/xmlstds/eresept/m30/(\d{4}-\d{2}-\d{2})")
_VERSIONS = {"2014-12-01", "2013-10-08"}
_WITHDRAWN = "U"

_TOLD = (
    "LegemiddelMerkevare",
    "Legemiddelpakning",
    "LegemiddelVirkestoff",
    "Legemiddeldose",
    "Virkestoff",
    "Byttegruppe",
    "Interaksjon",
    "StrDosering",
    "Kodeverk",
    "VarselSlv",
)
_PASSED_OVER = ("Handelsvare", "OrdineringVirkestoff", "Refusjon", "Vilkar", "Diagnose")
"""Entries without a say in what a medicine is: counted and let go."""


def read_fest(stream: BinaryIO) -> FestContent:
    """Read a FEST file.

    Raises FormatError: dtd, not-xml, unknown-message (no FEST in it), unknown-version (another year's namespace),
    too-large (from `open_fest`'s cap). An entry that cannot be understood stands in `unread`; the rest is read.
    """
    shelf = Shelf()
    root: Element | None = None
    names = [f"{{*}}Oppf{name}" for name in _TOLD + _PASSED_OVER]
    try:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=["{*}FEST", *names],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        for event, element in events:
            if event == "start":
                root = _checked(element) if root is None else root
            elif root is not None and element is not root:
                _shelve(shelf, element)
                _let_go(element)
    except etree.XMLSyntaxError as broken:
        raise FormatError(ErrorCode.NOT_XML, f"line {broken.lineno}") from broken
    if root is None:
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, "/", "no FEST element")
    return shelf.content(_fetched(root))


def _checked(element: Element) -> Element:
    """The first of our elements, if it is the FEST root of a version we read, without a DTD before it."""
    if element.getroottree().docinfo.doctype:
        raise FormatError(ErrorCode.DTD, "/")
    namespace = str(element.tag).rpartition("}")[0].removeprefix("{")
    version = _NAMESPACE.fullmatch(namespace)
    if local(element) != "FEST" or not version:
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, "/", "no FEST element")
    if version[1] not in _VERSIONS:
        raise FormatError(ErrorCode.UNKNOWN_VERSION, "/FEST", version[1])
    return element


def _fetched(root: Element) -> str:
    found = children(root).get("HentetDato")
    text = (found[0].text or "").strip() if found else ""
    if not day(text):
        raise FormatError(ErrorCode.MISSING, "/FEST/HentetDato")
    return text


def _let_go(element: Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _shelve(shelf: Shelf, entry: Element) -> None:
    """Read one Oppf* element onto the shelf; what can't be read is noted with its entry id."""
    kind = local(entry)[len("Oppf") :]
    fields = children(entry)
    if kind in _PASSED_OVER:
        shelf.counts[kind] = shelf.counts.get(kind, 0) + 1
        return
    entry_id = (fields["Id"][0].text or "") if "Id" in fields else ""
    payload = next((e for name, found in fields.items() if name in READERS for e in found), None)
    if kind == "Kodeverk":
        payload = entry
    if payload is None:
        shelf.counts[kind] = shelf.counts.get(kind, 0) + 1
        return
    name = "Kodeverk" if kind == "Kodeverk" else local(payload)
    shelf.counts[name] = shelf.counts.get(name, 0) + 1
    try:
        read = short_doses(payload) if kind == "Kodeverk" else READERS[name](payload)
    except (ValueError, InvalidOperation):
        shelf.unread.append((entry_id, name))
        return
    status = fields["Status"][0].get("V") if "Status" in fields else None
    changed = (fields["Tidspunkt"][0].text or "") if "Tidspunkt" in fields else ""
    for record in read if isinstance(read, tuple) else (read,):
        kept = _as_stated(record, entry_id, changed, withdrawn=status == _WITHDRAWN)
        if kept is not None:
            shelf.put(name, kept)


def _as_stated(record: Record, entry_id: str, changed: str, *, withdrawn: bool) -> Record | None:
    """A withdrawn product stays, with its day; a withdrawn warning or interaction no longer speaks."""
    if isinstance(record, Warned):
        return None if withdrawn else replace(record, id=entry_id)
    if not withdrawn:
        return record
    if isinstance(record, Product):
        return replace(record, withdrawn=record.withdrawn or day(changed))
    return None if isinstance(record, Interaction | NotAssessed) else record
