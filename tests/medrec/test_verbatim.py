"""House invariant 3: text as said survives verbatim to the screen, the JSON and the store."""

import html

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from told import ANNA, NOON, TODAY, message

from medrec import clock, intake, listing, persons, roster, work
from medrec.access import sessions
from medrec.access.people import Role, User
from medrec.app import create_app
from medrec.present import list_json

NASTY = (
    "1 tablett <b>daglig</b> & «ved behov»",
    'ta "2" når\u00a0det trengs – ½ × 3',
    "<script>alert(1)</script> 1 tablett morgen",
    "1 tablett morgen " + "svelges hel med vann " * 19,
    "1 tbl Æ ø å µg \u200b\u2013 ✚",
    "{{ 7*7 }} %s {0} 1 tablett",
)


def kept(database, name: str, dose: str):
    """The list after one message with that name and dose, as stored."""
    said = {"kind": "liste", "name": name, "dose_text": dose, "status": "active", "decided": "2026-02-01"}
    with clock.held(NOON):
        intake.receive(database, message(ANNA, said), channel="test")
        work.drain(database, today=TODAY)
        with database.reading() as session:
            person_id = persons.find(session, ANNA)
            return person_id, listing.current_list(session, person_id)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80).filter(str.strip))
def test_any_text_comes_back_as_it_was_said(sqlite_database, text):
    _, stored = kept(sqlite_database, "Metoprolol 50 mg", text)
    told = list_json(stored.reconciliation, stored.statements)
    assert text in {s["dose_text"] for s in told["statements"].values()}
    assert text in {said["text"] for line in told["lines"] for said in line["dose"]["as_said"]}


@pytest.mark.parametrize("text", NASTY)
def test_any_text_stands_on_the_page_escaped_and_whole(sqlite_database, text):
    person_id, _ = kept(sqlite_database, "Metoprolol 50 mg", text)
    with sqlite_database.writing() as session:
        cookie = sessions.start(session, User(id="n", name="N", role=Role.PHARMACIST))
        relate(session, person_id)
    client = create_app(sqlite_database).test_client()
    client.set_cookie("medrec", cookie)
    with clock.held(NOON):
        page = client.get(f"/patients/{person_id}").get_data(as_text=True)
    assert text in html.unescape(page)
    assert "<script>alert" not in page


def relate(session, person_id):
    """An active care relation, so that the page may be seen."""
    head = "identifier;name;district;from;to;next_visit;gp_hpr;gp_name;gp_office;gp_her_id;gp_phone;pharmacy_her_id"
    csv = f"{head}\n{ANNA};Anna Eksempel;Nord;2025-01-01;;;;;;;;\n"
    roster.load(session, roster.read_csv(csv.encode()), TODAY)
    assert roster.care_of(session, person_id, TODAY)
