"""The sentence for a dosage: it says all, and is read back to the same dosage."""

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
    site = draw(st.sampled_from(["øye", "øre", "nesebor"]))
    both = draw(st.booleans())
    side = None if both else draw(st.sampled_from(["venstre", "høyre"]))
    return Dosage(
        dose=dosage.dose, unit=dosage.unit, schedule=dosage.schedule, prn=dosage.prn, duration=dosage.duration,
        per_side=both, side=side, site=site,
    )  # fmt: skip


@st.composite
def plans(draw):
    given_steps = draw(
        st.lists(st.tuples(counts.map(lambda n: PerDay(*n)), amounts, fixed_lengths), min_size=2, max_size=4)
    )
    steps = [Step(StepKind.GIVE, schedule=schedule, dose=dose, length=length) for schedule, dose, length in given_steps]
    if draw(st.booleans()):
        steps.append(Step(StepKind.STOP))
    total = sum(step.length.low for step in steps if step.length)
    return Dosage(unit=draw(st.sampled_from(UNITS)), schedule=Steps(tuple(steps)), duration=Duration(total, total))


@st.composite
def with_needed(draw):
    fixed = draw(slots | clock | per_day)
    needed = draw(st.just(AsNeeded()) | st.integers(1, 4).map(lambda n: PerDay(0, n)))
    dose = draw(amounts) if isinstance(fixed, PerDay) else None
    return Dosage(dose=dose, unit=draw(st.sampled_from(UNITS)), schedule=FixedPlusNeeded(fixed, needed, draw(amounts)))


@st.composite
def capped(draw):
    most = Decimal(draw(st.integers(2, 12)))
    return Dosage(
        dose=Amount.of(1), unit=draw(st.sampled_from(UNITS)), schedule=draw(st.just(AsNeeded()) | per_day),
        prn=True, ceiling=Ceiling(most),
    )  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(simple() | sided() | plans() | with_needed() | capped())
def test_the_sentence_is_read_back(dosage):
    said = render(dosage)
    heard = read_dose(said)
    assert heard.status is ReadStatus.OK, (said, heard.flags)
    assert heard.dosage == dosage, said


@settings(max_examples=100, deadline=None)
@given(simple() | sided() | plans() | with_needed() | capped())
def test_every_language_says_something_and_no_abbreviation(dosage):
    for language in ("nb", "nn", "en"):
        said = render(dosage, language)
        assert said
        assert not {"tbl", "tabl", "kl", "kl.", "v/b", "IE", "mcg", "maks"} & set(said.split())


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
