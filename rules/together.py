"""Two lines on one day: in use together, on one list, meant as a pair."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from formats.statement import Use
from rules.conclusion import LineStatus
from rules.standing import checked_like_active
from rules.tables.high_alert import Group
from rules.view import PRESCRIBER_LISTS, CaseView, LineView, Said, evidence, runs_together, treatment_of

Pair = tuple[LineView, LineView]


def pairs_in_use(case: CaseView, among: Iterable[LineView]) -> Iterator[Pair]:
    """Each two lines of `among` that are used at the same time today: one in use, the other in use or unconfirmed."""
    chosen = frozenset(among)
    for a, b in combinations([line for line in reaching(case) if line in chosen], 2):
        if counts_as_used(a) or counts_as_used(b):
            yield a, b


def counts_as_used(line: LineView) -> bool:
    """In use, or carried by a valid prescription and the home list: that one is checked like it (clarification 18)."""
    return line.in_use or checked_like_active(line)


def reaching(case: CaseView) -> tuple[LineView, ...]:
    """The lines of the case that reach today, by key."""
    if case.reaching is None:
        using = (line for line in case.lines if reaches_today(line, case))
        case.reaching = tuple(sorted(using, key=lambda line: line.key))
    return case.reaching


def used_together(a: LineView, b: LineView, case: CaseView) -> bool:
    """One is in use, the other in use or unconfirmed, and both reach today (clarification 18)."""
    return (counts_as_used(a) or counts_as_used(b)) and all(reaches_today(line, case) for line in (a, b))


def reaches_today(line: LineView, case: CaseView) -> bool:
    """In use or unconfirmed, begun, and not over."""
    begun = any(s.statement.start is None or s.statement.start <= case.today for s in line.active)
    over = line.course_end is not None and line.course_end < case.today
    return (line.in_use or line.status is LineStatus.UNCONFIRMED) and begun and not over


def side_by_side(a: LineView, b: LineView) -> bool:
    """Both are said to be used, at the same time, and neither is stopped."""
    return not (a.stopped or b.stopped) and bool(a.active and b.active) and runs_together(a, b)


def beside_each_other(line: LineView, case: CaseView) -> tuple[Pair, ...]:
    """The lines one treatment stands on ("…#2"), two and two as they stand side by side, in the order of their keys."""
    same = [other for other in case.lines if treatment_of(other.key) == treatment_of(line.key)]
    same.sort(key=lambda one: (len(one.key), one.key))
    return tuple(pair for pair in combinations(same, 2) if side_by_side(*pair))


def about_both(a: LineView, b: LineView) -> str:
    """The substances of both lines, as a flag on the pair names them."""
    if a.substance_text == b.substance_text:
        return a.substance_text
    return f"{a.substance_text}+{b.substance_text}"


def evidence_of(*lines: LineView) -> tuple[str, ...]:
    """Ids of everything in force that says the lines are in use."""
    return evidence(s for line in lines for s in line.active)


def speaker(line: LineView) -> Said:
    """The statement that speaks for the line in a sentence: the one chosen, else its newest active, else its newest."""
    if line.chosen is not None:
        return line.chosen
    return max(line.active_lists or line.active or line.said, key=lambda s: (str(s.day or ""), s.id))


def latest_said(said: tuple[Said, ...]) -> Said:
    """The one with the latest own day; of equals the last by id."""
    return max(said, key=lambda s: (s.own_day or date.min, s.id))


def places_of(line: LineView) -> frozenset[str]:
    """The lists that carry the line as active."""
    return frozenset(s.place for s in line.active_lists)


def share_prescriber_list(a: LineView, b: LineView) -> bool:
    """A list that a prescriber keeps carries both (clarification 47)."""
    return bool(_prescriber_places(a) & _prescriber_places(b))


def _prescriber_places(line: LineView) -> frozenset[str]:
    return frozenset(s.place for s in line.active if s.kind in PRESCRIBER_LISTS)


def as_needed(said: Said) -> bool:
    """Said to be taken as needed, and nothing regular beside it."""
    if said.dose is not None:
        return said.dose.prn is not None and said.dose.fixed is None
    told = said.statement.any_dosage
    return said.statement.use is Use.PRN or bool(told and told.prn)


def regular(said: Said) -> bool:
    """Said to be taken at fixed times, whether or not something as needed stands beside it."""
    if said.dose is not None:
        return said.dose.fixed is not None
    return said.statement.use in {Use.FIXED, Use.COURSE}


def intended_levodopa_pair(a: LineView, b: LineView) -> bool:
    """Levodopa plain and prolonged, both at fixed times in one prescriber's list: by day and for the night."""
    if a.substances != b.substances or "levodopa" not in a.substances:
        return False
    first, second = ({s.place for s in one.active if s.kind in PRESCRIBER_LISTS and regular(s)} for one in (a, b))
    return bool(first & second)


def intended_opioid_pair(a: LineView, b: LineView) -> bool:
    """Prolonged opioid at fixed times and the same, plain, as needed, in one prescriber's list (fine rule, cl. 30)."""
    if a.substances != b.substances or not a.in_group(Group.OPIOID):
        return False
    if {a.release, b.release} != {"prolonged", "plain"}:
        return False
    slow, quick = (a, b) if a.release == "prolonged" else (b, a)
    fixed = {s.place for s in slow.active if s.kind in PRESCRIBER_LISTS and regular(s)}
    needed = {s.place for s in quick.active if s.kind in PRESCRIBER_LISTS and as_needed(s)}
    return bool(fixed & needed)
