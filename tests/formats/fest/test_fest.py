"""FEST read: what a prescription's code leads to, and what a hostile or torn file leads to."""

import contextlib
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from formats.drug import AtcCode, DrugLevel, FestId, Quantity, Varenr
from formats.errors import ErrorCode, FormatError
from formats.fest import open_fest, read_fest
from formats.fest.entries import strength

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "fest"
real = pytest.mark.skipif(not REAL.exists(), reason="the real FEST extract is not on this machine: 1 check left out")


def guid(number: int) -> str:
    return f"ID_{number:08X}-0000-4000-8000-000000000000"


def entry(kind: str, payload: str, number: int, status: str = "A") -> str:
    return (
        f"<Oppf{kind}><Id>{guid(900 + number)}</Id><Tidspunkt>2026-01-0{number % 9 + 1}T03:00:00</Tidspunkt>"
        f'<Status V="{status}" DN="x"/>{payload}</Oppf{kind}>'
    )


def fest(*catalogues: str, year: str = "2014-12-01", head: str = "", fetched: str = "2026-02-01T03:00:00Z") -> bytes:
    body = "".join(catalogues).replace("<fs:", "<").replace("</fs:", "</")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<FEST xmlns="http://www.kith.no/xmlstds/eresept/m30/{year}">'
        f"<HentetDato>{fetched}</HentetDato>{body}</FEST>"
    ).encode()


def kat(name: str, *entries: str) -> str:
    return f"<Kat{name}>{''.join(entries)}</Kat{name}>"


def fs(year: str = "2014-12-01") -> str:
    return f'xmlns="http://www.kith.no/xmlstds/eresept/forskrivning/{year}"'


def substance(number: int, name: str, *salts: int, year: str = "2014-12-01") -> str:
    refs = "".join(f"<RefVirkestoff>{guid(s)}</RefVirkestoff>" for s in salts)
    return entry(
        "Virkestoff", f"<Virkestoff {fs(year)}><Id>{guid(number)}</Id><Navn>{name}</Navn>{refs}</Virkestoff>", number
    )


def with_strength(number: int, of: int, said: str, year: str = "2014-12-01") -> str:
    return entry(
        "Virkestoff",
        f"<VirkestoffMedStyrke {fs(year)}><Id>{guid(number)}</Id>{said}<RefVirkestoff>{guid(of)}</RefVirkestoff>"
        '<Styrkeoperator V="L" S="x" DN="Lik"/></VirkestoffMedStyrke>',
        number,
    )


def brand(
    number: int, name: str, form: str, atc: str, *contents: int, given: str = "", year: str = "2014-12-01"
) -> str:
    refs = "".join(
        f"<SortertVirkestoffMedStyrke><Sortering>{len(contents) - i}</Sortering>"
        f"<RefVirkestoffMedStyrke>{guid(c)}</RefVirkestoffMedStyrke></SortertVirkestoffMedStyrke>"
        for i, c in enumerate(contents)
    )
    return entry(
        "LegemiddelMerkevare",
        f'<LegemiddelMerkevare {fs(year)}><Atc V="{atc}" S="x" DN="Navn"/><NavnFormStyrke>{name}</NavnFormStyrke>'
        f'<Reseptgruppe V="C" DN="C"/><LegemiddelformKort V="{form}" S="x" DN="Form"/>{given}<Id>{guid(number)}</Id>'
        f"<Varenavn>{name.split(maxsplit=1)[0]}</Varenavn>{refs}</LegemiddelMerkevare>",
        number,
    )


def package(number: int, varenr: str, brand_number: int, extra: str = "", market: str = "", status: str = "A") -> str:
    return entry(
        "Legemiddelpakning",
        f'<Legemiddelpakning {fs()}><Atc V="C07AB02" S="x" DN="Metoprolol"/><NavnFormStyrke>Prøve depottab 50 mg'
        f'</NavnFormStyrke><Reseptgruppe V="C" DN="C"/><LegemiddelformKort V="25" S="x" DN="Depottablett"/>{extra}'
        f"<Id>{guid(number)}</Id><Varenr>{varenr}</Varenr><Pakningsinfo><RefLegemiddelMerkevare>{guid(brand_number)}"
        f"</RefLegemiddelMerkevare></Pakningsinfo>{market}</Legemiddelpakning>",
        number,
        status,
    )


METOPROLOL = (
    kat("LegemiddelMerkevare", brand(10, "Prøve depottab 50 mg", "25", "C07AB02", 3)),
    kat("Virkestoff", substance(1, "Metoprolol", 2), substance(2, "Metoprololsuksinat")),
)
FIFTY = kat("Virkestoff", with_strength(3, 2, '<Styrke V="50" U="mg"/>'))


