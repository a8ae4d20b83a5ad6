"""How a line stands: its status (clarification 13) and its dose state (clarification 15), before any flag is raised."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from formats.statement import Kind, SaidStatus
from rules.authority import NEVER_DECISIONS
from rules.conclusion import DoseState, LineStatus
from rules.dosing import Dose, Relation, combined, compare
from rules.lengths import most_days
from rules.tables.high_alert import groups_named, name_groups
from rules.twice import entries_apart, lacks_a_strength
from rules.view import ORDINATIONS, PRESCRIBER_LISTS, LineView, Said, Telling, runs_on

OLD_AFTER_YEARS = 2
"""Decision older than 24 months (P11)."""
NOT_DISPENSED_FOR_YEARS = 1
SHORT_COURSE_DAYS = 14
"""A course within its own dates of 14 days or less raises no presence flags (fine rules)."""
DECIDES_DOSE = PRESCRIBER_LISTS
"""K3: among these the newest decision is the dose. A prescription is evidence of the dose when written."""
VOTES = ORDINATIONS | {Kind.HOME_LIST, Kind.LOCAL, Kind.PRESCRIPTION}


def lines_of(key: str, words: tuple[Said, ...], today: date, *, registry_answered: bool) -> list[LineView]:
    """The line of a treatment; more than one where one list carries it twice (C02 inside a list)."""
    groups = entries_apart(words, today)
    keys = [key if n == 0 else f"{key}#{n + 1}" for n in range(len(groups))]
    lines = []
    for n, group in enumerate(groups):
        partner = "" if len(groups) == 1 else keys[1] if n == 0 else keys[0]
        lines.append(_line(keys[n], group, today, partner=partner, registry_answered=registry_answered))
    return lines


def _line(key: str, words: tuple[Said, ...], today: date, *, partner: str, registry_answered: bool) -> LineView:
    first = min(words, key=lambda w: (w.identity.uncoded, w.identity.weak, w.id)).identity
    atcs = frozenset(w.identity.atc for w in words if w.identity.atc).union(
        *(w.identity.clash.atcs for w in words if w.identity.clash)  # at risk by either medicine (K1)
    )
    line = LineView(
        key=key,
        substances=first.substances,
        route=first.route,
        release=first.release,
        atc=first.atc or min(atcs, default=""),
        atcs=atcs,
        said=words,
        partner=partner,
        groups=frozenset(g for atc in atcs for g in groups_named(atc)) or _named_groups(words),
    )
    line.decisions = tuple(sorted((w for w in words if w.decision and w.in_force), key=_recent, reverse=True))
    line.newest_decision = _newest_status(words)
    _course(line)
    _dose_state(line, today)
    _status(line, today, registry_answered=registry_answered)
    return line


def _named_groups(words: tuple[Said, ...]) -> frozenset[str]:
    uncoded = [w for w in words if not w.identity.atc]
    return frozenset(g for w in uncoded for name in (w.name, *w.identity.substances) for g in name_groups(name))


def _recent(w: Said) -> tuple[date, str]:
    return (w.day or date.min, w.id)


# --- status -----------------------------------------------------------------------------------------------------

_FIRST_AT_A_TIE = {Telling.STOPPED: 2, Telling.PAUSED: 1, Telling.ACTIVE: 0}


def _newest_status(words: tuple[Said, ...]) -> Said | None:
    """The newest decision about use. On one day a stop goes before a pause, a pause before going on (safer reading).

    A stop or pause that only a list repeats stands for the decision nobody sent us, unless one of its kind is known.
    An undated stop is a tie with everything, so it stands; an undated or weakly dated going-on never is the newest. An
    undated pause is a tie too, and so stands behind a stop that is the newest word with a day.
    """
    spoken = [w for w in words if (w.in_force or w.stands_decided) and w.telling in _FIRST_AT_A_TIE]
    decided = [w for w in spoken if w.decision and not (w.telling is Telling.ACTIVE and w.weak)]
    known = {w.telling for w in decided}
    repeated = [w for w in spoken if w.is_list and w.telling is not Telling.ACTIVE and w.telling not in known]
    newest = max(decided + repeated, key=_status_order, default=None)
    if newest is not None and newest.day is None and newest.telling is Telling.PAUSED:
        dated = max((w for w in decided + repeated if w.day), key=_status_order, default=None)
        return dated if dated and dated.telling is Telling.STOPPED else newest
    return newest


def _status_order(w: Said) -> tuple[date, int, str]:
    undated = date.min if w.telling is Telling.ACTIVE else date.max
    return (w.day or undated, _FIRST_AT_A_TIE[w.telling], w.id)


def _status(line: LineView, today: date, *, registry_answered: bool) -> None:
    line.status, line.status_rule = _disputed(line) or _at_rest(line, today) or _in_use(line)
    if line.status is LineStatus.ACTIVE and line.status_rule == "K5" and registry_answered and only_old(line, today):
        line.status, line.status_rule = LineStatus.UNCONFIRMED, "P11"


Standing = tuple[LineStatus, str]


def _disputed(line: LineView) -> Standing | None:
    if line.stopped and line.says_in_use:
        return LineStatus.DISPUTED, "clarification 13a"
    if line.partner:
        return LineStatus.DISPUTED, "clarification 13c"
    return (LineStatus.DISPUTED, "clarification 13d") if revoked_in_use(line) else None


def _at_rest(line: LineView, today: date) -> Standing | None:
    if line.paused:
        return LineStatus.PAUSED, "P8"
    if _planned(line, today):
        return LineStatus.PLANNED, "clarification 13"
    if line.stopped:
        return LineStatus.ENDED, "K5"
    return (LineStatus.ENDED, "P9") if line.course_end is not None and line.course_end < today else None


def _in_use(line: LineView) -> Standing:
    if line.ordinations:
        return LineStatus.ACTIVE, "K5"
    if any(w.kind is Kind.LOCAL for w in line.active):
        return LineStatus.ACTIVE, "K10"
    return LineStatus.UNCONFIRMED, "P12" if line.prescriptions else "P14"


def checked_like_active(line: LineView) -> bool:
    """No ordination, but carried by a prescription in force and the home list (clarification 18), disputed or not.

    Or by a prescriber's list that does not know whether it is in use.
    """
    return (
        line.status in {LineStatus.UNCONFIRMED, LineStatus.DISPUTED}
        and not line.ordinations
        and any(s.kind is Kind.PRESCRIPTION for s in line.active)
        and bool(line.active_lists)
    )


def revoked_in_use(line: LineView) -> bool:
    """B10: the registry shows the prescription revoked for an unknown reason and no newer one; a list says active."""
    revoked = [w for w in line.said if _revoked_unexplained(w)]
    if not revoked or not line.active_lists or line.prescriptions or line.rolls:
        return False
    return not any(w.valid or w.own_of_roll for w in line.said)


def _revoked_unexplained(w: Said) -> bool:
    s = w.statement
    recalled = w.kind is Kind.REVOCATION or s.status is SaidStatus.REVOKED
    if not recalled or s.status is SaidStatus.REPLACED or w.telling is not Telling.OVER:
        return False
    reason = f"{s.reason or ''} {s.change or ''}".casefold()
    return not any(word in reason for word in ("erstatt", "ny resept", "forny", "replac", "bytt"))


def _planned(line: LineView, today: date) -> bool:
    """The start in force is after today, and nothing since the last stop or pause says that it is in use before it.

    A roll to come starts nothing that another list has.
    """
    listed = any(w.kind is not Kind.MULTIDOSE for w in line.active_lists)
    halted = max((w.day for w in line.decisions if w.telling in _HALTS and w.day), default=date.min)
    starting = [w for w in line.active if _to_come(w, today) and not (listed and w.kind is Kind.MULTIDOSE)]
    if line.stopped:  # a start that was decided before the stop, or that very day, is stopped with the rest (K5)
        starting = [w for w in starting if w.day and w.day > halted]
    if not starting:
        return False
    newest = max(starting, key=_recent)
    return not any(
        w is not newest
        and (w.statement.start or w.day or date.min) <= today <= (w.statement.end or date.max)
        and not _copy_of(w, newest)
        and not (w.day and w.day <= halted)
        for w in line.active_lists
    )


_HALTS = frozenset({Telling.STOPPED, Telling.PAUSED})
"""What was in use before one of these is not in use until the start that follows it."""


def _to_come(w: Said, today: date) -> bool:
    return w.statement.start is not None and w.statement.start > today and not _upside_down(w)


def _upside_down(w: Said) -> bool:
    """Ends before it starts: kept, shown (G04), and no evidence of anything."""
    return w.statement.start is not None and w.statement.end is not None and w.statement.end < w.statement.start


def _copy_of(w: Said, newest: Said) -> bool:
    """Silent about start and end, of no other dose, and of no day before it: it repeats the plan (clarification 3)."""
    silent = w.statement.start is None and w.statement.end is None
    since = w.day is not None and newest.own_day is not None and w.day >= newest.own_day
    return silent and since and not _differs(w, newest)


def _span(w: Said) -> int:
    """Days of the course, both ends counted; a course without a first day is not short."""
    first = w.statement.start or w.own_day
    return (w.statement.end - first).days + 1 if w.statement.end and first else SHORT_COURSE_DAYS + 1


def years_before(day: date, years: int) -> date:
    """The same day of the calendar so many years ago; of a leap day the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap_day else day.day)


