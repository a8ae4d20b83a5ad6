"""The one way bytes become JSON: capped before and after parsing, and strict where leniency would lose a value.

Refused: more than 10 MiB, anything but UTF-8 (a byte order mark is fine), NUL and lone surrogates, a key twice in one
object (RFC 8259 leaves open which one counts; two doses under one key must not become one), NaN and Infinity, numbers
too long to be anything clinical, deep and wide documents. Decimals are `Decimal`, whole numbers `int`, never `float`.

The second half are typed looks into what was parsed: each gives the value or a `FormatError` with its place.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import msgspec

from formats.errors import ErrorCode, FormatError
from formats.statement import Place

T = TypeVar("T")
JsonObject = Mapping[str, object]

MAX_BYTES = 10 * 1024 * 1024
MAX_VALUES = 200_000
MAX_DEPTH = 64
_LONGEST_NUMBER = 40
_WIDEST_EXPONENT = 20
_LONGEST_KEY_SHOWN = 40
_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f][0-9a-f]{2})", re.IGNORECASE)
_DOUBT = object()
_MANY_DIGITS = b"0" * _LONGEST_NUMBER
_DIGITS_ALIKE = bytes(ord("0") if chr(i) in "0123456789" else i for i in range(256))
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'{}[]"'))
_CONTAINERS = frozenset({dict, list})
_SURROGATE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonDoc:
    """A parsed document and the hash of its bytes. Its codec is told by its top: "resourceType" FHIR, "medrec" ours."""

    value: object
    message: str

    def place(self, path: str) -> Place:
        """The place of `path` ("entry[3].resource") in these bytes."""
        return Place(self.message, path)

    def has(self, name: str) -> bool:
        """True where the top is an object with this name in it."""
        return isinstance(self.value, dict) and name in self.value


def open_json(raw: bytes) -> JsonDoc:
    """The document in `raw`. `FormatError` as `parse`."""
    return JsonDoc(parse(raw), hashlib.sha256(raw).hexdigest())


def parse(raw: bytes) -> object:
    """The JSON value in `raw`. `FormatError`: empty, too-large, encoding, too-wide, too-deep, not-json, duplicate-key,
    bad-number; its place is a character offset ("@120") or a path.
    """  # noqa: D205 - the list of codes is the summary
    _check_size(raw)
    value = _plainly(raw)
    return _carefully(raw) if value is _DOUBT else value


def _plainly(raw: bytes) -> object:
    """The value of a document that proves itself sound, `_DOUBT` for any other: a third of what careful reading takes.

    Written again it is what came, so no key stood twice (the decoder would have kept one), no control character went
    by and no number was changed. Depth, long numbers and escapes are told from the bytes.
    """
    escaped = b"\\" in raw
    if escaped and (b"\\u" in raw or b"\\\\" in raw):
        return _DOUBT
    try:
        value = _DECODER.decode(raw)
        written = _ENCODER.encode(value)
        same = written == raw or written == msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, FormatError):
        return _DOUBT  # what is wrong is told by the careful reading
    sound = same and _surely_shallow(raw.replace(b'\\"', b"") if escaped else raw) and _surely_short(raw)
    return value if sound else _DOUBT


def _carefully(raw: bytes) -> object:
    try:
        text = raw.removeprefix(codecs.BOM_UTF8).decode()  # "utf-8-sig" would open a module for it
    except UnicodeDecodeError as error:
        raise FormatError(ErrorCode.ENCODING, f"@{error.start}", "not UTF-8") from None
    try:
        value: object = json.loads(
            text, object_pairs_hook=_object_of, parse_float=_decimal, parse_int=_whole, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise FormatError(ErrorCode.NOT_JSON, f"@{error.pos}", error.msg) from None
    except RecursionError:
        raise FormatError(ErrorCode.TOO_DEEP, "@0") from None
    _check_depth(value)
    if "\\u" in text and _SUSPECT.search(text):
        _check_characters(value)
    return value


def _surely_short(raw: bytes) -> bool:
    """True where no run of digits is as long as a number must be to be refused."""
    return _MANY_DIGITS not in raw.translate(_DIGITS_ALIKE)


def _surely_shallow(bare: bytes) -> bool:
    """True where brackets nest no deeper than `MAX_DEPTH`, told from bytes without escaped quotes; False where perhaps.

    Only brackets and quotes are left over. Two quotes side by side are a string without brackets; where a string holds
    a bracket a quote stays, and nothing is certain. Taking away the innermost pairs, of both kinds, ends two levels.
    """
    left = bare.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    left = left.replace(b'"{}"', b"").replace(b'"[]"', b"")  # units such as "{tbl}"; at worst one empty leaf with them
    if not left or b'"' in left:
        return False
    for _ in range(MAX_DEPTH // 2 - 1):
        left = left.replace(b"{}", b"").replace(b"[]", b"")
        if not left:
            return True
    return False


def _check_size(raw: bytes) -> None:
    """`FormatError` too-large, empty, encoding (NUL), too-wide."""
    if len(raw) > MAX_BYTES:
        raise FormatError(ErrorCode.TOO_LARGE, "@0")
    if not raw.strip():
        raise FormatError(ErrorCode.EMPTY, "@0")
    if b"\0" in raw:
        raise FormatError(ErrorCode.ENCODING, f"@{raw.index(0)}", "NUL")
    # Commas stand between values, braces and brackets open them: more values than this can't be.
    if len(raw) > MAX_VALUES and raw.count(b",") + raw.count(b"{") + raw.count(b"[") > MAX_VALUES:
        raise FormatError(ErrorCode.TOO_WIDE, "@0")


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]  # None: seen now
        shown = twice if twice.isidentifier() and len(twice) <= _LONGEST_KEY_SHOWN else "?"
        raise FormatError(ErrorCode.DUPLICATE_KEY, shown)
    return found


@lru_cache(maxsize=4096)
def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise FormatError(ErrorCode.BAD_NUMBER, "number", "too long")
    number = Decimal(text)
    # Decimal("0E999999") is zero and finite but would be written out with a million digits.
    if not number.is_finite() or abs(int(number.as_tuple().exponent)) > _WIDEST_EXPONENT:
        raise FormatError(ErrorCode.BAD_NUMBER, "number", "exponent out of range")
    return number


@lru_cache(maxsize=4096)
def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise FormatError(ErrorCode.BAD_NUMBER, "number", "too long")
    return int(text)


def _constant(_text: str) -> object:
    raise FormatError(ErrorCode.BAD_NUMBER, "number", "NaN or Infinity")


_DECODER = msgspec.json.Decoder(float_hook=_decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _check_depth(value: object) -> None:
    """`FormatError` too-deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[object] = []
        for item in level:
            if item.__class__ is dict:
                deeper += [v for v in item.values() if v.__class__ in _CONTAINERS]
            elif item.__class__ is list:
                deeper += [v for v in item if v.__class__ in _CONTAINERS]
        if not deeper:
            return
        level = deeper
    raise FormatError(ErrorCode.TOO_DEEP, "@0")


