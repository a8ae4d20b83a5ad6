"""One piece of text without steps: strengths set aside, amounts paired with their timing, ceilings and sites placed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeGuard

from formats.dosage import ceilings, several, single
from formats.dosage import items as it
from formats.dosage.draft import Draft
from formats.dosage.facts import gather
from formats.dosage.items import SEPARATORS, Item
from formats.dosage.joined import alternating, bed_or_both, in_pieces, merged
from formats.dosage.measures import MASS, PIECE, SPOON, VOLUME
from formats.dosage.slots import from_terms

_ABOUT_THE_WHOLE = (it.Max, it.Both, it.Side, it.Hold, it.Change)


@dataclass(slots=True)
class Group:
    """An amount and the items that follow it up to the next amount."""

    qty: it.Qty
    items: list[Item]


def assemble(items: Sequence[Item]) -> Draft:
    """The draft of one piece of text."""
    draft = Draft()
    rest = merged(_without_strengths(in_pieces(_without_grams(list(items), draft), draft), draft))
    if bed_or_both(rest):
        draft.problems.add("ambiguous_slots")
    if it.NOT in rest or it.UNKNOWN in rest or it.REVERSED in rest or (it.UP_TO in rest and it.PRN not in rest):
        draft.problems.add("residual")
    terms = [item for item in rest if isinstance(item, it.Terms)]
    amounts = [item for item in rest if isinstance(item, it.Qty)]
    _sites(draft, rest, many=len(amounts) > 1)
    _duration(draft, rest)
    if terms:
        _with_terms(draft, terms, amounts, rest)
    elif len(amounts) > 1:
        _with_several(draft, rest)
    else:
        _with_one(draft, amounts, rest)
    if draft.notes & {"gram", "unread"}:
        draft.problems -= {"dose_missing"} if "unread" in draft.notes else {"frequency_missing", "dose_missing"}
    _zeros(draft, amounts)
    _loose_units(draft, rest)
    ceilings.apply(draft, [item for item in rest if isinstance(item, it.Max)])
    if bed_or_both(rest) or (it.UP_TO in rest and not draft.prn):
        draft.schedule, draft.unclear_total = None, True  # "inntil hver 6. time": from how many?
    if "laterality" in draft.notes:
        draft.problems.discard("conflict")  # what differs may be the sides
    if draft.unit in _SPOONS:
        draft.problems.add("household_measure")
    return draft


def _zeros(draft: Draft, amounts: list[it.Qty]) -> None:
    """Nothing is given (convention 11); beside other amounts a zero is left to the reader."""
    if not any(qty.amount.high == 0 for qty in amounts):
        return
    draft.problems.add("residual" if len(amounts) > 1 else "hold")
    draft.fatal = len(amounts) == 1
    draft.schedule, draft.unclear_total = None, True


_MASSES = frozenset({"mg", "g", "mikrog", "E", "ml"})
_SPOONS = frozenset({"teskje", "barneskje", "spiseskje"})
_MEASURES = frozenset({MASS, VOLUME})


def _without_grams(items: list[Item], draft: Draft) -> list[Item]:
    """`2 g dgl`, `2 g i uken`: gram or gang (convention 9). Both readings are dropped, and with them the timing."""
    divided = any(isinstance(other, it.Divided) for other in items)
    for place, (item, period) in enumerate(pairwise(items)):
        counted = isinstance(period, it.Daily) or (isinstance(period, it.Rate) and period.period)
        if isinstance(item, it.Qty) and item.gram and counted and not divided:
            draft.problems.add("unsafe_number")
            draft.notes.add("gram")
            draft.unclear_total = True
            return items[:place] + items[place + 2 :]
    return items


def _without_strengths(items: list[Item], draft: Draft) -> list[Item]:
    """Pieces and mass side by side: the pieces are the dose, the mass is their strength (convention 15)."""
    strengths = _of_the_pieces(items)
    kept: list[Item] = []
    for item in (item for item in items if item not in strengths):
        before = _last_amount(kept)
        if isinstance(item, it.Qty) and item.sort in _MEASURES and (_counts(before) or _dissolved(before, item)):
            strengths.add(item)
        elif _is_measure(before) and before.sort == VOLUME and isinstance(item, it.Qty) and item.sort == SPOON:
            kept = [other for other in kept if other is not before]
            draft.problems.add("household_measure")  # "10 ml (2 ts)": by which of the two is not said
            draft.notes.add("unread")
        elif _is_measure(before) and (
            _counts(item)
            or (before.sort == MASS and before.unit != "E" and _bare_times(item, items))
            or _dissolved(item, before)
        ):
            kept = [other for other in kept if other is not before]
            strengths.add(before)
            kept.append(item)
        else:
            kept.append(item)
    marks = sum(item is it.STRENGTH for item in items)
    if len(strengths) + marks > 1:
        draft.problems.add("two_strengths")
        draft.unclear_total = True
    elif strengths or marks:
        draft.notes.add("embedded_strength")
    return kept


# Beside these the mass is what is given, not what a piece holds: "1 mg injeksjon".
_GIVEN_AS = frozenset({"", "injeksjon", "inhalasjon", "dose", *_MASSES, *_SPOONS})


def _of_the_pieces(items: list[Item]) -> set[it.Qty]:
    """`10 mg tabletter x 2`: what each holds; how many are taken is not said (convention 16)."""
    amounts = [item for item in items if isinstance(item, (it.Qty, it.Terms))]
    if not all(_is_measure(item) and item.sort == MASS for item in amounts):
        return set()
    named = (one for one, other in pairwise(items) if isinstance(other, it.LooseUnit) and other.unit not in _GIVEN_AS)
    return {item for item in named if _is_measure(item)}


def _last_amount(items: list[Item]) -> Item | None:
    """The amount that stands right before, only brackets and commas between."""
    for item in reversed(items):
        if item not in {it.COMMA, it.COLON} and not isinstance(item, it.LooseUnit):
            return item
    return None


def _counts(item: Item | None) -> bool:
    return (isinstance(item, it.Qty) and item.sort in {PIECE, SPOON}) or (
        isinstance(item, it.Terms) and item.unit is not None and item.unit not in _MASSES
    )


def _is_measure(item: Item | None) -> TypeGuard[it.Qty]:
    return isinstance(item, it.Qty) and item.sort in _MEASURES


def _dissolved(volume: Item | None, mass: Item | None) -> bool:
    """`10 ml (250 mg)`: what is measured out, and what is in it."""
    return (
        isinstance(volume, it.Qty) and volume.sort == VOLUME and isinstance(mass, it.Qty) and mass.sort == MASS
        and mass.unit != "E"
    )  # fmt: skip


def _bare_times(item: Item, items: list[Item]) -> bool:
    """`50 mg 1 x 2`, `100 mikrog 1+0+0`: a bare number that the short-dose form shows to be pieces."""
    if isinstance(item, it.Terms):
        return item.unit is None and not item.dashed
    if not (isinstance(item, it.Qty) and item.sort == ""):
        return False
    place = next(i for i, other in enumerate(items) if other is item)
    after = items[place + 1] if place + 1 < len(items) else None
    return isinstance(after, it.Times) and after.written == "x"


def _sites(draft: Draft, items: list[Item], *, many: bool) -> None:
    """Both sides, or one; said behind the last or before the first of several amounts, or it may hold for only one."""
    said = {item for item in items if isinstance(item, (it.Both, it.Side))}
    if it.SITES in items:
        draft.problems.add("site_unclear")
        draft.unclear_total = True
    if not said:
        return
    places = [i for i, item in enumerate(items) if isinstance(item, (it.Both, it.Side))]
    amounts = [i for i, item in enumerate(items) if isinstance(item, (it.Qty, it.Terms))]
    inside = many and any(amounts[0] < place < amounts[-1] for place in places)
    if len(said) > 1 or inside:
        draft.notes |= {"laterality"} if any(isinstance(item, it.Side) for item in said) else set()
        draft.problems.add("residual")
        draft.unclear_total = True
        return
    match said.pop():
        case it.Both(site):
            draft.per_side, draft.site = True, site
        case it.Side(side, site):
            draft.side, draft.site = side, site


def _duration(draft: Draft, items: list[Item]) -> None:
    lengths = [item for item in items if isinstance(item, it.For)]
    if len({item.length for item in lengths}) > 1:
        draft.problems.add("conflict")
        return
    if len(lengths) > 1:  # "x 4 i 1 uke, x 3 i 1 uke": one after another
        draft.problems.add("residual")
        return
    if not lengths:
        return
    draft.duration = lengths[0].length
    if lengths[0].first:
        draft.notes.add("first")
    place = items.index(lengths[0])
    before = any(isinstance(item, it.Qty) for item in items[:place])
    after = any(isinstance(item, it.Qty) for item in items[place:])
    if before and after:
        draft.problems.add("residual")
        draft.duration = None


def _with_terms(draft: Draft, terms: list[it.Terms], amounts: list[it.Qty], items: list[Item]) -> None:
    facts = gather(items)
    draft.prn = facts.prn
    if len(terms) > 1 or amounts:
        draft.problems.add("residual")
        return
    from_terms(draft, terms[0], facts)


def _with_one(draft: Draft, amounts: list[it.Qty], items: list[Item]) -> None:
    facts = gather(items)
    facts.daily_first = _daily_first(items)
    sort = ""
    if amounts:
        draft.dose, draft.unit, sort = amounts[0].amount, amounts[0].unit, amounts[0].sort
    single.schedule(draft, facts, sort)
    if facts.extra:
        draft.problems.add("residual")
    if it.EITHER_DOSE in items:
        draft.unit = next((item.unit for item in items if isinstance(item, it.LooseUnit)), None)
    elif not amounts:
        draft.problems.add("dose_missing")
        if "two_strengths" in draft.problems:  # "10 mg tabletter x 2 og 5 mg tabletter ved behov"
            draft.schedule, draft.prn = None, False
    elif _split_timing(items) or _needed_between(items):
        draft.problems.add("residual")
        draft.schedule, draft.unclear_total = None, True
    elif _and_needed(items):
        draft.problems.add("residual")
        draft.schedule, draft.prn, draft.unclear_total = None, False, True


def _daily_first(items: list[Item]) -> bool:
    """Whether "daglig" stands behind the amount with no moment between them: the amount is the day's."""
    behind = False
    for item in items:
        if behind and isinstance(item, (it.At, it.Daily)):
            return isinstance(item, it.Daily)
        behind |= isinstance(item, it.Qty)
    return False


