"""Values of formats and rules to JSON and back without loss: what the store writes into its rows.

Dataclasses carry their type's name under "", so that unions come back as what they were. Where a field may hold
anything (`Any`), decimals, dates and times are marked the same way, and lists come back as tuples. What is said in the
same words of many persons (doses, authors, codes) stands as a text of its own, so that it is taken apart once.
"""

import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from formats import dosing, drug, statement
from rules import conclusion

T = TypeVar("T")

_NOUNS: dict[str, type] = {
    name: noun
    for module in (dosing, drug, statement, conclusion)
    for name, noun in vars(module).items()
    if isinstance(noun, type) and is_dataclass(noun)
}
_REPEATED: frozenset[type] = frozenset(
    {dosing.Dosage, dosing.DoseReading, drug.Quantity, statement.Actor, statement.Code}
)
"""Frozen nouns that come again in every list; kept in memory by their text, so many at most."""
_KEPT = 8192
_encode = msgspec.json.Encoder(order="sorted").encode


def dump(value: object, *, without: Collection[str] = ()) -> str:
    """One JSON text for each value; equal values give equal text.

    `without`: fields of a noun that are left out, as if they were at their default.
    """
    told = tree(value)
    for name in without:
        told.pop(name, None)
    return _encode(told).decode()


def load(kind: type[T], text: str) -> T:
    """The value of type `kind` that `dump` wrote."""
    value: T = revive(kind, msgspec.json.decode(text))
    return value


# --- out --------------------------------------------------------------------------------------------------------

_Writer = Callable[[Any], Any]


def tree(value: Any) -> Any:  # noqa: ANN401 - any frozen value of ours
    """JSON values for `value`; fields at their default are left out. Raises `TypeError` for what is none of ours."""
    kind = type(value)
    write = _WRITERS.get(kind)
    if write is None:
        write = _WRITERS[kind] = _writer(kind)
    return write(value)


_WRITERS: dict[type, _Writer] = {}


def _writer(kind: type) -> _Writer:  # noqa: PLR0911 - one answer a type
    """How values of a type become JSON values."""
    if issubclass(kind, StrEnum):
        return lambda value: value.value
    if kind in {bool, int, float, types.NoneType, str}:
        return lambda value: value
    if issubclass(kind, str):
        return str
    if issubclass(kind, Decimal):
        return lambda value: {"": "Decimal", "v": str(value)}
    if issubclass(kind, datetime | date | time):
        return lambda value: {"": kind.__name__, "v": value.isoformat()}
    if issubclass(kind, tuple | list):
        return lambda value: [tree(v) for v in value]
    if issubclass(kind, frozenset | set):
        return lambda value: sorted((tree(v) for v in value), key=str)
    if issubclass(kind, Mapping):
        return lambda value: {str(k): tree(v) for k, v in value.items()}
    if kind in _NOUNS.values():
        return _noun_writer(kind)
    msg = f"no stored form for {kind.__name__}"
    raise TypeError(msg)


