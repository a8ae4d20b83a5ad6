"""Messages filled in from the schemas' element trees, and a walk over their leaves: change one, and hear it or not.

`test_told.py`, `test_told_care.py` and `test_told_schemas.py` say which messages, and what is left out with its reason.
"""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from build_eresept import KARI, OLA, document, line, m25, medicine, message, utlevering
from lxml import etree

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


def same(before, kind, root):
    try:
        return heard(kind, root) == before
    except FormatError:  # two persons: a refusal is not silent
        return False


def whole(leaf: Part, element: etree._Element) -> Iterator[str]:
    """The one change of everything a leaf says; it is put back afterwards."""
    kept = element.text, dict(element.attrib)
    fill(element, leaf, changed=True)
    yield ""
    _put_back(element, kept)


def code_and_words(leaf: Part, element: etree._Element) -> Iterator[str]:
    """A code's value ("@V") and its words ("@DN") changed one at a time; other leaves as a whole."""
    if leaf.type.rpartition(":")[2] not in {"CS", "CV"}:
        yield from whole(leaf, element)
        return
    kept = element.text, dict(element.attrib)
    for way in ("V", "DN"):
        fill(element, leaf, changed=True)
        changed = element.get(way)
        element.attrib.update(kept[1])
        element.set(way, changed)
        yield f"@{way}"
        _put_back(element, kept)


def _put_back(element: etree._Element, kept: tuple[str | None, dict[str, str]]) -> None:
    element.text = kept[0]
    element.attrib.clear()
    element.attrib.update(kept[1])


def silent(
    kind: str,
    part: Part,
    branch: int,
    root: etree._Element,
    on_purpose: Callable[[str], bool],
    ways: Callable[[Part, etree._Element], Iterator[str]] = whole,
) -> set[str]:
    """The changes in the message `root` (what `filled(part, branch)` made) that its reading does not tell.

    Tries all but those that `on_purpose` says are left out.
    """
    before, found = heard(kind, root), set()
    for path, leaf, element in leaves(part, branch, root):
        for way in ways(leaf, element):
            if not on_purpose(path + way) and same(before, kind, root):
                found.add(path + way)
    return found
