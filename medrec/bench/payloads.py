"""Bytes that want to hurt, all of our making: what is sent to a reader of messages to break it, stop it or mislead it.

Each is made when it is asked for, so that a bomb takes no room before its turn.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

_HEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
_M1 = "http://www.kith.no/xmlstds/eresept/m1/2013-10-08"
_PRESCRIBED = "http://www.kith.no/xmlstds/eresept/forskrivning/2013-10-08"
_M96 = "http://www.kith.no/xmlstds/eresept/m96/2015-05-01"
_B64 = "http://www.kith.no/xmlstds/base64container"
_NUMBER = "12844100180"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Payload:
    """`refused`: a reader must refuse it; else it must take it without harm. `make` gives the bytes."""

    name: str
    refused: bool
    make: Callable[[], bytes]


def envelope(body: str, *more: str, kind: str = "ERM1") -> str:
    """A message head around documents."""
    documents = "".join(
        f'<Document><RefDoc><MsgType V="XML" DN="XML"/><Content>{d}</Content></RefDoc></Document>'
        for d in (body, *more)
    )
    office = (
        "<Organisation><OrganisationName>Prøvekontoret</OrganisationName><Ident><Id>8000101</Id>"
        '<TypeId V="HER" DN="HER-id" S="2.16.578.1.12.4.1.1.9051"/></Ident></Organisation>'
    )
    return (
        f'<MsgHead xmlns="{_HEAD}"><MsgInfo><Type V="{kind}" DN="Resept"/><MIGversion>v1.2 2006-05-24</MIGversion>'
        "<GenDate>2026-02-01T10:00:00+01:00</GenDate><MsgId>33333333-0000-4000-8000-000000000001</MsgId>"
        f"<Sender>{office}</Sender><Receiver>{office}</Receiver><Patient><FamilyName>Prøve</FamilyName>"
        f'<GivenName>Pia</GivenName><Ident><Id>{_NUMBER}</Id><TypeId V="FNR" DN="Fødselsnummer" '
        f'S="2.16.578.1.12.4.1.1.8116"/></Ident></Patient></MsgInfo>{documents}</MsgHead>'
    )


def prescription(text: str = "1 tablett morgen", inside: str = "") -> str:
    """One prescription of an invented medicine."""
    return (
        f'<Resept xmlns="{_M1}"><Forskrivningsdato>2026-02-01</Forskrivningsdato><Utloper>2027-02-01</Utloper>'
        '<ReseptDokLegemiddel><Varegruppekode V="L" DN="Legemiddel"/><Antall>1</Antall><Reiterasjon>3</Reiterasjon>'
        f'<Forskrivning xmlns="{_PRESCRIBED}"><DosVeiledEnkel>{text}</DosVeiledEnkel><Bruk V="1" DN="Fast"/>'
        '<Legemiddelpakning><Atc V="C07AB02" DN="Metoprolol" S="2.16.578.1.12.4.1.1.7180"/>'
        '<NavnFormStyrke>Eksempelol Tab 50 mg</NavnFormStyrke><Reseptgruppe V="C" DN="C"/><Varenr>123456</Varenr>'
        f"</Legemiddelpakning></Forskrivning></ReseptDokLegemiddel>{inside}"
        "<OppdatertFest>2026-01-15T00:00:00</OppdatertFest></Resept>"
    )


GOOD = envelope(prescription())


def packed(raw: bytes, compression: str = "GZ", text: str = "") -> bytes:
    """A list whose one attachment is `raw` (or the base64 text `text`)."""
    inner = text or base64.b64encode(raw).decode()
    attachment = f'<Base64Container xmlns="{_B64}">{inner}</Base64Container>'
    listed = f'<M96 xmlns="{_M96}"><StatusSok V="2" DN="Ingen resepter"/></M96>'
    whole = envelope(listed, attachment, kind="ERM96")
    said = f'<Compression V="{compression}" DN=""/>' if compression else ""
    return whole.replace(f"<Content>{attachment}", f"{said}<Content>{attachment}").encode()


def request(**more: object) -> dict[str, object]:
    """One order in a journal's words."""
    told: dict[str, object] = {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Eksempelol 50 mg"},
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-02-01",
        "dosageInstruction": [{"text": "1 tablett morgen"}],
    }
    return told | more


