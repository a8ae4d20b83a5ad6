"""Bytes that want to hurt: each is refused with a code of the closed set, or read without effect. All of our making."""

import base64
import gzip
import zlib

import pytest
from build_eresept import (
    KITH,
    MSGHEAD,
    OLA,
    container,
    document,
    element,
    forskrivning,
    line,
    m1,
    m25,
    m96,
    m912,
    medicine,
    message,
    patient,
    tag,
    word,
)

from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.xmldoc import MAX_BYTES, MAX_MARKUP

DECLARED = b'<?xml version="1.0" encoding="UTF-8"?>\n'
GOOD = m1()
BARE = GOOD.removeprefix(DECLARED)
LIST = m96(element(1), attached=(m1(),))

DTDS = {
    "empty": b"<!DOCTYPE MsgHead>",
    "system": b'<!DOCTYPE MsgHead SYSTEM "file:///etc/passwd">',
    "public": b'<!DOCTYPE MsgHead PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
    "internal": b"<!DOCTYPE MsgHead [<!ELEMENT MsgHead ANY>]>",
    "entity": b'<!DOCTYPE MsgHead [<!ENTITY e "BA02">]>',
    "external": b'<!DOCTYPE MsgHead [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "remote": b'<!DOCTYPE MsgHead [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": b'<!DOCTYPE MsgHead [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    "laughs": b"<!DOCTYPE MsgHead ["
    + b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10 if i else b"ha" * 10) for i in range(10))
    + b"]>",
    "quadratic": b'<!DOCTYPE MsgHead [<!ENTITY q "' + b"x" * 100_000 + b'">]>',
    "attributes": b'<!DOCTYPE MsgHead [<!ATTLIST Atc V CDATA "C07AB02">]>',
    "notation": b'<!DOCTYPE MsgHead [<!NOTATION n SYSTEM "x">]>',
    "unclosed": b"<!DOCTYPE MsgHead [",
}
BEFORE = {
    "alone": b"",
    "after_comment": b"<!-- innocent -->",
    "after_instruction": b"<?innocent yes?>",
    "after_comment_that_names_one": b"<!-- <!DOCTYPE x> -->",
}


def with_dtd(dtd, before=b"", use=b""):
    body = BARE.replace(b"C07AB02", b"C07" + use) if use else BARE
    return DECLARED + before + dtd + body


def refused(raw):
    with pytest.raises(FormatError) as error:
        read(raw)
    assert OLA not in str(error.value)
    return error.value.code


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("dtd", DTDS)
def test_no_document_type_at_all(dtd, before):
    assert refused(with_dtd(DTDS[dtd], BEFORE[before])) is ErrorCode.DTD


@pytest.mark.parametrize("dtd", ["entity", "external", "remote", "laughs", "quadratic"])
@pytest.mark.parametrize("use", [b"&e;", b"&l9;", b"&q;&q;&q;"])
def test_entities_are_never_resolved(dtd, use):
    assert refused(with_dtd(DTDS[dtd], use=use)) is ErrorCode.DTD


@pytest.mark.parametrize("dtd", DTDS)
def test_no_document_type_inside_a_container(dtd):
    assert refused(m96(element(1), attached=(with_dtd(DTDS[dtd]),))) is ErrorCode.DTD


@pytest.mark.parametrize(
    "entity", [b"&undefined;", b"&nbsp;", b"&#0;", b"&#x1;", b"&#xD800;", b"&#xFFFE;", b"&#99999999;"]
)
def test_references_to_nothing(entity):
    assert refused(GOOD.replace(b"C07AB02", entity)) is ErrorCode.NOT_XML


@pytest.mark.parametrize(
    "inside",
    [
        b"<!-- -->",
        b"<?x?>",
        b"<!-- a --><!-- b -->",
        b"<?x y?><!-- z -->",
        b"<![CDATA[]]>",
        b"&#x41;".replace(b"&#x41;", b""),
    ],
)
def test_a_value_is_never_cut(inside):
    raw = GOOD.replace(b"1 tablett morgen", b"1 tab" + inside + b"lett morgen")
    assert read(raw).statements[0].dose_text == "1 tablett morgen"


