"""Plans: steps one after another, pauses, stops, and cycles where the text says that they repeat."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.items import SEPARATORS, Item
from formats.dosage.segment import assemble
from formats.dosing import Cycle, Dosage, Duration, FixedPlusNeeded, PerDay, PeriodUnit, Step, StepKind, Steps, total

_OWN_SEGMENT = (it.Hold, it.Change)
_FIRST_DAY = Duration(1, 1)


def read(items: Sequence[Item]) -> Draft:
    """The draft of a whole text: a plan if it speaks of steps, else one piece."""
    if not _is_plan(items):
        return assemble(items)
    pieces, well_formed = _pieces(list(items))
    if not _in_order(items, pieces):
        draft = assemble(items)
        draft.problems.add("residual")
        return draft
    if len(pieces) <= 1 and it.STOP not in items and not any(isinstance(item, _OWN_SEGMENT) for item in items):
        draft = assemble(items)
        draft.problems.add("residual")
        return draft
    draft = _plan(pieces)
    if not well_formed:
        draft.problems.add("residual")
    return draft


def _is_plan(items: Sequence[Item]) -> bool:
    return _is_list(items) or any(
        item in {it.THEN, it.STOP, it.REPEAT}
        or isinstance(item, (*_OWN_SEGMENT, it.Label))
        or (isinstance(item, it.For) and item.first)
        for item in items
        if isinstance(item, (it.Mark, it.Hold, it.Change, it.For, it.Label))
    )


def _is_list(items: Sequence[Item]) -> bool:
    """`40 mg i 3 dager, 20 mg i 3 dager`: amounts that each have their own length follow one another."""
    told = [item for item in items if isinstance(item, (it.Qty, it.For, it.Terms))]
    if told and isinstance(told[0], it.For):
        return False
    listed = [item for item in told if isinstance(item, it.For)]
    apart = not any(isinstance(one, it.For) and isinstance(other, it.For) for one, other in pairwise(told))
    return len(listed) > 1 and apart and not any(isinstance(item, it.Terms) for item in told)


def _in_order(items: Sequence[Item], pieces: list[list[Item]]) -> bool:
    """Whether steps without a "deretter" between them are told to be such: one dose each, ever less or ever more."""
    if items.count(it.THEN) >= len(pieces) - 1 - (it.STOP in items) or not _is_list(items):
        return True
    if not (it.THEN in items or it.STOP in items or len(pieces) > len("ab")):
        return False
    given = [piece for piece in pieces if any(isinstance(item, it.Qty) for item in piece)]
    days = [_a_day(piece) for piece in given]
    known = list(pairwise([day for day in days if day is not None]))
    ordered = all(a > b for a, b in known) or all(a < b for a, b in known)
    return ordered and None not in days


def _a_day(piece: list[Item]) -> Decimal | None:
    """What a step gives a day, or each time where that is all that is said; `None` if it can't be told."""
    part = assemble(piece)
    given = total(Dosage(dose=part.dose, schedule=part.schedule)) or (part.dose and (part.dose.low, None, Decimal(1)))
    return given[0] / given[2] if given else None


def _pieces(items: list[Item]) -> tuple[list[list[Item]], bool]:
    """The text cut into steps, and whether each "deretter" stands between two of them."""
    labelled = _labels_lead(items)
    listed = not labelled and (
        it.THEN in items
        or _is_list(items)
        or any((isinstance(item, it.For) and item.first) or isinstance(item, it.Label) for item in items)
    )
    pieces: list[list[Item]] = [[]]
    well_formed = True
    for item in items:
        if item is it.THEN:
            well_formed &= bool(_said(pieces[-1]))
            pieces.append([])
        elif _begins(item, pieces[-1], listed=listed):
            well_formed &= it.AND not in pieces[-1][-1:] or not isinstance(item, it.Qty) or it.THEN in items
            pieces.append([item])
        elif labelled and isinstance(item, it.Label) and any(isinstance(i, (it.Qty, it.Label)) for i in pieces[-1]):
            pieces.append([item])
        else:
            pieces[-1].append(item)
    well_formed &= bool(_said(pieces[-1]))
    return ([piece for piece in pieces if _said(piece)], well_formed)


