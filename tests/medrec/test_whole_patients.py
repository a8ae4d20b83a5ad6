"""Whole patients from messages to list: what belongs together, what is said of it, and that nothing is lost.

What each has to give was written from the rule catalogue before the engine was asked. Of the flags those of severity
high and critical are told here, all of them; the smaller ones have their worked cases.
"""

from dataclasses import dataclass
from datetime import date

import pytest
from papers import (
    REGISTRY,
    SUPPLY,
    care,
    dispensed,
    doctors_list,
    drug,
    entry,
    extract,
    given_out,
    home,
    info,
    journal,
    m1,
    on_list,
    order,
    reaction,
    registry,
    revocation,
    rolled,
    rx,
    shared,
    summary,
)
from told import NOON, TODAY

from formats.read import read
from medrec import clock, hearing, intake, roster
from medrec.demo.catalogue import demo_catalogue
from medrec.offline import case_of
from rules.conclusion import Severity
from rules.reconcile import reconcile

SERIOUS = {Severity.HIGH, Severity.CRITICAL}


@dataclass(frozen=True)
class Told:
    """What a patient's papers have to give: `lines` by key as "STATUS STATE", `flags` as "CODE about severity"."""

    lines: dict[str, str]
    flags: frozenset[str] = frozenset()
    complete: bool = True


def judged(*papers, on=TODAY):
    case = case_of([read(p) for p in papers])
    told = reconcile(case, demo_catalogue(), on)
    placed = [i for line in told.lines for i in line.statements] + [a.statement for a in told.aside]
    assert sorted(placed) == sorted(s.id for s in case.statements), "each statement once, and none lost"
    return told


LIPITOR = drug("Lipitor Tab 40 mg", "1 tablett kveld", "C10AA05", varenr="412412")
ELIQUIS = on_list("Eliquis Tab 5 mg", "1 tablett morgen og kveld", "B01AF02")
FURIX = on_list("Furix Tab 40 mg", "1 tablett morgen", "C03CA01")
MIXTURE = (
    "<Legemiddelblanding><Navn>Morfinmikstur 2 mg/ml</Navn><TilbOppl>Lages</TilbOppl><Mengde V='300' U='ml'/>"
    "<Legemiddelform V='9' S='2.16.578.1.12.4.1.1.7448' DN='Mikstur'/></Legemiddelblanding>"
)
NEXT = (
    "<Pakkeinfo><Bestillingsfrist>2026-03-10T12:00:00</Bestillingsfrist>"
    "<ForsteDoseringsdato>2026-03-16</ForsteDoseringsdato></Pakkeinfo>"
)


def roll(what):
    return doctors_list(rolled(1, what, 1), kind="3", sender=REGISTRY, serial=9253, extra=NEXT)


def norvasc(*more, dose="1 tablett daglig"):
    return (
        registry(rx(2, drug("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"))),
        doctors_list(
            entry(1, on_list("Norvasc Tab 5 mg", dose, "C08CA01"), prescription=1),
            entry(2, on_list("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"), prescription=2),
        ),
        home(
            ("Norvasc tab 5 mg", "C08CA01", "5 mg", dose), ("Zyrtec tab 10 mg", "R06AE07", "10 mg", "1 tablett daglig")
        ),
        *more,
    )


NORVASC_M1 = m1(1, drug("Norvasc Tab 5 mg", "1 tablett daglig", "C08CA01"))
ZYRTEC = {"cetirizin|oral|plain": "ACTIVE AGREED"}


