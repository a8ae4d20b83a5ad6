"""Meldinger: threads and calls of a patient, what did not arrive, and how each GP office stands."""

import re

import pytest

from medrec import clock
from medrec.db import open_database
from medrec.notices import threads


@pytest.fixture(scope="module")
def told(demo):
    """The demo's letters and calls to make, as stored."""
    database = open_database(demo.settings)
    with database.reading() as session:
        found = threads.notices(session), threads.tasks(session)
    database.close()
    return found


def test_a_patients_threads_say_what_was_sent_and_what_became_of_it(leader, told):
    letter = told[0][0]
    page = leader.page(f"/patients/{letter.person_id}/notices")
    assert letter.receiver in page
    assert "Hjemmetjenesten" in page or "Hjemmesykepleien" in page
    assert re.search(r"Sendt, ikke kvittert|Mottatt i mottakerens system|Avvist", page)


def test_the_failures_page_says_whom_to_call_and_how_offices_stand(leader, told):
    page = leader.page("/notices")
    assert "Haster: ring nå" in page
    assert 'href="tel:' in page
    assert "Fjordgløtt legesenter" in page
    assert "Dager til lukket" in page
    assert len(re.findall("Skriv ned samtalen", page)) == len(told[1])


def test_a_patient_with_many_calls_is_named_once_with_all_of_them_below(leader, told):
    calls = leader.page("/notices").partition("<h2>Ring")[2].partition("<h2>")[0]
    named = re.findall(r'href="/patients/(\w+)/notices"', calls)
    assert f"({len(told[1])})" in calls
    assert sorted(named) == sorted({t.person_id for t in told[1]})
    assert len(named) < len(told[1]), "somebody has more than one"
    for one, part in zip(named, re.split(r'href="/patients/\w+/notices"', calls)[1:], strict=True):
        assert re.findall(r'name="task" value="(\w+)"', part) == [t.id for t in told[1] if t.person_id == one]


def test_a_call_is_written_down_once_and_ends_its_task(leader, told):
    task = next(t for t in told[1] if t.why == "call")
    at = clock.now().isoformat()
    form = {"task": task.id, "discrepancy": task.data["discrepancy"], "reached": "Legen", "said": "Ikke gi.", "at": at}
    for _ in range(2):
        answer = leader.send(f"/patients/{task.person_id}/calls", name="Legevakt", number="116117", role="gp", **form)
        assert answer.status_code == 303
    page = leader.page(f"/patients/{task.person_id}/notices")
    assert page.count("Ikke gi.") == 1
    assert task.id not in page


@pytest.mark.parametrize("form", [{}, {"reached": "", "said": " "}])
def test_a_call_without_words_is_none(leader, told, form):
    assert leader.send(f"/patients/{told[1][0].person_id}/calls", **form).status_code == 400


def test_a_call_about_somebody_elses_flag_is_refused(leader, told):
    one = next(t for t in told[1] if "discrepancy" in t.data)
    other = next(t for t in told[1] if t.person_id != one.person_id)
    form = {"discrepancy": one.data["discrepancy"], "said": "x", "reached": "y"}
    assert leader.send(f"/patients/{other.person_id}/calls", **form).status_code == 404


def test_only_this_patients_letters_are_sent_again(leader, told):
    letter = told[0][0]
    other = next(n for n in told[0] if n.person_id != letter.person_id)
    assert leader.send(f"/patients/{letter.person_id}/notices/{letter.id}/retry").status_code == 303
    assert leader.send(f"/patients/{letter.person_id}/notices/{other.id}/retry").status_code == 404
