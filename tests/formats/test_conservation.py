"""Nothing is lost: every list element is the place of a statement or an unread item, counted by other means.

The count does not use our reader: it walks the raw trees with lxml's own search, opens every base64 text it finds, and
asks for each element that stands for a medicine whether its path is told of.
"""

import base64
import binascii
import re
from pathlib import Path

import pytest
from build_eresept import everything
from lxml import etree

from formats.errors import FormatError
from formats.read import read

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "samples"
MEDICINES = ("Listeelement", "EnkeltoppforingLIB", "Resept", "Reseptinfo", "Legemiddelinfo", "Medication")
CANCELLING = re.compile("[Kk]ansellering|v1.2_c")


def paths(root, under=""):
    """(local name, path) of every element that stands for a medicine, in containers too."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname
        if local in MEDICINES:
            yield local, under + plain(element)
        if local.endswith("B64") or local == "Base64Container":
            inner = opened(element.text)
            if inner is not None:
                yield from paths(inner, under + plain(element))


def plain(element):
    """Our form of a path, made from lxml's: no prefixes, the same indexes."""
    steps = []
    while element is not None:
        parent = element.getparent()
        same = [e for e in parent if e.tag == element.tag] if parent is not None else [element]
        index = f"[{same.index(element) + 1}]" if len(same) > 1 else ""
        steps.append(etree.QName(element).localname + index)
        element = parent
    return "/" + "/".join(reversed(steps))


def opened(text):
    try:
        return etree.fromstring(base64.b64decode(text or ""))
    except (etree.XMLSyntaxError, binascii.Error, ValueError):
        return None


def told_of(reading):
    inner = [r for one in (reading, *reading.also) for r in (one, *one.also)]
    every = [s.place.path for r in inner for s in (*r.statements, *r.allergies)] + [
        u.place.path for r in inner for u in r.unread
    ]
    listed = {s.prescription_id for r in inner for s in r.statements}
    return every, listed


def missing(raw):
    """Elements for medicines that nothing tells of. An M1 in a list is told by the list element with its id."""
    reading = read(raw)
    told, listed = told_of(reading)
    lost = []
    for local, path in paths(etree.fromstring(raw, etree.XMLParser(remove_comments=True, remove_pis=True))):
        here = any(t == path or t.startswith(f"{path}/") or path.startswith(f"{t}/") for t in told)
        if not here and not (local == "Resept" and listed):
            lost.append(path)
    return lost


@pytest.mark.parametrize("name", everything())
def test_our_own_messages(name):
    assert missing(everything()[name]) == []


def test_elements_and_statements_are_as_many():
    raw = everything()["m96_2021"]
    rows = [path for local, path in paths(etree.fromstring(raw)) if local == "Listeelement"]
    assert len(rows) == 6
    assert {s.place.path for s in read(raw).statements if s.kind == "resept"} == set(rows)


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.rglob("*.xml")) or [None], ids=lambda p: str(p.relative_to(SAMPLES)) if p else "none"
)
def test_every_sample(path):
    if path is None:
        pytest.skip("no ../shared/data/samples: 0 samples checked")
    raw = path.read_bytes()
    if CANCELLING.search(path.name):
        pytest.skip("a cancelling message repeats what it takes back")
    try:
        assert missing(raw) == []
    except FormatError as refused:
        assert refused.place  # noqa: PT017 - refused whole and kept: nothing of it is lost either