def _split_timing(items: list[Item]) -> bool:
    """Moments or weekdays both before and behind the amount: a list may have been torn apart."""
    place = next(i for i, item in enumerate(items) if isinstance(item, it.Qty))
    return any(
        any(isinstance(item, kind) for item in items[:place]) and any(isinstance(item, kind) for item in items[place:])
        for kind in (it.At, it.Days, it.Except)
    )


def _and_needed(items: list[Item]) -> bool:
    """`x 2 og ved behov`: something is taken as needed beside the fixed part, and how much is not said."""
    timed = False
    for one, other in pairwise(item for item in items if item is not it.EXTRA):  # "og ekstra ved behov"
        timed |= isinstance(one, (it.Times, it.Daily, it.Rate, it.At, it.Days))
        if timed and one is it.AND and other is it.PRN:
            return True
    return False


def _needed_between(items: list[Item]) -> bool:
    """`kl 8 ved behov og kl 20`: as needed may hold for one of the moments only."""
    if it.PRN not in items:
        return False
    place = items.index(it.PRN)
    moments = [i for i, item in enumerate(items) if isinstance(item, (it.At, it.Days))]
    return any(i < place for i in moments) and any(i > place for i in moments)


def _with_several(draft: Draft, items: list[Item]) -> None:
    if alternating(draft, items):
        return
    groups = _groups(draft, [item for item in items if not isinstance(item, _ABOUT_THE_WHOLE)])
    _shared_unit(groups)
    if len(groups) == len("ab") and isinstance(_last_said(groups[0].items), it.Except):
        groups[0].items = [item for item in groups[0].items if item is not it.INSTEAD]
        groups[1].items.insert(0, it.INSTEAD)  # "1 daglig unntatt tirsdag: 2", "... tirsdag da 2"
    units = {group.qty.unit for group in groups} - {None}
    first = groups[0].qty.unit
    if len(units) > 1 or (units and first is None):
        draft.problems.add("conflict")
        draft.unclear_total = True
        draft.prn = all(it.PRN in group.items for group in groups)
        return
    draft.unit = first
    if first in {"mg", "g", "mikrog"} and None in {group.qty.unit for group in groups}:
        draft.problems.add("residual")  # "50 mg morgen og 1 kveld": one mg, or one tablet?
        draft.unclear_total = True
        draft.prn = all(it.PRN in group.items for group in groups)
        return
    several.schedule(draft, [(group.qty, gather(group.items)) for group in groups])
    if "torn" in draft.notes:
        draft.schedule, draft.unclear_total = None, True


