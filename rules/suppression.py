"""One root cause, one flag: which kept flag speaks for which other (rules.md section b, clarifications 29, 52, 60).

Only a kept flag suppresses; the table is processed top down, once. A suppressed flag keeps the severity it would have
had and names the code that speaks for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from formats.statement import Kind
from rules.conclusion import Discrepancy
from rules.view import CaseView, LineView

Lines = Mapping[str, LineView]
When = Callable[[Discrepancy, Discrepancy, Lines], bool]


def _same_line(kept: Discrepancy, other: Discrepancy, _lines: Lines) -> bool:
    return bool(set(kept.lines) & set(other.lines))


def _not_the_home_list(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    """B07 speaks for the GP's list and the prescription, E02 for the roll; an old home list keeps its own flag (24)."""
    return _same_line(kept, other, lines) and not other.values.get("home_list_is_old")


def _between(kept: Discrepancy, other: Discrepancy, _lines: Lines) -> bool:
    """Both entries of the pair, and nothing beyond it."""
    return len(kept.lines) > 1 and set(other.lines) <= set(kept.lines)


def _newest_carries_the_dose(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    return _same_line(kept, other, lines) and not other.values.get("newest_differs")


def _lists_agree(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    return _same_line(kept, other, lines) and not other.values.get("lists_differ")


def _points_to_the_plan(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    return _same_line(kept, other, lines) and bool(other.values.get("points_to_plan", True))


def _earlier_step(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    return _same_line(kept, other, lines) and bool(kept.values.get("earlier_step", True))


def _same_subject(kept: Discrepancy, other: Discrepancy, _lines: Lines) -> bool:
    return kept.about == other.about


def _suggested(kept: Discrepancy, other: Discrepancy, _lines: Lines) -> bool:
    suggestion = kept.values.get("suggestion")
    return bool(suggestion) and suggestion in other.lines


def _stands_in_the_other(kept: Discrepancy, other: Discrepancy, lines: Lines) -> bool:
    """Clarification 60: the list or registry that lacks this line has the other one of the pair."""
    pair = [lines[k] for k in kept.lines if k not in other.lines and k in lines]
    gps = {line.gps_list for line in pair}
    kinds = {"A01": gps, "A02": {Kind.HOME_LIST, Kind.LOCAL}, "A03": {Kind.PRESCRIPTION, Kind.MULTIDOSE}}
    return any(s.kind in kinds[other.code] for line in pair for s in line.active)


TABLE: tuple[tuple[str, tuple[str, ...], When], ...] = (
    ("B07", ("A01", "B02", "D01"), _not_the_home_list),
    ("B01", ("A06", "B11"), _same_line),
    ("B05", ("A03",), _same_line),
    ("B09", ("B01", "B02"), _same_line),
    ("B10", ("A03",), _same_line),
    ("B11", ("D07",), _newest_carries_the_dose),
    ("C02", ("A01", "A02", "A03"), _between),
    ("C09", ("A01", "A02"), _suggested),
    ("C08", ("C01",), _same_line),
    ("D02", ("D13", "D10", "D01", "D07"), _same_line),
    ("D11", ("D10", "D01", "D07"), _same_line),
    ("D13", ("D10", "D01", "D07"), _same_line),
    ("D10", ("C03",), _same_subject),
    ("D07", ("D01",), _lists_agree),
    ("D09", ("D01",), _same_line),
    ("D09", ("D05",), _points_to_the_plan),
    ("E01", ("C02", "B11"), _same_line),
    ("E02", ("D01", "D07"), _not_the_home_list),
    ("E03", ("B01", "B02", "B07"), _same_line),
    ("C03", ("C04",), _between),
    ("F05", ("C04",), _between),
    ("F05", ("B02",), _same_line),
    ("A06", ("A03",), _same_line),
    ("G02", ("G01",), _same_subject),
    ("C02", ("C04", "C06", "C10", "B11"), _between),
    ("C05", ("C01",), _same_line),
    ("D12", ("C05",), _same_line),
    ("D09", ("B07",), _earlier_step),
    ("B03", ("B07", "B02"), _same_line),
    ("C06", ("A01", "A02", "A03"), _stands_in_the_other),
    ("C07", ("A01", "A02", "A03"), _stands_in_the_other),
)
"""Kept code, the codes it speaks for, and when. Rows of clarifications 29 and 60 stand last.

C08 speaks for no presence flag: its link is made, so whoever answers it leaves the list that lacks the medicine without
it. Only C09 has a suggestion whose answer could put the medicine there.
"""


ANYWHERE = frozenset({_same_subject, _suggested})
"""Where the keeper may stand on other lines. Everywhere else the two share a line, so only those are compared."""


def suppressed(flags: Iterable[Discrepancy], case: CaseView) -> tuple[Discrepancy, ...]:
    """All flags in the same order, those that another speaks for with `suppressed_by` filled."""
    lines = case.keyed
    standing = list(flags)
    by_code: dict[str, list[int]] = {}
    by_place: dict[tuple[str, str], list[int]] = {}
    for n, flag in enumerate(standing):
        by_code.setdefault(flag.code, []).append(n)
        for place in flag.lines:
            by_place.setdefault((flag.code, place), []).append(n)
    for code, spoken_for, when in TABLE:
        if code not in by_code:
            continue
        for other in spoken_for:
            for n in by_code.get(other, ()):
                flag = standing[n]
                if flag.suppressed_by:
                    continue
                near = (
                    by_code[code]
                    if when in ANYWHERE
                    else [k for place in flag.lines for k in by_place.get((code, place), ())]
                )
                if any(not standing[k].suppressed_by and when(standing[k], flag, lines) for k in near):
                    standing[n] = replace(flag, suppressed_by=code)
    return tuple(standing)
