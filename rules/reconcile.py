"""One list from all that was said: match, choose, judge. The whole of judgement is this story."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from formats.drug import Catalogue
from formats.statement import AsideReason, Gap, GapCode, Kind, SaidStatus, Source, Statement, StatementType, Use
from rules.authority import said
from rules.conclusion import Aside, Case, Discrepancy, Heard, Line, LineStatus, Outcome, Reconciliation
from rules.judging import ADVISORY, Judgement, judge
from rules.listing import ORDER, line_on_list
from rules.matching import Member, treatments
from rules.rolls import begun
from rules.rulebook import RULE_SET
from rules.standing import OLD_AFTER_YEARS, lines_of, years_before
from rules.versions import replaced_versions
from rules.view import CaseView, DoseSaid, LineView, Said, Telling

FOLDED_FOR = timedelta(days=90)
"""Last said over 24 months ago, or ended over 90 days ago: kept, but not on the list (clarification 57)."""
ATC4 = 5
"""Letters of an ATC level 4 group."""
Past = Mapping[str, Sequence[Statement]]
"""Replaced versions by the id of the one that replaced them."""
BANNERS = ("G02", "G05", "F01", "F02")
"""Shown above everything (display order)."""


def reconcile(case: Case, catalogue: Catalogue, on: date) -> Reconciliation:
    """The list of `case` as it stands on `on`. Pure: the same case, catalogue, rule set and day give the same digest.

    Order and repetition of statements do not matter. A treatment that can't be worked out stands as a visible line
    with `failed`, and the rest of the list with it.
    """
    view, failed, aside = matched(case, catalogue, on)
    judgement = judge(view, failed)
    standing, folded = _folded(view, judgement, on)
    on_list = _on_list(standing, judgement)
    return _concluded(case, catalogue, on_list, aside + folded, judgement, on)


def matched(case: Case, catalogue: Catalogue, on: date) -> tuple[CaseView, list[str], list[Aside]]:
    """The lines before a rule has looked at them, the keys of those not worked out, and what was set aside."""
    kept, aside, past = _set_aside(case, on)
    lines, failed = _lines(treatments(kept, catalogue, case.links), past, case, on)
    view = CaseView(case=case, catalogue=catalogue, today=on, lines=tuple(lines), pairs=_kindred(lines))
    return view, failed, aside


def _set_aside(case: Case, on: date) -> tuple[list[Statement], list[Aside], Past]:
    kept: dict[str, Statement] = {}
    aside: dict[str, Aside] = {}
    replaced = replaced_versions(s for s in case.statements if not _of_the_stay(s, case))
    for statement in case.statements:
        reason = _reason(statement, case, on) or (AsideReason.REPLACED if statement.id in replaced else None)
        if reason:
            aside[statement.id] = Aside(statement.id, reason)
        else:
            kept[statement.id] = _come(statement, on)
    past: dict[str, list[Statement]] = {}
    for statement in case.statements:
        if successor := replaced.get(statement.id):
            past.setdefault(successor, []).append(statement)
    return list(kept.values()), [a for key, a in aside.items() if key not in kept], past


def _come(s: Statement, on: date) -> Statement:
    """A discontinuation that lay ahead when told, a decision with a reason, is a stop from its day on (K5)."""
    ahead = s.kind in _DISCONTINUING and s.type is StatementType.DECISION and s.status is SaidStatus.ACTIVE
    if not (ahead and s.reason and s.end and s.end < on) or s.use is Use.COURSE:
        return s
    return replace(s, status=SaidStatus.STOPPED, decided=s.end + timedelta(days=1))


_DISCONTINUING = frozenset({Kind.PLL, Kind.GP_LIST, Kind.PRESCRIPTION})


def _reason(s: Statement, case: Case, on: date) -> AsideReason | None:
    if s.aside:
        return s.aside
    if _of_the_stay(s, case):
        return AsideReason.NOT_HOME
    if s.said_until is not None and s.said_until < years_before(on, OLD_AFTER_YEARS):
        return AsideReason.OLD
    return None


def _of_the_stay(s: Statement, case: Case) -> bool:
    """P10: orders during a stay do not touch the home list. What was ordered before it stands (S10)."""
    day, since = s.decided or s.recorded, case.admitted_on
    return case.admitted and s.kind is Kind.ORDER and not (day and since and day < since)


def _earlier(members: Iterable[Member], past: Past) -> list[Member]:
    """The replaced versions of a treatment's statements, of the same medicine: what they decided was said once."""
    found = []
    for m in members:
        for old in past.get(m.statement.id, ()):
            same = (old.varenr, old.fest_id) == (m.statement.varenr, m.statement.fest_id)
            if old.atc == m.statement.atc:
                found.append(Member(old, m.identity if same else replace(m.identity, drug=None)))
    return found