def _check_characters(value: object) -> None:
    """NUL can't be stored and a lone surrogate can't be written as UTF-8."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and _SURROGATE.search(item):
            raise FormatError(ErrorCode.ENCODING, "@0", "NUL or lone surrogate")
        if isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def as_object(value: object, place: str) -> JsonObject:
    """`value` as an object; `FormatError` wrong-schema where it is none."""
    if not isinstance(value, dict):
        raise FormatError(ErrorCode.WRONG_SCHEMA, place, "not an object")
    return value


def as_list(value: object, place: str) -> list[object]:
    """`value` as a list, empty where `None`; `FormatError` wrong-schema where it is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise FormatError(ErrorCode.WRONG_SCHEMA, place, "not a list")
    return value


def as_text(value: object, place: str) -> str | None:
    """`value` as text, `None` where it is not said; `FormatError` wrong-schema where it is no text."""
    if value is not None and not isinstance(value, str):
        raise FormatError(ErrorCode.WRONG_SCHEMA, place, "not a text")
    return value


def as_count(value: object, place: str, most: int = 10_000) -> int:
    """`value` as a whole number 0..`most`; `FormatError` bad-number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise FormatError(ErrorCode.BAD_NUMBER, place, "not a count")
    return value


def as_word(kind: Callable[[str], T], value: object, place: str) -> T:
    """`value` as one of the closed set `kind` (a `StrEnum`); `FormatError` wrong-schema."""
    try:
        return kind(str(value))
    except ValueError:
        raise FormatError(ErrorCode.WRONG_SCHEMA, place, "unknown word") from None


def maybe(reader: Callable[[object, str], T], value: object, place: str) -> T | None:
    """`reader(value, place)`, or `None` where nothing is said."""
    return None if value is None else reader(value, place)
