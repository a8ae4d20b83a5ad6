"""The seeded faults of `seeds.md`: what sources would say of a fault of life, with days, names and texts drawn.

Knows the truth and not the engine: nothing here is asked of the rules.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

from formats.drug import AtcCode, Catalogue, Drug, DrugLevel, Varenr, catalogue_of, read_strength

Told = dict[str, Any]
PLACES = {
    "rx": ("RF", "resept", "decision"),
    "tb": ("RF", "tilbakekalling", "decision"),
    "utl": ("RF", "utlevering", "copy"),
    "pll": ("RF", "pll", "decision"),
    "roll": ("RF", "multidose", "copy"),
    "gp": ("GP", "liste", "decision"),
    "epi": ("HP", "epikrise", "decision"),
    "hp": ("HP", "hjemmeliste", "copy"),
    "lok": ("HP", "lokalt", "copy"),
}
"""Place in a story -> source, kind, and decision or copy."""
DAYS = ("dec", "valid_to", "disp", "start", "end", "resume", "packed", "next_roll")
MARKED_FROM = 980000
"""Package numbers of the products that the register marks (withdrawn, limited exchange, not divisible)."""
MARKS = ("withdrawn", "limited", "indivisible")
LIST_LEVEL = {"G06": ("list",), "E05": ("multidose",)}
"""Kinds about the whole list: what their flag names."""
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One fault written for one patient.

    `kind` is "" for a near miss of the kind `near`. `about`: words one of which stands in what its flag is about.
    `told`: statements, allergies and source states in the form of a worked case. `brings`: kinds that lawfully stand
    beside it.
    """

    kind: str
    about: tuple[str, ...]
    told: Told
    near: str = ""
    critical: bool = False
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One story of the file, and the medicines or sets of medicines it may be about."""

    kind: str
    head: Told
    draws: tuple[tuple[str, ...], ...]

    @property
    def alone(self) -> bool:
        """The patient gets no other story."""
        return bool(self.head.get("alone"))


@dataclass(slots=True)
class Book:
    """The file as read."""

    medicines: Mapping[str, Told]
    doses: Mapping[str, Sequence[str]]
    stories: tuple[Story, ...]
    never_together: Sequence[Sequence[str]]
    marked: dict[tuple[str, int, str], str] = field(default_factory=dict)
    """(medicine, name, mark) -> package number."""


@cache
def book() -> Book:
    """The stories, in the order of the file."""
    head, *families = _BLOCK.findall(files("medrec.bench").joinpath("seeds.md").read_text(encoding="utf-8"))
    told = yaml.safe_load(head)
    stories = [_story(one, told) for one in yaml.safe_load("".join(families))]
    marked = [(m, n, mark) for m in told["quiet"] for n in (0, 1) for mark in MARKS]
    return Book(
        medicines=told["medicines"],
        doses=told["doses"],
        stories=tuple(stories),
        never_together=told["never_together"],
        marked={key: str(MARKED_FROM + number) for number, key in enumerate(marked)},
    )


def _story(one: Told, told: Told) -> Story:
    of = one.get("of", [])
    named = told[of] if isinstance(of, str) else of
    draws = tuple(tuple(d) if isinstance(d, list) else (d,) for d in named)
    return Story(one.get("kind", ""), one, draws or ((),))


def with_marked(catalogue: Catalogue, today: date) -> Catalogue:
    """The catalogue with the products that the stories need the register to mark."""
    drugs = [*catalogue.by_varenr.values(), *(_marked(*key, number, today) for key, number in book().marked.items())]
    interactions = catalogue.interactions
    return catalogue_of(drugs, catalogue.version, interactions, catalogue.not_assessed, catalogue.short_doses)


def _marked(medicine: str, name: int, mark: str, number: str, today: date) -> Drug:
    told = book().medicines[medicine]
    return Drug(
        level=DrugLevel.PACKAGE,
        varenr=Varenr.read(number),
        name=f"{told['names'][name]} {told['str'][0]}",
        brand=told["names"][name],
        atc=AtcCode.read(told["atc"]),
        substances=_substances(medicine),
        strengths=read_strength(told["str"][0]),
        route="oral",
        release="plain",
        substitution_group=f"BG-{medicine}" if mark == "limited" else "",
        exchange_limited=mark == "limited",
        divisible="1" if mark == "indivisible" else "0",
        withdrawn=today - timedelta(days=40) if mark == "withdrawn" else None,
    )


def _substances(medicine: str) -> tuple[str, ...]:
    return tuple(book().medicines[medicine].get("sub") or [medicine.split("_", maxsplit=1)[0]])


def codes(draw: Sequence[str]) -> frozenset[str]:
    """ATC codes of the medicines drawn."""
    return frozenset(book().medicines[m]["atc"] for m in draw)


# --- writing ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Writer:
    """Writes stories for one patient. `random` gives names, texts and days, `today` all dates."""

    random: Random
    today: date
    number: int
    written: int = 0

    def seed(self, story: Story, draw: Sequence[str]) -> Seed:
        """The story about these medicines."""
        self.written += 1
        head = story.head
        about = [*(s for m in draw for s in _substances(m)), *(w["text"] for w in head.get("say", ()) if "text" in w)]
        told: Told = {"statements": [self._word(w, draw) for w in head.get("say", ())]}
        told |= {k: head[k] for k in ("cave", "multidose_responsible") if k in head}
        if "cave_of" in head:
            told["cave"] = [{"src": s, "text": f"{_substances(draw[0])[0]}: utslett"} for s in head["cave_of"]]
        if "sources" in head:
            told["sources"] = {s: self._state(state) for s, state in head["sources"].items()}
            about = list(head["sources"])
        if "confirmed" in head:
            told["confirmed"] = {"by": head["confirmed"]["by"], "on": self._day(head["confirmed"]["on"])}
        return Seed(
            kind=story.kind,
            about=LIST_LEVEL.get(story.kind, tuple(about)),
            told=told,
            near=head.get("near", ""),
            critical=bool(head.get("critical")),
            brings=tuple(head.get("brings", ())),
        )

    def _state(self, state: Told) -> Told:
        return state | ({"last_ok": self._day(state["last_ok"])} if "last_ok" in state else {})

    def _day(self, days: int | Sequence[int]) -> date:
        chosen = days if isinstance(days, int) else self.random.randint(*days)
        return self.today + timedelta(days=chosen)

    def _word(self, word: Told, draw: Sequence[str]) -> Told:
        place = next(p for p in PLACES if p in word)
        source, kind, type_ = PLACES[place]
        said: Told = {"src": source, "kind": kind, "t": type_, "st": "active", "dose": self._text(word[place])}
        said |= {"id": f"seed-{self.number}-{self.written}-{self.random.getrandbits(40):010x}"}
        said |= self._medicine(word, draw)
        if place in {"rx", "utl", "tb"}:
            said["rx"] = f"SEED-{self.number}-{self.written}-{word.get('prescription') or said['id']}"
        said |= {k: word[k] for k in ("st", "t", "by", "change", "reason", "use", "atc") if k in word}
        said |= {k: self._day(word[k]) for k in DAYS if k in word}
        if place == "rx":
            said.setdefault("valid_to", said["dec"] + timedelta(days=365))
        return said

    def _text(self, dose: str | Sequence[str]) -> str:
        texts = book().doses.get(dose, [dose]) if isinstance(dose, str) else dose
        return self.random.choice(list(texts))

    def _medicine(self, word: Told, draw: Sequence[str]) -> Told:
        medicine = draw[word.get("m", 0)]
        told, substances = book().medicines[medicine], _substances(medicine)
        if "text" in word:
            return {"name": word["text"]}
        if word.get("bare"):
            return {"name": substances[0].capitalize()}
        name = word.get("name", 0)
        strength = told["str"][word.get("s", 0)]
        generic = {"substance": substances[0], "maker": f"{substances[0]} Sandoz"}
        said: Told = {
            "name": f"{generic.get(name) or told['names'][name]} {strength}".strip(),
            "atc": told["atc"],
            "sub": list(substances),
            "route": told.get("route", "oral"),
            "rel": told.get("rel", "plain"),
            "str": strength,
        }
        if "fest" in word:
            said["varenr"] = book().marked[medicine, name, word["fest"]]
        return said


def fitting(story: Story, present: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Draws of the story none of whose medicines shares an ATC level 4 group with what the patient has."""
    groups = {atc[:5] for atc in present}
    groups |= {
        b for pair in book().never_together for a, b in (pair, reversed(pair)) if any(g.startswith(a) for g in groups)
    }
    if any(atc.startswith(story.head.get("without", "-")) for atc in present):
        return
    for draw in story.draws:
        if not {atc[:5] for atc in codes(draw)} & groups:
            yield draw
