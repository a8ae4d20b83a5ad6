"""The dosing corpora and how a reading is held against a row (CONVENTIONS.md 34 to 36)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from formats.dosage import dose_row

HERE = Path(__file__).parent
COLUMNS = ("dose", "unit", "schedule", "prn", "max_24h", "duration", "total_per_period")
REASONS = frozenset(
    (
        "dose_missing",
        "frequency_missing",
        "ambiguous_slots",
        "ambiguous_days",
        "site_unclear",
        "conflict",
        "unsafe_number",
        "hold",
        "external_scheme",
        "inr",
        "as_agreed",
        "max_only",
        "change_note",
        "two_strengths",
        "household_measure",
        "prn_repeat",
        "patch_off",
        "residual",
        "empty",
    )
)
SHOWN = frozenset(
    (
        "non_daily",
        "steps",
        "fixed_plus_prn",
        "no_max",
        "inntil",
        "split_unsaid",
        "bilateral",
        "laterality",
        "embedded_strength",
    )
)

# Rule 19: two pieces "daglig" leave their division unsaid; the row (as 5 other rows do) should carry the flag.
OUR_READING_OF_FLAGS = {"o220": {"split_unsaid"}}


@dataclass(frozen=True)
class Row:
    id: str
    text: str
    status: str
    said: dict[str, str]
    flags: frozenset[str]


@dataclass(frozen=True)
class Answer:
    row: Row
    status: str
    said: dict[str, str]
    flags: frozenset[str]

    @property
    def right(self) -> bool:
        return self.status == self.row.status and self.said == self.row.said

    @property
    def wrong_ok(self) -> bool:
        """A fact that is not so: an ok that is no ok or another one, or a filled column of another value."""
        if self.status == "ok":
            return not self.right
        filled = {column: value for column, value in self.said.items() if value and column != "prn"}
        return any(value != self.row.said[column] for column, value in filled.items())


def rows(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Row(
            r["id"],
            r["text"],
            r["status"],
            {c: r[c] for c in COLUMNS},
            frozenset(r["flags"].split(",")) & (REASONS | SHOWN),
        )
        for r in table
    ]


def answers(name: str) -> Iterator[Answer]:
    for row in rows(name):
        got = dose_row(row.text)
        flags = frozenset(filter(None, got["flags"].split(",")))
        yield Answer(row, got["status"], {c: got[c] for c in COLUMNS}, flags)
