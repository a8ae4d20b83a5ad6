"""The one way bytes become XML here, and the one way codecs look into it.

Facts about the attack surface are measured, not believed (lxml 6.1, libxml2 2.14): libxml2 bounds entities, depth and
text length by itself, but reads internal DTDs, cuts a value at an unresolved entity and at a comment, and inflates
gzip from paths. So: bytes only, counted before parsing, no DOCTYPE at all, comments and processing instructions
stripped, gzip by zlib under a limit, strict base64, and nested documents under one shared budget.
"""

import binascii
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from formats.errors import ErrorCode, FormatError
from formats.node import Node
from formats.statement import Place, Signature, Unread

if TYPE_CHECKING:
    from formats.signatures import Signatures

MAX_BYTES = 10 * 2**20
"""The outermost message; and again for everything decoded or inflated inside it, all together."""
MAX_MARKUP = 200_000
"""`<` in all documents of one message together: twice the elements."""
MAX_ATTRIBUTES = 400_000
"""`=` in one document: its attributes and a little more."""
MAX_NESTING = 4
"""Documents inside documents: M9.12 holds M25.3, which holds an M1 and a dispensing."""

_DECLARED = re.compile(rb"\A<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]{0,40})[\"']")
_PLAIN = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_LATIN = frozenset({"iso-8859-1", "iso_8859-1", "latin1"})
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF32_BOMS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
_GZIP = b"\x1f\x8b"
_DOCTYPE = b"<!DOCTYPE"
_LONG_PROLOG = 8
"""Comments and instructions before the first element; after more of them all of the document is searched first."""
_PROLOG = re.compile(rb"\s*(?:<\?|<!--|<!DOCTYPE)", re.IGNORECASE)

_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    remove_comments=True,
    remove_pis=True,
    huge_tree=False,
)


