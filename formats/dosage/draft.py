"""What an assembled piece of text says so far, with what is wrong with it."""

from dataclasses import dataclass, field

from formats.dosing import Amount, Ceiling, Duration, Schedule


@dataclass(slots=True, kw_only=True)
class Draft:
    """A dosage in the making.

    `problems`: reason flags that keep it from being whole. `unclear_total`: what was said leaves the total open.
    `day_total`: the total per day, where it is known although the schedule is not.
    `fatal`: nothing may be taken from it.
    """

    dose: Amount | None = None
    unit: str | None = None
    schedule: Schedule | None = None
    prn: bool = False
    ceiling: Ceiling | None = None
    duration: Duration | None = None
    per_side: bool = False
    side: str | None = None
    site: str | None = None
    problems: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    unclear_total: bool = False
    day_total: Amount | None = None
    fatal: bool = False