def only_old(line: LineView, today: date) -> bool:
    """P11: nothing said for 24 months, no valid prescription, nothing handed out for 12 months."""
    said = [w for w in line.active if w.kind is not Kind.PRESCRIPTION]
    days = [w.statement.packed or w.own_day for w in said]
    handed = [w.statement.last_dispensed or (w.own_day if w.kind is Kind.DISPENSING else None) for w in line.said]
    return (
        bool(said)
        and all(d is not None and d < years_before(today, OLD_AFTER_YEARS) for d in days)
        and not any(w.valid or w.own_of_roll for w in line.said)
        and not any(d and d >= years_before(today, NOT_DISPENSED_FOR_YEARS) for d in handed)
    )


def _goes_on_later(other: Said, ending: Said) -> bool:
    """Said after the end was; a copy by the day of the decision it repeats, not that of its typing (3).

    Or another entry of the very list: that one is not silent about the end, it says what goes on.
    """
    if other.is_list and other.listed == ending.listed:
        return True
    told = other.day if other.kind in NEVER_DECISIONS and not other.decision else other.own_day
    return other.later_than(ending) or bool(told and ending.own_day and told > ending.own_day)


def _course(line: LineView) -> None:
    """Clarification 17: an end date in one statement ends the treatment, unless a later word says otherwise."""
    active = line.active or tuple(w for w in line.said if w.gone and w.telling is Telling.ACTIVE)
    starts = {w.statement.start for w in active}
    line.starts = min((s for s in starts if s), default=None) if None not in starts else None
    ending = [w for w in active if w.statement.end is not None and not _upside_down(w)]
    for w in sorted(ending, key=lambda e: (e.statement.end or date.min, e.id), reverse=True):
        others = [o for o in active if o is not w and o.statement.end is None]
        if not any(_goes_on_later(o, w) for o in others):
            line.course_end = w.statement.end
            break
    spans = [_span(w) for w in ending]
    line.short_course = max(spans) <= SHORT_COURSE_DAYS if line.course_end is not None else _short_in_words(line)


