"""Bytes that are no good JSON, or too much of it: refused with a code, never a traceback; strict where it matters."""

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import jsondoc
from formats.errors import FormatError
from formats.jsondoc import MAX_BYTES, MAX_DEPTH, as_count, open_json, parse
from formats.read import read

DEEP = MAX_DEPTH + 10
HOSTILE = {
    "nothing": (b"", "empty"),
    "white space": (b" \n\t", "empty"),
    "too large": (b'"' + b"x" * MAX_BYTES + b'"', "too-large"),
    "nul": (b'{"a": "\0"}', "encoding"),
    "nul escaped": (b'{"a": "\\u0000"}', "encoding"),
    "lone surrogate": (b'{"a": "\\ud800"}', "encoding"),
    "lone surrogate in a key": (b'{"\\udfff": 1}', "encoding"),
    "latin-1": ('{"a": "ø"}'.encode("latin-1"), "encoding"),
    "utf-16": ('{"a": 1}'.encode("utf-16"), "encoding"),
    "utf-32": ('{"a": 1}'.encode("utf-32"), "encoding"),
    "overlong utf-8": (b'{"a": "\xc0\xaf"}', "encoding"),
    "cut off": (b'{"a": [1, 2', "not-json"),
    "trailing comma": (b'{"a": 1,}', "not-json"),
    "two values": (b"{} {}", "not-json"),
    "comment": (b"{/* x */}", "not-json"),
    "single quotes": (b"{'a': 1}", "not-json"),
    "bare key": (b"{a: 1}", "not-json"),
    "raw line break in a string": (b'{"a": "x\ny"}', "not-json"),
    "bad escape": (b'{"a": "\\x41"}', "not-json"),
    "leading zero": (b'{"a": 01}', "not-json"),
    "plus sign": (b'{"a": +1}', "not-json"),
    "hexadecimal": (b'{"a": 0x10}', "not-json"),
    "nan": (b'{"a": NaN}', "bad-number"),
    "infinity": (b'{"a": Infinity}', "bad-number"),
    "minus infinity": (b'{"a": -Infinity}', "bad-number"),
    "huge exponent": (b'{"a": 1e999999}', "bad-number"),
    "tiny exponent": (b'{"a": 1e-999999}', "bad-number"),
    "zero with an exponent": (b'{"a": 0e999999999}', "bad-number"),
    "long whole number": (b'{"a": ' + b"9" * 5000 + b"}", "bad-number"),
    "a whole number of 41 digits": (b'{"a":' + b"9" * 41 + b"}", "bad-number"),
    "a negative number of 40 digits": (b'{"a":-' + b"9" * 40 + b"}", "bad-number"),
    "long fraction": (b'{"a": 0.' + b"1" * 5000 + b"}", "bad-number"),
    "twice": (b'{"a": 1, "a": 2}', "duplicate-key"),
    "twice by escape": (b'{"a": 1, "\\u0061": 2}', "duplicate-key"),
    "twice deep down": (b'{"x": [{"dose": "1", "dose": "2"}]}', "duplicate-key"),
    "twice, spaces before the colon": (b'{"a" : 1, "a" : 2}', "duplicate-key"),
    "twice, one with a space": (b'{"a" : 1, "a": 2, "b": ": x"}', "duplicate-key"),
    "twice beside a value that looks like a key": (b'{"a": ": x", "a": ":"}', "duplicate-key"),
    "twice beside an escaped quote": (b'{"a": "x\\":", "a": 1}', "duplicate-key"),
    "twice beside a key that ends in a backslash": (b'{"k\\\\": 1, "a": ":", "a": 2}', "duplicate-key"),
    "twice, without a space": (b'{"a":1,"b":2,"a":1}', "duplicate-key"),
    "twice, the same": (b'{"a":{"b":[],"b":[]}}', "duplicate-key"),
    "one level too deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too-deep"),
    "deep list": (b"[" * DEEP + b"]" * DEEP, "too-deep"),
    "deep object": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "too-deep"),
    "very deep": (b"[" * 100_000 + b"]" * 100_000, "too-deep"),
    "very deep, cut off": (b"[" * 100_000, "too-deep"),
    "wide list": (b"[" + b"1," * 300_000 + b"1]", "too-wide"),
    "wide with objects": (b"[" + b"{}," * 300_000 + b"1]", "too-wide"),
    "many brackets": (b"[" * 300_000, "too-wide"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name):
    raw, code = HOSTILE[name]
    with pytest.raises(FormatError) as refusal:
        parse(raw)
    assert refusal.value.code == code
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("name", [n for n in HOSTILE if n != "nothing"])
def test_refused_inside_a_message_as_well(name):
    with pytest.raises(FormatError):
        read(b'{"resourceType": "Bundle", "entry": ' + HOSTILE[name][0] + b"}")


