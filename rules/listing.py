"""From a judged line to the line on the list: section, name, dose, and facts with their evidence and rule."""

from collections.abc import Iterable, Sequence
from datetime import date

from formats.statement import Kind, SaidStatus, Use
from rules.authority import AUTHORITY
from rules.conclusion import (
    Discrepancy,
    DoseState,
    Fact,
    Line,
    LineDose,
    LineStatus,
    SaidDose,
    Section,
    Severity,
)
from rules.dosewords import amount, amounts, dose_words, moment_word, same_every_day
from rules.dosing import Dose
from rules.judging import outdated
from rules.tables.intervals import Interval
from rules.view import LineView, Rung, Said, Telling, evidence

_SECTION = {
    LineStatus.DISPUTED: Section.DISPUTED,
    LineStatus.PAUSED: Section.PAUSED,
    LineStatus.PLANNED: Section.PLANNED,
    LineStatus.UNCONFIRMED: Section.UNCONFIRMED,
    LineStatus.ENDED: Section.ENDED,
}
_DECIDED = {Telling.STOPPED: "seponert", Telling.PAUSED: "pauset"}
_ENDS = {Telling.STOPPED: SaidStatus.STOPPED, Telling.PAUSED: SaidStatus.PAUSED}
ORDER = {section: n for n, section in enumerate(Section)}


def line_on_list(view: LineView, flags: Sequence[Discrepancy], related: Iterable[str], *, failed: bool) -> Line:
    """The line as it stands. `flags` are those kept on it."""
    product = _by_kind(view.said, AUTHORITY["K2"]) or view.said[0]
    reason = _by_kind([w for w in view.said if w.statement.indication], AUTHORITY["K9"])
    since = _since(view)
    use = _use(view)
    dose_text = _dose_text(view)
    behind_dose = evidence(_behind_dose(view))
    facts = {
        "name": Fact(product.name, (product.id,), "K2"),
        "status": Fact(view.status.value, evidence(_behind_status(view)), view.status_rule or "K5"),
        "dose": Fact(dose_text, behind_dose, _dose_rule(view)),
    }
    if product.statement.strength:
        facts["strength"] = Fact(product.statement.strength, (product.id,), "K2")
    if reason:
        facts["indication"] = Fact(reason.statement.indication, (reason.id,), "K9")
    if since:
        facts["since"] = Fact(since[0], (since[1].id,), since[1].settled_by or "K3")
    if use:
        facts["use"] = Fact(use, behind_dose, "K4")
    if view.rolls:
        facts["multidose"] = Fact(value=True, evidence=evidence(view.rolls), rule="K7")
    return Line(
        key=view.key,
        section=Section.DISPUTED if failed else _section(view, flags, use),
        status=view.status,
        name=product.name,
        names=tuple(sorted({w.name for w in view.said if w.name})),
        strength=product.statement.strength,
        form=product.statement.form,
        route=None if view.route in {"", "?"} else view.route,
        use=use,
        dose=_line_dose(view, dose_text),
        indication=reason.statement.indication if reason else None,
        since=since[0] if since else None,
        multidose=bool(view.rolls),
        statements=evidence(view.said),
        facts=facts,
        related=tuple(sorted(related)),
        failed=failed,
    )


def _section(view: LineView, flags: Sequence[Discrepancy], use: str | None) -> Section:
    """Clarification 53: a line with a critical flag stands first, whatever its status."""
    if any(f.severity is Severity.CRITICAL and not f.intended for f in flags):
        return Section.DISPUTED
    if view.status in _SECTION:
        return _SECTION[view.status]
    if view.local:
        return Section.LOCAL
    if view.course_end is not None:
        return Section.COURSE
    return Section.PRN if use == Use.PRN.value else Section.FIXED


