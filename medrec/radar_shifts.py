"""When is a week unlike the weeks before it: the arithmetic of the radar, without a store.

A share of a week is held against the same system's earlier weeks by the beta-binomial law: how likely is a count this
large, if nothing has changed? The earlier weeks are never trusted for more than `_TRUSTED` sayings, because weeks
differ among themselves more than coins do (a nursing home moves, an office comes new). A shift must be improbable *and*
large.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, lgamma

INTERVAL, DOSE = "interval", "dose"
WEEKS = 8
"""How many earlier weeks a week is held against."""
IMPROBABLE = 1e-5
"""One false alarm in so many looks at most; a look is one substance of one system in one week."""
_LEAST_SHARE = 0.2
_LEAST_COUNT = 3
_TRUSTED = 200.0
_FAR = 3
"""Quarters of a decade: a dose this far from the usual one is more than four times it, or less than a fourth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One row of counts. `bucket`: rank of the interval class, or the dose's logarithm in quarters of a decade."""

    system: str
    version: str
    week: date
    substance: str
    measure: str
    bucket: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What has changed. `to`: the interval's rank that has grown, or 1 for larger and -1 for smaller doses.

    `share` is the share of the week's `said` that it has now, `before` what it was in the weeks before.
    """

    system: str
    version: str
    week: date
    substance: str
    measure: str
    to: int
    share: float
    before: float
    said: int

    @property
    def key(self) -> tuple[str, str, date, str, str, int]:
        """What makes two findings one: counts go on growing during the week."""
        return (self.system, self.version, self.week, self.substance, self.measure, self.to)


_Buckets = Mapping[int, int]
_Tally = dict[tuple[str, str], dict[int, int]]


def shifts(counted: Iterable[Counted], week: date) -> Iterator[Shift]:
    """The shifts of one week against the `WEEKS` before it, in order of system, version and substance."""
    now: dict[tuple[str, str], _Tally] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    before: dict[str, _Tally] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    first = week - timedelta(weeks=WEEKS)
    for row in counted:
        what = (row.measure, row.substance)
        if row.week == week:
            now[row.system, row.version][what][row.bucket] += row.count
        elif first <= row.week < week:
            before[row.system][what][row.bucket] += row.count
    for (system, version), tally in sorted(now.items()):
        for measure, substance, to, many, said, old, all_old in _held(tally, before[system]):
            if _shifted(many, said, old, all_old):
                yield Shift(
                    system=system,
                    version=version,
                    week=week,
                    substance=substance,
                    measure=measure,
                    to=to,
                    share=round(many / said, 3),
                    before=round(old / all_old, 3),
                    said=said,
                )


_Look = tuple[str, str, int, int, int, int, int]


def _held(now: _Tally, before: _Tally) -> Iterator[_Look]:
    """(measure, substance, to, many, said, many before, said before) of each look; doses also all together."""
    together = {1: [0, 0, 0, 0], -1: [0, 0, 0, 0]}
    for (measure, substance), buckets in sorted(now.items()):
        old = before.get((measure, substance), {})
        said, all_old = sum(buckets.values()), sum(old.values())
        if measure == INTERVAL:
            yield from ((measure, substance, b, n, said, old.get(b, 0), all_old) for b, n in sorted(buckets.items()))
        elif all_old:
            middle = _middle(old)
            for to in (1, -1):
                four = (_far(buckets, middle, to), said, _far(old, middle, to), all_old)
                together[to] = [a + b for a, b in zip(together[to], four, strict=True)]
                yield (measure, substance, to, *four)
    for to, (many, said, many_old, all_old) in together.items():
        yield DOSE, "", to, many, said, many_old, all_old


def _middle(buckets: _Buckets) -> int:
    half, seen = sum(buckets.values()) / 2, 0
    for bucket, many in sorted(buckets.items()):
        seen += many
        if seen >= half:
            return bucket
    raise AssertionError


def _far(buckets: _Buckets, middle: int, to: int) -> int:
    return sum(many for bucket, many in buckets.items() if (bucket - middle) * to >= _FAR)


def _shifted(many: int, said: int, old: int, all_old: int) -> bool:
    if many < _LEAST_COUNT or not all_old or many / said - old / all_old < _LEAST_SHARE:
        return False
    trust = min(1.0, _TRUSTED / all_old)
    return at_least(many, said, old * trust + 0.5, (all_old - old) * trust + 0.5) < IMPROBABLE


def at_least(many: int, of: int, alpha: float, beta: float) -> float:
    """The chance of `many` or more `of` so many under a beta-binomial law with these two parameters."""
    constant = lgamma(of + 1) + lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta) - lgamma(of + alpha + beta)
    chance = 0.0
    for k in range(many, of + 1):
        ways = constant - lgamma(k + 1) - lgamma(of - k + 1)
        term = exp(ways + lgamma(k + alpha) + lgamma(of - k + beta))
        chance += term
        if term < chance * 1e-12:
            break
    return min(chance, 1.0)
