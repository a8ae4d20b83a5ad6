"""No leaf is lost: each leaf of messages as journals send them is changed, and what was put there must be found again.

The messages stand in `build_markers.py`. Not content, and so not asked for: ids of resources, technical versions,
generated narrative, and addresses that are good inside one document only.
"""

import copy
import json

import pytest
from build_markers import EPIC, MEDICATION, MESSAGES, bundle

from formats.errors import FormatError
from formats.read import read
from formats.statement import GapCode

TECHNICAL = {"resourceType", "id", "fullUrl", "url", "mode"}
"""Names whose value is no content; `url` of an extension is told by its last part."""


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from leaves(item, (*path, i))
    else:
        yield path, value


def marked(value):
    """Another value of the same sort, and the forms in which it may be told."""
    if isinstance(value, str) and len(value) >= 10 and value[:4].isdigit() and value[4] == "-":
        return "2019-03-07" + value[10:], ("2019-03-07", "datetime.date(2019, 3, 7)")
    if isinstance(value, str) and value.count(":") == 2 and len(value) == 8 and value[:2].isdigit():
        return "03:47:00", ("03:47:00", "datetime.time(3, 47)")
    return ("mrk77", ("mrk77", "MRK77")) if isinstance(value, str) else (737, ("737",))


def put(message, path, value):
    changed = copy.deepcopy(message)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return changed


def everything(reading):
    kept = [(s, s.read_dose) for s in reading.statements]
    return repr((kept, reading.allergies, reading.gaps, [(u.reason, u.text) for u in reading.unread]))


def asked():
    for name, message in MESSAGES.items():
        for path, value in leaves(message):
            local = path[-1] == "reference" and str(value).startswith(("#", "urn:"))
            technical = path[-1] in TECHNICAL or isinstance(value, bool) or path[:1] == ("type",) or local
            if not technical and path[-2:] != ("request", "method") and "subject" not in path and "patient" not in path:
                yield name, path


@pytest.mark.parametrize("name", MESSAGES)
def test_no_leaf_is_lost(name):
    lost = []
    for path in [p for n, p in asked() if n == name]:
        was = MESSAGES[name]
        for step in path:
            was = was[step]
        value, forms = marked(was)
        told = everything(read(json.dumps(put(MESSAGES[name], path, value)).encode()))
        if not any(form in told for form in forms):
            lost.append(".".join(map(str, path)))
    assert lost == []


def test_there_is_something_to_lose():
    assert len(list(asked())) > 1500


def only(message):
    (statement,) = read(json.dumps(message).encode()).statements
    return statement


def test_a_drug_is_never_made_from_words_that_contradict_its_codes():
    statement = only(MESSAGES["reference and concept"])
    assert statement.atc is None
    assert {"C07AB02", "B01AA03"} <= {c.value for c in statement.codes}
    assert "Warfarin 2,5 mg" in statement.note


@pytest.mark.parametrize("name", ["modified", "dosage modified", "draft"])
def test_what_may_mean_the_opposite_is_no_medicine(name):
    reading = read(json.dumps(MESSAGES[name]).encode())
    assert reading.statements == ()
    if "modified" in name:
        assert [g.code for g in reading.gaps] == [GapCode.PARTIAL]


def test_what_is_not_to_be_given_is_a_stop():
    (said,) = read(json.dumps(MESSAGES["not to be given"]).encode()).statements
    assert said.status == "stopped"


def test_a_deleted_resource_and_an_earlier_version_are_no_medicines():
    told = {n: read(json.dumps(MESSAGES[n]).encode()) for n in ("transaction", "history")}
    assert [len(r.statements) for r in told.values()] == [1, 1]
    assert [u.reason for u in told["transaction"].unread if u.reason == "deleted"] == ["deleted"] * 2
    assert [u.reason for u in told["history"].unread] == ["earlier-version"]
    assert told["history"].statements[0].status == "active"


def test_the_same_order_in_another_bundle_is_the_same_statement():
    alone, moved = only(MESSAGES["Epic"]), only(bundle(MEDICATION, EPIC, total=1))
    assert alone.id == moved.id


def test_nesting_is_no_way_to_hide():
    with pytest.raises(FormatError):
        read(json.dumps({"resourceType": "Bundle", "entry": "x" * 5}).encode()[:-1])