def _lines(
    groups: Mapping[str, tuple[Member, ...]], past: Past, case: Case, on: date
) -> tuple[list[LineView], list[str]]:
    """The lines, and the keys of those that could not be worked out (S19)."""
    registry = case.heard.get(Source.RF)
    answered = registry is not None and not registry.limited
    gps_list = case.gps_list
    rolls = begun((m.statement for members in groups.values() for m in members), on)
    lines: list[LineView] = []
    failed: list[str] = []
    for key, members in groups.items():
        try:
            words = said(members, on, _earlier(members, past), rolls, case.last_told)
            made = lines_of(key, words, on, registry_answered=answered)
            for line in made:
                line.gps_list = gps_list
            lines += made
        except Exception:  # noqa: BLE001 - S19: one treatment that can't be worked out must not take the list with it
            lines.append(_raw(key, members))
            failed.append(key)
    return lines, failed


def _raw(key: str, members: Sequence[Member]) -> LineView:
    """A treatment that could not be worked out: its statements as they are, nothing concluded."""
    words = tuple(
        Said(
            statement=m.statement,
            id=m.statement.id,
            source=m.statement.source,
            kind=m.statement.kind,
            identity=m.identity,
            telling=Telling.OVER,
            dose_said=DoseSaid.UNREADABLE,
            dose=None,
            day=None,
        )
        for m in members
    )
    first = members[0].identity
    return LineView(
        key=key,
        substances=first.substances,
        route=first.route,
        release=first.release,
        atc=first.atc,
        atcs=frozenset({first.atc} - {""}),
        said=words,
        status=LineStatus.UNCONFIRMED,
        status_rule="S19",
    )


def _kindred(lines: Sequence[LineView]) -> tuple[tuple[LineView, LineView], ...]:
    """Pairs that share a substance, an ATC code or an ATC level 4 group, each once, by key."""
    shared: dict[str, list[LineView]] = {}
    for line in lines:
        for mark in {*line.substances, *(atc[:5] for atc in line.atcs if len(atc) >= ATC4)}:
            shared.setdefault(mark, []).append(line)
    pairs: dict[tuple[str, str], tuple[LineView, LineView]] = {}
    for group in shared.values():
        for n, a in enumerate(group):
            for b in group[n + 1 :]:
                first, second = (a, b) if a.key < b.key else (b, a)
                pairs[first.key, second.key] = (first, second)
    return tuple(pairs[key] for key in sorted(pairs))


def _folded(view: CaseView, judgement: Judgement, on: date) -> tuple[list[LineView], list[Aside]]:
    """Lines that ended more than 90 days ago leave the list, unless something still says active or a flag stands."""
    flagged = {key for flag in judgement.flags if not flag.suppressed_by for key in flag.lines}
    standing, aside = [], []
    for line in view.lines:
        newest = line.newest_decision
        over = newest.day if line.stopped and newest else line.course_end
        old = line.status is LineStatus.ENDED and over is not None and over < on - FOLDED_FOR
        if old and line.key not in flagged and not line.prescriptions:
            aside += [Aside(word.id, AsideReason.OLD) for word in line.said]
        else:
            standing.append(line)
    return standing, aside


def _on_list(standing: Sequence[LineView], judgement: Judgement) -> list[Line]:
    flags: dict[str, list[Discrepancy]] = {}
    for flag in judgement.flags:
        if not flag.suppressed_by:
            for key in flag.lines:
                flags.setdefault(key, []).append(flag)
    by_substance: dict[str, set[str]] = {}
    for line in standing:
        for substance in line.substances:
            by_substance.setdefault(substance, set()).add(line.key)
    lines = []
    for line in standing:
        related = {key for s in line.substances for key in by_substance[s]} - {line.key}
        on_line = flags.get(line.key, [])
        lines.append(line_on_list(line, on_line, related, failed=line.key in judgement.failed_lines))
    return sorted(lines, key=lambda line: (ORDER[line.section], line.name.casefold(), line.key))


