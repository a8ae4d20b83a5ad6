"""All rules in reading order, and the version of the set."""

import hashlib
from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules

from rules import tables
from rules.rule import Rule

FAMILIES = (
    "presence", "unlisted", "status", "course", "prescription", "discharge",
    "identity", "relation", "confusion", "product",
    "dose", "interval", "regimen", "amount", "contradiction",
    "multidose", "allergy", "safety", "process",
)  # fmt: skip
"""Modules in `rules/`, in reading order. Each holds the rules of one family or half a family."""
SET_NAME = "medrec-regler 1"


def _rules() -> tuple[Rule, ...]:
    found = [
        value
        for family in FAMILIES
        for value in vars(import_module(f"rules.{family}")).values()
        if isinstance(value, Rule)
    ]
    codes = [r.code for r in found]
    if len(codes) != len(set(codes)):
        msg = f"a code is used twice: {sorted(c for c in codes if codes.count(c) > 1)}"
        raise ValueError(msg)
    return tuple(sorted(found, key=lambda r: r.code))


_SAYS_NOTHING = frozenset({"check", "needs"})
"""How a rule is asked, and when it need not be: the same flags either way."""


def _set_text() -> str:
    """Every rule's head and page and every table row, in order; frozen values write themselves alike everywhere."""
    heads = [f.name for f in fields(Rule) if f.name not in _SAYS_NOTHING]
    told = [f"{r.code}.{name}={getattr(r, name)!r}" for r in RULES for name in heads]
    for module in sorted(m.name for m in iter_modules(tables.__path__)):
        rows = vars(import_module(f"rules.tables.{module}"))
        told += [f"{module}.{key}={rows[key]!r}" for key in sorted(rows) if _is_table(key, rows[key])]
    return "\n".join(told)


def _is_table(key: str, value: object) -> bool:
    return key.isupper() and isinstance(value, tuple | str | int)


RULES = _rules()
RULE_SET = f"{SET_NAME} {hashlib.sha256(_set_text().encode()).hexdigest()[:12]}"
"""Which rules and tables judged: name, and a digest of what they say."""
