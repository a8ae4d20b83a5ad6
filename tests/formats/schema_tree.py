"""The elements of a message as its schema gives them, for kinds without an element tree at hand."""

from pathlib import Path

from leaf_walk import Part
from lxml import etree

XSD = Path(__file__).resolve().parents[3] / "shared" / "data" / "xsd"
W3 = "{http://www.w3.org/2001/XMLSchema}"
KITH_TYPES = "http://www.kith.no/xmlstds"


class Schema:
    """One schema file with those it imports; named elements and types are looked up by namespace."""

    def __init__(self, file: Path) -> None:
        self.root = etree.parse(file).getroot()
        self.ns = self.root.get("targetNamespace")
        self.imports = {
            i.get("namespace"): (file.parent / i.get("schemaLocation")).resolve()
            for i in self.root.iter(W3 + "import")
            if i.get("schemaLocation")
        }
        self._read: dict[str, Schema] = {}

    def of(self, ns: str) -> "Schema":
        """The schema of this namespace."""
        if ns == self.ns:
            return self
        if ns not in self._read:
            self._read[ns] = Schema(self.imports[ns])
        return self._read[ns]

    def split(self, node: etree._Element, name: str) -> tuple[str, str]:
        """(namespace, local name) of a prefixed name as it stands at `node`."""
        prefix, _, local = name.rpartition(":")
        return node.nsmap.get(prefix or None, self.ns), local

    def named(self, kind: str, name: str) -> etree._Element | None:
        """The top-level element or complexType with this name."""
        return next((n for n in self.root.findall(W3 + kind) if n.get("name") == name), None)


def tree_of(file: str, root: str) -> Part:
    """Every element of the message `root` of a schema file, choices kept."""
    schema = Schema(XSD / "eresept" / file)
    return _element(schema, schema.named("element", root))


def _element(schema: Schema, node: etree._Element) -> Part:
    if node.get("ref"):
        ns, local = schema.split(node, node.get("ref"))
        home = schema.of(ns)
        return _element(home, home.named("element", local))
    part = Part(node.get("name"), schema.ns)
    inside = node.find(W3 + "complexType")
    if inside is not None:
        part.inside = _content(schema, inside)
        return part
    ns, local = schema.split(node, node.get("type"))
    if ns in {W3[1:-1], KITH_TYPES}:
        part.type = local
        return part
    home = schema.of(ns)
    part.inside = _content(home, home.named("complexType", local))
    return part


def _content(schema: Schema, node: etree._Element) -> list[Part]:
    """The elements of a type in order: those of its base first."""
    found = []
    for child in node:
        if child.tag == W3 + "element":
            found.append(_element(schema, child))
        elif child.tag == W3 + "choice":
            found.append(Part("choice", schema.ns, inside=_content(schema, child)))
        elif child.tag == W3 + "extension":
            ns, local = schema.split(child, child.get("base"))
            home = schema.of(ns)
            base = home.named("complexType", local)
            found += _content(home, base) if base is not None else []
            found += _content(schema, child)
        elif child.tag in {W3 + "sequence", W3 + "complexContent"}:
            found += _content(schema, child)
    return found


def chosen(part: Part, branch: int) -> Part:
    """The tree with one branch of each choice; what lies in a branch chooses by the rest of the number."""
    inside: list[Part] = []
    for one in part.inside:
        if one.name == "choice":
            count = len(one.inside)
            inside.append(chosen(one.inside[branch % count], branch // count))
        else:
            inside.append(chosen(one, branch))
    return Part(part.name, part.ns, part.type, inside)
