"""The demo municipality: people, what they take, what went wrong, and the messages that follow from it.

Deterministic in its seed and the day it is made for; only message signatures differ from run to run.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from formats.drug import Catalogue
from medrec.clock import OSLO
from medrec.demo import eresept, journal
from medrec.demo.faults import FAULTS, Fault, Table
from medrec.demo.people import PHARMACY, PHARMACY_HER, PHARMACY_PHONE, Patient, population
from medrec.demo.regimen import medicines, regimen
from medrec.demo.said import Sources
from medrec.demo.sign import Signer
from medrec.demo.truth import Scribe, agreeing

Queue = deque[tuple[str, Fault]]
FAULTLESS = 4
"""One patient in this many has no error at all."""
ROSTER_HEADER = (
    "identifier;name;district;from;to;next_visit;gp_hpr;gp_name;gp_office;gp_her_id;gp_phone;pharmacy_her_id;"
    "pharmacy_name;pharmacy_phone"
)


@dataclass(frozen=True, slots=True)
class Post:
    """One message on its way: who it is about (for the caller, never for intake), its kind of channel, its bytes."""

    patient: Patient
    name: str
    raw: bytes


def municipality(seed: int, count: int, today: date, catalogue: Catalogue) -> list[Sources]:
    """`count` patients and what the sources hold about each: 6-18 medicines, none to three errors of life."""
    random = Random(seed)  # noqa: S311 - a synthetic municipality, not a secret
    table = medicines(catalogue)
    queue: Queue = deque(FAULTS.items())
    said = []
    for patient in _first(population(random, today), count):
        scribe = Scribe(random, today, patient)
        sources = agreeing(scribe, regimen(random, table, random.randint(6, 18)), roll=patient.number % 5 == 0)
        if patient.number % FAULTLESS:
            _go_wrong(sources, scribe, table, queue, wanted=random.choice((1, 1, 2, 3)))
        said.append(sources)
    return said


def _go_wrong(said: Sources, scribe: Scribe, table: Table, queue: Queue, *, wanted: int) -> None:
    """The faults that have waited longest and fit this patient; the others keep their place in the queue."""
    for name, fault in tuple(queue):
        if fault(said, scribe, table):
            said.faults.append(name)
            queue.remove((name, fault))
            queue.append((name, fault))
        if len(said.faults) == wanted:
            return


def posts(
    said: Sources, today: date, signer: Signer, *, registry: bool = True, own_journal: bool = True
) -> Iterator[Post]:
    """Every message about this patient, read this morning; without those of sources that are fetched."""
    at = datetime.combine(today, time(6, 10), OSLO) - timedelta(hours=1)
    for raw in eresept.messages(said, at, signer, registry=registry):
        yield Post(said.patient, f"{said.patient.number:03}-{len(raw)}.xml", raw)
    if own_journal:
        yield Post(said.patient, f"{said.patient.number:03}-journal.json", journal.searchset(said, at))


def roster(everyone: list[Sources], today: date) -> str:
    """The roster as the municipality's own system would export it (contract: `medrec roster load`)."""
    rows = [ROSTER_HEADER]
    for said in everyone:
        patient, gp = said.patient, said.patient.gp
        since = today - timedelta(days=400 + patient.number)
        visit = datetime.combine(today, time(8 + patient.number % 12, 15 * (patient.number % 4)), OSLO)
        rows.append(
            ";".join(
                (
                    patient.identifier,
                    patient.name,
                    patient.district,
                    since.isoformat(),
                    "",
                    visit.isoformat(timespec="minutes"),
                    gp.hpr,
                    f"{gp.given} {gp.family}",
                    gp.office,
                    gp.her_id,
                    gp.phone,
                    PHARMACY_HER,
                    PHARMACY,
                    PHARMACY_PHONE,
                )
            )
        )
    return "\n".join(rows) + "\n"


def _first(people: Iterator[Patient], count: int) -> Iterator[Patient]:
    for patient, _ in zip(people, range(count), strict=False):
        yield patient
