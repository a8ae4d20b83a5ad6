"""A case told another way: where the catalogue says that nothing may change, or only in one direction, it must not.

The worked cases of a few files are changed each time, all of them and patients with many wrongs with `-m full`.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import get_type_hints

import pytest

from formats.dosage.beside import read_said
from formats.dosing import ReadStatus
from formats.drug import AtcCode, read_strength
from formats.statement import Allergy, Kind, Place, SaidStatus, Source, Statement, StatementType
from medrec.cases import case_from, cases_in, catalogue_for
from rules.conclusion import OSLO, Case, Heard, LineStatus, Outcome, Reconciliation
from rules.reconcile import reconcile

STORIES = Path(__file__).resolve().parents[1] / "stories"
SOME = ("transformed.md", "heard.md")
DAYS = tuple(name for name, kind in get_type_hints(Statement).items() if kind == date | None)
CALENDAR = frozenset({"W33", "W34", "V56", "V76"})
"""24 months and a year of birth are of the calendar, not of weeks."""
LISTED_TWICE = frozenset({"T12", "W47", "T61"})
"""Which of two spellings, or of two entries told alike, stands first is told by the id and concludes nothing."""
PROCESS = frozenset({"G01", "G02", "G05", "G07"})


@lru_cache
def told(files):
    return tuple(case for name in files for case in cases_in(STORIES / name))


@lru_cache
def as_it_is(files):
    """Each case with what is concluded of it."""
    return tuple((story, judged(story)) for story in told(files))


ALL = tuple(sorted(p.name for p in STORIES.glob("*.md") if p.name != "README.md"))
LENGTHS = [pytest.param(SOME, id="some"), pytest.param(ALL, id="all", marks=pytest.mark.full)]


def judged(story, change: Callable[[Case], Case] = lambda case: case, later: timedelta = timedelta()) -> Reconciliation:
    today = story["today"] + later
    return reconcile(change(case_from(story)[0]), catalogue_for({**story, "today": today}), today)


def same_words(key: str) -> str:
    return " ".join(key.split()).casefold() if key.startswith("text:") else key


def lines(result: Reconciliation):
    return Counter(
        (same_words(line.key).split("#", 1)[0], line.status, line.dose.state, line.dose.per_day, line.dose.interval)
        for line in result.lines
    )


def flags(result: Reconciliation):
    every = (*result.discrepancies, *result.suppressed)
    return Counter((f.code, same_words(f.about), f.severity, f.owner, f.suppressed_by) for f in every)


def raised(result: Reconciliation):
    return {(f.code, f.about) for f in result.discrepancies}


def each(change: Callable[[Statement], Statement]) -> Callable[[Case], Case]:
    return lambda case: replace(case, statements=tuple(change(s) for s in case.statements))


def differences(files, change, *, but=frozenset(), later=timedelta()):
    """Ids of the cases that conclude another thing when changed."""
    found = []
    for story, before in as_it_is(files):
        after = judged(story, change, later)
        if story["id"] not in but and (lines(before), flags(before)) != (lines(after), flags(after)):
            found.append(story["id"])
    return found


# --- nothing may change ---------------------------------------------------------------------------------------------


def by(days: timedelta) -> Callable[[Case], Case]:
    def moved(s: Statement) -> Statement:
        return replace(s, **{name: day + days for name in DAYS if (day := getattr(s, name))})

    def heard(h: Heard) -> Heard:
        local = h.as_of.astimezone(OSLO).replace(tzinfo=None) if h.as_of else None
        return replace(h, as_of=(local + days).replace(tzinfo=OSLO) if local else None)

    def later(day: date | None) -> date | None:
        return day + days if day else None

    def change(case: Case) -> Case:
        return replace(
            each(moved)(case),
            heard={source: heard(h) for source, h in case.heard.items()},
            allergies=tuple(replace(a, recorded=later(a.recorded)) for a in case.allergies),
            birth_date=later(case.birth_date),
            birth_year=case.birth_year + round(days.days / 365.25) if case.birth_year else None,
            admitted_on=later(case.admitted_on),
            confirmed_on=later(case.confirmed_on),
            serious_since=later(case.serious_since),
        )

    return change


@pytest.mark.parametrize("files", LENGTHS)
@pytest.mark.parametrize("weeks", [30, 1461], ids=["over summer time and new year", "28 years"])
def test_all_days_moved_by_whole_weeks(files, weeks):
    days = timedelta(weeks=weeks)
    assert not differences(files, by(days), later=days, but=CALENDAR if weeks == 30 else frozenset())


def numbered_anew(case: Case) -> Case:
    new = {s.id: f"{n:03}" for n, s in enumerate(reversed(case.statements))}
    return replace(case, statements=tuple(replace(s, id=new[s.id]) for s in case.statements))


@pytest.mark.parametrize("files", LENGTHS)
def test_other_ids(files):
    """An id is made of all that was said, and moves with the name of a doctor: it concludes nothing."""
    assert not differences(files, numbered_anew, but=LISTED_TWICE)


def retold(write: Callable[[str], str]) -> Callable[[Case], Case]:
    def change(s: Statement) -> Statement:
        name = write(s.name)
        if s.dosage or not s.dose_text:
            return replace(s, name=name)
        text = write(s.dose_text)
        return replace(s, name=name, dose_text=text, read_dose=read_said(text))

    return each(change)


@pytest.mark.parametrize("files", LENGTHS)
@pytest.mark.parametrize(
    "write",
    [str.upper, lambda t: t.replace(" ", "  "), lambda t: t.replace(" ", "\u00a0")],
    ids=["capitals", "two spaces", "no-break spaces"],
)
def test_other_letters_and_spaces(files, write):
    assert not differences(files, retold(write))


def elsewhere(s: Statement) -> Statement:
    author = replace(s.author, phone="22 00 00 00", her_id="1") if s.author else None
    return replace(s, author=author, place=Place("another message", s.place.path if s.place else ""))


@pytest.mark.parametrize("files", LENGTHS)
def test_what_stands_beside(files):
    assert not differences(files, each(elsewhere))


def prescriptions_twice(case: Case) -> Case:
    again = [
        replace(s, id=f"{s.id}-2", place=Place("another message", s.id))
        for s in case.statements
        if s.kind in {Kind.PRESCRIPTION, Kind.REVOCATION} and s.prescription_id
    ]
    return replace(case, statements=(*case.statements, *again))


@pytest.mark.parametrize("files", LENGTHS)
def test_a_prescription_told_in_two_messages(files):
    assert not differences(files, prescriptions_twice)


TABLETS = re.compile(r"(?<![\d/.,–-])(\d+) ?(?:tabletter|tablett|tabl|tbl)\b\.?(?! ?(?:á|à|\())")


def in_milligrams(s: Statement) -> Statement:
    """The dose "2 tabletter morgen" of 40 mg told as "80 mg morgen"."""
    if s.dosage or not s.dose_text or len(s.unit_strengths) != 1 or s.unit_strengths[0].unit != "mg":
        return s
    one = s.unit_strengths[0].value
    text = TABLETS.sub(lambda hit: f"{int(hit[1]) * one:f} mg".replace(".", ","), s.dose_text)
    read = read_said(text)
    return replace(s, dose_text=text, read_dose=read) if read.status is ReadStatus.OK else s


@pytest.mark.parametrize("files", LENGTHS)
def test_doses_told_in_milligrams(files):
    """Where every strength is told. What is said of tablets, and not of the dose, may change."""
    of_tablets = {"C01", "C05", "D12", "D15", "E04"}
    for story, before in as_it_is(files):
        case = case_from(story)[0]
        if all(s.unit_strengths or not s.dose_text for s in case.statements):
            after = judged(story, each(in_milligrams))
            told_of = [Counter({f: n for f, n in flags(r).items() if f[0] not in of_tablets}) for r in (before, after)]
            assert (lines(before), told_of[0]) == (lines(after), told_of[1]), story["id"]


# --- only in one direction ------------------------------------------------------------------------------------------


def told_again(case: Case, today: date) -> Case:
    """Each decided entry of a doctor's list again, as a copy of a later day."""
    done = []
    for s in case.statements:
        doctors = s.kind in {Kind.GP_LIST, Kind.PLL} and s.type is StatementType.DECISION
        if not doctors or s.order_id or s.said_until or not (s.decided and s.decided < today):
            done.append(s)
            continue
        first = replace(s, order_id=f"O-{s.id}", version="1")
        done += [first, replace(first, id=f"{s.id}-2", version="2", type=StatementType.COPY, decided=today)]
    return replace(case, statements=tuple(done))


