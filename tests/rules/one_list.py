"""What sources say of one medicine, told in a line, and the list made of it."""

from datetime import UTC, date, datetime
from decimal import Decimal

from formats.dosage import read_dose
from formats.dosing import Amount, Dosage
from formats.drug import AtcCode, Drug, DrugLevel, Varenr, catalogue_of, read_strength
from formats.neutral import statements_from_case
from formats.statement import Source
from rules.conclusion import Case, Heard, Outcome
from rules.daily import simple_dose
from rules.reconcile import reconcile

TODAY = date(2026, 3, 2)
AT = datetime(2026, 2, 27, 9, tzinfo=UTC)
HEARD = {s: Heard(outcome=Outcome.READ, as_of=datetime(2026, 3, 2, 6, tzinfo=UTC)) for s in Source}
EMPTY = catalogue_of([], "none")
AMLODIPINE = {"name": "Norvasc 5 mg", "atc": "C08CA01", "sub": ["amlodipin"], "str": "5 mg"}
TYPED = {"name": "Trykktabletten", "atc": None, "sub": None, "str": None}


def said(place, dose="1x1", on="2026-01-10", **more):
    source, kind = place.split()
    copy = kind in {"hjemmeliste", "lokalt", "multidose", "utlevering"}
    told = {"src": source, "kind": kind, "dose": dose, "dec": on, "st": "active", "t": "copy" if copy else "decision"}
    told |= {"route": "oral", "rel": "plain"} if "sub" in (AMLODIPINE | more) else {}
    told |= AMLODIPINE | more
    return {k: v for k, v in told.items() if v is not None}


def case_of(*told, **more):
    statements = statements_from_case([{"id": f"s{n}", **one} for n, one in enumerate(told, 1)], case="corner")
    return Case(statements=statements, heard=more.pop("heard", HEARD), **more)


def judged(*told, catalogue=EMPTY, **more):
    return reconcile(case_of(*told, **more), catalogue, TODAY)


def codes(result):
    return {f.code for f in result.discrepancies}


def dose(text, strength=""):
    return simple_dose(read_dose(text).dosage, read_strength(strength))


def dosage(schedule, amount=2, unit="tablett", **more):
    return Dosage(dose=Amount(Decimal(amount), Decimal(amount)), unit=unit, schedule=schedule, **more)


def product(varenr, *, salts=("",), group="", strength="5 mg", substances=("amlodipin",), name="Norvasc", **more):
    return Drug(
        level=DrugLevel.PACKAGE, varenr=Varenr.read(varenr), name=name, brand=name, atc=AtcCode.read("C08CA01"),
        substances=substances, salts=salts, strengths=read_strength(strength), route="oral", release="plain",
        substitution_group=group, **more,
    )  # fmt: skip
