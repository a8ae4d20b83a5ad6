"""The people of the demo municipality: synthetic names and identity numbers (month + 80), doctors and offices.

Names are an adjective and a word from nature, in the manner of the national synthetic test population, so that nobody
can take them for somebody. Identity numbers carry valid check digits after 80 is added to the month.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

_GIVEN = (
    "Blid", "Rolig", "Kvikk", "Snill", "Lun", "Varm", "Stø", "Glad", "Mild", "Vennlig", "Rask", "Klok", "Trygg",
    "Solrik", "Frisk", "Tapper", "Sindig", "Munter", "Stille", "Modig",
)  # fmt: skip
_FAMILY = (
    "Fjellbekk", "Lyngmark", "Bjørkeli", "Granskog", "Myrull", "Tyttebær", "Rognebær", "Havbris", "Måkeskjær",
    "Sauebjelle", "Ørnereir", "Blåveis", "Hestehov", "Kornåker", "Snøfonn", "Regnbue", "Steinrøys", "Vårflom",
    "Høstløv", "Nordlys",
)  # fmt: skip
_FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_NO_DIGIT = 10
"""A remainder for which no check digit exists."""
_SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """A GP (or hospital doctor) and where letters reach them."""

    given: str
    family: str
    hpr: str
    office: str
    org_number: str
    her_id: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One recipient of home care. `sex` as in code list 3101: "1" man, "2" woman."""

    number: int
    given: str
    family: str
    identifier: str
    birth_date: date
    sex: str
    district: str
    gp: Doctor
    journal_id: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


def _gp(given: str, family: str, hpr: str, office: str, number: str) -> Doctor:
    return Doctor(
        given=given,
        family=family,
        hpr=hpr,
        office=office,
        org_number=f"9990000{number}",
        her_id=f"9900{number}",
        phone=f"730000{number}",
    )


OFFICES = (
    _gp("Tone", "Syntetisk-Vik", "9990001", "Fjordgløtt legesenter", "11"),
    _gp("Arne", "Syntetisk-Dal", "9990002", "Fjordgløtt legesenter", "11"),
    _gp("Siv", "Syntetisk-Ås", "9990003", "Skogkanten legekontor", "21"),
    _gp("Odd", "Syntetisk-Lie", "9990004", "Bakkeveien legekontor", "31"),
)
OUT_OF_HOURS_DOCTOR = Doctor(
    given="Leif", family="Syntetisk-Moe", hpr="9990080", office="Demo legevakt",
    org_number="999000081", her_id="990081", phone="116117",
)  # fmt: skip
PHARMACY, PHARMACY_HER, PHARMACY_PHONE = "Demo apotek multidose", "990071", "73000071"
HOME_CARE_HER = "990061"
DISTRICTS = ("Nord", "Midt", "Sør")


def identity_number(born: date, individual: int) -> str | None:
    """A synthetic fødselsnummer for that day and individual number, month + 80; `None` where no check digit exists."""
    body = f"{born.day:02}{born.month + 80:02}{born.year % 100:02}{individual:03}"
    first = -sum(w * int(d) for w, d in zip(_FIRST_WEIGHTS, body, strict=True)) % 11
    second = -sum(w * int(d) for w, d in zip(_SECOND_WEIGHTS, (*body, first), strict=True)) % 11
    return None if _NO_DIGIT in (first, second) else f"{body}{first}{second}"


def population(random: Random, today: date) -> Iterator[Patient]:
    """Patients without end, 66 to 96 years old, each name and number once."""
    names = [(given, family) for family in _FAMILY for given in _GIVEN]
    random.shuffle(names)
    for number, (given, family) in enumerate(names, start=1):
        born = date(today.year - random.randint(66, 96), random.randint(1, 12), random.randint(1, 28))
        sex = random.choice("12")
        yield Patient(
            number=number,
            given=given,
            family=family,
            identifier=_number_for(random, born, sex),
            birth_date=born,
            sex=sex,
            district=DISTRICTS[number % len(DISTRICTS)],
            gp=random.choice(OFFICES),
            journal_id=f"eDemo{random.getrandbits(64):016x}",
        )


def _number_for(random: Random, born: date, sex: str) -> str:
    """Individual numbers 000-499 belong to births 1900-1999; the last digit is odd for men."""
    while True:
        individual = random.randint(0, 249) * 2 + (1 if sex == "1" else 0)
        if number := identity_number(born, individual):
            return number
