"""Messages as vendors send them, in the odd shapes of no specification's examples: what each says. All our own."""

import base64
import gzip
from datetime import date

import pytest
from build_eresept import (
    EHELSE,
    FK1,
    KARI,
    KITH,
    OLA,
    RX,
    code,
    container,
    document,
    dosering,
    element,
    fixed,
    forskrivning,
    line,
    m1,
    m5,
    m25,
    m96,
    m912,
    medicine,
    message,
    package,
    patient,
    recalled,
    role,
    stopped,
    tag,
    word,
)
from lxml import etree

from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.statement import GapCode, Kind, Reach, SaidStatus, StatementType

ACTIVE, STOPPED, REPLACED, REVOKED = (
    SaidStatus.ACTIVE,
    SaidStatus.STOPPED,
    SaidStatus.REPLACED,
    SaidStatus.REVOKED,
)
M1_NS = KITH + "m1/2013-10-08"


def renewal(*, of=None, by=None):
    """Fornying: the prescription this one renews, and the one that renews it."""
    return tag(
        "Fornying",
        word("NyReseptId", RX.format(by) if by else None),
        word("ForrigeReseptId", RX.format(of) if of else None),
    )


def statuses(raw):
    return [(s.prescription_id[-1], s.status) for s in read(raw).statements]


def only(raw):
    (statement,) = read(raw).statements
    return statement


SAME = m1(1)
CHAIN = m96(
    element(1, "T", recalled("1"), renewal(by=2)),
    element(2, "T", recalled("3"), renewal(of=1, by=3)),
    element(3, "E", renewal(of=2)),
    attached=(m1(1), m1(2), m1(3, medicine(forskrivning(text="2 tabletter morgen")))),
)
LISTS = {
    "one id, in force and recalled": (
        m96(element(1, "E"), element(1, "T", recalled("2")), attached=(SAME,)),
        [("1", ACTIVE), ("1", STOPPED)],
    ),
    "one id twice": (m96(element(1), element(1), attached=(SAME,)), [("1", ACTIVE), ("1", ACTIVE)]),
    "one prescription attached twice": (m96(element(1), attached=(SAME, SAME)), [("1", ACTIVE)]),
    "a chain of two renewals": (CHAIN, [("1", REPLACED), ("2", REPLACED), ("3", ACTIVE)]),
    "recalled, reason 1": (m96(element(1, "T", recalled("1")), attached=(SAME,)), [("1", REPLACED)]),
    "recalled, reason 2": (m96(element(1, "T", recalled("2")), attached=(SAME,)), [("1", STOPPED)]),
    "recalled, reason 3": (m96(element(1, "T", recalled("3")), attached=(SAME,)), [("1", REPLACED)]),
    "recalled, a reason of no list": (m96(element(1, "T", recalled("9")), attached=(SAME,)), [("1", REVOKED)]),
    "recalled, no reason": (m96(element(1, "T"), attached=(SAME,)), [("1", REVOKED)]),
    "a status of no list": (m96(element(1, "Q"), attached=(SAME,)), [("1", None)]),
    "a status of nothing": (m96(element(1, ""), attached=(SAME,)), [("1", None)]),
    "recall M5, renewal": (m5(reason="1", renewed_by=2), [("1", REPLACED)]),
    "recall M5, renewal with a change": (m5(reason="3", renewed_by=2), [("1", REPLACED)]),
    "recall M5, a reason of no list": (m5(reason="9"), [("1", REVOKED)]),
}


@pytest.mark.parametrize("name", LISTS)
def test_each_element_is_told_with_its_own_status(name):
    raw, expected = LISTS[name]
    assert statuses(raw) == expected


def test_the_links_of_a_chain_are_its_own_order():
    assert [s.replaces for s in read(CHAIN).statements] == [(), (RX.format(1),), (RX.format(2),)]


def test_a_stop_that_lies_ahead_leaves_the_prescription_and_the_line_in_use():
    ahead = stopped("2026-12-24T00:00:00")
    for raw in (m96(element(1, "E", ahead), attached=(SAME,)), m25(line(1, None, ahead))):
        told = read(raw).statements
        assert {s.status for s in told} == {ACTIVE}
        assert told[-1].end == date(2026, 12, 23)


def test_a_stop_without_a_day_is_a_stop():
    told = only(m25(line(1, None, tag("Seponering", code("Arsak", "S", "Pasienten har selv sluttet")))))
    assert (told.status, told.type, told.reason) == (STOPPED, StatementType.DECISION, "Pasienten har selv sluttet")