def _noun_writer(kind: Any) -> _Writer:  # noqa: ANN401 - one of our frozen nouns
    hints = get_type_hints(kind)
    own = [(f.name, f.default, _field_writer(hints[f.name])) for f in fields(kind)]
    all_said = attrgetter(*(name for name, _, _ in own), "__class__", "__class__")  # always a tuple

    def write(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a value of `kind`
        told: dict[str, Any] = {"": kind.__name__}
        for (name, default, put), said in zip(own, all_said(value), strict=False):
            if said is not default and said != default:
                told[name] = said if type(said) is str else put(said)
        return told

    return write


def _field_writer(hint: Any) -> _Writer:  # noqa: ANN401 - any type of a field
    choices = _choices(hint)
    if _REPEATED.intersection(choices):
        return lambda value: _text(value) if type(value) in _REPEATED else tree(value)
    if any(get_origin(c) is tuple and get_args(c)[0] in _REPEATED for c in choices):
        return lambda value: [_text(v) for v in value]
    return tree


@lru_cache(maxsize=_KEPT)
def _text(value: Any) -> str:  # noqa: ANN401 - one of `_REPEATED`
    return dump(value)


# --- and back ---------------------------------------------------------------------------------------------------

_PLAIN: dict[str, Callable[[str], Any]] = {
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}

_Reader = Callable[[Any], Any]


def revive(kind: Any, told: Any) -> Any:  # noqa: ANN401 - the other way of `tree`
    """The value of type `kind` from its JSON values."""
    return _told(_reader(kind), told)


def _told(read: _Reader | None, told: Any) -> Any:  # noqa: ANN401
    return told if told is None or read is None else read(told)


def _choices(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any type of a field
    return get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)


_AS_IT_IS = {str, int, float, bool, types.NoneType}


@cache
def _reader(kind: Any) -> _Reader | None:  # noqa: ANN401 - any type of a field
    """How JSON values other than null become values of a type; `None` where they are the value.

    Made once for each, because lists are read by the thousand: a type that is told in one way only (a word of a closed
    set, a list, a day) is read that way at once: 0.83 of the instructions of reading a list.
    """
    choices = tuple(c for c in _choices(kind) if c is not types.NoneType)
    if _AS_IT_IS.issuperset(choices):
        return None
    return (_of_one(choices[0]) if len(choices) == 1 else None) or _of_any(choices)


def _of_one(kind: Any) -> _Reader | None:  # noqa: ANN401 - as `_reader`
    """For a type that is told in one way only."""
    if get_origin(kind) in {tuple, frozenset}:
        return _many((kind,))
    if not isinstance(kind, type):
        return None
    if issubclass(kind, StrEnum):
        return {member.value: member for member in kind}.__getitem__
    if (plain := _PLAIN.get(kind.__name__)) is not None:
        return lambda told: plain(told["v"])
    return partial(_of_noun, kind.__name__) if kind in _NOUNS.values() and kind not in _REPEATED else None


def _of_any(choices: tuple[Any, ...]) -> _Reader:
    """By how the value is told: a text, an object, a list, or itself."""
    word = _word(choices)

    def read(told: Any) -> Any:  # noqa: ANN401
        if isinstance(told, str):
            return told if word is None else word(told)
        if isinstance(told, dict):
            return _object(choices, told)
        return _many(choices)(told) if isinstance(told, list) else told

    return read


def _word(choices: tuple[Any, ...]) -> _Reader | None:
    """What a text stands for: a noun told as a text of its own, a word of a closed set, a code, else itself."""
    if _REPEATED.intersection(choices):
        return _of_text
    kind = next((c for c in choices if isinstance(c, type) and issubclass(c, str) and c is not str), None)
    return {member.value: member for member in kind}.__getitem__ if kind and issubclass(kind, StrEnum) else kind


@lru_cache(maxsize=_KEPT)
def _of_text(text: str) -> Any:  # noqa: ANN401 - one of `_REPEATED`
    return _object((), msgspec.json.decode(text))


def _object(choices: tuple[Any, ...], told: dict[str, Any]) -> Any:  # noqa: ANN401
    name = told.get("")
    if name is None:
        return _mapping(choices)(told)
    if (plain := _PLAIN.get(name)) is not None:
        return plain(told["v"])
    return _of_noun(name, told)


def _of_noun(name: str, told: dict[str, Any]) -> Any:  # noqa: ANN401
    noun, readers = _noun(name)
    told = {k: v if v is None or (read := readers[k]) is None else read(v) for k, v in told.items() if k in readers}
    return statement.statement_of(told) if noun is statement.Statement else noun(**told)


@cache
def _noun(name: str) -> tuple[type, dict[str, _Reader | None]]:
    """The noun and how each of its fields is read."""
    noun = _NOUNS[name]
    return noun, {field: _reader(kind) for field, kind in get_type_hints(noun).items()}


@cache
def _many(choices: tuple[Any, ...]) -> _Reader:
    """Lists are tuples here: of one kind, of fixed kinds, or a set."""
    for choice in choices:
        origin, inner = get_origin(choice), get_args(choice)
        if origin is frozenset:
            return _each(inner[0], frozenset)
        if origin is tuple and inner[-1] is Ellipsis:
            return _each(inner[0], tuple)
        if origin is tuple:
            readers = [_reader(kind) for kind in inner]
            return lambda told: tuple(_told(read, v) for read, v in zip(readers, told, strict=True))
    return _each(Any, tuple)


def _each(kind: Any, gathered: Callable[[Iterable[Any]], Any]) -> _Reader:  # noqa: ANN401
    read = _reader(kind)
    return gathered if read is None else lambda told: gathered(map(read, told))


@cache
def _mapping(choices: tuple[Any, ...]) -> _Reader:
    kinds = next((get_args(c) for c in choices if len(get_args(c)) == 2), (str, Any))  # noqa: PLR2004 - key and value
    key, value = _reader(kinds[0]), _reader(kinds[1])
    return lambda told: {_told(key, k): _told(value, v) for k, v in told.items()}
