"""How the demo's sources write one dose: the registry in sentences, the GP in short forms, the journal by the clock."""

from dataclasses import dataclass, replace
from decimal import Decimal

SLOTS = ("morgen", "middag", "kveld", "natten")
_CLOCK = {"morgen": "08", "middag": "13", "kveld": "20"}
_PLURAL = {
    "tablett": "tabletter", "kapsel": "kapsler", "dråpe": "dråper", "inhalasjon": "inhalasjoner", "plaster": "plastre",
    "pose": "poser", "injeksjon": "injeksjoner",
}  # fmt: skip
_SHORT = {"tablett": "tbl", "kapsel": "kaps", "inhalasjon": "inh"}
_DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What is truly given.

    Exactly one of `slots` (amounts in the order of `SLOTS`), `weekday` with `amount`, `every` days with `amount`,
    `prn_times` (at most, a day) with `amount`, or `scheme` (a text such as "etter INR").
    """

    unit: str
    slots: tuple[Decimal, ...] = ()
    amount: Decimal = Decimal(1)
    weekday: int | None = None
    every: int | None = None
    prn_times: int | None = None
    daily_by_mistake: bool = False
    scheme: str = ""

    def changed(self, factor: Decimal) -> "Dose":
        """The same times, another amount."""
        return replace(self, slots=tuple(s * factor for s in self.slots), amount=self.amount * factor)

    def as_daily(self) -> "Dose":
        """A weekly dose turned daily: the fault of June 2024."""
        return replace(self, weekday=None, every=None, daily_by_mistake=True)

    @property
    def prn(self) -> bool:
        """True where it is taken as needed."""
        return self.prn_times is not None


def number(value: Decimal) -> str:
    """With a decimal comma and no trailing zeros."""
    return format(value.normalize(), "f").replace(".", ",")


def counted(value: Decimal, unit: str) -> str:
    """The amount with its unit in the right number: `1 tablett`, `2 tabletter`, `0,5 tablett`."""
    return f"{number(value)} {_PLURAL.get(unit, unit) if value > 1 else unit}"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} og {parts[-1]}"


def _irregular(dose: Dose) -> str | None:
    """Texts that all sources write alike, because a short form would be unsafe."""
    if dose.scheme:
        return dose.scheme
    if dose.weekday is not None:
        return f"{counted(dose.amount, dose.unit)} hver {_DAYS[dose.weekday]}"
    if dose.daily_by_mistake:
        return f"{counted(dose.amount, dose.unit)} daglig"
    if dose.every is not None:
        return f"{counted(dose.amount, dose.unit)} hver {dose.every}. dag"
    return None


def sentence(dose: Dose) -> str:
    """As on a prescription label: "1 tablett morgen og kveld", "2 tabletter inntil 3 ganger daglig ved behov"."""
    if fixed := _irregular(dose):
        return fixed
    if dose.prn:
        return f"{counted(dose.amount, dose.unit)} inntil {dose.prn_times} ganger daglig ved behov"
    return _by_slot(dose, {s: (f"til {s}" if s == "natten" else s) for s in SLOTS})


def short(dose: Dose) -> str:
    """As GPs type it: "1+0+1", "1 tbl til natten", "2 tbl inntil x 3 v/b"."""
    unit = _SHORT.get(dose.unit, dose.unit)
    if fixed := _irregular(dose):
        return fixed
    if dose.prn:
        return f"{number(dose.amount)} {unit} inntil x {dose.prn_times} v/b"
    if dose.slots[3]:
        return _by_slot(dose, {s: (f"til {s}" if s == "natten" else s) for s in SLOTS})
    return "+".join(number(s) for s in dose.slots[:3])


def by_clock(dose: Dose) -> str:
    """As the journal shows it: "1 tablett kl 08 og 20"."""
    if fixed := _irregular(dose):
        return fixed
    if dose.prn:
        return f"{counted(dose.amount, dose.unit)} ved behov, maks {dose.prn_times} ganger daglig"
    if dose.slots[3]:
        return sentence(dose)
    return _by_slot(dose, {s: f"kl {_CLOCK[s]}" for s in _CLOCK})


def _by_slot(dose: Dose, words: dict[str, str]) -> str:
    given = [(slot, amount) for slot, amount in zip(SLOTS, dose.slots, strict=True) if amount]
    if len({amount for _, amount in given}) == 1:
        return f"{counted(given[0][1], dose.unit)} {_joined([words[slot] for slot, _ in given])}"
    return _joined([f"{counted(amount, dose.unit)} {words[slot]}" for slot, amount in given])