STORIES = {
    "generic substitution and parallel import": (
        (
            registry(rx(1, LIPITOR, inside=given_out("Atorvastatin Krka Tab 40 mg", "515515", "2026-01-10"))),
            doctors_list(
                entry(1, on_list("Atorvastatin Sandoz Tab 40 mg", "1 tablett om kvelden", "C10AA05"), prescription=1)
            ),
            home(("Atorvastatin 40 mg tab", "C10AA05", "40 mg", "1 tabl kl 20")),
            dispensed(
                8101, 1, on_list("Lipitor Tab 40 mg", "1 tablett kveld", "C10AA05", varenr="777123"), "2026-01-10"
            ),
        ),
        Told({"atorvastatin|oral|plain": "ACTIVE AGREED"}),
    ),
    "two strengths together make the dose": (
        (
            registry(
                rx(1, drug("Levaxin Tab 50 mikrog", "1 tablett daglig", "H03AA01")),
                rx(2, drug("Levaxin Tab 25 mikrog", "1 tablett daglig i tillegg til 50 mikrog", "H03AA01")),
            ),
            doctors_list(
                entry(1, on_list("Levaxin Tab 50 mikrog", "1 tablett daglig", "H03AA01"), prescription=1),
                entry(2, on_list("Levaxin Tab 25 mikrog", "1 tablett daglig", "H03AA01"), prescription=2),
            ),
            home(("Levaxin 75 mikrog tab", "H03AA01", "75 mikrog", "1 tablett daglig")),
        ),
        Told({"levotyroksin|oral|plain": "ACTIVE AGREED"}),
    ),
    "weekly turned daily in the home list": (
        (
            registry(rx(1, drug("Methotrexate Orion Tab 2,5 mg", "6 tabletter hver torsdag", "L04AX03"))),
            doctors_list(
                entry(
                    1,
                    on_list("Methotrexate Orion Tab 2,5 mg", "15 mg ukentlig (6 tbl à 2,5 mg)", "L04AX03"),
                    prescription=1,
                )
            ),
            home(("Methotrexate 2,5 mg tab", "L04AX03", "2,5 mg", "6 tabletter daglig")),
        ),
        Told(
            {"metotreksat|oral|plain": "DISPUTED CONFLICT"},
            frozenset({"D02 metotreksat|oral|plain critical", "D05 metotreksat|oral|plain high"}),
        ),
    ),
    "a combination told by code and whole name, and its ingredient alone": (
        (
            registry(
                rx(1, drug("Cozaar Comp Tab 50 mg/12,5 mg", "1 tablett morgen", "C09DA01")),
                rx(2, drug("Cozaar Tab 50 mg", "1 tablett morgen", "C09CA01")),
            ),
            doctors_list(
                entry(1, on_list("Cozaar Comp Tab 50 mg/12,5 mg", "1 tablett morgen", "C09DA01"), prescription=1)
            ),
            home(
                ("Cozaar Comp tab 50 mg/12,5 mg", "C09DA01", "", "1 tablett morgen"),
                ("Losartan 50 mg", "C09CA01", "50 mg", "1 tablett morgen"),
            ),
        ),
        Told(
            {"hydroklortiazid+losartan|oral|plain": "ACTIVE AGREED", "losartan|oral|plain": "UNCONFIRMED AGREED"},
            frozenset({"C03 losartan high"}),
        ),
    ),
    "too much paracetamol over two lines, told by code and whole name": (
        (
            registry(),
            doctors_list(
                entry(1, on_list("Paralgin forte Tab 400 mg/30 mg", "2 tabletter 4 ganger daglig", "N02AJ06")),
                entry(2, on_list("Paracet Tab 1 g", "1 tablett 4 ganger daglig", "N02BE01")),
            ),
            home(
                ("Paralgin forte tab 400 mg/30 mg", "N02AJ06", "", "2 tabletter 4 ganger daglig"),
                ("Paracet tab 1 g", "N02BE01", "1 g", "1 tablett 4 ganger daglig"),
            ),
        ),
        Told(
            {"kodein+paracetamol|oral|plain": "ACTIVE AGREED", "paracetamol|oral|plain": "ACTIVE AGREED"},
            frozenset({"D10 paracetamol high", "A03 kodein+paracetamol|oral|plain high"}),
        ),
    ),
    "depot and immediate release": (
        (
            registry(rx(1, drug("OxyContin Depottab 10 mg", "1 tablett morgen og kveld", "N02AA05", "depottab"))),
            doctors_list(
                entry(
                    1,
                    on_list("OxyContin Depottab 10 mg", "1 tablett morgen og kveld", "N02AA05", "depottab"),
                    prescription=1,
                )
            ),
            home(("OxyNorm kaps 10 mg", "N02AA05", "10 mg", "1 kapsel morgen og kveld")),
        ),
        Told(
            {"oksykodon|oral|prolonged": "ACTIVE AGREED", "oksykodon|oral|plain": "UNCONFIRMED SINGLE"},
            frozenset({"C06 oksykodon critical", "C10 oksykodon high"}),
        ),
    ),
    "tablet and gel, the gel coded as form in one list and as route in the other": (
        (
            registry(
                rx(1, drug("Voltaren Enterotab 50 mg", "1 tablett morgen og kveld", "M01AB05", "enterotab")),
                rx(2, drug("Voltarol Gel 11,6 mg/g", "Smøres på hofta 2 ganger daglig", "M02AA15", "gel")),
            ),
            doctors_list(
                entry(1, on_list("Voltaren Enterotab 50 mg", "1 tablett morgen og kveld", "M01AB05", "enterotab")),
                entry(2, on_list("Voltarol Gel 11,6 mg/g", "Smøres på hofta 2 ganger daglig", "M02AA15", "gel")),
            ),
            home(
                ("Voltaren enterotab 50 mg", "M01AB05", "50 mg", "1 tablett morgen og kveld"),
                ("Voltarol", "M02AA15", "", "Smøres på hofta 2 ganger daglig", {"route": "skin", "release": "plain"}),
            ),
        ),
        Told({"diklofenak|oral|plain": "ACTIVE AGREED", "diklofenak|skin-local|plain": "ACTIVE AGREED"}),
    ),
    "insulin of another concentration, told by name": (
        (
            registry(rx(1, drug("Lantus Inj, oppl 100 E/ml", "20 E kveld", "A10AE04", "inj"))),
            doctors_list(
                entry(1, on_list("Lantus Inj, oppl 100 E/ml", "20 E kveld", "A10AE04", "inj"), prescription=1)
            ),
            home(("Toujeo inj, oppl 300 E/ml", "A10AE04", "300 E/ml", "20 E kveld")),
        ),
        Told(
            {
                "insulin glargin|injection|A10AE/100": "ACTIVE AGREED",
                "insulin glargin|injection|A10AE/300": "UNCONFIRMED SINGLE",
            },
            frozenset({"C02 insulin glargin critical"}),
        ),
    ),
    "warfarin without dose, a new anticoagulant from hospital": (
        (
            registry(rx(1, drug("Marevan Tab 2,5 mg", "Doseres etter INR, se skjema", "B01AA03"))),
            doctors_list(entry(1, on_list("Marevan Tab 2,5 mg", None, "B01AA03"), prescription=1)),
            summary(("Eliquis tab 5 mg", "B01AF02", "1 tablett morgen og kveld", "1")),
            home(("Marevan tab 2,5 mg", "B01AA03", "2,5 mg", "etter INR")),
        ),
        Told(
            {"apiksaban|oral|plain": "ACTIVE SINGLE", "warfarin|oral|plain": "ACTIVE UNKNOWN"},
            frozenset(
                {
                    "F05 apiksaban+warfarin critical",
                    "B07 apiksaban|oral|plain critical",
                    "A02 apiksaban|oral|plain critical",
                    "A03 apiksaban|oral|plain high",
                    "D06 warfarin|oral|plain high",
                }
            ),
        ),
    ),
    "in the roll and in a box": (
        (
            registry(
                rx(1, drug("Furix Tab 40 mg", "1 tablett morgen", "C03CA01")),
                rx(2, drug("Diural Tab 40 mg", "1 tablett morgen", "C03CA01"), on="2026-02-01", to="2027-02-01"),
            ),
            doctors_list(entry(1, FURIX, prescription=1)),
            shared(doctors_list(entry(1, FURIX, prescription=1)), roll(FURIX)),
            home(("Furix tab 40 mg", "C03CA01", "40 mg", "1 tablett morgen", {"in_multidose": True})),
        ),
        Told({"furosemid|oral|plain": "ACTIVE AGREED"}, frozenset({"E01 furosemid|oral|plain high"})),
    ),
    "stopped, and still in the roll": (
        (
            registry(rx(1, drug("Eliquis Tab 5 mg", "1 tablett morgen og kveld", "B01AF02"))),
            doctors_list(entry(1, ELIQUIS, changed="2026-02-26", prescription=1, stop="2026-02-26")),
            shared(roll(ELIQUIS)),
            home(("Eliquis tab 5 mg", "B01AF02", "5 mg", "1 tablett morgen og kveld")),
        ),
        Told({"apiksaban|oral|plain": "DISPUTED SINGLE"}, frozenset({"E03 apiksaban|oral|plain critical"})),
    ),
    "revoked because it was stopped; the code tells it": (
        norvasc(NORVASC_M1, revocation(8501, 1, "2")),
        Told({"amlodipin|oral|plain": "DISPUTED SINGLE"} | ZYRTEC, frozenset({"B02 amlodipin|oral|plain high"})),
    ),
    "revoked for a new prescription": (
        norvasc(NORVASC_M1, revocation(8501, 1, "1")),
        Told({"amlodipin|oral|plain": "ACTIVE AGREED"} | ZYRTEC),
    ),
    "revoked, and nobody says why": (
        norvasc(NORVASC_M1, revocation(8501, 1, "4")),
        Told({"amlodipin|oral|plain": "DISPUTED AGREED"} | ZYRTEC),
    ),
    "revoked, and the prescription itself is gone from the registry": (
        norvasc(revocation(8501, 1, "2")),
        Told({"amlodipin|oral|plain": "DISPUTED SINGLE"} | ZYRTEC, frozenset({"B02 amlodipin|oral|plain high"})),
    ),
    "to be stopped in three weeks": (
        (
            registry(rx(1, drug("Imovane Tab 7,5 mg", "1 tablett til natten", "N05CF01"))),
            doctors_list(
                entry(
                    1,
                    on_list("Imovane Tab 7,5 mg", "1 tablett til natten", "N05CF01"),
                    changed="2026-02-20",
                    prescription=1,
                    stop="2026-03-20",
                )
            ),
            home(("Imovane tab 7,5 mg", "N05CF01", "7,5 mg", "1 tablett til natten")),
        ),
        Told({"zopiklon|oral|plain": "ACTIVE AGREED"}),
    ),
    "supplies, and a magistral mixture in two spellings": (
        (
            registry(rx(1, SUPPLY), rx(2, drug("", "5 ml ved behov", magistral=MIXTURE, use="3"))),
            doctors_list(entry(1, on_list("", "5 ml ved behov", magistral=MIXTURE, use="3"), prescription=2)),
            home(("Morfin mikstur 2 mg/ml", "", "", "5 ml v/b", {"use": "prn"})),
        ),
        Told(
            {
                "text:Morfinmikstur 2 mg/ml": "ACTIVE AGREED",
                "text:Morfin mikstur 2 mg/ml": "UNCONFIRMED SINGLE",
            },
            frozenset({"C09 text:Morfin mikstur 2 mg/ml high"}),
        ),
    ),
    "an allergy in another source's words": (
        (
            registry(
                rx(
                    1,
                    drug("Apocillin Tab 660 mg", "1 tablett 4 ganger daglig i 7 dager", "J01CE02", use="2"),
                    on="2026-02-27",
                    to="2026-05-27",
                )
            ),
            doctors_list(extra=reaction("J01C", "Fenoksymetylpenicillin")),
            home(
                (
                    "Apocillin tab 660 mg",
                    "J01CE02",
                    "660 mg",
                    "1 tablett 4 ganger daglig i 7 dager",
                    {"start": "2026-02-27"},
                ),
                allergies=[{"text": "Penicillin"}],
            ),
        ),
        Told(
            {"fenoksymetylpenicillin|oral|plain": "DISPUTED AGREED"},
            frozenset({"F01 fenoksymetylpenicillin|oral|plain critical", "F02 CAVE fenoksymetylpenicillin high"}),
        ),
    ),
    "locked and withheld": (
        (
            registry(
                rx(1, drug("Zocor Tab 20 mg", "1 tablett kveld", "C10AA01")),
                marks="<LastResept>true</LastResept><Pasientreservasjon>true</Pasientreservasjon>",
            ),
            doctors_list(
                entry(1, on_list("Zocor Tab 20 mg", "1 tablett kveld", "C10AA01"), prescription=1),
                entry(2, on_list("Zoloft Tab 50 mg", "1 tablett morgen", "N06AB06")),
            ),
            home(
                ("Zocor tab 20 mg", "C10AA01", "20 mg", "1 vesp"),
                ("Zoloft tab 50 mg", "N06AB06", "50 mg", "1 tablett morgen"),
            ),
        ),
        Told({"simvastatin|oral|plain": "ACTIVE AGREED", "sertralin|oral|plain": "ACTIVE AGREED"}, complete=False),
    ),
    "a discharge report taken back": (
        (
            registry(rx(1, drug("Zocor Tab 20 mg", "1 tablett kveld", "C10AA01"))),
            doctors_list(entry(1, on_list("Zocor Tab 20 mg", "1 tablett kveld", "C10AA01"), prescription=1)),
            care("UTSKRIVNINGSRAPPORT", info("Zocor", "2 tabl kveld", "C10AA01", "20 mg", "tab"), serial=9701),
            care("UTSKRIVNINGSRAPPORT", status="C", serial=9702, refer=9701, made="2026-02-26T08:00:00"),
            home(("Zocor tab 20 mg", "C10AA01", "20 mg", "1 vesp")),
        ),
        Told({"simvastatin|oral|plain": "ACTIVE AGREED"}),
    ),
    "admitted: what is given there is not for home": (
        (
            registry(rx(1, drug("Furix Tab 40 mg", "1 tablett morgen", "C03CA01"))),
            doctors_list(entry(1, FURIX, prescription=1)),
            journal(
                order(1, "Furosemid inj 10 mg/ml", "40 mg iv x 2", "C03CA01", category="inpatient", on="2026-03-01"),
                order(2, "Furosemid tab 40 mg", "1 tablett morgen", "C03CA01", intent="plan", on="2026-01-05"),
                order(3, "Enoksaparin inj 40 mg", "40 mg ONCE", "B01AB05", category="outpatient", status="completed"),
            ),
        ),
        Told({"furosemid|oral|plain": "ACTIVE AGREED"}),
    ),
    "withdrawn ATC codes, hard and thin spaces": (
        (
            registry(rx(1, drug("Gabapentin Sandoz Kaps 300\u00a0mg", "1 kapsel 3 ganger daglig", "N03AX12", "kaps"))),
            doctors_list(
                entry(1, on_list("Neurontin Kaps 300 mg", "1\u00a0kapsel 3 ganger daglig", "N02BF01", "kaps"))
            ),
            home(("Gabapentin\u2009300\u00a0mg kapsel", "N03AX12", "300 mg", "1 kaps x 3", {"form": "kapsel"})),
        ),
        Told({"gabapentin|oral|plain": "ACTIVE AGREED"}),
    ),
    "a dispensing annulled in the second it was reported": (
        (
            registry(rx(1, drug("Sobril Tab 15 mg", "1 tablett kveld", "N05BA04"))),
            dispensed(8101, 1, on_list("Imovane Tab 7,5 mg", "1 tablett kveld", "N05CF01"), "2026-02-10"),
            dispensed(8102, 1, on_list("Imovane Tab 7,5 mg", "1 tablett kveld", "N05CF01"), "2026-02-10", annuls=8101),
            doctors_list(entry(1, on_list("Sobril Tab 15 mg", "1 tablett kveld", "N05BA04"), prescription=1)),
            home(("Sobril tab 15 mg", "N05BA04", "15 mg", "1 vesp")),
        ),
        Told({"oksazepam|oral|plain": "ACTIVE AGREED"}),
    ),
    "another medicine handed over": (
        (
            registry(rx(1, drug("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"))),
            dispensed(8101, 1, on_list("Zyprexa Tab 10 mg", "1 tablett daglig", "N05AH03"), "2026-02-10"),
            doctors_list(entry(1, on_list("Zyrtec Tab 10 mg", "1 tablett daglig", "R06AE07"), prescription=1)),
            home(("Zyrtec tab 10 mg", "R06AE07", "10 mg", "1 tablett daglig")),
        ),
        Told(
            {"cetirizin|oral|plain": "ACTIVE AGREED", "olanzapin|oral|plain": "UNCONFIRMED UNKNOWN"},
            frozenset({"C14 olanzapin+cetirizin high"}),
        ),
    ),
    "stopped at discharge, the doctor's extract goes on": (
        (
            registry(rx(1, drug("Naproxen-E Mylan Enterotab 500 mg", "1x2", "M01AE02", "enterotab"))),
            extract(
                info("Naproxen-E", "1 tabl 2 ganger daglig", "M01AE02", "500 mg", "enterotab", "1", "1"),
                made="2026-02-01T09:00:00",
            ),
            care("UTSKRIVNINGSRAPPORT", info("Naproxen-E", "", "M01AE02", "500 mg", "enterotab", "1", "2")),
            home(("Naproxen-E Mylan enterotab 500 mg", "M01AE02", "500 mg", "1 tablett 2 ganger daglig")),
        ),
        Told(
            {"naproksen|oral|plain": "DISPUTED SINGLE"},
            frozenset({"B07 naproksen|oral|plain high", "B02 naproksen|oral|plain high"}),
        ),
    ),
    "changed at discharge, in tablets of a strength that is not said": (
        (
            registry(rx(1, drug("Furix Tab 40 mg", "1 tablett morgen", "C03CA01"))),
            doctors_list(entry(1, FURIX, prescription=1)),
            summary(("Furix", "C03CA01", "2 tabletter morgen", "1")),
            home(("Furix tab 40 mg", "C03CA01", "40 mg", "1 tablett morgen")),
        ),
        Told({"furosemid|oral|plain": "ACTIVE CONFLICT"}),
    ),
    "milligrams for micrograms": (
        (
            registry(rx(1, drug("Lanoxin Tab 62,5 mikrog", "1 tablett daglig", "C01AA05"))),
            doctors_list(entry(1, on_list("Lanoxin Tab 62,5 mikrog", "62,5 mikrog daglig", "C01AA05"), prescription=1)),
            home(("Lanoxin tab 62,5 mikrog", "C01AA05", "62,5 mikrog", "62,5 mg daglig")),
        ),
        Told({"digoksin|oral|plain": "DISPUTED CONFLICT"}, frozenset({"D11 digoksin|oral|plain critical"})),
    ),
}


