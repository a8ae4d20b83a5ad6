"""The official schemas, where an installation has them: a message that breaks its schema is read, and the breach told.

The schemas are not ours to ship. A setting names the folder that has `all.xsd`, which imports every namespace:
validating MsgHead alone always fails, because its content is validated strictly. Loading takes about 0.02 s, once.
"""

import re
from pathlib import Path
from threading import Lock

from lxml import etree

from formats.xmldoc import Doc, Opened

_PREFIXED = re.compile(r"/([\w.-]+:[\w.-]+)")
"""A step that libxml2 gives with a prefix of the document, which an XPath of ours does not know."""
_MOST = 20  # of one document: the first ones name the fault, the rest follow from it


class Schemas:
    """The compiled schemas of one folder. Raises OSError or lxml's XMLSchemaParseError where the folder has none."""

    def __init__(self, folder: Path) -> None:
        self._schema = etree.XMLSchema(etree.parse(str(folder / "all.xsd")))
        self._one_at_a_time = Lock()  # the log of what is wrong belongs to the schema, not to the call

    def breaches(self, doc: Doc) -> tuple[str, ...]:
        """Where `doc` and the documents opened inside it break their schemas: "path: kind". Never a value.

        Takes a document opened to be kept (`open_document`).
        """
        return tuple(line for one in doc.opened or () for line in self._breaches(one))

    def _breaches(self, doc: Opened) -> list[str]:
        with self._one_at_a_time:
            if self._schema.validate(doc.element):
                return []
            log = list(self._schema.error_log)[:_MOST]
        return [f"{_path(doc, error.path)}: {error.type_name}" for error in log]


def _path(doc: Opened, found: str | None) -> str:
    """libxml2's path of stars in the words of ours."""
    found = _PREFIXED.sub(r"/*[name()='\1']", (found or "").partition("/@")[0])
    hits = doc.element.xpath(found) if found else []
    if not isinstance(hits, list) or not hits or not isinstance(hits[0], etree._Element):  # noqa: SLF001 - lxml names it so
        return doc.path
    steps: list[str] = []
    element: etree._Element | None = hits[0]
    while element is not None and element is not doc.element:
        steps.append(_step(element))
        element = element.getparent()
    return "/".join([doc.path, *reversed(steps)])


def _step(element: etree._Element) -> str:
    parent = element.getparent()
    same = [e for e in parent if e.tag == element.tag] if parent is not None else []
    name = str(element.tag).rpartition("}")[2]
    return f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name