def read(raw: bytes):
    return read_fest(open_fest(io.BytesIO(raw)))


def test_a_package_leads_to_parent_substance_strength_and_form():
    content = read(fest(METOPROLOL[0], kat("Legemiddelpakning", package(20, "012345", 10)), METOPROLOL[1], FIFTY))
    drug = content.catalogue().drug(Varenr("012345"), None)
    assert drug is not None
    assert (drug.substances, drug.salts) == (("metoprolol",), ("metoprololsuksinat",))
    assert drug.strengths == (Quantity(Decimal(50), "mg"),)
    assert (drug.route, drug.release, drug.brand) == ("oral", "prolonged", "Prøve")
    assert drug.brand_id == guid(10)
    assert drug.atc == AtcCode("C07AB02")
    assert content.catalogue().version == "FEST 2026-02-01"
    assert not content.unread


def test_the_elder_namespace_is_read_the_same_and_another_is_refused():
    elder = fest(
        kat("LegemiddelMerkevare", brand(10, "Prøve tab 5 mg", "53", "C07AB02", 3, year="2013-10-08")),
        kat("Virkestoff", substance(1, "Metoprolol", year="2013-10-08")),
        kat("Virkestoff", with_strength(3, 1, '<Styrke V="5" U="mg"/>', year="2013-10-08")),
        year="2013-10-08",
    )
    assert read(elder).catalogue().drug(None, FestId(guid(10))).substances == ("metoprolol",)
    with pytest.raises(FormatError) as refused:
        read(fest(year="2030-01-01"))
    assert refused.value.code is ErrorCode.UNKNOWN_VERSION


def test_a_combination_keeps_fests_order_and_all_its_strengths():
    content = read(
        fest(
            kat("LegemiddelMerkevare", brand(10, "Begge tab", "53", "C09DA06", 4, 3)),
            kat("Virkestoff", substance(1, "Kandesartan"), substance(2, "Hydroklortiazid")),
            kat("Virkestoff", with_strength(3, 1, '<Styrke V="16" U="mg"/>')),
            kat("Virkestoff", with_strength(4, 2, '<Styrke V="12.5" U="mg"/>')),
        )
    )
    drug = content.catalogue().drug(None, FestId(guid(10)))
    assert drug.substances == ("kandesartan", "hydroklortiazid")
    assert [s.value for s in drug.strengths] == [Decimal(16), Decimal("12.5")]


def test_half_a_combination_is_no_drug():
    content = read(
        fest(
            kat("LegemiddelMerkevare", brand(10, "Begge tab", "53", "C09DA06", 4, 3)),
            kat("Virkestoff", substance(1, "Kandesartan"), with_strength(3, 1, '<Styrke V="16" U="mg"/>')),
        )
    )
    assert content.catalogue().drug(None, FestId(guid(10))).substances == ()


@pytest.mark.parametrize(
    ("atc", "said", "release"),
    [
        ("A10AB05", '<Styrke V="100" U="E"/><StyrkeNevner V="1" U="ml"/>', "A10AB/100"),
        ("A10AE04", '<Styrke V="300" U="IE"/><StyrkeNevner V="1" U="ml"/>', "A10AE/300"),
        ("A10AE04", '<Styrke V="300" U="E"/><StyrkeNevner V="3" U="ml"/>', "A10AE/100"),
        ("A10AE04", '<Styrke V="mye" U="E"/>', "?"),
        ("H01AC01", '<Styrke V="5" U="mg"/><StyrkeNevner V="1" U="ml"/>', "plain"),
    ],
)
def test_insulins_are_told_apart_by_type_and_concentration(atc, said, release):
    content = read(
        fest(
            kat("LegemiddelMerkevare", brand(10, "Prøve inj, oppl", "101", atc, 3)),
            kat("Virkestoff", substance(1, "Insulin glargin"), with_strength(3, 1, said)),
        )
    )
    assert content.catalogue().drug(None, FestId(guid(10))).release == release


