"""Recall and precision per kind: generated patients with seeded faults of every kind, judged and counted.

A patient's record is written and read as real messages (the demo's writers, the house's codecs); in it stand either an
error of life of the demo or stories of `seeds.md`. A raised flag counts as right where a fault of its kind was seeded
on its medicine, or one that lawfully brings it; every other raised flag is false.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import cycle, islice
from random import Random

from formats.drug import Catalogue
from formats.read import read
from medrec.bench.seeds import Seed, Story, Writer, book, codes, fitting, with_marked
from medrec.cases import case_from
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.faults import FAULTS
from medrec.demo.municipality import posts
from medrec.demo.people import Patient, population
from medrec.demo.regimen import Medicine, medicines, regimen
from medrec.demo.said import SaidAllergy, Sources
from medrec.demo.sign import Signer
from medrec.demo.truth import Scribe, agreeing
from medrec.offline import case_of
from rules.conclusion import Case, Discrepancy, Severity
from rules.reconcile import reconcile
from rules.rulebook import RULES

GOAL = 0.98
"""Recall and precision of each kind; recall of what must be critical is to be whole."""
OLD = 70
"""NorGeP counts from this age."""
BASE = frozenset(
    {
        *("betablokker", "kalsiumantagonist", "statin", "diabetes", "stoffskifte", "magesyre", "kalsium", "folsyre"),
        *("demens", "gikt", "blære", "prostata", "allergi", "nitrat", "smerte"),
    }
)
"""Groups of the demo's table that hold no two medicines any rule has a word about, by the tables of rules.md."""
LIFE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "discharge_not_carried": (("B07",), ()),
    "weekly_written_daily": (("D02",), ("F06",)),
    "stop_left_prescription": (("B01",), ()),
    "renewal_with_old_dose": (("D07",), ()),
    "brand_twice": (("C02",), ("C01",)),
    "double_anticoagulant": (("F05", "B07"), ("A02",)),
    "missing_at_home": (("A02",), ()),
    "home_list_a_year_old": (("D01",), ()),
    "discharge_stop_not_carried": (("B07",), ()),
    "roll_and_box": (("E01",), ()),
    "prescription_expired": (("B05",), ()),
    "daily_everywhere": (("D13",), ()),
    "old_prescription_left": (("B11",), ()),
    "stopped_but_packed": (("E03",), ()),
    "out_of_hours_prescription": (("A06",), ()),
    "free_text_medicine": (("C09",), ("G03",)),
    "needed_or_fixed": (("D04",), ()),
    "penicillin_in_spite_of_allergy": (("F01", "F02"), ()),
    "locked_prescriptions": (("G07",), ()),
}
"""Error of life -> the kinds it must raise, and what it lawfully brings. That a GP never sent a list is no flag."""
ALWAYS_CRITICAL = frozenset({"D02", "D11", "D13", "E03", "F01", "F05", "G05"})
Progress = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Count:
    """One kind: how often seeded and found, how often raised and falsely; of what must be critical the same.

    `near`: near misses written; one that is flagged counts as false.
    """

    kind: str
    seeded: int = 0
    found: int = 0
    raised: int = 0
    false: int = 0
    critical: int = 0
    critical_found: int = 0
    near: int = 0

    @property
    def recall(self) -> float | None:
        """Found of seeded; `None` where none was seeded."""
        return self.found / self.seeded if self.seeded else None

    @property
    def precision(self) -> float | None:
        """Right of raised; `None` where none was raised."""
        return 1 - self.false / self.raised if self.raised else None

    @property
    def holds(self) -> bool:
        """Recall and precision reach the goal, and nothing critical is missed."""
        reached = (self.recall or 0) >= GOAL and (self.precision or 0) >= GOAL
        return reached and self.critical_found == self.critical


@dataclass(slots=True)
class Figures:
    """All kinds, and what was missed or falsely raised: (patient's number, kind, about)."""

    patients: int = 0
    statements: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    missed: list[tuple[int, str, str]] = field(default_factory=list)
    false: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A patient's case and what was put wrong in it."""

    number: int
    case: Case
    seeds: tuple[Seed, ...]


def measure(seed: int, patients: int, today: date, progress: Progress = lambda _: None) -> Figures:
    """Judge `patients` seeded patients and count. The same seed and day give the same figures."""
    catalogue = with_marked(demo_catalogue(), today)
    figures = Figures(counts={r.code: Count(kind=r.code) for r in RULES})
    for one in seeded(seed, patients, today):
        told = reconcile(one.case, catalogue, today)
        figures.patients += 1
        figures.statements += len(one.case.statements)
        _count(figures, one, told.discrepancies)
        progress(figures.patients)
    return figures


def _count(figures: Figures, one: Seeded, raised: Sequence[Discrepancy]) -> None:
    for seed in one.seeds:
        if seed.near:
            figures.counts[seed.near].near += 1
            continue
        count = figures.counts[seed.kind]
        hits = [f for f in raised if f.code == seed.kind and _about(f, seed)]
        count.seeded += 1
        count.found += bool(hits)
        if seed.critical or seed.kind in ALWAYS_CRITICAL:
            count.critical += 1
            count.critical_found += any(f.severity is Severity.CRITICAL for f in hits)
        if not hits:
            figures.missed.append((one.number, seed.kind, seed.about[0]))
    for flag in raised:
        figures.counts[flag.code].raised += 1
        if not any(flag.code in {s.kind, *s.brings} and _about(flag, s) for s in one.seeds):
            figures.counts[flag.code].false += 1
            figures.false.append((one.number, flag.code, flag.about))


