"""What real journals were recorded to answer, replayed over the line where the recordings lie beside the repository."""

import json

import pytest
from sourcing import at, chart, in_care, journal_server, outcomes, rounds_at
from sqlalchemy import select
from told import ANNA, NOON

from medrec import listing, persons, work
from medrec.demo.servers import Reply
from medrec.records import message, reading

OLD_STYLE = {"Content-Type": "application/json+fhir; charset=utf-8"}
JOURNALS = ["epic", "vendors/chbase", "vendors/eclinicalworks", "vendors/healthit"]


@pytest.fixture(scope="module")
def recorded(shared):
    def read(name):
        return (shared / "data/fhir" / name).read_bytes()

    return read


def own_id(raw):
    """Whose requests a recording holds: the id the journal knows the patient by."""
    told = [e["resource"] for e in json.loads(raw)["entry"] if e["resource"]["resourceType"] == "MedicationRequest"]
    return told[0]["subject"]["reference"].rpartition("/")[2]


def requests_in(raw):
    told = json.loads(raw)["entry"]
    return [e["resource"] for e in told if e["resource"]["resourceType"] == "MedicationRequest"]


def fetched(database, raw, replies):
    held = chart(ANNA, own_id(raw), ())
    with journal_server({ANNA: held}) as journal, rounds_at(journal, "fhir") as rounds, at(NOON):
        journal.always("/MedicationRequest", Reply(200, raw, OLD_STYLE))
        for path, reply in replies.items():
            journal.always(path, reply)
        in_care(database)
        fresh = rounds.tick(database)
        work.drain(database)
        return fresh, journal


def kept(database):
    with database.reading() as session:
        stored = listing.current_list(session, persons.find(session, ANNA))
        return stored, session.scalars(select(message.c.outcome)).all()


def unread(database):
    with database.reading() as session:
        told = [one for items in session.scalars(select(reading.c.unread)) for one in items]
    return {one["place"]["path"] for one in told if "medication" in one["reason"]}


@pytest.mark.parametrize("name", JOURNALS)
def test_every_request_of_a_recorded_journal_reaches_the_list(sqlite_database, recorded, name):
    raw = recorded(f"{name}{'/epic' if name == 'epic' else ''}-MedicationRequest-200.json")
    allergies = recorded(f"{name}{'/epic' if name == 'epic' else ''}-AllergyIntolerance-200.json")
    fresh, _ = fetched(sqlite_database, raw, {"/AllergyIntolerance": Reply(200, allergies, OLD_STYLE)})
    assert fresh == 1
    stored, messages = kept(sqlite_database)
    assert messages == ["accepted"]
    said = {s.place.path for s in stored.statements.values()} | unread(sqlite_database)
    assert len(said) == len(requests_in(raw)), "said, or told as not understood: its medicine was not to be had"


def test_recorded_medicines_are_fetched_apart_and_name_their_requests(sqlite_database, recorded):
    raw = recorded("epic/epic-MedicationRequest-200.json")
    wanted = {r["medicationReference"]["reference"] for r in requests_in(raw)}
    medicines = {}
    for name in ("epic/epic-Medication-200.json", "epic/epic-Medication-200-2.json"):
        told = recorded(name)
        medicines[f"/Medication/{json.loads(told)['id']}"] = Reply(200, told, OLD_STYLE)
    assert {path[1:] for path in medicines} & wanted
    _, journal = fetched(sqlite_database, raw, medicines)
    asked = {r.path.rpartition("/R4/")[2] for r in journal.asked if "/Medication/" in r.path}
    assert asked == wanted
    [(outcome, code)] = outcomes(sqlite_database)
    missing = wanted - {path[1:] for path in medicines}
    assert (outcome, code) == (("partial", "medication-status-404") if missing else ("ok", ""))


REFUSALS = {
    "epic/epic-es09oReoYsZk20hcbnd7-403.json": (403, "refused", "status-403"),
    "vendors/athena-MedicationRequest-403.json": (403, "refused", "status-403"),
    "epic/epic-CarePlan-400.json": (400, "failed", "status-400"),
    "epic/epic-RelatedPerson-400.json": (400, "failed", "status-400"),
    "epic/epic-Provenance-404.txt": (404, "failed", "status-404"),
}


@pytest.mark.parametrize("name", list(REFUSALS))
def test_recorded_refusals_are_told_as_what_they_are(sqlite_database, recorded, name):
    status, outcome, code = REFUSALS[name]
    raw = recorded("epic/epic-MedicationRequest-200.json")
    fetched(sqlite_database, raw, {"/MedicationRequest": Reply(status, recorded(name))})
    assert outcomes(sqlite_database) == [(outcome, code)]


def test_an_answer_that_breaks_off_as_it_was_published_is_no_answer(sqlite_database, recorded):
    """The published file of SFM is not valid JSON: it is kept whole in quarantine, and the source counts as failed."""
    raw = recorded("sfm/troy-getMedication-v3.9-e-multidose.AS-PUBLISHED-INVALID-JSON.txt")
    with journal_server() as journal, rounds_at(journal, "fhir") as rounds, at(NOON):
        journal.always("/MedicationRequest", Reply(200, raw))
        in_care(sqlite_database)
        rounds.tick(sqlite_database)
    assert outcomes(sqlite_database) == [("failed", "garbage")]
