"""A discharge summary that was changed or cancelled later: only its newest edition holds, whatever came first."""

from itertools import permutations

import pytest

from formats.read import read
from formats.statement import AsideReason
from medrec.offline import case_of

EDITION = """<Message xmlns="http://www.kith.no/xmlstds/epikrise/2012-02-15">
<Type V="EPIKRISE"/><MIGversion>v1.2 2012-02-15</MIGversion><GenDate V="2026-02-{day:02}T08:00:00"/>
<MsgId>e-{day}</MsgId>
<ServRprt><ServType V="{status}"/><IssueDate V="2026-02-{day:02}"/><ServProvId>{number}</ServProvId>
<Event><ServType V="N"/><InfItem><Medication><DrugId V="C07A B02" S="2.16.578.1.12.4.1.1.7180" DN="{drug}"/>
<Status V="6"/><DosageText>{dose}</DosageText></Medication><Type V="MEDB"/></InfItem></Event>
<Patient><Name>Prøve, Ola</Name><OffId>17854100124</OffId><TypeOffId V="FNR"/></Patient>
<ServProvider><HCP><Inst><Name>Prøve sykehus</Name><Id>8000303</Id><TypeId V="HER"/></Inst></HCP></ServProvider>
</ServRprt></Message>"""


def edition(day, status, dose="1 tablett morgen", number="1001", drug="Selo-Zok"):
    return read(EDITION.format(day=day, status=status, dose=dose, number=number, drug=drug).encode())


def told(*editions):
    """Each order of arrival, and what then stands: dose and why it is set aside."""
    ways = {
        tuple(sorted(((s.dose_text, s.aside) for s in case_of(list(order)).statements), key=str))
        for order in permutations(editions)
    }
    (one,) = ways
    return one


def test_a_changed_summary_stands_in_the_place_of_the_first():
    assert told(edition(3, "N"), edition(5, "M", "2 tabletter morgen")) == (
        ("1 tablett morgen", AsideReason.REPLACED),
        ("2 tabletter morgen", None),
    )


def test_after_a_cancelled_summary_nothing_of_it_stands():
    gone = told(edition(3, "N"), edition(4, "M", "2 tabletter morgen"), edition(6, "C", "2 tabletter morgen"))
    assert gone == (
        ("1 tablett morgen", AsideReason.REPLACED),
        ("2 tabletter morgen", AsideReason.CANCELLED),
        ("2 tabletter morgen", AsideReason.REPLACED),
    )


@pytest.mark.parametrize("status", ["N", "M", "C"])
def test_another_stay_is_another_summary(status):
    stands = told(edition(3, "N"), edition(9, status, "2 tabletter morgen", number="1002"))
    assert ("1 tablett morgen", None) in stands