@pytest.mark.parametrize(
    ("name", "salt", "release"),
    [
        ("Prøve inj, oppl 50 mg/ml", "Haloperidoldekanoat", "depot-injection"),
        ("Prøve Depot inj, oppl", "Haloperidol", "depot-injection"),
        ("Prøve inj, oppl 5 mg/ml", "Haloperidollaktat", "plain"),
    ],
)
def test_a_depot_ester_is_no_plain_injection(name, salt, release):
    content = read(
        fest(
            kat("LegemiddelMerkevare", brand(10, name, "101", "N05AD01", 3)),
            kat("Virkestoff", substance(1, "Haloperidolmoder", 2), substance(2, salt)),
            kat("Virkestoff", with_strength(3, 2, '<Styrke V="50" U="mg"/><StyrkeNevner V="1" U="ml"/>')),
        )
    )
    assert content.catalogue().drug(None, FestId(guid(10))).release == release


def test_a_salt_with_two_parents_keeps_its_own_name():
    content = read(
        fest(
            kat("LegemiddelMerkevare", brand(10, "Prøve tab", "53", "N02AA01", 4)),
            kat("Virkestoff", substance(1, "En", 3), substance(2, "To", 3), substance(3, "Saltet")),
            kat("Virkestoff", with_strength(4, 3, '<Styrke V="1" U="mg"/>')),
        )
    )
    assert content.catalogue().drug(None, FestId(guid(10))).substances == ("saltet",)


def test_parents_in_a_circle_end():
    content = read(fest(kat("Virkestoff", substance(1, "En", 2), substance(2, "To", 1))))
    assert {d.name for d in content.drugs} == {"En", "To"}


def group(number: int, *, limited: bool) -> str:
    told = "true" if limited else "false"
    return kat(
        "Byttegruppe",
        entry(
            "Byttegruppe",
            f'<Byttegruppe><Id>{guid(number)}</Id><Kode V="000001" DN="PRØVE"/>'
            f"<MerknadTilByttbarhet>{told}</MerknadTilByttbarhet></Byttegruppe>",
            number,
        ),
    )


def in_group(number: int, until: str = "") -> str:
    end = f"<GyldigTilDato>{until}</GyldigTilDato>" if until else ""
    return f"<PakningByttegruppe><RefByttegruppe>{guid(number)}</RefByttegruppe>{end}</PakningByttegruppe>"


def test_substitution_group_of_package_and_its_brand_with_its_remark():
    content = read(
        fest(
            METOPROLOL[0],
            kat("Legemiddelpakning", package(20, "1", 10, in_group(30)), package(21, "2", 10, in_group(30))),
            METOPROLOL[1],
            group(30, limited=True),
        )
    )
    catalogue = content.catalogue()
    assert {
        catalogue.by_varenr[Varenr("000001")].substitution_group,
        catalogue.by_id[FestId(guid(10))].substitution_group,
    } == {guid(30)}
    assert catalogue.by_varenr[Varenr("000002")].exchange_limited


def test_a_group_that_ended_before_the_file_was_made_no_longer_counts():
    content = read(fest(kat("Legemiddelpakning", package(20, "1", 10, in_group(30, "2026-01-31")))))
    assert content.catalogue().by_varenr[Varenr("000001")].substitution_group == ""


def test_a_withdrawn_package_stays_with_its_day_and_an_earlier_number_still_leads_here():
    market = "<Markedsforingsinfo><VarenrUtgaende>777</VarenrUtgaende></Markedsforingsinfo>"
    content = read(
        fest(
            kat(
                "Legemiddelpakning",
                package(20, "1", 10, status="U"),
                package(21, "2", 10, market=market),
                package(
                    22, "3", 10, market="<Markedsforingsinfo><AvregDato>2026-01-15</AvregDato></Markedsforingsinfo>"
                ),
                package(
                    23, "4", 10, market="<Markedsforingsinfo><AvregDato>2026-06-15</AvregDato></Markedsforingsinfo>"
                ),
            )
        )
    )
    found = content.catalogue().by_varenr
    assert str(found[Varenr("000001")].withdrawn) == "2026-01-03"
    assert found[Varenr("000777")].name == found[Varenr("000002")].name
    assert found[Varenr("000777")].withdrawn is None
    assert str(found[Varenr("000003")].withdrawn) == "2026-01-15"
    assert found[Varenr("000004")].withdrawn is None


