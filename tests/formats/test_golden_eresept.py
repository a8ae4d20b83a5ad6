"""Each e-prescription message of ours beside what it says. MEDREC_WRITE_GOLDENS=1 in the environment writes anew."""

import json
import os
from pathlib import Path

import pytest
from build_eresept import everything
from build_older import older

from formats.neutral_message import reading_json
from formats.read import read
from formats.schemas import Schemas

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "xsd"
MESSAGES = everything() | older()


def told(raw: bytes) -> str:
    return json.dumps(reading_json(read(raw)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", MESSAGES)
def test_message_says_what_stands_beside_it(name):
    message, answer = GOLDEN / f"eresept_{name}.xml", GOLDEN / f"eresept_{name}.json"
    if os.environ.get("MEDREC_WRITE_GOLDENS"):
        message.write_bytes(MESSAGES[name])
        answer.write_text(told(MESSAGES[name]), encoding="utf-8")
    assert message.exists(), f"no golden for {name}"
    assert answer.exists(), f"no golden for {name}"
    assert told(message.read_bytes()) == answer.read_text(encoding="utf-8")


def test_every_golden_belongs_to_a_message():
    assert {p.stem.removeprefix("eresept_") for p in GOLDEN.glob("eresept_*")} == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_our_messages_keep_the_official_schemas(name):
    if not (SCHEMAS / "all.xsd").exists():
        pytest.skip(f"the official schemas are not here: 1 of {len(MESSAGES)} messages not checked")
    breaches = read(MESSAGES[name], schemas=Schemas(SCHEMAS)).breaches
    assert not breaches
