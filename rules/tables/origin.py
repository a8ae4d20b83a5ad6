"""Where a row of a table comes from, from when it counts, and who has signed it."""

from dataclasses import dataclass
from datetime import date

UNSIGNED = "ikke klinisk godkjent"
"""Shown wherever a row is shown, until somebody with the right to do so has signed it."""

DRAFTED = date(2026, 3, 1)
"""The day from which the first draft of the tables counts."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Source in words, first day in force (inclusive), and the reviewer's name or `UNSIGNED`."""

    source: str
    since: date = DRAFTED
    reviewer: str = UNSIGNED

    def __post_init__(self) -> None:
        if not self.source or not self.reviewer:
            msg = "a row needs a source and a reviewer"
            raise ValueError(msg)


PROPOSAL = Origin("medrec, forslag uten ekstern kilde")
"""Our own proposal: no outside source says it."""