def test_interactions_relevance_one_is_worst_and_a_name_stands_where_there_is_no_code():
    payload = (
        f'<Interaksjon><Id>{guid(40)}</Id><Relevans V="1" DN="Bør unngås"/><Situasjonskriterium>Alltid'
        "</Situasjonskriterium><KliniskKonsekvens>Farlig</KliniskKonsekvens><Handtering>La være</Handtering>"
        '<Substansgruppe><Substans><Substans>Warfarin</Substans><Atc V="B01AA03" S="x" DN="Warfarin"/></Substans>'
        "</Substansgruppe><Substansgruppe><Substans><Substans>Perikum</Substans></Substans></Substansgruppe>"
        "</Interaksjon>"
    )
    never = '<InteraksjonIkkeVurdert><Atc V="V06D" S="x" DN="Annet"/></InteraksjonIkkeVurdert>'
    content = read(fest(kat("Interaksjon", entry("Interaksjon", payload, 1), entry("Interaksjon", never, 2))))
    (found,) = content.interactions
    assert (found.relevance, found.group_a, found.group_b) == (1, ("B01AA03",), ("perikum",))
    assert (found.situation, found.consequence, found.handling) == ("Alltid", "Farlig", "La være")
    assert content.not_assessed == {"V06D"}
    gone = read(fest(kat("Interaksjon", entry("Interaksjon", payload, 1, "U"))))
    assert gone.interactions == ()


def test_an_interaction_of_unknown_gravity_is_told_and_never_taken_for_the_worst():
    payload = (
        f'<Interaksjon><Id>{guid(40)}</Id><Relevans V="0" DN="?"/><Substansgruppe><Substans><Substans>A</Substans>'
        "</Substans></Substansgruppe><Substansgruppe><Substans><Substans>B</Substans></Substans></Substansgruppe>"
        "</Interaksjon>"
    )
    content = read(fest(kat("Interaksjon", entry("Interaksjon", payload, 1))))
    assert (content.interactions, content.unread) == ((), ((guid(901), "Interaksjon"),))


def test_an_earlier_number_never_hides_a_live_package():
    market = "<Markedsforingsinfo><VarenrUtgaende>2</VarenrUtgaende></Markedsforingsinfo>"
    content = read(fest(kat("Legemiddelpakning", package(20, "1", 10, market=market), package(21, "2", 10))))
    assert content.catalogue().by_varenr[Varenr("000002")].id == guid(21)


def test_short_doses_with_their_consumption_in_figures():
    codes = (
        "<Info><Id>2.16.578.1.12.4.1.1.7478</Id></Info><Element><Kode>130</Kode><Term><Term>1x2</Term>"
        "<BeskrivelseTerm>1 &lt;dose&gt; 2 ganger daglig</BeskrivelseTerm></Term></Element>"
    )
    other = "<Info><Id>2.16.578.1.12.4.1.1.7480</Id></Info><Element><Kode>13</Kode></Element>"
    structured = (
        '<Kortdose><Kortdose V="130" S="x" DN="1x2"/><BeskrivelseTerm>1 &lt;dose&gt; 2 ganger</BeskrivelseTerm>'
        "<Legemiddelforbruk><Lopenr>1</Lopenr><Mengde>2</Mengde><Periode>P1D</Periode></Legemiddelforbruk></Kortdose>"
    )
    content = read(
        fest(
            kat("Kodeverk", entry("Kodeverk", codes, 1), entry("Kodeverk", other, 2)),
            kat("StrDosering", entry("StrDosering", structured, 3)),
        )
    )
    assert content.catalogue().short_doses == {"130": "1x2"}
    assert content.short_doses["130"].consumption[0].amount == Decimal(2)


def test_an_entry_that_cannot_be_read_is_told_and_the_rest_is_read():
    broken = (
        '<Kortdose><Kortdose V="1" S="x" DN="1"/><Legemiddelforbruk><Lopenr>en</Lopenr><Mengde>2</Mengde>'
        "</Legemiddelforbruk></Kortdose>"
    )
    content = read(
        fest(kat("Virkestoff", substance(1, "Metoprolol")), kat("StrDosering", entry("StrDosering", broken, 3)))
    )
    assert content.unread == ((guid(903), "Kortdose"),)
    assert [d.name for d in content.drugs] == ["Metoprolol"]