@pytest.mark.parametrize(
    "name", ["utf-7", "utf-16", "utf-32", "utf-16le", "ebcdic-cp-us", "x-user", "idna", "rot13", "base64", "gb18030"]
)
def test_encodings_we_do_not_take(name):
    assert refused(GOOD.replace(b"UTF-8", name.encode())) is ErrorCode.ENCODING


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037"])
def test_bytes_in_them(codec):
    assert refused(BARE.decode().encode(codec)) in {ErrorCode.ENCODING, ErrorCode.NOT_JSON, ErrorCode.NOT_XML}


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "utf-8"])
def test_encodings_we_take_say_the_same(codec):
    assert [s.id for s in read(BARE.decode().encode(codec)).statements] == [s.id for s in read(GOOD).statements]


def test_latin_1_is_read_as_declared():
    raw = GOOD.replace(b"UTF-8", b"ISO-8859-1").decode().encode("iso-8859-1")
    assert read(raw).statements[0].indication == "MOT HØYT BLODTRYKK"


@pytest.mark.parametrize("bad", [b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"])
def test_bytes_that_are_no_utf_8(bad):
    assert refused(GOOD.replace(b"morgen", b"mor" + bad + b"gen")) is ErrorCode.ENCODING


@pytest.mark.parametrize("bad", [b"\x01", b"\x0b", b"\x1f", b"\xef\xbf\xbf"])
def test_characters_xml_does_not_have(bad):
    assert refused(GOOD.replace(b"morgen", b"mor" + bad + b"gen")) is ErrorCode.NOT_XML


@pytest.mark.parametrize("raw", [b"", b" \n\t", b"\xef\xbb\xbf", b"\0" * 100])
def test_nothing(raw):
    assert refused(raw) in {ErrorCode.EMPTY, ErrorCode.NOT_JSON, ErrorCode.ENCODING, ErrorCode.NOT_XML}


@pytest.mark.parametrize("cut", range(10, len(GOOD), len(GOOD) // 24))
def test_a_message_cut_short(cut):
    assert refused(GOOD[:cut]) is ErrorCode.NOT_XML


@pytest.mark.parametrize("depth", [260, 5_000, 100_000])
def test_depth(depth):
    assert refused(b"<a>" * depth + b"</a>" * depth) is ErrorCode.TOO_DEEP


@pytest.mark.parametrize("child", [b"<a/>", b"<a></a>", b"<a b='c'/>", b"<!-- -->", b"<?x?>"])
def test_width_is_counted_before_parsing(child):
    assert refused(b"<r>" + child * MAX_MARKUP + b"</r>") is ErrorCode.TOO_WIDE


def test_width_is_shared_by_all_documents():
    half = b"<r>" + b"<a/>" * (MAX_MARKUP // 2) + b"</r>"
    assert refused(m96(element(1), attached=(half, half))) in {ErrorCode.TOO_WIDE, ErrorCode.UNKNOWN_MESSAGE}


def test_attributes_are_counted_too():
    assert refused(b"<r " + b" ".join(b'a%d=""' % i for i in range(450_000)) + b"/>") is ErrorCode.TOO_WIDE


def test_the_same_attribute_twice():
    assert refused(GOOD.replace(b'<Bruk V="1"', b'<Bruk V="3" V="1"')) is ErrorCode.NOT_XML


def test_size():
    assert refused(b"<r>" + b"x" * MAX_BYTES + b"</r>") is ErrorCode.TOO_LARGE


# Compression


def bomb(size=200 * 2**20):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = b"<a/>" * 2**18
    return b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()


BOMB = bomb()


def packed(raw, compression="GZ"):
    return message(
        "ERM96", document(tag("M96", element(1), ns=KITH + "m96/2015-05-01")), document(container(raw), compression)
    )


def test_a_compressed_container_says_the_same():
    plain = read(m96(element(1), attached=(m1(),), version="2015-05-01")).statements
    for raw, how in (
        (gzip.compress(m1()), "GZ"),
        (gzip.compress(m1()), ""),
        (zlib.compress(m1()), "DF"),
        (zlib.compressobj(wbits=-15).compress(m1()) + b"", "DF"),
    ):
        if not raw:
            continue
        assert [s.id for s in read(packed(raw, how)).statements] == [s.id for s in plain]


def test_raw_deflate():
    packer = zlib.compressobj(wbits=-15)
    assert read(packed(packer.compress(m1()) + packer.flush(), "DF")).statements


def test_a_whole_message_in_gzip():
    assert read(gzip.compress(GOOD)).statements[0].name == "Eksempelol Tab 50 mg"


@pytest.mark.parametrize(
    "raw", [BOMB, gzip.compress(BOMB), gzip.compress(gzip.compress(GOOD))], ids=["bomb", "twice", "nested"]
)
def test_bombs(raw):
    assert refused(raw) in {ErrorCode.TOO_LARGE, ErrorCode.NOT_XML, ErrorCode.ENCODING}
    assert refused(packed(raw)) in {ErrorCode.TOO_LARGE, ErrorCode.NOT_XML, ErrorCode.ENCODING}


def test_the_budget_is_shared_by_all_containers():
    part = gzip.compress(b"<r>" + b"x" * (MAX_BYTES // 3) + b"</r>")
    third = document(container(part), "GZ")
    raw = message("ERM96", document(tag("M96", element(1), ns=KITH + "m96/2015-05-01")), third, third, third, third)
    assert refused(raw) in {ErrorCode.TOO_LARGE, ErrorCode.UNKNOWN_MESSAGE}


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(m1())[:-9],
        gzip.compress(m1())[:40],
        gzip.compress(m1()) + gzip.compress(m1()),
        gzip.compress(m1()) + b"tail",
        b"\x1f\x8b",
        b"\x1f\x8b" + b"\0" * 20,
        b"\x1f\x8b\x08\x1f" + b"A" * 40,
    ],
    ids=["no end", "torn off", "two members", "a tail", "two bytes", "zeros", "flags"],
)
def test_broken_gzip(raw):
    assert refused(packed(raw)) is ErrorCode.BAD_COMPRESSION


@pytest.mark.parametrize("how", ["Z", "DF"])
def test_compression_that_is_not_what_it_says(how):
    assert refused(packed(m1(), how)) is ErrorCode.BAD_COMPRESSION


# Base64 and nesting


def with_text(text):
    inside = tag("Base64Container", text, ns="http://www.kith.no/xmlstds/base64container")
    return message("ERM96", document(tag("M96", element(1), ns=KITH + "m96/2015-05-01")), document(inside))


ENCODED = base64.b64encode(m1()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "=",
        "====",
        "A",
        "AAA",
        "AA=A",
        "AAAA=",
        "QUJD!!!!REVG",
        "QUJD-_-_",
        "QUJDø",
        "data:text/xml;base64,QUJD",
        ENCODED[:-1],
        ENCODED[:-5],
        ENCODED + "A",
        ENCODED + "====",
        "=" + ENCODED,
        ENCODED[:100] + "*" + ENCODED[100:],
        ENCODED[:100] + "&#x200B;" + ENCODED[100:],
        ENCODED.replace("A", "А", 1),
    ],
)
def test_base64_is_strict(text):
    assert refused(with_text(text)) is ErrorCode.BAD_BASE64


def test_white_space_in_base64_is_nothing():
    lines = "\r\n\t ".join(ENCODED[i : i + 76] for i in range(0, len(ENCODED), 76))
    assert read(with_text(f"\n  {lines}  \n")).statements


@pytest.mark.parametrize("inner", [b"not xml", b"{}", b"<a/>", b"", b"\0\0\0\0", b"%PDF-1.7", b"<MsgHead/>"])
def test_containers_of_something_else(inner):
    raw = m96(element(1), attached=(inner or b" ",))
    try:
        assert read(raw).unread
    except FormatError as error:
        assert error.code in ErrorCode  # noqa: PT017 - either refused whole or kept as unread
        assert "Document[2]" in error.place  # noqa: PT017 - and the place is that of the container


def test_nesting_has_an_end():
    raw = m1()
    for _ in range(8):
        raw = m96(element(1), attached=(raw,))
    assert len(read(raw).statements) == 0
    inner = m25(line(1))
    for _ in range(6):
        inner = m912(inner)
    assert refused(inner) in {ErrorCode.TOO_DEEP, ErrorCode.WRONG_SCHEMA}


# Namespaces, ids, doubles


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (MSGHEAD, MSGHEAD + "/"),
        (MSGHEAD, MSGHEAD.upper()),
        (MSGHEAD, "urn:x"),
        (f"{KITH}m1/2013-10-08", f" {KITH}m1/2013-10-08"),
        (f"{KITH}m1/2013-10-08", f"{KITH}m1/2013-10-08#"),
        (f"{KITH}m1/2013-10-08", ""),
        (f"{KITH}m1/2013-10-08", f"{KITH}M1/2013-10-08"),
    ],
)
def test_namespaces_that_only_look_right(old, new):
    assert refused(GOOD.replace(old.encode(), new.encode())) in {
        ErrorCode.UNKNOWN_MESSAGE,
        ErrorCode.UNKNOWN_VERSION,
        ErrorCode.WRONG_SCHEMA,
        ErrorCode.NOT_XML,
    }


@pytest.mark.parametrize("name", ["DosVeiledEnkel", "Bruk", "Legemiddelpakning"])
def test_one_thing_said_twice_is_refused_never_chosen(name):
    start, end = GOOD.index(f"<{name}".encode()), GOOD.index(f"</{name}>".encode()) + len(name) + 3
    assert refused(GOOD[:end] + GOOD[start:end] + GOOD[end:]) is ErrorCode.DUPLICATE_KEY


@pytest.mark.parametrize("name", ["Atc", "Varenr", "NavnFormStyrke"])
def test_a_drug_named_twice_is_refused(name):
    start, end = GOOD.index(f"<{name}".encode()), GOOD.index(f"</{name}>".encode()) + len(name) + 3
    assert refused(GOOD[:end] + GOOD[start:end] + GOOD[end:]) is ErrorCode.DUPLICATE_KEY


def test_a_list_element_in_a_strange_namespace_is_kept():
    row = element(1).replace("<Listeelement>", '<Listeelement xmlns="urn:x">', 1)
    assert [u.reason for u in read(m96(row)).unread] == ["unknown element"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "{{7*7}}",
        "%s%n",
        "../../etc/passwd",
        "\u202e2 tabletter",
        "=cmd|' /C calc'!A0",
        "1 tablett\u0000".replace("\u0000", "\ufffd"),
        "x" * 100_000,
        "&lt;b&gt;",
    ],
)
def test_words_are_words(text):
    assert read(m1(1, medicine(forskrivning(text=text)))).statements[0].dose_text == text


@pytest.mark.parametrize("text", ["x" * 1_001, "1 tablett " * 200])
def test_an_overlong_dosing_text_is_kept_and_told_as_not_understood(text):
    reading = read(m1(1, medicine(forskrivning(text=text))))
    (statement,) = reading.statements
    assert (statement.dose_text, statement.read_dose.status, statement.read_dose.dosage) == (text, "unparseable", None)
    assert [(u.reason, u.text, u.place) for u in reading.unread] == [("dosing-text-too-long", text, statement.place)]


@pytest.mark.parametrize("text", ["2" * 300 + " tabletter", "1 tablett 09:30:00", "1/" + "3" * 90 + " tabl", "٣" * 400])
def test_numbers_no_dose_has_are_no_fault(text):
    (statement,) = read(m1(1, medicine(forskrivning(text=text)))).statements
    assert statement.dose_text == text
    assert statement.read_dose.status != "ok"


@pytest.mark.parametrize("value", ["1e999", "9" * 400, "NaN", "Infinity", "-1", "0x10", "1_000", "١", "--1"])
def test_numbers_that_are_none_are_kept(value):
    reading = read(GOOD.replace(b"<Reiterasjon>3<", f"<Reiterasjon>{value}<".encode()))
    assert reading.statements[0].refills_left is None
    assert [(u.reason, u.text) for u in reading.unread] == [("bad-number", value)]


@pytest.mark.parametrize(
    "value",
    ["0000-00-00", "2026-13-01", "99999-01-01", "2026-02-01T25:00:00", "2026-02-01+99:00", "i dag", "-0001-01-01"],
)
def test_dates_that_are_none(value):
    assert refused(GOOD.replace(b"2026-02-01<", value.encode() + b"<")) is ErrorCode.BAD_DATE


@pytest.mark.parametrize("name", ["MsgId", "GenDate", "MsgInfo"])
def test_an_envelope_without_what_it_must_have(name):
    start, end = GOOD.index(f"<{name}>".encode()), GOOD.index(f"</{name}>".encode()) + len(name) + 3
    assert refused(GOOD[:start] + GOOD[end:]) is ErrorCode.MISSING


def test_an_envelope_without_a_body():
    assert refused(message("ERM1", about=patient())) is ErrorCode.MISSING
    assert refused(message("ERM1", document(""), about=patient())) is ErrorCode.MISSING


def test_no_include_is_followed():
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    raw = GOOD.replace(b"1 tablett morgen", include.encode())
    assert "root:" not in (read(raw).statements[0].dose_text or "")


def test_no_stylesheet_or_schema_is_fetched():
    hint = b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'
    place = (
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    )
    assert read(DECLARED + hint + BARE.replace(b"<MsgHead", b"<MsgHead" + place, 1)).statements


def test_remarks_with_markup_keep_all_their_words():
    raw = m1(1, medicine(remark="")).replace(b"<RefKode", b"<Merknad>deles <b>ikke</b> i to</Merknad><RefKode")
    assert read(raw).statements[0].note == "deles ikke i to"
    assert word("x", None) is None