def _by_kind(said: Sequence[Said], kinds: tuple[Kind, ...]) -> Said | None:
    """Who speaks with most authority: by kind, then the newest."""
    told = [w for w in said if w.kind in kinds and (w.in_force or w.kind is Kind.DISPENSING)]
    told = [w for w in told if w.kind is not Kind.DISPENSING or w.identity.rung is not Rung.REFERENCE]
    # what was handed out in a package nobody can name does not name the line
    return max(told, key=lambda w: (-kinds.index(w.kind), w.own_day or date.min, w.id), default=None)


def _behind_status(view: LineView) -> tuple[Said, ...]:
    """The statements the status rests on: the newest decision and all that still say active."""
    newest = (view.newest_decision,) if view.newest_decision else ()
    return (*newest, *view.active) or view.said


def _behind_dose(view: LineView) -> tuple[Said, ...]:
    return view.values or ((view.chosen,) if view.chosen else view.said)


def _dose_rule(view: LineView) -> str:
    chosen = view.chosen
    settled = f", {chosen.settled_by}" if chosen and chosen.settled_by else ""
    return f"K3, {view.dose_rule}{settled}" if view.dose_rule else "K3"


def _since(view: LineView) -> tuple[date, Said] | None:
    newest = view.chosen or view.newest_decision or next(iter(view.decisions), None)
    told = next((w for w in (newest, *view.active) if w and (w.statement.start or w.day)), None)
    if told is None:
        return None
    day = told.statement.start or told.day
    return (day, told) if day else None


def _use(view: LineView) -> str | None:
    doses = [view.chosen.dose] if view.chosen and view.chosen.dose else [v.dose for v in view.values]
    if doses and all(d and d.prn and not d.fixed for d in doses):
        return Use.PRN.value
    if doses and all(d and d.fixed for d in doses):
        return Use.COURSE.value if view.course_end else Use.FIXED.value
    said = {w.statement.use for w in view.active if w.statement.use}
    return said.pop().value if len(said) == 1 else None


# --- the dose ---------------------------------------------------------------------------------------------------


def _line_dose(view: LineView, text: str) -> LineDose:
    chosen = view.chosen
    dose = chosen.dose if chosen and chosen.telling is Telling.ACTIVE else None
    part = (dose.fixed or dose.prn) if dose else None
    old = {w.id for w in outdated(view)}
    return LineDose(
        state=view.dose_state,
        text=text,
        per_time=amounts(part.per_time, dose.units) if dose and part and part.per_time else None,
        per_day=amounts(part.per_day, dose.units) if dose and part and part.per_day and _daily(dose) else None,
        interval=dose.interval.value if dose and dose.interval else None,
        chosen=chosen.id if chosen else None,
        moments=_moments(dose),
        as_said=tuple(
            SaidDose(
                w.id, w.source, words, w.own_day, w.id in old or w.gone, w.statement.said_until, _ENDS.get(w.telling)
            )
            for w in view.said
            if (words := w.statement.dose_text or "") or w.telling in _ENDS
        ),
    )


def _daily(dose: Dose) -> bool:
    """A weekly or an alternating dose is never turned into a daily average on the screen."""
    return dose.fixed is None or same_every_day(dose.fixed)


def _dose_text(view: LineView) -> str:
    """Our own rendering: of the chosen dose, or of the stop or pause that stands in its place; else nothing."""
    chosen = view.chosen
    if chosen is None:
        return ""
    if chosen.telling in _DECIDED:
        day = chosen.day.isoformat() if chosen.day else "uten dato"
        return f"siste beslutning: {_DECIDED[chosen.telling]} {day}"
    return dose_words(chosen.dose) if view.dose_state is not DoseState.CONFLICT else ""


def _moments(dose: Dose | None) -> tuple[tuple[str, str], ...]:
    part = dose.fixed if dose else None
    if dose is None or part is None or not part.moments or part.interval is not Interval.DAY:
        return ()
    if len(dose.units) != 1 or not part.pieces_per_day or not part.per_day or not part.pieces_per_day.high:
        return tuple((moment_word(m), "") for m, _ in part.moments)
    unit = dose.piece or "stk"
    return tuple((moment_word(m), amount(a, unit) if a else "") for m, a in part.moments)
