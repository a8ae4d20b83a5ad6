"""A broker that is slow, or a machine that sleeps within a round of delivery: what was due then may not leave now."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notices"))

from house import MONDAY, files, flag, furnish, judged, states, ticked
from told import BERIT

from medrec import clock, life
from medrec.access import blocks
from medrec.access.people import Role, User
from medrec.notices import carrier, outbox
from rules.conclusion import Severity

LEADER = User(id="l", name="Lars Eksempel", role=Role.LEADER)
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def two(database):
    """Letters about two patients wait, Anna's first."""
    found = []
    for n, more in enumerate(({}, {"identifier": BERIT, "name": "Berit Eksempel"})):
        found.append(furnish(database, **more))
        judged(database, found[-1], MONDAY + timedelta(seconds=n), flag(n, Severity.CRITICAL))
    assert states(database) == ["queued", "queued"]
    return database, found[1]


def died(session, person_id):
    life.died(session, person_id, clock.today(), by="a", reason="bekreftet i Folkeregisteret, besluttet av leder")


def shut(session, person_id):
    blocks.put(session, person_id, LEADER)


@pytest.mark.parametrize(("happens", "state"), [(died, "held"), (shut, "queued")])
def test_a_letter_is_due_in_the_moment_in_which_it_leaves(two, monkeypatch, happens, state):
    (database, berit), lay = two, carrier.lay

    def slow(*told):
        lay(*told)
        monkeypatch.setattr(carrier, "lay", lay)
        with database.writing() as session:
            happens(session, berit)

    monkeypatch.setattr(carrier, "lay", slow)
    with clock.held(LATER):
        assert outbox.deliver(database).sent == 1
    assert (states(database), len(files(database))) == (["sent", state], 1)
    ticked(database, LATER + timedelta(hours=2))
    assert (states(database), len(files(database))) == (["sent", state], 1)


def test_a_letter_that_another_has_delivered_meanwhile_is_not_laid_again(two, monkeypatch):
    (database, _), lay, laid = two, carrier.lay, []

    def sleeps(where, name, body):
        lay(where, name, body)
        laid.append(name)
        if len(laid) == 1:
            outbox.deliver(database)

    monkeypatch.setattr(carrier, "lay", sleeps)
    with clock.held(LATER):
        outbox.deliver(database)
    assert states(database) == ["sent", "sent"]
    assert len(laid) == 3, "the first, which nobody had noted yet, and each once more at most"
