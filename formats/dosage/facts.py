"""The timing said about one amount, gathered from the items that stand with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from formats.dosage import items as it
from formats.dosage.items import Item
from formats.dosing import PartOfDay, Weekday


@dataclass(slots=True)
class Facts:
    """All that was said of when, for one amount. `extra` items are none of timing's business."""

    times: list[it.Times] = field(default_factory=list)
    rates: list[it.Rate] = field(default_factory=list)
    moments: list[it.At] = field(default_factory=list)
    days: list[Weekday] = field(default_factory=list)
    excepted: list[Weekday] = field(default_factory=list)
    days_of_week: list[it.DaysOfWeek] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    divided: tuple[int, int] | None = None
    daily: bool = False
    daily_first: bool = False  # "2 tabletter daglig, morgen og kveld": the day's amount, or each time?
    moment_first: bool = False  # "morgen annenhver uke": that morning, or each morning of those weeks?
    instead: bool = False
    either: bool = False
    free: bool = False
    meal: bool = False
    meals_too: bool = False  # "etter måltid og ved sengetid": at meals nobody has counted, and at that moment
    counted_apart: bool = False  # "daglig. Kan tas to ganger ved smerter": each day, and in another clause how often
    prn: bool = False
    once: bool = False
    extra: bool = False
    fixed: bool = False
    rest: bool = False
    other_days: bool = False
    window: bool = False
    relative_day: bool = False
    vague_days: str = ""
    repeated_day: bool = False

    @property
    def silent(self) -> bool:
        """Nothing at all was said of when or how often."""
        return not (
            self.times or self.rates or self.moments or self.days or self.excepted or self.days_of_week or self.daily
            or self.prn or self.once or self.rest or self.other_days or self.window or self.either
            or self.relative_day or self.vague_days
        )  # fmt: skip

    @property
    def only_rates(self) -> bool:
        """An interval and nothing else."""
        return bool(self.rates) and not (
            self.times or self.moments or self.days or self.excepted or self.days_of_week or self.daily or self.prn
            or self.once or self.rest or self.other_days or self.window or self.either
            or self.relative_day or self.vague_days or self.extra or self.fixed or self.gaps or self.divided
        )  # fmt: skip

    @property
    def only_instead(self) -> bool:
        """Nothing but that it is given instead."""
        return self.instead and self.silent and not (self.extra or self.fixed or self.gaps or self.divided)

    @property
    def only_moments(self) -> bool:
        """Times of the day and nothing that says which days or how often."""
        return bool(self.moments) and not (
            self.times or self.rates or self.days or self.excepted or self.days_of_week or self.once or self.rest
            or self.other_days or self.window or self.either or self.relative_day or self.vague_days or self.gaps
        )  # fmt: skip


_MARKS = {
    it.PRN: "prn",
    it.ONCE: "once",
    it.EXTRA: "extra",
    it.FIXED: "fixed",
    it.REST: "rest",
    it.BUT: "rest",
    it.OTHER_DAYS: "other_days",
    it.WINDOW: "window",
    it.EITHER: "either",
    it.INSTEAD: "instead",
    it.FREE: "free",
    it.MEAL: "meal",
}


def gather(items: Iterable[Item]) -> Facts:
    """The facts in `items`."""
    said = list(items)
    facts = Facts()
    for item in said:
        _add(facts, item)
    facts.meals_too = _meals_beside_moment(said)
    facts.counted_apart = _counted_apart(said)
    return facts


def _counted_apart(items: list[Item]) -> bool:
    """More than once, with no period of its own, in a clause behind "daglig"."""
    daily = apart = False
    for item in items:
        daily |= isinstance(item, it.Daily)
        apart |= daily and item in {it.COMMA, it.STOPPER}
        if apart and isinstance(item, it.Times) and item.per is None and item.high > 1:
            return True
    return False


def _meals_beside_moment(items: list[Item]) -> bool:
    """A meal that "og" joins to a moment, and that is no more about a moment itself ("kveld med mat")."""
    said = [it.COMMA, *(item for item in items if item not in {it.COMMA, it.COLON}), it.COMMA]
    for place, item in enumerate(said):
        if item is not it.MEAL or isinstance(said[place - 1], it.At) or isinstance(said[place + 1], it.At):
            continue
        behind = said[place - 1] is it.AND and any(isinstance(other, it.At) for other in said[:place])
        if behind or (said[place + 1] is it.AND and isinstance(said[place + 2], it.At)):
            return True
    return False


def _add(facts: Facts, item: Item) -> None:  # noqa: C901 - one line a kind
    match item:
        case it.Times():
            facts.times.append(item)
            if item.per is not None:
                _add_period(facts, item.per)
        case it.Rate():
            _add_period(facts, item)
        case it.At():
            facts.moments.append(item)
        case it.Daily():
            facts.daily = True
        case it.Mark() if item in _MARKS:
            setattr(facts, _MARKS[item], True)
        case it.Days(days):
            facts.repeated_day |= bool(set(days) & set(facts.days))
            facts.days += days
        case it.Except(days):
            facts.excepted += days
            facts.relative_day |= not days
        case it.VagueDays(certain):
            facts.vague_days = "work" if certain else "vague"
        case it.DaysOfWeek():
            facts.days_of_week.append(item)
        case it.Gap(hours):
            facts.gaps.append(hours)
        case it.Divided(low, high):
            facts.divided = (low, high)


def _add_period(facts: Facts, period: "it.Rate | it.Daily") -> None:
    if isinstance(period, it.Daily):
        facts.daily = True
    elif period not in facts.rates:
        facts.rates.append(period)
        facts.moment_first |= bool(facts.moments)


def resolved(moments: list[it.At]) -> list[it.Moment] | None:
    """The moments with "middag" settled (convention 22); `None` where it can be noon or the dinner meal."""
    meals = any(at.source == "meal" for at in moments)
    others = any(not at.source.startswith("dinner") for at in moments)
    found: list[it.Moment] = []
    for at in moments:
        if not at.source.startswith("dinner"):
            found.append(at.moment)
        elif meals:
            found.append(PartOfDay.AFTERNOON)
        elif others and at.source == "dinner-bare":
            found.append(PartOfDay.NOON)
        else:
            return None
    return found
