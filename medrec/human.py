"""What people said of a person's list, read back for judgement: links, intents, observations, confirmation.

The acts themselves are made and undone in `actions`; an undone act is not read here.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from formats.statement import Actor, Kind, Place, Source, Statement, StatementType, Use, identified
from medrec import clock, persons
from medrec.glance import Asked
from medrec.records import action
from rules.conclusion import Intent, Link, LinkKind

_STANDING = Asked(
    select(action.c.person_id, action.c.kind, action.c.data, action.c.by_name, action.c.at, action.c.id)
    .where(action.c.person_id.in_(bindparam("persons", expanding=True)), action.c.undone_at.is_(None))
    .order_by(action.c.at, action.c.id)
)
_Act = tuple[str, Any, str, datetime, str]
"""Kind, data, by whom, when, and the act's id."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody went through the list: who, which day, and a fingerprint of the statements they had before them."""

    by: str
    on: date
    statements: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanWord:
    """All that people said which judgement may know."""

    links: tuple[Link, ...]
    intents: tuple[Intent, ...]
    observations: tuple[Statement, ...]
    confirmation: Confirmation | None


def of_person(session: Session, person_id: str) -> HumanWord:
    """What stands of people's words on one person, in the order in which it was said."""
    return of_persons(session, [person_id])[person_id]


def of_persons(session: Session, person_ids: Sequence[str]) -> dict[str, HumanWord]:
    """As `of_person`, of each of them."""
    told: dict[str, list[_Act]] = {person_id: [] for person_id in person_ids}
    for row in _STANDING.all(session, {"persons": list(person_ids)}):
        told[row.person_id].append((row.kind, json.loads(row.data), row.by_name, row.at, row.id))
    observed = [person_id for person_id, acts in told.items() if any(kind == "observation" for kind, *_ in acts)]
    keys = persons.identity_keys(session, observed) if observed else {}
    return {person_id: _word(keys.get(person_id, ""), acts) for person_id, acts in told.items()}


def _word(key: str, told: Sequence[_Act]) -> HumanWord:
    observed = [_observed(data, by, at, name) for kind, data, by, at, name in told if kind == "observation"]
    confirmed = [
        Confirmation(by, clock.day_of(at), data["statements"]) for kind, data, by, at, _ in told if kind == "confirm"
    ]
    return HumanWord(
        links=tuple(_link(kind, data, by, at) for kind, data, by, at, _ in told if kind.startswith("link-")),
        intents=tuple(_intent(data, at) for kind, data, _, at, _ in told if kind == "intended"),
        observations=identified(key, observed),
        confirmation=confirmed[-1] if confirmed else None,
    )


def _link(kind: str, data: dict[str, str], by: str, at: datetime) -> Link:
    return Link(LinkKind(kind.removeprefix("link-")), data["a"], data["b"], by, at)


def _intent(data: dict[str, object], at: datetime) -> Intent:
    evidence = data["evidence"]
    return Intent(
        str(data["code"]),
        str(data["about"]),
        frozenset(map(str, evidence)) if isinstance(evidence, list) else frozenset(),
        str(data["prescriber"]),
        str(data["known_by"]),
        at,
        written_reply=bool(data["written_reply"]),
    )


def _observed(data: dict[str, str | bool], by: str, at: datetime, name: str) -> Statement:
    """A nurse's observation or a local addition as a statement: a copy, recorded the day it was written down."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    use = data.get("use")
    return Statement(
        source=Source.HP,
        kind=Kind.LOCAL if data.get("local") else Kind.OBSERVATION,
        source_system="medrec",
        name=str(data["name"]),
        dose_text=str(data["dose_text"]) if data.get("dose_text") else None,
        use=Use(str(use)) if use else None,
        note=str(data["note"]) if data.get("note") else None,
        type=StatementType.COPY,
        recorded=clock.day_of(at),
        author=Actor(name=by),
        reported_by=Actor(name=str(data["reported_by"])) if data.get("reported_by") else None,
        place=Place(hashlib.sha256(text.encode()).hexdigest(), f"action/{name}"),
    )


def fingerprint(statements: Iterable[Statement]) -> str:
    """Changes when a statement comes, goes, or is no longer carried by its source; not when it is merely said again."""
    told = sorted((s.id, s.said_until is None, s.aside or "") for s in statements)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
