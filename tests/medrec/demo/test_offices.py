"""The whole circle in the demo: a letter, a receipt or a refusal, an answer with a list in it, and the flag closes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from formats.dialog import read_dialog
from medrec import clock, work
from medrec.db import open_database
from medrec.demo import offices
from medrec.demo.build import SEED, open_or_build
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality
from medrec.demo.offices import REFUSES, TAKES, Offices
from medrec.notices import outbox, rounds, threads
from medrec.records import closing, discrepancy, notice_item
from medrec.records import outbox as rows

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENTS = 40


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    with clock.held(MORNING):
        demo = open_or_build(
            tmp_path_factory.mktemp("demo"), clock.today(), patients=PATIENTS, port=0, progress=lambda *_: None
        )
    database = open_database(demo.settings)
    yield database
    database.close()
    demo.sources.close()


def by_office(database):
    with database.reading() as session:
        found = session.execute(select(rows.c.receiver_her_id, rows.c.state).where(rows.c.kind == "notice")).all()
    return {office: {state for her_id, state in found if her_id == office} for office, _ in found}


def test_when_it_is_built_one_office_has_taken_its_letters_and_one_has_refused(built):
    told = by_office(built)
    assert told[TAKES] == {"acknowledged"}
    assert told[REFUSES] == {"rejected"}
    assert told["990031"] == {"sent"}, "the third is silent"
    with clock.held(MORNING), built.reading() as session:
        refused = [n for n in threads.failures(session) if n.state is outbox.State.REJECTED]
        assert refused
        assert all(n.problem.startswith("E35") for n in refused)
        assert {t.data["office"] for t in threads.tasks(session) if t.why == "rejected"} == {"Skogkanten legekontor"}


def test_the_tidy_up_lists_lie_beside_the_letters(built):
    lists = sorted((built.settings.outbox / outbox.TIDY_FOLDER).glob("*.txt"))
    assert lists
    assert all(file.name.startswith("ryddeliste-2026-03-") for file in lists)


def test_the_office_answers_with_the_list_and_the_flag_closes(built):
    everyone = municipality(SEED, PATIENTS, MORNING.date(), demo_catalogue())
    beside = Offices(everyone)
    with clock.held(MORNING + timedelta(minutes=1)):
        assert beside.tick(built) == 0, "it takes its time"
    later = MORNING + timedelta(minutes=30)
    with clock.held(later):
        assert beside.tick(built) == 1
        assert beside.tick(built) == 0, "once"
        work.drain(built)
        rounds.tick(built)
        with built.reading() as session:
            told = session.execute(
                select(discrepancy)
                .join(closing, closing.c.discrepancy_id == discrepancy.c.id)
                .join(notice_item, notice_item.c.discrepancy_id == discrepancy.c.id)
            ).all()
            assert {row.code for row in told} >= {"B07"}
            closed = next(row for row in told if row.code == "B07")
            (thread,) = [
                t for t in threads.threads(session, closed.person_id) if any(n.her_id == TAKES for n in t.notices)
            ]
            assert "rettet listen" in thread.replies[0].text
            assert session.scalar(select(rows.c.state).where(rows.c.kind == "apprec")) == "sent"


def test_letters_taken_by_the_broker_are_not_read_here(built):
    letters = [f for f in built.settings.outbox.glob("*.xml") if b"<Dialogmelding" in f.read_bytes()]
    assert all(read_dialog(f.read_bytes()).msg_id == f.stem for f in letters)
    for file in letters:
        file.unlink()
    assert offices.answer(built) == 0
