"""What the people of the demo truly take: drawn from a table of ordinary medicines, at most one from each group."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from random import Random

from formats.drug import Catalogue, Drug, read_strength
from medrec.demo.doses import Dose


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """One medicine in use: the packages that may stand for it (brands of the same), and the dose."""

    group: str
    substances: tuple[str, ...]
    packages: tuple[Drug, ...]
    dose: Dose
    use: str
    indication: str


def medicines(catalogue: Catalogue) -> tuple[Medicine, ...]:
    """Every row of the table with its packages; a row without a package in the catalogue is a fault of the table."""
    table = files("medrec.demo").joinpath("regimen.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(
        _medicine(dict(zip(table[0].split("\t"), row.split("\t"), strict=True)), catalogue) for row in table[1:]
    )


def regimen(random: Random, everything: tuple[Medicine, ...], count: int) -> list[Medicine]:
    """`count` medicines for lasting use, no two from the same group."""
    chosen: dict[str, Medicine] = {}
    for medicine in random.sample(everything, len(everything)):
        if len(chosen) == count:
            break
        if medicine.use != "course":
            chosen.setdefault(medicine.group, medicine)
    return list(chosen.values())


def _medicine(row: dict[str, str], catalogue: Catalogue) -> Medicine:
    substances = tuple(sorted(row["substances"].split("+")))
    packages = tuple(_packages(catalogue, substances, row["strength"], row["release"]))
    if not packages:
        msg = f"the demo catalogue has no package for {row['substances']} {row['strength']} {row['release']}"
        raise LookupError(msg)
    return Medicine(
        group=row["group"],
        substances=substances,
        packages=packages,
        dose=_dose(row["dose"], row["unit"]),
        use=row["use"],
        indication=row["indication"],
    )


def _packages(catalogue: Catalogue, substances: tuple[str, ...], strength: str, release: str) -> Iterator[Drug]:
    wanted = read_strength(strength)
    brands: set[str] = set()
    for drug in sorted(catalogue.by_varenr.values(), key=lambda d: str(d.varenr)):
        fits = tuple(sorted(drug.substances)) == substances and drug.release == release and not drug.withdrawn
        if fits and drug.brand not in brands and (strength == "*" or drug.strengths == wanted):
            brands.add(drug.brand)
            yield drug


def _dose(text: str, unit: str) -> Dose:
    """Read `1+0+1` (morning, noon, evening, bedtime), `prn 2x3` (amount, times), `week 3 6` (weekday, amount)."""
    kind, _, rest = text.partition(" ")
    if kind == "prn":
        amount, _, times = rest.partition("x")
        return Dose(unit=unit, amount=Decimal(amount), prn_times=int(times))
    if kind == "week":
        weekday, _, amount = rest.partition(" ")
        return Dose(unit=unit, weekday=int(weekday), amount=Decimal(amount))
    slots = [Decimal(part) for part in text.split("+")]
    return Dose(unit=unit, slots=tuple(slots + [Decimal(0)] * (4 - len(slots))))
