"""Two readings of one message agree: ours, and a slow one written from the schemas alone.

Messages are drawn from the official schemas (`random_messages`), with what is legal and odd, and read by both. Where
ours says another thing of a medicine than the other one, of another person or day, or does not tell a word of it, the
test fails with the seed. The ids stay what they are when the message is written in another way.
"""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree
from random_messages import KINDS, Draw, in_another_dress
from schema_tree import XSD
from second_reading import facts

from formats import dosing
from formats.read import read
from formats.statement import canonical

pytestmark = pytest.mark.skipif(not XSD.is_dir(), reason="no ../shared schemas at hand: no messages drawn")
FEW, MANY = 3, 300
EDGES = {date.min, date.max, ...}
"""The ends of the calendar: where a zone would lead beyond them each reading is right in its own way."""


def drawn(kind, seed):
    draw = Draw(f"{kind}{seed}")
    return etree.fromstring(KINDS[kind](draw)), draw.luck


def plainly(root):
    return etree.tostring(root, encoding="UTF-8")  # names of elements hold letters that ASCII has not


def heard(raw):
    """Statements by place, and the texts of what is told beside them."""
    reading = read(raw)
    inner = [r for one in (reading, *reading.also) for r in (one, *one.also)]
    statements = [s for r in inner for s in r.statements]
    unread = [(u.place.path, u.text) for r in inner for u in r.unread]
    return statements, unread


def flat(value):
    return " ".join(str(value).split())


def strings(value):
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    return [s for v in value for s in strings(v)] if isinstance(value, list) else [flat(value)]


def differences(kind, seed):
    root, luck = drawn(kind, seed)
    raw = in_another_dress(root, luck)
    statements, unread = heard(raw)
    for where, sort, fact in facts(raw):
        found = [s for s in statements if s.place.path == where and sort in {None, s.kind}]
        beside = [said for path, said in unread if path.startswith(where) or where.startswith(path)]
        if len(found) != 1:
            if found or not beside:
                yield where, "statements", len(found)
            continue
        yield from compared(where, fact, found[0], [said for _, said in unread])


def compared(where, fact, statement, unread):
    told = [*strings(canonical(statement)), *map(flat, unread)]
    for word in filter(None, fact.pop("words", [])):
        if not any(flat(word) in one for one in told):
            yield where, "not told", word
    number = fact.pop("hpr", ...)
    have = statement.author.hpr if statement.author else ""
    if number is not ... and (number or "") != have:
        yield where, "author", (number, have)
    grid = fact.pop("grid", ...)
    moments = dosing.moments(statement.dosage) if statement.dosage else ()
    if grid is not ... and grid != tuple((part, Decimal(amount)) for part, amount in moments):
        yield where, "grid", (grid, statement.dosage)
    for field, want in fact.items():
        have = getattr(statement, field)
        if flat(have or "") != flat(want or "") and not {want, have} & EDGES:
            yield where, field, (want, have)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "seeds", [range(FEW), pytest.param(range(FEW, MANY), marks=pytest.mark.full)], ids=["few", "many"]
)
def test_both_readings_agree(kind, seeds):
    assert [(seed, *one) for seed in seeds for one in differences(kind, seed)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(1, 40), marks=pytest.mark.full)], ids=["few", "many"])
def test_ids_stay_when_the_message_is_written_in_another_way(kind, seeds):
    for seed in seeds:
        root, luck = drawn(kind, seed)
        plain, dressed = heard(plainly(root))[0], heard(in_another_dress(root, luck))[0]
        assert [s.id for s in dressed] == [s.id for s in plain], seed


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_drawn_is_valid(kind):
    schema = etree.XMLSchema(etree.parse(XSD / "all.xsd"))
    for seed in range(20):
        schema.assertValid(drawn(kind, seed)[0])


@pytest.mark.parametrize("kind", ["m251", "care"])
def test_ids_differ_where_a_name_or_a_day_does(kind):
    changed = 0
    for seed in range(3 * FEW):
        root, _ = drawn(kind, seed)
        before = heard(plainly(root))[0]
        for dose in root.xpath(
            "//*[local-name()='NavnFormStyrke' or local-name()='Navn' or local-name()='SistEndret']"
        ):
            dose.text = "2018-01-01T00:00:00" if dose.tag.endswith("SistEndret") else f"{dose.text} endret"
            changed += 1
        after = heard(plainly(root))[0]
        assert not {s.id for s in before} & {s.id for s in after}
    assert changed
