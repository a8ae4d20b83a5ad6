"""What the rarer messages of the registry say is told: each value of ours is changed, inside containers too.

For kinds without an element tree at hand: M1 of 2009 and 2010, its extension, M5.2, M7, M8, M8.1, M9.2, M9.4, M9.8 with
M6, M27, M28. `test_told_schemas.py` does so for every element their schemas allow.
"""

import base64
from dataclasses import replace

import pytest
from build_eresept import (
    KITH,
    RX,
    code,
    document,
    everything,
    forskrivning,
    m1,
    m5,
    m7,
    medicine,
    message,
    tag,
    word,
)
from build_older import older
from lxml import etree

from formats.eresept import rest
from formats.errors import FormatError
from formats.read import read

MESSAGES = everything()
ROW = tag(
    "Reseptliste",
    tag(
        "Reseptinfo",
        word("Forskrivningsdato", "2026-02-01"),
        word("RekvirentId", "9000001"),
        word("NavnRekvirent", "Anne Berg"),
        word("Nr", "990001"),
        word("NavnFormStyrke", "Eksempelol Tab 10 mg"),
        code("EndretFarmasoyt", "1", "Ja"),
        word("RefHjemmel", "200"),
        word("ReseptId", RX.format(1)),
        code("Status", "B", "Under behandling"),
        word("MerknadTilbakekalling", "skal ikke brukes"),
        word("NavnUtleverer", "Lillevik apotek"),
        word("SisteUtlevering", "2026-02-10"),
        word("Bruksomrade", "mot smerter"),
        word("Antall", "2"),
        word("Pakningsstr", "100"),
        code("EnhetPakning", "stk"),
        word("Reiterasjon", "3"),
        word("TidligsteUtlevering", "2026-02-05"),
        code("Bruk", "4", "Vaksine"),
        word("NyttFelt", "noe nytt"),
    ),
    ns=KITH + "m92/2023-03-20",
)
EXTENSION = tag(
    "ReseptUtvidelse",
    tag("Dosering", code("ForholdsregelInntak", "3", "Med mat"), word("Tilleggstekst", "svelges hel"),
        word("Doseringstekst", "1 tablett kveld")),
    tag("Seponering", word("Tidspunkt", "2026-03-01T08:00:00"), code("Arsak", "X", "Annen årsak"),
        word("Merknad", "svimmel")),
    code("Diagnose", "I10", "Hypertensjon"),
    ns=KITH + "m1/2013-10-08/extension/1",
)  # fmt: skip
RECALL = tag(
    "TilbakekallingUtvidelse",
    tag("Seponering", word("Tidspunkt", "2026-03-05T08:00:00"), code("Arsak", "L", "Reaksjon"),
        word("Merknad", "utslett")),
    ns=KITH + "m5/2013-04-16/extension/1",
)  # fmt: skip


def with_document(raw, body):
    return raw.replace(b"</MsgHead>", document(body).encode() + b"</MsgHead>")


RARE = {
    name: MESSAGES[name] for name in ("m1_legacy", "m52", "m7", "m8", "m92", "m94", "m98", "m96_2015", "m1_supply")
} | {
    "m92_2023": message("ERM92", document(ROW)),
    "m1_extension": with_document(m1(1, medicine(forskrivning(text=None))), EXTENSION),
    "m5_extension": with_document(m5(), RECALL),
    "m7_extension": m7(with_document(m5(), RECALL)),
    **older(),
}
NOT_TOLD = {
    "MIGversion": "technical",
    "MsgType": "technical",
    "TypeId": "the type of a number, which its element's name says",
    "Type": "of the message: the body's namespace decides",
    "Receiver": "the registry",
    "Sex": "of the patient, by the number",
    "Fornavn": "of the patient, in a row: by the number",
    "Etternavn": "likewise",
    "FamilyName": "of the patient inside, who is the one outside by number",
    "GivenName": "likewise",
    "Konsesjonsnr": "the pharmacy is told by name",
    "MetodeEkspedering": "how a parcel is handed over",
    "AntallUtleveringer": "counted against what came along",
}


def variants(raw):
    """(path, the message with one leaf changed) for each leaf, inside containers too."""
    root = etree.fromstring(raw)
    for element in root.iter():
        path = "/".join(etree.QName(e).localname for e in [*list(element.iterancestors())[::-1], element])
        if etree.QName(element).localname.endswith(("B64", "Base64Container")):
            inner, was = base64.b64decode(element.text), element.text
            for deeper, changed in variants(inner):
                element.text = base64.b64encode(changed).decode()
                yield f"{path}//{deeper}", etree.tostring(root)
            element.text = was
            continue
        kept = dict(element.attrib)
        if {"V", "DN"} & kept.keys():
            element.attrib.update({name: other(kept[name]) for name in ("V", "DN") if kept.get(name)})
            yield path, etree.tostring(root)
            element.attrib.update(kept)
        was = element.text
        if was and was.strip() and not len(element):
            element.text = other(was)
            yield path, etree.tostring(root)
            element.text = was


def other(value):
    """Another value of the same shape."""
    if value in {"true", "false"}:
        return "false" if value == "true" else "true"
    if value[:2] == "20" and value[4:5] == "-":
        return value[:8] + ("11" if value[8:10] != "11" else "12") + value[10:]
    digit = next((i for i, c in enumerate(reversed(value)) if c.isdigit()), None)
    if digit is None:
        return value + "x"
    at = len(value) - 1 - digit
    return value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1 :]


def heard(raw):
    reading = read(raw)
    statements = tuple(replace(s, id="", place=None) for s in reading.statements)
    unread = tuple((u.place.path, u.reason, u.text) for u in reading.unread)
    gaps = tuple((g.code, g.text) for g in reading.gaps)
    head = (reading.person, reading.roles, reading.cancels, reading.as_of, reading.message_id, reading.sender)
    return statements, unread, gaps, head


def same(before, raw):
    try:
        return heard(raw) == before
    except FormatError:
        return False


INSIDE = ("GenDate", "MsgId", "ReferanseM10", "OrganisationName", "Sender/Organisation/Ident/Id")
"""Of what lies in a container: the list's day counts; a dispensing's own number is there to be annulled by, which is
told, and its pharmacy stands in it."""


NOT_THE_PERSON = ("M273/Pasient/Fnr", "M274/Pasient/Fnr", "Multidosebruker/Fnr")
"""Numbers of several persons in one message: none of them may stand under another. One alone is the person, which
`test_told_schemas.py` asks for."""


def on_purpose(path):
    if path.endswith(NOT_THE_PERSON):
        return True
    if ("//" in path and path.endswith(INSIDE)) or path.endswith("Utlevering/ReseptDokLegemiddel/Reiterasjon"):
        return True
    return bool({*path.split("/")} & (NOT_TOLD.keys() | rest.NOT_TOLD))


@pytest.mark.parametrize("name", RARE)
def test_every_value_changes_the_reading(name):
    before = heard(RARE[name])
    assert {path for path, raw in variants(RARE[name]) if not on_purpose(path) and same(before, raw)} == set()
