"""What a source said of a medicine is told: change one value of a message, and the reading must change.

Messages are written from the element trees of the official schemas, every element filled in, once for each branch of
their choices. Then one leaf at a time gets another value. Where the reading stays the same, that value was lost: it
stands in `NOT_TOLD` with a reason, or the test fails.
"""

import base64
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from build_eresept import KARI, OLA, document, line, m25, medicine, message, utlevering
from lxml import etree

from formats.eresept.rest import NOT_TOLD
from formats.errors import FormatError
from formats.read import read

TREES = Path(__file__).resolve().parents[3] / "shared" / "data" / "trees"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"
LINE = re.compile(r"^(?P<name>\w+) \[(?P<count>[^\]]*)\](?: : (?P<type>[\w:]+))?(?: \{(?P<ns>[^}]+)\})?")


@dataclass
class Part:
    """An element of a tree, or a choice between some."""

    name: str
    ns: str
    type: str = ""
    inside: list["Part"] = field(default_factory=list)


def tree(file):
    lines = (TREES / file).read_text(encoding="utf-8").splitlines()
    ns = next(line.split()[-1] for line in lines if line.startswith("# targetNamespace"))
    root = Part("", ns)
    above = [(-1, root)]
    for row in lines:
        plain = row.replace("| ", "", 1)
        depth, said = len(plain) - len(plain.lstrip()), plain.strip()
        hit = LINE.match(said)
        if not (hit or said.startswith(("(choice", "(sequence"))):
            continue
        while above[-1][0] >= depth:
            above.pop()
        parent = above[-1][1]
        space = FK1 if parent.type.startswith("fk1:") else parent.ns
        part = Part(hit["name"], hit["ns"] or space, hit["type"] or "") if hit else Part(said[1:7], space)
        parent.inside.append(part)
        above.append((depth, part))
    return root.inside[0]


def filled(part, branch):
    """The element with every leaf filled in; of each choice the branch with this number."""
    element = etree.Element(f"{{{part.ns}}}{part.name}")
    for inner in part.inside:
        chosen = inner.inside if inner.name == "sequen" else [inner]
        if inner.name == "choice":
            chosen = [inner.inside[branch % len(inner.inside)]]
        element.extend(filled(one, branch) for one in chosen)
    if not part.inside:
        fill(element, part, changed=False)
    return element


DAYS = {"Intervall", "Tidsrom", "DoseIntervallMin"}
CONTENTS = {
    "ReseptDokLegemiddelB64": medicine(ns="http://www.kith.no/xmlstds/eresept/m1/2013-10-08"),
    "UtleveringB64": utlevering(),
    "VarerIBrukB64": m25(line(1)).decode(),
}
NUMBERS = (OLA, KARI)
TEXTS = {
    "date": ("2026-01-17", "2026-01-18"),
    "dateTime": ("2026-01-17T08:00:00+01:00", "2026-01-18T08:00:00+01:00"),
    "time": ("08:00:00", "09:00:00"),
    "boolean": ("true", "false"),
    "int": ("3", "4"),
    "decimal": ("3", "4"),
    "ID": ("ID_00000000-0000-4000-8000-000000000001", "ID_00000000-0000-4000-8000-000000000002"),
    "IDREF": ("ID_00000000-0000-4000-8000-000000000003", "ID_00000000-0000-4000-8000-000000000004"),
    "duration": ("P1Y", "P2Y"),
}


def fill(element, part, *, changed):
    kind = part.type.rpartition(":")[2]
    if kind in {"CS", "CV"}:
        element.attrib.update({"V": "2" if changed else "1", "DN": f"{part.name} {'to' if changed else 'en'}"})
    elif kind in {"PQ", "MO"}:
        element.attrib.update({"V": "2" if changed else "1", "U": "dag" if part.name in DAYS else "stk"})
    elif kind == "base64Binary":
        element.text = base64.b64encode(CONTENTS[part.name].encode()).decode()
    elif kind == "TS":
        element.set("V", TEXTS["date"][changed])
    else:
        if kind == "string" and part.name in {"Fnr", "Id"}:
            element.text = NUMBERS[changed]
            return
        text = f"990{4 + changed:03d}" if part.name in {"Varenr", "Nr"} else f"{part.name} {'to' if changed else 'en'}"
        element.text = TEXTS.get(kind, (text, text))[changed]


def leaves(part, branch, element, path=""):
    """(path, part, element) of every leaf of what `filled` made."""
    for child in element:
        local = etree.QName(child).localname
        found = next(p for p in flat(part, branch) if p.name == local)
        here = f"{path}/{local}"
        if found.inside:
            yield from leaves(found, branch, child, here)
        elif not local.endswith("B64"):
            yield here.removeprefix("/"), found, child


