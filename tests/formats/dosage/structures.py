"""Every structure the grammar can express, as hypothesis strategies."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

from hypothesis import strategies as st

from formats.dosing import (
    Amount,
    AsNeeded,
    Ceiling,
    Clock,
    Cycle,
    Dosage,
    Duration,
    Every,
    FixedPlusNeeded,
    Once,
    PartOfDay,
    PerDay,
    PeriodUnit,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekday,
    Weekdays,
)

UNITS = (
    None,
    "tablett",
    "kapsel",
    "ml",
    "mg",
    "mikrog",
    "E",
    "dråpe",
    "dose",
    "inhalasjon",
    "spray",
    "plaster",
    "pose",
    "injeksjon",
    "ampulle",
)
plain = st.sampled_from(["0.25", "0.5", "1", "1.5", "2", "2.5", "3", "7.5", "10", "12.5", "40", "125", "20000"]).map(
    Amount.of
)
ranges = st.sampled_from([("0.5", "1"), ("1", "2"), ("5", "10"), ("2.5", "5")]).map(lambda ends: Amount.of(*ends))
amounts = plain | ranges
counts = st.tuples(st.integers(1, 6), st.integers(0, 2)).map(lambda n: (n[0], n[0] + n[1]))
per_day = (
    counts.map(lambda n: PerDay(*n))
    | st.integers(1, 6).map(lambda n: PerDay(0, n))
    | st.just(PerDay(1, 1, split_unsaid=True))
)
parts = st.sets(st.sampled_from(PartOfDay), min_size=1, max_size=4).map(lambda s: tuple(p for p in PartOfDay if p in s))
slots = parts.flatmap(lambda ps: st.tuples(*[amounts] * len(ps)).map(lambda a: Slots(tuple(zip(ps, a, strict=True)))))
times = st.sets(st.times().map(lambda t: time(t.hour, t.minute)), min_size=1, max_size=4).map(sorted)
clock = times.flatmap(lambda ts: st.tuples(*[amounts] * len(ts)).map(lambda a: Clock(tuple(zip(ts, a, strict=True)))))
moment = st.none() | st.sampled_from(PartOfDay) | st.sampled_from([time(8), time(21, 30)])
days = st.sets(st.sampled_from(Weekday), min_size=1, max_size=7).map(lambda s: tuple(d for d in Weekday if d in s))
weekdays = days.flatmap(
    lambda ds: st.tuples(*[amounts] * len(ds)).map(lambda a: tuple(zip(ds, a, strict=True)))
).flatmap(
    lambda pairs: moment.map(lambda at: Weekdays(pairs, at)),
)
hourly = st.sampled_from([(4, 4), (6, 6), (8, 8), (12, 12), (4, 6), (72, 72)]).map(lambda h: Every(*h, PeriodUnit.HOUR))
spaced = st.sampled_from(
    [
        (2, PeriodUnit.DAY),
        (3, PeriodUnit.DAY),
        (7, PeriodUnit.DAY),
        (14, PeriodUnit.DAY),
        (84, PeriodUnit.DAY),
        (1, PeriodUnit.MONTH),
        (3, PeriodUnit.MONTH),
    ]
)
every = st.tuples(spaced, moment).map(lambda e: Every(e[0][0], e[0][0], e[0][1], at=e[1]))
often = st.tuples(
    spaced.filter(lambda s: s[0] > 2 or s[1] is PeriodUnit.MONTH),
    counts | st.integers(1, 4).map(lambda n: (0, n)),
    moment,
).map(
    lambda e: Every(e[0][0], e[0][0], e[0][1], times=None if e[1] == (1, 1) else e[1], at=e[2]),
)
turns = st.tuples(amounts, amounts).map(lambda pair: Every(2, 2, PeriodUnit.DAY, turns=pair))
cycle = st.tuples(st.integers(2, 30), st.integers(2, 14), counts).map(lambda c: Cycle(c[0], c[1], PerDay(*c[2])))
lengths = st.sampled_from(
    [Duration(7, 7), Duration(1, 1), Duration(21, 28), Duration(0, 10), Duration(3, 3, PeriodUnit.MONTH)]
)
fixed_lengths = st.integers(1, 28).map(lambda n: Duration(n, n))
dosed = per_day | hourly | every | often | st.just(Once())
placed = slots | clock | weekdays | turns


@st.composite
def simple(draw):
    schedule = draw(dosed | placed | st.just(AsNeeded()) | cycle)
    own_amounts = isinstance(schedule, (Slots, Clock, Weekdays)) or (
        isinstance(schedule, Every) and bool(schedule.turns)
    )
    return Dosage(
        dose=None if own_amounts else draw(amounts),
        unit=draw(st.sampled_from(UNITS)),
        schedule=schedule,
        prn=isinstance(schedule, AsNeeded) or (not isinstance(schedule, Cycle) and draw(st.booleans())),
        duration=None if isinstance(schedule, (Cycle, Once)) else draw(st.none() | lengths),
    )


@st.composite
def sided(draw):
    dosage = draw(simple().filter(lambda d: not isinstance(d.schedule, Cycle)))
    both = draw(st.booleans())
    site = draw(st.sampled_from(["øye", "øre", "nesebor"] if both else ["øye", "øre", "nesebor", None]))
    side = None if both else draw(st.sampled_from(["venstre", "høyre"]))
    return replace(dosage, per_side=both, side=side, site=site)


in_step = per_day | slots | clock | weekdays | hourly | every | often


@st.composite
def plans(draw):
    """Steps in order; only the last may be without a length, and then nothing follows it."""
    open_end = draw(st.booleans())
    count = draw(st.integers(2, 4))
    steps = []
    for place in range(count):
        schedule = draw(in_step)
        own_amounts = isinstance(schedule, (Slots, Clock, Weekdays))
        last = open_end and place == count - 1
        steps.append(
            Step(
                StepKind.GIVE,
                schedule=schedule,
                dose=None if own_amounts else draw(amounts),
                length=None if last else draw(fixed_lengths | st.sampled_from([Duration(7, 14), Duration(0, 10)])),
            )
        )
    if not open_end and draw(st.booleans()):
        steps.append(Step(StepKind.STOP))
    sums = [step.length for step in steps if step.kind is StepKind.GIVE]
    known = [length for length in sums if length]
    whole = None if open_end else Duration(sum(n.low for n in known), sum(n.high for n in known))
    return Dosage(unit=draw(st.sampled_from(UNITS)), schedule=Steps(tuple(steps)), duration=whole)


@st.composite
def with_needed(draw):
    fixed = draw(slots | clock | per_day)
    in_need = (
        st.just(AsNeeded()) | st.integers(1, 4).map(lambda n: PerDay(0, n)) | hourly.filter(lambda e: e.high <= 24)
    )
    dose = draw(amounts) if isinstance(fixed, PerDay) else None
    needed = draw(in_need)
    return Dosage(dose=dose, unit=draw(st.sampled_from(UNITS)), schedule=FixedPlusNeeded(fixed, needed, draw(amounts)))


@st.composite
def capped(draw):
    unit = draw(st.sampled_from(UNITS))
    other = "g" if unit == "mg" and draw(st.booleans()) else None
    most = Decimal(draw(st.integers(2, 12)))
    return Dosage(
        dose=Amount.of(1), unit=unit, schedule=draw(st.just(AsNeeded()) | per_day),
        prn=True, ceiling=Ceiling(most, other),
    )  # fmt: skip


every_structure = simple() | sided() | plans() | with_needed() | capped()


@st.composite
def with_pause(draw):
    """What is never whole, and is read back all the same: a pause, a change of dose, an amount or a time not said."""
    give = Step(StepKind.GIVE, schedule=draw(per_day), dose=draw(amounts), length=draw(fixed_lengths))
    hold = Step(StepKind.HOLD, length=draw(fixed_lengths))
    open_give = replace(give, length=None)
    change = Step(StepKind.CHANGE, change=draw(st.sampled_from([Decimal(-5), Decimal(25)])), length=Duration(7, 7))
    return Dosage(
        unit=draw(st.sampled_from(["mg", "ml"])),
        schedule=Steps(
            draw(st.sampled_from([(give, hold), (hold, open_give), (give, hold, open_give), (open_give, change)]))
        ),
    )
