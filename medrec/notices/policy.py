"""When a discrepancy becomes a letter: one table, and pure functions over frozen values.

Times of day are Europe/Oslo. A critical flag is exempt from quiet hours and from one letter a day, because it must be
settled before the next dose; its letter counts as the day's letter, so that nothing less urgent follows the same day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from medrec.clock import OSLO
from medrec.ledger import FlagStatus
from rules.conclusion import Owner, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """`stands`: how long it must have stood open. `rounds`: hours at which letters go; none: at any time of the day.

    `alone`: it warrants a letter; else it only rides along. `never`: it is not written at all.
    """

    stands: timedelta
    rounds: tuple[time, ...] = ()
    night: bool = False
    alone: bool = True
    never: bool = False


WHEN: Mapping[Severity, Timing] = {
    Severity.CRITICAL: Timing(stands=timedelta(0), night=True),
    Severity.HIGH: Timing(stands=timedelta(hours=1), rounds=(time(10), time(14), time(19))),
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
RECEIPT_WITHIN = timedelta(hours=96)
CRITICAL_RECEIPT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A flag as it stands towards one receiver. `since`: opened, or opened again. `told_rank`: as last written.

    `asked`: a nurse asked for it to be sent, which needs no severity, no standing time and no round.
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
    """True where it may stand in a letter at all: open, not told yet (or told as less than it is now)."""
    if flag.state not in {FlagStatus.OPEN, FlagStatus.SENT}:
        return False
    if flag.told_rank is not None:
        return flag.severity.rank > flag.told_rank and flag.severity.rank >= Severity.HIGH.rank
    return flag.asked or not (is_tidy(flag.code, flag.severity) or WHEN[flag.severity].never)


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


def select(flags: Iterable[Standing], now: datetime, *, told_today: bool) -> tuple[Standing, ...]:
    """What stands in a letter written now, most serious first; empty: no letter is written."""
    open_ = sorted(filter(may_be_told, flags), key=lambda f: (-f.severity.rank, f.since, f.id))
    critical = [f for f in open_ if f.severity is Severity.CRITICAL]
    if told_today or not is_day(now):
        return tuple(critical)
    if not critical and not any((moment := due(f)) and moment <= now for f in open_):
        return ()
    ripe = [f for f in open_ if f not in critical and (f.asked or f.since + WHEN[f.severity].stands <= now)]
    return (*critical, *ripe[: max(0, MOST - len(critical))])