def test_who_gives_the_medicines_stands_on_the_prescription_and_on_the_list():
    assert only(m96(element(1), attached=(m1(1, medicine(care="8000777")),))).administered_by == "8000777"
    ident = tag("HerId", tag("Id", "8000777", ns=FK1), tag("TypeId", ns=FK1, V="HER"))
    unit = tag("Rolle", code("Rolle", "P"), tag("Organisasjon", ident, word("Inst", "Lillevik hjemmetjeneste")))
    roles = read(m25(unit, role("Q"), line(1))).roles
    assert [(r.role, r.her_id) for r in roles if r.role in {"P", "Q"}] == [("P", "8000777"), ("Q", "")]


@pytest.mark.parametrize("yes", ["true", "1", " true "])
def test_what_the_registry_left_out_is_said_with_prescriptions_and_without(yes):
    flags = (word("LastResept", yes), word("Pasientreservasjon", yes))
    for content in (code("StatusSok", "4"), element(1)):
        reading = read(m96(*flags, content, attached=(SAME,)))
        assert [g.code for g in reading.gaps] == [GapCode.LOCKED, GapCode.RESERVED]
        assert not reading.complete


@pytest.mark.parametrize("said", ["GZ", "gz", ""])
def test_a_compressed_container_is_opened_whether_it_says_so_or_not(said):
    packed = container(gzip.compress(SAME))
    body = tag("M96", tag("PasientInfo", word("Fnr", OLA)), element(1), ns=EHELSE + "m96/2021-02-01")
    assert only(message("ERM96", document(body), document(packed, said))).name == "Eksempelol Tab 50 mg"


def second(kind="m251"):
    drug = medicine(forskrivning(package("Annetol Tab 5 mg", atc="C03CA01", varenr="990003")), ns=M1_NS)
    return tag("LegemidlerIBruk", role("F"), line(2, drug, prescription=2), ns=f"{KITH}{kind}/2013-10-08")


def test_a_list_in_two_documents_is_one_list():
    reading = read(m25(line(1), extra=(second(),)))
    assert [s.name for s in reading.statements] == ["Eksempelol Tab 50 mg", "Annetol Tab 5 mg"]
    assert (reading.reach, reading.kinds) == (Reach.WHOLE, (Kind.GP_LIST,))
    assert len({s.place for s in reading.statements}) == 2
    assert reading.unread == ()


def test_a_list_of_another_kind_beside_it_is_a_word_of_its_own():
    reading = read(m25(line(1), extra=(second("m253"),)))
    assert [s.kind for s in reading.statements] == [Kind.GP_LIST]
    assert [s.name for s in reading.also[0].statements if s.kind is Kind.MULTIDOSE] == ["Annetol Tab 5 mg"]
    assert reading.unread == ()


def test_a_list_beside_a_prescription_is_not_read_and_says_so():
    reading = read(m1(1).replace(b"</MsgHead>", document(second()).encode() + b"</MsgHead>"))
    assert [(u.reason, u.text) for u in reading.unread] == [("further document", "LegemidlerIBruk")]


def test_one_line_said_twice_is_two_statements_of_one_treatment():
    first, later = read(m25(line(1), line(1, changed="2026-02-22T12:00:00"))).statements
    assert (first.treatment_id, first.id) != (later.treatment_id, later.id)
    assert first.treatment_id == later.treatment_id


@pytest.mark.parametrize(
    "raw",
    [
        m96(element(1), element(2), attached=(m1(1), m1(2, about=patient(KARI)))),
        m912(m25(line(1), about=patient(KARI))),
    ],
)
def test_two_persons_in_one_message_are_refused(raw):
    with pytest.raises(FormatError) as refused:
        read(raw)
    assert refused.value.code is ErrorCode.TWO_PERSONS
    assert KARI not in str(refused.value)


@pytest.mark.parametrize(
    ("space", "why"), [("m1", ErrorCode.UNKNOWN_MESSAGE), ("m1/2031-01-01", ErrorCode.UNKNOWN_VERSION)]
)
def test_a_namespace_without_its_version_is_refused_and_never_guessed(space, why):
    with pytest.raises(FormatError) as refused:
        read(m1(1).replace(b"m1/2013-10-08", space.encode()))
    assert refused.value.code is why


def test_a_medicine_without_a_namespace_inside_a_line_is_read_and_says_so():
    for bare in (medicine(), medicine().replace(f' xmlns="{KITH}forskrivning/2013-10-08"', "")):
        reading = read(m25(line(1, bare)))
        assert [(s.name, s.dose_text) for s in reading.statements] == [("Eksempelol Tab 50 mg", "1 tablett morgen")]
        assert [u.reason for u in reading.unread] == ["no namespace"]


