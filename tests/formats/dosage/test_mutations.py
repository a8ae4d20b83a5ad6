"""A text written a little differently is never read as something else: the same reading, or less of one."""

import re
import sys
from itertools import permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from corpus import COLUMNS, rows

from formats.dosage import dose_row

ROWS = [
    row
    for name in (
        "open.tsv",
        "more.tsv",
        "second.tsv",
        "third.tsv",
        "fourth.tsv",
        "fifth.tsv",
        "sixth.tsv",
        "seventh.tsv",
    )
    for row in rows(name)
]


def _glued(text):
    """A space between a number and a word taken away."""
    return re.sub(r"(?<=\d) (?=[^\W\d])", "", text)


def _unpunctuated(text):
    """Marks that end a clause or an abbreviation taken away, those inside numbers left."""
    return re.sub(r"[.,;:!](?=\s|$)", "", text)


MUTATIONS = {
    "upper case": str.upper,
    "lower case": str.lower,
    "title case": str.title,
    "double spaces": lambda text: text.replace(" ", "  "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "line ends": lambda text: text.replace(", ", ",\n"),
    "air around": lambda text: f"  {text}\t",
    "full stop behind": lambda text: f"{text}.",
    "number and unit together": _glued,
    "no punctuation": _unpunctuated,
    "semicolons": lambda text: text.replace(", ", "; "),
    "full stops for commas": lambda text: text.replace(", ", ". "),
    "en dashes": lambda text: text.replace("-", "–"),
}


def reading(text):
    row = dose_row(text)
    return (row["status"], {column: row[column] for column in COLUMNS})


def differs(text, mutant):
    """Whether `mutant` is read as ok, and otherwise than `text`."""
    return reading(mutant)[0] == "ok" and reading(mutant) != reading(text)


@pytest.mark.parametrize("name", MUTATIONS)
def test_spelling_of_signs(name):
    other = [(row.text, MUTATIONS[name](row.text)) for row in ROWS if differs(row.text, MUTATIONS[name](row.text))]
    # a full stop for a comma parts what a comma joins; such a text may only lose, and is listed here when it gains
    assert not [pair for pair in other if not _same_when_ok(*pair)]


def _same_when_ok(text, mutant):
    """Where the original was not whole, the mutant's ok must at least hold to every certain column of it."""
    status, said = reading(text)
    return status == "partial" and all(not value or value == reading(mutant)[1][c] for c, value in said.items())


def test_case_and_spaces_change_nothing_at_all():
    for name in ("upper case", "lower case", "double spaces", "no-break spaces", "air around"):
        for row in ROWS:
            assert reading(MUTATIONS[name](row.text)) == reading(row.text), (name, row.text)


def clauses(text):
    return [part.strip(" .") for part in re.split(r"(?:[,;]|(?<!\d)\.) ", text) if part.strip(" .")]


def parts_of_plan(schedule):
    """The steps of a plan or the amounts that take turns, whatever their order; nothing for any other schedule."""
    return sorted(re.split(r" > |[|{}]|: ", schedule)) if " > " in schedule or "|" in schedule else None


@pytest.mark.parametrize("row", [row for row in ROWS if 1 < len(clauses(row.text)) < 5], ids=lambda row: row.id)
def test_order_of_clauses(row):
    """In a plan the order is what is said: its steps may be told in another order, but must stay the same steps."""
    plan = parts_of_plan(reading(row.text)[1]["schedule"])
    for order in permutations(clauses(row.text)):
        other = ", ".join(order)
        if plan and parts_of_plan(reading(other)[1]["schedule"]) == plan:
            continue
        assert not differs(row.text, other), order
