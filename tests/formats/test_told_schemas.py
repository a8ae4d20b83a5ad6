"""No value of the older and rarer kinds is lost: messages filled in from the schemas, one leaf changed at a time.

As `test_told.py`, for kinds that have a schema but no element tree; and every combination of choices inside choices
(a pack inside a blend inside a prescription), which those walk only in step.
"""

import pytest
from leaf_walk import TREES, filled, silent, tree
from lxml import etree
from schema_tree import XSD, chosen, tree_of
from test_told import CASES, on_purpose

BRANCHES = 2 * 5 * 3
"""A medicine or goods; of a medicine five sorts of product; of a blend three sorts of part."""
QUICK = ("ER-M27", "ER-M28", "ER-M92", "ER-M9NA", "ER-M5")
_KINDS = [
    ("ER-M1-2009-02-20.xsd", "Resept", "ERM1"),
    ("ER-M1-2010-05-01.xsd", "Resept", "ERM1"),
    ("ER-M5-2009-02-20.xsd", "Tilbakekalling", "ERM5"),
    ("ER-M6-2010-05-01.xsd", "UtleveringsrapportRekvirent", "ERM6"),
    ("ER-M8-2010-06-07.xsd", "UtleveringsrapportFastlege", "ERM8"),
    ("ER-M81-2013-01-24.xsd", "UtleveringsrapportKjernejournal", "ERM81"),
    ("ER-M81-2013-10-08.xsd", "UtleveringsrapportKjernejournal", "ERM81"),
    ("ER-M10-2010-06-07.xsd", "Utleveringsrapport", "ERM10"),
    ("ER-M92-2010-05-01.xsd", "Reseptliste", "ERM92"),
    ("ER-M92-2013-10-08.xsd", "Reseptliste", "ERM92"),
    ("ER-M92-2023-03-20.xsd", "Reseptliste", "ERM92"),
    ("ER-M9NA2-2016-10-26.xsd", "M9NA2", "ERM9NA2"),
    ("ER-M9NA2-2023-10-01.xsd", "M9NA2", "ERM9NA2"),
    ("ER-M9NA4-2016-06-06.xsd", "M9NA4", "ERM9NA4"),
    ("ER-M271-2013-04-16.xsd", "M271", "ERM271"),
    ("ER-M272-2013-04-16.xsd", "M272", "ERM272"),
    ("ER-M273-2012-06-11.xsd", "M273", "ERM273"),
    ("ER-M274-2012-06-11.xsd", "M274", "ERM274"),
    ("ER-M28-2012-06-11.xsd", "M28", "ERM28"),
]
OLDER = [
    pytest.param(*one, id=one[0][3:-4], marks=() if one[0].startswith(QUICK) else pytest.mark.full) for one in _KINDS
]
BLENDS = [(file, kind) for file, kind in CASES if kind in {"ERM1", "ERM10"}]


def silent_anywhere(whole, kind):
    """The paths whose value can be another without the reading being another, in any combination of choices."""
    found, done = set(), set()
    for branch in range(BRANCHES):
        part = chosen(whole, branch)
        root = filled(part, 0)
        if (said := etree.tostring(root)) not in done:
            done.add(said)
            found |= silent(kind, part, 0, root, on_purpose)
    return found


@pytest.mark.skipif(not XSD.is_dir(), reason="no schemas at hand: 19 older kinds not checked")
@pytest.mark.parametrize(("file", "root", "kind"), OLDER)
def test_every_value_of_an_older_kind_changes_its_reading(file, root, kind):
    assert silent_anywhere(tree_of(file, root), kind) == set()


@pytest.mark.full
@pytest.mark.skipif(not TREES.is_dir(), reason="no element trees at hand: 2 message types not checked")
@pytest.mark.parametrize(("file", "kind"), BLENDS, ids=[file[8:-4] for file, _ in BLENDS])
def test_every_value_of_a_part_of_a_blend_changes_the_reading(file, kind):
    assert silent_anywhere(tree(file), kind) == set()