def test_what_is_no_medicine_inside_a_line_keeps_its_words():
    reading = read(m25(line(1, "<noe xmlns='urn:x'><Navn>Tran</Navn></noe>")))
    assert "Tran" in [u.text for u in reading.unread]


def in_prefixes(raw):
    """The same message with every namespace under an unusual prefix."""
    root = etree.fromstring(raw)
    spaces = {f"rar-{n}.x": s for n, s in enumerate(sorted({etree.QName(e).namespace for e in root.iter()}))}
    new = etree.Element(root.tag, nsmap=spaces)
    new.extend(list(root))
    etree.cleanup_namespaces(new, top_nsmap=spaces, keep_ns_prefixes=list(spaces))
    return etree.tostring(new)


NORSK = m1(1, medicine(forskrivning(package("Ærølol øredråper Åsen 5 mg/ml"), "2 dråper på øret, økes")))
LATIN = NORSK.decode().replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")
WRITTEN = {
    "prefixes": in_prefixes(NORSK),
    "ISO-8859-1": LATIN,
    "byte order mark": b"\xef\xbb\xbf" + NORSK,
    "CRLF": NORSK.replace(b"\n", b"\r\n").replace(b"><", b">\r\n<"),
    "indented": etree.tostring(etree.fromstring(NORSK), pretty_print=True),
    "no declaration": NORSK.partition(b"\n")[2],
}


@pytest.mark.parametrize("way", WRITTEN)
def test_however_it_is_written_it_says_the_same(way):
    for raw in (WRITTEN[way], m96(element(1), attached=(WRITTEN[way],))):
        told = only(raw)
        assert (told.name, told.dose_text) == ("Ærølol øredråper Åsen 5 mg/ml", "2 dråper på øret, økes")


def test_latin_letters_that_say_they_are_utf_8_are_refused():
    with pytest.raises(FormatError):
        read(NORSK.decode().encode("iso-8859-1"))


DATES = {
    "2020-06-17+02:00": date(2020, 6, 17),
    "2020-06-17Z": date(2020, 6, 17),
    "2019-07-17T08:54:38.2069848+02:00": date(2019, 7, 17),
    "2019-06-18T12:12:30.063": date(2019, 6, 18),
    "2019-07-16T00:00:00.000+02:00": date(2019, 7, 16),
    "2019-07-15T22:30:00Z": date(2019, 7, 16),
    "2019-12-31T23:30:00-01:00": date(2020, 1, 1),
}


@pytest.mark.parametrize("said", DATES)
def test_every_form_of_a_date_is_its_day_in_oslo(said):
    told = only(m1(1, medicine(forskrivning(dosing=dosering(fixed("1", part="1"), starts=said))), on=said))
    assert (told.decided, told.start) == (DATES[said], DATES[said])


@pytest.mark.parametrize("said", ["2019", "2019-07", "08:00:00", "20190716"])
def test_a_start_that_names_no_day_keeps_its_words_and_gives_no_structure(said):
    reading = read(m1(1, medicine(forskrivning(dosing=dosering(fixed("1", part="1"), starts=said)))))
    assert reading.statements[0].dosage is None
    assert any(said in u.text for u in reading.unread)


@pytest.mark.parametrize("use", ["", "8"])
def test_a_use_of_no_value_or_an_unknown_one_keeps_its_words(use):
    told = only(m1(1, medicine(forskrivning(use=use))))
    assert (told.use, [c.value for c in told.codes if c.text == "Fast"]) == (None, [use])


def test_a_dose_in_words_alone_is_kept_as_said():
    told = only(m1(1, medicine(forskrivning(text="Se eget ark. 1 tbl annenhver dag\nunntatt søndag  "))))
    assert (told.dose_text, told.dosage) == ("Se eget ark. 1 tbl annenhver dag\nunntatt søndag  ", None)


def test_base64_in_lines_of_76_and_without_padding_at_the_ends_of_lines():
    wrapped = base64.encodebytes(SAME).decode().replace("\n", "\r\n   ")
    packed = tag("Base64Container", wrapped, ns="http://www.kith.no/xmlstds/base64container")
    body = tag("M96", tag("PasientInfo", word("Fnr", OLA)), element(1), ns=EHELSE + "m96/2021-02-01")
    assert only(message("ERM96", document(body), document(packed))).name == "Eksempelol Tab 50 mg"
