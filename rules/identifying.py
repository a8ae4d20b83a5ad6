"""Which medicine one statement is about by its own codes and words, before any other statement is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from formats.drug import Catalogue, Drug, Quantity, form_facts, form_facts_by_name, read_strength
from formats.statement import Statement
from rules.naming import Clash, Held, as_compared, clash_of
from rules.tables.atc_changes import current_atc
from rules.tables.codes import SUBSTANCE_OF_CODE
from rules.view import Identity, Rung

INSULINS = ("A10AB", "A10AC", "A10AD", "A10AE")

_DEVICES = {"pen", "penn", "syringe", "sprøyte", "vial", "enteric", "chewable", "effervescent", "orodispersible"}
_ROUTE_WORDS = {"peroral": "oral", "per os": "oral", "po": "oral", "inhalation": "inhaled", "skin": "skin-local"}


def identify(statement: Statement, catalogue: Catalogue) -> Identity:
    """What the statement's own codes and words say it is about, before any other statement is asked."""
    s = statement
    drug = catalogue.drug(s.varenr, s.fest_id)
    coded = (s.name, s.form, s.form_code, s.route, s.release, s.strength, s.unit_strengths)
    key = (id(drug), s.fest_id, s.atc, s.substances, coded)
    identified = _identified_in(catalogue)
    known = identified.get(key)
    if known is None:
        if len(identified) >= MOST_IDENTIFIED:
            identified.clear()
        known = identified[key] = _identity(Coded(*coded), s, drug, clash_of(s, catalogue), catalogue)
    return known


def _identified_in(catalogue: Catalogue) -> dict[tuple[object, ...], Identity]:
    held = _IDENTIFIED[0]
    if held[0] is not catalogue:
        held = _IDENTIFIED[0] = (catalogue, {})
    return held[1]


_IDENTIFIED: list[tuple[Catalogue, dict[tuple[object, ...], Identity]]] = [(Catalogue(), {})]
"""The catalogue of today, and one object for all that say the same. A drug is known by which object it is (to hash its
23 fields for each statement cost more than all else here); the catalogue beside it keeps that object in its place."""
MOST_IDENTIFIED = 8192


@dataclass(frozen=True, slots=True)
class Coded:
    """How a source codes route, release and strength, and the name that may say a strength."""

    name: str
    form: str | None
    form_code: str | None
    route: str | None
    release: str | None
    strength: str | None
    unit_strengths: tuple[Quantity, ...]


def _identity(coded: Coded, s: Statement, drug: Drug | None, clash: Clash | None, catalogue: Catalogue) -> Identity:
    """By the package or product, else as said. Where the words clash, no strength or form is vouched for by one."""
    said = str(s.atc or (drug.atc if drug else None) or "")
    atc, _ = current_atc(said)
    if clash and atc not in clash.own:
        said = atc = next(iter(clash.own)) if len(clash.own) == 1 else ""
    substances = as_compared(drug.substances if drug and drug.substances else s.substances)
    if substances and not (atc or clash):
        atc = _code_of(substances, route_and_release(coded, drug, atc)[0], catalogue)
    route, release = route_and_release(coded, drug, atc)
    return Identity(
        key=_key(s.name, substances, route, release, atc),
        substances=substances,
        route=route,
        release=release,
        atc=atc,
        atc_said=said,
        rung=Rung.CODED if drug else Rung.SUBSTANCES if substances else Rung.ATC if atc else Rung.NONE,
        drug=None if clash else drug,
        clash=clash,
    )


def _code_of(substances: tuple[str, ...], route: str, catalogue: Catalogue) -> str:
    """Today's code of substances that a source names without one: what is held against a code must not wait for it.

    The one code that the catalogue has for just these by this route; else that of a high-risk substance by heart.
    """
    named = _by_substances(Held(catalogue)).get(substances, ())
    known = {current_atc(str(d.atc))[0] for d in named if d.atc and (route == "?" or d.route in (route, "?"))}
    by_heart = (code for code, substance in SUBSTANCE_OF_CODE.items() if (substance,) == substances)
    return known.pop() if len(known) == 1 else min(by_heart, default="")


@lru_cache(maxsize=1)
def _by_substances(held: Held) -> Mapping[tuple[str, ...], list[Drug]]:
    found: dict[tuple[str, ...], list[Drug]] = {}
    for drugs in held.catalogue.by_atc.values():
        for drug in drugs:
            found.setdefault(as_compared(drug.substances), []).append(drug)
    return found


def _key(name: str, substances: tuple[str, ...], route: str, release: str, atc: str) -> str:
    if substances:
        return f"{'+'.join(substances)}|{route}|{release}"
    if len(atc) == len("C03CA01"):
        return f"atc:{atc}|{route}|{release}"
    return f"text:{name}"


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


def route_word(told: str) -> str:
    """The route group of a word for a route."""
    return _ROUTE_WORDS.get(told, told)


def _concentration(strengths: tuple[Quantity, ...]) -> str:
    per_ml = [format(s.value.normalize(), "f") for s in strengths if s.unit == "E/ml"]
    return per_ml[0] if len(set(per_ml)) == 1 else "?"


def strengths_of(statement: Statement | Coded, drug: Drug | None) -> tuple[Quantity, ...]:
    """Strength of one dosing unit, one per substance: as the source codes it, else as the catalogue has it.

    Else the one strength that the name says: "Furix 20 mg tablett", one tablet, is 20 mg whoever else gives 40.
    """
    coded = statement.unit_strengths or _strength(statement.strength) or (drug.strengths if drug else ())
    return in_mg(coded or strength_named(statement.name))


@lru_cache(maxsize=8192)
def in_mg(strengths: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """Masses in milligrams, what they are in kept: 250 micrograms and 0.25 mg are one strength. Others as they are."""
    return tuple(_in_mg(q) for q in strengths)


def _in_mg(quantity: Quantity) -> Quantity:
    unit, slash, per = quantity.unit.partition("/")
    factor = _OF_A_MG.get(unit)
    return quantity if factor is None else Quantity(quantity.value * factor, f"mg{slash}{per}")


_OF_A_MG = {"mikrog": Decimal("0.001"), "g": Decimal(1000), "mg": Decimal(1)}


_strength = lru_cache(maxsize=8192)(read_strength)


@lru_cache(maxsize=8192)
def strength_named(name: str) -> tuple[Quantity, ...]:
    """The strength a name says, wherever it stands in it; none where it says two, or none that can be read."""
    words = name.replace("(", " ").replace(")", " ").split()
    found: set[tuple[Quantity, ...]] = set()
    at = 0
    while at < len(words):
        ends = range(len(words), at, -1) if words[at][0].isdigit() else range(0)
        read = next(((q, end) for end in ends if (q := read_strength(" ".join(words[at:end]).rstrip(".,;")))), None)
        at = read[1] if read else at + 1
        if read:
            found.add(read[0])
    return found.pop() if len(found) == 1 else ()
