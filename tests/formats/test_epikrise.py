"""The discharge summary: its medicines, allergies and warnings; each value of it is told, or left out for a reason."""

import pytest
from build_eresept import OLA, code, tag, word
from test_told_rare import heard, same, variants

from formats.read import read
from formats.statement import AsideReason, Kind, SaidStatus, Use

NS = "http://www.kith.no/xmlstds/epikrise/2012-02-15"
ATC = "2.16.578.1.12.4.1.1.7180"


def drug(atc, name, status, *more):
    inside = (
        code("DrugId", atc, name, ATC),
        code("DosageCoded", "1x2", "en to ganger"),
        word("Comment", "tas med mat"),
        code("Status", status, "Benyttes"),
        code("Form", "53", "Tablett"),
        code("RouteOfAdm", "53", "Oral"),
        tag("IntendedDuration", V="28", U="dag"),
        tag("QuantitySupplied", V="56", U="stk"),
        tag("UnitDose", V="50", U="mg"),
        word("DosageText", "1 tablett morgen og kveld"),
    )
    days = (tag("StartDateTime", V="2026-02-01"), tag("EndDateTime", V="2026-03-01"), tag("OrgDate", V="2026-02-02"))
    return tag("InfItem", tag("Medication", *inside), code("Type", "MEDB", "Legemiddelopplysning"), *days, *more)


HOSPITAL = (word("Name", "Prøve sykehus"), word("Id", "8000303"), code("TypeId", "HER"))


def worker(name, number="9000003", kind="HCPerson"):
    return tag(kind, word("Name", name), word("Id", number), code("TypeId", "HPR"))


def summary(*items, status="N", comments=(), hospital=None, behind=()):
    who = tag(
        "Patient", word("Name", "Prøve, Ola"), word("OffId", OLA), code("TypeOffId", "FNR"),
        tag("PatientPrecaution", word("Precaution", "tåler ikke morfin")),
    )  # fmt: skip
    event = tag("Event", code("ServType", "N"), *items, *comments)
    report = tag(
        "ServRprt", code("ServType", status, "x"), tag("IssueDate", V="2026-02-03"), event, who,
        tag("ServProvider", tag("HCP", hospital or tag("Inst", *HOSPITAL))), *behind,
    )  # fmt: skip
    body = (code("Type", "EPIKRISE"), word("MIGversion", "v1.2 2012-02-15"), tag("GenDate", V="2026-02-03T08:00:00"))
    return tag("Message", *body, word("MsgId", "e-1"), report, ns=NS).encode()


NOTE = tag(
    "Comment", code("Heading", "ME", "Medikasjon"), word("TextResultValue", "Marevan 2,5 mg etter skjema"),
    code("TextCode", "Z92.1", "Antikoagulasjon"),
)  # fmt: skip
CAVE = tag(
    "InfItem",
    tag("Observation", word("Description", "Penicillin"), word("Comment", "utslett"),
        tag("CodedDescr", code("Concept", "Z88.0", "Penicillinallergi"))),
    code("Type", "CAVE", "Cave"), tag("OrgDate", V="2026-02-02"),
)  # fmt: skip
SEEN = tag(
    "InfItem", tag("Observation", word("Description", "Svimmel av Imovane")), code("Type", "SYKH", "Sykehistorie")
)
WHOLE = summary(
    drug("C07A B02", "Selo-Zok", "6"),
    drug("A01A A01", "Fluor", "4", tag("Origin", code("Role", "FLE"))),
    drug("J01C E02", "Apocillin", "10"),
    CAVE,
    SEEN,
    comments=(NOTE,),
)
NOT_TOLD = {
    "Type": "of the message; of an item it says where it is read",
    "MIGversion": "technical",
    "ServType": "N, M and C; a cancellation is tested below",
    "IssueDate": "each item here has its own day",
    "Origin": "who told the hospital",
    "TypeId": "the type of a number",
    "TypeOffId": "likewise",
    "Id": "of the hospital, beside its name",
}


