"""When a discrepancy becomes a letter: one table, and pure functions over frozen values.

Times of day are Europe/Oslo. One letter a day to each receiver about each patient, with what the table excepts: what is
critical must be settled before the next dose, so it waits for neither the night nor the day's letter; what is high must
be settled the same day, so it follows a letter that went out of turn, but never the day's own one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from medrec.clock import OSLO
from medrec.ledger import FlagStatus
from rules.conclusion import Owner, Severity


class Written(StrEnum):
    """What a letter of today was: out of turn for something critical, or the day's letter."""

    URGENT = "urgent"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`stands`: how long it must have stood open. `rounds`: hours at which letters go; none: at any time of the day.

    `alone`: it warrants a letter; else it only rides along. `never`: it is not written at all. `follows`: what else may
    have been written to the same receiver on the same day. `returned`: closed and true again this soon after it was
    written, it is the same matter and is not written again.
    """

    stands: timedelta
    rounds: tuple[time, ...] = ()
    alone: bool = True
    never: bool = False
    follows: frozenset[Written] = frozenset()
    returned: timedelta = timedelta(days=1)


WHEN: Mapping[Severity, Timing] = {
    Severity.CRITICAL: Timing(stands=timedelta(0), follows=frozenset(Written), returned=timedelta(0)),
    Severity.HIGH: Timing(
        stands=timedelta(hours=1), rounds=(time(10), time(14), time(19)), follows=frozenset({Written.URGENT})
    ),
    Severity.MODERATE: Timing(stands=timedelta(hours=24), rounds=(time(14),)),
    Severity.LOW: Timing(stands=timedelta(hours=24), alone=False),
    Severity.INFO: Timing(stands=timedelta(hours=24), alone=False, never=True),
}
DAY_BEGINS, DAY_ENDS = time(7), time(20)
"""Outside these only critical letters are written."""
MOST = 5
"""Points in one letter, all critical ones apart: what a GP reads in 20 seconds. The rest goes the next day."""
TIDY = frozenset({"A03", "A05", "A06", "B05", "B06", "B11", "C01", "C12", "D08"})
"""Never a letter of their own below `high`: they stand on the monthly tidy-up list of the GP office."""
TIDY_DAY, TIDY_FROM = 1, time(8)
"""The day of the month, and the hour, at which the offices' tidy-up lists are made."""
ALSO_TOLD: Mapping[str, frozenset[Owner]] = {
    "B03": frozenset({Owner.HOSP}),
    "C14": frozenset({Owner.PHARM}),
    "D02": frozenset({Owner.PHARM}),
    "D11": frozenset({Owner.PHARM}),
    "D13": frozenset({Owner.PHARM}),
    "E01": frozenset({Owner.PHARM}),
    "E02": frozenset({Owner.PHARM}),
    "E03": frozenset({Owner.PHARM, Owner.GP}),
    "E04": frozenset({Owner.GP}),
    "E05": frozenset({Owner.PHARM}),
}
"""Kinds of which others than the first actor get their own part."""
CLOSING_FROM = time(19)
"""A letter that only tells of closings goes with the day's last round, so that it never takes the day's letter."""
RECEIPT_WITHIN = timedelta(hours=96)
"""No receipt by then counts as a refusal (HIS 1168)."""
CRITICAL_RECEIPT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A flag as it stands towards one receiver. `since`: opened, or opened again. `told_rank`: as last written.

    `asked`: a nurse asked for it to be sent (again) after it was last written, which needs no severity, no standing
    time and no round.
    """

    id: str
    code: str
    severity: Severity
    state: FlagStatus
    since: datetime
    told_rank: int | None = None
    asked: bool = False


def is_tidy(code: str, severity: Severity) -> bool:
    """True for what stands on the monthly list instead of in a letter."""
    return code in TIDY and severity.rank < Severity.HIGH.rank


def may_be_told(flag: Standing) -> bool:
    """True where it may stand in a letter at all: open, not told yet (or told as less than it is now, or asked for)."""
    if flag.state not in {FlagStatus.OPEN, FlagStatus.SENT}:
        return False
    if flag.asked:
        return True
    if flag.told_rank is not None:
        return flag.severity.rank > flag.told_rank and flag.severity.rank >= Severity.HIGH.rank
    return not (is_tidy(flag.code, flag.severity) or WHEN[flag.severity].never)


def is_same_matter(severity: Severity, told: datetime, since: datetime, *, refused: bool = False) -> bool:
    """True where what was written at `told` still holds for a flag that stands since `since`: it came back too soon.

    `refused`: the letter did not arrive; what came back is written anew.
    """
    return told >= since or (not refused and since - told < WHEN[severity].returned)


def due(flag: Standing) -> datetime | None:
    """From when it warrants a letter (aware); `None` where it only rides along."""
    timing = WHEN[flag.severity]
    if flag.asked:
        return flag.since
    if not timing.alone:
        return None
    ripe = flag.since + timing.stands
    return _next_round(ripe, timing.rounds) if timing.rounds else ripe


def _next_round(ripe: datetime, rounds: tuple[time, ...]) -> datetime:
    local = ripe.astimezone(OSLO)
    for day in (local.date(), local.date() + timedelta(days=1)):
        for hour in rounds:
            moment = datetime.combine(day, hour, OSLO)
            if moment >= local:
                return moment
    raise AssertionError


def is_day(now: datetime) -> bool:
    """True from `DAY_BEGINS` (inclusive) to `DAY_ENDS` (exclusive)."""
    return DAY_BEGINS <= now.astimezone(OSLO).time() < DAY_ENDS


def is_closing_time(now: datetime) -> bool:
    """True when a letter that only tells of closings may go."""
    return is_day(now) and now.astimezone(OSLO).time() >= CLOSING_FROM


def select(flags: Iterable[Standing], now: datetime, *, today: Collection[Written] = ()) -> tuple[Standing, ...]:
    """What stands in a letter written now, most serious first; empty: no letter is written.

    `today`: the letters this receiver was written about this patient today.
    """
    open_ = sorted(filter(may_be_told, flags), key=lambda f: (-f.severity.rank, f.since, f.id))
    critical = [f for f in open_ if f.severity is Severity.CRITICAL]
    if not is_day(now):
        return tuple(critical)
    rest = [f for f in open_ if f not in critical and WHEN[f.severity].follows >= set(today)]
    if not critical and not any((moment := due(f)) and moment <= now for f in rest):
        return ()
    ripe = [f for f in rest if f.asked or f.since + WHEN[f.severity].stands <= now]
    return (*critical, *ripe[: max(0, MOST - len(critical))])
