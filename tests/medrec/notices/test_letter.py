"""The words of a letter, and that every kind of it is a message its receiver's system accepts."""

from dataclasses import replace
from datetime import date, datetime
from itertools import product

import pytest
from lxml import etree

from formats.dialog_xml import write_dialog
from formats.statement import Identifier, Kind, Person, Source, Statement
from medrec.clock import OSLO
from medrec.notices.addresses import Receiver, Sender
from medrec.notices.letter import Letter, Point, message, text
from medrec.notices.whom import Role, To
from rules.conclusion import Discrepancy, Owner, Severity

FLAG = Discrepancy(
    code="B01",
    about="metoprolol",
    severity=Severity.CRITICAL,
    owner=Owner.GP,
    also=(),
    lines=(),
    evidence=("x",),
    values={
        "drug": "Selo-Zok 50 mg",
        "date_a": date(2026, 2, 10),
        "src_a": "HP",
        "date_b": date(2025, 6, 1),
        "valid_to": date(2026, 6, 1),
    },
)
POINT = Point(
    flag=FLAG,
    evidence=(
        Statement(
            source=Source.RF,
            kind=Kind.PRESCRIPTION,
            name="Selo-Zok 50 mg",
            dose_text="1 tablett morgen",
            decided=date(2025, 6, 1),
            valid_to=date(2026, 6, 1),
        ),
    ),
)
GOLDEN = """\
Hjemmesykepleien har sammenlignet kildene til legemiddellisten: ett punkt.

Noe her haster, og vi ringer også om det. Dere når oss på telefon 73 00 00 61.

1. HASTER: Seponert, resepten gyldig: Selo-Zok 50 mg
Selo-Zok 50 mg ble seponert 10.02.2026 (journalen), men resepten er fortsatt gyldig i Reseptformidleren til \
01.06.2026. Bør tilbakekalles.
- E-resept 01.06.2025: Selo-Zok 50 mg, 1 tablett morgen, gyldig til 01.06.2026
Vi ber om: Tilbakekall resept fra 01.06.2025.
Lukkes når resepten er tilbakekalt i Reseptformidleren.

Løst siden sist, takk:
- Seponert, resepten gyldig: Selo-Zok 50 mg

Punktene lukkes av seg selv når kildene viser endringen. Er noe ment slik, svar på denne meldingen.

Kari Eksempel, Hjemmesykepleien, tlf. 73 00 00 61"""


def sender(hpr=""):
    return Sender(
        name="Hjemmesykepleien",
        her_id="990061",
        organisation="Demo kommune",
        org_number="999000061",
        responsible="Kari Eksempel",
        phone="73000061",
        hpr=hpr,
    )


def test_the_words():
    assert text((POINT,), (FLAG,), sender()) == GOLDEN


@pytest.mark.parametrize("role", Role)
def test_every_letter_follows_the_schema(shared, role):
    schema = etree.XMLSchema(etree.parse(shared / "data/xsd/all.xsd"))
    doctor = {"hpr": "9990001", "name": "Tone Eksempel"} if role is not Role.PHARMACY else {}
    for hpr, version, parent, points in product(("", "9990101"), ("1.0", "1.1"), ("", "first"), ((POINT,), ())):
        letter = Letter(
            msg_id="5f0c2c1e-0000-4000-8000-000000000001",
            at=datetime(2026, 3, 2, 12, tzinfo=OSLO),
            sender=sender(hpr),
            to=To(role=role, her_id="990011", office="Demo legesenter", **doctor),
            receiver=Receiver(her_id="990011", version=version),
            patient=Person(identifiers=(Identifier("FNR", "17854100124"),), name="Anna Eksempel"),
            points=points,
            solved=(FLAG,),
            parent_id=parent,
            conversation_id=parent,
        )
        assert schema.validate(etree.fromstring(write_dialog(message(letter)))), schema.error_log.last_error


def word(kind, name, on):
    return Statement(
        source=Source.HP, kind=kind, name=name, dose_text="1 tablett", decided=date(2026, *on) if on else None
    )


TWO = Discrepancy(
    code="F05", about="apiksaban+rivaroksaban", severity=Severity.CRITICAL, owner=Owner.GP, also=(), lines=(),
    evidence=(), values={"name_a": "Eliquis 5 mg", "src_a": "HP", "name_b": "Xarelto 20 mg", "src_b": "GP"},
)  # fmt: skip


def told(*evidence):
    return text([Point(flag=TWO, evidence=evidence)], (), sender())


def test_a_point_about_two_medicines_names_both():
    assert "1. HASTER: To blodfortynnende: Eliquis 5 mg og Xarelto 20 mg\n" in told()


def test_the_newest_word_stands_first_and_the_undated_last():
    said = told(
        word(Kind.HOME_LIST, "Xarelto 20 mg", (1, 4)),
        word(Kind.GP_LIST, "Xarelto 20 mg", None),
        word(Kind.DISCHARGE, "Eliquis 5 mg", (2, 24)),
    )
    places = [said.index(words) for words in ("- Epikrise 24.02.2026", "- Hjemmelisten 04.01.2026", "uten dato")]
    assert places == sorted(places)


def test_the_last_one_is_shown_and_not_counted():
    said = [word(Kind.HOME_LIST, f"Xarelto {n} mg", (1, n)) for n in range(1, 7)]
    assert " til\n" not in told(*said[:5])
    assert "- og 2 til\n" in told(*said)


def test_a_source_is_named_by_its_list_where_it_is_one():
    allergic = Discrepancy(
        code="F01", about="fenoksymetylpenicillin", severity=Severity.CRITICAL, owner=Owner.GP, also=(), lines=(),
        evidence=(), values={"cave": "penicillin", "src_a": "GP", "drug": "Apocillin 660 mg", "src_b": ("HP", "RF")},
    )  # fmt: skip
    home = replace(word(Kind.HOME_LIST, "Apocillin 660 mg", (2, 24)), id="h")
    letter = replace(word(Kind.DISCHARGE, "Apocillin 660 mg", (2, 24)), id="l")
    for evidence, named in (((home,), "hjemmelisten"), ((home, letter), "journalen")):
        flag = replace(allergic, evidence=tuple(s.id for s in evidence))
        said = text([Point(flag=flag, evidence=evidence)], (), sender())
        assert f"Apocillin 660 mg er i bruk ifølge {named} og Reseptformidleren." in said
    listed = replace(word(Kind.GP_LIST, "Apocillin 660 mg", (2, 24)), id="g", source=Source.GP)
    said = text([Point(flag=replace(allergic, evidence=("g",)), evidence=(listed,))], (), sender())
    assert "CAVE penicillin er registrert (fastlegen)." in said, "an allergy stands on no list of medicines"


def test_a_dose_that_stands_unread_on_another_list_is_asked_for_and_not_to_be_rewritten():
    flag = replace(
        FLAG, code="D05", values={"drug": "Marevan", "stated": "er fritekst", "text": "som før", "src_a": "HP"}
    )
    said = text([Point(flag=flag)], (), sender())
    assert "Vi ber om: Svar hvilken dose Marevan skal gis i (hvor mye, hvor ofte og når)" in said
    assert "Skriv doseringen" not in said
