"""What each source of the demo holds about a patient, before it is written down as a message."""

from dataclasses import dataclass, field
from datetime import date, datetime

from formats.drug import Drug
from medrec.demo.doses import Dose
from medrec.demo.people import Doctor, Patient
from medrec.demo.regimen import Medicine


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """One e-prescription in the registry. `status` is of code list 7408; `recall` (day, reason of list 7500)."""

    id: str
    drug: Drug
    text: str
    dose: Dose
    use: str
    indication: str
    written: date
    expires: date
    prescriber: Doctor
    status: str = "E"
    recall: tuple[date, str] | None = None
    replaced_by: str | None = None
    previous: str | None = None
    handed_over: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDrug:
    """One line of the GP's list or of a roll. `stopped` (day, reason of list 7494)."""

    id: str
    drug: Drug
    text: str
    dose: Dose
    use: str
    indication: str
    changed: datetime
    started: date
    prescriber: Doctor
    prescription: Prescription | None = None
    decided: bool = False
    stopped: tuple[date, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalOrder:
    """One request of the journal. `category`: community, discharge or inpatient; `listed`: a line of the home list."""

    id: str
    drug: Drug | None
    name: str
    text: str
    dose: Dose
    use: str
    category: str
    listed: bool
    status: str
    authored: date
    indication: str = ""
    end: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidAllergy:
    """An allergy as one source holds it. `atc` may be a group."""

    text: str
    atc: str
    substance: str
    on: date


@dataclass(slots=True, kw_only=True)
class Told:
    """One medicine as the sources hold it. `at_fault` names the error of life that changed it, "" where all is well."""

    medicine: Medicine
    prescriptions: list[Prescription]
    gp: list[ListedDrug]
    home: list[JournalOrder]
    roll: ListedDrug | None = None
    at_fault: str = ""


@dataclass(slots=True, kw_only=True)
class Sources:
    """All that the three sources hold about one patient. Errors of life change this, never the truth."""

    patient: Patient
    medicines: list[Told] = field(default_factory=list)
    gp_allergies: list[SaidAllergy] = field(default_factory=list)
    journal_allergies: list[SaidAllergy] = field(default_factory=list)
    packed: date | None = None
    next_roll: date | None = None
    locked: bool = False
    registry_silent: bool = False
    gp_silent: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def prescriptions(self) -> list[Prescription]:
        """All that lies in the registry."""
        return [rx for told in self.medicines for rx in told.prescriptions]

    @property
    def gp_list(self) -> list[ListedDrug]:
        """All lines of the GP's list."""
        return [line for told in self.medicines for line in told.gp]

    @property
    def journal(self) -> list[JournalOrder]:
        """All requests of the journal."""
        return [order for told in self.medicines for order in told.home]

    @property
    def roll(self) -> list[ListedDrug]:
        """What the pharmacy packs."""
        return [told.roll for told in self.medicines if told.roll]
