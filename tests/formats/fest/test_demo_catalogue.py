"""The demo's catalogue: read by the FEST reader, whole, valid, with what the worked cases and the demo need."""

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from formats.drug import Quantity, folded
from medrec.demo import fest_knowledge
from medrec.demo.catalogue import VERSION, demo_catalogue, demo_fest, demo_fest_xml, products

XSD = Path(__file__).resolve().parents[4] / "shared/data/fest/xsd/R1808-eResept-M30-2014-12-01/ER-M30-2014-12-01.xsd"


def test_every_product_of_the_table_is_read_back_whole():
    catalogue = demo_catalogue()
    assert catalogue.version == VERSION
    assert not demo_fest().unread
    for product in products():
        for varenr, _ in product.packages:
            drug = catalogue.by_varenr[varenr]
            assert drug.substances == tuple(i.parent for i in product.ingredients)
            assert drug.strengths == tuple(i.strength for i in product.ingredients if i.strength)
            assert (drug.brand, drug.name, drug.divisible) == (product.brand, product.name, product.divisible)
            assert drug.exchange_limited == (product.exchange == "limited" and bool(drug.substitution_group))
            assert "?" not in (drug.form_group, drug.route, drug.release)


@pytest.mark.skipif(not XSD.exists(), reason="the M30 schema is not on this machine: 1 check left out")
def test_the_file_is_valid_m30():
    schema = etree.XMLSchema(file=str(XSD))
    schema.assertValid(etree.fromstring(demo_fest_xml()))


def test_package_numbers_are_made_up_ones_and_ids_are_not_shared():
    numbers = [v for p in products() for v, _ in p.packages]
    assert len(numbers) == len(set(numbers))
    assert all("990000" <= v <= "999999" for v in numbers)
    assert len({p.id for p in products()}) == len(products())


def test_enough_brands_share_a_substitution_group():
    groups: dict[str, set[str]] = {}
    for drug in demo_catalogue().by_varenr.values():
        groups.setdefault(drug.substitution_group, set()).add(drug.brand)
    shared = [g for g, brands in groups.items() if g and len(brands) > 1]
    substances = {d.substances for d in demo_catalogue().by_varenr.values() if d.substitution_group in shared}
    assert len(substances) >= 35


@pytest.mark.parametrize(
    ("name", "substances", "strength", "release"),
    [
        ("Selo-Zok depottab 50 mg", ("metoprolol",), ("50", "mg"), "prolonged"),
        ("Methotrexate Pfizer tab 2,5 mg", ("metotreksat",), ("2.5", "mg"), "plain"),
        ("Alendronat Bluefish tab 70 mg", ("alendronsyre",), ("70", "mg"), "plain"),
        ("Lantus inj, oppl 100 E/ml", ("insulin glargin",), ("100", "E/ml"), "A10AE/100"),
        ("Toujeo inj, oppl 300 E/ml", ("insulin glargin",), ("300", "E/ml"), "A10AE/300"),
        ("Durogesic depotplaster 25 mikrog/time", ("fentanyl",), ("25", "mikrog/time"), "patch"),
        ("Exelon depotplaster 9,5 mg/24 timer", ("rivastigmin",), ("9.5", "mg/24 timer"), "patch"),
        ("Haldol Depot inj, oppl 50 mg/ml", ("haloperidol",), ("50", "mg/ml"), "depot-injection"),
        ("Ventoline inh pulv 0,2 mg/dose", ("salbutamol",), ("0.2", "mg/dose"), "plain"),
        ("Lanoxin tab 62,5 mikrog", ("digoksin",), ("62.5", "mikrog"), "plain"),
    ],
)
def test_what_the_cases_name(name, substances, strength, release):
    (drug, *_) = demo_catalogue().by_name[folded(name)]
    assert drug.substances == substances
    assert drug.strengths == (Quantity(Decimal(strength[0]), strength[1]),)
    assert drug.release == release


def test_knowledge_beside_the_products():
    content = demo_fest()
    assert len(content.interactions) == len(fest_knowledge.INTERACTIONS)
    worst = [i for i in content.interactions if i.relevance == 1]
    assert (("B01AA03",), ("M01A",)) in [(i.group_a, i.group_b) for i in worst]
    assert content.short_doses["276"].consumption[0].times == 2
    assert content.catalogue(VERSION).short_doses["130"] == "1x2"
    assert len(content.warnings) == 1


def test_the_same_bytes_each_time():
    once = demo_fest_xml()
    demo_fest_xml.cache_clear()
    assert demo_fest_xml() == once
