"""All rules in reading order, and the version of the set."""

import hashlib
import inspect
import sys
from importlib import import_module

from rules.rule import Rule

FAMILIES = ("presence", "status", "identity", "relation", "dose", "regimen", "multidose", "safety", "process")
"""Modules in `rules/`, in reading order. Each holds the rules of one family or half a family."""


def _rules() -> tuple[Rule, ...]:
    found = [
        value
        for family in FAMILIES
        for value in vars(import_module(f"rules.{family}")).values()
        if isinstance(value, Rule)
    ]
    codes = [r.code for r in found]
    if len(codes) != len(set(codes)):
        msg = "a code is used twice"
        raise ValueError(msg)
    return tuple(sorted(found, key=lambda r: r.code))


RULES = _rules()