def _labels_lead(items: list[Item]) -> bool:
    """Whether the names of days or weeks stand in front of their doses ("uke 1: 25 mg") and not behind them."""
    first = next((item for item in items if isinstance(item, (it.Label, it.Qty))), None)
    return isinstance(first, it.Label)


def _unlabelled(draft: Draft, pieces: list[list[Item]]) -> list[list[Item]]:
    """The pieces with each label made a length. The labels must count on from one, without a gap."""
    done = 0
    plain: list[list[Item]] = []
    for piece in pieces:
        labels = [item for item in piece if isinstance(item, it.Label)]
        if labels:
            label = labels[0]
            from_day = (label.low - 1) * label.unit_days
            lengths = [item for item in piece if isinstance(item, it.For)]
            if len(labels) > 1 or from_day != done or lengths:
                draft.problems.add("residual")
                draft.unclear_total = True
            if not label.high:
                done = -1
                plain.append([item for item in piece if item not in labels])
                continue
            done = label.high * label.unit_days
            days = Duration(done - from_day, done - from_day)
            length = it.For(days, first=days == _FIRST_DAY)
            told = [length if item is label else item for item in piece if item is label or item not in labels]
            plain.append(told)
            continue
        if done >= 0:
            known = [item.length for item in piece if isinstance(item, it.For)]
            done = done + known[0].low if len(known) == 1 and _plain(known[0]) else -1
        plain.append(piece)
    return plain


def _said(piece: list[Item]) -> list[Item]:
    return [item for item in piece if item not in SEPARATORS and item is not it.MEAL]


def _begins(item: Item, piece: list[Item], *, listed: bool) -> bool:
    """Whether a new step begins here without a "deretter"."""
    if item is it.STOP or isinstance(item, _OWN_SEGMENT):
        return bool(_said(piece))
    closed = any(isinstance(other, (*_OWN_SEGMENT, it.For, it.Label)) or other is it.STOP for other in piece)
    dosed = any(isinstance(other, (it.Qty, *_OWN_SEGMENT)) for other in piece)
    return listed and isinstance(item, it.Qty) and closed and dosed


def _plan(pieces: list[list[Item]]) -> Draft:
    draft = Draft()
    pieces = _unlabelled(draft, pieces)
    kept = [piece for piece in pieces if not all(isinstance(i, it.Reason) or i is it.TAPER for i in _said(piece))]
    if len(kept) == 1 < len(pieces) and not any(it.TAPER in piece for piece in pieces):
        return assemble([*kept[0], *(item for piece in pieces if piece is not kept[0] for item in piece)])
    if kept and len(kept) < len(pieces):
        draft.problems.add("residual")
        pieces = kept
        draft.notes.add("open")
    repeated = any(it.REPEAT in piece for piece in pieces)
    pieces = [said for piece in pieces if (said := [item for item in piece if item is not it.REPEAT]) and _said(said)]
    lead = _governs(pieces[0]) if pieces else []
    steps: list[Step] = []
    for place, piece in enumerate(pieces):
        steps.append(_step(draft, [*lead, *piece] if place else piece, place))
    if repeated:
        return _cycle(draft, steps)
    _pauses(draft, steps)
    kinds = {step.kind for step in steps}
    if kinds == {StepKind.CHANGE}:
        draft.problems.add("residual")  # "øk med 1 hver 3. dag": from what is not told
        return draft
    if StepKind.GIVE not in kinds:
        draft.fatal = True
        draft.problems.add("hold")
    draft.schedule = Steps(tuple(steps))
    draft.duration = None if "open" in draft.notes else _whole_length(steps)
    return draft


def _governs(piece: list[Item]) -> list[Item]:
    """A "daglig" in front of the whole list holds for every step."""
    place = next((i for i, item in enumerate(piece) if isinstance(item, it.Qty)), 0)
    return [item for item in piece[:place] if isinstance(item, it.Daily)]


