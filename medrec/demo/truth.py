"""From what a patient truly takes to what three well-kept sources would hold: all of them agreeing."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from formats.drug import Drug
from medrec.clock import OSLO
from medrec.demo import doses
from medrec.demo.doses import Dose
from medrec.demo.people import Patient
from medrec.demo.regimen import Medicine
from medrec.demo.said import JournalOrder, ListedDrug, Prescription, Sources, Told

YEAR = timedelta(days=365)


@dataclass(slots=True)
class Scribe:
    """Writes what is true about one patient into the sources. `random` gives ids and brands, `today` all dates."""

    random: Random
    today: date
    patient: Patient

    def uuid(self) -> str:
        """A version 4 UUID from the seeded stream."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def order_id(self) -> str:
        """An order number as the journal gives it."""
        return str(self.random.randint(10_000_000, 99_999_999))

    def days_ago(self, days: int) -> date:
        """That many days before today."""
        return self.today - timedelta(days=days)

    def prescription(
        self, medicine: Medicine, on: date, *, dose: Dose | None = None, drug: Drug | None = None
    ) -> Prescription:
        """A prescription by the GP of record, valid one year."""
        given = dose or medicine.dose
        return Prescription(
            id=self.uuid(),
            drug=drug or medicine.packages[0],
            text=doses.sentence(given),
            dose=given,
            use=medicine.use,
            indication=medicine.indication,
            written=on,
            expires=on + YEAR,
            prescriber=self.patient.gp,
            handed_over=on + timedelta(days=2),
        )

    def gp_line(
        self,
        medicine: Medicine,
        on: date,
        rx: Prescription | None,
        *,
        dose: Dose | None = None,
        drug: Drug | None = None,
    ) -> ListedDrug:
        """A line of the GP's list, last changed on that day."""
        given = dose or medicine.dose
        writer = self.random.choice((doses.sentence, doses.short))
        return ListedDrug(
            id=self.uuid(),
            drug=drug or medicine.packages[0],
            text=writer(given),
            dose=given,
            use=medicine.use,
            indication=medicine.indication,
            changed=datetime.combine(on, time(10, 30), OSLO),
            started=on,
            prescriber=self.patient.gp,
            prescription=rx,
            decided=True,
        )

    def home_line(
        self, medicine: Medicine, on: date, *, dose: Dose | None = None, drug: Drug | None = None
    ) -> JournalOrder:
        """A line of the home list in the journal, a copy made a few days later."""
        given = dose or medicine.dose
        package = drug or medicine.packages[0]
        writer = self.random.choice((doses.sentence, doses.by_clock))
        return JournalOrder(
            id=self.order_id(),
            drug=package,
            name=package.name,
            text=writer(given),
            dose=given,
            use=medicine.use,
            category="community",
            listed=True,
            status="active",
            authored=min(on + timedelta(days=3), self.today),
            indication=medicine.indication,
            by="Hjemmetjenesten",
        )

    def discharge(
        self, medicine: Medicine, on: date, *, dose: Dose | None = None, stopped: bool = False
    ) -> JournalOrder:
        """A line of a discharge, decided at the hospital on that day."""
        given = dose or medicine.dose
        package = medicine.packages[0]
        return JournalOrder(
            id=self.order_id(),
            drug=package,
            name=package.name,
            text=doses.sentence(given),
            dose=given,
            use=medicine.use,
            category="discharge",
            listed=False,
            status="stopped" if stopped else "active",
            authored=on,
            end=on if stopped else None,
            indication=medicine.indication,
            by="Demo sykehus, medisinsk avdeling",
        )


def told(scribe: Scribe, medicine: Medicine, days_ago: int) -> Told:
    """One medicine on which all three sources agree, decided that many days ago."""
    on = scribe.days_ago(days_ago)
    drug = scribe.random.choice(medicine.packages[:1] * 3 + medicine.packages)
    rx = scribe.prescription(medicine, on, drug=drug)
    return Told(
        medicine=medicine,
        prescriptions=[rx],
        gp=[scribe.gp_line(medicine, on, rx, drug=drug)],
        home=[scribe.home_line(medicine, on, drug=drug)],
    )


def agreeing(scribe: Scribe, taken: list[Medicine], *, roll: bool) -> Sources:
    """Three sources that say the same of every medicine; with `roll`, ordinary tablets are packed by the pharmacy."""
    said = Sources(patient=scribe.patient)
    said.medicines = [told(scribe, medicine, scribe.random.randint(40, 280)) for medicine in taken]
    if roll:
        said.packed, said.next_roll = scribe.days_ago(6), scribe.days_ago(-8)
        for one in said.medicines:
            if one.medicine.dose.slots and one.medicine.dose.unit in {"tablett", "kapsel"}:
                one.roll = replace(one.gp[0], id=scribe.uuid(), text=doses.sentence(one.medicine.dose))
    return said