@dataclass(slots=True)
class Budget:
    """What is left for everything inside one message: bytes decoded, markup parsed.

    Markup is counted only where there are more bytes than there may be markup: counting costs a twelfth of a parse, and
    few messages are as long. Until then the documents wait in `uncounted`.
    """

    bytes_left: int = MAX_BYTES
    markup_left: int = MAX_MARKUP
    uncounted: list[bytes] = field(default_factory=list)
    uncounted_bytes: int = 0

    def spend_bytes(self, count: int, place: str) -> None:
        """Take `count` bytes, or refuse with `too-large`."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise FormatError(ErrorCode.TOO_LARGE, place, "more than all nested content may hold together")

    def spend_markup(self, raw: bytes, place: str) -> None:
        """Count markup before anything is built from it, or refuse with `too-wide`."""
        self.uncounted.append(raw)
        self.uncounted_bytes += len(raw)
        if self.uncounted_bytes > self.markup_left:
            self.markup_left -= sum(document.count(b"<") for document in self.uncounted)
            self.uncounted, self.uncounted_bytes = [], 0
        if self.markup_left < 0 or (len(raw) > MAX_ATTRIBUTES and raw.count(b"=") > MAX_ATTRIBUTES):
            raise FormatError(
                ErrorCode.TOO_WIDE, place, f"more than {MAX_MARKUP} elements or {MAX_ATTRIBUTES} attributes"
            )


@dataclass(frozen=True, slots=True)
class Opened:
    """A document of a message, kept for who checks it once the message is read: see `Doc.opened`."""

    element: etree._Element
    under: str
    verdict: Signature | None

    @property
    def path(self) -> str:
        """Where its root stands in the outermost message."""
        return f"{self.under}/{etree.QName(self.element).localname}"


@dataclass(slots=True)
class Doc:
    """One XML document: its root, and where it stands in the message it came in.

    `message` is the hex SHA-256 of the outermost bytes, `under` the path of the container it lay in. `unread` collects,
    over all documents of one message, what is there but could not be understood; `read` puts it into the Reading.
    `opened` are all documents of the message, in the order they were opened, where somebody checks them afterwards;
    `None` where nobody does. `signatures` checks the envelope of each, where certificates are at hand: `verdict` is
    what it says, and where it is valid only what was signed is read.
    `seen` is what elements of the message said, by their text (see `remembered`).

    Nothing here leads back to the document from what it holds, so that a tree goes the moment it is read and not when
    the collector comes by: a list has one for each prescription.
    """

    element: etree._Element
    under: str
    raw: bytes
    message: str
    budget: Budget
    nesting: int = 0
    unread: list[Unread] = field(default_factory=list)
    opened: list[Opened] | None = None
    signatures: "Signatures | None" = None
    verdict: Signature | None = None
    seen: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.signatures is not None:
            self._check(self.signatures)
        if self.opened is not None:
            self.opened.append(Opened(self.element, self.under, self.verdict))

    @property
    def root(self) -> Node:
        """The root element."""
        return Node(self.element, self, self.under)

    def _check(self, signatures: "Signatures") -> None:
        checked = signatures.check(self.raw, self.element)
        self.verdict = checked.verdict
        if checked.signed is not None:
            self.element = parse(checked.signed, Budget(), self.under or "/")

    def place(self, path: str) -> Place:
        """A place in this message."""
        return Place(self.message, path)

    def inside(self, node: Node, compression: str = "") -> "Doc":
        """The XML document that the base64 text of `node` holds, under the same budget. Raises FormatError."""
        return self._open(self.decode(node, compression), node.path)

    def decode(self, node: Node, compression: str = "") -> bytes:
        """The bytes that the base64 text of `node` holds, inflated where they are compressed. Raises FormatError."""
        if self.nesting >= MAX_NESTING:
            raise FormatError(ErrorCode.TOO_DEEP, node.path, f"more than {MAX_NESTING} documents inside each other")
        raw = from_base64(node.own_text, node.path)
        self.budget.spend_bytes(len(raw), node.path)
        if raw[:2] == _GZIP or compression.upper() in {"GZ", "DF", "Z"}:
            raw = inflate(raw, self.budget, node.path, compression)
        return raw

    def _open(self, raw: bytes, path: str) -> "Doc":
        element = parse(raw, self.budget, path)
        shared = (self.message, self.budget, self.nesting + 1, self.unread, self.opened, self.signatures)
        return Doc(element, path, raw, *shared, seen=self.seen)


def open_document(raw: bytes, signatures: "Signatures | None" = None, *, keep: bool = True) -> Doc:
    """The document in `raw`: UTF-8, ISO-8859-1 or UTF-16 with a byte order mark, plain or gzip.

    `signatures` checks its envelope, and those of the documents in it. `keep`: all of them stand in `opened`; without
    it, each tree goes when it is read.

    Raises:
        FormatError: `empty`, `too-large`, `too-wide`, `too-deep`, `dtd`, `encoding`, `bad-compression`, `not-xml`.
    """
    if not raw.strip():
        raise FormatError(ErrorCode.EMPTY, "/")
    if len(raw) > MAX_BYTES:
        raise FormatError(ErrorCode.TOO_LARGE, "/", f"more than {MAX_BYTES} bytes")
    budget = Budget()
    plain = inflate(raw, budget, "/") if raw[:2] == _GZIP else raw
    element = parse(plain, budget, "/")
    opened: list[Opened] | None = [] if keep else None
    return Doc(element, "", plain, hashlib.sha256(raw).hexdigest(), budget, opened=opened, signatures=signatures)


def parse(raw: bytes, budget: Budget, place: str) -> etree._Element:
    """Bytes to a tree without comments, processing instructions or entities. Raises FormatError."""
    utf8 = _as_utf8(raw, place)
    budget.spend_markup(utf8, place)
    if _has_doctype(utf8):
        raise FormatError(ErrorCode.DTD, place)
    try:
        root = etree.fromstring(utf8, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _refusal(error, place) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError(ErrorCode.DTD, place)
    return root


def from_base64(text: str, place: str) -> bytes:
    """Strict base64: white space is allowed, anything else outside the alphabet and wrong padding are not."""
    try:
        raw = _decoded(text)
    except ValueError:
        raise FormatError(ErrorCode.BAD_BASE64, place) from None
    if not raw:
        raise FormatError(ErrorCode.BAD_BASE64, place, "cut off, or nothing in it")
    return raw


def _decoded(text: str) -> bytes:
    packed = text.encode("ascii")
    if len(packed) % 4 == 0:
        try:
            return binascii.a2b_base64(packed, strict_mode=True)  # most senders write one long line
        except binascii.Error:
            pass
    packed = b"".join(packed.split())
    return binascii.a2b_base64(packed, strict_mode=True) if len(packed) % 4 == 0 else b""


def inflate(raw: bytes, budget: Budget, place: str, compression: str = "GZ") -> bytes:
    """Inflate gzip (RFC 1952) or deflate (RFC 1950, 1951) as code list 1204 names them, within the budget."""
    for bits in (31,) if raw[:2] == _GZIP else (15, -15):
        if compression.upper() == "Z":
            break  # compress(1): no known sender
        stream = zlib.decompressobj(bits)
        try:
            plain = stream.decompress(raw, max(budget.bytes_left, 0) + 1)
        except zlib.error:
            continue
        budget.spend_bytes(len(plain), place)
        if stream.eof and not stream.unused_data.strip(b"\0"):
            return plain
    raise FormatError(ErrorCode.BAD_COMPRESSION, place)


def looks_like_xml(raw: bytes) -> bool:
    """True where the first sign of `raw` can only be that of XML, or of something packed that may hold it."""
    start = raw[:64].removeprefix(_UTF8_BOM).lstrip()
    return start[:1] == b"<" or raw[:2] in _UTF16_BOMS or raw[:2] == _GZIP


def _as_utf8(raw: bytes, place: str) -> bytes:
    """The same text in UTF-8 without a byte order mark. Python decodes: libxml2 recovers where we must not."""
    if raw[:4] in _UTF32_BOMS:
        raise FormatError(ErrorCode.ENCODING, place)
    if raw[:2] in _UTF16_BOMS:
        return _recoded(raw, "utf-16", place)
    plain = raw.removeprefix(_UTF8_BOM).lstrip()
    said = _DECLARED.match(plain)
    encoding = said[1].decode("ascii").lower() if said else "utf-8"
    if encoding in _LATIN and not raw.startswith(_UTF8_BOM):
        return _recoded(plain, "iso-8859-1", place)
    if encoding not in _PLAIN:
        raise FormatError(ErrorCode.ENCODING, place)
    if b"\0" in plain:
        raise FormatError(ErrorCode.ENCODING, place, "NUL")
    if not plain.isascii():
        _decoded_as(plain, "utf-8", place)
    return plain


def _recoded(raw: bytes, encoding: str, place: str) -> bytes:
    text = _decoded_as(raw, encoding, place)
    if "\0" in text:
        raise FormatError(ErrorCode.ENCODING, place, "NUL")
    return text.encode()


def _decoded_as(raw: bytes, encoding: str, place: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise FormatError(ErrorCode.ENCODING, place) from None


def _prolog(raw: bytes) -> Iterator[bytes]:
    """The openings of what stands before the first element."""
    at = 0
    ends = {b"<?": b"?>", b"<!--": b"-->"}
    while hit := _PROLOG.match(raw, at):
        opening = hit.group().lstrip().upper()
        yield opening
        if opening not in ends:
            return
        end = raw.find(ends[opening], hit.end())
        if end < 0:
            return
        at = end + len(ends[opening])


def _has_doctype(raw: bytes) -> bool:
    """Looked for where it can stand: to search all of the document takes a twentieth of a parse."""
    for count, opening in enumerate(_prolog(raw)):
        if opening == _DOCTYPE:
            return True
        if count == _LONG_PROLOG and _DOCTYPE not in raw:
            return False
    return False


def _refusal(error: etree.XMLSyntaxError, place: str) -> FormatError:
    """Our words for what libxml2 says. Its own message may quote the document and is not passed on."""
    said = (error.msg or "").casefold()
    line, column = error.position
    where = place if place != "/" else f"line {line}, column {column}"
    if "depth" in said:
        return FormatError(ErrorCode.TOO_DEEP, where)
    if "huge" in said or "too long" in said or "too big" in said:
        return FormatError(ErrorCode.TOO_LARGE, where)
    if "encoding" in said or "utf-8" in said:
        return FormatError(ErrorCode.ENCODING, where)
    return FormatError(ErrorCode.NOT_XML, where)
