"""The same medicine twice in one list: a set, or two treatments side by side (C02, "Cardinality")."""

from collections.abc import Iterable, Mapping
from datetime import date

from rules.dosing import other_side, same_moments
from rules.identifying import strengths_of
from rules.view import DoseSaid, LineView, Said


def entries_apart(words: tuple[Said, ...], today: date) -> list[tuple[Said, ...]]:
    """The statements by line: one group, or one for each entry of a list that carries the medicine twice (C02).

    Two entries of one list are a set where their strengths or their times differ, where one is for the right eye and
    one for the left, or where one is fixed and one as needed; else they are two. One of which the list does not know
    the status is no second one; one that is over by its own dates stands for nothing beside one that goes on.
    Statements of the other sources go with the entry of their own product name.
    """
    lists: dict[tuple[str, str, str], list[Said]] = {}
    for w in words:
        if w.active and w.is_list and not w.unsure:
            lists.setdefault(w.listed, []).append(w)
    most: list[Said] = []
    for _, entries in sorted(lists.items()):
        doubled = _doubled(_not_over(entries, today))
        if len(doubled) > len(most):
            most = doubled
    if len(most) < 2:  # noqa: PLR2004 - twice
        return [words]
    return _divided(words, sorted(most, key=_first_said), lists)


def _not_over(entries: list[Said], today: date) -> list[Said]:
    on = [w for w in entries if w.statement.end is None or w.statement.end >= today]
    return on or entries


def _doubled(entries: list[Said]) -> list[Said]:
    """Entries of one list that stand beside another one for the same times; an entry of a set with all is not one.

    Each is held against every other: "kveld" beside "morgen" twice hides neither of the two, whichever is read first.
    """
    return [entry for entry in entries if any(_two_treatments(entry, other) for other in entries if other is not entry)]


def _two_treatments(a: Said, b: Said) -> bool:
    if _differ_in_time(a, b) or _strength(a) != _strength(b):
        return False
    if a.dose is None or b.dose is None:
        return True
    if other_side(a.dose, b.dose):
        return False
    if a.dose.fixed and b.dose.fixed:
        return same_moments(a.dose.fixed, b.dose.fixed)
    return bool(a.dose.prn and b.dose.prn)


def _differ_in_time(a: Said, b: Said) -> bool:
    first, second = sorted((a.statement, b.statement), key=lambda s: (s.start or date.min, s.id))
    return first.end is not None and second.start is not None and first.end < second.start


def lacks_a_strength(line: LineView, listed: tuple[str, str, str], entries: Iterable[Said]) -> bool:
    """A list states these readable doses, and another strength beside them whose dose nobody can read: no sum is known.

    `listed`: the list (`Said.listed`).
    """
    told = {strengths_of(w.statement, w.identity.drug) for w in entries}
    unread = {
        strengths_of(w.statement, w.identity.drug)
        for w in line.active
        if w.dose_said is DoseSaid.UNREADABLE and w.listed == listed
    }
    return all(told) and any(strengths and strengths not in told for strengths in unread)


def _strength(w: Said) -> object:
    return strengths_of(w.statement, w.identity.drug) or (w.statement.strength or "")


def _label(w: Said) -> str:
    return " ".join(w.name.casefold().split())


def _divided(
    words: tuple[Said, ...], entries: list[Said], lists: Mapping[tuple[str, str, str], list[Said]]
) -> list[tuple[Said, ...]]:
    groups: list[list[Said]] = [[] for _ in entries]
    for listed in lists.values():
        doubled = _in_label_order(_doubled(listed), entries)
        for n, w in enumerate(doubled if len(doubled) > 1 else ()):
            groups[min(n, len(groups) - 1)].append(w)
    placed = {id(w) for group in groups for w in group}
    for w in words:
        if id(w) not in placed:
            groups[_nearest(w, groups)].append(w)
    return [tuple(sorted(group, key=lambda w: w.id)) for group in groups]


def _first_said(w: Said) -> tuple[date, str]:
    return (w.own_day or date.max, w.id)


def _in_label_order(doubled: list[Said], entries: list[Said]) -> list[Said]:
    """In the order of the entries of the same product name, so that each list's entry finds its own line."""
    names = [_label(e).split(" ", 1)[0] for e in entries]

    def place(w: Said) -> tuple[int, tuple[date, str]]:
        word = _label(w).split(" ", 1)[0]
        return (names.index(word) if word in names else len(names), _first_said(w))

    return sorted(doubled, key=place)


def _nearest(w: Said, groups: list[list[Said]]) -> int:
    """The group that carries the same product name, brand for brand; else the first."""
    word = _label(w).split(" ", 1)[0]
    return next((n for n, group in enumerate(groups) if any(_label(o).split(" ", 1)[0] == word for o in group)), 0)
