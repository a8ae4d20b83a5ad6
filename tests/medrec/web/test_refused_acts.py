"""An act that is refused is answered with the rule it is against, in the reader's language, and nothing is kept."""

import re
from datetime import timedelta

import pytest

from medrec import clock
from medrec.actions import Refusal
from medrec.web import errors


def flag(page, severity):
    """The id of the first flag of a severity that stands in full."""
    found = re.search(rf'<div class="flag sev-{severity}" id="f([0-9a-f]+)">', page)
    return found[1]


def done(page):
    """How many acts the page tells of."""
    return re.findall(r"Gjort med denne listen \((\d+)\)", page)


SOON, FAR = timedelta(days=1), timedelta(days=30)
REFUSED = [
    ("snooze", "critical", SOON, "Dette kan ikke gjøres: et avvik som haster, kan ikke utsettes. Ingenting er lagret."),
    ("snooze", "high", FAR, "et avvik kan utsettes til tidligst i morgen og høyst sju dager."),
    ("intended", "critical", None, "et avvik som haster, krever forskriverens skriftlige svar."),
]


@pytest.mark.parametrize(("kind", "severity", "until", "words"), REFUSED)
def test_a_refused_act_names_the_rule(leader, demo, kind, severity, until, words):
    page = id_ = None
    for patient in demo.told["patients"]:
        page = leader.page(f"/patients/{patient['id']}")
        if f'sev-{severity}" id="f' in page:
            id_ = patient["id"]
            break
    told = {"kind": kind, "discrepancy": flag(page, severity), "prescriber": "Lege Lie", "known_by": "telefon"}
    told |= {"until": (clock.today() + until).isoformat()} if until else {}
    answer = leader.send(f"/patients/{id_}/actions", **told)
    assert answer.status_code == 409
    assert words in answer.get_data(as_text=True)
    assert done(leader.page(f"/patients/{id_}")) == done(page)


def test_what_is_missing_is_said_in_the_readers_language(leader, patient):
    leader.client.set_cookie("medrec-language", "nn")
    answer = leader.send(f"/patients/{patient['id']}/actions", kind="observation")
    assert answer.status_code == 409
    assert "eit felt som må fyllast ut, er tomt." in answer.get_data(as_text=True)


def test_every_rule_has_its_words():
    assert set(errors._REFUSED) == set(Refusal)
