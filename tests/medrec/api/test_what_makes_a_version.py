"""Conclusions make a version; words and places do not (contract, "Versions")."""

from dataclasses import replace

import pytest

from formats.statement import Gap, GapCode, Source
from medrec import clock, listing
from rules.conclusion import Severity
from rules.reconcile import digest


@pytest.fixture
def told(api):
    with api.database.reading() as session:
        return listing.conclude(session, api.anna(), clock.today())[1]


def first_flag(told, **changed):
    return replace(told, discrepancies=(replace(told.discrepancies[0], **changed), *told.discrepancies[1:]))


def test_words_places_rule_set_and_catalogue_make_none(told):
    gaps = tuple(replace(gap, text=f"{gap.text} (nytt)", place=None) for gap in told.gaps)
    values = dict.fromkeys(told.discrepancies[0].values, "et annet sted")
    for same in (
        replace(told, rule_set="another", catalogue="another"),
        replace(told, gaps=gaps),
        first_flag(told, values=values),
        first_flag(told, action="Andre ord", closes_when="Andre ord"),
    ):
        assert digest(same) == told.digest


def test_each_conclusion_makes_one(told):
    flag, line = told.discrepancies[0], told.lines[0]
    others = [
        first_flag(told, code="A99"),
        first_flag(told, about="another"),
        first_flag(told, severity=Severity.INFO),
        first_flag(told, evidence=(*flag.evidence, "another")),
        first_flag(told, intended=True),
        replace(told, discrepancies=told.discrepancies[1:]),
        replace(told, suppressed=(*told.suppressed, replace(flag, suppressed_by="A01"))),
        replace(told, gaps=(*told.gaps, Gap(Source.RF, GapCode.PARTIAL))),
        replace(told, lines=(replace(line, facts={}), *told.lines[1:])),
        replace(told, lines=told.lines[1:]),
        replace(told, complete=not told.complete),
    ]
    assert len({digest(other) for other in others} | {told.digest}) == len(others) + 1