def lines_of(told):
    return {line.key: f"{line.status.name} {line.dose.state.name}" for line in told.lines}


def serious(told):
    raised = (d for d in told.discrepancies if not d.suppressed_by and d.severity in SERIOUS)
    return {f"{d.code} {d.about} {d.severity.value}" for d in raised}


def is_as_expected(told, expected):
    assert lines_of(told) == expected.lines
    assert serious(told) == expected.flags
    assert told.complete is expected.complete


def kept_case(database, row, papers):
    """The case of the person of a row of the roster, after these papers went through the store."""
    with clock.held(NOON):
        with database.writing() as session:
            roster.load(session, [row], TODAY)
        receipts = [intake.receive(database, paper, channel="test") for paper in papers]
        with database.reading() as session:
            return hearing.case_of(session, receipts[-1].patient, TODAY)


@pytest.mark.parametrize("name", STORIES)
def test_a_whole_patient(name):
    papers, expected = STORIES[name]
    is_as_expected(judged(*papers), expected)


def test_a_discontinuation_told_ahead_is_a_stop_from_its_day_on():
    """The list was not fetched anew since, and the home list still has it: a stopped anticoagulant that is given."""
    papers = (
        registry(rx(1, drug("Eliquis Tab 5 mg", "1 tablett morgen og kveld", "B01AF02"))),
        doctors_list(entry(1, ELIQUIS, changed="2026-02-20", prescription=1, stop="2026-03-20")),
        shared(roll(ELIQUIS)),
        home(("Eliquis tab 5 mg", "B01AF02", "5 mg", "1 tablett morgen og kveld")),
    )
    before, after = judged(*papers, on=date(2026, 3, 19)), judged(*papers, on=date(2026, 3, 20))
    assert (lines_of(before), serious(before)) == ({"apiksaban|oral|plain": "ACTIVE AGREED"}, set())
    assert lines_of(after) == {"apiksaban|oral|plain": "DISPUTED SINGLE"}
    assert serious(after) == {"E03 apiksaban|oral|plain critical"}
    assert "B02" in {d.code for d in judged(papers[0], papers[1], papers[3], on=date(2026, 3, 20)).discrepancies}
