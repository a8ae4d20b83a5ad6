"""Every document of the demo's municipality is fit to send: by our own checker, and by fhir.resources."""

from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle

from formats.fhir.check import check_document
from formats.read import read
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality, posts
from medrec.demo.sign import Signer
from medrec.fhir_list import ACT_CODES, document
from medrec.offline import case_of
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def documents():
    signer, told = Signer(), []
    for said in municipality(1, 40, TODAY, demo_catalogue()):
        case = case_of([read(post.raw) for post in posts(said, TODAY, signer)])
        judged = reconcile(case, demo_catalogue(), TODAY)
        told.append(document(judged, {s.id: s for s in case.statements}, as_of=TODAY))
    return told


def resources(documents, kind):
    return [e["resource"] for told in documents for e in told["entry"] if e["resource"]["resourceType"] == kind]


def test_our_checker_finds_nothing(documents):
    assert len(documents) == 40
    assert [problem for told in documents for problem in check_document(told)] == []


def test_each_validates(documents):
    for told in documents:
        Bundle.model_validate(told)


def test_no_section_and_no_list_is_empty_without_a_reason(documents):
    sections = [s for c in resources(documents, "Composition") for s in c["section"]]
    for one in (*sections, *resources(documents, "List")):
        assert bool(one.get("entry")) != bool(one.get("emptyReason"))


def test_every_issue_has_our_code_and_a_common_one_where_there_is_one(documents):
    seen = set()
    for issue in resources(documents, "DetectedIssue"):
        codings = {c["system"].rpartition("/")[2]: c["code"] for c in issue["code"]["coding"]}
        assert codings.get("v3-ActCode") == ACT_CODES.get(codings["discrepancy"])
        seen.add(codings["discrepancy"])
    assert len(seen) > 20
