"""The demo municipality: real formats, agreeing sources by default, and errors of life that the rules find."""

import base64
from datetime import date, datetime, time
from random import Random

import pytest
from lxml import etree

from formats.identifiers import is_valid
from formats.read import read
from formats.statement import Identifier, Source
from medrec.clock import OSLO
from medrec.demo import eresept, journal
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.faults import FAULTS
from medrec.demo.municipality import FAULTLESS, municipality, posts
from medrec.demo.people import population
from medrec.demo.regimen import medicines, regimen
from medrec.demo.sign import Signer
from medrec.demo.truth import Scribe, agreeing
from medrec.offline import case_of
from rules.conclusion import Reconciliation, Severity
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)
EXPECTED = {
    "discharge_not_carried": "B07",
    "discharge_stop_not_carried": "B07",
    "stop_left_prescription": "B01",
    "renewal_with_old_dose": "D07",
    "brand_twice": "C02",
    "home_list_a_year_old": "D01",
    "weekly_written_daily": "D02",
    "daily_everywhere": "D13",
    "missing_at_home": "A02",
    "prescription_expired": "B05",
    "old_prescription_left": "B11",
    "penicillin_in_spite_of_allergy": "F01",
    "double_anticoagulant": "F05",
    "free_text_medicine": "C09",
    "out_of_hours_prescription": "A06",
    "needed_or_fixed": "D04",
    "roll_and_box": "E01",
    "stopped_but_packed": "E03",
    "locked_prescriptions": "G07",
}
ONLY_A_GAP = {"gp_list_never_sent"}


@pytest.fixture(scope="module")
def signer():
    return Signer()


@pytest.fixture(scope="module")
def everyone():
    return municipality(1, 40, TODAY, demo_catalogue())


def judged(said, signer) -> Reconciliation:
    readings = [read(post.raw) for post in posts(said, TODAY, signer)]
    return reconcile(case_of(readings), demo_catalogue(), TODAY)


def test_the_same_seed_and_day_give_the_same_municipality(everyone):
    again = municipality(1, 40, TODAY, demo_catalogue())
    assert [s.prescriptions for s in again] == [s.prescriptions for s in everyone]
    assert [s.patient for s in again] == [s.patient for s in everyone]


def test_patients_take_6_to_18_medicines_and_one_in_four_has_no_error(everyone):
    assert len(everyone) == 40
    assert sum(not s.faults for s in everyone) == 40 // FAULTLESS
    assert all(6 <= len(s.medicines) <= 21 for s in everyone)
    assert {name for s in everyone for name in s.faults} == set(FAULTS)


def test_identity_numbers_are_synthetic_and_valid(everyone):
    for said in everyone:
        number = said.patient.identifier
        assert int(number[2:4]) > 80
        assert is_valid(Identifier("FNR", number))


def test_messages_validate_in_every_part(everyone, signer, shared):
    schema = etree.XMLSchema(etree.parse(shared / "data" / "xsd" / "all.xsd"))
    inside = ("{*}Base64Container", "{*}VarerIBrukB64", "{*}ReseptDokLegemiddelB64", "{*}UtleveringB64")
    waiting = [raw for said in everyone[:12] for raw in eresept.messages(said, signed_at(), signer)]
    seen = 0
    while waiting:
        root = etree.fromstring(waiting.pop())
        assert schema.validate(root), schema.error_log[0].message
        waiting += [base64.b64decode(e.text) for e in root.iter(*inside)]
        seen += 1
    assert seen > 300


def signed_at():
    return datetime.combine(TODAY, time(5, 10), OSLO)


def test_nothing_is_lost_between_what_is_said_and_what_is_read(everyone, signer):
    for said in everyone[:10]:
        listed = read(eresept.m96(said, signed_at(), signer)).statements
        assert {s.prescription_id for s in listed} == {rx.id for rx in said.prescriptions}
        home = read(journal.searchset(said, signed_at())).statements
        assert {s.order_id for s in home} == {order.id for order in said.journal}


def test_agreeing_sources_raise_nothing_that_anybody_must_act_on(everyone, signer):
    for said in (s for s in everyone if not s.faults):
        told = judged(said, signer)
        loud = [(d.code, d.about) for d in told.discrepancies if d.severity is not Severity.INFO]
        assert loud == []
        assert told.complete


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_error_of_life_is_found(name, signer):
    """The fault alone, in the first patient it fits."""
    random = Random(5)
    table = medicines(demo_catalogue())
    for patient in population(random, TODAY):
        scribe = Scribe(random, TODAY, patient)
        said = agreeing(scribe, regimen(random, table, 12), roll=name in {"roll_and_box", "stopped_but_packed"})
        if FAULTS[name](said, scribe, table):
            break
    told = judged(said, signer)
    if name in ONLY_A_GAP:
        assert any(gap.source is Source.GP and gap.limits for gap in told.gaps)
        assert not told.complete
    else:
        assert EXPECTED[name] in {d.code for d in told.discrepancies}


def test_every_error_of_life_has_an_expectation():
    assert set(EXPECTED) | ONLY_A_GAP == set(FAULTS)