def _concluded(
    case: Case, catalogue: Catalogue, lines: list[Line], aside: list[Aside], judgement: Judgement, on: date
) -> Reconciliation:
    raised = sorted((f for f in judgement.flags if not f.suppressed_by), key=flag_order)
    gaps = _gaps(case, judgement)
    whole = Reconciliation(
        lines=tuple(lines),
        discrepancies=tuple(raised),
        suppressed=tuple(f for f in judgement.flags if f.suppressed_by),
        aside=tuple(sorted(aside, key=lambda a: a.statement)),
        gaps=gaps,
        complete=_complete(case, on) and not judgement.failed_rules and not judgement.failed_lines,
        rule_set=RULE_SET,
        catalogue=catalogue.version,
        allergies=tuple(sorted(case.allergies, key=lambda a: (a.id, a.source, a.text))),
        admitted=case.admitted,
    )
    return replace(whole, digest=digest(whole))


def flag_order(flag: Discrepancy) -> tuple[bool, int, bool, str, str, tuple[str, ...]]:
    """Banners first, then by severity, advisory last among equals, then code and what it is about."""
    return (
        flag.code not in BANNERS,
        -flag.severity.rank,
        flag.code in ADVISORY,
        flag.code,
        flag.about,
        flag.lines,
    )


def _gaps(case: Case, judgement: Judgement) -> tuple[Gap, ...]:
    gaps = [gap for heard in case.heard.values() for gap in heard.gaps]
    gaps += [Gap(source, GapCode.NOT_READ) for source in Source if source not in case.heard]
    for source, heard in case.heard.items():
        if heard.outcome in _OUTCOME_GAP and not any(g.code is _OUTCOME_GAP[heard.outcome] for g in heard.gaps):
            gaps.append(Gap(source, _OUTCOME_GAP[heard.outcome]))
        if heard.wrong_patient and not any(g.code is GapCode.QUARANTINED for g in heard.gaps):
            gaps.append(Gap(source, GapCode.QUARANTINED))
    gaps += [Gap(source, GapCode.STALE_JUDGEMENT, f"regel {code}") for source, code in judgement.failed_rules]
    return tuple(sorted(gaps, key=lambda g: (g.source, g.code, g.text, g.place is not None, str(g.place))))


_OUTCOME_GAP = {
    Outcome.NOT_READ: GapCode.NOT_READ,
    Outcome.FAILED: GapCode.FAILED,
    Outcome.STALE: GapCode.STALE,
}


def _complete(case: Case, on: date) -> bool:
    """RF, GP and HP each read, within their freshness, without a limiting gap; G01 at low limits nothing (50)."""
    return all(source in case.heard and _whole(case.heard[source], on) for source in Source)


def _whole(heard: Heard, on: date) -> bool:
    if heard.wrong_patient or heard.outcome in {Outcome.FAILED, Outcome.NOT_READ}:
        return False
    if any(g.limits and g.code is not GapCode.STALE for g in heard.gaps):
        return False
    if heard.day is None:
        return heard.outcome is not Outcome.STALE
    hours = (on - heard.day).days * 24
    return heard.fresh_hours_high is None or hours <= heard.fresh_hours_high


# --- the digest -------------------------------------------------------------------------------------------------


def digest(told: Reconciliation) -> str:
    """SHA-256 over the conclusions in canonical form.

    Rule set, catalogue, words (of flags and gaps) and places are no part of it: they conclude nothing.
    """
    parts = [
        told.lines,
        [_conclusion(flag) for flag in told.discrepancies],
        [_conclusion(flag) for flag in told.suppressed],
        [(a.statement, a.reason) for a in told.aside],
        sorted({(g.source, g.code) for g in told.gaps}),
        told.complete,
        [a.id or a.text for a in told.allergies],
        told.admitted,
    ]
    return hashlib.sha256(_CANONICAL.encode(parts)).hexdigest()


def _conclusion(flag: Discrepancy) -> tuple[object, ...]:
    """What a flag concludes; its values and texts say it in words, and they name places."""
    return (
        flag.code,
        flag.about,
        flag.severity,
        flag.owner,
        flag.also,
        flag.lines,
        flag.evidence,
        flag.suppressed_by,
        flag.intended,
    )


def _as_text(value: object) -> str:
    """Codes are texts of a kind of their own."""
    if isinstance(value, str):
        return str(value)
    msg = f"no canonical form for {type(value).__name__}"
    raise TypeError(msg)


_CANONICAL = msgspec.json.Encoder(order="deterministic", enc_hook=_as_text)
"""Any conclusion into JSON, keys and sets sorted. In C: written in Python this took a tenth of judgement."""