def _last_said(items: list[Item]) -> Item | None:
    return next((item for item in reversed(items) if item not in {it.COLON, it.INSTEAD}), None)


def _shared_unit(groups: list[Group]) -> None:
    """`ma 1, ti 2 tabletter`: a counted unit behind the last of bare numbers is every one's."""
    *bare, last = (group.qty for group in groups)
    if last.sort == PIECE and all(qty.sort == "" for qty in bare):
        for group in groups:
            group.qty = replace(group.qty, unit=last.unit, sort=PIECE)


def _groups(draft: Draft, items: list[Item]) -> list[Group]:
    """Each amount with its timing. Timing in front of its amount ("morgen: 1, kveld: 2") is moved behind it."""
    groups: list[Group] = []
    leading: list[Item] = []
    for item in items:
        if isinstance(item, it.Qty):
            groups.append(Group(item, []))
        elif groups:
            groups[-1].items.append(item)
        else:
            leading.append(item)
    if leading == [it.PRN, it.COLON]:
        draft.prn = True  # "ved behov: 1 om morgenen og 2 om kvelden"
    elif any(not gather([item]).silent for item in leading):
        _lead(draft, leading, groups)
    else:
        _pull_forward(groups)
        if any(group.qty.sort == "" and group.items[:1] == [it.AND] for group in groups):
            draft.problems.add("residual")
            draft.notes.add("torn")  # "frokost 2 og kveldsmat": of which meal are the two?
    return groups