@pytest.mark.parametrize(
    ("said", "strengths"),
    [
        (("0.1", "mg", "", ""), Quantity(Decimal("0.1"), "mg")),
        (("120", "mg", "24", "ml"), Quantity(Decimal(5), "mg/ml")),
        (("25", "mikrog", "24", "timer"), Quantity(Decimal(25), "mikrog/24 timer")),
        (("12", "mikrog", "1", "time"), Quantity(Decimal(12), "mikrog/time")),
        (("10", "mg", "3", "ml"), Quantity(Decimal(10), "mg/3 ml")),
        (("9", "mill IE", "0.5", "ml"), Quantity(Decimal(18), "mill E/ml")),
        (("0,1", "mg", "", ""), None),
        (("NaN", "mg", "", ""), None),
        (("1", "mg", "0", "ml"), None),
    ],
)
def test_strengths(said, strengths):
    assert strength(*said) == strengths


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (fest(head='<!DOCTYPE FEST [<!ENTITY a "b">]>'), ErrorCode.DTD),
        (b"<<", ErrorCode.NOT_XML),
        (b"", ErrorCode.NOT_XML),
        (b"<html/>", ErrorCode.UNKNOWN_MESSAGE),
        (b"<FEST/>", ErrorCode.UNKNOWN_MESSAGE),
        (fest(fetched="i dag"), ErrorCode.MISSING),
        (fest()[:-3], ErrorCode.NOT_XML),
    ],
)
def test_what_is_no_fest_is_refused(raw, code):
    with pytest.raises(FormatError) as refused:
        read(raw)
    assert refused.value.code is code


def zipped(**members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return raw.getvalue()


def test_the_published_zip_is_read():
    raw = fest(kat("Virkestoff", substance(1, "Metoprolol")))
    assert [d.name for d in read(zipped(fest_xml=raw, lesmeg_txt=b"x")).drugs] == ["Metoprolol"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (zipped(a_xml=fest(), b_xml=fest()), ErrorCode.UNKNOWN_MESSAGE),
        (zipped(a_txt=b"x"), ErrorCode.UNKNOWN_MESSAGE),
        (zipped(a_xml=b" " * 2_000_000), ErrorCode.TOO_LARGE),
        (zipped(a_xml=fest())[:60], ErrorCode.BAD_COMPRESSION),
    ],
    ids=["two messages", "none", "a bomb", "torn off"],
)
def test_a_zip_that_is_not_fests_is_refused(raw, code):
    with pytest.raises(FormatError) as refused:
        read(raw)
    assert refused.value.code is code


def test_no_more_bytes_are_read_than_agreed():
    raw = fest(kat("Virkestoff", *(substance(i, "Metoprolol") for i in range(1, 400))))
    with pytest.raises(FormatError) as refused:
        read_fest(open_fest(io.BytesIO(raw), limit=len(raw) - 1))
    assert refused.value.code is ErrorCode.TOO_LARGE
    assert read_fest(open_fest(io.BytesIO(raw), limit=len(raw))).counts["Virkestoff"] == 399


WHOLE = fest(METOPROLOL[0], kat("Legemiddelpakning", package(20, "012345", 10, in_group(30))), METOPROLOL[1], FIFTY)


@given(at=st.integers(0), size=st.integers(0, 60), put=st.binary(max_size=20))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(at, size, put):
    start = at % len(WHOLE)
    with contextlib.suppress(FormatError):
        read(WHOLE[:start] + put + WHOLE[start + size :])


@given(at=st.integers(0), put=st.binary(min_size=1, max_size=8))
def test_a_damaged_zip_is_read_or_refused_and_nothing_else(at, put):
    raw = zipped(fest_xml=WHOLE)
    start = at % len(raw)
    with contextlib.suppress(FormatError):
        read(raw[:start] + put + raw[start + len(put) :])


@real
def test_the_real_extract_loses_nothing():
    raw = (REAL / "fest-mini-ns.xml").read_bytes()
    content = read(raw)
    tree = etree.fromstring(raw)
    entries = sum(1 for e in tree.iter("{*}*") if etree.QName(e).localname.startswith("Oppf"))
    assert sum(content.counts.values()) == entries
    assert not content.unread
    packages = [d for d in content.drugs if d.level is DrugLevel.PACKAGE]
    assert len({d.id for d in packages if d.id}) == 107
    assert all(d.substances for d in packages)
    everolimus = content.catalogue().drug(Varenr("014884"), None)
    assert (everolimus.substances, everolimus.strengths) == (("everolimus",), (Quantity(Decimal("0.1"), "mg"),))
    assert {d.substances for d in content.drugs if "kandesartancileksetil" in d.salts} == {("kandesartan",)}
    assert content.catalogue().drug(Varenr("010117"), None).release == "A10AB/100"


@real
def test_single_real_entries_of_a_later_year_are_read():
    parts = (REAL / "fest-real-entries.xml").read_text(encoding="utf-8").split("<Extracts>")[1].split("</Extracts>")[0]
    content = read(fest(kat("LegemiddelMerkevare", parts)))
    assert content.counts == {"LegemiddelMerkevare": 5, "Legemiddelpakning": 1}
    assert content.catalogue().drug(Varenr("526181"), None).name == "Zolpidem Dune tab 10 mg"