def test_a_byte_order_mark_is_fine_and_numbers_are_exact():
    assert parse(b'\xef\xbb\xbf{"a": 0.1, "b": 2, "c": 1.50}') == {"a": Decimal("0.1"), "b": 2, "c": Decimal("1.50")}
    assert isinstance(parse(b"[2.0]")[0], Decimal)  # type: ignore[index]


def test_a_duplicate_key_with_a_name_in_it_is_not_repeated():
    with pytest.raises(FormatError) as refusal:
        parse(b'{"Tora Testesen 14834135052": 1, "Tora Testesen 14834135052": 2}')
    assert "Tora" not in str(refusal.value)


def test_the_document_knows_its_hash_and_places():
    doc = open_json(b"{}")
    assert doc.place("entry[0]").message == doc.message
    assert len(doc.message) == 64
    assert not doc.has("resourceType")


@pytest.mark.parametrize("value", [True, 1.0, "1", -1, None, 10_001])
def test_a_count_is_a_count(value):
    with pytest.raises(FormatError):
        as_count(value, "x")


@given(st.binary(max_size=60))
def test_any_bytes(raw):
    with contextlib.suppress(FormatError):
        parse(raw)


@pytest.mark.parametrize(
    "value",
    [{"a": ": x", "b": '":'}, {"k\\": 1, "b": '\\":'}, {"": {"": {"": ":"}}}, [[{"a": 1}, {"a": 2}]]],
)
def test_what_only_looks_like_a_key_twice_is_read(value):
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, separators=(", ", " : ")).encode()) == value


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_good_json_is_read_as_json_reads_it(value):
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


TOKENS = ["{", "}", "[", "]", ",", ":", " ", '"a"', '"a "', '"b"', '":"', '"\\u0061"', '"\\""', '"\\/"', "ø", "NaN"]
NUMBERS = ["0", "-0", "1.50", "1e2", "1E+2", "0E-7", "9" * 41, "true", "null"]


@given(st.lists(st.sampled_from([*TOKENS, *NUMBERS, '"a":1', '"a": 1,', '{"a":', "[1,"]), max_size=14))
def test_the_quick_reading_sees_nothing_that_the_careful_one_does_not(tokens):
    """What proves itself sound is read as careful reading reads it, to the type and the last digit of each value."""
    raw = "".join(tokens).encode()
    quick = jsondoc._plainly(raw)
    if quick is not jsondoc._DOUBT:
        assert repr(quick) == repr(jsondoc._carefully(raw))


def test_a_plain_document_is_read_quickly():
    """Else every message would pay for both readings."""
    plain = {"a": ["ø", 1, True, None, {"b": 'x "y"'}], "{tbl}": {"value": 2.5}}
    for separators, indent in (((",", ":"), None), ((", ", ": "), None), ((", ", ": "), 2)):
        raw = json.dumps(plain, ensure_ascii=False, separators=separators, indent=indent).encode()
        assert jsondoc._plainly(raw) is not jsondoc._DOUBT