@pytest.mark.parametrize("files", LENGTHS)
def test_a_list_told_again_brings_nothing_back(files):
    """No pause, no plan and no change from the hospital that a later decision has settled (P2, P3)."""
    for story, before in as_it_is(files):
        after = judged(story, lambda case, day=story["today"]: told_again(case, day))
        at_rest = {line.key for line in before.lines if line.status in {LineStatus.PAUSED, LineStatus.PLANNED}}
        now = {line.key for line in after.lines if line.status in {LineStatus.PAUSED, LineStatus.PLANNED}}
        assert now <= at_rest, story["id"]
        fresh = raised(after) - raised(before) - {(f.code, f.about) for f in before.suppressed}
        assert not {code for code, _ in fresh} & {"B03", "B07", "B08", "B11"}, story["id"]


@pytest.mark.parametrize("files", LENGTHS)
@pytest.mark.parametrize("source", list(Source))
def test_a_source_that_failed_raises_and_settles_nothing(files, source):
    """P13: what rests on its silence is muted by the gap; every other flag stands as it stood, as severe."""

    def fail(case: Case) -> Case:
        return replace(case, heard={**case.heard, source: replace(case.heard[source], outcome=Outcome.FAILED)})

    for story, before in as_it_is(files):
        after = judged(story, fail)
        old = {line.key for line in before.lines if ("A05", line.key) in raised(before)}  # P11 asks the registry
        counted = {(code, about): severity for code, about, severity, *_ in flags(after)}
        for code, about, severity, _, by_code in flags(before):
            if code not in PROCESS | {"F02"} and about not in old and by_code not in PROCESS:
                assert counted.get((code, about)) is severity, (story["id"], code, about)
        fresh = {(code, about) for code, about in raised(after) - raised(before) if about not in old}
        asleep = {(f.code, f.about) for f in before.suppressed}
        assert not {code for code, _ in fresh - asleep} - PROCESS, story["id"]


