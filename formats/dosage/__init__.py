"""Norwegian dosing text to a dosage, and a dosage to Norwegian text.

`read_dose` hears, `render` speaks; CONVENTIONS.md decides what a text means and how a reading is written.
"""

from formats.dosage.reader import read_dose
from formats.dosage.render import render, render_reading
from formats.dosage.text import columns, schedule_text
from formats.dosing import DoseReading

__all__ = ["dose_row", "read_dose", "render", "render_reading", "schedule_text", "short_dose"]


def short_dose(code_text: str) -> DoseReading:
    """The reading of a short dose's text (Kortdose, code list 7478): the same grammar reads it."""
    return read_dose(code_text)


def dose_row(text: str) -> dict[str, str]:
    """The reading of `text` as the dosing corpus writes it: text, status, dose, unit ... flags, all strings."""
    return columns(read_dose(text))
