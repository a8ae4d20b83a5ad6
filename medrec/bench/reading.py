"""Reading: each format beside the barest parse of the same bytes."""

import base64
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from lxml import etree

from formats.drug import Drug
from formats.fest import open_fest, read_fest
from formats.msghead import Known
from formats.read import read
from formats.schemas import Schemas
from medrec.bench.measure import CPU, Result, side_by_side
from medrec.demo.catalogue import demo_catalogue, demo_fest_xml

ROUNDS = 7
SCHEMAS = "MEDREC_SCHEMAS"
_MSG_ID = re.compile(rb"(<(?:\w+:)?MsgId>[^<]*)[^<]{12}<")


def steps(posts: Sequence[bytes]) -> Iterator[Result]:
    """Each format that the demo writes, first and again."""
    m96 = [raw for raw in posts if b"ERM96" in raw[:600]]
    m251 = [raw for raw in posts if b"ERM251" in raw[:600]]
    r4 = [raw for raw in posts if raw[:1] == b"{"]
    yield _against("read M9.6 with its M1s", m96, _parse_nested, "bare lxml parse of the same documents", 3.0)
    yield from _with_schemas("read M9.6, schemas validated", m96)
    yield _again("M9.6 redelivered in a new envelope", m96)
    yield _against("read M25.1", m251, _parse_nested, "bare lxml parse of the same documents", 3.0)
    yield _against("read R4 searchset", r4, json.loads, "json.loads of the same bytes", 3.0)
    yield _fest()
    yield _look_up()


def _with_schemas(step: str, raws: Sequence[bytes]) -> Iterator[Result]:
    """Where an installation has the official schemas: the folder named by MEDREC_SCHEMAS."""
    folder = os.environ.get(SCHEMAS, "")
    if folder:
        schemas = Schemas(Path(folder))
        yield _against(step, raws, _parse_nested, "bare lxml parse of the same documents", 5.0, schemas)
    else:
        yield Result(
            step=step, unit="message", count=1, seconds=0.0, floor=0.0, floor_is="", goal=0.0,
            note=f"not measured: {SCHEMAS} names no folder with all.xsd",
        )  # fmt: skip


def _against(
    step: str,
    raws: Sequence[bytes],
    floor: Callable[[bytes], object],
    floor_is: str,
    goal: float,
    schemas: Schemas | None = None,
) -> Result:
    seconds, bare = side_by_side(
        lambda: [read(raw, schemas=schemas) for raw in raws],
        lambda: [floor(raw) for raw in raws],
        rounds=ROUNDS,
        clock=CPU,
    )
    return Result(step=step, unit="message", count=len(raws), seconds=seconds, floor=bare, floor_is=floor_is, goal=goal)


def _parse_nested(raw: bytes) -> None:
    """Parse a message and every document in its Base64 containers."""
    root = etree.fromstring(raw)
    for tag in ("{*}Base64Container", "{*}ReseptDokLegemiddelB64"):
        for element in root.iter(tag):
            etree.fromstring(base64.b64decode(element.text or ""))


def _again(step: str, raws: Sequence[bytes]) -> Result:
    """The same lists in new envelopes, read by a reader that has seen them, beside a first read."""
    known: Known = {}
    for raw in raws:
        read(raw, known=known)
    later = [_MSG_ID.sub(rb"\g<1>%012d<" % number, raw, count=1) for number, raw in enumerate(raws)]
    seconds, first = side_by_side(
        lambda: [read(raw, known=known) for raw in later],
        lambda: [read(raw) for raw in later],
        rounds=ROUNDS,
        clock=CPU,
    )
    return Result(
        step=step, unit="message", count=len(raws), seconds=seconds, floor=first, floor_is="a first read", goal=0.25
    )


def _fest() -> Result:
    raw = demo_fest_xml()

    def bare() -> None:
        for _, element in etree.iterparse(BytesIO(raw), events=("end",)):
            if str(element.tag).rpartition("}")[2].startswith("Oppf"):
                for one in element.iter():
                    _ = one.tag, one.text, one.attrib
                element.clear()

    seconds, floor = side_by_side(lambda: read_fest(open_fest(BytesIO(raw))), bare, rounds=ROUNDS, clock=CPU)
    return Result(
        step="FEST load", unit="file", count=1, seconds=seconds, floor=floor,
        floor_is="bare one-pass extraction", goal=3.0, note=f"{len(raw) // 1000} kB",
    )  # fmt: skip


def _look_up() -> Result:
    catalogue = demo_catalogue()
    numbers = list(catalogue.by_varenr) * 20
    table: dict[str, Drug] = {str(k): v for k, v in catalogue.by_varenr.items()}
    seconds, floor = side_by_side(
        lambda: [catalogue.drug(n, None) for n in numbers],
        lambda: [table.get(n) for n in numbers],
        rounds=ROUNDS,
        clock=CPU,
    )
    return Result(
        step="catalogue look-up", unit="code", count=len(numbers), seconds=seconds, floor=floor,
        floor_is="dict.get", goal=0.0,
    )  # fmt: skip