def _step(draft: Draft, piece: list[Item], place: int) -> Step:
    said = _said(piece)
    if it.STOP in said:
        draft.problems |= {"residual"} if len(said) > 1 else set()
        return Step(StepKind.STOP)
    hold = next((item for item in said if isinstance(item, it.Hold)), None)
    if hold is not None:
        draft.problems |= {"residual"} if any(not isinstance(i, (it.Hold, it.Reason)) for i in said) else set()
        return Step(StepKind.HOLD, length=hold.length)
    change = next((item for item in said if isinstance(item, it.Change)), None)
    if change is not None:
        if change.unit is not None and change.unit != draft.unit:
            draft.problems.add("conflict")
        return Step(StepKind.CHANGE, change=change.change, length=change.length)
    return _give(draft, assemble(piece), place)


def _give(draft: Draft, part: Draft, place: int) -> Step:
    if "given" in draft.notes and part.unit is not None and part.unit != draft.unit:
        draft.problems.add("conflict")
    draft.unit = draft.unit or part.unit
    draft.notes.add("given")
    if "frequency_missing" in part.problems and part.schedule is None:
        first_day = "first" in part.notes and part.duration == _FIRST_DAY and part.dose is not None
        part.schedule = (
            PerDay(1, 1, split_unsaid=part.dose is not None and part.dose.high > 1) if first_day else PerDay(None, None)
        )
        part.problems -= {"frequency_missing"} if first_day else set()
    if part.prn or part.ceiling or "max_unclear" in part.notes:
        draft.problems.add("residual")
    if (part.per_side, part.side) != (draft.per_side, draft.side):
        if place:
            draft.problems.add("residual")
        draft.per_side, draft.side, draft.site = part.per_side, part.side, part.site
    draft.problems |= part.problems
    draft.notes |= part.notes
    schedule = None if isinstance(part.schedule, (Steps, FixedPlusNeeded)) else part.schedule
    if part.schedule is not schedule:
        draft.problems.add("residual")
    return Step(StepKind.GIVE, schedule=schedule, dose=part.dose, length=part.duration)


def _pauses(draft: Draft, steps: list[Step]) -> None:
    """A pause whose start or end is not told, a stop that is not last, a step that never ends before another."""
    kinds = [step.kind for step in steps]
    for place, step in enumerate(steps[:-1]):
        open_end = step.kind is StepKind.GIVE and step.length is None and kinds[place + 1] is not StepKind.CHANGE
        if step.kind is StepKind.STOP or open_end or step.kind is StepKind.CHANGE:
            draft.problems.add("residual")
    if StepKind.HOLD in kinds:
        draft.problems.add("hold" if kinds[0] is StepKind.HOLD else "residual")
    if kinds[-1] is StepKind.HOLD and steps[-1].length is None:
        draft.fatal = True
        draft.problems.add("hold")
    if kinds[-1] is StepKind.STOP and len(steps) > 1 and steps[-2].length is None:
        draft.fatal = True
        draft.problems.add("hold")


def _cycle(draft: Draft, steps: list[Step]) -> Draft:
    """So many days on, so many off, again and again (convention 29)."""
    match steps:
        case [
            Step(kind=StepKind.GIVE, schedule=PerDay(low=int()) as inner, dose=dose, length=Duration() as on),
            Step(kind=StepKind.HOLD, length=Duration() as off),
        ] if _plain(on) and _plain(off):
            draft.dose, draft.schedule = dose, Cycle(on.low, off.low, inner)
        case _:
            draft.problems.add("residual")
            draft.unclear_total = True
    return draft


def _plain(length: Duration) -> bool:
    return length.low == length.high and length.unit is PeriodUnit.DAY


def _whole_length(steps: list[Step]) -> Duration | None:
    """The sum, if every step has a length in one unit."""
    lengths = [step.length for step in steps if step.kind is not StepKind.STOP]
    known = [length for length in lengths if length is not None]
    units = {length.unit for length in known}
    if any(step.kind is StepKind.HOLD for step in steps):
        return None
    if len(known) < len(lengths) or len(units) != 1 or any(step.kind is StepKind.CHANGE for step in steps):
        return None
    return Duration(sum(n.low for n in known), sum(n.high for n in known), units.pop())
