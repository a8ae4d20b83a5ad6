"""The sentence for a dosage: it says all, and is read back to the same dosage."""

import re
from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.dosage import read_dose, render, render_reading
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
    ReadStatus,
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


@settings(max_examples=500, deadline=None)
@given(every_structure, st.sampled_from(["nb", "nn"]))
def test_the_sentence_is_read_back(dosage, language):
    said = render(dosage, language)
    heard = read_dose(said)
    assert heard.status is ReadStatus.OK, (said, heard.flags)
    assert heard.dosage == dosage, said


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


@settings(max_examples=200, deadline=None)
@given(with_pause(), st.sampled_from(["nb", "nn"]))
def test_what_is_never_whole_is_read_back_as_far_as_it_goes(dosage, language):
    said = render(dosage, language)
    heard = read_dose(said)
    assert heard.status is ReadStatus.PARTIAL, said
    assert heard.dosage == dosage, said


@settings(max_examples=200, deadline=None)
@given(every_structure)
def test_every_language_says_something_and_no_abbreviation(dosage):
    for language in ("nb", "nn", "en"):
        said = render(dosage, language)
        assert said
        assert not {"tbl", "tabl", "kl", "kl.", "v/b", "IE", "E", "mcg", "mikrog", "maks"} & set(said.split())
        without_clock = re.sub(r"klokk(en|a) \d\d\.\d\d", "", said)
        assert language == "en" or not re.search(r"\d\.\d", without_clock)


@given(every_structure)
@settings(max_examples=200, deadline=None)
def test_two_dosages_are_never_the_same_sentence(dosage):
    """Each language tells one dosage from another: a changed amount, prn or length is seen in the words."""
    others = [replace(dosage, prn=not dosage.prn), replace(dosage, per_side=not dosage.per_side, side=None)]
    if dosage.dose:
        others.append(replace(dosage, dose=Amount(dosage.dose.low, dosage.dose.high + 1)))
    for language in ("nb", "nn", "en"):
        assert all(render(other, language) != render(dosage, language) for other in others)


def of(text, language="nb", unit=None):
    reading = read_dose(text)
    assert reading.dosage is not None
    return render(reading.dosage, language, unit)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 tbl dgl", "2 tabletter daglig"),
        ("2x1", "2 hver gang, 1 gang daglig"),
        (
            "1-2 tbl inntil x 4 v/b, maks 8 tbl/døgn",
            "1–2 tabletter inntil 4 ganger daglig ved behov, høyst 8 tabletter per døgn",
        ),
        ("0,5+0+1", "0,5 om morgenen og 1 om kvelden"),
        ("½ tabl kl 08, 1 tabl kl 20", "0,5 tablett klokken 08.00 og 1 tablett klokken 20.00"),
        ("50 mcg x 1", "50 mikrogram 1 gang daglig"),
        ("12 IE kveld", "12 enheter om kvelden"),
        ("10 mg ukentlig (mandag)", "10 mg hver mandag"),
        ("1 dr begge øyne x 2", "1 dråpe 2 ganger daglig i hvert øye"),
        ("1 dråpe venstre øye x 1", "1 dråpe 1 gang daglig i venstre øye"),
        ("1 tabl inntil x 3", "1 tablett inntil 3 ganger daglig"),
        ("1 tbl annenhver kveld", "1 tablett annenhver dag om kvelden"),
        (
            "1 tablett daglig i 21 dager, så 7 dager pause, gjentas",
            "1 tablett 1 gang daglig i 21 dager, deretter 7 dager pause, gjentas",
        ),
        ("1 tbl morgen. Kan ta 1 ekstra ved behov", "1 tablett om morgenen fast, i tillegg 1 tablett ved behov"),
        ("4 som engangsdose", "4 som engangsdose"),
    ],
)
def test_sentences(text, said):
    assert of(text) == said


def test_the_drugs_own_unit_stands_in():
    assert of("1+0+1", unit="tablett") == "1 tablett om morgenen og om kvelden"


def test_nynorsk_and_english():
    assert of("1 tablett hver 8. time ved behov", "nn") == "1 tablett kvar 8. time ved behov"
    assert of("2,5 mg hver mandag", "en") == "2.5 mg every Monday"


def test_partial_is_never_said_as_if_whole():
    assert (
        render_reading(read_dose("1 tablett daglig som avtalt"))
        == "Bare delvis lest: 1 tablett 1 gang daglig. Se teksten."
    )
    assert render_reading(read_dose("Ikke ta")) == ""
