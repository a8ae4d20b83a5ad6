"""Who we are towards receivers, and what each receiver supports: `receivers.json` in the data folder.

No file, no letters: a sender must be named before anything leaves the house. The form stands in this room's README.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formats.dialog import Contact
from formats.msghead import Party, Unit
from formats.statement import Identifier

FILE = "receivers.json"
OUT_OF_HOURS = "116117"


class AddressFault(ValueError):  # noqa: N818 - told to the operator as one line
    """receivers.json can't be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One HER-id. `version`: of Dialogmelding. `closing`: wants a short letter when all is solved."""

    her_id: str
    name: str = ""
    phone: str = ""
    version: str = "1.1"
    closing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The home-care unit and the health worker who answers for its letters. `profession`: list 9060."""

    name: str
    her_id: str
    organisation: str
    org_number: str
    responsible: str
    phone: str
    profession: str = "SP"
    hpr: str = ""

    @property
    def party(self) -> Party:
        """As the envelope has it: without an HPR number the unit alone, for the schema wants a number of a worker."""
        unit = Unit(self.name, (Identifier("HER", self.her_id),), self.phone)
        units = (Unit(self.organisation, (Identifier("ENH", self.org_number),)), unit)
        if not self.hpr:
            return Party(units)
        return Party(units, self.responsible, (Identifier("HPR", self.hpr),), self.profession, self.phone)

    @property
    def contact(self) -> Contact:
        """The responsible sender (the profile wants name and phone)."""
        return Contact(name=self.responsible, role="21", profession=self.profession, hpr=self.hpr, phone=self.phone)


@dataclass(frozen=True, slots=True)
class Addresses:
    """All of receivers.json."""

    sender: Sender
    receivers: dict[str, Receiver] = field(default_factory=dict)

    def of(self, her_id: str) -> Receiver:
        """How a HER-id wants its letters; the defaults where nothing is said of it."""
        return self.receivers.get(her_id, Receiver(her_id=her_id))


def addresses(data_dir: Path) -> Addresses | None:
    """What the file says; `None` where there is none. Raises `AddressFault`."""
    file = data_dir / FILE
    if not file.exists():
        return None
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        receivers = {str(k): Receiver(her_id=str(k), **v) for k, v in told.get("receivers", {}).items()}
        sender = Sender(**told["sender"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        msg = f"{FILE} can't be read: {type(wrong).__name__}"
        raise AddressFault(msg) from wrong
    if any(r.version not in {"1.0", "1.1"} for r in receivers.values()):
        msg = f"{FILE}: version is 1.0 or 1.1"
        raise AddressFault(msg)
    if not (sender.responsible and sender.phone and sender.her_id.isdigit()):
        msg = f"{FILE}: sender needs her_id, responsible and phone"
        raise AddressFault(msg)
    return Addresses(sender, receivers)
