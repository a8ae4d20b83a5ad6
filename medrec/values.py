"""Values of formats and rules to JSON and back without loss: what the store writes into its rows.

Dataclasses carry their type's name under "", so that unions come back as what they were. Where a field may hold
anything (`Any`), decimals, dates and times are marked the same way, and lists come back as tuples.
"""

import json
import types
from collections.abc import Mapping
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


_PLAIN: dict[str, Any] = {
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def revive(kind: Any, told: Any) -> Any:  # noqa: ANN401 - the other way of `tree`
    """The value of type `kind` from its JSON values."""
    if isinstance(told, dict) and "" in told:
        name = told[""]
        return _PLAIN[name](told["v"]) if name in _PLAIN else _noun(_NOUNS[name], told)
    if isinstance(told, list):
        return _many(kind, told)
    if isinstance(told, dict):
        return _mapping(kind, told)
    return told if told is None else _scalar(kind, told)


def _noun(noun: type, told: dict[str, Any]) -> Any:  # noqa: ANN401
    hints = _hints(noun)
    return noun(**{k: revive(hints[k], v) for k, v in told.items() if k in hints})


@cache
def _hints(noun: type) -> dict[str, Any]:
    return get_type_hints(noun)


@cache
def _choices(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)


def _many(kind: Any, told: list[Any]) -> Any:  # noqa: ANN401
    for choice in _choices(kind):
        origin, inner = get_origin(choice), get_args(choice)
        if origin is frozenset:
            return frozenset(revive(inner[0], v) for v in told)
        if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
            return tuple(revive(inner[0], v) for v in told)
        if origin is tuple and len(inner) == len(told):
            return tuple(revive(i, v) for i, v in zip(inner, told, strict=True))
    return tuple(revive(Any, v) for v in told)


def _mapping(kind: Any, told: dict[str, Any]) -> dict[Any, Any]:  # noqa: ANN401
    for choice in _choices(kind):
        if len(inner := get_args(choice)) == 2:  # noqa: PLR2004 - Mapping[key, value]
            return {_scalar(inner[0], k): revive(inner[1], v) for k, v in told.items()}
    return {k: revive(Any, v) for k, v in told.items()}


def _scalar(kind: Any, told: Any) -> Any:  # noqa: ANN401
    for choice in _choices(kind):
        if isinstance(choice, type) and issubclass(choice, str) and choice is not str and isinstance(told, str):
            return choice(told)
    return told