def _short_in_words(line: LineView) -> bool:
    """Every list that has it tells a length of 14 days or less ("i 5 dager")."""
    told = [most_days(w.statement) for w in line.active_lists]
    return bool(told) and all(days is not None and days <= SHORT_COURSE_DAYS for days in told)


# --- dose state -------------------------------------------------------------------------------------------------


def _dose_state(line: LineView, today: date) -> None:
    values = voices(line, today)
    line.values = values
    newest = line.newest_decision
    if newest is not None and newest.telling is not Telling.ACTIVE:
        line.chosen, line.dose_state, line.dose_rule = newest, DoseState.SINGLE, "clarification 15.i"
        return
    comparable = _comparable(values)
    if not values:
        line.dose_state, line.dose_rule = DoseState.UNKNOWN, "clarification 15.ii"
    elif len(values) == 1:
        line.chosen, line.dose_state, line.dose_rule = values[0], DoseState.SINGLE, "clarification 15.iii"
        if _echoed(line, values[0]):
            line.dose_state, line.dose_rule = DoseState.AGREED, "clarification 15.iv"
    else:
        _agree_or_not(line, comparable)
        if any(v.kind is not Kind.PRESCRIPTION for v in values if v not in comparable):
            _beside_apart(line)


def _beside_apart(line: LineView) -> None:
    """What can't be compared (D05) has been found neither equal nor other: only the newest decision goes before it."""
    newest = newest_dose(line.values)
    if line.dose_state is DoseState.CONFLICT:
        return
    if newest and all(newest.later_than(v) for v in line.values if v is not newest and _differs(newest, v)):
        line.chosen, line.dose_state, line.dose_rule = newest, DoseState.LATEST, "clarification 15.vii"
    else:
        line.chosen, line.dose_state, line.dose_rule = None, DoseState.CONFLICT, "clarification 15.viii"