def test_every_value_changes_the_reading():
    before = heard(WHOLE), read(WHOLE).allergies
    silent = set()
    for path, raw in variants(WHOLE):
        told = same(before[0], raw) and [(a.text, a.atc, a.reaction, a.codes) for a in read(raw).allergies] == [
            (a.text, a.atc, a.reaction, a.codes) for a in before[1]
        ]
        if told and not {*path.split("/")} & NOT_TOLD.keys():
            silent.add(path)
    assert silent == set()


def test_what_is_used_what_to_stop_and_what_is_an_allergy():
    reading = read(WHOLE)
    assert [(s.name, s.kind, s.status, s.use) for s in reading.statements] == [
        ("Selo-Zok", Kind.DISCHARGE, None, Use.FIXED),
        ("Fluor", Kind.DISCHARGE, SaidStatus.STOPPED, None),
    ]
    assert [a.text for a in reading.allergies] == ["Apocillin", "Penicillin"]


def test_medicines_that_stand_in_words_alone_are_kept():
    reading = read(summary(comments=(NOTE,)))
    assert reading.statements == ()
    assert "Medikasjon: Marevan 2,5 mg etter skjema Antikoagulasjon" in [u.text for u in reading.unread]
    assert "tåler ikke morfin" in [u.text for u in reading.unread]


@pytest.mark.parametrize(("status", "aside"), [("N", None), ("M", None), ("C", AsideReason.CANCELLED)])
def test_a_cancelled_summary_is_set_aside(status, aside):
    reading = read(summary(drug("C07A B02", "Selo-Zok", "6"), CAVE, status=status))
    assert [s.aside for s in reading.statements] == [aside]
    assert [a.text for a in reading.allergies] == ([] if aside else ["Penicillin"])


ANSWERS = tag("RelServProvider", code("Relation", "AHP"), tag("HCP", worker("Rita Lin", "9000005", "HCProf")))


@pytest.mark.parametrize(
    ("hospital", "behind", "name", "number", "unit"),
    [
        (tag("Inst", *HOSPITAL, worker("Per Vik")), (), "Per Vik", "9000003", "8000303"),
        (tag("Inst", *HOSPITAL, worker("Per Vik"), worker("Eva Ås")), (), "Per Vik, Eva Ås", "", "8000303"),
        (worker("Per Vik", kind="HCProf"), (), "Per Vik", "9000003", ""),
        (tag("Inst", *HOSPITAL), (ANSWERS,), "Rita Lin", "9000005", "8000303"),
        (tag("Inst", *HOSPITAL, worker("Per Vik")), (ANSWERS,), "Per Vik", "9000003", "8000303"),
    ],
    ids=["one person", "several, as the schema allows", "a person alone", "who answers for it", "the signer first"],
)
def test_who_signs_the_summary(hospital, behind, name, number, unit):
    author = read(summary(drug("C07A B02", "Selo-Zok", "6"), hospital=hospital, behind=behind)).statements[0].author
    assert (author.name, author.hpr, author.her_id) == (name, number, unit)


def test_a_medicine_in_a_cave_item_is_no_medicine_in_use():
    inside = tag(
        "Medication", code("DrugId", "J01C E02", "Apocillin", ATC), code("Status", "6", "Benyttes regelmessig")
    )
    reading = read(summary(tag("InfItem", inside, code("Type", "CAVE", "Cave"))))
    assert reading.statements == ()
    assert [a.text for a in reading.allergies] == ["Apocillin"]
    assert "cave on a medicine in use" in [u.reason for u in reading.unread]


@pytest.mark.parametrize(
    "inside",
    [tag("Observation"), tag("ResultItem", tag("TextResult"), tag("ClinInv", code("Id", "NPU1", "Prøve")))],
)
def test_a_cave_item_without_words_does_not_refuse_the_summary(inside):
    reading = read(summary(drug("C07A B02", "Selo-Zok", "6"), tag("InfItem", inside, code("Type", "CAVE", "Cave"))))
    assert [s.name for s in reading.statements] == ["Selo-Zok"]
    assert "cave" in [u.reason for u in reading.unread]
