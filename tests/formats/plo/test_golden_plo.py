"""Each municipal care message and extract of ours beside what it says. MEDREC_WRITE_GOLDENS=1 writes anew."""

import json
import os
from pathlib import Path

import pytest
from build_plo import everything
from lxml import etree

from formats.neutral_message import reading_json
from formats.read import read

GOLDEN = Path(__file__).parent / "golden"
XSD = Path(__file__).resolve().parents[4] / "shared" / "data" / "xsd" / "all.xsd"
MESSAGES = everything()


def told(raw: bytes) -> str:
    return json.dumps(reading_json(read(raw)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", MESSAGES)
def test_message_says_what_stands_beside_it(name):
    message, answer = GOLDEN / f"{name}.xml", GOLDEN / f"{name}.json"
    if os.environ.get("MEDREC_WRITE_GOLDENS"):
        message.write_bytes(MESSAGES[name])
        answer.write_text(told(MESSAGES[name]), encoding="utf-8")
    assert message.exists(), f"no golden for {name}"
    assert answer.exists(), f"no golden for {name}"
    assert told(message.read_bytes()) == answer.read_text(encoding="utf-8")


def test_every_golden_belongs_to_a_message():
    assert {p.stem for p in GOLDEN.iterdir()} == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.skipif(not XSD.exists(), reason=f"the official schemas are not here: {len(MESSAGES)} messages not checked")
def test_our_messages_keep_the_official_schemas(name):
    etree.XMLSchema(file=str(XSD)).assertValid(etree.fromstring(MESSAGES[name]))