def _lead(draft: Draft, leading: list[Item], groups: list[Group]) -> None:
    said = gather(leading)
    plain = [item for item in leading if item not in SEPARATORS]
    if said.daily and all(isinstance(item, it.Daily) for item in plain):
        return  # "daglig: 1 morgen, 2 kveld"
    if not gather(groups[-1].items).silent:
        draft.problems.add("residual")
        draft.unclear_total = True
        return
    carried = leading
    for group in groups:
        group.items, carried = carried, group.items


_OF_THE_NEXT = frozenset({it.REST, it.OTHER_DAYS, it.PRN, it.EXTRA, it.FIXED, it.INSTEAD})


def _pull_forward(groups: list[Group]) -> None:
    """`..., ved behov 1 ekstra`, `..., ellers 1`: a word between a separator and the next amount is that one's."""
    for group, following in pairwise(groups):
        at = len(group.items)
        while at and group.items[at - 1] in _OF_THE_NEXT:
            at -= 1
        if at and isinstance(group.items[at - 1], it.Days) and gather(following.items).silent:
            at -= 1  # "1 daglig, på onsdager 2"
        moved = group.items[at:]
        if moved and at and group.items[at - 1] in SEPARATORS and not _says(following.items, moved):
            group.items, following.items = group.items[:at], moved + following.items


def _says(items: list[Item], moved: list[Item]) -> bool:
    return any(item in items for item in moved)


def _loose_units(draft: Draft, items: list[Item]) -> None:
    """A unit without a number may be the bare dose's unit, or only the form: not told."""
    loose = {item.unit for item in items if isinstance(item, it.LooseUnit)} - {"", draft.unit}
    if loose & _MASSES:
        draft.problems.add("residual")
    elif loose and draft.unit is None:
        if len(loose) == 1 and "dose_missing" in draft.problems and draft.dose is None:
            draft.unit = loose.pop()  # "tabletter x 2": how many is what is not said
        else:
            draft.problems.add("residual")
