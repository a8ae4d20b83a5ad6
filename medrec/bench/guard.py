"""Bounds for a run in CI: a ratio over its bound says that the work has grown, whatever else the machine does.

Each is about twice the largest ratio measured on 2026-11-29 (README); goals are another thing, and stricter.
"""

from collections.abc import Iterable, Mapping

from medrec.bench.measure import Result

BOUNDS: Mapping[str, float] = {
    "medrec --help": 5,
    "read M9.6": 12,
    "M9.6 redelivered": 0.5,
    "read M25.1": 12,
    "read R4 searchset": 10,
    "FEST load": 5,
    "catalogue look-up": 5,
    "hostile, refused": 4,
    "hostile, taken": 1,
    "read dosing text": 350,
    "match and all rules": 300,
    "growth from 10 to 200 lines": 40,
    "ingest and reconcile": 5,
    "redelivered unchanged": 0.15,
    "refresh of everyone": 25,
    "HTML page that is rendered anew": 60,
    "HTML page": 8,
    "JSON list unchanged (304)": 20,
    "JSON list": 8,
}
"""By the beginning of a step's name, the first that fits: the largest ratio to its floor."""


def grown(results: Iterable[Result]) -> list[str]:
    """A line for each step whose ratio is over its bound, or that has a floor and no bound."""
    told = []
    for one in results:
        bound = next((most for start, most in BOUNDS.items() if one.step.startswith(start)), 0.0)
        if one.floor and one.ratio > bound:
            told.append(f"{one.step}: {one.ratio:.2f}x its floor, bound {bound:g}x")
    return told