@pytest.mark.parametrize("files", LENGTHS)
def test_an_allergy_takes_no_flag_away(files):
    for story, before in as_it_is(files):
        for line in before.lines:
            if line.key.startswith(("text:", "atc:")):
                continue
            substance = line.key.split("|")[0].split("+")[0]
            cave = Allergy(id="more", source=Source.GP, text=substance, substances=(substance,))
            after = judged(story, lambda case, cave=cave: replace(case, allergies=(*case.allergies, cave)))
            told_of = raised(after) | {(f.code, f.about) for f in after.suppressed}
            assert raised(before) <= told_of, (story["id"], line.key)
            if line.status is LineStatus.ACTIVE:
                assert any(f.code == "F01" and line.key in f.lines for f in after.discrepancies), story["id"]


@pytest.mark.parametrize("files", LENGTHS)
def test_a_stop_of_today_is_never_in_use_nor_planned(files):
    for story, before in as_it_is(files):
        said = {s.id: s for s in case_from(story)[0].statements}
        for line in before.lines:
            first, day = said[line.statements[0]], story["today"]
            stop = Statement(
                id="stop", source=Source.GP, kind=Kind.GP_LIST, name=first.name, atc=first.atc, varenr=first.varenr,
                substances=first.substances, route=first.route, release=first.release, strength=first.strength,
                unit_strengths=first.unit_strengths, decided=day,
                type=StatementType.DECISION, status=SaidStatus.STOPPED,
            )  # fmt: skip
            after = judged(story, lambda case, stop=stop: replace(case, statements=(*case.statements, stop)))
            stopped = next((x for x in after.lines if "stop" in x.statements and "#" not in x.key), None)
            if stopped is not None:
                assert stopped.status in {LineStatus.ENDED, LineStatus.DISPUTED}, (story["id"], line.key)
            kept = {i for x in after.lines for i in x.statements} | {a.statement for a in after.aside}
            assert set(said) <= kept, story["id"]


BETAHISTINE = Statement(
    source=Source.GP, kind=Kind.GP_LIST, name="Betaserc 8 mg", atc=AtcCode("N07CA01"), substances=("betahistin",),
    route="oral", release="plain", strength="8 mg", unit_strengths=read_strength("8 mg"), status=SaidStatus.ACTIVE,
    dose_text="1 tablett daglig", read_dose=read_said("1 tablett daglig"), type=StatementType.DECISION,
)  # fmt: skip


@pytest.mark.parametrize("files", LENGTHS)
def test_a_medicine_that_has_nothing_to_do_with_the_others(files):
    """Agreed in all sources: it raises nothing, and nothing about the others changes but that there is a home list."""
    for story, before in as_it_is(files):
        day = story["today"] - timedelta(days=20)
        valid = story["today"] + timedelta(days=200)
        listed = replace(BETAHISTINE, id="more1", decided=day)
        home = replace(listed, id="more2", source=Source.HP, kind=Kind.HOME_LIST, type=StatementType.COPY)
        box = replace(listed, id="more3", source=Source.RF, kind=Kind.PRESCRIPTION, prescription_id="Z", valid_to=valid)
        after = judged(
            story, lambda case, more=(listed, home, box): replace(case, statements=(*case.statements, *more))
        )
        fresh = raised(after) - raised(before)
        assert {code for code, _ in fresh} <= {"A02"}, (story["id"], fresh)
        assert raised(before) <= raised(after) | {(f.code, f.about) for f in after.suppressed}, story["id"]
        assert lines(before) <= lines(after), story["id"]