def bundle(*resources: dict[str, object]) -> dict[str, object]:
    """A searchset of them."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}


def bomb(size: int, chunk: bytes = b"<a/>") -> bytes:
    """Gzip that inflates to `size` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = chunk * (2**18 // len(chunk))
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


def payloads() -> Iterator[Payload]:
    """All of them, each class in turn. The names are unique."""
    for group in (_types, _characters, _shapes, _packing, _tricks, _words, _json_broken, _json_strange):
        for name, refused, make in group():
            yield Payload(f"{group.__name__.strip('_')}: {name}", refused, make)


_Made = Iterator[tuple[str, bool, Callable[[], bytes]]]


def _of(text: str | bytes) -> Callable[[], bytes]:
    raw = text.encode() if isinstance(text, str) else text
    return lambda: raw


def _deep(depth: int, opening: bytes, closing: bytes, inside: bytes = b"") -> bytes:
    return opening * depth + inside + closing * depth


def _wide(child: bytes) -> bytes:
    return b"<r>" + child * 200_001 + b"</r>"


def _order(more: dict[str, object]) -> bytes:
    return json.dumps(bundle(request(**more))).encode()


_DTDS = {
    "empty": "<!DOCTYPE MsgHead>",
    "system": '<!DOCTYPE MsgHead SYSTEM "file:///etc/passwd">',
    "public": '<!DOCTYPE MsgHead PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
    "element": "<!DOCTYPE MsgHead [<!ELEMENT MsgHead ANY>]>",
    "entity": '<!DOCTYPE MsgHead [<!ENTITY e "BA02">]>',
    "file": '<!DOCTYPE MsgHead [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "address": '<!DOCTYPE MsgHead [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": '<!DOCTYPE MsgHead [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    "laughs": "<!DOCTYPE MsgHead [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10))
    + "<!ENTITY e '&a9;'>]>",
    "quadratic": f"<!DOCTYPE MsgHead [<!ENTITY e '{'x' * 100_000}'>]>",
    "attributes": '<!DOCTYPE MsgHead [<!ATTLIST Atc V CDATA "B01AA03">]>',
    "notation": '<!DOCTYPE MsgHead [<!NOTATION n SYSTEM "x">]>',
    "unclosed": "<!DOCTYPE MsgHead [",
}


def _types() -> _Made:
    for name, dtd in _DTDS.items():
        yield f"document type {name}", True, _of(dtd + GOOD)
        yield f"document type {name} after a comment", True, _of(f"<!-- x --><?x y?>{dtd}{GOOD}")
        yield f"document type {name} in a container", True, partial(packed, (dtd + GOOD).encode(), "")
        yield f"document type {name}, used", True, _of(dtd + GOOD.replace("C07AB02", "C07A&e;"))


def _characters() -> _Made:
    for codec in ("utf-7", "utf-32", "utf-16-le", "utf-16-be", "cp037", "utf-32-be"):
        yield f"in {codec}", True, partial(GOOD.encode, codec)
    for name in ("utf-7", "utf-32", "ebcdic-cp-us", "rot13", "idna", "x-user-defined", "base64", "gb18030"):
        yield f"declared as {name}", True, _of(f'<?xml version="1.0" encoding="{name}"?>{GOOD}')
    for name, raw in {
        "nul": b"\0", "lone byte": b"\xff", "cut sequence": b"\xc3", "surrogate": b"\xed\xa0\x80",
        "overlong": b"\xc0\xaf", "beyond": b"\xf5\x80\x80\x80", "control": b"\x01", "nonchar": b"\xef\xbf\xbf",
    }.items():  # fmt: skip
        yield f"{name} in a value", True, _of(GOOD.encode().replace(b"morgen", b"mor" + raw + b"gen"))
    for entity in ("&undefined;", "&nbsp;", "&#0;", "&#x1;", "&#xD800;", "&#99999999;"):
        yield f"reference {entity}", True, _of(GOOD.replace("C07AB02", entity))
    yield "byte order mark and utf-16", False, lambda: GOOD.encode("utf-16")


def _shapes() -> _Made:
    for depth in (260, 5_000, 200_000):
        yield f"{depth} elements deep", True, partial(_deep, depth, b"<a>", b"</a>")
    for name, child in {
        "empty": b"<a/>",
        "paired": b"<a></a>",
        "comment": b"<!-- -->",
        "instruction": b"<?x?>",
    }.items():
        yield f"200,001 {name} children", True, partial(_wide, child)
    yield "450,000 attributes", True, lambda: b"<r " + b" ".join(b'a%d=""' % i for i in range(450_000)) + b"/>"
    yield "more than 10 MiB", True, lambda: b"<r>" + b"x" * (10 * _MIB) + b"</r>"
    yield "nearly 10 MiB of text", False, lambda: envelope(prescription("x" * (9 * _MIB))).encode()
    yield "199,000 list elements", True, lambda: envelope("<a/>" * 199_000).encode()
    for cut in range(1, 12):
        yield f"cut at {cut}/12", True, _of(GOOD.encode()[: len(GOOD) * cut // 12])
    for name, raw in {"nothing": b"", "blank": b" \n", "mark alone": b"\xef\xbb\xbf", "zeros": b"\0" * 100}.items():
        yield name, True, _of(raw)


def _packing() -> _Made:
    yield "bomb of 200 MiB", True, lambda: bomb(200 * _MIB)
    yield "bomb in a container", True, lambda: packed(bomb(200 * _MIB))
    yield "bomb of text in a container", True, lambda: packed(bomb(200 * _MIB, b"x"))
    yield "bomb in a bomb", True, lambda: gzip.compress(bomb(100 * _MIB))
    yield "gzip in gzip", True, lambda: gzip.compress(gzip.compress(GOOD.encode()))
    yield "deflate bomb", True, lambda: packed(zlib.compress(b"x" * (60 * _MIB), 9), "DF")
    yield "base64 of 11 MiB", True, lambda: packed(b"x" * (11 * _MIB), "")
    for name, raw in {
        "cut": gzip.compress(GOOD.encode())[:-9], "head alone": b"\x1f\x8b", "tail": gzip.compress(b"<a/>") + b"tail",
        "two members": gzip.compress(b"<a/>") * 2, "flags": b"\x1f\x8b\x08\x1f" + b"A" * 40,
    }.items():  # fmt: skip
        yield f"gzip, {name}", True, partial(packed, raw)
    yield "compress(1)", True, lambda: packed(GOOD.encode(), "Z")
    encoded = base64.b64encode(GOOD.encode()).decode()
    wrong = ("=", "====", "A", "AA=A", "AAAA=", "QUJD!!!!REVG", "QUJD-_-_", encoded[:-1], f"{encoded}A", f"={encoded}",
             f"{encoded[:80]}*{encoded[80:]}", f"{encoded[:80]}&#x200B;{encoded[80:]}",
             "data:text/xml;base64,QUJD")  # fmt: skip
    for number, text in enumerate(wrong):
        yield f"base64 {number}: {text[:12]}~{len(text)}", True, partial(packed, b"", "", text)
    yield "nine lists inside each other", False, _nested


def _nested() -> bytes:
    raw = GOOD.encode()
    for _ in range(9):
        raw = packed(raw, "")
    return raw


def _tricks() -> _Made:
    for name, space in {
        "slash": f"{_HEAD}/", "upper": _HEAD.upper(), "urn": "urn:x", "none": "", "blank": f" {_HEAD}",
        "fragment": f"{_HEAD}#", "look-alike": _HEAD.replace("o", "\u043e"),
    }.items():  # fmt: skip
        yield f"namespace {name}", True, _of(GOOD.replace(f'"{_HEAD}"', f'"{space}"'))
    for name in ("DosVeiledEnkel", "Bruk", "Legemiddelpakning", "Forskrivning"):
        start, end = GOOD.index(f"<{name}"), GOOD.index(f"</{name}>") + len(name) + 3 if f"</{name}>" in GOOD else 0
        end = end or GOOD.index("/>", start) + 2
        yield f"{name} twice", True, _of(GOOD[:end] + GOOD[start:end] + GOOD[end:])
    yield "an attribute twice", True, _of(GOOD.replace('<Bruk V="1"', '<Bruk V="3" V="1"'))
    yield "an undeclared prefix", True, _of(GOOD.replace("<Bruk ", "<x:Bruk "))
    yield "an xml id twice", True, _of(GOOD.replace("<Atc ", '<Atc xml:id="a" ').replace("<Bruk ", '<Bruk xml:id="a" '))
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    yield "an inclusion", False, _of(envelope(prescription(include)))
    sheet = '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>'
    yield "a stylesheet", False, _of(sheet + GOOD)
    hint = ' xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    yield "a schema's address", False, _of(GOOD.replace("<MsgHead", f"<MsgHead{hint}", 1))
    for name, inside in {"comment": "<!-- -->", "instruction": "<?x?>", "character data": "<![CDATA[]]>"}.items():
        yield f"{name} inside a value", False, _of(GOOD.replace("1 tablett", f"1 tab{inside}lett"))


def _words() -> _Made:
    for words in (
        "&lt;script&gt;alert(1)&lt;/script&gt;", "' OR 1=1 --", "{{7*7}}", "%s%n", "../../etc/passwd",
        "\u202e2 tabletter",
        "=cmd|' /C calc'!A0", "1 tablett " * 2_000, "9" * 5_000, "(" * 900, "1/" * 400, "1-" * 450, "½" * 900,
        "morgen " * 140, "1+" * 480, "kl 09:30:00 " * 80, "&lt;![CDATA[", "${jndi:ldap://127.0.0.1:9/x}",
        "\ud7ff\ue000",
    ):  # fmt: skip
        yield f"text {words[:16]!r}~{len(words)}", False, _of(envelope(prescription(words)))


def _json_broken() -> _Made:
    good = json.dumps(bundle(request()))
    for depth in (65, 900, 100_000):
        yield f"{depth} lists deep", True, partial(_deep, depth, b"[", b"]")
        yield f"{depth} objects deep", True, partial(_deep, depth, b'{"a":', b"}", b"1")
    yield "unclosed lists", True, lambda: b"[" * 150_000
    yield "200,001 numbers", True, lambda: b'{"resourceType":"Bundle","entry":[' + b"1," * 200_001 + b"1]}"
    yield "more than 10 MiB", True, lambda: b'{"resourceType":"' + b"x" * (10 * _MIB) + b'"}'
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "1E-999999",
        "9" * 500,
        f"0.{'1' * 500}",
        "01",
        "+1",
        "0x1",
        "1_0",
    ):
        yield f"number {text[:10]}~{len(text)}", True, _of(good.replace('"r1"', text))
    for name, text in {
        "a key twice": '"status": "active", "status": "stopped"',
        "a key twice, escaped": '"status": "a", "st\\u0061tus": 1',
        "a nul": '"status": "\\u0000"', "a lone surrogate": '"status": "\\ud800"', "a comment": '/* */ "status": "a"',
        "a trailing comma": '"status": "active",,', "a bare word": '"status": undefined', "one quote": "\"status': 1",
    }.items():  # fmt: skip
        yield name, True, _of(good.replace('"status": "active"', text))
    for codec in ("utf-16-le", "utf-32", "latin-1"):
        yield f"in {codec}", True, partial(good.replace("tablett", "tåblett").encode, codec)
    for name, value in {"a list": [], "a text": "x", "another thing": {"a": 1}, "no type": {"resourceType": 7}}.items():
        yield f"{name} alone", True, _of(json.dumps(value))
    yield "nine bundles inside each other", True, _bundles


def _bundles() -> bytes:
    told = bundle(request())
    for _ in range(9):
        told = bundle(told)
    return json.dumps(told).encode()


def _json_strange() -> _Made:
    script = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'}
    yield "a script in the narrative", False, _of(json.dumps(bundle(request(text=script))))
    odd: dict[str, dict[str, object]] = {
        "its own reference": {
            "medicationReference": {"reference": "#r1"},
            "contained": [{"resourceType": "x", "id": "r1"}],
        },
        "an address to fetch": {"medicationReference": {"reference": "http://127.0.0.1:9/Medication/1"}},
        "a file to fetch": {"medicationReference": {"reference": "file:///etc/passwd"}},
        "wrong types": {"status": [], "dosageInstruction": "x", "subject": 7, "identifier": {"value": []}},
        "5,000 codings": {
            "medicationCodeableConcept": {"coding": [{"code": str(i)} for i in range(5_000)], "text": "x"}
        },
        "a long text": {"dosageInstruction": [{"text": "1 tablett " * 50_000}]},
        "a thousand dosings": {"dosageInstruction": [{"text": "1", "sequence": i} for i in range(1_000)]},
        "a period of centuries": {
            "dosageInstruction": [{"timing": {"repeat": {"frequency": 10**9, "period": 10**18}}}]
        },
        "an unknown modifier": {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
        "a date without sense": {"authoredOn": "2026-13-45T99:99:99Z"},
    }
    for name, more in odd.items():
        yield name, False, partial(_order, more)
    yield "2,000 orders", False, lambda: json.dumps(bundle(*(request(id=f"r{i}") for i in range(2_000)))).encode()
    yield "two persons", True, _of(json.dumps(bundle(request(), request(subject={"reference": "Patient/p2"}))))
