"""Running the rules: which may speak of which line, how serious, who owns, and what happens when one fails."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from formats.statement import GapCode, Kind, Source
from rules.conclusion import Discrepancy, DoseState, Heard, LineStatus, Outcome, Owner, Severity
from rules.dosing import Relation, relation, same_moments
from rules.escalation import CONDITIONS
from rules.marks import marks_of
from rules.rule import Finding, Found, Rule, Scope
from rules.rulebook import RULES
from rules.standing import checked_like_active
from rules.suppression import suppressed
from rules.view import CaseView, LineView, Said, treatment_of

ADVISORY = frozenset({"B06", "C04", "D08", "E04", "F03", "F04", "F06", "G03", "G06"})
ALWAYS = frozenset({"C01", "C08", "C11", "C12", "C13", "C14", "D14", "D15", "G04"})
"""Codes that presume no use: names, codes, joins, boxes and contradictions inside one statement."""
WHILE_UNCONFIRMED = ADVISORY | ALWAYS | {"A05", "A06", "C02", "C09", "C10", "D02", "D10", "D11", "D13", "F01", "F05"}
WHILE_ENDED = frozenset({"B01", "B04", "C12", "G04"})
NOT_PAUSED = frozenset({"A02", "A03", "B05", *(f"D0{n}" for n in range(3, 10))})
PAIR_NEEDS_USE = frozenset({"C03", "C04", "C06", "C07", "C10"})
OWNER_OF_OUTDATED = frozenset({"D01", "D03", "D04"})
"""Under LATEST the keeper of the outdated source acts first (clarification 27)."""
_STEP_UP = {
    Severity.INFO: Severity.LOW,
    Severity.LOW: Severity.MODERATE,
    Severity.MODERATE: Severity.HIGH,
    Severity.HIGH: Severity.CRITICAL,
    Severity.CRITICAL: Severity.CRITICAL,
}


@dataclass(slots=True)
class Judgement:
    """The flags of a case, kept and suppressed, and what could not be judged."""

    flags: tuple[Discrepancy, ...] = ()
    failed_lines: set[str] = field(default_factory=set)
    failed_rules: set[tuple[Source, str]] = field(default_factory=set)
    """Each rule that failed, with the sources of the lines it was shown; every source where it was shown the case."""


def may_speak(rule: Rule, line: LineView) -> bool:
    """The rule's code may be raised on a line that stands as this one does (clarifications 13-19).

    Where a flag disputes the line it does so by the status before that too: it begins, or is in use, no more for it.
    """
    at_rest, checked = line.stopped or line.paused, checked_like_active(line)
    stands = (line.status, line.undisputed or line.status)
    return all(_allowed(rule.code, status, at_rest=at_rest, checked=checked) for status in stands)


def _allowed(code: str, status: LineStatus, *, at_rest: bool, checked: bool) -> bool:
    if status is LineStatus.ENDED:
        return code in WHILE_ENDED
    if at_rest and code[0] in "AD" and code != "D14":
        return False
    if status in {LineStatus.PAUSED, LineStatus.PLANNED}:
        return code not in NOT_PAUSED
    if status is LineStatus.UNCONFIRMED and not checked:
        return code in WHILE_UNCONFIRMED
    return True


_Key = tuple[LineStatus, LineStatus | None, bool, bool]
_RULES_FOR: dict[tuple[_Key, int, bool], tuple[Rule, ...]] = {}
MOST_KEPT = 8192
"""Ways for a line to stand that are remembered with the rules to ask; a town of patients has some hundred."""


def _line_rules(line: LineView, marks: int, *, disputing: bool) -> tuple[Rule, ...]:
    """The rules that may speak of the line as it stands, and that what stands on it can make fire."""
    key = (line.status, line.undisputed, line.stopped or line.paused, checked_like_active(line))
    found = _RULES_FOR.get((key, marks, disputing))
    if found is None:
        if len(_RULES_FOR) >= MOST_KEPT:
            _RULES_FOR.clear()
        asked = (r for r in RULES if r.scope is Scope.LINE and r.disputes is disputing and may_speak(r, line))
        found = _RULES_FOR[key, marks, disputing] = tuple(r for r in asked if marks & r.needs == r.needs)
    return found


_PAIR_RULES = tuple(r for r in RULES if r.scope is Scope.PAIR)
_CASE_RULES = tuple(r for r in RULES if r.scope is Scope.CASE)


def judge(case: CaseView, failed: Iterable[str] = ()) -> Judgement:
    """All flags of the case: those that dispute a line first, then the rest on the status that follows."""
    judgement = Judgement(failed_lines=set(failed))
    flags: list[Discrepancy] = []
    marks = marks_of(case)
    for line, mark in zip(case.lines, marks, strict=True):
        for rule in _line_rules(line, mark, disputing=True):
            flags += _run(rule, (line,), case, judgement)
    flags += _case_flags(case, judgement, disputing=True)
    _dispute(case, flags)
    for line, mark in zip(case.lines, marks, strict=True):
        for rule in _line_rules(line, mark, disputing=False):
            flags += _run(rule, (line,), case, judgement)
    for pair in case.pairs:
        for rule in _PAIR_RULES:
            if _pair_may(rule, pair):
                flags += _run(rule, pair, case, judgement)
    flags += _case_flags(case, judgement, disputing=False)
    flags = _once(sorted(flags, key=lambda f: (f.code, f.about, f.lines, f.evidence)))
    judgement.flags = tuple(_intended(f, case) for f in suppressed(_muted(flags, case), case))
    return judgement


def _once(flags: Iterable[Discrepancy]) -> list[Discrepancy]:
    """A medicine that one list has twice is one side of a pair all the same: one cause, one flag (S13)."""
    told: dict[tuple[str, str, frozenset[str]], Discrepancy] = {}
    for flag in flags:
        key = (flag.code, flag.about, frozenset(map(treatment_of, flag.lines)))
        same = told.setdefault(key, flag)
        if same is not flag:
            worse = max(same, flag, key=lambda f: f.severity.rank)
            lines, heard = {*same.lines, *flag.lines}, {*same.evidence, *flag.evidence}
            told[key] = replace(worse, lines=tuple(sorted(lines)), evidence=tuple(sorted(heard)))
    return list(told.values())


def _case_flags(case: CaseView, judgement: Judgement, *, disputing: bool) -> list[Discrepancy]:
    flags: list[Discrepancy] = []
    for rule in _CASE_RULES:
        if rule.disputes is disputing:
            flags += _run(rule, (), case, judgement)
    return flags


def _dispute(case: CaseView, flags: Iterable[Discrepancy]) -> None:
    """Clarification 13 b: D02, D11, D13, E03 or F01 on the line, whatever it would have been."""
    case.reaching = None  # a disputed line is in use
    disputed = {key: flag for flag in flags for key in flag.lines}
    for line in case.lines:
        flag = disputed.get(line.key)
        if flag and line.status is not LineStatus.ENDED:
            line.undisputed = line.status
            line.status, line.status_rule = LineStatus.DISPUTED, f"clarification 13b ({flag.code})"


def _pair_may(rule: Rule, pair: tuple[LineView, LineView]) -> bool:
    """A pair flag needs one line in use; the other may be unconfirmed (clarification 18). C02 needs no use."""
    used = [line.in_use or checked_like_active(line) for line in pair]
    waiting = [line.status is LineStatus.UNCONFIRMED for line in pair]
    either = all(u or w for u, w in zip(used, waiting, strict=True))
    return either and (any(used) or rule.code not in PAIR_NEEDS_USE)


# --- one rule ---------------------------------------------------------------------------------------------------


def _run(rule: Rule, lines: tuple[LineView, ...], case: CaseView, judgement: Judgement) -> list[Discrepancy]:
    try:
        found: Found = rule.check(*lines, case)
        if found is None:
            return []
        findings = (found,) if isinstance(found, Finding) else tuple(found)
        return [_discrepancy(rule, finding, lines, case) for finding in findings]
    except Exception:  # noqa: BLE001 - S19: one treatment that can't be judged must not take the list with it
        judgement.failed_lines.update(line.key for line in lines)
        sources = {s.source for line in lines for s in line.said} or set(Source)
        judgement.failed_rules.update((source, rule.code) for source in sources)
        return []


def _discrepancy(rule: Rule, finding: Finding, lines: tuple[LineView, ...], case: CaseView) -> Discrepancy:
    keys = finding.lines or tuple(line.key for line in lines)
    stands_on = lines or tuple(case.keyed[key] for key in sorted(keys) if key in case.keyed)
    owner = finding.owner or _owner(rule, stands_on)
    return Discrepancy(
        code=rule.code,
        about=finding.about or _about(stands_on),
        severity=severity(rule, finding, stands_on, case),
        owner=owner,
        also=tuple(o for o in rule.owners if o is not owner),
        lines=tuple(sorted(keys)),
        evidence=tuple(sorted(set(finding.evidence))),
        values=dict(finding.values) | ({"until": finding.until} if finding.until else {}) | _rests_on(finding),
        action=action(rule, finding.values),
        closes_when=rule.closes_when,
    )


def _about(lines: tuple[LineView, ...]) -> str:
    if len(lines) == 1:
        return lines[0].key
    return "+".join(sorted({line.substance_text for line in lines}))


def _rests_on(finding: Finding) -> dict[str, Any]:
    return {"rests_on": tuple(sorted(finding.rests_on))} if finding.rests_on else {}


def severity(rule: Rule, finding: Finding, lines: tuple[LineView, ...], case: CaseView) -> Severity:
    """A cap that applies, else the highest of base and every escalation (clarification 28); advisory stops at high."""
    cap = next((cap for name, cap in rule.cap.items() if CONDITIONS[name](finding, lines, case)), None)
    if cap is not None:
        return cap
    reached = max(
        [rule.severity, *(to for name, to in rule.escalate.items() if CONDITIONS[name](finding, lines, case))],
        key=lambda s: s.rank,
    )
    for name in rule.step_up:
        if CONDITIONS[name](finding, lines, case):
            reached = _STEP_UP[reached]
    if rule.advisory and reached is Severity.CRITICAL:
        return Severity.HIGH
    return reached


def _owner(rule: Rule, lines: tuple[LineView, ...]) -> Owner:
    if rule.code in OWNER_OF_OUTDATED and len(lines) == 1 and lines[0].dose_state is DoseState.LATEST:
        kinds = {v.kind for v in outdated(lines[0])}
        if Kind.HOME_LIST in kinds:
            return Owner.NURSE
        if lines[0].gps_list in kinds:
            return Owner.GP
    return rule.owners[0]


def outdated(line: LineView) -> tuple[Said, ...]:
    """Values older than the newest decision that say another dose."""
    newest = line.chosen
    if newest is None or newest.dose is None:
        return ()
    return tuple(v for v in line.values if v is not newest and newest.later_than(v) and _other_dose(newest, v))


def _other_dose(a: Said, b: Said) -> bool:
    if relation(a.dose, b.dose) is not Relation.EQUAL:
        return True
    first, second = (s.dose.fixed if s.dose else None for s in (a, b))
    return bool(first and second and not same_moments(first, second))


class _Words(dict[str, Any]):
    """Values as an action sentence writes them: days as people here do, a value that is not there as "…"."""

    def __missing__(self, key: str) -> str:
        return "…"


def action(rule: Rule, values: Mapping[str, Any]) -> str:
    """The exact action in Bokmål, with the values filled in."""
    return rule.action.format_map(_Words({k: _in_words(v) for k, v in values.items() if v is not None}))


def _in_words(value: Any) -> Any:  # noqa: ANN401 - a value of any kind
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, tuple):
        *earlier, last = [str(_in_words(v)) for v in value] or [""]
        return f"{', '.join(earlier)} og {last}" if earlier else last
    return value["nb"] if isinstance(value, Mapping) else value


# --- what incomplete sources mute -------------------------------------------------------------------------------


def _muted(flags: list[Discrepancy], case: CaseView) -> list[Discrepancy]:
    """P13: a flag that rests on the silence of a limited source stays in the audit trail, spoken for by the gap."""
    return [replace(flag, suppressed_by=by) if (by := _limited_by(flag, case)) else flag for flag in flags]


def _limited_by(flag: Discrepancy, case: CaseView) -> str:
    rests_on: tuple[Source, ...] = flag.values.get("rests_on", ())
    asked = [(s, _ASKED_OF[s]) for s in rests_on]
    if case.case.gps_list is Kind.PLL:
        asked = [(Source.RF, frozenset({Kind.PLL})) if s is Source.GP else (s, kinds) for s, kinds in asked]
    heard = [(case.heard(s), kinds) for s, kinds in asked]
    return next((_gap_code(told, kinds) for told, kinds in heard if told is None or told.limited_in(kinds)), "")


_ASKED_OF = {
    Source.RF: frozenset({Kind.PRESCRIPTION, Kind.MULTIDOSE}),
    Source.GP: frozenset({Kind.GP_LIST}),
    Source.HP: frozenset({Kind.HOME_LIST, Kind.LOCAL}),
}
"""What a source's silence is asked about: a prescription or a roll, the GP's list, the home list."""
_HIDDEN = {GapCode.LOCKED, GapCode.RESERVED}


def _gap_code(heard: Heard | None, kinds: frozenset[Kind]) -> str:
    """The process flag that speaks for a source which is limited in these kinds."""
    if heard is None or heard.outcome in {Outcome.NOT_READ, Outcome.FAILED}:
        return "G02"
    if heard.wrong_patient:
        return "G05"
    if any(g.code in _HIDDEN and g.concerns(kinds) for g in heard.gaps):
        return "G07"
    return "G01" if heard.outcome is Outcome.STALE else "G02"


def _intended(flag: Discrepancy, case: CaseView) -> Discrepancy:
    """Clarification 55: a named prescriber's documented word closes it while the same statements stand behind it."""
    for intent in case.case.intents:
        same = intent.code == flag.code and intent.about == flag.about and intent.evidence == frozenset(flag.evidence)
        if same and intent.prescriber and (flag.severity is not Severity.CRITICAL or intent.written_reply):
            return replace(flag, intended=True)
    return flag
