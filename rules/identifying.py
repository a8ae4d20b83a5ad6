"""Which medicine one statement is about by its own codes and words, before any other statement is asked."""

from dataclasses import dataclass
from functools import lru_cache

from formats.drug import Catalogue, Drug, Quantity, folded, form_facts, form_facts_by_name, read_strength
from formats.statement import Statement
from rules.tables.atc_changes import current_atc
from rules.view import Identity, Rung

INSULINS = ("A10AB", "A10AC", "A10AD", "A10AE")

_DEVICES = {"pen", "penn", "syringe", "sprøyte", "vial", "enteric", "chewable", "effervescent", "orodispersible"}
_ROUTE_WORDS = {"peroral": "oral", "per os": "oral", "po": "oral", "inhalation": "inhaled", "skin": "skin-local"}


def identify(statement: Statement, catalogue: Catalogue) -> Identity:
    """What the statement's own codes and words say it is about, before any other statement is asked."""
    s = statement
    drug = catalogue.drug(s.varenr, s.fest_id)
    said = str(s.atc or (drug.atc if drug else None) or "")
    coded = (s.form, s.form_code, s.route, s.release, s.strength, s.unit_strengths)
    key = (id(drug), said, s.substances, s.name, coded)
    known = _IDENTIFIED.get(key)
    if known is None:
        if len(_IDENTIFIED) >= MOST_IDENTIFIED:
            _IDENTIFIED.clear()
        known = _IDENTIFIED[key] = (drug, _identity(Coded(*coded), said, s.substances, drug, s.name))
    return known[1]


_IDENTIFIED: dict[tuple[object, ...], tuple[Drug | None, Identity]] = {}
"""One object for all that say the same. A drug is known by which object it is: to hash its 23 fields for each statement
cost more than all else here. It is kept beside its identity, so no other object can take its place."""
MOST_IDENTIFIED = 8192


@dataclass(frozen=True, slots=True)
class Coded:
    """How a source codes route, release and strength."""

    form: str | None
    form_code: str | None
    route: str | None
    release: str | None
    strength: str | None
    unit_strengths: tuple[Quantity, ...]


def _identity(coded: Coded, said: str, substances: tuple[str, ...], drug: Drug | None, name: str) -> Identity:
    atc, _ = current_atc(said)
    substances = as_compared(drug.substances if drug and drug.substances else substances)
    route, release = route_and_release(coded, drug, atc)
    return Identity(
        key=_key(name, substances, route, release, atc),
        substances=substances,
        route=route,
        release=release,
        atc=atc,
        atc_said=said,
        rung=Rung.CODED if drug else Rung.SUBSTANCES if substances else Rung.ATC if atc else Rung.NONE,
        drug=drug,
    )


def _key(name: str, substances: tuple[str, ...], route: str, release: str, atc: str) -> str:
    if substances:
        return f"{'+'.join(substances)}|{route}|{release}"
    if len(atc) == len("C03CA01"):
        return f"atc:{atc}|{route}|{release}"
    return f"text:{name}"


def as_compared(substances: tuple[str, ...]) -> tuple[str, ...]:
    """Substances as they are compared: folded, each once, in order."""
    return tuple(sorted({folded(s) for s in substances if s.strip()}))


def route_and_release(coded: Statement | Coded, drug: Drug | None, atc: str) -> tuple[str, str]:
    """How it is given and how it lets go of its substance: as the catalogue says, else the source, else "?"."""
    facts = form_facts(coded.form_code) if coded.form_code else form_facts_by_name(coded.form)
    said = (coded.route or "").strip().casefold()
    route = _ROUTE_WORDS.get(said, said)
    release = (coded.release or "").strip()
    release = release.upper() if "/" in release else release.casefold()
    if release in _DEVICES:
        release = "plain"
    if drug:
        route = drug.route if drug.route != "?" else route
        release = drug.release if drug.release != "?" else release
    route = _ROUTE_WORDS.get(route, route) or _ROUTE_WORDS.get(facts.route, facts.route)
    release = release or facts.release
    if atc.startswith(INSULINS):
        route = "injection" if route in ("", "?") else route  # the groups are called insulins for injection
        release = release if "/" in release else f"{atc[:5]}/{_concentration(strengths_of(coded, drug))}"
    return route or "?", release or "?"


def _concentration(strengths: tuple[Quantity, ...]) -> str:
    per_ml = [format(s.value.normalize(), "f") for s in strengths if s.unit == "E/ml"]
    return per_ml[0] if len(set(per_ml)) == 1 else "?"


def strengths_of(statement: Statement | Coded, drug: Drug | None) -> tuple[Quantity, ...]:
    """Strength of one dosing unit, one per substance: as the source says it, else as the catalogue has it."""
    return statement.unit_strengths or _strength(statement.strength) or (drug.strengths if drug else ())


_strength = lru_cache(maxsize=8192)(read_strength)