def flat(part, branch):
    for inner in part.inside:
        if inner.name == "choice":
            yield inner.inside[branch % len(inner.inside)]
        elif inner.name == "sequen":
            yield from inner.inside
        else:
            yield inner


def heard(kind, root):
    """What a reading tells, without what always differs: ids and hashes."""
    body = document(etree.tostring(root, encoding="unicode"))
    reading = read(message(kind, body))
    statements = tuple(replace(s, id="", place=None) for s in reading.statements)
    unread = tuple((u.place.path, u.reason, u.text) for u in reading.unread)
    allergies = tuple(replace(a, id="", place=None) for a in reading.allergies)
    gaps = tuple((g.code, g.text) for g in reading.gaps)
    return statements, unread, allergies, gaps, reading.person, reading.roles, reading.cancels


def lost(file, kind, branches=6):
    part = tree(file)
    found = set()
    for branch in range(branches):
        root = filled(part, branch)
        before = heard(kind, root)
        for path, leaf, element in leaves(part, branch, root):
            text, attributes = element.text, dict(element.attrib)
            fill(element, leaf, changed=True)
            if same(before, kind, root):
                found.add(path)
            element.text = text
            element.attrib.clear()
            element.attrib.update(attributes)
    return found


def same(before, kind, root):
    try:
        return heard(kind, root) == before
    except FormatError:  # two persons: a refusal is not silent
        return False


NOT_TOLD_HERE = {
    "Adresse": "where a pharmacy is and where a parcel goes",
    "Address": "likewise",
    "EkspAnm": "how a parcel is handed over, and where; its remark is told",
    "InstitusjonsID": "the unit is told by HER-id and name",
    "Konsesjonsnr": "likewise",
    "Konsesjonsnummer": "likewise",
    "MetodeEkspedering": "how a parcel is handed over",
    "RefMsgId": "the registry's own correspondence",
    "Telefon": "the shape of a phone number is V=tel:",
    "TypeId": "the type of an HPR or HER number, which the element's name says",
    "Vikar": "that a substitute signs; who it is stands in the envelope",
}
"""Names anywhere in a path, beside those in `rest.NOT_TOLD`."""
ELSEWHERE = {
    "EnkeltoppforingLIB/MedEndring": "a discontinued line is a decision, and a packed one a copy, whatever it says",
    "Pasient/Reseptinfo/Ident/Id": "another number is refused as two persons",
    "Utlevering/ReseptDokLegemiddel/Reiterasjon": "copied from the prescription, says nothing of what is left",
}
NAMES = {"Fornavn", "Mellomnavn", "Etternavn"}
"""Of the patient, in a row of a pharmacy's list: the person is told by number."""

CASES = [
    ("eresept_ER-M1-2013-10-08.txt", "ERM1"),
    ("eresept_ER-M10-2013-10-08.txt", "ERM10"),
    ("eresept_ER-M5-2013-04-16.txt", "ERM5"),
    ("eresept_ER-M96-2009-03-18.txt", "ERM96"),
    ("eresept_ER-M96-2015-05-01.txt", "ERM96"),
    ("eresept_ER-M96-2018-07-01.txt", "ERM96"),
    ("eresept_ER-M96-2021-02-01.txt", "ERM96"),
    ("eresept_ER-M251-2013-10-08.txt", "ERM251"),
    ("eresept_ER-M252-2013-10-08.txt", "ERM252"),
    ("eresept_ER-M253-2013-10-08.txt", "ERM253"),
    ("eresept_ER-M254-2013-10-08.txt", "ERM254"),
    ("eresept_ER-M912-2014-01-21.txt", "ERM912"),
    ("eresept_ER-M912-2018-07-01.txt", "ERM912"),
    ("eresept_ER-M912-2021-10-01.txt", "ERM912"),
]


@pytest.mark.parametrize(("file", "kind"), CASES, ids=[file[8:-4] for file, _ in CASES])
@pytest.mark.skipif(not TREES.is_dir(), reason="no element trees at hand: 14 message types not checked")
def test_every_value_of_a_message_changes_its_reading(file, kind):
    silent = {path for path in lost(file, kind) if not on_purpose(path)}
    assert silent == set()


def on_purpose(path):
    steps = path.split("/")
    row = "Reseptinfo" in steps and steps[-1] in NAMES
    return row or path in ELSEWHERE or bool({*steps} & (NOT_TOLD | NOT_TOLD_HERE.keys()))
