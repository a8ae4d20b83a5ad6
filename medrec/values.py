"""Values of formats and rules to JSON and back without loss: what the store writes into its rows.

Dataclasses carry their type's name under "", so that unions come back as what they were. Where a field may hold
anything (`Any`), decimals, dates and times are marked the same way, and lists come back as tuples.
"""

import json
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from formats import dosing, drug, statement
from rules import conclusion

T = TypeVar("T")

_NOUNS: dict[str, type] = {
    name: noun
    for module in (dosing, drug, statement, conclusion)
    for name, noun in vars(module).items()
    if isinstance(noun, type) and is_dataclass(noun)
}


def dump(value: object) -> str:
    """One JSON text for each value; equal values give equal text."""
    return json.dumps(tree(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(kind: type[T], text: str) -> T:
    """The value of type `kind` that `dump` wrote."""
    value: T = revive(kind, json.loads(text))
    return value


def tree(value: Any) -> Any:  # noqa: ANN401, PLR0911 - walks any frozen value of ours into JSON, one answer a type
    """JSON values for `value`; fields at their default are left out."""
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return {"": "Decimal", "v": str(value)}
    if isinstance(value, datetime | date | time):
        return {"": type(value).__name__, "v": value.isoformat()}
    if isinstance(value, tuple | list):
        return [tree(v) for v in value]
    if isinstance(value, frozenset | set):
        return sorted((tree(v) for v in value), key=str)
    if isinstance(value, Mapping):
        return {str(k): tree(v) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: tree(getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) != f.default}
        return {"": type(value).__name__} | told
    msg = f"no stored form for {type(value).__name__}"
    raise TypeError(msg)


_PLAIN: dict[str, Callable[[str], Any]] = {
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}

_Reader = Callable[[Any], Any]


def revive(kind: Any, told: Any) -> Any:  # noqa: ANN401 - the other way of `tree`
    """The value of type `kind` from its JSON values."""
    return _reader(kind)(told)


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401 - any type of a field
    """How JSON values become values of a type; made once for each, because lists are read by the thousand."""
    choices = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    word = next((c for c in choices if isinstance(c, type) and issubclass(c, str) and c is not str), None)

    def read(told: Any) -> Any:  # noqa: ANN401
        if isinstance(told, str):
            return told if word is None else word(told)
        if isinstance(told, dict):
            return _object(choices, told)
        return _many(choices)(told) if isinstance(told, list) else told

    return read


def _object(choices: tuple[Any, ...], told: dict[str, Any]) -> Any:  # noqa: ANN401
    name = told.get("")
    if name is None:
        return _mapping(choices, told)
    if (plain := _PLAIN.get(name)) is not None:
        return plain(told["v"])
    noun, readers = _noun(name)
    return noun(**{k: readers[k](v) for k, v in told.items() if k in readers})


@cache
def _noun(name: str) -> tuple[type, dict[str, _Reader]]:
    noun = _NOUNS[name]
    return noun, {field: _reader(kind) for field, kind in get_type_hints(noun).items()}


@cache
def _many(choices: tuple[Any, ...]) -> Callable[[list[Any]], Any]:
    """Lists are tuples here: of one kind, of fixed kinds, or a set."""
    for choice in choices:
        origin, inner = get_origin(choice), get_args(choice)
        if origin is frozenset:
            return _each(inner[0], frozenset)
        if origin is tuple and inner[-1] is Ellipsis:
            return _each(inner[0], tuple)
        if origin is tuple:
            readers = [_reader(kind) for kind in inner]
            return lambda told: tuple(read(v) for read, v in zip(readers, told, strict=True))
    return _each(Any, tuple)


def _each(kind: Any, gathered: Callable[[Iterable[Any]], Any]) -> Callable[[list[Any]], Any]:  # noqa: ANN401
    read = _reader(kind)
    return lambda told: gathered(map(read, told))


def _mapping(choices: tuple[Any, ...], told: dict[str, Any]) -> dict[Any, Any]:
    kinds = next((get_args(c) for c in choices if len(get_args(c)) == 2), (str, Any))  # noqa: PLR2004 - key and value
    key, value = _reader(kinds[0]), _reader(kinds[1])
    return {key(k): value(v) for k, v in told.items()}
