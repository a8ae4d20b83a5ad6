"""What flags name as a reader knows it: a source by its list, where that is one list alone; a line by its medicine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formats.statement import Kind, Statement
from rules.conclusion import Discrepancy

_KEEPS_ALLERGIES = frozenset({("F01", "src_a"), ("F02", "src_a"), ("F02", "src_b")})
"""Who has registered an allergy is no list of medicines."""


def about(key: str) -> str:
    """What a flag is about, as a reader sees it: "levodopa + karbidopa" of a line's key, words as they were said."""
    named = key.split("|", maxsplit=1)[0]
    for kind in ("text:", "atc:"):
        if named.startswith(kind):
            return named.removeprefix(kind)
    return named.replace("+", " + ")


def placed(flag: Discrepancy, statements: Mapping[str, Statement]) -> Discrepancy:
    """The flag with its sources named by the list they say it in ("hjemmelisten"), where that is one list alone.

    What was handed over names no list. A whole source is what remains of several.
    """
    kinds: dict[str, set[str]] = {}
    for said in (statements[i] for i in flag.evidence if i in statements):
        if said.kind is not Kind.DISPENSING:
            kinds.setdefault(said.source.value, set()).add(said.kind.value)
    lists = {source: f"{source}:{found.pop()}" for source, found in kinds.items() if len(found) == 1}
    told = {n: v if (flag.code, n) in _KEEPS_ALLERGIES else _in_lists(v, lists) for n, v in flag.values.items()}
    return replace(flag, values=told)


def _in_lists(value: object, lists: Mapping[str, str]) -> Any:  # noqa: ANN401 - a value of a flag
    if isinstance(value, str):
        return lists.get(value, value)
    return tuple(_in_lists(v, lists) for v in value) if isinstance(value, tuple | list) else value
