"""The demo fetches: SFM for its pilot district, the journal for everybody; and its truth stays what it is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from medrec import clock, hearing, listing
from medrec.db import open_database
from medrec.demo.build import open_or_build
from medrec.demo.sources import PILOT
from medrec.records import fetch, message, person, roster
from medrec.sources.asking import Asking
from medrec.sources.endpoints import endpoint_of
from medrec.sources.rounds import Rounds
from rules.conclusion import Severity

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with clock.held(MORNING):
        made = open_or_build(folder, clock.today(), patients=24, port=0, progress=lambda *_: None)
    yield made
    made.sources.close()


@pytest.fixture
def database(demo):
    opened = open_database(demo.settings)
    yield opened
    opened.close()


def test_everybody_is_read_and_each_reading_stands_in_the_log(demo, database):
    with database.reading() as session:
        pilots = session.scalar(select(func.count()).select_from(roster).where(roster.c.district == PILOT))
        told = session.execute(
            select(fetch.c.channel, func.count())
            .where(fetch.c.outcome.in_(("ok", "partial")))
            .group_by(fetch.c.channel)
        ).all()
        failed = session.scalars(select(fetch.c.code).where(fetch.c.outcome.in_(("failed", "refused")))).all()
    assert dict(map(tuple, told)) == {"sfm": pilots, "fhir": len(demo.told["patients"])}
    assert failed == []


def test_patients_without_an_error_have_nothing_that_anybody_must_act_on(demo, database):
    clean = [p["id"] for p in demo.told["patients"] if not p["faults"]]
    assert len(clean) >= 6
    with database.reading() as session:
        for own in clean:
            stored = listing.current_list(session, own)
            loud = [d.code for d in stored.reconciliation.discrepancies if d.severity is not Severity.INFO]
            assert (own, loud, stored.reconciliation.complete) == (own, [], True)


def test_the_list_says_which_source_was_read_when(demo, database):
    with database.reading() as session, clock.held(MORNING):
        ways = {
            word.source.value + " " + word.channel
            for own in session.scalars(select(person.c.id))
            for word in hearing.sources(session, own, clock.today())
        }
        as_of = {
            word.heard.as_of
            for own in session.scalars(select(person.c.id))
            for word in hearing.sources(session, own, clock.today())
            if word.channel in {"sfm", "fhir"}
        }
    assert ways == {"RF demo", "RF sfm", "GP demo", "HP fhir"}
    assert all(MORNING <= moment < MORNING + timedelta(minutes=10) for moment in as_of)
    assert demo.told["sources"]["SFM"].startswith("http://127.0.0.1:")


def reopened(demo, moment):
    with clock.held(moment):
        return open_or_build(demo.settings.data_dir, clock.today(), patients=24, port=0, progress=lambda *_: None)


def test_it_goes_on_being_fetched_and_nothing_new_changes_no_list(demo, database):
    """Opened again half an hour later, with servers of its own: what the schedule then does."""
    before, later = versions(database), MORNING + timedelta(minutes=31)
    again = reopened(demo, later)
    assert again.told["patients"] == demo.told["patients"]
    assert again.told["sources"] != demo.told["sources"]
    with clock.held(later), again.sources.sfm.running(), again.sources.journal.running():
        for channel in ("sfm", "fhir"):
            asking = Asking(endpoint_of(again.settings, channel))
            Rounds(channel, asking).tick(database)
            asking.close()
    again.sources.close()
    with database.reading() as session:
        late = session.scalars(select(fetch.c.outcome).where(fetch.c.at > MORNING)).all()
        assert session.scalars(select(message.c.id).where(message.c.outcome != "accepted")).all() == []
    assert set(late) <= {"ok", "partial"}
    assert len(late) > len(demo.told["patients"])
    assert versions(database) == before


def versions(database):
    with database.reading() as session:
        return {own: listing.head_of(session, own).version for own in session.scalars(select(person.c.id))}
