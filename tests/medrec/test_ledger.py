"""A flag through time: one row a flag, the id that stays, the state people gave it, and what takes that away again."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from told import ANNA, BERIT, NOON, TODAY

from formats.identifiers import person_identifier
from medrec import clock, ledger, persons
from medrec.ledger import FlagStatus
from medrec.records import discrepancy
from rules.conclusion import Discrepancy, Owner, Severity

HIGH, CRITICAL = Severity.HIGH, Severity.CRITICAL


def flag(about="metoprolol", severity=HIGH, **more):
    owner = more.pop("owner", Owner.GP)
    said = {"also": (), "lines": (), "evidence": ("x",), "values": {}}
    return Discrepancy(code="D01", about=about, severity=severity, owner=owner, **said | more)


@dataclass
class Ledger:
    """The flags of one person."""

    database: object
    person_id: str

    def settled(self, *flags, day=0, minutes=0):
        """A judgement so many days (and minutes) after noon that concludes exactly these flags."""
        moment = NOON + timedelta(days=day, minutes=minutes)
        with clock.held(moment), self.database.writing() as session:
            return ledger.settle(session, self.person_id, flags, clock.day_of(moment))

    def rows(self):
        """(about, state) of each row, the oldest first."""
        query = select(discrepancy).where(discrepancy.c.person_id == self.person_id).order_by(discrepancy.c.opened_at)
        with self.database.reading() as session:
            return session.execute(query).all()

    def moved(self, state, until=None):
        with self.database.writing() as session:
            ledger.move(session, self.rows()[-1].id, state, until=until)

    def states(self):
        with self.database.reading() as session:
            return {about: told.state for (_, about), told in ledger.states(session, self.person_id).items()}

    def waiting(self):
        with self.database.reading() as session:
            return ledger.worst_open(session, self.person_id)


@pytest.fixture
def flags(sqlite_database):
    with clock.held(NOON), sqlite_database.writing() as session:
        return Ledger(sqlite_database, persons.create(session, person_identifier("", ANNA), "Anna Eksempel", "test"))


@pytest.mark.parametrize(
    ("closed_for", "same"),
    [(timedelta(days=30), True), (timedelta(days=30, minutes=1), False)],
)
def test_true_again_within_thirty_days_is_the_same_flag_and_later_a_new_one(flags, closed_for, same):
    flags.settled(flag())
    (first,) = flags.rows()
    assert flags.settled(day=1).moves.closed == (first.id,)
    again = flags.settled(flag(), day=1 + closed_for.days, minutes=closed_for.seconds // 60).moves
    assert (again.reopened, len(again.opened)) == ((first.id,) if same else (), 0 if same else 1)
    row = flags.rows()[0]
    assert (row.closed_at is None, row.reopened_at is None) == (same, not same)
    assert flags.rows()[-1].opened_at == (NOON if same else NOON + timedelta(days=1) + closed_for)


def test_each_time_has_an_id_of_its_own_also_where_a_row_went_elsewhere(flags):
    for day in (0, 40, 80):
        flags.settled(flag(), day=day)
        flags.settled(day=day + 1)
    assert len({row.id for row in flags.rows()}) == 3
    with clock.held(NOON), flags.database.writing() as session:
        berit = persons.create(session, person_identifier("", BERIT), "", "test")
        one = discrepancy.c.id == flags.rows()[0].id
        session.execute(update(discrepancy).where(one).values(person_id=berit))
    assert flags.settled(flag(), day=120).moves.opened


def test_of_two_rows_of_one_flag_the_first_stands_and_the_other_closes(flags):
    """As two persons found to be one bring them: the one open, the other closed or open too."""
    flags.settled(flag())
    flags.settled(flag("furosemid"), flag(), minutes=5)
    one, two = flags.rows()
    with flags.database.writing() as session:
        session.execute(update(discrepancy).where(discrepancy.c.id == two.id).values(about=one.about))
    told = flags.settled(flag(), minutes=9)
    assert (told.moves.closed, told.moves.opened, told.moves.reopened) == ((two.id,), (), ())
    assert told.waiting == flags.waiting() == (HIGH.rank, NOON)
    told = flags.settled(flag(), day=1)
    assert not told.moves, "the closed one is not opened beside the open one"
    assert [row.closed_at is None for row in flags.rows()] == [True, False]
    assert flags.settled(day=2).moves.closed == (one.id,)


@pytest.mark.parametrize(
    ("given", "until", "now", "expected"),
    [
        (FlagStatus.ACKNOWLEDGED, None, {}, FlagStatus.ACKNOWLEDGED),
        (FlagStatus.ACKNOWLEDGED, None, {"severity": CRITICAL}, FlagStatus.OPEN),
        (FlagStatus.SNOOZED, 2, {}, FlagStatus.SNOOZED),
        (FlagStatus.SNOOZED, 1, {}, FlagStatus.OPEN),
        (FlagStatus.SNOOZED, 2, {"severity": CRITICAL}, FlagStatus.OPEN),
        (FlagStatus.SNOOZED, 2, {"severity": Severity.LOW}, FlagStatus.SNOOZED),
        (FlagStatus.SENT, None, {"severity": CRITICAL}, FlagStatus.SENT),
        (FlagStatus.SENT, None, {"intended": True}, FlagStatus.INTENDED),
        (FlagStatus.INTENDED, None, {}, FlagStatus.OPEN),
        (FlagStatus.INTENDED, None, {"intended": True}, FlagStatus.INTENDED),
    ],
)
def test_what_people_made_of_a_flag_stands_until_it_is_worse_or_run_out(flags, given, until, now, expected):
    flags.settled(flag())
    flags.moved(given, until=TODAY + timedelta(days=until) if until else None)
    told = flags.settled(replace(flag(), **now), day=1)
    assert flags.states() == {"metoprolol": expected}
    (row,) = flags.rows()
    assert (row.state_until is not None) is (expected is FlagStatus.SNOOZED)
    assert (row.severity, row.rank) == (now.get("severity", HIGH), now.get("severity", HIGH).rank)
    assert told.changed is (given is not expected)
    assert not told.moves


def test_the_same_flag_told_twice_is_one_by_the_worse(flags):
    flags.settled(flag(severity=Severity.LOW), flag(severity=CRITICAL), flag(severity=HIGH))
    assert [row.severity for row in flags.rows()] == [CRITICAL]


def test_a_flag_that_is_told_in_other_words_keeps_its_row_and_says_the_new(flags):
    flags.settled(flag())
    assert flags.settled(flag(evidence=("y",)), day=1) == (ledger.Moves(), False, (HIGH.rank, NOON))
    (row,) = flags.rows()
    assert '"y"' in row.content
    assert row.reopened_at is None


def test_what_waits_is_the_worst_and_since_the_oldest_and_nobody_waits_for_what_is_meant_or_put_off(flags):
    flags.settled(flag("a", Severity.LOW))
    assert flags.settled(flag("a", Severity.LOW), flag("b", CRITICAL), day=1).waiting == (CRITICAL.rank, NOON)
    meant = flag("b", CRITICAL, intended=True)
    assert flags.settled(flag("a", Severity.LOW), meant, day=2).waiting == (Severity.LOW.rank, NOON)
    told = flags.settled(meant, day=3)
    assert told.waiting == flags.waiting() == (-1, None)


def test_a_flag_that_is_meant_when_it_opens_is_meant_from_the_first(flags):
    told = flags.settled(flag(intended=True))
    assert (len(told.moves.opened), told.waiting) == (1, (-1, None))
    assert flags.states() == {"metoprolol": FlagStatus.INTENDED}


def test_serious_is_what_is_high_or_worse_open_and_not_meant_since_it_was_raised_last(flags):
    def since():
        with flags.database.reading() as session:
            return ledger.serious_since(session, [flags.person_id]).get(flags.person_id)

    flags.settled(flag("a", Severity.MODERATE), flag("b", intended=True))
    assert since() is None
    flags.settled(flag("c"), day=1)
    assert since() == TODAY + timedelta(days=1)
    flags.settled(day=2)
    assert since() is None
    flags.settled(flag("c"), flag("d"), day=3)
    assert since() == TODAY + timedelta(days=3), "one that was opened again has stood since then"