def _about(flag: Discrepancy, seed: Seed) -> bool:
    told = " ".join((flag.about, *flag.lines)).casefold()
    return any(word.casefold() in told for word in seed.about)


# --- who they are -----------------------------------------------------------------------------------------------


def seeded(seed: int, count: int, today: date) -> Iterator[Seeded]:
    """`count` patients; every fourth has an error of life of the demo, the others one or two stories."""
    random = Random(seed)  # noqa: S311 - synthetic patients, not a secret
    table = medicines(demo_catalogue())
    base = tuple(m for m in table if m.group in BASE)
    signer, stories, life = Signer(), cycle(book().stories), cycle(LIFE)
    for patient in islice(_people(random, today), count):
        scribe = Scribe(random, today, patient)
        errs = patient.number % 4 == 0
        said = agreeing(scribe, regimen(random, base, random.randint(3, 8)), roll=patient.number % 8 == 0)
        known = SaidAllergy(text="Plaster: kløe", atc="V07AA", substance="plaster", on=scribe.days_ago(900))
        said.gp_allergies, said.journal_allergies = [known], [known]  # both have asked
        seeds = _err(said, scribe, table, life) if errs else ()
        case = case_of([read(post.raw) for post in posts(said, today, signer)])
        if not errs:
            seeds = tuple(_stories(said, Writer(random, today, patient.number), stories))
            case = _with(case, seeds, today)
        yield Seeded(patient.number, case, seeds)


def _people(random: Random, today: date) -> Iterator[Patient]:
    """People without end; names come round again, numbers do not."""
    number = 0
    while True:
        for patient in population(random, today):
            number += 1
            yield replace(patient, number=number)


def _err(said: Sources, scribe: Scribe, table: tuple[Medicine, ...], life: Iterator[str]) -> tuple[Seed, ...]:
    """The next error of life that fits this patient."""
    for name in islice(life, len(LIFE)):
        if FAULTS[name](said, scribe, table):
            kinds, brings = LIFE[name]
            lawful = (*kinds, *brings, "C10")  # where one list has metformin and not metoprolol, a mix-up is near
            return tuple(Seed(kind=k, about=_touched(said, name), told={}, brings=lawful) for k in kinds)
    return ()


def _touched(said: Sources, name: str) -> tuple[str, ...]:
    if name == "locked_prescriptions":
        return ("RF",)
    words = [s for told in said.medicines if told.at_fault == name for s in told.medicine.substances]
    typed = [o.name for told in said.medicines if told.at_fault == name for o in told.home if o.drug is None]
    return (*(typed or words), *(a.substance for a in said.gp_allergies[1:]))


def _stories(said: Sources, writer: Writer, stories: Iterator[Story]) -> Iterator[Seed]:
    """The next story and, unless one of the two wants to be alone, the one after."""
    present = frozenset(str(d.atc or "") for told in said.medicines for d in told.medicine.packages)
    wanted = writer.random.choice((1, 2, 2))
    for place in range(wanted):
        story = next(stories)
        if place and story.alone:
            continue
        draws = list(fitting(story, present)) if _old_enough(story, said.patient, writer.today) else []
        if not draws:
            continue
        draw = writer.random.choice(draws)
        present |= codes(draw)
        yield writer.seed(story, draw)
        if story.alone:
            return


def _old_enough(story: Story, patient: Patient, today: date) -> bool:
    return not story.head.get("older") or today.year - patient.birth_date.year > OLD


def _with(case: Case, seeds: Sequence[Seed], today: date) -> Case:
    """The patient's case with the stories told into it."""
    for seed in seeds:
        told, _ = case_from({"today": today, **seed.told})
        named = set(seed.told.get("sources", ()))
        heard = {source: told.heard[source] if source.value in named else of for source, of in case.heard.items()}
        case = replace(
            case,
            statements=case.statements + told.statements,
            heard=heard,
            allergies=case.allergies + told.allergies,
            multidose_doctors=told.multidose_doctors or case.multidose_doctors,
            confirmed_by=told.confirmed_by or case.confirmed_by,
            confirmed_on=told.confirmed_on or case.confirmed_on,
            changed_since_confirmed=told.changed_since_confirmed or case.changed_since_confirmed,
        )
    return case


def most_frequent(found: Sequence[tuple[int, str, str]]) -> Mapping[str, list[tuple[str, int]]]:
    """By kind, what it was about and how often; for whoever looks into a figure that falls short."""
    grouped: dict[str, Counter[str]] = defaultdict(Counter)
    for _, kind, about in found:
        grouped[kind][about] += 1
    return {kind: counter.most_common(3) for kind, counter in sorted(grouped.items())}


def catalogue_for(today: date) -> Catalogue:
    """The catalogue the patients are judged with."""
    return with_marked(demo_catalogue(), today)