def _echoed(line: LineView, only: Said) -> bool:
    """An expired prescription or a dispensing that states the same dose agrees; another dose there says nothing."""
    echoes = (Kind.PRESCRIPTION, Kind.DISPENSING)
    return any(
        w.in_force
        and w.kind in echoes
        and w.id != only.id
        and w.dose
        and only.dose
        and compare(w.dose, only.dose) is Relation.EQUAL
        for w in line.said
    )


def _agree_or_not(line: LineView, values: tuple[Said, ...]) -> None:
    lists = tuple(v for v in values if v.kind is not Kind.PRESCRIPTION)
    newest = newest_dose(values)
    suspect = any(v in values and w in values for v, w, _ in line.suspects)
    best = newest or min(lists or values, key=lambda v: (v.weak, v.identity.weak, not v.is_ordination, v.id))
    relations = {related for v, w, related in line.compared if v in values and w in values}
    if any(v.dose and v.dose.fixed and v.dose.prn for v in values):
        relations.discard(Relation.PRN)  # a list shows both parts: who has one of them says nothing against the other
    if relations <= {Relation.EQUAL}:
        line.chosen, line.dose_state, line.dose_rule = best, DoseState.AGREED, "clarification 15.iv"
    elif len(lists) > 1 and _all_equal(lists) and all(_older(v, lists) for v in values if v not in lists):
        line.chosen, line.dose_state, line.dose_rule = best, DoseState.AGREED, "clarification 15.v"
    elif Relation.INTERVAL in relations or suspect or newest is None:
        line.dose_state, line.dose_rule = (
            DoseState.CONFLICT,
            "clarification 15.vi" if newest else "clarification 15.viii",
        )
    elif all(newest.later_than(v) for v in values if v is not newest and _differs(newest, v)):
        line.chosen, line.dose_state, line.dose_rule = newest, DoseState.LATEST, "clarification 15.vii"
    else:
        line.dose_state, line.dose_rule = DoseState.CONFLICT, "clarification 15.viii"


def voices(line: LineView, today: date) -> tuple[Said, ...]:
    """One voice for each list, a set of entries added; the newest prescription speaks for the registry.

    Of entries of one list that follow each other only the one that runs today has a vote. A dose that begins on a day
    to come has none while the medicine is in use by another: it is not today's value (clarification 35). An entry of
    which the list does not know the status has none beside one of which it knows that it is in use. Where one strength
    of a set can't be read, the others are no sum, and the list has no voice.
    """
    by_place: dict[tuple[str, str, str], list[Said]] = {}
    in_use = not _planned(line, today)
    sure = {w.listed for w in line.active if not w.unsure}
    for w in line.said:
        if not (w.active and w.kind in VOTES and w.dose is not None) or (in_use and _to_come(w, today)):
            continue
        if not w.unsure or w.listed not in sure:
            by_place.setdefault(w.listed, []).append(w)
    done: list[Said] = []
    for listed, told in by_place.items():
        entries = [w for w in told if runs_on(w, today)] or told
        if lacks_a_strength(line, listed, entries):
            continue
        whole = combined(e.dose for e in entries if e.dose) if len(entries) > 1 else None
        if whole is None:
            done += entries
        else:
            first = max(entries, key=_recent)
            done.append(replace(first, dose=whole, others=tuple(e for e in entries if e is not first)))
    return tuple(sorted(done, key=lambda w: w.id))


def _comparable(values: tuple[Said, ...]) -> tuple[Said, ...]:
    """Values in mass count before values in pieces that no strength can turn into mass."""
    if any(v.dose and v.dose.by_mass for v in values):
        return tuple(
            v
            for v in values
            if v.dose and (v.dose.by_mass or any(_says_same(v.dose, o.dose) for o in values if o is not v))
        )
    return values


def _says_same(a: Dose, b: Dose | None) -> bool:
    return b is not None and compare(a, b) is not Relation.APART


def newest_dose(values: Iterable[Said]) -> Said | None:
    """K3: the newest decision about the dose in a list a prescriber keeps; a weak join or a weak date never wins."""
    decided = [
        v for v in values if v.decision and v.kind in DECIDES_DOSE and v.day and not v.weak and not v.identity.weak
    ]
    return max(decided, key=_recent, default=None)


def _all_equal(values: tuple[Said, ...]) -> bool:
    return not any(_differs(values[0], v) for v in values[1:])


def _differs(a: Said, b: Said) -> bool:
    return bool(a.dose and b.dose) and compare(a.dose, b.dose) is not Relation.EQUAL  # type: ignore[arg-type]  # both are there


def _older(prescription: Said, lists: tuple[Said, ...]) -> bool:
    return any(v.later_than(prescription) for v in lists)
